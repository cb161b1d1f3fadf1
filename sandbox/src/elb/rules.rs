//! Rules of listeners: create, describe, delete. They go with their listener.

use super::{actions, listeners, page, required, validation};
use crate::error::{AwsError, AwsResult};
use crate::protocol::{Answer, Ctx};
use crate::service::Operation;
use crate::stores::elb::{Action, ListenerRule};
use crate::world::World;
use crate::xml::Xml;

/// The operations of this file.
pub(crate) const OPERATIONS: &[(&str, Operation)] =
    &[("CreateRule", create), ("DescribeRules", describe), ("DeleteRule", delete)];

/// CreateRule: <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html>.
fn create(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let params = &ctx.params;
    let listener = required(params, "ListenerArn")?.to_owned();
    let elb = &world.region(&ctx.region).elb;
    if !elb.listeners.contains_key(&listener) {
        return Err(listeners::not_found());
    }
    let priority = params.int("Priority")?.ok_or_else(|| validation("Priority must be specified"))?;
    if elb.rules.values().any(|other| other.listener == listener && other.priority == priority) {
        return Err(AwsError::new("PriorityInUse", format!("Priority '{priority}' is currently in use")));
    }
    let mut conditions = Vec::new();
    for item in params.items("Conditions") {
        let mut values = item.list("Values");
        for config in ["HostHeaderConfig", "PathPatternConfig", "SourceIpConfig", "HttpRequestMethodConfig"] {
            values.extend(item.nested(config).list("Values"));
        }
        conditions.push((item.get("Field").unwrap_or_default().to_owned(), values));
    }
    let rule = ListenerRule {
        actions: actions::read(elb, params, "Actions")?,
        priority,
        conditions,
        tags: params.tags("Tags"),
        listener,
    };
    let base = rule.listener.replacen(":listener/", ":listener-rule/", 1);
    let arn = format!("{base}/{}", world.ids.hex(16));
    let mut xml = Xml::new();
    xml.members("Rules", [&rule], |item, rule| write(item, &arn, rule));
    world.region(&ctx.region).elb.rules.insert(arn, rule);
    Ok(xml.into())
}

/// DescribeRules, with the default one that is the listener's own:
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeRules.html>.
fn describe(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let arns = ctx.params.list("RuleArns");
    let of = ctx.params.get("ListenerArn");
    let elb = &world.region(&ctx.region).elb;
    if arns.is_empty() && of.is_none() {
        return Err(validation("You must specify either listener rule ARNs or a listener ARN"));
    }
    if of.is_some_and(|of| !elb.listeners.contains_key(of)) {
        return Err(listeners::not_found());
    }
    let mut rows: Vec<(String, Row<'_>)> = Vec::new();
    for (arn, listener) in &elb.listeners {
        rows.push((default_arn(arn), Row::Default(&listener.actions)));
    }
    rows.extend(elb.rules.iter().map(|(arn, rule)| (arn.clone(), Row::Own(rule))));
    if arns.iter().any(|arn| !rows.iter().any(|(row, _)| row == arn)) {
        return Err(not_found());
    }
    let base = of.map(|of| format!("{}/", of.replacen(":listener/", ":listener-rule/", 1)));
    rows.retain(|(arn, _)| {
        (arns.is_empty() || arns.contains(arn)) && base.as_ref().is_none_or(|base| arn.starts_with(base))
    });
    rows.sort_by(|one, next| one.0.cmp(&next.0));
    let (rows, next) = page(&ctx.params, rows)?;
    let mut xml = Xml::new();
    xml.members("Rules", rows, |item, (arn, row)| match row {
        Row::Own(rule) => write(item, &arn, rule),
        Row::Default(actions) => {
            item.text("RuleArn", arn).text("Priority", "default").node("Conditions", |_| {});
            actions::write(item, "Actions", actions);
            item.text("IsDefault", true);
        }
    });
    xml.maybe("NextMarker", next);
    Ok(xml.into())
}

enum Row<'a> {
    Default(&'a [Action]),
    Own(&'a ListenerRule),
}

fn default_arn(listener: &str) -> String {
    format!("{}/0000000000000000", listener.replacen(":listener/", ":listener-rule/", 1))
}

pub(super) fn not_found() -> AwsError {
    AwsError::new("RuleNotFound", "One or more rules not found")
}

/// DeleteRule: <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteRule.html>.
fn delete(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let arn = required(&ctx.params, "RuleArn")?;
    let elb = &mut world.region(&ctx.region).elb;
    if elb.listeners.keys().any(|listener| default_arn(listener) == arn) {
        return Err(AwsError::new(
            "OperationNotPermitted",
            format!("Default rule '{arn}' cannot be deleted"),
        ));
    }
    elb.rules.remove(arn).map(|_| Xml::new().into()).ok_or_else(not_found)
}

fn write(xml: &mut Xml, arn: &str, rule: &ListenerRule) {
    xml.text("RuleArn", arn).text("Priority", rule.priority);
    xml.members("Conditions", &rule.conditions, |item, (field, values)| {
        item.text("Field", field).member_texts("Values", values);
    });
    actions::write(xml, "Actions", &rule.actions);
    xml.text("IsDefault", false);
}
