use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::inventory::testing::{World, region};
use crate::inventory::{Gap, Inventory};
use crate::kinds::CATALOG;
use crate::model::words::{fact, how};
use crate::model::{AccountId, Judged, KindName, Region, Verdict, Verdicts};
use crate::needs::{Most, Need, Place, Wanted};
use crate::plan::{Fate, Plan};

fn world() -> World {
    let mut world = World::new();
    world.add("vpc", "vpc-1").add("subnet", "subnet-1");
    world.link("subnet", "subnet-1", how::WITHIN, "vpc", "vpc-1");
    world.fact("subnet", "subnet-1", fact::ZONE, "us-east-1a");
    for id in ["eip-1", "eip-2", "eip-3"] {
        world.add("elastic-ip", id);
    }
    world.add("nat-gateway", "nat-1");
    world.link("nat-gateway", "nat-1", how::WITHIN, "subnet", "subnet-1");
    world
}

/// The first addresses are orphans of stack `a`, the rest of everything is nobody's business.
fn verdicts(inventory: &Inventory, orphans: &[&str]) -> Verdicts {
    let judged = |id: &str| Judged {
        verdict: if orphans.contains(&id) { Verdict::Orphan } else { Verdict::Foreign },
        gate: None,
        evidence: vec!["a test says so".into()],
        proof: None,
        stack: orphans.contains(&id).then(|| "a".to_owned()),
        selected: orphans.contains(&id),
    };
    inventory.resources.keys().map(|key| (key.clone(), judged(&key.id))).collect()
}

fn counted(world: &World, orphans: &[&str]) -> Usage {
    count(&world.inventory, CATALOG, &verdicts(&world.inventory, orphans), None)
}

pub(super) fn limits(all: &[(&str, u64)]) -> Limits {
    let limit = |value| Limit { value, origin: Origin::Applied, adjustable: Some(true) };
    let place = |name: &str| if name.starts_with("iam-") { Region::global() } else { region() };
    let limits = all.iter().map(|(name, value)| ((place(name), (*name).to_owned()), limit(*value)));
    Limits { limits: limits.collect(), ..Limits::default() }
}

pub(super) fn need(quota: &'static str, place: Place, amount: Wanted) -> Need {
    Need { quota, place, amount, from: vec!["a test".into()] }
}

fn eips(amount: u64) -> Need {
    need("eip", Place::Region(region()), Wanted::certain(amount))
}

fn used(usage: &Usage, quota: &'static str, place: &str) -> Option<u64> {
    let region = if quota.starts_with("iam-") { Region::global() } else { region() };
    usage.by_place[&QuotaPlace { quota, region, name: place.to_owned() }].all
}

/// Who needs nothing asks how full everything is.
pub(super) fn asked(needs: &[Need]) -> Asked {
    if needs.is_empty() { Asked::Usage } else { Asked::Whole }
}

fn answer(limits: &Limits, usage: &Usage, needs: &[Need]) -> Answer {
    report(CATALOG, limits, usage, needs, asked(needs)).answer
}

#[test]
fn each_quota_is_counted_where_it_counts() {
    let usage = counted(&world(), &[]);
    assert_eq!(used(&usage, "eip", "us-east-1"), Some(3));
    assert_eq!(used(&usage, "nat-gateway", "us-east-1a"), Some(1), "by the zone of its subnet");
    assert_eq!(used(&usage, "subnet", "vpc-1"), Some(1));
    assert_eq!(used(&usage, "iam-role", "global"), Some(0));
}

#[test]
fn what_does_not_count_is_not_counted_and_its_zone_is_told_all_the_same() {
    let mut world = world();
    world.get("nat-gateway", "nat-1").state = Some("failed".into());
    assert_eq!(used(&counted(&world, &[]), "nat-gateway", "us-east-1a"), Some(0));
}

#[test]
fn a_gap_makes_usage_unknown_and_never_nothing() {
    let mut world = world();
    world.inventory.gaps.insert(Gap::new(KindName::of("elastic-ip"), region(), "denied"));
    let usage = counted(&world, &[]);
    assert_eq!(used(&usage, "eip", "us-east-1"), None);
    assert_eq!(used(&usage, "vpc", "us-east-1"), Some(1), "the others are known");
    assert_eq!(answer(&limits(&[("eip", 1000)]), &usage, &[eips(1)]), Answer::Unknown);
}

#[test]
fn a_gateway_of_unknown_place_makes_every_zone_unknown() {
    let mut world = world();
    world.add("nat-gateway", "nat-2");
    let usage = counted(&world, &[]);
    assert_eq!(used(&usage, "nat-gateway", "us-east-1a"), None);
    let elsewhere = need("nat-gateway", Place::In(region(), "us-east-1f".into()), Wanted::certain(1));
    assert_eq!(answer(&limits(&[("nat-gateway", 5)]), &usage, &[elsewhere]), Answer::Unknown);
}

#[test]
fn a_volume_of_unknown_size_makes_the_storage_unknown() {
    let mut world = world();
    world.add("volume", "vol-1").fact("volume", "vol-1", fact::SIZE_GIB, "20");
    world.fact("volume", "vol-1", fact::TYPE, "gp3");
    assert_eq!(used(&counted(&world, &[]), "ebs-gp3", "us-east-1"), Some(20));
    world.add("volume", "vol-2");
    assert_eq!(used(&counted(&world, &[]), "ebs-gp3", "us-east-1"), None);
}

#[test]
fn what_others_use_as_well_is_known_only_from_aws() {
    let mut world = world();
    world.add("eks-nodegroup", "live/nodes");
    let usage = counted(&world, &[]);
    let mut limits = limits(&[("auto-scaling-group", 10)]);
    let group = need("auto-scaling-group", Place::Region(region()), Wanted::certain(1));
    assert_eq!(answer(&limits, &usage, std::slice::from_ref(&group)), Answer::Unknown);
    limits.used.insert((region(), "auto-scaling-group".into()), 10);
    assert_eq!(answer(&limits, &usage, &[group]), Answer::Short, "nine of them are not ours");
}

#[test]
fn orphans_are_counted_as_usage_and_told_apart() {
    let usage = counted(&world(), &["eip-1", "eip-2"]);
    let lines = report(CATALOG, &limits(&[("eip", 5)]), &usage, &[eips(3)], Asked::Whole).lines;
    let line = lines.iter().find(|line| line.quota.name == "eip").unwrap();
    assert_eq!((line.used.all, line.used.by_orphans, line.free()), (Some(3), 2, Some(2)));
    assert_eq!((line.answer, line.short_by()), (Some(Answer::Short), 1));
    let holders = line.holders();
    assert_eq!(holders[0], Holder { stack: Some("a"), held: 2, orphans: 2, unread: 0 });
    assert_eq!(holders[1], Holder { stack: None, held: 1, orphans: 0, unread: 0 });
}

#[test]
fn an_unknown_limit_is_neither_none_nor_endless() {
    let usage = counted(&world(), &[]);
    assert_eq!(answer(&limits(&[]), &usage, &[eips(1)]), Answer::Unknown);
    let lines = report(CATALOG, &limits(&[]), &usage, &[eips(1)], Asked::Whole).lines;
    assert!(lines.iter().all(|line| line.free().is_none() && line.percent().is_none()));
}

#[test]
fn a_limit_of_nothing_is_used_up_by_anything() {
    let usage = counted(&world(), &[]);
    assert_eq!(answer(&limits(&[("vpc", 0)]), &usage, &[]), Answer::Unknown, "the others have no limit");
    let vpc = need("vpc", Place::Region(region()), Wanted::certain(1));
    assert_eq!(answer(&limits(&[("vpc", 0)]), &usage, &[vpc]), Answer::Short);
}

#[test]
fn an_account_over_its_limit_has_nothing_free_and_what_needs_nothing_fits() {
    let usage = counted(&world(), &[]);
    let lines = report(CATALOG, &limits(&[("eip", 2)]), &usage, &[], Asked::Usage).lines;
    let line = lines.iter().find(|line| line.quota.name == "eip").unwrap();
    assert_eq!((line.free(), line.percent()), (Some(0), Some(150)));
}

#[test]
fn what_may_come_on_top_fits_only_if_all_of_it_does() {
    let usage = counted(&world(), &[]);
    let some = |unknown| vec![need("eip", Place::Region(region()), Wanted { unknown, ..Wanted::certain(1) })];
    let limits = limits(&[("eip", 6)]);
    assert_eq!(answer(&limits, &usage, &some(Most::Of(2))), Answer::Fits);
    assert_eq!(answer(&limits, &usage, &some(Most::Of(3))), Answer::Unknown);
    assert_eq!(answer(&limits, &usage, &some(Most::Unbounded)), Answer::Unknown);
}

#[test]
fn a_peak_needs_room_although_it_passes() {
    let usage = counted(&world(), &[]);
    let peak = need("eip", Place::Region(region()), Wanted { peak: 1, ..Wanted::default() });
    assert_eq!(answer(&limits(&[("eip", 3)]), &usage, std::slice::from_ref(&peak)), Answer::Short);
    assert_eq!(answer(&limits(&[("eip", 4)]), &usage, &[peak]), Answer::Fits);
}

#[test]
fn what_could_not_be_counted_at_all_leaves_nothing_certain_but_a_shortage() {
    let usage = counted(&world(), &[]);
    let open = |limit, needs: &[Need]| {
        report(CATALOG, &limits(&[("eip", limit)]), &usage, needs, Asked::Open).answer
    };
    assert_eq!(open(100, &[eips(1)]), Answer::Unknown);
    assert_eq!(open(100, &[]), Answer::Unknown);
    assert_eq!(open(3, &[eips(1)]), Answer::Short);
}

#[test]
fn a_gateway_in_a_zone_that_is_not_named_fits_if_it_fits_in_the_fullest() {
    let mut world = world();
    world.add("subnet", "subnet-2").fact("subnet", "subnet-2", fact::ZONE, "us-east-1b");
    let usage = counted(&world, &[]);
    let some = |label: Option<&str>, amount| {
        let place = Place::SomeZone(region(), label.map(str::to_owned));
        need("nat-gateway", place, Wanted::certain(amount))
    };
    let answer = |limit, needs: &[Need]| answer(&limits(&[("nat-gateway", limit)]), &usage, needs);
    assert_eq!(answer(3, &[some(None, 2)]), Answer::Fits);
    assert_eq!(answer(2, &[some(None, 2)]), Answer::Unknown, "it would fit in the other zone");
    // Two labels are two zones: not both are the fullest one.
    let two = [some(Some("zone:0"), 1), some(Some("zone:1"), 1)];
    assert_eq!(answer(2, &two), Answer::Fits);
    assert_eq!(answer(1, &two), Answer::Unknown);
    // What is named for a zone and what may come there meet.
    let both =
        [some(None, 1), need("nat-gateway", Place::In(region(), "us-east-1c".into()), Wanted::certain(2))];
    assert_eq!(answer(3, &both), Answer::Fits);
    assert_eq!(answer(2, &both), Answer::Unknown);
}

#[test]
fn a_new_vpc_holds_nothing_yet_and_an_unseen_one_may_hold_anything() {
    let usage = counted(&world(), &[]);
    let subnets = |place| vec![need("subnet", place, Wanted::certain(3))];
    let limits = limits(&[("subnet", 3)]);
    assert_eq!(answer(&limits, &usage, &subnets(Place::New(region(), "vpc".into()))), Answer::Fits);
    assert_eq!(answer(&limits, &usage, &subnets(Place::In(region(), "vpc-1".into()))), Answer::Short);
    assert_eq!(answer(&limits, &usage, &subnets(Place::In(region(), "vpc-9".into()))), Answer::Unknown);
    assert_eq!(answer(&limits, &usage, &subnets(Place::Some(region()))), Answer::Unknown);
}

#[test]
fn in_a_region_that_nobody_looked_into_nothing_fits() {
    let usage = counted(&world(), &[]);
    let far = Region::new("us-west-2");
    let mut limits = limits(&[("nat-gateway", 5)]);
    let limit = Limit { value: 5, origin: Origin::Applied, adjustable: Some(true) };
    limits.limits.insert((far.clone(), "nat-gateway".into()), limit);
    for place in [Place::In(far.clone(), "us-west-2a".into()), Place::SomeZone(far, None)] {
        let needs = [need("nat-gateway", place.clone(), Wanted::certain(1))];
        assert_eq!(answer(&limits, &usage, &needs), Answer::Unknown, "{place:?}");
    }
    let near = [need("nat-gateway", Place::In(region(), "us-east-1c".into()), Wanted::certain(1))];
    assert_eq!(answer(&limits, &usage, &near), Answer::Fits);
}

#[test]
fn a_report_without_needs_is_unknown_as_long_as_a_whole_quota_is() {
    let usage = counted(&world(), &[]);
    // Of storage and roles nothing is used, and no limit is known: that is nobody's trouble.
    let all = [("eip", 5), ("vpc", 5)];
    let mut known = limits(&all);
    assert_eq!(answer(&known, &usage, &[]), Answer::Unknown, "nobody counts the groups of others");
    known.limits.insert(
        (region(), "auto-scaling-group".into()),
        Limit { value: 500, origin: Origin::Account, adjustable: None },
    );
    known.used.insert((region(), "auto-scaling-group".into()), 1);
    assert_eq!(answer(&known, &usage, &[]), Answer::Fits);
}

fn document(limits: &Limits, world: &World, needs: &[Need]) -> QuotaDocument {
    let usage = counted(world, &["eip-1"]);
    let report = report(CATALOG, limits, &usage, needs, asked(needs));
    QuotaDocument::new(DocumentParts {
        report: &report,
        limits,
        inventory: &world.inventory,
        catalog: CATALOG,
        uncounted: Vec::new(),
        remedy: None,
        increases: Vec::new(),
        vcpus: BTreeMap::from([("t3.medium".to_owned(), 2)]),
        exit_code: 5,
    })
}

#[test]
fn the_limits_of_a_saved_report_are_those_that_were_read() {
    let mut limits = limits(&[("eip", 5), ("iam-role", 1000)]);
    limits.used.insert((Region::global(), "iam-role".into()), 7);
    limits.gaps.insert(LimitGap { region: region(), service: "vpc".into(), error: "denied".into() });
    let text = serde_json::to_string(&document(&limits, &world(), &[eips(9)])).unwrap();
    let saved = read_back(&text).unwrap();
    assert_eq!(saved.limits, limits);
    assert_eq!(saved.account, AccountId::new("123456789012"));
    assert_eq!(saved.vcpus["t3.medium"], 2);
}

#[test]
fn unknown_is_null_in_the_document_and_never_zero() {
    let document = document(&limits(&[]), &world(), &[eips(1)]);
    let json = serde_json::to_value(&document).unwrap();
    let eip = json["quotas"].as_array().unwrap().iter().find(|line| line["name"] == "eip").unwrap();
    assert!(eip["limit"].is_null() && eip["free"].is_null() && eip["fits"].is_null(), "{eip}");
    assert_eq!((eip["used"].as_u64(), eip["need"].as_u64()), (Some(3), Some(1)));
    assert_eq!(json["verdict"], "unknown");
}

#[test]
fn a_report_that_was_edited_or_is_none_is_refused() {
    let mut edited = serde_json::to_value(document(&limits(&[("eip", 5)]), &world(), &[])).unwrap();
    edited["limits"][0]["origin"] = serde_json::Value::Null;
    let contradicts = |edited: &serde_json::Value| {
        matches!(read_back(&edited.to_string()), Err(QuotaDocumentError::Contradiction { .. }))
    };
    assert!(contradicts(&edited));
    let whole = serde_json::to_value(document(&limits(&[("eip", 5)]), &world(), &[])).unwrap();
    assert!(!contradicts(&whole));
    let edit = |edit: fn(&mut serde_json::Value)| {
        let mut edited = whole.clone();
        edit(&mut edited["limits"]);
        edited
    };
    assert!(contradicts(&edit(|limits| limits[0]["limit"] = 50.into())), "a larger limit");
    assert!(contradicts(&edit(|limits| limits[0]["used"] = 0.into())), "less used");
    assert!(contradicts(&edit(|limits| drop(limits.as_array_mut().unwrap().pop()))), "a limit less");
    let twice = edit(|limits| {
        let mut more = limits[0].clone();
        more["limit"] = 50.into();
        limits.as_array_mut().unwrap().push(more);
    });
    assert!(contradicts(&twice), "two limits");
    edited["schema"] = "aws-janitor/scan/1".into();
    assert!(matches!(read_back(&edited.to_string()), Err(QuotaDocumentError::Schema { .. })));
    assert!(matches!(read_back("{"), Err(QuotaDocumentError::Json(_))));
}

/// A plan by which these things go.
fn plan_for(world: &World, goes: &[&str]) -> Plan {
    let keys = world.inventory.resources.keys().filter(|key| goes.contains(&key.id.as_str()));
    Plan { fates: keys.map(|key| (key.clone(), Fate::Delete)).collect(), ..Plan::default() }
}

#[test]
fn room_in_a_vpc_that_goes_itself_does_not_come_free() {
    let world = world();
    let freed = |goes: &[&str]| -> u64 {
        let verdicts = verdicts(&world.inventory, goes);
        let usage = count(&world.inventory, CATALOG, &verdicts, Some(&plan_for(&world, goes)));
        usage.by_place[&QuotaPlace { quota: "subnet", region: region(), name: "vpc-1".into() }].freed()
    };
    assert_eq!(freed(&["subnet-1"]), 1);
    assert_eq!(freed(&["subnet-1", "vpc-1"]), 0, "nobody can make a subnet in a VPC that is gone");
}

#[test]
fn of_a_region_that_was_not_looked_at_nothing_is_known() {
    let usage = counted(&world(), &[]);
    let elsewhere = Region::new("eu-west-1");
    let limit = Limit { value: 5, origin: Origin::Applied, adjustable: None };
    let known = |quota: &str| Limits {
        limits: [((elsewhere.clone(), quota.to_owned()), limit)].into(),
        ..Limits::default()
    };
    for (quota, place) in [
        ("eip", Place::Region(elsewhere.clone())),
        ("nat-gateway", Place::In(elsewhere.clone(), "eu-west-1a".into())),
        ("nat-gateway", Place::SomeZone(elsewhere.clone(), None)),
        ("subnet", Place::In(elsewhere.clone(), "vpc-1".into())),
        ("subnet", Place::Some(elsewhere.clone())),
    ] {
        let need = need(quota, place.clone(), Wanted::certain(1));
        assert_eq!(answer(&known(quota), &usage, &[need]), Answer::Unknown, "{quota} {place:?}");
    }
}

#[test]
fn what_lies_in_a_vpc_that_is_not_named_may_lie_in_the_one_that_is_made() {
    let usage = counted(&World::new(), &[]);
    let made = need("subnet", Place::New(region(), "vpc".into()), Wanted::certain(2));
    let some = need("subnet", Place::Some(region()), Wanted::certain(1));
    for needs in [[made.clone(), some.clone()], [some, made]] {
        assert_eq!(answer(&limits(&[("subnet", 2)]), &usage, &needs), Answer::Unknown);
        assert_eq!(answer(&limits(&[("subnet", 3)]), &usage, &needs), Answer::Fits);
        let mut blind = World::new();
        blind.inventory.gaps.insert(Gap::new(KindName::of("subnet"), region(), "denied"));
        assert_eq!(answer(&limits(&[("subnet", 3)]), &counted(&blind, &[]), &needs), Answer::Unknown);
    }
}

#[test]
fn sums_that_no_number_can_hold_are_neither_an_end_nor_room() {
    let mut world = world();
    for id in ["vol-1", "vol-2"] {
        world.add("volume", id).fact("volume", id, fact::SIZE_GIB, &u64::MAX.to_string());
        world.fact("volume", id, fact::TYPE, "gp3");
    }
    let verdicts = verdicts(&world.inventory, &["vol-1", "vol-2"]);
    let plan = plan_for(&world, &["vol-1", "vol-2"]);
    let usage = count(&world.inventory, CATALOG, &verdicts, Some(&plan));
    let storage = need("ebs-gp3", Place::Region(region()), Wanted::certain(u64::MAX));
    let report = report(CATALOG, &limits(&[("ebs-gp3", 5)]), &usage, &[storage], Asked::Whole);
    assert_eq!(report.answer, Answer::Short);
    let line = report.lines.iter().find(|line| line.quota.name == "ebs-gp3").unwrap();
    assert_eq!((line.used.all, line.used.freed()), (Some(u64::MAX), u64::MAX));
    assert_eq!(line.holders().len(), 1);
}

proptest! {
    /// An account of addresses, gateways in zones and gaps, against sums that share no code with the report.
    #[test]
    fn the_answer_is_the_one_that_sums_give(
        addresses in 0usize..6,
        gateways in prop::collection::vec(0usize..3, 0..6),
        limit in prop::option::of(0u64..8),
        per_zone in prop::option::of(0u64..4),
        wanted in (0u64..5, 0u64..3, 0u64..3),
        in_zone in (0usize..3, 0u64..3),
        blind in any::<bool>(),
    ) {
        const ZONES: [&str; 3] = ["us-east-1a", "us-east-1b", "us-east-1c"];
        let mut world = World::new();
        for at in 0..addresses {
            world.add("elastic-ip", &format!("eip-{at}"));
        }
        for (at, zone) in gateways.iter().enumerate() {
            let id = format!("nat-{at}");
            world.add("nat-gateway", &id).fact("nat-gateway", &id, fact::ZONE, ZONES[*zone]);
        }
        if blind {
            let gap = Gap::new(KindName::of("elastic-ip"), region(), "denied");
            world.inventory.gaps.insert(gap);
        }
        let limits_there: Vec<(&str, u64)> = [("eip", limit), ("nat-gateway", per_zone)]
            .into_iter()
            .filter_map(|(name, limit)| Some((name, limit?)))
            .collect();
        let (certain, peak, unknown) = wanted;
        let amount = Wanted { certain, implicit: 0, peak, unknown: Most::Of(unknown) };
        let zone = Place::In(region(), ZONES[in_zone.0].to_owned());
        let needs: Vec<Need> = [
            need("eip", Place::Region(region()), amount),
            need("nat-gateway", zone, Wanted::certain(in_zone.1)),
        ]
        .into_iter()
        .filter(|need| !need.amount.is_nothing())
        .collect();
        let got = answer(&limits(&limits_there), &counted(&world, &[]), &needs);

        let mut short = false;
        let mut sure = true;
        if certain + peak + unknown > 0 {
            match (limit, blind) {
                (Some(limit), false) => {
                    let used = u64::try_from(addresses).unwrap();
                    short |= used + certain + peak > limit;
                    sure &= used + certain + peak + unknown <= limit;
                }
                _ => sure = false,
            }
        }
        if in_zone.1 > 0 {
            let there = gateways.iter().filter(|zone| **zone == in_zone.0).count();
            match per_zone {
                Some(limit) => {
                    let full = u64::try_from(there).unwrap() + in_zone.1 > limit;
                    short |= full;
                    sure &= !full;
                }
                None => sure = false,
            }
        }
        if !needs.is_empty() {
            let expected = if short { Answer::Short } else if sure { Answer::Fits } else { Answer::Unknown };
            prop_assert_eq!(got, expected);
        }
    }

    /// Seeing less never turns "short" or "unknown" into "fits".
    #[test]
    fn a_gap_never_makes_anything_fit(limit in 0u64..6, amount in 1u64..5, hidden in 0usize..3) {
        let whole = world();
        let mut less = world();
        let kinds = ["elastic-ip", "nat-gateway", "subnet"];
        let gap = Gap::new(KindName::of(kinds[hidden]), region(), "denied");
        less.inventory.gaps.insert(gap);
        let gone: BTreeSet<_> = less.inventory.resources.keys().filter(|it| it.kind.as_str() == kinds[hidden]).cloned().collect();
        less.inventory.resources.retain(|key, _| !gone.contains(key));
        let needs = [eips(amount), need("nat-gateway", Place::SomeZone(region(), None), Wanted::certain(amount))];
        let limits = limits(&[("eip", limit), ("nat-gateway", limit)]);
        let seen = answer(&limits, &counted(&whole, &[]), &needs);
        let blind = answer(&limits, &counted(&less, &[]), &needs);
        prop_assert!(blind != Answer::Fits || seen == Answer::Fits, "{seen:?} became {blind:?}");
    }
}
