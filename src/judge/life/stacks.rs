//! The stacks as claimants: each is a name and a region. It takes the memberships and gives every thing its stacks.
//!
//! A global thing belongs to the stack of its name in each region. What is in no stack stands for itself, so that
//! it is kept by its own signs.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Key, Region};

use super::super::view::{View, label};

/// One stack.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct StackId {
    pub name: String,
    /// `global` if nothing of it lies in a region.
    pub region: Region,
}

/// All stacks, by number.
#[derive(Debug, Default)]
pub(super) struct Register {
    ids: Vec<StackId>,
    by_name: BTreeMap<String, Vec<usize>>,
    of: BTreeMap<Key, Vec<usize>>,
    members: Vec<Vec<Key>>,
}

impl Register {
    pub(super) fn of(view: &View<'_>, membership: &BTreeMap<Key, String>) -> Self {
        let name = |key: &Key| membership.get(key).cloned().unwrap_or_else(|| label(key));
        let mut regions: BTreeMap<String, BTreeSet<Region>> = BTreeMap::new();
        for key in view.inventory.resources.keys() {
            let all = regions.entry(name(key)).or_default();
            if !key.region.is_global() {
                all.insert(key.region.clone());
            }
        }
        let mut register = Self::default();
        for (name, mut all) in regions {
            if all.is_empty() {
                all.insert(Region::global());
            }
            for region in all {
                register.by_name.entry(name.clone()).or_default().push(register.ids.len());
                register.ids.push(StackId { name: name.clone(), region });
                register.members.push(Vec::new());
            }
        }
        for key in view.inventory.resources.keys() {
            let named = register.by_name.get(&name(key)).cloned().unwrap_or_default();
            let here = |at: &usize| key.region.is_global() || register.ids[*at].region == key.region;
            let own: Vec<usize> = named.into_iter().filter(here).collect();
            own.iter().for_each(|at| register.members[*at].push(key.clone()));
            register.of.insert(key.clone(), own);
        }
        register
    }

    /// Every stack, by number.
    pub(super) fn ids(&self) -> impl Iterator<Item = (usize, &StackId)> {
        self.ids.iter().enumerate()
    }

    /// The stack of this number.
    pub(super) fn id(&self, at: usize) -> &StackId {
        &self.ids[at]
    }

    /// The stacks of a thing.
    pub(super) fn of_thing(&self, key: &Key) -> &[usize] {
        self.of.get(key).map_or(&[], Vec::as_slice)
    }

    /// The stacks of this name.
    pub(super) fn named(&self, name: &str) -> &[usize] {
        self.by_name.get(name).map_or(&[], Vec::as_slice)
    }

    /// What belongs to a stack.
    pub(super) fn members(&self, at: usize) -> &[Key] {
        &self.members[at]
    }
}
