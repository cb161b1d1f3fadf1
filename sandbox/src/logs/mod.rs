//! CloudWatch Logs over AWS JSON 1.1: log groups with their tags and streams. Of events only the last one's
//! time is kept.

mod streams;

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::error::{AwsError, AwsResult};
use crate::protocol::{Answer, Ctx, Protocol};
use crate::quotas::table;
use crate::service::{Operation, Service};
use crate::stores::logs::{LogGroup, arn};
use crate::tags::Tags;
use crate::world::World;

/// Logs as the wire knows it.
pub(crate) const SERVICE: Service =
    Service { scope: "logs", iam: "logs", protocol: Protocol::Json, operation };

const OPERATIONS: &[(&str, Operation)] = &[
    ("CreateLogGroup", create_log_group),
    ("CreateLogStream", streams::create),
    ("DeleteLogGroup", delete_log_group),
    ("DescribeLogGroups", describe_log_groups),
    ("DescribeLogStreams", streams::describe),
    ("ListTagsForResource", list_tags_for_resource),
    ("PutLogEvents", streams::put),
    ("PutLogGroupDeletionProtection", put_log_group_deletion_protection),
    ("PutRetentionPolicy", put_retention_policy),
    ("TagResource", tag_resource),
    ("UntagResource", untag_resource),
];

fn operation(action: &str) -> Option<Operation> {
    OPERATIONS.iter().find(|(name, _)| *name == action).map(|(_, operation)| *operation)
}

/// An operation's empty answer.
fn done() -> AwsResult<Answer> {
    Ok(Answer::Json(json!({})))
}

fn invalid(message: impl Into<String>) -> AwsError {
    AwsError::new("InvalidParameterException", message)
}

/// `InvalidParameterException` of one member.
fn constraint(name: &str, value: Option<&str>, must: &str) -> AwsError {
    AwsError::constraint("InvalidParameterException", name, value, must)
}

fn not_found() -> AwsError {
    AwsError::new("ResourceNotFoundException", "The specified log group does not exist.")
}

fn text<'a>(input: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    input.get(name).and_then(Value::as_str)
}

fn required<'a>(input: &'a Map<String, Value>, name: &str) -> AwsResult<&'a str> {
    text(input, name).ok_or_else(|| constraint(name, None, "not be null"))
}

/// The group whose name a parameter gives.
fn group_to_change<'a>(world: &'a mut World, ctx: &Ctx, name: &str) -> AwsResult<&'a mut LogGroup> {
    let name = required(&ctx.json, name)?;
    world.region(&ctx.region).logs.groups.get_mut(name).ok_or_else(not_found)
}

fn string_map(value: Option<&Value>) -> Tags {
    let Some(Value::Object(members)) = value else { return Tags::new() };
    members.iter().map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default().to_owned())).collect()
}

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html>.
fn create_log_group(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let name = required(&ctx.json, "logGroupName")?;
    let mut group = LogGroup::new(world.clock.now());
    group.tags = string_map(ctx.json.get("tags"));
    group.deletion_protection = ctx.json.get("deletionProtectionEnabled") == Some(&Value::Bool(true));
    let most = world.quotas.limit(&ctx.region, table::LOG_GROUPS);
    let groups = &mut world.region(&ctx.region).logs.groups;
    if groups.contains_key(name) {
        return Err(AwsError::new(
            "ResourceAlreadyExistsException",
            "The specified log group already exists",
        ));
    }
    if groups.len() >= most {
        return Err(AwsError::new("LimitExceededException", "Resource limit exceeded."));
    }
    groups.insert(name.to_owned(), group);
    done()
}

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogGroup.html>.
fn delete_log_group(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let name = required(&ctx.json, "logGroupName")?.to_owned();
    if group_to_change(world, ctx, "logGroupName")?.deletion_protection {
        // The page of PutLogGroupDeletionProtection names no code; ValidationException is its nearest.
        return Err(AwsError::new("ValidationException", "The log group has deletion protection enabled."));
    }
    world.region(&ctx.region).logs.groups.remove(&name);
    put_back_later(world, &ctx.region, name);
    done()
}

/// How long EKS takes to write the next line of a control plane's log.
const NEXT_LINE: Duration = Duration::from_secs(30);

/// While a cluster exists, EKS goes on logging and makes the group again, without its tags:
/// <https://docs.aws.amazon.com/eks/latest/userguide/control-plane-logs.html>.
fn put_back_later(world: &mut World, region: &str, name: String) {
    let Some(cluster) = name.strip_prefix("/aws/eks/").and_then(|rest| rest.strip_suffix("/cluster")) else {
        return;
    };
    let (region, cluster) = (region.to_owned(), cluster.to_owned());
    if !cluster_exists(world, &region, &cluster) {
        return;
    }
    world.after(NEXT_LINE, move |world| {
        if cluster_exists(world, &region, &cluster) {
            let group = LogGroup::new(world.clock.now());
            world.region(&region).logs.groups.entry(name).or_insert(group);
        }
    });
}

/// Whether EKS still has this cluster, even if it is being deleted.
fn cluster_exists(world: &mut World, region: &str, cluster: &str) -> bool {
    world.region(region).eks.clusters.contains_key(cluster)
}

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html>:
/// at most 50 a page; `logGroupArn` is the ARN, and `arn` is it with `:*` behind.
fn describe_log_groups(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let (prefix, pattern) = (text(&ctx.json, "logGroupNamePrefix"), text(&ctx.json, "logGroupNamePattern"));
    if prefix.is_some() && pattern.is_some() {
        return Err(invalid(
            "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.",
        ));
    }
    let limit = match ctx.json.get("limit").map(Value::as_u64) {
        None => 50,
        Some(Some(limit @ 1..=50)) => limit as usize,
        Some(other) => {
            let value = other.map(|number| number.to_string());
            return Err(constraint("limit", value.as_deref(), "have value less than or equal to 50"));
        }
    };
    let after = text(&ctx.json, "nextToken").map(str::to_owned);
    let account = world.account.clone();
    let matching = |name: &str| {
        prefix.is_none_or(|prefix| name.starts_with(prefix))
            && pattern.is_none_or(|pattern| name.contains(pattern))
            && after.as_deref().is_none_or(|after| name > after)
    };
    let groups = &world.region(&ctx.region).logs.groups;
    let mut found = groups.iter().filter(|(name, _)| matching(name)).peekable();
    let mut page = Vec::new();
    let mut last = "";
    while page.len() < limit {
        let Some((name, group)) = found.next() else { break };
        page.push(told(name, group, &arn(&ctx.region, &account, name)));
        last = name;
    }
    let mut answer = json!({ "logGroups": page });
    if found.peek().is_some() {
        answer["nextToken"] = json!(last);
    }
    Ok(Answer::Json(answer))
}

fn told(name: &str, group: &LogGroup, arn: &str) -> Value {
    let mut told = json!({
        "logGroupName": name,
        "creationTime": group.created.as_millisecond(),
        "metricFilterCount": 0,
        "arn": format!("{arn}:*"),
        "logGroupArn": arn,
        "storedBytes": group.stored_bytes,
        "logGroupClass": "STANDARD",
        "deletionProtectionEnabled": group.deletion_protection,
    });
    if let Some(days) = group.retention_days {
        told["retentionInDays"] = json!(days);
    }
    told
}

/// The group that `resourceArn` means. The ARN stands without `:*`:
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_ListTagsForResource.html>.
fn group_of_arn<'a>(world: &'a mut World, ctx: &Ctx) -> AwsResult<&'a mut LogGroup> {
    let given = required(&ctx.json, "resourceArn")?;
    if given.ends_with(":*") {
        return Err(invalid("The resource ARN must not end with :*"));
    }
    let front = arn(&ctx.region, &world.account, "");
    let name = given.strip_prefix(&front).ok_or_else(not_found)?;
    world.region(&ctx.region).logs.groups.get_mut(name).ok_or_else(not_found)
}

fn list_tags_for_resource(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let tags = &group_of_arn(world, ctx)?.tags;
    Ok(Answer::Json(json!({ "tags": tags })))
}

fn tag_resource(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    group_of_arn(world, ctx)?.tags.extend(string_map(ctx.json.get("tags")));
    done()
}

fn untag_resource(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let keys: Vec<&str> = ctx
        .json
        .get("tagKeys")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    group_of_arn(world, ctx)?.tags.retain(|key, _| !keys.contains(&key.as_str()));
    done()
}

fn put_retention_policy(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let days =
        ctx.json.get("retentionInDays").and_then(Value::as_u64).and_then(|days| u32::try_from(days).ok());
    let days = days.ok_or_else(|| invalid("retentionInDays must be a number of days"))?;
    group_to_change(world, ctx, "logGroupName")?.retention_days = Some(days);
    done()
}

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogGroupDeletionProtection.html>.
fn put_log_group_deletion_protection(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let on = ctx.json.get("deletionProtectionEnabled") == Some(&Value::Bool(true));
    group_to_change(world, ctx, "logGroupIdentifier")?.deletion_protection = on;
    done()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SimClock;

    fn world_with_groups(names: impl IntoIterator<Item = String>) -> World {
        let mut world =
            World::new("111122223333", SimClock::new("2026-03-02T09:00:00Z".parse().unwrap(), 1.0));
        for name in names {
            call(&mut world, "CreateLogGroup", json!({ "logGroupName": name })).unwrap();
        }
        world
    }

    fn call(world: &mut World, action: &str, input: Value) -> AwsResult<Value> {
        world.call_json("logs", "us-east-1", action, input)
    }

    #[test]
    fn a_page_holds_fifty_groups() {
        let mut world = world_with_groups((0..60).map(|number| format!("/g/{number:02}")));
        let first = call(&mut world, "DescribeLogGroups", json!({})).unwrap();
        assert_eq!(first["logGroups"].as_array().map(Vec::len), Some(50));
        let rest = call(&mut world, "DescribeLogGroups", json!({ "nextToken": first["nextToken"] })).unwrap();
        assert_eq!(rest["logGroups"][0]["logGroupName"], "/g/50");
        assert_eq!(rest["logGroups"].as_array().map(Vec::len), Some(10));
        assert_eq!(rest.get("nextToken"), None);
    }

    #[test]
    fn a_group_has_two_arns_and_one_of_them_names_its_tags() {
        let mut world = world_with_groups(["/g".to_owned()]);
        let told = call(&mut world, "DescribeLogGroups", json!({ "logGroupNamePattern": "g" })).unwrap();
        let group = &told["logGroups"][0];
        assert_eq!(group["arn"], "arn:aws:logs:us-east-1:111122223333:log-group:/g:*");
        let tags = json!({ "resourceArn": group["logGroupArn"], "tags": { "Project": "shop" } });
        call(&mut world, "TagResource", tags).unwrap();
        let told =
            call(&mut world, "ListTagsForResource", json!({ "resourceArn": group["logGroupArn"] })).unwrap();
        assert_eq!(told["tags"]["Project"], "shop");
        let refusal =
            call(&mut world, "ListTagsForResource", json!({ "resourceArn": group["arn"] })).unwrap_err();
        assert_eq!(refusal.code, "InvalidParameterException");
    }

    #[test]
    fn a_deleted_group_is_gone_and_a_protected_one_stays() {
        let mut world = world_with_groups(["/g".to_owned()]);
        let protect = |on: bool| json!({ "logGroupIdentifier": "/g", "deletionProtectionEnabled": on });
        call(&mut world, "PutLogGroupDeletionProtection", protect(true)).unwrap();
        assert!(call(&mut world, "DeleteLogGroup", json!({ "logGroupName": "/g" })).is_err());
        call(&mut world, "PutLogGroupDeletionProtection", protect(false)).unwrap();
        call(&mut world, "DeleteLogGroup", json!({ "logGroupName": "/g" })).unwrap();
        let refusal = call(&mut world, "DeleteLogGroup", json!({ "logGroupName": "/g" })).unwrap_err();
        assert_eq!(refusal.code, "ResourceNotFoundException");
    }
}
