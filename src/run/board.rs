//! The steps of a run and what each of them is doing: tells the loop what is ready. It knows neither cloud
//! nor journal nor clock.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::RunError;
use super::pace::Tries;
use super::settle::Waited;
use crate::model::{Catalog, KindName, Region};
use crate::plan::{Action, Plan, Step, StepId};

/// Kind and region: what one describe can answer for.
pub(super) type KindInRegion = (KindName, Region);

/// What a step is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Phase {
    /// It waits for so many steps.
    Blocked(usize),
    /// It can start.
    Ready,
    /// It was refused or disturbed, and can start again at this time.
    Delayed(Duration),
    /// It is being looked at or called, since then.
    Calling(Duration),
    /// It waits until its resource is gone.
    Settling(Waited),
    /// It is done, failed or skipped.
    Over,
}

/// All steps of a run.
#[derive(Debug)]
pub(super) struct Board<'a> {
    entries: BTreeMap<StepId, Tracked<'a>>,
    /// Ready steps: those that go first, and then the longest remaining chain.
    ready: BTreeSet<(bool, Reverse<u64>, StepId)>,
    delayed: BTreeSet<StepId>,
    calling: BTreeSet<StepId>,
    settling: BTreeSet<StepId>,
    open: usize,
}

#[derive(Debug)]
struct Tracked<'a> {
    step: &'a Step,
    dependents: Vec<StepId>,
    /// The usual time from this step's start to the end of the longest chain behind it.
    remaining: u64,
    /// Whether others go before it.
    is_later: bool,
    /// How long it rests once nothing is in its way any more ([`crate::model::KindSpec::pause`]).
    pause: Duration,
    phase: Phase,
    tries: Tries,
}

impl<'a> Board<'a> {
    /// The board of a plan none of whose steps has begun, with the steps that go first, if any do. Refuses a plan that
    /// could not end.
    pub(super) fn new(plan: &'a Plan, catalog: &Catalog, first: &BTreeSet<StepId>) -> Result<Self, RunError> {
        let mut entries: BTreeMap<StepId, Tracked<'a>> = BTreeMap::new();
        for step in &plan.steps {
            let name = format!("step {}", step.id.0);
            let refuse = |why: String| Err(RunError::Plan(format!("{name} {why}")));
            let Some(spec) = catalog.get(&step.resource.kind) else {
                return refuse(format!(
                    "is about a {}, a kind this version does not know",
                    step.resource.kind
                ));
            };
            if plan.record(&step.resource).is_none() {
                return refuse(format!("is about {}, which the plan does not describe", step.resource));
            }
            let before: BTreeSet<StepId> = step.after.iter().map(|after| after.step).collect();
            for earlier in &before {
                match entries.get_mut(earlier) {
                    Some(entry) => entry.dependents.push(step.id),
                    None => {
                        return refuse(format!(
                            "waits for step {}, which does not stand before it",
                            earlier.0
                        ));
                    }
                }
            }
            let (phase, tries) = (Phase::Blocked(before.len()), Tries::default());
            let pause = match step.action {
                Action::Delete => Duration::from_secs(u64::from(spec.pause)),
                Action::Cut(_) | Action::Await => Duration::ZERO,
            };
            let entry = Tracked {
                step,
                dependents: Vec::new(),
                remaining: 0,
                is_later: !first.contains(&step.id),
                pause,
                phase,
                tries,
            };
            if entries.insert(step.id, entry).is_some() {
                return refuse("stands in the plan twice".to_owned());
            }
        }
        let (ready, delayed, calling, settling) = Default::default();
        let open = entries.len();
        let mut board = Self { entries, ready, delayed, calling, settling, open };
        board.measure(plan);
        for step in &plan.steps {
            if board.phase(step.id) == Some(&Phase::Blocked(0)) {
                board.set(step.id, Phase::Ready);
            }
        }
        Ok(board)
    }

    /// Dependents stand behind what they wait for, so one pass from the end measures every chain.
    fn measure(&mut self, plan: &Plan) {
        for step in plan.steps.iter().rev() {
            let behind = self.dependents(step.id);
            let longest =
                behind.iter().filter_map(|id| self.entries.get(id)).map(|entry| entry.remaining).max();
            if let Some(entry) = self.entries.get_mut(&step.id) {
                entry.remaining = u64::from(step.expected_seconds) + longest.unwrap_or(0);
            }
        }
    }

    fn dependents(&self, id: StepId) -> Vec<StepId> {
        self.entries.get(&id).map(|entry| entry.dependents.clone()).unwrap_or_default()
    }

    /// The step of this number.
    pub(super) fn step(&self, id: StepId) -> Option<&'a Step> {
        self.entries.get(&id).map(|entry| entry.step)
    }

    /// What the step is doing.
    pub(super) fn phase(&self, id: StepId) -> Option<&Phase> {
        self.entries.get(&id).map(|entry| &entry.phase)
    }

    /// What the step waits for to be gone, if it does.
    pub(super) fn waited(&mut self, id: StepId) -> Option<&mut Waited> {
        match &mut self.entries.get_mut(&id)?.phase {
            Phase::Settling(waited) => Some(waited),
            Phase::Blocked(_) | Phase::Ready | Phase::Delayed(_) | Phase::Calling(_) | Phase::Over => None,
        }
    }

    /// What the step has been through.
    pub(super) fn tries(&mut self, id: StepId) -> Option<&mut Tries> {
        self.entries.get_mut(&id).map(|entry| &mut entry.tries)
    }

    /// Changes what a step is doing. What is over stays over.
    pub(super) fn set(&mut self, id: StepId, phase: Phase) {
        let Some(entry) = self.entries.get_mut(&id) else { return };
        if entry.phase == Phase::Over {
            return;
        }
        self.ready.remove(&(entry.is_later, Reverse(entry.remaining), id));
        self.delayed.remove(&id);
        self.calling.remove(&id);
        self.settling.remove(&id);
        match &phase {
            Phase::Blocked(_) => {}
            Phase::Ready => drop(self.ready.insert((entry.is_later, Reverse(entry.remaining), id))),
            Phase::Delayed(_) => drop(self.delayed.insert(id)),
            Phase::Calling(_) => drop(self.calling.insert(id)),
            Phase::Settling(_) => drop(self.settling.insert(id)),
            Phase::Over => self.open -= 1,
        }
        entry.phase = phase;
    }

    /// The step has done its work at this time: what waited only for it becomes ready, after its pause.
    pub(super) fn finish(&mut self, id: StepId, now: Duration) {
        self.set(id, Phase::Over);
        for dependent in self.dependents(id) {
            let pause = self.entries.get(&dependent).map_or(Duration::ZERO, |entry| entry.pause);
            match self.phase(dependent) {
                Some(Phase::Blocked(1)) if pause.is_zero() => self.set(dependent, Phase::Ready),
                Some(Phase::Blocked(1)) => self.set(dependent, Phase::Delayed(now + pause)),
                Some(Phase::Blocked(more)) => {
                    let left = more.saturating_sub(1);
                    self.set(dependent, Phase::Blocked(left));
                }
                Some(
                    Phase::Ready | Phase::Delayed(_) | Phase::Calling(_) | Phase::Settling(_) | Phase::Over,
                )
                | None => {}
            }
        }
    }

    /// The step will not do its work: so will nothing that waits for it. Returns those, nearest first.
    pub(super) fn give_up(&mut self, id: StepId) -> Vec<StepId> {
        self.set(id, Phase::Over);
        let mut lost = Vec::new();
        let mut from = vec![id];
        while let Some(next) = from.pop() {
            for dependent in self.dependents(next) {
                if self.phase(dependent).is_some_and(|phase| *phase != Phase::Over) {
                    self.set(dependent, Phase::Over);
                    lost.push(dependent);
                    from.push(dependent);
                }
            }
        }
        lost.sort_unstable();
        lost
    }

    /// Moves the delayed steps whose time has come to the ready ones.
    pub(super) fn wake(&mut self, now: Duration) {
        let due: Vec<StepId> = self.delays().filter(|(_, at)| *at <= now).map(|(id, _)| id).collect();
        for id in due {
            self.set(id, Phase::Ready);
        }
    }

    /// The delayed steps and when they may start.
    pub(super) fn delays(&self) -> impl Iterator<Item = (StepId, Duration)> + '_ {
        self.delayed.iter().filter_map(|id| match self.phase(*id)? {
            Phase::Delayed(at) => Some((*id, *at)),
            Phase::Blocked(_) | Phase::Ready | Phase::Calling(_) | Phase::Settling(_) | Phase::Over => None,
        })
    }

    /// The ready steps: those that go first, and then the longest remaining chain.
    pub(super) fn ready(&self) -> Vec<StepId> {
        self.ready.iter().map(|(_, _, id)| *id).collect()
    }

    /// The steps that are being looked at or called, and since when.
    pub(super) fn calling(&self) -> impl Iterator<Item = (&'a Step, Duration)> + '_ {
        self.calling.iter().filter_map(|id| match self.entries.get(id)? {
            Tracked { step, phase: Phase::Calling(since), .. } => Some((*step, *since)),
            Tracked { .. } => None,
        })
    }

    /// The steps whose resource is to be gone, with what is known of it.
    pub(super) fn settling(&self) -> impl Iterator<Item = (&'a Step, &Waited)> + '_ {
        self.settling.iter().filter_map(|id| match self.entries.get(id)? {
            Tracked { step, phase: Phase::Settling(waited), .. } => Some((*step, waited)),
            Tracked { .. } => None,
        })
    }

    /// The usual length of the longest chain that is left.
    pub(super) fn remaining(&self) -> Duration {
        let open = self.entries.values().filter(|entry| entry.phase != Phase::Over);
        Duration::from_secs(open.map(|entry| entry.remaining).max().unwrap_or(0))
    }

    /// The steps that are not under way.
    pub(super) fn idle(&self) -> Vec<StepId> {
        let idle = |entry: &&Tracked<'_>| {
            matches!(entry.phase, Phase::Blocked(_) | Phase::Ready | Phase::Delayed(_))
        };
        self.entries.values().filter(idle).map(|entry| entry.step.id).collect()
    }

    /// The steps that have not come to their end.
    pub(super) fn open(&self) -> BTreeSet<StepId> {
        let open = self.entries.values().filter(|entry| entry.phase != Phase::Over);
        open.map(|entry| entry.step.id).collect()
    }

    /// Whether every step has come to its end.
    pub(super) fn is_over(&self) -> bool {
        self.open == 0
    }
}

/// Which describe answers for the step's resource.
pub(super) fn group(step: &Step) -> KindInRegion {
    (step.resource.kind.clone(), step.resource.region.clone())
}

/// How many calls are taken up, counted so that deletions which share a call count once.
#[derive(Debug, Default)]
pub(super) struct Room {
    deletes: BTreeMap<KindInRegion, usize>,
    cuts: BTreeMap<KindInRegion, usize>,
}

impl Room {
    /// Takes up room for one more step.
    pub(super) fn add(&mut self, step: &Step) {
        let count = match step.action {
            Action::Delete => self.deletes.entry(group(step)).or_default(),
            Action::Cut(_) => self.cuts.entry(group(step)).or_default(),
            Action::Await => return,
        };
        *count += 1;
    }

    /// The calls in all, and those of this kind and region.
    pub(super) fn calls(&self, catalog: &Catalog, of: &KindInRegion) -> (usize, usize) {
        let batch = |group: &KindInRegion| catalog.get(&group.0).map_or(1, |spec| spec.batch.max(1));
        let deletes =
            |group: &KindInRegion| self.deletes.get(group).map_or(0, |count| count.div_ceil(batch(group)));
        let all = self.deletes.keys().map(deletes).sum::<usize>() + self.cuts.values().sum::<usize>();
        (all, deletes(of) + self.cuts.get(of).copied().unwrap_or(0))
    }

    /// Takes the step back out.
    pub(super) fn remove(&mut self, step: &Step) {
        let counts = match step.action {
            Action::Delete => &mut self.deletes,
            Action::Cut(_) => &mut self.cuts,
            Action::Await => return,
        };
        if let Some(count) = counts.get_mut(&group(step)) {
            *count = count.saturating_sub(1);
        }
    }
}
