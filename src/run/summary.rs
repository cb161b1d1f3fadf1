//! What came of a run: a fold of plan and journal. Pure.

use std::collections::BTreeSet;

use super::Mode;
use super::cloud::{CloudError, ErrorClass};
use crate::journal::{CutDone, FailedLine, Outcome, RunSummary, SkipReason, SkippedLine, State, Status};
use crate::model::Key;
use crate::plan::{Action, Fate, Keep, Plan, Step, StepId};

/// The summary of a run of this plan that stands so.
pub fn summary(plan: &Plan, state: &State, mode: Mode) -> RunSummary {
    let step = |id: &StepId| plan.steps.iter().find(|step| step.id == *id);
    let mut summary = RunSummary {
        deleted: Vec::new(),
        cut: Vec::new(),
        skipped: Vec::new(),
        failed: Vec::new(),
        outcome: Outcome::Done,
    };
    for step in state.done.iter().filter_map(step) {
        match &step.action {
            Action::Cut(link) => summary.cut.push(CutDone {
                resource: step.resource.clone(),
                how: link.how.clone().into_owned(),
                to: link.to.id.clone(),
            }),
            Action::Delete | Action::Await => gone(plan, &step.resource, &mut summary.deleted),
        }
    }
    let mut left = BTreeSet::new();
    let mut unfinished = false;
    for step in &plan.steps {
        let status = state.steps.get(&step.id);
        unfinished |= !status.is_some_and(Status::is_final);
        match status {
            Some(Status::Done) => {}
            Some(Status::Failed(error)) => {
                left.insert(step.resource.clone());
                summary.failed.push(failed(plan, state, step, error));
            }
            Some(Status::Skipped(_) | Status::Retrying | Status::InDoubt | Status::Settling) | None => {
                let is_cut = matches!(step.action, Action::Cut(_));
                if !is_cut && left.insert(step.resource.clone()) {
                    summary.skipped.push(skipped(plan, state, step));
                }
            }
        }
    }
    summary.outcome = match mode {
        Mode::Rehearse => Outcome::Rehearsed,
        Mode::Apply if unfinished => Outcome::Stopped,
        Mode::Apply if state.done.len() == plan.steps.len() => Outcome::Done,
        Mode::Apply => Outcome::Partly,
    };
    summary
}

/// This one is gone, and with it what it carries, unless a step of its own watches over that.
fn gone(plan: &Plan, key: &Key, deleted: &mut Vec<Key>) {
    if deleted.contains(key) {
        return;
    }
    deleted.push(key.clone());
    for (carried, fate) in &plan.fates {
        let by_itself =
            !plan.steps.iter().any(|step| step.resource == *carried && step.action == Action::Await);
        if *fate == Fate::Carried(key.clone()) && by_itself {
            gone(plan, carried, deleted);
        }
    }
}

fn skipped(plan: &Plan, state: &State, step: &Step) -> SkippedLine {
    let why = match state.steps.get(&step.id) {
        Some(Status::Skipped(SkipReason::Changed { what })) => {
            format!("changed since it was planned: {what}")
        }
        Some(Status::Skipped(SkipReason::Because { step })) => because(plan, state, *step),
        Some(Status::Settling) => stopped(state, "before it was seen to be gone"),
        Some(Status::InDoubt) => stopped(state, "before the answer of its call"),
        Some(Status::Retrying) => stopped(state, "before its next attempt"),
        Some(Status::Skipped(SkipReason::Stopped) | Status::Done | Status::Failed(_)) | None => {
            stopped(state, "before its turn")
        }
    };
    SkippedLine { id: step.resource.id.clone(), kind: step.resource.kind.clone(), why }
}

fn stopped(state: &State, when: &str) -> String {
    match &state.stopping {
        Some(cause) => format!("the run ended {when}: {cause}"),
        None => format!("the run ended {when}"),
    }
}

fn because(plan: &Plan, state: &State, cause: StepId) -> String {
    let name = plan.steps.iter().find(|step| step.id == cause).map_or_else(String::new, named);
    match state.steps.get(&cause) {
        Some(Status::Failed(error)) => {
            format!("waits for step {} ({name}), which failed: {}", cause.0, told(error))
        }
        Some(Status::Skipped(SkipReason::Changed { what })) => {
            format!("waits for step {} ({name}), which was left out: {what}", cause.0)
        }
        Some(
            Status::Skipped(SkipReason::Because { .. } | SkipReason::Stopped)
            | Status::Done
            | Status::Retrying
            | Status::InDoubt
            | Status::Settling,
        )
        | None => format!("waits for step {} ({name}), which was not done", cause.0),
    }
}

fn named(step: &Step) -> String {
    match &step.action {
        Action::Cut(link) => format!("cut {} from {}", link.to, step.resource),
        Action::Delete => format!("delete {}", step.resource),
        Action::Await => format!("await {}", step.resource),
    }
}

/// What AWS answered, and what to do about it.
fn told(error: &CloudError) -> String {
    match error.class {
        ErrorClass::Denied => format!("the caller lacks the IAM action {}: {error}", error.api),
        ErrorClass::Protected => format!("AWS protects it: {error}"),
        ErrorClass::Throttled => format!("AWS went on throttling the calls: {error}"),
        ErrorClass::Transient => format!("the service or the network went on failing: {error}"),
        ErrorClass::Gone | ErrorClass::NotYet | ErrorClass::Credentials | ErrorClass::Refused => {
            error.to_string()
        }
    }
}

fn failed(plan: &Plan, state: &State, step: &Step, error: &CloudError) -> FailedLine {
    FailedLine {
        id: step.resource.id.clone(),
        kind: step.resource.kind.clone(),
        error: match &step.action {
            Action::Cut(link) => format!("cannot cut {}: {}", link.to, told(error)),
            Action::Delete | Action::Await => told(error),
        },
        blocked_by: blocked_by(plan, state, step, error),
    }
}

/// Ids that AWS's message names, and what of the plan still refers to the resource. Only a refusal is about others.
fn blocked_by(plan: &Plan, state: &State, step: &Step, error: &CloudError) -> Vec<String> {
    if error.class != ErrorClass::Refused {
        return Vec::new();
    }
    let own = &step.resource;
    let mut by: BTreeSet<String> = BTreeSet::new();
    by.extend(ids(&error.message).filter(|id| *id != own.id).map(str::to_owned));
    let gone: BTreeSet<&Key> = plan
        .steps
        .iter()
        .filter(|other| {
            state.steps.get(&other.id) == Some(&Status::Done) && !matches!(other.action, Action::Cut(_))
        })
        .map(|other| &other.resource)
        .collect();
    for (key, resource) in &plan.resources {
        let refers = resource.links.iter().any(|link| link.to == *own);
        let with_another =
            matches!(plan.fates.get(key), Some(Fate::Carried(carrier)) if gone.contains(carrier));
        if key != own && refers && !gone.contains(key) && !with_another {
            by.insert(key.to_string());
        }
    }
    for (key, fate) in &plan.fates {
        if let Fate::Kept(Keep::TiedTo { to, .. }) = fate
            && to == own
        {
            by.insert(key.to_string());
        }
    }
    by.into_iter().collect()
}

/// Words that look like ids of EC2: a prefix, a hyphen, and 8 or 17 hexadecimal digits.
fn ids(message: &str) -> impl Iterator<Item = &str> {
    message.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').filter(|word| {
        word.rsplit_once('-').is_some_and(|(prefix, digits)| {
            let hexadecimal = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
            !prefix.is_empty() && hexadecimal && matches!(digits.len(), 8 | 17)
        })
    })
}
