//! Rules of groups that stay, and name a group that goes: revoked only if the policy allows it, last, and never where
//! the group is protected, unclear or of another account.

use super::check::check;
use super::file::{PlanFile, Sources};
use super::fixture::{CATALOG, account, key, orphans};
use super::narrow::narrow;
use super::planner::plan_by;
use super::{Action, Fate, Keep, Plan};
use crate::inventory::Inventory;
use crate::model::words::how;
use crate::model::{Guard, GuardRule, Key, Link, Resource, Verdict, Verdicts};
use crate::policy::Policy;

fn dead() -> Key {
    key("security-group", "sg-dead")
}

fn live() -> Key {
    key("security-group", "sg-live")
}

/// The gateway's interface works with a group that a rule of a living one names.
fn named() -> (Inventory, Verdicts) {
    let mut inventory = account();
    let rule = Link::via(how::NAMES, dead(), vec!["sgr-1".to_owned()]);
    let mut group = Resource::new(live());
    group.links.insert(rule);
    inventory.resources.insert(live(), group);
    inventory.resources.insert(dead(), Resource::new(dead()));
    let interface = inventory.resources.get_mut(&key("network-interface", "eni-1")).unwrap();
    interface.links.insert(Link::new(how::USES, dead()));
    let mut verdicts = orphans(&inventory);
    verdicts.get_mut(&live()).unwrap().verdict = Verdict::Active;
    (inventory, verdicts)
}

fn policy(may: bool) -> Policy {
    Policy { revoke_in_kept_groups: may, ..Policy::default() }
}

fn planned(inventory: &Inventory, verdicts: &Verdicts, may: bool) -> Plan {
    let plan = plan_by(inventory, CATALOG, verdicts, &policy(may));
    assert_eq!(check(&plan, CATALOG, Some(verdicts)), Ok(()));
    plan
}

fn saved(inventory: &Inventory, verdicts: &Verdicts, plan: &Plan, may: bool) -> PlanFile {
    PlanFile::new(Sources {
        plan,
        inventory,
        verdicts,
        policy: &policy(may),
        catalog: CATALOG,
        tool_version: "1.2.3",
        now: "2026-01-01T00:00:00Z".parse().unwrap(),
        valid_for: std::time::Duration::from_secs(3600),
        saved: None,
    })
    .unwrap()
}

fn cuts(plan: &Plan) -> Vec<&Key> {
    let cut = plan.steps.iter().filter(|step| matches!(step.action, Action::Cut(_)));
    cut.map(|step| &step.resource).collect()
}

#[test]
fn a_group_that_stays_keeps_what_its_rules_name_unless_the_policy_says_otherwise() {
    let (inventory, verdicts) = named();
    let plan = planned(&inventory, &verdicts, false);
    assert!(matches!(&plan.fates[&dead()], Fate::Kept(Keep::HeldBy { by, .. }) if *by == live()));
    assert!(cuts(&plan).is_empty() && plan.cut_from.is_empty());
    let plan = planned(&inventory, &verdicts, true);
    assert_eq!(plan.fates[&dead()], Fate::Delete);
    assert!(matches!(plan.fates[&live()], Fate::Kept(Keep::NotOrphan { .. })));
    assert_eq!((cuts(&plan), plan.cut_from.keys().collect()), (vec![&live()], vec![&live()]));
}

#[test]
fn what_stays_is_changed_only_when_nothing_else_is_in_the_way() {
    let (inventory, verdicts) = named();
    let plan = planned(&inventory, &verdicts, true);
    let place = |key: &Key| plan.steps.iter().position(|step| step.resource == *key).unwrap();
    let (revoke, delete) = (place(&live()), place(&dead()));
    let deletion = &plan.steps[delete];
    assert!(deletion.after.iter().any(|after| after.step == plan.steps[revoke].id), "{deletion:#?}");
    assert!(place(&key("network-interface", "eni-1")) < revoke, "{:#?}", plan.steps);
    assert!(plan.steps[revoke].after[0].why.contains("sg-live stays and is changed last"));
}

#[test]
fn a_group_that_is_protected_unclear_young_or_anothers_is_never_changed() {
    for verdict in [Verdict::Protected, Verdict::Uncertain, Verdict::TooYoung] {
        let (inventory, mut verdicts) = named();
        verdicts.get_mut(&live()).unwrap().verdict = verdict;
        assert!(cuts(&planned(&inventory, &verdicts, true)).is_empty(), "{verdict}");
    }
    for rule in [GuardRule::OtherAccount, GuardRule::Protection, GuardRule::UnknownMaker] {
        let (mut inventory, mut verdicts) = named();
        verdicts.get_mut(&live()).unwrap().verdict = Verdict::Foreign;
        let group = inventory.resources.get_mut(&live()).unwrap();
        group.guards.insert(Guard { rule, why: "it is".to_owned() });
        assert!(cuts(&planned(&inventory, &verdicts, true)).is_empty(), "{rule:?}");
    }
    // Without the rule's id there is no telling which rule it is.
    let (mut inventory, verdicts) = named();
    inventory.resources.get_mut(&live()).unwrap().links = [Link::new(how::NAMES, dead())].into();
    assert!(cuts(&planned(&inventory, &verdicts, true)).is_empty());
}

#[test]
fn nothing_is_changed_for_a_group_that_something_else_keeps() {
    let (mut inventory, mut verdicts) = named();
    let mut machine = Resource::new(key("instance", "i-1"));
    machine.links.insert(Link::new(how::USES, dead()));
    inventory.resources.insert(machine.key.clone(), machine);
    verdicts.extend(orphans(&inventory).into_iter().filter(|(key, _)| key.id == "i-1"));
    verdicts.get_mut(&key("instance", "i-1")).unwrap().verdict = Verdict::Active;
    let plan = planned(&inventory, &verdicts, true);
    assert!(cuts(&plan).is_empty());
    assert!(matches!(&plan.fates[&dead()], Fate::Kept(Keep::HeldBy { by, .. }) if by.id == "i-1"));
}

#[test]
fn a_saved_plan_that_changes_what_stays_is_refused_where_its_policy_does_not_allow_it() {
    let (inventory, verdicts) = named();
    let plan = planned(&inventory, &verdicts, true);
    let file = saved(&inventory, &verdicts, &plan, true);
    let read = PlanFile::read(&serde_json::to_string(&file).unwrap()).unwrap();
    assert_eq!(read.plan(), plan);
    let forged = saved(&inventory, &verdicts, &plan, false);
    let refused = PlanFile::read(&serde_json::to_string(&forged).unwrap()).unwrap_err();
    assert!(refused.to_string().contains("its policy does not allow that"), "{refused}");
}

#[test]
fn a_plan_checker_refuses_a_change_of_what_stays_that_frees_nothing_or_comes_too_late() {
    let (inventory, verdicts) = named();
    let plan = planned(&inventory, &verdicts, true);
    let faults = |edit: &dyn Fn(&mut Plan)| {
        let mut plan = plan.clone();
        edit(&mut plan);
        check(&plan, CATALOG, Some(&verdicts))
    };
    assert_ne!(faults(&|plan| plan.cut_from.clear()), Ok(()));
    assert_ne!(faults(&|plan| drop(plan.fates.insert(dead(), Fate::Kept(Keep::HoldsData)))), Ok(()));
    let deletion = plan.steps.iter().position(|step| step.resource == dead()).unwrap();
    let revoke = plan.steps.iter().position(|step| step.resource == live()).unwrap();
    let number = plan.steps[revoke].id;
    assert_ne!(faults(&|plan| plan.steps[deletion].after.retain(|after| after.step != number)), Ok(()));
}

#[test]
fn a_saved_plan_changes_only_the_group_that_it_was_made_with() {
    let (inventory, verdicts) = named();
    let file = saved(&inventory, &verdicts, &planned(&inventory, &verdicts, true), true);
    let left = |edit: &dyn Fn(&mut Inventory)| {
        let mut fresh = inventory.clone();
        edit(&mut fresh);
        narrow(&file, &fresh, &verdicts, CATALOG).plan
    };
    assert_eq!(cuts(&left(&|_| ())), [&live()]);
    // Whoever works with it has changed it since.
    let tagged = left(&|fresh| {
        fresh.resources.get_mut(&live()).unwrap().tags.insert("Owner".to_owned(), "me".to_owned());
    });
    assert!(cuts(&tagged).is_empty());
    assert!(matches!(tagged.fates[&dead()], Fate::Kept(_)));
    // Another group, which the plan did not have, names it as well.
    let other = key("security-group", "sg-other");
    let more = left(&|fresh| {
        let mut group = fresh.resources[&live()].clone();
        group.key = other.clone();
        fresh.resources.insert(other.clone(), group);
    });
    assert!(matches!(more.fates[&dead()], Fate::Kept(_)), "{:#?}", more.fates);
}
