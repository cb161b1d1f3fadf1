//! Laws that hold of one world beside another: whoever shows more of it, or says more, never makes more go; the order in
//! which states are named is nothing; and a state of which too little can be told keeps all that it could own.

use std::collections::{BTreeMap, BTreeSet};

use aws_janitor::inventory::Inventory;
use aws_janitor::judge::judge;
use aws_janitor::kinds::CATALOG;
use aws_janitor::model::{Key, KindName, Region, Scope, Verdict};
use aws_janitor::plan::planner::plan;
use aws_janitor::plan::{Action, Fate};

use super::land::{AWAY, HOME, now};
use super::laws::Wrong;
use super::situation::{RECORDS, STATES, Situation};
use super::world::World;
use crate::rng::Rng;

/// What goes, whichever way, and every verdict.
fn decided(world: &World, inventory: &Inventory) -> (BTreeSet<Key>, BTreeMap<Key, Verdict>) {
    let judgement = judge(inventory, &world.selector(), now());
    let plan = plan(inventory, CATALOG, &judgement.verdicts, &world.policy().with_data);
    let goes = plan.fates.into_iter().filter(|(_, fate)| !matches!(fate, Fate::Kept(_) | Fate::Leaving));
    let goes = goes.map(|(key, _)| key).collect();
    (goes, judgement.verdicts.into_iter().map(|(key, it)| (key, it.verdict)).collect())
}

/// The situation that is told of what goes only here.
fn told(world: &World) -> Situation {
    let mut drawn = world.land.situations.iter();
    drawn.find(|of| STATES.contains(of) || RECORDS.contains(of)).copied().unwrap_or(Situation::Attempt)
}

/// What is wrong with a world beside others.
pub(crate) fn wrong(world: &World) -> Vec<Wrong> {
    let of = told(world);
    let mut rng = Rng::new(world.recipe.seed ^ 0xbe51de);
    let inventory = world.land.inventory();
    let (goes, verdicts) = decided(world, &inventory);
    let mut wrong = Vec::new();
    let mut more = |found: BTreeSet<Key>, what: &'static str| {
        wrong.extend(found.into_iter().map(|key| Wrong { key, of, what }));
    };
    let beyond = |those: &BTreeSet<Key>, these: &BTreeSet<Key>| those.difference(these).cloned().collect();
    if inventory.states.iter().any(|state| state.unread.is_some()) {
        more(goes.clone(), "goes beside a state that may own it");
    }
    if !world.land.states.is_empty() {
        let mut less = world.clone();
        less.land.states.remove(rng.below(world.land.states.len()));
        let without = decided(&less, &less.land.inventory()).0;
        more(beyond(&goes, &without), "goes only beside one state more");
        let mut turned = inventory.clone();
        turned.states.reverse();
        let (other, others) = decided(world, &turned);
        more(goes.symmetric_difference(&other).cloned().collect(), "goes by the order of states");
        let differ = verdicts.iter().filter(|(key, verdict)| others.get(*key) != Some(*verdict));
        more(differ.map(|(key, _)| key.clone()).collect(), "is judged by the order of states");
    }
    if rng.chance(1, 2) {
        let mut blind = world.clone();
        blind.land.hidden.insert(hidden(world, &mut rng));
        more(beyond(&decided(world, &blind.land.inventory()).0, &goes), "goes only beside one gap more");
    }
    wrong
}

/// A kind in a region that there is something of.
fn hidden(world: &World, rng: &mut Rng) -> (KindName, Region) {
    let kinds: BTreeSet<&KindName> =
        world.land.things.keys().chain(world.land.beyond.keys()).map(|key| &key.kind).collect();
    let kinds: Vec<&KindName> = kinds.into_iter().filter(|kind| CATALOG.get(kind).is_some()).collect();
    let kind = (*rng.pick(&kinds)).clone();
    let global = CATALOG.get(&kind).is_some_and(|spec| spec.scope == Scope::Global);
    let region = if rng.chance(1, 5) { AWAY } else { HOME };
    (kind, if global { Region::global() } else { Region::new(region) })
}

/// What goes with its stack is deleted by nobody else: CloudFormation removes its members itself.
pub(crate) fn members_by_call(world: &World, steps: &[aws_janitor::plan::Step]) -> Vec<Key> {
    let deletes = |key: &Key| steps.iter().any(|step| step.action == Action::Delete && step.resource == *key);
    let gone = world.land.records.iter().filter(|(stack, _)| deletes(stack));
    gone.flat_map(|(_, members)| members).filter(|key| deletes(key)).cloned().collect()
}
