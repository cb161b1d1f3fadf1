//! Making and removing network interfaces, for EC2's own calls and for the services that keep
//! interfaces of their own in a subnet (NAT gateways, endpoints, load balancers, EKS).

use std::collections::BTreeSet;

use super::cidr::Cidr;
use super::noun;
use crate::error::{AwsError, AwsResult};
use crate::quotas::table;
use crate::stores::ec2::{Ec2, Interface, InterfaceAttachment};
use crate::world::World;

/// Every subnet keeps its first four addresses and its last for AWS:
/// <https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html>.
pub(crate) const RESERVED_ADDRESSES: u64 = 5;

/// Makes an interface from `spec`, of which `subnet` must be set; VPC, zone, owner, address and
/// status are filled in. An ordinary interface without groups gets the VPC's default group.
pub(crate) fn make_interface(world: &mut World, region: &str, spec: Interface) -> AwsResult<String> {
    let id = world.ids.ec2("eni");
    let owner = world.account.clone();
    let most = world.quotas.limit(region, table::INTERFACES);
    let groups_most = world.quotas.limit(region, table::GROUPS_PER_INTERFACE);
    let ec2 = &mut world.region(region).ec2;
    if ec2.interfaces.len() >= most {
        // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
        let text = "The maximum number of network interfaces has been reached.";
        return Err(AwsError::new("NetworkInterfaceLimitExceeded", text));
    }
    let subnet = noun::SUBNET.find(&spec.subnet, &ec2.subnets)?;
    let (vpc, zone) = (subnet.vpc.clone(), subnet.zone.clone());
    let private_ip = match spec.private_ip.as_str() {
        "" => free_address(ec2, &spec.subnet)?,
        wanted => claim_address(ec2, &spec.subnet, wanted)?,
    };
    let ordinary = !spec.requester_managed && spec.groups.is_empty();
    let groups = if ordinary {
        default_group(ec2, &vpc)
    } else {
        checked_groups(ec2, &vpc, spec.groups, groups_most)?
    };
    let status = if spec.attachment.is_some() { "in-use" } else { "available" };
    let kind = if spec.interface_type.is_empty() { "interface".to_owned() } else { spec.interface_type };
    let interface = Interface {
        vpc,
        zone,
        interface_type: kind,
        owner,
        status: status.to_owned(),
        private_ip,
        groups,
        ..spec
    };
    ec2.interfaces.insert(id.clone(), interface);
    Ok(id)
}

/// An attachment of the sort that AWS's services make: not to an instance of the account.
///
/// `owner` is `amazon-aws` or `amazon-elb`, as DescribeNetworkInterfaces shows it:
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/requester-managed-eni.html>.
pub(crate) fn service_attachment(world: &mut World, owner: &str) -> InterfaceAttachment {
    InterfaceAttachment {
        id: world.ids.ec2("ela-attach"),
        instance: None,
        instance_owner: owner.to_owned(),
        device_index: 1,
        delete_on_termination: false,
        attached: Some(world.clock.now()),
        detaching: false,
    }
}

/// Removes an interface, whoever owns it. An Elastic IP on it stays, no longer associated.
/// Removing one that is gone does nothing.
pub(crate) fn release_interface(world: &mut World, region: &str, id: &str) {
    let ec2 = &mut world.region(region).ec2;
    ec2.interfaces.remove(id);
    for address in ec2.addresses.values_mut().filter(|address| address.interface.as_deref() == Some(id)) {
        address.association = None;
        address.interface = None;
        address.instance = None;
    }
}

/// How many addresses of a subnet are free.
pub(crate) fn free_addresses(ec2: &Ec2, subnet: &str) -> u64 {
    let Some(cidr) = ec2.subnets.get(subnet).and_then(|subnet| Cidr::parse(&subnet.cidr)) else { return 0 };
    let taken = ec2.interfaces.values().filter(|interface| interface.subnet == subnet).count() as u64;
    cidr.size().saturating_sub(RESERVED_ADDRESSES + taken)
}

fn taken(ec2: &Ec2, subnet: &str) -> BTreeSet<String> {
    let inside = ec2.interfaces.values().filter(|interface| interface.subnet == subnet);
    inside.map(|interface| interface.private_ip.clone()).collect()
}

fn free_address(ec2: &Ec2, subnet: &str) -> AwsResult<String> {
    let none = || {
        let text = format!("The specified subnet does not have enough free addresses: {subnet}");
        AwsError::new("InsufficientFreeAddressesInSubnet", text)
    };
    let cidr = ec2.subnets.get(subnet).and_then(|subnet| Cidr::parse(&subnet.cidr)).ok_or_else(none)?;
    let taken = taken(ec2, subnet);
    let last = u32::try_from(cidr.size()).unwrap_or(u32::MAX).saturating_sub(1);
    (4..last)
        .map(|place| cidr.at(place).to_string())
        .find(|address| !taken.contains(address))
        .ok_or_else(none)
}

fn claim_address(ec2: &Ec2, subnet: &str, wanted: &str) -> AwsResult<String> {
    if taken(ec2, subnet).contains(wanted) {
        let text = format!("Address {wanted} is in use.");
        return Err(AwsError::new("InvalidIPAddress.InUse", text));
    }
    let range = ec2.subnets.get(subnet).and_then(|subnet| Cidr::parse(&subnet.cidr));
    let inside = range.zip(Cidr::parse(&format!("{wanted}/32"))).is_some_and(|(range, one)| range.holds(one));
    if !inside {
        let text = "Address does not fall within the subnet's address range";
        return Err(AwsError::new("InvalidParameterValue", text));
    }
    Ok(wanted.to_owned())
}

/// The default group of a VPC.
pub(crate) fn default_group(ec2: &Ec2, vpc: &str) -> BTreeSet<String> {
    let own = |group: &&crate::stores::ec2::SecurityGroup| group.vpc == vpc && group.name == "default";
    ec2.security_groups.iter().filter(|(_, group)| own(group)).map(|(id, _)| id.clone()).collect()
}

/// The groups, if all exist in this VPC and are not more than this.
///
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>:
/// `SecurityGroupsPerInterfaceLimitExceeded`.
pub(crate) fn checked_groups(
    ec2: &Ec2,
    vpc: &str,
    groups: BTreeSet<String>,
    most: usize,
) -> AwsResult<BTreeSet<String>> {
    for id in &groups {
        if noun::SECURITY_GROUP.find(id, &ec2.security_groups)?.vpc != vpc {
            let text = "You have specified two resources that belong to different networks.";
            return Err(AwsError::new("InvalidParameter", text));
        }
    }
    if groups.len() > most {
        let text = "The maximum number of security groups per interface has been reached.";
        return Err(AwsError::new("SecurityGroupsPerInterfaceLimitExceeded", text));
    }
    Ok(groups)
}
