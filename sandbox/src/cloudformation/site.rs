//! What stands of a stack: the attributes of its members, read from their services' records, and exports.

use super::invalid;
use crate::error::AwsResult;
use crate::stores::cloudformation::Stack;
use crate::world::World;

/// The value of an export, and the name of its stack.
pub(super) fn exported(world: &World, region: &str, name: &str) -> Option<(String, String)> {
    let stacks = world.regions.get(region)?.cloudformation.stacks.values().filter(|stack| stack.stands());
    stacks.flat_map(|stack| stack.outputs.iter().map(move |output| (stack, output))).find_map(
        |(stack, output)| {
            (output.export.as_deref() == Some(name)).then(|| (output.value.clone(), stack.name.clone()))
        },
    )
}

/// The names of the standing stacks that import an export.
pub(super) fn importers(world: &World, region: &str, name: &str) -> Vec<String> {
    let stacks = world.regions.get(region).map(|state| &state.cloudformation.stacks);
    let standing = stacks.into_iter().flat_map(|all| all.values()).filter(|stack| stack.stands());
    standing.filter(|stack| stack.imports.contains(name)).map(|stack| stack.name.clone()).collect()
}

/// What `Fn::GetAtt` gives:
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-template-resource-type-ref.html>.
pub(super) fn attribute(
    world: &mut World,
    region: &str,
    stack: &Stack,
    (logical, name): (&str, &str),
) -> AwsResult<String> {
    let unknown = || {
        invalid(format!(
            "Template error: resource {logical} does not support attribute type {name} in Fn::GetAtt"
        ))
    };
    let member = stack.members.get(logical).ok_or_else(unknown)?;
    let physical = member.physical.as_deref().unwrap_or_default();
    read(world, region, (&member.kind, physical), name).ok_or_else(unknown)
}

fn read(world: &mut World, region: &str, (kind, physical): (&str, &str), name: &str) -> Option<String> {
    let account = world.account.clone();
    match kind {
        "AWS::IAM::Role" => {
            let role = world.iam.roles.get(physical)?;
            return Some(if name == "RoleId" { &role.id } else { &role.arn }.clone());
        }
        "AWS::IAM::InstanceProfile" => return Some(world.iam.profiles.get(physical)?.arn.clone()),
        _ => {}
    }
    let state = world.region(region);
    let ec2 = &state.ec2;
    let (outer, inner) = physical.split_once(['/', '|']).unwrap_or((physical, ""));
    Some(match (kind, name) {
        ("AWS::EC2::VPC", "CidrBlock") => ec2.vpcs.get(physical)?.cidr.clone(),
        ("AWS::EC2::VPC", "DefaultSecurityGroup") => {
            let mut groups = ec2.security_groups.iter();
            groups.find(|(_, it)| it.vpc == physical && it.name == "default")?.0.clone()
        }
        ("AWS::EC2::EIP", "AllocationId") => {
            ec2.addresses.iter().find(|(_, it)| it.public_ip == physical)?.0.clone()
        }
        ("AWS::EC2::Subnet", "AvailabilityZone") => ec2.subnets.get(physical)?.zone.clone(),
        ("AWS::EC2::Subnet", "VpcId") => ec2.subnets.get(physical)?.vpc.clone(),
        ("AWS::EC2::SecurityGroup", "VpcId") => ec2.security_groups.get(physical)?.vpc.clone(),
        ("AWS::EC2::LaunchTemplate", "LatestVersionNumber") => {
            ec2.launch_templates.get(physical)?.latest().to_string()
        }
        ("AWS::EC2::LaunchTemplate", "DefaultVersionNumber") => {
            ec2.launch_templates.get(physical)?.default.to_string()
        }
        ("AWS::EKS::Cluster", "Arn") => state.eks.clusters.get(physical)?.arn.clone(),
        ("AWS::EKS::Cluster", "ClusterSecurityGroupId") => {
            state.eks.clusters.get(physical)?.cluster_group.clone()
        }
        ("AWS::EKS::Cluster", "OpenIdConnectIssuerUrl") => {
            let identity = &state.eks.clusters.get(physical)?.identity;
            format!("https://oidc.eks.{region}.amazonaws.com/id/{identity}")
        }
        ("AWS::EKS::Nodegroup", "Arn") => state.eks.clusters.get(outer)?.nodegroups.get(inner)?.arn.clone(),
        ("AWS::ElasticLoadBalancingV2::LoadBalancer", "DNSName") => {
            state.elb.load_balancers.get(physical)?.dns_name.clone()
        }
        ("AWS::Lambda::Function", "Arn") => state.lambda.functions.get(physical)?.arn.clone(),
        ("AWS::Logs::LogGroup", "Arn") => format!("arn:aws:logs:{region}:{account}:log-group:{physical}:*"),
        // Attributes that give the id itself: `VpcId`, `GroupId`, `LoadBalancerArn`, `PublicIp`, `Arn`, …
        (_, name) if name.ends_with("Id") || name.ends_with("Arn") || name == "PublicIp" => {
            physical.to_owned()
        }
        _ => return None,
    })
}
