//! States of deployment tools as claims: what they own stays, whoever selects it.

use std::collections::BTreeSet;

use crate::inventory::testing::{World, at, key, region};
use crate::model::{
    Gate, Judged, KindName, OwnedStatus, OwnedThing, Region, StackVerdict, StateClaims, StateTool, Tags,
    Verdict,
};
use crate::policy::{Policy, Selector};

use super::tests::{NOW, attempt};
use super::{Judgement, StackSummary, judge, spared};

fn owned(kind: &'static str, id: &str, region: Option<Region>) -> OwnedThing {
    OwnedThing {
        address: format!("the.{id}"),
        type_name: kind.to_owned(),
        kind: Some(KindName::of(kind)),
        id: id.to_owned(),
        also: BTreeSet::new(),
        region,
        status: OwnedStatus::Managed,
        tags: Tags::new(),
    }
}

fn state(owned: Vec<OwnedThing>, named: &[&str]) -> StateClaims {
    StateClaims {
        source: "shop.tfstate".to_owned(),
        tool: Some(StateTool::Terraform),
        stack: None,
        account: None,
        owned,
        named: named.iter().map(|name| (*name).to_owned()).collect(),
        failed: false,
        unread: None,
    }
}

fn judged(states: Vec<StateClaims>, abandoned: &[&str]) -> Judgement {
    judged_in(attempt(), states, abandoned)
}

fn judged_in(mut world: World, states: Vec<StateClaims>, abandoned: &[&str]) -> Judgement {
    crate::inventory::complete(&mut world.inventory);
    world.inventory.states = states;
    let policy = Policy {
        select: vec!["tag:EnvironmentSuffix=attempt-*".parse().expect("terms")],
        abandoned: abandoned.iter().map(|name| (*name).to_owned()).collect(),
        ..Policy::default()
    };
    let selector = Selector::new(&policy, &crate::inventory::testing::KINDS).expect("a policy");
    judge(&world.inventory, &selector, at(NOW))
}

fn of<'a>(judgement: &'a Judgement, kind: &'static str, id: &str) -> &'a Judged {
    &judgement.verdicts[&key(kind, id)]
}

#[test]
fn without_a_state_all_of_the_attempt_goes() {
    let all = judged(Vec::new(), &[]);
    for (kind, id) in [("vpc", "vpc-1"), ("nat-gateway", "nat-1"), ("iam-role", "demo-role")] {
        assert_eq!(of(&all, kind, id).verdict, Verdict::Orphan, "{id}");
    }
}

#[test]
fn what_a_state_owns_is_active_with_the_states_name_and_what_it_works_with_stays() {
    let judgement = judged(vec![state(vec![owned("nat-gateway", "nat-1", None)], &[])], &[]);
    let nat = of(&judgement, "nat-gateway", "nat-1");
    assert_eq!(nat.verdict, Verdict::Active);
    assert_eq!(nat.gate, Some(Gate::Tracked { state: "shop.tfstate".into() }));
    assert!(
        nat.evidence[0].contains("Terraform's state shop.tfstate owns it as the.nat-1"),
        "{:?}",
        nat.evidence
    );
    for (kind, id) in [("elastic-ip", "eipalloc-1"), ("subnet", "subnet-1"), ("vpc", "vpc-1")] {
        assert_ne!(of(&judgement, kind, id).verdict, Verdict::Orphan, "{id} holds it or is held by it");
    }
}

#[test]
fn tainted_deposed_and_merely_named_things_stay_as_well() {
    for status in [OwnedStatus::Tainted, OwnedStatus::Deposed, OwnedStatus::Managed] {
        let thing = OwnedThing { status, ..owned("iam-role", "demo-role", Some(Region::global())) };
        let judgement = judged(vec![state(vec![thing], &[])], &[]);
        assert_eq!(of(&judgement, "iam-role", "demo-role").verdict, Verdict::Active, "{status:?}");
    }
    let judgement = judged(vec![state(Vec::new(), &["vpc-1"])], &[]);
    let vpc = of(&judgement, "vpc", "vpc-1");
    assert_eq!(vpc.verdict, Verdict::Active, "another stack's data source looks it up");
    assert!(vpc.evidence[0].contains("names it"), "{:?}", vpc.evidence);
}

#[test]
fn another_kind_or_region_of_the_same_name_is_another_thing() {
    let elsewhere = Region::new("eu-north-1");
    for thing in [owned("eks-cluster", "demo-role", None), owned("eks-cluster", "demo", Some(elsewhere))] {
        let judgement = judged(vec![state(vec![thing], &[])], &[]);
        for (kind, id) in [("iam-role", "demo-role"), ("eks-cluster", "demo")] {
            assert_eq!(of(&judgement, kind, id).verdict, Verdict::Orphan, "{id}");
        }
    }
    let here = judged(vec![state(vec![owned("eks-cluster", "demo", Some(region()))], &[])], &[]);
    assert_eq!(of(&here, "eks-cluster", "demo").verdict, Verdict::Active);
}

#[test]
fn a_stack_that_the_user_calls_abandoned_goes_whatever_its_state_owns() {
    let tracked = || vec![state(vec![owned("nat-gateway", "nat-1", None)], &["vpc-1"])];
    let judgement = judged(tracked(), &["demo/attempt-1"]);
    for (kind, id) in [("nat-gateway", "nat-1"), ("vpc", "vpc-1")] {
        assert_eq!(of(&judgement, kind, id).verdict, Verdict::Orphan, "{id}");
    }
    let judgement = judged(tracked(), &["demo/attempt-2"]);
    assert_eq!(of(&judgement, "nat-gateway", "nat-1").verdict, Verdict::Active);
}

#[test]
fn a_state_that_could_not_be_read_may_own_anything_that_was_selected() {
    let unread = StateClaims { unread: Some("it is encrypted".to_owned()), ..state(Vec::new(), &[]) };
    let judgement = judged(vec![unread], &[]);
    assert!(judgement.verdicts.values().all(|judged| judged.verdict != Verdict::Orphan));
    let nat = of(&judgement, "nat-gateway", "nat-1");
    assert_eq!(nat.verdict, Verdict::Uncertain);
    assert_eq!(nat.gate, Some(Gate::StateUnread { state: "shop.tfstate".into() }));
    assert!(nat.evidence[0].contains("it is encrypted"), "{:?}", nat.evidence);
}

/// One that was being made when the run ended.
fn begun(kind: &'static str, also: &[&str], tags: &[(&str, &str)]) -> OwnedThing {
    OwnedThing {
        also: also.iter().map(|name| (*name).to_owned()).collect(),
        status: OwnedStatus::Pending,
        tags: tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
        ..owned(kind, "", Some(region()))
    }
}

#[test]
fn what_was_being_made_is_found_by_its_name_or_by_all_its_tags() {
    let tags = [("EnvironmentSuffix", "attempt-1")];
    for thing in [
        begun("nat-gateway", &[], &tags),
        begun("nat-gateway", &[], &[]),
        begun("iam-role", &["demo-role"], &[]),
        // The name is the planned one, whatever tags it was to bear.
        begun("iam-role", &["demo-role"], &[("never", "given")]),
    ] {
        let judgement = judged(vec![state(vec![thing.clone()], &[])], &[]);
        let (kind, id) =
            if thing.also.is_empty() { ("nat-gateway", "nat-1") } else { ("iam-role", "demo-role") };
        let found = of(&judgement, kind, id);
        assert_eq!(found.verdict, Verdict::Active, "{thing:?}");
        assert!(found.evidence[0].contains("being made when the run ended"), "{:?}", found.evidence);
    }
    let elsewhere = Some(Region::new("eu-north-1"));
    for thing in [
        begun("nat-gateway", &[], &[("EnvironmentSuffix", "attempt-2")]),
        begun("nat-gateway", &[], &[tags[0], ("more", "")]),
        OwnedThing { region: elsewhere, ..begun("nat-gateway", &[], &tags) },
        OwnedThing { kind: None, ..begun("nat-gateway", &[], &tags) },
        begun("nat-gateway", &["another"], &tags),
        begun("volume", &[], &tags),
    ] {
        let judgement = judged(vec![state(vec![thing.clone()], &[])], &[]);
        assert_eq!(of(&judgement, "nat-gateway", "nat-1").verdict, Verdict::Orphan, "{thing:?}");
    }
}

#[test]
fn an_id_that_aws_gives_once_is_claimed_whatever_else_the_state_says_of_it() {
    let elsewhere = Some(Region::new("eu-north-1"));
    for thing in [owned("nat-gateway", "nat-1", elsewhere.clone()), owned("volume", "nat-1", elsewhere)] {
        let judgement = judged(vec![state(vec![thing], &[])], &[]);
        assert_eq!(of(&judgement, "nat-gateway", "nat-1").verdict, Verdict::Active);
    }
}

fn stack(judgement: &Judgement) -> &StackSummary {
    judgement.stacks.iter().find(|stack| stack.name == "demo/attempt-1").expect("the attempt")
}

#[test]
fn a_stack_without_life_that_a_state_knows_failed_but_is_tracked_with_its_tools_command() {
    let owns = || vec![owned("nat-gateway", "nat-1", None), owned("vpc", "vpc-1", None)];
    let tainted = || OwnedThing { status: OwnedStatus::Tainted, ..owned("nat-gateway", "nat-1", None) };
    let of_pulumi =
        StateClaims { tool: Some(StateTool::Pulumi), stack: Some("demo/a1".into()), ..state(owns(), &[]) };
    for (state, failed, command) in [
        (state(owns(), &[]), false, "terraform destroy"),
        (state(vec![tainted(), owned("vpc", "vpc-1", None)], &[]), true, "terraform destroy"),
        (StateClaims { failed: true, ..of_pulumi.clone() }, true, "pulumi destroy -s a1"),
        (of_pulumi, false, "pulumi destroy -s a1"),
    ] {
        let judgement = judged(vec![state], &[]);
        let stack = stack(&judgement);
        assert_eq!(stack.verdict, StackVerdict::Tracked);
        let [by] = &stack.tracked[..] else { panic!("one state: {:?}", stack.tracked) };
        assert_eq!((by.resources, by.failed, by.command.as_deref()), (2, failed, Some(command)));
        let spared = spared(&judgement);
        assert!(spared.iter().any(|it| it.why.iter().any(|why| why.contains(command))), "{spared:?}");
    }
}

#[test]
fn a_stack_is_not_tracked_by_a_state_that_only_names_it_nor_where_it_was_called_abandoned() {
    let named = judged(vec![state(Vec::new(), &["vpc-1"])], &[]);
    assert_ne!(stack(&named).verdict, StackVerdict::Tracked);
    assert!(stack(&named).tracked.is_empty());
    let owns = vec![state(vec![owned("vpc", "vpc-1", None)], &[])];
    assert_eq!(stack(&judged(owns, &["demo/attempt-1"])).verdict, StackVerdict::Abandoned);
    assert_eq!(stack(&judged(Vec::new(), &[])).verdict, StackVerdict::Lost);
}

#[test]
fn what_was_being_made_is_told_with_the_command_that_takes_it_over_and_how_many_it_may_be() {
    let tags = [("EnvironmentSuffix", "attempt-1")];
    let of_pulumi = |thing| StateClaims {
        tool: Some(StateTool::Pulumi),
        stack: Some("demo/a1".into()),
        ..state(vec![thing], &[])
    };
    let thing = begun("nat-gateway", &[], &tags);
    let command = format!(
        "pulumi refresh -s a1 --import-pending-creates {} --import-pending-creates nat-1",
        thing.address
    );
    let judgement = judged(vec![of_pulumi(thing.clone())], &[]);
    let why = &of(&judgement, "nat-gateway", "nat-1").evidence[0];
    assert!(why.ends_with(&format!("; its tool takes it over by: {command}")), "{why}");
    let mut world = attempt();
    world.add("nat-gateway", "nat-2").tag("nat-gateway", "nat-2", "EnvironmentSuffix", "attempt-1");
    let judgement = judged_in(world, vec![of_pulumi(thing)], &[]);
    let why = &of(&judgement, "nat-gateway", "nat-1").evidence[0];
    assert!(why.contains("it is one of 2 that it may be"), "{why}");
}

#[test]
fn what_the_state_of_a_network_does_not_know_is_told_both_ways_out() {
    let judgement = judged(vec![state(vec![owned("vpc", "vpc-1", None)], &[])], &[]);
    let nat = of(&judgement, "nat-gateway", "nat-1");
    assert_eq!(nat.verdict, Verdict::Uncertain);
    for way in ["terraform import aws_nat_gateway.NAME nat-1", "--select id=nat-1"] {
        assert!(nat.evidence[0].contains(way), "{:?}", nat.evidence);
    }
    let known = vec![owned("vpc", "vpc-1", None), owned("nat-gateway", "nat-1", None)];
    let judgement = judged(vec![state(known, &[])], &[]);
    assert!(!of(&judgement, "nat-gateway", "nat-1").evidence[0].contains("import"));
}

/// A state that owns the address of the attempt, and the network of a stack that nobody called abandoned.
fn shared(world: &mut World) -> StateClaims {
    world.add("vpc", "vpc-9").tag("vpc", "vpc-9", "Project", "demo");
    world.tag("vpc", "vpc-9", "EnvironmentSuffix", "alive");
    let both = vec![owned("elastic-ip", "eipalloc-1", Some(region())), owned("vpc", "vpc-9", Some(region()))];
    state(both, &["nat-1"])
}

#[track_caller]
fn abandoning(world: &World, verdict: Verdict) {
    let mut world = world.clone();
    crate::inventory::complete(&mut world.inventory);
    let policy = Policy {
        select: vec!["tag:EnvironmentSuffix=attempt-*".parse().expect("terms")],
        abandoned: vec!["demo/attempt-1".to_owned()],
        ..Policy::default()
    };
    let selector = Selector::new(&policy, &crate::inventory::testing::KINDS).expect("a policy");
    let all = judge(&world.inventory, &selector, at(NOW));
    for (kind, id) in [("elastic-ip", "eipalloc-1"), ("nat-gateway", "nat-1")] {
        assert_eq!(of(&all, kind, id).verdict, verdict, "{id}: {:?}", of(&all, kind, id).evidence);
    }
}

#[test]
fn what_the_state_of_another_stack_owns_or_names_stays_although_the_attempt_is_called_abandoned() {
    let mut world = attempt();
    let state = shared(&mut world);
    world.inventory.states = vec![state];
    abandoning(&world, Verdict::Active);
    // One that nobody can tell from it by what it owns is its own.
    world.inventory.resources.remove(&key("vpc", "vpc-9"));
    abandoning(&world, Verdict::Orphan);
    // What was not read may be another stack's.
    let gap = crate::inventory::Gap::new(KindName::of("vpc"), region(), "denied");
    world.inventory.gaps.insert(gap);
    abandoning(&world, Verdict::Active);
}

#[test]
fn a_state_that_only_names_a_thing_of_an_abandoned_stack_is_not_its_own() {
    let mut world = attempt();
    world.inventory.states = vec![state(Vec::new(), &["eipalloc-1", "nat-1"])];
    abandoning(&world, Verdict::Active);
}
