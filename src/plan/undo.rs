//! The account as it would be had the run left it alone: takes a plan, what the run has done of it and a fresh
//! inventory, and gives the judge what it has to see.
//!
//! A run changes what the judge goes by: with a cluster goes what says whose its log group is, with a gateway
//! what says whose its address is. So the same question is asked of another world: what the plan condemned and
//! the run removed stands in it again as it was planned. Everything else is as it is now, and whatever bears the
//! name of something removed and is another one stays what it is.

use std::collections::{BTreeMap, BTreeSet};

use super::narrow::{covers, is_another};
use super::{Action, Fate, Plan, StepId};
use crate::inventory::Inventory;
use crate::model::{Key, Life, Link, Resource};

/// How far a run is with a step that it has begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Touch {
    /// It may have been called: nobody has heard yet.
    UnderWay,
    /// It was called, and what it removes is going.
    Called,
    /// What it was to remove is gone.
    Done,
}

/// The steps that a run has begun.
pub type Touched = BTreeMap<StepId, Touch>;

/// What the judge is to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undone {
    /// The account with all that the run removed.
    pub inventory: Inventory,
    /// What of it is gone.
    pub gone: BTreeSet<Key>,
    /// What stands in it as it was planned: what is gone, and what is going.
    pub back: BTreeSet<Key>,
}

impl Undone {
    /// Shows this one as it is after all, or not at all.
    pub fn give_up(&mut self, key: &Key, fresh: &Inventory) {
        self.back.remove(key);
        match fresh.resources.get(key) {
            Some(now) => drop(self.inventory.resources.insert(key.clone(), now.clone())),
            None => drop(self.inventory.resources.remove(key)),
        }
    }
}

/// Puts back what a run has removed of its plan.
pub fn undone(plan: &Plan, touched: &Touched, fresh: &Inventory) -> Undone {
    let (gone, back) = Default::default();
    let mut undone = Undone { inventory: fresh.clone(), gone, back };
    for (key, touch) in removed(plan, touched) {
        let Some(record) = plan.resources.get(key) else { continue };
        let again = match fresh.resources.get(key) {
            // What was not seen is not gone.
            None => fresh.saw(&key.kind, &key.region) && undone.gone.insert(key.clone()),
            Some(now) => !is_another(record, now) && (now.life == Life::Leaving || touch > Touch::UnderWay),
        };
        if again {
            undone.inventory.resources.insert(key.clone(), record.clone());
            undone.back.insert(key.clone());
        }
    }
    for (key, record) in plan.resources.iter().chain(&plan.cut_from) {
        let Some(now) = undone.inventory.resources.get_mut(key) else { continue };
        if !is_another(record, now) {
            relink(plan, touched, now, record, &undone.back);
        }
    }
    undone
}

/// What the run removes: what its steps delete or await, and what goes with that by itself.
fn removed<'p>(plan: &'p Plan, touched: &Touched) -> BTreeMap<&'p Key, Touch> {
    let mut removed = BTreeMap::new();
    for step in &plan.steps {
        match (&step.action, touched.get(&step.id)) {
            (Action::Delete | Action::Await, Some(touch)) => {
                removed.insert(&step.resource, *touch);
            }
            (Action::Cut(_), _) | (Action::Delete | Action::Await, None) => {}
        }
    }
    loop {
        let before = removed.len();
        for (key, fate) in &plan.fates {
            let goes = match fate {
                Fate::Carried(carrier) => removed.contains_key(carrier),
                // AWS was removing it when the plan was made.
                Fate::Leaving => true,
                Fate::Delete | Fate::Kept(_) => false,
            };
            if goes {
                removed.entry(key).or_insert(Touch::UnderWay);
            }
        }
        if removed.len() == before {
            return removed;
        }
    }
}

/// Gives a resource the links back that it lost by the run: those that were cut, and those to what was removed.
fn relink(plan: &Plan, touched: &Touched, now: &mut Resource, record: &Resource, back: &BTreeSet<Key>) {
    let cut = |link: &Link| {
        plan.steps.iter().any(|step| {
            step.resource == record.key
                && step.action == Action::Cut(link.clone())
                && touched.contains_key(&step.id)
        })
    };
    let lost = |link: &&Link| {
        let stands = now.links.iter().any(|other| covers(link, other));
        !stands && (back.contains(&link.to) || cut(link))
    };
    let lost: Vec<Link> = record.links.iter().filter(lost).cloned().collect();
    if lost.is_empty() {
        return;
    }
    now.links.extend(lost);
    // Nobody asks what a link alone makes worth asking (the health of targets that stand behind nothing).
    for (name, value) in &record.facts {
        now.facts.entry(name.clone()).or_insert_with(|| value.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::Gap;
    use crate::plan::fixture::{account, key, planned};

    fn nat() -> Key {
        key("nat-gateway", "nat-1")
    }

    /// What the judge sees when the run is so far with the gateway, and the account looks so.
    fn seen(touch: Option<Touch>, change: impl FnOnce(&mut Inventory)) -> Undone {
        let plan = planned(&account());
        let step = plan.steps.iter().find(|step| step.resource == nat()).unwrap().id;
        let touched = touch.map(|touch| (step, touch)).into_iter().collect();
        let mut fresh = account();
        change(&mut fresh);
        undone(&plan, &touched, &fresh)
    }

    fn vanish(fresh: &mut Inventory) {
        fresh.resources.remove(&nat());
        fresh.resources.remove(&key("network-interface", "eni-1"));
    }

    #[test]
    fn what_the_run_removed_stands_again_with_what_went_along() {
        for touch in [Touch::UnderWay, Touch::Called, Touch::Done] {
            let undone = seen(Some(touch), vanish);
            assert_eq!(undone.inventory, account());
            assert_eq!(undone.gone, BTreeSet::from([nat(), key("network-interface", "eni-1")]));
        }
    }

    #[test]
    fn with_a_link_comes_back_what_only_that_made_worth_asking() {
        let undone = seen(Some(Touch::Done), |fresh| {
            fresh.resources.remove(&nat());
            let row = fresh.resources.get_mut(&key("network-interface", "eni-1")).unwrap();
            row.links.retain(|link| link.to != nat());
            row.facts.clear();
        });
        assert_eq!(undone.inventory, account());
    }

    #[test]
    fn what_went_without_the_run_stays_gone() {
        let undone = seen(None, vanish);
        assert!(!undone.inventory.resources.contains_key(&nat()) && undone.gone.is_empty());
    }

    #[test]
    fn what_was_not_seen_is_not_put_back() {
        let undone = seen(Some(Touch::Done), |fresh| {
            vanish(fresh);
            let nat = nat();
            fresh.gaps.insert(Gap::new(nat.kind, nat.region, "denied"));
        });
        assert!(!undone.inventory.resources.contains_key(&nat()) && !undone.gone.contains(&nat()));
    }

    #[test]
    fn what_is_going_is_seen_as_it_was_and_what_only_may_have_been_called_as_it_is() {
        let strip = |life: Life| {
            move |fresh: &mut Inventory| {
                let row = fresh.resources.get_mut(&nat()).unwrap();
                row.life = life;
                row.links.clear();
            }
        };
        assert_eq!(seen(Some(Touch::Called), strip(Life::Standing)).inventory, account());
        assert_eq!(seen(Some(Touch::UnderWay), strip(Life::Leaving)).inventory, account());
        let standing = seen(Some(Touch::UnderWay), strip(Life::Standing)).inventory;
        assert!(standing.resources[&nat()].links.is_empty());
    }

    #[test]
    fn another_one_of_the_same_name_is_no_ghost() {
        let undone = seen(Some(Touch::Done), |fresh| {
            fresh.resources.get_mut(&nat()).unwrap().created = "2026-01-01T00:00:00Z".parse().ok();
        });
        assert!(undone.inventory.resources[&nat()].created.is_some() && undone.gone.is_empty());
    }

    #[test]
    fn a_link_to_what_was_removed_stands_again_and_one_that_another_took_away_does_not() {
        let lose = |fresh: &mut Inventory| {
            fresh.resources.remove(&nat());
            fresh.resources.get_mut(&key("network-interface", "eni-1")).unwrap().links.clear();
        };
        let links = |undone: &Undone| {
            let row = &undone.inventory.resources[&key("network-interface", "eni-1")];
            row.links.iter().map(|link| link.to.id.clone()).collect::<Vec<_>>()
        };
        assert_eq!(links(&seen(Some(Touch::Done), lose)), ["nat-1"]);
        assert_eq!(links(&seen(None, lose)), [""; 0]);
    }
}
