//! What happened: append-only, one JSON line per event. All state of a run is a fold over it.

mod file;
mod fold;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{AccountId, CloudError, Key, KindName};
use crate::plan::StepId;
use crate::plan::file::PlanFile;

pub use file::{
    Journal, JournalError, JournalWriter, Memory, Record, default_dir, latest_unfinished, read, run_id,
};
pub use fold::{FoldError, State, Status, fold};

/// The schema of the journal's first line.
pub const SCHEMA: &str = "aws-janitor/journal/1";

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Line {
    /// When it was written (the machine's clock).
    pub at: Timestamp,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// What can happen in a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// The first line: which plan is being carried out, whole, so that `--resume` needs nothing else.
    Opened {
        /// Always [`SCHEMA`].
        schema: String,
        /// The run's own id, from the time it began and the plan's digest.
        run: String,
        /// The plan that is carried out: of a saved one, what was still eligible.
        plan: Box<PlanFile>,
        /// What the saved plan meant to remove and this one does not, and why (what changed since).
        left_out: Vec<LeftOut>,
    },
    /// A later process goes on with the run.
    Resumed,
    /// Written and flushed before the call.
    Calling {
        /// The step.
        step: StepId,
        /// Which attempt, from 1.
        attempt: u32,
    },
    /// The call was answered with success (or with "gone"); the step now waits until the thing has gone.
    Called {
        /// The step.
        step: StepId,
    },
    /// The call was answered with an error after which it is tried again.
    Retrying {
        /// The step.
        step: StepId,
        /// The error.
        error: CloudError,
        /// In so many milliseconds of AWS's clock.
        wait_ms: u64,
    },
    /// The step is finished: what it was to remove is gone.
    Done {
        /// The step.
        step: StepId,
    },
    /// The step failed for good. Its dependents are skipped.
    Failed {
        /// The step.
        step: StepId,
        /// The error.
        error: CloudError,
    },
    /// The step is not carried out.
    Skipped {
        /// The step.
        step: StepId,
        /// Why.
        why: SkipReason,
    },
    /// From here on nothing new is started; calls in flight are finished.
    Stopping {
        /// Why.
        cause: StopCause,
    },
    /// The last line of a run that ended by itself or was asked to stop; the summary.
    Closed {
        /// What came of it.
        summary: RunSummary,
    },
}

/// Why a run stops before its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "by")]
pub enum StopCause {
    /// Somebody asked for it (Ctrl-C).
    Signal,
    /// Its time was up.
    TimeUp,
    /// The credentials belong to another account than the plan.
    Account {
        /// The account they belong to now.
        now: AccountId,
    },
    /// The credentials no longer work.
    Credentials {
        /// What AWS answered.
        error: CloudError,
    },
}

impl std::fmt::Display for StopCause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Signal => f.write_str("it was asked to stop"),
            Self::TimeUp => f.write_str("its time was up"),
            Self::Account { now } => {
                write!(f, "the credentials now belong to account {now}, which is not the plan's")
            }
            Self::Credentials { error } => write!(f, "the credentials no longer work: {error}"),
        }
    }
}

/// A resource that a saved plan meant to remove and that is left out of the plan carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LeftOut {
    /// The number of the step that was to remove it, in the saved plan.
    pub step: StepId,
    /// The resource.
    pub resource: Key,
    /// What is different now.
    pub why: String,
}

/// Why a step was skipped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "reason")]
pub enum SkipReason {
    /// A step it waits for failed or was skipped itself; the first cause.
    Because {
        /// That step.
        step: StepId,
    },
    /// The resource changed since it was planned.
    Changed {
        /// What is different.
        what: String,
    },
    /// The run was asked to stop, or its time was up, before the step began.
    Stopped,
}

/// What came of a run: the last line of the journal and of `apply -o json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RunSummary {
    /// What is gone, in the order it went (carried things included).
    pub deleted: Vec<Key>,
    /// Links that were cut.
    pub cut: Vec<CutDone>,
    /// What the plan meant to delete and the run left, without an error of its own.
    pub skipped: Vec<SkippedLine>,
    /// What failed.
    pub failed: Vec<FailedLine>,
    /// In one word.
    pub outcome: Outcome,
}

/// A link that was cut.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CutDone {
    /// Whose link it was.
    pub resource: Key,
    /// Its role.
    pub how: String,
    /// What it referred to.
    pub to: String,
}

/// One skipped resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SkippedLine {
    /// Its id.
    pub id: String,
    /// Its kind.
    pub kind: KindName,
    /// Why, in one sentence.
    pub why: String,
}

/// One failed resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FailedLine {
    /// Its id.
    pub id: String,
    /// Its kind.
    pub kind: KindName,
    /// What AWS answered, and what to do.
    pub error: String,
    /// What blocks it, as far as the plan or AWS tells.
    pub blocked_by: Vec<String>,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// All that the plan meant to delete is gone.
    Done,
    /// Some of it is left.
    Partly,
    /// It was stopped (Ctrl-C or its time was up) and can be resumed.
    Stopped,
    /// Nothing was called: a rehearsal or a probe.
    Rehearsed,
}
