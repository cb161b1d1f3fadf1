//! What happened in a run: takes its events, one JSON line each and never changed again, and gives the state
//! that follows from them.

mod file;
mod fold;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{AccountId, CloudError, Key, KindName};
use crate::plan::StepId;
use crate::plan::file::PlanFile;
pub use crate::plan::narrow::LeftOut;

pub use file::{
    Journal, JournalError, JournalWriter, Memory, Record, default_dir, latest_unfinished, read, run_id,
};
pub use fold::{FoldError, State, Status, fold};

/// The schema of the journal's first line.
pub const SCHEMA: &str = "aws-janitor/journal/2";

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
        /// Whether something that concerns the selection could not be read before the run began: then nobody
        /// can tell that nothing is left, however well the run goes.
        #[serde(default)]
        unclear: bool,
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
    /// The account was read and judged again, and these steps, which were to begin, do not hold any more. A reading
    /// that leaves nothing out is not written down.
    ReadAgain {
        /// The steps.
        left_out: Vec<StepId>,
    },
    /// What the run was to make room for fits from here on.
    Fits {
        /// So many seconds of AWS's clock after the process began.
        seconds: u64,
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
    /// What it was to make room for fits, and it was to end there.
    Fits,
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
            Self::Fits => f.write_str("what it was to make room for fits"),
            Self::Account { now } => {
                write!(f, "the credentials now belong to account {now}, which is not the plan's")
            }
            Self::Credentials { error } => write!(f, "the credentials no longer work: {error}"),
        }
    }
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
    /// What was selected and the plan itself kept, so that this run did not try it: it counts as left.
    #[serde(default)]
    pub kept: Vec<SkippedLine>,
    /// In one word.
    pub outcome: Outcome,
    /// Whether something that concerns the selection could not be read before the run began.
    #[serde(default)]
    pub unclear: bool,
    /// After how many seconds of AWS's clock the run had freed what was to fit; others may take it since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fits_after_seconds: Option<u64>,
    /// Whether the run was to end there, and did.
    #[serde(default)]
    pub ended_as_it_fits: bool,
    /// What the process that wrote this has asked of AWS.
    #[serde(default)]
    pub effort: Effort,
}

/// What a run has asked of AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Effort {
    /// How often the account was read and judged again.
    pub readings: u32,
    /// How many listings that took, of one kind in one region each.
    pub listings: usize,
    /// How many looks at single resources, many of one kind and region together.
    pub looks: usize,
    /// How many calls to change something.
    pub changes: usize,
}

impl RunSummary {
    /// All that was selected or planned, stays, and is not to stay, with the reason.
    pub fn left(&self) -> Vec<SkippedLine> {
        let failed = self.failed.iter().map(|line| SkippedLine {
            id: line.id.clone(),
            kind: line.kind.clone(),
            why: line.error.clone(),
        });
        self.skipped.iter().cloned().chain(failed).chain(self.kept.iter().cloned()).collect()
    }

    /// How the run ends for whoever asks only that. The exit code follows from it and from nothing else, so
    /// that a run which was cut short and resumed, and one that is only rehearsed, end as a whole one does.
    pub const fn ending(&self) -> Ending {
        // It did what it was asked for; what is left is for another run.
        if self.ended_as_it_fits {
            return Ending::Done;
        }
        let unfinished = match self.outcome {
            Outcome::Partly | Outcome::Stopped => true,
            // A rehearsal has its own word for the outcome, whatever it found.
            Outcome::Done | Outcome::Rehearsed => !self.skipped.is_empty() || !self.failed.is_empty(),
        };
        let untouched = self.deleted.is_empty() && self.cut.is_empty();
        match (unfinished, !self.kept.is_empty(), self.unclear) {
            (true, _, _) => Ending::Left,
            // Where nothing was begun since something could not be read, nothing was done in part.
            (false, true, true) if untouched => Ending::Unclear,
            (false, true, _) => Ending::Left,
            (false, false, true) => Ending::Unclear,
            (false, false, false) => Ending::Done,
        }
    }
}

/// How a run ends, for scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Nothing is left of what was selected, but what is to stay.
    Done,
    /// Something is.
    Left,
    /// All that was seen is gone, or nothing was begun, and not all could be seen.
    Unclear,
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
    /// Whether AWS refused it because of something else.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub refused: bool,
    /// The way to what blocks it, or what was not read, as a look after the run showed, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Region;

    fn summary(outcome: Outcome, skipped: Vec<SkippedLine>, unclear: bool) -> RunSummary {
        RunSummary {
            deleted: Vec::new(),
            cut: Vec::new(),
            skipped,
            failed: Vec::new(),
            kept: Vec::new(),
            outcome,
            unclear,
            fits_after_seconds: None,
            ended_as_it_fits: false,
            effort: Effort::default(),
        }
    }

    #[test]
    fn a_run_that_ends_as_it_fits_did_what_it_was_asked_for() {
        let left = SkippedLine { id: "vpc-1".into(), kind: KindName::new("vpc"), why: "it fits".into() };
        let summary = RunSummary { ended_as_it_fits: true, ..summary(Outcome::Stopped, vec![left], true) };
        assert_eq!((summary.ending(), summary.left().len()), (Ending::Done, 1));
    }

    #[test]
    fn a_run_ends_alike_in_earnest_and_in_rehearsal_and_what_is_left_comes_before_what_was_not_seen() {
        let skipped = SkippedLine { id: "vpc-1".into(), kind: KindName::new("vpc"), why: "held".into() };
        let ending = |outcome, left: bool, unclear| {
            let skipped = if left { vec![skipped.clone()] } else { Vec::new() };
            summary(outcome, skipped, unclear).ending()
        };
        for unclear in [false, true] {
            let all_gone = if unclear { Ending::Unclear } else { Ending::Done };
            assert_eq!(ending(Outcome::Done, false, unclear), all_gone);
            assert_eq!(ending(Outcome::Rehearsed, false, unclear), all_gone);
            assert_eq!(ending(Outcome::Partly, true, unclear), Ending::Left);
            assert_eq!(ending(Outcome::Rehearsed, true, unclear), Ending::Left);
            assert_eq!(ending(Outcome::Stopped, false, unclear), Ending::Left);
        }
    }

    #[test]
    fn what_was_kept_since_something_could_not_be_read_is_unclear_where_nothing_was_begun() {
        let kept =
            || vec![SkippedLine { id: "vpc-1".into(), kind: KindName::new("vpc"), why: "unread".into() }];
        let gone = || vec![Key::new(KindName::of("nat-gateway"), Region::new("us-east-1"), "nat-1")];
        for outcome in [Outcome::Done, Outcome::Rehearsed] {
            let untouched = |unclear| RunSummary { kept: kept(), ..summary(outcome, Vec::new(), unclear) };
            assert_eq!(untouched(true).ending(), Ending::Unclear);
            assert_eq!(untouched(false).ending(), Ending::Left);
            let begun = RunSummary { deleted: gone(), ..untouched(true) };
            assert_eq!(begun.ending(), Ending::Left);
        }
    }
}
