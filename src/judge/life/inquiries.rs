//! What is worth asking about single things before a judgement stands: takes a judgement with what it was made of,
//! and gives the command layer the few questions whose answers can change it.
//!
//! CloudTrail answers two calls a second, so only what would else be an orphan is asked about.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::inventory::{Inquiry, Inventory};
use crate::kinds::is_log;
use crate::model::words::fact;
use crate::model::{Gate, Judged, Key, ShowsLife, Verdict};
use crate::policy::Selector;

use super::super::gates::Court;
use super::super::view::View;
use super::super::{Judgement, dating, judge, stack, users};
use super::by_catalog;

/// The questions, without those that were asked in vain.
pub fn inquiries(
    inventory: &Inventory,
    selector: &Selector,
    now: Timestamp,
    judgement: &Judgement,
) -> BTreeSet<Inquiry> {
    let makers = of_unknown_age(inventory, selector, now, judgement)
        .into_iter()
        .chain(of_undated_stacks(inventory, selector, judgement))
        .chain(of_stacks_that_expire(inventory, selector, now, judgement))
        .map(|of| Inquiry::Maker { of });
    let silent =
        silent_functions(inventory, judgement).into_iter().chain(unread_logs(inventory, selector, judgement));
    let events = silent.map(|of| Inquiry::LastEvent { of });
    makers.chain(events).filter(|inquiry| !inventory.unanswered.contains_key(inquiry)).collect()
}

/// What is to be asked again, since a later reading of the account no longer has the answer: a function may have
/// been called meanwhile, and a log written to.
pub fn asked_again(before: &Inventory, now: &Inventory) -> BTreeSet<Inquiry> {
    let known =
        |key: &Key| before.resources.get(key).is_some_and(|it| it.facts.contains_key(fact::LAST_EVENT));
    let lost = now.resources.iter().filter(|(key, it)| {
        (matches!(by_catalog(&key.kind), ShowsLife::Calls) || is_log(&key.kind))
            && !it.facts.contains_key(fact::LAST_EVENT)
            && known(key)
    });
    lost.map(|(key, _)| Inquiry::LastEvent { of: key.clone() }).collect()
}

/// What stays only because nothing tells its age.
fn of_unknown_age(
    inventory: &Inventory,
    selector: &Selector,
    now: Timestamp,
    judgement: &Judgement,
) -> BTreeSet<Key> {
    let unknown = |key: &Key| judgement.verdicts.get(key).is_some_and(|it| it.gate == Some(Gate::AgeUnknown));
    if !judgement.verdicts.keys().any(unknown) {
        return BTreeSet::new();
    }
    let ageless = judge(inventory, &selector.without_age(), now).verdicts;
    let else_orphan = ageless.into_iter().filter(|(key, it)| it.verdict == Verdict::Orphan && unknown(key));
    else_orphan.map(|(key, _)| key).collect()
}

/// The orphans of stacks of which nothing at all is dated: such a stack may have been begun a moment ago.
fn of_undated_stacks(inventory: &Inventory, selector: &Selector, judgement: &Judgement) -> BTreeSet<Key> {
    let orphan = |key: &Key| judgement.verdicts.get(key).is_some_and(|it| it.verdict == Verdict::Orphan);
    if selector.settled().is_zero() || !judgement.verdicts.keys().any(orphan) {
        return BTreeSet::new();
    }
    let dates = dating::date(&View::of(inventory));
    let mut stacks: BTreeMap<&str, (bool, Vec<&Key>)> = BTreeMap::new();
    for (key, judged) in &judgement.verdicts {
        let Some(stack) = judged.stack.as_deref() else { continue };
        let (dated, orphans) = stacks.entry(stack).or_default();
        *dated |= dates.contains_key(key);
        orphans.extend(orphan(key).then_some(key));
    }
    let undated = stacks.into_values().filter(|(dated, _)| !dated);
    undated.flat_map(|(_, orphans)| orphans).filter(|key| !is_part(inventory, key)).cloned().collect()
}

/// What keeps a stack from expiring only because nothing tells its age, where it is spared for that.
fn of_stacks_that_expire(
    inventory: &Inventory,
    selector: &Selector,
    now: Timestamp,
    judgement: &Judgement,
) -> BTreeSet<Key> {
    let spared = |judged: &Judged| {
        let life = matches!(
            judged.gate,
            Some(Gate::Lives { .. } | Gate::LifeUnknown { .. } | Gate::LifeUnseen { .. } | Gate::Rests)
        );
        judged.selected && life
    };
    let spared = judgement.verdicts.iter().filter(|(_, judged)| spared(judged));
    let spared: BTreeSet<Key> = spared.map(|(key, _)| key.clone()).collect();
    if selector.expires().is_empty() || spared.is_empty() {
        return BTreeSet::new();
    }
    let view = View::of(inventory);
    let stacks = stack::membership(&view, selector.stack_key());
    Court::new(&view, selector, now, &stacks, &BTreeSet::new()).lives.undated(&spared)
}

/// Whether AWS made it along with something else, so that it is as old as that.
fn is_part(inventory: &Inventory, key: &Key) -> bool {
    let made_by = crate::model::words::how::MADE_BY;
    inventory.resources.get(key).is_some_and(|it| it.links_as(made_by).next().is_some())
}

/// The functions of selected stacks of which nothing else shows life.
fn silent_functions(inventory: &Inventory, judgement: &Judgement) -> BTreeSet<Key> {
    let function = |key: &Key| matches!(by_catalog(&key.kind), ShowsLife::Calls);
    let hangs =
        judgement.verdicts.values().filter(|judged| judged.selected).filter_map(|judged| {
            match judged.gate.as_ref()? {
                Gate::LifeUnknown { stack, thing } if function(thing) => Some(stack.as_str()),
                _ => None,
            }
        });
    let hangs: BTreeSet<&str> = hangs.collect();
    let silent = inventory.resources.iter().filter(|(key, it)| {
        let stack = judgement.verdicts.get(*key).and_then(|judged| judged.stack.as_deref());
        function(key)
            && !it.facts.contains_key(fact::LAST_EVENT)
            && stack.is_some_and(|it| hangs.contains(it))
    });
    silent.map(|(key, _)| key.clone()).collect()
}

/// The logs that stay only because nobody asked when they were written to.
fn unread_logs(inventory: &Inventory, selector: &Selector, judgement: &Judgement) -> BTreeSet<Key> {
    let kept = |key: &Key| {
        let gate = judgement.verdicts.get(key).and_then(|judged| judged.gate.as_ref());
        matches!(gate, Some(Gate::UsersUnseen { kind, .. }) if *kind == key.kind)
    };
    let unread = inventory.resources.values().filter(|it| users::unread_logs(selector, it) && kept(&it.key));
    unread.map(|it| it.key.clone()).collect()
}
