//! What things of a file wait for, directly or through others: the scene asks it for checks. Many ask, and most of
//! what one waits for others wait for as well; so what is asked is found once for each thing, and not by a walk
//! of its own for each that asks.

use std::collections::BTreeMap;

use crate::deployment::Item;
use crate::kinds;
use crate::model::deployed::Plays;
use crate::model::index::Items;

/// What something waits for, as far as checks ask: places in the file, and no more of each than decide.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WaitsFor {
    /// Clusters that remain.
    pub clusters: Few,
    /// Clusters that are made.
    pub made: Few,
    /// The first that gives a cluster nodes.
    pub nodes: Option<usize>,
    /// A reference to what is no item of the file, so that what that waits for is unknown: the first by its letters.
    /// The place of the item that holds it, and its place among what that waits for.
    unresolved: Option<(usize, usize)>,
}

/// None, one, or several.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Few {
    #[default]
    None,
    One(usize),
    Several,
}

impl Few {
    const fn and(self, other: Self) -> Self {
        match (self, other) {
            (it, Self::None) | (Self::None, it) => it,
            (Self::One(one), Self::One(other)) if one == other => self,
            (_, _) => Self::Several,
        }
    }
}

impl WaitsFor {
    /// The first reference to what is no item of the file.
    pub fn unresolved<'a>(&self, items: &Items<'a>) -> Option<&'a str> {
        let (at, place) = self.unresolved?;
        items.all().get(at)?.after.get(place).map(String::as_str)
    }

    fn and(self, other: Self, items: &Items<'_>) -> Self {
        let first = match (self.unresolved(items), other.unresolved(items)) {
            (Some(one), Some(another)) if another < one => other.unresolved,
            (None, Some(_)) => other.unresolved,
            (_, _) => self.unresolved,
        };
        Self {
            clusters: self.clusters.and(other.clusters),
            made: self.made.and(other.made),
            nodes: [self.nodes, other.nodes].into_iter().flatten().min(),
            unresolved: first,
        }
    }

    /// What somebody who waits for this item waits for by that.
    fn itself(at: usize, item: &Item) -> Self {
        let plays = kinds::row_of(item).map_or(Plays::Nothing, |row| row.deployed.plays);
        let is = |yes: bool| if yes { Few::One(at) } else { Few::None };
        let (is_cluster, remains) = (plays == Plays::Cluster, item.change.remains());
        Self {
            clusters: is(is_cluster && remains),
            made: is(is_cluster && item.change.makes()),
            nodes: (plays.gives_nodes() && remains).then_some(at),
            unresolved: None,
        }
    }
}

/// What was found so far.
#[derive(Debug, Default)]
pub struct Reaches {
    /// Numbers of what was looked at: an item by its place, an address that stands for several after them.
    nodes: BTreeMap<usize, Node>,
    /// The numbers of such addresses, and for which items they stand.
    groups: BTreeMap<String, usize>,
    members: Vec<Vec<usize>>,
    /// Those whose circle is not whole yet, in the order in which they were met.
    open: Vec<usize>,
}

#[derive(Debug)]
struct Node {
    /// When it was met, and the earliest met that it leads to.
    met: usize,
    earliest: usize,
    reach: WaitsFor,
    done: bool,
    /// Whether it waits for itself.
    circles: bool,
}

/// One that is being looked at, with those it leads to that are left.
struct Step {
    node: usize,
    next: Vec<usize>,
}

impl Reaches {
    /// What the item of this place waits for.
    pub fn of(&mut self, items: &Items<'_>, at: usize) -> WaitsFor {
        if !self.nodes.contains_key(&at) {
            self.look(items, at);
        }
        self.nodes.get(&at).map(|node| node.reach).unwrap_or_default()
    }

    /// Follows everything from here, each once (the algorithm of Tarjan): what wait for each other in a circle wait
    /// for the same.
    fn look(&mut self, items: &Items<'_>, from: usize) {
        let mut steps = vec![self.meet(items, from)];
        while let Some(step) = steps.last_mut() {
            let here = step.node;
            let Some(next) = step.next.pop() else {
                steps.pop();
                self.leave(items, here);
                if let Some(outer) = steps.last() {
                    self.take(items, outer.node, here);
                }
                continue;
            };
            if self.nodes.contains_key(&next) {
                self.take(items, here, next);
            } else {
                let step = self.meet(items, next);
                steps.push(step);
            }
        }
    }

    fn meet(&mut self, items: &Items<'_>, node: usize) -> Step {
        let mut reach = WaitsFor::default();
        let next = match items.all().get(node) {
            Some(item) => {
                let mut next = Vec::new();
                for (place, address) in item.after.iter().enumerate() {
                    match self.number(items, address) {
                        Some(number) => next.push(number),
                        None if is_provider(address) => {}
                        None => {
                            let found = WaitsFor { unresolved: Some((node, place)), ..WaitsFor::default() };
                            reach = reach.and(found, items);
                        }
                    }
                }
                next
            }
            None => self.members.get(node - items.all().len()).cloned().unwrap_or_default(),
        };
        let met = self.nodes.len();
        self.nodes.insert(node, Node { met, earliest: met, reach, done: false, circles: false });
        self.open.push(node);
        Step { node, next }
    }

    /// The number of what an address stands for: an item, all of a `count`, all of a module.
    fn number(&mut self, items: &Items<'_>, address: &str) -> Option<usize> {
        if let Some(number) = items.place(address).or_else(|| self.groups.get(address).copied()) {
            return Some(number);
        }
        let members = items.within(address);
        if members.is_empty() {
            return None;
        }
        let number = items.all().len() + self.members.len();
        self.members.push(members);
        self.groups.insert(address.to_owned(), number);
        Some(number)
    }

    /// Takes over what a next one leads to.
    fn take(&mut self, items: &Items<'_>, here: usize, next: usize) {
        let Some(found) = self.nodes.get(&next) else { return };
        let (done, met, earliest, reach) = (found.done, found.met, found.earliest, found.reach);
        let itself = items.all().get(next).map(|item| WaitsFor::itself(next, item)).unwrap_or_default();
        let Some(node) = self.nodes.get_mut(&here) else { return };
        node.reach = node.reach.and(reach, items).and(itself, items);
        if !done {
            node.earliest = node.earliest.min(earliest).min(met);
        }
        node.circles |= here == next;
    }

    /// Ends the circle of which this was met first.
    fn leave(&mut self, items: &Items<'_>, here: usize) {
        let Some(node) = self.nodes.get(&here).filter(|node| node.met == node.earliest) else { return };
        let (first, circles) = (node.met, node.circles);
        let begins = self.open.iter().rposition(|it| *it == here).unwrap_or(self.open.len());
        let circle = self.open.split_off(begins);
        let is_circle = circles || circle.len() > 1;
        let mut whole = WaitsFor::default();
        for at in &circle {
            let reach = self.nodes.get(at).map(|node| node.reach).unwrap_or_default();
            whole = whole.and(reach, items);
            if let Some(item) = items.all().get(*at).filter(|_| is_circle) {
                whole = whole.and(WaitsFor::itself(*at, item), items);
            }
        }
        for at in circle {
            if let Some(node) = self.nodes.get_mut(&at) {
                (node.reach, node.done, node.earliest) = (whole, true, first);
            }
        }
    }
}

/// A provider of Pulumi's waits for nothing that a check asks for and could not see otherwise.
fn is_provider(address: &str) -> bool {
    address.contains("pulumi:providers:")
}

/// Whether one thing waits for another, found by a walk of at most so many steps: `None` where they do not suffice.
/// What is left of them is for the next who asks.
pub fn waits_for(items: &Items<'_>, from: usize, to: usize, steps: &mut usize) -> Option<bool> {
    let mut seen = std::collections::BTreeSet::new();
    let mut open = vec![from];
    while let Some(at) = open.pop() {
        for address in items.all().get(at).into_iter().flat_map(|item| &item.after) {
            let parts = items.place(address).map_or_else(|| items.within(address), |it| vec![it]);
            for part in parts {
                if part == to {
                    return Some(true);
                }
                *steps = steps.checked_sub(1)?;
                if seen.insert(part) {
                    open.push(part);
                }
            }
        }
    }
    Some(false)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{cluster, item};
    use super::*;

    fn of(all: &[Item], at: usize) -> WaitsFor {
        Reaches::default().of(&kinds::items(all), at)
    }

    #[test]
    fn what_waits_in_a_circle_waits_for_the_same_and_for_itself() {
        let all = [
            cluster("a", "a").after(&["b", "gone"]).0,
            item("b", "eks-nodegroup").after(&["c"]).0,
            item("c", "x").after(&["a", "early"]).0,
            item("d", "x").after(&["c"]).0,
        ];
        let items = kinds::items(&all);
        let mut reaches = Reaches::default();
        for at in [3, 0, 1, 2] {
            let found = reaches.of(&items, at);
            assert_eq!((found.made, found.nodes), (Few::One(0), Some(1)), "{at}");
            assert_eq!(found.unresolved(&items), Some("early"), "{at}");
        }
        assert_eq!(of(&all[..1], 0).made, Few::None, "a thing alone does not wait for itself");
    }

    #[test]
    fn whoever_asks_first_the_answer_is_that_of_a_walk() {
        // Every graph of four things, with a cluster, nodes and two that are neither.
        let kinds = ["eks-cluster", "eks-nodegroup", "x", "x"];
        for edges in 0_u32..1 << 16 {
            let all: Vec<Item> = (0..4_usize)
                .map(|at| {
                    let to = (0..4)
                        .filter(|to| edges >> (4 * at + to) & 1 == 1)
                        .map(|to| ["a", "b", "c", "d"][to]);
                    item(["a", "b", "c", "d"][at], kinds[at]).after(&to.collect::<Vec<_>>()).0
                })
                .collect();
            let items = crate::kinds::items(&all);
            let mut reaches = Reaches::default();
            for at in [2, 0, 3, 1] {
                let found = reaches.of(&items, at);
                let walks = |to| waits_for(&items, at, to, &mut 1000) == Some(true);
                assert_eq!(
                    (found.clusters == Few::One(0), found.nodes == Some(1)),
                    (walks(0), walks(1)),
                    "{edges:x} {at}"
                );
            }
        }
    }

    #[test]
    fn a_row_of_any_length_is_followed_to_its_end() {
        let mut all: Vec<Item> =
            (0..100_000).map(|n| item(&format!("a{n}"), "x").after(&[&format!("a{}", n + 1)]).0).collect();
        all.push(cluster("a100000", "c").0);
        let items = kinds::items(&all);
        let mut reaches = Reaches::default();
        for at in [0, 50_000, 99_999] {
            assert_eq!(reaches.of(&items, at).made, Few::One(100_000));
        }
    }
}
