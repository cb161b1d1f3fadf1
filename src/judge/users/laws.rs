//! The laws of users, over random worlds with regions beyond those asked for: who sees less of them deletes no more.

use std::collections::BTreeSet;

use proptest::prelude::*;

use crate::inventory::testing::{KINDS, World, key, region};
use crate::inventory::{Elsewhere, Gap, Inventory};
use crate::kinds::{CATALOG, is};
use crate::model::words::{fact, how};
use crate::model::{Class, Key, KindSpec, Life, Link, Position, Region, Resource, Scope, WorksAs};

use super::super::blind::{blind, going, settled_but_for_what_tells};
use super::super::laws::worlds;
use super::super::tests::{policy, stack};

/// What is random beside the failed attempt itself.
#[derive(Debug, Clone)]
struct Chances {
    /// What lies elsewhere: a rule of the table that leads to a global thing, a region, and which such thing.
    users: Vec<(usize, usize, usize)>,
    /// When each role was used last, where, and whom its trust policy lets in.
    traces: Vec<(usize, usize, usize)>,
}

const ELSEWHERE: [&str; 2] = ["eu-west-1", "ap-south-1"];

fn chances() -> impl Strategy<Value = Chances> {
    let some = || proptest::collection::vec((0..64usize, 0..4usize, 0..8usize), 0..4);
    (some(), some()).prop_map(|(users, traces)| Chances { users, traces })
}

/// The kinds of a region that may work with something global, each with a rule for that.
fn rules() -> Vec<(&'static KindSpec, &'static str, &'static str)> {
    let global = |far: &str| CATALOG.named(far).is_some_and(|far| far.scope == Scope::Global);
    let regional = CATALOG.iter().filter(|spec| CATALOG.may_use_global(spec));
    let rules = regional.flat_map(|spec| spec.links.iter().map(move |rule| (spec, rule)));
    let rules = rules.filter(|(_, rule)| global(rule.to) && how::MAKE_A_USER.contains(&rule.how));
    rules.map(|(spec, rule)| (spec, rule.how, rule.to)).collect()
}

/// A world of the judge's laws in an account with more regions, in which roles are used.
fn inhabited(mut world: World, chances: &Chances) -> Inventory {
    world.add("iam-role", "other-role").add("iam-policy", "arn:policy").add("iam-instance-profile", "other");
    for (kind, id) in
        [("iam-role", "other-role"), ("iam-policy", "arn:policy"), ("iam-instance-profile", "other")]
    {
        stack(&mut world, kind, id, "attempt-1");
    }
    world.link("iam-role", "other-role", how::ATTACHES, "iam-policy", "arn:policy");
    world.link("iam-instance-profile", "other", how::CONTAINS, "iam-role", "other-role");
    let mut inventory = world.inventory;
    // No kind has a link that it has no rule for, and of most AWS does not tell that it is being made.
    for (key, it) in &mut inventory.resources {
        let spec = CATALOG.get(&key.kind);
        it.links.retain(|link| spec.is_some_and(|spec| spec.rule(&link.how, &link.to.kind).is_some()));
        it.life = Life::Standing;
    }
    settled_but_for_what_tells(&mut inventory);
    let regions = ELSEWHERE.map(Region::new);
    inventory.elsewhere = Elsewhere {
        enabled: Some(regions.iter().cloned().chain([region()]).collect()),
        regions: regions.iter().cloned().collect(),
        ..Elsewhere::default()
    };
    let rules = rules();
    for (n, (rule, place, far)) in chances.users.iter().enumerate() {
        let (spec, how, to) = rules[rule % rules.len()];
        let fars: Vec<Key> =
            inventory.resources.keys().filter(|key| key.kind.as_str() == to).cloned().collect();
        if fars.is_empty() {
            continue;
        }
        let mut user = Resource::new(Key::new(spec.kind(), regions[place % 2].clone(), format!("user-{n}")));
        user.links.insert(Link::new(how, fars[far % fars.len()].clone()));
        inventory.elsewhere.resources.insert(user.key.clone(), user);
    }
    let roles: Vec<Key> =
        inventory.resources.keys().filter(|key| is(&key.kind, Position::Role)).cloned().collect();
    for (role, (when, place, trusted)) in roles.iter().zip(&chances.traces) {
        let trusted = trusts(&inventory, role, *trusted);
        let facts = &mut inventory.resources.get_mut(role).unwrap().facts;
        let when = ["2026-11-21T11:00:00Z", "2026-11-19T11:00:00Z", "2026-11-21T13:00:00Z", ""][when % 4];
        let place = ["us-east-1", ELSEWHERE[0], "us-east-1", "af-south-1"][place % 4];
        facts.insert(fact::LAST_USED.into(), when.into());
        facts.insert(fact::LAST_USED_REGION.into(), place.into());
        facts.extend(trusted.map(|it| (fact::TRUSTED_SERVICES.to_owned(), it)));
    }
    inventory
}

/// Whom a role lets in: not known, all, or just those that work with it.
fn trusts(inventory: &Inventory, role: &Key, pick: usize) -> Option<String> {
    let all = inventory.resources.values().chain(inventory.elsewhere.resources.values());
    let near = |to: &Key| -> Vec<&Resource> {
        all.clone().filter(|it| it.links.iter().any(|link| link.to == *to)).collect()
    };
    let direct = near(role);
    let by_profile = direct.iter().flat_map(|it| near(&it.key));
    let works = direct.iter().copied().chain(by_profile).filter_map(|it| CATALOG.get(&it.key.kind));
    let just: BTreeSet<&str> = works.flat_map(|spec| spec.works_as.services()).copied().collect();
    match pick % 4 {
        0 => None,
        1 => Some("*".to_owned()),
        // Nobody works as a role that does not let him in: whoever works with it is let in beside these.
        2 => Some(
            just.into_iter().chain(["ec2.amazonaws.com", "eks.amazonaws.com"]).collect::<Vec<_>>().join(","),
        ),
        _ => Some(just.into_iter().collect::<Vec<_>>().join(",")),
    }
}

/// The same account, where less was seen beyond the regions of the scan.
fn less_elsewhere(inventory: &Inventory, kind: &str, place: &Region, way: usize) -> Inventory {
    let mut less = inventory.clone();
    let beyond = &mut less.elsewhere;
    match way {
        0 => {
            beyond.resources.retain(|key, _| !(key.kind.as_str() == kind && key.region == *place));
            let gap = Gap::new(crate::model::KindName::new(kind), place.clone(), "denied");
            beyond.gaps.insert(gap);
        }
        1 => {
            beyond.resources.retain(|key, _| key.region != *place);
            beyond.regions.remove(place);
        }
        _ => *beyond = Elsewhere::default(),
    }
    less
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn seeing_less_of_other_regions_never_adds_a_deletion(
        world in worlds(), chances in chances(), rule in 0..64usize, place in 0..2usize, way in 0..3usize,
    ) {
        let whole = inhabited(world, &chances);
        let kind = rules()[rule % rules().len()].0.name;
        let less = less_elsewhere(&whole, kind, &Region::new(ELSEWHERE[place]), way);
        let more: Vec<Key> = going(&less, &policy()).difference(&going(&whole, &policy())).cloned().collect();
        prop_assert!(more.is_empty(), "{more:?}");
    }

    #[test]
    fn seeing_less_here_explains_no_use_elsewhere(
        world in worlds(), chances in chances(), a in 0..KINDS.len(), b in 0..KINDS.len(),
    ) {
        let whole = inhabited(world, &chances);
        let less = blind(&whole, &[KINDS[a], KINDS[b]]);
        let more: Vec<Key> = going(&less, &policy()).difference(&going(&whole, &policy())).cloned().collect();
        prop_assert!(more.is_empty(), "blind to {} and {}: {more:?}", KINDS[a], KINDS[b]);
    }

    #[test]
    fn nothing_goes_that_anything_elsewhere_works_with(world in worlds(), chances in chances()) {
        let inventory = inhabited(world, &chances);
        let going = going(&inventory, &policy());
        let links = inventory.elsewhere.resources.values().flat_map(|it| &it.links);
        for link in links {
            prop_assert!(!going.contains(&link.to), "{}", link.to);
            // Nor what that works with in turn.
            let far = inventory.resources.get(&link.to).into_iter().flat_map(|it| &it.links);
            for next in far.filter(|next| how::MAKE_A_USER.contains(&next.how.as_ref())) {
                prop_assert!(!going.contains(&next.to), "{}", next.to);
            }
        }
    }

    #[test]
    fn a_use_that_is_seen_never_adds_a_deletion(world in worlds(), chances in chances()) {
        let traced = inhabited(world, &chances);
        let mut unseen = traced.clone();
        for it in unseen.resources.values_mut() {
            it.facts.retain(|name, _| name != fact::LAST_USED && name != fact::LAST_USED_REGION);
        }
        prop_assert!(going(&traced, &policy()).is_subset(&going(&unseen, &policy())));
    }
}

/// For each kind that may use a role or a profile, wherever it is: it keeps what it works with, seen or not.
#[test]
fn each_kind_that_may_use_something_global_keeps_it_from_elsewhere() {
    for (spec, how, to) in rules() {
        assert!(spec.class != Class::Plumbing, "{}", spec.name);
        let mut world = World::new();
        world.add(to, "it");
        stack(&mut world, to, "it", "attempt-1");
        let mut inventory = inhabited(world, &Chances { users: vec![], traces: vec![] });
        let it = key(to, "it");
        assert!(going(&inventory, &policy()).contains(&it), "{to}");
        let mut user = Resource::new(Key::new(spec.kind(), Region::new(ELSEWHERE[0]), "user"));
        user.links.insert(Link::new(how, it.clone()));
        inventory.elsewhere.resources.insert(user.key.clone(), user);
        assert!(!going(&inventory, &policy()).contains(&it), "{} {how} {to}", spec.name);
        let unread = less_elsewhere(&inventory, spec.name, &Region::new(ELSEWHERE[0]), 0);
        assert!(!going(&unread, &policy()).contains(&it), "{} {how} {to}", spec.name);
        assert!(spec.works_as != WorksAs::Nobody || !is(&it.kind, Position::Role), "{}", spec.name);
    }
}
