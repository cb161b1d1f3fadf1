//! What came of a run: takes plan and journal, and gives the summary that the journal ends with and reports
//! print.

use std::collections::BTreeSet;

use super::Mode;
use crate::journal::{
    CutDone, Effort, FailedLine, Outcome, RunSummary, SkipReason, SkippedLine, State, Status, StopCause,
};
use crate::model::{Catalog, CloudError, ErrorClass, Holds, Key, KindName, Link};
use crate::plan::file::Blocked;
use crate::plan::left::Left;
use crate::plan::{Action, Fate, Plan, Step, StepId};

/// The summary of a run of this plan that stands so.
pub fn summary(plan: &Plan, catalog: &Catalog, state: &State, mode: Mode) -> RunSummary {
    let step = |id: &StepId| plan.steps.iter().find(|step| step.id == *id);
    let mut summary = RunSummary {
        deleted: Vec::new(),
        cut: Vec::new(),
        skipped: Vec::new(),
        failed: Vec::new(),
        kept: kept(state),
        outcome: Outcome::Done,
        fits_after_seconds: state.fits_after_seconds,
        ended_as_it_fits: state.stopping == Some(StopCause::Fits),
        unclear: state.unclear || state.plan.blocked.iter().any(|it| it.left == Left::Unread),
        effort: Effort::default(),
    };
    for step in state.done.iter().filter_map(step) {
        match &step.action {
            Action::Cut(link) => summary.cut.push(CutDone {
                resource: step.resource.clone(),
                how: link.how.clone().into_owned(),
                to: link.to.id.to_string(),
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
                summary.failed.push(failed(plan, catalog, state, step, error));
            }
            Some(Status::Skipped(_) | Status::Retrying | Status::InDoubt | Status::Settling) | None => {
                let is_cut = matches!(step.action, Action::Cut(_));
                if !is_cut && left.insert(step.resource.clone()) {
                    summary.skipped.push(skipped(plan, state, step));
                }
            }
        }
    }
    for out in &state.left_out {
        let is_counted = plan
            .steps
            .iter()
            .any(|step| step.resource == out.resource && !matches!(step.action, Action::Cut(_)));
        if !is_counted && left.insert(out.resource.clone()) {
            let (id, kind) = (out.resource.id.to_string(), out.resource.kind.clone());
            let why = format!("left out: {}", out.why);
            summary.skipped.push(SkippedLine { id, kind, why });
        }
    }
    summary.outcome = match mode {
        Mode::Rehearse => Outcome::Rehearsed,
        Mode::Apply if unfinished => Outcome::Stopped,
        Mode::Apply if left.is_empty() && state.done.len() == plan.steps.len() => Outcome::Done,
        Mode::Apply => Outcome::Partly,
    };
    summary
}

/// What the plan itself kept of what was selected, as far as it counts as left.
fn kept(state: &State) -> Vec<SkippedLine> {
    let left_out: BTreeSet<(&KindName, &str)> =
        state.left_out.iter().map(|out| (&out.resource.kind, out.resource.id.as_str())).collect();
    // What a saved plan meant to delete and this run left out is told as such.
    let blocked = state
        .plan
        .blocked
        .iter()
        .filter(|it| it.left == Left::Left && !left_out.contains(&(&it.kind, it.id.as_str())));
    let line = |it: &Blocked| SkippedLine { id: it.id.clone(), kind: it.kind.clone(), why: it.why.clone() };
    let unread = state.plan.unread.iter().map(|it| SkippedLine {
        id: it.id.clone(),
        kind: it.kind.clone(),
        why: format!("it is of stack {}, and of a kind that is not read: no plan deletes it", it.stack),
    });
    blocked.map(line).chain(unread).collect()
}

/// This one is gone, and with it what it carries, unless a step of its own watches over that.
fn gone(plan: &Plan, key: &Key, deleted: &mut Vec<Key>) {
    if deleted.contains(key) {
        return;
    }
    deleted.push(key.clone());
    for (carried, fate) in &plan.fates {
        let awaited = |step: &Step| step.resource == *carried && step.action == Action::Await;
        if *fate == Fate::Carried(key.clone()) && !plan.steps.iter().any(awaited) {
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
    SkippedLine { id: step.resource.id.to_string(), kind: step.resource.kind.clone(), why }
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
            format!("waits for step {} ({name}), which failed: {}", cause.0, sentence(error))
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
fn sentence(error: &CloudError) -> String {
    match error.class {
        ErrorClass::Denied => format!("the caller lacks the IAM action {}: {error}", error.api),
        ErrorClass::Protected => format!("AWS protects it: {error}"),
        ErrorClass::Throttled => format!("AWS went on throttling the calls: {error}"),
        ErrorClass::Transient => format!("the service or the network went on failing: {error}"),
        ErrorClass::Unserved => format!("the endpoint does not know this call: {error}"),
        ErrorClass::Gone | ErrorClass::NotYet | ErrorClass::Credentials | ErrorClass::Refused => {
            error.to_string()
        }
    }
}

fn failed(plan: &Plan, catalog: &Catalog, state: &State, step: &Step, error: &CloudError) -> FailedLine {
    let blocked_by = blocked_by(plan, catalog, state, step, error);
    let mut why = match &step.action {
        Action::Cut(link) => format!("cannot cut {}: {}", link.to, sentence(error)),
        Action::Delete | Action::Await => sentence(error),
    };
    // AWS names no culprit, and neither can the plan: then it is of a kind that was not read.
    if error.class == ErrorClass::Refused && blocked_by.is_empty() {
        why.push_str("; plan again, and if it is refused again look in the console for what was not read");
    }
    FailedLine {
        id: step.resource.id.to_string(),
        kind: step.resource.kind.clone(),
        error: why,
        blocked_by,
        refused: error.class == ErrorClass::Refused,
        cause: None,
    }
}

/// Ids that AWS's message names, and what of the plan still holds the resource. Only a refusal is about others.
fn blocked_by(plan: &Plan, catalog: &Catalog, state: &State, step: &Step, error: &CloudError) -> Vec<String> {
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
        let holds = |link: &Link| {
            let rule = catalog.get(&key.kind).and_then(|spec| spec.rule(&link.how, &own.kind));
            link.to == *own && rule.is_some_and(|rule| rule.holds != Holds::Nothing)
        };
        let with_another =
            matches!(plan.fates.get(key), Some(Fate::Carried(carrier)) if gone.contains(carrier));
        if key != own && resource.links.iter().any(holds) && !gone.contains(key) && !with_another {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::{Ending, Event, LeftOut, SCHEMA};
    use crate::plan::file::{PlanFile, UnreadLine};
    use crate::run::testing::{CATALOG, cut, delete, error, key, plan, wait};

    fn check(file: &PlanFile, left_out: Vec<LeftOut>, events: &[Event]) -> RunSummary {
        let (schema, run) = (SCHEMA.to_owned(), "run".to_owned());
        let opened = Event::Opened { schema, run, plan: Box::new(file.clone()), left_out, unclear: false };
        let mut state = State::opened(&opened).unwrap();
        for event in events {
            state.apply(event).unwrap();
        }
        summary(&file.plan(), &CATALOG, &state, Mode::Apply)
    }

    fn done(step: u32) -> Event {
        Event::Done { step: StepId(step) }
    }

    fn failed(step: u32, class: ErrorClass, message: &str) -> Event {
        let error = CloudError { message: message.to_owned(), ..error(class, "Code") };
        Event::Failed { step: StepId(step), error }
    }

    #[test]
    fn what_is_carried_goes_with_its_carrier_or_at_its_own_step() {
        let awaited = plan(vec![delete(1, "slow", &[]), wait(2, &[1])]);
        let shadow = key("shadow", "shadow-2");
        let carrier = key("slow", "slow-1");
        let both = [carrier, shadow];
        assert_eq!(check(&awaited, vec![], &[done(1)]).deleted, both[..1]);
        assert_eq!(check(&awaited, vec![], &[done(1), done(2)]).deleted, both);
        let mut carried = awaited;
        carried.steps.pop();
        assert_eq!(check(&carried, vec![], &[done(1)]).deleted, both);
    }

    #[test]
    fn what_a_selected_stack_has_of_kinds_that_are_not_read_is_left() {
        let mut file = plan(vec![delete(1, "quick", &[])]);
        assert_eq!(check(&file, vec![], &[done(1)]).ending(), Ending::Done);
        let id = "arn:aws:rds:us-east-1:123456789012:db:shop".to_owned();
        file.unread =
            vec![UnreadLine { kind: KindName::of("rds:db"), id: id.clone(), stack: "shop/a1".into() }];
        let summary = check(&file, vec![], &[done(1)]);
        assert_eq!((summary.ending(), summary.outcome), (Ending::Left, Outcome::Done));
        assert!(summary.left().iter().any(|it| it.id == id && it.why.contains("shop/a1")));
    }

    #[test]
    fn a_refusal_without_a_known_culprit_says_where_to_look() {
        let file = plan(vec![delete(1, "quick", &[])]);
        let error =
            |message| check(&file, vec![], &[failed(1, ErrorClass::Refused, message)]).failed[0].clone();
        assert!(error("it has dependencies").error.ends_with("for what was not read"));
        let named = error("eni-0123456789abcdef0 is in use");
        assert_eq!(named.blocked_by, ["eni-0123456789abcdef0"]);
        assert!(!named.error.contains("console"));
    }

    #[test]
    fn every_resource_is_told_of_once_and_causes_are_named() {
        let two = key("quick", "quick-2");
        let file = plan(vec![cut(1, two, &[]), delete(2, "quick", &[1]), delete(3, "slow", &[2])]);
        let because =
            |step| Event::Skipped { step: StepId(step), why: SkipReason::Because { step: StepId(1) } };
        let events = [failed(1, ErrorClass::Denied, "no"), because(2), because(3)];
        let summary = check(&file, vec![], &events);
        assert_eq!(summary.outcome, Outcome::Partly);
        assert_eq!(summary.failed.len(), 1);
        assert_eq!(
            summary.failed[0].error,
            "cannot cut quick peer: the caller lacks the IAM action ec2:Delete: ec2:Delete: Code: no"
        );
        assert_eq!(summary.skipped.len(), 1);
        assert!(
            summary.skipped[0]
                .why
                .starts_with("waits for step 1 (cut quick peer from quick quick-2), which failed")
        );
    }

    #[test]
    fn what_was_left_out_of_the_saved_plan_makes_the_run_a_part() {
        let file = plan(vec![delete(1, "quick", &[])]);
        let left = |id: &str| LeftOut {
            step: StepId(7),
            resource: key("quick", id),
            why: "it has a new tag".into(),
        };
        let summary = check(&file, vec![left("quick-9")], &[done(1)]);
        assert_eq!(summary.outcome, Outcome::Partly);
        assert_eq!(summary.skipped[0].why, "left out: it has a new tag");
        // What still has a step is told of by that step.
        assert_eq!(check(&file, vec![left("quick-1")], &[done(1)]).outcome, Outcome::Done);
    }

    #[test]
    fn a_run_that_was_stopped_says_why_and_where_each_step_was() {
        let file = plan((1..=4).map(|number| delete(number, "slow", &[])).collect());
        let calling = |step| Event::Calling { step: StepId(step), attempt: 1 };
        let events = [
            done(1),
            calling(2),
            Event::Called { step: StepId(2) },
            calling(3),
            Event::Stopping { cause: StopCause::TimeUp },
        ];
        let summary = check(&file, vec![], &events);
        assert_eq!(summary.outcome, Outcome::Stopped);
        let why: Vec<&str> = summary.skipped.iter().map(|line| line.why.as_str()).collect();
        assert_eq!(
            why,
            [
                "the run ended before it was seen to be gone: its time was up",
                "the run ended before the answer of its call: its time was up",
                "the run ended before its turn: its time was up",
            ]
        );
    }

    #[test]
    fn only_ids_of_others_count_as_what_blocks() {
        let file = plan(vec![delete(1, "quick", &[])]);
        let message =
            "The vpc 'vpc-0123456789abcdef0' has eni-1a2b3c4d, sub-net and quick-1 (dependency-violation)";
        let summary = check(&file, vec![], &[failed(1, ErrorClass::Refused, message)]);
        assert_eq!(summary.failed[0].blocked_by, ["eni-1a2b3c4d", "vpc-0123456789abcdef0"]);
        let denied = check(&file, vec![], &[failed(1, ErrorClass::Denied, message)]);
        assert_eq!(denied.failed[0].blocked_by, Vec::<String>::new());
    }
}
