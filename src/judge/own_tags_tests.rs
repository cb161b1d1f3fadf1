//! What the tags of this program's own do to a whole failed attempt: what they keep, and what they say of age.

use crate::inventory::testing::World;
use crate::model::{Gate, Verdict};
use crate::policy::Policy;

use super::tests::{attempt, check, judged, one, policy};

const KEEP: &str = "aws-janitor:keep";
const EXPIRES: &str = "aws-janitor:expires";

/// Nothing younger than two hours.
fn aged() -> Policy {
    Policy { older_than: "2h".parse().ok(), ..policy() }
}

/// The attempt, of whose network AWS tells no age.
fn undated() -> World {
    let mut world = attempt();
    for (kind, id) in [("vpc", "vpc-1"), ("subnet", "subnet-1"), ("elastic-ip", "eipalloc-1")] {
        world.get(kind, id).created = None;
    }
    world
}

fn protected(world: &World, policy: &Policy) -> Vec<String> {
    let all = judged(&world.inventory, policy).verdicts;
    let kept = all.iter().filter(|(_, judged)| judged.verdict == Verdict::Protected);
    kept.map(|(key, _)| key.id.to_string()).collect()
}

#[test]
fn a_thing_that_is_tagged_keep_stays_without_any_flag_and_its_gate_names_the_tag() {
    let mut world = attempt();
    world.tag("elastic-ip", "eipalloc-1", "AWS-Janitor:Keep", "false");
    check(&world, &policy(), "elastic-ip", "eipalloc-1", Verdict::Protected, "AWS-Janitor:Keep=false says");
    let gate = one(&world, &policy(), "elastic-ip", "eipalloc-1").gate;
    assert_eq!(gate, Some(Gate::OwnTag { key: "AWS-Janitor:Keep".into() }));
}

/// The tags keep exactly what a protect term for the same thing keeps.
#[test]
fn the_tags_keep_what_a_protect_term_keeps_and_no_less() {
    let things =
        [("vpc", "vpc-1"), ("subnet", "subnet-1"), ("eks-cluster", "demo"), ("nat-gateway", "nat-1")];
    for (kind, id) in things {
        let protect = vec![format!("id={id}").parse().expect("terms")];
        let by_term = judged(&attempt().inventory, &Policy { protect, ..policy() }).verdicts;
        for (key, value) in [(KEEP, ""), (EXPIRES, "2027-01-01"), (EXPIRES, "some day")] {
            let mut world = attempt();
            world.tag(kind, id, key, value);
            let by_tag = judged(&world.inventory, &policy()).verdicts;
            let verdicts = |all: &crate::model::Verdicts| -> Vec<Verdict> {
                all.values().map(|judged| judged.verdict).collect()
            };
            assert_eq!(verdicts(&by_tag), verdicts(&by_term), "{id} {key}={value}");
        }
    }
    assert_eq!(protected(&attempt(), &policy()), [""; 0]);
}

#[test]
fn what_lies_in_a_kept_network_is_protected_with_it() {
    let mut world = attempt();
    world.tag("vpc", "vpc-1", EXPIRES, "2026-12-01");
    for (kind, id) in [("subnet", "subnet-1"), ("nat-gateway", "nat-1"), ("load-balancer", "lb")] {
        let why = "lies within vpc-1, which must stay: tag aws-janitor:expires=2026-12-01 says that it is to stay until 2026-12-01T12:00:00Z";
        check(&world, &policy(), kind, id, Verdict::Protected, why);
    }
}

#[test]
fn after_its_day_a_thing_and_what_lies_in_it_are_of_proven_age() {
    let vpc = ("vpc", "vpc-1");
    check(&undated(), &aged(), vpc.0, vpc.1, Verdict::Uncertain, "what is not known is not old");
    let mut world = undated();
    world.tag(vpc.0, vpc.1, EXPIRES, "2026-11-20");
    check(&world, &aged(), "subnet", "subnet-1", Verdict::Orphan, "plumbing within vpc-1");
    let word = "tag aws-janitor:expires=2026-11-20: its owner said that it is old enough since then";
    let age = |kind: &str, id: &str| one(&world, &aged(), kind, id).proof.and_then(|proof| proof.age);
    assert_eq!(age("subnet", "subnet-1"), Some(format!("lies within vpc-1, {word}")));
    // It says nothing of what does not lie in it.
    check(&world, &aged(), "elastic-ip", "eipalloc-1", Verdict::Uncertain, "what is not known is not old");
    world.tag("elastic-ip", "eipalloc-1", EXPIRES, "2026-11-20");
    for (kind, id) in [vpc, ("elastic-ip", "eipalloc-1")] {
        assert_eq!(one(&world, &aged(), kind, id).verdict, Verdict::Orphan, "{id}");
    }
}

/// A tag that is copied onto whatever is deployed next says nothing of that.
#[test]
fn what_was_made_after_the_day_is_no_older_for_it() {
    let mut world = attempt();
    world.born("nat-gateway", "nat-1", "2026-11-21T11:00:00Z");
    world.tag("nat-gateway", "nat-1", EXPIRES, "2026-11-21T10:59:59Z");
    check(&world, &aged(), "nat-gateway", "nat-1", Verdict::TooYoung, "1h old");
    world.tag("nat-gateway", "nat-1", EXPIRES, "2026-11-21T11:00:00Z");
    check(&world, &aged(), "nat-gateway", "nat-1", Verdict::Orphan, "");
    // A network's day says nothing of what came into it since.
    world.get("nat-gateway", "nat-1").tags.remove(EXPIRES);
    world.tag("vpc", "vpc-1", EXPIRES, "2026-11-20");
    check(&world, &aged(), "nat-gateway", "nat-1", Verdict::TooYoung, "1h old");
    // Nor does a network that is younger than its own day.
    let mut world = undated();
    world.tag("vpc", "vpc-1", EXPIRES, "2026-11-20").born("vpc", "vpc-1", "2026-11-21T09:00:00Z");
    check(&world, &aged(), "subnet", "subnet-1", Verdict::Uncertain, "what is not known is not old");
}

#[test]
fn a_day_that_is_past_says_nothing_against_life_or_others() {
    let mut world = undated();
    world.tag("vpc", "vpc-1", EXPIRES, "2026-11-20");
    world.add("instance", "i-9");
    world.link("instance", "i-9", crate::model::words::how::WITHIN, "subnet", "subnet-1");
    world.tag("instance", "i-9", "Owner", "somebody");
    check(&world, &aged(), "vpc", "vpc-1", Verdict::Uncertain, "also holds i-9");
    let mut unselected = undated();
    unselected.tag("vpc", "vpc-1", EXPIRES, "2026-11-20");
    let nothing = Policy { select: vec!["name=nothing".parse().expect("terms")], ..aged() };
    check(&unselected, &nothing, "vpc", "vpc-1", Verdict::Foreign, "nothing selects it");
}
