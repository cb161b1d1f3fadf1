//! What a run makes room for: takes from the commands how much of which quota is missing and what each step frees of
//! it, tells the board what goes first, and the loop when all that was asked for fits.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::plan::{Plan, StepId};

/// What is asked for, and whether the run ends there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Goal {
    /// What is missing.
    pub wants: Vec<Want>,
    /// Whether nothing new is started once it fits.
    pub ends: bool,
}

/// So much of one quota in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Want {
    /// Of what, for people: `eip in us-east-1`.
    pub of: String,
    /// How much is missing.
    pub missing: u64,
    /// How much of it is free once this step is done.
    pub frees: BTreeMap<StepId, u64>,
}

impl Want {
    /// Whether it fits once these steps are done.
    pub fn is_met(&self, done: impl Fn(StepId) -> bool) -> bool {
        let freed = self.frees.iter().filter(|(step, _)| done(**step)).map(|(_, amount)| amount);
        freed.fold(0, |sum: u64, amount| sum.saturating_add(*amount)) >= self.missing
    }
}

impl Goal {
    /// Whether all of it fits once these steps are done.
    pub fn fits(&self, done: impl Fn(StepId) -> bool) -> bool {
        self.wants.iter().all(|want| want.is_met(&done))
    }

    /// The steps by which it fits soonest, with all that they wait for.
    pub fn first(&self, plan: &Plan) -> BTreeSet<StepId> {
        let mut first = self.soonest(&ends(plan));
        for step in plan.steps.iter().rev() {
            if first.contains(&step.id) {
                first.extend(step.after.iter().map(|after| after.step));
            }
        }
        first
    }

    /// How long it usually takes until it fits, if nothing fails.
    pub fn expected(&self, plan: &Plan) -> Duration {
        let ends = ends(plan);
        let last = self.soonest(&ends).iter().filter_map(|step| ends.get(step)).max().copied();
        Duration::from_secs(last.unwrap_or(0))
    }

    /// The steps by which it fits soonest, where each ends at this time.
    fn soonest(&self, ends: &BTreeMap<StepId, u64>) -> BTreeSet<StepId> {
        let mut first = BTreeSet::new();
        for want in &self.wants {
            let mut soonest: Vec<(u64, StepId, u64)> = Vec::new();
            soonest.extend(
                want.frees.iter().filter_map(|(step, frees)| Some((*ends.get(step)?, *step, *frees))),
            );
            soonest.sort_unstable();
            let mut missing = want.missing;
            for (_, step, frees) in soonest {
                if missing == 0 {
                    break;
                }
                missing = missing.saturating_sub(frees);
                first.insert(step);
            }
        }
        first
    }
}

/// When each step usually ends, in seconds from the run's beginning. Steps stand behind what they wait for.
fn ends(plan: &Plan) -> BTreeMap<StepId, u64> {
    let mut ends = BTreeMap::new();
    for step in &plan.steps {
        let begins = step.after.iter().filter_map(|after| ends.get(&after.step)).max().copied().unwrap_or(0);
        ends.insert(step.id, begins + u64::from(step.expected_seconds));
    }
    ends
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::{Ending, Event, Outcome};
    use crate::run::testing::{Call, Fake, Trial, delete, plan};

    fn set(steps: &[u32]) -> BTreeSet<StepId> {
        steps.iter().map(|step| StepId(*step)).collect()
    }

    fn want(missing: u64, frees: &[(u32, u64)]) -> Want {
        let frees = frees.iter().map(|(step, amount)| (StepId(*step), *amount)).collect();
        Want { of: "eip in us-east-1".into(), missing, frees }
    }

    /// Two chains: one of three steps, and one of one.
    fn chains() -> Plan {
        plan(vec![
            delete(1, "slow", &[]),
            delete(2, "slow", &[1]),
            delete(3, "quick", &[2]),
            delete(4, "quick", &[]),
        ])
        .plan()
    }

    #[test]
    fn what_fits_soonest_goes_first_with_all_it_waits_for() {
        let goal = |wants: Vec<Want>| Goal { wants, ends: false };
        assert_eq!(goal(vec![want(1, &[(3, 1), (4, 1)])]).first(&chains()), set(&[4]));
        assert_eq!(goal(vec![want(2, &[(3, 1), (4, 1)])]).first(&chains()), set(&[1, 2, 3, 4]));
        assert_eq!(goal(vec![want(1, &[(2, 5)])]).first(&chains()), set(&[1, 2]));
        assert_eq!(goal(Vec::new()).first(&chains()), set(&[]));
        assert_eq!(goal(vec![want(1, &[(3, 1), (4, 1)])]).expected(&chains()).as_secs(), 10);
        assert_eq!(goal(vec![want(1, &[(3, 1)])]).expected(&chains()).as_secs(), 30);
    }

    #[test]
    fn it_fits_when_every_want_is_met_and_not_before() {
        let goal = Goal { wants: vec![want(3, &[(1, 2), (2, 2)]), want(1, &[(3, 1)])], ends: true };
        let fits = |steps: &[u32]| goal.fits(|step| set(steps).contains(&step));
        assert!(fits(&[1, 2, 3]) && !fits(&[1, 2]) && !fits(&[1, 3]) && !fits(&[]));
        assert!(Goal::default().fits(|_| false), "nothing is missing");
    }

    fn told(trial: &Trial) -> Vec<u64> {
        let fits = trial.lines.iter().filter_map(|line| match line.event {
            Event::Fits { seconds } => Some(seconds),
            _ => None,
        });
        fits.collect()
    }

    #[tokio::test(start_paused = true)]
    async fn a_run_tells_once_when_it_fits_and_goes_on_to_its_end_unless_it_is_to_end_there() {
        for ends in [false, true] {
            let plan = plan(vec![delete(1, "quick", &[]), delete(2, "slow", &[1]), delete(3, "slow", &[2])]);
            let cloud = Fake::of(&plan);
            let mut trial = Trial::of(&plan);
            trial.goal = Some(Goal { wants: vec![want(1, &[(1, 1)])], ends });
            let summary = trial.run(&cloud).await;
            assert_eq!(told(&trial).len(), 1);
            assert!(told(&trial)[0] < 30 && summary.fits_after_seconds == Some(told(&trial)[0]));
            assert_eq!(summary.ending(), Ending::Done);
            if !ends {
                assert_eq!((summary.outcome, cloud.left().len()), (Outcome::Done, 0));
                continue;
            }
            assert!(summary.ended_as_it_fits && summary.outcome == Outcome::Stopped);
            assert!(summary.left().iter().any(|it| it.id == "slow-3"), "{:?}", summary.left());
            assert!(cloud.left().contains("slow-3"));
            // The rest goes with the next process, which is asked for nothing more.
            trial.goal = None;
            let summary = trial.run(&cloud).await;
            assert_eq!((summary.outcome, cloud.left().len()), (Outcome::Done, 0));
            assert!(!summary.ended_as_it_fits && summary.fits_after_seconds.is_none());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_makes_room_starts_before_longer_chains_where_not_all_can_start_at_once() {
        let steps = vec![delete(1, "slow", &[]), delete(2, "slow", &[1]), delete(3, "quick", &[])];
        let plan = plan(steps);
        for (goal, first) in
            [(None, "slow-1"), (Some(Goal { wants: vec![want(1, &[(3, 1)])], ends: false }), "quick-3")]
        {
            let cloud = Fake::of(&plan);
            let mut trial = Trial::of(&plan);
            (trial.goal, trial.limits.at_once) = (goal, 1);
            trial.run(&cloud).await;
            assert_eq!(cloud.changes()[0], Call::Delete(vec![first.to_owned()]));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_failed_makes_no_room() {
        let plan = plan(vec![delete(1, "quick", &[]), delete(2, "quick", &[])]);
        let no = crate::run::testing::error(crate::model::ErrorClass::Refused, "InUse");
        let cloud = Fake::of(&plan).always("quick-1", no);
        let mut trial = Trial::of(&plan);
        trial.goal = Some(Goal { wants: vec![want(2, &[(1, 1), (2, 1)])], ends: true });
        let summary = trial.run(&cloud).await;
        assert!(told(&trial).is_empty() && summary.ending() == Ending::Left);
    }
}
