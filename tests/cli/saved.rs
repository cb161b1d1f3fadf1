//! Saved plans: shown, applied exactly or less, refused when they are not what they were; and runs that go on.

use aws_janitor::cli::Exit;

use crate::fake::Fake;
use crate::{Call, Ended, SELECT, World};

/// A call on a fresh account, with a plan saved in its folder.
fn planned() -> (Call, String) {
    let call = Call::new(World::default());
    let path = call.path("plan.json");
    let ended = call.run(&format!("plan --out {path} {SELECT}"));
    assert_eq!(ended.exit, Exit::Done, "{}", ended.err);
    assert!(ended.err.contains(&format!("aws-janitor apply {path}")));
    (call, path)
}

#[track_caller]
fn refused(ended: &Ended, exit: Exit, part: &str) {
    assert_eq!(ended.exit, exit, "{}", ended.err);
    assert!(ended.err.contains(part), "{}", ended.err);
    assert_eq!(ended.fake.changes(), [""; 0]);
}

#[test]
fn a_saved_plan_is_shown_as_it_was() {
    let (call, path) = planned();
    let fresh = call.run(&format!("plan {SELECT}")).out;
    let shown = call.run(&format!("show {path}"));
    assert_eq!(shown.exit, Exit::Done);
    assert_eq!(shown.out, fresh);
    assert_eq!(call.run(&format!("show {path} --detailed-exitcode")).exit, Exit::Pending);
}

#[test]
fn a_saved_plan_is_carried_out() {
    let (call, path) = planned();
    let ended = call.run(&format!("apply {path} --yes"));
    assert_eq!(ended.exit, Exit::Done, "{}", ended.err);
    assert!(!ended.fake.standing().contains("nat-0a1000000000000001"));
    assert!(ended.out.contains("1 nat-gateway"), "{}", ended.out);
}

#[test]
fn what_is_no_plan_is_an_error() {
    let call = Call::new(World::default());
    let path = call.path("plan.json");
    for (text, part) in [
        ("nonsense", "not JSON"),
        ("{}", "not a saved plan"),
        (r#"{"schema":"aws-janitor/scan/1"}"#, "not a saved plan"),
        (r#"{"schema":"aws-janitor/plan/9"}"#, "aws-janitor/plan/9"),
    ] {
        std::fs::write(&path, text).unwrap();
        for command in ["show", "apply --yes"] {
            let ended = call.run(&format!("{command} {path}"));
            refused(&ended, Exit::Error, part);
            assert_eq!(ended.fake.calls(), [""; 0]);
        }
    }
    refused(&call.run("show /nowhere/plan.json"), Exit::Error, "cannot read /nowhere/plan.json");
}

#[test]
fn what_proves_that_nobody_wants_a_thing_is_saved_with_the_plan() {
    let (call, path) = planned();
    let proofs = |text: &str| -> Vec<String> {
        text.lines().filter(|line| line.contains("stack tags Project=demo")).map(str::to_owned).collect()
    };
    let fresh = proofs(&call.run(&format!("plan -v {SELECT}")).out);
    assert!(fresh.len() > 5, "{fresh:?}");
    assert_eq!(proofs(&call.run(&format!("show -v {path}")).out), fresh);
}

#[test]
fn a_plan_that_was_edited_or_has_expired_is_refused() {
    let (mut call, path) = planned();
    call.now = "2026-11-23T12:00:00Z";
    refused(&call.run(&format!("apply {path} --yes")), Exit::Refused, "expired");
    assert!(call.run(&format!("show {path}")).err.contains("has expired"));
    call.now = crate::NOW;
    let text =
        std::fs::read_to_string(&path).unwrap().replace("vpc-0a1000000000000001", "vpc-0f1000000000000001");
    std::fs::write(&path, text).unwrap();
    refused(&call.run(&format!("apply {path} --yes")), Exit::Refused, "changed after it was made");
}

#[test]
fn a_plan_for_another_account_or_region_is_refused() {
    let (call, path) = planned();
    refused(&call.run(&format!("apply {path} --yes --region eu-west-1")), Exit::Refused, "not for eu-west-1");
    let mut other = crate::fake::recorded();
    other.caller.account = aws_janitor::model::AccountId::new("210987654321");
    let call = Call::on(Fake::new(World { inventory: Some(other), ..World::default() }));
    refused(&call.run(&format!("apply {path} --yes")), Exit::Refused, "account 123456789012");
}

#[test]
fn a_plan_brings_its_own_policy() {
    let (call, path) = planned();
    refused(
        &call.run(&format!("apply {path} --yes --select tag:x")),
        Exit::Usage,
        "the policy it was made with",
    );
    refused(&call.run(&format!("apply {path} --yes --max-deletes 2")), Exit::Refused, "at most 2");
    refused(&call.run(&format!("apply {path}")), Exit::Refused, "--yes");
}

#[test]
fn what_changed_since_is_left_out_and_told() {
    let (_, path) = planned();
    let mut inventory = crate::fake::recorded();
    let subnet =
        inventory.resources.values_mut().find(|it| it.key.id == "subnet-0a1000000000000002").unwrap();
    subnet.tags.insert("EnvironmentSuffix".into(), "live".into());
    let call = Call::new(World { inventory: Some(inventory), ..World::default() });
    let ended = call.run(&format!("apply {path} --yes"));
    assert_eq!(ended.exit, Exit::Partly, "{}", ended.err);
    assert!(ended.err.contains("left out: subnet subnet-0a1000000000000002"), "{}", ended.err);
    assert!(ended.fake.standing().contains("vpc-0a1000000000000001"));
    assert!(ended.out.contains("left subnet subnet-0a1000000000000002"), "{}", ended.out);
}

#[test]
fn the_exit_code_in_the_document_is_the_programs() {
    let (_, path) = planned();
    let mut inventory = crate::fake::recorded();
    for resource in inventory.resources.values_mut() {
        resource.tags.insert("Owner".into(), "somebody".into());
    }
    let call = Call::new(World { inventory: Some(inventory), ..World::default() });
    let ended = call.run(&format!("apply {path} --yes -o json"));
    assert_eq!(ended.exit, Exit::Partly, "{}", ended.err);
    let document: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!((&document["exit_code"], &document["outcome"]), (&3.into(), &"partly".into()));
    assert!(document["skipped"][0]["why"].as_str().unwrap().contains("new tag Owner"), "{document}");
    assert_eq!(call.fake.changes(), [""; 0]);
}

#[test]
fn a_plan_that_is_done_already_has_nothing_to_do() {
    let (call, path) = planned();
    assert_eq!(call.run(&format!("apply {path} --yes")).exit, Exit::Done);
    let before = call.fake.changes().len();
    let again = call.run(&format!("apply {path} --yes"));
    assert_eq!(again.exit, Exit::Done, "{}", again.err);
    assert_eq!(call.fake.changes().len(), before);
    assert!(again.err.contains("Gone already"), "{}", again.err);
}

#[test]
fn a_run_that_was_stopped_says_how_to_go_on_and_goes_on() {
    let mut call = Call::new(World::default());
    let (stopper, signal) = aws_janitor::run::stop_signal();
    stopper.stop();
    call.stop = signal;
    let ended = call.run(&format!("apply --yes {SELECT}"));
    assert_eq!(ended.exit, Exit::Partly, "{}", ended.err);
    assert!(ended.err.contains("aws-janitor apply --resume"), "{}", ended.err);
    call.stop = aws_janitor::run::StopSignal::never();
    refused_without_consent(&call);
    let ended = call.run("apply --resume --yes --region us-east-1");
    assert_eq!(ended.exit, Exit::Done, "{}", ended.err);
    assert!(!ended.fake.standing().contains("vpc-0a1000000000000001"));
    let again = call.run("apply --resume --yes --region us-east-1");
    assert_eq!(again.exit, Exit::Error);
    assert!(again.err.contains("no run in account 123456789012 was cut short"), "{}", again.err);
}

fn refused_without_consent(call: &Call) {
    let ended = call.run("apply --resume --region us-east-1");
    assert_eq!(ended.exit, Exit::Refused, "{}", ended.err);
}

#[test]
fn a_named_journal_is_written_and_never_overwritten() {
    let call = Call::new(World::default());
    let path = call.path("run.jsonl");
    assert_eq!(call.run(&format!("apply --yes --journal {path} {SELECT}")).exit, Exit::Done);
    assert!(std::fs::read_to_string(&path).unwrap().lines().count() > 10);
    let second = Call::new(World::default()).run(&format!("apply --yes --journal {path} {SELECT}"));
    assert_eq!(second.exit, Exit::Error, "{}", second.err);
    assert_eq!(second.fake.changes(), [""; 0]);
}

#[test]
fn a_run_that_was_stopped_anywhere_ends_where_a_whole_one_does() {
    let whole = Call::new(World::default());
    assert_eq!(whole.run(&format!("apply --yes {SELECT}")).exit, Exit::Done);
    let all = whole.fake.changes().len();
    for after in 1..all {
        let (stopper, signal) = aws_janitor::run::stop_signal();
        let mut call = Call::new(World { stop: Some((after, stopper)), ..World::default() });
        call.stop = signal;
        let stopped = call.run(&format!("apply --yes {SELECT}"));
        call.stop = aws_janitor::run::StopSignal::never();
        if stopped.exit != Exit::Done {
            assert_eq!(stopped.exit, Exit::Partly, "{}", stopped.err);
            let ended = call.run("apply --resume --yes --region us-east-1");
            assert_eq!(ended.exit, Exit::Done, "stopped after {after}: {}{}", ended.err, ended.out);
        }
        assert_eq!(call.fake.standing(), whole.fake.standing(), "stopped after {after}");
        assert_eq!(call.fake.changes().len(), all, "something was done twice, or not at all");
    }
}

/// A run that was stopped before its first call, by its journal.
fn stopped() -> (Call, String) {
    let mut call = Call::new(World::default());
    let path = call.path("stopped.jsonl");
    let (stopper, signal) = aws_janitor::run::stop_signal();
    stopper.stop();
    call.stop = signal;
    assert_eq!(call.run(&format!("apply --yes --journal {path} {SELECT}")).exit, Exit::Partly);
    call.stop = aws_janitor::run::StopSignal::never();
    (call, path)
}

#[test]
fn an_account_that_is_named_is_a_guard_beside_the_plans() {
    let (call, path) = planned();
    let other = "--account 210987654321";
    refused(&call.run(&format!("apply {path} --yes {other}")), Exit::Refused, "not for 210987654321");
    let (call, journal) = stopped();
    let ended = call.run(&format!("apply --resume {journal} --yes {other}"));
    refused(&ended, Exit::Refused, "not for 210987654321");
    assert_eq!(ended.fake.changes(), [""; 0]);
}

#[test]
fn a_journal_whose_plan_was_edited_or_has_expired_is_not_gone_on_with() {
    let (mut call, path) = stopped();
    call.now = "2026-11-23T12:00:00Z";
    refused(&call.run(&format!("apply --resume {path} --yes")), Exit::Refused, "expired");
    call.now = crate::NOW;
    let text = std::fs::read_to_string(&path).unwrap();
    for (from, to) in
        [("eipalloc-0a1000000000000009", "eipalloc-0f1000000000000009"), ("demo-a1-spare", "demo-spare")]
    {
        assert!(text.contains(from));
        std::fs::write(&path, text.replace(from, to)).unwrap();
        let ended = call.run(&format!("apply --resume {path} --yes"));
        refused(&ended, Exit::Refused, "changed after it was made");
        assert_eq!(ended.fake.changes(), [""; 0]);
    }
}

#[test]
fn a_stranger_who_moved_in_keeps_the_vpc_from_a_run_that_goes_on() {
    let (_, path) = stopped();
    let mut inventory = crate::fake::recorded();
    let vpc = inventory.resources.keys().find(|key| key.id == "vpc-0a1000000000000001").unwrap().clone();
    let mut stranger = inventory
        .resources
        .values()
        .find(|it| it.key.kind.as_str() == "subnet" && it.links.iter().any(|link| link.to == vpc))
        .unwrap()
        .clone();
    stranger.key.id = "subnet-0f1000000000000001".into();
    stranger.tags.insert("EnvironmentSuffix".into(), "live".into());
    inventory.resources.insert(stranger.key.clone(), stranger);
    let call = Call::new(World { inventory: Some(inventory), ..World::default() });
    let ended = call.run(&format!("apply --resume {path} --yes"));
    assert_eq!(ended.exit, Exit::Partly, "{}", ended.err);
    let standing = ended.fake.standing();
    for id in ["vpc-0a1000000000000001", "nat-0a1000000000000001", "igw-0a1000000000000001"] {
        assert!(standing.contains(id), "{id} went: {:?}", ended.fake.changes());
    }
    assert!(!standing.contains("eipalloc-0a1000000000000009"), "what is no part of it goes");
}
