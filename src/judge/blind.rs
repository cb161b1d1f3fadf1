//! The law of gaps over judge and planner together, with the real kinds: who sees less deletes no more.

use std::collections::BTreeSet;

use proptest::prelude::*;

use crate::inventory::testing::{KINDS, World, key};
use crate::inventory::{Gap, Inventory, complete};
use crate::kinds::CATALOG;
use crate::model::words::how;
use crate::model::{Key, KindName, KindSpec, Life};
use crate::plan::{Fate, planner};
use crate::policy::Policy;

use super::laws::worlds;
use super::sight::tells_of_a_deployment;
use super::tests::{attempt, judged, policy, stack};

/// What goes, whichever way, by judge and planner.
pub(super) fn going(inventory: &Inventory, policy: &Policy) -> BTreeSet<Key> {
    let mut inventory = inventory.clone();
    complete(&mut inventory);
    let verdicts = judged(&inventory, policy).verdicts;
    let data = CATALOG.iter().map(KindSpec::kind).collect();
    let plan = planner::plan(&inventory, CATALOG, &verdicts, &data);
    plan.fates.into_iter().filter(|(_, fate)| !matches!(fate, Fate::Kept(_))).map(|(key, _)| key).collect()
}

/// The same account, by a scan that could not read these kinds.
pub(super) fn blind(inventory: &Inventory, kinds: &[&str]) -> Inventory {
    let mut inventory = inventory.clone();
    inventory.resources.retain(|key, _| !kinds.contains(&key.kind.as_str()));
    for kind in kinds {
        let region = key(kind, "any").region;
        inventory.gaps.insert(Gap::new(KindName::new(*kind), region, "denied"));
    }
    inventory
}

#[track_caller]
fn no_more(world: &World, policy: &Policy, kinds: &[&str]) {
    no_more_than(&going(&world.inventory, policy), world, policy, kinds);
}

#[track_caller]
fn no_more_than(whole: &BTreeSet<Key>, world: &World, policy: &Policy, kinds: &[&str]) {
    let less = going(&blind(&world.inventory, kinds), policy);
    let more: Vec<&Key> = less.difference(whole).collect();
    assert!(more.is_empty(), "blind to {kinds:?}, these go as well: {more:?}");
}

#[test]
fn a_stranger_who_was_not_seen_keeps_what_he_would_have_kept() {
    let mut world = attempt();
    world.add("instance", "i-9").link("instance", "i-9", how::WITHIN, "subnet", "subnet-1");
    stack(&mut world, "instance", "i-9", "live");
    for kind in KINDS.iter() {
        no_more(&world, &policy(), &[kind]);
    }
}

#[test]
fn a_user_who_was_not_seen_keeps_what_he_works_with() {
    let mut world = attempt();
    // The attempt put these into a VPC of somebody else.
    world
        .add("vpc", "vpc-9")
        .add("route-table", "rtb-9")
        .add("nat-gateway", "nat-9")
        .add("launch-template", "lt-9");
    world.link("route-table", "rtb-9", how::WITHIN, "vpc", "vpc-9");
    world.link("route-table", "rtb-9", how::ROUTES_THROUGH, "nat-gateway", "nat-9");
    world.link("nat-gateway", "nat-9", how::WITHIN, "vpc", "vpc-9");
    world.add("instance", "i-9").link("instance", "i-9", how::USES, "launch-template", "lt-9");
    for (kind, id) in [("nat-gateway", "nat-9"), ("launch-template", "lt-9")] {
        stack(&mut world, kind, id, "attempt-1");
        world.born(kind, id, "2026-11-19T12:00:00Z");
    }
    let whole = going(&world.inventory, &policy());
    for (kind, id) in [("nat-gateway", "nat-9"), ("launch-template", "lt-9")] {
        assert!(!whole.contains(&key(kind, id)), "{id} goes under its user");
    }
    assert!(whole.contains(&key("nat-gateway", "nat-1")));
    for kind in KINDS.iter() {
        no_more(&world, &policy(), &[kind]);
    }
}

/// One thing alone, made two days ago, of the stack with this suffix or of none.
fn alone(kind: &str, suffix: Option<&str>) -> World {
    let mut world = World::new();
    world.add(kind, "it").born(kind, "it", "2026-11-19T12:00:00Z");
    if let Some(suffix) = suffix {
        stack(&mut world, kind, "it", suffix);
    }
    world
}

#[test]
fn no_kind_goes_without_a_tag_or_where_nothing_else_was_read() {
    for kind in KINDS.iter() {
        let goes = |world: &World| going(&world.inventory, &policy()).contains(&key(kind, "it"));
        assert!(goes(&alone(kind, Some("attempt-1"))), "{kind}: nothing speaks for it");
        assert!(!goes(&alone(kind, None)), "{kind} goes without a tag");
        assert!(!goes(&alone(kind, Some("live"))), "{kind} goes with another stack's tag");
        let mut unread = alone(kind, Some("attempt-1"));
        for other in KINDS.iter() {
            let region = key(other, "any").region;
            unread.inventory.gaps.insert(Gap::new(KindName::of(other), region, "denied"));
        }
        assert!(!goes(&unread), "{kind} goes from a region that was not read");
    }
}

/// For each rule of the table: what the attempt made, and somebody living whose link leads to it.
#[test]
fn whoever_works_with_it_was_not_seen_and_keeps_it_all_the_same() {
    for spec in CATALOG.iter() {
        for rule in spec.links.iter().filter(|rule| CATALOG.named(rule.to).is_some()) {
            let mut world = attempt();
            world.add(rule.to, "made").add(spec.name, "theirs");
            stack(&mut world, rule.to, "made", "attempt-1");
            stack(&mut world, spec.name, "theirs", "live");
            for (kind, id) in [(rule.to, "made"), (spec.name, "theirs")] {
                world.born(kind, id, "2026-11-19T12:00:00Z");
            }
            world.link(spec.name, "theirs", rule.how, rule.to, "made");
            assert!(!going(&world.inventory, &policy()).contains(&key(spec.name, "theirs")), "{}", spec.name);
            let whole = going(&world.inventory, &policy());
            for kind in KINDS.iter() {
                no_more_than(&whole, &world, &policy(), &[kind]);
            }
            no_more_than(&whole, &world, &policy(), &[spec.name, rule.to]);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn being_blind_to_a_kind_never_adds_a_deletion(world in worlds(), a in 0..KINDS.len(), b in 0..KINDS.len()) {
        let mut world = world;
        // Of the others AWS never tells that it is still making one.
        let others = world.inventory.resources.iter_mut().filter(|(key, _)| !tells_of_a_deployment(&key.kind));
        others.for_each(|(_, it)| if it.life == Life::Coming { it.life = Life::Standing });
        // Nor does a thing refer to another in a role that its kind does not have (a group that uses a cluster).
        for (key, it) in &mut world.inventory.resources {
            let spec = CATALOG.get(&key.kind);
            it.links.retain(|link| spec.is_some_and(|spec| spec.rule(&link.how, &link.to.kind).is_some()));
        }
        let whole = going(&world.inventory, &policy());
        let kinds = [KINDS[a], KINDS[b]];
        let less = going(&blind(&world.inventory, &kinds), &policy());
        let evidence = judged(&world.inventory, &policy()).verdicts;
        let more: Vec<_> = less.difference(&whole).map(|key| (key, &evidence[key].evidence)).collect();
        prop_assert!(more.is_empty(), "blind to {kinds:?}: {more:#?}");
    }
}
