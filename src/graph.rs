//! The links of an inventory, read through the rules of the catalog: tells planner and reports who holds whom
//! and who goes with whom.
//!
//! Facts only. What follows from them for a plan, the planner decides; links without a rule are left out.

use std::collections::BTreeMap;

use crate::inventory::Inventory;
use crate::model::{Catalog, Holds, Key, KindSpec, Link, LinkRule, Near, Resource, words::how};

/// A resource's place in the graph. Places are in the order of the keys.
pub type NodeId = usize;

/// A link's place in the graph.
pub type EdgeId = usize;

/// One resource and the links that touch it.
#[derive(Debug)]
pub struct Node<'a> {
    /// The resource.
    pub resource: &'a Resource,
    /// Its kind's spec, if the catalog has it.
    pub spec: Option<&'static KindSpec>,
    /// The links it carries.
    pub out: Vec<EdgeId>,
    /// The links that refer to it.
    pub into: Vec<EdgeId>,
    /// What it goes with by itself ([`Near::GoesWithTarget`]), in key order.
    pub carriers: Vec<NodeId>,
    /// What goes with it by itself, in key order.
    pub carries: Vec<NodeId>,
}

/// One link with the rule that gives it a meaning.
#[derive(Debug, Clone, Copy)]
pub struct Edge<'a> {
    /// The resource that carries the link.
    pub from: NodeId,
    /// What it refers to, if that is in the inventory.
    pub to: Option<NodeId>,
    /// The link.
    pub link: &'a Link,
    /// Its rule.
    pub rule: &'static LinkRule,
    /// Whether the far end is a resource of its own or a part of the near end.
    pub far: Far,
}

/// What stands at the far end of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Far {
    /// A resource of its own, seen or not.
    Resource,
    /// A part of the near end ([`KindSpec::parts`]): never in an inventory, never missing.
    Part,
}

/// The links of an inventory that mean something to the planner.
#[derive(Debug)]
pub struct Graph<'a> {
    nodes: Vec<Node<'a>>,
    edges: Vec<Edge<'a>>,
    index: BTreeMap<Key, NodeId>,
}

impl<'a> Graph<'a> {
    /// The graph of all that was seen.
    pub fn new(inventory: &'a Inventory, catalog: Catalog) -> Self {
        let index: BTreeMap<Key, NodeId> =
            inventory.resources.keys().enumerate().map(|(n, key)| (key.clone(), n)).collect();
        let mut nodes: Vec<Node<'a>> = inventory.resources.values().map(|r| Node::new(r, catalog)).collect();
        let mut edges = Vec::new();
        for (from, resource) in inventory.resources.values().enumerate() {
            let Some(spec) = nodes[from].spec else { continue };
            for link in &resource.links {
                let Some(rule) = spec.rule(&link.how, &link.to.kind) else { continue };
                let part = spec.parts.contains(&link.to.kind.as_str());
                let far = if part { Far::Part } else { Far::Resource };
                let to = if part { None } else { index.get(&link.to).copied() };
                nodes[from].out.push(edges.len());
                if let Some(to) = to {
                    nodes[to].into.push(edges.len());
                    if to != from && matches!(rule.near, Near::GoesWithTarget(_)) {
                        nodes[from].carriers.push(to);
                        nodes[to].carries.push(from);
                    }
                }
                edges.push(Edge { from, to, link, rule, far });
            }
        }
        for node in &mut nodes {
            sort(&mut node.carriers);
            sort(&mut node.carries);
        }
        Self { nodes, edges, index }
    }

    /// How many resources there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is no resource.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// A resource's place.
    pub fn find(&self, key: &Key) -> Option<NodeId> {
        self.index.get(key).copied()
    }

    /// The resource at a place.
    pub fn node(&self, node: NodeId) -> &Node<'a> {
        &self.nodes[node]
    }

    /// The key at a place.
    pub fn key(&self, node: NodeId) -> &'a Key {
        &self.nodes[node].resource.key
    }

    /// A link.
    pub fn edge(&self, edge: EdgeId) -> &Edge<'a> {
        &self.edges[edge]
    }

    /// All links that have a rule.
    pub fn edges(&self) -> &[Edge<'a>] {
        &self.edges
    }

    /// The links that a resource carries, other than to itself, with their places.
    pub fn out(&self, node: NodeId) -> impl Iterator<Item = (EdgeId, &Edge<'a>)> {
        self.nodes[node].out.iter().map(|&e| (e, &self.edges[e])).filter(move |(_, e)| e.to != Some(node))
    }

    /// The links by which others hold a resource, with their places.
    pub fn holds_on(&self, node: NodeId) -> impl Iterator<Item = (EdgeId, &Edge<'a>)> {
        let held = move |edge: &Edge<'_>| edge.from != node && edge.rule.holds != Holds::Nothing;
        self.nodes[node].into.iter().map(|&e| (e, &self.edges[e])).filter(move |(_, e)| held(e))
    }

    /// Everything above a resource in the chain of what it goes with, itself not included.
    pub fn all_carriers(&self, node: NodeId) -> Vec<NodeId> {
        self.closure(node, |n| &self.nodes[n].carriers)
    }

    /// Everything that goes with a resource, directly or along a chain, itself not included.
    pub fn all_carried(&self, node: NodeId) -> Vec<NodeId> {
        self.closure(node, |n| &self.nodes[n].carries)
    }

    fn closure<'s>(&'s self, start: NodeId, next: impl Fn(NodeId) -> &'s [NodeId]) -> Vec<NodeId> {
        let mut seen = std::collections::BTreeSet::from([start]);
        let mut open = vec![start];
        while let Some(node) = open.pop() {
            open.extend(next(node).iter().copied().filter(|&n| seen.insert(n)));
        }
        seen.remove(&start);
        seen.into_iter().collect()
    }
}

impl<'a> Node<'a> {
    fn new(resource: &'a Resource, catalog: Catalog) -> Self {
        Self {
            resource,
            spec: catalog.get(&resource.key.kind),
            out: Vec::new(),
            into: Vec::new(),
            carriers: Vec::new(),
            carries: Vec::new(),
        }
    }
}

fn sort(nodes: &mut Vec<NodeId>) {
    nodes.sort_unstable();
    nodes.dedup();
}

/// A link as a person says it: `nat-1 uses eipalloc-1`, `subnet-1 holds eni-1, which goes with nat-1`.
///
/// `aside` is what there is to say about the near end, such as `which goes with nat-1`.
pub fn say(near: &str, role: &str, far: &str, aside: Option<&str>) -> String {
    let verb = match role {
        how::WITHIN => {
            return match aside {
                Some(aside) => format!("{far} holds {near}, {aside}"),
                None => format!("{far} holds {near}"),
            };
        }
        how::ATTACHED => "is attached to",
        how::ASSOCIATED => "is associated with",
        how::MADE_BY => "was made by",
        how::OF_CLUSTER => "belongs to",
        how::PUBLIC_ADDRESS => "has a public address in",
        how::MAPPED_THROUGH => "is reached through",
        how::ROUTES_OVER => "routes through",
        how::MADE_FOR => "was made for",
        how::FOR_PODS_OF => "is for pods of",
        how::MANAGED_FROM => "is managed from",
        other => other,
    };
    match aside {
        Some(aside) => format!("{near}, {aside}, {verb} {far}"),
        None => format!("{near} {verb} {far}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::fixture::{CATALOG, account, key};

    #[test]
    fn links_are_seen_from_both_ends() {
        let inventory = account();
        let graph = Graph::new(&inventory, CATALOG);
        let subnet = graph.find(&key("subnet", "subnet-1")).unwrap();
        let holders: Vec<&str> = graph.holds_on(subnet).map(|(_, e)| graph.key(e.from).id.as_str()).collect();
        assert_eq!(holders, ["nat-1", "eni-1"]);
        let nat = graph.find(&key("nat-gateway", "nat-1")).unwrap();
        assert_eq!(graph.holds_on(nat).count(), 0, "what goes with it does not hold it");
        assert_eq!(graph.out(nat).count(), 2);
    }

    #[test]
    fn what_goes_along_is_known_at_both_ends() {
        let inventory = account();
        let graph = Graph::new(&inventory, CATALOG);
        let find = |kind: &str, id: &str| graph.find(&key(kind, id)).unwrap();
        let (nat, eni) = (find("nat-gateway", "nat-1"), find("network-interface", "eni-1"));
        assert_eq!(graph.all_carried(nat), [eni]);
        assert_eq!(graph.all_carriers(eni), [nat]);
        assert!(graph.all_carried(eni).is_empty());
    }

    #[test]
    fn a_link_whose_far_end_was_not_seen_stands_all_the_same() {
        let mut inventory = account();
        inventory.resources.remove(&key("nat-gateway", "nat-1"));
        let graph = Graph::new(&inventory, CATALOG);
        let eni = graph.find(&key("network-interface", "eni-1")).unwrap();
        assert!(graph.node(eni).carriers.is_empty());
        assert!(graph.out(eni).any(|(_, edge)| edge.to.is_none() && edge.link.to.id == "nat-1"));
    }

    #[test]
    fn links_read_as_sentences() {
        assert_eq!(say("nat-1", "uses", "eip-1", None), "nat-1 uses eip-1");
        assert_eq!(say("eni-1", "within", "subnet-1", None), "subnet-1 holds eni-1");
        let aside = Some("which goes with nat-1");
        assert_eq!(say("eni-1", "within", "subnet-1", aside), "subnet-1 holds eni-1, which goes with nat-1");
        assert_eq!(say("eni-1", "uses", "sg-1", aside), "eni-1, which goes with nat-1, uses sg-1");
    }
}
