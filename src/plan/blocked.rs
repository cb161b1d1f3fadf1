//! Why something stays, in words, for the saved plan and what is left out of it: the whole path
//! from what holds it to the cause.

use std::collections::{BTreeMap, BTreeSet};

use super::behind::Known;
use super::file::{Blocked, FateLine, PlanFile};
use super::left::Left;
use super::{Fate, Keep, Plan, left};
use crate::graph::say;
use crate::inventory::Inventory;
use crate::model::words::how;
use crate::model::{Behind, Catalog, Holds, Key, Link, LinkRule, Near, Verdict, Verdicts, few};
use crate::policy::Policy;

/// From what it is told why something stays.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The answer for each resource.
    pub verdicts: &'a Verdicts,
    /// What the user said.
    pub policy: &'a Policy,
    /// What was seen.
    pub inventory: &'a Inventory,
    /// What the program knows of kinds.
    pub catalog: Catalog,
}

/// All orphans that stay, and all else that was selected and stays, by key.
///
/// What a saved plan kept, and what it did not know, counts as it did there: carrying it out is not asked for that.
pub fn blocked(told: Told<'_>, saved: Option<&PlanFile>) -> Vec<Blocked> {
    let Told { plan, verdicts, policy, .. } = told;
    let (before, strangers) = (saved.map(before), strangers(told));
    let left = |key: &Key| match before.as_ref().map(|before| before.get(key)) {
        Some(Some(Some(was))) => *was,
        Some(None) => Left::AsMeant,
        // It was to go.
        Some(Some(None)) | None => left::how(plan, policy, key),
    };
    let meant = |key: &Key| verdicts.get(key).is_some_and(|j| j.selected || j.verdict == Verdict::Orphan);
    let line = |(key, fate): (&Key, &Fate)| match fate {
        Fate::Kept(_) if meant(key) => Some(Blocked {
            kind: key.kind.clone(),
            id: key.id.to_string(),
            region: key.region.clone(),
            by: behind(told, &strangers, key).iter().map(Key::to_string).collect(),
            why: why(plan, verdicts, key),
            by_hand: by_hand(told, key),
            left: left(key),
        }),
        Fate::Kept(_) | Fate::Delete | Fate::Carried(_) | Fate::Leaving => None,
    };
    plan.fates.iter().filter_map(line).collect()
}

/// How each thing that a saved plan knows counted there; nothing for what was to go.
fn before(saved: &PlanFile) -> BTreeMap<&Key, Option<Left>> {
    let named = |it: &Blocked| (it.kind.clone(), it.region.clone(), it.id.clone());
    let blocked: BTreeMap<_, Left> = saved.blocked.iter().map(|it| (named(it), it.left)).collect();
    let how = |line: &'_ FateLine| match line.fate {
        Fate::Kept(_) => {
            let key = &line.resource;
            let name = (key.kind.clone(), key.region.clone(), String::from(&key.id));
            Some(blocked.get(&name).copied().unwrap_or_default())
        }
        Fate::Delete | Fate::Carried(_) | Fate::Leaving => None,
    };
    saved.fates.iter().map(|line| (&line.resource, how(line))).collect()
}

/// The command that severs the links by which something that stays holds this one, or the last on the path to the
/// cause. Never the links by which something works with another.
fn by_hand(told: Told<'_>, key: &Key) -> Option<String> {
    let Told { plan, inventory, catalog, .. } = told;
    let path = path(plan, key);
    let [.., cause] = path.as_slice() else { return None };
    let held = path.iter().rev().nth(1).unwrap_or(key);
    let Some(Fate::Kept(Keep::HeldBy { by, how })) = plan.fates.get(held) else { return None };
    let (near, spec) = (inventory.resources.get(by)?, catalog.get(&by.kind)?);
    if by != cause || how::MAKE_A_USER.contains(&how.as_str()) {
        return None;
    }
    // All of its links to this one have to be severed, or the delete is refused all the same.
    let links = near.links.iter().filter(|link| link.to == *held);
    let holding = links.filter_map(|link| Some((link, spec.rule(&link.how, &link.to.kind)?)));
    let holding = holding.filter(|(_, rule)| rule.holds != Holds::Nothing);
    let commands: Option<Vec<String>> = holding
        .map(|(link, rule)| {
            let cut = rule.cut.filter(|_| rule.holds == Holds::DeleteUntilCut)?;
            cut.by_hand?.severs(by, link)
        })
        .collect();
    commands.filter(|commands| !commands.is_empty()).map(|commands| commands.join(" && "))
}

/// From what keeps this one directly to the cause: by the plan, or else by what its verdict hangs on. Nothing where its
/// stack as a whole is kept: the reason tells of that.
fn behind(told: Told<'_>, strangers: &BTreeMap<&Key, &Key>, key: &Key) -> Vec<Key> {
    let Told { plan, verdicts, inventory, .. } = told;
    let path = path(plan, key);
    let hangs = match plan.fates.get(key) {
        Some(Fate::Kept(Keep::NotOrphan { gate: Some(gate), .. })) => {
            matches!(gate.behind(), Behind::Other(_))
        }
        _ => false,
    };
    if !path.is_empty() || !hangs {
        return path;
    }
    let known = Known { plan, verdicts, inventory };
    let chain = known.chain(key);
    let holds =
        |by: &Key| inventory.resources.get(by).is_some_and(|it| it.links.iter().any(|link| link.to == *key));
    match strangers.get(key) {
        // One stranger is enough to keep a network: that one may not be what AWS refuses this one for.
        Some(stranger) if !chain.iter().any(holds) => {
            let first = vec![(*stranger).clone()];
            let rest = if known.ends_with(stranger) { Vec::new() } else { known.chain(stranger) };
            first.into_iter().chain(rest).collect()
        }
        Some(_) | None => chain,
    }
}

/// What somebody else's thing holds by a link, with the first such thing; what goes with another is that one's part.
fn strangers(told: Told<'_>) -> BTreeMap<&Key, &Key> {
    let Told { verdicts, inventory, catalog, .. } = told;
    let foreign = |key: &Key| verdicts.get(key).is_some_and(|judged| judged.verdict == Verdict::Foreign);
    let mut held = BTreeMap::new();
    for (near, resource) in inventory.resources.iter().filter(|(key, _)| foreign(key)) {
        let Some(spec) = catalog.get(&near.kind) else { continue };
        let rules =
            || resource.links.iter().filter_map(|link| Some((link, spec.rule(&link.how, &link.to.kind)?)));
        let is_part = |(link, rule): (&Link, &LinkRule)| {
            matches!(rule.near, Near::GoesWithTarget(_)) && inventory.resources.contains_key(&link.to)
        };
        if rules().any(is_part) {
            continue;
        }
        for (link, _) in rules().filter(|(_, rule)| rule.holds != Holds::Nothing) {
            held.entry(&link.to).or_insert(near);
        }
    }
    held
}

/// The chain from what keeps this one directly to the cause, of what has passed the judge. Empty when it stays for its
/// own sake.
pub fn path(plan: &Plan, key: &Key) -> Vec<Key> {
    let mut path = Vec::new();
    let mut seen = BTreeSet::from([key]);
    let mut at = key;
    while let Some(Fate::Kept(keep)) = plan.fates.get(at) {
        // What can never be cut names its far end, which may go, or be held by it: the path ends there.
        let stays = |cause: &&Key| matches!(plan.fates.get(*cause), Some(Fate::Kept(_)) | None);
        let Some(cause) = next(keep).filter(stays).filter(|cause| seen.insert(cause)) else { break };
        path.push(cause.clone());
        at = cause;
    }
    path
}

/// Why this one stays, in one sentence without a full stop: what keeps it, and the cause at the end of the path.
pub fn why(plan: &Plan, verdicts: &Verdicts, key: &Key) -> String {
    let own = reason(plan, verdicts, key);
    match path(plan, key).last() {
        Some(cause) if plan.fates.contains_key(cause) => {
            format!("{own}; {} stays: {}", cause.id, reason(plan, verdicts, cause))
        }
        Some(_) | None => own,
    }
}

/// The one because of which this one stays, if the reason is another.
fn next(keep: &Keep) -> Option<&Key> {
    match keep {
        Keep::HeldBy { by, .. } => Some(by),
        Keep::TiedTo { to, .. } => Some(to),
        Keep::GoesWith { carrier } => Some(carrier),
        Keep::WouldTake { key } => Some(key),
        Keep::NotOrphan { .. }
        | Keep::HoldsData
        | Keep::Witness
        | Keep::Guarded { .. }
        | Keep::Unseen { .. }
        | Keep::Cycle { .. }
        | Keep::LeftOut { .. } => None,
    }
}

fn reason(plan: &Plan, verdicts: &Verdicts, key: &Key) -> String {
    let Some(Fate::Kept(keep)) = plan.fates.get(key) else {
        return format!("{} does not stay", key.id);
    };
    match keep {
        Keep::NotOrphan { verdict, .. } => match verdicts.get(key).and_then(|judged| judged.evidence.first())
        {
            Some(evidence) => format!("it is {verdict} ({evidence})"),
            None => format!("it is {verdict}"),
        },
        Keep::HoldsData => format!("it holds data, and nobody named {} among the kinds to delete", key.kind),
        Keep::Witness => format!("{} is a kind that is read and never deleted", key.kind),
        Keep::Guarded { guard } => guard.why.clone(),
        Keep::HeldBy { by, how } => say(&by.id, how, &key.id, None),
        Keep::TiedTo { to, how } => {
            let link = say(&key.id, how, &to.id, None);
            match plan.fates.get(to) {
                Some(Fate::Kept(_)) => format!("{link}, which stays"),
                Some(Fate::Delete | Fate::Carried(_) | Fate::Leaving) => {
                    format!("{link}, and nothing cuts that")
                }
                None => format!("{link}, which was not seen"),
            }
        }
        Keep::GoesWith { carrier } => format!("it goes only with {}, which stays", carrier.id),
        Keep::WouldTake { key } => format!("its deletion would take {} along", key.id),
        Keep::Unseen { kind, region } => {
            format!(
                "{kind} was not seen whole in {region}, and one there may need it, go with it or make it anew"
            )
        }
        Keep::Cycle { with } => {
            let others = few(with.iter().map(|key| key.id.as_str()), 5);
            format!("it and {others} hold each other, and no cut opens the circle")
        }
        Keep::LeftOut { why } => why.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::fixture::key;

    #[test]
    fn a_circle_is_told_by_a_few_of_it_however_large_it_is() {
        let circle = |size: usize| {
            let with = (2..=size).map(|n| key("security-group", &format!("sg-{n}"))).collect();
            let (one, keep) = (key("security-group", "sg-1"), Fate::Kept(Keep::Cycle { with }));
            let plan = Plan { fates: [(one.clone(), keep)].into(), ..Plan::default() };
            why(&plan, &Verdicts::new(), &one)
        };
        assert_eq!(circle(3), "it and sg-2, sg-3 hold each other, and no cut opens the circle");
        let told = circle(5_000);
        assert_eq!(
            told,
            "it and sg-2, sg-3, sg-4, sg-5, sg-6 and 4994 more hold each other, and no cut opens the circle"
        );
    }
}
