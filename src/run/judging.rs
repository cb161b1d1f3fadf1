//! Judging again in a run: asks the referee for all that is left when steps are ready and the last reading is old,
//! and tells the loop (`dispatch`) what may start.

use std::time::Duration;

use futures::FutureExt;

use super::RunError;
use super::board::Phase;
use super::dispatch::{CloudAnswer, Dispatcher};
use super::referee::{Answer, Asked, NoAnswer};
use super::sight::{Leave, MINUTE, NEXT_READING};
use crate::journal::{Event, StopCause};
use crate::model::ErrorClass;
use crate::plan::StepId;
use crate::plan::undo::{Touch, Touched};

impl Dispatcher<'_> {
    /// What was judged a moment ago serves for what is left of its minute.
    pub(super) fn trust(&mut self, now: Duration) {
        let Some(judged) = self.setting.judged else { return };
        let age = self.clock.since(judged.began);
        if age <= MINUTE {
            self.sight.trust(now + MINUTE.saturating_sub(age), judged.rulings.clone());
        }
    }

    /// A step that may not start, by the last reading.
    pub(super) fn hold_back(&mut self, id: StepId, leave: Leave, now: Duration) -> Result<(), RunError> {
        match leave {
            Leave::Start | Leave::Ask => Ok(()),
            Leave::Wait => {
                self.board.set(id, Phase::Delayed(now + NEXT_READING));
                Ok(())
            }
            Leave::Out(why) => self.leave(id, why),
        }
    }

    /// Reads the account and judges what is left: one reading at a time, and none for one step alone.
    ///
    /// Who works with a global thing is looked for in every enabled region, most of what a reading costs. So of global
    /// things it is asked only when one of them waits for it.
    pub(super) fn read(&mut self) {
        let mut left = self.board.open();
        let global = |id: &StepId| self.board.step(*id).is_some_and(|step| step.resource.region.is_global());
        if !self.board.ready().iter().any(global) {
            left.retain(|id| !global(id));
        }
        self.sight.begin(left.clone());
        let (referee, began) = (self.setting.referee, self.clock.now());
        let asked = Asked { left, touched: self.touched() };
        self.tasks.push(async move { CloudAnswer::Judged(began, referee.judge(&asked).await) }.boxed());
    }

    /// What this run and those before it have done of the plan.
    fn touched(&self) -> Touched {
        let mut touched = self.book.state.touched();
        // What is looked at this moment is called before the reading has come to its end.
        for (step, _) in self.board.calling() {
            touched.entry(step.id).or_insert(Touch::UnderWay);
        }
        touched
    }

    /// What was read and judged anew. A reading is told of only if it leaves something out.
    pub(super) fn judged(
        &mut self,
        began: Duration,
        answer: Result<Answer, NoAnswer>,
    ) -> Result<(), RunError> {
        match answer {
            Ok(answer) => {
                self.effort.readings += u32::from(answer.listings > 0);
                self.effort.listings += answer.listings;
                self.sight.take(began, answer.rulings);
                let ready = self.board.ready();
                let left_out: Vec<StepId> = self.sight.out().filter(|step| ready.contains(step)).collect();
                match left_out.is_empty() {
                    true => Ok(()),
                    false => self.write(Event::ReadAgain { left_out }),
                }
            }
            Err(NoAnswer::Account(now)) => {
                self.sight.fail(began);
                self.stop(StopCause::Account { now })
            }
            Err(NoAnswer::Cloud(error)) => {
                self.sight.fail(began);
                match error.class {
                    ErrorClass::Credentials => self.stop(StopCause::Credentials { error }),
                    ErrorClass::Gone
                    | ErrorClass::NotYet
                    | ErrorClass::Throttled
                    | ErrorClass::Denied
                    | ErrorClass::Protected
                    | ErrorClass::Refused
                    | ErrorClass::Unserved
                    | ErrorClass::Transient => Ok(()),
                }
            }
        }
    }

    /// Whether a look took so long that the reading before it is none of this moment.
    pub(super) fn is_late(&self, id: StepId) -> bool {
        let since = self.board.calling().find(|(step, _)| step.id == id).map(|(_, since)| since);
        let waited = since.map_or(Duration::ZERO, |since| self.clock.now().saturating_sub(since));
        self.clock.of_the_machine(waited) > MINUTE
    }
}
