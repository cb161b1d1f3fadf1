//! Expiry takes a stack that lives, by the owner's word, and every way in which it must not.

use super::super::tests::{attempt, check, judged, one, policy, stack};
use super::super::{Judgement, expired, inquiries};
use super::tests::{a_ready_group, failed};
use crate::inventory::testing::{KINDS, World, at, key, region};
use crate::inventory::{Gap, Inquiry, complete};
use crate::model::words::{fact, how};
use crate::model::{Gate, Key, KindName, Life, Region, StackVerdict, StateClaims, Verdict};
use crate::policy::{Policy, Selector};

const STACK: &str = "demo/attempt-1";
/// What bears the stack's name in the attempt.
const NAMED: [(&str, &str); 5] = [
    ("vpc", "vpc-1"),
    ("nat-gateway", "nat-1"),
    ("elastic-ip", "eipalloc-1"),
    ("eks-cluster", "demo"),
    ("iam-role", "demo-role"),
];

/// A leaked test cluster, two days old: its nodes joined.
fn leaked() -> World {
    let mut world = failed();
    a_ready_group(&mut world);
    for (kind, id) in NAMED {
        world.tag(kind, id, "purpose", "ci-test");
    }
    world
}

fn after(age: &str) -> Policy {
    let expired = format!("expired = [{{ select = 'tag:purpose=ci-*', after = '{age}' }}]");
    Policy { expired: Policy::from_toml(&expired).expect("a policy").expired, ..policy() }
}

fn day() -> Policy {
    after("24h")
}

fn answer(judgement: &Judgement) -> StackVerdict {
    judgement.stacks.iter().find(|it| it.name == STACK).expect("the stack").verdict
}

fn orphans(world: &World, policy: &Policy) -> usize {
    let all = judged(&world.inventory, policy).verdicts;
    all.values().filter(|judged| judged.verdict == Verdict::Orphan).count()
}

/// Nothing of the stack goes, and this is why.
#[track_caller]
fn stays(world: &World, policy: &Policy, why: &str) {
    let judged = judged(&world.inventory, policy);
    let gone: Vec<&Key> =
        judged.verdicts.iter().filter(|it| it.1.verdict == Verdict::Orphan).map(|it| it.0).collect();
    assert!(gone.is_empty(), "{gone:?}");
    let evidence: Vec<&String> = judged.verdicts.values().filter_map(|it| it.evidence.first()).collect();
    assert!(evidence.iter().any(|it| it.contains(why)), "{evidence:#?}");
    assert!(expired(&judged).is_empty());
}

#[test]
fn a_stack_that_lives_goes_when_its_time_has_passed_and_its_verdict_says_so() {
    stays(&leaked(), &policy(), "demo/attempt-1 lives");
    let judged = judged(&leaked().inventory, &day());
    assert_eq!(answer(&judged), StackVerdict::Expired);
    assert_eq!(orphans(&leaked(), &day()), orphans(&attempt(), &policy()));
    let told = expired(&judged);
    let why = "[[expired]] select tag:purpose=ci-* after 1d says that nobody wants stack demo/attempt-1 any more, alive or not: the youngest of what was made of it,";
    assert!(told.len() == 1 && told[0].why.starts_with(why), "{told:?}");
    assert!(told[0].signs[0].contains("is ACTIVE without trouble"), "{told:?}");
    let life = judged.verdicts[&key("vpc", "vpc-1")].proof.clone().and_then(|proof| proof.life);
    assert_eq!(life.as_ref(), Some(&told[0].why));
}

#[test]
fn it_counts_from_the_youngest_thing_that_a_deployer_made() {
    let mut world = leaked();
    world.born("iam-role", "demo-role", "2026-11-20T12:00:01Z");
    stays(&world, &day(), "or once it expires: iam-role demo-role was made 23h 59m ago");
    world.born("iam-role", "demo-role", "2026-11-20T12:00:00Z");
    assert_eq!(answer(&judged(&world.inventory, &day())), StackVerdict::Expired);
    // What a group of nodes or AWS makes anew tells nothing of a deployer.
    world.born("instance", "i-1", "2026-11-21T11:30:00Z").born(
        "network-interface",
        "eni-1",
        "2026-11-21T11:00:00Z",
    );
    assert_eq!(answer(&judged(&world.inventory, &day())), StackVerdict::Expired);
    stays(&leaked(), &after("3d"), "or once it expires");
}

/// Who deploys a cluster marks the group of his nodes with its name, as controllers mark theirs.
#[test]
fn a_deployers_own_group_counts_although_it_bears_the_clusters_mark() {
    let mut world = leaked();
    world.add("security-group", "sg-node").born("security-group", "sg-node", "2026-11-21T07:00:00Z");
    world.link("security-group", "sg-node", how::WITHIN, "vpc", "vpc-1");
    world.tag("security-group", "sg-node", "kubernetes.io/cluster/demo", "owned");
    assert_eq!(answer(&judged(&world.inventory, &day())), StackVerdict::Expired);
    stack(&mut world, "security-group", "sg-node", "attempt-1");
    world.tag("security-group", "sg-node", "purpose", "ci-test");
    stays(&world, &day(), "or once it expires: sg-node was made 5h ago");
    let unsettled = Policy { settled: "6h".parse().ok(), ..policy() };
    stays(&world, &unsettled, "somebody is at work in stack demo/attempt-1: sg-node was made 5h ago");
}

#[test]
fn what_is_of_unknown_age_is_not_old_and_its_makers_are_asked_about() {
    for (kind, id) in [("vpc", "vpc-1"), ("subnet", "subnet-1"), ("elastic-ip", "eipalloc-1")] {
        let mut world = leaked();
        world.get(kind, id).created = None;
        stays(&world, &day(), &format!("nothing tells the age of {id}, and what is not known is not old"));
        complete(&mut world.inventory);
        let selector = Selector::new(&day(), &KINDS).expect("a selector");
        let ask = |world: &World| {
            let now = at("2026-11-21T12:00:00Z");
            inquiries(&world.inventory, &selector, now, &judged(&world.inventory, &day()))
        };
        assert!(ask(&world).contains(&Inquiry::Maker { of: key(kind, id) }), "{id}");
        world.fact(kind, id, fact::MADE_AT, "2026-11-19T12:00:00Z");
        assert_eq!(answer(&judged(&world.inventory, &day())), StackVerdict::Expired);
        world.fact(kind, id, fact::MADE_AT, "2026-11-21T02:00:00Z");
        stays(&world, &day(), "or once it expires");
        // Where it is too young in any case, nobody is asked.
        world.get(kind, id).facts.remove(fact::MADE_AT);
        world.born("iam-role", "demo-role", "2026-11-21T02:00:00Z");
        assert!(!ask(&world).contains(&Inquiry::Maker { of: key(kind, id) }), "{id}");
    }
}

#[test]
fn whatever_bears_the_stacks_name_has_to_match() {
    for (kind, id) in NAMED {
        let mut world = leaked();
        world.tag(kind, id, "purpose", "demo-for-customers");
        stays(&world, &day(), "of it, and [[expired]] select tag:purpose=ci-* after 1d does not mean that");
    }
    // Somebody's thing that only copied the stack key.
    let mut world = leaked();
    world.add("volume", "vol-9").born("volume", "vol-9", "2026-11-01T12:00:00Z");
    stack(&mut world, "volume", "vol-9", "attempt-1");
    stays(&world, &day(), "vol-9 is of it");
}

/// A cluster without a word of its own, in a network of the stack's: it may be somebody's.
#[test]
fn a_cluster_in_it_has_to_match_whether_or_not_it_bears_the_stacks_tags() {
    let mut world = leaked();
    world.get("eks-cluster", "demo").tags.clear();
    stays(&world, &day(), "eks-cluster demo is of it");
    world.tag("eks-cluster", "demo", "purpose", "ci-test");
    assert!(!expired(&judged(&world.inventory, &day())).is_empty());
}

#[test]
fn it_condemns_only_what_is_selected() {
    let nothing = Policy { select: Vec::new(), ..day() };
    assert_eq!(orphans(&leaked(), &nothing), 0);
    let other = Policy { select: vec!["tag:EnvironmentSuffix=attempt-2".parse().expect("terms")], ..day() };
    assert_eq!(orphans(&leaked(), &other), 0);
    assert!(expired(&judged(&leaked().inventory, &other)).is_empty());
}

#[test]
fn it_says_nothing_against_protection_or_a_tag_that_keeps() {
    let mut world = leaked();
    world.tag("eks-cluster", "demo", "aws-janitor:keep", "");
    check(&world, &day(), "eks-cluster", "demo", Verdict::Protected, "aws-janitor:keep");
    check(&world, &day(), "vpc", "vpc-1", Verdict::Uncertain, "also holds eks-cluster demo");
    let protect = vec!["cluster=demo".parse().expect("terms")];
    let policy = Policy { protect, ..day() };
    check(&leaked(), &policy, "eks-cluster", "demo", Verdict::Protected, "--protect");
}

#[test]
fn it_says_nothing_against_others_who_live_or_claim() {
    let mut world = leaked();
    world.add("instance", "i-9").link("instance", "i-9", how::USES, "iam-role", "demo-role");
    check(&world, &day(), "iam-role", "demo-role", Verdict::Active, "i-9 uses it and is not selected");
    let mut world = leaked();
    world.tag("elastic-ip", "eipalloc-1", "aws:backup:source-resource", "x");
    check(&world, &day(), "elastic-ip", "eipalloc-1", Verdict::Foreign, "a service made it");
}

#[test]
fn who_is_at_work_in_it_goes_before_it() {
    let mut world = leaked();
    world.life("nat-gateway", "nat-1", Life::Coming);
    stays(&world, &day(), "is being deployed right now");
    // And so does whoever is at work with a longer time to settle than to expire.
    let settled = Policy { settled: "3d".parse().ok(), ..day() };
    stays(&leaked(), &settled, "somebody is at work");
}

/// A state knows its things by name, and a pattern names no stack: its tool's own destroy removes them.
#[test]
fn a_state_still_owns_what_it_owns() {
    let mut world = leaked();
    let state = |unread: Option<&str>| StateClaims {
        source: "shop.tfstate".into(),
        tool: None,
        stack: None,
        account: None,
        owned: Vec::new(),
        named: ["vpc-1".to_owned()].into(),
        failed: false,
        unread: unread.map(str::to_owned),
    };
    world.inventory.states = vec![state(None)];
    check(&world, &day(), "vpc", "vpc-1", Verdict::Active, "state shop.tfstate names it");
    world.inventory.states = vec![state(Some("locked"))];
    assert_eq!(orphans(&world, &day()), 0);
}

#[test]
fn where_not_all_was_read_nothing_expires() {
    for (kind, place) in [("lambda-function", region()), ("iam-role", Region::global()), ("volume", region())]
    {
        let mut world = leaked();
        world.inventory.gaps.insert(Gap::new(KindName::of(kind), place, "AccessDenied"));
        stays(&world, &day(), "");
        assert_ne!(answer(&judged(&world.inventory, &day())), StackVerdict::Expired, "{kind}");
    }
    // Parts of its own cluster, and those of another one.
    let parts =
        |of: &str| Gap::new(KindName::of("eks-addon"), region(), "denied").within(key("eks-cluster", of));
    let mut world = leaked();
    world.inventory.gaps.insert(parts("demo"));
    assert_ne!(answer(&judged(&world.inventory, &day())), StackVerdict::Expired);
    let mut world = leaked();
    world.add("eks-cluster", "other").born("eks-cluster", "other", "2026-11-01T12:00:00Z");
    world.inventory.gaps.insert(parts("other"));
    assert_eq!(answer(&judged(&world.inventory, &day())), StackVerdict::Expired);
    let mut world = leaked();
    world.inventory.gaps.insert(Gap::new(
        KindName::of("lambda-function"),
        Region::new("eu-west-1"),
        "denied",
    ));
    assert_eq!(answer(&judged(&world.inventory, &day())), StackVerdict::Expired);
}

#[test]
fn of_stacks_of_one_name_in_several_regions_all_expire_or_none() {
    let there = Region::new("eu-west-1");
    let mut world = leaked();
    world.inventory.regions.insert(there.clone());
    let twin = Key::new(KindName::of("instance"), there.clone(), "i-twin");
    let mut there = crate::model::Resource::new(twin.clone());
    there.created = Some(at("2026-11-21T02:00:00Z"));
    for (name, value) in [("Project", "demo"), ("EnvironmentSuffix", "attempt-1"), ("purpose", "ci-test")] {
        there.tags.insert(name.to_owned(), value.to_owned());
    }
    world.inventory.resources.insert(twin.clone(), there);
    stays(&world, &day(), "a stack of the same name in eu-west-1 has not expired");
    if let Some(twin) = world.inventory.resources.get_mut(&twin) {
        twin.created = Some(at("2026-11-19T02:00:00Z"));
    }
    assert_eq!(answer(&judged(&world.inventory, &day())), StackVerdict::Expired);
}

#[test]
fn of_two_entries_that_mean_a_stack_either_may_let_it_go() {
    let text = "expired = [{ select = 'stack=demo/*', after = '5d' }, { select = 'tag:purpose=ci-*', after = '1d' }]";
    let both = Policy { expired: Policy::from_toml(text).expect("a policy").expired, ..policy() };
    assert_eq!(answer(&judged(&leaked().inventory, &both)), StackVerdict::Expired);
    let turned = Policy { expired: both.expired.iter().rev().cloned().collect(), ..both };
    assert_eq!(answer(&judged(&leaked().inventory, &turned)), StackVerdict::Expired);
}

/// What rests is no life either way: an instance that was stopped goes with its stack.
#[test]
fn what_rests_goes_with_its_stack() {
    let mut world = leaked();
    world.add("instance", "i-2").born("instance", "i-2", "2026-11-19T12:00:00Z");
    stack(&mut world, "instance", "i-2", "attempt-1");
    world.tag("instance", "i-2", "purpose", "ci-test");
    world.get("instance", "i-2").state = Some("stopped".to_owned());
    let gate = one(&world, &policy(), "instance", "i-2").gate;
    assert!(matches!(gate, Some(Gate::Lives { .. } | Gate::LifeUnknown { .. } | Gate::Rests)), "{gate:?}");
    assert_eq!(one(&world, &day(), "instance", "i-2").verdict, Verdict::Orphan);
}
