//! Target groups: create, describe, delete.

use std::collections::BTreeSet;

use super::{load_balancers, new_name, page, required, validation};
use crate::error::{AwsError, AwsResult};
use crate::protocol::{Answer, Ctx};
use crate::quotas::table;
use crate::service::Operation;
use crate::stores::elb::{Elb, TargetGroup};
use crate::world::World;
use crate::xml::Xml;

/// The operations of this file.
pub(crate) const OPERATIONS: &[(&str, Operation)] =
    &[("CreateTargetGroup", create), ("DescribeTargetGroups", describe), ("DeleteTargetGroup", delete)];

/// CreateTargetGroup:
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html>.
fn create(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let params = &ctx.params;
    let new = TargetGroup {
        name: new_name(params)?,
        protocol: params.get("Protocol").map(str::to_owned),
        port: params.int("Port")?,
        vpc: params.get("VpcId").map(str::to_owned),
        target_type: params.get("TargetType").unwrap_or("instance").to_owned(),
        lingering: 0,
        targets: Default::default(),
        tags: params.tags("Tags"),
    };
    if new.target_type != "lambda" {
        let Some(vpc) = &new.vpc else { return Err(validation("A VPC ID must be specified")) };
        if !world.region(&ctx.region).ec2.vpcs.contains_key(vpc) {
            return Err(validation(format!("The VPC ID '{vpc}' is not found")));
        }
    }
    let most = world.quotas.limit(&ctx.region, table::TARGET_GROUPS);
    let elb = &world.region(&ctx.region).elb;
    if let Some((arn, standing)) = elb.target_groups.iter().find(|(_, group)| group.name == new.name) {
        // Idempotent for the same settings, as the page says.
        if (&standing.protocol, standing.port, &standing.vpc) == (&new.protocol, new.port, &new.vpc) {
            return Ok(told(elb, arn, standing));
        }
        return Err(AwsError::new(
            "DuplicateTargetGroupName",
            format!("A target group with the same name '{}' exists, but with different settings", new.name),
        ));
    }
    if elb.target_groups.len() >= most {
        return Err(AwsError::new(
            "TooManyTargetGroups",
            "The maximum number of target groups has been reached",
        ));
    }
    let arn = format!(
        "arn:aws:elasticloadbalancing:{}:{}:targetgroup/{}/{}",
        ctx.region,
        world.account,
        new.name,
        world.ids.hex(16)
    );
    let elb = &mut world.region(&ctx.region).elb;
    let answer = told(elb, &arn, &new);
    elb.target_groups.insert(arn, new);
    Ok(answer)
}

/// DescribeTargetGroups:
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTargetGroups.html>.
fn describe(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let params = &ctx.params;
    let (arns, names) = (params.list("TargetGroupArns"), params.list("Names"));
    let elb = &world.region(&ctx.region).elb;
    let all = &elb.target_groups;
    if arns.iter().any(|arn| !all.contains_key(arn))
        || names.iter().any(|name| !all.values().any(|group| group.name == *name))
    {
        return Err(not_found());
    }
    let of = params.get("LoadBalancerArn");
    if let Some(arn) = of.filter(|arn| !elb.load_balancers.contains_key(*arn)) {
        return Err(load_balancers::not_found(arn));
    }
    let wanted = |arn: &String, group: &TargetGroup| {
        (arns.is_empty() || arns.contains(arn))
            && (names.is_empty() || names.contains(&group.name))
            && of.is_none_or(|of| users(elb, arn).contains(of))
    };
    let rows = all.iter().filter(|(arn, group)| wanted(arn, group));
    let (rows, next) = page(params, rows.map(|(arn, group)| (arn.clone(), group)).collect())?;
    let mut xml = Xml::new();
    xml.members("TargetGroups", rows, |item, (arn, group)| write(item, elb, &arn, group));
    xml.maybe("NextMarker", next);
    Ok(xml.into())
}

pub(super) fn not_found() -> AwsError {
    AwsError::new("TargetGroupNotFound", "One or more target groups not found")
}

/// DeleteTargetGroup. The only modelled refusal is that it is in use; one that is not there is no error:
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteTargetGroup.html>.
fn delete(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let arn = required(&ctx.params, "TargetGroupArn")?;
    if !arn.contains(":targetgroup/") {
        return Err(validation(format!("'{arn}' is not a valid target group ARN")));
    }
    let elb = &mut world.region(&ctx.region).elb;
    let lingering = elb.target_groups.get(arn).is_some_and(|group| group.lingering > 0);
    if lingering || !users(elb, arn).is_empty() {
        return Err(AwsError::new(
            "ResourceInUse",
            format!("Target group '{arn}' is currently in use by a listener or a rule"),
        ));
    }
    elb.target_groups.remove(arn);
    Ok(Xml::new().into())
}

/// The load balancers whose listeners, or rules of these, use a target group.
pub(super) fn users<'a>(elb: &'a Elb, arn: &str) -> BTreeSet<&'a str> {
    let uses = |listener: &str| {
        elb.actions_of(listener).any(|action| action.groups.iter().any(|(group, _)| group == arn))
    };
    let listeners = elb.listeners.iter().filter(|(listener, _)| uses(listener));
    listeners.map(|(_, listener)| listener.load_balancer.as_str()).collect()
}

fn told(elb: &Elb, arn: &str, group: &TargetGroup) -> Answer {
    let mut xml = Xml::new();
    xml.members("TargetGroups", [group], |item, group| write(item, elb, arn, group));
    xml.into()
}

fn write(xml: &mut Xml, elb: &Elb, arn: &str, group: &TargetGroup) {
    xml.text("TargetGroupArn", arn)
        .text("TargetGroupName", &group.name)
        .maybe("Protocol", group.protocol.as_ref())
        .maybe("Port", group.port)
        .maybe("VpcId", group.vpc.as_ref())
        .text("TargetType", &group.target_type)
        .member_texts("LoadBalancerArns", users(elb, arn));
}
