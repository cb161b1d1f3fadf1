//! When something that was called away has gone, and when to stop believing that it will. Pure.
//!
//! The SDK's stock waiters misjudge failed NAT gateways, stopping instances and active clusters; these rules
//! know only rows and lives, which each kind's reader has made from AWS's states.

use std::time::Duration;

use super::check::carries;
use super::cloud::{CloudError, ErrorClass};
use crate::model::words::fact;
use crate::model::{Catalog, Life, Near, Resource, Settle};
use crate::plan::{Action, Step};

/// How often to look at what should be gone at once and is not: a minute or two of eventual consistency.
const AT_ONCE: Rhythm = Rhythm {
    every: Duration::from_secs(5),
    usually: Duration::from_secs(5),
    at_most: Duration::from_secs(300),
};

/// So many looks in a row must show it standing before that is believed (EC2 is eventually consistent).
const LOOKS: u32 = 2;

/// How often to look, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rhythm {
    /// Between two looks.
    pub(super) every: Duration,
    /// How long it usually takes.
    pub(super) usually: Duration,
    /// When to give up.
    pub(super) at_most: Duration,
}

impl From<Settle> for Rhythm {
    fn from(settle: Settle) -> Self {
        match settle {
            Settle::AtOnce => AT_ONCE,
            Settle::Poll { every, usually, at_most } => Self {
                every: Duration::from_secs(u64::from(every.max(1))),
                usually: Duration::from_secs(u64::from(usually)),
                at_most: Duration::from_secs(u64::from(at_most)),
            },
        }
    }
}

/// The rhythm of waiting for this step. What goes with another follows the rule of that link.
pub(super) fn rhythm(catalog: &Catalog, step: &Step, planned: &Resource) -> Rhythm {
    let Some(spec) = catalog.get(&step.resource.kind) else { return AT_ONCE };
    let with_target =
        planned.links.iter().filter_map(|link| match spec.rule(&link.how, &link.to.kind)?.near {
            Near::GoesWithTarget(settle) => Some(Rhythm::from(settle)),
            Near::Free | Near::CutFirst | Near::AfterTarget | Near::AfterIfGoes => None,
        });
    match step.action {
        Action::Await => with_target.max_by_key(|rhythm| rhythm.at_most).unwrap_or(spec.settle.into()),
        Action::Cut(_) | Action::Delete => spec.settle.into(),
    }
}

/// Who removes what is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Remover {
    /// This run called for it.
    ThisRun,
    /// AWS by itself, or somebody else.
    Another,
}

/// What is known of something that should go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Waited {
    pub(super) since: Duration,
    pub(super) rhythm: Rhythm,
    pub(super) remover: Remover,
    /// What was wrong with it before the call, so that an old trouble is not taken for a new one.
    trouble_before: Option<String>,
    was_leaving: bool,
    standing: u32,
    /// AWS's word for its state at the last look.
    pub(super) state: Option<String>,
}

/// What a look says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Seen {
    /// It is gone.
    Gone,
    /// It is still there, as may be.
    Waiting,
    /// It stands, and nobody is removing it: begin the step anew.
    StandsAgain,
    /// It will not go.
    Failed(CloudError),
}

impl Waited {
    /// Begins to wait; `row` is how it looked before.
    pub(super) fn new(since: Duration, rhythm: Rhythm, remover: Remover, row: Option<&Resource>) -> Self {
        Self {
            since,
            rhythm,
            remover,
            trouble_before: row.and_then(trouble),
            was_leaving: false,
            standing: 0,
            state: row.and_then(|row| row.state.clone()),
        }
    }

    /// Takes in what a look brought.
    pub(super) fn look(&mut self, step: &Step, row: Option<&Resource>, now: Duration) -> Seen {
        let Some(row) = row else { return Seen::Gone };
        if let Action::Cut(link) = &step.action
            && !carries(row, link)
        {
            return Seen::Gone;
        }
        self.state.clone_from(&row.state);
        self.standing = if row.life == Life::Leaving { 0 } else { self.standing + 1 };
        self.was_leaving |= row.life == Life::Leaving;
        let waited = now.saturating_sub(self.since);
        let overdue = self.is_overdue(now);
        if step.action != Action::Await && self.standing >= LOOKS {
            match self.remover {
                Remover::Another => return Seen::StandsAgain,
                Remover::ThisRun => {
                    if let Some(error) = self.came_back(step, row, waited) {
                        return Seen::Failed(error);
                    }
                }
            }
        }
        match overdue {
            true => Seen::Failed(self.timeout(step, row, waited)),
            false => Seen::Waiting,
        }
    }

    /// Whether it has been waited for as long as it may take.
    pub(super) fn is_overdue(&self, now: Duration) -> bool {
        now.saturating_sub(self.since) >= self.rhythm.at_most
    }

    /// Whether AWS gave up a deletion: it was going and stands again, or it has come into trouble.
    fn came_back(&self, step: &Step, row: &Resource, waited: Duration) -> Option<CloudError> {
        let trouble = trouble(row);
        let new_trouble = trouble.is_some() && trouble != self.trouble_before;
        let old_trouble_for_long = trouble.is_some() && waited >= self.rhythm.usually;
        if !self.was_leaving && !new_trouble && !old_trouble_for_long {
            return None;
        }
        let shown = shown(row);
        let message = match trouble {
            Some(trouble) => format!("the deletion did not go through, it is {shown}: {trouble}"),
            None => format!("the deletion did not go through, it is {shown}"),
        };
        Some(error(step, "DeletionFailed", message))
    }

    fn timeout(&self, step: &Step, row: &Resource, waited: Duration) -> CloudError {
        let trouble = trouble(row).map(|trouble| format!(": {trouble}")).unwrap_or_default();
        let message = format!("still there after {} s, it is {}{trouble}", waited.as_secs(), shown(row));
        error(step, "Timeout", message)
    }
}

fn error(step: &Step, code: &str, message: String) -> CloudError {
    let api = step.api.clone().unwrap_or_else(|| "none".to_owned());
    CloudError { class: ErrorClass::Refused, api, code: code.to_owned(), message, request_id: None }
}

fn trouble(row: &Resource) -> Option<String> {
    row.facts.get(fact::TROUBLE).cloned()
}

fn shown(row: &Resource) -> String {
    row.state.clone().unwrap_or_else(|| {
        let word = match row.life {
            Life::Coming => "coming",
            Life::Standing => "standing",
            Life::Leaving => "leaving",
        };
        word.to_owned()
    })
}
