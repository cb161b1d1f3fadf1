//! Inquiries against answers as CloudTrail and CloudWatch Logs write them.

use serde_json::json;

use super::*;
use crate::aws::scripted::Script;
use crate::inventory::{Caller, Elsewhere};
use crate::model::{AccountId, Key, KindName};
use crate::session::CallMode;

const NOW: &str = "2026-11-20T10:00:00Z";

fn resource(kind: &'static str, region: &str, id: &str) -> Resource {
    Resource::new(Key::new(KindName::of(kind), Region::new(region), id))
}

fn seen(resources: Vec<Resource>) -> Inventory {
    Inventory {
        caller: Caller { account: AccountId::new("111122223333"), alias: None, arn: String::new() },
        taken: NOW.parse().unwrap(),
        regions: [Region::new("us-east-1")].into(),
        kinds: BTreeSet::new(),
        resources: resources.into_iter().map(|it| (it.key.clone(), it)).collect(),
        gaps: BTreeSet::new(),
        elsewhere: Elsewhere::default(),
        without_services: BTreeSet::new(),
        unanswered: BTreeMap::new(),
        unread_things: Vec::new(),
        states: Vec::new(),
        gone: BTreeSet::new(),
    }
}

/// Asks who made each of these, of this script.
async fn makers(script: &Script, resources: Vec<Resource>) -> Answers {
    let inquiries = resources.iter().map(|it| Inquiry::Maker { of: it.key.clone() }).collect();
    let places = ["us-east-1", "global"].map(|name| (Region::new(name), script.aws(CallMode::Real)));
    inquire(&places.into(), &seen(resources), &inquiries).await
}

/// An event at so many seconds, of this service, with more in its record.
fn event(at: i64, source: &str, name: &str, more: serde_json::Value) -> serde_json::Value {
    let mut record =
        json!({ "userIdentity": { "arn": "arn:aws:sts::111122223333:assumed-role/ci/build-7" } });
    record.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
    json!({
        "EventName": name, "EventTime": at, "EventSource": format!("{source}.amazonaws.com"), "ReadOnly": "false",
        "CloudTrailEvent": record.to_string(),
    })
}

fn page(events: &[serde_json::Value], next: Option<&str>) -> String {
    json!({ "Events": events, "NextToken": next }).to_string()
}

/// What is told of the one thing that was asked about.
fn only(answers: &Answers) -> Vec<(&str, &str)> {
    assert!(answers.unanswered.is_empty(), "{:?}", answers.unanswered);
    let facts = answers.facts.values().flatten();
    facts.map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

#[tokio::test]
async fn the_history_tells_who_made_a_thing_and_when() {
    let events = [
        event(1_700_000_900, "ec2", "CreateSubnet", json!({})),
        event(1_700_000_000, "ec2", "CreateVpc", json!({})),
    ];
    let script =
        Script::new([(200, page(&[], Some("more")).as_str()), (200, page(&events, Some("on")).as_str())]);
    let answers = makers(&script, vec![resource("vpc", "us-east-1", "vpc-1")]).await;
    let caller = "arn:aws:sts::111122223333:assumed-role/ci/build-7";
    assert_eq!(only(&answers), [("made_at", "2023-11-14T22:13:20Z"), ("made_by_caller", caller)]);
    let sent = script.requests();
    assert_eq!(sent.len(), 2, "nobody reads on when the making was found");
    let asked: Value = serde_json::from_str(&sent[1]).unwrap();
    assert_eq!(
        asked["LookupAttributes"],
        json!([{ "AttributeKey": "ResourceName", "AttributeValue": "vpc-1" }])
    );
    assert_eq!((&asked["MaxResults"], &asked["NextToken"]), (&json!(50), &json!("more")));
}

#[tokio::test]
async fn a_history_without_the_making_tells_nothing() {
    let another = |name, source, more| page(&[event(1_700_000_000, source, name, more)], None);
    let mut read_only = event(1_700_000_000, "ec2", "CreateVpc", json!({}));
    read_only["ReadOnly"] = json!("true");
    let mut without_record = event(1_700_000_000, "ec2", "CreateVpc", json!({}));
    without_record["CloudTrailEvent"] = json!("{");
    for answer in [
        page(&[], None),
        another("CreateSubnet", "ec2", json!({})),
        another("CreateVpc", "vpc-lattice", json!({})),
        another("CreateVpc", "ec2", json!({ "errorCode": "Client.VpcLimitExceeded" })),
        page(&[read_only], None),
        page(&[without_record], None),
    ] {
        let script = Script::new([(200, answer.as_str())]);
        let answers = makers(&script, vec![resource("vpc", "us-east-1", "vpc-1")]).await;
        assert_eq!(only(&answers), [], "{answer}");
    }
}

#[tokio::test]
async fn of_a_chosen_name_only_the_time_of_its_own_creation_is_asked() {
    let script = Script::new([(200, page(&[], None).as_str())]);
    let mut role = resource("iam-role", "global", "shop-node");
    role.created = Some("2026-11-20T09:00:00Z".parse().unwrap());
    makers(&script, vec![role.clone()]).await;
    let asked: Value = serde_json::from_str(&script.requests()[0]).unwrap();
    let created = role.created.unwrap().as_second() as f64;
    assert_eq!(asked["StartTime"].as_f64(), Some(created - 300.0));
    assert_eq!(asked["EndTime"].as_f64(), Some(created + 300.0));
}

#[tokio::test]
async fn what_is_older_than_the_history_is_not_asked_about() {
    let script = Script::new([]);
    let mut role = resource("iam-role", "global", "shop-node");
    role.created = Some("2026-01-01T00:00:00Z".parse().unwrap());
    assert_eq!(only(&makers(&script, vec![role]).await), []);
}

#[tokio::test]
async fn a_group_of_the_same_name_in_another_cluster_is_another_thing() {
    for (cluster, tells) in [("dev", true), ("prod", false)] {
        let event = event(
            1_700_000_000,
            "eks",
            "CreateNodegroup",
            json!({ "requestParameters": { "name": cluster, "nodegroupName": "blue" } }),
        );
        let script = Script::new([(200, page(&[event], None).as_str())]);
        let answers = makers(&script, vec![resource("eks-nodegroup", "us-east-1", "dev/blue")]).await;
        assert_eq!(!only(&answers).is_empty(), tells, "{cluster}");
        assert!(script.requests()[0].contains(r#""AttributeValue":"blue""#));
    }
}

#[tokio::test]
async fn what_is_denied_is_denied_for_all_and_asked_once() {
    let denied = json!({ "__type": "AccessDeniedException", "message": "not authorized" }).to_string();
    let script = Script::new([(400, denied.as_str())]);
    let answers = makers(&script, ["vpc-1", "vpc-2"].map(|id| resource("vpc", "us-east-1", id)).into()).await;
    assert!(answers.facts.is_empty());
    assert_eq!(answers.unanswered.len(), 2);
    assert!(
        answers.unanswered.values().all(|why| why.starts_with("cloudtrail:LookupEvents is missing: ")),
        "{answers:?}"
    );
}

#[tokio::test]
async fn no_more_than_a_bounded_number_is_asked_and_the_rest_is_told() {
    let script = Script::always(200, &page(&[], None));
    let many = (0..AT_MOST + 3).map(|n| resource("vpc", "us-east-1", &format!("vpc-{n:04}"))).collect();
    let answers = makers(&script, many).await;
    assert_eq!((answers.facts.len(), answers.unanswered.len()), (AT_MOST, 3));
    assert_eq!(script.requests().len(), AT_MOST);
    assert!(answers.unanswered.values().all(|why| why.contains("200")));
}

#[tokio::test]
async fn a_history_that_is_too_long_is_no_answer() {
    let events = [event(1_700_000_000, "ec2", "CreateSubnet", json!({}))];
    let pages: Vec<String> = (0..PAGES).map(|n| page(&events, Some(&n.to_string()))).collect();
    let script = Script::new(pages.iter().map(|page| (200, page.as_str())));
    let answers = makers(&script, vec![resource("vpc", "us-east-1", "vpc-1")]).await;
    let why = answers.unanswered.into_values().next().unwrap();
    assert!(why.contains("too long"), "{why}");
}

/// When the log of this thing was written last, by these answers.
async fn last(answers: &[(u16, String)], of: Resource) -> (Answers, Vec<String>) {
    let script = Script::new(answers.iter().map(|(status, body)| (*status, body.as_str())));
    let inquiries = [Inquiry::LastEvent { of: of.key.clone() }].into();
    let places = [(Region::new("us-east-1"), script.aws(CallMode::Real))].into();
    (inquire(&places, &seen(vec![of]), &inquiries).await, script.requests())
}

#[tokio::test]
async fn the_newest_stream_tells_when_a_log_was_written_last() {
    let streams = json!({ "logStreams": [
        { "logStreamName": "a", "lastEventTimestamp": 1_700_000_000_000_i64, "lastIngestionTime": 1_700_000_001_000_i64 }
    ] });
    let group = resource("log-group", "us-east-1", "/aws/eks/shop/cluster");
    let (answers, sent) = last(&[(200, streams.to_string())], group).await;
    assert_eq!(only(&answers), [("last_event", "2023-11-14T22:13:21Z")]);
    let asked: Value = serde_json::from_str(&sent[0]).unwrap();
    assert_eq!(
        asked,
        json!({ "logGroupName": "/aws/eks/shop/cluster", "orderBy": "LastEventTime", "descending": true, "limit": 1 })
    );
}

#[tokio::test]
async fn a_log_that_nobody_wrote_to_or_that_is_gone_has_no_last_event() {
    let gone = json!({ "__type": "ResourceNotFoundException", "message": "The specified log group does not exist." });
    for (status, answer) in [
        (200, json!({ "logStreams": [] })),
        (200, json!({ "logStreams": [{ "logStreamName": "a" }] })),
        (400, gone),
    ] {
        let (answers, _) =
            last(&[(status, answer.to_string())], resource("log-group", "us-east-1", "g")).await;
        assert_eq!(only(&answers), []);
    }
}

#[tokio::test]
async fn a_thing_of_which_no_log_is_known_is_not_taken_for_one_that_never_writes() {
    let (answers, sent) = last(&[], resource("vpc", "us-east-1", "vpc-1")).await;
    assert!(sent.is_empty() && answers.facts.is_empty() && answers.unanswered.len() == 1);
}

#[tokio::test]
async fn an_answer_without_streams_is_none() {
    let (answers, _) = last(&[(200, "{}".to_owned())], resource("log-group", "us-east-1", "g")).await;
    assert!(answers.facts.is_empty() && answers.unanswered.len() == 1);
}

#[cfg(feature = "sandbox")]
#[tokio::test]
async fn of_a_deployed_stack_the_embedded_history_tells_who_made_what_a_deployer_makes() {
    use aws_janitor_sandbox::{Sandbox, scenario};

    use crate::aws::Site;
    use crate::aws::embedded::Door;
    use crate::aws::scripted::aws_over;
    use crate::model::Scope;

    let at: Timestamp = "2026-11-20T10:00:00Z".parse().unwrap();
    let sandbox = Sandbox::new(scenario::build("failed-eks", 1e-6, at).unwrap());
    let account = AccountId::new(sandbox.world().account.clone());
    let place = |region: Region| {
        let site = Site { region: region.clone(), account: account.clone() };
        (region, aws_over(Door::new(sandbox.clone()), site, CallMode::Real))
    };
    let places: BTreeMap<Region, Aws> = [Region::new("us-east-1"), Region::global()].map(place).into();
    let mut all = Vec::new();
    for kind in crate::aws::kinds::ALL {
        let region = match kind.spec().scope {
            Scope::Regional => Region::new("us-east-1"),
            Scope::Global => Region::global(),
        };
        // Some of each kind, beyond the roles that AWS made for itself.
        all.extend(kind.list(&places[&region]).await.unwrap().into_iter().take(20));
    }
    let inquiries: BTreeSet<Inquiry> = all.iter().map(|it| Inquiry::Maker { of: it.key.clone() }).collect();
    let inventory = Inventory { taken: at, ..seen(all) };
    let answers = inquire(&places, &inventory, &inquiries).await;
    assert!(answers.unanswered.is_empty(), "{:?}", answers.unanswered);
    let told: BTreeSet<&str> = answers
        .facts
        .iter()
        .filter(|(_, facts)| !facts.is_empty())
        .map(|(key, _)| key.kind.as_str())
        .collect();
    for kind in [
        "elastic-ip",
        "vpc",
        "subnet",
        "security-group",
        "nat-gateway",
        "eks-cluster",
        "iam-role",
        "iam-policy",
    ] {
        assert!(told.contains(kind), "{kind}: {told:?}");
    }
    for (key, facts) in answers.facts.iter().filter(|(_, facts)| !facts.is_empty()) {
        assert!(facts[fact::MADE_BY_CALLER].starts_with("arn:aws:"), "{key}: {facts:?}");
    }
}
