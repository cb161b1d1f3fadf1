//! How a run ends: alike whether it was cut short or not, and in a rehearsal as in earnest.

use aws_janitor::cli::Exit;
use aws_janitor::inventory::Inventory;
use serde_json::Value;

use crate::fake::{gap, recorded};
use crate::{Call, Ended, SELECT, World};

/// The address that somebody else took over after the plan was made.
const TAGGED: &str = "eipalloc-0a1000000000000009";

/// A plan of the recorded account, in a file that outlives the call.
fn plan() -> String {
    let call = Call::new(World::default());
    let path = call.path("plan.json");
    assert_eq!(call.run(&format!("plan --out {path} {SELECT}")).exit, Exit::Done);
    path
}

/// The account as it is later: the address has a new tag.
fn tagged() -> Inventory {
    let mut inventory = recorded();
    let address = inventory.resources.values_mut().find(|it| it.key.id == TAGGED).unwrap();
    address.tags.insert("Owner".into(), "somebody".into());
    inventory
}

fn world(inventory: &Inventory) -> World {
    World { inventory: Some(inventory.clone()), ..World::default() }
}

/// What scripts read of an end: all of the document but the journal's name and the order in which things went.
fn told(ended: &Ended) -> (Exit, Value) {
    let mut document: Value =
        serde_json::from_str(&ended.out).unwrap_or_else(|error| panic!("{error}: {}", ended.err));
    document["journal"].take();
    let gone = document["deleted"].as_array_mut().unwrap();
    gone.sort_by_key(ToString::to_string);
    (ended.exit, document)
}

/// The same command, stopped after so many changes, and the run gone on with.
fn broken(inventory: &Inventory, line: &str, after: usize) -> Ended {
    let (stopper, signal) = aws_janitor::run::stop_signal();
    let mut call = Call::new(World { stop: Some((after, stopper)), ..world(inventory) });
    call.stop = signal;
    let stopped = call.run(line);
    assert_eq!(stopped.exit, Exit::Partly, "{}", stopped.err);
    call.stop = aws_janitor::run::StopSignal::never();
    call.run("apply --resume --yes --region us-east-1 -o json")
}

#[test]
fn a_resumed_run_names_what_its_saved_plan_left_out_and_ends_with_three_as_an_unbroken_one() {
    let line = format!("apply {} --yes -o json", plan());
    let whole = Call::new(world(&tagged())).run(&line);
    let (exit, document) = told(&whole);
    assert_eq!((exit, &document["exit_code"]), (Exit::Partly, &3.into()), "{}", whole.err);
    assert_eq!(document["skipped"][0]["id"], TAGGED);
    assert!(document["skipped"][0]["why"].as_str().unwrap().contains("new tag Owner"), "{document}");
    for after in [1, 5] {
        let resumed = broken(&tagged(), &line, after);
        assert_eq!(told(&resumed), (exit, document.clone()), "stopped after {after}: {}", resumed.err);
        assert!(resumed.fake.standing().contains(TAGGED));
    }
}

#[test]
fn a_rehearsal_ends_with_the_exit_code_of_the_run() {
    let path = plan();
    for (inventory, exit) in [(recorded(), Exit::Done), (tagged(), Exit::Partly)] {
        let rehearsed = Call::new(world(&inventory)).run(&format!("apply {path} --dry-run -o json"));
        let run = Call::new(world(&inventory)).run(&format!("apply {path} --yes -o json"));
        assert_eq!((rehearsed.exit, run.exit), (exit, exit), "{}{}", rehearsed.err, run.err);
        let (rehearsed, run) = (told(&rehearsed).1, told(&run).1);
        assert_eq!(rehearsed["outcome"], "rehearsed");
        for field in ["exit_code", "skipped", "failed", "deleted"] {
            assert_eq!(rehearsed[field], run[field], "{field}");
        }
    }
}

#[test]
fn what_could_not_be_seen_makes_six_of_a_run_of_a_resumed_one_and_of_a_rehearsal() {
    let mut inventory = recorded();
    inventory.gaps.insert(gap("network-interface", "UnauthorizedOperation: no"));
    let line = format!("apply --yes -o json {SELECT}");
    let whole = Call::new(world(&inventory)).run(&line);
    assert_eq!(whole.exit, Exit::Unclear, "{}", whole.err);
    assert!(whole.fake.changes().len() > 2);
    let rehearsed = Call::new(world(&inventory)).run(&format!("apply --dry-run -o json {SELECT}"));
    assert_eq!(rehearsed.exit, Exit::Unclear, "{}", rehearsed.err);
    let resumed = broken(&inventory, &line, 1);
    assert_eq!(told(&resumed), told(&whole), "{}", resumed.err);
}

#[test]
fn a_run_that_is_finished_is_told_of_again_as_it_ended() {
    let call = Call::new(world(&tagged()));
    let journal = call.path("run.jsonl");
    let ended = call.run(&format!("apply {} --yes -o json --journal {journal}", plan()));
    let before = call.fake.changes().len();
    let again = call.run(&format!("apply --resume {journal} --yes -o json"));
    assert_eq!(told(&again), told(&ended), "{}", again.err);
    assert!(again.err.contains("is finished"), "{}", again.err);
    assert_eq!(call.fake.changes().len(), before);
}
