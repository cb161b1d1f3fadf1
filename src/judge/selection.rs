//! What the user's selection reaches: what its terms match, then everything that belongs to it.
//!
//! Tags miss things: AWS and controllers make resources that carry none of the stack's tags and
//! block its deletion all the same. So the selection is closed over what lies in a selected VPC,
//! what a selected cluster made, what a selected resource carries, the profiles of selected roles, and
//! addresses, interfaces and volumes without any tags that serve a selected resource.
//! What itself says that it belongs elsewhere is never reached this way.

use std::collections::BTreeMap;

use crate::kinds::{CATALOG, is};
use crate::model::words::how;
use crate::model::{Key, Position, Resource, Serves};
use crate::policy::{Basis, Case, Selected, Selector};

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
    root: Key,
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
        let Selected { basis, why } = selected;
        if basis == Basis::Itself || !is_stranger(view, resource, selector) {
            selection.insert(key.clone(), Reach { why, via: None, root: key.clone() });
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
                    selection
                        .insert(child.clone(), Reach { why, via: Some(key.clone()), root: root.clone() });
                    next.push(child);
                }
            }
        }
        next.sort();
        front = next;
    }
    selection
}

/// Whether a resource says that it belongs elsewhere than the VPC it lies in or the cluster that owns it.
fn is_stranger(view: &View<'_>, resource: &Resource, selector: &Selector) -> bool {
    let place = view.at(&resource.key);
    let vpcs = place.inside.iter().filter(|around| is(&around.kind, Position::Network));
    let hosts = vpcs.chain(place.owners.keys()).filter_map(|host| view.get(host));
    hosts.into_iter().any(|host| {
        // An owner that bears no stack tags itself (a node group) says nothing either way.
        let silent = !is(&host.key.kind, Position::Network)
            && !selector.owner_keys().iter().any(|key| host.tags.contains_key(key));
        !silent && is_foreign(view, resource, host, selector)
    })
}

/// Whether a resource says of itself that it belongs elsewhere.
fn is_foreign(view: &View<'_>, resource: &Resource, root: &Resource, selector: &Selector) -> bool {
    let account = &view.inventory.caller.account;
    resource.owner.as_ref().is_some_and(|owner| owner != account)
        || stack::contradicts(resource, root, selector.owner_keys())
}

/// Whether nothing but what it serves tells whose it is. A single tag, whatever it says, was put there by
/// somebody who did not call it the stack's; and if something that stays uses it as well, it stays
/// (`settle::in_use`).
pub(super) fn is_unmarked(resource: &Resource) -> bool {
    let serves = CATALOG.get(&resource.key.kind).is_some_and(|spec| spec.serves == Serves::One);
    serves && resource.tags.is_empty()
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
        let owned = view.places.iter().filter_map(|(child, place)| Some((*child, place.owners.get(key)?)));
        found.extend(
            owned.map(|(child, why)| (child.clone(), format!("belongs to {name}, which is selected: {why}"))),
        );
    }
    for (role, child) in view.referrers.get(key).into_iter().flatten() {
        let unmarked = || view.get(child).is_some_and(is_unmarked);
        let why = match *role {
            how::ATTACHED | how::ASSOCIATED if unmarked() => {
                format!("carries no tags and is {role} to {name}, which is selected")
            }
            how::MADE_BY => format!("was made by {name}, which is selected"),
            how::CONTAINS => format!("contains {name}, which is selected"),
            _ => continue,
        };
        found.push(((*child).clone(), why));
    }
    let used = view.get(key).into_iter().flat_map(|resource| resource.links_as(how::USES));
    let used = used.filter(|link| view.get(&link.to).is_some_and(is_unmarked));
    found.extend(
        used.map(|link| {
            (link.to.clone(), format!("carries no tags and is used by {name}, which is selected"))
        }),
    );
    // A subnet or VPC is a place and belongs to nobody who merely works in it.
    let is_place = |key: &Key| is(&key.kind, Position::Subnet) || is(&key.kind, Position::Network);
    found.retain(|(child, _)| {
        is(&key.kind, Position::Network) || !is_place(child) || view.at(child).owners.contains_key(key)
    });
    found
}
