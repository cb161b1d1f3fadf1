//! What stands on ground of the failed stack's, or on whose ground something of the stack's is in use.

use aws_janitor_sandbox::World;

use super::parts::{
    BLUE, balancer, gateway, ground, interface, scaling, template, theirs, two_zones, volume,
};
use super::{Call, Case};
use crate::gates::text;
use crate::live::stage::{A1, DAY, HOME, MINUTE, Stage, Tags};

/// Any interface in it keeps a subnet. <https://docs.aws.amazon.com/vpc/latest/userguide/subnet-deleting.html>
pub fn subnet_stays(subnet: &str) -> Case {
    let delete = Call::query("ec2", "DeleteSubnet", &[("SubnetId", subnet)]);
    Case::of(subnet).refused(delete, "DependencyViolation").named("subnet", subnet)
}

/// A NAT gateway of blue's in this subnet, with an address that bears these tags.
fn nat(stage: &mut Stage, vpc: &str, subnet: &str, tags: Tags<'_>) -> (String, String) {
    gateway(stage, vpc, BLUE);
    let address = stage.address(tags);
    let params = [("SubnetId", subnet), ("AllocationId", &address)];
    let nat = stage.make("CreateNatGateway", &params, BLUE, "natGatewayId");
    stage.pass(5 * MINUTE);
    (nat, address)
}

fn without_nat(nat: &str) -> Call {
    Call::query("ec2", "DeleteNatGateway", &[("NatGatewayId", nat)])
}

pub fn foreign_nat(stage: &mut Stage) -> Case {
    let (vpc, subnet) = ground(stage);
    let (nat, _) = nat(stage, &vpc, &subnet, BLUE);
    subnet_stays(&subnet).named("nat", &nat).cured(without_nat(&nat))
}

/// "AuthFailure" is what AWS says of an address that a NAT gateway has.
/// <https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-working-with.html>
pub fn address_of_a_nat(stage: &mut Stage) -> Case {
    stage.ago(3 * DAY);
    let (vpc, subnet) = theirs(stage);
    let (nat, address) = nat(stage, &vpc, &subnet, A1);
    let release = Call::query("ec2", "ReleaseAddress", &[("AllocationId", &address)]);
    Case::of(&address).refused(release, "AuthFailure").named("nat", &nat).cured(without_nat(&nat))
}

pub fn address_of_an_interface(stage: &mut Stage) -> Case {
    stage.ago(3 * DAY);
    let (vpc, subnet) = theirs(stage);
    gateway(stage, &vpc, BLUE);
    let interface = interface(stage, &subnet, "blue's door", BLUE);
    let address = stage.address(A1);
    let both = [("AllocationId", address.as_str()), ("NetworkInterfaceId", &interface)];
    let association = text(&stage.ec2("AssociateAddress", &both), "associationId");
    let release = Call::query("ec2", "ReleaseAddress", &[("AllocationId", &address)]);
    Case::of(&address)
        .refused(release, "InvalidIPAddress.InUse")
        .named("interface", &interface)
        .named("association", &association)
        .cured(Call::query("ec2", "DisassociateAddress", &[("AssociationId", &association)]))
}

fn without(machine: &str) -> Call {
    Call::query("ec2", "TerminateInstances", &[("InstanceId.1", machine)])
}

pub fn foreign_machine(stage: &mut Stage) -> Case {
    let (_, subnet) = ground(stage);
    let machine = stage.instance(&subnet, BLUE, &[]);
    subnet_stays(&subnet).named("machine", &machine).cured(without(&machine))
}

/// Its interface stays with a machine that is stopped.
pub fn stopped_machine(stage: &mut Stage) -> Case {
    let (_, subnet) = ground(stage);
    let machine = stage.instance(&subnet, BLUE, &[]);
    stage.ec2("StopInstances", &[("InstanceId.1", &machine)]);
    stage.pass(5 * MINUTE);
    subnet_stays(&subnet).named("machine", &machine).cured(without(&machine))
}

/// Ended by itself a machine of such a group is made anew: the group is the cause.
/// <https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-health-checks.html>
pub fn scaling_group(stage: &mut Stage) -> Case {
    let (_, subnet) = ground(stage);
    let template = template(stage, "blue-workers", BLUE, &[]);
    scaling(stage, "blue-web", (&template, &subnet), "1");
    let machine = machine_in(&mut stage.world, &subnet);
    let params = [("AutoScalingGroupName", "blue-web"), ("ForceDelete", "true")];
    subnet_stays(&subnet).named("machine", &machine).cured(Call::query(
        "autoscaling",
        "DeleteAutoScalingGroup",
        &params,
    ))
}

fn machine_in(world: &mut World, subnet: &str) -> String {
    let machines = &world.region(HOME).ec2.instances;
    machines.iter().find(|(_, it)| it.subnet == subnet).map(|(id, _)| id.clone()).unwrap()
}

pub fn foreign_balancer(stage: &mut Stage) -> Case {
    let (_, [one, two]) = two_zones(stage);
    let balancer = balancer(stage, "blue-front", &[&one, &two], BLUE);
    let delete = Call::query("elasticloadbalancing", "DeleteLoadBalancer", &[("LoadBalancerArn", &balancer)]);
    subnet_stays(&one).named("balancer", &balancer).cured(delete)
}

pub fn volume_of_a_living_machine(stage: &mut Stage) -> Case {
    stage.ago(3 * DAY);
    let (_, subnet) = theirs(stage);
    let machine = stage.instance(&subnet, BLUE, &[]);
    let volume = volume(stage, &machine, A1);
    let this = [("VolumeId", volume.as_str())];
    Case::of(&volume)
        .flags(&["--with-data", "volume"])
        .refused(Call::query("ec2", "DeleteVolume", &this), "VolumeInUse")
        .named("machine", &machine)
        .cured(Call::query("ec2", "DetachVolume", &this))
}

pub fn acl_of_a_kept_subnet(stage: &mut Stage) -> Case {
    stage.ago(3 * DAY);
    let (vpc, subnet) = theirs(stage);
    let acl = stage.make("CreateNetworkAcl", &[("VpcId", &vpc)], A1, "networkAclId");
    let acls = &stage.world.region(HOME).ec2.network_acls;
    let (first, its) = acls.iter().find(|(_, it)| it.vpc == vpc && it.is_default).unwrap();
    let association = its.associations.iter().find(|(_, of)| **of == subnet).unwrap().0.clone();
    let first = first.clone();
    let params = [("AssociationId", association.as_str()), ("NetworkAclId", &acl)];
    let moved = text(&stage.ec2("ReplaceNetworkAclAssociation", &params), "newAssociationId");
    let back = [("AssociationId", moved.as_str()), ("NetworkAclId", &first)];
    let delete = Call::query("ec2", "DeleteNetworkAcl", &[("NetworkAclId", &acl)]);
    Case::of(&acl).refused(delete, "DependencyViolation").named("subnet", &subnet).cured(Call::query(
        "ec2",
        "ReplaceNetworkAclAssociation",
        &back,
    ))
}

pub fn table_of_a_kept_subnet(stage: &mut Stage) -> Case {
    stage.ago(3 * DAY);
    let (vpc, subnet) = theirs(stage);
    let table = stage.make("CreateRouteTable", &[("VpcId", &vpc)], A1, "routeTableId");
    let both = [("RouteTableId", table.as_str()), ("SubnetId", &subnet)];
    let association = text(&stage.ec2("AssociateRouteTable", &both), "associationId");
    let delete = Call::query("ec2", "DeleteRouteTable", &both[..1]);
    Case::of(&table)
        .refused(delete, "DependencyViolation")
        .named("subnet", &subnet)
        .named("association", &association)
        .cured(Call::query("ec2", "DisassociateRouteTable", &[("AssociationId", &association)]))
}

/// A set of DHCP options that a VPC uses stays until the VPC is given another.
/// <https://docs.aws.amazon.com/vpc/latest/userguide/DHCPOptionSet.html>
pub fn dhcp_options(stage: &mut Stage) -> Case {
    stage.ago(3 * DAY);
    let (vpc, _) = theirs(stage);
    let params =
        [("DhcpConfiguration.1.Key", "domain-name"), ("DhcpConfiguration.1.Value.1", "shop.internal")];
    let options = text(&stage.ec2("CreateDhcpOptions", &params), "dhcpOptionsId");
    A1.iter().for_each(|tag| stage.tag(&options, *tag));
    stage.ec2("AssociateDhcpOptions", &[("DhcpOptionsId", &options), ("VpcId", &vpc)]);
    let back = [("DhcpOptionsId", "default"), ("VpcId", vpc.as_str())];
    Case::of(&options)
        .refused(
            Call::query("ec2", "DeleteDhcpOptions", &[("DhcpOptionsId", &options)]),
            "DependencyViolation",
        )
        .named("vpc", &vpc)
        .cured(Call::query("ec2", "AssociateDhcpOptions", &back))
}
