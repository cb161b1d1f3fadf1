//! The part of a scan document about what lies beyond its regions: written for whoever reads the scan, read back
//! for judging it again.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{DocumentError, ScannedResource, by_key, scanned};
use crate::inventory::{Elsewhere, Gap, Inquiry};
use crate::judge::Judgement;
use crate::model::{Catalog, Region};

/// Where users of global things were looked for beyond the regions of the scan.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScannedElsewhere {
    /// All enabled regions of the account; `null` if they are not known: then no global thing is nobody's.
    #[serde(default)]
    pub enabled: Option<BTreeSet<Region>>,
    /// The regions that the user said users are looked for in; `null` for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assumed: Option<BTreeSet<Region>>,
    /// The regions that were looked into.
    #[serde(default)]
    pub regions: BTreeSet<Region>,
    /// What may use global things there.
    #[serde(default)]
    pub resources: Vec<ScannedResource>,
    /// What could not be read there.
    #[serde(default)]
    pub failed: BTreeSet<Gap>,
}

/// What was asked about one thing and not answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Unanswered {
    /// What was asked.
    pub inquiry: Inquiry,
    /// Why there is no answer, in one sentence.
    pub why: String,
}

/// Whether everything asked for was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Coverage {
    /// Whether `failed` is empty.
    pub complete: bool,
    /// What could not be read, and why.
    pub failed: BTreeSet<Gap>,
}

pub(super) fn elsewhere(beyond: &Elsewhere, judgement: &Judgement, catalog: Catalog) -> ScannedElsewhere {
    ScannedElsewhere {
        enabled: beyond.enabled.clone(),
        assumed: beyond.assumed.clone(),
        regions: beyond.regions.clone(),
        resources: beyond.resources.values().map(|it| scanned(it, judgement, catalog)).collect(),
        failed: beyond.gaps.clone(),
    }
}

pub(super) fn read(it: ScannedElsewhere) -> Result<Elsewhere, DocumentError> {
    Ok(Elsewhere {
        enabled: it.enabled,
        assumed: it.assumed,
        regions: it.regions,
        resources: by_key(it.resources)?,
        gaps: it.failed,
    })
}
