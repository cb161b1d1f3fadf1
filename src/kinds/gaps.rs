//! A gap keeps what it could hide: for each rule of the table, asked of the planner.

use std::collections::BTreeSet;

use super::CATALOG;
use crate::inventory::{Caller, Gap, Inventory};
use crate::model::{
    AccountId, Class, Holds, Key, KindName, KindSpec, Life, Link, LinkRule, Near, Region, Resource, Scope,
    Touches,
};
use crate::plan::fixture::orphans;
use crate::plan::{Fate, Keep, Plan, planner};

const NEAR: &str = "near";
const FAR: &str = "far";

fn key(kind: &'static str, id: &str) -> Key {
    let global = CATALOG.named(kind).is_some_and(|spec| spec.scope == Scope::Global);
    Key::new(KindName::of(kind), if global { Region::global() } else { Region::new("r1") }, id)
}

/// What a scan saw that saw only these.
fn inventory(resources: &[&Resource]) -> Inventory {
    Inventory {
        caller: Caller { account: AccountId::new("1"), alias: None, arn: "me".into() },
        taken: "2026-01-01T00:00:00Z".parse().unwrap(),
        regions: [Region::new("r1")].into(),
        kinds: CATALOG.iter().map(KindSpec::kind).collect(),
        resources: resources.iter().map(|it| (it.key.clone(), (*it).clone())).collect(),
        gaps: BTreeSet::new(),
        elsewhere: crate::inventory::Elsewhere::nowhere_but(&[Region::new("r1")].into()),
        without_services: Default::default(),
        unanswered: Default::default(),
        unread_things: Default::default(),
        states: Vec::new(),
        gone: Default::default(),
    }
}

fn gap(kind: &'static str) -> Gap {
    let Key { kind, region, .. } = key(kind, "any");
    Gap::new(kind, region, "denied")
}

/// The plan in which everything is an orphan, and data may go.
fn planned(inventory: &Inventory) -> Plan {
    planner::plan(inventory, CATALOG, &orphans(inventory), &CATALOG.iter().map(KindSpec::kind).collect())
}

fn goes(plan: &Plan, key: &Key) -> bool {
    !matches!(plan.fates[key], Fate::Kept(_))
}

/// The rules whose far end is a kind.
fn rules() -> impl Iterator<Item = (&'static KindSpec, &'static LinkRule)> {
    CATALOG
        .iter()
        .flat_map(|spec| spec.links.iter().map(move |rule| (spec, rule)))
        .filter(|(_, rule)| CATALOG.named(rule.to).is_some())
}

/// Whether one of the near end that was not seen could hold the far end, go along with it, or work with it.
fn could_matter(spec: &KindSpec, rule: &LinkRule) -> bool {
    let goes_along = matches!(rule.near, Near::GoesWithTarget(_));
    rule.holds != Holds::Nothing || goes_along || spec.works_with(rule.how)
}

/// Whether no call deletes a thing of this kind: it stays, unless something takes it along.
fn is_only_read(kind: &str) -> bool {
    CATALOG.named(kind).is_some_and(|spec| spec.class == Class::Witness)
}

#[test]
fn a_gap_in_a_kind_keeps_all_that_one_of_it_could_hold() {
    for (spec, rule) in rules().filter(|(spec, rule)| could_matter(spec, rule) && !is_only_read(rule.to)) {
        let far = Resource::new(key(rule.to, FAR));
        let mut seen = inventory(&[&far]);
        assert!(goes(&planned(&seen), &far.key), "{}: nothing is in its way", rule.to);
        seen.gaps.insert(gap(spec.name));
        let plan = planned(&seen);
        let Fate::Kept(Keep::Unseen { kind, .. }) = &plan.fates[&far.key] else {
            panic!("{}: {} {} it, unseen", rule.to, spec.name, rule.how)
        };
        assert_eq!(kind.as_str(), spec.name);
        assert!(plan.steps.is_empty());
    }
}

#[test]
fn a_kind_that_nobody_asked_for_hides_as_much_as_a_denied_one() {
    for (spec, rule) in rules().filter(|(spec, rule)| could_matter(spec, rule)) {
        let far = Resource::new(key(rule.to, FAR));
        let mut seen = inventory(&[&far]);
        seen.kinds.remove(&spec.kind());
        assert!(planned(&seen).steps.is_empty(), "{}: {} {} it, unseen", rule.to, spec.name, rule.how);
    }
}

#[test]
fn what_would_have_to_wait_for_an_unseen_far_end_stays() {
    for (spec, rule) in rules() {
        let both_change = rule.cut.is_some_and(|cut| cut.touches == Touches::BothEnds);
        let waits = match rule.near {
            Near::AfterTarget | Near::AfterIfGoes | Near::GoesWithTarget(_) => true,
            Near::CutFirst => both_change,
            Near::Free => false,
        };
        if !waits {
            continue;
        }
        let mut near = Resource::new(key(spec.name, NEAR));
        near.links.insert(Link::new(rule.how, key(rule.to, FAR)));
        let mut seen = inventory(&[&near]);
        seen.gaps.insert(gap(rule.to));
        assert!(!goes(&planned(&seen), &near.key), "{}: {} {}", spec.name, rule.how, rule.to);
    }
}

#[test]
fn what_one_unseen_might_make_anew_stays_whoever_else_was_seen() {
    for (spec, rule) in rules().filter(|(_, rule)| rule.near == Near::AfterIfGoes) {
        let mut near = Resource::new(key(spec.name, NEAR));
        near.links.insert(Link::new(rule.how, key(rule.to, FAR)));
        let far = Resource::new(key(rule.to, FAR));
        let mut seen = inventory(&[&near, &far]);
        assert!(goes(&planned(&seen), &near.key), "{}: nothing is in its way", spec.name);
        seen.gaps.insert(gap(rule.to));
        let plan = planned(&seen);
        let Fate::Kept(Keep::Unseen { kind, .. }) = &plan.fates[&near.key] else {
            panic!("{}: {} {}, of which others may be hidden", spec.name, rule.how, rule.to)
        };
        assert_eq!(kind.as_str(), rule.to);
    }
}

#[test]
fn in_a_region_that_was_not_read_nothing_is_touched() {
    for spec in CATALOG.iter().filter(|spec| spec.scope == Scope::Regional) {
        // It is told of by something else: a listing that failed half-way, a tag, a state file.
        let elsewhere = Resource::new(Key::new(spec.kind(), Region::new("r2"), FAR));
        let held = rules().any(|(near, rule)| rule.to == spec.name && could_matter(near, rule));
        if held {
            let plan = planned(&inventory(&[&elsewhere]));
            assert!(plan.steps.is_empty(), "{}: {:?}", spec.name, plan.steps);
        }
    }
}

#[test]
fn both_ends_of_every_rule_go_when_both_may_and_the_far_end_stays_with_a_near_end_that_needs_it() {
    for (spec, rule) in rules() {
        let mut near = Resource::new(key(spec.name, NEAR));
        near.links.insert(Link::new(rule.how, key(rule.to, FAR)));
        let far = Resource::new(key(rule.to, FAR));
        let plan = planned(&inventory(&[&near, &far]));
        let (matters, taken) = (could_matter(spec, rule), matches!(rule.near, Near::GoesWithTarget(_)));
        let near_may = if taken { !is_only_read(rule.to) } else { !is_only_read(spec.name) };
        let far_may = !is_only_read(rule.to) && (near_may || !matters);
        let fates = (goes(&plan, &near.key), goes(&plan, &far.key));
        assert_eq!(fates, (near_may, far_may), "{}: {} {}", spec.name, rule.how, rule.to);
        // A thing that is being made is somebody's, whoever judged otherwise.
        near.life = Life::Coming;
        let plan = planned(&inventory(&[&near, &far]));
        assert!(!goes(&plan, &near.key));
        if matters {
            assert!(!goes(&plan, &far.key), "{}: {} {} goes", spec.name, rule.how, rule.to);
            assert!(plan.steps.is_empty(), "{:?}", plan.steps);
        }
    }
}
