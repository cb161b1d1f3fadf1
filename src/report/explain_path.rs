//! The way from a thing to what keeps it: takes a scan, its plan and the graph, and gives `explain` the shortest path
//! down to the cause, who each thing on it is, why the last one stays, and what can be done about that.
//!
//! What goes by itself with the thing is no cause of its staying, so only what stays is on a path.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use super::duration;
use super::explain_remedy::Question;
use super::label::{said, short};
use super::view::ScanView;
use crate::graph::{Graph, NodeId};
use crate::model::words::fact;
use crate::model::{Behind, Gate, GuardRule, Key, Near, Resource, Settle, Verdict};
use crate::plan::Keep;
use crate::plan::behind::Known;
use crate::plan::file::PlanFile;

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
        let known = Known { plan: &plan, verdicts: ground.view.verdicts, inventory: ground.view.inventory };
        let Some(own) = known.keep(key) else { return Self::default() };
        let path = found(&known, ground.graph, node);
        let cause = path.last().unwrap_or(key);
        let keep = known.keep(cause).unwrap_or(own);
        let held = path.iter().rev().nth(1).unwrap_or(key);
        Self {
            told: path.iter().map(|key| told(ground.view, key)).collect(),
            cause: Some(ground.why(cause, keep)),
            remedy: ground.remedy(&Question { asked: key, held, held_keep: known.keep(held), cause, keep }),
            path,
        }
    }
}

/// From what holds the thing down to the cause; empty, if it stays for its own sake.
///
/// What AWS would refuse the deletion for comes first: something that stays, and holds the thing by a link. The judge
/// may name another, since one stranger is enough to keep a whole network.
fn found(known: &Known<'_>, graph: &Graph<'_>, node: NodeId) -> Vec<Key> {
    let key = graph.key(node);
    let along: BTreeSet<NodeId> = graph.all_carried(node).into_iter().collect();
    // What goes with the thing is no cause of its staying: the way leads through it.
    let goes_along = |key: &Key| graph.find(key).is_some_and(|node| along.contains(&node));
    let by_verdict: Vec<Key> = known.chain(key).into_iter().filter(|key| !goes_along(key)).collect();
    let by_its_stack = matches!(
        known.keep(key),
        Some(Keep::NotOrphan {
            gate: Some(
                Gate::StackDeploying { .. }
                    | Gate::StackUnsettled { .. }
                    | Gate::Lives { .. }
                    | Gate::LifeUnknown { .. }
                    | Gate::ProtectedAround { .. }
            ),
            ..
        })
    );
    if by_its_stack || known.other(key).is_none() {
        return by_verdict;
    }
    let held = Search { known, graph, hint: by_verdict.last(), along: &along }.from(node);
    let unknown = |key: &Key| {
        let gate = known.keep(key).and_then(|keep| match keep {
            Keep::NotOrphan { gate, .. } => gate.as_ref(),
            _ => None,
        });
        matches!(gate, Some(Gate::Guard { rule: GuardRule::UnknownMaker }))
    };
    match held {
        // Who says that he works there tells more than an interface of which nobody says whose it is.
        Some(path) if !by_verdict.is_empty() && path.last().is_some_and(unknown) => by_verdict,
        Some(path) => path,
        None => by_verdict,
    }
}

/// The search for what holds a thing, by links from one that is held to one that holds it.
struct Search<'a> {
    known: &'a Known<'a>,
    graph: &'a Graph<'a>,
    /// What the verdicts name: of several that are equally near it is the one.
    hint: Option<&'a Key>,
    /// What goes with the thing.
    along: &'a BTreeSet<NodeId>,
}

impl Search<'_> {
    /// The fewest links to something that does not stay because of others, and from there what stands behind that.
    fn from(&self, from: NodeId) -> Option<Vec<Key>> {
        let mut before: BTreeMap<NodeId, NodeId> = BTreeMap::new();
        let mut level: Vec<NodeId> = self.along.iter().copied().chain([from]).collect();
        let mut seen: BTreeSet<NodeId> = level.iter().copied().collect();
        while !level.is_empty() {
            let mut next = BTreeSet::new();
            for at in level {
                let holders = self.graph.holds_on(at).map(|(_, edge)| edge.from);
                // A part stays with its whole, and what carries it is the way on.
                let carriers = self.graph.node(at).carriers.iter().copied();
                for near in holders.chain(carriers) {
                    let stays = self.known.keep(self.graph.key(near)).is_some();
                    if stays && seen.insert(near) {
                        before.insert(near, at);
                        next.insert(near);
                    }
                }
            }
            let ends = next.iter().filter(|node| self.is_an_end(**node));
            if let Some(end) = ends.min_by_key(|node| self.rank(self.graph.key(**node))) {
                let way = std::iter::successors(Some(*end), |at| before.get(at).copied());
                let way = way.take_while(|at| *at != from && !self.along.contains(at));
                let mut path: Vec<Key> = way.map(|at| self.graph.key(at).clone()).collect();
                path.reverse();
                let last = self.graph.key(*end);
                if !self.known.ends_with(last) {
                    path.extend(self.known.chain(last));
                }
                return Some(path);
            }
            level = next.into_iter().collect();
        }
        None
    }

    /// Whether this stays whatever becomes of what was asked about: the veto of a network, and what is only held in
    /// turn, is no cause.
    fn is_an_end(&self, node: NodeId) -> bool {
        let carried = self.graph.node(node).carriers.iter();
        if carried.into_iter().any(|carrier| self.known.keep(self.graph.key(*carrier)).is_some()) {
            return false;
        }
        match self.known.keep(self.graph.key(node)) {
            Some(Keep::NotOrphan { verdict: Verdict::Uncertain, gate }) => {
                !matches!(gate.as_ref().map(Gate::behind), Some(Behind::Other(_)))
            }
            Some(
                Keep::NotOrphan { .. }
                | Keep::HoldsData
                | Keep::Witness
                | Keep::Guarded { .. }
                | Keep::Unseen { .. }
                | Keep::LeftOut { .. },
            ) => true,
            Some(
                Keep::HeldBy { .. }
                | Keep::TiedTo { .. }
                | Keep::GoesWith { .. }
                | Keep::WouldTake { .. }
                | Keep::Cycle { .. },
            )
            | None => false,
        }
    }

    /// What the verdicts name comes first, then what nobody selected.
    fn rank(&self, key: &Key) -> (bool, bool) {
        let selected = self.known.verdicts.get(key).is_some_and(|judged| judged.selected);
        (self.hint != Some(key), selected)
    }
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
