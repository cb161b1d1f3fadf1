//! The actions of listeners and rules: read and written. Of others than `forward` only the kind is kept.

use crate::error::AwsResult;
use crate::query::Params;
use crate::stores::elb::{Action, Elb};
use crate::xml::Xml;

use super::target_groups;

/// Reads a list of actions; the target groups that they name have to be there.
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Action.html>
pub(super) fn read(elb: &Elb, params: &Params, name: &str) -> AwsResult<Vec<Action>> {
    let mut actions = Vec::new();
    for item in params.items(name) {
        let mut groups = Vec::new();
        for tuple in item.items("ForwardConfig.TargetGroups") {
            let arn = tuple.get("TargetGroupArn").unwrap_or_default().to_owned();
            groups.push((arn, tuple.int("Weight")?.unwrap_or(1)));
        }
        if let Some(arn) = item.get("TargetGroupArn").filter(|_| groups.is_empty()) {
            groups.push((arn.to_owned(), 1));
        }
        if groups.iter().any(|(arn, _)| !elb.target_groups.contains_key(arn)) {
            return Err(target_groups::not_found());
        }
        actions.push(Action { kind: item.get("Type").unwrap_or("forward").to_owned(), groups });
    }
    Ok(actions)
}

/// Writes a list of actions. One target group stands in the action itself as well:
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Action.html>.
pub(super) fn write(xml: &mut Xml, name: &str, actions: &[Action]) {
    xml.members(name, actions, |item, action| {
        item.text("Type", &action.kind);
        if let [(arn, _)] = action.groups.as_slice() {
            item.text("TargetGroupArn", arn);
        }
        if !action.groups.is_empty() {
            item.node("ForwardConfig", |config| {
                config.members("TargetGroups", &action.groups, |tuple, (arn, weight)| {
                    tuple.text("TargetGroupArn", arn).text("Weight", weight);
                });
            });
        }
    });
}
