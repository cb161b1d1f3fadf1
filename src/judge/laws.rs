//! The judge's laws, over random worlds: nothing that speaks for keeping ever makes an orphan.

use std::collections::BTreeSet;

use proptest::prelude::*;

use crate::inventory::Inventory;
use crate::inventory::testing::{KINDS, World, at};
use crate::model::words::how;
use crate::model::{Gate, Guard, GuardRule, Key, Life, Link, Verdict};
use crate::policy::Policy;

use super::tests::{attempt, judged, policy, stack};

/// One way in which a world differs from a tidy failed attempt.
#[derive(Debug, Clone)]
enum Twist {
    Retag(usize, &'static str),
    Untag(usize),
    Born(usize, u32),
    Unborn(usize),
    Coming(usize),
    Guarded(usize, GuardRule),
    Keep(usize),
    ClusterMark(usize, &'static str, &'static str),
    Connect(usize, &'static str, usize),
    Sever(usize),
    Drop(usize),
}

fn twist() -> impl Strategy<Value = Twist> {
    let at = 0..64usize;
    let guard = prop_oneof![
        Just(GuardRule::DefaultThing),
        Just(GuardRule::Protection),
        Just(GuardRule::Held),
        Just(GuardRule::OtherAccount),
        Just(GuardRule::UnknownMaker),
    ];
    let role = prop_oneof![
        Just(how::WITHIN),
        Just(how::MADE_BY),
        Just(how::USES),
        Just(how::OF_CLUSTER),
        Just(how::ATTACHED),
        Just(how::ROUTES_THROUGH),
        Just(how::CONTAINS)
    ];
    let cluster = prop_oneof![Just("kubernetes.io/cluster/demo"), Just("kubernetes.io/cluster/live")];
    let hold = prop_oneof![Just("owned"), Just("shared")];
    prop_oneof![
        (at.clone(), prop_oneof![Just("attempt-1"), Just("attempt-2"), Just("live")])
            .prop_map(|(i, s)| Twist::Retag(i, s)),
        at.clone().prop_map(Twist::Untag),
        (at.clone(), 0..23u32).prop_map(|(i, hour)| Twist::Born(i, hour)),
        at.clone().prop_map(Twist::Unborn),
        at.clone().prop_map(Twist::Coming),
        (at.clone(), guard).prop_map(|(i, rule)| Twist::Guarded(i, rule)),
        at.clone().prop_map(Twist::Keep),
        (at.clone(), cluster, hold).prop_map(|(i, key, value)| Twist::ClusterMark(i, key, value)),
        (at.clone(), role, at.clone()).prop_map(|(i, role, j)| Twist::Connect(i, role, j)),
        at.clone().prop_map(Twist::Sever),
        at.prop_map(Twist::Drop),
    ]
}

fn apply(world: &mut World, twist: &Twist) {
    let keys: Vec<Key> = world.inventory.resources.keys().cloned().collect();
    let nth = |i: &usize| keys[i % keys.len()].clone();
    let resources = &mut world.inventory.resources;
    let mut with = |i: &usize, change: &dyn Fn(&mut crate::model::Resource)| {
        resources.entry(nth(i)).and_modify(change);
    };
    match twist {
        Twist::Retag(i, suffix) => with(i, &|it| {
            it.tags.insert("Project".to_owned(), "demo".to_owned());
            it.tags.insert("EnvironmentSuffix".to_owned(), (*suffix).to_owned());
        }),
        Twist::Untag(i) => with(i, &|it| it.tags.clear()),
        Twist::Born(i, hour) => with(i, &|it| it.created = Some(at(&format!("2026-11-21T{hour:02}:00:00Z")))),
        Twist::Unborn(i) => with(i, &|it| it.created = None),
        Twist::Coming(i) => with(i, &|it| it.life = Life::Coming),
        Twist::Guarded(i, rule) => with(i, &|it| {
            it.guards.insert(Guard { rule: *rule, why: "a guard".to_owned() });
        }),
        Twist::Keep(i) => with(i, &|it| {
            it.tags.insert("keep".to_owned(), "yes".to_owned());
        }),
        Twist::ClusterMark(i, key, value) => with(i, &|it| {
            it.tags.insert((*key).to_owned(), (*value).to_owned());
        }),
        Twist::Connect(i, role, j) => with(i, &|it| {
            it.links.insert(Link::new(role, nth(j)));
        }),
        Twist::Sever(i) => with(i, &|it| it.links.clear()),
        Twist::Drop(i) => {
            resources.remove(&nth(i));
        }
    }
}

/// Two attempts' worth of things and a living cluster, twisted a few times.
pub(super) fn worlds() -> impl Strategy<Value = World> {
    proptest::collection::vec(twist(), 0..10).prop_map(|twists| {
        let mut world = attempt();
        world.add("eks-cluster", "live").add("vpc", "vpc-2").add("volume", "vol-2");
        stack(&mut world, "eks-cluster", "live", "live");
        stack(&mut world, "vpc", "vpc-2", "attempt-2");
        world.add("subnet", "subnet-2").link("subnet", "subnet-2", how::WITHIN, "vpc", "vpc-2");
        for twist in &twists {
            apply(&mut world, twist);
        }
        world
    })
}

fn orphans(inventory: &Inventory, policy: &Policy) -> BTreeSet<Key> {
    let verdicts = judged(inventory, policy).verdicts;
    verdicts.into_iter().filter(|(_, judged)| judged.verdict == Verdict::Orphan).map(|(key, _)| key).collect()
}

fn protecting(term: &str) -> Policy {
    Policy { protect: vec![term.parse().expect("terms")], ..policy() }
}

/// Whether a gate can give this verdict.
fn gives(gate: &Gate, verdict: Verdict) -> bool {
    match gate {
        Gate::Protect
        | Gate::OwnTag { .. }
        | Gate::ProtectedAround { .. }
        | Gate::Forbidden { .. }
        | Gate::GuardUnclear { .. } => verdict == Verdict::Protected,
        Gate::Guard { rule: GuardRule::Held } => verdict == Verdict::Active,
        Gate::Guard { rule: GuardRule::UnknownMaker } => verdict == Verdict::Uncertain,
        Gate::Guard { rule } => *rule != GuardRule::OtherAccount && verdict == Verdict::Protected,
        Gate::Coming | Gate::StackDeploying { .. } | Gate::StackUnsettled { .. } | Gate::Lives { .. } => {
            verdict == Verdict::Active
        }
        Gate::TooYoung => verdict == Verdict::TooYoung,
        Gate::OtherAccount | Gate::NotSelected => verdict == Verdict::Foreign,
        Gate::Claimed { .. } => matches!(verdict, Verdict::Foreign | Verdict::Uncertain),
        Gate::Owner { .. } | Gate::User { .. } => matches!(verdict, Verdict::Active | Verdict::Uncertain),
        Gate::Carrier { .. } | Gate::SelectedWith { .. } => verdict != Verdict::Orphan,
        Gate::Within { .. } => {
            matches!(verdict, Verdict::Protected | Verdict::TooYoung | Verdict::Uncertain)
        }
        Gate::Tracked { .. } => verdict == Verdict::Active,
        Gate::CloudFormation { .. }
        | Gate::StateUnread { .. }
        | Gate::UsedElsewhere { .. }
        | Gate::UsersUnseen { .. }
        | Gate::RegionsUnknown
        | Gate::UsedOfLate { .. }
        | Gate::OwnerUnseen { .. }
        | Gate::MemberUnseen { .. }
        | Gate::ContentsUnseen { .. }
        | Gate::DeploymentUnseen { .. }
        | Gate::SuperiorUnseen { .. }
        | Gate::AgeUnknown
        | Gate::LifeUnknown { .. }
        | Gate::LifeUnseen { .. }
        | Gate::Rests
        | Gate::Intent { .. }
        | Gate::BornInFuture
        | Gate::Witness
        | Gate::Unclaimed
        | Gate::SharedGround { .. }
        | Gate::Stranger { .. }
        | Gate::Shared { .. } => verdict == Verdict::Uncertain,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_resource_has_a_verdict_with_evidence_and_orphans_are_selected(world in worlds()) {
        let verdicts = judged(&world.inventory, &policy()).verdicts;
        prop_assert!(verdicts.keys().eq(world.inventory.resources.keys()));
        for (key, judged) in verdicts {
            prop_assert!(!judged.evidence.is_empty(), "{key}");
            prop_assert!(judged.selected || judged.verdict != Verdict::Orphan, "{key}");
        }
    }

    #[test]
    fn every_verdict_but_orphan_names_a_gate_that_gives_it(world in worlds(), protect in any::<bool>()) {
        let policy = if protect { protecting("tag:keep") } else { policy() };
        for (key, judged) in judged(&world.inventory, &policy).verdicts {
            let fits = match &judged.gate {
                None => judged.verdict == Verdict::Orphan,
                Some(gate) => judged.verdict != Verdict::Orphan && gives(gate, judged.verdict),
            };
            prop_assert!(fits, "{key}: {:?} by {:?}", judged.verdict, judged.gate);
        }
    }

    #[test]
    fn a_protect_term_never_adds_an_orphan_and_what_it_names_is_none(world in worlds(), i in 0..64usize) {
        let before = orphans(&world.inventory, &policy());
        let key = world.inventory.resources.keys().nth(i % world.inventory.resources.len()).expect("one").clone();
        for term in ["tag:keep".to_owned(), format!("id={}", key.id), format!("kind={}", key.kind)] {
            let after = orphans(&world.inventory, &protecting(&term));
            prop_assert!(after.is_subset(&before), "{term}: {:?}", after.difference(&before).collect::<Vec<_>>());
            prop_assert!(term == "tag:keep" || !after.contains(&key));
        }
    }

    #[test]
    fn a_higher_age_never_adds_an_orphan(world in worlds(), low in 0..30u32, more in 0..30u32) {
        let of = |hours: u32| Policy { older_than: format!("{hours}h").parse().ok(), ..policy() };
        let ageless = orphans(&world.inventory, &Policy { older_than: None, ..policy() });
        let before = orphans(&world.inventory, &of(low));
        let after = orphans(&world.inventory, &of(low + more));
        prop_assert!(after.is_subset(&before));
        prop_assert!(before.is_subset(&ageless));
    }

    #[test]
    fn a_stranger_inside_a_vpc_never_adds_an_orphan_and_keeps_the_vpc(world in worlds(), subnet in any::<bool>()) {
        let before = orphans(&world.inventory, &policy());
        let mut world = world;
        world.add("instance", "i-stranger");
        world.tag("instance", "i-stranger", "Project", "other").tag("instance", "i-stranger", "EnvironmentSuffix", "live");
        let (kind, id) = if subnet { ("subnet", "subnet-1") } else { ("vpc", "vpc-1") };
        world.link("instance", "i-stranger", how::WITHIN, kind, id);
        let after = orphans(&world.inventory, &policy());
        prop_assert!(after.is_subset(&before), "{:?}", after.difference(&before).collect::<Vec<_>>());
        if !subnet {
            prop_assert!(after.iter().all(|key| key.id != "vpc-1"));
        }
    }

    #[test]
    fn losing_tags_makes_no_orphan_of_what_a_guard_or_an_id_protects(world in worlds(), stripped in 0..64usize) {
        let protected = |world: &World| -> BTreeSet<Key> {
            let verdicts = judged(&world.inventory, &protecting("id=*-1")).verdicts;
            verdicts.into_iter().filter(|(_, it)| it.verdict == Verdict::Protected).map(|(key, _)| key).collect()
        };
        let carried = |world: &World, key: &Key| world.inventory.resources[key].links_as(how::MADE_BY).next().is_some();
        let before = protected(&world);
        let mut after = world;
        apply(&mut after, &Twist::Untag(stripped));
        let orphans = orphans(&after.inventory, &protecting("id=*-1"));
        for key in before {
            // A part may follow its carrier again once its own foreign tags are gone.
            prop_assert!(carried(&after, &key) || !orphans.contains(&key), "{key}");
        }
    }

    #[test]
    fn a_gap_never_adds_an_orphan(world in worlds(), kind in 0..KINDS.len()) {
        let before = orphans(&world.inventory, &policy());
        let mut inventory = world.inventory;
        let kind = crate::model::KindName::of(KINDS[kind]);
        let region = crate::inventory::testing::region();
        inventory.gaps.insert(crate::inventory::Gap::new(kind, region, "denied"));
        prop_assert!(orphans(&inventory, &policy()).is_subset(&before));
    }

    #[test]
    fn the_order_of_listing_does_not_matter(world in worlds(), seed in any::<prop::sample::Index>()) {
        let expected = judged(&world.inventory, &policy());
        let mut listed: Vec<_> = world.inventory.resources.clone().into_iter().collect();
        let middle = seed.index(listed.len());
        listed.rotate_left(middle);
        listed.reverse();
        let mut inventory = world.inventory.clone();
        inventory.resources.clear();
        for (key, mut resource) in listed {
            resource.links = resource.links.into_iter().rev().collect();
            inventory.resources.insert(key, resource);
        }
        prop_assert_eq!(judged(&inventory, &policy()), expected);
    }

    #[test]
    fn a_scan_written_and_read_back_is_judged_alike(world in worlds()) {
        let mut inventory = world.inventory;
        crate::inventory::complete(&mut inventory);
        let judgement = judged(&inventory, &policy());
        let document = crate::judge::ScanDocument::new(&inventory, &judgement, crate::model::Catalog::new(&[]));
        let read = Inventory::from_document(&document.to_json().expect("JSON")).expect("a scan");
        prop_assert_eq!(&read, &inventory);
        prop_assert_eq!(judged(&read, &policy()), judgement);
    }
}
