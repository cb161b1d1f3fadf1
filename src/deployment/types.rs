//! Which type of which tool is which kind: one row a kind.
//!
//! The `aws_default_*` types of Terraform adopt what AWS has made already, and so stand in no row.
//! Kinds that no scan reads yet stand here too, where a need or a check speaks of them.

use crate::model::{KindName, Region};

/// One kind and what the tools call it.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// Our name.
    pub kind: &'static str,
    /// Terraform's types.
    pub terraform: &'static [&'static str],
    /// Pulumi's types, of its classic AWS provider.
    pub pulumi: &'static [&'static str],
    /// CloudFormation's types; Pulumi's aws-native and Terraform's awscc are named after them.
    pub cloudformation: &'static [&'static str],
    /// Whether it lives in the account as a whole.
    pub global: bool,
}

const fn row(
    kind: &'static str,
    terraform: &'static [&'static str],
    pulumi: &'static [&'static str],
    cloudformation: &'static [&'static str],
) -> Row {
    Row { kind, terraform, pulumi, cloudformation, global: false }
}

const fn global(
    kind: &'static str,
    terraform: &'static [&'static str],
    pulumi: &'static [&'static str],
    cloudformation: &'static [&'static str],
) -> Row {
    Row { kind, terraform, pulumi, cloudformation, global: true }
}

/// All kinds that a deployment is read for.
pub const ROWS: &[Row] = &[
    row("elastic-ip", &["aws_eip"], &["aws:ec2/eip:Eip"], &["AWS::EC2::EIP"]),
    row("nat-gateway", &["aws_nat_gateway"], &["aws:ec2/natGateway:NatGateway"], &["AWS::EC2::NatGateway"]),
    row("vpc", &["aws_vpc"], &["aws:ec2/vpc:Vpc"], &["AWS::EC2::VPC"]),
    row("subnet", &["aws_subnet"], &["aws:ec2/subnet:Subnet"], &["AWS::EC2::Subnet"]),
    row("route-table", &["aws_route_table"], &["aws:ec2/routeTable:RouteTable"], &["AWS::EC2::RouteTable"]),
    row("route", &["aws_route"], &["aws:ec2/route:Route"], &["AWS::EC2::Route"]),
    row(
        "internet-gateway",
        &["aws_internet_gateway"],
        &["aws:ec2/internetGateway:InternetGateway"],
        &["AWS::EC2::InternetGateway"],
    ),
    row(
        "egress-only-internet-gateway",
        &["aws_egress_only_internet_gateway"],
        &["aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway"],
        &["AWS::EC2::EgressOnlyInternetGateway"],
    ),
    row("network-acl", &["aws_network_acl"], &["aws:ec2/networkAcl:NetworkAcl"], &["AWS::EC2::NetworkAcl"]),
    row(
        "network-interface",
        &["aws_network_interface"],
        &["aws:ec2/networkInterface:NetworkInterface"],
        &["AWS::EC2::NetworkInterface"],
    ),
    row(
        "security-group",
        &["aws_security_group"],
        &["aws:ec2/securityGroup:SecurityGroup"],
        &["AWS::EC2::SecurityGroup"],
    ),
    row(
        "vpc-endpoint",
        &["aws_vpc_endpoint"],
        &["aws:ec2/vpcEndpoint:VpcEndpoint"],
        &["AWS::EC2::VPCEndpoint"],
    ),
    row("instance", &["aws_instance"], &["aws:ec2/instance:Instance"], &["AWS::EC2::Instance"]),
    row("volume", &["aws_ebs_volume"], &["aws:ebs/volume:Volume"], &["AWS::EC2::Volume"]),
    row(
        "launch-template",
        &["aws_launch_template"],
        &["aws:ec2/launchTemplate:LaunchTemplate"],
        &["AWS::EC2::LaunchTemplate"],
    ),
    row(
        "auto-scaling-group",
        &["aws_autoscaling_group"],
        &["aws:autoscaling/group:Group"],
        &["AWS::AutoScaling::AutoScalingGroup"],
    ),
    row(
        "load-balancer",
        &["aws_lb", "aws_alb"],
        &[
            "aws:lb/loadBalancer:LoadBalancer",
            "aws:alb/loadBalancer:LoadBalancer",
            "aws:elasticloadbalancingv2/loadBalancer:LoadBalancer",
            "aws:applicationloadbalancing/loadBalancer:LoadBalancer",
        ],
        &["AWS::ElasticLoadBalancingV2::LoadBalancer"],
    ),
    row(
        "classic-load-balancer",
        &["aws_elb"],
        &["aws:elb/loadBalancer:LoadBalancer", "aws:elasticloadbalancing/loadBalancer:LoadBalancer"],
        &["AWS::ElasticLoadBalancing::LoadBalancer"],
    ),
    row(
        "target-group",
        &["aws_lb_target_group", "aws_alb_target_group"],
        &[
            "aws:lb/targetGroup:TargetGroup",
            "aws:alb/targetGroup:TargetGroup",
            "aws:elasticloadbalancingv2/targetGroup:TargetGroup",
            "aws:applicationloadbalancing/targetGroup:TargetGroup",
        ],
        &["AWS::ElasticLoadBalancingV2::TargetGroup"],
    ),
    row(
        "eks-cluster",
        &["aws_eks_cluster"],
        &["aws:eks/cluster:Cluster"],
        &["AWS::EKS::Cluster", "Custom::AWSCDK-EKS-Cluster"],
    ),
    row("eks-nodegroup", &["aws_eks_node_group"], &["aws:eks/nodeGroup:NodeGroup"], &["AWS::EKS::Nodegroup"]),
    row("eks-addon", &["aws_eks_addon"], &["aws:eks/addon:Addon"], &["AWS::EKS::Addon"]),
    row(
        "eks-fargate-profile",
        &["aws_eks_fargate_profile"],
        &["aws:eks/fargateProfile:FargateProfile"],
        &["AWS::EKS::FargateProfile", "Custom::AWSCDK-EKS-FargateProfile"],
    ),
    global("iam-role", &["aws_iam_role"], &["aws:iam/role:Role"], &["AWS::IAM::Role"]),
    global("iam-policy", &["aws_iam_policy"], &["aws:iam/policy:Policy"], &["AWS::IAM::ManagedPolicy"]),
    global(
        "iam-instance-profile",
        &["aws_iam_instance_profile"],
        &["aws:iam/instanceProfile:InstanceProfile"],
        &["AWS::IAM::InstanceProfile"],
    ),
    global(
        "iam-oidc-provider",
        &["aws_iam_openid_connect_provider"],
        &["aws:iam/openIdConnectProvider:OpenIdConnectProvider"],
        &["AWS::IAM::OIDCProvider", "Custom::AWSCDKOpenIdConnectProvider"],
    ),
    global(
        "iam-role-policy-attachment",
        &["aws_iam_role_policy_attachment"],
        &["aws:iam/rolePolicyAttachment:RolePolicyAttachment"],
        &[],
    ),
    row("kms-key", &["aws_kms_key"], &["aws:kms/key:Key"], &["AWS::KMS::Key"]),
    row("kms-alias", &["aws_kms_alias"], &["aws:kms/alias:Alias"], &["AWS::KMS::Alias"]),
    row(
        "log-group",
        &["aws_cloudwatch_log_group"],
        &["aws:cloudwatch/logGroup:LogGroup"],
        &["AWS::Logs::LogGroup"],
    ),
    row(
        "cloudformation-stack",
        &["aws_cloudformation_stack"],
        &["aws:cloudformation/stack:Stack"],
        &["AWS::CloudFormation::Stack"],
    ),
    row(
        "helm-release",
        &["helm_release"],
        &["kubernetes:helm.sh/v3:Release", "kubernetes:helm.sh/v3:Chart", "kubernetes:helm.sh/v4:Chart"],
        &["Custom::AWSCDK-EKS-HelmChart"],
    ),
];

/// The row of a kind.
pub fn of_kind(kind: &str) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.kind == kind)
}

/// The attributes that say how much of a quota a thing of a kind uses, and that may change where it stands:
/// by their first names. Empty for kinds that always use the same.
pub fn sizes(kind: &str) -> &'static [&'static str] {
    match kind {
        "auto-scaling-group" => {
            &["desired_capacity", "min_size", "max_size", "launch_template", "mixed_instances_policy"]
        }
        "eks-nodegroup" => &["scaling_config", "instance_types", "capacity_type", "launch_template"],
        "instance" => &["instance_type"],
        "volume" => &["size", "type"],
        _ => &[],
    }
}

/// The row of a Terraform type, of the providers `aws` and `awscc`.
pub fn of_terraform(type_name: &str) -> Option<&'static Row> {
    match type_name.strip_prefix("awscc_") {
        Some(rest) => of_folded(&folded(rest)),
        None => ROWS.iter().find(|row| row.terraform.contains(&type_name)),
    }
}

/// The row of a Pulumi type, of the providers `aws`, `aws-native` and `kubernetes`.
pub fn of_pulumi(type_name: &str) -> Option<&'static Row> {
    match type_name.strip_prefix("aws-native:") {
        Some(rest) => of_folded(&folded(rest)),
        None => ROWS.iter().find(|row| row.pulumi.contains(&type_name)),
    }
}

/// The row of a CloudFormation type.
pub fn of_cloudformation(type_name: &str) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.cloudformation.contains(&type_name))
}

/// Whether a type is of one of AWS's providers, known here or not.
pub fn is_aws(type_name: &str) -> bool {
    ["aws_", "awscc_", "aws:", "aws-native:", "AWS::"].iter().any(|prefix| type_name.starts_with(prefix))
}

impl Row {
    /// Its kind.
    pub const fn name(&self) -> KindName {
        KindName::of(self.kind)
    }

    /// Where a thing of this kind lives that is made in this region.
    pub fn region(&self, region: Option<Region>) -> Option<Region> {
        if self.global { Some(Region::global()) } else { region }
    }
}

fn of_folded(name: &str) -> Option<&'static Row> {
    let fits = |it: &str| it.strip_prefix("AWS::").is_some_and(|rest| folded(rest) == name);
    ROWS.iter().find(|row| row.cloudformation.iter().any(|it| fits(it)))
}

/// Letters and digits alone, in small letters: `EC2::NatGateway`, `ec2:NatGateway` and `ec2_nat_gateway` are one.
fn folded(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tool_means_the_same_kind() {
        for (terraform, pulumi, cloudformation, kind) in [
            ("aws_eip", "aws:ec2/eip:Eip", "AWS::EC2::EIP", "elastic-ip"),
            ("awscc_ec2_nat_gateway", "aws-native:ec2:NatGateway", "AWS::EC2::NatGateway", "nat-gateway"),
            ("awscc_eks_nodegroup", "aws-native:eks:Nodegroup", "AWS::EKS::Nodegroup", "eks-nodegroup"),
        ] {
            assert_eq!(of_terraform(terraform).map(|row| row.kind), Some(kind));
            assert_eq!(of_pulumi(pulumi).map(|row| row.kind), Some(kind));
            assert_eq!(of_cloudformation(cloudformation).map(|row| row.kind), Some(kind));
        }
        assert!(of_terraform("aws_s3_bucket").is_none());
        assert!(of_terraform("awscc_").is_none());
    }

    #[test]
    fn no_type_stands_in_two_rows() {
        let mut seen = std::collections::BTreeSet::new();
        for row in ROWS {
            for name in row.terraform.iter().chain(row.pulumi).chain(row.cloudformation) {
                assert!(seen.insert(*name), "{name}");
            }
        }
    }
}
