//! `quota`: looks at an account and its limits, adds up what files and `--need` ask for, and prints usage,
//! what is free, whether it fits and what is in the way.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::args::{AwsArgs, SelectionArgs};
use super::assess::{self, Allowed, Assessment};
use super::connect;
use super::context::Tty;
use super::deployments;
use super::exit::Exit;
use super::failure::Failure;
use super::needed;
use super::remedy::Command;
use super::shell::{Shell, Surroundings};
use super::survey::{self, Survey};
use crate::deployment::Deployment;
use crate::model::Region;
use crate::policy::Policy;
use crate::quota::{Answer, QuotaDocument};
use crate::report::quota_text::{self, Gauges, QuotaView};
use crate::report::{csv, json, jsonl, markdown};
use crate::session::Backend;

/// The form of the report on stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum QuotaFormat {
    /// Gauges on a terminal, numbers elsewhere
    #[default]
    Table,
    /// One document with a schema; `--quotas` reads it back
    Json,
    /// One line per quota and place
    Jsonl,
    /// For spreadsheets
    Csv,
    /// For pull requests
    Markdown,
}

#[derive(Debug, Args)]
#[command(
    after_help = "A need is NAME=NUMBER, or NAME@PLACE=NUMBER where PLACE is a region, a zone, or the id of a
VPC or cluster. NAMEs are those of the report's first column.

ORPHANS is how much of what is USED orphans hold; AFTER is what is FREE once the plan for the
selection was carried out. On a terminal the bars have ticks at 80 and 95 %.

Ends with 0 if it fits, 5 if a quota is short, 6 if nobody can tell.

Examples:
  aws-janitor quota --region us-east-1
  aws-janitor quota --need eip=3,vpc=1,nat-gateway@us-east-1a=1
  aws-janitor quota --need eip=3 --select 'tag:Project=shop,tag:EnvironmentSuffix=attempt-*'
  terraform show -json plan.bin > plan.json && aws-janitor quota --for plan.json
  pulumi preview --json > preview.json && aws-janitor quota --for preview.json --region us-east-1
  aws-janitor quota --for cdk.out
  aws-janitor quota --for template.yaml --parameter Zones=3 --region eu-west-1
  aws-janitor quota -o json > quotas.json && aws-janitor scan -o json > scan.json
  aws-janitor quota --inventory scan.json --quotas quotas.json --for plan.json    # works offline"
)]
pub(super) struct QuotaArgs {
    /// What is needed: NAME=NUMBER or NAME@PLACE=NUMBER, comma-joined; repeatable
    #[arg(long, value_name = "NEEDS", allow_hyphen_values = true)]
    need: Vec<String>,
    /// What is about to be deployed: a Terraform plan or plan log (JSON), a Pulumi preview (JSON), a
    /// CloudFormation template or change set, a cdk.out folder; repeatable
    #[arg(long = "for", value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The value of a template's parameter; repeatable
    #[arg(long, value_name = "KEY=VALUE")]
    parameter: Vec<String>,
    /// The form of the data on stdout
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t)]
    output: QuotaFormat,
    #[command(flatten)]
    selection: SelectionArgs,
    #[command(flatten)]
    aws: AwsArgs,
    /// A saved scan (`scan -o json`) to count in, instead of the account; needs --quotas
    #[arg(long, value_name = "FILE", requires = "quotas", help_heading = "AWS",
          conflicts_with_all = ["profile", "endpoint_url"])]
    inventory: Option<PathBuf>,
    /// A saved quota report (`quota -o json`) to take the limits from; needs --inventory
    #[arg(long, value_name = "FILE", requires = "inventory", help_heading = "AWS")]
    quotas: Option<PathBuf>,
}

pub(super) async fn run(args: &QuotaArgs, shell: &Shell<'_>, backend: &dyn Backend) -> Result<Exit, Failure> {
    let call = survey::policy(shell, &args.selection, &args.aws, Policy::default())?;
    let mut policy = call.whole().clone();
    let parameters = deployments::parameters(&args.parameter)?;
    let region = match args.inventory {
        None => deployments::region(&policy.regions, shell.environment),
        Some(_) => policy.regions.single().cloned(),
    };
    let deployments = deployments::read(&args.files, region, &parameters)?;
    deployments::check_regions(&deployments, &args.aws.region)?;
    // What was typed wrongly is told before anything is called; the regions are not known yet.
    needed::check(&args.need, backend.catalog())?;
    look_where_it_is_made(&mut policy, &deployments)?;
    let (survey, allowed) = look(args, policy, &deployments, Surroundings { shell, backend }).await?;
    let regions = meant(args, &survey);
    let needs = needed::all(&args.need, &regions, &survey, &deployments, &allowed)?;
    let command = Command { policy: &call, file: args.selection.policy.as_deref(), aws: &args.aws };
    let assessment = assess::assess(&survey, &allowed.limits, &needs, &deployments, &command)?;
    let exit = match assessment.report.answer {
        Answer::Fits => Exit::Done,
        Answer::Short => Exit::Short,
        Answer::Unknown => Exit::Unclear,
    };
    let document = assess::document(&survey, &allowed, &assessment, &deployments, exit.code());
    print(args, &survey, &assessment, &document, shell)?;
    Ok(exit)
}

/// What the account holds and is allowed, or what saved files tell of both.
async fn look(
    args: &QuotaArgs,
    policy: Policy,
    deployments: &[Deployment],
    Surroundings { shell, backend }: Surroundings<'_>,
) -> Result<(Survey, Allowed), Failure> {
    if let (Some(_), Some(quotas)) = (&args.inventory, &args.quotas) {
        let saved = args.inventory.as_deref();
        let (survey, _) = survey::survey(shell, backend, &args.aws, saved, policy).await?;
        refuse_unscanned(args, &survey)?;
        deployments::check_account(deployments, &survey.inventory.caller.account)?;
        let allowed = assess::saved_limits(quotas, &survey, shell)?;
        return Ok((survey, allowed));
    }
    let catalog = backend.catalog();
    let selector = survey::selector(&policy, &catalog)?;
    let place = connect::connect(shell, backend, &args.aws, &policy).await?;
    // Whose account it is, is known before much is called.
    deployments::check_account(deployments, &place.caller.account)?;
    let survey = survey::look(shell, &place, policy, selector, catalog).await?;
    let allowed = assess::ask_limits(&place, &survey, deployments, shell).await;
    Ok((survey, allowed))
}

/// Refuses a region that the saved scan does not hold: the answer would be that of another one.
fn refuse_unscanned(args: &QuotaArgs, survey: &Survey) -> Result<(), Failure> {
    let scanned = &survey.inventory.regions;
    let named = args.aws.region.iter().filter(|name| *name != "all").map(Region::new);
    match named.into_iter().find(|region| !scanned.contains(region)) {
        None => Ok(()),
        Some(region) => {
            let scanned: Vec<&str> = scanned.iter().map(Region::as_str).collect();
            Err(Failure::usage(format!("the saved scan is of {} and not of {region}", scanned.join(", ")))
                .hint(format!("save it anew with `aws-janitor scan --region {region} -o json > FILE`")))
        }
    }
}

/// The regions that a typed need may mean: those that are named, else all that were looked into.
fn meant(args: &QuotaArgs, survey: &Survey) -> BTreeSet<Region> {
    let looked_into = &survey.inventory.regions;
    let named = |region: &&Region| args.aws.region.iter().any(|name| name == region.as_str());
    let narrowed: BTreeSet<Region> = looked_into.iter().filter(named).cloned().collect();
    if narrowed.is_empty() { looked_into.clone() } else { narrowed }
}

/// Adds the regions in which the deployments make something to those that are looked at.
fn look_where_it_is_made(policy: &mut Policy, deployments: &[Deployment]) -> Result<(), Failure> {
    deployments::regions(deployments)?.into_iter().for_each(|region| policy.regions.add(region));
    Ok(())
}

fn print(
    args: &QuotaArgs,
    survey: &Survey,
    assessment: &Assessment,
    document: &QuotaDocument,
    shell: &Shell<'_>,
) -> Result<(), Failure> {
    let gauges = match shell.environment.out_tty {
        Tty::Terminal => Gauges::Bars,
        Tty::Elsewhere => Gauges::Numbers,
    };
    let selected = !survey.selector.is_empty();
    let asked = !args.need.is_empty() || !args.files.is_empty();
    let view = QuotaView { report: &assessment.report, document, selected, asked, gauges };
    let broken = |error: serde_json::Error| Failure::error(error.to_string());
    let text = match args.output {
        QuotaFormat::Table => quota_text::text(&view, shell.look),
        QuotaFormat::Json => json::text(document).map_err(broken)?,
        QuotaFormat::Jsonl => jsonl::lines(&document.quotas).map_err(broken)?,
        QuotaFormat::Csv => csv::quota(document),
        QuotaFormat::Markdown => markdown::quota(document),
    };
    shell.data(&text)?;
    if shell.wants_summary() {
        shell.summary(&markdown::quota(document));
    }
    Ok(())
}
