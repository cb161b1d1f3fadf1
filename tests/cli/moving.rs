//! The account goes on living: while the prompt waits, during the run, and between a kill and its resume.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws_janitor::cli::Exit;
use aws_janitor::inventory::{Inventory, complete};
use aws_janitor::judge::judge;
use aws_janitor::model::{Guard, GuardRule, Key, KindName, KindSpec, Link, Region, Resource};
use aws_janitor::plan::Action;
use aws_janitor::plan::planner::plan;
use aws_janitor::policy::{Policy, Selector};

use crate::catalog::catalog;
use crate::fake::{Move, When, recorded};
use crate::{Call, Ended, World};

type Rows = BTreeMap<Key, Resource>;

/// The failed attempt, with what must stay by a tag.
const SELECT: &str =
    "--region us-east-1 --select tag:Project=demo,tag:EnvironmentSuffix=a1 --protect tag:keep";
const VPC: &str = "vpc-0a1000000000000001";
const NAT: &str = "nat-0a1000000000000001";
const ROLE: &str = "demo-a1-node";
const CLUSTER_ROLE: &str = "demo-a1-cluster";

fn key(kind: &str, id: &str) -> Key {
    let place = if kind.starts_with("iam-") { Region::global() } else { Region::new("us-east-1") };
    Key::new(KindName::new(kind), place, id)
}

/// A new thing with these tags and links.
fn add(rows: &mut Rows, kind: &str, id: &str, suffix: &str, links: &[(&'static str, &str, &str)]) {
    let mut row = Resource::new(key(kind, id));
    if !suffix.is_empty() {
        row.tags =
            [("Project", "demo"), ("EnvironmentSuffix", suffix)].map(|(k, v)| (k.into(), v.into())).into();
    }
    row.links = links.iter().map(|(how, kind, id)| Link::new(how, key(kind, id))).collect();
    row.created = "2026-11-18T09:00:00Z".parse().ok();
    rows.insert(row.key.clone(), row);
}

fn tag(rows: &mut Rows, kind: &str, id: &str, name: &str) {
    if let Some(row) = rows.get_mut(&key(kind, id)) {
        row.tags.insert(name.to_owned(), "blue".to_owned());
    }
}

/// The recorded account, in which the attempt has a cluster as well.
fn with_cluster() -> Inventory {
    let mut inventory = recorded();
    let rows = &mut inventory.resources;
    add(rows, "iam-role", CLUSTER_ROLE, "a1", &[]);
    deploy(rows, "a1");
    inventory
}

/// A cluster and its node group on the attempt's roles and in its network.
fn deploy(rows: &mut Rows, suffix: &str) {
    add(rows, "eks-cluster", "demo", suffix, &[("within", "vpc", VPC), ("uses", "iam-role", CLUSTER_ROLE)]);
    let links = [("of-cluster", "eks-cluster", "demo"), ("uses", "iam-role", ROLE)];
    add(rows, "eks-nodegroup", "demo/ng", suffix, &links);
}

/// What others may do to the account in the meantime.
fn moves() -> Vec<(&'static str, Move)> {
    fn of(name: &'static str, change: impl Fn(&mut Rows) + Send + Sync + 'static) -> (&'static str, Move) {
        (name, Arc::new(change))
    }
    vec![
        of("the network is protected", |rows| tag(rows, "vpc", VPC, "keep")),
        of("a subnet is protected", |rows| tag(rows, "subnet", "subnet-0a1000000000000002", "keep")),
        of("the role is somebody's", |rows| tag(rows, "iam-role", ROLE, "keep")),
        of("the gateway gets a guard", |rows| {
            if let Some(row) = rows.get_mut(&key("nat-gateway", NAT)) {
                row.guards.insert(Guard { rule: GuardRule::Protection, why: "protection is on".into() });
            }
        }),
        of("another stack's cluster takes the role", |rows| {
            add(rows, "eks-cluster", "green", "green", &[("uses", "iam-role", CLUSTER_ROLE)]);
        }),
        of("a living instance starts with a profile of the role", |rows| {
            add(rows, "iam-instance-profile", "green", "green", &[("contains", "iam-role", ROLE)]);
            add(rows, "instance", "i-0f9", "green", &[("uses", "iam-instance-profile", "green")]);
        }),
        of("another's route leads through the gateway", |rows| {
            add(rows, "route-table", "rtb-0f9", "live", &[("routes-through", "nat-gateway", NAT)]);
        }),
        of("a stranger moves in", |rows| {
            add(rows, "instance", "i-0f8", "", &[("within", "subnet", "subnet-0a1000000000000002")]);
            tag(rows, "instance", "i-0f8", "Owner");
        }),
        of("a living group names the attempt's", |rows| {
            let links = [
                ("names", "security-group", "sg-0a1000000000000001"),
                ("within", "vpc", "vpc-0f1000000000000001"),
            ];
            add(rows, "security-group", "sg-0f9", "live", &links);
        }),
        of("another's role takes the policy", |rows| {
            add(
                rows,
                "iam-role",
                "green",
                "green",
                &[("attaches", "iam-policy", "arn:aws:iam::123456789012:policy/demo-a1-dns")],
            );
        }),
        of("the attempt is deployed again under its names", |rows| {
            deploy(rows, "a1");
            for id in ["demo", "demo/ng"] {
                let kind = if id == "demo" { "eks-cluster" } else { "eks-nodegroup" };
                rows.get_mut(&key(kind, id)).unwrap().created = "2026-11-21T11:59:00Z".parse().ok();
            }
        }),
    ]
}

fn call(moves: Vec<(When, Move)>) -> Call {
    Call::new(World { inventory: Some(with_cluster()), moves, ..World::default() })
}

/// What a judgement of the account as it stands would delete, by somebody who knows of no run.
fn condemned(rows: &Rows) -> BTreeSet<String> {
    let kinds = catalog().iter().map(KindSpec::kind).collect();
    let mut inventory = Inventory { resources: rows.clone(), kinds, ..with_cluster() };
    complete(&mut inventory);
    let terms = |text: &str| vec![text.parse().unwrap()];
    let select = terms("tag:Project=demo,tag:EnvironmentSuffix=a1");
    let policy = Policy { select, protect: terms("tag:keep"), ..Policy::default() };
    let kinds: Vec<&str> = catalog().iter().map(|spec| spec.name).collect();
    let selector = Selector::new(&policy, &kinds).unwrap();
    let verdicts = judge(&inventory, &selector, crate::NOW.parse().unwrap()).verdicts;
    let plan = plan(&inventory, catalog(), &verdicts, &BTreeSet::new());
    let deletes = plan.steps.iter().filter(|step| step.action == Action::Delete);
    deletes.map(|step| step.resource.id.to_string()).collect()
}

fn deleted(change: &str) -> Option<&str> {
    change.strip_prefix("delete ")
}

#[test]
fn nothing_is_deleted_that_a_fresh_judgement_at_that_call_would_keep() {
    let whole = call(Vec::new());
    assert_eq!(whole.run(&format!("apply --yes {SELECT}")).exit, Exit::Done);
    let all = whole.fake.changes().len();
    let mut kept = 0;
    for (index, (name, change)) in moves().into_iter().enumerate() {
        // Every other call, and every call by half of the moves.
        for n in (1 + index % 2..=all).step_by(2) {
            let call = call(vec![(When::Change(n), Arc::clone(&change))]);
            let ended = call.run(&format!("apply --yes {SELECT}"));
            let (changes, scans) = (call.fake.changes(), call.fake.scans());
            let ends = scans.iter().skip(1).map(|(changes, _)| *changes).chain([changes.len()]);
            // Steps that start together share a reading: from the next one on nothing more of it is touched.
            for ((begin, rows), end) in scans.iter().zip(ends).filter(|((begin, _), _)| *begin >= n) {
                let condemned = condemned(rows);
                // By its tags alone what was deployed again is the attempt's: that it is another, the plan knows.
                let again = name.contains("deployed again");
                let stands = |kind, id| rows.contains_key(&key(kind, id));
                let taken = |gone: &str| {
                    let by_cluster = stands("eks-cluster", "demo") && [CLUSTER_ROLE, VPC].contains(&gone);
                    again && (by_cluster || (stands("eks-nodegroup", "demo/ng") && gone == ROLE))
                };
                for gone in changes[*begin..end].iter().filter_map(|change| deleted(change)) {
                    assert!(condemned.contains(gone) && !taken(gone), "{name} before call {n}: {gone} went");
                }
            }
            if ended.exit == Exit::Partly {
                kept += 1;
                assert!(ended.out.contains("left "), "{name} before call {n}: {}", ended.out);
            }
        }
    }
    assert!(kept > all / 2, "the moves keep something: {kept}");
}

#[test]
fn in_a_world_that_stands_still_every_call_follows_a_reading_and_all_goes() {
    let call = call(Vec::new());
    let ended = call.run(&format!("apply --yes {SELECT}"));
    assert_eq!(ended.exit, Exit::Done, "{}{}", ended.err, ended.out);
    let (changes, scans) = (call.fake.changes(), call.fake.scans());
    // The first is the plan's own. This clock runs so fast that each further start needs one.
    assert!(scans.len() > 3 && scans.len() <= changes.len() + 1, "{} scans, {changes:#?}", scans.len());
    assert!(!ended.err.contains("Looking again"), "{}", ended.err);
}

#[test]
fn a_network_protected_after_the_second_call_is_not_touched_any_more() {
    let protect: Move = Arc::new(|rows| tag(rows, "vpc", VPC, "keep"));
    let call = call(vec![(When::Change(3), protect)]);
    let ended = call.run(&format!("apply --yes {SELECT}"));
    assert_eq!(ended.exit, Exit::Partly, "{}", ended.err);
    assert!(call.fake.standing().contains(VPC));
    assert!(ended.out.contains("--protect tag:keep"), "{}", ended.out);
}

/// Types the account id at the prompt; what happens comes between the first scan and the second.
fn asked(change: &str) -> Ended {
    let (_, change) = moves().into_iter().find(|(name, _)| name.contains(change)).unwrap();
    let mut call = call(vec![(When::Scan(2), change)]).typed("123456789012\n");
    call.variables.insert("CI".into(), "true".into());
    call.run(&format!("apply {SELECT}"))
}

#[test]
fn while_the_prompt_waits_a_living_instance_takes_the_role_and_a_route_the_gateway() {
    // Each keeps what it works with, and that alone.
    for (change, id, why) in
        [("a living instance", ROLE, format!("{ROLE}:")), ("another's route", NAT, format!("{NAT}:"))]
    {
        let ended = asked(change);
        assert_eq!(ended.exit, Exit::Partly, "{}", ended.err);
        assert!(ended.fake.standing().contains(id), "{id} went");
        let (asked, told) = (ended.err.find("Type the account id"), ended.err.find(&why));
        assert!(
            asked.is_some() && told > asked,
            "said after consent and before the first call: {}",
            ended.err
        );
        let called = ended.err.find("Journal ").or_else(|| ended.err.find("Nothing to delete"));
        assert!(told < called, "{}", ended.err);
    }
}

#[test]
fn nothing_that_turned_up_while_the_prompt_waited_is_added() {
    let change: Move = Arc::new(|rows| add(rows, "elastic-ip", "eipalloc-new", "a1", &[]));
    let call = call(vec![(When::Scan(2), change)]).typed("123456789012\n");
    let ended = call.run(&format!("apply {SELECT}"));
    assert_eq!(ended.exit, Exit::Done, "{}", ended.err);
    assert!(ended.fake.standing().contains("eipalloc-new"));
}

#[test]
fn what_could_not_be_read_for_a_while_is_waited_for() {
    let blind = vec![(2, KindName::of("instance")), (3, KindName::of("instance"))];
    let call = Call::new(World { inventory: Some(with_cluster()), blind, ..World::default() });
    let ended = call.run(&format!("apply --yes {SELECT}"));
    assert_eq!(ended.exit, Exit::Done, "{}{}", ended.err, ended.out);
    let blind = (2..200).map(|scan| (scan, KindName::of("instance"))).collect();
    let call = Call::new(World { inventory: Some(with_cluster()), blind, ..World::default() });
    let ended = call.run(&format!("apply --yes {SELECT}"));
    assert_eq!(ended.exit, Exit::Partly, "{}", ended.err);
    assert!(
        call.fake.standing().contains(VPC) && ended.out.contains("instance of us-east-1"),
        "{}",
        ended.out
    );
}

/// A run that is stopped after so many calls, and what happens before it goes on.
fn resumed(after: usize, change: Move, flags: &str) -> Ended {
    let (stopper, signal) = aws_janitor::run::stop_signal();
    // The scans of the second process come after those of the first: the change is made by hand.
    let world = World { inventory: Some(with_cluster()), stop: Some((after, stopper)), ..World::default() };
    let mut call = Call::new(world);
    call.stop = signal;
    assert_eq!(call.run(&format!("apply --yes {SELECT}")).exit, Exit::Partly);
    call.stop = aws_janitor::run::StopSignal::never();
    call.fake.happens(&change);
    call.run(&format!("apply --resume --region us-east-1 {flags}"))
}

#[test]
fn a_redeploy_under_the_same_names_keeps_its_roles_from_a_run_that_goes_on() {
    for suffix in ["a1", "a2"] {
        let change: Move = Arc::new(move |rows| {
            deploy(rows, suffix);
            for (kind, id) in [("eks-cluster", "demo"), ("eks-nodegroup", "demo/ng")] {
                rows.get_mut(&key(kind, id)).unwrap().created = "2026-11-21T11:59:00Z".parse().ok();
            }
        });
        for after in 1..6 {
            let ended = resumed(after, Arc::clone(&change), "--yes");
            assert_eq!(ended.exit, Exit::Partly, "{}", ended.err);
            for id in [ROLE, CLUSTER_ROLE, VPC, "demo", "demo/ng"] {
                assert!(ended.fake.standing().contains(id), "{id} went: {:?}", ended.fake.changes());
            }
            assert!(ended.err.contains("left out: "), "{}", ended.err);
        }
    }
}

/// A run that was stopped before its first call; what happens comes just before the scan of this number, of which the
/// first was the plan's. The endpoint's clock runs so fast that a second is long and a minute is not over at once.
fn stopped(moves: Vec<(When, Move)>, blind: Vec<(usize, KindName)>) -> Call {
    let (stopper, signal) = aws_janitor::run::stop_signal();
    stopper.stop();
    let world = World { inventory: Some(with_cluster()), moves, blind, ..World::default() };
    let mut call = Call::new(world).variable("AWS_JANITOR_CLOCK_SPEED", "100");
    call.stop = signal;
    assert_eq!(call.run(&format!("apply --yes {SELECT}")).exit, Exit::Partly);
    assert_eq!((call.fake.scans().len(), call.fake.changes().len()), (1, 0));
    call.stop = aws_janitor::run::StopSignal::never();
    call
}

#[test]
fn what_was_shown_as_left_out_is_left_even_if_it_would_hold_again() {
    let id = "eipalloc-0a1000000000000009";
    let on: Move = Arc::new(|rows| tag(rows, "elastic-ip", "eipalloc-0a1000000000000009", "keep"));
    let off: Move = Arc::new(|rows| {
        rows.get_mut(&key("elastic-ip", "eipalloc-0a1000000000000009")).unwrap().tags.remove("keep");
    });
    let mut call = stopped(vec![(When::Scan(2), on), (When::Scan(3), off)], Vec::new());
    // Each start needs a reading of its own.
    call.variables.insert("AWS_JANITOR_CLOCK_SPEED".into(), "100000".into());
    let ended = call.run("apply --resume --yes --region us-east-1");
    assert!(ended.err.contains(&format!("left out: elastic-ip {id}")), "{}", ended.err);
    assert_eq!(ended.exit, Exit::Partly, "{}", ended.err);
    assert!(ended.fake.standing().contains(id) && !ended.fake.standing().contains(VPC));
}

#[test]
fn what_was_not_seen_when_a_run_goes_on_waits_until_it_is() {
    let call = stopped(Vec::new(), vec![(2, KindName::of("instance"))]);
    let ended = call.run("apply --resume --yes --region us-east-1");
    assert_eq!(ended.exit, Exit::Done, "{}{}", ended.err, ended.out);
    let (scans, changes) = (call.fake.scans(), call.fake.changes());
    let blindly = &changes[..scans[2].0];
    assert!(!blindly.iter().any(|change| change.contains(NAT) || change.contains("subnet-")), "{blindly:?}");
}

#[test]
fn a_run_that_goes_on_shows_what_is_left_and_asks() {
    let ended = resumed(3, Arc::new(|_| ()), "");
    assert_eq!(ended.exit, Exit::Refused, "{}", ended.err);
    assert!(ended.out.contains("to delete") || ended.out.contains("steps"), "{}", ended.out);
    assert!(ended.out.contains(VPC), "{}", ended.out);
    assert_eq!(resumed(3, Arc::new(|_| ()), "--yes").exit, Exit::Done);
}

#[test]
fn what_was_left_out_before_the_kill_is_named_after_the_resume() {
    let call = Call::new(World::default());
    let (plan, journal) = (call.path("plan.json"), call.path("run.jsonl"));
    assert_eq!(call.run(&format!("plan --out {plan} {SELECT}")).exit, Exit::Done);
    let mut inventory = recorded();
    tag(&mut inventory.resources, "elastic-ip", "eipalloc-0a1000000000000009", "team");
    let (stopper, signal) = aws_janitor::run::stop_signal();
    let world = World { inventory: Some(inventory), stop: Some((3, stopper)), ..World::default() };
    let mut call = Call::new(world);
    call.stop = signal;
    let ended = call.run(&format!("apply {plan} --yes --journal {journal}"));
    assert_eq!(ended.exit, Exit::Partly, "{}", ended.err);
    call.stop = aws_janitor::run::StopSignal::never();
    let ended = call.run(&format!("apply --resume {journal} --yes"));
    assert_eq!(ended.exit, Exit::Partly, "{}", ended.err);
    assert!(ended.out.contains("eipalloc-0a1000000000000009") && ended.out.contains("team"), "{}", ended.out);
    assert!(!ended.fake.standing().contains(VPC));
}

#[test]
fn a_journal_of_the_older_form_is_refused_with_what_to_do() {
    let call = Call::new(World::default());
    let path = call.path("older.jsonl");
    std::fs::write(&path, "{\"event\":\"opened\",\"schema\":\"aws-janitor/journal/1\",\"plan\":{}}\n")
        .unwrap();
    let ended = call.run(&format!("apply --resume {path} --yes"));
    assert_eq!(ended.exit, Exit::Error);
    assert!(ended.err.contains("another version of this program wrote the journal"), "{}", ended.err);
    assert!(ended.err.contains("plan again"), "{}", ended.err);
    assert_eq!(ended.fake.calls(), [""; 0]);
}

#[test]
fn with_v_it_is_said_that_it_looks_again() {
    let ended = call(Vec::new()).run(&format!("apply --yes -v {SELECT}"));
    assert!(ended.err.contains("Looking again before the next steps"), "{}", ended.err);
}
