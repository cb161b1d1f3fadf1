//! Where commands call the pure rooms: judge, plan, check, narrow, and read saved scans and plans. What these
//! rooms answer becomes here a value or a [`Failure`] with its remedy.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;

use super::failure::{Failure, FailureKind};
use super::survey::Survey;
use crate::inventory::Inventory;
use crate::judge::{ScanDocument, expired, spared};
use crate::model::{AccountId, Catalog, Key};
use crate::plan::again::{self, Rulings};
use crate::plan::file::{PlanFile, PlanFileError, Refusal, Sources};
use crate::plan::narrow::LeftOut;
use crate::plan::undo::Touched;
use crate::plan::{Plan, caps, check, planner};
use crate::policy::Policy;

/// Reads a saved scan.
pub(super) fn read_inventory(path: &Path) -> Result<Inventory, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| Failure::file("read", path, &error))?;
    Inventory::from_document(&text)
        .map_err(|error| Failure::caused(FailureKind::Error, &error).of(path).hint(error.remedy()))
}

/// The scan as a document.
pub(super) fn scan_document(survey: &Survey) -> ScanDocument {
    ScanDocument::new(&survey.inventory, &survey.judgement, survey.catalog)
}

/// How long a saved plan may be applied: long enough for a review over night, short enough for the account not to change much.
const VALID_FOR: Duration = Duration::from_secs(24 * 3_600);

/// Plans what a survey found.
pub(super) fn plan(survey: &Survey) -> Result<PlanFile, Failure> {
    let (verdicts, policy) = (&survey.judgement.verdicts, &survey.policy);
    let plan = planner::plan_by(&survey.inventory, survey.catalog, verdicts, policy);
    file(&plan, survey, None)
}

fn file(plan: &Plan, survey: &Survey, saved: Option<&PlanFile>) -> Result<PlanFile, Failure> {
    let sources = Sources {
        plan,
        inventory: &survey.inventory,
        verdicts: &survey.judgement.verdicts,
        policy: &survey.policy,
        catalog: survey.catalog,
        tool_version: env!("CARGO_PKG_VERSION"),
        now: survey.now,
        valid_for: VALID_FOR,
        saved,
    };
    let file = PlanFile::new(sources).and_then(|file| {
        let judgement = &survey.judgement;
        file.telling((spared(judgement), expired(judgement)), &survey.unread)
    });
    file.map_err(|error| Failure::error(format!("cannot write the plan: {error}")))
}

/// Reads a saved plan. One that was edited by hand is refused.
pub(super) fn read_plan(path: &Path) -> Result<PlanFile, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| Failure::file("read", path, &error))?;
    PlanFile::read(&text).map_err(|error| not_applicable(&error, path))
}

/// Refuses a plan that is for another account, or too old.
pub(super) fn check_applicable(
    file: &PlanFile,
    account: &AccountId,
    now: Timestamp,
    path: &Path,
) -> Result<(), Failure> {
    file.check_applicable(account, now).map_err(|error| not_applicable(&error, path))
}

/// What is no plan at all is an error; what is one and may not be applied is refused.
fn not_applicable(error: &PlanFileError, path: &Path) -> Failure {
    let kind = match error.refusal() {
        Refusal::Usage => FailureKind::Error,
        Refusal::Guard => FailureKind::Refused,
    };
    Failure::caused(kind, error).of(path).hint(error.remedy())
}

/// The stacks of a saved plan's resources.
pub(super) fn stacks_of(file: &PlanFile) -> BTreeMap<Key, String> {
    file.fates.iter().filter_map(|line| Some((line.resource.clone(), line.stack.clone()?))).collect()
}

/// A plan narrowed to what is still eligible, as a plan of its own.
pub(super) struct NarrowedFile {
    pub file: PlanFile,
    pub left_out: Vec<LeftOut>,
    pub gone: usize,
    /// What is said of the steps of the plan that was narrowed.
    pub rulings: Rulings,
}

/// Judges again what a plan says, by a survey of now, and narrows it to what still holds. Nothing is ever added.
/// From here on the survey's verdicts are those of this judgement.
pub(super) fn narrow(
    saved: &PlanFile,
    touched: &Touched,
    survey: &mut Survey,
) -> Result<NarrowedFile, Failure> {
    let question = again::Question {
        file: saved,
        touched,
        fresh: &survey.inventory,
        selector: &survey.selector,
        now: survey.moment(survey.now),
        catalog: survey.catalog,
    };
    let anew = again::judged(question);
    let all = saved.steps.iter().map(|step| step.id).collect();
    let rulings = anew.rulings(question, &all);
    let left_out = anew.left_out(&survey.inventory);
    let gone = anew.narrowed.gone.len();
    survey.judgement = anew.judgement;
    let file = file(&anew.narrowed.plan, survey, Some(saved))?;
    Ok(NarrowedFile { file, left_out, gone, rulings })
}

/// Refuses to go on with a run whose plan was changed in its journal, is not sound, is for another
/// account, or is too old. What is left of an old run a new plan finds again.
pub(super) fn check_resumable(
    file: &PlanFile,
    account: &AccountId,
    now: Timestamp,
    path: &Path,
    catalog: Catalog,
) -> Result<(), Failure> {
    file.check_whole().map_err(|error| not_applicable(&error, path))?;
    check_applicable(file, account, now, path)?;
    check::check(&file.plan(), catalog, None).map_err(|faults| unsound(&faults))
}

/// The independent check that every plan passes before it is carried out.
pub(super) fn check(file: &PlanFile, survey: &Survey) -> Result<(), Failure> {
    check::check(&file.plan(), survey.catalog, Some(&survey.judgement.verdicts))
        .map_err(|faults| unsound(&faults))
}

fn unsound(faults: &[check::PlanFault]) -> Failure {
    let list: Vec<String> = faults.iter().map(ToString::to_string).collect();
    Failure::refused(format!("the plan does not pass its check: {}", list.join("; ")))
        .hint("nothing was called; this is a bug of this program: please report it with the plan")
}

/// Refuses a plan that goes beyond the policy's caps.
pub(super) fn caps(file: &PlanFile, policy: &Policy) -> Result<(), Failure> {
    caps::caps(&file.plan(), policy).map_err(|over| Failure::refused(over.to_string()).hint(over.remedy()))
}
