//! The saved plan: reviewed by people, applied exactly or less.

use std::collections::BTreeSet;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Fate, Plan, Step};
use crate::inventory::{Caller, Gap};
use crate::model::{Key, KindName, Region, Resource};
use crate::policy::Policy;

/// The schema of [`PlanFile`].
pub const SCHEMA: &str = "aws-janitor/plan/1";

/// A plan with all that a later `apply` needs to trust it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanFile {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// SHA-256 over the whole document with this field empty: a plan edited by hand is refused.
    pub digest: String,
    /// The version of the program that made it.
    pub tool_version: String,
    /// The account.
    pub account: crate::model::AccountId,
    /// Who planned.
    pub caller: Caller,
    /// The regions that were scanned.
    pub regions: BTreeSet<Region>,
    /// The kinds that were asked for.
    pub kinds: BTreeSet<KindName>,
    /// The policy that judged, whole: `apply` judges again by it.
    pub policy: Policy,
    /// SHA-256 of the policy's canonical JSON.
    pub policy_digest: String,
    /// When it was made.
    pub created: Timestamp,
    /// When it is too old to be applied.
    pub expires: Timestamp,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// What was selected but cannot go, and by what it is held.
    pub blocked: Vec<Blocked>,
    /// Every resource's fate.
    pub fates: Vec<FateLine>,
    /// The resources that go, as they were when planned: the fingerprints.
    pub resources: Vec<Resource>,
    /// What the scan could not see.
    pub gaps: Vec<Gap>,
    /// List price per month, in US dollars, of all that goes.
    pub monthly_usd: f64,
    /// The quotas that carrying it out frees.
    pub quota_freed: Vec<QuotaFreed>,
    /// How long it will probably take, in seconds of AWS's clock: the longest chain of steps.
    pub expected_seconds: u64,
}

/// One resource's fate, as a line of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FateLine {
    /// The resource.
    pub resource: Key,
    /// Its fate.
    pub fate: Fate,
}

/// Something selected that cannot go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Blocked {
    /// Its kind.
    pub kind: KindName,
    /// Its id.
    pub id: String,
    /// Its region.
    pub region: Region,
    /// The chain from what holds it directly to the cause, each as `kind id`.
    pub by: Vec<String>,
    /// Why, in one sentence.
    pub why: String,
}

/// So much of a quota comes free.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QuotaFreed {
    /// The quota's short name: `eip`.
    pub quota: String,
    /// The region, or `global`.
    pub region: Region,
    /// What it is counted in: the region, a zone, a VPC.
    pub scope: String,
    /// How many.
    pub amount: u64,
}

impl PlanFile {
    /// The plan inside, for the checker and the run.
    pub fn plan(&self) -> Plan {
        Plan {
            steps: self.steps.clone(),
            fates: self.fates.iter().map(|line| (line.resource.clone(), line.fate.clone())).collect(),
            resources: self.resources.iter().map(|r| (r.key.clone(), r.clone())).collect(),
            gaps: self.gaps.clone(),
        }
    }
}
