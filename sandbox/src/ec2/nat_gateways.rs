//! NAT gateways: a state machine with an interface of its own.
//!
//! Absent: secondary addresses and regional NAT gateways.

use std::time::Duration;

use super::addresses::bind_address;
use super::describe::{Kind, Pages, View, describe, one};
use super::make_interfaces::{release_interface, service_attachment};
use super::noun::{ALLOCATION, NAT_GATEWAY, SUBNET};
use super::tags::checked;
use super::unattached;
use crate::error::{AwsError, AwsResult};
use crate::protocol::{Answer, Ctx};
use crate::quotas::table;
use crate::service::Operation;
use crate::stores::ec2::{Ec2, Interface, NatGateway};
use crate::world::World;
use crate::xml::Xml;

/// Until a new NAT gateway is `available` (or `failed`): 1 to 2 minutes, customary knowledge. The
/// SDK's waiter `NatGatewayAvailable` polls every 15 s for 10 minutes.
pub(crate) const CREATE_TAKES: Duration = Duration::from_secs(90);
/// Until a deleted one is `deleted`: about a minute, customary knowledge; waiter `NatGatewayDeleted`.
pub(crate) const DELETE_TAKES: Duration = Duration::from_secs(75);
/// How long a deleted or failed one is still shown: "about an hour",
/// <https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-working-with.html>,
/// <https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html>.
pub(crate) const SHOWN_AFTERWARDS: Duration = Duration::from_secs(3600);

pub(crate) const OPERATIONS: &[(&str, Operation)] = &[
    ("CreateNatGateway", create),
    ("DeleteNatGateway", delete),
    ("DescribeNatGateways", |world, ctx| describe(world, ctx, &KIND)),
];

static KIND: Kind<NatGateway> = Kind {
    noun: &NAT_GATEWAY,
    ids: "NatGatewayId",
    set: "natGatewaySet",
    pages: Pages::Of(1000),
    facts: &[
        ("nat-gateway-id", |_, id, _| one(id)),
        ("state", |_, _, nat| one(&nat.state)),
        ("subnet-id", |_, _, nat| one(&nat.subnet)),
        ("vpc-id", |_, _, nat| one(&nat.vpc)),
    ],
    tags: |nat| &nat.tags,
    records: |ec2| &ec2.nat_gateways,
    write: |view: &View<'_>, xml, id, nat| write(view.ec2, xml, id, nat),
};

fn write(ec2: &Ec2, xml: &mut Xml, id: &str, nat: &NatGateway) {
    xml.text("natGatewayId", id).text("vpcId", &nat.vpc).text("subnetId", &nat.subnet);
    xml.text("state", &nat.state).text("connectivityType", &nat.connectivity);
    xml.text("availabilityMode", "zonal");
    xml.maybe("createTime", nat.created).maybe("deleteTime", nat.deleted);
    if let Some((code, message)) = &nat.failure {
        xml.text("failureCode", code).text("failureMessage", message);
    }
    xml.list("natGatewayAddressSet", [nat], |item, nat| {
        let interface = nat.interface.as_ref().and_then(|id| ec2.interfaces.get(id));
        let address = nat.allocation.as_ref().and_then(|id| ec2.addresses.get(id));
        item.maybe("allocationId", nat.allocation.as_ref());
        item.maybe("networkInterfaceId", nat.interface.as_ref());
        item.maybe("privateIp", interface.map(|interface| &interface.private_ip));
        item.maybe("publicIp", address.map(|address| &address.public_ip));
        let ours = address.filter(|address| address.interface == nat.interface && nat.interface.is_some());
        item.maybe("associationId", ours.and_then(|address| address.association.as_ref()));
        item.text("isPrimary", true);
        item.text("status", if interface.is_some() { "succeeded" } else { "failed" });
    });
    xml.tags(&nat.tags);
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNatGateway.html>
fn create(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let subnet = ctx.params.required("SubnetId")?;
    let connectivity = ctx.params.get("ConnectivityType").unwrap_or("public");
    let allocation = ctx.params.get("AllocationId");
    let tags = checked(ctx.params.tag_specifications("natgateway"))?;
    let client_token = ctx.params.get("ClientToken").map(str::to_owned);
    let most = world.quotas.limit(&ctx.region, table::NAT_GATEWAYS);
    let ec2 = &world.region(&ctx.region).ec2;
    let home = SUBNET.find(subnet, &ec2.subnets)?;
    // The same token gives the same gateway:
    // https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html
    let same =
        ec2.nat_gateways.iter().find(|(_, nat)| client_token.is_some() && nat.client_token == client_token);
    if let Some((id, nat)) = same {
        return Ok(created(ec2, id, nat));
    }
    match (connectivity, allocation) {
        ("public", Some(allocation)) => ALLOCATION.check(allocation, &ec2.addresses)?,
        ("public", None) => {
            let text = "The request must include the AllocationId parameter. Add the required parameter and retry the request.";
            return Err(AwsError::new("MissingParameter", text));
        }
        _ => {}
    }
    within_quota(ec2, &home.zone, most)?;
    let (zone_vpc, subnet) = (home.vpc.clone(), subnet.to_owned());
    let nat = NatGateway {
        vpc: zone_vpc,
        subnet,
        state: "pending".to_owned(),
        connectivity: connectivity.to_owned(),
        allocation: allocation.map(str::to_owned),
        created: Some(world.clock.now()),
        client_token,
        tags,
        ..NatGateway::default()
    };
    let id = world.ids.ec2("nat");
    let failure = start(world, &ctx.region, &id, nat);
    let (region, started) = (ctx.region.clone(), id.clone());
    world.after(CREATE_TAKES, move |world| finish_creating(world, &region, &started, failure));
    let ec2 = &world.region(&ctx.region).ec2;
    Ok(created(ec2, &id, &ec2.nat_gateways[&id]))
}

fn created(ec2: &Ec2, id: &str, nat: &NatGateway) -> Answer {
    let mut xml = Xml::new();
    xml.maybe("clientToken", nat.client_token.as_ref());
    xml.node("natGateway", |inside| write(ec2, inside, id, nat));
    xml.into()
}

/// Pending, available and deleting gateways count; failed and deleted ones do not.
///
/// <https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html>
fn within_quota(ec2: &Ec2, zone: &str, most: usize) -> AwsResult<()> {
    let counts = |nat: &&NatGateway| {
        let there = ec2.subnets.get(&nat.subnet).is_some_and(|subnet| subnet.zone == zone);
        there && ["pending", "available", "deleting"].contains(&nat.state.as_str())
    };
    if ec2.nat_gateways.values().filter(counts).count() >= most {
        let text = format!("Performing this operation would exceed the limit of {most} NAT gateways");
        return Err(AwsError::new("NatGatewayLimitExceeded", text));
    }
    Ok(())
}

/// Takes up the gateway's interface and address, or tells what it will fail with.
///
/// The codes and messages of failures:
/// <https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html#nat-gateway-troubleshooting-failed>.
fn start(world: &mut World, region: &str, id: &str, mut nat: NatGateway) -> Option<(String, String)> {
    let (vpc, allocation) = (nat.vpc.clone(), nat.allocation.clone());
    let ec2 = &mut world.region(region).ec2;
    let connected = ec2.internet_gateways.values().any(|gateway| gateway.vpc.as_ref() == Some(&vpc));
    let taken =
        allocation.as_ref().and_then(|id| ec2.addresses.get(id)).is_some_and(|it| it.association.is_some());
    let failure = if nat.connectivity == "public" && !connected {
        Some(("Gateway.NotAttached".to_owned(), format!("Network {vpc} has no Internet gateway attached")))
    } else if taken {
        let text =
            format!("Elastic IP address {} is already associated", allocation.as_deref().unwrap_or_default());
        Some(("Resource.AlreadyAssociated".to_owned(), text))
    } else {
        match own_interface(world, region, id, &nat) {
            Ok(interface) => {
                nat.interface = Some(interface);
                None
            }
            Err(refusal) => Some((refusal.code, refusal.message)),
        }
    };
    world.region(region).ec2.nat_gateways.insert(id.to_owned(), nat);
    failure
}

/// The interface that the gateway keeps in its subnet, with its address on it.
fn own_interface(world: &mut World, region: &str, id: &str, nat: &NatGateway) -> AwsResult<String> {
    let attachment = service_attachment(world, "amazon-aws");
    let spec = Interface {
        subnet: nat.subnet.clone(),
        description: format!("Interface for NAT Gateway {id}"),
        interface_type: "nat_gateway".to_owned(),
        requester_managed: true,
        requester_id: Some("amazon-aws".to_owned()),
        attachment: Some(attachment),
        ..Interface::default()
    };
    let interface = unattached::make(world, region, spec)?;
    if let Some(allocation) = &nat.allocation {
        bind_address(world, region, allocation, &interface)?;
    }
    Ok(interface)
}

fn finish_creating(world: &mut World, region: &str, id: &str, failure: Option<(String, String)>) {
    let Some(nat) = world.region(region).ec2.nat_gateways.get_mut(id) else { return };
    if nat.state != "pending" {
        return;
    }
    if failure.is_none() {
        nat.state = "available".to_owned();
        return;
    }
    nat.state = "failed".to_owned();
    nat.failure = failure;
    forget_later(world, region, id);
}

fn forget_later(world: &mut World, region: &str, id: &str) {
    let (region, id) = (region.to_owned(), id.to_owned());
    world.after(SHOWN_AFTERWARDS, move |world| {
        world.region(&region).ec2.nat_gateways.remove(&id);
    });
}

/// Routes to it stay, as black holes; its address is let go only when it is `deleted`, and stays
/// allocated. Deleting one that is deleting or deleted changes nothing.
///
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteNatGateway.html>
fn delete(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let id = ctx.params.required("NatGatewayId")?;
    let nat = NAT_GATEWAY.find_mut(id, &mut world.region(&ctx.region).ec2.nat_gateways)?;
    if nat.state != "deleting" && nat.state != "deleted" {
        nat.state = "deleting".to_owned();
        let interfaces: Vec<String> = nat.interface.iter().cloned().collect();
        unattached::let_go_before(world, &ctx.region, &interfaces, DELETE_TAKES);
        let (region, id) = (ctx.region.clone(), id.to_owned());
        world.after(DELETE_TAKES, move |world| finish_deleting(world, &region, &id));
    }
    let mut xml = Xml::new();
    xml.text("natGatewayId", id);
    Ok(xml.into())
}

fn finish_deleting(world: &mut World, region: &str, id: &str) {
    let now = world.clock.now();
    let Some(nat) = world.region(region).ec2.nat_gateways.get_mut(id) else { return };
    nat.state = "deleted".to_owned();
    nat.deleted = Some(now);
    if let Some(interface) = nat.interface.clone() {
        release_interface(world, region, &interface);
    }
    forget_later(world, region, id);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ec2::lab::Lab;

    fn state(lab: &mut Lab, nat: &str) -> String {
        lab.get("DescribeNatGateways", &[("NatGatewayId.1", nat)], "state")
    }

    #[test]
    fn a_gateway_goes_through_its_states_and_its_row_outlives_it() {
        let mut lab = Lab::new();
        let (_, subnet, _) = lab.public_subnet();
        let address = lab.get("AllocateAddress", &[], "allocationId");
        let params = [("SubnetId", subnet.as_str()), ("AllocationId", &address)];
        let nat = lab.get("CreateNatGateway", &params, "natGatewayId");
        assert_eq!(state(&mut lab, &nat), "pending");
        lab.pass(CREATE_TAKES);
        assert_eq!(state(&mut lab, &nat), "available");
        lab.ok("DeleteNatGateway", &[("NatGatewayId", &nat)]);
        lab.refused("DeleteSubnet", &[("SubnetId", &subnet)], "DependencyViolation");
        assert_eq!(state(&mut lab, &nat), "deleting");
        lab.pass(DELETE_TAKES);
        assert_eq!(state(&mut lab, &nat), "deleted");
        lab.ok("DeleteNatGateway", &[("NatGatewayId", &nat)]);
        assert_eq!(state(&mut lab, &nat), "deleted");
        lab.ok("DeleteSubnet", &[("SubnetId", &subnet)]);
        lab.pass(SHOWN_AFTERWARDS);
        lab.refused("DescribeNatGateways", &[("NatGatewayId.1", &nat)], "NatGatewayNotFound");
    }

    #[test]
    fn its_interface_is_marked_as_its_own() {
        let mut lab = Lab::new();
        let (_, subnet, _) = lab.public_subnet();
        let (nat, address) = lab.nat(&subnet);
        let of = [("Filter.1.Name", "interface-type"), ("Filter.1.Value.1", "nat_gateway")];
        let row = lab.ok("DescribeNetworkInterfaces", &of);
        assert!(row.contains(&format!("<description>Interface for NAT Gateway {nat}</description>")));
        assert!(row.contains("<requesterManaged>true</requesterManaged>"));
        assert!(row.contains(&format!("<allocationId>{address}</allocationId>")));
    }

    #[test]
    fn without_an_internet_gateway_it_fails_and_vanishes() {
        let mut lab = Lab::new();
        let (_, subnet) = lab.vpc_with_subnet();
        let (nat, address) = lab.nat(&subnet);
        let of = [("NatGatewayId.1", nat.as_str())];
        assert_eq!(state(&mut lab, &nat), "failed");
        assert_eq!(lab.get("DescribeNatGateways", &of, "failureCode"), "Gateway.NotAttached");
        lab.ok("ReleaseAddress", &[("AllocationId", &address)]);
        lab.pass(SHOWN_AFTERWARDS);
        lab.refused("DescribeNatGateways", &of, "NatGatewayNotFound");
    }

    #[test]
    fn an_address_that_is_taken_makes_it_fail() {
        let mut lab = Lab::new();
        let (_, subnet, _) = lab.public_subnet();
        let (_, address) = lab.nat(&subnet);
        let params = [("SubnetId", subnet.as_str()), ("AllocationId", &address)];
        let second = lab.get("CreateNatGateway", &params, "natGatewayId");
        lab.pass(CREATE_TAKES);
        let of = [("NatGatewayId.1", second.as_str())];
        assert_eq!(lab.get("DescribeNatGateways", &of, "failureCode"), "Resource.AlreadyAssociated");
        assert!(lab.all("DescribeNatGateways", &of, "associationId").is_empty());
    }

    #[test]
    fn a_repeated_token_gives_the_same_gateway() {
        let mut lab = Lab::new();
        let (_, subnet, _) = lab.public_subnet();
        let address = lab.get("AllocateAddress", &[], "allocationId");
        let params = [("SubnetId", subnet.as_str()), ("AllocationId", &address), ("ClientToken", "t")];
        let first = lab.get("CreateNatGateway", &params, "natGatewayId");
        assert_eq!(lab.get("CreateNatGateway", &params, "natGatewayId"), first);
    }

    #[test]
    fn the_quota_counts_by_zone_and_until_deleted() {
        let mut lab = Lab::new();
        let (_, subnet, _) = lab.public_subnet();
        let private = [("SubnetId", subnet.as_str()), ("ConnectivityType", "private")];
        let first = lab.get("CreateNatGateway", &private, "natGatewayId");
        for _ in 0..4 {
            lab.ok("CreateNatGateway", &private);
        }
        lab.refused("CreateNatGateway", &private, "NatGatewayLimitExceeded");
        lab.ok("DeleteNatGateway", &[("NatGatewayId", &first)]);
        lab.refused("CreateNatGateway", &private, "NatGatewayLimitExceeded");
        lab.pass(DELETE_TAKES);
        lab.ok("CreateNatGateway", &private);
    }
}
