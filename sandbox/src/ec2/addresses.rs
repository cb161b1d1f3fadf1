//! Elastic IPs.

use super::describe::{Kind, Pages, View, describe, one, optional};
use super::noun::{self, ALLOCATION, INSTANCE, INTERFACE};
use super::tags::{checked, done};
use crate::error::{AwsError, AwsResult};
use crate::protocol::{Answer, Ctx};
use crate::quotas::table;
use crate::service::Operation;
use crate::stores::ec2::{Address, Ec2};
use crate::tags::Tags;
use crate::world::World;
use crate::xml::Xml;

pub(crate) const OPERATIONS: &[(&str, Operation)] = &[
    ("AllocateAddress", allocate),
    ("AssociateAddress", associate),
    ("DescribeAddresses", describe_addresses),
    ("DisassociateAddress", disassociate),
    ("ReleaseAddress", release),
];

static KIND: Kind<Address> = Kind {
    noun: &ALLOCATION,
    ids: "AllocationId",
    set: "addressesSet",
    pages: Pages::None,
    facts: &[
        ("allocation-id", |_, id, _| one(id)),
        ("association-id", |_, _, address| optional(address.association.as_ref())),
        ("domain", |_, _, _| one("vpc")),
        ("instance-id", |_, _, address| optional(address.instance.as_ref())),
        ("network-border-group", |view, _, _| one(view.region)),
        ("network-interface-id", |_, _, address| optional(address.interface.as_ref())),
        ("network-interface-owner-id", |view, _, address| {
            optional(address.interface.as_ref().map(|_| view.account))
        }),
        ("private-ip-address", |view, _, address| optional(private_ip(view.ec2, address))),
        ("public-ip", |_, _, address| one(&address.public_ip)),
    ],
    tags: |address| &address.tags,
    records: |ec2| &ec2.addresses,
    write,
};

fn private_ip<'a>(ec2: &'a Ec2, address: &Address) -> Option<&'a String> {
    Some(&ec2.interfaces.get(address.interface.as_ref()?)?.private_ip)
}

fn write(view: &View<'_>, xml: &mut Xml, id: &str, address: &Address) {
    xml.text("publicIp", &address.public_ip).text("allocationId", id).text("domain", "vpc");
    xml.maybe("instanceId", address.instance.as_ref());
    xml.maybe("associationId", address.association.as_ref());
    if let Some(interface) = &address.interface {
        xml.text("networkInterfaceId", interface).text("networkInterfaceOwnerId", view.account);
    }
    xml.maybe("privateIpAddress", private_ip(view.ec2, address));
    xml.maybe("serviceManaged", address.service_managed.as_ref());
    xml.text("publicIpv4Pool", "amazon").text("networkBorderGroup", view.region).tags(&address.tags);
}

/// By allocation ids, by public addresses, or all.
///
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeAddresses.html>
fn describe_addresses(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let ips = ctx.params.list("PublicIp");
    if ips.is_empty() {
        return describe(world, ctx, &KIND);
    }
    let ec2 = &world.region(&ctx.region).ec2;
    let mut params = ctx.params.clone();
    for (place, ip) in ips.iter().enumerate() {
        let found = ec2.addresses.iter().find(|(_, address)| address.public_ip == *ip);
        params.set(&format!("AllocationId.{}", place + 1000), found.ok_or_else(|| unknown_ip(ip))?.0);
    }
    describe(world, &Ctx { params, ..ctx.clone() }, &KIND)
}

fn unknown_ip(ip: &str) -> AwsError {
    AwsError::new("InvalidAddress.NotFound", format!("Address '{ip}' not found."))
}

/// Takes a new address, if the quota permits, and gives its allocation id.
///
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>: `AddressLimitExceeded`.
/// Addresses that a service manages for itself are told apart by `service_managed`.
pub(crate) fn take_address(world: &mut World, region: &str, tags: Tags) -> AwsResult<String> {
    let most = world.quotas.limit(region, table::ADDRESSES);
    if world.region(region).ec2.addresses.len() >= most {
        let text = "The maximum number of addresses has been reached.";
        return Err(AwsError::new("AddressLimitExceeded", text));
    }
    let id = world.ids.ec2("eipalloc");
    let public_ip = next_public_ip(world);
    let address = Address { public_ip, tags, ..Address::default() };
    world.region(region).ec2.addresses.insert(id.clone(), address);
    Ok(id)
}

/// A public address that nobody has yet, from the ranges kept for documentation and benchmarks, so
/// that none is a real machine's: <https://www.rfc-editor.org/rfc/rfc2544>.
pub(crate) fn next_public_ip(world: &mut World) -> String {
    world.public_addresses += 1;
    std::net::Ipv4Addr::from(0xc612_0000 + world.public_addresses % 0x2_0000).to_string()
}

fn allocate(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let tags = checked(ctx.params.tag_specifications("elastic-ip"))?;
    let id = take_address(world, &ctx.region, tags)?;
    let address = &world.region(&ctx.region).ec2.addresses[&id];
    let mut xml = Xml::new();
    xml.text("publicIp", &address.public_ip).text("allocationId", &id).text("domain", "vpc");
    xml.text("publicIpv4Pool", "amazon").text("networkBorderGroup", &ctx.region);
    Ok(xml.into())
}

/// Puts an address on an interface, whose owner may be a service; gives the association id.
/// An instance's own address of AWS's pool gives way.
///
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/elastic-ip-addresses-eip.html>
pub(crate) fn bind_address(
    world: &mut World,
    region: &str,
    allocation: &str,
    interface: &str,
) -> AwsResult<String> {
    let association = world.ids.ec2("eipassoc");
    let ec2 = &mut world.region(region).ec2;
    let eni = INTERFACE.find_mut(interface, &mut ec2.interfaces)?;
    eni.auto_public_ip = None;
    let instance = eni.attachment.as_ref().and_then(|attachment| attachment.instance.clone());
    let address = ALLOCATION.find_mut(allocation, &mut ec2.addresses)?;
    address.association = Some(association.clone());
    address.interface = Some(interface.to_owned());
    address.instance = instance;
    Ok(association)
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateAddress.html>
fn associate(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let allocation = ctx.params.required("AllocationId")?;
    let ec2 = &world.region(&ctx.region).ec2;
    let address = ALLOCATION.find(allocation, &ec2.addresses)?;
    if address.service_managed.is_some() || held_by_service(ec2, address) {
        return Err(noun::not_yours());
    }
    let movable = ctx.params.get("AllowReassociation").is_none() || ctx.params.bool("AllowReassociation");
    if let Some(association) = address.association.as_ref().filter(|_| !movable) {
        let text = format!("resource {allocation} is already associated with associate-id {association}");
        return Err(AwsError::new("Resource.AlreadyAssociated", text));
    }
    let interface = match (ctx.params.get("NetworkInterfaceId"), ctx.params.get("InstanceId")) {
        (Some(interface), _) => interface.to_owned(),
        (None, Some(instance)) => {
            let machine = INSTANCE.find(instance, &ec2.instances)?;
            let none =
                || AwsError::new("InvalidInstanceID", format!("The instance '{instance}' has no interface"));
            machine.interfaces.first().cloned().ok_or_else(none)?
        }
        (None, None) => ctx.params.required("NetworkInterfaceId")?.to_owned(),
    };
    let eni = INTERFACE.find(&interface, &ec2.interfaces)?;
    if eni.requester_managed {
        return Err(noun::not_yours());
    }
    let vpc = eni.vpc.as_str();
    if !ec2.internet_gateways.values().any(|gateway| gateway.vpc.as_deref() == Some(vpc)) {
        let text = format!("Network {vpc} is not attached to any internet gateway");
        return Err(AwsError::new("Gateway.NotAttached", text));
    }
    let association = bind_address(world, &ctx.region, allocation, &interface)?;
    let mut xml = Xml::new();
    xml.text("return", true).text("associationId", association);
    Ok(xml.into())
}

/// Whether the address is on an interface that one of AWS's services manages.
fn held_by_service(ec2: &Ec2, address: &Address) -> bool {
    let interface = address.interface.as_ref().and_then(|id| ec2.interfaces.get(id));
    interface.is_some_and(|interface| interface.requester_managed)
}

/// An address under a NAT gateway or another service's interface is not the caller's to take off.
/// Ending an association again is no error.
///
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisassociateAddress.html>,
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/requester-managed-eni.html>.
fn disassociate(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let association = ctx.params.get("AssociationId");
    let ip = ctx.params.get("PublicIp");
    let ec2 = &mut world.region(&ctx.region).ec2;
    let found = ec2.addresses.iter().find(|(_, address)| match association {
        Some(association) => address.association.as_deref() == Some(association),
        None => ip == Some(address.public_ip.as_str()),
    });
    let Some((id, address)) = found else {
        if association.is_some_and(|association| ec2.ended_associations.contains(association)) {
            return Ok(done());
        }
        return Err(match association {
            Some(association) => noun::unknown_association(association),
            None => unknown_ip(ip.unwrap_or_default()),
        });
    };
    if held_by_service(ec2, address) {
        return Err(noun::not_yours());
    }
    let id = id.clone();
    let address = ALLOCATION.find_mut(&id, &mut ec2.addresses)?;
    (address.interface, address.instance) = (None, None);
    ec2.ended_associations.extend(address.association.take());
    Ok(done())
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ReleaseAddress.html>: what is associated
/// must be disassociated first (`InvalidIPAddress.InUse`); what a service holds answers `AuthFailure`.
fn release(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let id = ctx.params.required("AllocationId")?;
    let ec2 = &mut world.region(&ctx.region).ec2;
    let address = ALLOCATION.find(id, &ec2.addresses)?;
    if address.service_managed.is_some() || held_by_service(ec2, address) {
        return Err(noun::not_yours());
    }
    if address.association.is_some() {
        let text = format!("Address {} is in use.", address.public_ip);
        return Err(AwsError::new("InvalidIPAddress.InUse", text));
    }
    ec2.addresses.remove(id);
    Ok(done())
}

#[cfg(test)]
mod tests {
    use crate::ec2::lab::{Lab, REGION};
    use crate::ec2::nat_gateways::DELETE_TAKES;

    #[test]
    fn the_quota_is_five_and_a_release_makes_room() {
        let mut lab = Lab::new();
        let first = lab.get("AllocateAddress", &[], "allocationId");
        for _ in 0..4 {
            lab.ok("AllocateAddress", &[]);
        }
        let refusal = lab.refused("AllocateAddress", &[], "AddressLimitExceeded");
        assert_eq!(refusal.message, "The maximum number of addresses has been reached.");
        lab.ok("ReleaseAddress", &[("AllocationId", &first)]);
        lab.ok("AllocateAddress", &[]);
        lab.refused("ReleaseAddress", &[("AllocationId", &first)], "InvalidAllocationID.NotFound");
    }

    #[test]
    fn an_associated_address_is_released_only_after_it_is_disassociated() {
        let mut lab = Lab::new();
        let (_, subnet, _) = lab.public_subnet();
        let eni = lab.get("CreateNetworkInterface", &[("SubnetId", &subnet)], "networkInterfaceId");
        let address = lab.get("AllocateAddress", &[], "allocationId");
        let both = [("AllocationId", address.as_str()), ("NetworkInterfaceId", &eni)];
        let association = lab.get("AssociateAddress", &both, "associationId");
        let fixed = [both[0], both[1], ("AllowReassociation", "false")];
        lab.refused("AssociateAddress", &fixed, "Resource.AlreadyAssociated");
        let ip = lab.get("DescribeAddresses", &[("AllocationId.1", &address)], "publicIp");
        let refusal = lab.refused("ReleaseAddress", &[("AllocationId", &address)], "InvalidIPAddress.InUse");
        assert_eq!(refusal.message, format!("Address {ip} is in use."));
        lab.ok("DisassociateAddress", &[("AssociationId", &association)]);
        lab.ok("DisassociateAddress", &[("AssociationId", &association)]);
        let never = [("AssociationId", "eipassoc-00000000000000000")];
        lab.refused("DisassociateAddress", &never, "InvalidAssociationID.NotFound");
        lab.ok("ReleaseAddress", &[("AllocationId", &address)]);
        lab.refused("DescribeAddresses", &[("PublicIp.1", &ip)], "InvalidAddress.NotFound");
    }

    #[test]
    fn an_address_under_a_nat_gateway_is_neither_taken_off_nor_released() {
        let mut lab = Lab::new();
        let (_, subnet, _) = lab.public_subnet();
        let (nat, address) = lab.nat(&subnet);
        let of = [("AllocationId.1", address.as_str())];
        let association = lab.get("DescribeAddresses", &of, "associationId");
        let release = [("AllocationId", address.as_str())];
        let refusal = lab.refused("ReleaseAddress", &release, "AuthFailure");
        assert_eq!(refusal.message, "You do not have permission to access the specified resource.");
        lab.refused("DisassociateAddress", &[("AssociationId", &association)], "AuthFailure");
        lab.ok("DeleteNatGateway", &[("NatGatewayId", &nat)]);
        lab.refused("ReleaseAddress", &release, "AuthFailure");
        lab.pass(DELETE_TAKES);
        assert!(lab.all("DescribeAddresses", &of, "associationId").is_empty());
        lab.ok("ReleaseAddress", &release);
    }

    #[test]
    fn an_address_that_a_service_manages_is_not_the_callers_to_release() {
        let mut lab = Lab::new();
        let address = lab.get("AllocateAddress", &[], "allocationId");
        let records = &mut lab.world.region(REGION).ec2.addresses;
        records.get_mut(&address).unwrap().service_managed = Some("alb".into());
        lab.refused("ReleaseAddress", &[("AllocationId", &address)], "AuthFailure");
    }

    #[test]
    fn an_address_needs_an_internet_gateway_to_be_associated() {
        let mut lab = Lab::new();
        let (_, subnet) = lab.vpc_with_subnet();
        let eni = lab.get("CreateNetworkInterface", &[("SubnetId", &subnet)], "networkInterfaceId");
        let address = lab.get("AllocateAddress", &[], "allocationId");
        let both = [("AllocationId", address.as_str()), ("NetworkInterfaceId", &eni)];
        lab.refused("AssociateAddress", &both, "Gateway.NotAttached");
    }

    #[test]
    fn no_two_regions_share_a_public_address() {
        let mut lab = Lab::new();
        let mut seen = std::collections::BTreeSet::new();
        for region in ["us-east-1", "us-west-2", "eu-west-1"] {
            lab.world.quotas.apply(region, crate::quotas::table::ADDRESSES, 600.0);
            for _ in 0..600 {
                let answer = lab.world.call("ec2", region, "AllocateAddress", &[]).unwrap();
                let ip = crate::xml::text_of(&answer, "publicIp").unwrap();
                assert!(seen.insert(ip.clone()), "{ip} was given twice");
            }
        }
    }
}
