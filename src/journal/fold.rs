//! From the events of a journal to the state of its run, which the run, its summary and a resumed run go by.
//! A transition that cannot happen is an error.

use std::collections::{BTreeMap, BTreeSet};

use super::{Event, LeftOut, Line, Outcome, RunSummary, SCHEMA, SkipReason, StopCause};
use crate::model::CloudError;
use crate::plan::StepId;
use crate::plan::file::PlanFile;
use crate::plan::undo::{Touch, Touched};

/// How a step stands. A step that the journal does not speak of has not begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// An attempt was refused or could not be made, and another was to follow.
    Retrying,
    /// A call was begun and no answer is written: look before calling again.
    InDoubt,
    /// Called with success and not yet seen to be gone.
    Settling,
    /// Finished: what it was to remove is gone.
    Done,
    /// Failed for good.
    Failed(CloudError),
    /// Not carried out.
    Skipped(SkipReason),
}

impl Status {
    /// How far the run is with such a step; `None` where nothing was called. An answer that was lost may have been a yes.
    pub const fn touch(&self) -> Option<Touch> {
        match self {
            Self::Done => Some(Touch::Done),
            Self::Settling => Some(Touch::Called),
            Self::InDoubt | Self::Retrying => Some(Touch::UnderWay),
            Self::Failed(_) | Self::Skipped(_) => None,
        }
    }

    /// Whether this is a step's last word, also for a later process that goes on with the run.
    pub fn is_final(&self) -> bool {
        match self {
            Self::Done | Self::Failed(_) => true,
            Self::Skipped(why) => !matches!(why, SkipReason::Stopped),
            Self::Retrying | Self::InDoubt | Self::Settling => false,
        }
    }
}

/// A journal whose lines contradict each other.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FoldError {
    /// The first line is not the opening one, or there is none.
    #[error("the journal does not begin with its opening line")]
    NotOpened,
    /// Another version of the program wrote it.
    #[error("another version of this program wrote the journal ({0}, and this one reads {SCHEMA})")]
    Schema(String),
    /// The journal speaks of a step that its plan does not have.
    #[error("step {} is not in the plan", .0.0)]
    UnknownStep(StepId),
    /// Something is said to have happened that cannot follow what was said before.
    #[error("{what}")]
    Illegal {
        /// What cannot be.
        what: String,
    },
}

/// What is known of a run.
#[derive(Debug, Clone, PartialEq)]
#[must_use = "a state that nobody reads resumes nothing"]
pub struct State {
    /// The run's id.
    pub run: String,
    /// The plan that is carried out.
    pub plan: PlanFile,
    /// What a saved plan meant to remove and this one does not.
    pub left_out: Vec<LeftOut>,
    /// Whether something that concerns the selection could not be read before the run began.
    pub unclear: bool,
    /// How each step stands that the journal speaks of.
    pub steps: BTreeMap<StepId, Status>,
    /// How many calls each step has made.
    pub attempts: BTreeMap<StepId, u32>,
    /// The steps that are done, in the order in which they were.
    pub done: Vec<StepId>,
    /// After how many seconds of AWS's clock the last process had freed what was to fit.
    pub fits_after_seconds: Option<u64>,
    /// Why the last process stopped early, if it said so.
    pub stopping: Option<StopCause>,
    /// The last process's own summary, if it came to write one.
    pub closed: Option<RunSummary>,
    /// Whether anything follows the opening line.
    pub begun: bool,
    /// Steps of which the present process has a call in flight, or a deletion to wait for.
    busy: BTreeSet<StepId>,
    known: BTreeSet<StepId>,
}

impl State {
    /// The state after the opening line.
    pub fn opened(event: &Event) -> Result<Self, FoldError> {
        let Event::Opened { schema, run, plan, left_out, unclear } = event else {
            return Err(FoldError::NotOpened);
        };
        if schema != SCHEMA {
            return Err(FoldError::Schema(schema.clone()));
        }
        let known: BTreeSet<StepId> = plan.steps.iter().map(|step| step.id).collect();
        Ok(Self {
            run: run.clone(),
            plan: (**plan).clone(),
            left_out: left_out.clone(),
            unclear: *unclear,
            steps: BTreeMap::new(),
            attempts: BTreeMap::new(),
            done: Vec::new(),
            fits_after_seconds: None,
            stopping: None,
            closed: None,
            begun: false,
            busy: BTreeSet::new(),
            known,
        })
    }

    /// Whether there is anything to go on with.
    pub fn is_finished(&self) -> bool {
        self.closed.as_ref().is_some_and(|summary| summary.outcome != Outcome::Stopped)
    }

    /// What the run has done of its plan so far.
    pub fn touched(&self) -> Touched {
        self.steps.iter().filter_map(|(id, status)| Some((*id, status.touch()?))).collect()
    }

    /// Takes the next event in.
    pub fn apply(&mut self, event: &Event) -> Result<(), FoldError> {
        self.begun = true;
        if self.closed.is_some() && !matches!(event, Event::Resumed) {
            return Err(illegal("something follows the closing line"));
        }
        match event {
            Event::Opened { .. } => return Err(illegal("a second opening line")),
            Event::Resumed => return self.resumed(),
            Event::ReadAgain { left_out } => left_out.iter().try_for_each(|step| self.open(*step))?,
            Event::Fits { seconds } => self.fits_after_seconds = Some(*seconds),
            Event::Stopping { cause } => self.stopping = Some(cause.clone()),
            Event::Closed { summary } => self.closed = Some(summary.clone()),
            Event::Calling { step, attempt } => {
                self.open(*step)?;
                if !self.busy.insert(*step) {
                    return Err(illegal(format!("step {} is called again before its answer", step.0)));
                }
                self.attempts.insert(*step, *attempt);
                self.steps.insert(*step, Status::InDoubt);
            }
            Event::Called { step } => {
                self.open(*step)?;
                if !self.busy.contains(step) || self.steps.get(step) != Some(&Status::InDoubt) {
                    return Err(illegal(format!("step {} is answered without a call", step.0)));
                }
                self.steps.insert(*step, Status::Settling);
            }
            Event::Retrying { step, .. } => {
                self.open(*step)?;
                // A look that failed says nothing new of a step that an earlier process left in doubt.
                if self.busy.remove(step) || !self.steps.contains_key(step) {
                    self.steps.insert(*step, Status::Retrying);
                }
            }
            Event::Done { step } => {
                self.end(*step, Status::Done)?;
                self.done.push(*step);
            }
            Event::Failed { step, error } => self.end(*step, Status::Failed(error.clone()))?,
            Event::Skipped { step, why } => self.end(*step, Status::Skipped(why.clone()))?,
        }
        Ok(())
    }

    fn resumed(&mut self) -> Result<(), FoldError> {
        if self.is_finished() {
            return Err(illegal("a finished run is resumed"));
        }
        self.closed = None;
        self.stopping = None;
        self.fits_after_seconds = None;
        self.busy.clear();
        self.steps.retain(|_, status| *status != Status::Skipped(SkipReason::Stopped));
        Ok(())
    }

    fn open(&self, step: StepId) -> Result<(), FoldError> {
        if !self.known.contains(&step) {
            return Err(FoldError::UnknownStep(step));
        }
        match self.steps.get(&step) {
            Some(Status::Done | Status::Failed(_) | Status::Skipped(_)) => {
                Err(illegal(format!("step {} goes on after its end", step.0)))
            }
            Some(Status::Retrying | Status::InDoubt | Status::Settling) | None => Ok(()),
        }
    }

    fn end(&mut self, step: StepId, status: Status) -> Result<(), FoldError> {
        self.open(step)?;
        self.busy.remove(&step);
        self.steps.insert(step, status);
        Ok(())
    }
}

fn illegal(what: impl Into<String>) -> FoldError {
    FoldError::Illegal { what: what.into() }
}

/// The state of the run that these lines tell of. The error comes with the number of the line, from 1.
pub fn fold(lines: &[Line]) -> Result<State, (usize, FoldError)> {
    let Some((first, rest)) = lines.split_first() else { return Err((1, FoldError::NotOpened)) };
    let mut state = State::opened(&first.event).map_err(|error| (1, error))?;
    for (index, line) in rest.iter().enumerate() {
        state.apply(&line.event).map_err(|error| (index + 2, error))?;
    }
    Ok(state)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::model::ErrorClass;
    use crate::run::testing::{delete, error, plan};

    const ONE: StepId = StepId(1);

    fn opened() -> Event {
        let plan = plan(vec![delete(1, "quick", &[]), delete(2, "quick", &[1])]);
        Event::Opened {
            schema: SCHEMA.into(),
            run: "run".into(),
            plan: Box::new(plan),
            left_out: Vec::new(),
            unclear: false,
        }
    }

    fn calling(attempt: u32) -> Event {
        Event::Calling { step: ONE, attempt }
    }

    fn retrying() -> Event {
        Event::Retrying { step: ONE, error: error(ErrorClass::NotYet, "DependencyViolation"), wait_ms: 1000 }
    }

    fn closed(outcome: Outcome) -> Event {
        let (deleted, cut, skipped, failed) = Default::default();
        Event::Closed {
            summary: RunSummary {
                deleted,
                cut,
                skipped,
                failed,
                kept: Vec::new(),
                outcome,
                unclear: false,
                fits_after_seconds: None,
                ended_as_it_fits: false,
                effort: crate::journal::Effort::default(),
            },
        }
    }

    fn folded(events: Vec<Event>) -> Result<State, (usize, FoldError)> {
        let events = std::iter::once(opened()).chain(events);
        let lines: Vec<Line> = events.map(|event| Line { at: Timestamp::UNIX_EPOCH, event }).collect();
        fold(&lines)
    }

    #[track_caller]
    fn check(events: Vec<Event>, status: Option<Status>) {
        assert_eq!(folded(events).unwrap().steps.get(&ONE), status.as_ref());
    }

    #[track_caller]
    fn check_illegal(events: Vec<Event>) {
        let last = events.len() + 1;
        let (line, error) = folded(events).unwrap_err();
        assert!(line == last && matches!(error, FoldError::Illegal { .. }), "{line}: {error}");
    }

    #[test]
    fn the_last_word_tells_how_a_step_stands() {
        let (called, done) = (Event::Called { step: ONE }, Event::Done { step: ONE });
        check(vec![], None);
        check(vec![calling(1)], Some(Status::InDoubt));
        check(vec![calling(1), retrying()], Some(Status::Retrying));
        check(vec![calling(1), retrying(), calling(2), called.clone()], Some(Status::Settling));
        check(vec![calling(1), called, done.clone()], Some(Status::Done));
        check(vec![done], Some(Status::Done));
    }

    #[test]
    fn what_a_kill_left_in_doubt_may_be_called_again_by_the_next_process_only() {
        check_illegal(vec![calling(1), calling(2)]);
        check_illegal(vec![calling(1), Event::Called { step: ONE }, calling(2)]);
        check(vec![calling(1), Event::Resumed, calling(2)], Some(Status::InDoubt));
        check(
            vec![calling(1), Event::Called { step: ONE }, Event::Resumed, calling(2)],
            Some(Status::InDoubt),
        );
    }

    #[test]
    fn a_look_that_fails_after_a_kill_leaves_the_doubt_standing() {
        check(vec![calling(1), Event::Resumed, retrying()], Some(Status::InDoubt));
    }

    #[test]
    fn nothing_follows_an_end() {
        let skipped = |why| Event::Skipped { step: ONE, why };
        let done = Event::Done { step: ONE };
        check_illegal(vec![done.clone(), calling(1)]);
        check_illegal(vec![done.clone(), Event::Resumed, calling(1)]);
        check_illegal(vec![
            skipped(SkipReason::Changed { what: "tags".into() }),
            Event::Resumed,
            done.clone(),
        ]);
        check_illegal(vec![closed(Outcome::Stopped), done]);
        check_illegal(vec![closed(Outcome::Partly), Event::Resumed]);
        check_illegal(vec![opened()]);
        check_illegal(vec![Event::Called { step: ONE }]);
    }

    #[test]
    fn what_a_stop_skipped_is_open_again_after_resuming() {
        let stopped = Event::Skipped { step: ONE, why: SkipReason::Stopped };
        check(vec![stopped.clone(), closed(Outcome::Stopped), Event::Resumed], None);
        check(vec![stopped], Some(Status::Skipped(SkipReason::Stopped)));
    }

    #[test]
    fn a_step_that_the_plan_does_not_have_is_an_error() {
        let (line, error) = folded(vec![Event::Done { step: StepId(9) }]).unwrap_err();
        assert_eq!((line, error), (2, FoldError::UnknownStep(StepId(9))));
    }

    #[test]
    fn a_journal_of_another_version_is_refused() {
        for other in ["aws-janitor/journal/1", "aws-janitor/journal/3"] {
            let mut event = opened();
            if let Event::Opened { schema, .. } = &mut event {
                *schema = other.into();
            }
            assert!(matches!(State::opened(&event), Err(FoldError::Schema(_))));
        }
    }
}
