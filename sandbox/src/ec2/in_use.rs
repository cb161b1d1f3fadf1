//! What stands in the way of a deletion: the questions that AWS asks before it deletes.

use super::interfaces::elastic_ip;
use super::peerings;
use crate::stores::ec2::{Ec2, Interface};

/// The interfaces in this subnet, of whatever owner. Any of them keeps the subnet.
///
/// <https://docs.aws.amazon.com/vpc/latest/userguide/subnet-deleting.html>
pub(crate) fn interfaces_in_subnet(ec2: &Ec2, subnet: &str) -> Vec<String> {
    interfaces(ec2, |interface| interface.subnet == subnet)
}

/// The interfaces that use this security group.
pub(crate) fn interfaces_of_group(ec2: &Ec2, group: &str) -> Vec<String> {
    interfaces(ec2, |interface| interface.groups.contains(group))
}

/// What keeps a security group from being deleted: interfaces that use it, and other groups whose
/// rules name it. A rule of the group that names the group itself does not count.
///
/// <https://docs.aws.amazon.com/vpc/latest/userguide/deleting-security-groups.html>
pub(crate) fn users_of_group(ec2: &Ec2, group: &str) -> Vec<String> {
    let mut users = interfaces_of_group(ec2, group);
    let naming = ec2
        .rules
        .values()
        .filter(|rule| rule.group != group && rule.referenced_group.as_deref() == Some(group));
    users.extend(naming.map(|rule| rule.group.clone()));
    users.dedup();
    users
}

/// What keeps a VPC from being deleted. Its default group, default network ACL and main route table
/// do not: they go with it.
///
/// <https://docs.aws.amazon.com/vpc/latest/userguide/delete-vpc.html>. Whether a gateway endpoint
/// keeps a VPC is not documented for the API; here it does, which is the stricter belief.
pub(crate) fn parts_of_vpc(ec2: &Ec2, vpc: &str) -> Vec<String> {
    let mut parts = interfaces(ec2, |interface| interface.vpc == vpc);
    let mut add = |ids: Vec<&String>| parts.extend(ids.into_iter().cloned());
    add(ids(&ec2.subnets, |subnet| subnet.vpc == vpc));
    add(ids(&ec2.internet_gateways, |gateway| gateway.vpc.as_deref() == Some(vpc)));
    add(ids(&ec2.network_acls, |acl| acl.vpc == vpc && !acl.is_default));
    add(ids(&ec2.security_groups, |group| group.vpc == vpc && group.name != "default"));
    add(ids(&ec2.route_tables, |table| table.vpc == vpc && !table.is_main()));
    add(ids(&ec2.nat_gateways, |nat| nat.vpc == vpc && !["deleted", "failed"].contains(&nat.state.as_str())));
    add(ids(&ec2.endpoints, |endpoint| endpoint.vpc == vpc && endpoint.state != "deleted"));
    add(ids(&ec2.egress_gateways, |gateway| gateway.vpc == vpc));
    add(ids(&ec2.instances, |instance| instance.vpc == vpc && instance.state != "terminated"));
    // Named on the page, and in https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DetachVpnGateway.html:
    // the VPC can be deleted once the attachment is `detached`.
    add(ids(&ec2.vpn_gateways, |gateway| gateway.vpc() == Some(vpc)));
    add(ids(&ec2.carrier_gateways, |gateway| gateway.vpc == vpc));
    add(ids(&ec2.transit_attachments, |it| it.vpc == vpc && it.state != "deleted"));
    parts.extend(peerings::hold(ec2, vpc));
    parts
}

/// The interfaces of a VPC that have a public address, so that its internet gateway must stay.
///
/// <https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html>
pub(crate) fn public_interfaces(ec2: &Ec2, vpc: &str) -> Vec<String> {
    let public = |(id, interface): &(&String, &Interface)| {
        interface.vpc == vpc && (interface.auto_public_ip.is_some() || elastic_ip(ec2, id).is_some())
    };
    ec2.interfaces.iter().filter(public).map(|(id, _)| id.clone()).collect()
}

fn interfaces(ec2: &Ec2, which: impl Fn(&Interface) -> bool) -> Vec<String> {
    ids(&ec2.interfaces, which).into_iter().cloned().collect()
}

fn ids<T>(records: &std::collections::BTreeMap<String, T>, which: impl Fn(&T) -> bool) -> Vec<&String> {
    records.iter().filter(|(_, record)| which(record)).map(|(id, _)| id).collect()
}
