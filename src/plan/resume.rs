//! What of a run that was cut short must not be touched any more: asked when it is gone on with, from its plan
//! and a fresh inventory. The run leaves it, with the reason.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::Fate;
use super::file::PlanFile;
use crate::inventory::Inventory;
use crate::judge::judge_after;
use crate::model::{Catalog, Judged, Key, Verdict, Verdicts};
use crate::policy::{Policy, PolicyError, Selector};

/// The account as it is when the run goes on.
#[derive(Debug, Clone, Copy)]
pub struct Fresh<'a> {
    /// What was seen.
    pub inventory: &'a Inventory,
    /// Its verdicts, by the policy below.
    pub verdicts: &'a Verdicts,
    /// The policy that judges.
    pub policy: &'a Policy,
    /// The kinds.
    pub catalog: Catalog,
    /// The time now.
    pub now: Timestamp,
}

/// What must not be touched any more, and why.
///
/// Only what speaks *for* somebody counts here: protection, an owner or user that stays, a stranger in the
/// VPC, something that cannot be told any more. That a thing is not selected any more does not: what selected
/// it (its cluster, its VPC) may be gone by this very run. Nor do ages, which the plan has judged already and
/// which may hang on what is gone. That it is still the one that was planned, the run checks before each call.
///
/// # Errors
/// If the policy cannot be understood.
pub fn claimed(file: &PlanFile, fresh: Fresh<'_>) -> Result<BTreeMap<Key, String>, PolicyError> {
    let ageless = Policy { older_than: None, ..fresh.policy.clone() };
    let kinds: Vec<&str> = fresh.catalog.iter().map(|spec| spec.name).collect();
    let selector = Selector::new(&ageless, &kinds)?;
    // What the plan left to AWS to remove may still be shown for a while: it must neither claim what it is
    // attached to nor count as something new there.
    let mut inventory = fresh.inventory.clone();
    for line in &file.fates {
        if matches!(line.fate, Fate::Carried(_) | Fate::Leaving) {
            inventory.resources.remove(&line.resource);
        }
    }
    // What the plan condemned and the run removed stays condemned: what it laid bare still goes.
    let gone = file.resources.iter().map(|it| it.key.clone());
    let gone = gone.filter(|key| !inventory.resources.contains_key(key)).collect::<BTreeSet<Key>>();
    let without = judge_after(&inventory, &selector, fresh.now, &gone).verdicts;
    let why = |judged: &Judged| judged.evidence.first().cloned().unwrap_or_default();
    let claim = |key: &Key| {
        let now = fresh.verdicts.get(key).filter(|judged| speaks(judged.verdict));
        let doubted = |judged: &&Judged| speaks(judged.verdict) || judged.verdict == Verdict::Uncertain;
        now.or_else(|| without.get(key).filter(doubted)).map(why)
    };
    Ok(file.resources.iter().filter_map(|it| Some((it.key.clone(), claim(&it.key)?))).collect())
}

/// Whether a verdict speaks for somebody.
const fn speaks(verdict: Verdict) -> bool {
    match verdict {
        Verdict::Protected | Verdict::Active => true,
        Verdict::TooYoung | Verdict::Foreign | Verdict::Uncertain | Verdict::Orphan => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::judge::judge;
    use crate::model::{Guard, GuardRule, Life, Resource};
    use crate::plan::fixture::{CATALOG, account, key, saved};
    use crate::policy::Terms;

    const NOW: &str = "2026-01-01T12:00:00Z";

    fn terms(text: &str) -> Vec<Terms> {
        vec![text.parse().unwrap()]
    }

    fn policy() -> Policy {
        Policy { select: terms("tag:Project=demo"), ..Policy::default() }
    }

    /// The account of the plan, all of it tagged.
    fn tagged() -> Inventory {
        let mut inventory = account();
        // Each is a stack of its own, so that nothing but what a test changes speaks for another.
        for (key, resource) in &mut inventory.resources {
            resource.tags.insert("Project".into(), "demo".into());
            resource.tags.insert("EnvironmentSuffix".into(), key.id.clone());
        }
        inventory
    }

    fn claims(policy: &Policy, change: impl FnOnce(&mut Inventory)) -> Vec<String> {
        let mut inventory = tagged();
        let file = saved(&inventory);
        change(&mut inventory);
        let kinds: Vec<&str> = CATALOG.iter().map(|spec| spec.name).collect();
        let now = NOW.parse().unwrap();
        let verdicts = judge(&inventory, &Selector::new(policy, &kinds).unwrap(), now).verdicts;
        let fresh = Fresh { inventory: &inventory, verdicts: &verdicts, policy, catalog: CATALOG, now };
        claimed(&file, fresh).unwrap().into_keys().map(|key| key.id).collect()
    }

    fn with(inventory: &mut Inventory, kind: &str, id: &str, change: impl FnOnce(&mut Resource)) {
        change(inventory.resources.get_mut(&key(kind, id)).unwrap());
    }

    #[test]
    fn what_nobody_speaks_for_is_not_claimed_selected_or_not_old_or_not() {
        assert_eq!(claims(&policy(), |_| {}), [""; 0]);
        // What selected it went by the very run.
        assert_eq!(claims(&Policy { select: terms("tag:Gone=yes"), ..policy() }, |_| {}), [""; 0]);
        assert_eq!(claims(&Policy { older_than: "2h".parse().ok(), ..policy() }, |_| {}), [""; 0]);
        // The interface outlives its gateway for a while.
        let gone = |it: &mut Inventory| drop(it.resources.remove(&key("nat-gateway", "nat-1")));
        assert_eq!(claims(&policy(), gone), [""; 0]);
    }

    #[test]
    fn what_came_under_protection_or_is_made_anew_is_claimed() {
        let guard = Guard { rule: GuardRule::Protection, why: "protection is on".into() };
        let guarded = |it: &mut Inventory| {
            with(it, "elastic-ip", "eip-1", |address| address.guards = [guard].into());
        };
        assert_eq!(claims(&policy(), guarded), ["eip-1"]);
        let coming = |it: &mut Inventory| {
            with(it, "subnet", "subnet-1", |subnet| subnet.life = Life::Coming);
        };
        assert_eq!(claims(&policy(), coming), ["subnet-1"]);
        let protect = Policy { protect: terms("id=eip-1"), ..policy() };
        assert_eq!(claims(&protect, |_| {}), ["eip-1"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_protected_by_now_is_always_claimed(at in 0..4usize) {
            let id = account().resources.into_keys().nth(at).unwrap().id;
            let protect = Policy { protect: terms(&format!("id={id}")), ..policy() };
            prop_assert!(claims(&protect, |_| {}).contains(&id), "{id}");
        }
    }
}
