//! Which stack a resource belongs to.
//!
//! In this order: the policy's stack key; CloudFormation's tags; eksctl's; the cluster that owns it;
//! and last whatever it is a part of or lies in. Only the first four are marks of its own.

use std::collections::{BTreeMap, BTreeSet};

use crate::inventory::marks::{self, Hold};
use crate::kinds::is;
use crate::model::words::how;
use crate::model::{Key, Position, Resource};

use super::record;
use super::selection::serves_one;
use super::view::View;

/// The stack of every resource that has one.
pub(super) fn membership(view: &View<'_>, stack_key: &[String]) -> BTreeMap<Key, String> {
    let mut known = BTreeMap::new();
    for key in view.inventory.resources.keys() {
        find(view, stack_key, key, &mut known, &mut BTreeSet::new());
    }
    known.into_iter().filter_map(|(key, stack)| Some((key, stack?))).collect()
}

/// The name that the stack key's tags give, if all of them are there: `demo/attempt-1`.
pub(super) fn named_by_tags(resource: &Resource, stack_key: &[String]) -> Option<String> {
    let value = |key: &String| resource.tags.get(key).filter(|value| !value.is_empty());
    let values: Option<Vec<String>> = stack_key.iter().map(|key| value(key).map(|it| escaped(it))).collect();
    values.map(|values| values.join("/"))
}

/// A value as a part of a stack's name: `a/b` and `c` are another stack than `a` and `b/c`.
fn escaped(value: &str) -> String {
    value.replace('\\', r"\\").replace('/', r"\/")
}

/// Whether it is a part of something that is in the inventory, and says nothing against that: then it is
/// judged with what carries it.
pub(super) fn is_carried(view: &View<'_>, keys: &[String], key: &Key) -> bool {
    let Some(resource) = view.get(key) else { return false };
    let mut carriers = view.at(key).carriers.iter().filter_map(|carrier| view.get(carrier)).peekable();
    carriers.peek().is_some()
        && carriers.all(|carrier| {
            let tagless = !keys.iter().any(|key| carrier.tags.contains_key(key));
            tagless || !contradicts(resource, carrier, keys)
        })
}

/// Whether a resource's stack tags name another stack than those of the root it was reached from.
///
/// Each key that the resource has must stand at the root with the same value; no stack tags at all is no contradiction.
pub(super) fn contradicts(resource: &Resource, root: &Resource, stack_key: &[String]) -> bool {
    stack_key.iter().any(|key| resource.tags.get(key).is_some_and(|value| root.tags.get(key) != Some(value)))
}

/// The stack tags of a resource for people: `EnvironmentSuffix=live, Project=demo`.
pub(super) fn tags_shown(resource: &Resource, stack_key: &[String]) -> String {
    let shown: Vec<String> =
        stack_key.iter().filter_map(|key| Some(format!("{key}={}", resource.tags.get(key)?))).collect();
    shown.join(", ")
}

/// The CloudFormation stacks that say that they made it, or of which AWS's tags say so.
fn recorded(resource: &Resource) -> Vec<&Key> {
    let roles = [how::MEMBER_OF, how::TAGGED_BY].into_iter();
    roles.flat_map(|role| resource.links_as(role)).map(|link| &link.to).collect()
}

fn find(
    view: &View<'_>,
    stack_key: &[String],
    key: &Key,
    known: &mut BTreeMap<Key, Option<String>>,
    path: &mut BTreeSet<Key>,
) -> Option<String> {
    if let Some(stack) = known.get(key) {
        return stack.clone();
    }
    // A circle of links (two things that lie in each other) ends here, without an answer.
    let resource = view.get(key).filter(|_| path.insert(key.clone()))?;
    let mut stack = named_by_tags(resource, stack_key);
    if stack.is_none() {
        stack = recorded(resource).into_iter().find_map(|of| find(view, stack_key, of, known, path));
    }
    if stack.is_none() && is(&key.kind, Position::Stack) {
        stack = Some(record::called(key));
    }
    if stack.is_none() {
        stack = own(resource, stack_key);
    }
    if stack.is_none() {
        stack = by_claim(view, stack_key, key, known, path);
    }
    if stack.is_none() {
        stack = parents(resource).into_iter().find_map(|parent| find(view, stack_key, parent, known, path));
    }
    if stack.is_none() && is(&key.kind, Position::Cluster) {
        stack = Some(format!("cluster:{}", key.id));
    }
    path.remove(key);
    // Within a circle the answer depends on where one entered it: only whole searches are kept.
    if path.is_empty() || stack.is_some() {
        known.insert(key.clone(), stack.clone());
    }
    stack
}

/// The stack that a resource itself names.
pub(super) fn own(resource: &Resource, stack_key: &[String]) -> Option<String> {
    named_by_tags(resource, stack_key)
        .or_else(|| marks::cloudformation_stack(resource).map(|name| format!("cfn:{name}")))
        .or_else(|| marks::eksctl_cluster(resource).map(|name| format!("eksctl:{name}")))
}

/// The stack of the cluster that owns it, or the cluster itself as a stack when it is gone.
fn by_claim(
    view: &View<'_>,
    stack_key: &[String],
    key: &Key,
    known: &mut BTreeMap<Key, Option<String>>,
    path: &mut BTreeSet<Key>,
) -> Option<String> {
    // Whoever works on a ground marks it: that makes it nobody's.
    let is_ground = is(&key.kind, Position::Subnet) || is(&key.kind, Position::Network);
    if is(&key.kind, Position::Cluster) || is_ground {
        return None;
    }
    let owned: Vec<String> = view
        .at(key)
        .claims
        .iter()
        .filter(|claim| claim.hold == Hold::Owned)
        .map(|claim| claim.cluster.clone())
        .collect();
    let name = owned.first()?;
    let cluster = view.clusters_named(name, key).next();
    match cluster {
        Some(cluster) => find(view, stack_key, cluster, known, path),
        // It is gone, and the record of the stack that made it still tells whose it was.
        None => match view.maker_of_cluster(name, key) {
            Some(maker) => find(view, stack_key, maker, known, path),
            None => Some(format!("cluster:{name}")),
        },
    }
}

/// What a resource is a part of, was made for, lies in or serves without a tag of its own: the nearest first.
fn parents(resource: &Resource) -> Vec<&Key> {
    let attached = resource.links_as(how::ATTACHED).filter(|link| is(&link.to.kind, Position::Network));
    let served = [how::ATTACHED, how::ASSOCIATED].into_iter().flat_map(|role| resource.links_as(role));
    let served = served.filter(|_| serves_one(resource) && resource.tags.is_empty());
    [how::MADE_BY, how::MADE_FOR_NODES, how::OF_CLUSTER, how::MADE_FOR, how::CONTAINS, how::WITHIN]
        .into_iter()
        .flat_map(|role| resource.links_as(role))
        .chain(attached)
        .chain(served)
        .map(|link| &link.to)
        .collect()
}
