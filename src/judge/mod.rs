//! The verdict of every resource and stack: pure, from an inventory, a selector and the present moment.
//!
//! It fails closed: what is missing, contradictory or unknown never ends as `orphan`.

mod dating;
mod gates;
mod oracle;
mod selection;
mod settle;
mod stack;
mod summary;
mod view;

use jiff::Timestamp;

use crate::inventory::Inventory;
use crate::inventory::marks::{VPC, is};
use crate::model::{Judged, Key, KindName, Verdict, Verdicts};
use crate::policy::Selector;

use gates::Court;
pub use oracle::{NoOracle, Oracle, Word};
pub use summary::StackSummary;
use view::{View, label};

/// The judge's answers.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "verdicts are the only thing that judging does"]
pub struct Judgement {
    /// The verdict of every resource of the inventory.
    pub verdicts: Verdicts,
    /// The answer for every stack, by name.
    pub stacks: Vec<StackSummary>,
}

/// Judges an inventory without asking any owner outside of it.
pub fn judge(inventory: &Inventory, selector: &Selector, now: Timestamp) -> Judgement {
    judge_with(inventory, selector, &NoOracle, now)
}

/// Judges an inventory, asking an oracle about each resource.
pub fn judge_with(
    inventory: &Inventory,
    selector: &Selector,
    oracle: &dyn Oracle,
    now: Timestamp,
) -> Judgement {
    let view = View::of(inventory);
    let court = Court::new(&view, selector, oracle, now);
    let resources = inventory.resources.iter();
    let mut findings = resources.map(|(key, resource)| (key.clone(), court.hear(key, resource))).collect();
    settle::settle(&court, &mut findings);
    let judged = |(key, finding): (Key, gates::Finding)| {
        let selected = court.selection.contains_key(&key);
        let unseen = selected.then(|| unseen(&view, &key)).flatten();
        let judged = Judged {
            verdict: finding.verdict,
            evidence: finding.evidence.into_iter().chain(unseen).collect(),
            stack: court.stacks.get(&key).cloned(),
            selected,
        };
        (key, judged)
    };
    let verdicts: Verdicts = findings.into_iter().map(judged).collect();
    debug_assert!(verdicts.values().all(|it| it.selected || it.verdict != Verdict::Orphan));
    let stacks = summary::summarize(&view, selector, &verdicts);
    Judgement { verdicts, stacks }
}

/// Kinds that every VPC may hold, and that block its deletion or are lost with it.
const IN_VPC: [&str; 12] = [
    "subnet",
    "route-table",
    "internet-gateway",
    "network-acl",
    "network-interface",
    "security-group",
    "vpc-endpoint",
    "nat-gateway",
    "instance",
    "load-balancer",
    "target-group",
    "eks-cluster",
];

/// Kinds that a VPC may hold as well: their gaps count, but not that nobody asked for them.
const MAY_BE_IN_VPC: [&str; 6] = [
    "egress-only-internet-gateway",
    "classic-load-balancer",
    "auto-scaling-group",
    "vpc-peering-connection",
    "eks-nodegroup",
    "eks-fargate-profile",
];

/// The sentence about what may lie unseen in a VPC, at the VPC and at all that is in it.
fn unseen(view: &View<'_>, key: &Key) -> Option<String> {
    let inside = view.at(key).inside.iter().find(|around| is(&around.kind, VPC));
    let vpc = inside.or_else(|| is(&key.kind, VPC).then_some(key))?;
    let inventory = view.inventory;
    let failed =
        |kind: &&str| inventory.gaps.iter().any(|gap| gap.kind.as_str() == *kind && gap.region == vpc.region);
    let kinds: Vec<&str> = IN_VPC
        .into_iter()
        .filter(|kind| !inventory.saw(&KindName::of(kind), &vpc.region))
        .chain(MAY_BE_IN_VPC.into_iter().filter(failed))
        .collect();
    (!kinds.is_empty()).then(|| {
        format!("not everything in {} could be seen: {} of {}", label(vpc), kinds.join(", "), vpc.region)
    })
}

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;
