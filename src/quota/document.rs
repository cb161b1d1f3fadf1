//! The quota report as a JSON document, `aws-janitor/quota/1`: written for scripts and people; its limits,
//! and what AWS itself counts, are read back for `--quotas`. All other usage is counted again in the
//! inventory.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::limits::{Limit, LimitGap, Limits, Origin};
use super::lines::{Answer, Balance, Report};
use crate::deployment::{Uncounted, Weight};
use crate::inventory::{Gap, Inventory};
use crate::model::{AccountId, Catalog, Region};
use crate::needs::Most;

/// The schema that this program writes and reads.
pub const SCHEMA: &str = "aws-janitor/quota/1";

/// A quota report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QuotaDocument {
    /// `aws-janitor/quota/1`.
    pub schema: String,
    /// The account's number.
    pub account: AccountId,
    /// When the usage was read.
    pub taken: Timestamp,
    /// The regions that were asked for.
    pub regions: BTreeSet<Region>,
    /// What could not be read.
    pub coverage: QuotaCoverage,
    /// Whether all that is needed fits. Where nothing is needed: `unknown` if what is used of a region's or
    /// the account's own quota is not known, or the limit of one that is used, else `fits`.
    pub verdict: Answer,
    /// The exit code of the command that wrote this.
    pub exit_code: u8,
    /// Every quota in every place.
    pub quotas: Vec<QuotaLine>,
    /// What the deployments will make that could not be counted.
    pub uncounted: Vec<UncountedLine>,
    /// What would free enough; `null` if nothing is short, or no set of orphan stacks does.
    pub remedy: Option<Remedy>,
    /// What to ask AWS for instead, for each quota that is short. Nothing where what holds it may be left over and
    /// something could not be read: see `doubts`.
    pub increases: Vec<Increase>,
    /// The limits as they were read, for `--quotas`.
    pub limits: Vec<LimitLine>,
    /// The virtual processors of the instance types that were asked for, for `--quotas`.
    pub vcpus: BTreeMap<String, u64>,
}

/// What of the quotas could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QuotaCoverage {
    /// Whether both lists are empty.
    pub complete: bool,
    /// Limits that could not be read.
    pub limits: BTreeSet<LimitGap>,
    /// Kinds whose usage could not be counted.
    pub usage: BTreeSet<Gap>,
}

/// One quota in one place. Unknown is `null`, never 0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QuotaLine {
    /// The short name: `eip`.
    pub name: String,
    /// For people: `Elastic IPs`.
    pub title: String,
    /// The service's code in Service Quotas.
    pub service: String,
    /// The quota's code; `null` where AWS gives it none.
    pub code: Option<String>,
    /// The region, or `global`.
    pub region: Region,
    /// The region's name, a zone's, the id of a VPC, a cluster or a resource; `new ADDRESS` for what a
    /// deployment makes.
    pub scope: String,
    /// The unit: `vCPU`, `GiB`; empty for things.
    pub unit: String,
    /// How much is allowed.
    pub limit: Option<u64>,
    /// Who says so.
    pub origin: Option<Origin>,
    /// Whether AWS raises it on request.
    pub adjustable: Option<bool>,
    /// How much is used.
    pub used: Option<u64>,
    /// How much is left.
    pub free: Option<u64>,
    /// How much of what is used orphans hold; where `used` is `null`, at least so much.
    pub used_by_orphans: u64,
    /// How much is uncertain only because something could not be read: it may be left over.
    #[serde(default)]
    pub used_by_uncertain: u64,
    /// What could not be read of it, each in a sentence.
    #[serde(default)]
    pub doubts: BTreeSet<String>,
    /// How much each stack holds.
    pub used_by_stacks: BTreeMap<String, u64>,
    /// How much the plan for the selection would free.
    pub freed_by_plan: u64,
    /// How much is left when that plan was carried out.
    pub free_after_plan: Option<u64>,
    /// How much is needed for certain, at the worst moment: the sum of the parts that are known.
    pub need: u64,
    /// The parts of the need; absent where nothing is needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub need_parts: Option<NeedParts>,
    /// Whether the need fits.
    pub fits: Option<bool>,
}

/// A need by how sure it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NeedParts {
    /// What the file or `--need` says.
    pub certain: u64,
    /// What AWS makes along with it.
    pub implicit: u64,
    /// What stands beside for a while, since replacements are made before the old ones go.
    pub peak: u64,
    /// What may come on top; `null` if nobody can say how much.
    pub unknown: Option<u64>,
    /// What needs it.
    pub from: Vec<String>,
}

/// Something that could not be counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UncountedLine {
    /// The file.
    pub file: String,
    /// What it is.
    pub what: String,
    /// Why.
    pub why: String,
    /// Whether it may use any quota, so that nothing fits for certain.
    pub open: bool,
}

/// What would free enough.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Remedy {
    /// The smallest set of orphan stacks that holds enough.
    pub stacks: Vec<String>,
    /// Orphans of no stack that have to go as well, by id.
    pub resources: Vec<String>,
    /// How many resources would be deleted.
    pub deletes: usize,
    /// The command, as typed in a shell.
    pub command: String,
    /// The command, word by word.
    pub argv: Vec<String>,
    /// What it frees of what is short.
    pub frees: Vec<Freed>,
}

/// So much of a quota comes free.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Freed {
    /// The quota's short name.
    pub quota: String,
    /// The region.
    pub region: Region,
    /// The place.
    pub scope: String,
    /// How much.
    pub amount: u64,
    /// How much is missing.
    pub missing: u64,
}

/// A request to AWS for more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Increase {
    /// The quota's short name.
    pub quota: String,
    /// The region in which it is asked for.
    pub region: Region,
    /// The limit that would be enough, in AWS's unit.
    pub desired: u64,
    /// The command, as typed in a shell; `null` where AWS does not raise this quota on request.
    pub command: Option<String>,
}

/// One limit as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LimitLine {
    /// The quota's short name.
    pub name: String,
    /// The region, or `global`.
    pub region: Region,
    /// How much is allowed; `null` if it could not be read.
    pub limit: Option<u64>,
    /// Who says so.
    pub origin: Option<Origin>,
    /// Whether AWS raises it on request.
    pub adjustable: Option<bool>,
    /// What AWS itself counts as used, where it tells.
    pub used: Option<u64>,
}

/// What a document is made of.
pub struct DocumentParts<'a> {
    /// The lines and the answer.
    pub report: &'a Report,
    /// The limits behind them.
    pub limits: &'a Limits,
    /// The inventory that was counted.
    pub inventory: &'a Inventory,
    /// The kinds.
    pub catalog: Catalog,
    /// What could not be counted, by file.
    pub uncounted: Vec<(&'a str, &'a Uncounted)>,
    /// What would free enough.
    pub remedy: Option<Remedy>,
    /// What to ask AWS for.
    pub increases: Vec<Increase>,
    /// The virtual processors of instance types.
    pub vcpus: BTreeMap<String, u64>,
    /// The exit code.
    pub exit_code: u8,
}

impl QuotaDocument {
    /// The document of a report.
    pub fn new(sources: DocumentParts<'_>) -> Self {
        let DocumentParts {
            report,
            limits,
            inventory,
            catalog,
            uncounted,
            remedy,
            increases,
            vcpus,
            exit_code,
        } = sources;
        // A gap matters where it hides usage: kinds that use no quota are somebody else's business.
        let counts = |gap: &&Gap| catalog.get(&gap.kind).is_some_and(|spec| !spec.quotas.is_empty());
        let coverage = QuotaCoverage {
            complete: limits.gaps.is_empty() && !inventory.gaps.iter().any(|gap| counts(&gap)),
            limits: limits.gaps.clone(),
            usage: inventory.gaps.iter().filter(counts).cloned().collect(),
        };
        let uncounted = uncounted.into_iter().map(|(file, it)| UncountedLine {
            file: file.to_owned(),
            what: it.what.clone(),
            why: it.why.clone(),
            open: it.weight == Weight::Open,
        });
        Self {
            schema: SCHEMA.to_owned(),
            account: inventory.caller.account.clone(),
            taken: inventory.taken,
            regions: inventory.regions.clone(),
            coverage,
            verdict: report.answer,
            exit_code,
            quotas: report.lines.iter().map(quota_line).collect(),
            uncounted: uncounted.collect(),
            remedy,
            increases,
            limits: limit_lines(limits),
            vcpus,
        }
    }
}

fn quota_line(line: &Balance) -> QuotaLine {
    let quota = line.quota;
    let parts = line.need.as_ref().map(|(need, from)| NeedParts {
        certain: need.certain,
        implicit: need.implicit,
        peak: need.peak,
        unknown: match need.unknown {
            Most::Of(most) => Some(most),
            Most::Unbounded => None,
        },
        from: from.clone(),
    });
    QuotaLine {
        name: quota.name.to_owned(),
        title: quota.title.to_owned(),
        service: quota.service.to_owned(),
        code: quota.code.map(str::to_owned),
        region: line.region.clone(),
        scope: line.place.clone(),
        unit: quota.unit.word().to_owned(),
        limit: line.limit.map(|limit| limit.value),
        origin: line.limit.map(|limit| limit.origin),
        adjustable: line.limit.and_then(|limit| limit.adjustable),
        used: line.used.all,
        free: line.free(),
        used_by_orphans: line.used.by_orphans,
        used_by_uncertain: line.used.by_unread,
        doubts: line.used.doubts.clone(),
        used_by_stacks: line.used.by_stack.clone(),
        freed_by_plan: line.used.freed(),
        free_after_plan: line.free_after_plan(),
        need: line.need.as_ref().map_or(0, |(need, _)| need.least()),
        need_parts: parts,
        fits: match line.answer {
            None | Some(Answer::Fits) => Some(true),
            Some(Answer::Short) => Some(false),
            Some(Answer::Unknown) => None,
        },
    }
}

fn limit_lines(limits: &Limits) -> Vec<LimitLine> {
    let keys: BTreeSet<&(Region, String)> = limits.limits.keys().chain(limits.used.keys()).collect();
    let line = |key: &(Region, String)| {
        let limit = limits.limits.get(key);
        LimitLine {
            name: key.1.clone(),
            region: key.0.clone(),
            limit: limit.map(|limit| limit.value),
            origin: limit.map(|limit| limit.origin),
            adjustable: limit.and_then(|limit| limit.adjustable),
            used: limits.used.get(key).copied(),
        }
    };
    keys.into_iter().map(line).collect()
}

/// Why a document could not be read back.
#[derive(Debug, thiserror::Error)]
pub enum QuotaDocumentError {
    /// It is not JSON, or a field is missing, unknown or of the wrong type. The text names line and column.
    #[error("the quota report cannot be read: {0}")]
    Json(#[from] serde_json::Error),
    /// It is JSON of another kind or version.
    #[error("this is {found} and not {SCHEMA}")]
    Schema {
        /// What its `schema` says.
        found: String,
    },
    /// Its parts contradict each other: it was edited.
    #[error("the quota report contradicts itself: {name} {why}")]
    Contradiction {
        /// The quota's short name.
        name: String,
        /// What does not fit together.
        why: &'static str,
    },
}

impl QuotaDocumentError {
    /// What to do about it, in one sentence.
    pub const fn remedy(&self) -> &'static str {
        match self {
            Self::Json(_) | Self::Schema { .. } | Self::Contradiction { .. } => {
                "make it with `aws-janitor quota -o json > FILE`, and do not edit it"
            }
        }
    }
}

/// What is read back of a report: whose limits, and the limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedLimits {
    /// The account.
    pub account: AccountId,
    /// When they were read.
    pub taken: Timestamp,
    /// The limits.
    pub limits: Limits,
    /// The virtual processors of instance types.
    pub vcpus: BTreeMap<String, u64>,
}

/// Reads the limits of a saved report.
pub fn read_back(text: &str) -> Result<SavedLimits, QuotaDocumentError> {
    /// The one field that every document of ours has.
    #[derive(Deserialize)]
    struct QuotaHead {
        schema: String,
    }
    let head: QuotaHead = serde_json::from_str(text)?;
    if head.schema != SCHEMA {
        return Err(QuotaDocumentError::Schema { found: head.schema });
    }
    let document: QuotaDocument = serde_json::from_str(text)?;
    let mut limits = Limits { gaps: document.coverage.limits, ..Limits::default() };
    let mut known = BTreeSet::new();
    for line in document.limits {
        let key = (line.region, line.name);
        let contradiction = |why| QuotaDocumentError::Contradiction { name: key.1.clone(), why };
        if !known.insert(key.clone()) {
            return Err(contradiction("is told twice"));
        }
        match (line.limit, line.origin) {
            (Some(value), Some(origin)) => {
                let limit = Limit { value, origin, adjustable: line.adjustable };
                limits.limits.insert(key.clone(), limit);
            }
            (None, None) => {}
            (Some(_), None) => return Err(contradiction("has a limit without an origin")),
            (None, Some(_)) => return Err(contradiction("has an origin without a limit")),
        }
        if let Some(used) = line.used {
            limits.used.insert(key, used);
        }
    }
    for line in &document.quotas {
        agree(line, &limits)?;
    }
    Ok(SavedLimits { account: document.account, taken: document.taken, limits, vcpus: document.vcpus })
}

/// Whether a line says what the limits behind it say. What AWS counts itself stands in the line of the
/// region or the account as a whole.
fn agree(line: &QuotaLine, limits: &Limits) -> Result<(), QuotaDocumentError> {
    let contradiction = |why| Err(QuotaDocumentError::Contradiction { name: line.name.clone(), why });
    let key = (line.region.clone(), line.name.clone());
    if line.limit != limits.limits.get(&key).map(|limit| limit.value) {
        return contradiction("has one limit in its line and another behind it");
    }
    match limits.used.get(&key) {
        Some(used) if line.scope == line.region.as_str() && line.used != Some(*used) => {
            contradiction("has one usage in its line and another behind it")
        }
        Some(_) | None => Ok(()),
    }
}

/// The JSON Schema of the document.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(QuotaDocument).to_value()
}
