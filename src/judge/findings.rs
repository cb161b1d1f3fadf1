//! The findings under way: the gates fill them, the rules of `settle` read and change them until nobody changes.
//!
//! Whoever reads a finding while it is heard is noted as its reader, and is heard again when that one changes. So no
//! rule says what it hangs on, and none can forget to; and the others need not be heard again.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Key, Verdict};

use super::gates::{Finding, Ruling};

/// The finding of every resource.
pub(super) struct Findings<'a> {
    keys: Vec<&'a Key>,
    all: Vec<Finding>,
    places: BTreeMap<Key, usize>,
    /// Who read which, since that one changed last.
    readers: RefCell<Vec<Vec<usize>>>,
    /// Who is being heard.
    heard: Cell<Option<usize>>,
}

impl<'a> Findings<'a> {
    /// What the gates found, in the order of the keys.
    pub(super) fn of(found: impl Iterator<Item = (&'a Key, Finding)>) -> Self {
        let (keys, all): (Vec<&Key>, Vec<Finding>) = found.unzip();
        let places = keys.iter().enumerate().map(|(at, key)| (Key::clone(key), at)).collect();
        let readers = RefCell::new(vec![Vec::new(); all.len()]);
        Self { keys, all, places, readers, heard: Cell::new(None) }
    }

    /// What is found of a resource; nothing, if it was not seen.
    pub(super) fn get(&self, key: &Key) -> Option<&Finding> {
        let at = *self.places.get(key)?;
        if let Some(heard) = self.heard.get() {
            self.readers.borrow_mut()[at].push(heard);
        }
        Some(&self.all[at])
    }

    /// The verdict of a resource, as it stands.
    pub(super) fn verdict(&self, key: &Key) -> Option<Verdict> {
        self.get(key).map(|finding| finding.verdict)
    }

    /// Of these the one that is no orphan and that a reader must look into: what is none by itself comes before what
    /// follows from it.
    pub(super) fn cause<'k>(&self, of: impl Iterator<Item = &'k Key>) -> Option<(&Finding, &'k Key)> {
        let all = of.filter_map(|key| Some((self.get(key)?, key)));
        let others = all.filter(|(finding, _)| finding.verdict != Verdict::Orphan);
        others.min_by_key(|(finding, key)| (finding.alone == Verdict::Orphan, finding.verdict, *key))
    }

    /// Hears everybody by a rule until nobody changes: round by round in the order of the keys, in each round those
    /// of whose reading something changed. The others would be found as they were.
    pub(super) fn settle(&mut self, rule: impl Fn(&Self, &Key) -> Option<Ruling>) {
        let mut round: BTreeSet<usize> = (0..self.all.len()).collect();
        while !round.is_empty() {
            let mut next = BTreeSet::new();
            while let Some(at) = round.pop_first() {
                self.heard.set(Some(at));
                let ruling = rule(self, self.keys[at]);
                self.heard.set(None);
                let Some(ruling) = ruling else { continue };
                self.all[at].becomes(ruling);
                next.insert(at);
                for reader in std::mem::take(&mut self.readers.get_mut()[at]) {
                    if reader > at {
                        round.insert(reader)
                    } else {
                        next.insert(reader)
                    };
                }
            }
            round = next;
        }
    }

    /// All of them, in the order of the keys.
    pub(super) fn into_all(self) -> impl Iterator<Item = (&'a Key, Finding)> {
        self.keys.into_iter().zip(self.all)
    }
}

#[cfg(test)]
mod laws;
