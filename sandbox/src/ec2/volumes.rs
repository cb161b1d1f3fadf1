//! EBS volumes: create, attach, detach, describe, delete.

use std::time::Duration;

use super::describe::{self, Kind, Pages, one, optional};
use super::noun::{INSTANCE, VOLUME};
use super::tags::{checked, done};
use crate::error::{AwsError, AwsResult};
use crate::protocol::{Answer, Ctx};
use crate::service::Operation;
use crate::stores::ec2::Volume;
use crate::world::World;
use crate::xml::Xml;

/// How long a volume is `creating`; customary.
/// <https://docs.aws.amazon.com/ebs/latest/userguide/ebs-describing-volumes.html#volume-state>
pub const CREATION: Duration = Duration::from_secs(3);

/// How long a volume is `deleting`: "for several minutes" at most, usually seconds.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVolume.html>
pub const DELETION: Duration = Duration::from_secs(10);

/// How long detaching takes; customary.
/// <https://docs.aws.amazon.com/ebs/latest/userguide/ebs-detaching-volume.html>
pub const DETACHMENT: Duration = Duration::from_secs(5);

/// The operations of this file.
pub(crate) const OPERATIONS: &[(&str, Operation)] = &[
    ("CreateVolume", create),
    ("DescribeVolumes", |world, ctx| describe::describe(world, ctx, &KIND)),
    ("AttachVolume", attach),
    ("DetachVolume", detach),
    ("DeleteVolume", delete),
];

const KIND: Kind<Volume> = Kind {
    noun: &VOLUME,
    ids: "VolumeId",
    set: "volumeSet",
    // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVolumes.html
    pages: Pages::OfUnlessIds(1000),
    facts: &[
        ("volume-id", |_, id, _| one(id)),
        ("status", |_, _, volume| one(&volume.state)),
        ("availability-zone", |_, _, volume| one(&volume.zone)),
        ("volume-type", |_, _, volume| one(&volume.volume_type)),
        ("size", |_, _, volume| one(volume.size_gib)),
        ("snapshot-id", |_, _, volume| optional(volume.snapshot.as_ref())),
        ("encrypted", |_, _, volume| one(volume.encrypted)),
        ("attachment.instance-id", |_, _, volume| optional(volume.instance.as_ref())),
        ("attachment.delete-on-termination", |_, _, volume| {
            optional(volume.instance.as_ref().map(|_| volume.delete_on_termination))
        }),
    ],
    tags: |volume| &volume.tags,
    records: |ec2| &ec2.volumes,
    write: |_, xml, id, volume| write(xml, id, volume),
};

/// CreateVolume: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVolume.html>.
fn create(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let params = &ctx.params;
    let zone = params.required("AvailabilityZone")?.to_owned();
    let token = params.get("ClientToken").map(str::to_owned);
    let snapshot = params.get("SnapshotId").map(str::to_owned);
    let size = match params.int("Size")? {
        Some(size) => u32::try_from(size).ok().filter(|size| (1..=65_536).contains(size)),
        None => snapshot.as_ref().map(|_| 8),
    };
    let Some(size_gib) = size else {
        let text = "The request must contain the parameter size/snapshot";
        return Err(AwsError::new("MissingParameter", text));
    };
    let created = Some(world.clock.now());
    let volumes = &world.region(&ctx.region).ec2.volumes;
    let standing = volumes.iter().find(|(_, volume)| token.is_some() && volume.client_token == token);
    if let Some((id, volume)) = standing {
        return Ok(told(id, volume));
    }
    let id = world.ids.ec2("vol");
    let volume = Volume {
        size_gib,
        volume_type: params.get("VolumeType").unwrap_or("gp2").to_owned(),
        zone,
        state: "creating".to_owned(),
        created,
        snapshot,
        encrypted: params.bool("Encrypted"),
        client_token: token,
        tags: checked(params.tag_specifications("volume"))?,
        ..Default::default()
    };
    let answer = told(&id, &volume);
    world.region(&ctx.region).ec2.volumes.insert(id.clone(), volume);
    let region = ctx.region.clone();
    world.after(CREATION, move |world| {
        if let Some(volume) = world.region(&region).ec2.volumes.get_mut(&id)
            && volume.state == "creating"
        {
            volume.state = "available".to_owned();
        }
    });
    Ok(answer)
}

/// AttachVolume: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AttachVolume.html>.
fn attach(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let id = ctx.params.required("VolumeId")?;
    let instance_id = ctx.params.required("InstanceId")?;
    let device = ctx.params.required("Device")?;
    let now = world.clock.now();
    let ec2 = &mut world.region(&ctx.region).ec2;
    let instance = INSTANCE.find_mut(instance_id, &mut ec2.instances)?;
    let volume = VOLUME.find_mut(id, &mut ec2.volumes)?;
    if volume.state == "in-use" {
        let text = format!("{id} is already attached to an instance");
        return Err(AwsError::new("VolumeInUse", text));
    }
    if volume.state != "available" {
        return Err(incorrect_state(id, volume));
    }
    if !matches!(instance.state.as_str(), "running" | "stopped") {
        let text = format!("Instance '{instance_id}' is not 'running'.");
        return Err(AwsError::new("IncorrectState", text));
    }
    if volume.zone != instance.zone {
        let text =
            format!("The volume '{id}' is not in the same availability zone as instance '{instance_id}'");
        return Err(AwsError::new("InvalidVolume.ZoneMismatch", text));
    }
    instance.volumes.push(id.to_owned());
    volume.state = "in-use".to_owned();
    volume.instance = Some(instance_id.to_owned());
    volume.device = Some(device.to_owned());
    volume.attached = Some(now);
    // Not so for volumes attached to a running instance:
    // https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/preserving-volumes-on-termination.html
    volume.delete_on_termination = false;
    let mut xml = Xml::new();
    write_attachment(&mut xml, id, volume, "attached");
    Ok(xml.into())
}

/// DetachVolume: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DetachVolume.html>.
fn detach(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let id = ctx.params.required("VolumeId")?.to_owned();
    let ec2 = &mut world.region(&ctx.region).ec2;
    let volume = VOLUME.find_mut(&id, &mut ec2.volumes)?;
    let Some(instance) = volume.instance.as_ref().and_then(|id| ec2.instances.get(id)) else {
        let text = format!("Volume '{id}' is in the '{}' state.", volume.state);
        return Err(AwsError::new("IncorrectState", text));
    };
    // The root volume can only be detached from a stopped instance (the page of DetachVolume).
    if volume.device.as_deref() == Some("/dev/xvda") && instance.state == "running" {
        let text = format!("Unable to detach root volume '{id}' from instance");
        return Err(AwsError::new("OperationNotPermitted", text));
    }
    let mut xml = Xml::new();
    write_attachment(&mut xml, &id, volume, "detaching");
    let region = ctx.region.clone();
    world.after(DETACHMENT, move |world| {
        let ec2 = &mut world.region(&region).ec2;
        let Some(volume) = ec2.volumes.get_mut(&id) else { return };
        if let Some(instance) = volume.instance.as_ref().and_then(|id| ec2.instances.get_mut(id)) {
            instance.volumes.retain(|held| *held != id);
        }
        free(volume);
    });
    Ok(xml.into())
}

/// Leaves a volume attached to nothing.
pub(crate) fn free(volume: &mut Volume) {
    volume.state = "available".to_owned();
    volume.instance = None;
    volume.device = None;
    volume.attached = None;
    volume.delete_on_termination = false;
}

/// DeleteVolume: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVolume.html>.
fn delete(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let id = ctx.params.required("VolumeId")?.to_owned();
    let volume = VOLUME.find_mut(&id, &mut world.region(&ctx.region).ec2.volumes)?;
    match (volume.state.as_str(), &volume.instance) {
        ("available", _) => {}
        (_, Some(instance)) => {
            let text = format!("Volume {id} is currently attached to {instance}");
            return Err(AwsError::new("VolumeInUse", text));
        }
        _ => return Err(incorrect_state(&id, volume)),
    }
    volume.state = "deleting".to_owned();
    let region = ctx.region.clone();
    world.after(DELETION, move |world| {
        world.region(&region).ec2.volumes.remove(&id);
    });
    Ok(done())
}

fn incorrect_state(id: &str, volume: &Volume) -> AwsError {
    AwsError::new("IncorrectState", format!("Volume '{id}' is in the '{}' state.", volume.state))
}

fn told(id: &str, volume: &Volume) -> Answer {
    let mut xml = Xml::new();
    write(&mut xml, id, volume);
    xml.into()
}

fn write(xml: &mut Xml, id: &str, volume: &Volume) {
    xml.text("volumeId", id)
        .text("size", volume.size_gib)
        .maybe("snapshotId", volume.snapshot.as_ref())
        .text("availabilityZone", &volume.zone)
        .text("status", &volume.state)
        .maybe("createTime", volume.created)
        .text("volumeType", &volume.volume_type)
        .text("encrypted", volume.encrypted)
        .text("multiAttachEnabled", false)
        .list("attachmentSet", volume.instance.as_ref(), |item, _| {
            write_attachment(item, id, volume, "attached");
        })
        .tags(&volume.tags);
}

fn write_attachment(xml: &mut Xml, id: &str, volume: &Volume, status: &str) {
    xml.text("volumeId", id)
        .maybe("instanceId", volume.instance.as_ref())
        .maybe("device", volume.device.as_ref())
        .text("status", status)
        .maybe("attachTime", volume.attached)
        .text("deleteOnTermination", volume.delete_on_termination);
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{told, *};
    use super::*;

    fn available(world: &mut World) -> String {
        let params = [
            ("AvailabilityZone", "us-east-1a"),
            ("Size", "5"),
            ("TagSpecification.1.ResourceType", "volume"),
            ("TagSpecification.1.Tag.1.Key", "ebs.csi.aws.com/cluster"),
            ("TagSpecification.1.Tag.1.Value", "true"),
        ];
        let id = told(world, "CreateVolume", &params, "volumeId");
        skip(world, CREATION);
        id
    }

    #[test]
    fn an_attached_volume_is_in_use_until_it_is_detached() {
        let mut world = world();
        let instance = running(&mut world, &[]);
        let id = available(&mut world);
        let attach = [("VolumeId", id.as_str()), ("InstanceId", &instance), ("Device", "/dev/sdf")];
        ec2(&mut world, "AttachVolume", &attach).unwrap();
        let target = [("VolumeId", id.as_str())];
        assert_eq!(code(ec2(&mut world, "AttachVolume", &attach)), "VolumeInUse");
        assert_eq!(code(ec2(&mut world, "DeleteVolume", &target)), "VolumeInUse");
        ec2(&mut world, "DetachVolume", &target).unwrap();
        assert_eq!(code(ec2(&mut world, "DeleteVolume", &target)), "VolumeInUse");
        skip(&mut world, DETACHMENT);
        ec2(&mut world, "DeleteVolume", &target).unwrap();
        assert_eq!(volume(&mut world, &id).unwrap().state, "deleting");
        skip(&mut world, DELETION);
        assert_eq!(code(ec2(&mut world, "DeleteVolume", &target)), "InvalidVolume.NotFound");
    }

    #[test]
    fn a_root_volume_is_not_detached_from_a_running_instance() {
        let mut world = world();
        let id = running(&mut world, &[]);
        let root = instance(&mut world, &id).unwrap().volumes[0].clone();
        let target = [("VolumeId", root.as_str())];
        assert_eq!(code(ec2(&mut world, "DetachVolume", &target)), "OperationNotPermitted");
        assert_eq!(code(ec2(&mut world, "DeleteVolume", &target)), "VolumeInUse");
    }

    #[test]
    fn a_volume_of_another_zone_is_not_attached() {
        let mut world = world();
        let instance =
            told(&mut world, "RunInstances", &[("ImageId", "ami-1"), ("SubnetId", SUBNET_B)], "instanceId");
        skip(&mut world, super::super::instances::START);
        let id = available(&mut world);
        let attach = [("VolumeId", id.as_str()), ("InstanceId", &instance), ("Device", "/dev/sdf")];
        assert_eq!(code(ec2(&mut world, "AttachVolume", &attach)), "InvalidVolume.ZoneMismatch");
    }

    #[test]
    fn volumes_are_found_by_state_and_tag() {
        let mut world = world();
        let id = available(&mut world);
        let filters = [
            ("Filter.1.Name", "status"),
            ("Filter.1.Value.1", "available"),
            ("Filter.2.Name", "tag:ebs.csi.aws.com/cluster"),
            ("Filter.2.Value.1", "true"),
        ];
        assert_eq!(told(&mut world, "DescribeVolumes", &filters, "volumeId"), id);
    }
}
