//! The way from a thing to what keeps it: takes a scan, its plan and the graph, and gives `explain` the shortest path
//! down to the cause, who each thing on it is, why the last one stays, and what can be done about that.
//!
//! What goes by itself with the thing is no cause of its staying, so only what stays is on a path.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use super::explain::fate_of;
use super::label::{said, short};
use super::view::{ScanView, is};
use super::{duration, fates};
use crate::graph::{Graph, NodeId};
use crate::model::words::fact;
use crate::model::{Gate, GuardRule, Key, Near, Resource, Settle, Verdict, quoted};
use crate::plan::file::PlanFile;
use crate::plan::left::{End, end};
use crate::plan::{Fate, Keep, Plan};

/// From what the way is found.
pub(super) struct Ground<'a> {
    pub view: &'a ScanView<'a>,
    pub file: &'a PlanFile,
    pub graph: &'a Graph<'a>,
}

/// The way to the cause.
#[derive(Default)]
pub(super) struct Way {
    /// From what holds the thing directly to the cause; empty, if it stays for its own sake or goes.
    pub path: Vec<Key>,
    /// Each of them, with who it is.
    pub told: Vec<String>,
    /// Why the last one stays.
    pub cause: Option<String>,
    /// What can be done.
    pub remedy: Option<String>,
}

impl Way {
    /// The way from the thing at this node; nothing of one that goes.
    pub fn of(ground: &Ground<'_>, node: NodeId) -> Self {
        let key = ground.graph.key(node);
        let plan = ground.file.plan();
        let Some(Fate::Kept(_)) = plan.fates.get(key) else { return Self::default() };
        let End { key: cause, keep, .. } = match end(&plan, key) {
            Some(end) => end,
            None => return Self::of_circle(&plan, key),
        };
        let path = if cause == key { Vec::new() } else { shortest(ground, node, cause) };
        Self {
            told: path.iter().map(|key| told(ground.view, key)).collect(),
            cause: Some(ground.why(cause, keep)),
            remedy: ground.remedy(key, cause, keep),
            path,
        }
    }

    fn of_circle(plan: &Plan, key: &Key) -> Self {
        let cause = match plan.fates.get(key) {
            Some(Fate::Kept(keep)) => Some(fates::keep_text(keep)),
            Some(Fate::Delete | Fate::Carried(_) | Fate::Leaving) | None => None,
        };
        Self { cause, ..Self::default() }
    }
}

/// The fewest links from the thing to the cause, each of which leads from one that is held to one that holds it. Where
/// none lead there (a verdict hangs on another's in other ways too) the cause stands alone.
fn shortest(ground: &Ground<'_>, from: NodeId, cause: &Key) -> Vec<Key> {
    let graph = ground.graph;
    let stays = |node: NodeId| matches!(fate_of(ground.file, graph.key(node)), Some(Fate::Kept(_)) | None);
    let mut before: BTreeMap<NodeId, NodeId> = BTreeMap::new();
    let mut seen = BTreeSet::from([from]);
    let mut open = VecDeque::from([from]);
    while let Some(at) = open.pop_front() {
        if graph.key(at) == cause {
            let mut path = vec![cause.clone()];
            let mut node = at;
            while let Some(held) = before.get(&node).filter(|held| **held != from) {
                path.push(graph.key(*held).clone());
                node = *held;
            }
            path.reverse();
            return path;
        }
        let holders = graph.holds_on(at).map(|(_, edge)| edge.from);
        // A part stays with its whole, and what carries it is the way on.
        let carriers = graph.node(at).carriers.iter().copied();
        for next in holders.chain(carriers).filter(|next| stays(*next)) {
            if seen.insert(next) {
                before.insert(next, at);
                open.push_back(next);
            }
        }
    }
    vec![cause.clone()]
}

/// What holds what, in an account as a look shows it.
pub struct Holders<'a> {
    view: &'a ScanView<'a>,
    graph: Graph<'a>,
}

impl<'a> Holders<'a> {
    /// Of all that this look shows.
    pub fn of(view: &'a ScanView<'a>) -> Self {
        Self { view, graph: Graph::new(view.inventory, *view.catalog) }
    }

    /// What holds a thing that AWS refused to delete: the shortest way to one that nothing holds in turn. What goes by
    /// itself with the thing is no cause. Empty where nothing that is read holds it.
    pub fn holding(&self, key: &Key) -> Vec<Key> {
        holding(self.view, &self.graph, key)
    }

    /// A thing with who it is.
    pub fn told(&self, key: &Key) -> String {
        told(self.view, key)
    }
}

fn holding(view: &ScanView<'_>, graph: &Graph<'_>, key: &Key) -> Vec<Key> {
    let Some(from) = graph.find(key) else { return Vec::new() };
    let mut before: BTreeMap<NodeId, NodeId> = BTreeMap::new();
    let mut seen = along(graph, from);
    let mut open = VecDeque::from([from]);
    let mut ends: Vec<(bool, usize, NodeId)> = Vec::new();
    let mut steps: BTreeMap<NodeId, usize> = BTreeMap::from([(from, 0)]);
    while let Some(at) = open.pop_front() {
        let holders = graph.holds_on(at).map(|(_, edge)| edge.from);
        let carriers = graph.node(at).carriers.iter().copied();
        let next: BTreeSet<NodeId> = holders.chain(carriers).filter(|next| !seen.contains(next)).collect();
        let far = steps.get(&at).copied().unwrap_or_default();
        if next.is_empty() && at != from {
            // What would go itself is less the cause than what is to stay.
            let goes = view.verdicts.get(graph.key(at)).is_some_and(|it| it.verdict == Verdict::Orphan);
            ends.push((goes, far, at));
        }
        for node in next {
            seen.insert(node);
            before.insert(node, at);
            steps.insert(node, far + 1);
            open.push_back(node);
        }
    }
    let Some((_, _, end)) = ends.into_iter().min() else { return Vec::new() };
    let way = std::iter::successors(Some(end), |at| before.get(at).copied());
    let mut path: Vec<Key> = way.take_while(|at| *at != from).map(|at| graph.key(at).clone()).collect();
    path.reverse();
    path
}

/// The thing and all that goes by itself with it.
fn along(graph: &Graph<'_>, root: NodeId) -> BTreeSet<NodeId> {
    let mut along = BTreeSet::from([root]);
    let mut open = vec![root];
    while let Some(at) = open.pop() {
        open.extend(graph.node(at).carries.iter().copied().filter(|part| along.insert(*part)));
    }
    along
}

/// A thing with who it is: its name, what a service wrote about it, whose it is, when it goes by itself.
fn told(view: &ScanView<'_>, key: &Key) -> String {
    let Some(resource) = view.inventory.resources.get(key) else { return said(key) };
    // Where it lies says nothing of whose it is, if something on it says otherwise.
    let judged = view.verdicts.get(key).filter(|it| it.verdict != Verdict::Foreign);
    let name = resource.name.as_deref().filter(|name| *name != short(&key.id)).map(str::to_owned);
    let description = resource.facts.get(fact::DESCRIPTION).cloned();
    let stack = judged.and_then(|it| it.stack.as_ref()).map(|stack| format!("of stack {stack}"));
    let about: Vec<String> =
        name.into_iter().chain(description).chain(stack).chain(goes(view, resource)).collect();
    let about = if about.is_empty() { String::new() } else { format!(" ({})", about.join("; ")) };
    super::plain(&format!("{}{about}", said(key)))
}

/// When AWS takes a thing away by itself.
fn goes(view: &ScanView<'_>, resource: &Resource) -> Option<String> {
    let spec = view.catalog.get(&resource.key.kind)?;
    resource.links.iter().find_map(|link| match spec.rule(&link.how, &link.to.kind)?.near {
        Near::GoesWithTarget(Settle::Poll { usually, .. }) => {
            let after = duration(Duration::from_secs(usually.into()));
            Some(format!("goes by itself about {after} after {}", said(&link.to)))
        }
        Near::GoesWithTarget(Settle::AtOnce) => Some(format!("goes with {}", said(&link.to))),
        Near::Free | Near::CutFirst | Near::AfterTarget | Near::AfterIfGoes => None,
    })
}

impl Ground<'_> {
    /// Why the cause stays, in a sentence.
    fn why(&self, cause: &Key, keep: &Keep) -> String {
        let judged = self.view.verdicts.get(cause);
        let evidence = judged.and_then(|judged| judged.evidence.first());
        let why = match (keep, evidence) {
            (Keep::NotOrphan { verdict, .. }, Some(evidence)) => format!("is {verdict}: {evidence}"),
            (_, _) => format!("stays: {}", fates::keep_text(keep)),
        };
        super::plain(&format!("{} {why}", said(cause)))
    }

    /// What can be done about the cause.
    fn remedy(&self, key: &Key, cause: &Key, keep: &Keep) -> Option<String> {
        let line = self.file.blocked.iter().find(|line| is(key, line));
        if let Some(command) = line.and_then(|line| line.by_hand.as_ref()) {
            return Some(format!("if whoever owns {} agrees: {command}", short(&cause.id)));
        }
        let spec = self.view.catalog.get(&cause.kind);
        match keep {
            Keep::Witness => {
                spec.map(|spec| format!("no plan deletes it; by hand: {}", spec.by_hand.command(cause)))
            }
            Keep::HoldsData => Some(format!("keep it, or let the data go too: --with-data {}", cause.kind)),
            Keep::Guarded { guard } if guard.rule == GuardRule::Protection => {
                Some("switch the protection off, if it is meant to go".to_owned())
            }
            Keep::Unseen { kind, .. } => {
                Some(format!("allow {kind} to be read: aws-janitor iam-policy --for scan"))
            }
            Keep::NotOrphan { gate: Some(Gate::NotSelected), .. } if cause == key => {
                let select = quoted(&format!("id={}", cause.id));
                Some(format!("nobody selected it; to judge it alone: --select {select}"))
            }
            Keep::Guarded { .. }
            | Keep::NotOrphan { .. }
            | Keep::HeldBy { .. }
            | Keep::TiedTo { .. }
            | Keep::GoesWith { .. }
            | Keep::WouldTake { .. }
            | Keep::Cycle { .. }
            | Keep::LeftOut { .. } => None,
        }
    }
}
