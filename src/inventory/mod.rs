//! What a scan saw, and what it could not see: the edge makes it, and judge, planner and quotas read it.
//!
//! An inventory is a file as well (`scan -o json`): `plan --inventory FILE` works on it offline.

mod closure;
pub(crate) mod marks;
#[cfg(test)]
pub(crate) mod testing;

pub use closure::{DERIVED, complete};

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{AccountId, Key, KindName, Region, Resource};

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
}

impl Gap {
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
}

impl Inventory {
    /// Whether this kind was read wholly in this region.
    pub fn saw(&self, kind: &KindName, region: &Region) -> bool {
        let asked = self.kinds.contains(kind) && (region.is_global() || self.regions.contains(region));
        asked && !self.gaps.iter().any(|gap| gap.kind == *kind && gap.region == *region)
    }

    /// Whether nothing that was asked for is missing.
    pub fn is_complete(&self) -> bool {
        self.gaps.is_empty()
    }
}
