//! What a gap may hide from the judge: it can only keep things, never make an orphan of one.
//!
//! What could hold a resource or use it the planner asks for itself. Here stands what would change a
//! verdict: where a thing lies, what else lies there, whether its stack is being deployed.

use crate::inventory::marks::{VPC, is};
use crate::model::words::how;
use crate::model::{Gate, Key, KindName, Resource};

use super::gates::Ground;
use super::view::{View, label};

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

/// Kinds of which AWS tells that it is still making one: by them a deployment under way is known.
pub(super) const TELL_OF_A_DEPLOYMENT: [&str; 10] = [
    "eks-addon",
    "eks-cluster",
    "eks-nodegroup",
    "instance",
    "load-balancer",
    "nat-gateway",
    "subnet",
    "volume",
    "vpc",
    "vpc-endpoint",
];

/// Roles whose far end has a say in the verdict of the near end: it holds, carries, owns or uses it.
const HAVE_A_SAY: [&str; 7] = [
    how::WITHIN,
    how::ATTACHED,
    how::ASSOCIATED,
    how::MADE_BY,
    how::OF_CLUSTER,
    how::MADE_FOR,
    how::CONTAINS,
];

/// The sentence about what may lie unseen in a VPC, for the VPC and for all that is in it. A stranger
/// among that would keep the VPC and all that lies in it.
pub(super) fn contents(view: &View<'_>, key: &Key) -> Option<Ground> {
    let inside = view.at(key).inside.iter().find(|around| is(&around.kind, VPC));
    let vpc = inside.or_else(|| is(&key.kind, VPC).then_some(key))?;
    let inventory = view.inventory;
    let failed = |kind: &&str| failed(view, kind, vpc);
    let kinds: Vec<&str> = IN_VPC
        .into_iter()
        .filter(|kind| !inventory.saw(&KindName::of(kind), &vpc.region))
        .chain(MAY_BE_IN_VPC.into_iter().filter(failed))
        .collect();
    (!kinds.is_empty()).then(|| {
        let kinds = kinds.join(", ");
        let why = format!("not everything in {} could be seen: {kinds} of {}", label(vpc), vpc.region);
        Ground { gate: Gate::ContentsUnseen { vpc: vpc.clone() }, why }
    })
}

/// The same, of what a scan asked for and could not read: that keeps the VPC. What it did not even ask for
/// (a scan of another version) is told only, and the planner keeps what that could hold.
pub(super) fn contents_failed(view: &View<'_>, vpc: &Key) -> Option<Ground> {
    let mut kinds = IN_VPC.into_iter().chain(MAY_BE_IN_VPC);
    kinds.any(|kind| failed(view, kind, vpc)).then(|| contents(view, vpc)).flatten()
}

/// Something that has a say in the verdict and could not be read.
pub(super) fn superior(view: &View<'_>, resource: &Resource) -> Option<Ground> {
    let unseen = |to: &Key| view.get(to).is_none() && !view.inventory.saw(&to.kind, &to.region);
    let own = resource.links.iter().filter(|link| HAVE_A_SAY.contains(&link.how.as_ref()));
    let own = own.map(|link| (&link.to, link.how.as_ref()));
    let around = view.at(&resource.key).inside.iter().map(|around| (around, how::WITHIN));
    let (to, role) = own.chain(around).find(|(to, _)| unseen(to))?;
    let why = format!("{} could not be read, and has a say in it ({role})", label(to));
    Some(Ground { gate: Gate::SuperiorUnseen { superior: to.clone() }, why })
}

/// Whether the stack is being deployed cannot be told where what would tell it could not be read.
///
/// Only its own region counts (all of them for a global thing), as it does for all gaps: else a region
/// that nobody may enter would keep everything everywhere.
pub(super) fn deployment(view: &View<'_>, key: &Key, stack: &str) -> Option<Ground> {
    let gaps = view.inventory.gaps.iter();
    let mut gaps = gaps.filter(|gap| key.region.is_global() || gap.region == key.region);
    let gap = gaps.find(|gap| TELL_OF_A_DEPLOYMENT.contains(&gap.kind.as_str()))?;
    let why = format!(
        "whether stack {stack} is being deployed cannot be told: {} of {} could not be read",
        gap.kind, gap.region
    );
    let gate = Gate::DeploymentUnseen { kind: gap.kind.clone(), region: gap.region.clone() };
    Some(Ground { gate, why })
}

fn failed(view: &View<'_>, kind: &str, vpc: &Key) -> bool {
    view.inventory.gaps.iter().any(|gap| gap.kind.as_str() == kind && gap.region == vpc.region)
}
