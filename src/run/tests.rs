//! The run's laws, on a scripted cloud with paused time.

#![expect(clippy::disallowed_methods, reason = "tests measure how long a run takes")]

use std::collections::BTreeSet;
use std::time::Duration;

use proptest::prelude::*;

use super::rehearsal::Rehearsal;
use super::testing::{Call, Fake, Script, Trial, cut, delete, error, key, plan, wait};
use super::{Book, Limits, Mode, Setting, StopSignal, run, stop_signal};
use crate::journal::{Event, Line, Outcome, RunSummary, SkipReason, Status, StopCause, fold};
use crate::model::{AccountId, ErrorClass, Guard, GuardRule, Link};
use crate::plan::file::PlanFile;
use crate::plan::{Action, Step, StepId};

fn deleted(summary: &RunSummary) -> Vec<&str> {
    summary.deleted.iter().map(|key| key.id.as_str()).collect()
}

fn ids(keys: &[&str]) -> BTreeSet<String> {
    keys.iter().map(|id| (*id).to_owned()).collect()
}

/// 1 and 2 hold 4 through 3; 5 stands alone.
fn diamond() -> PlanFile {
    plan(vec![
        delete(1, "slow", &[]),
        delete(2, "quick", &[]),
        wait(3, &[1]),
        delete(4, "quick", &[1, 2, 3]),
        delete(5, "quick", &[]),
    ])
}

#[tokio::test(start_paused = true)]
async fn a_plan_is_carried_out_in_its_order() {
    let plan = diamond();
    let cloud = Fake::of(&plan);
    let summary = Trial::of(&plan).run(&cloud).await;
    assert_eq!(summary.outcome, Outcome::Done);
    assert_eq!(deleted(&summary).last(), Some(&"quick-4"));
    assert_eq!(cloud.left(), ids(&[]));
    assert_eq!(cloud.world.lock().unwrap().violations, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_kind_that_must_rest_is_called_only_after_its_pause_and_only_behind_something() {
    let plan = plan(vec![delete(1, "quick", &[]), delete(2, "resting", &[1]), delete(3, "resting", &[])]);
    let cloud = Fake::of(&plan);
    let began = tokio::time::Instant::now();
    let summary = Trial::of(&plan).run(&cloud).await;
    assert_eq!(deleted(&summary).last(), Some(&"resting-2"));
    assert!(began.elapsed() >= Duration::from_secs(30), "{:?}", began.elapsed());
    assert!(began.elapsed() < Duration::from_secs(40), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn the_longest_chain_goes_first() {
    let mut long = delete(3, "quick", &[]);
    long.expected_seconds = 500;
    let plan = plan(vec![delete(1, "quick", &[]), delete(2, "quick", &[]), long, delete(4, "quick", &[2])]);
    let cloud = Fake::of(&plan);
    let mut trial = Trial::of(&plan);
    trial.limits.at_once = 1;
    trial.run(&cloud).await;
    let order = ["quick-3", "quick-2", "quick-1", "quick-4"].map(|id| Call::Delete(vec![id.to_owned()]));
    assert_eq!(cloud.changes(), order);
}

#[tokio::test(start_paused = true)]
async fn what_starts_together_shares_one_look_and_one_call() {
    let plan = plan((1..=30).map(|number| delete(number, "bulk", &[])).collect());
    let cloud = Fake::of(&plan);
    let summary = Trial::of(&plan).run(&cloud).await;
    assert_eq!(summary.outcome, Outcome::Done);
    let sizes: Vec<usize> = cloud
        .changes()
        .iter()
        .map(|call| match call {
            Call::Delete(ids) => ids.len(),
            Call::Cut(_) | Call::Look(_) => 0,
        })
        .collect();
    assert_eq!(sizes, [25, 5]);
    // One look before the calls, one soon after, and one at 13, 23, … 53 seconds for all thirty.
    assert_eq!(cloud.looks(), 7);
}

#[tokio::test(start_paused = true)]
async fn what_becomes_ready_by_answers_that_come_together_starts_together() {
    let first = (1..=3).map(|number| delete(number, "quick", &[]));
    let then = (4..=6).map(|number| delete(number, "bulk", &[number - 3]));
    let plan = plan(first.chain(then).collect());
    let cloud = Fake::of(&plan);
    Trial::of(&plan).run(&cloud).await;
    let together = ["bulk-4", "bulk-5", "bulk-6"].map(str::to_owned).to_vec();
    assert_eq!(cloud.changes().last(), Some(&Call::Delete(together)));
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_missing_is_no_success() {
    let plan = plan((1..=3).map(|number| delete(number, "bulk", &[])).collect());
    let mut cloud = Fake::of(&plan).always("bulk-3", error(ErrorClass::Refused, "InvalidParameter"));
    cloud.answers_at_most = 1;
    let summary = Trial::of(&plan).run(&cloud).await;
    assert_eq!(deleted(&summary), ["bulk-1", "bulk-2"]);
    assert!(summary.failed[0].error.contains("InvalidParameter"), "{}", summary.failed[0].error);
    assert_eq!(cloud.left(), ids(&["bulk-3"]));
}

#[tokio::test(start_paused = true)]
async fn no_more_calls_are_in_flight_than_allowed() {
    let plan = plan((1..=60).map(|number| delete(number, "quick", &[])).collect());
    let cloud = Fake::of(&plan);
    let mut trial = Trial::of(&plan);
    trial.limits = Limits { at_once: 5, per_kind: 9, ..Limits::default() };
    assert_eq!(trial.run(&cloud).await.outcome, Outcome::Done);
    assert_eq!(cloud.world.lock().unwrap().most_in_flight, 5);
}

#[tokio::test(start_paused = true)]
async fn one_failure_stops_only_what_depends_on_it() {
    let plan = diamond();
    let cloud = Fake::of(&plan).always("quick-2", error(ErrorClass::Refused, "InvalidParameter"));
    let summary = Trial::of(&plan).run(&cloud).await;
    assert_eq!(summary.outcome, Outcome::Partly);
    assert_eq!(cloud.left(), ids(&["quick-2", "quick-4"]));
    assert_eq!(summary.failed.len(), 1);
    assert_eq!(summary.skipped.len(), 1);
    assert!(summary.skipped[0].why.contains("step 2 (delete quick quick-2)"), "{}", summary.skipped[0].why);
}

#[tokio::test(start_paused = true)]
async fn a_denied_call_is_not_repeated_and_names_the_action() {
    let plan = plan(vec![delete(1, "quick", &[])]);
    let cloud = Fake::of(&plan).always("quick-1", error(ErrorClass::Denied, "UnauthorizedOperation"));
    let summary = Trial::of(&plan).run(&cloud).await;
    assert!(
        summary.failed[0].error.contains("lacks the IAM action ec2:Delete"),
        "{}",
        summary.failed[0].error
    );
    assert_eq!(cloud.changes().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn one_failure_inside_a_batch_fails_only_that_one() {
    let plan = plan((1..=3).map(|number| delete(number, "bulk", &[])).collect());
    let cloud = Fake::of(&plan).always("bulk-2", error(ErrorClass::Refused, "Unsuccessful"));
    let summary = Trial::of(&plan).run(&cloud).await;
    assert_eq!(deleted(&summary), ["bulk-1", "bulk-3"]);
    assert_eq!(summary.failed[0].id, "bulk-2");
}

#[tokio::test(start_paused = true)]
async fn what_changed_since_it_was_planned_is_left_alone() {
    let plan = diamond();
    let cloud = Fake::of(&plan);
    cloud.edit(&key("slow", "slow-1"), |row| drop(row.tags.insert("Owner".into(), "someone".into())));
    let summary = Trial::of(&plan).run(&cloud).await;
    assert_eq!(summary.outcome, Outcome::Partly);
    assert_eq!(cloud.left(), ids(&["slow-1", "shadow-3", "quick-4"]));
    assert_eq!(summary.failed, []);
}

#[tokio::test(start_paused = true)]
async fn a_guard_that_was_switched_on_is_respected() {
    let plan = plan(vec![delete(1, "quick", &[])]);
    let cloud = Fake::of(&plan);
    let guard = Guard { rule: GuardRule::Protection, why: "deletion protection is on".into() };
    cloud.edit(&key("quick", "quick-1"), |row| row.guards.extend([guard]));
    let summary = Trial::of(&plan).run(&cloud).await;
    assert_eq!(
        summary.skipped[0].why,
        "changed since it was planned: it is guarded now: deletion protection is on"
    );
    assert_eq!(cloud.changes(), []);
}

#[tokio::test(start_paused = true)]
async fn in_another_account_nothing_is_called() {
    let plan = diamond();
    let cloud = Fake::of(&plan);
    cloud.with_account(AccountId::new("222222222222"));
    let summary = Trial::of(&plan).run(&cloud).await;
    assert_eq!(summary.outcome, Outcome::Stopped);
    assert_eq!(cloud.changes(), []);
    assert_eq!(summary.deleted, []);
    assert!(summary.skipped[0].why.contains("222222222222"), "{}", summary.skipped[0].why);
}

/// In another account everything looks gone; that must not count as success.
#[tokio::test(start_paused = true)]
async fn an_account_that_changes_while_waiting_makes_nothing_gone() {
    let plan = plan(vec![delete(1, "slow", &[]), delete(2, "quick", &[1])]);
    let cloud = Fake::of(&plan);
    cloud.world.lock().unwrap().account_changes_after = Some(1);
    let mut trial = Trial::of(&plan);
    let summary = trial.run(&cloud).await;
    assert_eq!(summary.outcome, Outcome::Stopped);
    assert_eq!(summary.deleted, []);
    assert_eq!(cloud.changes(), [Call::Delete(vec!["slow-1".into()])]);
    // With the right credentials back, the run goes on where it was.
    cloud.with_account(super::testing::account());
    assert_eq!(trial.run(&cloud).await.outcome, Outcome::Done);
    assert_eq!(cloud.changes().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn expired_credentials_stop_the_run_which_can_be_resumed() {
    let plan = diamond();
    let cloud =
        Fake::of(&plan).script("quick-2", &[Script::Refuse(error(ErrorClass::Credentials, "ExpiredToken"))]);
    let mut trial = Trial::of(&plan);
    assert_eq!(trial.run(&cloud).await.outcome, Outcome::Stopped);
    assert_eq!(fold(&trial.lines).unwrap().steps[&StepId(2)], Status::Retrying);
    assert_eq!(trial.run(&cloud).await.outcome, Outcome::Done);
    assert_eq!(cloud.left(), ids(&[]));
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_looked_after_and_not_repeated() {
    let plan = plan(vec![delete(1, "slow", &[]), delete(2, "quick", &[])]);
    let cloud =
        Fake::of(&plan).script("slow-1", &[Script::LoseAnswer]).script("quick-2", &[Script::LoseAnswer]);
    let summary = Trial::of(&plan).run(&cloud).await;
    assert_eq!(summary.outcome, Outcome::Done);
    assert_eq!(cloud.changes().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn not_yet_is_tried_again_within_the_kinds_patience() {
    let not_yet = Script::Refuse(error(ErrorClass::NotYet, "DependencyViolation"));
    let plan = plan(vec![delete(1, "quick", &[])]);
    let cloud = Fake::of(&plan).script("quick-1", &[not_yet.clone(), not_yet.clone(), not_yet]);
    assert_eq!(Trial::of(&plan).run(&cloud).await.outcome, Outcome::Done);
    assert_eq!(cloud.changes().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn patience_ends_and_the_refusal_tells_what_blocks() {
    let mut refusal = error(ErrorClass::NotYet, "DependencyViolation");
    refusal.message = "resource has a dependent object eni-0123456789abcdef0".into();
    let plan = plan(vec![delete(1, "quick", &[])]);
    let cloud = Fake::of(&plan).always("quick-1", refusal);
    let summary = Trial::of(&plan).run(&cloud).await;
    assert_eq!(summary.failed[0].blocked_by, ["eni-0123456789abcdef0"]);
    let last = cloud.world.lock().unwrap().calls.last().unwrap().0;
    assert!(last > Duration::from_secs(60) && last < Duration::from_secs(63), "{last:?}");
}

#[tokio::test(start_paused = true)]
async fn throttling_costs_no_patience_and_holds_back_the_kind() {
    let throttled = Script::Refuse(error(ErrorClass::Throttled, "RequestLimitExceeded"));
    let plan = plan((1..=20).map(|number| delete(number, "quick", &[])).collect());
    let cloud = Fake::of(&plan).script("quick-1", &vec![throttled; 9]);
    let summary = Trial::of(&plan).run(&cloud).await;
    assert_eq!(summary.outcome, Outcome::Done);
    let world = cloud.world.lock().unwrap();
    // The second look waits for the back-off after the first calls, although there was room at once.
    let second = world.calls.iter().filter(|(_, call)| matches!(call, Call::Look(_))).nth(1).unwrap();
    assert!(second.0 >= Duration::from_millis(500), "{second:?}");
    assert!(world.calls.last().unwrap().0 > Duration::from_secs(90));
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_read_is_not_deleted() {
    let plan = plan(vec![delete(1, "quick", &[]), delete(2, "slow", &[])]);
    let cloud =
        Fake::of(&plan).look_fails("quick", &[Some(error(ErrorClass::Denied, "UnauthorizedOperation"))]);
    let summary = Trial::of(&plan).run(&cloud).await;
    assert_eq!(summary.failed[0].id, "quick-1");
    assert_eq!(deleted(&summary), ["slow-2"]);
    assert_eq!(cloud.left(), ids(&["quick-1"]));
}

#[tokio::test(start_paused = true)]
async fn a_look_that_fails_for_a_moment_is_repeated() {
    let plan = plan(vec![delete(1, "slow", &[])]);
    let slow = Some(error(ErrorClass::Throttled, "Throttling"));
    let lost = Some(error(ErrorClass::Transient, "Timeout"));
    // Two before the call, and more than a step's own bound while it settles.
    let errors = [vec![slow, lost.clone(), None], vec![lost; 12]].concat();
    let cloud = Fake::of(&plan).look_fails("slow", &errors);
    assert_eq!(Trial::of(&plan).run(&cloud).await.outcome, Outcome::Done);
    assert_eq!(cloud.changes().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_deletion_that_aws_gives_up_fails_with_its_trouble() {
    let plan = plan(vec![delete(1, "slow", &[])]);
    let cloud = Fake::of(&plan).script("slow-1", &[Script::GiveUp("the role is missing")]);
    let summary = Trial::of(&plan).run(&cloud).await;
    assert!(
        summary.failed[0].error.contains("delete-failed: the role is missing"),
        "{}",
        summary.failed[0].error
    );
    assert!(cloud.world.lock().unwrap().calls.last().unwrap().0 < Duration::from_secs(120));
}

#[tokio::test(start_paused = true)]
async fn what_never_goes_fails_when_its_time_is_over() {
    let plan = plan(vec![delete(1, "slow", &[])]);
    let mut cloud = Fake::of(&plan);
    cloud.takes = Duration::from_secs(100_000);
    let summary = Trial::of(&plan).run(&cloud).await;
    let error = &summary.failed[0].error;
    assert!(error.contains("Timeout: still there after 6") && error.contains("it is deleting"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn what_is_gone_already_is_done_without_a_call() {
    let plan =
        plan(vec![cut(1, key("quick", "quick-2"), &[]), delete(2, "quick", &[1]), delete(3, "quick", &[])]);
    let cloud = Fake::of(&plan);
    cloud.edit(&key("quick", "quick-2"), |row| row.links.clear());
    cloud.world.lock().unwrap().rows.remove(&key("quick", "quick-3"));
    let summary = Trial::of(&plan).run(&cloud).await;
    assert_eq!(summary.outcome, Outcome::Done);
    assert_eq!(cloud.changes(), [Call::Delete(vec!["quick-2".into()])]);
}

#[tokio::test(start_paused = true)]
async fn of_a_link_whose_handles_have_gone_in_part_the_rest_is_cut() {
    let peer = |via: &[&str]| {
        Link::via("names", key("quick", "peer"), via.iter().map(|handle| (*handle).to_owned()).collect())
    };
    let owner = key("quick", "owner");
    let mut step = cut(1, owner.clone(), &[]);
    step.action = Action::Cut(peer(&["r-1", "r-2"]));
    let plan = plan(vec![step]);
    let cloud = Fake::of(&plan);
    cloud.edit(&owner, |row| row.links = BTreeSet::from([peer(&["r-2"])]));
    let summary = Trial::of(&plan).run(&cloud).await;
    assert_eq!(summary.outcome, Outcome::Done);
    assert!(cloud.world.lock().unwrap().rows[&owner].links.is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_somebody_else_is_removing_is_waited_for() {
    let plan = plan(vec![delete(1, "slow", &[]), delete(2, "quick", &[1])]);
    let cloud = Fake::of(&plan);
    Trial::of(&plan).run_and_die(&cloud, 1, false).await;
    // The journal of that run is lost; its call is not.
    let summary = Trial::of(&plan).run(&cloud).await;
    assert_eq!(summary.outcome, Outcome::Done);
    assert_eq!(cloud.changes().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_has_gone_by_itself_is_seen_at_once_although_others_of_its_kind_take_long() {
    let plan = plan(vec![wait(1, &[]), delete(2, "quick", &[]), wait(3, &[2])]);
    let cloud = Fake::of(&plan);
    cloud.world.lock().unwrap().rows.remove(&key("shadow", "shadow-3"));
    let summary = Trial::of(&plan).run(&cloud).await;
    assert_eq!(summary.failed[0].id, "shadow-1");
    let seen =
        |(_, call): &&(Duration, Call)| matches!(call, Call::Look(ids) if ids.contains(&"shadow-3".into()));
    let world = cloud.world.lock().unwrap();
    let looks: Vec<Duration> = world.calls.iter().filter(seen).map(|(at, _)| *at).collect();
    assert!(looks.len() == 1 && looks[0] < Duration::from_secs(1), "{looks:?}");
}

#[tokio::test(start_paused = true)]
async fn a_stop_finishes_the_calls_in_flight_and_starts_nothing() {
    let plan = diamond();
    let cloud = Fake::of(&plan);
    let (stopper, signal) = stop_signal();
    let mut trial = Trial::of(&plan);
    trial.stop = signal;
    // Each look takes a tenth of a second, and so does each call: here the first calls are in flight.
    let stop = async {
        tokio::time::sleep(Duration::from_millis(150)).await;
        stopper.stop();
    };
    let (summary, ()) = tokio::join!(trial.run(&cloud), stop);
    assert_eq!(summary.outcome, Outcome::Stopped);
    assert_eq!(BTreeSet::from_iter(deleted(&summary)), BTreeSet::from(["quick-2", "quick-5"]));
    let state = fold(&trial.lines).unwrap();
    assert_eq!(state.stopping, Some(StopCause::Signal));
    assert_eq!(state.steps[&StepId(1)], Status::Settling);
    assert_eq!(state.steps[&StepId(4)], Status::Skipped(SkipReason::Stopped));
    trial.stop = StopSignal::never();
    assert_eq!(trial.run(&cloud).await.outcome, Outcome::Done);
    assert_eq!(cloud.changes().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_stop_between_look_and_call_calls_nothing() {
    let plan = diamond();
    let cloud = Fake::of(&plan);
    let (stopper, signal) = stop_signal();
    let mut trial = Trial::of(&plan);
    trial.stop = signal;
    let stop = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        stopper.stop();
    };
    let (summary, ()) = tokio::join!(trial.run(&cloud), stop);
    assert_eq!(summary.outcome, Outcome::Stopped);
    assert_eq!(cloud.changes(), []);
    assert_eq!(summary.skipped.len(), 5);
}

#[tokio::test(start_paused = true)]
async fn a_run_stops_when_its_time_is_up_on_awss_clock() {
    let plan = diamond();
    let cloud = Fake::of(&plan);
    let mut trial = Trial::of(&plan);
    trial.limits = Limits { timeout: Some(Duration::from_secs(120)), clock_speed: 10.0, ..trial.limits };
    let began = tokio::time::Instant::now();
    let summary = trial.run(&cloud).await;
    assert_eq!(summary.outcome, Outcome::Stopped);
    assert!(began.elapsed() < Duration::from_secs(14), "{:?}", began.elapsed());
    assert!(summary.skipped[0].why.contains("its time was up"), "{}", summary.skipped[0].why);
}

#[tokio::test(start_paused = true)]
async fn a_faster_clock_makes_every_wait_shorter() {
    let plan = diamond();
    let mut took = Vec::new();
    for speed in [1.0, 100.0] {
        let mut cloud = Fake::of(&plan);
        (cloud.latency, cloud.takes) = (Duration::from_millis(2), Duration::from_secs(50).div_f64(speed));
        let mut trial = Trial::of(&plan);
        trial.limits.clock_speed = speed;
        let began = tokio::time::Instant::now();
        assert_eq!(trial.run(&cloud).await.outcome, Outcome::Done);
        took.push(began.elapsed());
    }
    assert!(took[0] > Duration::from_secs(100) && took[1] < Duration::from_secs(2), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn while_a_run_waits_the_observer_hears_what_for() {
    let plan = plan(vec![delete(1, "slow", &[])]);
    let mut cloud = Fake::of(&plan);
    cloud.takes = Duration::from_secs(55);
    let mut trial = Trial::of(&plan);
    trial.limits.heartbeat = Duration::from_secs(1);
    trial.run(&cloud).await;
    let progress = trial.watcher.progress.lock().unwrap();
    let waiting: Vec<u64> = progress
        .iter()
        .flat_map(|progress| &progress.settling)
        .map(|doing| doing.elapsed.as_secs())
        .collect();
    assert!((0..55).all(|second| waiting.contains(&second)), "{waiting:?}");
    let last = progress.last().unwrap();
    assert_eq!((last.done, last.total, last.settling.len()), (1, 1, 0));
    assert!(
        progress
            .iter()
            .any(|progress| progress.settling.iter().any(|doing| doing.state.as_deref() == Some("deleting")))
    );
}

#[tokio::test(start_paused = true)]
async fn a_rehearsal_ends_at_once_and_says_what_would_go() {
    let plan = diamond();
    let trial = Trial::of(&plan);
    let cloud = Rehearsal::of(&plan);
    let mut memory = crate::journal::Memory::default();
    let setting = Setting {
        catalog: &super::testing::CATALOG,
        referee: &super::referee::Agrees,
        judged: None,
        goal: None,
        left_out: &Default::default(),
        observer: &super::observe::Unobserved,
        now: &|| jiff::Timestamp::UNIX_EPOCH,
        limits: Limits::default(),
        mode: Mode::Rehearse,
    };
    let book = Book { state: fold(&trial.lines).unwrap(), record: &mut memory };
    let began = tokio::time::Instant::now();
    let summary = run(&cloud, book, &setting, StopSignal::never()).await.unwrap();
    assert_eq!(summary.outcome, Outcome::Rehearsed);
    assert_eq!(summary.deleted.len(), 5);
    assert!(began.elapsed() < Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn what_was_called_and_bears_its_name_as_another_one_by_now_is_gone_and_is_not_called_again() {
    // It may be seen by the process that called for it, or by one that goes on after a kill.
    for killed in [false, true] {
        let mut plan = plan(vec![delete(1, "slow", &[]), delete(2, "quick", &[1])]);
        plan.resources.iter_mut().for_each(|row| row.created = "2026-11-19T12:00:00Z".parse().ok());
        let mut cloud = Fake::of(&plan);
        cloud.takes = Duration::from_secs(5000);
        let mut trial = Trial::of(&plan);
        if killed {
            trial.run_and_die(&cloud, 2, true).await;
        }
        let anew = async {
            tokio::time::sleep(Duration::from_secs(if killed { 0 } else { 100 })).await;
            cloud.edit(&key("slow", "slow-1"), |row| {
                (row.created, row.life) = ("2026-11-21T12:00:00Z".parse().ok(), crate::model::Life::Standing);
            });
        };
        trial.limits.timeout = Some(Duration::from_secs(3000));
        let (summary, ()) = futures::join!(trial.run(&cloud), anew);
        assert_eq!(cloud.times_called().get("slow-1"), Some(&1), "killed {killed}");
        assert_eq!(summary.outcome, Outcome::Done, "killed {killed}: {summary:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_plan_whose_steps_wait_for_later_ones_is_refused() {
    let plan = plan(vec![delete(1, "quick", &[2]), delete(2, "quick", &[])]);
    let cloud = Fake::of(&plan);
    let mut trial = Trial::of(&plan);
    assert_eq!(trial.run_and_die(&cloud, 99, false).await, None);
    assert_eq!(cloud.changes(), []);
}

/// Seeds of random plans: kinds, cuts, awaits, and edges to earlier steps.
fn seeds() -> impl Strategy<Value = Vec<(usize, u16, u16)>> {
    prop::collection::vec((0..5_usize, any::<u16>(), any::<u16>()), 1..9)
}

fn steps(seeds: &[(usize, u16, u16)]) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for (index, (sort, edges, more)) in seeds.iter().enumerate() {
        let number = u32::try_from(index).unwrap() + 1;
        let after: Vec<u32> = (1..number).filter(|earlier| edges & more & (1 << earlier) != 0).collect();
        let slow = steps
            .iter()
            .rev()
            .find(|step| step.resource.kind.as_str() == "slow" && step.action == Action::Delete);
        let next = match (sort, slow) {
            (0, Some(slow)) => wait(number, &[slow.id.0]),
            (1, _) => delete(number, "slow", &after),
            (2, _) => delete(number, "bulk", &after),
            (3, _) => cut(number, key("quick", &format!("quick-{number}")), &after),
            (_, _) => delete(number, "quick", &after),
        };
        steps.push(next);
    }
    steps
}

/// What the world and the run's end look like, for comparing.
fn end(
    summary: &RunSummary,
    cloud: &Fake,
) -> (Outcome, BTreeSet<String>, BTreeSet<String>, BTreeSet<String>) {
    let failed = summary.failed.iter().map(|line| line.id.clone()).collect();
    let deleted = summary.deleted.iter().map(|key| key.id.to_string()).collect();
    (summary.outcome, cloud.left(), failed, deleted)
}

fn broken(cloud: Fake, plan: &PlanFile, seed: u32) -> Fake {
    // One step in three plans can never be done; one answer in three plans is lost.
    let at =
        |n: u32| plan.steps.get((n as usize) % (plan.steps.len() * 3)).map(|step| step.resource.id.clone());
    let cloud = match at(seed) {
        Some(id) => cloud.always(&id, error(ErrorClass::Denied, "UnauthorizedOperation")),
        None => cloud,
    };
    match at(seed / 64) {
        Some(id) => cloud.script(&id, &[Script::LoseAnswer]),
        None => cloud,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_run_killed_at_any_event_and_resumed_ends_where_a_whole_one_does(
        seeds in seeds(), seed in any::<u32>(), cuts in prop::collection::vec((0..12_usize, any::<bool>()), 1..5),
    ) {
        let plan = plan(steps(&seeds));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let whole = broken(Fake::of(&plan), &plan, seed);
            let summary = Trial::of(&plan).run(&whole).await;
            let cloud = broken(Fake::of(&plan), &plan, seed);
            let mut trial = Trial::of(&plan);
            let mut finished = None;
            for (after, at_once) in cuts {
                let before = trial.lines.len();
                let done: Vec<StepId> = fold(&trial.lines).unwrap().done;
                finished = trial.run_and_die(&cloud, after, at_once).await;
                check_nothing_is_repeated(&trial.lines[before..], &done);
                if finished.is_some() {
                    break;
                }
            }
            let resumed = match finished {
                Some(summary) => summary,
                None => trial.run(&cloud).await,
            };
            assert_eq!(end(&resumed, &cloud), end(&summary, &whole));
            assert_eq!(&cloud.world.lock().unwrap().violations, &Vec::<String>::new());
            assert_eq!(&whole.world.lock().unwrap().violations, &Vec::<String>::new());
            for (id, times) in cloud.times_called() {
                // The world says "leaving" of all that was called with success, so even a lost journal line
                // repeats no call; only what is denied is asked again.
                let denied = cloud.world.lock().unwrap().always.contains_key(&id);
                assert!(times == 1 || denied, "{id} was called {times} times");
            }
        });
    }
}

#[tokio::test(start_paused = true)]
async fn no_event_of_a_run_is_a_bad_moment_to_die() {
    let link_owner = key("bulk", "bulk-5");
    let mut steps = diamond().steps;
    steps.pop();
    steps.extend([
        cut(6, link_owner, &[2]),
        wait(7, &[1]),
        delete(8, "slow", &[4, 6]),
        delete(9, "bulk", &[]),
    ]);
    let plan = plan(steps);
    let whole = Fake::of(&plan);
    let mut trial = Trial::of(&plan);
    let summary = trial.run(&whole).await;
    let events = trial.lines.len() - 1;
    assert!(events > 20, "{events}");
    for (after, at_once) in (0..events).flat_map(|after| [(after, false), (after, true)]) {
        let cloud = Fake::of(&plan);
        let mut trial = Trial::of(&plan);
        assert_eq!(trial.run_and_die(&cloud, after, at_once).await, None);
        assert_eq!(trial.lines.len(), after + 1);
        let resumed = trial.run(&cloud).await;
        assert_eq!(end(&resumed, &cloud), end(&summary, &whole), "died after {after} events");
        assert_eq!(cloud.times_called(), whole.times_called(), "died after {after} events");
    }
}

/// No step that was done before is called after.
fn check_nothing_is_repeated(lines: &[Line], done: &[StepId]) {
    for line in lines {
        if let Event::Calling { step, .. } = &line.event {
            let before = done.contains(step);
            assert!(!before, "step {} is done and called again", step.0);
        }
    }
}

fn is_send<T: Send>(_: &T) {}

#[tokio::test(start_paused = true)]
async fn a_run_can_be_moved_to_another_thread() {
    let plan = diamond();
    let (cloud, mut trial) = (Fake::of(&plan), Trial::of(&plan));
    let run = trial.run(&cloud);
    is_send(&run);
    assert_eq!(run.await.outcome, Outcome::Done);
}
