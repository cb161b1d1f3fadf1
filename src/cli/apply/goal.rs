//! `apply --for` and `--need`: takes the flags, the survey and its plan, and gives the run what it is to make room
//! for, or says that it fits already, that the plan does not free enough, or that nobody can tell.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;

use crate::cli::assess;
use crate::cli::connect::Place;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::shell::Shell;
use crate::cli::survey::Survey;
use crate::cli::{deployments, needed};
use crate::deployment::Deployment;
use crate::model::{Catalog, Key, Region};
use crate::plan::{Action, Fate, Plan, StepId};
use crate::quota::{Answer, Balance};
use crate::report::duration;
use crate::run::goal::{Goal, Want};

#[derive(Debug, Args)]
#[command(next_help_heading = "Making room")]
pub(super) struct GoalArgs {
    /// Make room for this first: NAME=NUMBER or NAME@PLACE=NUMBER, as in `quota`; repeatable
    #[arg(long, value_name = "NEEDS", allow_hyphen_values = true, conflicts_with_all = ["file", "resume"])]
    need: Vec<String>,
    /// Make room first for what this file deploys, as in `quota`; repeatable
    #[arg(long = "for", value_name = "FILE", conflicts_with_all = ["file", "resume"])]
    files: Vec<PathBuf>,
    /// The value of a template's parameter; repeatable
    #[arg(long, value_name = "KEY=VALUE", requires = "files")]
    parameter: Vec<String>,
    /// End once it fits, and leave the rest to `apply --resume`
    #[arg(long, conflicts_with_all = ["file", "resume"])]
    until_fits: bool,
}

/// What is asked for, as far as it is known before AWS is asked.
pub(super) struct Wish<'a> {
    args: &'a GoalArgs,
    deployments: Vec<Deployment>,
}

/// What follows for the run.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Aim {
    /// Nothing is asked for, or it need not be waited for.
    None,
    /// The run makes room for this.
    Room(Goal),
    /// The run need not begin, or must not, and the program ends so.
    End(Exit),
}

impl GoalArgs {
    /// Reads what is asked for; `None` if nothing is. What was typed wrongly is told before anything is called.
    pub fn wish(
        &self,
        region: Option<Region>,
        named: &[String],
        catalog: Catalog,
    ) -> Result<Option<Wish<'_>>, Failure> {
        if self.need.is_empty() && self.files.is_empty() {
            return match self.until_fits {
                true => Err(Failure::usage("--until-fits does not say what is to fit")
                    .hint("add --need eip=3, or --for FILE with what is about to be deployed")),
                false => Ok(None),
            };
        }
        needed::check(&self.need, catalog)?;
        let parameters = deployments::parameters(&self.parameter)?;
        let deployments = deployments::read(&self.files, region, &parameters)?;
        deployments::check_regions(&deployments, named)?;
        Ok(Some(Wish { args: self, deployments }))
    }
}

impl Wish<'_> {
    /// Asks AWS for its limits, and compares.
    pub async fn aim(
        &self,
        shell: &Shell<'_>,
        place: &Place,
        survey: &Survey,
        plan: &Plan,
    ) -> Result<Aim, Failure> {
        deployments::check_account(&self.deployments, &survey.inventory.caller.account)?;
        let allowed = assess::ask_limits(place, survey, &self.deployments, shell).await;
        let regions = &survey.inventory.regions;
        let needs = needed::all(&self.args.need, regions, survey, &self.deployments, &allowed)?;
        let report = assess::report(survey, Some(plan), &allowed.limits, &needs, &self.deployments);
        let until = self.args.until_fits;
        let short = |line: &&Balance| line.answer == Some(Answer::Short);
        let unknown: Vec<String> =
            report.lines.iter().filter(|it| it.answer == Some(Answer::Unknown)).map(of).collect();
        if report.answer == Answer::Fits {
            shell.say("It fits already.");
            return Ok(if until { Aim::End(Exit::Done) } else { Aim::None });
        }
        if !unknown.is_empty() || assess::is_open(&self.deployments) {
            let what =
                if unknown.is_empty() { "some of what is deployed".to_owned() } else { unknown.join(", ") };
            shell.warn(&format!("whether {what} fits cannot be told; `aws-janitor quota` says why"));
        }
        if !report.lines.iter().any(|line| short(&line)) {
            return Ok(if until { Aim::End(Exit::Unclear) } else { Aim::None });
        }
        let last = gone_by(plan);
        let wants: Vec<Want> = report.lines.iter().filter(short).map(|line| want(line, &last)).collect();
        let goal = Goal { wants, ends: until };
        if !goal.fits(|_| true) {
            for want in goal.wants.iter().filter(|want| !want.is_met(|_| true)) {
                let frees: u64 = want.frees.values().sum();
                shell.warn(&format!("{} {} is missing, and the plan frees {frees}", want.missing, want.of));
            }
            return Ok(if until { Aim::End(Exit::Short) } else { Aim::None });
        }
        let missing: Vec<String> =
            goal.wants.iter().map(|want| format!("{} {}", want.missing, want.of)).collect();
        shell.say(&format!(
            "Makes room first for {}: it fits after about {}.",
            missing.join(", "),
            duration(goal.expected(plan))
        ));
        Ok(Aim::Room(goal))
    }
}

fn of(line: &Balance) -> String {
    match line.place == line.region.as_str() {
        true => format!("{} in {}", line.quota.name, line.region),
        false => format!("{} in {} of {}", line.quota.name, line.place, line.region),
    }
}

/// What is missing of one quota, and what each step of the plan frees of it.
fn want(line: &Balance, gone_by: &BTreeMap<&Key, StepId>) -> Want {
    let mut frees: BTreeMap<StepId, u64> = BTreeMap::new();
    for (key, amount) in &line.used.freed_with {
        let Some(step) = gone_by.get(key) else { continue };
        let sum = frees.entry(*step).or_default();
        *sum = sum.saturating_add(*amount);
    }
    Want { of: of(line), missing: line.short_by(), frees }
}

/// The step at whose end each thing is gone: its own, or that of what carries it.
fn gone_by(plan: &Plan) -> BTreeMap<&Key, StepId> {
    let removing = plan.steps.iter().filter(|step| !matches!(step.action, Action::Cut(_)));
    let own: BTreeMap<&Key, StepId> = removing.map(|step| (&step.resource, step.id)).collect();
    let step_of = |key: &Key| {
        let mut key = key;
        // A chain of carriers is no longer than there are things.
        for _ in 0..=plan.fates.len() {
            match (own.get(key), plan.fates.get(key)) {
                (Some(step), _) => return Some(*step),
                (None, Some(Fate::Carried(carrier))) => key = carrier,
                (None, Some(Fate::Delete | Fate::Leaving | Fate::Kept(_)) | None) => return None,
            }
        }
        None
    };
    plan.fates.keys().filter_map(|key| Some((key, step_of(key)?))).collect()
}
