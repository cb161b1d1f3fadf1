//! The look right before a call: takes a step and its resource as it is now, and tells the loop to go on, to
//! leave it or that it is gone.

use crate::model::{Life, Link, Resource};
use crate::plan::narrow::fingerprint_diff;
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
pub(super) fn decide(plan: &Plan, step: &Step, planned: &Resource, row: Option<&Resource>) -> Decision {
    let Some(row) = row else { return Decision::Gone };
    match &step.action {
        Action::Cut(link) if standing(row, link).is_none() => return Decision::Gone,
        Action::Cut(_) | Action::Delete | Action::Await => {}
    }
    if row.life == Life::Leaving {
        return Decision::Leaving;
    }
    if let Some(what) = fingerprint_diff(planned, row) {
        return Decision::Changed(what);
    }
    // A guard that the plan saw as well forbids what deletes; a cut may also open a resource that stays.
    let goes = matches!(plan.fates.get(&step.resource), Some(Fate::Delete | Fate::Carried(_)));
    match row.guards.first().filter(|_| goes) {
        Some(guard) => Decision::Changed(guard.why.clone()),
        None => Decision::Call,
    }
}

/// What is left of a planned link on the resource as it is now: some of its handles may have gone.
/// A link of the same role to the same end with none of these handles is another one.
pub(super) fn standing<'r>(row: &'r Resource, planned: &Link) -> Option<&'r Link> {
    row.links.iter().find(|now| {
        let same_handle = planned.via.is_empty() || planned.via.iter().any(|handle| now.via.contains(handle));
        now.how == planned.how && now.to == planned.to && same_handle
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Guard, GuardRule};
    use crate::plan::Keep;
    use crate::run::testing::{cut, delete, key, plan};

    /// What is decided on the only step of a plan when its resource looked and looks so.
    fn compare(step: Step, fate: Fate, before: fn(&mut Resource), edit: fn(&mut Resource)) -> Decision {
        let mut plan = plan(vec![step]).plan();
        plan.fates = plan.fates.into_keys().map(|key| (key, fate.clone())).collect();
        plan.resources.values_mut().for_each(before);
        let planned = plan.resources.values().next().unwrap();
        let mut row = planned.clone();
        edit(&mut row);
        decide(&plan, &plan.steps[0], planned, Some(&row))
    }

    fn check(step: Step, fate: Fate, edit: fn(&mut Resource)) -> Decision {
        compare(step, fate, |_| (), edit)
    }

    fn deletion(edit: fn(&mut Resource)) -> Decision {
        check(delete(1, "quick", &[]), Fate::Delete, edit)
    }

    fn guard() -> Guard {
        Guard { rule: GuardRule::Protection, why: "protection is on".into() }
    }

    #[test]
    fn what_is_as_it_was_planned_is_called() {
        assert_eq!(deletion(|_| ()), Decision::Call);
        assert_eq!(deletion(|row| row.state = Some("failed".into())), Decision::Call);
    }

    #[test]
    fn whatever_tells_another_resource_or_another_owner_is_a_change() {
        let changes: [fn(&mut Resource); 6] = [
            |row| row.arn = Some("arn:aws:ec2:::other".into()),
            |row| row.unique_id = Some("AROA2".into()),
            |row| row.created = Some(jiff::Timestamp::UNIX_EPOCH),
            |row| row.tags.extend([("Owner".into(), "me".into())]),
            |row| row.links.extend([Link::new("uses", key("quick", "new"))]),
            |row| row.guards.extend([guard()]),
        ];
        for edit in changes {
            assert!(matches!(deletion(edit), Decision::Changed(_)));
        }
    }

    #[test]
    fn a_link_that_has_gone_is_no_change() {
        let linked = || cut(2, key("quick", "quick-1"), &[]);
        assert_eq!(check(linked(), Fate::Delete, |_| ()), Decision::Call);
        assert_eq!(check(linked(), Fate::Delete, |row| row.links.clear()), Decision::Gone);
    }

    #[test]
    fn a_link_with_other_handles_is_another_link() {
        let link = |via: &[&str]| {
            Link::via("names", key("quick", "peer"), via.iter().map(|handle| (*handle).to_owned()).collect())
        };
        let mut row = Resource::new(key("quick", "quick-1"));
        row.links.extend([link(&["r-2"]), link(&["r-7"])]);
        assert_eq!(standing(&row, &link(&["r-1", "r-2"])), Some(&link(&["r-2"])));
        assert_eq!(standing(&row, &link(&["r-1"])), None);
        assert_eq!(standing(&row, &link(&[])), Some(&link(&["r-2"])));
    }

    #[test]
    fn what_goes_is_not_touched_under_a_guard_even_if_the_plan_saw_it() {
        let guarded: fn(&mut Resource) = |row| row.guards.extend([guard()]);
        let changed = Decision::Changed("protection is on".into());
        assert_eq!(compare(delete(1, "quick", &[]), Fate::Delete, guarded, |_| ()), changed);
        assert_eq!(compare(cut(1, key("quick", "q"), &[]), Fate::Delete, guarded, |_| ()), changed);
    }

    #[test]
    fn a_cut_that_opens_what_stays_needs_nothing_but_nothing_new_on_it() {
        let step = || cut(1, key("quick", "q"), &[]);
        let kept = || Fate::Kept(Keep::GoesWith { carrier: key("quick", "other") });
        let guarded: fn(&mut Resource) = |row| row.guards.extend([guard()]);
        assert_eq!(compare(step(), kept(), guarded, |_| ()), Decision::Call);
        assert!(matches!(check(step(), kept(), guarded), Decision::Changed(_)));
    }

    #[test]
    fn what_leaves_already_is_waited_for_whatever_else_changed() {
        let leaving: fn(&mut Resource) = |row| {
            row.life = Life::Leaving;
            row.tags.extend([("Owner".into(), "me".into())]);
        };
        assert_eq!(deletion(leaving), Decision::Leaving);
    }
}
