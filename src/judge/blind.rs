//! The law of gaps over judge and planner together, with the real kinds: who sees less deletes no more.

use std::collections::BTreeSet;

use proptest::prelude::*;

use crate::inventory::testing::{KINDS, World, at, key};
use crate::inventory::{Gap, Inventory, complete, doubts, ready};
use crate::kinds::CATALOG;
use crate::model::words::how;
use crate::model::{Class, Holds, Ids, Key, KindName, KindSpec, Life, Near, Position, Scope, Verdict};
use crate::plan::{Fate, planner};
use crate::policy::Policy;

use super::laws::worlds;
use super::sight::tells_of_a_deployment;
use super::tests::{attempt, judged, policy, stack};

/// What goes, whichever way, by judge and planner.
pub(super) fn going(inventory: &Inventory, policy: &Policy) -> BTreeSet<Key> {
    let mut inventory = inventory.clone();
    complete(&mut inventory);
    let verdicts = judged(&inventory, policy).verdicts;
    let data = CATALOG.iter().map(KindSpec::kind).collect();
    let plan = planner::plan(&inventory, CATALOG, &verdicts, &data);
    plan.fates.into_iter().filter(|(_, fate)| !matches!(fate, Fate::Kept(_))).map(|(key, _)| key).collect()
}

/// The same account, by a scan that could not read these kinds.
pub(super) fn blind(inventory: &Inventory, kinds: &[&str]) -> Inventory {
    let mut inventory = inventory.clone();
    inventory.resources.retain(|key, _| !kinds.contains(&key.kind.as_str()));
    for kind in kinds {
        let region = key(kind, "any").region;
        inventory.gaps.insert(Gap::new(KindName::new(*kind), region, "denied"));
    }
    inventory
}

/// That a stack was begun a moment ago shows in what AWS is still making ([`tells_of_a_deployment`]): no other kind is
/// the only one to show it, and of none of them AWS tells that it is still making one. A listing of another kind that
/// was denied therefore leaves the stack as settled as it looks, else every such gap would keep the whole account.
pub(super) fn settled_but_for_what_tells(inventory: &mut Inventory) {
    let settled = at("2026-11-21T11:50:00Z");
    for (_, it) in inventory.resources.iter_mut().filter(|(key, _)| !tells_of_a_deployment(&key.kind)) {
        if it.life == Life::Coming {
            it.life = Life::Standing;
        }
        it.created = it.created.map(|born| born.min(settled));
    }
}

#[track_caller]
fn no_more(world: &World, policy: &Policy, kinds: &[&str]) {
    no_more_than(&going(&world.inventory, policy), world, policy, kinds);
}

#[track_caller]
fn no_more_than(whole: &BTreeSet<Key>, world: &World, policy: &Policy, kinds: &[&str]) {
    let less = going(&blind(&world.inventory, kinds), policy);
    let more: Vec<&Key> = less.difference(whole).collect();
    assert!(more.is_empty(), "blind to {kinds:?}, these go as well: {more:?}");
}

#[test]
fn a_stranger_who_was_not_seen_keeps_what_he_would_have_kept() {
    let mut world = attempt();
    world.add("instance", "i-9").link("instance", "i-9", how::WITHIN, "subnet", "subnet-1");
    stack(&mut world, "instance", "i-9", "live");
    for kind in KINDS.iter() {
        no_more(&world, &policy(), &[kind]);
    }
}

#[test]
fn a_user_who_was_not_seen_keeps_what_he_works_with() {
    let mut world = attempt();
    // The attempt put these into a VPC of somebody else.
    world
        .add("vpc", "vpc-9")
        .add("route-table", "rtb-9")
        .add("nat-gateway", "nat-9")
        .add("launch-template", "lt-9");
    world.link("route-table", "rtb-9", how::WITHIN, "vpc", "vpc-9");
    world.link("route-table", "rtb-9", how::ROUTES_THROUGH, "nat-gateway", "nat-9");
    world.link("nat-gateway", "nat-9", how::WITHIN, "vpc", "vpc-9");
    world.add("instance", "i-9").link("instance", "i-9", how::USES, "launch-template", "lt-9");
    for (kind, id) in [("nat-gateway", "nat-9"), ("launch-template", "lt-9")] {
        stack(&mut world, kind, id, "attempt-1");
        world.born(kind, id, "2026-11-19T12:00:00Z");
    }
    let whole = going(&world.inventory, &policy());
    for (kind, id) in [("nat-gateway", "nat-9"), ("launch-template", "lt-9")] {
        assert!(!whole.contains(&key(kind, id)), "{id} goes under its user");
    }
    assert!(whole.contains(&key("nat-gateway", "nat-1")));
    for kind in KINDS.iter() {
        no_more(&world, &policy(), &[kind]);
    }
}

/// One thing alone, made two days ago, of the stack with this suffix or of none.
fn alone(kind: &str, suffix: Option<&str>) -> World {
    let mut world = World::new();
    world.add(kind, "it").born(kind, "it", "2026-11-19T12:00:00Z");
    if let Some(suffix) = suffix {
        stack(&mut world, kind, "it", suffix);
    }
    world
}

#[test]
fn no_kind_goes_without_a_tag_or_where_nothing_else_was_read() {
    for kind in KINDS.iter() {
        let goes = |world: &World| going(&world.inventory, &policy()).contains(&key(kind, "it"));
        let only_read = CATALOG.named(kind).is_some_and(|spec| spec.class == Class::Witness);
        assert_eq!(goes(&alone(kind, Some("attempt-1"))), !only_read, "{kind}: nothing speaks for it");
        assert!(!goes(&alone(kind, None)), "{kind} goes without a tag");
        assert!(!goes(&alone(kind, Some("live"))), "{kind} goes with another stack's tag");
        let mut unread = alone(kind, Some("attempt-1"));
        for other in KINDS.iter() {
            let region = key(other, "any").region;
            unread.inventory.gaps.insert(Gap::new(KindName::of(other), region, "denied"));
        }
        assert!(!goes(&unread), "{kind} goes from a region that was not read");
    }
}

/// For each rule of the table: what the attempt made, and somebody living whose link leads to it.
#[test]
fn whoever_works_with_it_was_not_seen_and_keeps_it_all_the_same() {
    for spec in CATALOG.iter() {
        for rule in spec.links.iter().filter(|rule| CATALOG.named(rule.to).is_some()) {
            let mut world = attempt();
            world.add(rule.to, "made").add(spec.name, "theirs");
            stack(&mut world, rule.to, "made", "attempt-1");
            stack(&mut world, spec.name, "theirs", "live");
            for (kind, id) in [(rule.to, "made"), (spec.name, "theirs")] {
                world.born(kind, id, "2026-11-19T12:00:00Z");
            }
            world.link(spec.name, "theirs", rule.how, rule.to, "made");
            assert!(!going(&world.inventory, &policy()).contains(&key(spec.name, "theirs")), "{}", spec.name);
            let whole = going(&world.inventory, &policy());
            for kind in KINDS.iter() {
                no_more_than(&whole, &world, &policy(), &[kind]);
            }
            no_more_than(&whole, &world, &policy(), &[spec.name, rule.to]);
        }
    }
}

/// Whether one of a kind that was not seen could hold a thing of another, go along with it or work with it.
fn could_hold(unseen: &KindSpec, thing: &KindSpec) -> bool {
    CATALOG.rules_to(&thing.kind()).filter(|(spec, _)| spec.name == unseen.name).any(|(_, rule)| {
        rule.holds != Holds::Nothing
            || matches!(rule.near, Near::GoesWithTarget(_))
            || unseen.works_with(rule.how)
    })
}

#[test]
fn a_gap_keeps_what_one_of_its_kind_could_hold_use_lie_in_or_show_and_nothing_else() {
    let (mut kept, mut free) = (0, 0);
    for unseen in CATALOG.iter() {
        for thing in CATALOG.iter().filter(|thing| thing.class != Class::Witness) {
            let mut world = alone(thing.name, Some("attempt-1"));
            let Key { kind, region, .. } = key(unseen.name, "any");
            world.inventory.gaps.insert(Gap::new(kind.clone(), region, "denied"));
            let part = unseen.ids == Ids::OfCluster;
            let a_cluster = thing.position == Position::Cluster;
            let shows = tells_of_a_deployment(&kind) && (!part || a_cluster);
            let inside = thing.position == Position::Network && CATALOG.may_lie_in_a_network(unseen);
            let holds = could_hold(unseen, thing);
            let expected = shows || inside || holds;
            let goes = going(&world.inventory, &policy()).contains(&key(thing.name, "it"));
            assert_eq!(goes, !expected, "blind to {}: {}", unseen.name, thing.name);
            *(if expected { &mut kept } else { &mut free }) += 1;
        }
    }
    assert!(kept > 100 && free > 100, "{kept} {free}");
}

/// The attempt beside a living stack with a cluster, a network and a role of its own.
fn beside_another() -> World {
    let mut world = attempt();
    for (kind, id) in [("vpc", "vpc-2"), ("eks-cluster", "theirs"), ("iam-role", "their-role")] {
        world.add(kind, id).born(kind, id, "2026-11-19T12:00:00Z");
        stack(&mut world, kind, id, "live");
    }
    world.link("eks-cluster", "theirs", how::WITHIN, "vpc", "vpc-2");
    world.link("eks-cluster", "theirs", how::USES, "iam-role", "their-role");
    world
}

#[test]
fn add_ons_of_somebody_elses_cluster_that_were_not_read_change_nothing() {
    let mut world = beside_another();
    let whole = judged(&world.inventory, &policy());
    let gone = going(&world.inventory, &policy());
    assert!(gone.len() > 10, "{gone:?}");
    let Key { kind, region, .. } = key("eks-addon", "any");
    let gap = Gap::new(kind, region, "AccessDenied");
    world.inventory.gaps.insert(gap.clone().within(key("eks-cluster", "theirs")));
    assert_eq!(judged(&world.inventory, &policy()), whole);
    assert_eq!(going(&world.inventory, &policy()), gone);
    // Those of its own cluster keep the cluster and all that the cluster works with.
    world.inventory.gaps.insert(gap.within(key("eks-cluster", "demo")));
    let less = going(&world.inventory, &policy());
    assert!(!less.contains(&key("eks-cluster", "demo")) && !less.contains(&key("vpc", "vpc-1")));
}

#[test]
fn node_groups_of_somebody_elses_cluster_that_were_not_read_keep_what_they_could_work_with() {
    let mut world = beside_another();
    let whole = going(&world.inventory, &policy());
    let Key { kind, region, .. } = key("eks-nodegroup", "any");
    world.inventory.gaps.insert(Gap::new(kind, region, "denied").within(key("eks-cluster", "theirs")));
    let kept: Vec<Key> = whole.difference(&going(&world.inventory, &policy())).cloned().collect();
    assert!(kept.contains(&key("iam-role", "demo-role")), "{kept:?}");
    assert!(
        kept.iter().all(|key| CATALOG.get(&key.kind).is_some_and(|spec| spec.scope == Scope::Global)),
        "{kept:?}"
    );
}

/// The attempt, in whose subnet an instance works that the list of instances does not show.
fn left_out() -> World {
    let mut world = attempt();
    world.add("network-interface", "eni-9").link(
        "network-interface",
        "eni-9",
        how::WITHIN,
        "subnet",
        "subnet-1",
    );
    world.link("network-interface", "eni-9", how::ATTACHED, "instance", "i-9");
    stack(&mut world, "network-interface", "eni-9", "attempt-1");
    world.born("network-interface", "eni-9", "2026-11-19T12:00:00Z");
    world
}

#[test]
fn a_list_of_instances_that_leaves_one_out_keeps_the_network_whole() {
    let mut world = left_out();
    ready(&mut world.inventory);
    let verdicts = judged(&world.inventory, &policy()).verdicts;
    let network =
        [("vpc", "vpc-1"), ("subnet", "subnet-1"), ("nat-gateway", "nat-1"), ("elastic-ip", "eipalloc-1")];
    for (kind, id) in
        network.into_iter().chain([("internet-gateway", "igw-1"), ("network-interface", "eni-9")])
    {
        assert_eq!(verdicts[&key(kind, id)].verdict, Verdict::Uncertain, "{kind} {id}");
    }
    let gone = going(&world.inventory, &policy());
    assert!(
        !gone.contains(&key("subnet", "subnet-1")) && !gone.contains(&key("nat-gateway", "nat-1")),
        "{gone:?}"
    );
    // An instance that is not there by its id holds nothing.
    let mut world = left_out();
    world.inventory.gone = doubts(&world.inventory);
    assert_eq!(world.inventory.gone, BTreeSet::from([key("instance", "i-9")]));
    ready(&mut world.inventory);
    let gone = going(&world.inventory, &policy());
    assert!(gone.contains(&key("subnet", "subnet-1")) && gone.contains(&key("network-interface", "eni-9")));
    assert_eq!(judged(&world.inventory, &policy()).verdicts[&key("vpc", "vpc-1")].verdict, Verdict::Orphan);
}

#[test]
fn the_association_of_a_subnet_that_is_gone_keeps_no_network() {
    let mut world = attempt();
    for (kind, id) in [("security-group", "sg-default"), ("route-table", "rtb-main")] {
        world.inventory.resources.remove(&key(kind, id));
    }
    assert!(going(&world.inventory, &policy()).contains(&key("vpc", "vpc-1")), "nothing is in its way");
    world.add("route-table", "rtb-2").link("route-table", "rtb-2", how::WITHIN, "vpc", "vpc-1");
    world.link("route-table", "rtb-2", how::ASSOCIATED, "subnet", "subnet-gone");
    let goes = |world: &World| going(&world.inventory, &policy()).contains(&key("vpc", "vpc-1"));
    assert!(!goes(&world), "nobody knows that the subnet is gone");
    world.inventory.gone = doubts(&world.inventory);
    assert!(goes(&world));
}

#[test]
fn what_is_attached_to_a_network_without_an_interface_and_is_anothers_keeps_it_whole() {
    // Of a kind that no version knows yet, and of one that every version knows.
    for (kind, id) in [("vpn-gateway", "vgw-1"), ("vpc-peering-connection", "pcx-1")] {
        for tagged in [false, true] {
            let mut world = attempt();
            world.add(kind, id).link(kind, id, how::ATTACHED, "vpc", "vpc-1").born(
                kind,
                id,
                "2026-11-19T12:00:00Z",
            );
            if tagged {
                stack(&mut world, kind, id, "live");
            } else {
                world.tag(kind, id, "Team", "network");
            }
            let verdicts = judged(&world.inventory, &policy()).verdicts;
            let network = ["vpc-1", "subnet-1", "nat-1", "eipalloc-1", "igw-1", "eni-1"];
            for (key, judged) in verdicts.iter().filter(|(key, _)| network.contains(&key.id.as_str())) {
                // What works with the network itself may live.
                let kept = [Verdict::Uncertain, Verdict::Active].contains(&judged.verdict);
                assert!(kept, "{kind}: {key} is {}", judged.verdict);
                assert!(
                    ["eni-1", "igw-1"].contains(&key.id.as_str())
                        || judged.evidence.iter().any(|it| it.contains(id)),
                    "{kind}: {key} {:?}",
                    judged.evidence
                );
            }
            let gone = going(&world.inventory, &policy());
            assert!(gone.iter().all(|key| !network.contains(&key.id.as_str())), "{gone:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn being_blind_to_a_kind_never_adds_a_deletion(world in worlds(), a in 0..KINDS.len(), b in 0..KINDS.len()) {
        let mut world = world;
        settled_but_for_what_tells(&mut world.inventory);
        // Nor does a thing refer to another in a role that its kind does not have (a group that uses a cluster).
        for (key, it) in &mut world.inventory.resources {
            let spec = CATALOG.get(&key.kind);
            it.links.retain(|link| spec.is_some_and(|spec| spec.rule(&link.how, &link.to.kind).is_some()));
        }
        // Parts of a cluster are deployed with it.
        let inventory = &mut world.inventory;
        let standing: BTreeSet<Key> = inventory.resources.keys().cloned().collect();
        for (key, it) in &mut inventory.resources {
            let cluster = key.id.split_once('/').map(|(cluster, _)| crate::inventory::testing::key("eks-cluster", cluster));
            let part = CATALOG.get(&key.kind).is_some_and(|spec| spec.ids == Ids::OfCluster);
            if part && !cluster.is_some_and(|cluster| standing.contains(&cluster)) {
                it.life = Life::Standing;
            } else if part {
                it.tags.clear();
            }
        }
        // Whatever is referred to and not there was asked for by its id.
        inventory.gone = doubts(inventory);
        let whole = going(&world.inventory, &policy());
        let kinds = [KINDS[a], KINDS[b]];
        let less = going(&blind(&world.inventory, &kinds), &policy());
        let evidence = judged(&world.inventory, &policy()).verdicts;
        let more: Vec<_> = less.difference(&whole).map(|key| (key, &evidence[key].evidence)).collect();
        prop_assert!(more.is_empty(), "blind to {kinds:?}: {more:#?}");
    }
}
