//! Tags on what a stack made or took over: its own ones, and CloudFormation's on the types that carry them.
//!
//! They are written into the records: CloudFormation may set keys that begin with `aws:`, its caller may not.
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-resource-tags.html>

use super::kinds::{Tagged, find};
use crate::stores::cloudformation::Stack;
use crate::tags::Tags;
use crate::world::World;

/// Tags a member of this type: with these tags of its own, the stack's, and CloudFormation's.
pub(super) fn stamp(
    world: &mut World,
    region: &str,
    stack: &Stack,
    (logical, kind, physical): (&str, &str, &str),
    own: &Tags,
) {
    let tagged = find(kind).map_or(Tagged::Never, |kind| kind.tagged);
    let mut tags = stack.tags.clone();
    tags.extend(own.clone());
    match tagged {
        Tagged::Never => return,
        Tagged::Plainly => {}
        Tagged::Fully => tags.extend([
            ("aws:cloudformation:stack-name".to_owned(), stack.name.clone()),
            ("aws:cloudformation:stack-id".to_owned(), stack.id.clone()),
            ("aws:cloudformation:logical-id".to_owned(), logical.to_owned()),
        ]),
    }
    if kind == "AWS::AutoScaling::AutoScalingGroup" {
        // "PropagateAtLaunch": the stack's tags reach the instances.
        if let Some(group) = world.region(region).autoscaling.groups.get_mut(physical) {
            group.tags.extend(tags.into_iter().map(|(key, value)| (key, (value, true))));
        }
        return;
    }
    if let Some(place) = place(world, region, kind, physical) {
        place.extend(tags);
    }
}

/// Where the tags of a thing are kept.
fn place<'w>(world: &'w mut World, region: &str, kind: &str, physical: &str) -> Option<&'w mut Tags> {
    match kind {
        "AWS::IAM::Role" => return Some(&mut world.iam.roles.get_mut(physical)?.tags),
        "AWS::S3::Bucket" => return Some(&mut world.s3.buckets.get_mut(physical)?.tags),
        "AWS::IAM::OIDCProvider" => return Some(&mut world.iam.providers.get_mut(physical)?.tags),
        _ => {}
    }
    let state = world.region(region);
    let ec2 = &mut state.ec2;
    let (outer, inner) = physical.split_once(['/', '|']).unwrap_or((physical, ""));
    Some(match kind {
        "AWS::EC2::EIP" => {
            &mut ec2.addresses.values_mut().find(|address| address.public_ip == physical)?.tags
        }
        "AWS::EC2::Instance" => &mut ec2.instances.get_mut(physical)?.tags,
        "AWS::EC2::InternetGateway" => &mut ec2.internet_gateways.get_mut(physical)?.tags,
        "AWS::EC2::NatGateway" => &mut ec2.nat_gateways.get_mut(physical)?.tags,
        "AWS::EC2::NetworkInterface" => &mut ec2.interfaces.get_mut(physical)?.tags,
        "AWS::EC2::RouteTable" => &mut ec2.route_tables.get_mut(physical)?.tags,
        "AWS::EC2::SecurityGroup" => &mut ec2.security_groups.get_mut(physical)?.tags,
        "AWS::EC2::Subnet" => &mut ec2.subnets.get_mut(physical)?.tags,
        "AWS::EC2::VPC" => &mut ec2.vpcs.get_mut(physical)?.tags,
        "AWS::EC2::VPCEndpoint" => &mut ec2.endpoints.get_mut(physical)?.tags,
        "AWS::EKS::Addon" => &mut state.eks.clusters.get_mut(outer)?.addons.get_mut(inner)?.tags,
        "AWS::EKS::Cluster" => &mut state.eks.clusters.get_mut(physical)?.tags,
        "AWS::EKS::FargateProfile" => {
            &mut state.eks.clusters.get_mut(outer)?.fargate_profiles.get_mut(inner)?.tags
        }
        "AWS::EKS::Nodegroup" => &mut state.eks.clusters.get_mut(outer)?.nodegroups.get_mut(inner)?.tags,
        "AWS::ElasticLoadBalancingV2::Listener" => &mut state.elb.listeners.get_mut(physical)?.tags,
        "AWS::ElasticLoadBalancingV2::LoadBalancer" => &mut state.elb.load_balancers.get_mut(physical)?.tags,
        "AWS::ElasticLoadBalancingV2::TargetGroup" => &mut state.elb.target_groups.get_mut(physical)?.tags,
        "AWS::Lambda::Function" => &mut state.lambda.functions.get_mut(physical)?.tags,
        "AWS::SSM::Parameter" => &mut state.ssm.parameters.get_mut(physical)?.tags,
        "AWS::Logs::LogGroup" => &mut state.logs.groups.get_mut(physical)?.tags,
        _ => return None,
    })
}
