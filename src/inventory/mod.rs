//! What a scan saw, and what it could not see: the edge makes it, and judge, planner and quotas read it.
//!
//! An inventory is a file as well (`scan -o json`): `plan --inventory FILE` works on it offline.

mod beyond;
mod closure;
mod contradictions;
mod holes;
pub(crate) mod marks;
mod stacks;
#[cfg(test)]
pub(crate) mod testing;
mod without;

pub use beyond::{Answers, Elsewhere, Inquiry, UnreadThing};
pub use closure::{DERIVED, complete};
pub(crate) use closure::{issuer, region_of_issuer, trusted_issuers};
pub use contradictions::{Looked, doubts, settle};
pub use holes::{Holes, parents};
pub use stacks::mark;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{AccountId, ErrorClass, Key, KindName, Region, Resource, StateClaims};

/// Something a scan could not see. A gap in a kind that could hold a resource keeps that resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Gap {
    /// The region, or `global`.
    pub region: Region,
    /// The kind that was not read, or not wholly.
    pub kind: KindName,
    /// The reason, in one sentence: AWS's code and message.
    pub error: String,
    /// How AWS's answer is to be taken, where it was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<ErrorClass>,
    /// The thing whose parts could not be read, where only those are missing (the node groups of one cluster).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Key>,
}

impl Gap {
    /// A kind that could not be read there at all, or not wholly.
    pub fn new(kind: KindName, region: Region, error: impl Into<String>) -> Self {
        Self { region, kind, error: error.into(), class: None, within: None }
    }

    /// The same, by an answer of this class.
    #[must_use]
    pub fn of(self, class: ErrorClass) -> Self {
        Self { class: Some(class), ..self }
    }

    /// The same, of the parts of one thing only.
    #[must_use]
    pub fn within(self, parent: Key) -> Self {
        Self { within: Some(parent), ..self }
    }

    /// What a gap's reason begins with where a whole region takes no credentials that are good elsewhere.
    pub const REGION_REFUSES: &str =
        "the region refuses credentials that are good elsewhere: it is probably not enabled for the account";

    /// Whether the region as a whole refuses the credentials.
    pub fn is_of_refusing_region(&self) -> bool {
        self.error.starts_with(Self::REGION_REFUSES)
    }
}

/// Who asked, as AWS sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Caller {
    /// The account's number.
    pub account: AccountId,
    /// The account's alias, if it has one and it could be read.
    #[serde(default)]
    pub alias: Option<String>,
    /// The caller's ARN.
    pub arn: String,
}

/// What a scan saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inventory {
    /// Whose account it is, and who looked.
    pub caller: Caller,
    /// When the scan ended.
    pub taken: Timestamp,
    /// The regions that were asked for, without `global`.
    pub regions: BTreeSet<Region>,
    /// The kinds that were asked for. A kind that is not among them is as unseen as one with a gap.
    pub kinds: BTreeSet<KindName>,
    /// Everything seen, by key: in this order it is printed, planned and stored.
    pub resources: BTreeMap<Key, Resource>,
    /// Everything that could not be seen.
    pub gaps: BTreeSet<Gap>,
    /// Where else users of global things were looked for.
    pub elsewhere: Elsewhere,
    /// Services that the user said he does without. Where the endpoint does not know them at all, their kinds count
    /// as read and empty; who reads the inventory tells it.
    pub without_services: BTreeSet<String>,
    /// What was asked about single things and not answered, each with the reason in one sentence.
    pub unanswered: BTreeMap<Inquiry, String>,
    /// Things of kinds that are not read, as the tagging API lists them.
    pub unread_things: Vec<UnreadThing>,
    /// What states of deployment tools tell, as far as any were named.
    pub states: Vec<StateClaims>,
    /// Things that others refer to and that are not there: AWS was asked for each by its id.
    pub gone: BTreeSet<Key>,
}

/// Makes an inventory ready to be judged: whatever speaks against itself in it is a gap, and what follows from the
/// whole of it is told. Doing it twice changes nothing.
pub fn ready(inventory: &mut Inventory) {
    without::excuse(inventory);
    contradictions::distrust(inventory);
    complete(inventory);
}

impl Inventory {
    /// Whether this kind was read wholly in this region.
    pub fn saw(&self, kind: &KindName, region: &Region) -> bool {
        let asked = self.kinds.contains(kind) && (region.is_global() || self.regions.contains(region));
        asked && !self.gaps.iter().any(|gap| gap.kind == *kind && gap.region == *region)
    }

    /// The regions in which a global thing may be used, as far as the account and the user's word tell; `None` if
    /// nobody knows.
    pub fn user_regions(&self) -> Option<BTreeSet<Region>> {
        let beyond = self.elsewhere.assumed.as_ref().or(self.elsewhere.enabled.as_ref())?;
        Some(self.regions.union(beyond).cloned().collect())
    }

    /// Whether this kind was read wholly in a region, as far as it can use global things: by the scan or beyond it.
    pub fn saw_users(&self, kind: &KindName, region: &Region) -> bool {
        if self.regions.contains(region) {
            return self.saw(kind, region);
        }
        let gaps = &self.elsewhere.gaps;
        let missing = gaps.iter().any(|gap| gap.kind == *kind && gap.region == *region);
        self.kinds.contains(kind) && self.elsewhere.regions.contains(region) && !missing
    }

    /// Takes the answers to inquiries: as facts of the things that were asked about.
    pub fn learn(&mut self, answers: Answers) {
        for (key, facts) in answers.facts {
            if let Some(resource) = self.resources.get_mut(&key) {
                resource.facts.extend(facts);
            }
        }
        self.unanswered.extend(answers.unanswered);
    }

    /// Whether nothing that was asked for is missing.
    pub fn is_complete(&self) -> bool {
        self.gaps.is_empty()
    }
}
