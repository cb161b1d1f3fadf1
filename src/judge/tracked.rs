//! What states of deployment tools claim: from the inventory's states and one thing, which state owns or names it. The
//! gates ask it.
//!
//! What a state owns or names is nobody's leftover, whatever its tags say: the tool that wrote the state removes it, or
//! works with it. Only the user's word that the state's own stack is abandoned speaks against that: such a state owns
//! something of that stack, and nothing that is seen of any other. What another state owns stays, whatever stack's tags
//! it bears. A state that could not be read may own anything.

use std::collections::{BTreeMap, BTreeSet};

use crate::inventory::Inventory;
use crate::kinds::CATALOG;
use crate::model::{
    Gate, Ids, Key, KindName, KindSpec, OwnedStatus, OwnedThing, Region, Resource, StateClaims,
};

use super::gates::Ground;
use super::tools;
use super::view::View;

/// A thing with the state that owns it.
type Owned<'a> = (&'a StateClaims, &'a OwnedThing);

/// All states, by what they own and name.
pub(super) struct Tracked<'a> {
    states: Vec<&'a StateClaims>,
    owned: BTreeMap<&'a str, Vec<Owned<'a>>>,
    /// What was being made when a run ended, by kind.
    pending: BTreeMap<&'a KindName, Vec<Owned<'a>>>,
    named: BTreeMap<&'a str, &'a StateClaims>,
}

impl<'a> Tracked<'a> {
    /// What the inventory's states claim, but for those of abandoned stacks.
    pub fn of(view: &View<'a>, is_abandoned: &dyn Fn(&Key) -> bool, stacks: &BTreeMap<Key, String>) -> Self {
        let all = Self::of_all(view.inventory.states.iter());
        // Only where something is abandoned it has to be known which state is whose.
        if all.owned.is_empty() || !stacks.keys().any(is_abandoned) {
            return all;
        }
        let (mut abandoned, mut others, mut seen) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for (key, resource) in &view.inventory.resources {
            let owners = || all.owners(resource);
            seen.extend(owners().map(|(_, thing)| std::ptr::from_ref(thing)));
            let of = if is_abandoned(key) { &mut abandoned } else { &mut others };
            // What is of no stack tells nothing of whose the state is.
            of.extend(owners().filter(|_| stacks.contains_key(key)).map(|(state, _)| state.source.as_str()));
        }
        let unseen =
            |thing: &OwnedThing| !seen.contains(&std::ptr::from_ref(thing)) && may_stand(view, thing);
        let stands = |state: &&StateClaims| {
            let source = state.source.as_str();
            !abandoned.contains(source) || others.contains(source) || state.owned.iter().any(unseen)
        };
        Self { states: all.states, ..Self::of_all(view.inventory.states.iter().filter(stands)) }
    }

    fn of_all(states: impl Iterator<Item = &'a StateClaims>) -> Self {
        let mut owned: BTreeMap<&str, Vec<Owned<'_>>> = BTreeMap::new();
        let mut pending: BTreeMap<&KindName, Vec<Owned<'_>>> = BTreeMap::new();
        let mut named = BTreeMap::new();
        let states: Vec<&StateClaims> = states.collect();
        for state in &states {
            let state = *state;
            for thing in &state.owned {
                let names = thing.also.iter().chain(Some(&thing.id)).filter(|name| !name.is_empty());
                for name in names {
                    owned.entry(name).or_default().push((state, thing));
                }
                if let (OwnedStatus::Pending, Some(kind)) = (thing.status, &thing.kind) {
                    pending.entry(kind).or_default().push((state, thing));
                }
            }
            named.extend(state.named.iter().map(|name| (name.as_str(), state)));
        }
        Self { states, owned, pending, named }
    }

    /// The states that own a thing, or were making what may be it.
    fn owners<'s>(&'s self, resource: &'s Resource) -> impl Iterator<Item = Owned<'a>> + 's {
        let by_name = names(resource).into_iter().flat_map(move |name| {
            let owners = self.owned.get(name).into_iter().flatten().copied();
            owners.filter(move |(_, thing)| is_unique(name, resource) || may_be(thing, resource))
        });
        let begun = self.pending.get(&resource.key.kind).into_iter().flatten().copied();
        by_name.chain(begun.filter(|(_, thing)| became(thing, resource)))
    }

    /// The state that owns a thing, and what it owns it as.
    pub fn owner(&self, resource: &Resource) -> Option<Owned<'a>> {
        self.owners(resource).next()
    }

    /// The state that owns or names a thing.
    pub fn claim(&self, resource: &Resource, inventory: &Inventory) -> Option<Ground> {
        let named = || names(resource).into_iter().find_map(|name| self.named.get(name).copied());
        let (state, why) = match self.owner(resource) {
            Some((state, thing)) => {
                let then = begun(state, thing, resource, inventory).unwrap_or_default();
                (state, format!("{} owns it as {}{}{then}", of(state), thing.address, said(thing)))
            }
            None => named().map(|state| (state, format!("{} names it", of(state))))?,
        };
        Some(Ground { gate: Gate::Tracked { state: state.source.clone() }, why })
    }

    /// A state that could not be read: it may own anything.
    pub fn unread(&self) -> Option<Ground> {
        let (state, why) = self.states.iter().find_map(|state| Some((state, state.unread.as_ref()?)))?;
        let why = format!("the state {} may own it, and could not be read: {why}", state.source);
        Some(Ground { gate: Gate::StateUnread { state: state.source.clone() }, why })
    }
}

/// Every name by which a state may mean a thing: its id, its ARN, and ids that are never used again.
fn names(resource: &Resource) -> Vec<&str> {
    let arn = resource.arn.as_deref();
    let unique = resource.unique_id.as_deref();
    Some(resource.key.id.as_str()).into_iter().chain(arn).chain(unique).collect()
}

/// Whether AWS gives this name to one thing of all kinds and regions: what a state says beside it decides nothing
/// then.
fn is_unique(name: &str, resource: &Resource) -> bool {
    let made_up = |spec: &KindSpec| matches!(spec.ids, Ids::Prefix(_));
    name.starts_with("arn:") || CATALOG.get(&resource.key.kind).is_some_and(made_up)
}

/// How the tool takes over a thing that it was making when its run ended, and whether it may be another one as well.
fn begun(state: &StateClaims, thing: &OwnedThing, it: &Resource, inventory: &Inventory) -> Option<String> {
    let spec = CATALOG.get(&it.key.kind)?;
    let command = tools::take_over(state, thing, it, spec)?;
    let alike = inventory.resources.values().filter(|other| other.key.kind == it.key.kind);
    Some(match alike.filter(|other| became(thing, other)).count() {
        0 | 1 => format!("; its tool takes it over by: {command}"),
        all => format!("; it is one of {all} that it may be, and its tool takes that one over by: {command}"),
    })
}

/// Whether a thing that was being made may have become this one.
fn became(thing: &OwnedThing, resource: &Resource) -> bool {
    may_be(thing, resource) && looks_like(thing, resource)
}

/// Whether a thing that no listing showed may be there all the same, and of whatever stack.
fn may_stand(view: &View<'_>, thing: &OwnedThing) -> bool {
    let Some(kind) = thing.kind.as_ref().filter(|kind| CATALOG.get(kind).is_some()) else { return false };
    let places = match &thing.region {
        Some(region) => BTreeSet::from([region.clone()]),
        None => view.inventory.regions.clone(),
    };
    places.iter().any(|region| !view.holes.saw(kind, region))
}

/// Whether a thing that was being made became this one: it bears the name that was planned, or, where none was, all
/// the tags. Where the state tells neither, it may be any of its kind.
fn looks_like(thing: &OwnedThing, resource: &Resource) -> bool {
    if thing.also.is_empty() {
        return thing.tags.iter().all(|(key, value)| resource.tags.get(key) == Some(value));
    }
    resource.name.as_ref().is_some_and(|name| thing.also.contains(name))
}

/// Whether an owned thing of this name may be this one: a name is used by several kinds, and in several regions.
fn may_be(thing: &OwnedThing, resource: &Resource) -> bool {
    let kind = thing.kind.as_ref().is_none_or(|kind| *kind == resource.key.kind);
    let elsewhere = |region: &Region| {
        !region.is_global() && !resource.key.region.is_global() && *region != resource.key.region
    };
    kind && !thing.region.as_ref().is_some_and(elsewhere)
}

/// A state, for people.
fn of(state: &StateClaims) -> String {
    let tool = state.tool.map(|tool| format!("{}'s ", tool.title())).unwrap_or_default();
    let stack = state.stack.as_ref().map(|stack| format!(" of {stack}")).unwrap_or_default();
    format!("{tool}state {}{stack}", state.source)
}

fn said(thing: &OwnedThing) -> &'static str {
    match thing.status {
        OwnedStatus::Managed => "",
        OwnedStatus::Tainted => " (tainted)",
        OwnedStatus::Deposed => " (replaced, and not yet gone)",
        OwnedStatus::Pending => " (being made when the run ended)",
    }
}
