//! Which gaps may hide something that has to do with a given thing: judge and planner ask it before a gap keeps
//! anything.
//!
//! A gap in a whole kind may hide anything of that kind. One in the parts of a cluster (its node groups, its
//! add-ons) hides only things of that cluster: they lie where the cluster lies, and no other cluster has them.

use std::collections::{BTreeMap, BTreeSet};

use super::{Gap, Inventory};
use crate::kinds::{self, CATALOG, is};
use crate::model::words::how;
use crate::model::{Ids, Key, KindName, Position, Region, Resource};

/// The gaps of an inventory, by kind and place.
#[derive(Debug)]
pub struct Holes<'a> {
    inventory: &'a Inventory,
    holes: BTreeMap<(&'a KindName, &'a Region), Hole<'a>>,
}

/// What may be missing of one kind in one place.
#[derive(Debug)]
enum Hole<'a> {
    /// Anything.
    Whole,
    /// Parts of these.
    Parts(BTreeMap<&'a Key, BTreeSet<&'a Key>>),
}

impl<'a> Holes<'a> {
    /// The gaps of this inventory.
    pub fn of(inventory: &'a Inventory) -> Self {
        let mut holes: BTreeMap<(&KindName, &Region), Hole<'a>> = BTreeMap::new();
        for gap in &inventory.gaps {
            let parts = gap.within.as_ref().map(|parent| (parent, networks(inventory, parent)));
            let hole = holes.entry((&gap.kind, &gap.region)).or_insert(Hole::Parts(BTreeMap::new()));
            match (hole, parts) {
                (Hole::Parts(known), Some(part)) => known.extend([part]),
                (hole, None) => *hole = Hole::Whole,
                (Hole::Whole, Some(_)) => {}
            }
        }
        Self { inventory, holes }
    }

    /// Whether this kind was read wholly in this region.
    pub fn saw(&self, kind: &KindName, region: &Region) -> bool {
        self.asked(kind, region) && !self.holes.contains_key(&(kind, region))
    }

    /// Whether all of this kind in this region was read that may hold, use or lie in this thing, or belong to it.
    pub fn saw_near(&self, kind: &KindName, region: &Region, thing: &Key) -> bool {
        self.asked(kind, region)
            && match self.holes.get(&(kind, region)) {
                None => true,
                Some(Hole::Whole) => false,
                Some(Hole::Parts(parents)) => {
                    let here = networks(self.inventory, thing);
                    !parents.iter().any(|(parent, there)| may_concern(parent, there, thing, &here))
                }
            }
    }

    /// Whether this very thing would have been read if it were there.
    pub fn saw_it(&self, thing: &Key) -> bool {
        let of_cluster = |parent: &Key| thing.id.split_once('/').is_none_or(|(it, _)| it == parent.id);
        self.asked(&thing.kind, &thing.region)
            && match self.holes.get(&(&thing.kind, &thing.region)) {
                None => true,
                Some(Hole::Whole) => false,
                Some(Hole::Parts(parents)) => !parents.keys().any(|parent| of_cluster(parent)),
            }
    }

    fn asked(&self, kind: &KindName, region: &Region) -> bool {
        let inventory = self.inventory;
        inventory.kinds.contains(kind) && (region.is_global() || inventory.regions.contains(region))
    }
}

/// The things of which a gap may hide parts, where those were read: one that it names, or any cluster of a region
/// in which the clusters were read wholly and the listing of their parts failed. `None` if nobody knows whose the
/// hidden things are.
pub fn parents<'a>(inventory: &'a Inventory, gap: &'a Gap) -> Option<Vec<&'a Key>> {
    if let Some(parent) = &gap.within {
        return inventory.resources.contains_key(parent).then(|| vec![parent]);
    }
    let of_clusters = CATALOG.get(&gap.kind).is_some_and(|spec| spec.ids == Ids::OfCluster);
    let clusters = kinds::that_is(Position::Cluster);
    (of_clusters && inventory.saw(&clusters, &gap.region)).then(|| {
        let here = |key: &&Key| key.kind == clusters && key.region == gap.region;
        inventory.resources.keys().filter(here).collect()
    })
}

/// Whether a part of `parent` may have to do with a thing. `there` and `here` are the networks they lie in; none
/// where that is not known.
fn may_concern(parent: &Key, there: &BTreeSet<&Key>, thing: &Key, here: &BTreeSet<&Key>) -> bool {
    if parent == thing {
        return true;
    }
    let of_another = match CATALOG.get(&thing.kind).map(|spec| spec.ids) {
        Some(Ids::OfCluster) => thing.id.split_once('/').is_some_and(|(cluster, _)| cluster != parent.id),
        Some(Ids::Prefix(_) | Ids::Name | Ids::Arn { .. }) | None => thing.kind == parent.kind,
    };
    let apart = !there.is_empty() && !here.is_empty() && there.is_disjoint(here);
    !of_another && !apart
}

/// The networks that a thing is or lies in.
fn networks<'a>(inventory: &'a Inventory, key: &Key) -> BTreeSet<&'a Key> {
    let Some((own, resource)) = inventory.resources.get_key_value(key) else { return BTreeSet::new() };
    if is(&own.kind, Position::Network) {
        return BTreeSet::from([own]);
    }
    let within = |it: &'a Resource| it.links_as(how::WITHIN).map(|link| &link.to);
    let direct = within(resource).filter(|to| is(&to.kind, Position::Network));
    let outer = within(resource)
        .filter(|to| is(&to.kind, Position::Subnet))
        .filter_map(|subnet| inventory.resources.get(subnet))
        .flat_map(within)
        .filter(|to| is(&to.kind, Position::Network));
    direct.chain(outer).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::testing::{World, key, region};

    /// Two clusters in two networks, each with a subnet, a group and a node group.
    fn two() -> World {
        let mut world = World::new();
        for n in ["1", "2"] {
            let id = |kind: &str| format!("{kind}-{n}");
            world.add("vpc", &id("vpc")).add("subnet", &id("subnet")).add("security-group", &id("sg"));
            world.add("eks-cluster", &id("c")).add("eks-nodegroup", &format!("c-{n}/ng"));
            world.link("subnet", &id("subnet"), how::WITHIN, "vpc", &id("vpc"));
            world.link("security-group", &id("sg"), how::WITHIN, "vpc", &id("vpc"));
            world.link("eks-cluster", &id("c"), how::WITHIN, "vpc", &id("vpc"));
        }
        world.add("iam-role", "role").add("eks-nodegroup", "c-1/ng");
        world
    }

    /// The ids of what a gap may have to do with.
    fn concerned(gap: Gap, change: impl FnOnce(&mut World)) -> Vec<String> {
        let mut world = two();
        world.inventory.gaps.insert(gap.clone());
        change(&mut world);
        let holes = Holes::of(&world.inventory);
        let keys = world.inventory.resources.keys();
        keys.filter(|key| !holes.saw_near(&gap.kind, &gap.region, key))
            .map(|key| key.id.to_string())
            .collect()
    }

    fn gap(kind: &str) -> Gap {
        let Key { kind, region, .. } = key(kind, "any");
        Gap::new(kind, region, "denied")
    }

    #[test]
    fn a_gap_in_the_parts_of_one_cluster_concerns_that_cluster_and_what_they_could_work_with() {
        let seen = concerned(gap("eks-nodegroup").within(key("eks-cluster", "c-1")), |_| {});
        assert_eq!(seen, ["c-1", "c-1/ng", "role", "sg-1", "subnet-1", "vpc-1"]);
    }

    #[test]
    fn hidden_parts_are_those_of_a_cluster_that_was_read_if_all_clusters_were() {
        let mut world = two();
        let of = |world: &World, gap: &Gap| {
            parents(&world.inventory, gap)
                .map(|all| all.iter().map(|key| key.id.to_string()).collect::<Vec<_>>())
        };
        let both = Some(vec!["c-1".to_owned(), "c-2".to_owned()]);
        assert_eq!(of(&world, &gap("eks-nodegroup")), both);
        assert_eq!(of(&world, &gap("instance")), None);
        let one = gap("eks-nodegroup").within(key("eks-cluster", "c-1"));
        assert_eq!(of(&world, &one), Some(vec!["c-1".to_owned()]));
        assert_eq!(of(&world, &gap("eks-nodegroup").within(key("eks-cluster", "unread"))), None);
        world.inventory.gaps.insert(gap("eks-cluster"));
        assert_eq!(of(&world, &gap("eks-nodegroup")), None);
        // The planner is told no more than the gap says.
        assert_eq!(concerned(gap("eks-nodegroup"), |_| {}).len(), world.inventory.resources.len());
    }

    #[test]
    fn a_cluster_whose_network_is_not_known_may_lie_in_any() {
        let gap = gap("eks-nodegroup").within(key("eks-cluster", "unread"));
        assert!(concerned(gap, |_| {}).contains(&"vpc-2".to_owned()));
    }

    #[test]
    fn beside_a_gap_in_a_whole_kind_one_in_the_parts_of_a_cluster_makes_no_difference() {
        let part = gap("eks-nodegroup").within(key("eks-cluster", "c-1"));
        let whole = |world: &mut World| {
            world.inventory.gaps.insert(gap("eks-nodegroup"));
            world.inventory.gaps.insert(gap("eks-cluster"));
        };
        assert_eq!(concerned(part, whole).len(), two().inventory.resources.len());
    }

    #[test]
    fn a_part_that_is_asked_for_by_name_was_read_unless_its_own_cluster_was_not() {
        let mut world = two();
        world.inventory.gaps.insert(gap("eks-nodegroup").within(key("eks-cluster", "c-1")));
        let holes = Holes::of(&world.inventory);
        assert!(!holes.saw_it(&key("eks-nodegroup", "c-1/other")));
        assert!(holes.saw_it(&key("eks-nodegroup", "c-2/other")));
        assert!(!holes.saw(&KindName::of("eks-nodegroup"), &region()));
    }
}
