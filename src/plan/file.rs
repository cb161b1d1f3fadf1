//! The plan as a file: takes a plan with its inventory, verdicts and policy from `plan`, and gives `apply`
//! what people have reviewed.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::left::Left;
pub use super::read::{PlanFileError, Refusal};
use super::{Fate, Plan, Step, blocked, figures, read};
use crate::inventory::{Caller, Gap, Inventory};
use crate::judge::{Expired, Spared, UnreadOfStack};
use crate::model::{Catalog, Key, KindName, Proof, Region, Resource, Verdicts};
use crate::policy::Policy;

/// The schema of [`PlanFile`].
pub const SCHEMA: &str = "aws-janitor/plan/2";

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
    /// The selected stacks that stay as a whole, since they live or are being made.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spared: Vec<Spared>,
    /// The selected stacks that are nobody's by the policy's word, alive or not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expired: Vec<Expired>,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// What was selected but cannot go, and by what it is held.
    pub blocked: Vec<Blocked>,
    /// Every resource's fate.
    pub fates: Vec<FateLine>,
    /// The resources that go, as they were when planned: the fingerprints.
    pub resources: Vec<Resource>,
    /// What stays and has a rule revoked, as it was when planned: only if the policy allows that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cut_from: Vec<Resource>,
    /// What the selected stacks have of kinds that are not read, as the tagging API lists it: no plan deletes it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<UnreadLine>,
    /// What the scan could not see.
    pub gaps: Vec<Gap>,
    /// What the resources still refer to and is not there: AWS was asked for each by its id.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub gone: BTreeSet<Key>,
    /// List price per month, in US dollars, of all that goes.
    pub monthly_usd: f64,
    /// What costs something that the price table does not know: it counts as nothing in `monthly_usd`.
    #[serde(default)]
    pub unpriced: Vec<Key>,
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
    /// The stack it belongs to, so that a saved plan is shown by stack like a fresh one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stack: Option<String>,
    /// Of what goes, what proves that nobody wants it: condemned once, and looked up here from then on. `null` for
    /// what stays, of which [`PlanFile::blocked`] tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<Proof>,
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
    /// The command that frees it, if nothing but a link of something that stays holds it, which loses nothing by that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_hand: Option<String>,
    /// Whether it is to stay.
    #[serde(default)]
    pub left: Left,
}

/// A thing of a selected stack of a kind that is not read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UnreadLine {
    /// What it is, in the words of its ARN: `rds:db`.
    pub kind: KindName,
    /// Its ARN.
    pub id: String,
    /// Its stack.
    pub stack: String,
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

/// What a saved plan is made from.
#[derive(Debug, Clone, Copy)]
pub struct Sources<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The inventory that was planned.
    pub inventory: &'a Inventory,
    /// The verdicts it was planned by.
    pub verdicts: &'a Verdicts,
    /// The policy that judged.
    pub policy: &'a Policy,
    /// What the program knows of kinds.
    pub catalog: Catalog,
    /// The version of the program.
    pub tool_version: &'a str,
    /// The time now.
    pub now: Timestamp,
    /// How long the plan may be applied.
    pub valid_for: Duration,
    /// The saved plan that this one was narrowed from: what that one kept counts as it did there.
    pub saved: Option<&'a PlanFile>,
}

impl PlanFile {
    /// The document of a plan.
    ///
    /// # Errors
    /// If a value cannot be written as JSON, which no inventory that was read from AWS or a file has.
    pub fn new(sources: Sources<'_>) -> Result<Self, serde_json::Error> {
        let Sources { plan, inventory, verdicts, policy, catalog, .. } = sources;
        let monthly = figures::monthly(plan, catalog);
        let line = |(key, fate): (&Key, &Fate)| FateLine {
            resource: key.clone(),
            fate: fate.clone(),
            stack: verdicts.get(key).and_then(|judged| judged.stack.clone()),
            proof: verdicts
                .get(key)
                .and_then(|judged| judged.proof.clone())
                .filter(|_| !matches!(fate, Fate::Kept(_))),
        };
        let mut file = Self {
            schema: SCHEMA.to_owned(),
            digest: String::new(),
            tool_version: sources.tool_version.to_owned(),
            account: inventory.caller.account.clone(),
            caller: inventory.caller.clone(),
            regions: inventory.regions.clone(),
            kinds: inventory.kinds.clone(),
            policy: policy.clone(),
            policy_digest: read::digest(policy)?,
            created: sources.now,
            expires: sources.now.checked_add(sources.valid_for).unwrap_or(Timestamp::MAX),
            spared: Vec::new(),
            expired: Vec::new(),
            unread: Vec::new(),
            steps: plan.steps.clone(),
            blocked: blocked::blocked(
                blocked::Told { plan, verdicts, policy, inventory, catalog },
                sources.saved,
            ),
            fates: plan.fates.iter().map(line).collect(),
            resources: plan.resources.values().cloned().collect(),
            cut_from: plan.cut_from.values().cloned().collect(),
            gaps: plan.gaps.clone(),
            gone: plan.gone.clone(),
            monthly_usd: monthly.usd,
            unpriced: monthly.unpriced,
            quota_freed: figures::quota_freed(plan, catalog),
            expected_seconds: figures::expected_seconds(plan),
        };
        file.digest = file.own_digest()?;
        Ok(file)
    }

    /// The same plan, which also tells which stacks were spared, which had expired, and what of them is not read.
    ///
    /// # Errors
    /// As [`PlanFile::new`].
    pub fn telling(
        mut self,
        (spared, expired): (Vec<Spared>, Vec<Expired>),
        unread: &[UnreadOfStack],
    ) -> Result<Self, serde_json::Error> {
        (self.spared, self.expired) = (spared, expired);
        let line = |stack: &str, kind: &str, id: &String| UnreadLine {
            kind: KindName::new(kind),
            id: id.clone(),
            stack: stack.to_owned(),
        };
        let things = |of: &UnreadOfStack| -> Vec<UnreadLine> {
            let things = of.things.iter();
            things.flat_map(|(kind, ids)| ids.iter().map(|id| line(&of.stack, kind, id))).collect()
        };
        // Whoever expects a stack to live expects that of all of it.
        let expected = |of: &&UnreadOfStack| {
            self.policy.spare_living && self.spared.iter().any(|spared| spared.stack == of.stack)
        };
        self.unread = unread.iter().filter(|of| !expected(of)).flat_map(things).collect();
        self.digest = self.own_digest()?;
        Ok(self)
    }

    /// The plan inside, for the checker and the run.
    pub fn plan(&self) -> Plan {
        Plan {
            steps: self.steps.clone(),
            fates: self.fates.iter().map(|line| (line.resource.clone(), line.fate.clone())).collect(),
            resources: self.resources.iter().map(|r| (r.key.clone(), r.clone())).collect(),
            cut_from: self.cut_from.iter().map(|r| (r.key.clone(), r.clone())).collect(),
            gaps: self.gaps.clone(),
            gone: self.gone.clone(),
        }
    }
}
