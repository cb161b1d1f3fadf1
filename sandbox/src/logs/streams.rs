//! Streams of log groups: made, written to, told in the order of their names or of their last events.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{done, group_to_change, invalid, required, text};
use crate::error::{AwsError, AwsResult};
use crate::protocol::{Answer, Ctx};
use crate::stores::logs::arn;
use crate::world::World;

/// The most streams of one answer:
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogStreams.html>.
const PAGE: u64 = 50;

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogStream.html>
pub(super) fn create(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let name = required(&ctx.json, "logStreamName")?.to_owned();
    let now = world.clock.now();
    let streams = &mut group_to_change(world, ctx, "logGroupName")?.streams;
    if streams.contains_key(&name) {
        let message = "The specified log stream already exists";
        return Err(AwsError::new("ResourceAlreadyExistsException", message));
    }
    streams.insert(name, (now, None));
    done()
}

/// PutLogEvents: the newest of the events is kept, by its time.
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html>
pub(super) fn put(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let name = required(&ctx.json, "logStreamName")?.to_owned();
    let events = ctx.json.get("logEvents").and_then(Value::as_array);
    let times = events.into_iter().flatten().filter_map(|event| event["timestamp"].as_i64());
    let last = times.max().and_then(|time| Timestamp::from_millisecond(time).ok());
    let streams = &mut group_to_change(world, ctx, "logGroupName")?.streams;
    let missing = || AwsError::new("ResourceNotFoundException", "The specified log stream does not exist.");
    let (_, of) = streams.get_mut(&name).ok_or_else(missing)?;
    *of = (*of).max(last);
    done()
}

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogStreams.html>
pub(super) fn describe(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let group = required(&ctx.json, "logGroupName")?;
    let base = format!("{}:log-stream", arn(&ctx.region, &world.account, group));
    let prefix = text(&ctx.json, "logStreamNamePrefix");
    let by_time = match text(&ctx.json, "orderBy") {
        None | Some("LogStreamName") => false,
        Some("LastEventTime") if prefix.is_some() => {
            return Err(invalid("Cannot order by LastEventTime with a logStreamNamePrefix."));
        }
        Some("LastEventTime") => true,
        Some(other) => return Err(invalid(format!("'{other}' is not a valid orderBy"))),
    };
    let limit = ctx.json.get("limit").and_then(Value::as_u64).unwrap_or(PAGE);
    if !(1..=PAGE).contains(&limit) {
        return Err(invalid("limit must be between 1 and 50"));
    }
    let limit = usize::try_from(limit).unwrap_or_default();
    let start = match text(&ctx.json, "nextToken") {
        None => 0,
        Some(token) => token.parse().map_err(|_| invalid("The specified nextToken is invalid."))?,
    };
    let streams = &group_to_change(world, ctx, "logGroupName")?.streams;
    let mut rows: Vec<_> =
        streams.iter().filter(|(name, _)| prefix.is_none_or(|prefix| name.starts_with(prefix))).collect();
    if by_time {
        rows.sort_by_key(|(_, (_, last))| *last);
    }
    if ctx.json.get("descending") == Some(&Value::Bool(true)) {
        rows.reverse();
    }
    let told = rows.iter().skip(start).take(limit).map(|(name, (created, last))| {
        let mut row = json!({
            "logStreamName": name,
            "creationTime": created.as_millisecond(),
            "arn": format!("{base}:{name}"),
            "storedBytes": 0,
        });
        if let Some(last) = last {
            row["lastEventTimestamp"] = json!(last.as_millisecond());
            row["lastIngestionTime"] = json!(last.as_millisecond());
        }
        row
    });
    let mut answer = json!({ "logStreams": told.collect::<Vec<_>>() });
    if rows.len() > start + limit {
        answer["nextToken"] = json!((start + limit).to_string());
    }
    Ok(answer.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ec2::fixture::{REGION, code, world};

    #[test]
    fn the_stream_with_the_latest_event_comes_first_when_that_is_asked() {
        let mut world = world();
        let mut call = |action: &str, input: Value| world.call_json("logs", REGION, action, input);
        call("CreateLogGroup", json!({ "logGroupName": "g" })).unwrap();
        let now = 1_795_000_000_000_i64;
        for (name, time) in [("a", Some(now)), ("b", Some(now + 5)), ("c", None)] {
            call("CreateLogStream", json!({ "logGroupName": "g", "logStreamName": name })).unwrap();
            if let Some(time) = time {
                let events = json!([{ "timestamp": time, "message": "x" }]);
                let input = json!({ "logGroupName": "g", "logStreamName": name, "logEvents": events });
                call("PutLogEvents", input).unwrap();
            }
        }
        let asked =
            json!({ "logGroupName": "g", "orderBy": "LastEventTime", "descending": true, "limit": 1 });
        let told = call("DescribeLogStreams", asked).unwrap();
        assert_eq!(told["logStreams"][0]["logStreamName"], "b");
        assert_eq!(told["logStreams"][0]["lastEventTimestamp"], now + 5);
        let next = json!({ "logGroupName": "g", "orderBy": "LastEventTime", "descending": true,
            "nextToken": told["nextToken"] });
        let rest = call("DescribeLogStreams", next).unwrap();
        let names: Vec<_> =
            rest["logStreams"].as_array().unwrap().iter().map(|row| &row["logStreamName"]).collect();
        assert_eq!(names, ["a", "c"]);
        assert!(rest["logStreams"][1]["lastEventTimestamp"].is_null());
        let none = json!({ "logGroupName": "none" });
        assert_eq!(code(call("DescribeLogStreams", none)), "ResourceNotFoundException");
    }
}
