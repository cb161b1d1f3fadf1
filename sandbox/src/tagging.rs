//! The Resource Groups Tagging API over AWS JSON 1.1: GetResources, with its blind spots and its ghosts.
//!
//! Blind spots: IAM roles and Auto Scaling groups are not in it, nor what was never tagged; IAM's
//! kinds are seen from us-east-1 alone. Ghosts: what is deleted stays listed for a while.
//! <https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/supported-services.html>.

use serde_json::{Map, Value, json};

use crate::error::{AwsError, AwsResult};
use crate::protocol::{Answer, Ctx, Protocol};
use crate::service::{Operation, Service};
use crate::tags::Tags;
use crate::world::World;

/// The tagging API as the wire knows it.
pub(crate) const SERVICE: Service =
    Service { scope: "tagging", iam: "tag", protocol: Protocol::Json, operation };

fn operation(action: &str) -> Option<Operation> {
    (action == "GetResources").then_some(get_resources as Operation)
}

fn invalid(message: &str) -> AwsError {
    AwsError::new("InvalidParameterException", message)
}

/// One of `TagFilters`: the key must be there, with one of the values if there are any.
struct TagFilter {
    key: String,
    values: Vec<String>,
}

fn strings(value: Option<&Value>) -> Vec<String> {
    value
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

fn tag_filters(input: &Map<String, Value>) -> AwsResult<Vec<TagFilter>> {
    let given = input.get("TagFilters").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let filters: Vec<TagFilter> = given
        .iter()
        .map(|filter| TagFilter {
            key: filter["Key"].as_str().unwrap_or_default().to_owned(),
            values: strings(filter.get("Values")),
        })
        .collect();
    if filters.len() > 50 || filters.iter().any(|filter| filter.key.is_empty() || filter.values.len() > 20) {
        return Err(invalid("A request holds at most 50 tag filters of at most 20 values, each with a key"));
    }
    Ok(filters)
}

fn tags_match(filters: &[TagFilter], tags: &Tags) -> bool {
    filters.iter().all(|filter| {
        tags.get(&filter.key).is_some_and(|value| filter.values.is_empty() || filter.values.contains(value))
    })
}

/// Whether an ARN is of one of these types: a service (`ec2`), or a type of it (`ec2:vpc`).
fn type_matches(filters: &[String], kind: &str) -> bool {
    filters.is_empty()
        || filters.iter().any(|filter| {
            kind == filter || kind.split_once(':').is_some_and(|(service, _)| service == filter)
        })
}

/// <https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html>:
/// filters are ANDed, the values of one are ORed, at most 100 a page.
fn get_resources(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let filters = tag_filters(&ctx.json)?;
    let types = strings(ctx.json.get("ResourceTypeFilters"));
    let arns = strings(ctx.json.get("ResourceARNList"));
    if !arns.is_empty() && (!filters.is_empty() || !types.is_empty()) {
        return Err(invalid("ResourceARNList cannot be used together with filters or paging"));
    }
    let limit = match ctx.json.get("ResourcesPerPage").map(Value::as_u64) {
        None => 100,
        Some(Some(limit @ 1..=100)) => limit as usize,
        Some(_) => return Err(invalid("ResourcesPerPage must be between 1 and 100")),
    };
    let after = ctx.json.get("PaginationToken").and_then(Value::as_str).unwrap_or_default();
    let mut found = world
        .tagged(&ctx.region)
        .iter()
        .filter(|(arn, entry)| {
            arn.as_str() > after
                && (arns.is_empty() || arns.contains(arn))
                && type_matches(&types, entry.kind)
                && tags_match(&filters, &entry.tags)
        })
        .peekable();
    let mut page = Vec::new();
    let mut last = "";
    while page.len() < limit {
        let Some((arn, entry)) = found.next() else { break };
        let tags: Vec<Value> =
            entry.tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
        page.push(json!({ "ResourceARN": arn, "Tags": tags }));
        last = arn;
    }
    let token = if found.peek().is_some() { last } else { "" };
    Ok(Answer::Json(json!({ "ResourceTagMappingList": page, "PaginationToken": token })))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::time::Duration;

    use super::*;
    use crate::SimClock;

    fn account() -> World {
        World::new("111122223333", SimClock::new("2026-03-02T09:00:00Z".parse().unwrap(), 1.0))
    }

    fn make_group(world: &mut World, name: &str, tags: Value) {
        let input = json!({ "logGroupName": name, "tags": tags });
        world.call_json("logs", "us-east-1", "CreateLogGroup", input).unwrap();
    }

    fn delete_group(world: &mut World, name: &str) {
        world.call_json("logs", "us-east-1", "DeleteLogGroup", json!({ "logGroupName": name })).unwrap();
    }

    /// The ends of the ARNs that GetResources tells.
    fn found(world: &mut World, region: &str, input: Value) -> Vec<String> {
        let told = world.call_json("tagging", region, "GetResources", input).unwrap();
        let list = told["ResourceTagMappingList"].as_array().unwrap();
        let end = |item: &Value| item["ResourceARN"].as_str().unwrap().rsplit(':').next().unwrap().to_owned();
        list.iter().map(end).collect()
    }

    #[test]
    fn a_deleted_thing_haunts_the_list_for_a_while() {
        let mut world = account();
        make_group(&mut world, "/g", json!({ "Project": "shop" }));
        delete_group(&mut world, "/g");
        let shop = json!({ "TagFilters": [{ "Key": "Project", "Values": ["shop"] }] });
        assert_eq!(found(&mut world, "us-east-1", shop.clone()), ["/g"]);
        world.clock.skip(Duration::from_secs(29 * 60));
        assert_eq!(found(&mut world, "us-east-1", shop.clone()), ["/g"]);
        world.clock.skip(Duration::from_secs(2 * 60));
        assert!(found(&mut world, "us-east-1", shop).is_empty());
    }

    #[test]
    fn filters_are_all_needed_and_one_of_their_values_is_enough() {
        let mut world = account();
        make_group(&mut world, "/a", json!({ "Project": "shop", "Env": "1" }));
        make_group(&mut world, "/b", json!({ "Project": "shop", "Env": "2" }));
        make_group(&mut world, "/c", json!({ "Project": "shop" }));
        make_group(&mut world, "/d", json!({ "Env": "1" }));
        make_group(&mut world, "/e", json!({}));
        let both = json!({ "TagFilters": [{ "Key": "Project", "Values": ["shop"] }, { "Key": "Env", "Values": ["1", "2"] }] });
        assert_eq!(found(&mut world, "us-east-1", both), ["/a", "/b"]);
        let key = json!({ "TagFilters": [{ "Key": "Env" }], "ResourceTypeFilters": ["logs:log-group"] });
        assert_eq!(found(&mut world, "us-east-1", key), ["/a", "/b", "/d"]);
        let other = json!({ "ResourceTypeFilters": ["ec2"] });
        assert!(found(&mut world, "us-east-1", other).is_empty());
    }

    #[test]
    fn what_was_once_tagged_stays_listed_without_tags() {
        let mut world = account();
        make_group(&mut world, "/g", json!({ "Project": "shop" }));
        assert_eq!(found(&mut world, "us-east-1", json!({})), ["/g"]);
        let arn = "arn:aws:logs:us-east-1:111122223333:log-group:/g";
        let untag = json!({ "resourceArn": arn, "tagKeys": ["Project"] });
        world.call_json("logs", "us-east-1", "UntagResource", untag).unwrap();
        assert_eq!(found(&mut world, "us-east-1", json!({})), ["/g"]);
        let shop = json!({ "TagFilters": [{ "Key": "Project" }] });
        assert!(found(&mut world, "us-east-1", shop).is_empty());
    }

    #[test]
    fn iam_is_seen_from_its_home_only_and_its_roles_never() {
        let mut world = account();
        let tag = [("Tags.member.1.Key", "Project"), ("Tags.member.1.Value", "shop")];
        let policy = [("PolicyName", "p"), ("PolicyDocument", "{}"), tag[0], tag[1]];
        world.call("iam", "us-east-1", "CreatePolicy", &policy).unwrap();
        let role = [("RoleName", "r"), ("AssumeRolePolicyDocument", "{}"), tag[0], tag[1]];
        world.call("iam", "us-east-1", "CreateRole", &role).unwrap();
        assert_eq!(found(&mut world, "us-east-1", json!({})), ["policy/p"]);
        assert!(found(&mut world, "eu-west-1", json!({})).is_empty());
    }

    #[test]
    fn a_deleted_policy_haunts_its_home_wherever_it_was_deleted_from() {
        let mut world = account();
        let policy = [("PolicyName", "p"), ("PolicyDocument", "{}"), ("Tags.member.1.Key", "Project")];
        world.call("iam", "us-east-1", "CreatePolicy", &policy).unwrap();
        let named = [("PolicyArn", "arn:aws:iam::111122223333:policy/p")];
        world.call("iam", "eu-west-1", "DeletePolicy", &named).unwrap();
        assert_eq!(found(&mut world, "us-east-1", json!({})), ["policy/p"]);
        world.clock.skip(Duration::from_secs(31 * 60));
        assert!(found(&mut world, "us-east-1", json!({})).is_empty());
    }

    #[test]
    fn a_ghosts_time_runs_from_its_end_though_nobody_looked_until_later() {
        let mut world = account();
        make_group(&mut world, "/g", json!({ "Project": "shop" }));
        assert_eq!(found(&mut world, "us-east-1", json!({})), ["/g"]);
        world.after(Duration::from_secs(60), |world| {
            world.region("us-east-1").logs.groups.clear();
        });
        world.after(Duration::from_secs(60 * 60), |_| {});
        world.clock.skip(Duration::from_secs(90 * 60));
        assert!(found(&mut world, "us-east-1", json!({})).is_empty());
    }

    #[test]
    fn pages_are_followed_by_their_token() {
        let mut world = account();
        for number in 0..5 {
            make_group(&mut world, &format!("/{number}"), json!({ "k": "v" }));
        }
        let mut names = Vec::new();
        let mut token = String::new();
        loop {
            let input = json!({ "ResourcesPerPage": 2, "PaginationToken": token });
            let told = world.call_json("tagging", "us-east-1", "GetResources", input).unwrap();
            names.push(told["ResourceTagMappingList"].as_array().map_or(0, Vec::len));
            token = told["PaginationToken"].as_str().unwrap_or_default().to_owned();
            if token.is_empty() {
                break;
            }
        }
        assert_eq!(names, [2, 2, 1]);
    }

    #[test]
    fn a_whole_stack_is_seen_but_for_its_roles_and_what_has_no_tags() {
        let mut world =
            crate::scenario::build("failed-eks", 0.0, "2026-11-20T10:00:00Z".parse().unwrap()).unwrap();
        let filter = json!({ "TagFilters": [{ "Key": "EnvironmentSuffix", "Values": ["attempt-1"] }] });
        let told = world.call_json("tagging", "us-east-1", "GetResources", filter).unwrap();
        let kinds: BTreeSet<String> = told["ResourceTagMappingList"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item["ResourceARN"].as_str().unwrap())
            .map(|arn| {
                let mut parts = arn.split(':').skip(2);
                let (service, kind) = (parts.next().unwrap(), parts.nth(2).unwrap());
                format!("{service}:{}", kind.split('/').next().unwrap())
            })
            .collect();
        let kinds: Vec<&str> = kinds.iter().map(String::as_str).collect();
        assert_eq!(
            kinds,
            [
                "ec2:elastic-ip",
                "ec2:internet-gateway",
                "ec2:launch-template",
                "ec2:natgateway",
                "ec2:route-table",
                "ec2:security-group",
                "ec2:subnet",
                "ec2:vpc",
                "eks:addon",
                "eks:cluster",
                "eks:nodegroup",
                "iam:instance-profile",
                "iam:oidc-provider",
                "iam:policy",
            ]
        );
    }
}
