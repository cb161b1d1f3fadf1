//! Targets of target groups: register, deregister, and how they fare.
//!
//! Nothing is checked for real: a target is healthy after a while, unless the world says otherwise
//! ([`set_health`]).

use std::time::Duration;

use super::{required, target_groups, validation};
use crate::error::{AwsError, AwsResult};
use crate::protocol::{Answer, Ctx};
use crate::service::Operation;
use crate::stores::elb::{Health, TargetGroup};
use crate::world::World;
use crate::xml::Xml;

/// How long a target is `initial`: some health checks of 30 seconds.
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html>
pub const INITIAL: Duration = Duration::from_secs(60);

/// The operations of this file.
pub(crate) const OPERATIONS: &[(&str, Operation)] =
    &[("RegisterTargets", register), ("DeregisterTargets", deregister), ("DescribeTargetHealth", describe)];

/// Says how a registered target fares from now on. It does nothing for one that is not registered.
pub fn set_health(world: &mut World, region: &str, target_group: &str, target: &str, health: Health) {
    let group = world.region(region).elb.target_groups.get_mut(target_group);
    let targets = group.into_iter().flat_map(|group| group.targets.iter_mut());
    for (_, state) in targets.filter(|((id, _), _)| id == target) {
        *state = health;
    }
}

fn named(ctx: &Ctx) -> AwsResult<Vec<(String, Option<i64>)>> {
    let items = ctx.params.items("Targets");
    items.iter().map(|item| Ok((required(item, "Id")?.to_owned(), item.int("Port")?))).collect()
}

fn group<'world>(world: &'world mut World, ctx: &Ctx) -> AwsResult<&'world mut TargetGroup> {
    let arn = required(&ctx.params, "TargetGroupArn")?;
    world.region(&ctx.region).elb.target_groups.get_mut(arn).ok_or_else(target_groups::not_found)
}

/// RegisterTargets: <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RegisterTargets.html>.
fn register(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let targets = named(ctx)?;
    if targets.is_empty() {
        return Err(validation("At least one target must be specified"));
    }
    let by_id = group(world, ctx)?.target_type == "instance";
    let instances = &world.region(&ctx.region).ec2.instances;
    let missing = |id: &String| instances.get(id).is_none_or(|instance| instance.state != "running");
    if let Some((id, _)) = targets.iter().find(|(id, _)| by_id && missing(id)) {
        let text =
            format!("The following targets are not in a running state and cannot be registered: '{id}'");
        return Err(AwsError::new("InvalidTarget", text));
    }
    let group = group(world, ctx)?;
    let port = group.port;
    let keys: Vec<_> = targets.into_iter().map(|(id, own)| (id, own.or(port))).collect();
    for key in &keys {
        group.targets.entry(key.clone()).or_insert(Health::Initial);
    }
    let (region, arn) = (ctx.region.clone(), required(&ctx.params, "TargetGroupArn")?.to_owned());
    world.after(INITIAL, move |world| {
        let Some(group) = world.region(&region).elb.target_groups.get_mut(&arn) else { return };
        for key in &keys {
            if let Some(health) = group.targets.get_mut(key).filter(|health| **health == Health::Initial) {
                *health = Health::Healthy;
            }
        }
    });
    Ok(Xml::new().into())
}

/// DeregisterTargets:
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeregisterTargets.html>.
fn deregister(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let targets = named(ctx)?;
    let group = group(world, ctx)?;
    let goes = |id: &String, port: Option<i64>| {
        targets.iter().any(|(wanted, own)| wanted == id && (own.is_none() || *own == port))
    };
    group.targets.retain(|(id, port), _| !goes(id, *port));
    Ok(Xml::new().into())
}

/// DescribeTargetHealth:
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTargetHealth.html>.
fn describe(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let wanted = named(ctx)?;
    let arn = required(&ctx.params, "TargetGroupArn")?;
    let group = group(world, ctx)?.clone();
    let state = world.region(&ctx.region);
    let in_use = !target_groups::users(&state.elb, arn).is_empty();
    let rows = group
        .targets
        .iter()
        .filter(|((id, _), _)| wanted.is_empty() || wanted.iter().any(|(wanted, _)| wanted == id));
    let mut xml = Xml::new();
    xml.members("TargetHealthDescriptions", rows, |item, ((id, port), health)| {
        let stopped = group.target_type == "instance"
            && state.ec2.instances.get(id).is_none_or(|instance| instance.state != "running");
        let (state, reason) = match health {
            _ if stopped => ("unused", Some("Target.InvalidState")),
            _ if !in_use => ("unused", Some("Target.NotInUse")),
            health => (health.as_str(), health.reason()),
        };
        item.node("Target", |target| {
            target.text("Id", id).maybe("Port", *port);
        });
        item.node("TargetHealth", |health| {
            health.text("State", state).maybe("Reason", reason);
        });
    });
    Ok(xml.into())
}
