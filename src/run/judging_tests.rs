//! The run's laws about judging again: what is called was judged within the minute, by one reading for all.

#![expect(clippy::disallowed_methods, reason = "tests measure how old a reading is")]

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::Instant;

use super::Judged;
use super::referee::{Answer, Asked, NoAnswer, Referee};
use super::testing::{Call, Fake, Trial, delete, error, plan, wait};
use crate::journal::{Event, Outcome, StopCause};
use crate::model::{AccountId, ErrorClass, Region};
use crate::plan::again::Ruling;
use crate::plan::file::PlanFile;
use crate::plan::undo::Touch;
use crate::plan::{Step, StepId};

/// Says of each step what the script says at the time, and notes when it was asked.
struct Scripted<S> {
    script: S,
    takes: Duration,
    began: Instant,
    notes: Notes,
}

type Notes = Arc<Mutex<Vec<(Duration, Asked)>>>;
type Said = Result<Ruling, NoAnswer>;

#[async_trait]
impl<S: Fn(StepId, Duration) -> Said + Send + Sync> Referee for Scripted<S> {
    async fn judge(&self, asked: &Asked) -> Result<Answer, NoAnswer> {
        let at = self.began.elapsed();
        self.notes.lock().unwrap().push((at, asked.clone()));
        tokio::time::sleep(self.takes).await;
        let said = asked.left.iter().map(|step| Ok((*step, (self.script)(*step, at)?)));
        Ok(Answer { rulings: said.collect::<Result<_, _>>()?, listings: 7 })
    }
}

fn trial(
    plan: &PlanFile,
    takes: u64,
    script: impl Fn(StepId, Duration) -> Said + Send + Sync + 'static,
) -> (Trial, Notes) {
    let mut trial = Trial::of(plan);
    let notes = Notes::default();
    let (takes, began) = (Duration::from_secs(takes), Instant::now());
    trial.referee = Box::new(Scripted { script, takes, began, notes: Arc::clone(&notes) });
    (trial, notes)
}

fn out(step: u32, why: &str) -> impl Fn(StepId, Duration) -> Said + Send + Sync + 'static {
    let why = why.to_owned();
    move |it, _| Ok(if it == StepId(step) { Ruling::Out(why.clone()) } else { Ruling::Go })
}

fn called(cloud: &Fake) -> Vec<(Duration, Vec<String>)> {
    let world = cloud.world.lock().unwrap();
    let deletes = world.calls.iter().filter_map(|(at, call)| match call {
        Call::Delete(ids) => Some((*at, ids.clone())),
        Call::Look(_) | Call::Cut(_) => None,
    });
    deletes.collect()
}

/// Slow ones in a row, each followed by quick ones.
fn long_chain() -> PlanFile {
    let mut steps = vec![delete(1, "slow", &[])];
    for number in 2..=12 {
        steps.push(delete(number, if number % 2 == 0 { "quick" } else { "slow" }, &[number - 1]));
    }
    plan(steps)
}

#[tokio::test(start_paused = true)]
async fn what_does_not_hold_any_more_is_left_with_all_that_waits_for_it() {
    let plan = plan(vec![delete(1, "quick", &[]), delete(2, "quick", &[1]), delete(3, "quick", &[])]);
    let cloud = Fake::of(&plan);
    let (mut trial, _) = trial(&plan, 1, out(1, "it is active"));
    let summary = trial.run(&cloud).await;
    assert_eq!(cloud.left(), ["quick-1", "quick-2"].map(str::to_owned).into());
    assert_eq!(summary.outcome, Outcome::Partly);
    assert!(summary.skipped[0].why.contains("it is active"), "{:?}", summary.skipped);
    let told = trial.lines.iter().filter(|line| line.event == Event::ReadAgain { left_out: vec![StepId(1)] });
    assert_eq!(told.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_called_on_a_reading_that_is_older_than_a_minute() {
    for takes in [0, 5, 50, 200] {
        let plan = long_chain();
        let cloud = Fake::of(&plan);
        let (mut trial, notes) = trial(&plan, takes, |_, _| Ok(Ruling::Go));
        let summary = trial.run(&cloud).await;
        assert_eq!(summary.outcome, Outcome::Done);
        let readings: Vec<Duration> = notes.lock().unwrap().iter().map(|(at, _)| *at).collect();
        for (at, ids) in called(&cloud) {
            let last =
                readings.iter().rev().find(|began| **began + Duration::from_secs(takes) <= at).unwrap();
            // The look before the call takes a moment.
            let oldest = Duration::from_secs(takes.max(60) + 1);
            assert!(at - *last <= oldest, "{ids:?} at {at:?} on a reading of {last:?}");
        }
        // Far fewer than one for each step, unless each takes longer than its minute.
        assert!(readings.len() < 12 || takes > 60, "{readings:?}");
        assert_eq!(
            (summary.effort.readings as usize, summary.effort.listings),
            (readings.len(), readings.len() * 7)
        );
    }
}

#[tokio::test(start_paused = true)]
async fn one_reading_serves_all_that_start_within_its_minute() {
    let plan = plan((1..=20).map(|number| delete(number, "quick", &[])).collect());
    let (mut trial, notes) = trial(&plan, 3, |_, _| Ok(Ruling::Go));
    let summary = trial.run(&Fake::of(&plan)).await;
    assert_eq!((summary.outcome, notes.lock().unwrap().len()), (Outcome::Done, 1));
    assert_eq!(summary.effort.changes, 20);
    assert!(!trial.lines.iter().any(|line| matches!(line.event, Event::ReadAgain { .. })));
}

/// A step like this of a global thing.
fn global(mut step: Step) -> Step {
    step.resource.region = Region::global();
    step
}

#[tokio::test(start_paused = true)]
async fn who_works_with_global_things_is_read_only_before_one_of_them() {
    // The global ones become ready after the slow one; the last regional one later still.
    let steps = vec![
        delete(1, "quick", &[]),
        delete(2, "slow", &[1]),
        global(delete(3, "quick", &[2])),
        global(delete(4, "quick", &[2])),
        delete(5, "slow", &[3]),
        delete(6, "quick", &[5]),
    ];
    let plan = plan(steps);
    let cloud = Fake::of(&plan);
    let (mut trial, notes) = trial(&plan, 1, |_, _| Ok(Ruling::Go));
    let summary = trial.run(&cloud).await;
    assert_eq!((summary.outcome, cloud.left().len()), (Outcome::Done, 0));
    let notes = notes.lock().unwrap();
    let about: Vec<BTreeSet<u32>> =
        notes.iter().map(|(_, asked)| asked.left.iter().map(|id| id.0).collect()).collect();
    let global: Vec<bool> = about.iter().map(|steps| steps.contains(&3) || steps.contains(&4)).collect();
    assert_eq!(global.iter().filter(|it| **it).count(), 1, "{about:?}");
    assert!(about[0].is_superset(&[1, 2, 5, 6].into()) && !global[0], "{about:?}");
}

#[tokio::test(start_paused = true)]
async fn the_reading_by_which_the_plan_was_judged_serves_for_the_rest_of_its_minute() {
    let plan = plan(vec![delete(1, "quick", &[]), delete(2, "slow", &[1]), delete(3, "quick", &[2])]);
    for (age, first) in [(0, "after"), (59, "after"), (61, "at once")] {
        let (mut trial, notes) = trial(&plan, 1, |_, _| Ok(Ruling::Go));
        let rulings = (1..=3).map(|step| (StepId(step), Ruling::Go)).collect();
        let began = Instant::now().checked_sub(Duration::from_secs(age)).unwrap();
        trial.judged = Some(Judged { began, rulings });
        let cloud = Fake::of(&plan);
        trial.run(&cloud).await;
        let asked = notes.lock().unwrap()[0].1.left.len();
        assert_eq!(if asked == 3 { "at once" } else { "after" }, first, "{age} s old");
        let all = called(&cloud);
        assert_eq!(all.len(), 3);
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_judgement_before_the_run_did_not_see_waits_for_a_reading() {
    let plan = plan(vec![delete(1, "quick", &[]), delete(2, "quick", &[])]);
    for unseen in [Some(Ruling::Unseen("a gap".into())), None] {
        let (mut trial, notes) = trial(&plan, 1, |_, _| Ok(Ruling::Go));
        let one = unseen.map(|ruling| (StepId(1), ruling));
        let rulings = one.into_iter().chain([(StepId(2), Ruling::Go)]).collect();
        trial.judged = Some(Judged { began: Instant::now(), rulings });
        let cloud = Fake::of(&plan);
        assert_eq!(trial.run(&cloud).await.outcome, Outcome::Done);
        let all = called(&cloud);
        assert!(all[0].1 == ["quick-2"] && all[1].1 == ["quick-1"], "{all:?}");
        assert!(all[1].0 > notes.lock().unwrap()[0].0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_asked_to_stop_does_not_wait_for_a_reading() {
    let plan = plan(vec![delete(1, "quick", &[])]);
    let (mut trial, _) = trial(&plan, 500, |_, _| Ok(Ruling::Go));
    let (stopper, signal) = super::stop_signal();
    trial.stop = signal;
    let began = Instant::now();
    let cloud = Fake::of(&plan);
    let stop = async {
        tokio::time::sleep(Duration::from_secs(20)).await;
        stopper.stop()
    };
    let (summary, heard) = futures::join!(trial.run(&cloud), stop);
    assert!(heard && summary.outcome == Outcome::Stopped && began.elapsed() < Duration::from_secs(30));
    assert_eq!(cloud.changes(), []);
}

#[tokio::test(start_paused = true)]
async fn the_referee_is_told_what_the_run_has_done() {
    let plan =
        plan(vec![delete(1, "quick", &[]), delete(2, "slow", &[1]), wait(3, &[2]), delete(4, "quick", &[1])]);
    let (mut trial, notes) = trial(&plan, 0, |_, _| Ok(Ruling::Go));
    let mut fake = Fake::of(&plan);
    fake.takes = Duration::from_secs(90);
    // A kind that is slowed down becomes ready again when the reading is old.
    fake = fake.always("quick-4", error(ErrorClass::NotYet, "DependencyViolation"));
    trial.run(&fake).await;
    let notes = notes.lock().unwrap();
    assert_eq!(notes[0].1.touched, Default::default());
    let later = &notes.last().unwrap().1;
    assert_eq!(later.touched.get(&StepId(1)), Some(&Touch::Done));
    assert_eq!(later.touched.get(&StepId(2)), Some(&Touch::Called));
    assert!(!later.left.contains(&StepId(1)) && later.left.contains(&StepId(4)));
}

#[tokio::test(start_paused = true)]
async fn what_is_tried_again_may_have_taken_effect_for_all_the_referee_knows() {
    let plan = plan(vec![delete(1, "quick", &[]), delete(2, "slow", &[]), delete(3, "quick", &[2])]);
    let (mut trial, notes) = trial(&plan, 0, |_, _| Ok(Ruling::Go));
    let mut fake = Fake::of(&plan);
    fake.takes = Duration::from_secs(90);
    fake = fake.always("quick-1", error(ErrorClass::Transient, "InternalError"));
    trial.run(&fake).await;
    let notes = notes.lock().unwrap();
    let later = notes.iter().filter(|(_, asked)| asked.left.contains(&StepId(1))).skip(1);
    let touched: Vec<_> = later.map(|(_, asked)| asked.touched.get(&StepId(1))).collect();
    assert!(!touched.is_empty() && touched.iter().all(|it| *it == Some(&Touch::UnderWay)), "{touched:?}");
}

#[tokio::test(start_paused = true)]
async fn a_reading_that_comes_in_while_a_step_is_looked_at_speaks_of_it_too() {
    // The fourth asks for a reading while the third is looked at.
    let plan = plan(vec![
        delete(1, "quick", &[]),
        delete(2, "quick", &[1]),
        delete(3, "quick", &[2]),
        delete(4, "resting", &[1]),
    ]);
    let mut cloud = Fake::of(&plan);
    cloud.latency = Duration::from_millis(14_600);
    let speaks = |step, at: Duration| {
        let taken = step == StepId(3) && at > Duration::from_secs(1);
        Ok(if taken { Ruling::Out("it is active".into()) } else { Ruling::Go })
    };
    let (mut trial, notes) = trial(&plan, 1, speaks);
    let summary = trial.run(&cloud).await;
    let asked: Vec<Duration> = notes.lock().unwrap().iter().map(|(at, _)| *at).collect();
    assert!(asked.len() == 2 && asked[1] > Duration::from_secs(60), "{asked:?}");
    assert_eq!(cloud.left(), ["quick-3".to_owned()].into());
    assert_eq!(summary.outcome, Outcome::Partly);
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_seen_waits_for_another_reading_and_goes_on_when_it_is_seen() {
    let plan = plan(vec![delete(1, "quick", &[]), delete(2, "quick", &[])]);
    let script = |step, at: Duration| {
        let hidden = step == StepId(1) && at < Duration::from_secs(100);
        Ok(if hidden { Ruling::Unseen("instance of us-east-1 could not be read".into()) } else { Ruling::Go })
    };
    let (mut trial, notes) = trial(&plan, 1, script);
    let cloud = Fake::of(&plan);
    assert_eq!(trial.run(&cloud).await.outcome, Outcome::Done);
    let first =
        |id: &str| called(&cloud).into_iter().find(|(_, ids)| ids.contains(&id.to_owned())).unwrap().0;
    assert!(first("quick-1") >= Duration::from_secs(100) && first("quick-2") < Duration::from_secs(5));
    assert!(notes.lock().unwrap().len() <= 6);
}

#[tokio::test(start_paused = true)]
async fn what_is_never_seen_is_left_in_the_end_with_the_reason() {
    let gap = || Ruling::Unseen("instance of us-east-1 could not be read".into());
    let failing = |_, _| Err(NoAnswer::Cloud(error(ErrorClass::Transient, "ServiceUnavailable")));
    let plan = plan(vec![delete(1, "quick", &[]), delete(2, "quick", &[1])]);
    let began = Instant::now();
    for (mut trial, why) in [
        (trial(&plan, 1, move |_, _| Ok(gap())).0, "could not be read"),
        (trial(&plan, 1, failing).0, "could not be read again"),
    ] {
        let cloud = Fake::of(&plan);
        let summary = trial.run(&cloud).await;
        assert_eq!((summary.outcome, cloud.changes()), (Outcome::Partly, vec![]));
        assert!(summary.skipped[0].why.contains(why), "{:?}", summary.skipped);
    }
    let took = began.elapsed();
    assert!((600..1000).contains(&took.as_secs()), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_reading_of_another_account_or_without_credentials_stops_the_run() {
    let plan = plan(vec![delete(1, "quick", &[])]);
    let other = AccountId::new("222222222222");
    let account = NoAnswer::Account(other.clone());
    let expired = NoAnswer::Cloud(error(ErrorClass::Credentials, "ExpiredToken"));
    for answer in [account, expired] {
        let said = answer.clone();
        let (mut trial, _) = trial(&plan, 1, move |_, _| Err(said.clone()));
        let cloud = Fake::of(&plan);
        assert_eq!(trial.run(&cloud).await.outcome, Outcome::Stopped);
        assert_eq!(cloud.changes(), []);
        let told = trial.lines.iter().any(|line| match (&line.event, &answer) {
            (Event::Stopping { cause: StopCause::Account { now } }, NoAnswer::Account(_)) => *now == other,
            (Event::Stopping { cause: StopCause::Credentials { .. } }, NoAnswer::Cloud(_)) => true,
            _ => false,
        });
        assert!(told, "{:?}", trial.lines);
    }
}

#[tokio::test(start_paused = true)]
async fn a_step_of_which_the_referee_says_nothing_is_not_called() {
    struct Silent;
    #[async_trait]
    impl Referee for Silent {
        async fn judge(&self, _: &Asked) -> Result<Answer, NoAnswer> {
            Ok(Answer { rulings: Default::default(), listings: 1 })
        }
    }
    let plan = plan(vec![delete(1, "quick", &[])]);
    let (mut trial, cloud) = (Trial::of(&plan), Fake::of(&plan));
    trial.referee = Box::new(Silent);
    assert_eq!(trial.run(&cloud).await.outcome, Outcome::Partly);
    assert_eq!(cloud.changes(), []);
}

#[tokio::test(start_paused = true)]
async fn what_was_left_out_before_the_run_goes_on_is_never_begun_whatever_the_referee_says() {
    let plan = plan(vec![delete(1, "quick", &[]), delete(2, "quick", &[1]), delete(3, "quick", &[])]);
    let (mut trial, cloud) = (Trial::of(&plan), Fake::of(&plan));
    trial.left_out = [(StepId(1), "it has a new tag".to_owned())].into();
    let summary = trial.run(&cloud).await;
    assert_eq!(cloud.left(), ["quick-1", "quick-2"].map(str::to_owned).into());
    let named: BTreeSet<&str> = summary.skipped.iter().map(|line| line.id.as_str()).collect();
    assert_eq!((summary.outcome, named), (Outcome::Partly, ["quick-1", "quick-2"].into()));
}

#[tokio::test(start_paused = true)]
async fn where_the_clock_runs_fast_every_step_is_judged_and_the_run_ends() {
    let plan = long_chain();
    let mut cloud = Fake::of(&plan);
    (cloud.takes, cloud.latency) = (Duration::from_millis(1), Duration::from_millis(2));
    let (mut trial, _) = trial(&plan, 1, |_, _| Ok(Ruling::Go));
    trial.limits.clock_speed = 100_000.0;
    assert_eq!(trial.run(&cloud).await.outcome, Outcome::Done);
}
