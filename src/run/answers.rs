//! What each answer of the cloud means for its steps: takes it from the loop (`dispatch`), and tells journal
//! and board what follows.

use std::time::Duration;

use super::RunError;
use super::board::{KindInRegion, Phase};
use super::check::{Decision, decide, standing};
use super::cloud::Change;
use super::dispatch::{CloudAnswer, Dispatcher, LookError, Rows, Watch};
use super::pace::{Next, back_off, next, next_look};
use super::settle::{LookResult, Remover, cut_settles};
use crate::journal::{Event, SkipReason, Status, StopCause};
use crate::model::{CloudError, ErrorClass, Resource, Settle};
use crate::plan::narrow::is_surely_another;
use crate::plan::{Action, StepId};

impl Dispatcher<'_> {
    /// Takes in what came back.
    pub(super) fn take(&mut self, answer: CloudAnswer) -> Result<(), RunError> {
        match answer {
            CloudAnswer::Checked(group, steps, rows) => self.checked(&group, steps, rows),
            CloudAnswer::Watched(group, steps, rows) => self.watched(group, steps, rows),
            CloudAnswer::Judged(began, answer) => self.judged(began, answer),
            CloudAnswer::Changed(steps, answers) => self.changed(steps, answers),
        }
    }

    /// The look before the call: sorts out what need not, must not and may be called.
    fn checked(
        &mut self,
        group: &KindInRegion,
        steps: Vec<StepId>,
        rows: Result<Rows, LookError>,
    ) -> Result<(), RunError> {
        self.checking.remove(group);
        let rows = match rows {
            Ok(rows) => rows,
            Err(LookError::Account(now)) => {
                self.put_back(&steps);
                return self.stop(StopCause::Account { now });
            }
            Err(LookError::Cloud(error)) => return self.look_failed(&steps, error),
        };
        let mut deletes = Vec::new();
        for id in steps {
            let Some((step, planned)) = self.step(id) else { continue };
            let row = self.row(id, &rows);
            match decide(self.plan, step, planned, row) {
                Decision::Gone => self.done(id)?,
                Decision::Leaving => self.settle(id, Remover::Another, row),
                Decision::Changed(what) => self.leave(id, what)?,
                Decision::Call if self.stopping || self.is_late(id) || self.sight.is_overtaken(id) => {
                    self.board.set(id, Phase::Ready)
                }
                Decision::Call => match &step.action {
                    Action::Cut(link) => {
                        self.calling(id, row)?;
                        // Handles that have gone since would make the whole call fail as "not found".
                        let link = row.and_then(|row| standing(row, link)).unwrap_or(link);
                        self.call(vec![id], Change::Cut(Box::new(planned.clone()), link.clone()));
                    }
                    Action::Delete => {
                        self.calling(id, row)?;
                        deletes.push((id, planned.clone()));
                    }
                    Action::Await => {}
                },
            }
        }
        let batch = self.setting.catalog.get(&group.0).map_or(1, |spec| spec.batch.max(1));
        for together in deletes.chunks(batch) {
            let (steps, planned): (Vec<StepId>, Vec<Resource>) = together.iter().cloned().unzip();
            self.call(steps, Change::Delete(planned));
        }
        Ok(())
    }

    /// Writes down that a call begins, and keeps how its resource looked.
    fn calling(&mut self, id: StepId, row: Option<&Resource>) -> Result<(), RunError> {
        let attempt = self.book.state.attempts.get(&id).copied().unwrap_or(0) + 1;
        if let Some(row) = row {
            self.before.insert(id, row.clone());
        }
        self.write(Event::Calling { step: id, attempt })
    }

    fn changed(&mut self, steps: Vec<StepId>, answers: Vec<Result<(), CloudError>>) -> Result<(), RunError> {
        let mut answers = answers.into_iter();
        for id in steps {
            // A missing answer is no success: the call may or may not have taken effect.
            let answer = answers.next().unwrap_or_else(|| Err(self.unanswered(id)));
            let row = self.before.remove(&id);
            let Some((step, _)) = self.step(id) else { continue };
            let Some(spec) = self.setting.catalog.get(&step.resource.kind) else { continue };
            if let Some(tries) = self.board.tries(id) {
                tries.answered(answer.as_ref().err());
            }
            let Err(error) = answer else {
                self.write(Event::Called { step: id })?;
                let settle = match &step.action {
                    Action::Delete => spec.settle,
                    Action::Cut(link) => cut_settles(spec, link),
                    Action::Await => Settle::AtOnce,
                };
                match settle {
                    Settle::Poll { .. } => self.settle(id, Remover::ThisRun, row.as_ref()),
                    Settle::AtOnce => self.done(id)?,
                }
                continue;
            };
            let patience = Duration::from_secs(u64::from(spec.patience));
            let Some(tries) = self.board.tries(id) else { continue };
            match next(error.clone(), tries, patience, id) {
                Next::Gone => {
                    self.write(Event::Called { step: id })?;
                    self.done(id)?;
                }
                other => self.follow(id, other, error)?,
            }
        }
        Ok(())
    }

    fn unanswered(&self, id: StepId) -> CloudError {
        let api = self.board.step(id).and_then(|step| step.api.clone()).unwrap_or_default();
        let (code, message) =
            ("NoAnswer".to_owned(), "the answer does not speak of this resource".to_owned());
        CloudError { class: ErrorClass::Transient, api, code, message, request_id: None }
    }

    /// What cannot be read is not absent: its steps wait or fail, but are not called.
    fn look_failed(&mut self, steps: &[StepId], error: CloudError) -> Result<(), RunError> {
        for id in steps {
            let Some(tries) = self.board.tries(*id) else { continue };
            let next = next_look(error.clone(), tries, *id);
            self.follow(*id, next, error.clone())?;
        }
        Ok(())
    }

    /// Does what follows from an error.
    fn follow(&mut self, id: StepId, next: Next, error: CloudError) -> Result<(), RunError> {
        match next {
            Next::Gone => self.done(id),
            Next::Again(wait) => self.again(id, error, wait),
            Next::SlowDown(wait) => {
                if let Some(step) = self.board.step(id) {
                    let until = self.clock.now() + wait;
                    let held = self.held.entry(super::board::group(step)).or_default();
                    *held = until.max(*held);
                }
                self.again(id, error, wait)
            }
            Next::Fail(error) => self.fail(id, error),
            Next::StopRun(error) => {
                self.again(id, error.clone(), Duration::ZERO)?;
                self.stop(StopCause::Credentials { error })
            }
        }
    }

    fn again(&mut self, id: StepId, error: CloudError, wait: Duration) -> Result<(), RunError> {
        let at = self.clock.now() + wait;
        self.board.set(id, Phase::Delayed(at));
        let wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        self.write(Event::Retrying { step: id, error, wait_ms })
    }

    /// The look at all that settles in one kind and region.
    fn watched(
        &mut self,
        group: KindInRegion,
        steps: Vec<StepId>,
        rows: Result<Rows, LookError>,
    ) -> Result<(), RunError> {
        let now = self.clock.now();
        match rows {
            Ok(rows) => {
                for id in steps {
                    self.seen(id, &rows, now)?;
                }
            }
            Err(LookError::Account(now)) => self.stop(StopCause::Account { now })?,
            Err(LookError::Cloud(error)) => return self.watch_failed(group, &steps, error),
        }
        let next = self.next_look_at(&group, now);
        self.watches.insert(group, Watch { next: Some(next), errors: 0 });
        Ok(())
    }

    /// One rhythm for all that settle together: that of the one which is looked at most often.
    fn next_look_at(&self, of: &KindInRegion, now: Duration) -> Duration {
        let settling = self.board.settling().filter(|(step, _)| super::board::group(step) == *of);
        let every = settling.map(|(_, waited)| waited.rhythm.every).min();
        now + every.unwrap_or_default()
    }

    /// What a look brought of a step's resource. If the run, or one before it, has called for its removal and another one
    /// bears the name by now, then that which was planned is gone: somebody made it anew.
    fn row<'r>(&self, id: StepId, rows: &'r Rows) -> Option<&'r Resource> {
        let (step, planned) = self.step(id)?;
        let called = self.book.state.steps.get(&id).is_some_and(|status| status.touch().is_some());
        let is_delete = step.action == Action::Delete;
        rows.get(&step.resource).filter(|row| !(called && is_delete && is_surely_another(planned, row)))
    }

    fn seen(&mut self, id: StepId, rows: &Rows, now: Duration) -> Result<(), RunError> {
        let row = self.row(id, rows);
        let Some(step) = self.board.step(id) else { return Ok(()) };
        let Some(waited) = self.board.waited(id) else { return Ok(()) };
        match waited.look(step, row, now) {
            LookResult::Gone => self.done(id),
            LookResult::Waiting => Ok(()),
            LookResult::StandsAgain => {
                self.board.set(id, Phase::Ready);
                Ok(())
            }
            LookResult::Failed(error) => self.fail(id, error),
        }
    }

    /// Nothing is known of what settles. A disturbance is waited out as long as the steps may take anyway.
    fn watch_failed(
        &mut self,
        group: KindInRegion,
        steps: &[StepId],
        error: CloudError,
    ) -> Result<(), RunError> {
        let now = self.clock.now();
        match error.class {
            ErrorClass::Credentials => return self.stop(StopCause::Credentials { error }),
            ErrorClass::Denied | ErrorClass::Protected | ErrorClass::Unserved | ErrorClass::Refused => {
                for id in steps {
                    self.fail(*id, error.clone())?;
                }
            }
            ErrorClass::Throttled | ErrorClass::Transient | ErrorClass::NotYet | ErrorClass::Gone => {
                for id in steps {
                    if self.board.waited(*id).is_some_and(|waited| waited.is_overdue(now)) {
                        self.fail(*id, error.clone())?;
                    }
                }
            }
        }
        let errors = self.watches.get(&group).map_or(0, |watch| watch.errors) + 1;
        let wait = back_off(steps.first().copied().unwrap_or(StepId(0)), errors);
        self.watches.insert(group, Watch { next: Some(now + wait), errors });
        Ok(())
    }

    fn put_back(&mut self, steps: &[StepId]) {
        for id in steps {
            self.board.set(*id, Phase::Ready);
        }
    }

    fn done(&mut self, id: StepId) -> Result<(), RunError> {
        self.board.finish(id, self.clock.now());
        self.write(Event::Done { step: id })
    }

    fn fail(&mut self, id: StepId, error: CloudError) -> Result<(), RunError> {
        self.write(Event::Failed { step: id, error })?;
        self.lose_dependents(id, id)
    }

    /// The resource is not what was planned: it is left alone.
    pub(super) fn leave(&mut self, id: StepId, what: String) -> Result<(), RunError> {
        self.skip(id, SkipReason::Changed { what })?;
        self.lose_dependents(id, id)
    }

    pub(super) fn skip(&mut self, id: StepId, why: SkipReason) -> Result<(), RunError> {
        self.write(Event::Skipped { step: id, why })
    }

    /// Nothing that waits for a step which will not be done is ever begun.
    pub(super) fn lose_dependents(&mut self, id: StepId, cause: StepId) -> Result<(), RunError> {
        for lost in self.board.give_up(id) {
            if !self.book.state.steps.get(&lost).is_some_and(Status::is_final) {
                self.skip(lost, SkipReason::Because { step: cause })?;
            }
        }
        Ok(())
    }
}
