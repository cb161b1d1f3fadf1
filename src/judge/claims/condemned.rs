//! The clusters whose claims do not stand against the stack: those of the stack itself, also one that never
//! came to be. The claims ask it for every mark.
//!
//! A name that EKS does not list is not thereby gone: kops, Cluster API, OpenShift and k3s write the same
//! marks. It is the stack's own name only if things that carry the whole stack key bear it and no machine
//! without that key does.

use std::collections::{BTreeMap, BTreeSet};

use crate::inventory::{self, Gap, Inventory, marks};
use crate::kinds::{self, CATALOG, is};
use crate::model::{Key, MadeFor, Position, Region, Resource};

use super::super::view::View;
use super::tags;

/// The condemned clusters: by region, their names.
#[derive(Debug, Default)]
pub(super) struct Condemned {
    names: BTreeMap<Region, BTreeSet<String>>,
    /// The names that machines bear outside of the networks in which a cluster of that name works: of two clusters of
    /// one name, each marks its things alike.
    twofold: BTreeMap<Region, BTreeSet<String>>,
}

/// The names of clusters that are told apart from what bears them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Named<'a> {
    /// By the user, letter by letter.
    pub named: &'a BTreeSet<String>,
    /// By the records of failed stacks of CloudFormation's, which made them, by region.
    pub recorded: &'a BTreeMap<Region, BTreeSet<String>>,
}

/// The names that things of one stack bear in one region.
#[derive(Debug, Default)]
struct Borne {
    /// By things that the stack's own deployer or a controller made.
    by_things: BTreeSet<String>,
    /// By subnets and VPCs, where any cluster leaves its mark that works there.
    by_ground: BTreeSet<String>,
    /// The stack's clusters that stand.
    standing: BTreeSet<String>,
}

impl Condemned {
    /// From the clusters that are the stack's, what carries the stack's own tags, and what the user names.
    pub(super) fn of(
        view: &View<'_>,
        clusters: &BTreeSet<Key>,
        members: &BTreeMap<&Key, String>,
        Named { named, recorded }: Named<'_>,
    ) -> Self {
        let mut condemned = Self::default();
        for cluster in clusters {
            condemned.add(&cluster.region, &cluster.id);
        }
        condemned.twofold = twofold(view, members);
        let borne = borne_by_strangers(view, members);
        for region in &view.inventory.regions {
            // Who would bear the name as well could not be read: then nobody knows whose it is.
            let kinds = [Position::Cluster, Position::Machine].map(kinds::that_is);
            if !kinds.iter().all(|kind| view.inventory.saw(kind, region)) {
                continue;
            }
            // Gone is what EKS does not list here, and what no machine that is not the stack's bears.
            let gone = |name: &String| {
                let listed = Key::new(kinds::that_is(Position::Cluster), region.clone(), name.as_str());
                view.get(&listed).is_none() && !borne.get(region).is_some_and(|names| names.contains(name))
            };
            let own = names_of_stacks(view, region, clusters, members);
            let recorded = recorded.get(region).into_iter().flatten();
            for name in own.iter().chain(named).chain(recorded).filter(|name| gone(name)) {
                condemned.add(region, name);
            }
        }
        condemned
    }

    /// Clusters that were condemned before and are gone. One that is listed again is another.
    pub(super) fn stay(&mut self, view: &View<'_>, gone: &BTreeSet<Key>) {
        let clusters = gone.iter().filter(|key| is(&key.kind, Position::Cluster) && view.get(key).is_none());
        for cluster in clusters {
            self.add(&cluster.region, &cluster.id);
        }
    }

    fn add(&mut self, region: &Region, name: &str) {
        self.names.entry(region.clone()).or_default().insert(name.to_owned());
    }

    /// Whether another cluster seems to have this name too: then a mark alone does not tell which is meant.
    pub(super) fn is_twofold(&self, name: &str, near: &Key) -> bool {
        let here = |names: &BTreeSet<String>| names.contains(name);
        match near.region.is_global() {
            true => self.twofold.values().any(here),
            false => self.twofold.get(&near.region).is_some_and(here),
        }
    }

    /// Whether the cluster of this name that a mark on this thing means is condemned.
    pub(super) fn has(&self, view: &View<'_>, name: &str, near: &Key) -> bool {
        let here = |region: &Region| self.names.get(region).is_some_and(|names| names.contains(name));
        if !near.region.is_global() {
            return here(&near.region);
        }
        let standing = view.clusters_named(name, near).all(|cluster| here(&cluster.region));
        standing && self.names.keys().any(here)
    }
}

/// The machines that are not the stack's.
fn strange_machines<'a>(
    view: &View<'a>,
    members: &BTreeMap<&Key, String>,
) -> impl Iterator<Item = (&'a Key, &'a Resource)> {
    let inventory: &'a Inventory = view.inventory;
    let machines = inventory.resources.iter().filter(|(key, _)| is(&key.kind, Position::Machine));
    machines.filter(|(key, _)| !members.contains_key(key))
}

/// The names of clusters that machines bear which are not the stack's, by region.
fn borne_by_strangers<'a>(
    view: &View<'a>,
    members: &BTreeMap<&Key, String>,
) -> BTreeMap<&'a Region, BTreeSet<String>> {
    let mut borne: BTreeMap<&Region, BTreeSet<String>> = BTreeMap::new();
    for (key, resource) in strange_machines(view, members) {
        if !tags::are_of_nodes(&resource.tags) {
            let names = marks::claims(resource).into_iter().map(|claim| claim.cluster);
            borne.entry(&key.region).or_default().extend(names);
        }
    }
    borne
}

/// The names that machines bear which are not the stack's and lie where no cluster of that name works, by region.
fn twofold(view: &View<'_>, members: &BTreeMap<&Key, String>) -> BTreeMap<Region, BTreeSet<String>> {
    let mut found: BTreeMap<Region, BTreeSet<String>> = BTreeMap::new();
    for (key, resource) in strange_machines(view, members) {
        let around = &view.at(key).inside;
        let here = |cluster: &Key| {
            let mut networks = view.at(cluster).inside.iter().filter(|it| is(&it.kind, Position::Network));
            networks.any(|network| around.contains(network))
        };
        let elsewhere = |name: &String| !view.clusters_named(name, key).any(here);
        let names = marks::claims(resource).into_iter().map(|claim| claim.cluster).filter(elsewhere);
        found.entry(key.region.clone()).or_default().extend(names);
    }
    found
}

fn names_of_stacks(
    view: &View<'_>,
    region: &Region,
    clusters: &BTreeSet<Key>,
    members: &BTreeMap<&Key, String>,
) -> BTreeSet<String> {
    let mut stacks: BTreeMap<&str, Borne> = BTreeMap::new();
    for (key, stack) in members.iter().filter(|(key, _)| key.region == *region) {
        let borne = stacks.entry(stack.as_str()).or_default();
        if clusters.contains(*key) {
            borne.standing.insert(key.id.to_string());
        }
        let Some(resource) = view.get(key) else { continue };
        let marked = marks::claims(resource).into_iter().map(|claim| claim.cluster);
        if is_ground(key) {
            borne.by_ground.extend(marked);
        } else {
            borne.by_things.extend(marked.chain(in_name(key)));
        }
    }
    let whole = CATALOG.iter().all(|spec| {
        let regional = spec.scope == crate::model::Scope::Regional;
        // Hidden parts of a cluster that was read bear that cluster's name, and the cluster stands.
        let parts = || {
            let hidden = |gap: &&Gap| gap.kind == spec.kind() && gap.region == *region;
            let mut gaps = view.inventory.gaps.iter().filter(hidden).peekable();
            let asked = view.inventory.kinds.contains(&spec.kind());
            asked
                && gaps.peek().is_some()
                && gaps.all(|gap| inventory::parents(view.inventory, gap).is_some())
        };
        !regional || view.inventory.saw(&spec.kind(), region) || parts()
    });
    stacks.into_values().flat_map(|borne| borne.names(whole)).collect()
}

impl Borne {
    /// The names that are the stack's own. One that only its ground bears is, if the stack has no other:
    /// a second one there is of somebody who works on the same ground.
    fn names(self, seen_whole: bool) -> BTreeSet<String> {
        let only = self.by_things.is_empty() && self.standing.is_empty() && self.by_ground.len() == 1;
        if only && seen_whole { self.by_ground } else { self.by_things }
    }
}

/// The cluster in the name of a thing that EKS names after it.
fn in_name(key: &Key) -> Option<String> {
    match CATALOG.get(&key.kind)?.made_for {
        MadeFor::ClusterInName(cluster_in) => cluster_in(&key.id).map(str::to_owned),
        MadeFor::Told | MadeFor::ClusterOfIssuer | MadeFor::NodeGroup(_) => None,
    }
}

/// Whether a thing is ground: others lie in it, and it is nobody's who merely works there.
pub(super) fn is_ground(key: &Key) -> bool {
    is(&key.kind, Position::Network) || is(&key.kind, Position::Subnet)
}
