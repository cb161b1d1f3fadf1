//! How EC2's XML tells instances.

use std::collections::BTreeSet;

use super::instance_types;
use super::interfaces::elastic_ip;
use crate::stores::ec2::{Ec2, Instance};
use crate::xml::Xml;

/// The groups of an instance's interfaces.
pub(super) fn groups(ec2: &Ec2, instance: &Instance) -> BTreeSet<String> {
    let interfaces = instance.interfaces.iter().filter_map(|id| ec2.interfaces.get(id));
    interfaces.flat_map(|interface| interface.groups.clone()).collect()
}

/// The instances of one reservation.
pub(super) fn write_reservation(xml: &mut Xml, ec2: &Ec2, account: &str, rows: &[(&String, &Instance)]) {
    let reservation = rows.first().map_or("", |(_, instance)| &instance.reservation);
    xml.text("reservationId", reservation).text("ownerId", account);
    xml.list("instancesSet", rows, |item, (id, instance)| write_instance(item, ec2, id, instance));
}

fn write_instance(xml: &mut Xml, ec2: &Ec2, id: &str, instance: &Instance) {
    xml.text("instanceId", id).text("imageId", &instance.image);
    write_state(xml, "instanceState", &instance.state);
    xml.maybe("keyName", instance.key_name.as_ref())
        .text("amiLaunchIndex", 0)
        .text("instanceType", &instance.instance_type)
        .maybe("launchTime", instance.launched)
        .node("placement", |place| {
            place.text("availabilityZone", &instance.zone);
            place.maybe("groupName", instance.placement_group.as_ref()).text("tenancy", "default");
        })
        .text("architecture", instance_types::architecture(&instance.instance_type))
        .text("rootDeviceType", "ebs")
        .text("rootDeviceName", "/dev/xvda")
        .maybe("clientToken", instance.client_token.as_ref());
    // There only for Spot instances and the like:
    // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Instance.html
    xml.maybe("instanceLifecycle", instance.spot.then_some("spot"));
    let by_type = || instance_types::find(&instance.instance_type).map(|shape| shape.cores_and_threads());
    if let Some((cores, threads)) = instance.cpu.or_else(by_type) {
        xml.node("cpuOptions", |options| {
            options.text("coreCount", cores).text("threadsPerCore", threads);
        });
    }
    // A terminated instance is no longer in any network:
    // https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/how-ec2-instance-termination-works.html
    if instance.state != "terminated" {
        xml.text("subnetId", &instance.subnet).text("vpcId", &instance.vpc);
        let first = instance.interfaces.first().and_then(|id| ec2.interfaces.get(id));
        if let Some(interface) = first {
            xml.text("privateIpAddress", &interface.private_ip);
            let elastic = instance.interfaces.first().and_then(|id| elastic_ip(ec2, id));
            let elastic = elastic.map(|(_, address)| &address.public_ip);
            xml.maybe("ipAddress", elastic.or(interface.auto_public_ip.as_ref()));
        }
        xml.list("groupSet", groups(ec2, instance), |item, group| {
            item.text("groupId", &group);
            item.maybe("groupName", ec2.security_groups.get(&group).map(|group| &group.name));
        });
    }
    write_devices(xml, ec2, instance);
    write_interfaces(xml, ec2, instance);
    if let Some(arn) = &instance.profile_arn {
        xml.node("iamInstanceProfile", |profile| {
            profile.text("arn", arn);
        });
    }
    if let Some((code, message)) = &instance.state_reason {
        xml.node("stateReason", |reason| {
            reason.text("code", code).text("message", message);
        });
    }
    xml.tags(&instance.tags);
}

fn write_devices(xml: &mut Xml, ec2: &Ec2, instance: &Instance) {
    let volumes = instance.volumes.iter().filter_map(|id| ec2.volumes.get_key_value(id));
    xml.list("blockDeviceMapping", volumes, |item, (id, volume)| {
        item.maybe("deviceName", volume.device.as_ref()).node("ebs", |ebs| {
            ebs.text("volumeId", id)
                .text("status", "attached")
                .maybe("attachTime", volume.attached)
                .text("deleteOnTermination", volume.delete_on_termination);
        });
    });
}

fn write_interfaces(xml: &mut Xml, ec2: &Ec2, instance: &Instance) {
    let interfaces = instance.interfaces.iter().filter_map(|id| ec2.interfaces.get_key_value(id));
    xml.list("networkInterfaceSet", interfaces, |item, (id, interface)| {
        item.text("networkInterfaceId", id)
            .text("subnetId", &interface.subnet)
            .text("vpcId", &interface.vpc)
            .text("ownerId", &interface.owner)
            .text("status", &interface.status)
            .text("interfaceType", &interface.interface_type)
            .text("privateIpAddress", &interface.private_ip)
            .list("groupSet", &interface.groups, |item, group| {
                item.text("groupId", group);
            });
        if let Some(attachment) = &interface.attachment {
            item.node("attachment", |node| {
                node.text("attachmentId", &attachment.id)
                    .text("deviceIndex", attachment.device_index)
                    .text("status", "attached")
                    .maybe("attachTime", attachment.attached)
                    .text("deleteOnTermination", attachment.delete_on_termination);
            });
        }
    });
}

/// A state with its number: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceState.html>.
pub(super) fn write_state(xml: &mut Xml, name: &str, state: &str) {
    let code = match state {
        "pending" => 0,
        "running" => 16,
        "shutting-down" => 32,
        "terminated" => 48,
        "stopping" => 64,
        _ => 80,
    };
    xml.node(name, |node| {
        node.text("code", code).text("name", state);
    });
}
