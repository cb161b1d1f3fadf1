//! The life of instances: launch, stop, termination, and what goes with them.
//!
//! How their calls are read and written is in `instance_calls`.

use std::collections::BTreeSet;
use std::time::Duration;

use super::held::{self, PublicAddress};
use super::make_interfaces::{make_interface, release_interface};
use super::noun::{INSTANCE, SUBNET};
use super::vcpus;
use crate::error::{AwsError, AwsResult};
use crate::stores::ec2::{Instance, Volume};
use crate::tags::Tags;
use crate::world::{Pace, World};

/// How long an instance is `pending`. No page tells it; usually some ten to thirty seconds.
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-lifecycle.html>
pub const START: Duration = Duration::from_secs(20);

/// How long it is `stopping`; same page, customary time.
pub const STOP: Duration = Duration::from_secs(40);

/// How long it is `shutting-down`; same page, customary time.
pub const SHUTDOWN: Duration = Duration::from_secs(60);

/// How long a terminated instance is still described, "approximately one hour":
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TerminateInstances.html>.
pub const ROW_STAYS: Duration = Duration::from_secs(60 * 60);

/// The tag that Amazon EC2 Auto Scaling puts on its instances:
/// <https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-tagging.html>.
pub(crate) const SCALING_GROUP_TAG: &str = "aws:autoscaling:groupName";

/// What an instance is launched from.
#[derive(Debug, Clone, Default)]
pub struct Launch {
    /// The subnet of its first interface.
    pub subnet: String,
    /// Its groups; none: the VPC's default group.
    pub groups: BTreeSet<String>,
    /// `t3.micro`.
    pub instance_type: String,
    /// The AMI.
    pub image: String,
    /// Whether its interface gets a public address; `None`: as its subnet says.
    pub public: Option<PublicAddress>,
    /// Size of the root volume; 0: 8 GiB.
    pub root_gib: u32,
    /// Whether TerminateInstances is refused.
    pub termination_protected: bool,
    /// Whether it is a Spot instance.
    pub spot: bool,
    /// Cores and threads of each, if not those of its type.
    pub cpu: Option<(u32, u32)>,
    /// Instance profile.
    pub profile_arn: Option<String>,
    /// Key pair.
    pub key_name: Option<String>,
    /// The name of the placement group.
    pub placement_group: Option<String>,
    /// `ClientToken`.
    pub client_token: Option<String>,
    /// Reservation; instances launched by one call share it.
    pub reservation: String,
    /// Tags of the instance.
    pub tags: Tags,
    /// Tags of its root volume.
    pub volume_tags: Tags,
    /// Tags of its first interface.
    pub interface_tags: Tags,
}

/// Launches one instance with its interface and its root volume.
pub(crate) fn launch(world: &mut World, region: &str, new: Launch, pace: Pace) -> AwsResult<String> {
    let subnet = SUBNET.find(&new.subnet, &world.region(region).ec2.subnets)?.clone();
    let room = vcpus::room(world, region, &new.instance_type, new.spot)?;
    if room.instances < 1 {
        return Err(room.refusal);
    }
    let id = world.ids.ec2("i");
    let mut interface = held::first_of_instance(world, &id, &new.subnet, new.groups, new.interface_tags);
    // A subnet may give an address to every instance in it:
    // https://docs.aws.amazon.com/vpc/latest/userguide/subnet-public-ip.html
    let public = match new.public {
        None if subnet.map_public_ip => PublicAddress::Own,
        None => PublicAddress::No,
        Some(public) => public,
    };
    interface.auto_public_ip = held::public_address(world, public);
    let interface = make_interface(world, region, interface)?;
    let now = world.clock.now();
    let root = Volume {
        size_gib: if new.root_gib == 0 { 8 } else { new.root_gib },
        volume_type: "gp3".to_owned(),
        zone: subnet.zone.clone(),
        state: "in-use".to_owned(),
        created: Some(now),
        instance: Some(id.clone()),
        // The default of a root volume:
        // https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/preserving-volumes-on-termination.html
        delete_on_termination: true,
        device: Some("/dev/xvda".to_owned()),
        attached: Some(now),
        tags: new.volume_tags,
        ..Default::default()
    };
    let volume = world.ids.ec2("vol");
    let instance = Instance {
        instance_type: new.instance_type,
        image: new.image,
        vpc: subnet.vpc,
        subnet: new.subnet,
        zone: subnet.zone,
        state: "pending".to_owned(),
        launched: Some(now),
        profile_arn: new.profile_arn,
        key_name: new.key_name,
        placement_group: new.placement_group,
        interfaces: vec![interface],
        volumes: vec![volume.clone()],
        termination_protected: new.termination_protected,
        spot: new.spot,
        cpu: new.cpu,
        reservation: new.reservation,
        client_token: new.client_token,
        state_reason: None,
        tags: new.tags,
    };
    let ec2 = &mut world.region(region).ec2;
    ec2.volumes.insert(volume, root);
    ec2.instances.insert(id.clone(), instance);
    move_on(world, region, &id, pace, (START, "pending", "running"));
    Ok(id)
}

/// Moves an instance from one state to the next one after some time, unless it left that state meanwhile.
fn move_on(
    world: &mut World,
    region: &str,
    id: &str,
    pace: Pace,
    (delay, from, to): (Duration, &'static str, &'static str),
) {
    let (region, id) = (region.to_owned(), id.to_owned());
    pace.then(world, delay, move |world| {
        if let Some(instance) = world.region(&region).ec2.instances.get_mut(&id)
            && instance.state == from
        {
            instance.state = to.to_owned();
        }
    });
}

/// That all these instances exist, or the refusal that names those that do not.
pub(crate) fn check_known(world: &mut World, region: &str, ids: &[String]) -> AwsResult<()> {
    let instances = &world.region(region).ec2.instances;
    let refusals = || ids.iter().filter_map(|id| INSTANCE.check(id, instances).err());
    if let Some(malformed) = refusals().find(|refusal| refusal.code == INSTANCE.malformed) {
        return Err(malformed);
    }
    let unknown: Vec<&str> =
        ids.iter().filter(|id| !instances.contains_key(*id)).map(String::as_str).collect();
    match unknown.as_slice() {
        [] => Ok(()),
        [one] => Err(INSTANCE.unknown(one)),
        several => Err(AwsError::new(
            INSTANCE.not_found,
            format!("The instance IDs '{}' do not exist", several.join(", ")),
        )),
    }
}

/// The instances that TerminateInstances is to end, after its refusals: one unknown id fails the whole
/// call; one that is protected fails those of its availability zone, and the call, but not the others.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TerminateInstances.html>
pub(crate) fn terminable(
    world: &mut World,
    region: &str,
    ids: &[String],
) -> AwsResult<(Vec<String>, Option<AwsError>)> {
    check_known(world, region, ids)?;
    let instances = &world.region(region).ec2.instances;
    let protected: Vec<&String> = ids
        .iter()
        .filter(|id| instances.get(*id).is_some_and(|instance| instance.termination_protected))
        .collect();
    let Some(first) = protected.first() else { return Ok((ids.to_vec(), None)) };
    let refusal = AwsError::new(
        "OperationNotPermitted",
        format!(
            "The instance '{first}' may not be terminated. Modify its 'disableApiTermination' instance \
             attribute and try again."
        ),
    );
    let zone = |id: &String| instances.get(id).map(|instance| instance.zone.clone());
    let zones: BTreeSet<_> = protected.iter().map(|id| zone(id)).collect();
    let rest = ids.iter().filter(|id| !zones.contains(&zone(id))).cloned().collect();
    Ok((rest, Some(refusal)))
}

/// Ends an instance; on one that is ending or ended, nothing happens. Its Auto Scaling group, if it is
/// still alive, will replace it.
pub(crate) fn terminate(world: &mut World, region: &str, id: &str) {
    let Some(instance) = world.region(region).ec2.instances.get_mut(id) else { return };
    if matches!(instance.state.as_str(), "shutting-down" | "terminated") {
        return;
    }
    instance.state = "shutting-down".to_owned();
    instance.state_reason = Some((
        "Client.UserInitiatedShutdown".to_owned(),
        "Client.UserInitiatedShutdown: User initiated shutdown".to_owned(),
    ));
    let scaling_group = instance.tags.get(SCALING_GROUP_TAG).cloned();
    let (at, id) = (region.to_owned(), id.to_owned());
    world.after(SHUTDOWN, move |world| finish_termination(world, &at, &id));
    if let Some(group) = scaling_group {
        world.scaled_instance_lost(region, &group);
    }
}

/// Interfaces and volumes go with the instance if they are marked so, else they are left `available`:
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/how-ec2-instance-termination-works.html>.
fn finish_termination(world: &mut World, region: &str, id: &str) {
    let ec2 = &mut world.region(region).ec2;
    let Some(instance) = ec2.instances.get_mut(id) else { return };
    instance.state = "terminated".to_owned();
    instance.volumes.clear();
    instance.interfaces.clear();
    let held_volumes: Vec<String> = ec2
        .volumes
        .iter()
        .filter(|(_, volume)| volume.instance.as_deref() == Some(id))
        .map(|(volume, _)| volume.clone())
        .collect();
    for volume_id in held_volumes {
        let Some(volume) = ec2.volumes.get_mut(&volume_id) else { continue };
        if volume.delete_on_termination {
            ec2.volumes.remove(&volume_id);
        } else {
            super::volumes::free(volume);
        }
    }
    let mut going = Vec::new();
    for (interface_id, interface) in &mut ec2.interfaces {
        let Some(attachment) = &interface.attachment else { continue };
        if attachment.instance.as_deref() != Some(id) {
            continue;
        }
        if attachment.delete_on_termination {
            going.push(interface_id.clone());
        } else {
            interface.attachment = None;
            interface.auto_public_ip = None;
            interface.status = "available".to_owned();
        }
    }
    // An Elastic IP stays with an interface that is left behind.
    for address in ec2.addresses.values_mut().filter(|address| address.instance.as_deref() == Some(id)) {
        address.instance = None;
    }
    for interface in going {
        release_interface(world, region, &interface);
    }
    let (region, id) = (region.to_owned(), id.to_owned());
    world.after(ROW_STAYS, move |world| {
        world.region(&region).ec2.instances.remove(&id);
    });
}

/// Stops an instance. Only a running one can be stopped; on one that is stopping or stopped nothing happens.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StopInstances.html>
pub(crate) fn stop(world: &mut World, region: &str, id: &str) -> AwsResult<()> {
    let Some(instance) = world.region(region).ec2.instances.get_mut(id) else { return Ok(()) };
    match instance.state.as_str() {
        "stopping" | "stopped" => return Ok(()),
        "running" => {}
        state => {
            return Err(AwsError::new(
                "IncorrectInstanceState",
                format!("The instance '{id}' is not in a state from which it can be stopped ({state})."),
            ));
        }
    }
    instance.state = "stopping".to_owned();
    let scaling_group = instance.tags.get(SCALING_GROUP_TAG).cloned();
    let ec2 = &mut world.region(region).ec2;
    // A stopped instance gives its own public address back:
    // https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-instance-addressing.html
    for interface in ec2.interfaces.values_mut() {
        if interface.attachment.as_ref().is_some_and(|held| held.instance.as_deref() == Some(id)) {
            interface.auto_public_ip = None;
        }
    }
    move_on(world, region, id, Pace::AsAws, (STOP, "stopping", "stopped"));
    if let Some(group) = scaling_group {
        world.scaled_instance_lost(region, &group);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::fixture::*;
    use super::*;

    fn state(world: &mut World, id: &str) -> String {
        instance(world, id).map(|instance| instance.state.clone()).unwrap_or_default()
    }

    #[test]
    fn an_instance_starts_ends_and_is_told_for_an_hour() {
        let mut world = world();
        let id =
            told(&mut world, "RunInstances", &[("ImageId", "ami-1"), ("SubnetId", SUBNET_A)], "instanceId");
        assert_eq!(state(&mut world, &id), "pending");
        skip(&mut world, START);
        assert_eq!(state(&mut world, &id), "running");
        let answer = ec2(&mut world, "TerminateInstances", &[("InstanceId.1", &id)]).unwrap();
        assert!(answer.contains("<currentState><code>32</code><name>shutting-down</name></currentState>"));
        assert!(answer.contains("<previousState><code>16</code><name>running</name></previousState>"));
        skip(&mut world, SHUTDOWN);
        assert_eq!(state(&mut world, &id), "terminated");
        let row = ec2(&mut world, "DescribeInstances", &[("InstanceId.1", &id)]).unwrap();
        assert!(row.contains("terminated") && !row.contains("<vpcId>"));
        skip(&mut world, ROW_STAYS);
        assert_eq!(
            code(ec2(&mut world, "DescribeInstances", &[("InstanceId.1", &id)])),
            "InvalidInstanceID.NotFound"
        );
    }

    #[test]
    fn its_interface_and_root_volume_go_with_it_but_not_before_and_other_volumes_stay() {
        let mut world = world();
        let id = running(&mut world, &[]);
        let data = told(
            &mut world,
            "CreateVolume",
            &[("AvailabilityZone", "us-east-1a"), ("Size", "5")],
            "volumeId",
        );
        skip(&mut world, super::super::volumes::CREATION);
        let attach = [("VolumeId", data.as_str()), ("InstanceId", &id), ("Device", "/dev/sdf")];
        ec2(&mut world, "AttachVolume", &attach).unwrap();
        ec2(&mut world, "TerminateInstances", &[("InstanceId.1", &id)]).unwrap();
        assert_eq!(world.region(REGION).ec2.interfaces.len(), 1);
        skip(&mut world, SHUTDOWN);
        let ec2 = &world.region(REGION).ec2;
        assert!(ec2.interfaces.is_empty());
        assert_eq!(ec2.volumes.keys().collect::<Vec<_>>(), [&data]);
        assert_eq!(ec2.volumes[&data].state, "available");
    }

    #[test]
    fn an_interface_that_is_not_to_go_with_it_is_left_free_with_its_elastic_ip() {
        let mut world = world();
        let id = running(&mut world, &[]);
        let eni = told(
            &mut world,
            "CreateNetworkInterface",
            &[("SubnetId", SUBNET_A), ("Description", "aws-K8S-i-1")],
            "networkInterfaceId",
        );
        let attach = [("NetworkInterfaceId", eni.as_str()), ("InstanceId", &id), ("DeviceIndex", "1")];
        ec2(&mut world, "AttachNetworkInterface", &attach).unwrap();
        let allocation = told(&mut world, "AllocateAddress", &[], "allocationId");
        let bind = [("AllocationId", allocation.as_str()), ("NetworkInterfaceId", &eni)];
        ec2(&mut world, "AssociateAddress", &bind).unwrap();
        ec2(&mut world, "TerminateInstances", &[("InstanceId.1", &id)]).unwrap();
        skip(&mut world, SHUTDOWN);
        let state = &world.region(REGION).ec2;
        assert_eq!(state.interfaces.keys().collect::<Vec<_>>(), [&eni]);
        assert_eq!(state.interfaces[&eni].status, "available");
        let address = &state.addresses[&allocation];
        assert_eq!((address.interface.as_ref(), &address.instance), (Some(&eni), &None));
        ec2(&mut world, "DeleteNetworkInterface", &[("NetworkInterfaceId", &eni)]).unwrap();
        ec2(&mut world, "ReleaseAddress", &[("AllocationId", &allocation)]).unwrap();
    }

    #[test]
    fn protection_refuses_termination_until_it_is_off() {
        let mut world = world();
        let id = running(&mut world, &[("DisableApiTermination", "true")]);
        let read = [("InstanceId", id.as_str()), ("Attribute", "disableApiTermination")];
        assert_eq!(told(&mut world, "DescribeInstanceAttribute", &read, "value"), "true");
        let end = [("InstanceId.1", id.as_str())];
        assert_eq!(code(ec2(&mut world, "TerminateInstances", &end)), "OperationNotPermitted");
        let off = [("InstanceId", id.as_str()), ("DisableApiTermination.Value", "false")];
        ec2(&mut world, "ModifyInstanceAttribute", &off).unwrap();
        ec2(&mut world, "TerminateInstances", &end).unwrap();
    }

    #[test]
    fn a_protected_instance_holds_those_of_its_zone_and_fails_the_call_but_not_those_of_other_zones() {
        let mut world = world();
        let guarded = running(&mut world, &[("DisableApiTermination", "true")]);
        let beside = running(&mut world, &[]);
        let launch = [("ImageId", "ami-1"), ("SubnetId", SUBNET_B)];
        let elsewhere = told(&mut world, "RunInstances", &launch, "instanceId");
        let all =
            [("InstanceId.1", guarded.as_str()), ("InstanceId.2", &beside), ("InstanceId.3", &elsewhere)];
        assert_eq!(code(ec2(&mut world, "TerminateInstances", &all)), "OperationNotPermitted");
        assert_eq!(state(&mut world, &beside), "running");
        assert_eq!(state(&mut world, &elsewhere), "shutting-down");
    }

    #[test]
    fn one_unknown_id_fails_the_whole_termination_and_a_second_one_changes_nothing() {
        let mut world = world();
        let id = running(&mut world, &[]);
        let both = [("InstanceId.1", id.as_str()), ("InstanceId.2", "i-0123456789abcdef0")];
        assert_eq!(code(ec2(&mut world, "TerminateInstances", &both)), "InvalidInstanceID.NotFound");
        assert_eq!(state(&mut world, &id), "running");
        assert_eq!(
            code(ec2(&mut world, "TerminateInstances", &[("InstanceId.1", "web")])),
            "InvalidInstanceID.Malformed"
        );
        for _ in 0..2 {
            ec2(&mut world, "TerminateInstances", &[("InstanceId.1", &id)]).unwrap();
        }
        skip(&mut world, SHUTDOWN);
        ec2(&mut world, "TerminateInstances", &[("InstanceId.1", &id)]).unwrap();
        assert_eq!(state(&mut world, &id), "terminated");
    }

    #[test]
    fn the_same_client_token_launches_nothing_more() {
        let mut world = world();
        let params = [("ImageId", "ami-1"), ("SubnetId", SUBNET_A), ("ClientToken", "t")];
        let first = told(&mut world, "RunInstances", &params, "instanceId");
        assert_eq!(told(&mut world, "RunInstances", &params, "instanceId"), first);
        assert_eq!(world.region(REGION).ec2.instances.len(), 1);
    }

    #[test]
    fn a_stop_takes_its_time_and_is_refused_when_ended() {
        let mut world = world();
        let id = running(&mut world, &[]);
        ec2(&mut world, "StopInstances", &[("InstanceId.1", &id)]).unwrap();
        assert_eq!(state(&mut world, &id), "stopping");
        skip(&mut world, STOP);
        assert_eq!(state(&mut world, &id), "stopped");
        ec2(&mut world, "TerminateInstances", &[("InstanceId.1", &id)]).unwrap();
        assert_eq!(
            code(ec2(&mut world, "StopInstances", &[("InstanceId.1", &id)])),
            "IncorrectInstanceState"
        );
    }
}
