//! The seam to the pure parts: the one place where commands judge, plan, read and check.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;

use super::failure::{Failure, FailureKind};
use super::survey::Survey;
use crate::inventory::Inventory;
use crate::judge::ScanDocument;
use crate::model::{AccountId, Catalog, Key, KindName, Life, Verdict};
use crate::plan::file::{PlanFile, PlanFileError, Refusal, Sources};
use crate::plan::narrow::LeftOut;
use crate::plan::{Action, Fate, Plan, check, narrow, planner};
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
    let plan = planner::plan(
        &survey.inventory,
        survey.catalog,
        &survey.judgement.verdicts,
        &survey.policy.with_data,
    );
    file(&plan, survey)
}

fn file(plan: &Plan, survey: &Survey) -> Result<PlanFile, Failure> {
    let sources = Sources {
        plan,
        inventory: &survey.inventory,
        verdicts: &survey.judgement.verdicts,
        policy: &survey.policy,
        catalog: survey.catalog,
        tool_version: env!("CARGO_PKG_VERSION"),
        now: survey.now,
        valid_for: VALID_FOR,
    };
    PlanFile::new(sources).map_err(|error| Failure::error(format!("cannot write the plan: {error}")))
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

/// A saved plan narrowed to what is still eligible, as a plan of its own.
pub(super) struct Narrowed {
    pub file: PlanFile,
    pub left_out: Vec<LeftOut>,
    pub gone: usize,
}

/// Narrows a saved plan to what a fresh scan still allows. Nothing is ever added.
pub(super) fn narrow(saved: &PlanFile, survey: &Survey) -> Result<Narrowed, Failure> {
    let narrowed = narrow::narrow(saved, &survey.inventory, &survey.judgement.verdicts, survey.catalog);
    let file = file(&narrowed.plan, survey)?;
    // What AWS is removing by now goes as it was meant to, without a call of ours.
    let leaving = |key: &Key| {
        survey.inventory.resources.get(key).is_some_and(|resource| resource.life == Life::Leaving)
    };
    let left_out = narrowed.left_out.into_iter().filter(|left| !leaving(&left.resource)).collect();
    Ok(Narrowed { file, left_out, gone: narrowed.gone.len() })
}

/// Refuses to go on with a run whose plan was changed in its journal, is not sound, is for another
/// account, or is too old. What is left of an old run a new plan finds again.
pub(super) fn check_resumable(
    file: &PlanFile,
    account: &AccountId,
    (now, path): (Timestamp, &Path),
    catalog: Catalog,
) -> Result<(), Failure> {
    file.check_whole().map_err(|error| not_applicable(&error, path))?;
    check_applicable(file, account, now, path)?;
    check::check(&file.plan(), catalog, None).map_err(|faults| unsound(&faults))
}

/// What of a run that was cut short must not be touched any more, and why.
///
/// Only what speaks *for* somebody counts here: protection, an owner or user that stays, a stranger in the
/// VPC, something that cannot be told any more. That a thing is not selected any more does not: what selected
/// it (its cluster, its VPC) may be gone by this very run. Nor do ages, which the plan has judged already and
/// which may hang on what is gone. That it is still the one that was planned, the run checks before each call.
pub(super) fn claimed(file: &PlanFile, survey: &Survey) -> Result<BTreeMap<Key, String>, Failure> {
    let ageless = Policy { older_than: None, ..survey.policy.clone() };
    let selector = super::survey::selector(&ageless, &survey.catalog)?;
    // What lingers of its own accord after what carried it has gone is nobody's, and no stranger.
    let mut inventory = survey.inventory.clone();
    for line in &file.fates {
        if matches!(line.fate, Fate::Carried(_) | Fate::Leaving) {
            inventory.resources.remove(&line.resource);
        }
    }
    let without = crate::judge::judge(&inventory, &selector, survey.now).verdicts;
    let claims = |key: &Key| {
        let now = survey.judgement.verdicts.get(key).filter(|judged| match judged.verdict {
            Verdict::Protected | Verdict::Active => true,
            Verdict::TooYoung | Verdict::Foreign | Verdict::Uncertain | Verdict::Orphan => false,
        });
        let ageless = || {
            without.get(key).filter(|judged| match judged.verdict {
                Verdict::Protected | Verdict::Active | Verdict::Uncertain => true,
                Verdict::TooYoung | Verdict::Foreign | Verdict::Orphan => false,
            })
        };
        Some(now.or_else(ageless)?.evidence.first().cloned().unwrap_or_default())
    };
    Ok(file.resources.iter().filter_map(|it| Some((it.key.clone(), claims(&it.key)?))).collect())
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

/// Whether the plan stays within the policy's caps.
///
/// The cap on all counts what is deleted by a call, the number that the plan's last line tells. A cap on a
/// kind counts also what goes along with something else: who allows two instances does not mean the ten of
/// a node group.
pub(super) fn caps(file: &PlanFile, policy: &Policy) -> Result<(), Failure> {
    let mut by_kind: BTreeMap<&KindName, u32> = BTreeMap::new();
    for line in file.fates.iter().filter(|line| matches!(line.fate, Fate::Delete | Fate::Carried(_))) {
        *by_kind.entry(&line.resource.kind).or_default() += 1;
    }
    let deletes = file.steps.iter().filter(|step| step.action == Action::Delete).count();
    let all = u32::try_from(deletes).unwrap_or(u32::MAX);
    if let Some(most) = policy.max_deletes.filter(|most| all > *most) {
        return Err(Failure::refused(format!(
            "the plan deletes {all} resources, and at most {most} are allowed"
        ))
        .hint("look at the plan; then raise --max-deletes (or max-deletes in the policy), or select less"));
    }
    for (kind, number) in by_kind {
        if let Some(most) = policy.max_per_kind.get(kind).filter(|most| number > **most) {
            return Err(Failure::refused(format!(
                "{number} of kind {kind} would go, and at most {most} are allowed"
            ))
            .hint(format!("look at the plan; then raise --max-per-kind {kind}=N, or select less")));
        }
    }
    Ok(())
}
