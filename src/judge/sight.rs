//! What a gap may hide from the judge: it can only keep things, never make an orphan of one. And it keeps no more
//! than what it could hide:
//!
//! - what could hold a thing or work with it: the planner asks for itself, by the rules of the table;
//! - what could lie in a network: a stranger there would keep it whole (`contents`);
//! - what has a say in a thing's verdict and is named by it (`superior`);
//! - a cluster or a machine that bears the name in a mark: the claims ask for those two kinds;
//! - a thing that AWS is still making, by which a deployment of its stack would show (`Deployments`): of kinds of
//!   which AWS tells that, in the region.
//!
//! A gap in the parts of one cluster hides only things of that cluster ([`crate::inventory::Holes`]).

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::inventory::{self, Gap, Inventory};
use crate::kinds::{CATALOG, is};
use crate::model::words::how;
use crate::model::{Gate, Key, KindName, KindSpec, Position, Region, Resource};

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

/// The kinds of which a thing may lie in a network: asked for every thing that lies in one.
static INSIDE: LazyLock<Vec<KindName>> = LazyLock::new(|| {
    CATALOG.iter().filter(|spec| CATALOG.may_lie_in_a_network(spec)).map(KindSpec::kind).collect()
});

/// The sentence about what may lie unseen in a VPC, for the VPC and for all that is in it. A stranger
/// among that would keep the VPC and all that lies in it.
pub(super) fn contents(view: &View<'_>, key: &Key) -> Option<Ground> {
    let inside = view.at(key).inside.iter().find(|around| is(&around.kind, Position::Network));
    let vpc = inside.or_else(|| is(&key.kind, Position::Network).then_some(key))?;
    let unseen = INSIDE.iter().filter(|kind| !view.holes.saw_near(kind, &vpc.region, vpc)).cloned();
    // A kind that this version does not know may lie anywhere.
    let strange = view.inventory.gaps.iter().filter(|gap| gap.region == vpc.region && is_strange(gap));
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
        inside && gap.region == vpc.region && !view.holes.saw_near(&gap.kind, &gap.region, vpc)
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
    let unseen = |to: &Key| view.get(to).is_none() && !view.holes.saw_it(to);
    let own = resource.links.iter().filter(|link| HAVE_A_SAY.contains(&link.how.as_ref()));
    let own = own.map(|link| (&link.to, link.how.as_ref()));
    let around = view.at(&resource.key).inside.iter().map(|around| (around, how::WITHIN));
    let (to, role) = own.chain(around).find(|(to, _)| unseen(to))?;
    let why = format!("{} could not be read, and has a say in it ({role})", label(to));
    Some(Ground { gate: Gate::SuperiorUnseen { superior: to.clone() }, why })
}

/// What may hide that a stack is being deployed: by region, the first gap that may hide it of any stack, and of
/// each stack the first that may hide it of that one.
#[derive(Debug, Default)]
pub(super) struct Deployments<'a> {
    of_any: BTreeMap<&'a Region, &'a Gap>,
    of_stack: BTreeMap<(&'a str, &'a Region), &'a Gap>,
}

impl<'a> Deployments<'a> {
    /// What the gaps of an inventory hide of these stacks.
    ///
    /// Parts of a cluster are deployed with the cluster: a gap in them tells nothing of another stack. What the
    /// parts of a stack's own work with (its roles, its groups) the planner keeps in any case.
    pub(super) fn of(inventory: &'a Inventory, stacks: &'a BTreeMap<Key, String>) -> Self {
        let mut unseen = Self::default();
        for gap in inventory.gaps.iter().filter(|gap| tells_of_a_deployment(&gap.kind)) {
            let Some(parents) = inventory::parents(inventory, gap) else {
                unseen.of_any.entry(&gap.region).or_insert(gap);
                continue;
            };
            for stack in parents.into_iter().filter_map(|parent| stacks.get(parent)) {
                unseen.of_stack.entry((stack, &gap.region)).or_insert(gap);
            }
        }
        unseen
    }

    /// Whether a stack is being deployed cannot be told where what would tell it could not be read.
    ///
    /// Only the region of the member counts (all of them for a global one), as it does for all gaps: else a
    /// region that nobody may enter would keep everything everywhere.
    pub(super) fn unseen(&self, key: &Key, stack: &str) -> Option<Ground> {
        let of_stack = |region: &Region| self.of_stack.get(&(stack, region)).copied();
        let gap = match key.region.is_global() {
            true => {
                let all = self.of_stack.iter().filter(|((of, _), _)| *of == stack).map(|(_, gap)| *gap);
                self.of_any.values().copied().chain(all).min()
            }
            false => self.of_any.get(&key.region).copied().or_else(|| of_stack(&key.region)),
        }?;
        let why = format!(
            "whether stack {stack} is being deployed cannot be told: {} of {} could not be read",
            gap.kind, gap.region
        );
        let gate = Gate::DeploymentUnseen { kind: gap.kind.clone(), region: gap.region.clone() };
        Some(Ground { gate, why })
    }
}
