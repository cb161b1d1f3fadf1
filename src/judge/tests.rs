//! Each gate, and the ways one might try to get past it.

use crate::inventory::testing::{KINDS, World, at, key, region};
use crate::inventory::{Gap, Inventory, complete};
use crate::model::words::{fact, how};
use crate::model::{
    AccountId, Guard, GuardRule, Judged, Key, KindName, Life, Region, Resource, StackVerdict, Verdict,
};
use crate::policy::{Policy, Selector};

use super::{Judgement, judge};

pub(super) const NOW: &str = "2026-11-21T12:00:00Z";
const SELECT: &str = "tag:EnvironmentSuffix=attempt-*";

/// A failed attempt with everything in it, made two days ago; only some of it is tagged.
pub(super) fn attempt() -> World {
    let mut world = World::new();
    for (kind, id) in [
        ("vpc", "vpc-1"),
        ("nat-gateway", "nat-1"),
        ("elastic-ip", "eipalloc-1"),
        ("eks-cluster", "demo"),
        ("iam-role", "demo-role"),
    ] {
        world.add(kind, id);
        stack(&mut world, kind, id, "attempt-1");
    }
    world.add("subnet", "subnet-1").link("subnet", "subnet-1", how::WITHIN, "vpc", "vpc-1");
    for (kind, id) in [("nat-gateway", "nat-1"), ("network-interface", "eni-1"), ("instance", "i-1")] {
        if kind != "nat-gateway" {
            world.add(kind, id);
        }
        world.link(kind, id, how::WITHIN, "subnet", "subnet-1");
    }
    world.link("nat-gateway", "nat-1", how::USES, "elastic-ip", "eipalloc-1");
    world.link("network-interface", "eni-1", how::MADE_BY, "nat-gateway", "nat-1");
    for (kind, id) in [("security-group", "sg-default"), ("route-table", "rtb-main")] {
        world.add(kind, id).link(kind, id, how::WITHIN, "vpc", "vpc-1").link(
            kind,
            id,
            how::MADE_BY,
            "vpc",
            "vpc-1",
        );
        guard(&mut world, kind, id, GuardRule::DefaultThing);
    }
    world.add("internet-gateway", "igw-1").link("internet-gateway", "igw-1", how::ATTACHED, "vpc", "vpc-1");
    world.link("eks-cluster", "demo", how::WITHIN, "vpc", "vpc-1");
    world.fact("eks-cluster", "demo", fact::ISSUER, "https://oidc.eks.us-east-1.amazonaws.com/id/A");
    world.add("eks-nodegroup", "demo/ng").link(
        "eks-nodegroup",
        "demo/ng",
        how::OF_CLUSTER,
        "eks-cluster",
        "demo",
    );
    world.link("instance", "i-1", how::MADE_BY, "eks-nodegroup", "demo/ng");
    world.add("load-balancer", "lb").tag("load-balancer", "lb", "elbv2.k8s.aws/cluster", "demo");
    world.link("load-balancer", "lb", how::WITHIN, "vpc", "vpc-1");
    world.add("volume", "vol-1").tag("volume", "vol-1", "kubernetes.io/cluster/demo", "owned");
    world.add("log-group", "/aws/eks/demo/cluster");
    world.add("iam-oidc-provider", "arn:oidc").fact(
        "iam-oidc-provider",
        "arn:oidc",
        fact::ISSUER,
        "oidc.eks.us-east-1.amazonaws.com/id/A",
    );
    world.add("iam-instance-profile", "demo-profile");
    world.link("iam-instance-profile", "demo-profile", how::CONTAINS, "iam-role", "demo-role");
    // Of most of these AWS tells no age: here somebody who wrote them down has told it.
    for resource in world.inventory.resources.values_mut() {
        resource.created = Some(at("2026-11-19T12:00:00Z"));
    }
    world
}

pub(super) fn stack(world: &mut World, kind: &str, id: &str, suffix: &str) {
    world.tag(kind, id, "Project", "demo").tag(kind, id, "EnvironmentSuffix", suffix);
}

pub(super) fn guard(world: &mut World, kind: &str, id: &str, rule: GuardRule) {
    world.get(kind, id).guards.insert(Guard { rule, why: format!("guard {rule:?}") });
}

pub(super) fn policy() -> Policy {
    Policy { select: vec![SELECT.parse().expect("terms")], ..Policy::default() }
}

/// The same, and nothing younger than two hours.
fn aged() -> Policy {
    Policy { older_than: "2h".parse().ok(), ..policy() }
}

pub(super) fn selector(policy: &Policy) -> Selector {
    Selector::new(policy, &KINDS).expect("a policy")
}

pub(super) fn judged(inventory: &Inventory, policy: &Policy) -> Judgement {
    let mut inventory = inventory.clone();
    complete(&mut inventory);
    judge(&inventory, &selector(policy), at(NOW))
}

#[track_caller]
pub(super) fn one(world: &World, policy: &Policy, kind: &str, id: &str) -> Judged {
    judged(&world.inventory, policy).verdicts.remove(&key(kind, id)).expect("judged")
}

#[track_caller]
#[expect(clippy::too_many_arguments, reason = "one line for each fact is what makes the tests readable")]
pub(super) fn check(world: &World, policy: &Policy, kind: &str, id: &str, verdict: Verdict, evidence: &str) {
    let judged = one(world, policy, kind, id);
    assert_eq!(judged.verdict, verdict, "{kind} {id}: {:#?}", judged.evidence);
    assert!(judged.evidence[0].contains(evidence), "{kind} {id}: {:#?}", judged.evidence);
}

fn orphans(world: &World, policy: &Policy) -> Vec<String> {
    let all = judged(&world.inventory, policy).verdicts;
    all.iter()
        .filter(|(_, judged)| judged.verdict == Verdict::Orphan)
        .map(|(key, _)| key.id.to_string())
        .collect()
}

const EVERYTHING: [&str; 16] = [
    "demo",
    "demo/ng",
    "eipalloc-1",
    "demo-profile",
    "arn:oidc",
    "demo-role",
    "i-1",
    "igw-1",
    "lb",
    "/aws/eks/demo/cluster",
    "nat-1",
    "eni-1",
    "rtb-main",
    "sg-default",
    "subnet-1",
    "vpc-1",
];

// ---- selection ----

#[test]
fn the_selection_closes_over_all_that_tags_miss() {
    let mut found = orphans(&attempt(), &policy());
    found.sort();
    let mut expected: Vec<&str> = EVERYTHING.into_iter().chain(["vol-1"]).collect();
    expected.sort_unstable();
    assert_eq!(found, expected);
}

#[test]
fn the_evidence_of_an_orphan_begins_with_the_claim() {
    let world = attempt();
    let by_tag = "tag EnvironmentSuffix=attempt-1 matches --select tag:EnvironmentSuffix=attempt-*";
    let mark = "tag kubernetes.io/cluster/demo=owned";
    for (kind, id, claim, request) in [
        ("vpc", "vpc-1", "stack tags Project=demo, EnvironmentSuffix=attempt-1", by_tag),
        ("subnet", "subnet-1", "plumbing within vpc-1", "lies within vpc-1, which is selected"),
        ("internet-gateway", "igw-1", "plumbing within vpc-1", "lies within vpc-1, which is selected"),
        ("volume", "vol-1", mark, "belongs to eks-cluster demo, which is selected: tag"),
        ("log-group", "/aws/eks/demo/cluster", "made for eks-cluster demo", "belongs to eks-cluster demo"),
        (
            "iam-instance-profile",
            "demo-profile",
            "contains only iam-role demo-role",
            "contains iam-role demo-role, which is selected",
        ),
    ] {
        check(&world, &policy(), kind, id, Verdict::Orphan, claim);
        let evidence = one(&world, &policy(), kind, id).evidence;
        assert!(evidence[1].contains(request), "{evidence:?}");
    }
}

/// The attempt, and what it uses without having tagged it: an address under its gateway, one at its
/// instance, an interface and a volume attached to the instance.
fn with_untagged() -> World {
    let mut world = attempt();
    world.add("nat-gateway", "nat-2").link("nat-gateway", "nat-2", how::WITHIN, "subnet", "subnet-1");
    world.add("instance", "i-2");
    stack(&mut world, "instance", "i-2", "attempt-1");
    world.add("elastic-ip", "eipalloc-nat").add("elastic-ip", "eipalloc-i");
    world.link("nat-gateway", "nat-2", how::USES, "elastic-ip", "eipalloc-nat");
    world.add("network-interface", "eni-nat-2");
    world.link("network-interface", "eni-nat-2", how::WITHIN, "subnet", "subnet-1");
    world.link("network-interface", "eni-nat-2", how::MADE_BY, "nat-gateway", "nat-2");
    world.link("elastic-ip", "eipalloc-nat", how::ASSOCIATED, "network-interface", "eni-nat-2");
    world.link("elastic-ip", "eipalloc-i", how::ASSOCIATED, "instance", "i-2");
    world.add("network-interface", "eni-2").add("volume", "vol-2");
    world.link("network-interface", "eni-2", how::ATTACHED, "instance", "i-2");
    world.link("volume", "vol-2", how::ATTACHED, "instance", "i-2");
    world
}

const UNTAGGED: [(&str, &str); 4] = [
    ("elastic-ip", "eipalloc-nat"),
    ("elastic-ip", "eipalloc-i"),
    ("network-interface", "eni-2"),
    ("volume", "vol-2"),
];

#[test]
fn what_serves_a_selected_thing_and_carries_no_tags_goes_with_it() {
    let (world, policy) = (with_untagged(), policy());
    for (kind, id) in &UNTAGGED[..3] {
        check(&world, &policy, kind, id, Verdict::Orphan, "with no tag of its own");
    }
    // A disk holds data: that it is attached to the stack's machine does not say whose it is.
    check(&world, &policy, "volume", "vol-2", Verdict::Uncertain, "needs a claim of its own");
}

#[test]
fn a_single_tag_is_enough_not_to_be_reached_by_serving() {
    for (kind, id) in UNTAGGED {
        let mut world = with_untagged();
        world.tag(kind, id, "Owner", "somebody");
        assert_eq!(one(&world, &policy(), kind, id).verdict, Verdict::Foreign, "{kind} {id}");
    }
}

#[test]
fn what_serves_something_that_stays_as_well_stays() {
    let mut world = with_untagged();
    world.add("nat-gateway", "nat-live");
    stack(&mut world, "nat-gateway", "nat-live", "live");
    world.link("nat-gateway", "nat-live", how::USES, "elastic-ip", "eipalloc-nat");
    check(&world, &policy(), "elastic-ip", "eipalloc-nat", Verdict::Active, "nat-live uses it");

    let mut world = with_untagged();
    world
        .get("instance", "i-2")
        .guards
        .insert(Guard { rule: GuardRule::Protection, why: "termination protection is on".to_owned() });
    for (kind, id) in &UNTAGGED[1..] {
        let judged = one(&world, &policy(), kind, id);
        assert_ne!(judged.verdict, Verdict::Orphan, "{kind} {id}: {:?}", judged.evidence);
    }
}

#[test]
fn what_serves_nothing_selected_is_not_reached() {
    let mut world = with_untagged();
    world.add("elastic-ip", "eipalloc-free").add("instance", "i-other").add("volume", "vol-other");
    world.link("volume", "vol-other", how::ATTACHED, "instance", "i-other");
    for (kind, id) in [("elastic-ip", "eipalloc-free"), ("volume", "vol-other"), ("instance", "i-other")] {
        assert_eq!(one(&world, &policy(), kind, id).verdict, Verdict::Foreign, "{kind} {id}");
    }
}

#[test]
fn nothing_is_an_orphan_when_nothing_is_selected() {
    assert!(orphans(&attempt(), &Policy::default()).is_empty());
}

#[test]
fn what_is_shared_with_a_selected_cluster_is_not_reached() {
    let mut world = attempt();
    world.add("volume", "vol-2").tag("volume", "vol-2", "kubernetes.io/cluster/demo", "shared");
    world.add("security-group", "sg-2").tag("security-group", "sg-2", "karpenter.sh/discovery", "demo");
    for (kind, id) in [("volume", "vol-2"), ("security-group", "sg-2")] {
        check(&world, &policy(), kind, id, Verdict::Foreign, "nothing selects it");
    }
}

#[test]
fn a_cluster_of_the_same_name_in_another_region_owns_nothing_here() {
    let mut world = attempt();
    let far = Key::new(KindName::of("volume"), Region::new("eu-west-1"), "vol-far");
    let mut volume = Resource::new(far.clone());
    volume.tags.insert("kubernetes.io/cluster/demo".to_owned(), "owned".to_owned());
    world.inventory.resources.insert(far.clone(), volume);
    let judgement = judged(&world.inventory, &policy());
    assert_eq!(judgement.verdicts[&far].verdict, Verdict::Foreign);
}

#[test]
fn a_cluster_term_selects_what_the_cluster_owns_and_protects_what_it_shares_too() {
    let mut world = attempt();
    world.add("subnet", "subnet-9").tag("subnet", "subnet-9", "kubernetes.io/cluster/demo", "shared");
    let by_cluster = Policy { select: vec!["cluster=demo".parse().expect("a policy")], ..policy() };
    check(&world, &by_cluster, "subnet", "subnet-9", Verdict::Foreign, "nothing selects it");
    check(&world, &by_cluster, "volume", "vol-1", Verdict::Orphan, "tag kubernetes.io/cluster/demo=owned");
    let protecting = Policy { protect: vec!["cluster=demo".parse().expect("a policy")], ..policy() };
    check(&world, &protecting, "subnet", "subnet-9", Verdict::Protected, "cluster demo");
}

#[test]
fn what_a_living_stack_runs_in_a_vpc_without_tags_is_not_selected_by_the_vpc() {
    let mut world = World::new();
    world.add("vpc", "vpc-3").add("instance", "i-3").add("instance", "i-4");
    for id in ["i-3", "i-4"] {
        world.link("instance", id, how::WITHIN, "vpc", "vpc-3").born("instance", id, "2026-11-19T12:00:00Z");
    }
    stack(&mut world, "instance", "i-3", "live");
    let by_place = Policy { select: vec!["vpc=vpc-3".parse().expect("a policy")], ..policy() };
    let living = one(&world, &by_place, "instance", "i-3");
    assert_eq!((living.selected, living.verdict), (false, Verdict::Foreign), "{:?}", living.evidence);
    assert!(one(&world, &by_place, "instance", "i-4").selected, "what says nothing lies where it lies");
}

#[test]
fn a_vpc_term_does_not_speak_for_strangers_in_the_vpc() {
    let mut world = attempt();
    let by_place = Policy { select: vec!["vpc=vpc-1".parse().expect("a policy")], ..policy() };
    check(&world, &by_place, "vpc", "vpc-1", Verdict::Orphan, "stack tags Project=demo");
    with_stranger(&mut world);
    check(&world, &by_place, "instance", "i-9", Verdict::Foreign, "belongs to stack other/live");
    check(&world, &by_place, "vpc", "vpc-1", Verdict::Uncertain, "i-9, which belongs to stack other/live");
    // Who names the stranger itself means it.
    let named = Policy {
        select: vec!["vpc=vpc-1".parse().expect("a policy"), "tag:Project=other".parse().expect("a policy")],
        ..policy()
    };
    check(&world, &named, "vpc", "vpc-1", Verdict::Orphan, "");
}

// ---- 1: protected ----

#[test]
fn a_protect_term_wins_over_every_selection_in_any_case() {
    let mut world = attempt();
    world.tag("elastic-ip", "eipalloc-1", "Protect", "Yes");
    let policy = Policy { protect: vec!["tag:protect=YES".parse().expect("a policy")], ..policy() };
    check(
        &world,
        &policy,
        "elastic-ip",
        "eipalloc-1",
        Verdict::Protected,
        "matches --protect tag:protect=YES",
    );
}

#[test]
fn who_protects_a_vpc_protects_what_lies_in_it() {
    let policy = Policy { protect: vec!["id=vpc-1".parse().expect("a policy")], ..policy() };
    check(
        &attempt(),
        &policy,
        "nat-gateway",
        "nat-1",
        Verdict::Protected,
        "lies within vpc-1, which must stay",
    );
    check(&attempt(), &policy, "elastic-ip", "eipalloc-1", Verdict::Active, "nat-1 uses it");
}

#[test]
fn default_aws_managed_and_deletion_protected_things_are_protected() {
    for rule in [GuardRule::DefaultThing, GuardRule::AwsManaged, GuardRule::Protection] {
        let mut world = attempt();
        guard(&mut world, "elastic-ip", "eipalloc-1", rule);
        check(&world, &policy(), "elastic-ip", "eipalloc-1", Verdict::Protected, "guard");
    }
}

#[test]
fn the_contents_of_a_default_vpc_are_not_reached_through_it() {
    let mut world = attempt();
    guard(&mut world, "vpc", "vpc-1", GuardRule::DefaultThing);
    check(&world, &policy(), "subnet", "subnet-1", Verdict::Protected, "within vpc-1, a default VPC");
    check(&world, &policy(), "security-group", "sg-default", Verdict::Protected, "goes only with vpc-1");
    // What is tagged as the attempt's own is its own, wherever it stands.
    check(&world, &policy(), "nat-gateway", "nat-1", Verdict::Orphan, "EnvironmentSuffix=attempt-1");
}

#[test]
fn a_part_goes_with_its_carrier_but_its_own_protection_holds() {
    check(&attempt(), &policy(), "security-group", "sg-default", Verdict::Orphan, "");
    let mut world = attempt();
    guard(&mut world, "instance", "i-1", GuardRule::Protection);
    check(&world, &policy(), "instance", "i-1", Verdict::Protected, "guard Protection");
    let policy = Policy { protect: vec!["id=eni-1".parse().expect("a policy")], ..policy() };
    check(&attempt(), &policy, "network-interface", "eni-1", Verdict::Protected, "id eni-1");
}

// ---- 2: active ----

#[test]
fn what_a_living_cluster_owns_is_active_whatever_its_tags_say() {
    let mut world = attempt();
    world.add("eks-cluster", "live").add("volume", "vol-9");
    world.tag("volume", "vol-9", "kubernetes.io/cluster/live", "owned");
    stack(&mut world, "volume", "vol-9", "attempt-1");
    check(&world, &policy(), "volume", "vol-9", Verdict::Active, "eks-cluster live owns it");
    // Even if it is gone from the selection's view: nothing selects this one.
    world.add("target-group", "tg").tag("target-group", "tg", "elbv2.k8s.aws/cluster", "live");
    check(&world, &policy(), "target-group", "tg", Verdict::Active, "eks-cluster live owns it");
}

#[test]
fn a_selected_cluster_that_stays_keeps_what_it_owns() {
    let policy = Policy { protect: vec!["kind=eks-cluster".parse().expect("a policy")], ..policy() };
    for (kind, id) in [
        ("volume", "vol-1"),
        ("log-group", "/aws/eks/demo/cluster"),
        ("eks-nodegroup", "demo/ng"),
        ("iam-oidc-provider", "arn:oidc"),
    ] {
        check(&attempt(), &policy, kind, id, Verdict::Active, "eks-cluster demo owns it");
    }
}

#[test]
fn what_a_living_cluster_shares_is_uncertain() {
    let mut world = attempt();
    world.add("eks-cluster", "live").tag("subnet", "subnet-1", "kubernetes.io/cluster/live", "shared");
    check(
        &world,
        &policy(),
        "subnet",
        "subnet-1",
        Verdict::Uncertain,
        "eks-cluster live lives and may use it",
    );
}

#[test]
fn a_member_of_a_cloudformation_stack_is_left_to_it() {
    let mut world = attempt();
    world.tag("elastic-ip", "eipalloc-1", "aws:cloudformation:stack-name", "web");
    let id = "arn:aws:cloudformation:us-east-1:123456789012:stack/web/1";
    world.tag("elastic-ip", "eipalloc-1", "aws:cloudformation:stack-id", id);
    let stacks = Gap::new(KindName::of("cloudformation-stack"), region(), "denied");
    world.inventory.gaps.insert(stacks);
    complete(&mut world.inventory);
    let remedy = "aws cloudformation delete-stack --stack-name web --region us-east-1";
    check(&world, &policy(), "elastic-ip", "eipalloc-1", Verdict::Uncertain, remedy);
}

#[test]
fn a_stack_in_which_something_is_coming_is_active_as_a_whole() {
    let mut world = attempt();
    world.life("nat-gateway", "nat-1", Life::Coming);
    for (kind, id) in
        [("vpc", "vpc-1"), ("elastic-ip", "eipalloc-1"), ("subnet", "subnet-1"), ("iam-role", "demo-role")]
    {
        check(&world, &policy(), kind, id, Verdict::Active, "is being deployed right now");
    }
    assert!(orphans(&world, &policy()).is_empty());
}

#[test]
fn a_role_that_something_foreign_uses_is_active() {
    let mut world = attempt();
    world.add("instance", "i-9").link("instance", "i-9", how::USES, "iam-role", "demo-role");
    check(&world, &policy(), "iam-role", "demo-role", Verdict::Active, "i-9 uses it and is not selected");
    check(
        &world,
        &policy(),
        "iam-instance-profile",
        "demo-profile",
        Verdict::Active,
        "selected only with iam-role demo-role",
    );
}

#[test]
fn what_is_attached_to_or_associated_with_something_foreign_is_active() {
    let mut world = attempt();
    world.add("instance", "i-9").add("vpc", "vpc-9");
    world.link("elastic-ip", "eipalloc-1", how::ASSOCIATED, "instance", "i-9");
    world.link("volume", "vol-1", how::ATTACHED, "instance", "i-9");
    world.add("internet-gateway", "igw-9").link("internet-gateway", "igw-9", how::ATTACHED, "vpc", "vpc-9");
    stack(&mut world, "internet-gateway", "igw-9", "attempt-1");
    check(&world, &policy(), "elastic-ip", "eipalloc-1", Verdict::Active, "i-9 is associated with it");
    check(&world, &policy(), "volume", "vol-1", Verdict::Active, "i-9 uses it and is not selected");
    check(
        &world,
        &policy(),
        "internet-gateway",
        "igw-9",
        Verdict::Active,
        "vpc-9 uses it and is not selected",
    );
}

// ---- 3: too young ----

#[test]
fn age_is_told_by_aws_or_by_the_controller_that_made_it() {
    let young = "2026-11-21T11:00:00Z";
    let mut world = attempt();
    world.born("nat-gateway", "nat-1", young);
    let why = "1h old (AWS says so), younger than 2h";
    check(&world, &aged(), "nat-gateway", "nat-1", Verdict::TooYoung, why);

    let mut world = attempt();
    world.get("network-interface", "eni-1").links.clear();
    world.get("network-interface", "eni-1").created = None;
    world.tag("network-interface", "eni-1", "node.k8s.amazonaws.com/createdAt", young);
    check(&world, &aged(), "network-interface", "eni-1", Verdict::TooYoung, "createdAt says so");
}

#[test]
fn l9_what_is_undated_is_not_dated_by_an_old_neighbour() {
    let mut world = attempt();
    world.add("vpc", "vpc-new").add("elastic-ip", "eipalloc-new").add("subnet", "subnet-new");
    world.link("subnet", "subnet-new", how::WITHIN, "vpc", "vpc-new");
    for (kind, id) in [("vpc", "vpc-new"), ("elastic-ip", "eipalloc-new"), ("subnet", "subnet-new")] {
        stack(&mut world, kind, id, "attempt-1");
        check(&world, &aged(), kind, id, Verdict::Uncertain, "what is not known is not old");
    }
}

#[test]
fn l10_a_date_in_a_name_or_in_anybodys_tag_proves_nothing() {
    let mut world = World::new();
    world.add("security-group", "sg-1");
    stack(&mut world, "security-group", "sg-1", "attempt-1");
    world.get("security-group", "sg-1").name = Some("shop-release-20240131120000-db".to_owned());
    for key in ["created-at", "CreatedAt", "creation-date", "cloud-nuke-first-seen"] {
        world.tag("security-group", "sg-1", key, "2024-01-31T12:00:00Z");
    }
    check(&world, &aged(), "security-group", "sg-1", Verdict::Uncertain, "age unknown");
}

#[test]
fn exactly_old_enough_is_old_enough_and_a_second_less_is_not() {
    let mut world = attempt();
    world.born("volume", "vol-1", "2026-11-21T10:00:00Z");
    check(&world, &aged(), "volume", "vol-1", Verdict::Orphan, "");
    world.born("volume", "vol-1", "2026-11-21T10:00:01Z");
    check(&world, &aged(), "volume", "vol-1", Verdict::TooYoung, "younger than 2h");
}

#[test]
fn an_unknown_age_is_uncertain_only_where_an_age_was_asked_for() {
    let mut world = World::new();
    world.add("elastic-ip", "eipalloc-2");
    stack(&mut world, "elastic-ip", "eipalloc-2", "attempt-2");
    check(&world, &aged(), "elastic-ip", "eipalloc-2", Verdict::Uncertain, "age unknown");
    let ageless = policy();
    check(&world, &ageless, "elastic-ip", "eipalloc-2", Verdict::Orphan, "");
}

#[test]
fn a_creation_time_in_the_future_is_uncertain() {
    let mut world = attempt();
    world.born("volume", "vol-1", "2026-11-21T12:00:01Z");
    let ageless = policy();
    for policy in [aged(), ageless] {
        check(&world, &policy, "volume", "vol-1", Verdict::Uncertain, "lies in the future");
    }
}

#[test]
fn a_young_thing_in_a_vpc_keeps_the_vpc() {
    let mut world = attempt();
    world.born("nat-gateway", "nat-1", "2026-11-21T11:30:00Z");
    check(&world, &aged(), "vpc", "vpc-1", Verdict::Uncertain, "which is too young: 30m old");
    check(&world, &aged(), "elastic-ip", "eipalloc-1", Verdict::Active, "nat-1 uses it and is too young");
}

// ---- 4: foreign ----

#[test]
fn another_accounts_things_are_foreign_even_if_they_carry_the_tags() {
    let mut world = attempt();
    world.get("elastic-ip", "eipalloc-1").owner = Some(AccountId::new("999999999999"));
    check(&world, &policy(), "elastic-ip", "eipalloc-1", Verdict::Foreign, "account 999999999999 owns it");
    let mut world = attempt();
    guard(&mut world, "elastic-ip", "eipalloc-1", GuardRule::OtherAccount);
    check(&world, &policy(), "elastic-ip", "eipalloc-1", Verdict::Foreign, "guard OtherAccount");
}

// ---- 5: uncertain ----

#[test]
fn an_interface_whose_maker_is_unknown_is_uncertain_and_so_is_its_vpc() {
    let mut world = attempt();
    world.add("network-interface", "eni-9").link(
        "network-interface",
        "eni-9",
        how::WITHIN,
        "subnet",
        "subnet-1",
    );
    guard(&mut world, "network-interface", "eni-9", GuardRule::UnknownMaker);
    check(&world, &policy(), "network-interface", "eni-9", Verdict::Uncertain, "guard UnknownMaker");
    check(
        &world,
        &policy(),
        "vpc",
        "vpc-1",
        Verdict::Uncertain,
        "vpc-1 also holds eni-9, which is uncertain",
    );
}

#[test]
fn an_oidc_provider_of_a_region_whose_clusters_were_not_listed_is_uncertain() {
    let mut world = attempt();
    world.add("iam-oidc-provider", "arn:far");
    stack(&mut world, "iam-oidc-provider", "arn:far", "attempt-1");
    let check = |world: &World, verdict, evidence| {
        check(world, &policy(), "iam-oidc-provider", "arn:far", verdict, evidence);
    };
    world.fact("iam-oidc-provider", "arn:far", fact::ISSUER, "oidc.eks.eu-west-1.amazonaws.com/id/B");
    check(&world, Verdict::Uncertain, "serves a cluster of eu-west-1");
    world.fact("iam-oidc-provider", "arn:far", fact::ISSUER, "oidc.eks.us-east-1.amazonaws.com/id/B");
    check(&world, Verdict::Orphan, "");
    world.fact("iam-oidc-provider", "arn:far", fact::ISSUER, "token.actions.githubusercontent.com");
    check(&world, Verdict::Orphan, "");
}

#[test]
fn a_cluster_counts_as_gone_only_where_clusters_could_be_listed() {
    let mut world = attempt();
    world.tag("elastic-ip", "eipalloc-1", "kubernetes.io/cluster/gone", "owned");
    check(&world, &policy(), "elastic-ip", "eipalloc-1", Verdict::Orphan, "");
    let error = "AccessDenied".to_owned();
    world.inventory.gaps.insert(Gap::new(KindName::of("eks-cluster"), region(), error));
    check(&world, &policy(), "elastic-ip", "eipalloc-1", Verdict::Uncertain, "could not be listed");
}

/// Adds an instance of another stack to the attempt's subnet.
fn with_stranger(world: &mut World) {
    world.add("instance", "i-9").link("instance", "i-9", how::WITHIN, "subnet", "subnet-1");
    world.tag("instance", "i-9", "Project", "other").tag("instance", "i-9", "EnvironmentSuffix", "live");
    world.born("instance", "i-9", "2026-01-01T00:00:00Z");
}

#[test]
fn a_foreign_thing_inside_keeps_the_vpc_with_its_whole_network_and_its_addresses() {
    let mut world = attempt();
    with_stranger(&mut world);
    let why = "vpc-1 also holds i-9, which belongs to stack other/live";
    for (kind, id) in [
        ("vpc", "vpc-1"),
        ("subnet", "subnet-1"),
        ("nat-gateway", "nat-1"),
        ("elastic-ip", "eipalloc-1"),
        ("internet-gateway", "igw-1"),
    ] {
        check(&world, &policy(), kind, id, Verdict::Uncertain, why);
    }
    // The cluster works there by a claim of its own, and what it made goes with it.
    for (kind, id) in [("eks-cluster", "demo"), ("instance", "i-1"), ("load-balancer", "lb")] {
        check(&world, &policy(), kind, id, Verdict::Orphan, "");
    }
}

#[test]
fn a_half_tagged_stranger_is_a_stranger() {
    let mut world = attempt();
    world.add("instance", "i-9").link("instance", "i-9", how::WITHIN, "subnet", "subnet-1");
    world.tag("instance", "i-9", "Project", "other");
    check(&world, &policy(), "vpc", "vpc-1", Verdict::Uncertain, "i-9, which is tagged Project=other");
}

#[test]
fn a_living_cluster_in_the_subnets_keeps_the_vpc() {
    let mut world = attempt();
    world.add("eks-cluster", "live").link("eks-cluster", "live", how::USES, "subnet", "subnet-1");
    stack(&mut world, "eks-cluster", "live", "live");
    check(
        &world,
        &policy(),
        "vpc",
        "vpc-1",
        Verdict::Uncertain,
        "also holds eks-cluster live, which belongs to stack demo/live",
    );
}

#[test]
fn untagged_plumbing_inside_is_no_stranger() {
    let mut world = attempt();
    world.add("vpc-endpoint", "vpce-1").link("vpc-endpoint", "vpce-1", how::WITHIN, "vpc", "vpc-1");
    check(&world, &policy(), "vpc-endpoint", "vpce-1", Verdict::Orphan, "plumbing within vpc-1");
    check(&world, &policy(), "vpc", "vpc-1", Verdict::Orphan, "");
}

#[test]
fn two_selected_stacks_in_one_vpc_do_not_veto_each_other() {
    let mut world = attempt();
    world.add("instance", "i-2").link("instance", "i-2", how::WITHIN, "subnet", "subnet-1");
    stack(&mut world, "instance", "i-2", "attempt-2");
    world.born("instance", "i-2", "2026-11-19T12:00:00Z");
    check(&world, &policy(), "vpc", "vpc-1", Verdict::Orphan, "");
    check(&world, &policy(), "instance", "i-2", Verdict::Orphan, "");
}

#[test]
fn a_gap_in_what_a_vpc_may_hold_is_told_at_the_vpc_and_nowhere_else() {
    let mut world = attempt();
    world.add("elastic-ip", "eipalloc-free");
    stack(&mut world, "elastic-ip", "eipalloc-free", "attempt-1");
    let error = "AccessDenied".to_owned();
    world.inventory.gaps.insert(Gap::new(KindName::of("network-interface"), region(), error));
    let told = |kind: &str, id: &str| {
        one(&world, &policy(), kind, id)
            .evidence
            .iter()
            .any(|it| it.contains("not everything in vpc-1 could be seen: network-interface"))
    };
    assert!(told("vpc", "vpc-1") && told("subnet", "subnet-1"));
    assert!(!told("iam-role", "demo-role") && !told("elastic-ip", "eipalloc-free"));
    assert_eq!(one(&world, &policy(), "vpc", "vpc-1").verdict, Verdict::Uncertain);
    assert_eq!(one(&world, &policy(), "nat-gateway", "nat-1").verdict, Verdict::Uncertain);
}

#[test]
fn what_is_tagged_otherwise_by_the_key_that_selects_is_a_stranger() {
    let mut world = World::new();
    world.add("vpc", "vpc-5").tag("vpc", "vpc-5", "Env", "pr-12").tag("vpc", "vpc-5", "Name", "web");
    for (id, env) in [("i-5", "prod"), ("i-6", "pr-12")] {
        world.add("instance", id).link("instance", id, how::WITHIN, "vpc", "vpc-5");
        world.tag("instance", id, "Env", env).tag("instance", id, "Name", "b");
    }
    let by_env = Policy { select: vec!["tag:Env=pr-12".parse().expect("a policy")], ..Policy::default() };
    check(&world, &by_env, "instance", "i-5", Verdict::Foreign, "nothing selects it");
    // That a tag is asked for does not make it the name of a stack: the policy has to say so.
    check(&world, &by_env, "vpc", "vpc-5", Verdict::Uncertain, "--stack-key Env");
    let keyed = Policy { stack_key: vec!["Env".to_owned()], ..by_env.clone() };
    check(&world, &keyed, "vpc", "vpc-5", Verdict::Uncertain, "i-5, which belongs to stack prod");
    check(&world, &keyed, "instance", "i-6", Verdict::Orphan, "stack tags Env=pr-12");
    // A name is no claim, and the tag of somebody else is one under whatever key.
    let by_name = Policy { select: vec!["tag:Name=web".parse().expect("a policy")], ..Policy::default() };
    check(&world, &by_name, "instance", "i-5", Verdict::Foreign, "Env=prod");
    let keyed = Policy { stack_key: vec!["Team".to_owned()], ..by_env };
    check(&world, &keyed, "instance", "i-5", Verdict::Foreign, "Env=prod");
}

// ---- stacks ----

#[track_caller]
fn stack_verdict(world: &World, policy: &Policy, name: &str) -> StackVerdict {
    let stacks = judged(&world.inventory, policy).stacks;
    stacks.iter().find(|stack| stack.name == name).expect(name).verdict
}

#[test]
fn stacks_are_lost_abandoned_uncertain_or_healthy() {
    let world = attempt();
    let abandoned = Policy { abandoned: vec!["demo/attempt-1".to_owned()], ..policy() };
    assert_eq!(stack_verdict(&world, &policy(), "demo/attempt-1"), StackVerdict::Lost);
    assert_eq!(stack_verdict(&world, &abandoned, "demo/attempt-1"), StackVerdict::Abandoned);
    assert_eq!(stack_verdict(&world, &Policy::default(), "demo/attempt-1"), StackVerdict::Lost);
    let mut vetoed = attempt();
    with_stranger(&mut vetoed);
    assert_eq!(stack_verdict(&vetoed, &abandoned, "demo/attempt-1"), StackVerdict::Uncertain);
    assert_eq!(stack_verdict(&vetoed, &policy(), "other/live"), StackVerdict::Lost);
    let mut young = attempt();
    young.born("volume", "vol-1", "2026-11-21T11:59:00Z");
    let abandoned = Policy { older_than: aged().older_than, ..abandoned };
    assert_eq!(stack_verdict(&young, &abandoned, "demo/attempt-1"), StackVerdict::Healthy);
}

#[test]
fn membership_comes_from_tags_then_cloudformation_then_eksctl_then_clusters_then_places() {
    let mut world = attempt();
    world.add("elastic-ip", "e-cfn").tag("elastic-ip", "e-cfn", "aws:cloudformation:stack-name", "web");
    world.add("elastic-ip", "e-ctl").tag("elastic-ip", "e-ctl", "alpha.eksctl.io/cluster-name", "c");
    world.add("volume", "v-gone").tag("volume", "v-gone", "kubernetes.io/cluster/gone", "owned");
    world.add("eks-cluster", "bare").add("elastic-ip", "e-none");
    let verdicts = judged(&world.inventory, &policy()).verdicts;
    let stack = |kind: &str, id: &str| verdicts[&key(kind, id)].stack.as_deref();
    assert_eq!(stack("elastic-ip", "e-cfn"), Some("cfn:web"));
    assert_eq!(stack("elastic-ip", "e-ctl"), Some("eksctl:c"));
    assert_eq!(stack("volume", "v-gone"), Some("cluster:gone"));
    assert_eq!(stack("eks-cluster", "bare"), Some("cluster:bare"));
    assert_eq!(stack("elastic-ip", "e-none"), None);
    for (kind, id) in [
        ("volume", "vol-1"),
        ("network-interface", "eni-1"),
        ("internet-gateway", "igw-1"),
        ("log-group", "/aws/eks/demo/cluster"),
        ("iam-instance-profile", "demo-profile"),
        ("iam-oidc-provider", "arn:oidc"),
    ] {
        assert_eq!(stack(kind, id), Some("demo/attempt-1"), "{kind} {id}");
    }
}

// ---- the example policies ----

#[expect(clippy::disallowed_methods, reason = "it reads the examples of the repository")]
fn example(name: &str) -> Policy {
    let path = format!("{}/policies/{name}", env!("CARGO_MANIFEST_DIR"));
    Policy::from_toml(&std::fs::read_to_string(path).expect(name)).expect(name)
}

#[test]
fn the_policy_between_attempts_takes_the_attempts_and_leaves_what_is_live_or_kept() {
    let policy = example("between-attempts.toml");
    assert_eq!(orphans(&attempt(), &policy).len(), EVERYTHING.len() + 1);
    let mut world = attempt();
    world.tag("eks-cluster", "demo", "janitor:keep", "");
    check(
        &world,
        &policy,
        "vpc",
        "vpc-1",
        Verdict::Uncertain,
        "also holds eks-cluster demo, which is protected",
    );
    let mut world = attempt();
    stack(&mut world, "elastic-ip", "eipalloc-1", "Live");
    check(&world, &policy, "elastic-ip", "eipalloc-1", Verdict::Protected, "EnvironmentSuffix=Live");
}

/// The attempt, alive, as somebody deployed it in an account for trying things.
fn tried_out() -> World {
    let mut world = attempt();
    for (kind, id) in [
        ("vpc", "vpc-1"),
        ("nat-gateway", "nat-1"),
        ("elastic-ip", "eipalloc-1"),
        ("eks-cluster", "demo"),
        ("iam-role", "demo-role"),
    ] {
        world.tag(kind, id, "Environment", "sandbox");
    }
    world.get("eks-nodegroup", "demo/ng").state = Some("ACTIVE".to_owned());
    world.get("instance", "i-1").state = Some("running".to_owned());
    world
}

#[test]
fn the_policy_of_a_sandbox_account_takes_what_nobody_marked_after_three_days_alive_or_not() {
    let policy = example("sandbox-account.toml");
    let mut world = tried_out();
    assert_eq!(stack_verdict(&world, &policy, "demo/attempt-1"), StackVerdict::Healthy);
    assert!(orphans(&world, &policy).is_empty());
    for resource in world.inventory.resources.values_mut() {
        resource.created = Some(at("2026-11-18T12:00:00Z"));
    }
    assert_eq!(stack_verdict(&world, &policy, "demo/attempt-1"), StackVerdict::Expired);
    // No data was named.
    assert_eq!(orphans(&world, &policy).len(), EVERYTHING.len() + 1);
    for (key, value) in [("aws-janitor:keep", ""), ("aws-janitor:expires", "2026-11-23")] {
        let mut marked = world.clone();
        marked.tag("vpc", "vpc-1", key, value);
        assert!(!orphans(&marked, &policy).iter().any(|id| id == "vpc-1" || id == "nat-1"), "{key}");
    }
    let mut marked = world.clone();
    marked.tag("vpc", "vpc-1", "aws-janitor:expires", "2026-11-20");
    assert_eq!(orphans(&marked, &policy), orphans(&world, &policy));
}

#[test]
fn the_policy_for_preflight_takes_nothing_and_protects_what_is_live() {
    let policy = example("preflight-only.toml");
    assert!(orphans(&attempt(), &policy).is_empty());
    let mut world = attempt();
    stack(&mut world, "vpc", "vpc-1", "live");
    check(&world, &policy, "vpc", "vpc-1", Verdict::Protected, "EnvironmentSuffix=live");
}

/// Between two calls of a deployment AWS is making nothing, and what it made a minute ago looks finished.
#[test]
fn the_policy_between_attempts_takes_nothing_of_an_attempt_that_is_minutes_old() {
    let policy = example("between-attempts.toml");
    let mut world = attempt();
    for resource in world.inventory.resources.values_mut() {
        resource.created = resource.created.map(|_| at("2026-11-21T11:55:00Z"));
    }
    assert_eq!(orphans(&world, &policy), [""; 0]);
    world.inventory.resources.values_mut().for_each(|resource| resource.created = None);
    assert_eq!(orphans(&world, &policy), [""; 0]);
}

#[test]
fn the_nightly_policy_takes_only_what_ci_owns_and_only_when_it_is_old() {
    let policy = example("nightly-ci.toml");
    assert!(orphans(&attempt(), &policy).is_empty());
    let mut world = World::new();
    for (id, suffix, born) in [
        ("vol-old", "pr-12", "2026-11-20T23:59:00Z"),
        ("vol-young", "pr-13", "2026-11-21T00:01:00Z"),
        ("vol-odd", "pr-x", "2026-11-01T00:00:00Z"),
        ("vol-runner", "ci-7", "2026-11-01T00:00:00Z"),
    ] {
        world.add("volume", id).born("volume", id, born).tag("volume", id, "Owner", "ci");
        stack(&mut world, "volume", id, suffix);
    }
    world.get("volume", "vol-runner").name = Some("CI-Runner-cache".to_owned());
    assert_eq!(orphans(&world, &policy), ["vol-old"]);
    check(&world, &policy, "volume", "vol-runner", Verdict::Protected, "name CI-Runner-cache");
}
