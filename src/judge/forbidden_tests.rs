//! Guard rules before the judge: what one forbids stays as if a term protected it, and no rule ever lets anything go.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::laws::worlds;
use super::tests::{attempt, judged, one, policy};
use crate::guards::GuardFile;
use crate::inventory::Inventory;
use crate::inventory::testing::key;
use crate::model::words::{fact, how};
use crate::model::{Gate, Key, Verdict};
use crate::policy::Policy;

fn guarded(rules: &str) -> Policy {
    Policy { guards: vec![GuardFile::read("g.cedar", rules)], ..policy() }
}

fn when(condition: &str) -> Policy {
    guarded(&format!("forbid(principal, action == Action::\"delete\", resource) when {{ {condition} }};"))
}

fn protecting(term: &str) -> Policy {
    Policy { protect: vec![term.parse().expect("terms")], ..policy() }
}

fn of(inventory: &Inventory, policy: &Policy, verdict: Verdict) -> BTreeSet<Key> {
    let verdicts = judged(inventory, policy).verdicts;
    verdicts.into_iter().filter(|(_, judged)| judged.verdict == verdict).map(|(key, _)| key).collect()
}

fn orphans(inventory: &Inventory, policy: &Policy) -> BTreeSet<Key> {
    of(inventory, policy, Verdict::Orphan)
}

#[test]
fn what_a_rule_forbids_is_protected_by_it_with_its_reason() {
    let rule = "@reason(\"the VPN needs it\")\nforbid(principal, action, resource) \
                when { resource.kind == Kind::\"nat-gateway\" };";
    let nat = one(&attempt(), &guarded(rule), "nat-gateway", "nat-1");
    assert_eq!(nat.verdict, Verdict::Protected);
    assert_eq!(nat.gate, Some(Gate::Forbidden { rules: vec!["g.cedar:1".to_owned()] }));
    assert_eq!(nat.evidence[0], "guard rule g.cedar:1 forbids it: the VPN needs it");
    assert_eq!(nat.proof, None);
}

#[test]
fn a_rule_that_cannot_be_evaluated_protects_as_well_and_is_told_apart() {
    let policy = when("resource has age_hours && resource.age_hours * 9223372036854775807 > 0");
    let nat = one(&attempt(), &policy, "nat-gateway", "nat-1");
    assert_eq!(nat.verdict, Verdict::Protected);
    assert_eq!(nat.gate, Some(Gate::GuardUnclear { rules: vec!["g.cedar:1".to_owned()] }));
    assert!(nat.evidence[0].contains("could not be evaluated, so it stays"), "{:?}", nat.evidence);
}

#[test]
fn a_rule_keeps_what_a_term_that_names_the_same_would_keep() {
    let world = attempt();
    let every: Vec<Key> = orphans(&world.inventory, &policy()).into_iter().collect();
    assert!(every.len() > 10);
    for kept in every {
        let rule =
            format!("resource.kind == Kind::\"{}\" && resource == Resource::\"{}\"", kept.kind, kept.id);
        let by_rule = orphans(&world.inventory, &when(&rule));
        let by_term = orphans(&world.inventory, &protecting(&format!("kind={},id={}", kept.kind, kept.id)));
        assert_eq!(by_rule, by_term, "{kept}");
        assert!(!by_rule.contains(&kept));
    }
}

#[test]
fn a_rule_on_a_vpc_keeps_all_that_lies_in_it() {
    let world = attempt();
    let policy = when("resource.kind == Kind::\"vpc\"");
    for (kind, id) in [("subnet", "subnet-1"), ("nat-gateway", "nat-1"), ("load-balancer", "lb")] {
        let inside = one(&world, &policy, kind, id);
        assert_eq!(inside.verdict, Verdict::Protected, "{id}");
        assert_eq!(inside.gate, Some(Gate::ProtectedAround { around: key("vpc", "vpc-1") }), "{id}");
    }
    let nat = one(&world, &when("resource in Resource::\"vpc-1\""), "nat-gateway", "nat-1");
    assert!(matches!(nat.gate, Some(Gate::Forbidden { .. })), "what lies in it can be asked for itself");
}

#[test]
fn what_one_rule_keeps_does_not_change_what_another_one_sees() {
    // With something protected in it the stack is healthy; the second rule asks of the stack as it was before.
    let first = "forbid(principal, action, resource) when { resource.kind == Kind::\"iam-role\" };";
    let second = "forbid(principal, action, resource) \
                  when { resource has stack && resource.stack.verdict == StackVerdict::\"healthy\" };";
    let alone = orphans(&attempt().inventory, &guarded(first));
    assert!(!alone.is_empty());
    assert_eq!(orphans(&attempt().inventory, &guarded(&format!("{first}\n{second}"))), alone);
}

#[test]
fn the_facts_of_a_thing_reach_the_rules() {
    let mut world = attempt();
    world.get("nat-gateway", "nat-1").name = Some("out".to_owned());
    world.add("cloudformation-stack", "arn:aws:cloudformation:us-east-1:123456789012:stack/web/1");
    let stack = "arn:aws:cloudformation:us-east-1:123456789012:stack/web/1";
    world.tag("cloudformation-stack", stack, "Project", "demo");
    world.tag("cloudformation-stack", stack, "EnvironmentSuffix", "attempt-1");
    world.fact("cloudformation-stack", stack, fact::HOLDS_DATA, "volume");
    world.link("cloudformation-stack", stack, how::OWNS, "load-balancer", "lb");
    for (condition, kind, id) in [
        ("resource.account == \"123456789012\"", "nat-gateway", "nat-1"),
        ("principal.arn == \"arn:aws:iam::123456789012:user/test\"", "nat-gateway", "nat-1"),
        ("resource.region == \"us-east-1\"", "nat-gateway", "nat-1"),
        ("resource.region == \"global\"", "iam-role", "demo-role"),
        ("resource has name && resource.name == \"out\"", "nat-gateway", "nat-1"),
        ("resource.class == Class::\"plumbing\"", "nat-gateway", "nat-1"),
        ("resource.class == Class::\"workload\"", "eks-cluster", "demo"),
        ("resource.holds_data", "volume", "vol-1"),
        ("resource.holds_data && resource.class != Class::\"data\"", "cloudformation-stack", stack),
        ("resource has monthly_cents && resource.monthly_cents == 3285", "nat-gateway", "nat-1"),
        ("resource has age_hours && resource.age_hours == 48", "nat-gateway", "nat-1"),
        ("resource has stack && resource.stack.name == \"demo/attempt-1\"", "nat-gateway", "nat-1"),
        ("resource has stack && resource.stack.verdict == StackVerdict::\"lost\"", "nat-gateway", "nat-1"),
        ("resource in Resource::\"subnet-1\"", "nat-gateway", "nat-1"),
        ("resource.claims.contains(\"stack:demo/attempt-1\")", "nat-gateway", "nat-1"),
        ("resource.claims.contains(\"cluster:demo\")", "volume", "vol-1"),
        ("resource.claims.contains(\"nat-gateway:nat-1\")", "network-interface", "eni-1"),
        ("resource.claims.contains(\"cloudformation:web\")", "load-balancer", "lb"),
        ("resource.hasTag(\"Project\") && resource.getTag(\"Project\") == \"demo\"", "nat-gateway", "nat-1"),
    ] {
        let before = one(&world, &policy(), kind, id);
        assert_eq!(before.verdict, Verdict::Orphan, "{id}: {:?}", before.evidence);
        let kept = one(&world, &when(condition), kind, id);
        assert!(matches!(kept.gate, Some(Gate::Forbidden { .. })), "{condition}: {:?}", kept.evidence);
        let other = one(&world, &when(&format!("!({condition})")), kind, id);
        assert!(!matches!(other.gate, Some(Gate::Forbidden { .. })), "{condition}: {:?}", other.evidence);
    }
}

#[test]
fn an_age_that_nothing_proves_is_none_and_one_in_the_future_neither() {
    let mut world = attempt();
    world.get("nat-gateway", "nat-1").created = None;
    let nat = one(&world, &when("!(resource has age_hours)"), "nat-gateway", "nat-1");
    assert!(matches!(nat.gate, Some(Gate::Forbidden { .. })), "{:?}", nat.evidence);
}

#[test]
fn nothing_is_asked_of_what_stays_anyway() {
    let mut world = attempt();
    world.add("vpc", "vpc-9");
    let foreign = one(&world, &guarded("forbid(principal, action, resource);"), "vpc", "vpc-9");
    assert_eq!(foreign.verdict, Verdict::Foreign);
    assert_eq!(orphans(&world.inventory, &guarded("forbid(principal, action, resource);")), BTreeSet::new());
}

/// Rules that match this and that, and one that fails of some.
fn rules() -> impl Strategy<Value = String> {
    let condition = prop_oneof![
        Just("resource.kind == Kind::\"vpc\"".to_owned()),
        Just("resource.class == Class::\"workload\"".to_owned()),
        Just("resource has age_hours && resource.age_hours < 40".to_owned()),
        Just("!(resource has age_hours)".to_owned()),
        Just("resource.hasTag(\"keep\")".to_owned()),
        Just("resource has monthly_cents && resource.monthly_cents * 9223372036854775807 > 1".to_owned()),
        Just("resource has stack && resource.stack.verdict == StackVerdict::\"uncertain\"".to_owned()),
        Just("resource.claims.contains(\"cluster:demo\")".to_owned()),
        (1..4usize).prop_map(|n| format!("resource.id like \"*-{n}\"")),
    ];
    let rule = condition.prop_map(|it| format!("forbid(principal, action, resource) when {{ {it} }};\n"));
    proptest::collection::vec(rule, 1..4).prop_map(|rules| rules.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_guard_rule_never_adds_an_orphan_nor_does_one_more(world in worlds(), some in rules(), more in rules()) {
        let before = orphans(&world.inventory, &policy());
        let few = orphans(&world.inventory, &guarded(&some));
        let many = orphans(&world.inventory, &guarded(&format!("{some}{more}")));
        prop_assert!(few.is_subset(&before), "{:?}", few.difference(&before).collect::<Vec<_>>());
        prop_assert!(many.is_subset(&few), "{:?}", many.difference(&few).collect::<Vec<_>>());
    }

    #[test]
    fn what_is_judged_an_orphan_no_rule_forbids(world in worlds(), id in 0..64usize) {
        let keys: Vec<&Key> = world.inventory.resources.keys().collect();
        let kept = keys[id % keys.len()].clone();
        let left = orphans(&world.inventory, &when(&format!("resource.id == \"{}\"", kept.id)));
        prop_assert!(left.iter().all(|key| key.id != kept.id));
        prop_assert_eq!(orphans(&world.inventory, &guarded("forbid(principal, action, resource);")).len(), 0);
    }
}
