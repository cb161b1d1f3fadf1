//! The smallest set of owners whose orphans, once deleted, leave enough free: `remedy` asks it for what is in
//! the way.

use std::collections::BTreeMap;

use super::count::{QuotaPlace, total};
use crate::model::Key;

/// Whose leftovers they are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owner {
    /// A stack's, by its name.
    Stack(String),
    /// Of no stack: a resource by itself.
    Resource(Key),
}

/// What one owner's deletion sets free.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnerRelief {
    /// The owner.
    pub owner: Owner,
    /// How many resources would be deleted.
    pub deletes: usize,
    /// How much it frees of what is short.
    pub frees: BTreeMap<QuotaPlace, u64>,
}

/// How much is missing, where.
pub type Lack = BTreeMap<QuotaPlace, u64>;

/// How many sets are tried before a good one is taken for the best.
const TRIES: usize = 200_000;

/// How many of them are planned in their order: the first is nearly always right.
const PLANS: usize = 12;

/// How many owners at most are left out one by one, each with a plan, of a set that is larger than need be.
const LEFT_OUT: usize = 64;

/// The smallest set of groups that frees enough of all that is missing, as indices in their order; of
/// several the one that deletes least. `None` if all of them together do not. `accepts` has the last word
/// on a set: whether a plan for it frees as much. The set that it accepted last is the one that is given.
pub fn smallest(
    lack: &Lack,
    groups: &[OwnerRelief],
    mut accepts: impl FnMut(&[usize]) -> bool,
) -> Option<Vec<usize>> {
    let useful: Vec<usize> = (0..groups.len()).filter(|at| helps(lack, &groups[*at])).collect();
    if !enough(lack, groups, &useful) {
        return None;
    }
    let (mut tries, mut plans) = (TRIES, PLANS);
    for size in 0..=useful.len() {
        let mut found: Vec<Vec<usize>> = Vec::new();
        choose(&useful, size, &mut Vec::new(), &mut |set| {
            tries = tries.saturating_sub(1);
            if enough(lack, groups, set) {
                found.push(set.to_vec());
            }
            tries > 0
        });
        found.sort_by_key(|set| set.iter().map(|at| groups[*at].deletes).sum::<usize>());
        let planned = found.len().min(plans);
        plans -= planned;
        if let Some(set) = found.into_iter().take(planned).find(|set| accepts(set)) {
            return Some(set);
        }
        if tries == 0 || plans == 0 {
            break;
        }
    }
    // Too many to try them all: take the most useful ones. If they hold each other's leftovers, take all,
    // also those that free nothing of it themselves, and leave out what is not needed after all.
    let set = thinned(lack, groups, useful.clone());
    if accepts(&set) {
        return Some(set);
    }
    let all: Vec<usize> = (0..groups.len()).collect();
    let mut set = [useful, all].into_iter().find(|set| accepts(set))?;
    let mut largest_first = set.clone();
    largest_first.sort_by_key(|at| std::cmp::Reverse(groups[*at].deletes));
    for at in largest_first.into_iter().take(LEFT_OUT) {
        let rest: Vec<usize> = set.iter().copied().filter(|kept| *kept != at).collect();
        if enough(lack, groups, &rest) && accepts(&rest) {
            set = rest;
        }
    }
    Some(set)
}

fn helps(lack: &Lack, group: &OwnerRelief) -> bool {
    lack.keys().any(|place| group.frees.get(place).is_some_and(|amount| *amount > 0))
}

fn enough(lack: &Lack, groups: &[OwnerRelief], set: &[usize]) -> bool {
    lack.iter()
        .all(|(place, missing)| total(set.iter().filter_map(|at| groups[*at].frees.get(place))) >= *missing)
}

/// Tells every set of this size, until `tell` has heard enough.
fn choose(
    from: &[usize],
    size: usize,
    begun: &mut Vec<usize>,
    tell: &mut dyn FnMut(&[usize]) -> bool,
) -> bool {
    if size == 0 {
        return tell(begun);
    }
    for (at, index) in from.iter().enumerate() {
        if from.len() - at < size {
            break;
        }
        begun.push(*index);
        let go_on = choose(&from[at + 1..], size - 1, begun, tell);
        begun.pop();
        if !go_on {
            return false;
        }
    }
    true
}

/// Leaves out one after the other, those that free least first, as long as the rest is enough.
fn thinned(lack: &Lack, groups: &[OwnerRelief], mut set: Vec<usize>) -> Vec<usize> {
    let use_of = |at: usize| -> u64 {
        lack.iter().filter_map(|(place, missing)| Some((*groups[at].frees.get(place)?).min(*missing))).sum()
    };
    let mut by_use = set.clone();
    by_use.sort_by_key(|at| (use_of(*at), std::cmp::Reverse(groups[*at].deletes)));
    for at in by_use {
        let rest: Vec<usize> = set.iter().copied().filter(|kept| *kept != at).collect();
        if enough(lack, groups, &rest) {
            set = rest;
        }
    }
    set
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::Region;

    fn place(quota: &'static str) -> QuotaPlace {
        QuotaPlace { quota, region: Region::new("us-east-1"), name: "us-east-1".into() }
    }

    fn group(name: &str, deletes: usize, frees: &[(&'static str, u64)]) -> OwnerRelief {
        let frees = frees.iter().map(|(quota, amount)| (place(quota), *amount)).collect();
        OwnerRelief { owner: Owner::Stack(name.into()), deletes, frees }
    }

    fn lack(missing: &[(&'static str, u64)]) -> Lack {
        missing.iter().map(|(quota, amount)| (place(quota), *amount)).collect()
    }

    #[test]
    fn one_stack_that_is_enough_goes_before_two() {
        let groups =
            [group("a", 5, &[("eip", 1)]), group("b", 50, &[("eip", 3)]), group("c", 5, &[("eip", 2)])];
        assert_eq!(smallest(&lack(&[("eip", 3)]), &groups, |_| true), Some(vec![1]));
    }

    #[test]
    fn of_two_that_are_enough_the_one_that_deletes_less_goes() {
        let groups = [group("a", 50, &[("eip", 3)]), group("b", 5, &[("eip", 3)])];
        assert_eq!(smallest(&lack(&[("eip", 2)]), &groups, |_| true), Some(vec![1]));
    }

    #[test]
    fn what_a_plan_does_not_confirm_is_not_named() {
        let groups = [group("a", 5, &[("eip", 3)]), group("b", 50, &[("eip", 3)])];
        assert_eq!(smallest(&lack(&[("eip", 2)]), &groups, |set| set != [0]), Some(vec![1]));
        assert_eq!(smallest(&lack(&[("eip", 2)]), &groups, |_| false), None);
    }

    #[test]
    fn many_sets_that_a_plan_refuses_do_not_hide_that_all_together_are_enough() {
        // Each holds what the others need, so that no plan deletes one without the rest.
        let groups: Vec<OwnerRelief> = (0..40).map(|at| group(&format!("s{at}"), 1, &[("eip", 1)])).collect();
        let mut plans = 0;
        let found = smallest(&lack(&[("eip", 1)]), &groups, |set| {
            plans += 1;
            set.len() == groups.len()
        });
        assert_eq!(found.map(|set| set.len()), Some(40));
        assert!(plans <= PLANS + 3 + groups.len().min(LEFT_OUT), "each is a whole plan: {plans}");
    }

    #[test]
    fn what_all_together_do_not_free_is_nobodys_to_free() {
        assert_eq!(smallest(&lack(&[("eip", 4)]), &[group("a", 1, &[("eip", 3)])], |_| true), None);
        assert_eq!(smallest(&lack(&[("vpc", 1)]), &[group("a", 1, &[("eip", 3)])], |_| true), None);
    }

    #[test]
    fn stacks_that_hold_each_others_leftovers_are_named_together_and_no_others_with_them() {
        // Of forty stacks each holds back its neighbour's, and the last one also what frees nothing itself.
        let mut groups: Vec<OwnerRelief> =
            (0..40).map(|at| group(&format!("s{at}"), 5, &[("eip", 1)])).collect();
        let pairs =
            |set: &[usize]| set.iter().filter(|at| **at % 2 == 0 && set.contains(&(**at + 1))).count();
        let mut last = Vec::new();
        let set = smallest(&lack(&[("eip", 2)]), &groups, |set| {
            last = set.to_vec();
            pairs(set) > 0
        });
        assert_eq!(set.as_ref().map(Vec::len), Some(2), "{set:?}");
        assert_eq!(set, Some(last));
        groups.push(group("holder", 5, &[("vpc", 1)]));
        let set = smallest(&lack(&[("eip", 1)]), &groups, |set| set.contains(&40));
        assert_eq!(set, Some(vec![39, 40]));
    }

    #[test]
    fn very_many_stacks_end_in_a_set_that_is_enough() {
        let groups: Vec<OwnerRelief> =
            (0..60).map(|at| group(&format!("s{at}"), at, &[("eip", 1)])).collect();
        let set = smallest(&lack(&[("eip", 20)]), &groups, |_| true).unwrap();
        assert_eq!(set.len(), 20);
    }

    proptest! {
        #[test]
        fn no_smaller_set_would_do(
            frees in prop::collection::vec((0u64..4, 0u64..3, 1usize..9), 0..8),
            missing in (0u64..7, 0u64..4),
        ) {
            let groups: Vec<OwnerRelief> = frees
                .iter()
                .enumerate()
                .map(|(at, (eip, vpc, deletes))| group(&at.to_string(), *deletes, &[("eip", *eip), ("vpc", *vpc)]))
                .collect();
            let found = smallest(&lack(&[("eip", missing.0), ("vpc", missing.1)]), &groups, |_| true);
            // Every subset, as bits: a search that shares nothing with the one above.
            let best = (0u32..1 << frees.len())
                .filter(|bits| {
                    let chosen = || frees.iter().enumerate().filter(|(at, _)| bits & (1 << at) != 0);
                    let eip: u64 = chosen().map(|(_, (eip, _, _))| eip).sum();
                    let vpc: u64 = chosen().map(|(_, (_, vpc, _))| vpc).sum();
                    eip >= missing.0 && vpc >= missing.1
                })
                .map(u32::count_ones)
                .min();
            prop_assert_eq!(found.map(|set| u32::try_from(set.len()).unwrap()), best);
        }
    }
}
