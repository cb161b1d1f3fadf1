//! The instances of users' groups: a group keeps its number of them.

use std::time::Duration;

use crate::ec2::instances::{self, Launch, SCALING_GROUP_TAG};
use crate::stores::autoscaling::{LaunchFrom, ScalingGroup, TemplateUse};
use crate::stores::ec2::TemplateContents;
use crate::world::{Pace, World};

/// How soon a group notices that an instance is missing or too many: "within a few minutes":
/// <https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-health-checks.html>.
pub(super) const NOTICE: Duration = Duration::from_secs(60);

/// The instances of a group that are not ending or ended.
pub(super) fn of(world: &mut World, region: &str, group: &str) -> Vec<String> {
    let instances = world.region(region).ec2.instances.iter();
    instances
        .filter(|(_, instance)| instance.tags.get(SCALING_GROUP_TAG).is_some_and(|name| name == group))
        .filter(|(_, instance)| !matches!(instance.state.as_str(), "shutting-down" | "terminated"))
        .map(|(id, _)| id.clone())
        .collect()
}

/// Has a user's group look after its instances soon; nothing if there is none of this name by then.
pub(crate) fn restore_later(world: &mut World, region: &str, group: &str) {
    let (region, group) = (region.to_owned(), group.to_owned());
    world.after(NOTICE, move |world| restore(world, &region, &group, Pace::AsAws));
}

/// Launches what is missing, ends what is stopped or too many. What EC2 refuses to launch stays missing.
pub(super) fn restore(world: &mut World, region: &str, name: &str, pace: Pace) {
    let Some(group) = world.region(region).autoscaling.groups.get(name).cloned() else { return };
    if group.deleting {
        return;
    }
    let mut healthy = Vec::new();
    for id in of(world, region, name) {
        let state = world.region(region).ec2.instances.get(&id).map(|instance| instance.state.clone());
        match state.as_deref() {
            Some("pending" | "running") => healthy.push(id),
            _ => instances::terminate(world, region, &id),
        }
    }
    let desired = group.desired as usize;
    // https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-suspend-resume-processes.html
    if !group.suspended.contains_key("Terminate") {
        for id in healthy.iter().skip(desired) {
            instances::terminate(world, region, id);
        }
    }
    if group.suspended.contains_key("Launch") {
        return;
    }
    for (_, subnet) in (healthy.len()..desired).zip(group.subnets.iter().cycle()) {
        let Some(launch) = launch(world, region, name, &group, subnet) else { return };
        let _refused = instances::launch(world, region, launch, pace);
    }
}

/// What the group launches in this subnet; `None` if what it launches from is gone.
fn launch(world: &mut World, region: &str, name: &str, group: &ScalingGroup, subnet: &str) -> Option<Launch> {
    let account = world.account.clone();
    let state = world.region(region);
    let (contents, used) = match &group.launch {
        LaunchFrom::Template(used) | LaunchFrom::Mixed(used, _) => {
            let template = state.ec2.launch_templates.get(&used.id)?;
            (template.contents(used.version.as_deref())?.clone(), Some(used))
        }
        LaunchFrom::Configuration(used) => {
            let configuration = state.autoscaling.configurations.get(used)?;
            let contents = TemplateContents {
                image: Some(configuration.image.clone()),
                instance_type: Some(configuration.instance_type.clone()),
                key_name: configuration.key_name.clone(),
                profile_name: configuration.profile.clone().filter(|profile| !profile.starts_with("arn:")),
                profile_arn: configuration.profile.clone().filter(|profile| profile.starts_with("arn:")),
                groups: configuration.groups.clone(),
                ..TemplateContents::default()
            };
            (contents, None)
        }
    };
    let mut tags = contents.instance_tags;
    tags.extend(
        group
            .tags
            .iter()
            .filter(|(_, (_, reaches))| *reaches)
            .map(|(key, (value, _))| (key.clone(), value.clone())),
    );
    tags.insert(SCALING_GROUP_TAG.to_owned(), name.to_owned());
    if let Some(TemplateUse { id, version, .. }) = used {
        tags.insert("aws:ec2launchtemplate:id".to_owned(), id.clone());
        tags.insert(
            "aws:ec2launchtemplate:version".to_owned(),
            version.clone().unwrap_or_else(|| "1".to_owned()),
        );
    }
    let first = contents.interfaces.into_iter().next().unwrap_or_default();
    let by_name = contents.profile_name.map(|name| format!("arn:aws:iam::{account}:instance-profile/{name}"));
    Some(Launch {
        subnet: subnet.to_owned(),
        groups: contents.groups.into_iter().chain(first.groups).collect(),
        instance_type: contents.instance_type.unwrap_or_else(|| "t3.micro".to_owned()),
        image: contents.image?,
        profile_arn: contents.profile_arn.or(by_name),
        key_name: contents.key_name,
        placement_group: contents.placement_group,
        reservation: world.ids.ec2("r"),
        volume_tags: contents.volume_tags,
        tags,
        ..Launch::default()
    })
}
