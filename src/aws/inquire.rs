//! Inquiries: takes questions about single things of an inventory, asks CloudTrail's event history who made one
//! and CloudWatch Logs when its log was written last, and gives what AWS answered, or why it did not.
//!
//! The history holds the management events of the last ninety days; events arrive some minutes late, and what was
//! made before that has none. So no event is no answer, and proves nothing.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html>

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use aws_sdk_cloudtrail::types::{Event, LookupAttribute, LookupAttributeKey};
use aws_smithy_types::DateTime;
use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::call::{Listing, Next};
use super::clients::Aws;
use super::shapes::{each, timestamp, told};
use crate::inventory::{Answers, Inquiry, Inventory};
use crate::kinds::CATALOG;
use crate::model::{CloudError, ErrorClass, Ids, KindSpec, Logs, Region, Resource, words::fact};

/// So many things are asked about at a time, of either question: at one lookup a second and region that is
/// some minutes.
const AT_MOST: usize = 200;

/// So many pages of one thing's history are read: a role that is assumed every minute has thousands.
const PAGES: usize = 10;

/// After so many refusals in a row nobody goes on asking.
const REFUSALS: usize = 3;

/// A creation stands in the history at its own time, give or take what clocks and slow answers differ by.
const ABOUT: SignedDuration = SignedDuration::from_mins(5);

/// How far back the history goes.
const HISTORY: SignedDuration = SignedDuration::from_hours(90 * 24);

type Facts = BTreeMap<String, String>;

/// Asks; `places` are the clients of each region, `global` being the partition's home, where IAM's events are.
pub(super) async fn inquire(
    places: &BTreeMap<Region, Aws>,
    inventory: &Inventory,
    inquiries: &BTreeSet<Inquiry>,
) -> Answers {
    let mut answers = Answers::default();
    let mut queues: BTreeMap<(bool, &Region), Vec<(&Inquiry, &Resource)>> = BTreeMap::new();
    let mut asked = [0, 0];
    for inquiry in inquiries {
        let (of, is_maker) = match inquiry {
            Inquiry::Maker { of } => (of, true),
            Inquiry::LastEvent { of } => (of, false),
        };
        let seen = inventory.resources.get(of).or_else(|| inventory.elsewhere.resources.get(of));
        let count = &mut asked[usize::from(is_maker)];
        let why = match (seen, places.contains_key(&of.region)) {
            (None, _) | (_, false) => "it is not in the inventory".to_owned(),
            (Some(_), true) if *count == AT_MOST => {
                format!("no more than {AT_MOST} things are asked about at a time; select fewer")
            }
            (Some(it), true) => {
                *count += 1;
                queues.entry((is_maker, &of.region)).or_default().push((inquiry, it));
                continue;
            }
        };
        answers.unanswered.insert(inquiry.clone(), why);
    }
    let taken = inventory.taken;
    let ask = queues.into_iter().map(|((_, region), queue)| async move {
        match places.get(region) {
            Some(aws) => of_region(aws, queue, taken).await,
            None => Answers::default(),
        }
    });
    for of_region in join_all(ask).await {
        for (key, facts) in of_region.facts {
            answers.facts.entry(key).or_default().extend(facts);
        }
        answers.unanswered.extend(of_region.unanswered);
    }
    answers
}

/// Asks one question about these things of one region, one after the other. What is refused to one is refused
/// to all.
async fn of_region(aws: &Aws, queue: Vec<(&Inquiry, &Resource)>, taken: Timestamp) -> Answers {
    let mut answers = Answers::default();
    let mut refusals = 0;
    let mut closed: Option<String> = None;
    for (inquiry, resource) in queue {
        if let Some(why) = &closed {
            answers.unanswered.insert(inquiry.clone(), why.clone());
            continue;
        }
        let (answer, api) = match inquiry {
            Inquiry::Maker { .. } => (maker(aws, resource, taken).await, LOOKUP),
            Inquiry::LastEvent { .. } => (last_event(aws, resource).await, STREAMS),
        };
        match answer {
            Ok(facts) => {
                refusals = 0;
                answers.facts.insert(resource.key.clone(), facts);
            }
            Err(error) => {
                refusals += 1;
                let why = match error.class {
                    ErrorClass::Denied => format!("{api} is missing: {error}"),
                    _ => error.to_string(),
                };
                let for_all = matches!(error.class, ErrorClass::Denied | ErrorClass::Credentials);
                if for_all || refusals == REFUSALS {
                    closed = Some(why.clone());
                }
                answers.unanswered.insert(inquiry.clone(), why);
            }
        }
    }
    answers
}

const LOOKUP: &str = "cloudtrail:LookupEvents";
const STREAMS: &str = "logs:DescribeLogStreams";

/// Who made it, and when.
async fn maker(aws: &Aws, resource: &Resource, taken: Timestamp) -> Result<Facts, CloudError> {
    let Some(spec) = CATALOG.get(&resource.key.kind).filter(|spec| !spec.made_by_events.is_empty()) else {
        return Ok(Facts::new());
    };
    let (from, to) = window(spec, resource);
    // AWS refuses to look back further than the history goes.
    if to.is_some_and(|to| to < shifted(taken, -HISTORY)) {
        return Ok(Facts::new());
    }
    let attribute = LookupAttribute::builder()
        .attribute_key(LookupAttributeKey::ResourceName)
        .attribute_value(named(spec, resource))
        .build();
    let call = aws
        .trail
        .lookup_events()
        .set_lookup_attributes(attribute.ok().map(|it| vec![it]))
        .set_start_time(from.map(moment))
        .set_end_time(to.map(moment))
        .max_results(50);
    let found = aws
        .walk(
            Listing { api: LOOKUP, most: PAGES },
            |token| call.clone().set_next_token(token).send(),
            |page| Next::named(page.next_token()),
            // The newest event stands first: the thing stands, so nothing after that one removed it.
            |page| match page.events().iter().find_map(|event| making(spec, resource, event)) {
                Some(facts) => ControlFlow::Break(facts),
                None => ControlFlow::Continue(()),
            },
        )
        .await;
    match found {
        Ok(facts) => Ok(facts.unwrap_or_default()),
        Err(error) if error.code == "EndlessPages" => Err(CloudError {
            message: format!(
                "its history is too long: its making is not among the newest {} events",
                PAGES * 50
            ),
            ..error
        }),
        Err(error) => Err(error),
    }
}

/// The name by which events call a thing.
fn named<'a>(spec: &KindSpec, resource: &'a Resource) -> &'a str {
    let id = resource.key.id.as_str();
    match spec.ids {
        Ids::OfCluster => id.split_once('/').map_or(id, |(_, name)| name),
        Ids::Prefix(_) | Ids::Name | Ids::Arn { .. } => id,
    }
}

/// When its making can have been, as far as AWS's own creation time tells. A chosen name was perhaps another
/// thing's before, so that only events about that time are of this one; an id that AWS makes up is of one thing.
fn window(spec: &KindSpec, resource: &Resource) -> (Option<Timestamp>, Option<Timestamp>) {
    let Some(created) = resource.created else { return (None, None) };
    match spec.ids {
        Ids::Prefix(_) => (None, Some(shifted(created, ABOUT))),
        Ids::Name | Ids::OfCluster | Ids::Arn { .. } => {
            (Some(shifted(created, -ABOUT)), Some(shifted(created, ABOUT)))
        }
    }
}

/// A time so much later; itself where there is no such time.
fn shifted(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(at)
}

fn moment(at: Timestamp) -> DateTime {
    DateTime::from_secs(at.as_second())
}

/// The facts that an event tells, if this thing was made by it. An attempt that failed made nothing; and another
/// service's thing may have the same name.
fn making(spec: &KindSpec, resource: &Resource, event: &Event) -> Option<Facts> {
    let source = format!("{}.amazonaws.com", spec.service());
    let is_making = event.event_name().is_some_and(|name| spec.made_by_events.contains(&name));
    if !is_making || event.event_source() != Some(&source) || event.read_only() == Some("true") {
        return None;
    }
    let record: Value = serde_json::from_str(event.cloud_trail_event()?).ok()?;
    if record.get("errorCode").is_some_and(|code| !code.is_null()) {
        return None;
    }
    if let (Ids::OfCluster, Some((cluster, _))) = (spec.ids, resource.key.id.split_once('/'))
        && !names(record.get("requestParameters")?, cluster)
    {
        return None;
    }
    let at = timestamp(event.event_time()?)?;
    let mut facts = Facts::from([(fact::MADE_AT.to_owned(), at.to_string())]);
    if let Some(arn) = record.pointer("/userIdentity/arn").and_then(Value::as_str) {
        facts.insert(fact::MADE_BY_CALLER.to_owned(), arn.to_owned());
    }
    Some(facts)
}

/// Whether one of the parameters of a request is this text.
fn names(parameters: &Value, text: &str) -> bool {
    parameters.as_object().is_some_and(|all| all.values().any(|value| value.as_str() == Some(text)))
}

/// When its log was written last. A log group that does not exist holds no event.
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogStreams.html>
async fn last_event(aws: &Aws, resource: &Resource) -> Result<Facts, CloudError> {
    let group = match CATALOG.get(&resource.key.kind).map(|spec| spec.logs) {
        Some(Logs::Itself) => Some(resource.key.id.to_string()),
        Some(Logs::Group(of)) => of(resource),
        Some(Logs::NoneKnown) | None => None,
    };
    // Where the log is unknown, silence is no answer: nothing would look like a log that nobody writes to.
    let group = group.ok_or_else(|| CloudError {
        class: ErrorClass::Refused,
        api: STREAMS.to_owned(),
        code: "NoLogKnown".to_owned(),
        message: "nobody knows where it logs".to_owned(),
        request_id: None,
    })?;
    let call = aws
        .logs
        .describe_log_streams()
        .log_group_name(group)
        .order_by(aws_sdk_cloudwatchlogs::types::OrderBy::LastEventTime)
        .descending(true)
        .limit(1);
    let Some(answer) = each(aws.read(STREAMS, || call.clone().send()).await)? else {
        return Ok(Facts::new());
    };
    let streams = told(STREAMS, answer.log_streams)?;
    // Either time may be late by an hour: the later one is nearer.
    let times = streams.iter().flat_map(|it| [it.last_event_timestamp(), it.last_ingestion_time()]);
    let last = times.flatten().max().and_then(|ms| Timestamp::from_millisecond(ms).ok());
    Ok(last.map(|at| (fact::LAST_EVENT.to_owned(), at.to_string())).into_iter().collect())
}

#[cfg(test)]
mod tests;
