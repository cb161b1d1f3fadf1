//! Who goes: the largest set of orphans in which nobody is held, tied or needed by one that stays.
//!
//! The set only ever shrinks, wave by wave. A reason names only what an earlier wave kept, so that every
//! chain of reasons ends at a cause, and no reason depends on the order in which a listing came.

use std::collections::{BTreeMap, BTreeSet};

use super::Keep;
use crate::graph::{Edge, EdgeId, Far, Graph, NodeId};
use crate::inventory::{Holes, Inventory};
use crate::model::words::{fact, how};
use crate::model::{
    Catalog, Class, Gate, GuardRule, Holds, Key, KindName, KindSpec, Life, LinkRule, Near, Region, Resource,
    Scope, Touches, Verdict, Verdicts,
};

/// What is asked of the planner beside the inventory itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wishes<'a> {
    /// What the program knows of kinds.
    pub(super) catalog: Catalog,
    /// The answer for each resource. One that is missing counts as uncertain.
    pub(super) verdicts: &'a Verdicts,
    /// Kinds that hold data and were named.
    pub(super) with_data: &'a BTreeSet<KindName>,
    /// Whether rules of groups that stay may be revoked.
    pub(super) may_revoke: bool,
    /// What must stay whatever its verdict, and why.
    pub(super) left_out: &'a BTreeMap<Key, String>,
    /// What is known to be on its way out although AWS does not show it yet.
    pub(super) leaving: &'a BTreeSet<Key>,
}

/// How a resource stands while the set shrinks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum State {
    /// It is to be deleted by a step.
    Delete,
    /// It goes with what carries it: with all of that, if several things do.
    Carried,
    /// AWS is already removing it. Nothing that is decided here changes that.
    Leaving,
    /// It stays.
    Kept(Keep),
}

/// The fates as they are being worked out.
pub(super) struct Going<'g> {
    graph: &'g Graph<'g>,
    /// Links of what stays that may be cut.
    may_cut: BTreeSet<EdgeId>,
    pub(super) states: Vec<State>,
}

impl<'g> Going<'g> {
    /// Starts with everything that could go by itself, and shrinks until nothing objects.
    pub(super) fn new(graph: &'g Graph<'g>, inventory: &Inventory, wishes: Wishes<'_>) -> Self {
        let mut sight = Sight {
            inventory,
            holes: Holes::of(inventory),
            catalog: wishes.catalog,
            holders: BTreeMap::new(),
        };
        let states: Vec<State> =
            (0..graph.len()).map(|n| first_state(graph, n, wishes, &mut sight)).collect();
        let may_cut = if wishes.may_revoke { may_cut(graph, &states, wishes) } else { BTreeSet::new() };
        let mut going = Self { graph, may_cut, states };
        let kept = (0..graph.len()).filter(|&n| going.kept(n)).collect();
        going.shrink(kept);
        going
    }

    /// Whether it stays.
    pub(super) fn kept(&self, node: NodeId) -> bool {
        matches!(self.states[node], State::Kept(_))
    }

    /// The links of what stays that are cut so that their far ends can go.
    pub(super) fn revoked(&self) -> BTreeSet<EdgeId> {
        let goes = |n: NodeId| matches!(self.states[n], State::Delete | State::Carried);
        self.may_cut.iter().copied().filter(|&e| self.graph.edge(e).to.is_some_and(goes)).collect()
    }

    /// Keeps the members of circles that nothing opens, and all that follows from it.
    pub(super) fn keep_circles(&mut self, circles: &[BTreeSet<NodeId>]) {
        let mut kept = BTreeSet::new();
        for circle in circles {
            // What stays already is there by a link of it that would have been cut.
            let going: Vec<NodeId> = circle.iter().copied().filter(|&node| !self.kept(node)).collect();
            for node in going {
                let with =
                    circle.iter().filter(|&&n| n != node).map(|&n| self.graph.key(n).clone()).collect();
                self.states[node] = State::Kept(Keep::Cycle { with });
                kept.insert(node);
            }
        }
        self.shrink(kept);
    }

    fn shrink(&mut self, mut wave: BTreeSet<NodeId>) {
        while !wave.is_empty() {
            let touched: BTreeSet<NodeId> = wave.iter().flat_map(|&n| self.touched_by(n)).collect();
            let objections: Vec<(NodeId, Keep)> =
                touched.into_iter().filter_map(|n| Some((n, self.objection(n)?))).collect();
            wave = objections.iter().map(|(n, _)| *n).collect();
            for (node, keep) in objections {
                self.states[node] = State::Kept(keep);
            }
        }
    }

    /// Whether what stays at the near end keeps the far end: it holds that, or works with it. What stays for whatever
    /// reason loses by what it works with being deleted, whether or not AWS would refuse that.
    fn keeps_far(&self, (id, edge): (EdgeId, &Edge<'_>)) -> bool {
        if self.may_cut.contains(&id) {
            return false;
        }
        let works = |spec: &KindSpec| spec.works_with(&edge.link.how);
        edge.rule.holds != Holds::Nothing || self.graph.node(edge.from).spec.is_some_and(works)
    }

    /// Whom it may concern that this one stays.
    fn touched_by(&self, kept: NodeId) -> Vec<NodeId> {
        let node = self.graph.node(kept);
        let held = self.graph.out(kept).filter(|of| self.keeps_far(*of)).filter_map(|(_, e)| e.to);
        let tied = node.into.iter().map(|&e| self.graph.edge(e).from);
        held.chain(tied).chain(node.carriers.iter().copied()).chain(node.carries.iter().copied()).collect()
    }

    /// Why this one, which was to go, cannot: by what is kept at this moment.
    fn objection(&self, n: NodeId) -> Option<Keep> {
        let carried = match self.states[n] {
            State::Delete => false,
            State::Carried => true,
            State::Leaving | State::Kept(_) => return None,
        };
        let node = self.graph.node(n);
        let first = |nodes: &[NodeId]| nodes.iter().copied().find(|&n| self.kept(n));
        let near = node.into.iter().map(|&e| (e, self.graph.edge(e)));
        let keepers = near.filter(|of| of.1.from != n && self.keeps_far(*of) && self.kept(of.1.from));
        if let Some((_, edge)) = keepers.min_by_key(|(_, e)| (e.from, e.rule.holds == Holds::Nothing)) {
            return Some(Keep::HeldBy {
                by: self.graph.key(edge.from).clone(),
                how: edge.link.how.to_string(),
            });
        }
        let needs_far =
            |e: &Edge<'_>| if carried { e.rule.near == Near::AfterTarget } else { needs_far_going(e) };
        let tie = self.graph.out(n).find(|(_, e)| needs_far(e) && e.to.is_some_and(|to| self.kept(to)));
        if let Some((_, edge)) = tie {
            return Some(tied_to(edge));
        }
        if let Some(lost) = first(&node.carries) {
            return Some(Keep::WouldTake { key: self.graph.key(lost).clone() });
        }
        let carrier = first(&node.carriers)?;
        Some(Keep::GoesWith { carrier: self.graph.key(carrier).clone() })
    }
}

/// The links that the policy lets a run cut although their near end stays: that loses nothing by it, somebody's or
/// nobody's as it may be, and is neither protected nor of another account nor of unclear ownership.
fn may_cut(graph: &Graph<'_>, states: &[State], wishes: Wishes<'_>) -> BTreeSet<EdgeId> {
    let open = |n: NodeId| {
        let node = graph.node(n).resource;
        let others = node.guards.iter().any(|guard| guard.rule != GuardRule::DefaultThing);
        let known = match &states[n] {
            State::Kept(Keep::NotOrphan { verdict: Verdict::Foreign | Verdict::Active, .. }) => true,
            State::Kept(_) | State::Delete | State::Carried | State::Leaving => false,
        };
        known && !others && node.life == Life::Standing && !wishes.left_out.contains_key(&node.key)
    };
    let harmless = |edge: &Edge<'_>| {
        let cut = edge.rule.cut.filter(|cut| cut.touches == Touches::NearEnd && cut.by_hand.is_some());
        let told = !edge.link.via.is_empty() && edge.link.via.iter().all(|handle| !handle.is_empty());
        edge.rule.holds == Holds::DeleteUntilCut && edge.far == Far::Resource && cut.is_some() && told
    };
    let edges = graph.edges().iter().enumerate();
    edges.filter(|(_, edge)| harmless(edge) && open(edge.from)).map(|(id, _)| id).collect()
}

/// Whether the near end can only be deleted if the far end goes as well.
fn needs_far_going(edge: &Edge<'_>) -> bool {
    match edge.rule.near {
        Near::AfterTarget => true,
        Near::CutFirst => cuts_both_ends(edge),
        // What was made for something that stays works for it: a provider lets the pods of its cluster in, and they
        // work as a role that trusts it.
        Near::AfterIfGoes => [how::MADE_FOR, how::FOR_PODS_OF].contains(&edge.link.how.as_ref()),
        Near::Free | Near::GoesWithTarget(_) => false,
    }
}

fn cuts_both_ends(edge: &Edge<'_>) -> bool {
    edge.far == Far::Resource && edge.rule.cut.is_some_and(|cut| cut.touches == Touches::BothEnds)
}

fn first_state(graph: &Graph<'_>, n: NodeId, wishes: Wishes<'_>, sight: &mut Sight<'_>) -> State {
    let node = graph.node(n);
    let resource = node.resource;
    let judged = wishes.verdicts.get(&resource.key);
    let verdict = judged.map_or(Verdict::Uncertain, |judged| judged.verdict);
    if verdict != Verdict::Orphan {
        let gate = judged.and_then(|judged| judged.gate.clone());
        return State::Kept(Keep::NotOrphan { verdict, gate });
    }
    if let Some(guard) = resource.guards.first() {
        return State::Kept(Keep::Guarded { guard: guard.clone() });
    }
    if resource.life == Life::Coming {
        // What is being made right now is somebody's, whoever judged otherwise.
        return State::Kept(Keep::NotOrphan { verdict: Verdict::Active, gate: Some(Gate::Coming) });
    }
    if let Some(why) = wishes.left_out.get(&resource.key) {
        return State::Kept(Keep::LeftOut { why: why.clone() });
    }
    let Some(spec) = node.spec else {
        return State::Kept(Keep::LeftOut {
            why: format!("this version does not know {}", resource.key.kind),
        });
    };
    if resource.life == Life::Leaving || wishes.leaving.contains(&resource.key) {
        return State::Leaving;
    }
    let carried = !node.carriers.is_empty();
    if !carried && spec.class == Class::Witness {
        return State::Kept(Keep::Witness);
    }
    if !carried && spec.class == Class::Data && !wishes.with_data.contains(&resource.key.kind) {
        return State::Kept(Keep::HoldsData);
    }
    let unnamed = |what: &str| !wishes.with_data.contains(&KindName::new(what));
    if !carried && resource.facts.get(fact::HOLDS_DATA).is_some_and(|all| all.split(',').any(unnamed)) {
        return State::Kept(Keep::HoldsData);
    }
    let state = if carried { State::Carried } else { State::Delete };
    match sight.holder_unseen(resource).or_else(|| far_objection(graph, n, &state, sight)) {
        Some(keep) => State::Kept(keep),
        None => state,
    }
}

/// What stands against a resource's going because of far ends that are not in the inventory, or may not be.
fn far_objection(graph: &Graph<'_>, n: NodeId, state: &State, sight: &mut Sight<'_>) -> Option<Keep> {
    let mut tied = None;
    for (_, edge) in graph.out(n).filter(|(_, e)| e.far == Far::Resource) {
        let by_call = *state == State::Delete;
        // Whether it matters what the far end does, and whether a far end that is missing forbids the deletion.
        let (matters, forbids) = match edge.rule.near {
            Near::Free => (false, false),
            Near::GoesWithTarget(_) => (true, false),
            Near::AfterTarget => (true, true),
            Near::AfterIfGoes => (by_call, false),
            Near::CutFirst => (by_call && cuts_both_ends(edge), by_call && cuts_both_ends(edge)),
        };
        let to = &edge.link.to;
        // One far end that was seen tells nothing of another that was not, and would make the near end anew.
        let others = edge.rule.near == Near::AfterIfGoes && !sight.holes.saw_it(to);
        if matters && (others || (edge.to.is_none() && !sight.saw_it(to))) {
            return Some(Keep::Unseen { kind: to.kind.clone(), region: to.region.clone() });
        }
        if edge.to.is_none() && forbids && !sight.is_gone(to) {
            tied.get_or_insert_with(|| tied_to(edge));
        }
    }
    let mut own = graph.node(n).out.iter().map(|&e| graph.edge(e));
    let stuck =
        |e: &&Edge<'_>| *state == State::Delete && e.rule.near == Near::CutFirst && e.rule.cut.is_none();
    tied.or_else(|| own.find(stuck).map(tied_to))
}

fn tied_to(edge: &Edge<'_>) -> Keep {
    Keep::TiedTo { to: edge.link.to.clone(), how: edge.link.how.to_string() }
}

/// What was not seen, asked once per kind and place.
struct Sight<'a> {
    inventory: &'a Inventory,
    holes: Holes<'a>,
    catalog: Catalog,
    /// For things of which the same is asked, where something could hold one unseen.
    holders: BTreeMap<Asked, Vec<(KindName, Region)>>,
}

/// Of which things the same is asked: their kind, their place, and what a role's trust policy lets in.
type Asked = (KindName, Region, Option<String>);

impl Sight<'_> {
    /// Whether this far end is known to be gone, and was so when the near end was read.
    fn is_gone(&self, far: &Key) -> bool {
        self.inventory.gone.contains(far)
    }

    /// Whether this far end would have been seen. One that was asked for by its id is known.
    fn saw_it(&self, far: &Key) -> bool {
        self.is_gone(far) || self.holes.saw_it(far)
    }

    /// The first kind and place, if any, in which something could hold this one or go along with it unseen.
    fn holder_unseen(&mut self, resource: &Resource) -> Option<Keep> {
        let key = &resource.key;
        let trusted = resource.facts.get(fact::TRUSTED_SERVICES);
        let asked = (key.kind.clone(), key.region.clone(), trusted.cloned());
        if !self.holders.contains_key(&asked) {
            let holes = self.holes_of_holders(key, trusted.map(String::as_str));
            self.holders.insert(asked.clone(), holes);
        }
        // Where a global thing may be used, it may be by anything.
        let matters = |(kind, region): &&(KindName, Region)| {
            key.region.is_global() || !self.holes.saw_near(kind, region, key)
        };
        let (kind, region) = self.holders.get(&asked)?.iter().find(matters)?.clone();
        Some(Keep::Unseen { kind, region })
    }

    fn holes_of_holders(&self, key: &Key, trusted: Option<&str>) -> Vec<(KindName, Region)> {
        // A user that was not seen counts like a holder: the judge keeps what something that stays works with.
        let matters = |spec: &KindSpec, rule: &LinkRule| {
            if spec.works_with(rule.how) {
                return spec.works_as.may_be_trusted(trusted);
            }
            rule.holds != Holds::Nothing || matches!(rule.near, Near::GoesWithTarget(_))
        };
        let rules = self.catalog.rules_to(&key.kind);
        let mut holes = Vec::new();
        for spec in rules.filter(|(spec, rule)| matters(spec, rule)).map(|(spec, _)| spec) {
            let (name, abroad) = (spec.kind(), spec.scope == Scope::Regional && key.region.is_global());
            let Some(places) = self.places(spec.scope, &key.region) else {
                // Nobody knows where it may be used.
                holes.push((name, Region::global()));
                continue;
            };
            let saw = |place: &Region| match abroad {
                true => self.inventory.saw_users(&name, place),
                false => self.holes.saw(&name, place),
            };
            holes.extend(places.into_iter().filter(|place| !saw(place)).map(|place| (name.clone(), place)));
        }
        holes.dedup();
        holes
    }

    /// Where a kind must have been looked for so that nothing of it can hold a resource of this region; `None` if
    /// nobody knows.
    fn places(&self, scope: Scope, region: &Region) -> Option<BTreeSet<Region>> {
        match scope {
            Scope::Global => Some([Region::global()].into()),
            Scope::Regional if region.is_global() => self.inventory.user_regions(),
            Scope::Regional => Some([region.clone()].into()),
        }
    }
}
