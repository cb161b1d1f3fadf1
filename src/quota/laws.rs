//! What holds of every account, limit and need.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::tests::{asked, limits, need};
use super::{Answer, Balance, Report, Usage, count, report};
use crate::inventory::testing::{World, key, region};
use crate::inventory::{Gap, Inventory};
use crate::kinds::CATALOG;
use crate::model::words::{fact, how};
use crate::model::{Judged, Key, KindName, Region, Verdict, Verdicts};
use crate::needs::{Most, Need, Place, Wanted};
use crate::plan::{Fate, Plan};

const ZONES: [&str; 3] = ["us-east-1a", "us-east-1b", "us-east-1c"];
const VPCS: [&str; 2] = ["vpc-0", "vpc-1"];
const QUOTAS: [&str; 7] =
    ["eip", "nat-gateway", "vpc", "subnet", "ebs-gp3", "auto-scaling-group", "iam-role"];

/// One more thing: its kind, where it lies, how large it is, and whether an orphan of which stack.
type Thing = (usize, usize, Option<u64>, Option<usize>);

fn thing() -> impl Strategy<Value = Thing> {
    (0usize..7, 0usize..4, prop::option::of(0u64..2000), prop::option::of(0usize..3))
}

fn add(world: &mut World, at: usize, (kind, place, size, _): Thing) -> Key {
    let kind = ["elastic-ip", "nat-gateway", "vpc", "subnet", "volume", "eks-nodegroup", "iam-role"][kind];
    let id = format!("{kind}-of-{at}");
    world.add(kind, &id);
    match (kind, ZONES.get(place), size) {
        ("nat-gateway", Some(zone), _) => {
            world.fact(kind, &id, fact::ZONE, zone);
        }
        ("subnet", _, _) if place < VPCS.len() => {
            world.link(kind, &id, how::WITHIN, "vpc", VPCS[place]);
        }
        ("volume", _, Some(size)) => {
            world.fact(kind, &id, fact::TYPE, "gp3").fact(kind, &id, fact::SIZE_GIB, &size.to_string());
        }
        _ => {}
    }
    key(kind, &id)
}

fn judged(stack: Option<usize>) -> Judged {
    Judged {
        verdict: if stack.is_some() { Verdict::Orphan } else { Verdict::Foreign },
        gate: None,
        evidence: Vec::new(),
        proof: None,
        stack: stack.map(|stack| format!("stack-{stack}")),
        selected: stack.is_some(),
    }
}

/// An account of these things, with who holds them, and a plan by which all orphans go.
fn account(things: &[Thing]) -> (Inventory, Verdicts, Plan) {
    let mut world = World::new();
    VPCS.iter().for_each(|vpc| {
        world.add("vpc", vpc);
    });
    let mut verdicts = Verdicts::default();
    let mut plan = Plan::default();
    for (at, thing) in things.iter().enumerate() {
        let key = add(&mut world, at, *thing);
        if thing.3.is_some() {
            plan.fates.insert(key.clone(), Fate::Delete);
        }
        verdicts.insert(key, judged(thing.3));
    }
    (world.inventory, verdicts, plan)
}

fn usage(things: &[Thing]) -> Usage {
    let (inventory, verdicts, plan) = account(things);
    count(&inventory, CATALOG, &verdicts, Some(&plan))
}

fn places() -> impl Strategy<Value = (&'static str, Place)> {
    let zone = prop_oneof![
        prop::sample::select(ZONES.to_vec()).prop_map(|zone| Place::In(region(), zone.to_owned())),
        prop::option::of(0u8..3).prop_map(|label| Place::SomeZone(region(), label.map(|it| it.to_string()))),
    ];
    let vpc = prop_oneof![
        prop::sample::select(vec!["vpc-0", "vpc-unseen"]).prop_map(|id| Place::In(region(), id.to_owned())),
        Just(Place::New(region(), "vpc".to_owned())),
        Just(Place::Some(region())),
    ];
    let whole = prop::sample::select(vec!["eip", "vpc", "ebs-gp3", "auto-scaling-group"]);
    prop_oneof![
        whole.prop_map(|quota| (quota, Place::Region(region()))),
        zone.prop_map(|place| ("nat-gateway", place)),
        vpc.prop_map(|place| ("subnet", place)),
        Just(("iam-role", Place::Account)),
    ]
}

fn one_need() -> impl Strategy<Value = Need> {
    let unknown =
        prop_oneof![4 => Just(Most::Of(0)), 2 => (0u64..3).prop_map(Most::Of), 1 => Just(Most::Unbounded)];
    (places(), 0u64..4, 0u64..2, unknown).prop_map(|((quota, place), certain, peak, unknown)| {
        need(quota, place, Wanted { certain, implicit: 0, peak, unknown })
    })
}

fn allowed() -> impl Strategy<Value = BTreeMap<&'static str, u64>> {
    let limit = |quota: &'static str| prop::option::of(0u64..9).prop_map(move |it| (quota, it));
    QUOTAS
        .map(limit)
        .to_vec()
        .prop_map(|all| all.into_iter().filter_map(|(quota, limit)| Some((quota, limit?))).collect())
}

fn report_of(allowed: &BTreeMap<&'static str, u64>, usage: &Usage, needs: &[Need]) -> Report {
    let all: Vec<(&str, u64)> = allowed.iter().map(|(name, limit)| (*name, *limit)).collect();
    report(CATALOG, &limits(&all), usage, needs, asked(needs))
}

fn by_place(report: &Report) -> BTreeMap<(&'static str, Region, String), &Balance> {
    let named = |line: &Balance| (line.quota.name, line.region.clone(), line.place.clone());
    report.lines.iter().map(|line| (named(line), line)).collect()
}

/// What a report tells, apart from the order in which it names what needs something.
fn text(report: &Report) -> String {
    let line = |it: &Balance| {
        let need = it.need.as_ref().map(|(need, _)| need);
        format!("{} {} {:?} {need:?} {:?}\n", it.quota.name, it.place, it.used, it.answer)
    };
    report.lines.iter().map(line).collect()
}

proptest! {
    #[test]
    fn one_thing_more_never_leaves_more_room(
        things in prop::collection::vec(thing(), 0..10), more in thing(), allowed in allowed(),
        needs in prop::collection::vec(one_need(), 0..4),
    ) {
        let with = [things.as_slice(), &[more]].concat();
        let (fewer, more) = (report_of(&allowed, &usage(&things), &needs), report_of(&allowed, &usage(&with), &needs));
        let more_lines = by_place(&more);
        for (place, line) in by_place(&fewer) {
            let Some(free) = more_lines.get(&place).and_then(|line| line.free()) else { continue };
            let before = line.free();
            prop_assert!(before.is_some_and(|before| before >= free), "{place:?}: {before:?}, then {free}");
        }
        if !needs.is_empty() && more.answer == Answer::Fits {
            prop_assert_eq!(fewer.answer, Answer::Fits);
        }
    }

    #[test]
    fn one_need_more_never_makes_anything_fit(
        things in prop::collection::vec(thing(), 0..10), allowed in allowed(),
        needs in prop::collection::vec(one_need(), 1..5), more in one_need(),
    ) {
        let usage = usage(&things);
        let with = [needs.as_slice(), &[more]].concat();
        let needs = crate::needs::together(needs);
        // Where nothing is needed, the answer is about what could be read.
        prop_assume!(!needs.is_empty());
        let before = report_of(&allowed, &usage, &needs).answer;
        let after = report_of(&allowed, &usage, &crate::needs::together(with)).answer;
        // From what fits by what nobody can tell to what is short.
        prop_assert!(before <= after, "{before:?}, then {after:?}");
    }

    #[test]
    fn needs_in_any_order_give_the_same_report(
        things in prop::collection::vec(thing(), 0..10), allowed in allowed(),
        needs in prop::collection::vec(one_need(), 0..6).prop_shuffle(),
    ) {
        let usage = usage(&things);
        let mut turned = needs.clone();
        turned.reverse();
        let (one, other) = (report_of(&allowed, &usage, &needs), report_of(&allowed, &usage, &turned));
        prop_assert_eq!(text(&one), text(&other));
        prop_assert_eq!(one.answer, other.answer);
    }

    #[test]
    fn a_plan_never_frees_more_than_is_used_nor_orphans_hold(things in prop::collection::vec(thing(), 0..14)) {
        for (place, used) in usage(&things).by_place {
            prop_assert!(used.freed() <= used.by_orphans, "{place:?}");
            prop_assert!(used.all.is_none_or(|all| used.by_orphans <= all), "{place:?}");
            prop_assert_eq!(used.by_stack.values().sum::<u64>(), used.orphans_by_stack.values().sum::<u64>());
        }
    }

    #[test]
    fn what_a_gap_hides_is_never_told_as_free(
        things in prop::collection::vec(thing(), 0..10), hidden in 0..CATALOG.iter().count(), allowed in allowed(),
        needs in prop::collection::vec(one_need(), 1..5),
    ) {
        let (mut inventory, verdicts, plan) = account(&things);
        let whole = count(&inventory, CATALOG, &verdicts, Some(&plan));
        let kind = KindName::of(CATALOG.iter().nth(hidden).unwrap().name);
        inventory.resources.retain(|key, _| key.kind != kind);
        for region in [region(), Region::global()] {
            inventory.gaps.insert(Gap::new(kind.clone(), region, "denied"));
        }
        let less = count(&inventory, CATALOG, &verdicts, Some(&plan));
        let (seen, blind) = (report_of(&allowed, &whole, &needs).answer, report_of(&allowed, &less, &needs).answer);
        prop_assert!(blind != Answer::Fits || seen == Answer::Fits, "{seen:?} became {blind:?}");
        prop_assert!(blind != Answer::Short || seen != Answer::Fits, "{seen:?} became {blind:?}");
    }
}
