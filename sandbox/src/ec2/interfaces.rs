//! Network interfaces: describing, creating, attaching, detaching, deleting.

use std::time::Duration;

use super::defaults::zone_id;
use super::describe::{Kind, Pages, View, describe, many, one, optional};
use super::make_interfaces::{checked_groups, make_interface, release_interface};
use super::noun::{self, INSTANCE, INTERFACE};
use super::tags::{checked, done};
use super::unattached;
use crate::error::{AwsError, AwsResult};
use crate::protocol::{Answer, Ctx};
use crate::quotas::table;
use crate::service::Operation;
use crate::stores::ec2::{Address, Ec2, Interface, InterfaceAttachment};
use crate::world::World;
use crate::xml::Xml;

/// How long an interface is `detaching`: seconds to a minute, customary knowledge. The SDK's waiter
/// `NetworkInterfaceAvailable` polls every 20 s.
pub(crate) const DETACH_TAKES: Duration = Duration::from_secs(5);

pub(crate) const OPERATIONS: &[(&str, Operation)] = &[
    ("AttachNetworkInterface", attach),
    ("CreateNetworkInterface", create),
    ("DeleteNetworkInterface", delete),
    ("DescribeNetworkInterfaces", |world, ctx| describe(world, ctx, &KIND)),
    ("DetachNetworkInterface", detach),
    ("ModifyNetworkInterfaceAttribute", modify),
];

static KIND: Kind<Interface> = Kind {
    noun: &INTERFACE,
    ids: "NetworkInterfaceId",
    set: "networkInterfaceSet",
    // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNetworkInterfaces.html
    pages: Pages::OfUnlessIds(1000),
    facts: &[
        ("addresses.private-ip-address", |_, _, eni| one(&eni.private_ip)),
        ("association.allocation-id", |view, id, _| optional(view.elastic_ip(id).map(|(id, _)| id))),
        ("association.association-id", |view, id, _| {
            optional(view.elastic_ip(id).and_then(|(_, address)| address.association.as_ref()))
        }),
        ("association.public-ip", |view, id, eni| optional(public_ip(view, id, eni))),
        ("attachment.attachment-id", |_, _, eni| attachment(eni, |one| Some(one.id.clone()))),
        ("attachment.delete-on-termination", |_, _, eni| {
            attachment(eni, |one| Some(one.delete_on_termination.to_string()))
        }),
        ("attachment.device-index", |_, _, eni| attachment(eni, |one| Some(one.device_index.to_string()))),
        ("attachment.instance-id", |_, _, eni| attachment(eni, |one| one.instance.clone())),
        ("attachment.instance-owner-id", |_, _, eni| attachment(eni, |one| Some(one.instance_owner.clone()))),
        ("attachment.status", |_, _, eni| attachment(eni, |one| Some(attachment_status(one).to_owned()))),
        ("availability-zone", |_, _, eni| one(&eni.zone)),
        ("description", |_, _, eni| one(&eni.description)),
        ("group-id", |_, _, eni| many(&eni.groups)),
        ("group-name", |view, _, eni| {
            many(eni.groups.iter().filter_map(|id| Some(&view.ec2.security_groups.get(id)?.name)))
        }),
        ("interface-type", |_, _, eni| one(&eni.interface_type)),
        ("network-interface-id", |_, id, _| one(id)),
        ("owner-id", |_, _, eni| one(&eni.owner)),
        ("private-ip-address", |_, _, eni| one(&eni.private_ip)),
        ("requester-id", |_, _, eni| optional(eni.requester_id.as_ref())),
        ("requester-managed", |_, _, eni| one(eni.requester_managed)),
        ("status", |_, _, eni| one(&eni.status)),
        ("subnet-id", |_, _, eni| one(&eni.subnet)),
        ("vpc-id", |_, _, eni| one(&eni.vpc)),
    ],
    tags: |eni| &eni.tags,
    records: |ec2| &ec2.interfaces,
    write,
};

fn attachment(eni: &Interface, of: impl Fn(&InterfaceAttachment) -> Option<String>) -> Vec<String> {
    optional(eni.attachment.as_ref().and_then(of))
}

fn attachment_status(attachment: &InterfaceAttachment) -> &'static str {
    if attachment.detaching { "detaching" } else { "attached" }
}

/// The Elastic IP on an interface, with its allocation id.
pub(crate) fn elastic_ip<'a>(ec2: &'a Ec2, interface: &str) -> Option<(&'a String, &'a Address)> {
    ec2.addresses.iter().find(|(_, address)| address.interface.as_deref() == Some(interface))
}

fn public_ip<'a>(view: &'a View<'_>, id: &str, eni: &'a Interface) -> Option<&'a String> {
    view.elastic_ip(id).map(|(_, address)| &address.public_ip).or(eni.auto_public_ip.as_ref())
}

fn write(view: &View<'_>, xml: &mut Xml, id: &str, eni: &Interface) {
    xml.text("networkInterfaceId", id).text("subnetId", &eni.subnet).text("vpcId", &eni.vpc);
    xml.text("availabilityZone", &eni.zone);
    xml.maybe("availabilityZoneId", zone_id(view.region, &eni.zone));
    xml.text("description", &eni.description).text("ownerId", &eni.owner);
    xml.maybe("requesterId", eni.requester_id.as_ref()).text("requesterManaged", eni.requester_managed);
    xml.text("status", &eni.status);
    xml.text("interfaceType", &eni.interface_type).text("macAddress", mac(id));
    xml.text("privateIpAddress", &eni.private_ip)
        .text("sourceDestCheck", eni.interface_type != "nat_gateway");
    xml.list("groupSet", &eni.groups, |item, group| {
        item.text("groupId", group);
        item.maybe("groupName", view.ec2.security_groups.get(group).map(|group| &group.name));
    });
    if let Some(attachment) = &eni.attachment {
        xml.node("attachment", |inside| {
            inside.text("attachmentId", &attachment.id).text("instanceOwnerId", &attachment.instance_owner);
            inside.maybe("instanceId", attachment.instance.as_ref());
            inside.text("deviceIndex", attachment.device_index).text("status", attachment_status(attachment));
            inside.maybe("attachTime", attachment.attached);
            inside.text("deleteOnTermination", attachment.delete_on_termination);
        });
    }
    write_association(view, xml, id, eni);
    xml.list("privateIpAddressesSet", [&eni.private_ip], |item, address| {
        item.text("privateIpAddress", address).text("primary", true);
        write_association(view, item, id, eni);
    });
    xml.tags(&eni.tags);
}

/// The public address on an interface: an Elastic IP, or one of AWS's own pool (owner `amazon`).
///
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkInterfaceAssociation.html>
fn write_association(view: &View<'_>, xml: &mut Xml, id: &str, eni: &Interface) {
    let Some(public_ip) = public_ip(view, id, eni) else { return };
    xml.node("association", |inside| {
        inside.text("publicIp", public_ip).text("publicDnsName", "");
        match view.elastic_ip(id) {
            Some((allocation, address)) => {
                inside.text("ipOwnerId", view.account).text("allocationId", allocation);
                inside.maybe("associationId", address.association.as_ref());
            }
            None => {
                inside.text("ipOwnerId", "amazon");
            }
        }
    });
}

/// A hardware address made of the id's digits, so that it stays the same.
fn mac(id: &str) -> String {
    let digits = id.rsplit('-').next().unwrap_or_default();
    let tail = digits.get(digits.len().saturating_sub(10)..).unwrap_or_default();
    let pairs: Vec<&str> =
        (0..tail.len() / 2).filter_map(|place| tail.get(place * 2..place * 2 + 2)).collect();
    format!("02:{}", pairs.join(":"))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNetworkInterface.html>
fn create(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let spec = Interface {
        subnet: ctx.params.required("SubnetId")?.to_owned(),
        description: ctx.params.get("Description").unwrap_or_default().to_owned(),
        interface_type: ctx.params.get("InterfaceType").unwrap_or("interface").to_owned(),
        private_ip: ctx.params.get("PrivateIpAddress").unwrap_or_default().to_owned(),
        groups: ctx.params.list("SecurityGroupId").into_iter().collect(),
        tags: checked(ctx.params.tag_specifications("network-interface"))?,
        ..Interface::default()
    };
    let id = make_interface(world, &ctx.region, spec)?;
    let view = View::of(world, &ctx.region);
    let mut xml = Xml::new();
    xml.node("networkInterface", |inside| write(&view, inside, &id, &view.ec2.interfaces[&id]));
    Ok(xml.into())
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AttachNetworkInterface.html>
fn attach(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let id = ctx.params.required("NetworkInterfaceId")?;
    let instance = ctx.params.required("InstanceId")?;
    let device_index = ctx.params.int("DeviceIndex")?.and_then(|index| u32::try_from(index).ok());
    let attachment = InterfaceAttachment {
        id: world.ids.ec2("eni-attach"),
        instance: Some(instance.to_owned()),
        instance_owner: world.account.clone(),
        device_index: device_index.unwrap_or(1),
        delete_on_termination: false,
        attached: Some(world.clock.now()),
        detaching: false,
    };
    let ec2 = &mut world.region(&ctx.region).ec2;
    let eni = INTERFACE.find_mut(id, &mut ec2.interfaces)?;
    if eni.requester_managed {
        return Err(noun::not_yours());
    }
    if eni.status != "available" {
        let text = format!("Interface: [{id}] in use.");
        return Err(AwsError::new("InvalidNetworkInterface.InUse", text));
    }
    let machine = INSTANCE.find_mut(instance, &mut ec2.instances)?;
    if machine.zone != eni.zone {
        let text = "You may not attach a network interface to an instance if they are not in the same availability zone";
        return Err(AwsError::new("InvalidParameterCombination", text));
    }
    machine.interfaces.push(id.to_owned());
    eni.status = "in-use".to_owned();
    let mut xml = Xml::new();
    xml.text("attachmentId", &attachment.id).text("networkCardIndex", 0);
    eni.attachment = Some(attachment);
    Ok(xml.into())
}

/// A requester-managed interface is its service's to detach, a primary one goes with its instance.
///
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/requester-managed-eni.html>,
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DetachNetworkInterface.html>.
fn detach(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let attachment = ctx.params.required("AttachmentId")?;
    let ec2 = &mut world.region(&ctx.region).ec2;
    let held = ec2.interfaces.iter_mut().find_map(|(id, eni)| {
        let found = eni.attachment.clone().filter(|found| found.id == attachment)?;
        Some((id.clone(), eni, found))
    });
    let Some((id, eni, found)) = held else {
        let text = format!("The attachment '{attachment}' does not exist.");
        return Err(AwsError::new("InvalidAttachmentID.NotFound", text));
    };
    let refused = |text: &str| Err(AwsError::new("OperationNotPermitted", text));
    if found.id.starts_with("ela-attach-") {
        return refused("You are not allowed to manage 'ela-attach' attachments.");
    }
    if eni.requester_managed {
        return Err(noun::not_yours());
    }
    if found.device_index == 0 {
        return refused("The network interface at device index 0 cannot be detached.");
    }
    if let Some(attachment) = &mut eni.attachment {
        attachment.detaching = true;
    }
    let region = ctx.region.clone();
    world.after(DETACH_TAKES, move |world| finish_detaching(world, &region, &id, &found));
    Ok(done())
}

fn finish_detaching(world: &mut World, region: &str, id: &str, attachment: &InterfaceAttachment) {
    let ec2 = &mut world.region(region).ec2;
    let Some(eni) = ec2.interfaces.get_mut(id) else { return };
    if eni.attachment.as_ref().is_none_or(|there| there.id != attachment.id) {
        return;
    }
    eni.status = "available".to_owned();
    eni.attachment = None;
    let machine = attachment.instance.as_ref().and_then(|machine| ec2.instances.get_mut(machine));
    if let Some(machine) = machine {
        machine.interfaces.retain(|interface| interface != id);
    }
}

/// Only a detached interface can be deleted; one that a service left behind, by anybody.
///
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/requester-managed-eni.html>,
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>.
fn delete(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let id = ctx.params.required("NetworkInterfaceId")?;
    let account = world.account.clone();
    let eni = INTERFACE.find(id, &world.region(&ctx.region).ec2.interfaces)?;
    if eni.owner != account {
        return Err(noun::not_yours());
    }
    if eni.status != "available" {
        let text = format!("Network interface '{id}' is currently in use.");
        let code =
            if eni.requester_managed { "InvalidParameterValue" } else { "InvalidNetworkInterface.InUse" };
        return Err(AwsError::new(code, text));
    }
    unattached::note_deletion(world, &ctx.region, id);
    release_interface(world, &ctx.region, id);
    Ok(done())
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyNetworkInterfaceAttribute.html>
fn modify(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let id = ctx.params.required("NetworkInterfaceId")?;
    let groups = ctx.params.list("SecurityGroupId");
    let most = world.quotas.limit(&ctx.region, table::GROUPS_PER_INTERFACE);
    let ec2 = &mut world.region(&ctx.region).ec2;
    let eni = INTERFACE.find(id, &ec2.interfaces)?;
    if eni.requester_managed {
        return Err(noun::not_yours());
    }
    let vpc = eni.vpc.clone();
    let groups = checked_groups(ec2, &vpc, groups.into_iter().collect(), most)?;
    let eni = INTERFACE.find_mut(id, &mut ec2.interfaces)?;
    if !groups.is_empty() {
        eni.groups = groups;
    }
    if let Some(description) = ctx.params.get("Description.Value") {
        eni.description = description.to_owned();
    }
    if ctx.params.get("Attachment.DeleteOnTermination").is_some()
        && let Some(attachment) = &mut eni.attachment
    {
        attachment.delete_on_termination = ctx.params.bool("Attachment.DeleteOnTermination");
    }
    Ok(done())
}

#[cfg(test)]
mod tests {
    use super::DETACH_TAKES;
    use crate::ec2::lab::{Lab, REGION};
    use crate::stores::ec2::Instance;

    /// An instance's record in the subnet's zone, without interfaces.
    fn machine(lab: &mut Lab) -> String {
        let id = lab.world.ids.ec2("i");
        let instance =
            Instance { zone: format!("{REGION}a"), state: "running".into(), ..Instance::default() };
        lab.world.region(REGION).ec2.instances.insert(id.clone(), instance);
        id
    }

    #[test]
    fn an_attached_interface_is_deleted_only_after_its_detachment_is_done() {
        let mut lab = Lab::new();
        let (_, subnet) = lab.vpc_with_subnet();
        let eni = lab.get("CreateNetworkInterface", &[("SubnetId", &subnet)], "networkInterfaceId");
        let machine = machine(&mut lab);
        let attach = [("NetworkInterfaceId", eni.as_str()), ("InstanceId", &machine), ("DeviceIndex", "1")];
        let attachment = lab.get("AttachNetworkInterface", &attach, "attachmentId");
        lab.refused("AttachNetworkInterface", &attach, "InvalidNetworkInterface.InUse");
        let this = [("NetworkInterfaceId", eni.as_str())];
        lab.refused("DeleteNetworkInterface", &this, "InvalidNetworkInterface.InUse");
        lab.ok("DetachNetworkInterface", &[("AttachmentId", &attachment)]);
        lab.refused("DeleteNetworkInterface", &this, "InvalidNetworkInterface.InUse");
        lab.pass(DETACH_TAKES);
        let gone = [("AttachmentId", attachment.as_str())];
        lab.refused("DetachNetworkInterface", &gone, "InvalidAttachmentID.NotFound");
        lab.ok("DeleteNetworkInterface", &this);
        lab.refused("DeleteNetworkInterface", &this, "InvalidNetworkInterfaceID.NotFound");
    }

    #[test]
    fn a_primary_interface_goes_only_with_its_instance() {
        let mut lab = Lab::new();
        let (_, subnet) = lab.vpc_with_subnet();
        let eni = lab.get("CreateNetworkInterface", &[("SubnetId", &subnet)], "networkInterfaceId");
        let machine = machine(&mut lab);
        let attach = [("NetworkInterfaceId", eni.as_str()), ("InstanceId", &machine), ("DeviceIndex", "0")];
        let attachment = lab.get("AttachNetworkInterface", &attach, "attachmentId");
        lab.refused("DetachNetworkInterface", &[("AttachmentId", &attachment)], "OperationNotPermitted");
    }

    #[test]
    fn a_services_interface_is_neither_detached_nor_deleted_by_its_account() {
        let mut lab = Lab::new();
        let (_, subnet, _) = lab.public_subnet();
        lab.nat(&subnet);
        let managed = [("Filter.1.Name", "requester-managed"), ("Filter.1.Value.1", "true")];
        let eni = lab.get("DescribeNetworkInterfaces", &managed, "networkInterfaceId");
        let attachment = lab.get("DescribeNetworkInterfaces", &managed, "attachmentId");
        lab.refused("DetachNetworkInterface", &[("AttachmentId", &attachment)], "OperationNotPermitted");
        lab.refused("DeleteNetworkInterface", &[("NetworkInterfaceId", &eni)], "InvalidParameterValue");
        let left = lab.world.region(REGION).ec2.interfaces.get_mut(&eni).unwrap();
        (left.status, left.attachment) = ("available".into(), None);
        lab.ok("DeleteNetworkInterface", &[("NetworkInterfaceId", &eni)]);
    }

    #[test]
    fn ids_and_a_page_size_do_not_go_together() {
        let mut lab = Lab::new();
        let (_, subnet) = lab.vpc_with_subnet();
        let eni = lab.get("CreateNetworkInterface", &[("SubnetId", &subnet)], "networkInterfaceId");
        let both = [("NetworkInterfaceId.1", eni.as_str()), ("MaxResults", "5")];
        lab.refused("DescribeNetworkInterfaces", &both, "InvalidParameterCombination");
        assert_eq!(
            lab.all("DescribeNetworkInterfaces", &both[..1], "networkInterfaceId"),
            std::slice::from_ref(&eni)
        );
    }
}
