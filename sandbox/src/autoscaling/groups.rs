//! Groups of users: create, change, delete.

use std::collections::BTreeMap;

use super::{already_exists, in_use, invalid, limit_exceeded, members, number_of_groups, required};
use crate::ec2::instances::{self, SHUTDOWN};
use crate::ec2::launch_templates;
use crate::error::AwsResult;
use crate::protocol::{Answer, Ctx};
use crate::query::Params;
use crate::quotas::table;
use crate::stores::autoscaling::{LaunchFrom, Override, ScalingGroup, TemplateUse};
use crate::world::{Pace, World};
use crate::xml::Xml;

/// What can be suspended: <https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-suspend-resume-processes.html>.
const PROCESSES: [&str; 9] = [
    "Launch",
    "Terminate",
    "AddToLoadBalancer",
    "AlarmNotification",
    "AZRebalance",
    "HealthCheck",
    "InstanceRefresh",
    "ReplaceUnhealthy",
    "ScheduledActions",
];

/// CreateAutoScalingGroup:
/// <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateAutoScalingGroup.html>.
pub(super) fn create(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let params = &ctx.params;
    let name = required(ctx, "AutoScalingGroupName")?.to_owned();
    if world.region(&ctx.region).autoscaling.groups.contains_key(&name) {
        return Err(already_exists(format!(
            "AutoScalingGroup by this name already exists - A group with the name {name} already exists"
        )));
    }
    if number_of_groups(world, &ctx.region) >= world.quotas.limit(&ctx.region, table::SCALING_GROUPS) {
        return Err(limit_exceeded("The maximum number of Auto Scaling groups has been reached"));
    }
    let (min, max) = (size(params, "MinSize")?, size(params, "MaxSize")?);
    let (Some(min), Some(max)) = (min, max) else {
        return Err(invalid("MinSize and MaxSize must be specified"));
    };
    let desired = size(params, "DesiredCapacity")?.unwrap_or(min);
    check_sizes(min, max, desired)?;
    let subnets = subnets(world, ctx)?;
    let launch = launch_from(world, ctx)?;
    let launch = launch.ok_or_else(|| {
        invalid("Valid requests must contain either LaunchTemplate, LaunchConfigurationName, InstanceId or MixedInstancesPolicy parameter.")
    })?;
    if subnets.is_empty() {
        return Err(invalid("At least one Availability Zone or VPC Subnet is required."));
    }
    let arn = format!(
        "arn:aws:autoscaling:{}:{}:autoScalingGroup:{}:autoScalingGroupName/{name}",
        ctx.region,
        world.account,
        world.ids.uuid()
    );
    let group = ScalingGroup {
        arn,
        created: world.clock.now(),
        launch,
        min,
        max,
        desired,
        subnets,
        target_groups: params.list("TargetGroupARNs").into_iter().collect(),
        suspended: BTreeMap::new(),
        deleting: false,
        tags: tags(params),
    };
    world.region(&ctx.region).autoscaling.groups.insert(name.clone(), group);
    members::restore(world, &ctx.region, &name, Pace::AsAws);
    Ok(Xml::new().into())
}

fn size(params: &Params, name: &str) -> AwsResult<Option<u32>> {
    let Some(number) = params.int(name)? else { return Ok(None) };
    u32::try_from(number).map(Some).map_err(|_| invalid(format!("{name} must not be negative")))
}

fn check_sizes(min: u32, max: u32, desired: u32) -> AwsResult<()> {
    if (min..=max).contains(&desired) {
        return Ok(());
    }
    Err(invalid(format!(
        "Desired capacity:{desired} must be between the specified min size:{min} and max size:{max}"
    )))
}

fn subnets(world: &mut World, ctx: &Ctx) -> AwsResult<Vec<String>> {
    let named = ctx.params.get("VPCZoneIdentifier").unwrap_or_default();
    let subnets: Vec<String> =
        named.split(',').map(|id| id.trim().to_owned()).filter(|id| !id.is_empty()).collect();
    let known = &world.region(&ctx.region).ec2.subnets;
    match subnets.iter().find(|id| !known.contains_key(*id)) {
        Some(id) => Err(invalid(format!("The subnet ID '{id}' does not exist"))),
        None => Ok(subnets),
    }
}

/// What instances are launched from, if the call tells it: a template, a policy or a configuration.
fn launch_from(world: &mut World, ctx: &Ctx) -> AwsResult<Option<LaunchFrom>> {
    let params = &ctx.params;
    if let Some(name) = params.get("LaunchConfigurationName") {
        if !world.region(&ctx.region).autoscaling.configurations.contains_key(name) {
            return Err(invalid(format!(
                "Launch configuration name not found - Launch configuration {name} not found"
            )));
        }
        return Ok(Some(LaunchFrom::Configuration(name.to_owned())));
    }
    if let Some(template) = template(world, ctx, &params.nested("LaunchTemplate"))? {
        return Ok(Some(LaunchFrom::Template(template)));
    }
    let mixed = params.nested("MixedInstancesPolicy.LaunchTemplate");
    let Some(base) = template(world, ctx, &mixed.nested("LaunchTemplateSpecification"))? else {
        return Ok(None);
    };
    let mut overrides = Vec::new();
    for item in mixed.items("Overrides") {
        overrides.push(Override {
            instance_type: item.get("InstanceType").map(str::to_owned),
            template: template(world, ctx, &item.nested("LaunchTemplateSpecification"))?,
        });
    }
    Ok(Some(LaunchFrom::Mixed(base, overrides)))
}

/// "You must use a valid fully-formed launch template": it has to exist when it is named.
fn template(world: &mut World, ctx: &Ctx, named: &Params) -> AwsResult<Option<TemplateUse>> {
    if named.iter().next().is_none() {
        return Ok(None);
    }
    let ec2 = &world.region(&ctx.region).ec2;
    let refused = |refusal: crate::error::AwsError| {
        invalid(format!("You must use a valid fully-formed launch template. {}", refusal.message))
    };
    let id = launch_templates::resolve(ec2, named).map_err(refused)?;
    launch_templates::contents(ec2, named).map_err(refused)?;
    let name = ec2.launch_templates.get(&id).map(|template| template.name.clone()).unwrap_or_default();
    Ok(Some(TemplateUse { id, name, version: named.get("Version").map(str::to_owned) }))
}

fn tags(params: &Params) -> BTreeMap<String, (String, bool)> {
    let one = |item: Params| {
        let value = item.get("Value").unwrap_or_default().to_owned();
        Some((item.get("Key")?.to_owned(), (value, item.bool("PropagateAtLaunch"))))
    };
    params.items("Tags").into_iter().filter_map(one).collect()
}

/// CreateOrUpdateTags:
/// <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateOrUpdateTags.html>.
pub(super) fn tag(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    for item in ctx.params.items("Tags") {
        let name = item.get("ResourceId").unwrap_or_default();
        let key = item.get("Key").ok_or_else(|| invalid("A tag must have a key"))?.to_owned();
        let value = (item.get("Value").unwrap_or_default().to_owned(), item.bool("PropagateAtLaunch"));
        find(world, &ctx.region, name)?.tags.insert(key, value);
    }
    Ok(Xml::new().into())
}

/// UpdateAutoScalingGroup:
/// <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_UpdateAutoScalingGroup.html>.
pub(super) fn update(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let params = &ctx.params;
    let name = required(ctx, "AutoScalingGroupName")?.to_owned();
    let (launch, subnets) = (launch_from(world, ctx)?, subnets(world, ctx)?);
    let (min, max) = (size(params, "MinSize")?, size(params, "MaxSize")?);
    let desired = size(params, "DesiredCapacity")?;
    let group = find(world, &ctx.region, &name)?;
    let (min, max) = (min.unwrap_or(group.min), max.unwrap_or(group.max));
    // Without a wish of its own, the number follows the new bounds (the page).
    let desired = desired.unwrap_or_else(|| group.desired.max(min).min(max));
    check_sizes(min, max, desired)?;
    (group.min, group.max, group.desired) = (min, max, desired);
    if let Some(launch) = launch {
        group.launch = launch;
    }
    if !subnets.is_empty() {
        group.subnets = subnets;
    }
    super::restore_later(world, &ctx.region, &name);
    Ok(Xml::new().into())
}

/// SuspendProcesses: those named, or all.
/// <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_SuspendProcesses.html>
pub(super) fn suspend(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let at = world.clock.now();
    let processes = processes(ctx)?;
    let group = find(world, &ctx.region, required(ctx, "AutoScalingGroupName")?)?;
    let reason = format!("User suspended at {at}");
    group.suspended.extend(processes.into_iter().map(|process| (process, reason.clone())));
    Ok(Xml::new().into())
}

/// ResumeProcesses: those named, or all.
/// <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_ResumeProcesses.html>
pub(super) fn resume(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let processes = processes(ctx)?;
    let name = required(ctx, "AutoScalingGroupName")?;
    find(world, &ctx.region, name)?.suspended.retain(|process, _| !processes.contains(process));
    super::restore_later(world, &ctx.region, name);
    Ok(Xml::new().into())
}

fn processes(ctx: &Ctx) -> AwsResult<Vec<String>> {
    let named = ctx.params.list("ScalingProcesses");
    match named.iter().find(|process| !PROCESSES.contains(&process.as_str())) {
        Some(unknown) => Err(invalid(format!("Invalid scaling process: {unknown}"))),
        None if named.is_empty() => Ok(PROCESSES.map(str::to_owned).to_vec()),
        None => Ok(named),
    }
}

/// DeleteAutoScalingGroup: only an empty one, or by force with its instances.
/// <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DeleteAutoScalingGroup.html>
pub(super) fn delete(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let name = required(ctx, "AutoScalingGroupName")?.to_owned();
    find(world, &ctx.region, &name)?;
    let living = members::of(world, &ctx.region, &name);
    if living.is_empty() {
        world.region(&ctx.region).autoscaling.groups.remove(&name);
        return Ok(Xml::new().into());
    }
    if !ctx.params.bool("ForceDelete") {
        return Err(in_use(
            "You cannot delete an AutoScalingGroup while there are instances or pending Spot instance \
             request(s) still in the group.",
        ));
    }
    find(world, &ctx.region, &name)?.deleting = true;
    for id in living {
        instances::terminate(world, &ctx.region, &id);
    }
    let region = ctx.region.clone();
    world.after(SHUTDOWN, move |world| {
        world.region(&region).autoscaling.groups.remove(&name);
    });
    Ok(Xml::new().into())
}

/// The group of this name, or Auto Scaling's refusal.
fn find<'world>(world: &'world mut World, region: &str, name: &str) -> AwsResult<&'world mut ScalingGroup> {
    let missing =
        || invalid(format!("AutoScalingGroup name not found - AutoScalingGroup '{name}' not found"));
    world.region(region).autoscaling.groups.get_mut(name).ok_or_else(missing)
}
