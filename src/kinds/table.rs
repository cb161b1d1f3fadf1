//! What must hold of every kind's spec, whatever kinds there are.

use std::collections::BTreeSet;

use super::{ALL, CATALOG};
use crate::model::{Holds, KindSpec, LinkRule, Near, Settle};

/// Every rule with the kind that declares it.
fn rules() -> impl Iterator<Item = (&'static KindSpec, &'static LinkRule)> {
    CATALOG.iter().flat_map(|spec| spec.links.iter().map(move |rule| (spec, rule)))
}

#[test]
fn both_lists_name_the_same_kinds_in_the_same_order_and_each_once() {
    let all: Vec<&str> = ALL.iter().map(|kind| kind.spec().name).collect();
    let catalog: Vec<&str> = CATALOG.iter().map(|spec| spec.name).collect();
    assert_eq!(all, catalog);
    assert_eq!(all.len(), all.iter().collect::<BTreeSet<_>>().len());
}

#[test]
fn a_kind_has_one_rule_for_each_role_and_far_end() {
    for spec in CATALOG.iter() {
        let mut seen = BTreeSet::new();
        for rule in spec.links {
            assert!(seen.insert((rule.how, rule.to)), "{} {} {}", spec.name, rule.how, rule.to);
        }
    }
}

#[test]
fn what_must_be_cut_can_be_cut() {
    for (spec, rule) in rules() {
        let needed = rule.near == Near::CutFirst || rule.holds == Holds::DeleteUntilCut;
        assert!(!needed || rule.cut.is_some(), "{} {} {}", spec.name, rule.how, rule.to);
    }
}

#[test]
fn every_action_names_its_service_and_every_kind_lists_and_deletes() {
    for spec in CATALOG.iter() {
        assert!(!spec.apis.list.is_empty() && !spec.apis.delete.is_empty(), "{}", spec.name);
        let cuts = spec.links.iter().filter_map(|rule| rule.cut).map(|cut| cut.api);
        for action in spec.apis.list.iter().chain(spec.apis.delete).copied().chain(cuts) {
            let (service, call) = action.split_once(':').unwrap();
            assert!(!service.is_empty() && call.starts_with(char::is_uppercase), "{} {action}", spec.name);
        }
    }
}

#[test]
fn waits_are_looked_at_before_they_usually_end_and_end_some_time() {
    let carried = rules().filter_map(|(spec, rule)| match rule.near {
        Near::GoesWithTarget(settle) => Some((spec.name, settle)),
        Near::Free | Near::CutFirst | Near::AfterTarget | Near::AfterIfGoes => None,
    });
    for (name, settle) in CATALOG.iter().map(|spec| (spec.name, spec.settle)).chain(carried) {
        if let Settle::Poll { every, usually, at_most } = settle {
            assert!(0 < every && every <= usually && usually < at_most, "{name}");
        }
    }
}

#[test]
fn every_kind_deletes_at_least_one_at_a_time() {
    assert!(CATALOG.iter().all(|spec| spec.batch > 0));
}
