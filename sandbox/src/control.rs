//! The control door: what a test in another process asks the embedded AWS beside AWS's own calls.
//!
//! No client of AWS comes here by accident: the paths are none of AWS's, and a request that is signed, as
//! every call of theirs is, is taken for a call to AWS. What is asked here meets no fault, no lag and no
//! latency, and leaves no record.
//!
//! It takes requests from the doors, reads and moves the world, and answers JSON.

use std::time::Duration;

use serde_json::{Value, json};

use crate::calls::Call;
use crate::inventory;
use crate::protocol::{Request, Response};
use crate::world::{Counted, World};

const ROOT: &str = "/_control/";

/// The answer to a request of the control door; `None` if it is meant for AWS.
pub(crate) fn answer(world: &mut World, request: &Request) -> Option<Response> {
    let what = request.path.strip_prefix(ROOT)?;
    if request.header("authorization").is_some() || request.query.contains("X-Amz-") {
        return None;
    }
    let (status, body) = match (request.method.as_str(), what) {
        ("GET", "inventory") => (200, told_inventory(world)),
        ("GET", "calls") => match number(request, "since").unwrap_or(Ok(0)) {
            Ok(since) => (200, told_calls(world, since)),
            Err(text) => (400, json!({ "error": text })),
        },
        ("GET", "races") => (200, told_races(world)),
        ("POST", "races") => match races(&request.body) {
            Ok(races) => {
                races.into_iter().for_each(|race| enter(world, race));
                (200, told_races(world))
            }
            Err(text) => (400, json!({ "error": text })),
        },
        ("GET", "torn") => (200, told_torn(world)),
        ("GET", "clock") => (200, clock(world)),
        ("POST", "clock/skip") => match number(request, "seconds") {
            Some(Ok(seconds)) => {
                world.clock.skip(Duration::from_secs(seconds));
                world.settle();
                (200, clock(world))
            }
            Some(Err(text)) => (400, json!({ "error": text })),
            None => (400, json!({ "error": "how many? ?seconds=N" })),
        },
        _ => (404, json!({ "error": format!("there is no {} {}", request.method, request.path) })),
    };
    Some(Response::new(status, "application/json", body.to_string()))
}

fn clock(world: &World) -> Value {
    json!({ "now": world.clock.now().to_string(), "speed": world.clock.speed() })
}

fn told_inventory(world: &World) -> Value {
    let things = inventory::of(world).into_iter().map(|thing| {
        json!({
            "kind": thing.kind,
            "region": thing.region,
            "id": thing.id,
            "state": thing.state,
            "tags": thing.tags,
        })
    });
    json!({
        "account": world.account,
        "now": world.clock.now().to_string(),
        "things": things.collect::<Vec<_>>(),
    })
}

fn told_torn(world: &World) -> Value {
    let torn = world.torn.iter().map(|torn| {
        json!({
            "at": torn.at.to_string(),
            "region": torn.region,
            "interface": torn.interface,
            "description": torn.description,
            "maker": torn.maker,
        })
    });
    json!({ "torn": torn.collect::<Vec<_>>() })
}

fn told_calls(world: &World, since: u64) -> Value {
    let since = usize::try_from(since).unwrap_or(usize::MAX);
    let calls = world.calls.iter().skip(since).map(|call: &Call| {
        json!({
            "at": call.at.to_string(),
            "region": call.region,
            "service": call.service,
            "action": call.action,
            "target": call.target,
            "mutating": call.mutating,
            "dry_run": call.dry_run,
            "refused": call.refused,
        })
    });
    json!({ "total": world.calls.len(), "calls": calls.collect::<Vec<_>>() })
}

/// What somebody else is to do before a certain call.
struct Race {
    counted: Counted,
    before: usize,
    service: String,
    region: String,
    action: String,
    input: Value,
}

/// Reads a list of `{"before": N, "count": "all"|"changing", "service", "region", "action", "input": {…}}`.
fn races(body: &[u8]) -> Result<Vec<Race>, String> {
    let list: Vec<Value> = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    list.iter().map(race).collect()
}

fn race(entry: &Value) -> Result<Race, String> {
    let text = |name: &str| entry[name].as_str().map(str::to_owned).ok_or_else(|| format!("no `{name}`"));
    let counted = match entry["count"].as_str() {
        None | Some("all") => Counted::All,
        Some("changing") => Counted::Changing,
        Some(other) => return Err(format!("`count` is `all` or `changing`, not `{other}`")),
    };
    let before = entry["before"].as_u64().and_then(|number| usize::try_from(number).ok());
    Ok(Race {
        counted,
        before: before.filter(|number| *number > 0).ok_or("`before` is a number from 1")?,
        service: text("service")?,
        region: text("region")?,
        action: text("action")?,
        input: entry["input"].clone(),
    })
}

/// A query service takes the input's members as parameters, a JSON service as they are.
fn enter(world: &mut World, race: Race) {
    world.before_call(race.counted, race.before, move |world| {
        let flat = race.input.as_object().is_none_or(|input| input.values().all(Value::is_string));
        let params: Vec<(&str, &str)> = (race.input.as_object().into_iter().flatten())
            .filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)))
            .collect();
        let query =
            ["autoscaling", "ec2", "elasticloadbalancing", "iam", "sts"].contains(&race.service.as_str());
        let outcome = match query && flat {
            true => world.call(&race.service, &race.region, &race.action, &params).map(|_| ()),
            false => world.call_json(&race.service, &race.region, &race.action, race.input).map(|_| ()),
        };
        if let Err(refusal) = outcome {
            world.races.refused.push(format!("{}: {} {}", race.action, refusal.code, refusal.message));
        }
    });
}

fn told_races(world: &World) -> Value {
    json!({ "waiting": world.races.waiting(), "refused": world.races.refused })
}

/// A number in the query string, if it stands there.
fn number(request: &Request, name: &str) -> Option<Result<u64, String>> {
    let mut pairs = form_urlencoded::parse(request.query.as_bytes());
    let (_, text) = pairs.find(|(key, _)| key == name)?;
    Some(text.parse().map_err(|_| format!("`{text}` is no number")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ec2::lab::{Lab, REGION};

    fn ask(lab: &mut Lab, method: &str, path: &str, query: &str) -> (u16, Value) {
        let request =
            Request { method: method.into(), path: path.into(), query: query.into(), ..Request::default() };
        let answer = answer(&mut lab.world, &request).unwrap();
        (answer.status, serde_json::from_slice(&answer.body).unwrap())
    }

    #[test]
    fn the_books_are_told_with_state_and_tags() {
        let mut lab = Lab::new();
        let vpc = lab.vpc();
        lab.ok("CreateTags", &[("ResourceId.1", &vpc), ("Tag.1.Key", "Project"), ("Tag.1.Value", "shop")]);
        let (status, told) = ask(&mut lab, "GET", "/_control/inventory", "");
        assert_eq!((status, &told["account"]), (200, &json!("111122223333")));
        let found: Vec<&Value> =
            told["things"].as_array().unwrap().iter().filter(|thing| thing["id"] == vpc.as_str()).collect();
        let wanted = json!({
            "kind": "ec2:vpc", "region": REGION, "id": vpc, "state": null, "tags": { "Project": "shop" }
        });
        assert_eq!(found, [&wanted]);
    }

    #[test]
    fn the_clock_is_moved_and_what_is_due_happens() {
        let mut lab = Lab::new();
        let before = lab.world.clock.now();
        lab.world.after(Duration::from_secs(60), |world| world.account = "999988887777".to_owned());
        let (status, _) = ask(&mut lab, "POST", "/_control/clock/skip", "seconds=90");
        assert_eq!(status, 200);
        assert_eq!(lab.world.clock.now().duration_since(before).as_secs(), 90);
        assert_eq!(lab.world.account, "999988887777");
        assert_eq!(ask(&mut lab, "POST", "/_control/clock/skip", "seconds=soon").0, 400);
        assert_eq!(ask(&mut lab, "GET", "/_control/clock/skip", "seconds=1").0, 404);
    }

    #[test]
    fn what_an_aws_client_sends_does_not_come_here() {
        let mut lab = Lab::new();
        let aws = |path: &str, query: &str, headers: &[(&str, &str)]| Request {
            method: "GET".into(),
            path: path.into(),
            query: query.into(),
            headers: headers.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect(),
            ..Request::default()
        };
        let signed = [("authorization", "AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/eks/aws4_request")];
        for request in [
            aws("/clusters", "", &[]),
            aws("/", "", &[]),
            aws("/_control/inventory", "", &signed),
            aws("/_control/inventory", "X-Amz-Algorithm=AWS4-HMAC-SHA256", &[]),
        ] {
            assert_eq!(answer(&mut lab.world, &request), None, "{request:?}");
        }
    }
}
