//! Interfaces and groups that AWS services and instances hold in a VPC, and give up again.
//!
//! What a user may do with interfaces and groups is in the network files.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use super::noun::{SUBNET, VPC};
use super::store::{Ec2, Interface, InterfaceAttachment, Rule, SecurityGroup};
use crate::sandbox::World;
use crate::sandbox::error::AwsResult;
use crate::sandbox::world::Tags;

/// Whether an interface gets a public address of its own (not an Elastic IP).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PublicAddress {
    /// It stays private.
    #[default]
    No,
    /// It gets one, which goes with it.
    Own,
}

/// What an interface is made from.
#[derive(Debug, Clone, Default)]
pub struct NewInterface {
    /// The subnet it lies in.
    pub subnet: String,
    /// Its description: the mark by which its owner is known.
    pub description: String,
    /// `interface`, `network_load_balancer`, …
    pub interface_type: String,
    /// The service on whose behalf AWS made it; it is then requester-managed:
    /// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/requester-managed-eni.html>.
    pub requester: Option<String>,
    /// Its groups.
    pub groups: BTreeSet<String>,
    /// The owner of what it is attached to: `amazon-elb`, `amazon-aws`, or the account itself.
    pub attached_by: Option<String>,
    /// The instance it is the first interface of; it goes with the instance.
    pub instance: Option<String>,
    /// Whether it has a public address.
    pub public: PublicAddress,
    /// Its tags.
    pub tags: Tags,
}

/// What a security group is made from.
#[derive(Debug, Clone, Default)]
pub struct NewGroup {
    /// Its VPC.
    pub vpc: String,
    /// Its name.
    pub name: String,
    /// Its description.
    pub description: String,
    /// Its tags.
    pub tags: Tags,
}

/// Makes an interface, in use from the start if it is attached to something.
pub(crate) fn make_interface(world: &mut World, region: &str, new: NewInterface) -> AwsResult<String> {
    let id = world.ids.ec2("eni");
    let attachment_id =
        world.ids.ec2(if new.interface_type == "interface" { "eni-attach" } else { "ela-attach" });
    let public = (new.public == PublicAddress::Own).then(|| public_address(world));
    let (account, now) = (world.account.clone(), world.clock.now());
    let ec2 = &mut world.region(region).ec2;
    let subnet = ec2.subnets.get(&new.subnet).cloned().ok_or_else(|| SUBNET.unknown(&new.subnet))?;
    let attachment = new.attached_by.map(|owner| InterfaceAttachment {
        id: attachment_id,
        delete_on_termination: new.instance.is_some(),
        instance: new.instance,
        instance_owner: owner,
        device_index: 0,
        attached: Some(now),
    });
    let taken = ec2.interfaces.values().filter(|other| other.subnet == new.subnet);
    let private_ip = free_address(&subnet.cidr, &taken.map(|other| other.private_ip.clone()).collect());
    let interface = Interface {
        vpc: subnet.vpc,
        zone: subnet.zone,
        description: new.description,
        interface_type: new.interface_type,
        requester_managed: new.requester.is_some(),
        requester_id: new.requester,
        owner: account,
        status: if attachment.is_some() { "in-use" } else { "available" }.to_owned(),
        private_ip,
        groups: new.groups,
        attachment,
        auto_public_ip: public,
        tags: new.tags,
        subnet: new.subnet,
    };
    ec2.interfaces.insert(id.clone(), interface);
    Ok(id)
}

/// Removes an interface, as its owner does; an Elastic IP on it becomes free.
pub(crate) fn remove_interface(world: &mut World, region: &str, id: &str) {
    let ec2 = &mut world.region(region).ec2;
    ec2.interfaces.remove(id);
    for address in ec2.addresses.values_mut().filter(|address| address.interface.as_deref() == Some(id)) {
        address.association = None;
        address.interface = None;
        address.instance = None;
    }
}

/// Makes a group with the rule every new one has: all traffic out.
/// <https://docs.aws.amazon.com/vpc/latest/userguide/default-custom-security-groups.html>
pub(crate) fn make_group(world: &mut World, region: &str, new: NewGroup) -> AwsResult<String> {
    let (id, rule) = (world.ids.ec2("sg"), world.ids.ec2("sgr"));
    let owner = world.account.clone();
    let ec2 = &mut world.region(region).ec2;
    if !ec2.vpcs.contains_key(&new.vpc) {
        return Err(VPC.unknown(&new.vpc));
    }
    let group =
        SecurityGroup { name: new.name, description: new.description, vpc: new.vpc, owner, tags: new.tags };
    let out = Rule {
        group: id.clone(),
        egress: true,
        protocol: "-1".to_owned(),
        from_port: -1,
        to_port: -1,
        cidr: Some("0.0.0.0/0".to_owned()),
        ..Default::default()
    };
    ec2.rules.insert(rule, out);
    ec2.security_groups.insert(id.clone(), group);
    Ok(id)
}

/// Adds the rule that members of a group may reach each other.
pub(crate) fn allow_from_itself(world: &mut World, region: &str, group: &str) {
    let id = world.ids.ec2("sgr");
    let rule = Rule {
        group: group.to_owned(),
        protocol: "-1".to_owned(),
        from_port: -1,
        to_port: -1,
        referenced_group: Some(group.to_owned()),
        ..Default::default()
    };
    world.region(region).ec2.rules.insert(id, rule);
}

/// Removes a group, unless an interface uses it or another group's rule names it.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteSecurityGroup.html>
pub(crate) fn remove_group_if_free(world: &mut World, region: &str, group: &str) {
    let ec2 = &mut world.region(region).ec2;
    let used = ec2.interfaces.values().any(|interface| interface.groups.contains(group));
    let named =
        ec2.rules.values().any(|rule| rule.group != group && rule.referenced_group.as_deref() == Some(group));
    if !used && !named {
        ec2.security_groups.remove(group);
        ec2.rules.retain(|_, rule| rule.group != group);
    }
}

/// The group that a VPC has from the start:
/// <https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html>.
pub(crate) fn default_group(ec2: &Ec2, vpc: &str) -> Option<String> {
    let default = |group: &SecurityGroup| group.vpc == vpc && group.name == "default";
    ec2.security_groups.iter().find(|(_, group)| default(group)).map(|(id, _)| id.clone())
}

/// Gives an Elastic IP to an interface, as its owner does.
pub(crate) fn associate(world: &mut World, region: &str, allocation: &str, interface: &str) {
    let association = world.ids.ec2("eipassoc");
    if let Some(address) = world.region(region).ec2.addresses.get_mut(allocation) {
        address.association = Some(association);
        address.interface = Some(interface.to_owned());
    }
}

/// The first address of a block that nobody has; AWS keeps the first four for itself:
/// <https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html>.
fn free_address(cidr: &str, taken: &BTreeSet<String>) -> String {
    let base = cidr.split('/').next().and_then(|base| base.parse().ok()).unwrap_or(Ipv4Addr::UNSPECIFIED);
    let addresses = (4..).map(|offset| Ipv4Addr::from_bits(base.to_bits().wrapping_add(offset)).to_string());
    addresses.into_iter().find(|address| !taken.contains(address)).unwrap_or_default()
}

fn public_address(world: &mut World) -> String {
    let bits = u32::from_str_radix(&world.ids.hex(6), 16).unwrap_or_default();
    Ipv4Addr::from_bits(0x0300_0000 | bits).to_string()
}
