//! The planner: takes an inventory and its verdicts, and gives a plan.
//!
//! Pure: no I/O, no clock, no randomness. Who goes is decided in `going`, what waits for what in `waits`,
//! the numbering in `steps`; here the three are put together.

use std::collections::{BTreeMap, BTreeSet};

use super::going::{Going, State, Wishes};
use super::waits::Waits;
use super::{Fate, Plan, Step, steps};
use crate::graph::{Graph, NodeId};
use crate::inventory::Inventory;
use crate::model::{Catalog, Key, KindName, Verdicts};
use crate::policy::Policy;

/// Plans the deletion of every orphan that can go. Kinds that hold data go only if named, and nothing that stays is
/// changed.
pub fn plan(
    inventory: &Inventory,
    catalog: Catalog,
    verdicts: &Verdicts,
    with_data: &BTreeSet<KindName>,
) -> Plan {
    let policy = Policy { with_data: with_data.clone(), ..Policy::default() };
    plan_by(inventory, catalog, verdicts, &policy)
}

/// The same, as a policy allows it.
pub fn plan_by(inventory: &Inventory, catalog: Catalog, verdicts: &Verdicts, policy: &Policy) -> Plan {
    let wishes = Wishes {
        catalog,
        verdicts,
        with_data: &policy.with_data,
        may_revoke: policy.revoke_in_kept_groups,
        left_out: &BTreeMap::<Key, String>::new(),
        leaving: &BTreeSet::<Key>::new(),
    };
    plan_with(inventory, wishes)
}

/// The same, with what the application of a saved plan knows beside.
pub(super) fn plan_with(inventory: &Inventory, wishes: Wishes<'_>) -> Plan {
    let graph = Graph::new(inventory, wishes.catalog);
    let mut going = Going::new(&graph, inventory, wishes);
    loop {
        let circles = match Waits::new(&graph, &going.states, &going.revoked()) {
            Ok(waits) => {
                let steps = steps::steps(&graph, &going.states, &waits);
                return assemble(inventory, &graph, &going.states, steps);
            }
            Err(circles) => circles,
        };
        // Each round keeps at least one more, so this ends.
        going.keep_circles(&circles);
    }
}

fn assemble(inventory: &Inventory, graph: &Graph<'_>, states: &[State], steps: Vec<Step>) -> Plan {
    let mut plan = Plan { steps, gaps: inventory.gaps.iter().cloned().collect(), ..Plan::default() };
    for (n, (key, resource)) in inventory.resources.iter().enumerate() {
        let fate = fate(graph, n, &states[n]);
        if !matches!(fate, Fate::Kept(_)) {
            plan.resources.insert(key.clone(), resource.clone());
        }
        plan.fates.insert(key.clone(), fate);
    }
    for step in plan.steps.iter().filter(|step| !plan.resources.contains_key(&step.resource)) {
        if let Some(resource) = inventory.resources.get(&step.resource) {
            plan.cut_from.insert(step.resource.clone(), resource.clone());
        }
    }
    let named = plan.resources.values().flat_map(|resource| &resource.links).map(|link| &link.to);
    plan.gone = named.filter(|far| inventory.gone.contains(*far)).cloned().collect();
    plan
}

fn fate(graph: &Graph<'_>, n: NodeId, state: &State) -> Fate {
    match state {
        State::Delete => Fate::Delete,
        State::Leaving => Fate::Leaving,
        State::Kept(keep) => Fate::Kept(keep.clone()),
        State::Carried => match graph.node(n).carriers.first() {
            Some(&carrier) => Fate::Carried(graph.key(carrier).clone()),
            None => Fate::Delete,
        },
    }
}
