//! What a run tells those who watch it: progress and tests are given each event and what it waits for.

use std::time::Duration;

use crate::journal::Event;
use crate::model::Key;
use crate::plan::StepId;

/// Somebody who watches a run. Called from the run's own loop: must return at once.
pub trait Observer: Sync {
    /// Something happened; it is in the journal already.
    fn event(&self, event: &Event);

    /// How things stand: after each change, and at every heartbeat while nothing changes.
    fn waiting(&self, progress: &Progress);
}

/// An observer that does not look.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unobserved;

impl Observer for Unobserved {
    fn event(&self, _event: &Event) {}
    fn waiting(&self, _progress: &Progress) {}
}

/// How a run stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// Steps that are done.
    pub done: usize,
    /// Steps that failed.
    pub failed: usize,
    /// Steps that are not carried out.
    pub skipped: usize,
    /// All steps of the plan.
    pub total: usize,
    /// What is being looked at or called right now.
    pub calling: Vec<Doing>,
    /// What was called (or goes by itself) and is not gone yet.
    pub settling: Vec<Doing>,
    /// What was refused for now and is tried again later.
    pub retrying: Vec<Doing>,
    /// How long the run has lasted, on AWS's clock.
    pub elapsed: Duration,
    /// How long the longest chain of what is left usually takes, on AWS's clock.
    pub expected_left: Duration,
}

/// One step under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doing {
    /// The step.
    pub step: StepId,
    /// Its resource.
    pub resource: Key,
    /// How long it has been under way, on AWS's clock.
    pub elapsed: Duration,
    /// How long it usually takes.
    pub expected: Duration,
    /// The state AWS showed last, in its own word.
    pub state: Option<String>,
}
