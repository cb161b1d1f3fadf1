//! AWS CloudTrail over AWS JSON 1.1: the last 90 days of calls that changed something, looked up.
//!
//! The wire has every such call recorded ([`record`]), also those of scenarios. What services make by
//! themselves has no event.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::error::{AwsError, AwsResult};
use crate::fields::Fields;
use crate::protocol::{Answer, Ctx, Protocol};
use crate::quotas::HOME;
use crate::service::{Operation, Service};
use crate::world::{TrailEvent, World};

/// CloudTrail as the wire knows it.
pub(crate) const SERVICE: Service =
    Service { scope: "cloudtrail", iam: "cloudtrail", protocol: Protocol::Json, operation };

fn operation(action: &str) -> Option<Operation> {
    (action == "LookupEvents").then_some(lookup as Operation)
}

/// How far back lookups reach, and the largest page:
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html>.
const HISTORY: Duration = Duration::from_secs(90 * 24 * 60 * 60);
const PAGE: u32 = 50;

/// What a lookup may ask for, once.
const ATTRIBUTES: [&str; 8] = [
    "EventId",
    "EventName",
    "ReadOnly",
    "Username",
    "ResourceType",
    "ResourceName",
    "EventSource",
    "AccessKeyId",
];

/// Types of resources, by how their ids begin.
const TYPES: [(&str, &str); 12] = [
    ("vpc-", "AWS::EC2::VPC"),
    ("subnet-", "AWS::EC2::Subnet"),
    ("sg-", "AWS::EC2::SecurityGroup"),
    ("i-", "AWS::EC2::Instance"),
    ("eni-", "AWS::EC2::NetworkInterface"),
    ("rtb-", "AWS::EC2::RouteTable"),
    ("igw-", "AWS::EC2::InternetGateway"),
    ("nat-", "AWS::EC2::NatGateway"),
    ("eipalloc-", "AWS::EC2::EIP"),
    ("vol-", "AWS::EC2::Volume"),
    ("lt-", "AWS::EC2::LaunchTemplate"),
    ("vpce-", "AWS::EC2::VPCEndpoint"),
];

/// Records a call that changed something.
pub(crate) fn record(world: &mut World, service: &Service, ctx: &Ctx, answer: &Answer) {
    // What happens to objects is not among management events:
    // https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html
    if service.iam == "s3" && ctx.action.ends_with("Object") {
        return;
    }
    let id = world.trail.ids.uuid();
    let (at, caller, account) = (world.clock.now(), world.caller_arn.clone(), world.account.clone());
    let region = if service.iam == "iam" { HOME } else { &ctx.region }.to_owned();
    let source = format!("{}.amazonaws.com", if service.iam == "tag" { "tagging" } else { service.iam });
    let name = event_name(service, &ctx.action);
    let resources: Vec<_> = named(ctx, answer).into_iter().map(|name| (kind(&name), name)).collect();
    let parameters = match ctx.json.is_empty() {
        false => Value::Object(ctx.json.clone()),
        true => ctx.params.iter().map(|(key, value)| (key.to_owned(), json!(value))).collect(),
    };
    let text = json!({
        "eventVersion": "1.11",
        "userIdentity": {
            "type": if caller.contains(":assumed-role/") { "AssumedRole" } else { "IAMUser" },
            "arn": caller,
            "accountId": account,
            "userName": user_name(&caller),
        },
        "eventTime": at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "eventSource": source,
        "eventName": name,
        "awsRegion": region,
        "sourceIPAddress": "203.0.113.10",
        "requestParameters": parameters,
        "eventID": id,
        "readOnly": false,
        "eventType": "AwsApiCall",
        "managementEvent": true,
        "recipientAccountId": account,
        "eventCategory": "Management",
    });
    let text = text.to_string();
    world.trail.events.push(TrailEvent { id, name, source, at, region, caller, resources, text });
}

/// Lambda's events carry the version of its API:
/// <https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html>.
fn event_name(service: &Service, action: &str) -> String {
    match (service.iam, action) {
        ("lambda", "CreateFunction" | "DeleteFunction") => format!("{action}20150331"),
        ("lambda", "UpdateFunctionConfiguration") => format!("{action}20150331v2"),
        ("lambda", "TagResource" | "UntagResource") => format!("{action}20170331v2"),
        _ => action.to_owned(),
    }
}

/// The last part of the caller's ARN: a user's name, or a session's.
fn user_name(caller: &str) -> &str {
    caller.rsplit('/').next().unwrap_or(caller)
}

fn kind(name: &str) -> Option<&'static str> {
    TYPES.iter().find(|(prefix, _)| name.starts_with(prefix)).map(|(_, kind)| *kind)
}

/// Every id, name and ARN in the call and in its answer.
fn named(ctx: &Ctx, answer: &Answer) -> BTreeSet<String> {
    let target = ctx.target();
    let mut found: BTreeSet<String> = target.split(',').map(str::to_owned).collect();
    match answer {
        Answer::Xml(xml) => {
            for piece in xml.as_str().split('<') {
                let element = piece.split_once('>').filter(|(name, _)| names_something(name));
                found.extend(element.map(|(_, text)| text.to_owned()));
            }
        }
        Answer::Json(value) => gather(value, &mut found),
        Answer::Plain(_) => {}
    }
    found.remove("");
    found
}

/// Whether what stands under this name is an id, a name or an ARN of a thing.
fn names_something(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let other = ["ownerid", "requestid", "accountid", "dnsname", "hostedzoneid", "dhcpoptionsid"];
    let end = ["id", "ids", "name", "arn"].iter().any(|end| lower.ends_with(end));
    end && !name.starts_with('/') && !other.iter().any(|other| lower.ends_with(other))
}

fn gather(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::String(text) if names_something(name) => {
                        found.insert(text.clone());
                    }
                    value => gather(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| gather(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// LookupEvents: the newest first, by one attribute.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html>
fn lookup(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let input = Fields::from(&ctx.json);
    let invalid = |code: &str, text: &str| AwsError::new(code, text);
    let attributes = input.objects("LookupAttributes");
    if attributes.len() > 1 {
        let text = "You can specify only one attribute.";
        return Err(invalid("InvalidLookupAttributesException", text));
    }
    let wanted = attributes.first().map(|attribute| {
        (
            attribute.text("AttributeKey").unwrap_or_default(),
            attribute.text("AttributeValue").unwrap_or_default(),
        )
    });
    if wanted.as_ref().is_some_and(|(key, _)| !ATTRIBUTES.contains(&key.as_str())) {
        return Err(invalid("InvalidLookupAttributesException", "The attribute is not valid."));
    }
    let size = input.number("MaxResults").unwrap_or(PAGE);
    if !(1..=PAGE).contains(&size) {
        return Err(invalid("InvalidMaxResultsException", "MaxResults must be between 1 and 50."));
    }
    let moment = |name: &str| input.real(name).map(moment);
    let (from, until) = (moment("StartTime"), moment("EndTime"));
    if from.zip(until).is_some_and(|(from, until)| from > until) {
        return Err(invalid("InvalidTimeRangeException", "The start time is after the end time."));
    }
    let before = match input.text("NextToken") {
        None => usize::MAX,
        Some(token) => usize::from_str_radix(&token, 16)
            .map_err(|_| invalid("InvalidNextTokenException", "The token is not valid."))?,
    };
    let now = world.clock.now();
    let seen_until = back(now, world.trail.delay);
    let seen_from = back(now, HISTORY);
    let mut rows = world.trail.events.iter().enumerate().rev().filter(|(place, event)| {
        *place < before
            && event.region == ctx.region
            && (seen_from..=seen_until).contains(&event.at)
            && from.is_none_or(|from| event.at >= from)
            && until.is_none_or(|until| event.at <= until)
            && wanted.as_ref().is_none_or(|(key, value)| fits(event, key, value))
    });
    let page: Vec<_> = rows.by_ref().take(size as usize).collect();
    let more = rows.next().is_some();
    let mut answer = json!({ "Events": page.iter().map(|(_, event)| told(event)).collect::<Vec<_>>() });
    if let Some((place, _)) = page.last().filter(|_| more) {
        answer["NextToken"] = json!(format!("{place:08x}"));
    }
    Ok(answer.into())
}

fn moment(seconds: f64) -> Timestamp {
    let duration = SignedDuration::try_from_secs_f64(seconds).unwrap_or(SignedDuration::ZERO);
    Timestamp::UNIX_EPOCH.saturating_add(duration).unwrap_or(Timestamp::MAX)
}

fn back(from: Timestamp, by: Duration) -> Timestamp {
    from.saturating_sub(SignedDuration::try_from(by).unwrap_or(SignedDuration::ZERO))
        .unwrap_or(Timestamp::MIN)
}

fn fits(event: &TrailEvent, key: &str, value: &str) -> bool {
    match key {
        "EventId" => event.id == value,
        "EventName" => event.name == value,
        "ReadOnly" => value == "false",
        "Username" => user_name(&event.caller) == value,
        "EventSource" => event.source == value,
        "ResourceName" => event.resources.iter().any(|(_, name)| name == value),
        "ResourceType" => event.resources.iter().any(|(kind, _)| *kind == Some(value)),
        _ => false,
    }
}

fn told(event: &TrailEvent) -> Value {
    let resources: Vec<Value> = event
        .resources
        .iter()
        .map(|(kind, name)| match kind {
            Some(kind) => json!({ "ResourceType": kind, "ResourceName": name }),
            None => json!({ "ResourceName": name }),
        })
        .collect();
    json!({
        "EventId": event.id,
        "EventName": event.name,
        "ReadOnly": "false",
        "EventTime": event.at.as_second(),
        "EventSource": event.source,
        "Username": user_name(&event.caller),
        "Resources": resources,
        "CloudTrailEvent": event.text,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ec2::fixture::{REGION, code, skip};
    use crate::ec2::lab::Lab;

    fn look(world: &mut World, region: &str, key: &str, value: &str) -> Vec<Value> {
        let input = json!({ "LookupAttributes": [{ "AttributeKey": key, "AttributeValue": value }] });
        let told = world.call_json("cloudtrail", region, "LookupEvents", input).unwrap();
        told["Events"].as_array().unwrap().clone()
    }

    #[test]
    fn a_creation_is_found_by_its_thing_with_who_made_it_and_when_but_late() {
        let mut lab = Lab::new();
        let vpc = lab.vpc();
        let world = &mut lab.world;
        assert!(look(world, REGION, "ResourceName", &vpc).is_empty());
        let made = world.clock.now();
        skip(world, world.trail.delay);
        let events = look(world, REGION, "ResourceName", &vpc);
        let [event] = events.as_slice() else { panic!("{events:?}") };
        assert_eq!((&event["EventName"], &event["Username"]), (&json!("CreateVpc"), &json!("deployer")));
        assert_eq!(event["EventTime"], made.as_second());
        let text: Value = serde_json::from_str(event["CloudTrailEvent"].as_str().unwrap()).unwrap();
        assert_eq!(text["userIdentity"]["arn"], "arn:aws:iam::111122223333:user/deployer");
        assert!(look(world, "eu-west-1", "ResourceName", &vpc).is_empty());
    }

    #[test]
    fn iam_is_found_in_one_region_only_and_what_services_make_nowhere() {
        let mut world = crate::ec2::fixture::with_eks_roles();
        world.trail.delay = Duration::ZERO;
        let subnets = [crate::ec2::fixture::SUBNET_A, crate::ec2::fixture::SUBNET_B];
        let input = json!({
            "name": "demo", "roleArn": crate::ec2::fixture::CLUSTER_ROLE,
            "resourcesVpcConfig": { "subnetIds": subnets },
        });
        let told = world.call_json("eks", REGION, "CreateCluster", input).unwrap();
        assert_eq!(look(&mut world, REGION, "ResourceName", "demo").len(), 1);
        let made = world.regions[REGION].eks.clusters["demo"].cluster_group.clone();
        // The answer of CreateCluster names the group, so its event does; no event tells that it was made.
        let events = look(&mut world, REGION, "EventName", "CreateSecurityGroup");
        assert!(events.is_empty() && told.to_string().contains(&made));
        assert_eq!(look(&mut world, HOME, "ResourceName", "eks").len(), 2);
        assert!(look(&mut world, "eu-west-1", "ResourceName", "eks").is_empty());
    }

    #[test]
    fn fifty_to_a_page_newest_first_one_attribute_and_a_time_range() {
        let mut lab = Lab::new();
        lab.world.trail.delay = Duration::ZERO;
        lab.world.quotas.apply(REGION, crate::quotas::table::VPCS, 100.0);
        let first = lab.world.clock.now().as_second();
        for _ in 0..60 {
            lab.vpc();
            lab.pass(Duration::from_secs(1));
        }
        let ask =
            |world: &mut World, input: Value| world.call_json("cloudtrail", REGION, "LookupEvents", input);
        let page = ask(&mut lab.world, json!({})).unwrap();
        let times: Vec<i64> = page["Events"]
            .as_array()
            .unwrap()
            .iter()
            .map(|event| event["EventTime"].as_i64().unwrap())
            .collect();
        assert!(times.len() == 50 && times.is_sorted_by(|one, next| one > next));
        let rest = ask(&mut lab.world, json!({ "NextToken": page["NextToken"] })).unwrap();
        assert_eq!(rest["Events"].as_array().unwrap().len(), 10);
        let range = json!({ "StartTime": first, "EndTime": first + 4 });
        assert_eq!(ask(&mut lab.world, range).unwrap()["Events"].as_array().unwrap().len(), 5);
        let two = json!({ "LookupAttributes": [
            { "AttributeKey": "EventName", "AttributeValue": "a" },
            { "AttributeKey": "Username", "AttributeValue": "b" },
        ] });
        assert_eq!(code(ask(&mut lab.world, two)), "InvalidLookupAttributesException");
        assert_eq!(code(ask(&mut lab.world, json!({ "MaxResults": 51 }))), "InvalidMaxResultsException");
        let wrong = json!({ "StartTime": first + 4, "EndTime": first });
        assert_eq!(code(ask(&mut lab.world, wrong)), "InvalidTimeRangeException");
    }
}
