//! The verdict of every resource and stack: pure, from an inventory, a selector and the present moment.
//!
//! It fails closed: what is missing, contradictory or unknown never ends as `orphan`.

mod abroad;
mod claims;
mod dating;
pub mod document;
mod findings;
mod forbidden;
mod gates;
mod guarded;
mod life;
mod own_tags;
mod record;
mod selection;
mod settle;
mod sight;
mod stack;
mod strangers;
mod summary;
mod tools;
mod tracked;
mod unread;
mod users;
mod view;

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::inventory::Inventory;
use crate::model::{Judged, Key, Verdict, Verdicts};
use crate::policy::Selector;

pub use document::{DocumentError, ScanDocument, schema};
use findings::Findings;
use gates::Court;
pub use guarded::{Guarded, guarded};
pub use life::{
    Expired, Shown, Spared, TwiceNamed, asked_again, expired, inquiries, named_twice, spared, spared_of,
};
pub use summary::{StackSummary, TrackedBy};
pub use unread::{UnreadOfStack, unread_of_stacks};
use view::View;

/// The judge's answers.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "verdicts are the only thing that judging does"]
pub struct Judgement {
    /// The verdict of every resource of the inventory.
    pub verdicts: Verdicts,
    /// The answer for every stack, by name.
    pub stacks: Vec<StackSummary>,
}

/// Judges an inventory. What guard rules forbid to delete stays as what a term protects.
pub fn judge(inventory: &Inventory, selector: &Selector, now: Timestamp) -> Judgement {
    judge_after(inventory, selector, now, &BTreeSet::new())
}

/// The same, after these have been condemned and removed.
pub fn judge_after(
    inventory: &Inventory,
    selector: &Selector,
    now: Timestamp,
    gone: &BTreeSet<Key>,
) -> Judgement {
    let view = View::of(inventory);
    let stacks = stack::membership(&view, selector.stack_key());
    let mut court = Court::new(&view, selector, now, &stacks, gone);
    let mut asked = BTreeSet::new();
    loop {
        let judgement = decide(&court);
        // Each round keeps more than the one before, so this ends.
        let forbidden = forbidden::ask(&court, &judgement, &mut asked);
        if forbidden.is_empty() {
            return judgement;
        }
        court.protected.extend(forbidden);
    }
}

/// Hears each resource by itself, and settles what hangs on others.
fn decide(court: &Court<'_>) -> Judgement {
    let view = court.view;
    let resources = view.inventory.resources.iter();
    let mut findings = Findings::of(resources.map(|(key, resource)| (key, court.hear(key, resource))));
    settle::settle(court, &mut findings);
    let judged = |(key, mut finding): (&Key, gates::Finding)| {
        // What was only reached, and is somebody else's, nobody selected.
        let reached = |via: bool| via && finding.alone == Verdict::Foreign;
        let selected = court.selection.get(key).is_some_and(|reach| !reached(reach.via.is_some()));
        let unseen = selected.then(|| sight::contents(view, key)).flatten();
        let unseen = unseen.filter(|ground| !finding.has(&ground.gate)).map(|ground| ground.why);
        let resource = selected.then(|| view.get(key)).flatten();
        let is_orphan = finding.verdict == Verdict::Orphan;
        finding.proof.users = resource.filter(|_| is_orphan).and_then(|it| users::looked_for(court, it));
        let untold = resource.filter(|_| !finding.is_traced());
        finding.proof.used = untold.and_then(|it| users::trace_told(court, it));
        let judged = Judged {
            verdict: finding.verdict,
            gate: finding.decides().map(|ground| ground.gate.clone()),
            evidence: finding.evidence().cloned().chain(unseen).collect(),
            proof: is_orphan.then_some(finding.proof),
            stack: court.stacks.get(key).cloned(),
            selected,
        };
        (key.clone(), judged)
    };
    let verdicts: Verdicts = findings.into_all().map(judged).collect();
    debug_assert!(verdicts.values().all(|it| it.selected || it.verdict != Verdict::Orphan));
    let stacks = summary::summarize(court, &verdicts);
    Judgement { verdicts, stacks }
}

#[cfg(test)]
mod blind;
#[cfg(test)]
#[cfg(feature = "cedar")]
mod forbidden_tests;
#[cfg(test)]
mod ground_tests;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod made_tests;
#[cfg(test)]
mod own_tags_tests;
#[cfg(test)]
mod record_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tracked_tests;
