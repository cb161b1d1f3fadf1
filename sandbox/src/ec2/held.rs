//! Interfaces and groups that load balancers, control planes and instances hold in a VPC.
//!
//! What a user may do with interfaces and groups is in the network files.

use std::collections::BTreeSet;

use super::addresses::next_public_ip;
use super::make_interfaces::service_attachment;
use super::{in_use, security_groups, unattached};
use crate::error::AwsResult;
use crate::stores::ec2::{Interface, InterfaceAttachment, Rule};
use crate::tags::Tags;
use crate::world::World;

/// Whether an interface gets a public address of its own (not an Elastic IP).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PublicAddress {
    /// It stays private.
    #[default]
    No,
    /// It gets one, which goes with it.
    Own,
}

/// An interface that a service makes for itself in a user's subnet.
#[derive(Debug, Clone)]
pub(crate) struct ServiceInterface {
    /// The subnet it lies in.
    pub subnet: String,
    /// Its description: the mark by which its owner is known.
    pub description: String,
    /// `interface`, `network_load_balancer`, …
    pub interface_type: &'static str,
    /// The service on whose behalf it is made.
    pub requester: &'static str,
    /// The owner of what it is attached to: `amazon-elb`, `amazon-aws`.
    pub attached_by: &'static str,
    /// Its groups.
    pub groups: BTreeSet<String>,
    /// Whether it has a public address.
    pub public: PublicAddress,
}

/// Makes an interface that only its service may remove:
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/requester-managed-eni.html>.
pub(crate) fn make_for_service(world: &mut World, region: &str, new: ServiceInterface) -> AwsResult<String> {
    let attachment = service_attachment(world, new.attached_by);
    let auto_public_ip = public_address(world, new.public);
    let interface = Interface {
        subnet: new.subnet,
        description: new.description,
        interface_type: new.interface_type.to_owned(),
        requester_managed: true,
        requester_id: Some(new.requester.to_owned()),
        groups: new.groups,
        attachment: Some(attachment),
        auto_public_ip,
        ..Default::default()
    };
    unattached::make(world, region, interface)
}

/// An instance's first interface, before it is made. It goes with the instance:
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-eni.html>.
pub(crate) fn first_of_instance(
    world: &mut World,
    instance: &str,
    subnet: &str,
    groups: BTreeSet<String>,
    tags: Tags,
) -> Interface {
    Interface {
        subnet: subnet.to_owned(),
        groups,
        attachment: Some(InterfaceAttachment {
            id: world.ids.ec2("eni-attach"),
            instance: Some(instance.to_owned()),
            instance_owner: world.account.clone(),
            device_index: 0,
            delete_on_termination: true,
            attached: Some(world.clock.now()),
            ..Default::default()
        }),
        tags,
        ..Default::default()
    }
}

/// The public address that an interface is to get.
pub(crate) fn public_address(world: &mut World, public: PublicAddress) -> Option<String> {
    match public {
        PublicAddress::No => None,
        PublicAddress::Own => Some(next_public_ip(world)),
    }
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

/// Removes a group, unless something else holds it: then it stays behind, as on AWS.
pub(crate) fn remove_group_if_free(world: &mut World, region: &str, group: &str) {
    if in_use::users_of_group(&world.region(region).ec2, group).is_empty() {
        // It may be gone already; then there is nothing to do.
        let _gone = security_groups::remove_security_group(world, region, group);
    }
}
