//! The deletion of each type of resource, through the operations of its service.

use serde_json::{Value, json};

use super::hands::Hands;
use super::kinds::STACK;
use super::work;
use crate::error::{AwsError, AwsResult};
use crate::stores::cloudformation::StackStatus;
use crate::stores::eks::{AddonStatus, ClusterStatus, NodegroupStatus, ProfileStatus};

/// How far a deletion is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// There is nothing of it any more.
    Gone,
    /// It is on its way: to be asked again.
    Leaving,
}

use Fate::{Gone, Leaving};

/// What is deleted by one call that names its id: type, service, operation, parameter.
const SIMPLE: &[(&str, &str, &str, &str)] = &[
    ("AWS::EC2::InternetGateway", "ec2", "DeleteInternetGateway", "InternetGatewayId"),
    ("AWS::EC2::LaunchTemplate", "ec2", "DeleteLaunchTemplate", "LaunchTemplateId"),
    ("AWS::EC2::NetworkInterface", "ec2", "DeleteNetworkInterface", "NetworkInterfaceId"),
    ("AWS::EC2::RouteTable", "ec2", "DeleteRouteTable", "RouteTableId"),
    ("AWS::EC2::SecurityGroup", "ec2", "DeleteSecurityGroup", "GroupId"),
    ("AWS::EC2::Subnet", "ec2", "DeleteSubnet", "SubnetId"),
    ("AWS::EC2::SubnetRouteTableAssociation", "ec2", "DisassociateRouteTable", "AssociationId"),
    ("AWS::EC2::VPC", "ec2", "DeleteVpc", "VpcId"),
    ("AWS::ElasticLoadBalancingV2::Listener", "elasticloadbalancing", "DeleteListener", "ListenerArn"),
    (
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        "elasticloadbalancing",
        "DeleteLoadBalancer",
        "LoadBalancerArn",
    ),
    (
        "AWS::ElasticLoadBalancingV2::TargetGroup",
        "elasticloadbalancing",
        "DeleteTargetGroup",
        "TargetGroupArn",
    ),
    ("AWS::IAM::OIDCProvider", "iam", "DeleteOpenIDConnectProvider", "OpenIDConnectProviderArn"),
    ("Custom::AWSCDKOpenIdConnectProvider", "iam", "DeleteOpenIDConnectProvider", "OpenIDConnectProviderArn"),
];

/// Deletes a thing, or asks how far its deletion is. `first`: nothing was tried yet in this operation. What is not
/// there any more counts as deleted.
pub(super) fn undo(
    hands: &mut Hands<'_>,
    (kind, physical): (&str, &str),
    properties: &Value,
    first: bool,
) -> AwsResult<Fate> {
    match attempt(hands, (kind, physical), properties, first) {
        Err(refusal) if says_gone(&refusal) => Ok(Gone),
        outcome => outcome,
    }
}

/// Whether a refusal says that there is no such thing.
fn says_gone(refusal: &AwsError) -> bool {
    let code = refusal.code.as_str();
    code.ends_with(".NotFound")
        || code.ends_with("NotFoundException")
        || ["NatGatewayNotFound", "NoSuchEntity", "NoSuchBucket", "ParameterNotFound", "Gateway.NotAttached"]
            .contains(&code)
        || ["LoadBalancerNotFound", "ListenerNotFound", "TargetGroupNotFound"].contains(&code)
}

fn unless_gone<T>(outcome: AwsResult<T>) -> AwsResult<()> {
    match outcome {
        Err(refusal) if says_gone(&refusal) => Ok(()),
        outcome => outcome.map(|_| ()),
    }
}

fn attempt(
    hands: &mut Hands<'_>,
    (kind, physical): (&str, &str),
    properties: &Value,
    first: bool,
) -> AwsResult<Fate> {
    if let Some((_, service, action, parameter)) = SIMPLE.iter().find(|(of, ..)| *of == kind) {
        return hands.query(service, action, &[(parameter, physical)]).map(|_| Gone);
    }
    match kind {
        STACK => nested(hands, physical, first),
        "AWS::EC2::EIP" => address(hands, physical),
        "AWS::EC2::Instance" => instance(hands, physical),
        "AWS::EC2::NatGateway" => nat_gateway(hands, physical),
        "AWS::EC2::Route" => route(hands, physical),
        "AWS::EC2::SecurityGroupEgress" => rule(hands, "RevokeSecurityGroupEgress", physical),
        "AWS::EC2::SecurityGroupIngress" => rule(hands, "RevokeSecurityGroupIngress", physical),
        "AWS::EC2::VPCEndpoint" => endpoint(hands, physical),
        "AWS::EC2::VPCGatewayAttachment" => attachment(hands, physical, properties),
        "AWS::AutoScaling::AutoScalingGroup" => scaling_group(hands, physical),
        "AWS::EKS::Addon" => addon(hands, physical),
        "AWS::EKS::Cluster" | "Custom::AWSCDK-EKS-Cluster" => cluster(hands, physical, first),
        "AWS::EKS::FargateProfile" => fargate_profile(hands, physical),
        "AWS::EKS::Nodegroup" => nodegroup(hands, physical, first),
        "AWS::IAM::InstanceProfile" => profile(hands, physical, properties),
        "AWS::IAM::ManagedPolicy" => policy(hands, physical, properties),
        "AWS::IAM::Policy" => inline_policy(hands, properties),
        "AWS::IAM::Role" => role(hands, physical, properties),
        "AWS::Lambda::Function" => {
            hands.json("lambda", "DeleteFunction", json!({ "FunctionName": physical })).map(|_| Gone)
        }
        "AWS::Logs::LogGroup" => {
            hands.json("logs", "DeleteLogGroup", json!({ "logGroupName": physical })).map(|_| Gone)
        }
        // One that holds objects is not deleted: `BucketNotEmpty`.
        "AWS::S3::Bucket" => hands.json("s3", "DeleteBucket", json!({ "Bucket": physical })).map(|_| Gone),
        "AWS::SSM::Parameter" => {
            hands.json("ssm", "DeleteParameter", json!({ "Name": physical })).map(|_| Gone)
        }
        // These stand for nothing in the account; nor does a custom resource that is not told of above.
        "AWS::CDK::Metadata" | "AWS::CloudFormation::WaitConditionHandle" => Ok(Gone),
        "AWS::CloudFormation::CustomResource" => Ok(Gone),
        kind if kind.starts_with("Custom::") => Ok(Gone),
        // What nobody here can delete is not told as deleted.
        kind => Err(AwsError::new("InternalFailure", format!("{kind} is not modelled"))),
    }
}

/// "CloudFormation deletes the nested stack": it does so as for any stack, and fails with it.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-nested-stacks.html>; the sentence
/// is AWS's, as it is commonly seen.
fn nested(hands: &mut Hands<'_>, id: &str, first: bool) -> AwsResult<Fate> {
    let found = hands.world.region(hands.region).cloudformation.find(id);
    let Some((status, reason)) = found.map(|stack| (stack.status, stack.reason.clone())) else {
        return Ok(Gone);
    };
    match status {
        StackStatus::DeleteComplete => Ok(Gone),
        StackStatus::DeleteInProgress => Ok(Leaving),
        _ if first => {
            work::begin_deletion(hands.world, hands.region, id, work::How::default());
            Ok(Leaving)
        }
        _ => Err(AwsError::new(
            "InternalFailure",
            format!("Embedded stack {id} was not successfully deleted: {}", reason.unwrap_or_default()),
        )),
    }
}

/// CloudFormation knows an address by its public IP.
fn address(hands: &mut Hands<'_>, public_ip: &str) -> AwsResult<Fate> {
    let addresses = &hands.world.region(hands.region).ec2.addresses;
    let found = addresses.iter().find(|(_, address)| address.public_ip == public_ip);
    let Some(allocation) = found.map(|(id, _)| id.clone()) else { return Ok(Gone) };
    hands.query("ec2", "ReleaseAddress", &[("AllocationId", &allocation)]).map(|_| Gone)
}

fn instance(hands: &mut Hands<'_>, id: &str) -> AwsResult<Fate> {
    let instances = &hands.world.region(hands.region).ec2.instances;
    match instances.get(id).map(|instance| instance.state.as_str()) {
        None | Some("terminated") => Ok(Gone),
        Some("shutting-down") => Ok(Leaving),
        Some(_) => hands.query("ec2", "TerminateInstances", &[("InstanceId.1", id)]).map(|_| Leaving),
    }
}

fn nat_gateway(hands: &mut Hands<'_>, id: &str) -> AwsResult<Fate> {
    let gateways = &hands.world.region(hands.region).ec2.nat_gateways;
    match gateways.get(id).map(|gateway| gateway.state.as_str()) {
        None | Some("deleted") => Ok(Gone),
        Some("deleting") => Ok(Leaving),
        Some(_) => hands.query("ec2", "DeleteNatGateway", &[("NatGatewayId", id)]).map(|_| Leaving),
    }
}

fn endpoint(hands: &mut Hands<'_>, id: &str) -> AwsResult<Fate> {
    let endpoints = &hands.world.region(hands.region).ec2.endpoints;
    match endpoints.get(id).map(|endpoint| endpoint.state.as_str()) {
        None | Some("deleted") => Ok(Gone),
        Some("deleting") => Ok(Leaving),
        Some(_) => hands.query("ec2", "DeleteVpcEndpoints", &[("VpcEndpointId.1", id)]).map(|_| Leaving),
    }
}

/// `rtb-…|0.0.0.0/0`
fn route(hands: &mut Hands<'_>, physical: &str) -> AwsResult<Fate> {
    let (table, destination) = physical.split_once('|').unwrap_or((physical, ""));
    let parameter =
        if destination.contains(':') { "DestinationIpv6CidrBlock" } else { "DestinationCidrBlock" };
    hands.query("ec2", "DeleteRoute", &[("RouteTableId", table), (parameter, destination)]).map(|_| Gone)
}

fn rule(hands: &mut Hands<'_>, action: &str, id: &str) -> AwsResult<Fate> {
    let Some(rule) = hands.world.region(hands.region).ec2.rules.get(id) else { return Ok(Gone) };
    let group = rule.group.clone();
    hands.query("ec2", action, &[("GroupId", &group), ("SecurityGroupRuleId.1", id)]).map(|_| Gone)
}

/// `IGW|vpc-…`
fn attachment(hands: &mut Hands<'_>, physical: &str, properties: &Value) -> AwsResult<Fate> {
    let vpc = physical.rsplit('|').next().unwrap_or_default();
    let gateways = &hands.world.region(hands.region).ec2.internet_gateways;
    let attached = gateways.iter().find(|(_, gateway)| gateway.vpc.as_deref() == Some(vpc));
    let named = properties["InternetGatewayId"].as_str();
    let Some(gateway) = named.map(str::to_owned).or(attached.map(|(id, _)| id.clone())) else {
        return Ok(Gone);
    };
    let params = [("InternetGatewayId", gateway.as_str()), ("VpcId", vpc)];
    hands.query("ec2", "DetachInternetGateway", &params).map(|_| Gone)
}

/// A group goes with its instances:
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-autoscaling-autoscalinggroup.html>.
fn scaling_group(hands: &mut Hands<'_>, name: &str) -> AwsResult<Fate> {
    match hands.world.region(hands.region).autoscaling.groups.get(name).map(|group| group.deleting) {
        None => Ok(Gone),
        Some(true) => Ok(Leaving),
        Some(false) => {
            let params = [("AutoScalingGroupName", name), ("ForceDelete", "true")];
            hands.query("autoscaling", "DeleteAutoScalingGroup", &params).map(|_| Leaving)
        }
    }
}

fn cluster(hands: &mut Hands<'_>, name: &str, first: bool) -> AwsResult<Fate> {
    let clusters = &hands.world.region(hands.region).eks.clusters;
    match clusters.get(name).map(|cluster| cluster.status) {
        None => Ok(Gone),
        Some(ClusterStatus::Deleting) => Ok(Leaving),
        Some(ClusterStatus::Failed) if !first => Err(not_stabilized(name)),
        Some(_) => hands.json("eks", "DeleteCluster", json!({ "name": name })).map(|_| Leaving),
    }
}

/// The sentence of CloudFormation's handlers about what did not reach the state they waited for.
fn not_stabilized(name: &str) -> AwsError {
    AwsError::new("NotStabilized", format!("Resource of identifier '{name}' did not stabilize."))
}

/// `cluster/group`, `cluster|addon`
fn halves(physical: &str) -> (&str, &str) {
    physical.split_once(['/', '|']).unwrap_or((physical, ""))
}

fn nodegroup(hands: &mut Hands<'_>, physical: &str, first: bool) -> AwsResult<Fate> {
    let (cluster, name) = halves(physical);
    let clusters = &hands.world.region(hands.region).eks.clusters;
    match clusters.get(cluster).and_then(|it| it.nodegroups.get(name)).map(|group| group.status) {
        None => Ok(Gone),
        Some(NodegroupStatus::Deleting) => Ok(Leaving),
        Some(NodegroupStatus::DeleteFailed) if !first => Err(not_stabilized(physical)),
        Some(_) => {
            let input = json!({ "clusterName": cluster, "nodegroupName": name });
            hands.json("eks", "DeleteNodegroup", input).map(|_| Leaving)
        }
    }
}

fn addon(hands: &mut Hands<'_>, physical: &str) -> AwsResult<Fate> {
    let (cluster, name) = halves(physical);
    let clusters = &hands.world.region(hands.region).eks.clusters;
    match clusters.get(cluster).and_then(|it| it.addons.get(name)).map(|addon| addon.status) {
        None => Ok(Gone),
        Some(AddonStatus::Deleting) => Ok(Leaving),
        Some(AddonStatus::Creating | AddonStatus::Active) => {
            let input = json!({ "clusterName": cluster, "addonName": name });
            hands.json("eks", "DeleteAddon", input).map(|_| Leaving)
        }
    }
}

fn fargate_profile(hands: &mut Hands<'_>, physical: &str) -> AwsResult<Fate> {
    let (cluster, name) = halves(physical);
    let clusters = &hands.world.region(hands.region).eks.clusters;
    match clusters.get(cluster).and_then(|it| it.fargate_profiles.get(name)).map(|profile| profile.status) {
        None => Ok(Gone),
        Some(ProfileStatus::Deleting) => Ok(Leaving),
        Some(ProfileStatus::Creating | ProfileStatus::Active) => {
            let input = json!({ "clusterName": cluster, "fargateProfileName": name });
            hands.json("eks", "DeleteFargateProfile", input).map(|_| Leaving)
        }
    }
}

fn texts<'a>(properties: &'a Value, name: &str) -> impl Iterator<Item = &'a str> {
    properties[name].as_array().into_iter().flatten().filter_map(Value::as_str)
}

fn profile(hands: &mut Hands<'_>, name: &str, properties: &Value) -> AwsResult<Fate> {
    for role in texts(properties, "Roles") {
        let params = [("InstanceProfileName", name), ("RoleName", role)];
        unless_gone(hands.query("iam", "RemoveRoleFromInstanceProfile", &params))?;
    }
    hands.query("iam", "DeleteInstanceProfile", &[("InstanceProfileName", name)]).map(|_| Gone)
}

/// It is taken from what the template attaches it to, and goes with its versions; what others attached holds it.
fn policy(hands: &mut Hands<'_>, arn: &str, properties: &Value) -> AwsResult<Fate> {
    for role in texts(properties, "Roles") {
        unless_gone(hands.query("iam", "DetachRolePolicy", &[("RoleName", role), ("PolicyArn", arn)]))?;
    }
    let policy = hands.world.iam.policies.get(arn);
    let spare: Vec<u32> =
        policy.into_iter().flat_map(|it| it.versions.keys().filter(|n| **n != it.default)).copied().collect();
    for version in spare {
        let version = format!("v{version}");
        unless_gone(hands.query(
            "iam",
            "DeletePolicyVersion",
            &[("PolicyArn", arn), ("VersionId", &version)],
        ))?;
    }
    hands.query("iam", "DeletePolicy", &[("PolicyArn", arn)]).map(|_| Gone)
}

/// An inline policy of some roles; it has no id of its own.
fn inline_policy(hands: &mut Hands<'_>, properties: &Value) -> AwsResult<Fate> {
    let name = properties["PolicyName"].as_str().unwrap_or_default();
    for role in texts(properties, "Roles") {
        unless_gone(hands.query("iam", "DeleteRolePolicy", &[("RoleName", role), ("PolicyName", name)]))?;
    }
    Ok(Gone)
}

/// What the template attached or wrote into it goes with it; what others did holds it (`DeleteConflict`).
fn role(hands: &mut Hands<'_>, name: &str, properties: &Value) -> AwsResult<Fate> {
    for arn in texts(properties, "ManagedPolicyArns") {
        unless_gone(hands.query("iam", "DetachRolePolicy", &[("RoleName", name), ("PolicyArn", arn)]))?;
    }
    for inline in properties["Policies"].as_array().into_iter().flatten() {
        let inline = inline["PolicyName"].as_str().unwrap_or_default();
        unless_gone(hands.query("iam", "DeleteRolePolicy", &[("RoleName", name), ("PolicyName", inline)]))?;
    }
    hands.query("iam", "DeleteRole", &[("RoleName", name)]).map(|_| Gone)
}
