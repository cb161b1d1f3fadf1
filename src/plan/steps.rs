//! From waits to numbered steps, the longest remaining chain first, then by key: takes what `waits` found and
//! gives the plan its steps with their reasons.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::going::State;
use super::waits::{Moment, Waits, Why};
use super::{Action, After, Step, StepId};
use crate::graph::{EdgeId, Graph, NodeId, say};
use crate::model::{Near, Settle};

/// What a cut usually takes, in seconds: one call.
const CUT_SECONDS: u32 = 1;

/// What stands at a moment once it is turned into steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Work {
    /// Nothing: it stays, or it is gone the moment that what carries it is gone.
    None,
    /// A cut, a delete or an await.
    Step {
        /// How long it usually takes.
        seconds: u32,
    },
}

/// Numbers the steps and tells each what it waits for.
pub(super) fn steps(graph: &Graph<'_>, states: &[State], waits: &Waits<'_>) -> Vec<Step> {
    let maker = StepMaker { graph, states, waits };
    let work: Vec<Work> = (0..waits.of.len()).map(|moment| maker.work(moment)).collect();
    let order = maker.order(&work);
    let mut numbers: BTreeMap<Moment, StepId> = BTreeMap::new();
    // What a moment that is no step of its own stands for: the steps after which it is gone.
    let mut behind: BTreeMap<Moment, BTreeSet<StepId>> = BTreeMap::new();
    let mut steps = Vec::new();
    for moment in order {
        let mut after: BTreeMap<StepId, String> = BTreeMap::new();
        for wait in &waits.of[moment] {
            let own = numbers.get(&wait.on);
            for &step in own.into_iter().chain(behind.get(&wait.on).into_iter().flatten()) {
                after.entry(step).or_insert_with(|| maker.reason(moment, wait.why));
            }
        }
        match work[moment] {
            Work::None => {
                behind.insert(moment, after.into_keys().collect());
            }
            Work::Step { seconds } => {
                let id = StepId(u32::try_from(steps.len() + 1).unwrap_or(u32::MAX));
                numbers.insert(moment, id);
                let after = after.into_iter().map(|(step, why)| After { step, why }).collect();
                steps.push(maker.step(moment, id, seconds, after));
            }
        }
    }
    steps
}

struct StepMaker<'m> {
    graph: &'m Graph<'m>,
    states: &'m [State],
    waits: &'m Waits<'m>,
}

impl StepMaker<'_> {
    fn work(&self, moment: Moment) -> Work {
        let usually = |settle: Settle| u32::try_from(settle.usually().as_secs()).unwrap_or(u32::MAX);
        if let Some(edge) = self.waits.cut_at(moment) {
            let settle = self.graph.edge(edge).rule.cut.map(|cut| cut.settle);
            return Work::Step { seconds: settle.map_or(CUT_SECONDS, usually) };
        }
        let own = self.graph.node(moment).spec.map_or(CUT_SECONDS, |spec| usually(spec.settle));
        match self.states[moment] {
            State::Kept(_) => Work::None,
            State::Delete => {
                let pause = self.graph.node(moment).spec.map_or(0, |spec| spec.pause);
                Work::Step { seconds: own.saturating_add(pause) }
            }
            State::Leaving => Work::Step { seconds: own },
            State::Carried => {
                let settles =
                    self.graph.out(moment).filter_map(|(_, edge)| match (edge.to, edge.rule.near) {
                        (Some(_), Near::GoesWithTarget(settle @ Settle::Poll { .. })) => {
                            Some(usually(settle))
                        }
                        _ => None,
                    });
                settles.max().map_or(Work::None, |seconds| Work::Step { seconds })
            }
        }
    }

    /// All moments in an order in which each comes after what it waits for.
    fn order(&self, work: &[Work]) -> Vec<Moment> {
        let mut dependents: Vec<Vec<Moment>> = vec![Vec::new(); work.len()];
        let mut open: Vec<usize> = vec![0; work.len()];
        for (moment, waits) in self.waits.of.iter().enumerate() {
            open[moment] = waits.len();
            waits.iter().for_each(|wait| dependents[wait.on].push(moment));
        }
        let remaining = remaining(work, &dependents, &open);
        // A moment that is no step of its own is taken before all steps, so that what waited for it is ranked at once.
        let rank = |moment: Moment| {
            let step = work[moment] != Work::None;
            let cut = self.waits.cut_at(moment);
            (step, Reverse(remaining[moment]), self.waits.owner(moment), Reverse(cut.is_some()), cut, moment)
        };
        let mut ready: BTreeSet<_> = (0..work.len()).filter(|&p| open[p] == 0).map(rank).collect();
        let mut order = Vec::with_capacity(work.len());
        while let Some((.., moment)) = ready.pop_first() {
            order.push(moment);
            for &next in &dependents[moment] {
                open[next] -= 1;
                if open[next] == 0 {
                    ready.insert(rank(next));
                }
            }
        }
        order
    }

    fn step(&self, moment: Moment, id: StepId, seconds: u32, after: Vec<After>) -> Step {
        let owner = self.waits.owner(moment);
        let node = self.graph.node(owner);
        let (action, api) = match self.waits.cut_at(moment) {
            Some(edge) => {
                let edge = self.graph.edge(edge);
                (Action::Cut(edge.link.clone()), edge.rule.cut.map(|cut| cut.api.to_owned()))
            }
            None if self.states[moment] == State::Delete => {
                (Action::Delete, node.spec.map(|spec| spec.delete_api().to_owned()))
            }
            None => (Action::Await, None),
        };
        Step { id, action, resource: node.resource.key.clone(), api, after, expected_seconds: seconds }
    }

    fn reason(&self, moment: Moment, why: Why) -> String {
        let id = |n: NodeId| self.graph.key(n).id.as_str();
        let owner = self.waits.owner(moment);
        match why {
            Why::Carrier(carrier) => format!("{} goes with {}", id(owner), id(carrier)),
            Why::Hold(e) => match self.graph.edge(e).to {
                Some(held) if held != owner => {
                    format!("{}, and {} goes with {}", self.link(e), id(held), id(owner))
                }
                _ => self.link(e),
            },
            Why::After(e) | Why::Rather(e) => {
                let near = self.graph.edge(e).from;
                if near == owner {
                    format!("{}, which goes first", self.link(e))
                } else {
                    format!("{}, which goes first, and {} goes with {}", self.link(e), id(near), id(owner))
                }
            }
            Why::Last(e) => format!("{}, and {} stays and is changed last", self.link(e), id(owner)),
            Why::Cut(e) => format!("{} until that is cut", self.link(e)),
        }
    }

    /// A link in words, with what its near end goes with.
    fn link(&self, e: EdgeId) -> String {
        let edge = self.graph.edge(e);
        let aside = self.aside(edge.from);
        say(&self.graph.key(edge.from).id, &edge.link.how, &edge.link.to.id, aside.as_deref())
    }

    /// `which goes with i-1, which goes with ng-1`, for a thing that is carried.
    fn aside(&self, node: NodeId) -> Option<String> {
        let mut chain = Vec::new();
        let mut at = node;
        while self.states[at] == State::Carried {
            at = *self.graph.node(at).carriers.first()?;
            chain.push(format!("which goes with {}", self.graph.key(at).id));
        }
        (!chain.is_empty()).then(|| chain.join(", "))
    }
}

/// The longest expected time from the start of each moment's work to the end of the plan.
fn remaining(work: &[Work], dependents: &[Vec<Moment>], waiting: &[usize]) -> Vec<u64> {
    let mut open = waiting.to_vec();
    let mut ready: Vec<Moment> = (0..work.len()).filter(|&p| open[p] == 0).collect();
    let mut next = 0;
    while next < ready.len() {
        for &dependent in &dependents[ready[next]] {
            open[dependent] -= 1;
            if open[dependent] == 0 {
                ready.push(dependent);
            }
        }
        next += 1;
    }
    let mut remaining = vec![0; work.len()];
    for &moment in ready.iter().rev() {
        let own = match work[moment] {
            Work::None => 0,
            Work::Step { seconds } => u64::from(seconds),
        };
        let rest = dependents[moment].iter().map(|&d| remaining[d]).max().unwrap_or(0);
        remaining[moment] = own + rest;
    }
    remaining
}
