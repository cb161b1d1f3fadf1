//! Subnets.

use super::cidr::Cidr;
use super::defaults::{zone_id, zones};
use super::describe::{Kind, Pages, View, describe, one, optional};
use super::in_use;
use super::make_interfaces::free_addresses;
use super::noun::{self, SUBNET, VPC};
use super::tags::{checked, done};
use crate::error::{AwsError, AwsResult};
use crate::protocol::{Answer, Ctx};
use crate::quotas::table;
use crate::service::Operation;
use crate::stores::ec2::Subnet;
use crate::world::World;
use crate::xml::Xml;

pub(crate) const OPERATIONS: &[(&str, Operation)] = &[
    ("CreateSubnet", create),
    ("DeleteSubnet", delete),
    ("DescribeSubnets", |world, ctx| describe(world, ctx, &KIND)),
    ("ModifySubnetAttribute", modify_attribute),
];

static KIND: Kind<Subnet> = Kind {
    noun: &SUBNET,
    ids: "SubnetId",
    set: "subnetSet",
    pages: Pages::Of(1000),
    facts: &[
        ("availability-zone", |_, _, subnet| one(&subnet.zone)),
        ("availabilityZone", |_, _, subnet| one(&subnet.zone)),
        ("availability-zone-id", |view, _, subnet| optional(zone_id(view.region, &subnet.zone))),
        ("available-ip-address-count", |view, id, _| one(free_addresses(view.ec2, id))),
        ("cidr-block", |_, _, subnet| one(&subnet.cidr)),
        ("cidr", |_, _, subnet| one(&subnet.cidr)),
        ("default-for-az", |_, _, subnet| one(subnet.default_for_az)),
        ("map-public-ip-on-launch", |_, _, subnet| one(subnet.map_public_ip)),
        ("owner-id", |_, _, subnet| one(&subnet.owner)),
        ("state", |_, _, _| one("available")),
        ("subnet-arn", |view, id, subnet| one(arn(view.region, &subnet.owner, id))),
        ("subnet-id", |_, id, _| one(id)),
        ("vpc-id", |_, _, subnet| one(&subnet.vpc)),
    ],
    tags: |subnet| &subnet.tags,
    records: |ec2| &ec2.subnets,
    write,
};

fn arn(region: &str, owner: &str, id: &str) -> String {
    format!("arn:aws:ec2:{region}:{owner}:subnet/{id}")
}

fn write(view: &View<'_>, xml: &mut Xml, id: &str, subnet: &Subnet) {
    xml.text("subnetId", id).text("subnetArn", arn(view.region, &subnet.owner, id));
    xml.text("state", "available").text("vpcId", &subnet.vpc).text("ownerId", &subnet.owner);
    xml.text("cidrBlock", &subnet.cidr).node("ipv6CidrBlockAssociationSet", |_| {});
    xml.text("availableIpAddressCount", free_addresses(view.ec2, id));
    xml.text("availabilityZone", &subnet.zone);
    xml.maybe("availabilityZoneId", zone_id(view.region, &subnet.zone));
    xml.text("defaultForAz", subnet.default_for_az).text("mapPublicIpOnLaunch", subnet.map_public_ip);
    xml.text("assignIpv6AddressOnCreation", false).tags(&subnet.tags);
}

/// Puts a subnet into its VPC; the VPC's default network ACL covers it at once.
///
/// <https://docs.aws.amazon.com/vpc/latest/userguide/default-network-acl.html>
pub(crate) fn insert(world: &mut World, region: &str, id: String, subnet: Subnet) {
    let association = world.ids.ec2("aclassoc");
    let ec2 = &mut world.region(region).ec2;
    for acl in ec2.network_acls.values_mut().filter(|acl| acl.is_default && acl.vpc == subnet.vpc) {
        acl.associations.insert(association.clone(), id.clone());
    }
    ec2.subnets.insert(id, subnet);
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSubnet.html>
fn create(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let vpc = ctx.params.required("VpcId")?;
    let cidr = ctx.params.required("CidrBlock")?;
    let zone = match ctx.params.get("AvailabilityZone") {
        Some(zone) if zones(&ctx.region).iter().any(|(name, _)| name == zone) => zone.to_owned(),
        Some(zone) => {
            let text = format!("Value ({zone}) for parameter availabilityZone is invalid.");
            return Err(AwsError::new("InvalidParameterValue", text));
        }
        None => format!("{}a", ctx.region),
    };
    let tags = checked(ctx.params.tag_specifications("subnet"))?;
    let most = world.quotas.limit(&ctx.region, table::SUBNETS);
    let ec2 = &world.region(&ctx.region).ec2;
    let network = VPC.find(vpc, &ec2.vpcs)?;
    let inside = Cidr::parse(&network.cidr);
    let range = Cidr::parse(cidr)
        .filter(|range| (16..=28).contains(&range.bits()) && inside.is_some_and(|vpc| vpc.holds(*range)))
        .ok_or_else(|| AwsError::new("InvalidSubnet.Range", format!("The CIDR '{cidr}' is invalid.")))?;
    let siblings = || ec2.subnets.values().filter(|other| other.vpc == vpc);
    if siblings().filter_map(|other| Cidr::parse(&other.cidr)).any(|other| other.overlaps(range)) {
        let text = format!("The CIDR '{cidr}' conflicts with another subnet");
        return Err(AwsError::new("InvalidSubnet.Conflict", text));
    }
    if siblings().count() >= most {
        let text = "The maximum number of subnets has been reached.";
        return Err(AwsError::new("SubnetLimitExceeded", text));
    }
    let subnet = Subnet {
        vpc: vpc.to_owned(),
        zone,
        cidr: range.to_string(),
        default_for_az: false,
        map_public_ip: false,
        owner: world.account.clone(),
        tags,
    };
    let id = world.ids.ec2("subnet");
    insert(world, &ctx.region, id.clone(), subnet);
    let view = View::of(world, &ctx.region);
    let mut xml = Xml::new();
    xml.node("subnet", |inside| write(&view, inside, &id, &view.ec2.subnets[&id]));
    Ok(xml.into())
}

/// Its associations with route tables and its network ACL's go with it.
///
/// <https://docs.aws.amazon.com/vpc/latest/userguide/subnet-deleting.html>
fn delete(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let id = ctx.params.required("SubnetId")?;
    let account = world.account.clone();
    let ec2 = &mut world.region(&ctx.region).ec2;
    if SUBNET.find(id, &ec2.subnets)?.owner != account {
        return Err(noun::not_yours());
    }
    if !in_use::interfaces_in_subnet(ec2, id).is_empty() {
        let text = format!("The subnet '{id}' has dependencies and cannot be deleted.");
        return Err(noun::dependency(text));
    }
    ec2.subnets.remove(id);
    for table in ec2.route_tables.values_mut() {
        table.associations.retain(|_, association| association.subnet.as_deref() != Some(id));
    }
    for acl in ec2.network_acls.values_mut() {
        acl.associations.retain(|_, subnet| subnet != id);
    }
    Ok(done())
}

fn modify_attribute(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let id = ctx.params.required("SubnetId")?;
    let subnet = SUBNET.find_mut(id, &mut world.region(&ctx.region).ec2.subnets)?;
    if ctx.params.get("MapPublicIpOnLaunch.Value").is_some() {
        subnet.map_public_ip = ctx.params.bool("MapPublicIpOnLaunch.Value");
    }
    Ok(done())
}

#[cfg(test)]
mod tests {
    use crate::ec2::lab::Lab;

    #[test]
    fn a_subnet_stays_while_an_interface_is_in_it() {
        let mut lab = Lab::new();
        let (_, subnet) = lab.vpc_with_subnet();
        let eni = lab.get("CreateNetworkInterface", &[("SubnetId", &subnet)], "networkInterfaceId");
        let refusal = lab.refused("DeleteSubnet", &[("SubnetId", &subnet)], "DependencyViolation");
        assert_eq!(refusal.message, format!("The subnet '{subnet}' has dependencies and cannot be deleted."));
        lab.ok("DeleteNetworkInterface", &[("NetworkInterfaceId", &eni)]);
        lab.ok("DeleteSubnet", &[("SubnetId", &subnet)]);
        lab.refused("DeleteSubnet", &[("SubnetId", &subnet)], "InvalidSubnetID.NotFound");
    }

    #[test]
    fn a_deleted_subnet_takes_its_associations_along() {
        let mut lab = Lab::new();
        let (vpc, subnet) = lab.vpc_with_subnet();
        let table = lab.get("CreateRouteTable", &[("VpcId", &vpc)], "routeTableId");
        lab.ok("AssociateRouteTable", &[("RouteTableId", &table), ("SubnetId", &subnet)]);
        lab.refused("DeleteRouteTable", &[("RouteTableId", &table)], "DependencyViolation");
        lab.ok("DeleteSubnet", &[("SubnetId", &subnet)]);
        lab.ok("DeleteRouteTable", &[("RouteTableId", &table)]);
    }

    #[test]
    fn subnets_lie_within_their_vpc_and_apart() {
        let mut lab = Lab::new();
        let (vpc, _) = lab.vpc_with_subnet();
        let cidr = |cidr| [("VpcId", vpc.clone()), ("CidrBlock", cidr)];
        let mut check = |range: &str, code| {
            let params = cidr(range.to_owned());
            let params: Vec<(&str, &str)> =
                params.iter().map(|(key, value)| (*key, value.as_str())).collect();
            lab.refused("CreateSubnet", &params, code);
        };
        check("10.1.0.0/24", "InvalidSubnet.Range");
        check("10.0.0.128/25", "InvalidSubnet.Conflict");
    }

    #[test]
    fn a_full_subnet_has_no_address_left() {
        let mut lab = Lab::new();
        let vpc = lab.vpc();
        let subnet = lab.get("CreateSubnet", &[("VpcId", &vpc), ("CidrBlock", "10.0.9.0/28")], "subnetId");
        let eni = [("SubnetId", subnet.as_str())];
        for _ in 0..11 {
            lab.ok("CreateNetworkInterface", &eni);
        }
        lab.refused("CreateNetworkInterface", &eni, "InsufficientFreeAddressesInSubnet");
        let left = lab.get("DescribeSubnets", &[("SubnetId.1", &subnet)], "availableIpAddressCount");
        assert_eq!(left, "0");
    }
}
