//! The signs of life that things show: asked of each by what its kind says of it, and nothing else. A sign is a
//! sign of the thing's stack, and of the stack of what made or owns the thing.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::inventory::marks;
use crate::kinds::{CATALOG, is};
use crate::model::words::{fact, how};
use crate::model::{Holds, Key, Link, Position, Resource, ShowsLife, Sign};
use crate::policy::age;

use super::super::claims::SCALING_GROUP;
use super::super::stack;
use super::super::view::label;
use super::{Scene, Shown, running};

/// A machine by itself has to have run for so long.
const AN_HOUR: SignedDuration = SignedDuration::from_hours(1);

/// A function has to have been called within so long.
const A_DAY: SignedDuration = SignedDuration::from_hours(24);

/// The tags that a network plugin writes onto an interface when a node of it has joined.
/// <https://github.com/aws/amazon-vpc-cni-k8s>, and EKS Auto Mode's in the policy AmazonEKSNetworkingPolicy.
pub(super) const OF_PLUGINS: [&str; 2] =
    ["node.k8s.amazonaws.com/instance_id", "eks:kubernetes-cni-node-name"];

/// Karpenter writes it, and the node's name as `Name`, when the node has registered.
/// <https://karpenter.sh/docs/concepts/nodeclaims/>
const NODE_CLAIM: &str = "karpenter.sh/nodeclaim";

/// What was found, each with the things whose stacks it concerns.
#[derive(Default)]
pub(super) struct Findings {
    pub shown: Vec<(Shown, Vec<Key>)>,
    pub looked_at: Vec<(Sign, Vec<Key>)>,
}

/// Looks at every thing.
pub(super) fn find(scene: &Scene<'_>, last_making: &dyn Fn(&Key) -> Option<Timestamp>) -> Findings {
    let mut machines: BTreeMap<Key, Key> = BTreeMap::new();
    for key in scene.view.inventory.resources.keys().filter(|key| running(scene, key).is_some()) {
        for above in upward(scene, key) {
            machines.entry(above).or_insert_with(|| key.clone());
        }
    }
    let mut found = Findings::default();
    for (key, resource) in &scene.view.inventory.resources {
        let shown = match (scene.shows)(&key.kind) {
            ShowsLife::Never | ShowsLife::Unseen(_) => continue,
            ShowsLife::Nodes(ready) => {
                found.looked_at.push((Sign::NodeGroup, vec![key.clone()]));
                node_group(resource, ready, machines.get(key)).map(|it| (it, vec![key.clone()]))
            }
            ShowsLife::Machine { .. } => {
                found.looked_at.push((Sign::JoinedNode, vec![key.clone()]));
                if is_alone(scene, key, resource) {
                    found.looked_at.push((Sign::Machine, vec![key.clone()]));
                }
                registered(scene, key).or_else(|| alone(scene, key)).map(|it| (it, vec![key.clone()]))
            }
            ShowsLife::Interface(in_use) => joined(scene, resource, in_use),
            ShowsLife::Targets => {
                let things = with_balancers(resource);
                found.looked_at.push((Sign::HealthyTarget, things.clone()));
                healthy(resource).map(|it| (it, things))
            }
            ShowsLife::Tasks => {
                found.looked_at.push((Sign::RunningTask, vec![key.clone()]));
                tasks(resource).map(|it| (it, vec![key.clone()]))
            }
            ShowsLife::Calls => {
                found.looked_at.push((Sign::Called, vec![key.clone()]));
                called(scene, resource, last_making(key)).map(|it| (it, vec![key.clone()]))
            }
            ShowsLife::Tunnels => {
                let things = with_gateway(resource);
                found.looked_at.push((Sign::Tunnel, things.clone()));
                tunnel(scene, resource, last_making(key)).map(|it| (it, things))
            }
        };
        found.shown.extend(shown);
    }
    found
}

/// A thing and all that made it, owns it, or that it is a part of.
///
/// Whoever names a stack of his own is not drawn into another by a mark that anybody may copy.
pub(super) fn upward(scene: &Scene<'_>, key: &Key) -> BTreeSet<Key> {
    let mut found = BTreeSet::from([key.clone()]);
    let mut front = vec![key.clone()];
    while let Some(key) = front.pop() {
        let Some(resource) = scene.view.get(&key) else { continue };
        let place = scene.view.at(&key);
        let linked = [how::MADE_BY, how::OF_CLUSTER].into_iter().flat_map(|role| resource.links_as(role));
        let named = stack::own(resource, scene.selector.stack_key()).is_some();
        let marked = place.owners.keys().filter(|_| !named);
        let above = linked.map(|link| &link.to).chain(&place.carriers).chain(marked);
        front.extend(above.filter(|above| found.insert((*above).clone())).cloned().collect::<Vec<_>>());
    }
    found
}

fn shown(sign: Sign, resource: &Resource, why: String) -> Shown {
    Shown { sign, thing: resource.key.clone(), why }
}

fn node_group(resource: &Resource, ready: &str, machine: Option<&Key>) -> Option<Shown> {
    let well = resource.state.as_deref() == Some(ready) && !resource.facts.contains_key(fact::TROUBLE);
    let machine = machine.filter(|_| well)?;
    let why =
        format!("{} is {ready} without trouble, and {} of it runs", label(&resource.key), label(machine));
    Some(shown(Sign::NodeGroup, resource, why))
}

/// A node that joined: the cluster's network plugin works on a machine that runs.
fn joined(scene: &Scene<'_>, resource: &Resource, in_use: &str) -> Option<(Shown, Vec<Key>)> {
    let mark = OF_PLUGINS.into_iter().find(|mark| resource.tags.contains_key(*mark))?;
    let used = resource.state.as_deref() == Some(in_use);
    let hosts = [how::MADE_BY, how::ATTACHED, how::MADE_FOR_NODE].into_iter();
    let mut hosts = hosts.flat_map(|role| resource.links_as(role)).map(|link| &link.to);
    let machine = hosts.find(|to| running(scene, to).is_some()).filter(|_| used)?;
    let why = format!(
        "node {} joined its cluster: the network plugin there has {} in use (tag {mark})",
        label(machine),
        label(&resource.key)
    );
    Some((shown(Sign::JoinedNode, resource, why), vec![resource.key.clone(), machine.clone()]))
}

/// A node of Karpenter's that has registered bears a node's name.
fn registered(scene: &Scene<'_>, key: &Key) -> Option<Shown> {
    let machine = running(scene, key)?;
    let name = machine.tags.get("Name").filter(|_| machine.tags.contains_key(NODE_CLAIM))?;
    let of_a_node = name.starts_with("ip-") || name.starts_with("i-") || name.ends_with(".internal");
    let why =
        format!("{} joined its cluster: it bears the node's name {name} beside tag {NODE_CLAIM}", label(key));
    of_a_node.then(|| shown(Sign::JoinedNode, machine, why))
}

/// A machine in no cluster and no Auto Scaling group. Nodes are asked whether they joined, and of the others a
/// group says only that they run.
pub(super) fn is_alone(scene: &Scene<'_>, key: &Key, machine: &Resource) -> bool {
    !is_of_a_cluster(scene, key, machine) && !is_of_a_group(scene, key, machine)
}

/// Whether a machine is a node, of a cluster that stands or not.
pub(super) fn is_of_a_cluster(scene: &Scene<'_>, key: &Key, machine: &Resource) -> bool {
    let above = upward(scene, key);
    let clustered = |above: &Key| is(&above.kind, Position::Cluster) || is(&above.kind, Position::NodeGroup);
    above.iter().any(clustered) || !marks::claims(machine).is_empty()
}

/// Whether an Auto Scaling group, or anything else, made a machine and would make it anew.
pub(super) fn is_of_a_group(scene: &Scene<'_>, key: &Key, machine: &Resource) -> bool {
    machine.tags.contains_key(SCALING_GROUP)
        || machine.links_as(how::MADE_BY).next().is_some()
        || !scene.view.at(key).carriers.is_empty()
}

/// When a machine was started last.
pub(super) fn started(machine: &Resource) -> Option<Timestamp> {
    machine.facts.get(fact::STARTED).and_then(|at| at.parse().ok()).or(machine.created)
}

/// How long ago a moment was. One that is ahead of now is just now.
pub(super) fn since(scene: &Scene<'_>, at: Timestamp) -> SignedDuration {
    scene.now.duration_since(at).max(SignedDuration::ZERO)
}

fn alone(scene: &Scene<'_>, key: &Key) -> Option<Shown> {
    let machine = running(scene, key).filter(|machine| is_alone(scene, key, machine))?;
    let why = match started(machine) {
        Some(at) => {
            let runs = since(scene, at);
            if runs < AN_HOUR {
                return None;
            }
            format!("{} has been running for {}", label(key), age::show(runs.unsigned_abs()))
        }
        None => format!("{} runs, and nothing tells since when", label(key)),
    };
    Some(shown(Sign::Machine, machine, format!("{why}, in no cluster and no Auto Scaling group")))
}

/// A count that a thing has as a fact.
pub(super) fn count(resource: &Resource, name: &str) -> Option<u64> {
    resource.facts.get(name)?.parse().ok()
}

/// A target group with the load balancers it is behind.
fn with_balancers(resource: &Resource) -> Vec<Key> {
    let balancers = resource.links_as(how::BEHIND).map(|link| link.to.clone());
    std::iter::once(resource.key.clone()).chain(balancers).collect()
}

fn healthy(resource: &Resource) -> Option<Shown> {
    let balancer = resource.links_as(how::BEHIND).next()?;
    let count = count(resource, fact::HEALTHY_TARGETS).filter(|count| *count > 0)?;
    let why = format!(
        "{count} of the targets of {} are healthy, behind {}",
        label(&resource.key),
        label(&balancer.to)
    );
    Some(shown(Sign::HealthyTarget, resource, why))
}

fn tasks(resource: &Resource) -> Option<Shown> {
    let count = count(resource, fact::RUNNING).filter(|count| *count > 0)?;
    let why = format!("{} runs {count} of its tasks", label(&resource.key));
    Some(shown(Sign::RunningTask, resource, why))
}

/// A function that was called of late. What was called before the youngest thing of the stack was made, the
/// deployment itself called.
fn called(scene: &Scene<'_>, resource: &Resource, made: Option<Timestamp>) -> Option<Shown> {
    let at: Timestamp = resource.facts.get(fact::LAST_EVENT)?.parse().ok()?;
    let late = since(scene, at) <= A_DAY;
    let after = made.is_none_or(|made| at > made);
    let why = format!("{} was called at {at}, after the stack was made", label(&resource.key));
    (late && after).then(|| shown(Sign::Called, resource, why))
}

/// A connection with the gateway at this end, which has to stay as it is while the connection works. The name of the
/// router at the other end is one for any number of stacks.
fn with_gateway(resource: &Resource) -> Vec<Key> {
    let spec = CATALOG.get(&resource.key.kind);
    let works = |link: &&Link| {
        let rule = spec.and_then(|spec| spec.rule(&link.how, &link.to.kind));
        rule.is_some_and(|rule| rule.holds == Holds::DeleteAndCuts)
    };
    let gateway = resource.links_as(how::USES).filter(works).map(|link| link.to.clone());
    std::iter::once(resource.key.clone()).chain(gateway).collect()
}

/// A tunnel that is up, or that went down within a day. What changed before the youngest thing of the stack was made,
/// its making changed: a new tunnel is told to have changed when it was made.
fn tunnel(scene: &Scene<'_>, resource: &Resource, made: Option<Timestamp>) -> Option<Shown> {
    let name = label(&resource.key);
    if let Some(up) = count(resource, fact::TUNNELS_UP).filter(|up| *up > 0) {
        let why = match up {
            1 => format!("a tunnel of {name} is up"),
            more => format!("{more} tunnels of {name} are up"),
        };
        return Some(shown(Sign::Tunnel, resource, why));
    }
    let at: Timestamp = resource.facts.get(fact::TUNNEL_CHANGED)?.parse().ok()?;
    let late = since(scene, at) <= A_DAY;
    let after = made.is_none_or(|made| at > made);
    let why = format!("a tunnel of {name} came up or went down at {at}, after the stack was made");
    (late && after).then(|| shown(Sign::Tunnel, resource, why))
}
