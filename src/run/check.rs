//! The look right before a call: does the resource still deserve it? Pure; it can only say less than the plan.

use super::Setting;
use crate::model::{Life, Link, Resource};
use crate::plan::{Action, Fate, Plan, Step};

/// What follows from the look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Decision {
    /// What the step was to remove is no longer there.
    Gone,
    /// It is being removed already: wait for that.
    Leaving,
    /// It changed since it was planned: hands off.
    Changed(String),
    /// Go ahead.
    Call,
}

/// Decides on a step by the row that the look brought; `None` means that it is missing from a good answer.
pub(super) fn decide(
    plan: &Plan,
    step: &Step,
    planned: &Resource,
    row: Option<&Resource>,
    setting: &Setting<'_>,
) -> Decision {
    let Some(row) = row else { return Decision::Gone };
    match &step.action {
        Action::Cut(link) if !carries(row, link) => return Decision::Gone,
        Action::Cut(_) | Action::Delete | Action::Await => {}
    }
    if row.life == Life::Leaving {
        return Decision::Leaving;
    }
    if let Some(what) = fingerprint_diff(planned, row) {
        return Decision::Changed(what);
    }
    if let Some(guard) = row.guards.difference(&planned.guards).next() {
        return Decision::Changed(guard.why.clone());
    }
    // The gates say what may be deleted. A cut may also open a resource that stays (a rule that names a
    // group which goes), and there the plan has the policy's leave already.
    let goes = matches!(plan.fates.get(&step.resource), Some(Fate::Delete | Fate::Carried(_)));
    let opens_what_stays = !goes && matches!(step.action, Action::Cut(_));
    match (setting.recheck)(row) {
        Err(what) if !opens_what_stays => Decision::Changed(what),
        Err(_) | Ok(()) => Decision::Call,
    }
}

/// Whether the resource still refers to that one in that role, by whatever handle.
pub(super) fn carries(row: &Resource, link: &Link) -> bool {
    row.links.iter().any(|standing| standing.how == link.how && standing.to == link.to)
}

// until plan::narrow is merged
fn fingerprint_diff(planned: &Resource, now: &Resource) -> Option<String> {
    (planned.tags != now.tags).then(|| "its tags changed".to_owned())
}
