//! What is known of each type of resource: what it needs, and whether it carries CloudFormation's own tags.

/// Whether CloudFormation tags a type of resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tagged {
    /// With the stack's tags and CloudFormation's own (`aws:cloudformation:…`).
    Fully,
    /// With the stack's tags, but not with CloudFormation's own.
    Plainly,
    /// It can have no tags.
    Never,
}

/// One type of resource.
pub(super) struct Kind {
    pub(super) name: &'static str,
    /// Whether its schema has `cloudFormationSystemTags`, as far as the registry's schemas tell:
    /// <https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html>.
    pub(super) tagged: Tagged,
    /// The types that a resource of this one commonly refers to. For stacks that are taken over without a
    /// template: it is deleted before whatever its stack has of these.
    pub(super) needs: &'static [&'static str],
}

const fn kind(name: &'static str, tagged: Tagged, needs: &'static [&'static str]) -> Kind {
    Kind { name, tagged, needs }
}

const VPC: &str = "AWS::EC2::VPC";
const SUBNET: &str = "AWS::EC2::Subnet";
const ATTACHMENT: &str = "AWS::EC2::VPCGatewayAttachment";
const ROUTE_TABLE: &str = "AWS::EC2::RouteTable";
const GROUP: &str = "AWS::EC2::SecurityGroup";
const TEMPLATE: &str = "AWS::EC2::LaunchTemplate";
const ROLE: &str = "AWS::IAM::Role";
const PROFILE: &str = "AWS::IAM::InstanceProfile";
const CLUSTER: &str = "AWS::EKS::Cluster";
const CDK_CLUSTER: &str = "Custom::AWSCDK-EKS-Cluster";
const TARGETS: &str = "AWS::ElasticLoadBalancingV2::TargetGroup";
const BALANCER: &str = "AWS::ElasticLoadBalancingV2::LoadBalancer";
pub(super) const STACK: &str = "AWS::CloudFormation::Stack";

use Tagged::{Fully, Never, Plainly};

const KINDS: &[Kind] = &[
    kind("AWS::AutoScaling::AutoScalingGroup", Fully, &[TEMPLATE, SUBNET, TARGETS, CLUSTER, CDK_CLUSTER]),
    kind("AWS::CDK::Metadata", Never, &[]),
    kind(STACK, Plainly, &[]),
    kind("AWS::CloudFormation::WaitConditionHandle", Never, &[]),
    kind("AWS::EC2::EIP", Fully, &[ATTACHMENT]),
    kind("AWS::EC2::Instance", Fully, &[SUBNET, GROUP, PROFILE, TEMPLATE]),
    kind("AWS::EC2::InternetGateway", Fully, &[]),
    kind(TEMPLATE, Never, &[GROUP, PROFILE]),
    kind("AWS::EC2::NatGateway", Fully, &[SUBNET, "AWS::EC2::EIP", ATTACHMENT]),
    kind("AWS::EC2::NetworkInterface", Fully, &[SUBNET, GROUP]),
    kind("AWS::EC2::Route", Never, &[ROUTE_TABLE, ATTACHMENT, "AWS::EC2::NatGateway"]),
    kind(ROUTE_TABLE, Fully, &[VPC]),
    kind(GROUP, Fully, &[VPC]),
    kind("AWS::EC2::SecurityGroupEgress", Never, &[GROUP]),
    kind("AWS::EC2::SecurityGroupIngress", Never, &[GROUP]),
    kind(SUBNET, Fully, &[VPC]),
    kind("AWS::EC2::SubnetRouteTableAssociation", Never, &[SUBNET, ROUTE_TABLE]),
    kind(VPC, Fully, &[]),
    kind("AWS::EC2::VPCEndpoint", Plainly, &[SUBNET, GROUP, ROUTE_TABLE, VPC]),
    kind(ATTACHMENT, Never, &[VPC, "AWS::EC2::InternetGateway"]),
    kind("AWS::EKS::Addon", Plainly, &[CLUSTER]),
    kind(CLUSTER, Fully, &[SUBNET, GROUP, ROLE, "AWS::IAM::Policy"]),
    kind("AWS::EKS::FargateProfile", Plainly, &[CLUSTER, SUBNET, ROLE]),
    kind("AWS::EKS::Nodegroup", Fully, &[CLUSTER, CDK_CLUSTER, SUBNET, ROLE, TEMPLATE]),
    kind("AWS::ElasticLoadBalancingV2::Listener", Plainly, &[BALANCER, TARGETS]),
    kind(BALANCER, Plainly, &[SUBNET, GROUP, ATTACHMENT]),
    kind(TARGETS, Plainly, &[VPC]),
    kind(PROFILE, Never, &[ROLE]),
    kind("AWS::IAM::ManagedPolicy", Never, &[ROLE]),
    kind("AWS::IAM::OIDCProvider", Plainly, &[CLUSTER, CDK_CLUSTER]),
    kind("AWS::IAM::Policy", Never, &[ROLE]),
    kind(ROLE, Plainly, &[]),
    kind("AWS::Lambda::Function", Fully, &[ROLE, SUBNET, GROUP]),
    kind("AWS::Logs::LogGroup", Fully, &[]),
    kind("AWS::S3::Bucket", Fully, &[]),
    kind("AWS::SSM::Parameter", Fully, &[]),
    kind(CDK_CLUSTER, Never, &[SUBNET, GROUP, ROLE, "AWS::IAM::Policy", STACK]),
    kind("Custom::AWSCDKOpenIdConnectProvider", Never, &[CDK_CLUSTER]),
];

/// What is known of a type. Of a custom resource that is not told of only that much: it has no tags, and goes
/// before the cluster that it is commonly about.
pub(super) fn find(name: &str) -> Option<&'static Kind> {
    static CUSTOM: Kind = kind("Custom::", Never, &[CDK_CLUSTER]);
    let known = KINDS.iter().find(|kind| kind.name == name);
    let custom = name.starts_with("Custom::") || name == "AWS::CloudFormation::CustomResource";
    known.or(custom.then_some(&CUSTOM))
}

/// Whether the type is one of IAM's, which a template may only have with a capability.
pub(super) fn is_of_iam(name: &str) -> bool {
    name.starts_with("AWS::IAM::") && name != "AWS::IAM::OIDCProvider"
}
