//! What a gap may hide from the judge: it can only keep things, never make an orphan of one.
//!
//! What could hold a resource or use it the planner asks for itself. Here stands what would change a
//! verdict: where a thing lies, what else lies there, whether its stack is being deployed.

use crate::inventory::Gap;
use crate::kinds::{CATALOG, is};
use crate::model::words::how;
use crate::model::{Gate, Key, KindName, Position, Resource};

use super::gates::Ground;
use super::view::{View, label};

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
    let inside = view.at(key).inside.iter().find(|around| is(&around.kind, Position::Network));
    let vpc = inside.or_else(|| is(&key.kind, Position::Network).then_some(key))?;
    let inventory = view.inventory;
    let asked = CATALOG.iter().filter(|spec| CATALOG.may_lie_in_a_network(spec)).map(|spec| spec.kind());
    let unseen = asked.filter(|kind| !inventory.saw(kind, &vpc.region));
    // A kind that this version does not know may lie anywhere.
    let strange = inventory.gaps.iter().filter(|gap| gap.region == vpc.region && is_strange(gap));
    let kinds: Vec<KindName> = unseen.chain(strange.map(|gap| gap.kind.clone())).collect();
    (!kinds.is_empty()).then(|| {
        let kinds = named(&kinds);
        let why = format!("not everything in {} could be seen: {kinds} of {}", label(vpc), vpc.region);
        Ground { gate: Gate::ContentsUnseen { vpc: vpc.clone() }, why }
    })
}

/// The same, of what a scan asked for and could not read: that keeps the VPC. What it did not even ask for
/// (a scan of another version) is told only, and the planner keeps what that could hold.
pub(super) fn contents_failed(view: &View<'_>, vpc: &Key) -> Option<Ground> {
    let near = |gap: &&Gap| {
        let inside = CATALOG.get(&gap.kind).is_none_or(|spec| CATALOG.may_lie_in_a_network(spec));
        inside && gap.region == vpc.region
    };
    view.inventory.gaps.iter().any(|gap| near(&gap)).then(|| contents(view, vpc)).flatten()
}

/// Whether a gap is in a kind that the catalog does not have.
fn is_strange(gap: &Gap) -> bool {
    CATALOG.get(&gap.kind).is_none()
}

fn named(kinds: &[KindName]) -> String {
    kinds.iter().map(KindName::as_str).collect::<Vec<_>>().join(", ")
}

/// Whether AWS tells of a thing of this kind that it is still making it: by them a deployment under way is
/// known. Of a kind that the catalog does not have nobody knows.
pub(super) fn tells_of_a_deployment(kind: &KindName) -> bool {
    CATALOG.get(kind).is_none_or(|spec| spec.states.tell_of_a_making())
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
    let gap = gaps.find(|gap| tells_of_a_deployment(&gap.kind))?;
    let why = format!(
        "whether stack {stack} is being deployed cannot be told: {} of {} could not be read",
        gap.kind, gap.region
    );
    let gate = Gate::DeploymentUnseen { kind: gap.kind.clone(), region: gap.region.clone() };
    Some(Ground { gate, why })
}
