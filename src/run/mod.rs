//! Carries out a plan: takes a plan, a cloud and a journal from the commands, runs every ready step, the
//! longest chain first, and gives the summary.
//!
//! One loop owns all state; what happens is an event in the journal, and the state is the fold over it.
//! A dry run is not a switch here but another [`cloud::Cloud`] ([`rehearsal::Rehearsal`]).

mod answers;
mod board;
pub mod bucket;
mod check;
mod clock;
pub mod cloud;
mod dispatch;
pub mod goal;
mod judging;
#[cfg(test)]
mod judging_tests;
pub mod observe;
mod pace;
pub mod referee;
pub mod rehearsal;
mod settle;
mod sight;
mod stop;
mod summary;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use crate::journal::{FoldError, JournalError, Record, RunSummary, State};
use crate::model::Catalog;
use crate::plan::StepId;
use crate::plan::again::Rulings;
use cloud::Cloud;
use goal::Goal;
use observe::Observer;
use referee::Referee;

pub use stop::{StopSignal, Stopper, stop_signal};
pub use summary::summary;

/// What a run needs besides the cloud and the journal.
pub struct Setting<'a> {
    /// The kinds.
    pub catalog: &'a Catalog,
    /// Who judges again before each call.
    pub referee: &'a dyn Referee,
    /// The judgement before the run: within its minute it serves the run as well.
    pub judged: Option<&'a Judged>,
    /// What it makes room for, if it was told.
    pub goal: Option<&'a Goal>,
    /// Steps that are not to be begun at all, and why: what does not hold any more of a run that goes on.
    pub left_out: &'a BTreeMap<StepId, String>,
    /// Who is told what happens.
    pub observer: &'a dyn Observer,
    /// The machine's clock, for the journal's lines.
    pub now: &'a (dyn Fn() -> Timestamp + Sync),
    /// Bounds and speed.
    pub limits: Limits,
    /// Whether the cloud is a real one.
    pub mode: Mode,
}

/// A judgement that was made before the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// When its reading began.
    pub began: Instant,
    /// What it says of each step. One that is missing was not seen.
    pub rulings: Rulings,
}

/// Bounds and speed of a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// How many calls may be in flight at once.
    pub at_once: usize,
    /// How many of them may change resources of one kind in one region. Kept small so that the
    /// look before a call is not old when the call has waited for its turn.
    pub per_kind: usize,
    /// After how much of AWS's time nothing new is started.
    pub timeout: Option<Duration>,
    /// How many times faster than AWS's the endpoint's clock runs: every wait is divided by it.
    pub clock_speed: f64,
    /// How often (of the machine's time) the observer hears of a run that only waits.
    pub heartbeat: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { at_once: 32, per_kind: 8, timeout: None, clock_speed: 1.0, heartbeat: Duration::from_secs(10) }
    }
}

/// Whether what the run does counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The cloud is AWS.
    Apply,
    /// The cloud only imagines: the outcome is `rehearsed`.
    Rehearse,
}

/// A run's journal: what is known so far, and where more is written.
pub struct Book<'a> {
    /// The state that the journal tells of: after the opening line, or all that an earlier process left.
    pub state: State,
    /// Where events go.
    pub record: &'a mut (dyn Record + 'static),
}

/// Why a run could not be carried on. All that concerns single steps is in the summary instead.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The journal cannot be written: without it nothing more is done.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The run contradicts its own journal.
    #[error("the run and its journal disagree")]
    Fold(#[from] FoldError),
    /// The plan is not one that can be carried out.
    #[error("the plan cannot be carried out: {0}")]
    Plan(String),
}

/// Carries out what is left of the plan that the journal holds, to its end or until it is told to stop.
///
/// The plan and its account come from the journal's opening line and from nowhere else,
/// so that a run and its journal cannot speak of two plans.
pub async fn run(
    cloud: &dyn Cloud,
    book: Book<'_>,
    setting: &Setting<'_>,
    stop: StopSignal,
) -> Result<RunSummary, RunError> {
    let _listening = stop.listen();
    let plan = book.state.plan.plan();
    dispatch::Dispatcher::new(&plan, cloud, book, setting)?.run(stop).await
}
