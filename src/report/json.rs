//! JSON documents and their schemas. Each document comes from the room it tells of and names its schema; the
//! commands print it for `-o json`, and `schemas/` holds the schemas that are listed here.

use serde::Serialize;

use crate::journal::{Line, RunSummary};
use crate::plan::file::PlanFile;

use super::clean;
use super::explain::Explanation;
use super::policy_check::PolicyCheckDocument;
use super::preflight::PreflightDocument;

/// A document as text, with a line's end.
pub fn text(document: &impl Serialize) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(document).map(|text| clean::json(&text) + "\n")
}

/// A document as one line, for what is read as the last line of an output.
pub fn line(document: &impl Serialize) -> Result<String, serde_json::Error> {
    serde_json::to_string(document).map(|text| clean::json(&text) + "\n")
}

/// The schema of [`RunDocument`].
pub const RUN: &str = "aws-janitor/run/1";

/// What `apply -o json` prints: the summary, with what it is a summary of.
#[derive(Debug, Clone, PartialEq, Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RunDocument {
    /// Always [`RUN`].
    pub schema: String,
    /// The account.
    pub account: crate::model::AccountId,
    /// The digest of the plan.
    pub plan: String,
    /// The file of the journal, unless nothing was called.
    pub journal: Option<String>,
    /// What is gone.
    pub deleted: Vec<crate::model::Key>,
    /// What was cut.
    pub cut: Vec<crate::journal::CutDone>,
    /// What the plan meant to delete and the run left.
    pub skipped: Vec<crate::journal::SkippedLine>,
    /// What failed.
    pub failed: Vec<crate::journal::FailedLine>,
    /// All that was selected or planned, stays, and is not to stay: what was skipped, what failed, and what the
    /// plan itself kept.
    pub left: Vec<crate::journal::SkippedLine>,
    /// In one word.
    pub outcome: crate::journal::Outcome,
    /// After how many seconds of AWS's clock the run had freed what was to fit; others may take it since.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fits_after_seconds: Option<u64>,
    /// The exit code.
    pub exit_code: u8,
}

impl RunDocument {
    /// The document of this summary.
    pub fn new(file: &PlanFile, summary: &RunSummary, journal: Option<String>, exit_code: u8) -> Self {
        let summary = summary.clone();
        let left = summary.left();
        Self {
            schema: RUN.to_owned(),
            account: file.account.clone(),
            plan: file.digest.clone(),
            journal,
            deleted: summary.deleted,
            cut: summary.cut,
            skipped: summary.skipped,
            failed: summary.failed,
            left,
            outcome: summary.outcome,
            fits_after_seconds: summary.fits_after_seconds,
            exit_code,
        }
    }
}

/// The JSON Schemas of all documents, by the name of their file.
pub fn schemas() -> Vec<(&'static str, serde_json::Value)> {
    let mut schemas = vec![
        ("scan.json", crate::judge::schema()),
        ("plan.json", schemars::schema_for!(PlanFile).to_value()),
        ("run.json", schemars::schema_for!(RunDocument).to_value()),
        ("journal.json", schemars::schema_for!(Line).to_value()),
        ("policy.json", crate::policy::schema()),
        ("quota.json", crate::quota::schema()),
        ("explain.json", schemars::schema_for!(Explanation).to_value()),
        ("policy-check.json", schemars::schema_for!(PolicyCheckDocument).to_value()),
        ("preflight.json", schemars::schema_for!(PreflightDocument).to_value()),
    ];
    // The same bytes, whatever order the JSON library's features give its maps.
    schemas.iter_mut().for_each(|(_, schema)| schema.sort_all_objects());
    schemas
}
