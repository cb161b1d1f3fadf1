//! The search for what would make room: from leftovers, their plan and a report that is short, the smallest set
//! of owners whose deletion frees enough, as the selection that means it. Commands make a command line of it.
//!
//! Whether a set frees enough is proven as `apply` would: by judging and planning anew with the policy narrowed.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Answer, Balance, Freed, Lack, Owner, OwnerRelief, QuotaPlace, Report, count, smallest};
use crate::inventory::Inventory;
use crate::judge::judge;
use crate::model::{Catalog, Verdicts};
use crate::plan::caps::caps;
use crate::plan::{Plan, planner};
use crate::policy::{CallPolicy, Policy, Selector, Terms};

/// What is left over, and the policy by which it would go.
#[derive(Debug, Clone, Copy)]
pub struct Leftovers<'a> {
    /// What was seen.
    pub inventory: &'a Inventory,
    /// Its verdicts.
    pub verdicts: &'a Verdicts,
    /// The kinds.
    pub catalog: Catalog,
    /// The policy of the call, before it is narrowed.
    pub policy: &'a CallPolicy,
    /// The moment by which ages are judged.
    pub moment: Timestamp,
}

/// What has to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WayOut {
    /// Whose leftovers they are.
    pub owners: Vec<Owner>,
    /// What the call selects, narrowed to them.
    pub select: Vec<Terms>,
    /// How many resources would be deleted.
    pub deletes: usize,
    /// What it frees of what is short.
    pub frees: Vec<Freed>,
}

/// A plan for some of the leftovers, and what it frees.
struct PartialPlan {
    select: Vec<Terms>,
    plan: Plan,
    frees: BTreeMap<QuotaPlace, u64>,
}

/// The smallest set of owners whose leftovers hold what is short; `None` if no set frees enough.
pub fn way_out(leftovers: Leftovers<'_>, plan: &Plan, report: &Report) -> Option<WayOut> {
    let short = report.lines.iter().filter(|line| line.answer == Some(Answer::Short));
    let lack: Lack = short.map(|line| (place(line), line.short_by())).collect();
    let groups = groups(leftovers.verdicts, plan, report);
    let mut proven = None;
    let set = smallest(&lack, &groups, |set| {
        let owners: Vec<Terms> = set.iter().map(|at| term(&groups[*at].owner)).collect();
        let Some(part) = part(leftovers, &owners) else { return false };
        let frees =
            |(place, missing): (&QuotaPlace, &u64)| part.frees.get(place).is_some_and(|it| it >= missing);
        let enough = lack.iter().all(frees);
        if enough {
            proven = Some(part);
        }
        enough
    })?;
    let PartialPlan { select, plan, frees } = proven?;
    let freed = |(place, missing): (&QuotaPlace, &u64)| Freed {
        quota: place.quota.to_owned(),
        region: place.region.clone(),
        scope: place.name.clone(),
        amount: frees.get(place).copied().unwrap_or(0),
        missing: *missing,
    };
    Some(WayOut {
        owners: set.iter().map(|at| groups[*at].owner.clone()).collect(),
        select,
        deletes: plan.resources.len(),
        frees: lack.iter().map(freed).collect(),
    })
}

fn place(line: &Balance) -> QuotaPlace {
    QuotaPlace { quota: line.quota.name, region: line.region.clone(), name: line.place.clone() }
}

/// What each owner's part of the plan frees. A stack that frees nothing is one too: it may hold what would.
fn groups(verdicts: &Verdicts, plan: &Plan, report: &Report) -> Vec<OwnerRelief> {
    let mut groups: BTreeMap<Owner, OwnerRelief> = BTreeMap::new();
    let new = |owner: &Owner| OwnerRelief { owner: owner.clone(), deletes: 0, frees: BTreeMap::new() };
    for line in &report.lines {
        for (owner, amount) in &line.used.freed_by {
            groups.entry(owner.clone()).or_insert_with(|| new(owner)).frees.insert(place(line), *amount);
        }
    }
    for key in plan.resources.keys() {
        let stack = verdicts.get(key).and_then(|judged| judged.stack.clone());
        if let Some(owner) = stack.map(Owner::Stack) {
            groups.entry(owner.clone()).or_insert_with(|| new(&owner)).deletes += 1;
        } else if let Some(group) = groups.get_mut(&Owner::Resource(key.clone())) {
            group.deletes += 1;
        }
    }
    groups.into_values().collect()
}

/// The term that selects an owner's leftovers.
fn term(owner: &Owner) -> Terms {
    match owner {
        Owner::Stack(name) => Terms::of_stack(name),
        Owner::Resource(key) => Terms::of_id(&key.id),
    }
}

/// What the flags select, narrowed by these terms.
fn selections(flags: &Policy, terms: &[Terms]) -> Vec<Terms> {
    let own = &flags.select;
    if own.is_empty() {
        return terms.to_vec();
    }
    terms.iter().flat_map(|term| own.iter().map(move |own| own.and(term))).collect()
}

/// What `apply` would plan with the flags narrowed by these terms, and what that frees. `None` if it
/// would refuse: the policy is for other regions, or allows fewer deletions.
fn part(leftovers: Leftovers<'_>, terms: &[Terms]) -> Option<PartialPlan> {
    let Leftovers { inventory, catalog, .. } = leftovers;
    let (flags, regions) = (leftovers.policy.flags(), inventory.regions.iter().cloned().collect());
    let select = selections(flags, terms);
    let narrower = Policy { select: select.clone(), regions, ..flags.clone() };
    let policy = leftovers.policy.with_flags(narrower).ok()?;
    let kinds: Vec<&str> = catalog.iter().map(|spec| spec.name).collect();
    let selector = Selector::new(&policy, &kinds).ok()?;
    let verdicts = judge(inventory, &selector, leftovers.moment).verdicts;
    let plan = planner::plan_by(inventory, catalog, &verdicts, &policy);
    caps(&plan, &policy).ok()?;
    let usage = count(inventory, catalog, &verdicts, Some(&plan));
    let frees = usage.by_place.into_iter().map(|(place, used)| (place, used.freed())).collect();
    Some(PartialPlan { select, plan, frees })
}
