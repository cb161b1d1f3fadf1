//! The one loop that owns a run: starts what the board says is ready, hands answers to `answers`, and looks
//! after what is settling.
//!
//! Calls run as futures inside this task, so there is no shared state to lock. What an answer means stands in `answers`.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};
use tokio::time::Instant;

use super::board::{Board, KindInRegion, Phase, Room, group};
use super::clock::Clock;
use super::cloud::{Change, Cloud};
use super::observe::{Doing, Progress};
use super::referee::{Answer, NoAnswer};
use super::settle::{Remover, Waited, rhythm};
use super::sight::{Leave, Sight};
use super::{Book, Mode, RunError, Setting, StopSignal, summary};
use crate::journal::{Effort, Event, Line, RunSummary, SkipReason, Status, StopCause};
use crate::model::{AccountId, CloudError, Key, Resource};
use crate::plan::{Action, Plan, Step, StepId};

/// What a look brings. An error means that nothing is known.
pub(super) type Rows = BTreeMap<Key, Resource>;

/// What comes back from a future.
pub(super) enum CloudAnswer {
    /// The look right before a call, for the steps that start together.
    Checked(KindInRegion, Vec<StepId>, Result<Rows, LookError>),
    /// The look at all that settles in one kind and region.
    Watched(KindInRegion, Vec<StepId>, Result<Rows, LookError>),
    /// What was read and judged anew, begun at this time.
    Judged(Duration, Result<Answer, NoAnswer>),
    /// One answer for each step that shared a call.
    Changed(Vec<StepId>, Vec<Result<(), CloudError>>),
}

/// Why a look brought nothing that may be believed.
pub(super) enum LookError {
    /// The credentials belong to this account, which is not the plan's.
    Account(AccountId),
    /// The cloud answered with an error.
    Cloud(CloudError),
}

/// How long after a call the first look comes, if the kind's rhythm is slower.
const EARLY_LOOK: Duration = Duration::from_secs(3);

/// The rhythm of looking at what settles in one kind and region.
pub(super) struct Watch {
    /// When to look next; `None` while a look is under way.
    pub(super) next: Option<Duration>,
    /// How many looks in a row have failed.
    pub(super) errors: u32,
}

/// The run itself.
pub(super) struct Dispatcher<'a> {
    pub(super) plan: &'a Plan,
    pub(super) cloud: &'a dyn Cloud,
    pub(super) setting: &'a Setting<'a>,
    pub(super) book: Book<'a>,
    pub(super) account: AccountId,
    pub(super) board: Board<'a>,
    pub(super) clock: Clock,
    pub(super) watches: BTreeMap<KindInRegion, Watch>,
    /// Kinds that are being slowed down: nothing of them starts before this time.
    pub(super) held: BTreeMap<KindInRegion, Duration>,
    /// Kinds and regions with a look before calls under way: what becomes ready meanwhile shares the next one.
    pub(super) checking: BTreeSet<KindInRegion>,
    /// How the resource of each call in flight looked right before it.
    pub(super) before: BTreeMap<StepId, Resource>,
    pub(super) tasks: FuturesUnordered<BoxFuture<'a, CloudAnswer>>,
    pub(super) stopping: bool,
    /// What the last reading said.
    pub(super) sight: Sight,
    /// What this process has asked of AWS.
    pub(super) effort: Effort,
}

impl<'a> Dispatcher<'a> {
    pub(super) fn new(
        plan: &'a Plan,
        cloud: &'a dyn Cloud,
        book: Book<'a>,
        setting: &'a Setting<'a>,
    ) -> Result<Self, RunError> {
        let clock = Clock::start(setting.limits.clock_speed);
        let first = setting.goal.map(|goal| goal.first(plan)).unwrap_or_default();
        Ok(Self {
            plan,
            cloud,
            setting,
            account: book.state.plan.account.clone(),
            book,
            board: Board::new(plan, setting.catalog, &first)?,
            clock,
            watches: BTreeMap::new(),
            held: BTreeMap::new(),
            checking: BTreeSet::new(),
            before: BTreeMap::new(),
            tasks: FuturesUnordered::new(),
            stopping: false,
            sight: Sight::default(),
            effort: Effort::default(),
        })
    }

    /// Runs to the end. If the run has to be given up, the calls in flight are still waited for.
    pub(super) async fn run(mut self, stop: StopSignal) -> Result<RunSummary, RunError> {
        match self.drive(stop).await {
            Ok(summary) => Ok(summary),
            Err(error) => {
                while self.tasks.next().await.is_some() {}
                Err(error)
            }
        }
    }

    async fn drive(&mut self, mut stop: StopSignal) -> Result<RunSummary, RunError> {
        self.begin()?;
        loop {
            if !self.stopping {
                self.stop_when_late()?;
                self.tell_when_it_fits()?;
            }
            if !self.stopping {
                self.start_ready()?;
                self.start_watches();
            }
            self.report();
            // Nobody waits for a reading after which nothing would start.
            let reading = usize::from(self.stopping && self.sight.is_under_way());
            if self.tasks.len() == reading && (self.stopping || self.board.is_over()) {
                return self.close();
            }
            let wake = self.wake_at();
            tokio::select! {
                biased;
                () = stop.asked(), if !self.stopping => self.stop(StopCause::Signal)?,
                Some(answer) = self.tasks.next(), if !self.tasks.is_empty() => {
                    self.take(answer)?;
                    // What has come in at the same time is taken in before anything is started, so that
                    // steps which become ready together share their look and their call.
                    while let Some(Some(answer)) = self.tasks.next().now_or_never() {
                        self.take(answer)?;
                    }
                }
                () = tokio::time::sleep_until(wake) => {}
            }
        }
    }

    /// Takes over what an earlier process has done.
    fn begin(&mut self) -> Result<(), RunError> {
        if self.book.state.begun {
            self.write(Event::Resumed)?;
        }
        let restored: Vec<(StepId, Status)> =
            self.book.state.steps.iter().map(|(id, status)| (*id, status.clone())).collect();
        let now = self.clock.now();
        for (id, status) in &restored {
            if *status == Status::Done {
                self.board.finish(*id, now);
            }
        }
        for (id, status) in restored {
            match status {
                Status::Failed(_) | Status::Skipped(SkipReason::Changed { .. }) => {
                    self.lose_dependents(id, id)?
                }
                Status::Skipped(SkipReason::Because { step }) => self.lose_dependents(id, step)?,
                Status::Skipped(SkipReason::Stopped)
                | Status::Done
                | Status::Retrying
                | Status::InDoubt
                | Status::Settling => {}
            }
        }
        for (id, why) in self.setting.left_out {
            if self.board.phase(*id).is_some_and(|phase| *phase != Phase::Over) {
                self.leave(*id, why.clone())?;
            }
        }
        self.trust(now);
        Ok(())
    }

    /// Starts what is ready while there is room, the longest remaining chain first.
    fn start_ready(&mut self) -> Result<(), RunError> {
        let now = self.clock.now();
        self.board.wake(now);
        self.held.retain(|_, until| *until > now);
        let mut room = Room::default();
        for (step, _) in self.board.calling() {
            room.add(step);
        }
        let mut starts: Vec<(KindInRegion, Vec<StepId>)> = Vec::new();
        let mut asks = false;
        for id in self.board.ready() {
            let Some(step) = self.board.step(id) else { continue };
            // One that was left out takes along what waits for it.
            if self.board.phase(id) != Some(&Phase::Ready) {
                continue;
            }
            if step.action == Action::Await {
                self.settle(id, Remover::Another, None);
                continue;
            }
            let group = group(step);
            if self.checking.contains(&group) || self.held.contains_key(&group) {
                continue;
            }
            room.add(step);
            let (all, of_group) = room.calls(self.setting.catalog, &group);
            let limits = &self.setting.limits;
            if all > limits.at_once.max(1) || of_group > limits.per_kind.max(1) {
                room.remove(step);
                continue;
            }
            let leave = self.sight.leave(id, now);
            if leave != Leave::Start {
                room.remove(step);
                asks |= leave == Leave::Ask;
                self.hold_back(id, leave, now)?;
                continue;
            }
            self.board.set(id, Phase::Calling(now));
            match starts.iter_mut().find(|(other, _)| *other == group) {
                Some((_, steps)) => steps.push(id),
                None => starts.push((group, vec![id])),
            }
        }
        self.sight.told();
        for (group, steps) in starts {
            self.checking.insert(group.clone());
            self.look(group, steps, CloudAnswer::Checked);
        }
        if asks && !self.sight.is_under_way() {
            self.read();
        }
        Ok(())
    }

    /// One look for each kind and region whose time has come.
    fn start_watches(&mut self) {
        let now = self.clock.now();
        let mut steps: BTreeMap<KindInRegion, Vec<StepId>> = BTreeMap::new();
        for (step, _) in self.board.settling() {
            steps.entry(group(step)).or_default().push(step.id);
        }
        self.watches.retain(|group, watch| watch.next.is_none() || steps.contains_key(group));
        for (group, steps) in steps {
            if let Some(watch) = self.watches.get_mut(&group)
                && watch.next.is_some_and(|next| next <= now)
            {
                watch.next = None;
                self.look(group, steps, CloudAnswer::Watched);
            }
        }
    }

    /// Looks at these steps' resources, and at whose account it is: in another account all would seem gone.
    fn look(
        &mut self,
        of: KindInRegion,
        steps: Vec<StepId>,
        answer: fn(KindInRegion, Vec<StepId>, Result<Rows, LookError>) -> CloudAnswer,
    ) {
        self.effort.looks += 1;
        let (cloud, account) = (self.cloud, self.account.clone());
        let keys: BTreeSet<Key> =
            steps.iter().filter_map(|id| self.board.step(*id)).map(|s| s.resource.clone()).collect();
        let keys: Vec<Key> = keys.into_iter().collect();
        let look = async move {
            let (kind, region) = &of;
            let rows = match futures::join!(cloud.account(), cloud.look(kind, region, &keys)) {
                (Err(error), _) | (Ok(_), Err(error)) => Err(LookError::Cloud(error)),
                (Ok(now), Ok(_)) if now != account => Err(LookError::Account(now)),
                (Ok(_), Ok(rows)) => Ok(rows),
            };
            answer(of, steps, rows)
        };
        self.tasks.push(look.boxed());
    }

    /// Makes the change. Its steps are in the journal already.
    pub(super) fn call(&mut self, steps: Vec<StepId>, change: Change) {
        self.effort.changes += 1;
        let cloud = self.cloud;
        self.tasks.push(async move { CloudAnswer::Changed(steps, cloud.change(&change).await) }.boxed());
    }

    /// From now on the step waits until its resource is gone.
    pub(super) fn settle(&mut self, id: StepId, remover: Remover, row: Option<&Resource>) {
        let Some((step, planned)) = self.step(id) else { return };
        let now = self.clock.now();
        let rhythm = match self.setting.mode {
            Mode::Apply => rhythm(self.setting.catalog, step, planned),
            Mode::Rehearse => rhythm(self.setting.catalog, step, planned).hurried(),
        };
        // What AWS removes by itself may have gone long ago; what was called away a moment ago has not, but
        // one early look finds what was quick (a failed gateway, an empty node group, an emulator).
        let first = if step.action == Action::Await { now } else { now + rhythm.every.min(EARLY_LOOK) };
        self.board.set(id, Phase::Settling(Waited::new(now, rhythm, remover, row)));
        let watch = self.watches.entry(group(step)).or_insert(Watch { next: Some(first), errors: 0 });
        if let Some(next) = &mut watch.next {
            *next = first.min(*next);
        }
    }

    /// The step and its resource as it was planned.
    pub(super) fn step(&self, id: StepId) -> Option<(&'a Step, &'a Resource)> {
        let step = self.board.step(id)?;
        Some((step, self.plan.record(&step.resource)?))
    }

    /// Writes an event down, then tells the observer.
    pub(super) fn write(&mut self, event: Event) -> Result<(), RunError> {
        self.book.state.apply(&event)?;
        let line = Line { at: (self.setting.now)(), event };
        self.book.record.append(&line)?;
        self.setting.observer.event(&line.event);
        Ok(())
    }

    /// Starts nothing new from here on.
    pub(super) fn stop(&mut self, cause: StopCause) -> Result<(), RunError> {
        if self.stopping {
            return Ok(());
        }
        self.stopping = true;
        self.write(Event::Stopping { cause })
    }

    fn stop_when_late(&mut self) -> Result<(), RunError> {
        match self.setting.limits.timeout {
            Some(timeout) if self.clock.now() >= timeout && !self.board.is_over() => {
                self.stop(StopCause::TimeUp)
            }
            Some(_) | None => Ok(()),
        }
    }

    fn tell_when_it_fits(&mut self) -> Result<(), RunError> {
        let state = &self.book.state;
        let goal = self.setting.goal.filter(|_| state.fits_after_seconds.is_none());
        let Some(goal) = goal.filter(|goal| goal.fits(|step| state.steps.get(&step) == Some(&Status::Done)))
        else {
            return Ok(());
        };
        self.write(Event::Fits { seconds: self.clock.now().as_secs() })?;
        match goal.ends && !self.board.is_over() {
            true => self.stop(StopCause::Fits),
            false => Ok(()),
        }
    }

    /// When something falls due that no answer will announce.
    #[expect(clippy::disallowed_methods, reason = "a sleep ends at a moment of the machine")]
    fn wake_at(&self) -> Instant {
        let mut wait = self.setting.limits.heartbeat.max(Duration::from_millis(1));
        if !self.stopping {
            let delays = self.board.delays().map(|(_, at)| at);
            let looks = self.watches.values().filter_map(|watch| watch.next);
            let held = self.held.values().copied();
            for at in delays.chain(looks).chain(held).chain(self.setting.limits.timeout) {
                wait = wait.min(self.clock.until(at));
            }
        }
        Instant::now() + wait
    }

    fn close(&mut self) -> Result<RunSummary, RunError> {
        if !self.board.is_over() {
            for id in self.board.idle() {
                if !self.book.state.steps.contains_key(&id) {
                    self.skip(id, SkipReason::Stopped)?;
                }
            }
        }
        let mut summary = summary(self.plan, self.setting.catalog, &self.book.state, self.setting.mode);
        summary.effort = self.effort;
        self.write(Event::Closed { summary: summary.clone() })?;
        Ok(summary)
    }

    fn report(&self) {
        let now = self.clock.now();
        let doing = |step: &Step, since: Duration, expected: Duration, state: Option<String>| Doing {
            step: step.id,
            resource: step.resource.clone(),
            elapsed: now.saturating_sub(since),
            expected,
            state,
        };
        let usual = |step: &Step| Duration::from_secs(u64::from(step.expected_seconds));
        let delayed = self.board.delays().filter_map(|(id, _)| self.board.step(id));
        let (mut done, mut failed, mut skipped) = (0, 0, 0);
        for status in self.book.state.steps.values() {
            match status {
                Status::Done => done += 1,
                Status::Failed(_) => failed += 1,
                Status::Skipped(_) => skipped += 1,
                Status::Retrying | Status::InDoubt | Status::Settling => {}
            }
        }
        self.setting.observer.waiting(&Progress {
            done,
            failed,
            skipped,
            total: self.plan.steps.len(),
            calling: self
                .board
                .calling()
                .map(|(step, since)| doing(step, since, usual(step), None))
                .collect(),
            settling: self
                .board
                .settling()
                .map(|(step, waited)| doing(step, waited.since, waited.rhythm.usually, waited.state.clone()))
                .collect(),
            retrying: delayed.map(|step| doing(step, now, usual(step), None)).collect(),
            elapsed: now,
            expected_left: self.board.remaining(),
        });
    }
}
