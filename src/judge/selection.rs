//! What the user's selection reaches: what its terms match, then everything that may belong to it.
//!
//! Tags miss things: AWS and controllers make resources that carry none of the stack's tags and
//! block its deletion all the same. So the selection is closed over what lies in a selected VPC,
//! what a selected cluster made, what a selected resource carries, the profiles of selected roles, and
//! addresses, interfaces and volumes that serve a selected resource.
//! What carries the tags of another stack is never reached this way. Whether what was reached is the
//! stack's, the claims decide (`claims`).

use std::collections::{BTreeMap, BTreeSet};

use crate::kinds::{CATALOG, is};
use crate::model::words::how;
use crate::model::{Key, Position, Resource, Serves};
use crate::policy::{Basis, Case, Naming, Selected, Selector};

use super::stack;
use super::view::{View, label};

/// Why one resource is selected.
#[derive(Debug, Clone)]
pub(super) struct Reach {
    /// The sentence: `lies within vpc-1, which is selected`.
    pub why: String,
    /// Through which selected resource it was reached; `None` if the terms match it itself.
    pub via: Option<Key>,
    /// The directly selected resource where the way to it began.
    pub root: Key,
    /// By what the terms name it, if they match it itself.
    pub named: BTreeSet<Naming>,
    /// The tag keys that the terms ask for which match it itself.
    pub asked: BTreeSet<String>,
}

impl Reach {
    /// What is selected with something else.
    fn with(via: &Key, root: &Key, why: String) -> Self {
        let (via, root) = (Some(via.clone()), root.clone());
        Self { why, via, root, named: BTreeSet::new(), asked: BTreeSet::new() }
    }
}

/// Everything selected, with the reason.
pub(super) type Selection = BTreeMap<Key, Reach>;

/// What the terms match, closed over what belongs to it.
pub(super) fn select(view: &View<'_>, selector: &Selector, stacks: &BTreeMap<Key, String>) -> Selection {
    let mut selection = Selection::new();
    for (key, resource) in &view.inventory.resources {
        let stack = stacks.get(key).map(String::as_str);
        let Some(selected) = selector.selects(&view.candidate(resource, stack, Case::Exact)) else {
            continue;
        };
        let Selected { basis, named, asked, why } = selected;
        let is_named = is(&key.kind, Position::Cluster) && selector.named_clusters().any(|it| it == key.id);
        if basis == Basis::Itself || is_named || !is_stranger(view, resource, selector) {
            selection.insert(key.clone(), Reach { why, via: None, root: key.clone(), named, asked });
        }
    }
    let mut front: Vec<Key> = selection.keys().cloned().collect();
    // Level by level, so that the reason given is the shortest way, whatever the order of keys.
    while !front.is_empty() {
        let mut next = Vec::new();
        for key in &front {
            let Some(root) = selection.get(key).map(|reach| reach.root.clone()) else { continue };
            for (child, why) in belongings(view, key) {
                let own = view.get(&child).zip(view.get(&root));
                let foreign = own.is_none_or(|(own, root)| is_foreign(view, own, root, selector));
                if !foreign && !selection.contains_key(&child) {
                    selection.insert(child.clone(), Reach::with(key, &root, why));
                    next.push(child);
                }
            }
        }
        next.sort();
        front = next;
    }
    selection
}

/// Whether a resource says that it belongs elsewhere than the VPC it lies in or the cluster that owns it:
/// a name, or a place, does not speak for what carries the tags of another stack.
pub(super) fn is_stranger(view: &View<'_>, resource: &Resource, selector: &Selector) -> bool {
    let place = view.at(&resource.key);
    let vpcs = place.inside.iter().filter(|around| is(&around.kind, Position::Network));
    let hosts = vpcs.chain(place.owners.keys()).filter_map(|host| view.get(host));
    let hosts: Vec<&Resource> = hosts.collect();
    let tagged = |it: &Resource| selector.owner_keys().iter().any(|key| it.tags.contains_key(key));
    // An owner that bears no stack tags itself (a node group) says nothing either way; but if nothing else
    // vouches for the resource's own ones, they are another stack's.
    let silent = |host: &Resource| !is(&host.key.kind, Position::Network) && !tagged(host);
    let alone = !hosts.is_empty() && tagged(resource) && hosts.iter().all(|host| silent(host));
    let contradicted = |host: &&Resource| !silent(host) && is_foreign(view, resource, host, selector);
    alone || hosts.iter().any(contradicted)
}

/// Whether a resource says of itself that it belongs elsewhere.
fn is_foreign(view: &View<'_>, resource: &Resource, root: &Resource, selector: &Selector) -> bool {
    let account = &view.inventory.caller.account;
    resource.owner.as_ref().is_some_and(|owner| owner != account)
        || stack::contradicts(resource, root, selector.owner_keys())
}

/// Whether it works for one thing at a time, so that it may be that thing's. If something that stays uses it
/// as well, it stays (`settle::in_use`).
pub(super) fn serves_one(resource: &Resource) -> bool {
    CATALOG.get(&resource.key.kind).is_some_and(|spec| spec.serves == Serves::One)
}

/// What belongs to one resource, with the sentence that says why.
fn belongings(view: &View<'_>, key: &Key) -> Vec<(Key, String)> {
    let name = label(key);
    let mut found = Vec::new();
    if is(&key.kind, Position::Network) {
        let inside = view.contents.get(key).into_iter().flatten();
        found
            .extend(inside.map(|child| ((*child).clone(), format!("lies within {name}, which is selected"))));
    }
    if is(&key.kind, Position::Cluster) || is(&key.kind, Position::NodeGroup) {
        let owned = view.owned.get(key).into_iter().flatten();
        let owned = owned.filter_map(|child| Some((*child, view.at(child).owners.get(key)?)));
        found.extend(
            owned.map(|(child, why)| (child.clone(), format!("belongs to {name}, which is selected: {why}"))),
        );
    }
    for (role, child) in view.referrers.get(key).into_iter().flatten() {
        let serves = || view.get(child).is_some_and(serves_one);
        let why = match *role {
            how::ATTACHED if serves() => format!("is attached to {name}, which is selected"),
            how::ASSOCIATED if serves() => format!("is associated with {name}, which is selected"),
            how::MEMBER_OF => format!("is a member of {name}, which is selected"),
            how::MADE_BY => format!("was made by {name}, which is selected"),
            how::MADE_FOR_NODES => format!("was made for {name}, which is selected"),
            how::CONTAINS => format!("contains {name}, which is selected"),
            _ => continue,
        };
        found.push(((*child).clone(), why));
    }
    let used = view.get(key).into_iter().flat_map(|resource| resource.links_as(how::USES));
    let used = used.filter(|link| view.get(&link.to).is_some_and(serves_one));
    found.extend(used.map(|link| (link.to.clone(), format!("is used by {name}, which is selected"))));
    // A subnet or VPC is ground and belongs to nobody who merely works on it.
    let is_ground = |key: &Key| is(&key.kind, Position::Subnet) || is(&key.kind, Position::Network);
    let takes_ground = is(&key.kind, Position::Network) || is(&key.kind, Position::Stack);
    found.retain(|(child, _)| takes_ground || !is_ground(child));
    found
}
