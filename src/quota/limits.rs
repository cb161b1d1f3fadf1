//! What AWS allows, as the edge or a saved report tells it.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::Region;

/// Everything that was read of limits, of all regions asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Limits {
    /// The limits, by region (`global` for the account's own) and the quota's short name
    /// ([`crate::model::QuotaUse::name`]). What is missing here is unknown.
    pub limits: BTreeMap<(Region, String), Limit>,
    /// What AWS itself says is used, where a call tells it (IAM's account summary, Auto Scaling's account
    /// limits): it goes before the count of the inventory, which may see less.
    pub used: BTreeMap<(Region, String), u64>,
    /// What could not be read, and why. A service that does not exist in a region is one too. A limit that is
    /// missing without a gap of its service is one that AWS does not have there (HPC instances are not
    /// offered in every region).
    pub gaps: BTreeSet<LimitGap>,
}

/// One limit, for each place of its quota alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// How much is allowed, in the quota's own unit ([`crate::model::Unit`]).
    pub value: u64,
    /// Who says so.
    pub origin: Origin,
    /// Whether AWS raises it on request; `None` where nothing tells.
    pub adjustable: Option<bool>,
}

/// Where a limit comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// Service Quotas: the value applied to this account.
    Applied,
    /// Service Quotas: AWS's default, where nothing was applied.
    Default,
    /// The service's own account limits or attributes.
    Account,
    /// AWS's documentation, where no call tells it.
    Documented,
}

/// Limits that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LimitGap {
    /// The region, or `global`.
    pub region: Region,
    /// The service's code in Service Quotas.
    pub service: String,
    /// The reason, in one sentence: AWS's code and message.
    pub error: String,
}
