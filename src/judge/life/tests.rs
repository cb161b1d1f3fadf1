//! A stack that lives by each sign alone, one that shows all that is no life, and what cannot be told.

use std::collections::BTreeSet;

use super::super::tests::{NOW, attempt, judged, policy, selector, stack};
use super::super::view::View;
use super::super::{Judgement, dating, named_twice, spared};
use super::*;
use crate::inventory::testing::{World, at, key, region};
use crate::inventory::{Answers, Gap, Inquiry, complete};
use crate::model::words::{fact, how};
use crate::model::{KindName, Life, StackVerdict};
use crate::policy::Policy;

const STACK: &str = "demo/attempt-1";

/// The attempt, with its node running in a group that failed.
pub(super) fn failed() -> World {
    let mut world = attempt();
    world.get("eks-cluster", "demo").state = Some("ACTIVE".to_owned());
    world.get("instance", "i-1").state = Some("running".to_owned());
    world.get("eks-nodegroup", "demo/ng").state = Some("CREATE_FAILED".to_owned());
    world.fact("eks-nodegroup", "demo/ng", fact::TROUBLE, "NodeCreationFailure");
    world
}

/// Something of the stack's own, made two days ago.
fn own(world: &mut World, kind: &str, id: &str, suffix: &str) {
    world.add(kind, id).born(kind, id, "2026-11-19T12:00:00Z");
    stack(world, kind, id, suffix);
}

pub(super) fn a_ready_group(world: &mut World) {
    let group = world.get("eks-nodegroup", "demo/ng");
    group.state = Some("ACTIVE".to_owned());
    group.facts.clear();
}

fn a_joined_node(world: &mut World) {
    world.add("network-interface", "eni-cni").tag(
        "network-interface",
        "eni-cni",
        "node.k8s.amazonaws.com/instance_id",
        "i-1",
    );
    world.link("network-interface", "eni-cni", how::WITHIN, "subnet", "subnet-1");
    world.link("network-interface", "eni-cni", how::MADE_BY, "instance", "i-1");
    world.get("network-interface", "eni-cni").state = Some("in-use".to_owned());
}

fn a_registered_node(world: &mut World) {
    world.tag("instance", "i-1", "karpenter.sh/nodeclaim", "default-x7k2p");
    world.tag("instance", "i-1", "Name", "ip-10-0-1-12.ec2.internal");
}

fn a_healthy_target(world: &mut World) {
    world.add("target-group", "tg").tag("target-group", "tg", "elbv2.k8s.aws/cluster", "demo");
    world.link("target-group", "tg", how::BEHIND, "load-balancer", "lb");
    world.link("target-group", "tg", how::WITHIN, "vpc", "vpc-1");
    world.fact("target-group", "tg", fact::HEALTHY_TARGETS, "2");
}

fn a_machine_by_itself(world: &mut World) {
    own(world, "instance", "i-2", "attempt-1");
    world.get("instance", "i-2").state = Some("running".to_owned());
    world.fact("instance", "i-2", fact::STARTED, "2026-11-19T12:00:05Z");
}

type Change = fn(&mut World);

const ALIVE: [(Sign, Change); 5] = [
    (Sign::NodeGroup, a_ready_group),
    (Sign::JoinedNode, a_joined_node),
    (Sign::JoinedNode, a_registered_node),
    (Sign::HealthyTarget, a_healthy_target),
    (Sign::Machine, a_machine_by_itself),
];

fn all(world: &World) -> Judgement {
    judged(&world.inventory, &policy())
}

fn orphans(judgement: &Judgement) -> usize {
    judgement.verdicts.values().filter(|it| it.verdict == Verdict::Orphan).count()
}

#[track_caller]
fn gate(world: &World, policy: &Policy, kind: &str, id: &str) -> Option<Gate> {
    judged(&world.inventory, policy).verdicts[&key(kind, id)].gate.clone()
}

fn verdict_of(judgement: &Judgement, name: &str) -> StackVerdict {
    judgement.stacks.iter().find(|stack| stack.name == name).expect(name).verdict
}

fn abandoning(name: &str) -> Policy {
    Policy { abandoned: vec![name.to_owned()], ..policy() }
}

/// Where a test says nothing of making, nothing was made of late.
fn settled() -> Policy {
    Policy { settled: "0s".parse().ok(), ..policy() }
}

#[test]
fn a_stack_that_lives_by_one_sign_alone_is_healthy_and_nothing_of_it_goes() {
    assert!(orphans(&all(&failed())) > 15, "what fails has orphans");
    for (sign, change) in ALIVE {
        let mut world = failed();
        change(&mut world);
        let judgement = all(&world);
        assert_eq!(orphans(&judgement), 0, "{sign:?}");
        assert_eq!(verdict_of(&judgement, STACK), StackVerdict::Healthy, "{sign:?}");
        for (kind, id) in [("vpc", "vpc-1"), ("elastic-ip", "eipalloc-1"), ("iam-role", "demo-role")] {
            let judged = &judgement.verdicts[&key(kind, id)];
            let Some(Gate::Lives { stack, sign: shown, .. }) = &judged.gate else {
                panic!("{sign:?}: {:?}", judged.evidence)
            };
            assert_eq!((stack.as_str(), *shown, judged.verdict), (STACK, sign, Verdict::Active));
        }
    }
}

#[test]
fn all_that_is_no_life_at_once_leaves_every_orphan_an_orphan() {
    let mut world = failed();
    let before = orphans(&all(&world));
    world.link("eks-cluster", "demo", how::USES, "iam-role", "demo-role");
    // The control plane's log grows, EKS uses its role, a node that never joined uses its own.
    world.fact("log-group", "/aws/eks/demo/cluster", fact::LAST_EVENT, "2026-11-21T11:59:00Z");
    world.fact("iam-role", "demo-role", fact::LAST_USED, "2026-11-21T11:58:00Z");
    world.fact("iam-role", "demo-role", fact::LAST_USED_REGION, "us-east-1");
    world.get("nat-gateway", "nat-1").state = Some("available".to_owned());
    world.get("load-balancer", "lb").state = Some("active".to_owned());
    world.tag("instance", "i-1", "aws:autoscaling:groupName", "eks-ng-1");
    world.fact("instance", "i-1", fact::STARTED, "2026-11-21T11:30:00Z");
    world.add("eks-addon", "demo/vpc-cni").get("eks-addon", "demo/vpc-cni").state = Some("ACTIVE".to_owned());
    world.link("eks-addon", "demo/vpc-cni", how::OF_CLUSTER, "eks-cluster", "demo");
    // A group that is ACTIVE and never had a node, targets that are not healthy, or healthy behind nothing.
    world.add("eks-nodegroup", "demo/none").get("eks-nodegroup", "demo/none").state = Some("ACTIVE".into());
    world.link("eks-nodegroup", "demo/none", how::OF_CLUSTER, "eks-cluster", "demo");
    a_healthy_target(&mut world);
    world.fact("target-group", "tg", fact::HEALTHY_TARGETS, "0");
    own(&mut world, "target-group", "tg-free", "attempt-1");
    world.fact("target-group", "tg-free", fact::HEALTHY_TARGETS, "3");
    // An interface of the plugin that is left behind.
    a_joined_node(&mut world);
    let interface = world.get("network-interface", "eni-cni");
    interface.state = Some("available".to_owned());
    interface.links.retain(|link| link.how != how::MADE_BY);
    let judgement = judged(&world.inventory, &policy());
    let kept: Vec<_> = judgement.verdicts.iter().filter(|(_, it)| it.verdict != Verdict::Orphan).collect();
    assert!(kept.is_empty(), "{kept:#?}");
    assert_eq!(orphans(&judgement), before + 5);
    assert_eq!(verdict_of(&judgement, STACK), StackVerdict::Lost);
}

#[test]
fn half_a_sign_is_none() {
    let broken: [(Change, Change); 7] = [
        (a_ready_group, |world| world.get("instance", "i-1").state = Some("terminated".into())),
        (a_ready_group, |world| {
            world.fact("eks-nodegroup", "demo/ng", fact::TROUBLE, "AccessDenied");
        }),
        (a_ready_group, |world| world.get("eks-nodegroup", "demo/ng").state = Some("DEGRADED".into())),
        (a_joined_node, |world| world.get("instance", "i-1").state = Some("stopped".into())),
        (a_joined_node, |world| world.get("network-interface", "eni-cni").tags.clear()),
        (a_registered_node, |world| {
            world.tag("instance", "i-1", "Name", "default-pool");
        }),
        (a_machine_by_itself, |world| {
            let machine = world.get("instance", "i-2");
            machine.created = Some(at("2026-11-21T11:00:01Z"));
            machine.facts.clear();
        }),
    ];
    for (number, (sign, breaking)) in broken.into_iter().enumerate() {
        let mut world = failed();
        sign(&mut world);
        assert_eq!(orphans(&all(&world)), 0);
        breaking(&mut world);
        assert!(orphans(&all(&world)) > 15, "case {number}");
    }
}

#[test]
fn a_machine_lives_from_the_first_hour_on() {
    let mut world = failed();
    a_machine_by_itself(&mut world);
    for (born, lives) in [("2026-11-21T11:00:00Z", true), ("2026-11-21T11:00:01Z", false)] {
        world.born("instance", "i-2", born).get("instance", "i-2").facts.clear();
        assert_eq!(orphans(&all(&world)) == 0, lives, "{born}");
    }
    world.get("instance", "i-2").created = None;
    assert_eq!(orphans(&all(&world)), 0, "nothing tells since when it runs");
}

#[test]
fn l7_a_living_stack_under_the_selection_of_a_failed_one_is_spared_and_told() {
    let mut world = failed();
    own(&mut world, "vpc", "vpc-live", "attempt-live");
    own(&mut world, "elastic-ip", "eipalloc-live", "attempt-live");
    own(&mut world, "instance", "i-live", "attempt-live");
    world.link("instance", "i-live", how::WITHIN, "vpc", "vpc-live");
    world.get("instance", "i-live").state = Some("running".to_owned());
    let judgement = all(&world);
    for (kind, id) in [("vpc", "vpc-live"), ("elastic-ip", "eipalloc-live"), ("instance", "i-live")] {
        assert_eq!(judgement.verdicts[&key(kind, id)].verdict, Verdict::Active, "{id}");
    }
    assert_eq!(orphans(&judgement), orphans(&all(&failed())));
    let spared = spared(&judgement);
    assert_eq!(spared.len(), 1);
    assert_eq!((spared[0].stack.as_str(), spared[0].selected), ("demo/attempt-live", 3));
    assert!(spared[0].why[0].contains("i-live has been running for 2d"), "{:?}", spared[0].why);
}

#[test]
fn what_lives_goes_by_its_whole_name_and_by_nothing_less() {
    let mut world = failed();
    a_ready_group(&mut world);
    for name in ["demo/*", "demo/attempt-?", "demo", "attempt-1", "Demo/attempt-1", "demo/attempt-1 ", "*"] {
        assert_eq!(orphans(&judged(&world.inventory, &abandoning(name))), 0, "{name}");
    }
    let judgement = judged(&world.inventory, &abandoning(STACK));
    assert_eq!(orphans(&judgement), orphans(&all(&failed())));
    assert_eq!(verdict_of(&judgement, STACK), StackVerdict::Abandoned);
    assert!(spared(&judgement).is_empty());
    // Nobody's wish makes AWS stop making it.
    world.life("nat-gateway", "nat-1", Life::Coming);
    assert_eq!(orphans(&judged(&world.inventory, &abandoning(STACK))), 0);
}

#[test]
fn others_things_stay_foreign_in_a_living_stack() {
    let mut world = failed();
    a_ready_group(&mut world);
    world.tag("nat-gateway", "nat-1", "velero.io/backup", "daily");
    let verdicts = all(&world).verdicts;
    assert_eq!(verdicts[&key("nat-gateway", "nat-1")].verdict, Verdict::Foreign);
    assert_eq!(verdicts[&key("vpc", "vpc-1")].verdict, Verdict::Active);
}

// ---- regions and common ground ----

/// The same key in another region.
fn far(kind: &str, id: &str) -> Key {
    Key::new(KindName::new(kind), Region::new("eu-west-1"), id)
}

/// A stack of the same name in another region, with an address and a network.
fn with_twin(world: &mut World) {
    world.inventory.regions.insert(Region::new("eu-west-1"));
    for (kind, id) in [("vpc", "vpc-far"), ("elastic-ip", "eipalloc-far")] {
        let mut it = Resource::new(far(kind, id));
        it.tags.insert("Project".into(), "demo".into());
        it.tags.insert("EnvironmentSuffix".into(), "attempt-1".into());
        world.inventory.resources.insert(it.key.clone(), it);
    }
}

#[test]
fn a_member_of_a_living_stack_in_another_region_is_not_nobodys() {
    let mut world = failed();
    with_twin(&mut world);
    let dead = all(&world);
    assert_eq!(dead.verdicts[&far("vpc", "vpc-far")].verdict, Verdict::Orphan);
    a_ready_group(&mut world);
    let judgement = all(&world);
    assert_eq!(orphans(&judgement), 0);
    let twin = &judgement.verdicts[&far("vpc", "vpc-far")];
    assert!(twin.evidence[0].contains("of the same name lives in us-east-1"), "{:?}", twin.evidence);
    assert_eq!(twin.verdict, Verdict::Uncertain);
    // What is global is of both.
    assert_eq!(judgement.verdicts[&key("iam-role", "demo-role")].verdict, Verdict::Active);
}

#[test]
fn a_name_that_fits_two_regions_condemns_neither() {
    let mut world = failed();
    with_twin(&mut world);
    a_ready_group(&mut world);
    let policy = abandoning(STACK);
    let judgement = judged(&world.inventory, &policy);
    assert_eq!(orphans(&judgement), 0);
    let twice = named_twice(&judgement, &selector(&policy));
    assert_eq!(twice.len(), 1);
    assert_eq!(twice[0].regions, BTreeSet::from([region(), Region::new("eu-west-1")]));
    let one = judged(&failed().inventory, &policy);
    assert!(named_twice(&one, &selector(&policy)).is_empty());
}

#[test]
fn two_stacks_that_share_a_cluster_live_by_each_others_nodes_in_it() {
    let mut world = failed();
    world.add("eks-nodegroup", "demo/blue").get("eks-nodegroup", "demo/blue").state = Some("ACTIVE".into());
    world.link("eks-nodegroup", "demo/blue", how::OF_CLUSTER, "eks-cluster", "demo");
    stack(&mut world, "eks-nodegroup", "demo/blue", "attempt-blue");
    own(&mut world, "iam-role", "blue", "attempt-blue");
    world.add("instance", "i-blue").get("instance", "i-blue").state = Some("running".into());
    world.link("instance", "i-blue", how::MADE_BY, "eks-nodegroup", "demo/blue");
    let judgement = all(&world);
    assert_eq!(verdict_of(&judgement, STACK), StackVerdict::Healthy);
    assert_eq!(verdict_of(&judgement, "demo/attempt-blue"), StackVerdict::Healthy);
    assert_eq!(orphans(&judgement), 0);
}

#[test]
fn two_stacks_on_common_ground_are_judged_apart() {
    let mut world = failed();
    own(&mut world, "iam-role", "blue", "attempt-blue");
    own(&mut world, "instance", "i-blue", "attempt-blue");
    world.link("instance", "i-blue", how::WITHIN, "subnet", "subnet-1");
    world.get("instance", "i-blue").state = Some("running".into());
    let judgement = all(&world);
    let verdict = |kind: &str, id: &str| judgement.verdicts[&key(kind, id)].verdict;
    assert_eq!(verdict("iam-role", "demo-role"), Verdict::Orphan);
    assert_eq!(verdict("iam-role", "blue"), Verdict::Active);
    for (kind, id) in [("vpc", "vpc-1"), ("nat-gateway", "nat-1"), ("subnet", "subnet-1")] {
        assert_eq!(verdict(kind, id), Verdict::Uncertain, "{id}: the living one works there");
    }
}

#[test]
fn a_stranger_that_bears_the_failed_clusters_mark_does_not_bring_it_to_life() {
    let mut world = failed();
    let before = orphans(&all(&world));
    world.add("vpc", "vpc-9").add("instance", "i-9").add("network-interface", "eni-9");
    world.tag("instance", "i-9", "KubernetesCluster", "demo");
    stack(&mut world, "instance", "i-9", "live");
    world.link("instance", "i-9", how::WITHIN, "vpc", "vpc-9").get("instance", "i-9").state =
        Some("running".into());
    world.tag("network-interface", "eni-9", "node.k8s.amazonaws.com/instance_id", "i-9");
    world.link("network-interface", "eni-9", how::MADE_BY, "instance", "i-9");
    world.get("network-interface", "eni-9").state = Some("in-use".into());
    let judgement = all(&world);
    // But for a disk, of which the mark alone does not tell whether it is that one's.
    assert_ne!(judgement.verdicts[&key("volume", "vol-1")].verdict, Verdict::Orphan);
    assert_eq!(orphans(&judgement), before - 1);
    assert_eq!(verdict_of(&judgement, "demo/live"), StackVerdict::Healthy);
}

// ---- who is at work ----

#[test]
fn b10_a_stack_of_which_a_deployer_made_something_a_moment_ago_is_being_made() {
    let mut world = failed();
    for (born, deploying) in [
        ("2026-11-21T11:50:01Z", true),
        ("2026-11-21T11:50:00Z", false),
        // A clock that is off: a time ahead of now is just now.
        ("2026-11-21T12:07:00Z", true),
    ] {
        world.born("iam-role", "demo-role", born);
        let judgement = all(&world);
        assert_eq!(orphans(&judgement) == 0, deploying, "{born}");
        let verdict = verdict_of(&judgement, STACK);
        assert_eq!(verdict == StackVerdict::Deploying, deploying, "{born}");
        if deploying {
            let why = &judgement.verdicts[&key("vpc", "vpc-1")].evidence[0];
            assert!(why.contains("somebody is at work in stack demo/attempt-1: iam-role demo-role"), "{why}");
            assert_eq!(spared(&judgement)[0].verdict, StackVerdict::Deploying);
        }
    }
    world.born("iam-role", "demo-role", "2026-11-21T11:59:59Z");
    assert!(orphans(&judged(&world.inventory, &settled())) > 15, "0s switches it off");
}

#[test]
fn what_aws_or_a_controller_makes_anew_is_nobodys_work() {
    let young = "2026-11-21T11:59:00Z";
    let remade: [Change; 5] = [
        |world| {
            world.born("instance", "i-1", "2026-11-21T11:59:00Z");
        },
        |world| {
            world.born("network-interface", "eni-1", "2026-11-21T11:59:00Z");
        },
        |world| {
            world.born("load-balancer", "lb", "2026-11-21T11:59:00Z");
        },
        |world| {
            world.born("volume", "vol-1", "2026-11-21T11:59:00Z");
        },
        |world| {
            world.add("network-interface", "eni-c");
            world.link("network-interface", "eni-c", how::WITHIN, "subnet", "subnet-1");
            world.tag("network-interface", "eni-c", "node.k8s.amazonaws.com/instance_id", "i-0");
            world.tag(
                "network-interface",
                "eni-c",
                "node.k8s.amazonaws.com/createdAt",
                "2026-11-21T11:59:00Z",
            );
        },
    ];
    for (number, change) in remade.into_iter().enumerate() {
        let mut world = failed();
        change(&mut world);
        assert_eq!(verdict_of(&all(&world), STACK), StackVerdict::Lost, "case {number}");
    }
    for (kind, id) in [("nat-gateway", "nat-1"), ("eks-cluster", "demo"), ("eks-nodegroup", "demo/ng")] {
        let mut world = failed();
        world.born(kind, id, young);
        assert_eq!(verdict_of(&all(&world), STACK), StackVerdict::Deploying, "{id}");
    }
}

// ---- age ----

/// A failed attempt of which AWS dates nothing.
fn undated() -> World {
    let mut world = World::new();
    for (kind, id) in [("vpc", "vpc-1"), ("elastic-ip", "eipalloc-1")] {
        world.add(kind, id);
        stack(&mut world, kind, id, "attempt-1");
    }
    world.add("subnet", "subnet-1").link("subnet", "subnet-1", how::WITHIN, "vpc", "vpc-1");
    world
}

fn aged() -> Policy {
    Policy { older_than: "2h".parse().ok(), ..policy() }
}

fn asks(world: &World, policy: &Policy) -> Vec<String> {
    let mut inventory = world.inventory.clone();
    complete(&mut inventory);
    let (selector, now) = (selector(policy), at(NOW));
    let judgement = crate::judge::judge(&inventory, &selector, now);
    let asked = inquiries(&inventory, &selector, now, &judgement);
    asked.iter().map(|inquiry| inquiry.of().id.to_string()).collect()
}

#[test]
fn only_what_would_else_be_an_orphan_is_asked_about() {
    let mut world = undated();
    assert_eq!(asks(&world, &aged()), ["eipalloc-1", "subnet-1", "vpc-1"]);
    // A stranger in the network keeps it whoever made it, and a guard keeps the address.
    world.add("instance", "i-9").link("instance", "i-9", how::WITHIN, "vpc", "vpc-1");
    stack(&mut world, "instance", "i-9", "live");
    assert_eq!(asks(&world, &aged()), ["eipalloc-1"]);
    world.tag("elastic-ip", "eipalloc-1", "do-not-delete", "");
    assert_eq!(asks(&world, &aged()), [""; 0]);
    assert_eq!(asks(&failed(), &aged()), [""; 0], "all of it is dated");
    assert_eq!(asks(&undated(), &Policy::default()), [""; 0], "nothing is selected");
}

#[test]
fn without_an_age_only_a_stack_of_which_nothing_is_dated_is_asked_about() {
    let mut world = undated();
    assert_eq!(asks(&world, &policy()).len(), 3);
    assert_eq!(asks(&world, &settled()), [""; 0]);
    own(&mut world, "iam-role", "role", "attempt-1");
    assert_eq!(asks(&world, &policy()), [""; 0]);
}

#[test]
fn the_event_history_dates_a_thing_and_tells_who_made_it() {
    for (made, verdict, part) in [
        (
            "2026-11-21T09:00:00Z",
            Verdict::Orphan,
            "3h old at least (CloudTrail says so: arn:aws:iam::1:user/ci made it)",
        ),
        ("2026-11-21T10:30:00Z", Verdict::TooYoung, "1h 30m old (CloudTrail"),
        ("2026-11-21T11:55:00Z", Verdict::Active, "somebody is at work"),
        ("yesterday", Verdict::Uncertain, "age unknown"),
    ] {
        let mut world = undated();
        for (kind, id) in [("vpc", "vpc-1"), ("elastic-ip", "eipalloc-1"), ("subnet", "subnet-1")] {
            world.fact(kind, id, fact::MADE_AT, made);
            world.fact(kind, id, fact::MADE_BY_CALLER, "arn:aws:iam::1:user/ci");
        }
        let judged = judged(&world.inventory, &aged()).verdicts.remove(&key("elastic-ip", "eipalloc-1"));
        let judged = judged.expect("judged");
        assert_eq!(judged.verdict, verdict, "{:?}", judged.evidence);
        assert!(judged.evidence.iter().any(|why| why.contains(part)), "{:?}", judged.evidence);
    }
}

#[test]
fn what_was_asked_in_vain_stays_and_says_what_to_allow() {
    let mut world = undated();
    let of = key("elastic-ip", "eipalloc-1");
    let unanswered = [(Inquiry::Maker { of: of.clone() }, "AccessDenied".to_owned())].into();
    world.inventory.learn(Answers { unanswered, ..Answers::default() });
    let judged = judged(&world.inventory, &aged()).verdicts.remove(&of).expect("judged");
    assert_eq!(judged.verdict, Verdict::Uncertain);
    let why = &judged.evidence[0];
    assert!(why.contains("(AccessDenied); allow cloudtrail:LookupEvents"), "{why}");
    assert!(!asks(&world, &aged()).contains(&of.id.to_string()), "it is not asked again");
}

// ---- silence ----

#[test]
fn a_machine_that_rests_is_uncertain_and_keeps_its_ground() {
    for state in ["stopped", "stopping"] {
        let mut world = failed();
        own(&mut world, "instance", "i-2", "attempt-1");
        world.link("instance", "i-2", how::WITHIN, "subnet", "subnet-1");
        world.get("instance", "i-2").state = Some(state.to_owned());
        let gate_now = gate(&world, &policy(), "instance", "i-2");
        assert!(matches!(gate_now, Some(Gate::LifeUnknown { .. })), "a standby: {gate_now:?}");
        assert_eq!(all(&world).verdicts[&key("vpc", "vpc-1")].verdict, Verdict::Uncertain);
        assert_eq!(gate(&world, &abandoning(STACK), "instance", "i-2"), None);
    }
    // A node that is stopped is its group's.
    let mut world = failed();
    world.get("instance", "i-1").state = Some("stopped".to_owned());
    assert_eq!(gate(&world, &policy(), "instance", "i-1"), None);
}

#[test]
fn work_that_shows_in_nothing_that_is_read_makes_its_stack_uncertain() {
    let silent: [Change; 3] = [
        // A fleet that takes its work from a queue.
        |world| {
            own(world, "instance", "i-2", "attempt-1");
            world.get("instance", "i-2").state = Some("running".into());
            world.tag("instance", "i-2", "aws:autoscaling:groupName", "workers");
        },
        // A box that somebody started again.
        |world| {
            own(world, "instance", "i-2", "attempt-1");
            world.get("instance", "i-2").state = Some("running".into());
            world.fact("instance", "i-2", fact::STARTED, "2026-11-21T11:40:00Z");
        },
        // Health that was not read.
        |world| {
            a_healthy_target(world);
            world.get("target-group", "tg").facts.clear();
        },
    ];
    for (number, change) in silent.into_iter().enumerate() {
        let mut world = failed();
        change(&mut world);
        let judgement = all(&world);
        assert_eq!(orphans(&judgement), 0, "case {number}");
        assert_eq!(verdict_of(&judgement, STACK), StackVerdict::Uncertain, "case {number}");
        let gate = gate(&world, &policy(), "elastic-ip", "eipalloc-1");
        assert!(matches!(gate, Some(Gate::LifeUnknown { .. })), "case {number}: {gate:?}");
        assert!(orphans(&judged(&world.inventory, &abandoning(STACK))) > 10, "case {number}");
    }
}

#[test]
fn a_word_of_intent_makes_a_thing_uncertain_whatever_else_is_said() {
    let mut world = failed();
    world.tag("iam-role", "demo-role", "Note", "DO NOT DELETE");
    for policy in [policy(), abandoning(STACK)] {
        let gate = gate(&world, &policy, "iam-role", "demo-role");
        assert_eq!(gate, Some(Gate::Intent { key: "Note".into() }));
    }
    assert!(orphans(&all(&world)) > 10);
}

#[test]
fn a_gap_that_could_hide_a_sign_makes_the_stack_uncertain_and_no_other_does() {
    let blind = |kind: &str, world: &World| {
        let mut world = world.clone();
        let kind = KindName::new(kind);
        let global = key(kind.as_str(), "x").region;
        world.inventory.gaps.insert(Gap::new(kind, global, "denied"));
        gate(&world, &policy(), "elastic-ip", "eipalloc-free")
    };
    let mut world = failed();
    own(&mut world, "elastic-ip", "eipalloc-free", "attempt-1");
    for kind in ["network-interface", "target-group"] {
        let gate = blind(kind, &world);
        assert!(matches!(gate, Some(Gate::LifeUnseen { .. })), "{kind}: {gate:?}");
    }
    assert_eq!(blind("route-table", &world), None);
    // Who works with a role of the stack keeps that role, and nothing else.
    assert_eq!(blind("iam-instance-profile", &world), None);
    // No node runs: then no interface can show that one joined.
    world.get("instance", "i-1").state = Some("terminated".into());
    assert_eq!(blind("network-interface", &world), None);
}

// ---- kinds that are not there yet ----

/// The lives of a world in which one kind shows life otherwise.
fn lives_of(world: &World, shows: fn(&KindName) -> ShowsLife) -> (usize, Vec<String>) {
    let mut inventory = world.inventory.clone();
    complete(&mut inventory);
    let (view, selector) = (View::of(&inventory), selector(&policy()));
    let stacks = super::super::stack::membership(&view, selector.stack_key());
    let dates = dating::date(&view);
    let scene = Scene { view: &view, selector: &selector, dates: &dates, now: at(NOW), shows };
    let lives = look(&scene, &stacks);
    let (_, life) = lives.named(STACK).next().expect("the stack");
    (life.signs.len(), life.doubts().collect())
}

/// A volume stands for what the catalog has not: a service, a function, a profile of nodes.
fn volume_with(facts: &[(&str, &str)]) -> World {
    let mut world = failed();
    own(&mut world, "volume", "stand-in", "attempt-1");
    for (name, value) in facts {
        world.fact("volume", "stand-in", name, value);
    }
    world
}

fn but(kind: &KindName, volume: ShowsLife) -> ShowsLife {
    if kind.as_str() == "volume" { volume } else { by_catalog(kind) }
}

#[test]
fn a_service_lives_by_its_tasks_and_rests_at_none() {
    let of = |facts: &[(&str, &str)]| {
        let mut world = volume_with(facts);
        world.inventory.resources.remove(&key("volume", "vol-1"));
        let (signs, doubts) = lives_of(&world, |kind| but(kind, ShowsLife::Tasks));
        (signs, doubts.len())
    };
    assert_eq!(of(&[(fact::RUNNING, "1"), (fact::DESIRED, "2")]), (1, 0));
    assert_eq!(of(&[(fact::RUNNING, "0"), (fact::DESIRED, "2")]), (0, 0), "it fails");
    assert_eq!(of(&[(fact::RUNNING, "0"), (fact::DESIRED, "0")]), (0, 1), "somebody set it to none");
    assert_eq!(of(&[]), (0, 1), "it was not read");
}

#[test]
fn a_function_lives_by_calls_of_late_that_the_deployment_did_not_make() {
    let of = |facts: &[(&str, &str)]| {
        let mut world = volume_with(facts);
        world.inventory.resources.remove(&key("volume", "vol-1"));
        let (signs, doubts) = lives_of(&world, |kind| but(kind, ShowsLife::Calls));
        (signs, doubts.len())
    };
    let last = |at: &'static str| [(fact::LAST_EVENT, at)];
    assert_eq!(of(&last("2026-11-21T11:00:00Z")).0, 1);
    assert_eq!(of(&last("2026-11-20T12:00:00Z")).0, 1, "a day ago");
    assert_eq!(of(&last("2026-11-20T11:59:59Z")), (0, 1), "longer ago: it may run on a schedule");
    assert_eq!(of(&last("2026-11-19T12:30:00Z")), (0, 0), "the deployment itself called it");
    assert_eq!(of(&last("2026-11-19T11:00:00Z")), (0, 0));
    assert_eq!(of(&last(Inquiry::NEVER)), (0, 0));
    assert_eq!(of(&last("soon")), (0, 1));
    assert_eq!(of(&[]), (0, 1), "nobody asked");
}

#[test]
fn a_connection_lives_by_a_tunnel_that_is_up_or_went_down_of_late() {
    let of = |facts: &[(&str, &str)]| {
        let mut world = volume_with(facts);
        world.inventory.resources.remove(&key("volume", "vol-1"));
        let (signs, doubts) = lives_of(&world, |kind| but(kind, ShowsLife::Tunnels));
        (signs, doubts.len())
    };
    let down = |at: &'static str| [(fact::TUNNELS_UP, "0"), (fact::TUNNEL_CHANGED, at)];
    assert_eq!(of(&[(fact::TUNNELS_UP, "1"), (fact::TUNNEL_CHANGED, "2026-01-01T00:00:00Z")]), (1, 0));
    assert_eq!(of(&[(fact::TUNNELS_UP, "2")]), (1, 0));
    assert_eq!(of(&down("2026-11-21T11:00:00Z")), (1, 0), "it was up until an hour ago");
    assert_eq!(of(&down("2026-11-20T11:59:59Z")), (0, 0), "its router has not called for more than a day");
    assert_eq!(of(&down("2026-11-19T11:00:00Z")), (0, 0), "its making told so");
    assert_eq!(of(&[(fact::TUNNELS_UP, "0")]), (0, 0));
    assert_eq!(of(&[]), (0, 1), "it was not read");
}

#[test]
fn whoever_was_asked_and_never_wrote_is_known_to_be_silent() {
    let of = key("volume", "stand-in");
    let asked = BTreeSet::from([Inquiry::LastEvent { of: of.clone() }]);
    let told = Answers::default().to(&asked);
    assert_eq!(told.facts[&of][fact::LAST_EVENT], Inquiry::NEVER);
    let unanswered = [(Inquiry::LastEvent { of: of.clone() }, "denied".to_owned())].into();
    let told = Answers { unanswered, ..Answers::default() }.to(&asked);
    assert!(told.facts.is_empty());
}

#[test]
fn what_works_without_a_sign_is_named() {
    let reason = |kind: &KindName| {
        but(kind, ShowsLife::Unseen(|it| it.name.is_none().then_some("pods may run on it")))
    };
    let (signs, doubts) = lives_of(&volume_with(&[]), reason);
    assert_eq!(signs, 0);
    assert!(
        doubts.contains(&"volume stand-in: pods may run on it".to_owned())
            || doubts.contains(&"stand-in: pods may run on it".to_owned()),
        "{doubts:?}"
    );
}

#[test]
fn a_summary_says_what_was_looked_for_and_not_found() {
    let judgement = all(&failed());
    let stack = judgement.stacks.iter().find(|stack| stack.name == STACK).expect(STACK);
    assert_eq!(
        stack.looked_for,
        ["no node group is ready with a machine that runs (1 node group)", "no node joined (1 machine)",]
    );
    let orphan = &judgement.verdicts[&key("vpc", "vpc-1")];
    let told =
        orphan.evidence.iter().any(|why| why.contains("shows no sign of life: no node group is ready"));
    assert!(told, "{:?}", orphan.evidence);
}
