//! What waits for what: takes those that go from `going`, and gives `steps` each wait with the link that
//! causes it.
//!
//! Circles are opened by cutting exactly the links that lie in them; what no cut opens is handed back.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::algo::kosaraju_scc;
use petgraph::graph::DiGraph;

use super::going::State;
use crate::graph::{Edge, EdgeId, Graph, NodeId};
use crate::model::{Holds, Near, Touches, words::how};

/// Something that happens once: below the number of resources it stands for "that resource is gone",
/// above for a cut.
pub(super) type Moment = usize;

/// One thing that must have happened before another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wait {
    /// What must have happened.
    pub(super) on: Moment,
    /// Because of what.
    pub(super) why: Why,
}

/// The fact behind a wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// This link holds its far end, which is deleted or goes along.
    Hold(EdgeId),
    /// The near end of this link, which is deleted or goes along, goes after the far end.
    After(EdgeId),
    /// The same, but only as long as nothing else asks for the opposite.
    Rather(EdgeId),
    /// This link is cut before its owner goes.
    Cut(EdgeId),
    /// This link holds what a link of something that stays is cut for: that is changed last.
    Last(EdgeId),
    /// It goes with this one.
    Carrier(NodeId),
}

/// Whether a stack has already tried to remove this member and was refused: it removes only what it gave the member
/// itself, and what others attached to it since has to be taken away before. All that needs it is gone by then.
fn is_stuck(graph: &Graph<'_>, states: &[State], n: NodeId) -> bool {
    let mut own = graph.out(n).map(|(_, edge)| edge.link);
    states[n] == State::Carried && own.any(|link| link.how == how::MEMBER_OF && !link.via.is_empty())
}

/// All waits among those that go.
pub(super) struct Waits<'g> {
    graph: &'g Graph<'g>,
    states: &'g [State],
    /// Links to be cut, and the moment of each.
    cuts: BTreeMap<EdgeId, Moment>,
    /// The links to be cut, by moment.
    pub(super) cut_links: Vec<EdgeId>,
    /// What each moment waits for.
    pub(super) of: Vec<Vec<Wait>>,
}

impl<'g> Waits<'g> {
    /// The waits, free of circles; or the circles that no cut opens, each with its members.
    /// `revoked` are links of what stays that are cut.
    pub(super) fn new(
        graph: &'g Graph<'g>,
        states: &'g [State],
        revoked: &BTreeSet<EdgeId>,
    ) -> Result<Self, Vec<BTreeSet<NodeId>>> {
        let mut waits = Self::build(graph, states, revoked);
        let circle_of = waits.circles();
        if circle_of.is_empty() {
            return Ok(waits);
        }
        let opened = &waits.openable(&circle_of) | revoked;
        waits = Self::build(graph, states, &opened);
        let circle_of = waits.circles();
        let rather = waits.drop_rather(&circle_of);
        let closed = waits.circles();
        if closed.is_empty() {
            waits.readmit(rather);
            return Ok(waits);
        }
        let mut circles: BTreeMap<usize, BTreeSet<NodeId>> = BTreeMap::new();
        for (moment, circle) in closed {
            circles.entry(circle).or_default().insert(waits.owner(moment));
        }
        Err(circles.into_values().collect())
    }

    /// The resource whose fate a moment is part of.
    pub(super) fn owner(&self, moment: Moment) -> NodeId {
        match self.cut_at(moment) {
            Some(edge) => self.graph.edge(edge).from,
            None => moment,
        }
    }

    /// The link that is cut at a moment, if it is a cut's.
    pub(super) fn cut_at(&self, moment: Moment) -> Option<EdgeId> {
        moment.checked_sub(self.graph.len()).map(|k| self.cut_links[k])
    }

    fn build(graph: &'g Graph<'g>, states: &'g [State], opened: &BTreeSet<EdgeId>) -> Self {
        let goes_by_call = |n: NodeId| states[n] == State::Delete;
        let first = |e: &Edge<'_>| {
            let cut = e.rule.cut.is_some_and(|cut| cut.touches == Touches::NearEnd);
            e.rule.near == Near::CutFirst
                && (goes_by_call(e.from) || (cut && is_stuck(graph, states, e.from)))
        };
        let cut_links: Vec<EdgeId> =
            (0..graph.edges().len()).filter(|e| opened.contains(e) || first(graph.edge(*e))).collect();
        let cuts = cut_links.iter().enumerate().map(|(k, &e)| (e, graph.len() + k)).collect();
        let of = vec![Vec::new(); graph.len() + cut_links.len()];
        let mut waits = Self { graph, states, cuts, cut_links, of };
        for (n, state) in states.iter().enumerate() {
            match state {
                State::Delete => waits.add_delete(n),
                State::Carried => {
                    let carriers = graph.node(n).carriers.iter();
                    waits.of[n] = carriers.map(|&c| Wait { on: c, why: Why::Carrier(c) }).collect();
                }
                State::Leaving | State::Kept(_) => {}
            }
        }
        for (k, &edge) in waits.cut_links.iter().enumerate() {
            let owner = graph.edge(edge).from;
            if matches!(states[owner], State::Kept(_)) {
                waits.of[graph.len() + k] = waits.before_revoking(graph.edge(edge));
                continue;
            }
            let holds = graph.holds_on(owner).filter(|(_, e)| e.rule.holds == Holds::DeleteAndCuts);
            let found = holds.map(|(e, edge)| Wait { on: edge.from, why: Why::Hold(e) }).collect();
            waits.of[graph.len() + k] = found;
        }
        waits
    }

    /// What stays is changed only when nothing else is in the way of what it is changed for, so that a run that ends
    /// early has not changed it for nothing.
    fn before_revoking(&self, cut: &Edge<'_>) -> Vec<Wait> {
        let Some(far) = cut.to else { return Vec::new() };
        let others =
            self.graph.holds_on(far).filter(|(_, edge)| !matches!(self.states[edge.from], State::Kept(_)));
        let wait = |(e, edge): (EdgeId, &Edge<'_>)| {
            let until_cut = edge.rule.holds == Holds::DeleteUntilCut;
            let cut = self.cuts.get(&e).filter(|_| until_cut).copied();
            Wait { on: cut.unwrap_or(edge.from), why: Why::Last(e) }
        };
        others.map(wait).collect()
    }

    /// What the deletion of a resource waits for, for its own sake and for the sake of all that it takes along.
    fn add_delete(&mut self, root: NodeId) {
        let graph = self.graph;
        let along = self.taken_along(root);
        let gone = |n: NodeId| n == root || along.contains(&n);
        let mut found = Vec::new();
        for &n in std::iter::once(&root).chain(&along) {
            for (e, edge) in graph.holds_on(n).filter(|(_, e)| !gone(e.from)) {
                let cut = if edge.rule.holds == Holds::DeleteUntilCut { self.cuts.get(&e) } else { None };
                found.push(Wait { on: cut.copied().unwrap_or(edge.from), why: Why::Hold(e) });
            }
            for (e, edge) in graph.out(n) {
                let Some(to) = edge.to.filter(|&to| !gone(to)) else { continue };
                match edge.rule.near {
                    Near::AfterTarget => found.push(Wait { on: to, why: Why::After(e) }),
                    Near::AfterIfGoes if n == root && !matches!(self.states[to], State::Kept(_)) => {
                        found.push(Wait { on: to, why: Why::Rather(e) });
                    }
                    Near::AfterIfGoes | Near::Free | Near::CutFirst | Near::GoesWithTarget(_) => {}
                }
            }
            let own = graph.node(n).out.iter().filter_map(|e| Some((*e, *self.cuts.get(e)?)));
            found.extend(own.map(|(e, on)| Wait { on, why: Why::Cut(e) }));
        }
        self.of[root] = found;
    }

    /// All that AWS removes by itself because of this deletion. What is leaving anyway goes its own way.
    fn taken_along(&self, root: NodeId) -> BTreeSet<NodeId> {
        let mut along = BTreeSet::new();
        let mut open = vec![root];
        while let Some(n) = open.pop() {
            let next = self.graph.node(n).carries.iter().copied();
            open.extend(next.filter(|&c| c != root && self.states[c] == State::Carried && along.insert(c)));
        }
        along
    }

    /// The moments that lie in circles, each with the number of its circle.
    fn circles(&self) -> BTreeMap<Moment, usize> {
        let count: usize = self.of.iter().map(Vec::len).sum();
        let mut graph = DiGraph::<(), ()>::with_capacity(self.of.len(), count);
        let nodes: Vec<_> = self.of.iter().map(|_| graph.add_node(())).collect();
        for (moment, waits) in self.of.iter().enumerate() {
            for wait in waits {
                graph.add_edge(nodes[moment], nodes[wait.on], ());
            }
        }
        // Not Tarjan's: petgraph's is recursive, and a chain can be as long as an account is large.
        let circles = kosaraju_scc(&graph).into_iter().filter(|circle| circle.len() > 1);
        circles.enumerate().flat_map(|(i, circle)| circle.into_iter().map(move |n| (n.index(), i))).collect()
    }

    /// The links within circles whose cut opens them.
    fn openable(&self, circle_of: &BTreeMap<Moment, usize>) -> BTreeSet<EdgeId> {
        let mut opened = BTreeSet::new();
        for (&moment, circle) in circle_of {
            for wait in self.of[moment].iter().filter(|w| circle_of.get(&w.on) == Some(circle)) {
                if let Why::Hold(e) | Why::Last(e) = wait.why
                    && self.can_open(self.graph.edge(e))
                {
                    opened.insert(e);
                }
            }
        }
        opened
    }

    fn can_open(&self, edge: &Edge<'_>) -> bool {
        let going = matches!(self.states[edge.from], State::Delete | State::Carried);
        if !going || edge.rule.holds != Holds::DeleteUntilCut || edge.rule.cut.is_none() {
            return false;
        }
        // A cut that must wait for something that goes only with the owner would come too late.
        let roots = |n: NodeId| -> BTreeSet<NodeId> {
            let above = self.graph.all_carriers(n).into_iter().chain([n]);
            above.filter(|&c| self.states[c] == State::Delete).collect()
        };
        let own = roots(edge.from);
        let late = |n: NodeId| self.states[n] != State::Leaving && !roots(n).is_disjoint(&own);
        let mut holds = self.graph.holds_on(edge.from);
        !holds.any(|(_, e)| e.rule.holds == Holds::DeleteAndCuts && late(e.from))
    }

    /// Takes the waits that are mere preferences out of all circles.
    fn drop_rather(&mut self, circle_of: &BTreeMap<Moment, usize>) -> Vec<(Moment, Wait)> {
        let mut dropped = Vec::new();
        for (&moment, circle) in circle_of {
            self.of[moment].retain(|wait| {
                let drop = matches!(wait.why, Why::Rather(_)) && circle_of.get(&wait.on) == Some(circle);
                if drop {
                    dropped.push((moment, *wait));
                }
                !drop
            });
        }
        dropped
    }

    /// Puts back each preference that closes no circle.
    fn readmit(&mut self, dropped: Vec<(Moment, Wait)>) {
        for (moment, wait) in dropped {
            if !self.reaches(wait.on, moment) {
                self.of[moment].push(wait);
            }
        }
    }

    fn reaches(&self, from: Moment, to: Moment) -> bool {
        let mut seen = BTreeSet::from([from]);
        let mut open = vec![from];
        while let Some(moment) = open.pop() {
            if moment == to {
                return true;
            }
            open.extend(self.of[moment].iter().map(|w| w.on).filter(|&on| seen.insert(on)));
        }
        false
    }
}
