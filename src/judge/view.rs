//! The inventory as the judge looks at it: where things lie, whose they are, what refers to them.

use std::collections::{BTreeMap, BTreeSet};

use crate::inventory::marks::{self, ClusterMark, Hold};
use crate::inventory::{Holes, Inventory};
use crate::kinds::{self, CATALOG, is};
use crate::model::words::how;
use crate::model::{GuardRule, Key, Position, Resource};
use crate::policy::{Candidate, Case};

use super::record;

/// What is known of one resource beside its description.
#[derive(Debug, Default)]
pub(super) struct Place {
    /// The VPCs and subnets it lies in, however deep. Not itself.
    pub inside: BTreeSet<Key>,
    /// The clusters that its marks name.
    pub claims: Vec<ClusterMark>,
    /// The clusters and node groups of the inventory that own it.
    pub owners: BTreeMap<Key, String>,
    /// What made it or carries it, and is in the inventory.
    pub carriers: BTreeSet<Key>,
    /// The ids of the VPCs it is or lies in, and the names of its clusters: for terms.
    pub vpcs: BTreeSet<String>,
    /// The names of the clusters it is, or was made by or for.
    pub clusters: BTreeSet<String>,
    /// Those, and the clusters that share it.
    pub sharers: BTreeSet<String>,
}

/// The indexed inventory.
pub(super) struct View<'a> {
    pub inventory: &'a Inventory,
    /// What gaps may hide.
    pub holes: Holes<'a>,
    pub places: BTreeMap<Key, Place>,
    /// Far ends to near ends, with the role.
    pub referrers: BTreeMap<Key, Vec<(&'a str, &'a Key)>>,
    /// Clusters by name.
    clusters: BTreeMap<&'a str, BTreeSet<&'a Key>>,
    /// The names of clusters to the stacks whose records say that they made them.
    makers: BTreeMap<&'a str, BTreeSet<&'a Key>>,
    /// VPCs and subnets to what lies in them, however deep.
    pub contents: BTreeMap<Key, BTreeSet<&'a Key>>,
    /// Clusters and node groups to what they own.
    pub owned: BTreeMap<Key, Vec<&'a Key>>,
}

impl<'a> View<'a> {
    pub(super) fn of(inventory: &'a Inventory) -> Self {
        let mut view = Self {
            inventory,
            holes: Holes::of(inventory),
            places: BTreeMap::new(),
            referrers: BTreeMap::new(),
            clusters: BTreeMap::new(),
            makers: BTreeMap::new(),
            contents: BTreeMap::new(),
            owned: BTreeMap::new(),
        };
        for (key, resource) in &inventory.resources {
            if is(&key.kind, Position::Cluster) {
                view.clusters.entry(key.id.as_str()).or_default().insert(key);
            }
            for cluster in record::clusters(resource) {
                view.makers.entry(cluster).or_default().insert(key);
            }
            for link in &resource.links {
                view.referrers.entry(link.to.clone()).or_default().push((link.how.as_ref(), key));
            }
        }
        for (key, resource) in &inventory.resources {
            let place = view.place(key, resource);
            for around in &place.inside {
                view.contents.entry(around.clone()).or_default().insert(key);
            }
            for owner in place.owners.keys() {
                view.owned.entry(owner.clone()).or_default().push(key);
            }
            view.places.insert(key.clone(), place);
        }
        view
    }

    /// The resource of this key, if it was seen.
    pub(super) fn get(&self, key: &Key) -> Option<&'a Resource> {
        self.inventory.resources.get(key)
    }

    /// Where it stands. Every key of the inventory has a place.
    pub(super) fn at(&self, key: &Key) -> &Place {
        static NOWHERE: std::sync::OnceLock<Place> = std::sync::OnceLock::new();
        self.places.get(key).unwrap_or_else(|| NOWHERE.get_or_init(Place::default))
    }

    /// Whether a network is nobody's in particular: in a default VPC, and in one that another account shares, stacks
    /// and people put things of their own.
    pub(super) fn is_common_ground(&self, network: &Key) -> bool {
        let account = &self.inventory.caller.account;
        let common = [GuardRule::DefaultThing, GuardRule::OtherAccount];
        self.get(network).is_some_and(|resource| {
            resource.guards.iter().any(|guard| common.contains(&guard.rule))
                || resource.owner.as_ref().is_some_and(|owner| owner != account)
        })
    }

    /// The clusters of this name: of the resource's region, or of all when the resource has none.
    pub(super) fn clusters_named(&self, name: &str, near: &Key) -> impl Iterator<Item = &'a Key> {
        let named = self.clusters.get(name).into_iter().flatten().copied();
        named.filter(|cluster| near.region.is_global() || cluster.region == near.region)
    }

    /// The stack whose record says that it made the cluster of this name, if it is one alone.
    pub(super) fn maker_of_cluster(&self, name: &str, near: &Key) -> Option<&'a Key> {
        let all = self.makers.get(name).into_iter().flatten().copied();
        let mut here = all.filter(|stack| near.region.is_global() || stack.region == near.region);
        here.next().filter(|_| here.next().is_none())
    }

    /// What the terms of a case are held against: to select, a cluster must own; to protect, sharing is enough.
    pub(super) fn candidate<'b>(
        &'b self,
        resource: &'b Resource,
        stack: Option<&'b str>,
        case: Case,
    ) -> Candidate<'b> {
        let place = self.at(&resource.key);
        let clusters = match case {
            Case::Exact => &place.clusters,
            Case::Wide => &place.sharers,
        };
        Candidate { resource, vpcs: &place.vpcs, clusters, stack }
    }

    fn place(&self, key: &Key, resource: &Resource) -> Place {
        let claims = marks::claims(resource);
        let mut inside = BTreeSet::new();
        self.around(resource, &mut inside);
        inside.remove(key);
        let owners = self.owners(key, resource, &claims);
        let carriers = [how::MADE_BY, how::MADE_FOR_NODES, how::MEMBER_OF]
            .into_iter()
            .flat_map(|role| resource.links_as(role))
            .map(|link| &link.to)
            .filter(|to| self.get(to).is_some() && *to != key)
            .cloned()
            .collect();
        let own = |part: Position| is(&key.kind, part).then(|| String::from(&key.id));
        let around =
            inside.iter().filter(|key| is(&key.kind, Position::Network)).map(|key| String::from(&key.id));
        let vpcs = around.chain(own(Position::Network)).collect();
        let linked = [how::OF_CLUSTER, how::MADE_FOR].into_iter().flat_map(|role| resource.links_as(role));
        // Whoever works on a ground marks it: a subnet is no cluster's.
        let ground = is(&key.kind, Position::Network) || is(&key.kind, Position::Subnet);
        let owned = claims.iter().filter(|claim| claim.hold == Hold::Owned && !ground);
        let clusters = linked
            .filter(|link| is(&link.to.kind, Position::Cluster))
            .map(|link| String::from(&link.to.id))
            .chain(owned.map(|claim| claim.cluster.clone()))
            .chain(own(Position::Cluster))
            .collect::<BTreeSet<_>>();
        let sharers =
            claims.iter().map(|claim| claim.cluster.clone()).chain(clusters.iter().cloned()).collect();
        Place { inside, claims, owners, carriers, vpcs, clusters, sharers }
    }

    /// Adds every VPC and subnet around a resource.
    fn around(&self, resource: &Resource, found: &mut BTreeSet<Key>) {
        for link in &resource.links {
            let holds = match link.how.as_ref() {
                how::WITHIN => true,
                // A gateway is attached to its VPC; a cluster's interfaces lie in the subnets it uses.
                how::ATTACHED => is(&link.to.kind, Position::Network),
                _ => {
                    let clustered = is(&resource.key.kind, Position::Cluster)
                        || is(&resource.key.kind, Position::NodeGroup);
                    clustered && (is(&link.to.kind, Position::Network) || is(&link.to.kind, Position::Subnet))
                }
            };
            if !holds || !found.insert(link.to.clone()) {
                continue;
            }
            if let Some(outer) = self.get(&link.to) {
                self.around(outer, found);
            }
        }
    }

    /// The clusters and node groups that own a resource, each with the sentence that says so.
    fn owners(&self, key: &Key, resource: &Resource, claims: &[ClusterMark]) -> BTreeMap<Key, String> {
        let mut owners = BTreeMap::new();
        let ground = is(&key.kind, Position::Network) || is(&key.kind, Position::Subnet);
        for claim in claims.iter().filter(|claim| claim.hold == Hold::Owned && !ground) {
            for cluster in self.clusters_named(&claim.cluster, key) {
                owners.entry(cluster.clone()).or_insert_with(|| format!("{} says whose it is", claim.mark));
            }
        }
        for (role, verb) in [(how::OF_CLUSTER, "it is a part of"), (how::MADE_FOR, "it was made for")] {
            for link in resource.links_as(role).filter(|link| self.get(&link.to).is_some()) {
                let sentence = format!("{verb} {}", label(&link.to));
                owners.insert(link.to.clone(), sentence);
            }
        }
        if let Some(group) = marks::node_group(resource) {
            let group = Key::new(kinds::that_is(Position::NodeGroup), key.region.clone(), group);
            if self.get(&group).is_some() {
                let sentence = format!("its tags name {}", label(&group));
                owners.insert(group, sentence);
            }
        }
        // What the stack's own record names goes with it; what only its tags name stays with it.
        let members: BTreeSet<&Key> = resource.links_as(how::MEMBER_OF).map(|link| &link.to).collect();
        for link in resource.links_as(how::TAGGED_BY) {
            if self.get(&link.to).is_some() && !members.contains(&link.to) {
                owners.insert(link.to.clone(), "AWS's own tags say that it made it".to_owned());
            }
        }
        // A cluster carries its own name in its tags, and its node groups' too.
        owners.remove(key);
        if is(&key.kind, Position::Cluster) {
            owners.clear();
        }
        owners
    }
}

/// A resource for people: the id where it tells the kind, else kind and id.
pub(super) fn label(key: &Key) -> String {
    if is(&key.kind, Position::Stack) {
        return format!("CloudFormation stack {}", record::name(key));
    }
    if CATALOG.of_id(&key.id).is_some() && !key.region.is_global() {
        String::from(&key.id)
    } else {
        key.to_string()
    }
}
