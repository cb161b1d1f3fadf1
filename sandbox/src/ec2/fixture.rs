//! A small network for tests: one VPC with an internet gateway and two subnets in two zones.

use std::time::Duration;

use crate::clock::SimClock;
use crate::error::AwsError;
use crate::stores::ec2::{Instance, InternetGateway, SecurityGroup, Subnet, Volume, Vpc};
use crate::{World, xml};

pub(crate) const REGION: &str = "us-east-1";
pub(crate) const VPC: &str = "vpc-0aaaaaaaaaaaaaaaa";
pub(crate) const SUBNET_A: &str = "subnet-0aaaaaaaaaaaaaaaa";
pub(crate) const SUBNET_B: &str = "subnet-0bbbbbbbbbbbbbbbb";
pub(crate) const DEFAULT_GROUP: &str = "sg-0dddddddddddddddd";
pub(crate) const GROUP: &str = "sg-0aaaaaaaaaaaaaaaa";

/// The ARN of a role that a cluster may have.
pub(crate) const CLUSTER_ROLE: &str = "arn:aws:iam::111122223333:role/eks";
/// The ARN of a role that nodes may have.
pub(crate) const NODE_ROLE: &str = "arn:aws:iam::111122223333:role/nodes";

pub(crate) const GATEWAY: &str = "igw-0aaaaaaaaaaaaaaaa";

/// A world with the network in it, whose clock moves only when it is moved.
pub(crate) fn world() -> World {
    let clock = SimClock::new("2026-11-21T12:00:00Z".parse().unwrap(), 0.0);
    let mut world = World::new("111122223333", clock);
    let owner = world.account.clone();
    let ec2 = &mut world.region(REGION).ec2;
    let vpc = Vpc { cidr: "10.0.0.0/16".into(), owner: owner.clone(), ..Default::default() };
    ec2.vpcs.insert(VPC.into(), vpc);
    for (id, zone, cidr) in [(SUBNET_A, "us-east-1a", "10.0.0.0/24"), (SUBNET_B, "us-east-1b", "10.0.1.0/24")]
    {
        let subnet = Subnet {
            vpc: VPC.into(),
            zone: zone.into(),
            cidr: cidr.into(),
            owner: owner.clone(),
            ..Default::default()
        };
        ec2.subnets.insert(id.into(), subnet);
    }
    for (id, name) in [(DEFAULT_GROUP, "default"), (GROUP, "own")] {
        let group =
            SecurityGroup { name: name.into(), vpc: VPC.into(), owner: owner.clone(), ..Default::default() };
        ec2.security_groups.insert(id.into(), group);
    }
    let gateway = InternetGateway { vpc: Some(VPC.into()), owner, ..Default::default() };
    ec2.internet_gateways.insert(GATEWAY.into(), gateway);
    world
}

/// As [`world`], with the roles of a cluster and of its nodes, and the policies that AWS's pages ask for.
pub(crate) fn with_eks_roles() -> World {
    let mut world = world();
    make_role(&mut world, "eks", "AmazonEKSClusterPolicy");
    make_role(&mut world, "nodes", "AmazonEKSWorkerNodePolicy");
    world
}

/// Makes a role with one of AWS's policies.
pub(crate) fn make_role(world: &mut World, name: &str, policy: &str) {
    let role = [("RoleName", name), ("AssumeRolePolicyDocument", "{}")];
    world.call("iam", REGION, "CreateRole", &role).unwrap();
    let policy = format!("arn:aws:iam::aws:policy/{policy}");
    let policy = [("RoleName", name), ("PolicyArn", policy.as_str())];
    world.call("iam", REGION, "AttachRolePolicy", &policy).unwrap();
}

/// Moves the clock and carries out what is due by then.
pub(crate) fn skip(world: &mut World, by: Duration) {
    world.clock.skip(by);
    world.settle();
}

/// Calls EC2 and gives the XML.
pub(crate) fn ec2(world: &mut World, action: &str, params: &[(&str, &str)]) -> Result<String, AwsError> {
    world.call("ec2", REGION, action, params)
}

/// The first text of this element in an EC2 answer that must succeed.
pub(crate) fn told(world: &mut World, action: &str, params: &[(&str, &str)], element: &str) -> String {
    xml::text_of(&ec2(world, action, params).unwrap(), element).unwrap_or_default()
}

/// The code of a refusal.
#[track_caller]
pub(crate) fn code<T>(outcome: Result<T, AwsError>) -> String {
    outcome.err().map(|refusal| refusal.code).expect("it was accepted")
}

/// Launches an instance that runs.
pub(crate) fn running(world: &mut World, more: &[(&str, &str)]) -> String {
    let mut params = vec![("ImageId", "ami-1"), ("SubnetId", SUBNET_A), ("SecurityGroupId.1", GROUP)];
    params.extend(more);
    let id = told(world, "RunInstances", &params, "instanceId");
    skip(world, super::instances::START);
    id
}

pub(crate) fn instance<'world>(world: &'world mut World, id: &str) -> Option<&'world mut Instance> {
    world.region(REGION).ec2.instances.get_mut(id)
}

pub(crate) fn volume<'world>(world: &'world mut World, id: &str) -> Option<&'world mut Volume> {
    world.region(REGION).ec2.volumes.get_mut(id)
}
