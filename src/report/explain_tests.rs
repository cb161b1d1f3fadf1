//! What `explain` tells of worlds whose cause is known: the shortest way there, and what can be done.

use std::collections::BTreeSet;
use std::time::Duration;

use super::explain::{Explanation, explain};
use super::explain_path::Holders;
use super::view::ScanView;
use crate::inventory::complete;
use crate::inventory::testing::{KINDS, World, at, key};
use crate::judge::{Judgement, judge};
use crate::kinds::CATALOG;
use crate::model::Key;
use crate::model::words::{fact, how};
use crate::plan::file::{PlanFile, Sources};
use crate::plan::planner;
use crate::policy::{Policy, Selector};

const NOW: &str = "2026-11-21T12:00:00Z";

fn judged(world: &World) -> (Judgement, PlanFile) {
    let select = vec!["tag:EnvironmentSuffix=attempt-1".parse().expect("terms")];
    let policy = Policy { select, ..Policy::default() };
    let selector = Selector::new(&policy, &KINDS).expect("a policy");
    let judgement = judge(&world.inventory, &selector, at(NOW));
    let plan = planner::plan(&world.inventory, CATALOG, &judgement.verdicts, &BTreeSet::new());
    let file = PlanFile::new(Sources {
        plan: &plan,
        inventory: &world.inventory,
        verdicts: &judgement.verdicts,
        policy: &policy,
        catalog: CATALOG,
        tool_version: "1.2.3",
        now: at(NOW),
        valid_for: Duration::from_secs(3600),
        saved: None,
    });
    (judgement, file.expect("a plan"))
}

fn view<'a>(world: &'a World, judgement: &'a Judgement) -> ScanView<'a> {
    ScanView {
        inventory: &world.inventory,
        verdicts: &judgement.verdicts,
        stacks: &judgement.stacks,
        only: None,
        unread: &[],
        catalog: &CATALOG,
        now: at(NOW),
    }
}

fn explained(world: &World, of: &Key) -> Explanation {
    let (judgement, file) = judged(world);
    explain(&view(world, &judgement), &file, of).expect("it is there")
}

fn own(world: &mut World, kind: &'static str, id: &str) {
    world.add(kind, id).tag(kind, id, "Project", "shop").tag(kind, id, "EnvironmentSuffix", "attempt-1");
}

/// A network of the attempt's with two subnets, its default group and its main table; in the second subnet stands an
/// interface of a function, and behind that nothing.
fn network() -> World {
    let mut world = World::new();
    own(&mut world, "vpc", "vpc-1");
    for subnet in ["subnet-1", "subnet-2"] {
        own(&mut world, "subnet", subnet);
        world.link("subnet", subnet, how::WITHIN, "vpc", "vpc-1");
    }
    for (kind, id) in [("security-group", "sg-default"), ("route-table", "rtb-main")] {
        world.add(kind, id).link(kind, id, how::WITHIN, "vpc", "vpc-1");
        world.link(kind, id, how::MADE_BY, "vpc", "vpc-1");
    }
    world.add("network-interface", "eni-1");
    for (kind, id) in [("subnet", "subnet-2"), ("vpc", "vpc-1")] {
        world.link("network-interface", "eni-1", how::WITHIN, kind, id);
    }
    world.fact("network-interface", "eni-1", fact::DESCRIPTION, "AWS Lambda VPC ENI-report-1");
    world.tag("network-interface", "eni-1", "Team", "finance");
    complete(&mut world.inventory);
    world
}

fn ids(path: &[Key]) -> Vec<&str> {
    path.iter().map(|key| &*key.id).collect()
}

#[test]
fn what_a_refused_deletion_is_held_by_is_never_what_goes_with_it() {
    let world = network();
    let (judgement, _) = judged(&world);
    let seen = view(&world, &judgement);
    let holders = Holders::of(&seen);
    assert_eq!(ids(&holders.holding(&key("vpc", "vpc-1"))), ["eni-1"]);
    assert_eq!(ids(&holders.holding(&key("subnet", "subnet-2"))), ["eni-1"]);
    assert!(holders.holding(&key("subnet", "subnet-1")).is_empty());
    let told = holders.told(&key("network-interface", "eni-1"));
    assert_eq!(told, "network-interface eni-1 (AWS Lambda VPC ENI-report-1)");
    let mut freed = network();
    freed.inventory.resources.retain(|it, _| it.id != "eni-1" && !it.id.starts_with("subnet"));
    let (judgement, _) = judged(&freed);
    let seen = view(&freed, &judgement);
    assert!(
        Holders::of(&seen).holding(&key("vpc", "vpc-1")).is_empty(),
        "its default group and main table go with it"
    );
}

#[test]
fn the_path_leads_the_shortest_way_to_the_cause_and_the_cause_is_told() {
    let world = network();
    for (kind, id) in [("vpc", "vpc-1"), ("subnet", "subnet-1"), ("subnet", "subnet-2")] {
        let it = explained(&world, &key(kind, id));
        assert_eq!(it.path.last().map(String::as_str), Some("network-interface eni-1"), "{id}: {it:#?}");
        assert_eq!(it.path.len(), it.path_told.len());
        let cause = it.cause.expect("a cause");
        assert!(cause.contains("Team=finance"), "{id}: {cause}");
    }
}

#[test]
fn what_goes_has_neither_path_nor_cause() {
    let mut world = network();
    world.inventory.resources.remove(&key("network-interface", "eni-1"));
    let it = explained(&world, &key("vpc", "vpc-1"));
    assert!(it.path.is_empty() && it.cause.is_none() && it.remedy.is_none(), "{it:#?}");
}

#[test]
fn a_part_is_told_when_it_goes_by_itself() {
    let mut world = network();
    own(&mut world, "nat-gateway", "nat-1");
    world.link("nat-gateway", "nat-1", how::WITHIN, "subnet", "subnet-1");
    world.add("network-interface", "eni-2").link(
        "network-interface",
        "eni-2",
        how::MADE_BY,
        "nat-gateway",
        "nat-1",
    );
    let (judgement, _) = judged(&world);
    let told = Holders::of(&view(&world, &judgement)).told(&key("network-interface", "eni-2"));
    assert!(told.contains("goes by itself about") && told.contains("after nat-gateway nat-1"), "{told}");
}

#[test]
fn who_works_with_a_thing_is_the_cause_and_no_command_ends_him() {
    let mut world = World::new();
    own(&mut world, "elastic-ip", "eipalloc-1");
    world.add("nat-gateway", "nat-9").tag("nat-gateway", "nat-9", "Team", "finance");
    world.link("nat-gateway", "nat-9", how::USES, "elastic-ip", "eipalloc-1");
    complete(&mut world.inventory);
    let it = explained(&world, &key("elastic-ip", "eipalloc-1"));
    assert_eq!(it.path, ["nat-gateway nat-9"], "{it:#?}");
    assert!(it.cause.is_some_and(|cause| cause.contains("nat-9") && cause.contains("Team=finance")));
    assert_eq!(it.remedy.as_deref(), Some("whoever owns nat-9 has to let go of eipalloc-1 first"));
}

#[test]
fn what_stands_on_the_stacks_ground_has_its_command_if_its_owner_agrees() {
    let mut world = network();
    world.add("internet-gateway", "igw-9").tag("internet-gateway", "igw-9", "Team", "finance");
    world.link("internet-gateway", "igw-9", how::ATTACHED, "vpc", "vpc-1");
    complete(&mut world.inventory);
    let it = explained(&world, &key("subnet", "subnet-2"));
    assert_eq!(it.path, ["network-interface eni-1"], "the gateway keeps the network, and not this subnet");
    let remedy = it.remedy.unwrap_or_default();
    assert!(remedy.starts_with("if whoever owns eni-1 agrees: aws ec2 delete-network-interface"), "{remedy}");
    world.inventory.resources.remove(&key("network-interface", "eni-1"));
    let it = explained(&world, &key("vpc", "vpc-1"));
    let remedy = it.remedy.unwrap_or_default();
    assert!(
        remedy.contains("aws ec2 detach-internet-gateway --internet-gateway-id igw-9 --vpc-id vpc-1"),
        "{remedy}"
    );
}
