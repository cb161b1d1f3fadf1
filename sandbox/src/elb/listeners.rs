//! Listeners: create, describe, delete. They go with their load balancer.

use std::collections::BTreeSet;
use std::time::Duration;

use super::{actions, load_balancers, page, required, validation};
use crate::error::{AwsError, AwsResult};
use crate::protocol::{Answer, Ctx};
use crate::quotas::table;
use crate::service::Operation;
use crate::stores::elb::{Listener, Type};
use crate::world::World;
use crate::xml::Xml;

/// How long a target group is still held by a listener that went with its load balancer. No page tells it;
/// clients retry `ResourceInUse` for it.
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/delete-target-group.html>
pub const TARGET_GROUPS_LINGER: Duration = Duration::from_secs(20);

/// The operations of this file.
pub(crate) const OPERATIONS: &[(&str, Operation)] =
    &[("CreateListener", create), ("DescribeListeners", describe), ("DeleteListener", delete)];

/// CreateListener:
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateListener.html>.
fn create(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let params = &ctx.params;
    let load_balancer = required(params, "LoadBalancerArn")?.to_owned();
    let elb = &world.region(&ctx.region).elb;
    let Some(holder) = elb.load_balancers.get(&load_balancer) else {
        return Err(load_balancers::not_found(&load_balancer));
    };
    let code = match holder.lb_type {
        Type::Network => table::LISTENERS_PER_NETWORK,
        // A gateway load balancer has one listener; its quota has no code.
        Type::Application | Type::Gateway => table::LISTENERS_PER_APPLICATION,
    };
    let most = world.quotas.limit(&ctx.region, code);
    let elb = &world.region(&ctx.region).elb;
    let actions = actions::read(elb, params, "DefaultActions")?;
    let new = Listener {
        protocol: params.get("Protocol").unwrap_or("HTTP").to_owned(),
        port: params.int("Port")?.unwrap_or(80),
        load_balancer,
        actions,
        tags: params.tags("Tags"),
    };
    let same = |other: &Listener| other.load_balancer == new.load_balancer && other.port == new.port;
    if elb.listeners.values().any(same) {
        return Err(AwsError::new(
            "DuplicateListener",
            "A listener already exists on this port for this load balancer",
        ));
    }
    if elb.listeners.values().filter(|other| other.load_balancer == new.load_balancer).count() >= most {
        let text = "The maximum number of listeners has been reached for this load balancer";
        return Err(AwsError::new("TooManyListeners", text));
    }
    let id = world.ids.hex(16);
    let arn = format!("{}/{id}", new.load_balancer.replacen(":loadbalancer/", ":listener/", 1));
    let mut xml = Xml::new();
    xml.members("Listeners", [&new], |item, listener| write(item, &arn, listener));
    world.region(&ctx.region).elb.listeners.insert(arn, new);
    Ok(xml.into())
}

/// DescribeListeners:
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeListeners.html>.
fn describe(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let arns = ctx.params.list("ListenerArns");
    let of = ctx.params.get("LoadBalancerArn");
    let elb = &world.region(&ctx.region).elb;
    if arns.is_empty() && of.is_none() {
        return Err(validation("You must specify either listener ARNs or a load balancer ARN"));
    }
    if arns.iter().any(|arn| !elb.listeners.contains_key(arn)) {
        return Err(not_found());
    }
    if let Some(arn) = of.filter(|arn| !elb.load_balancers.contains_key(*arn)) {
        return Err(load_balancers::not_found(arn));
    }
    let rows = elb.listeners.iter().filter(|(arn, listener)| {
        (arns.is_empty() || arns.contains(arn)) && of.is_none_or(|of| listener.load_balancer == of)
    });
    let (rows, next) = page(&ctx.params, rows.map(|(arn, listener)| (arn.clone(), listener)).collect())?;
    let mut xml = Xml::new();
    xml.members("Listeners", rows, |item, (arn, listener)| write(item, &arn, listener));
    xml.maybe("NextMarker", next);
    Ok(xml.into())
}

pub(super) fn not_found() -> AwsError {
    AwsError::new("ListenerNotFound", "One or more listeners not found")
}

/// DeleteListener:
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteListener.html>.
fn delete(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let arn = required(&ctx.params, "ListenerArn")?;
    let elb = &mut world.region(&ctx.region).elb;
    elb.listeners.remove(arn).ok_or_else(not_found)?;
    elb.rules.retain(|_, rule| rule.listener != arn);
    Ok(Xml::new().into())
}

/// Removes the listeners of a load balancer; their target groups are held a little longer.
pub(super) fn remove_all_of(world: &mut World, region: &str, load_balancer: &str) {
    let elb = &mut world.region(region).elb;
    let mut held = Vec::new();
    let of = elb.listeners.iter().filter(|(_, listener)| listener.load_balancer == load_balancer);
    for listener in of.map(|(arn, _)| arn.clone()).collect::<Vec<_>>() {
        let groups = elb.actions_of(&listener).flat_map(|action| &action.groups);
        held.extend(groups.map(|(arn, _)| arn.clone()).collect::<BTreeSet<_>>());
        elb.listeners.remove(&listener);
        elb.rules.retain(|_, rule| rule.listener != listener);
    }
    for arn in &held {
        if let Some(group) = elb.target_groups.get_mut(arn) {
            group.lingering += 1;
        }
    }
    let region = region.to_owned();
    world.after(TARGET_GROUPS_LINGER, move |world| {
        for arn in &held {
            if let Some(group) = world.region(&region).elb.target_groups.get_mut(arn) {
                group.lingering = group.lingering.saturating_sub(1);
            }
        }
    });
}

fn write(xml: &mut Xml, arn: &str, listener: &Listener) {
    xml.text("ListenerArn", arn)
        .text("LoadBalancerArn", &listener.load_balancer)
        .text("Port", listener.port)
        .text("Protocol", &listener.protocol);
    actions::write(xml, "DefaultActions", &listener.actions);
}
