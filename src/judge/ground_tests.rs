//! A network that stays for somebody's sake keeps what belongs to the ground. What works on it goes by its own claim,
//! unless who stays works with it.

use crate::inventory::Gap;
use crate::inventory::testing::{World, key, region};
use crate::model::words::how;
use crate::model::{Gate, KindName, Verdict};
use crate::policy::Policy;

use super::blind::going;
use super::tests::{attempt, check, one, policy, stack};

/// The ground of the attempt, and what its controllers made of the ground.
const GROUND: [(&str, &str); 7] = [
    ("vpc", "vpc-1"),
    ("subnet", "subnet-1"),
    ("nat-gateway", "nat-1"),
    ("elastic-ip", "eipalloc-1"),
    ("internet-gateway", "igw-1"),
    ("network-interface", "eni-1"),
    ("security-group", "sg-front"),
];

/// What works on it.
const WORK: [(&str, &str); 4] =
    [("eks-cluster", "demo"), ("eks-nodegroup", "demo/ng"), ("instance", "i-1"), ("load-balancer", "lb")];

/// The attempt, in whose network somebody has a group.
fn with_a_strangers_group() -> World {
    let mut world = world();
    world.add("security-group", "sg-9").link("security-group", "sg-9", how::WITHIN, "vpc", "vpc-1");
    world.tag("security-group", "sg-9", "Owner", "finance").born(
        "security-group",
        "sg-9",
        "2026-11-19T12:00:00Z",
    );
    world
}

fn world() -> World {
    let mut world = attempt();
    for (kind, id) in [("security-group", "sg-default"), ("route-table", "rtb-main")] {
        world.inventory.resources.remove(&key(kind, id));
    }
    world.add("security-group", "sg-front").tag(
        "security-group",
        "sg-front",
        "elbv2.k8s.aws/cluster",
        "demo",
    );
    world.link("security-group", "sg-front", how::WITHIN, "vpc", "vpc-1");
    world.add("network-interface", "eni-lb").link(
        "network-interface",
        "eni-lb",
        how::MADE_BY,
        "load-balancer",
        "lb",
    );
    world.link("network-interface", "eni-lb", how::WITHIN, "subnet", "subnet-1");
    for (kind, id) in [("security-group", "sg-front"), ("network-interface", "eni-lb")] {
        world.born(kind, id, "2026-11-19T12:00:00Z");
    }
    world
}

#[track_caller]
fn stay(world: &World, policy: &Policy, things: &[(&str, &str)]) {
    let gone = going(&world.inventory, policy);
    for (kind, id) in things {
        assert!(!gone.contains(&key(kind, id)), "{kind} {id} goes");
        assert_ne!(one(world, policy, kind, id).verdict, Verdict::Orphan, "{kind} {id}");
    }
}

#[track_caller]
fn go(world: &World, policy: &Policy, things: &[(&str, &str)]) {
    let gone = going(&world.inventory, policy);
    for (kind, id) in things {
        let judged = one(world, policy, kind, id);
        assert_eq!(judged.verdict, Verdict::Orphan, "{kind} {id}: {:#?}", judged.evidence);
        assert!(gone.contains(&key(kind, id)), "{kind} {id} stays");
    }
}

#[test]
fn what_works_in_a_network_that_stays_goes_by_its_own_claim_and_the_ground_stays() {
    let all = world();
    go(&all, &policy(), &GROUND);
    go(&all, &policy(), &WORK);
    let world = with_a_strangers_group();
    stay(&world, &policy(), &GROUND);
    go(&world, &policy(), &WORK);
    // An interface that the load balancer has goes with that.
    go(&world, &policy(), &[("network-interface", "eni-lb"), ("iam-role", "demo-role")]);
    check(&world, &policy(), "subnet", "subnet-1", Verdict::Uncertain, "vpc-1 also holds sg-9");
}

#[test]
fn what_a_cluster_that_is_gone_left_in_a_network_that_stays_goes_although_only_the_network_led_to_it() {
    let mut world = with_a_strangers_group();
    for (kind, id) in [("eks-cluster", "demo"), ("eks-nodegroup", "demo/ng"), ("instance", "i-1")] {
        world.inventory.resources.remove(&key(kind, id));
    }
    // A group of the stack's own tells the cluster's name.
    world.add("security-group", "sg-own").link("security-group", "sg-own", how::WITHIN, "vpc", "vpc-1");
    stack(&mut world, "security-group", "sg-own", "attempt-1");
    world.tag("security-group", "sg-own", "kubernetes.io/cluster/demo", "owned");
    let judged = one(&world, &policy(), "load-balancer", "lb");
    let within = |it: &String| it.contains("lies within vpc-1, which is selected");
    assert!(judged.evidence.iter().any(within), "{:#?}", judged.evidence);
    go(&world, &policy(), &[("load-balancer", "lb"), ("network-interface", "eni-lb")]);
    stay(
        &world,
        &policy(),
        &[("security-group", "sg-own"), ("security-group", "sg-front"), ("vpc", "vpc-1")],
    );
}

#[test]
fn whoever_stays_and_works_with_what_works_there_keeps_it() {
    let mut world = with_a_strangers_group();
    world.add("target-group", "tg-9").link("target-group", "tg-9", how::BEHIND, "load-balancer", "lb");
    world.tag("target-group", "tg-9", "Owner", "finance");
    stay(&world, &policy(), &[("load-balancer", "lb"), ("network-interface", "eni-lb")]);
    // A table of the ground that stays leads to a machine of the attempt.
    let mut world = with_a_strangers_group();
    world.add("instance", "i-nat").link("instance", "i-nat", how::WITHIN, "subnet", "subnet-1");
    world.get("instance", "i-nat").state = Some("shutting-down".to_owned());
    stack(&mut world, "instance", "i-nat", "attempt-1");
    world.born("instance", "i-nat", "2026-11-19T12:00:00Z");
    world.add("route-table", "rtb-2").link("route-table", "rtb-2", how::WITHIN, "vpc", "vpc-1");
    go(&world, &policy(), &[("instance", "i-nat")]);
    world.link("route-table", "rtb-2", how::ROUTES_THROUGH, "instance", "i-nat");
    stay(&world, &policy(), &[("instance", "i-nat")]);
}

#[test]
fn a_network_that_is_protected_keeps_what_works_in_it_as_well() {
    let mut world = world();
    world.tag("vpc", "vpc-1", "keep", "yes");
    let policy = Policy { protect: vec!["tag:keep".parse().expect("terms")], ..policy() };
    stay(&world, &policy, &GROUND[..6]);
    stay(&world, &policy, &WORK);
}

#[test]
fn what_has_no_claim_but_where_it_lies_stays_with_the_ground() {
    let mut world = with_a_strangers_group();
    world.add("instance", "i-bare").link("instance", "i-bare", how::WITHIN, "subnet", "subnet-1");
    world.add("network-interface", "eni-bare").link(
        "network-interface",
        "eni-bare",
        how::WITHIN,
        "subnet",
        "subnet-1",
    );
    stay(&world, &policy(), &[("instance", "i-bare"), ("network-interface", "eni-bare")]);
}

#[test]
fn templates_that_were_not_read_keep_the_groups_that_one_may_name_and_the_network_whole() {
    let mut world = world();
    world.inventory.gaps.insert(Gap::new(KindName::of("launch-template"), region(), "denied"));
    stay(&world, &policy(), &GROUND);
    let judged = one(&world, &policy(), "security-group", "sg-front");
    let unseen = Gate::UsersUnseen { kind: KindName::of("launch-template"), region: region() };
    assert_eq!(judged.gate, Some(unseen), "{:#?}", judged.evidence);
}
