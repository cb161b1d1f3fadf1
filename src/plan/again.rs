//! The same judgement once more: takes a plan, what a run has done of it and a fresh inventory, and gives the
//! verdicts of now, the plan that is left, and an answer for each step.
//!
//! The judge is the one that judged for the plan, by the same policy. He sees the account as it would be had the
//! run left it alone ([`super::undo`]); what turned up since and is nobody's by its tags alone is not condemned,
//! as the plan never condemned it.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::file::PlanFile;
use super::narrow::{LeftOut, Narrowed, covers, fingerprint_diff, is_another, is_surely_another, narrow};
use super::undo::{Touched, undone};
use super::{Action, Fate, Plan, Step, StepId, blocked};
use crate::inventory::{Gap, Inventory, complete};
use crate::judge::{Judgement, judge_after};
use crate::model::words::how;
use crate::model::{Catalog, Class, Gate, Guard, GuardRule, Key, Resource, Verdict};
use crate::policy::Selector;

/// What is asked: whether what a plan says still holds.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The plan.
    pub file: &'a PlanFile,
    /// What a run has done of it.
    pub touched: &'a Touched,
    /// The account as it is now, with its derived links.
    pub fresh: &'a Inventory,
    /// The policy by which the plan was judged.
    pub selector: &'a Selector,
    /// The time now.
    pub now: Timestamp,
    /// The kinds.
    pub catalog: Catalog,
}

/// The answer.
#[derive(Debug, Clone)]
pub struct Anew {
    /// The verdicts of all that stands.
    pub judgement: Judgement,
    /// What is left of the plan.
    pub narrowed: Narrowed,
}

/// What is said of one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ruling {
    /// It still holds.
    Go,
    /// It does not, for this reason.
    Out(String),
    /// It cannot be told, as not all could be read: the next reading may tell.
    Unseen(String),
}

/// What is said of each step.
pub type Rulings = BTreeMap<StepId, Ruling>;

/// Judges anew, and narrows the plan to what still holds. Nothing is ever added.
pub fn judged(question: Question<'_>) -> Anew {
    let Question { file, touched, fresh, selector, now, catalog } = question;
    let plan = file.plan();
    let mut undone = undone(&plan, touched, fresh);
    let mut marked = false;
    let mut judgement = loop {
        complete(&mut undone.inventory);
        let judgement = judge_after(&undone.inventory, selector, now, &undone.gone);
        // Each round marks the newcomers, once, or has fewer ghosts: so this ends.
        let guarded = !marked && guard_newcomers(&plan, &mut undone.inventory, &judgement, catalog);
        marked = true;
        let orphan = |key: &Key| judgement.verdicts.get(key).is_some_and(|it| it.verdict == Verdict::Orphan);
        // What is gone lives no more: it may say whose something was, and never that somebody works with it.
        let fallen: Vec<Key> = undone.back.iter().filter(|key| !orphan(key)).cloned().collect();
        if !guarded && fallen.is_empty() {
            break judgement;
        }
        fallen.iter().for_each(|key| undone.give_up(key, fresh));
    };
    judgement.verdicts.retain(|key, _| fresh.resources.contains_key(key));
    let narrowed = narrow(file, fresh, &judgement.verdicts, catalog);
    Anew { judgement, narrowed }
}

/// Puts a guard on what would be an orphan and is none that the plan condemned. Whether there was any.
fn guard_newcomers(plan: &Plan, inventory: &mut Inventory, judgement: &Judgement, catalog: Catalog) -> bool {
    let mut any = false;
    for (key, row) in &mut inventory.resources {
        let orphan = judgement.verdicts.get(key).is_some_and(|it| it.verdict == Verdict::Orphan);
        let why = if orphan { newcomer(plan, row, catalog) } else { None };
        if let Some(why) = why {
            row.guards.insert(Guard { rule: GuardRule::Protection, why: why.to_owned() });
            any = true;
        }
    }
    any
}

/// Why a resource is none that the plan condemned, if it is none: it was not there, or another one was. What AWS or
/// a controller makes beside something that the plan condemned follows that, as it does at planning.
fn newcomer(plan: &Plan, row: &Resource, catalog: Catalog) -> Option<&'static str> {
    match plan.resources.get(&row.key) {
        Some(record) => is_another(record, row).then_some(
            "another one of this name was planned: it was made anew since, and nobody condemned it",
        ),
        None if plan.fates.contains_key(&row.key) => None,
        None => (!follows(plan, row, catalog))
            .then_some("it was not there when the plan was made, and nobody condemned it"),
    }
}

/// Whether something of the plan made it or carries it, and it holds no data.
fn follows(plan: &Plan, row: &Resource, catalog: Catalog) -> bool {
    const MAKERS: [&str; 4] = [how::MADE_BY, how::MADE_FOR_NODE, how::MADE_FOR_NODES, how::MANAGED_FROM];
    let holds_data = catalog.get(&row.key.kind).is_none_or(|spec| spec.class == Class::Data);
    let made = |role: &str| MAKERS.contains(&role);
    let mut makers = row.links.iter().filter(|link| made(&link.how)).map(|link| &link.to).peekable();
    !holds_data && makers.peek().is_some() && makers.all(|maker| plan.resources.contains_key(maker))
}

impl Anew {
    /// What is said of each of these steps.
    pub fn rulings(&self, question: Question<'_>, steps: &BTreeSet<StepId>) -> Rulings {
        let file = question.file;
        // What the plan was made without seeing, it was made without: there is nothing to wait for.
        let known = |gap: &&Gap| file.gaps.iter().any(|it| it.kind == gap.kind && it.region == gap.region);
        let blind = question.fresh.gaps.iter().find(|gap| !known(gap));
        // Who works with a global thing is looked for beyond the plan's regions as well.
        let elsewhere = question.fresh.elsewhere.gaps.iter().next();
        let asked = file.steps.iter().filter(|step| steps.contains(&step.id));
        let ruling = |step: &Step| {
            let beyond = elsewhere.filter(|_| step.resource.region.is_global());
            self.ruling(question, step, blind.or(beyond))
        };
        asked.map(|step| (step.id, ruling(step))).collect()
    }

    fn ruling(&self, question: Question<'_>, step: &Step, blind: Option<&Gap>) -> Ruling {
        let key = &step.resource;
        let Some(now) = question.fresh.resources.get(key) else {
            return match question.fresh.saw(&key.kind, &key.region) {
                // The look before the call will find that it is gone.
                true => Ruling::Go,
                false => Ruling::Unseen(format!("{} of {} could not be read", key.kind, key.region)),
            };
        };
        // There may be many: most steps need not look for theirs.
        let record = || question.file.resources.iter().find(|record| record.key == *key);
        let called = step.action == Action::Delete && question.touched.contains_key(&step.id);
        // What was called for is gone if another one bears its name: the look finds that as well.
        if called && record().is_some_and(|record| is_surely_another(record, now)) {
            return Ruling::Go;
        }
        let Some(why) = self.objection(step, now) else { return Ruling::Go };
        // What speaks for somebody stands, however much was not seen. That nothing selects it any more does not:
        // what selected it may be what was not seen.
        let speaks = self.judgement.verdicts.get(key).is_some_and(|judged| match judged.verdict {
            Verdict::Protected | Verdict::Active | Verdict::TooYoung => true,
            Verdict::Foreign => judged.gate != Some(Gate::NotSelected),
            Verdict::Uncertain | Verdict::Orphan => false,
        });
        let changed = record().is_none_or(|record| fingerprint_diff(record, now).is_some());
        match blind {
            Some(gap) if !speaks && !changed => {
                Ruling::Unseen(format!("{why} ({} of {} could not be read)", gap.kind, gap.region))
            }
            Some(_) | None => Ruling::Out(why),
        }
    }

    /// Why a step is not to be carried out any more, if it is not.
    fn objection(&self, step: &Step, now: &Resource) -> Option<String> {
        let plan = &self.narrowed.plan;
        let stays = |key: &Key| matches!(plan.fates.get(key), Some(Fate::Kept(_)));
        let why = || blocked::why(plan, &self.judgement.verdicts, &step.resource);
        match &step.action {
            Action::Await => None,
            Action::Delete => stays(&step.resource).then(why),
            Action::Cut(link) => {
                let planned = plan.steps.iter().any(|other| {
                    let same = |now: &_| covers(link, now);
                    other.resource == step.resource && matches!(&other.action, Action::Cut(now) if same(now))
                });
                let gone = !now.links.iter().any(|other| covers(link, other));
                if planned || gone {
                    None
                } else if stays(&step.resource) {
                    Some(why())
                } else {
                    let far = || blocked::why(plan, &self.judgement.verdicts, &link.to);
                    stays(&link.to).then(|| format!("{} stays: {}", link.to.id, far()))
                }
            }
        }
    }

    /// What is left out of the plan, less what AWS is removing by now: that goes as it was meant to.
    pub fn left_out(&self, fresh: &Inventory) -> Vec<LeftOut> {
        let going =
            |key: &Key| fresh.resources.get(key).is_some_and(|row| row.life == crate::model::Life::Leaving);
        self.narrowed.left_out.iter().filter(|left| !going(&left.resource)).cloned().collect()
    }
}
