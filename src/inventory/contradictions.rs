//! Listings that contradict each other: takes an inventory, finds what is referred to and not listed, has it
//! looked at by id, and makes a gap of every listing that left something out.
//!
//! Something that was read refers to a thing of a kind that was read wholly there, and that list does not show it:
//! either the reference dangles (AWS keeps some for ever: a blackhole route, a target group whose VPC is gone), or
//! the list is not whole, and nobody knows what else it left out. Looking at the thing by its id tells which. Where
//! nothing can be looked at (a saved scan), the list counts as not whole.
//!
//! Not in doubt are:
//! - global things: AWS lets a role, profile or policy go while something names it, so that such names prove
//!   nothing, and all of them come from one listing of the account;
//! - things of other accounts: what another account owns may refer to what only that account sees, and an id in
//!   another form than the kind's own names such a thing (`account/sg-1`, an ARN with another account);
//! - links that are derived from what was listed (`closure`).

use std::collections::{BTreeMap, BTreeSet};

use super::{DERIVED, Gap, Inventory};
use crate::kinds::{self, CATALOG};
use crate::model::words::how;
use crate::model::{AccountId, GuardRule, Ids, Key, Link, Position, Resource, Scope};

/// What came of looking at single things by their ids. What is in neither is not there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Looked {
    /// What stands.
    pub found: BTreeMap<Key, Resource>,
    /// What could not be looked at, each with the reason in one sentence.
    pub failed: BTreeMap<Key, String>,
}

/// The things to look at by id: each is referred to, and its own list does not show it.
pub fn doubts(inventory: &Inventory) -> BTreeSet<Key> {
    contradictions(inventory).into_keys().cloned().collect()
}

/// Takes in what came of looking at these things. What stands after all is added, and its list counts as not
/// whole; what could not be looked at leaves its list in doubt; what is not there is gone.
pub fn settle(inventory: &mut Inventory, asked: &BTreeSet<Key>, looked: Looked) {
    let Looked { mut found, failed } = looked;
    for key in asked {
        if let Some(resource) = found.remove(key) {
            // What another account owns no list of this account needs to show.
            if !is_of_another(&resource, &inventory.caller.account) {
                let why = format!("the list left out {key}, which stands");
                inventory.gaps.insert(gap(key, why));
            }
            inventory.gone.remove(key);
            inventory.resources.insert(key.clone(), resource);
        } else if let Some(error) = failed.get(key) {
            let why = format!("the list does not show {key}, which others refer to: {error}");
            inventory.gaps.insert(gap(key, why));
        } else {
            inventory.gone.insert(key.clone());
        }
    }
}

/// Makes a gap of every list that is still in doubt.
pub(super) fn distrust(inventory: &mut Inventory) {
    let told = |(missing, by): (&Key, &Key)| {
        gap(missing, format!("the list does not show {missing}, which {by} refers to"))
    };
    let gaps: Vec<Gap> = contradictions(inventory).into_iter().map(told).collect();
    inventory.gaps.extend(gaps);
}

/// What is referred to and not listed, each with the first that refers to it.
fn contradictions(inventory: &Inventory) -> BTreeMap<&Key, &Key> {
    let mut seen: BTreeMap<_, bool> = BTreeMap::new();
    let mut missing = BTreeMap::new();
    let account = &inventory.caller.account;
    for (near, resource) in inventory.resources.iter().filter(|(_, it)| !is_of_another(it, account)) {
        for link in resource.links.iter().filter(|link| proves(link, account)) {
            let to = &link.to;
            if inventory.resources.contains_key(to) || inventory.gone.contains(to) {
                continue;
            }
            let place = (&to.kind, &to.region);
            if *seen.entry(place).or_insert_with(|| inventory.saw(&to.kind, &to.region)) {
                missing.entry(to).or_insert(near);
            }
        }
    }
    missing
}

/// Whether a link says that its far end stands, and stands where a list of this account shows it.
fn proves(link: &Link, account: &AccountId) -> bool {
    let role = link.how.as_ref();
    let derived = role == how::MADE_FOR || DERIVED.contains(&role);
    let far = CATALOG.get(&link.to.kind);
    !derived && far.is_some_and(|far| far.scope == Scope::Regional && is_own(far.ids, &link.to.id, account))
}

/// Whether an id has the form of those that a list of this account shows.
fn is_own(ids: Ids, id: &str, account: &AccountId) -> bool {
    let arn = || id.starts_with("arn:");
    match ids {
        Ids::Prefix(prefix) => id.starts_with(prefix),
        Ids::Name => !id.is_empty() && !arn(),
        Ids::OfCluster => {
            id.split_once('/').is_some_and(|(cluster, name)| !cluster.is_empty() && !name.is_empty())
        }
        Ids::Arn { .. } => arn() && id.split(':').nth(4) == Some(account.as_str()),
    }
}

fn is_of_another(resource: &Resource, account: &AccountId) -> bool {
    resource.owner.as_ref().is_some_and(|owner| owner != account)
        || resource.guards.iter().any(|guard| guard.rule == GuardRule::OtherAccount)
}

/// The gap of the list that should show this thing: of the parts of its cluster, if it is one.
fn gap(key: &Key, why: String) -> Gap {
    let gap = Gap::new(key.kind.clone(), key.region.clone(), why);
    let of_cluster = CATALOG.get(&key.kind).is_some_and(|spec| spec.ids == Ids::OfCluster);
    match key.id.split_once('/').filter(|_| of_cluster) {
        Some((cluster, _)) => {
            gap.within(Key::new(kinds::that_is(Position::Cluster), key.region.clone(), cluster))
        }
        None => gap,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::testing::{World, key, region};
    use crate::inventory::{DERIVED, ready};
    use crate::model::{Guard, KindSpec, LinkRule, RouteTarget};

    const ACCOUNT: &str = "123456789012";

    /// An id of this kind as a list of the account shows it.
    fn own_id(spec: &KindSpec, name: &str) -> String {
        spec.ids.form(name, region().as_str(), ACCOUNT)
    }

    /// Every rule of the table with each kind that its far end may be of; parts of a kind are no things.
    fn rules() -> impl Iterator<Item = (&'static KindSpec, &'static LinkRule, &'static KindSpec)> {
        let rules = CATALOG.iter().flat_map(|spec| spec.links.iter().map(move |rule| (spec, rule)));
        rules.flat_map(|(spec, rule)| {
            let meant = move |far: &&'static KindSpec| {
                let routed = far.route_target == RouteTarget::Yes;
                rule.to == far.name || (rule.to == LinkRule::ANY_ROUTE_TARGET && routed)
            };
            CATALOG.iter().filter(meant).map(move |far| (spec, rule, far))
        })
    }

    /// A thing that was read and refers to one that was not.
    fn referring(spec: &KindSpec, role: &'static str, far: &KindSpec) -> (World, Key) {
        let (near, missing) = (own_id(spec, "1"), own_id(far, "2"));
        let mut world = World::new();
        world.add(spec.name, &near).link(spec.name, &near, role, far.name, &missing);
        (world, key(far.name, &missing))
    }

    #[test]
    fn every_reference_to_a_thing_that_its_list_does_not_show_is_doubted_but_those_to_global_things() {
        let (mut doubted, mut not) = (0, 0);
        for (spec, rule, far) in rules() {
            let (world, missing) = referring(spec, rule.how, far);
            // What this program derives, it derives from what was listed.
            let derived = rule.how == how::MADE_FOR || DERIVED.contains(&rule.how);
            let expected = far.scope == Scope::Regional && !derived;
            let told = format!("{} {} {}", spec.name, rule.how, far.name);
            assert_eq!(doubts(&world.inventory), expected.then_some(missing).into_iter().collect(), "{told}");
            *(if expected { &mut doubted } else { &mut not }) += 1;
        }
        assert!(doubted > 40 && not > 5, "{doubted} {not}");
    }

    #[test]
    fn where_nothing_can_be_looked_at_the_list_is_a_gap_and_once_it_is_one_nothing_of_it_is_doubted() {
        for (spec, rule, far) in rules() {
            let (mut world, missing) = referring(spec, rule.how, far);
            let doubted = !doubts(&world.inventory).is_empty();
            ready(&mut world.inventory);
            assert_eq!(
                world.inventory.saw(&missing.kind, &missing.region),
                !doubted,
                "{} {}",
                spec.name,
                far.name
            );
            let once = world.inventory.clone();
            ready(&mut world.inventory);
            assert_eq!(world.inventory, once);
        }
    }

    /// An interface that is attached to an instance of which the list shows nothing.
    fn left_out() -> (World, Key) {
        let mut world = World::new();
        world.add("network-interface", "eni-1");
        world.link("network-interface", "eni-1", how::ATTACHED, "instance", "i-1");
        (world, key("instance", "i-1"))
    }

    fn settled(looked: Looked) -> Inventory {
        let (mut world, missing) = left_out();
        assert_eq!(doubts(&world.inventory), BTreeSet::from([missing.clone()]));
        settle(&mut world.inventory, &BTreeSet::from([missing]), looked);
        ready(&mut world.inventory);
        world.inventory
    }

    #[test]
    fn what_is_not_there_by_its_id_is_gone_and_no_gap() {
        let inventory = settled(Looked::default());
        assert_eq!(inventory.gone, BTreeSet::from([key("instance", "i-1")]));
        assert!(inventory.is_complete() && doubts(&inventory).is_empty());
    }

    #[test]
    fn what_stands_after_all_is_added_and_its_list_is_not_whole() {
        let missing = key("instance", "i-1");
        let found = BTreeMap::from([(missing.clone(), Resource::new(missing.clone()))]);
        let inventory = settled(Looked { found, ..Looked::default() });
        assert!(inventory.resources.contains_key(&missing) && inventory.gone.is_empty());
        assert!(!inventory.saw(&missing.kind, &missing.region));
        let gap = inventory.gaps.first().expect("a gap");
        assert!(gap.error.contains("left out instance i-1"), "{}", gap.error);
    }

    #[test]
    fn what_could_not_be_looked_at_leaves_its_list_in_doubt() {
        let missing = key("instance", "i-1");
        let failed = BTreeMap::from([(missing.clone(), "UnauthorizedOperation".to_owned())]);
        let inventory = settled(Looked { failed, ..Looked::default() });
        assert!(!inventory.saw(&missing.kind, &missing.region));
        assert!(inventory.gone.is_empty() && !inventory.resources.contains_key(&missing));
    }

    #[test]
    fn an_answer_about_something_else_settles_nothing() {
        let other = key("instance", "i-2");
        let found = BTreeMap::from([(other.clone(), Resource::new(other.clone()))]);
        let inventory = settled(Looked { found, ..Looked::default() });
        assert!(!inventory.resources.contains_key(&other));
    }

    #[test]
    fn what_another_account_owns_is_no_contradiction_at_either_end() {
        let (mut world, _) = left_out();
        world.get("network-interface", "eni-1").owner = Some(AccountId::new("999999999999"));
        assert!(doubts(&world.inventory).is_empty());
        let (mut world, _) = left_out();
        let guard = Guard { rule: GuardRule::OtherAccount, why: "theirs".to_owned() };
        world.get("network-interface", "eni-1").guards.insert(guard);
        assert!(doubts(&world.inventory).is_empty());

        let missing = key("instance", "i-1");
        let mut theirs = Resource::new(missing.clone());
        theirs.owner = Some(AccountId::new("999999999999"));
        let found = BTreeMap::from([(missing.clone(), theirs)]);
        let inventory = settled(Looked { found, ..Looked::default() });
        assert!(inventory.is_complete() && inventory.resources.contains_key(&missing));
    }

    #[test]
    fn an_id_in_another_form_than_the_kinds_own_is_another_accounts() {
        let mut world = World::new();
        world.add("security-group", "sg-1").add("network-interface", "eni-1");
        world.link("security-group", "sg-1", how::NAMES, "security-group", "999999999999/sg-2");
        let balancer = "arn:aws:elasticloadbalancing:us-east-1:999999999999:loadbalancer/net/a/b";
        world.link("network-interface", "eni-1", how::MADE_BY, "load-balancer", balancer);
        assert!(doubts(&world.inventory).is_empty());
        let own = balancer.replace("999999999999", ACCOUNT);
        world.link("network-interface", "eni-1", how::MADE_BY, "load-balancer", &own);
        assert_eq!(doubts(&world.inventory), BTreeSet::from([key("load-balancer", &own)]));
    }

    #[test]
    fn a_part_that_the_list_of_its_cluster_left_out_is_a_gap_of_that_cluster() {
        let mut world = World::new();
        world.add("instance", "i-1").link("instance", "i-1", how::MADE_BY, "eks-nodegroup", "demo/ng");
        ready(&mut world.inventory);
        let within = world.inventory.gaps.first().and_then(|gap| gap.within.clone());
        assert_eq!(within, Some(key("eks-cluster", "demo")));
        let holes = crate::inventory::Holes::of(&world.inventory);
        assert!(!holes.saw_it(&key("eks-nodegroup", "demo/ng")));
    }
}
