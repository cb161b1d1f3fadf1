//! Checks a plan independently of the planner that made it, before every apply: a plan that it does not pass
//! is not carried out.
//!
//! Written from the words of `model::spec` without a line of the planner, so that a wrong belief has to be
//! held twice. It knows only what the plan records; what stays and was not recorded, it cannot judge.

use std::collections::{BTreeMap, BTreeSet};

use super::{Action, Fate, Plan, Step, StepId};
use crate::model::words::how;
use crate::model::{
    Catalog, Class, Cut, Holds, Key, Life, Link, LinkRule, Near, Resource, Settle, Touches, Verdict, Verdicts,
};

/// Something wrong with a plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanFault {
    /// Steps are not numbered 1, 2, 3 in their order, or one waits for a later or unknown one.
    #[error("step {0} is out of order")]
    OutOfOrder(u32),
    /// A step does what the fate of its resource does not ask for, or does it twice.
    #[error("step {step} does not fit what the plan says of {resource}")]
    Misfit {
        /// The step.
        step: u32,
        /// Its resource.
        resource: Key,
    },
    /// A resource that goes has no step that would remove it.
    #[error("no step removes {0}, which is said to go")]
    NoStep(Key),
    /// A resource that goes is not recorded, or one that stays is.
    #[error("the plan's record of {0} does not fit its fate")]
    Record(Key),
    /// A resource is to go that is no orphan, is guarded, is being made or is only to be read.
    #[error("{0} must not go")]
    MustStay(Key),
    /// A kind that this version does not know.
    #[error("the kind of {0} is unknown")]
    UnknownKind(Key),
    /// The call of a step is not the one its kind declares.
    #[error("step {0} names another call than its kind does")]
    WrongCall(u32),
    /// A cut of a link that the resource does not have, or that cannot be cut.
    #[error("step {0} cuts what is not there or cannot be cut")]
    WrongCut(u32),
    /// A resource is said to go with another, or is deleted although it goes only with another.
    #[error("{0} and what it goes with do not fit together")]
    Carrier(Key),
    /// A far end must be going too, and is not.
    #[error("{near} cannot go while {far} stays")]
    FarEndStays {
        /// The one that is to go.
        near: Key,
        /// The one it depends on.
        far: Key,
    },
    /// A step may run although something still forbids it.
    #[error("step {step} does not wait for {far}")]
    TooEarly {
        /// The step.
        step: u32,
        /// What must be gone, or cut, before.
        far: Key,
    },
}

/// Checks a plan: by itself, against the catalog, and against the verdicts if they are at hand.
///
/// # Errors
/// Everything that is wrong with it, in order.
pub fn check(plan: &Plan, catalog: Catalog, verdicts: Option<&Verdicts>) -> Result<(), Vec<PlanFault>> {
    let mut faults = order_faults(plan);
    faults.extend(record_faults(plan));
    if !faults.is_empty() {
        return Err(faults);
    }
    let checker = Checker::new(plan, catalog);
    for resource in plan.resources.values() {
        checker.check_resource(resource, verdicts, &mut faults);
    }
    for step in &plan.steps {
        checker.check_step(step, &mut faults);
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// Whether the steps are numbered in an order in which each comes after what it waits for.
pub(super) fn order_faults(plan: &Plan) -> Vec<PlanFault> {
    let mut faults = Vec::new();
    for (step, number) in plan.steps.iter().zip(1_u32..) {
        let sorted = step.after.windows(2).all(|pair| pair[0].step < pair[1].step);
        let earlier = step.after.iter().all(|after| (1..number).contains(&after.step.0));
        if step.id != StepId(number) || !sorted || !earlier {
            faults.push(PlanFault::OutOfOrder(number));
        }
    }
    faults
}

/// Whether exactly the resources that go are recorded, and the steps fit the fates.
pub(super) fn record_faults(plan: &Plan) -> Vec<PlanFault> {
    let mut faults = Vec::new();
    for (key, resource) in &plan.resources {
        let goes = plan.fates.get(key).is_some_and(|fate| !matches!(fate, Fate::Kept(_)));
        if resource.key != *key || !goes {
            faults.push(PlanFault::Record(key.clone()));
        }
    }
    for (key, resource) in &plan.cut_from {
        let stays = matches!(plan.fates.get(key), Some(Fate::Kept(_)));
        let changed = plan.steps.iter().any(|step| step.resource == *key);
        if resource.key != *key || !stays || !changed {
            faults.push(PlanFault::Record(key.clone()));
        }
    }
    // What has a fate was seen.
    faults
        .extend(plan.gone.iter().filter(|key| plan.fates.contains_key(key)).cloned().map(PlanFault::Record));
    let mut removed: BTreeSet<&Key> = BTreeSet::new();
    let mut cut: BTreeSet<(&Key, &Link)> = BTreeSet::new();
    for step in &plan.steps {
        let key = &step.resource;
        let fits = match (&step.action, plan.fates.get(key)) {
            (Action::Delete, Some(Fate::Delete))
            | (Action::Await, Some(Fate::Carried(_) | Fate::Leaving)) => removed.insert(key),
            (Action::Cut(link), Some(Fate::Delete | Fate::Carried(_))) => cut.insert((key, link)),
            (Action::Cut(link), Some(Fate::Kept(_))) => {
                let far = plan.fates.get(&link.to);
                let goes = matches!(far, Some(Fate::Delete | Fate::Carried(_)));
                goes && plan.cut_from.contains_key(key) && cut.insert((key, link))
            }
            (Action::Delete | Action::Await | Action::Cut(_), _) => false,
        };
        if !fits {
            faults.push(PlanFault::Misfit { step: step.id.0, resource: key.clone() });
        }
    }
    for (key, fate) in &plan.fates {
        let goes = match fate {
            Fate::Kept(_) => continue,
            Fate::Delete | Fate::Leaving => removed.contains(key),
            Fate::Carried(_) => true,
        };
        if !goes {
            faults.push(PlanFault::NoStep(key.clone()));
        }
        if !plan.resources.contains_key(key) {
            faults.push(PlanFault::Record(key.clone()));
        }
    }
    faults
}

/// A link of a recorded resource and what it means.
#[derive(Clone, Copy)]
struct Bond<'p> {
    near: &'p Resource,
    link: &'p Link,
    rule: &'static LinkRule,
}

struct Checker<'p> {
    plan: &'p Plan,
    catalog: Catalog,
    /// The step that deletes or awaits each resource.
    removal: BTreeMap<Key, StepId>,
    cuts: BTreeMap<(&'p Key, &'p Link), StepId>,
    /// Links by the recorded resource they refer to, without those to themselves.
    onto: BTreeMap<Key, Vec<Bond<'p>>>,
}

impl<'p> Checker<'p> {
    fn new(plan: &'p Plan, catalog: Catalog) -> Self {
        let mut checker =
            Self { plan, catalog, removal: BTreeMap::new(), cuts: BTreeMap::new(), onto: BTreeMap::new() };
        for step in &plan.steps {
            match &step.action {
                Action::Cut(link) => checker.cuts.insert((&step.resource, link), step.id),
                Action::Delete | Action::Await => checker.removal.insert(step.resource.clone(), step.id),
            };
        }
        for resource in plan.resources.values().chain(plan.cut_from.values()) {
            for bond in checker.bonds(resource) {
                if bond.link.to != resource.key && plan.resources.contains_key(&bond.link.to) {
                    checker.onto.entry(bond.link.to.clone()).or_default().push(bond);
                }
            }
        }
        checker
    }

    fn bonds(&self, near: &'p Resource) -> Vec<Bond<'p>> {
        let Some(spec) = self.catalog.get(&near.key.kind) else { return Vec::new() };
        let meaning = |link: &'p Link| Some(Bond { near, link, rule: spec.rule(&link.how, &link.to.kind)? });
        near.links.iter().filter_map(meaning).collect()
    }

    fn goes(&self, key: &Key) -> bool {
        self.plan.resources.contains_key(key)
    }

    fn leaves(&self, key: &Key) -> bool {
        self.plan.fates.get(key) == Some(&Fate::Leaving)
    }

    /// What a resource goes with, as far as that was seen.
    fn carriers(&self, resource: &'p Resource) -> Vec<(&'p Key, Settle)> {
        let carrier = |bond: Bond<'p>| match bond.rule.near {
            Near::GoesWithTarget(settle) if bond.link.to != resource.key => Some((&bond.link.to, settle)),
            Near::GoesWithTarget(_) | Near::Free | Near::CutFirst | Near::AfterTarget | Near::AfterIfGoes => {
                None
            }
        };
        let seen = |(key, _): &(&Key, Settle)| self.plan.fates.contains_key(*key);
        self.bonds(resource).into_iter().filter_map(carrier).filter(seen).collect()
    }

    /// The resource and all that its deletion takes along.
    fn along(&self, root: &'p Key) -> BTreeSet<&'p Key> {
        let mut along = BTreeSet::from([root]);
        let mut open = vec![root];
        while let Some(key) = open.pop() {
            for bond in self.onto.get(key).into_iter().flatten() {
                let carried = matches!(bond.rule.near, Near::GoesWithTarget(_))
                    && self.goes(&bond.near.key)
                    && !self.leaves(&bond.near.key);
                if carried && along.insert(&bond.near.key) {
                    open.push(&bond.near.key);
                }
            }
        }
        along
    }

    /// The steps after which a resource is gone.
    fn gone(&self, key: &'p Key) -> BTreeSet<StepId> {
        let mut steps = BTreeSet::new();
        let mut seen = BTreeSet::from([key]);
        let mut open = vec![key];
        while let Some(key) = open.pop() {
            match (self.removal.get(key), self.plan.resources.get(key)) {
                (Some(step), _) => {
                    steps.insert(*step);
                }
                (None, Some(resource)) => {
                    open.extend(
                        self.carriers(resource).into_iter().map(|(c, _)| c).filter(|c| seen.insert(c)),
                    );
                }
                (None, None) => {}
            }
        }
        steps
    }

    fn step(&self, id: StepId) -> Option<&'p Step> {
        self.plan.steps.get(usize::try_from(id.0).ok()?.checked_sub(1)?)
    }

    /// Whether a step surely runs after another.
    fn waits(&self, step: StepId, on: StepId) -> bool {
        let mut seen = BTreeSet::new();
        let mut open = vec![step];
        while let Some(id) = open.pop() {
            let Some(step) = self.step(id) else { continue };
            // In the order of their numbers: that was checked first.
            if step.after.binary_search_by_key(&on, |after| after.step).is_ok() {
                return true;
            }
            // A step waits only for earlier ones: those before the wanted one need no look.
            open.extend(step.after.iter().map(|a| a.step).filter(|&s| s > on && seen.insert(s)));
        }
        false
    }

    fn check_resource(
        &self,
        resource: &'p Resource,
        verdicts: Option<&Verdicts>,
        faults: &mut Vec<PlanFault>,
    ) {
        let key = &resource.key;
        let orphan = |all: &Verdicts| all.get(key).is_some_and(|judged| judged.verdict == Verdict::Orphan);
        if !resource.guards.is_empty() || resource.life == Life::Coming || !verdicts.is_none_or(orphan) {
            faults.push(PlanFault::MustStay(key.clone()));
        }
        match self.catalog.get(&key.kind) {
            None => faults.push(PlanFault::UnknownKind(key.clone())),
            // What made it may take it along: no call deletes it.
            Some(spec)
                if spec.class == Class::Witness
                    && !self.leaves(key)
                    && self.carriers(resource).is_empty() =>
            {
                faults.push(PlanFault::MustStay(key.clone()));
            }
            Some(_) => {}
        }
        let carriers = self.carriers(resource);
        let fits = match self.plan.fates.get(key) {
            Some(Fate::Carried(carrier)) => {
                let slow = carriers.iter().any(|(_, settle)| *settle != Settle::AtOnce);
                let named = carriers.iter().any(|(c, _)| *c == carrier);
                named && carriers.iter().all(|(c, _)| self.goes(c)) && slow == self.removal.contains_key(key)
            }
            Some(Fate::Delete) => carriers.is_empty(),
            Some(Fate::Leaving | Fate::Kept(_)) | None => true,
        };
        if !fits {
            faults.push(PlanFault::Carrier(key.clone()));
        }
    }

    fn check_step(&self, step: &'p Step, faults: &mut Vec<PlanFault>) {
        let Some(resource) = self.plan.record(&step.resource) else { return };
        let spec = self.catalog.get(&step.resource.kind);
        let call = match &step.action {
            Action::Await => {
                let carriers = self.carriers(resource).into_iter().filter(|_| !self.leaves(&step.resource));
                carriers.for_each(|(carrier, _)| self.after_gone(step, carrier, faults));
                None
            }
            Action::Delete => {
                self.check_delete(step, resource, faults);
                spec.map(|spec| spec.delete_api())
            }
            Action::Cut(link) => {
                let cut = spec.and_then(|s| s.rule(&link.how, &link.to.kind)).and_then(|rule| rule.cut);
                // What stays may lose nothing by it.
                let harms = |cut: &Cut| cut.by_hand.is_none() || cut.touches != Touches::NearEnd;
                let harms = !self.goes(&step.resource) && cut.as_ref().is_none_or(harms);
                if cut.is_none() || harms || !resource.links.contains(link) {
                    faults.push(PlanFault::WrongCut(step.id.0));
                }
                for bond in self.onto.get(&step.resource).into_iter().flatten() {
                    if bond.rule.holds == Holds::DeleteAndCuts {
                        self.after_gone(step, &bond.near.key, faults);
                    }
                }
                cut.map(|cut| cut.api)
            }
        };
        if step.api.as_deref() != call {
            faults.push(PlanFault::WrongCall(step.id.0));
        }
    }

    fn check_delete(&self, step: &'p Step, resource: &'p Resource, faults: &mut Vec<PlanFault>) {
        let along = self.along(&resource.key);
        for &key in &along {
            let holds = self.onto.get(key).into_iter().flatten();
            for bond in holds.filter(|b| b.rule.holds != Holds::Nothing && !along.contains(&b.near.key)) {
                self.check_hold(step, bond, faults);
            }
            for bond in self.plan.resources.get(key).into_iter().flat_map(|r| self.bonds(r)) {
                if bond.rule.near == Near::AfterTarget && !along.contains(&bond.link.to) {
                    self.after_gone(step, &bond.link.to, faults);
                }
            }
        }
        let own = self.bonds(resource).into_iter();
        let stuck =
            along.iter().filter(|key| **key != &resource.key).flat_map(|key| self.bonds_of_stuck(key));
        for bond in own.chain(stuck).filter(|b| b.rule.near == Near::CutFirst) {
            self.check_cut_first(step, bond, faults);
        }
        self.check_preferences(step, resource, &along, faults);
    }

    /// What has to be cut of a member that its stack has tried to remove in vain.
    fn bonds_of_stuck(&self, key: &Key) -> Vec<Bond<'p>> {
        let resource = self.plan.resources.get(key);
        let is_stuck = |it: &&Resource| it.links_as(how::MEMBER_OF).any(|link| !link.via.is_empty());
        let bonds = resource.filter(is_stuck).map(|it| self.bonds(it)).unwrap_or_default().into_iter();
        bonds.filter(|b| b.rule.cut.is_some_and(|cut| cut.touches == Touches::NearEnd)).collect()
    }

    fn check_hold(&self, step: &Step, bond: &Bond<'p>, faults: &mut Vec<PlanFault>) {
        let cut = self.cuts.get(&(&bond.near.key, bond.link));
        match cut.filter(|_| bond.rule.holds == Holds::DeleteUntilCut) {
            Some(&cut) if self.waits(step.id, cut) => {}
            // It stays, so that waiting for its end would be in vain.
            Some(_) | None if !self.goes(&bond.near.key) => {
                faults.push(PlanFault::TooEarly { step: step.id.0, far: bond.near.key.clone() });
            }
            Some(_) | None => self.after_gone(step, &bond.near.key, faults),
        }
    }

    fn check_cut_first(&self, step: &Step, bond: Bond<'p>, faults: &mut Vec<PlanFault>) {
        let far = &bond.link.to;
        let part =
            self.catalog.get(&bond.near.key.kind).is_some_and(|s| s.parts.contains(&far.kind.as_str()));
        let both = bond.rule.cut.is_some_and(|cut| cut.touches == Touches::BothEnds);
        if both && !part && !self.goes(far) && !self.plan.gone.contains(far) {
            faults.push(PlanFault::FarEndStays { near: bond.near.key.clone(), far: far.clone() });
        }
        let cut = self.cuts.get(&(&bond.near.key, bond.link));
        if !cut.is_some_and(|&cut| self.waits(step.id, cut)) {
            faults.push(PlanFault::TooEarly { step: step.id.0, far: far.clone() });
        }
    }

    /// What should go after another that goes as well must do so, unless that other waits for it.
    fn check_preferences(
        &self,
        step: &Step,
        resource: &'p Resource,
        along: &BTreeSet<&Key>,
        faults: &mut Vec<PlanFault>,
    ) {
        for bond in self.bonds(resource).into_iter().filter(|b| b.rule.near == Near::AfterIfGoes) {
            let far = &bond.link.to;
            if along.contains(far) || !self.goes(far) {
                continue;
            }
            let gone = self.gone(far);
            let waits = gone.iter().all(|&on| self.waits(step.id, on));
            if !waits && !gone.iter().any(|&far| far == step.id || self.waits(far, step.id)) {
                faults.push(PlanFault::TooEarly { step: step.id.0, far: far.clone() });
            }
        }
    }

    fn after_gone(&self, step: &Step, far: &'p Key, faults: &mut Vec<PlanFault>) {
        if self.plan.gone.contains(far) {
            return;
        }
        if !self.goes(far) {
            faults.push(PlanFault::FarEndStays { near: step.resource.clone(), far: far.clone() });
        } else if !self.gone(far).iter().all(|&on| self.waits(step.id, on)) {
            faults.push(PlanFault::TooEarly { step: step.id.0, far: far.clone() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Guard, GuardRule};
    use crate::plan::fixture::{CATALOG, account, key, orphans, planned};

    /// The faults of the account's plan after a change. Its steps: nat-1, eni-1, eip-1, subnet-1.
    fn faults(change: impl FnOnce(&mut Plan)) -> Vec<PlanFault> {
        let mut plan = planned(&account());
        change(&mut plan);
        check(&plan, CATALOG, Some(&orphans(&account()))).err().unwrap_or_default()
    }

    #[test]
    fn a_sound_plan_has_no_faults() {
        assert_eq!(faults(|_| {}), []);
    }

    #[test]
    fn what_refers_to_a_thing_that_is_gone_goes_only_if_the_plan_says_that_it_is_gone() {
        // AWS may tell an address's association a while longer than the interface that it was with.
        let mut inventory = account();
        let gone = key("network-interface", "eni-9");
        let address = inventory.resources.get_mut(&key("elastic-ip", "eip-1")).unwrap();
        address.links.insert(Link::new(crate::model::words::how::ASSOCIATED, gone.clone()));
        inventory.gone.insert(gone.clone());
        let mut plan = planned(&inventory);
        let check = |plan: &Plan| check(plan, CATALOG, Some(&orphans(&inventory)));
        assert!(plan.fates.contains_key(&key("elastic-ip", "eip-1")) && plan.gone.contains(&gone));
        assert_eq!(check(&plan), Ok(()));
        plan.gone.clear();
        let stays = PlanFault::FarEndStays { near: key("elastic-ip", "eip-1"), far: gone };
        assert_eq!(check(&plan), Err(vec![stays]));
        plan.gone.insert(key("subnet", "subnet-1"));
        assert!(check(&plan).unwrap_err().contains(&PlanFault::Record(key("subnet", "subnet-1"))));
    }

    #[test]
    fn a_wait_that_was_dropped_is_missed() {
        let subnet = |plan: &mut Plan| plan.steps[3].after.clear();
        assert_eq!(
            faults(subnet),
            [
                PlanFault::TooEarly { step: 4, far: key("nat-gateway", "nat-1") },
                PlanFault::TooEarly { step: 4, far: key("network-interface", "eni-1") },
            ]
        );
        let only_the_interface =
            |plan: &mut Plan| plan.steps[3].after.retain(|after| after.step == StepId(2));
        assert_eq!(faults(only_the_interface), [], "the gateway is waited for through its interface");
    }

    #[test]
    fn steps_in_another_order_are_refused() {
        assert!(faults(|plan| plan.steps.swap(0, 1)).contains(&PlanFault::OutOfOrder(1)));
        assert!(faults(|plan| plan.steps[0].id = StepId(9)).contains(&PlanFault::OutOfOrder(1)));
    }

    #[test]
    fn a_step_for_what_stays_is_refused() {
        let keep = |plan: &mut Plan| {
            let keep = crate::plan::Keep::HoldsData;
            plan.fates.insert(key("elastic-ip", "eip-1"), Fate::Kept(keep));
        };
        let faults = faults(keep);
        assert!(faults.contains(&PlanFault::Record(key("elastic-ip", "eip-1"))), "{faults:?}");
        assert!(faults.contains(&PlanFault::Misfit { step: 3, resource: key("elastic-ip", "eip-1") }));
    }

    #[test]
    fn what_is_guarded_or_no_orphan_must_stay() {
        let eip = key("elastic-ip", "eip-1");
        let guarded = |plan: &mut Plan| {
            let guard = Guard { rule: GuardRule::Protection, why: "on".into() };
            plan.resources.get_mut(&eip).unwrap().guards.insert(guard);
        };
        assert_eq!(faults(guarded), [PlanFault::MustStay(eip.clone())]);
        let mut verdicts = orphans(&account());
        verdicts.remove(&eip);
        let found = check(&planned(&account()), CATALOG, Some(&verdicts)).unwrap_err();
        assert_eq!(found, [PlanFault::MustStay(eip)]);
    }

    #[test]
    fn another_call_than_the_kinds_is_refused() {
        assert_eq!(faults(|plan| plan.steps[0].api = Some("ec2:Other".into())), [PlanFault::WrongCall(1)]);
        assert_eq!(
            faults(|plan| plan.steps[1].api = Some("ec2:DeleteNetworkInterface".into())),
            [PlanFault::WrongCall(2)]
        );
    }

    #[test]
    fn a_cut_of_what_is_not_there_is_refused() {
        let cut = |plan: &mut Plan| {
            let link = Link::new("names", key("elastic-ip", "eip-2"));
            let (id, resource) = (StepId(5), key("nat-gateway", "nat-1"));
            let api = None;
            plan.steps.push(Step {
                id,
                action: Action::Cut(link),
                resource,
                api,
                after: vec![],
                expected_seconds: 1,
            });
        };
        assert_eq!(faults(cut), [PlanFault::WrongCut(5)]);
    }

    #[test]
    fn what_goes_with_another_is_not_deleted_beside_it() {
        let delete = |plan: &mut Plan| {
            plan.fates.insert(key("network-interface", "eni-1"), Fate::Delete);
            plan.steps[1].action = Action::Delete;
            plan.steps[1].api = Some("ec2:DeleteNetworkInterface".into());
        };
        assert_eq!(faults(delete), [PlanFault::Carrier(key("network-interface", "eni-1"))]);
    }
}
