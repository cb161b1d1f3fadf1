//! The look right before a call: takes a step and its resource as it is now, and tells the loop to go on, to
//! leave it or that it is gone.

use super::Setting;
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
pub(super) fn decide(
    plan: &Plan,
    step: &Step,
    planned: &Resource,
    row: Option<&Resource>,
    setting: &Setting<'_>,
) -> Decision {
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
    // The gates say what may be deleted. A cut may also open a resource that stays (a rule that names a
    // group which goes), and there the plan has the policy's leave already.
    let goes = matches!(plan.fates.get(&step.resource), Some(Fate::Delete | Fate::Carried(_)));
    let opens_what_stays = !goes && matches!(step.action, Action::Cut(_));
    match (setting.recheck)(row) {
        Err(what) if !opens_what_stays => Decision::Changed(what),
        Err(_) | Ok(()) => Decision::Call,
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
    use crate::run::observe::Unobserved;
    use crate::run::testing::{CATALOG, cut, delete, key, plan};
    use crate::run::{Limits, Mode};

    /// What is decided on the only step of a plan when its resource looks so now.
    fn check(step: Step, fate: Fate, gates: Result<(), String>, edit: fn(&mut Resource)) -> Decision {
        let mut plan = plan(vec![step]).plan();
        plan.fates = plan.fates.into_keys().map(|key| (key, fate.clone())).collect();
        let planned = plan.resources.values().next().unwrap();
        let mut row = planned.clone();
        edit(&mut row);
        let recheck = |_: &Resource| gates.clone();
        let setting = Setting {
            catalog: &CATALOG,
            recheck: &recheck,
            observer: &Unobserved,
            now: &|| jiff::Timestamp::UNIX_EPOCH,
            limits: Limits::default(),
            mode: Mode::Apply,
        };
        decide(&plan, &plan.steps[0], planned, Some(&row), &setting)
    }

    fn deletion(edit: fn(&mut Resource)) -> Decision {
        check(delete(1, "quick", &[]), Fate::Delete, Ok(()), edit)
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
        assert_eq!(check(linked(), Fate::Delete, Ok(()), |_| ()), Decision::Call);
        assert_eq!(check(linked(), Fate::Delete, Ok(()), |row| row.links.clear()), Decision::Gone);
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
    fn the_gates_have_the_last_word_on_what_goes() {
        let no = || Err("it is active".to_owned());
        let changed = Decision::Changed("it is active".into());
        assert_eq!(check(delete(1, "quick", &[]), Fate::Delete, no(), |_| ()), changed);
        assert_eq!(check(cut(1, key("quick", "q"), &[]), Fate::Delete, no(), |_| ()), changed);
    }

    #[test]
    fn a_cut_that_opens_what_stays_needs_no_orphan_but_nothing_new_on_it() {
        let step = || cut(1, key("quick", "q"), &[]);
        let kept = || Fate::Kept(Keep::GoesWith { carrier: key("quick", "other") });
        let no = || Err("it is active".to_owned());
        assert_eq!(check(step(), kept(), no(), |_| ()), Decision::Call);
        assert!(matches!(
            check(step(), kept(), no(), |row| row.guards.extend([guard()])),
            Decision::Changed(_)
        ));
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
