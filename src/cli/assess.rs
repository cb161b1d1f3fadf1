//! Whether needs fit into an account: takes a survey, limits and deployments from `quota` and `preflight`,
//! and gives them the report, the remedy and the document.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::SignedDuration;

use super::connect::Place;
use super::core;
use super::failure::Failure;
use super::remedy;
use super::shell::Shell;
use super::survey::Survey;
use crate::deployment::{Deployment, Weight};
use crate::kinds::is;
use crate::model::Position;
use crate::model::words::fact;
use crate::needs::{self, Known, Need};
use crate::plan::Plan;
use crate::quota::{self, Answer, Asked, DocumentParts, Limits, QuotaDocument, Report, Usage};

/// What AWS allows, and the sizes of the instance types that matter.
pub(super) struct Allowed {
    pub limits: Limits,
    pub vcpus: BTreeMap<String, u64>,
}

/// How much older than the scan a report may be and still be of the same moment.
const SAME_MOMENT: SignedDuration = SignedDuration::from_hours(1);

/// The limits of a saved report, which must be of the survey's account.
pub(super) fn saved_limits(path: &Path, survey: &Survey, shell: &Shell<'_>) -> Result<Allowed, Failure> {
    let account = &survey.inventory.caller.account;
    let text = std::fs::read_to_string(path).map_err(|error| Failure::file("read", path, &error))?;
    let saved = quota::read_back(&text)
        .map_err(|error| Failure::error(format!("{}: {error}", path.display())).hint(error.remedy()))?;
    if saved.account != *account {
        return Err(Failure::error(format!(
            "{} holds the limits of account {}, and the inventory is of account {account}",
            path.display(),
            saved.account
        ))
        .hint("name files of the same account"));
    }
    let mut limits = saved.limits;
    if survey.inventory.taken.duration_since(saved.taken) > SAME_MOMENT {
        shell.warn(&format!(
            "{} is older than the scan: the limits of {} are taken for today's",
            path.display(),
            saved.taken.strftime("%F %T UTC")
        ));
        raise(&mut limits, &usage(survey, None));
    }
    Ok(Allowed { limits, vcpus: saved.vcpus })
}

/// What AWS counted earlier goes before the scan's count only as long as it is not less.
fn raise(limits: &mut Limits, usage: &Usage) {
    for ((region, name), used) in &mut limits.used {
        let counted = usage.by_place.iter().filter(|(place, _)| {
            place.quota == name.as_str() && place.region == *region && place.name == region.as_str()
        });
        *used = counted.filter_map(|(_, it)| it.all).fold(*used, u64::max);
    }
}

/// Asks AWS for the limits of the survey's regions, and for the sizes of the instance types that the
/// deployments name.
pub(super) async fn ask_limits(
    place: &Place,
    survey: &Survey,
    deployments: &[Deployment],
    shell: &Shell<'_>,
) -> Allowed {
    let types = needs::instance_types(deployments);
    let sizes = async {
        let asked = types.iter().map(|(region, types)| place.session.vcpus(region, types));
        futures::future::join_all(asked).await
    };
    let (limits, answers) =
        futures::future::join(place.session.limits(&survey.inventory.regions), sizes).await;
    let mut vcpus = BTreeMap::new();
    for answer in answers {
        match answer {
            Ok(known) => vcpus.extend(known),
            Err(error) => shell.warn(&format!(
                "the sizes of the instance types could not be read, so that their vCPUs are not counted: {error}"
            )),
        }
    }
    for gap in &limits.gaps {
        let gap = format!("the quotas of {} in {} could not be read: {}", gap.service, gap.region, gap.error);
        shell.warn(&crate::report::plain(&gap));
    }
    if !limits.gaps.is_empty() {
        shell.say("`aws-janitor iam-policy --for quota` prints what has to be allowed");
    }
    Allowed { limits, vcpus }
}

/// The needs of deployments.
pub(super) fn needs_of(
    deployments: &[Deployment],
    survey: &Survey,
    allowed: &Allowed,
) -> Result<Vec<Need>, Failure> {
    let subnets = survey.inventory.resources.values().filter(|it| is(&it.key.kind, Position::Subnet));
    let zones: BTreeMap<String, String> =
        subnets.filter_map(|it| Some((it.key.id.to_string(), it.facts.get(fact::ZONE)?.clone()))).collect();
    let known = Known { vcpus: &allowed.vcpus, zones: &zones };
    needs::needs(deployments, known).map_err(|error| Failure::usage(error.to_string()).hint(error.remedy()))
}

/// Limits, usage and needs put together, with what would help.
pub(super) struct Assessment {
    pub report: Report,
    /// What is in the way, if something is short and orphans hold enough of it.
    pub remedy: Option<quota::Remedy>,
    /// What to ask AWS for instead.
    pub increases: Vec<quota::Increase>,
}

/// Assesses needs. `command` says how the user would apply a selection.
pub(super) fn assess(
    survey: &Survey,
    limits: &Limits,
    needs: &[Need],
    deployments: &[Deployment],
    command: &remedy::Command<'_>,
) -> Result<Assessment, Failure> {
    let plan = if survey.selector.is_empty() { None } else { Some(core::plan(survey)?.plan()) };
    let report = report(survey, plan.as_ref(), limits, needs, deployments);
    let remedy = match (report.answer, &plan) {
        (Answer::Short, Some(plan)) => remedy::remedy(survey, plan, &report, command),
        _ => None,
    };
    Ok(Assessment {
        increases: remedy::increases(&report, command, &survey.inventory.caller.arn),
        report,
        remedy,
    })
}

/// How needs stand to what is allowed and used, and to what a plan frees.
pub(super) fn report(
    survey: &Survey,
    plan: Option<&Plan>,
    limits: &Limits,
    needs: &[Need],
    deployments: &[Deployment],
) -> Report {
    let asked = match (is_open(deployments), needs.is_empty() && deployments.is_empty()) {
        (true, _) => Asked::Open,
        (false, true) => Asked::Usage,
        (false, false) => Asked::Whole,
    };
    quota::report(survey.catalog, limits, &usage(survey, plan), needs, asked)
}

/// Whether deployments make something of which nobody can tell how much.
pub(super) fn is_open(deployments: &[Deployment]) -> bool {
    deployments.iter().flat_map(|it| &it.uncounted).any(|it| it.weight == Weight::Open)
}

/// Usage, and what a plan frees of it.
pub(super) fn usage(survey: &Survey, plan: Option<&Plan>) -> Usage {
    quota::count(&survey.inventory, survey.catalog, &survey.judgement.verdicts, plan)
}

/// The document of an assessment.
pub(super) fn document(
    survey: &Survey,
    allowed: &Allowed,
    assessment: &Assessment,
    deployments: &[Deployment],
    exit_code: u8,
) -> QuotaDocument {
    QuotaDocument::new(DocumentParts {
        report: &assessment.report,
        limits: &allowed.limits,
        inventory: &survey.inventory,
        catalog: survey.catalog,
        uncounted: deployments
            .iter()
            .flat_map(|of| of.uncounted.iter().map(|it| (of.source.as_str(), it)))
            .collect(),
        remedy: assessment.remedy.clone(),
        increases: assessment.increases.clone(),
        vcpus: allowed.vcpus.clone(),
        exit_code,
    })
}
