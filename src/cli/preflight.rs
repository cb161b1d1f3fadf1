//! `preflight`: reads the files of a deployment, asks the account what the checks need (`account`), and
//! prints their findings. Changes nothing.

mod account;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::args::{AwsArgs, SelectionArgs};
use super::context::Environment;
use super::core;
use super::deployments::{self, Folder};
use super::exit::Exit;
use super::failure::Failure;
use super::remedy;
use super::shell::{Shell, Surroundings};
use super::survey::{self, InventoryArgs};
use crate::deployment::pulumi_project::PulumiProject;
use crate::deployment::{Beside, Change, Deployment, Format, Item, pulumi_project};
use crate::inventory::Inventory;
use crate::model::{Region, quoted};
use crate::policy::{CallPolicy, Policy};
use crate::preflight::{self, CHECKS, CheckName, Facts, Finding, Outcome, Overall};
use crate::report::preflight::PreflightDocument;
use crate::report::{self, json, preflight_annotations, preflight_junit, preflight_markdown};
use crate::session::Backend;
use crate::states::{self, StackState};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum PreflightFormat {
    /// Grouped by outcome, for people
    #[default]
    Table,
    /// One document with a schema
    Json,
    /// For pull requests
    Markdown,
    /// For CI systems that show tests
    Junit,
}

#[derive(Debug, Args)]
#[command(after_help = after_help())]
pub(super) struct PreflightArgs {
    /// What is about to be deployed: Terraform plan JSON or `plan -json` log, Pulumi preview, CloudFormation template or change set, CDK folder; also a Pulumi.yaml
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The value of a template's parameter; repeatable
    #[arg(long, value_name = "KEY=VALUE")]
    parameter: Vec<String>,
    /// Only these checks, or all but these (`-names`); comma-joined
    #[arg(long, value_name = "LIST", value_delimiter = ',', allow_hyphen_values = true)]
    checks: Vec<String>,
    /// Let a warning end with 4 as well
    #[arg(long)]
    strict: bool,
    /// The form of the data on stdout
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t)]
    output: PreflightFormat,
    #[command(flatten)]
    selection: SelectionArgs,
    #[command(flatten)]
    aws: AwsArgs,
    #[command(flatten)]
    saved: InventoryArgs,
    /// A saved quota report (`quota -o json`) to take the limits from; needs --inventory
    #[arg(long, value_name = "FILE", requires = "inventory", help_heading = "AWS")]
    quotas: Option<PathBuf>,
}

/// What stands below the help: the checks, the exit codes and some examples.
fn after_help() -> String {
    let mut text = String::from("Checks:\n");
    for check in CHECKS {
        let lines = report::wrap(check.looks_at, 56);
        text.push_str(&format!("  {:<19} {}\n", check.name.word(), lines.join(&format!("\n{:22}", ""))));
    }
    text + "
Exit codes:
   0  nothing is in the way; warnings do not count without --strict
   1  an error: a file that cannot be read, another account, no credentials
   4  the deployment will fail of something else than quotas
   5  the deployment will fail of quotas alone
   6  cannot tell: nothing fails, and something could not be looked at
  64  the command line is not understood

Under GitHub Actions what is in the way is annotated too, and the step summary gets it as Markdown.

Examples:
  terraform show -json plan.bin > plan.json && aws-janitor preflight plan.json
  aws-janitor preflight preview.json --state .pulumi/stacks/shop/a1.json --region us-east-1
  aws-janitor preflight cdk.out --select stack=shop/attempt-1 --checks names,quotas
  aws-janitor preflight template.yaml --parameter Zones=3 --checks=-helm-order -o junit > preflight.xml"
}

/// What the files told.
struct Read {
    deployments: Vec<Deployment>,
    projects: Vec<PulumiProject>,
    states: Vec<StackState>,
}

/// What this call asks.
#[derive(Clone, Copy)]
struct PreflightCall<'a> {
    args: &'a PreflightArgs,
    call: &'a CallPolicy,
    read: &'a Read,
    chosen: &'a BTreeSet<CheckName>,
}

pub(super) async fn run(
    args: &PreflightArgs,
    shell: &Shell<'_>,
    backend: &dyn Backend,
) -> Result<Exit, Failure> {
    let chosen = preflight::choose(&args.checks).map_err(Failure::usage)?;
    let call = survey::policy(shell, &args.selection, &args.aws, Policy::default())?;
    let saved = args.saved.inventory.as_deref().map(core::read_inventory).transpose()?;
    let read = read(args, saved.as_ref(), shell.environment)?;
    // A plan that changes nothing asks nothing of the account.
    let changes = |item: &Item| item.change.makes() || item.change == Change::Update;
    let looks =
        read.deployments.iter().flat_map(|it| &it.items).any(changes) && chosen.iter().any(needs_account);
    let asked = PreflightCall { args, call: &call, read: &read, chosen: &chosen };
    let surroundings = Surroundings { shell, backend };
    let answers = match saved {
        _ if !looks => account::AccountAnswers::nothing(shell.environment.now),
        Some(inventory) => account::offline(asked, inventory, surroundings)?,
        None => account::online(asked, surroundings).await?,
    };
    let facts = Facts {
        flags: flags(args, &call),
        select: call.flags().select.clone(),
        ..account::facts(&answers, &read, shell.environment.now)
    };
    let findings = preflight::run(&read.deployments, &facts, &chosen, answers.quotas.clone());
    let exit = exit(&findings, args.strict);
    let document = PreflightDocument::new(answers.account.clone(), &read.deployments, findings, exit.code());
    tell(args.output, &document, shell)?;
    Ok(exit)
}

/// Checks that ask the account something.
const fn needs_account(check: &CheckName) -> bool {
    match check {
        CheckName::Region
        | CheckName::Quotas
        | CheckName::Names
        | CheckName::EksVersion
        | CheckName::AddonVersion
        | CheckName::ClusterAutoscaler
        | CheckName::AmiType => true,
        CheckName::Coverage
        | CheckName::StateLock
        | CheckName::NodeImage
        | CheckName::NodeRoutes
        | CheckName::SubnetAddresses
        | CheckName::EndpointAccess
        | CheckName::HelmOrder
        | CheckName::Tags
        | CheckName::ClusterSettings
        | CheckName::PulumiConfig => false,
    }
}

/// How it is to end. Quotas have a code of their own only where nothing else is in the way: a script that
/// frees some and tries again would try in vain.
fn exit(findings: &[Finding], strict: bool) -> Exit {
    let fails = || findings.iter().filter(|finding| finding.outcome == Outcome::Fail);
    match preflight::verdict(findings) {
        Overall::Fail if fails().all(|finding| finding.check == CheckName::Quotas) => Exit::Short,
        Overall::Fail => Exit::Refused,
        Overall::Unclear => Exit::Unclear,
        Overall::Warn if strict => Exit::Refused,
        Overall::Warn | Overall::Pass => Exit::Done,
    }
}

fn tell(format: PreflightFormat, document: &PreflightDocument, shell: &Shell<'_>) -> Result<(), Failure> {
    let text = match format {
        PreflightFormat::Table => report::preflight::text(document, shell.look),
        PreflightFormat::Json => json::text(document).map_err(|error| Failure::error(error.to_string()))?,
        PreflightFormat::Markdown => preflight_markdown::text(document),
        PreflightFormat::Junit => {
            preflight_junit::text(document).map_err(|error| Failure::error(error.to_string()))?
        }
    };
    shell.data(&text)?;
    if shell.wants_summary() {
        shell.summary(&preflight_markdown::text(document));
    }
    if shell.environment.variable("GITHUB_ACTIONS") == Some("true") {
        for line in preflight_annotations::lines(document) {
            shell.environment.err.command(&line);
        }
    }
    Ok(())
}

/// Reads all files, before anything is called.
fn read(args: &PreflightArgs, saved: Option<&Inventory>, environment: &Environment) -> Result<Read, Failure> {
    let parameters = deployments::parameters(&args.parameter)?;
    let (named, plans): (Vec<PathBuf>, Vec<PathBuf>) =
        args.files.iter().cloned().partition(|path| is_project(path));
    let deployments = deployments::read(&plans, fallback(&args.aws, saved, environment), &parameters)?;
    deployments::check_regions(&deployments, &args.aws.region)?;
    let mut projects = named;
    for (path, deployment) in plans.iter().filter_map(|path| Some((path, of(&deployments, path)?))) {
        if matches!(deployment.format, Format::PulumiPreview | Format::PulumiEvents) {
            let beside = PROJECTS.map(|name| path.with_file_name(name));
            projects.extend(beside.into_iter().find(|path| path.is_file()));
        }
    }
    projects.sort();
    projects.dedup();
    Ok(Read {
        deployments,
        projects: projects.iter().map(|path| project(path)).collect::<Result<_, _>>()?,
        states: args.selection.state.iter().map(|path| stack_state(path)).collect::<Result<_, _>>()?,
    })
}

fn of<'a>(deployments: &'a [Deployment], path: &Path) -> Option<&'a Deployment> {
    deployments.iter().find(|deployment| deployment.source == path.display().to_string())
}

/// The region for files that name none: the one that is named, or the only one of a saved scan, or the
/// environment's.
fn fallback(aws: &AwsArgs, saved: Option<&Inventory>, environment: &Environment) -> Option<Region> {
    match (aws.region.as_slice(), saved) {
        ([only], _) if only != "all" => Some(Region::new(only)),
        (_, Some(inventory)) if inventory.regions.len() == 1 => inventory.regions.first().cloned(),
        ([], None) => deployments::region_of_environment(environment),
        (_, _) => None,
    }
}

/// What Pulumi calls its project file.
const PROJECTS: [&str; 2] = ["Pulumi.yaml", "Pulumi.yml"];

fn is_project(path: &Path) -> bool {
    path.file_name().is_some_and(|name| PROJECTS.iter().any(|project| name == *project))
}

fn project(path: &Path) -> Result<PulumiProject, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| Failure::file("read", path, &error))?;
    let source = path.display().to_string();
    pulumi_project::read(&source, &text).map_err(|error| {
        Failure::error(format!("{source}: {error}")).hint("mend the file; `pulumi about` reads it as well")
    })
}

fn stack_state(path: &Path) -> Result<StackState, Failure> {
    if path.is_dir() {
        return Err(Failure::error(format!("{} is a folder, and preflight is of one stack", path.display()))
            .hint("name the file of that stack's state"));
    }
    let bytes = std::fs::read(path).map_err(|error| Failure::file("read", path, &error))?;
    let source = path.display().to_string();
    let beside = Folder::of(path);
    let beside: &dyn Beside = &beside;
    states::read(&source, &bytes, beside).map(|state| state.stack).map_err(|error| {
        Failure::error(format!("{source}: {error}")).hint(
            "name a file that `terraform state pull` or `pulumi stack export` writes, or leave --state away",
        )
    })
}

/// What `apply` needs to mean the same account and the same stacks. `--select` is the remedy's own.
fn flags(args: &PreflightArgs, call: &CallPolicy) -> String {
    let command = remedy::Command { policy: call, file: args.selection.policy.as_deref(), aws: &args.aws };
    command.repeated().iter().map(|word| format!(" {}", quoted(word))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exit_code_tells_quotas_alone_from_all_else() {
        let finding = |check, outcome| Finding { outcome, ..Finding::skipped(check, "x") };
        let fail = |check| finding(check, Outcome::Fail);
        let unclear = finding(CheckName::Tags, Outcome::Unclear);
        let warn = finding(CheckName::Tags, Outcome::Warn);
        assert_eq!(exit(&[fail(CheckName::Quotas), warn.clone(), unclear.clone()], false), Exit::Short);
        assert_eq!(exit(&[fail(CheckName::Quotas), fail(CheckName::Names)], false), Exit::Refused);
        assert_eq!(exit(&[unclear, warn.clone()], true), Exit::Unclear);
        assert_eq!(exit(std::slice::from_ref(&warn), true), Exit::Refused);
        assert_eq!(exit(&[warn], false), Exit::Done);
        assert_eq!(exit(&[], true), Exit::Done);
    }
}
