//! `preflight`: everything that can be known before a deploy. Changes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use jiff::Timestamp;

use super::args::{AwsArgs, SelectionArgs};
use super::assess::{self, Allowed};
use super::backend::{Backend, ScanRequest};
use super::core;
use super::deployments::{self, Folder};
use super::exit::Exit;
use super::failure::Failure;
use super::remedy;
use super::shell::Shell;
use super::survey::{self, InventoryArgs, Place, Survey, When};
use crate::deployment::{Beside, Change, Deployment, Format, Item, pulumi_project, state};
use crate::inventory::{Caller, Inventory};
use crate::judge::Judgement;
use crate::model::{AccountId, Region, Verdicts};
use crate::policy::Policy;
use crate::preflight::facts::{PulumiProject, StackState};
use crate::preflight::finding::quoted;
use crate::preflight::{self, CHECKS, CheckName, EksSupport, Facts, Finding, Outcome, Verdict, checks};
use crate::quota::Limits;
use crate::report::preflight::PreflightDocument;
use crate::report::{self, json, preflight_annotations, preflight_junit, preflight_markdown};
use crate::run::cloud::CloudError;

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
    /// A state of the stack, or a copy of one: is it locked, was something not finished? Repeatable
    #[arg(long, value_name = "PATH")]
    state: Vec<PathBuf>,
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
        text.push_str(&format!("  {:<19} {}\n", check.name.word(), check.looks_at));
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
  aws-janitor preflight cdk.out --select tag:Project=shop --checks names,quotas
  aws-janitor preflight template.yaml --parameter Zones=3 --checks=-helm-order -o junit > preflight.xml"
}

/// What the files told.
struct Read {
    deployments: Vec<Deployment>,
    projects: Vec<PulumiProject>,
    states: Vec<StackState>,
}

/// What the account told.
struct Seen {
    account: Option<AccountId>,
    inventory: Inventory,
    judgement: Judgement,
    regions: Result<BTreeMap<Region, bool>, String>,
    eks: BTreeMap<Region, Result<EksSupport, String>>,
    aliases: BTreeMap<Region, Result<BTreeSet<String>, String>>,
    quotas: Vec<Finding>,
}

pub(super) async fn run(
    args: &PreflightArgs,
    shell: &Shell<'_>,
    backend: &dyn Backend,
) -> Result<Exit, Failure> {
    let chosen = preflight::choose(&args.checks).map_err(Failure::usage)?;
    let policy = survey::policy(&args.selection, &args.aws, Policy::default())?;
    let saved = args.saved.inventory.as_deref().map(core::read_inventory).transpose()?;
    let read = read(args, saved.as_ref())?;
    // A plan that changes nothing asks nothing of the account.
    let changes = |item: &Item| item.change.makes() || item.change == Change::Update;
    let looks =
        read.deployments.iter().flat_map(|it| &it.items).any(changes) && chosen.iter().any(needs_account);
    let seen = match saved {
        _ if !looks => Seen::nothing(shell.environment.now),
        Some(inventory) => offline(args, inventory, policy, (shell, backend), (&read, &chosen))?,
        None => online(args, policy, (shell, backend), &read, &chosen).await?,
    };
    let facts = Facts { flags: flags(args), ..facts(&seen, &read, shell.environment.now) };
    let findings = preflight::run(&read.deployments, &facts, &chosen, seen.quotas.clone());
    let exit = exit(&findings, args.strict);
    let document = PreflightDocument::new(seen.account.clone(), &read.deployments, findings, exit.code());
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
        | CheckName::ClusterAutoscaler => true,
        CheckName::Coverage
        | CheckName::StateLock
        | CheckName::NodeImage
        | CheckName::HelmOrder
        | CheckName::Tags
        | CheckName::PulumiConfig => false,
    }
}

/// How it is to end. Quotas have a code of their own only where nothing else is in the way: a script that
/// frees some and tries again would try in vain.
fn exit(findings: &[Finding], strict: bool) -> Exit {
    let fails = || findings.iter().filter(|finding| finding.outcome == Outcome::Fail);
    match preflight::verdict(findings) {
        Verdict::Fail if fails().all(|finding| finding.check == CheckName::Quotas) => Exit::Short,
        Verdict::Fail => Exit::Refused,
        Verdict::Unclear => Exit::Unclear,
        Verdict::Warn if strict => Exit::Refused,
        Verdict::Warn | Verdict::Pass => Exit::Done,
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
            shell.environment.err.say(&line);
        }
    }
    Ok(())
}

/// Reads all files, before anything is called.
fn read(args: &PreflightArgs, saved: Option<&Inventory>) -> Result<Read, Failure> {
    let parameters = deployments::parameters(&args.parameter)?;
    let (named, plans): (Vec<PathBuf>, Vec<PathBuf>) =
        args.files.iter().cloned().partition(|path| is_project(path));
    let deployments = deployments::read(&plans, fallback(&args.aws, saved), &parameters)?;
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
        states: args.state.iter().map(|path| stack_state(path)).collect::<Result<_, _>>()?,
    })
}

fn of<'a>(deployments: &'a [Deployment], path: &Path) -> Option<&'a Deployment> {
    deployments.iter().find(|deployment| deployment.source == path.display().to_string())
}

/// The region for files that name none: the one that is named, or the only one of a saved scan.
fn fallback(aws: &AwsArgs, saved: Option<&Inventory>) -> Option<Region> {
    match (aws.region.as_slice(), saved) {
        ([only], _) if only != "all" => Some(Region::new(only)),
        (_, Some(inventory)) if inventory.regions.len() == 1 => inventory.regions.first().cloned(),
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
    let bytes = std::fs::read(path).map_err(|error| Failure::file("read", path, &error))?;
    let source = path.display().to_string();
    let beside = Folder::of(path);
    let beside: &dyn Beside = &beside;
    state::read(&source, &bytes, beside).map_err(|error| {
        Failure::error(format!("{source}: {error}")).hint(
            "name a file that `terraform state pull` or `pulumi stack export` writes, or leave --state away",
        )
    })
}

/// Why a saved scan does not tell it.
const OFFLINE: &str = "a saved scan does not tell it";

fn offline(
    args: &PreflightArgs,
    inventory: Inventory,
    policy: Policy,
    (shell, backend): (&Shell<'_>, &dyn Backend),
    (read, chosen): (&Read, &BTreeSet<CheckName>),
) -> Result<Seen, Failure> {
    let regions = deployments::regions(&read.deployments)?;
    deployments::check_account(&read.deployments, &inventory.caller.account)?;
    let catalog = backend.catalog();
    let selector = survey::selector(&policy, &catalog)?;
    let when = When { now: shell.environment.now, clock_speed: 1.0 };
    let survey = Survey::of(inventory, policy, selector, catalog, when)?;
    // Without a saved report no limit is known, and nothing fits.
    let allowed = match &args.quotas {
        Some(path) => assess::saved_limits(path, &survey.inventory.caller.account)?,
        None => Allowed { limits: Limits::default(), vcpus: BTreeMap::new() },
    };
    Ok(Seen {
        quotas: quotas(args, &survey, &allowed, (read, chosen))?,
        account: Some(survey.inventory.caller.account.clone()),
        regions: read_regions(&survey.inventory, &regions),
        inventory: survey.inventory,
        judgement: survey.judgement,
        eks: regions.iter().map(|region| (region.clone(), Err(OFFLINE.to_owned()))).collect(),
        aliases: regions.iter().map(|region| (region.clone(), Err(OFFLINE.to_owned()))).collect(),
    })
}

/// A region that a scan could read is enabled; of others a saved scan tells nothing.
fn read_regions(inventory: &Inventory, meant: &BTreeSet<Region>) -> Result<BTreeMap<Region, bool>, String> {
    let refuses = |region: &Region| {
        inventory.gaps.iter().any(|gap| gap.region == *region && gap.is_of_refusing_region())
    };
    if meant.iter().any(|region| !inventory.regions.contains(region) || refuses(region)) {
        return Err(OFFLINE.to_owned());
    }
    Ok(meant.iter().map(|region| (region.clone(), true)).collect())
}

async fn online(
    args: &PreflightArgs,
    policy: Policy,
    (shell, backend): (&Shell<'_>, &dyn Backend),
    read: &Read,
    chosen: &BTreeSet<CheckName>,
) -> Result<Seen, Failure> {
    // What is wrong with files and policy is told before anything is called.
    let meant = deployments::regions(&read.deployments)?;
    let catalog = backend.catalog();
    let selector = survey::selector(&policy, &catalog)?;
    let aws = in_partition(&args.aws, &meant);
    let place = survey::connect(shell, backend, &aws, policy.account.as_deref()).await?;
    deployments::check_account(&read.deployments, &place.caller.account)?;
    let regions = regions(&place).await;
    // A region that does not exist or is not enabled is the check's to tell, and not read.
    let open = |region: &&Region| regions.as_ref().map_or(true, |known| known.get(region) == Some(&true));
    let mut looked_at: BTreeSet<Region> = meant.iter().filter(open).cloned().collect();
    if meant.is_empty() && !policy.regions.is_empty() {
        looked_at = place.regions(&policy).await?;
    } else if meant.is_empty() {
        // What belongs to no region can be read without one; with one, stacks are seen more wholly.
        looked_at.extend(place.session.default_region());
    }
    let request = ScanRequest {
        regions: looked_at.clone(),
        kinds: catalog.iter().map(crate::model::KindSpec::kind).collect(),
    };
    let inventory = place.scan(shell, &request).await?;
    let survey = Survey::of(inventory, policy, selector, catalog, place.when(shell))?;
    let quotas = if chosen.contains(&CheckName::Quotas) {
        let allowed = assess::ask_limits(&place, &survey, &read.deployments, shell).await;
        quotas(args, &survey, &allowed, (read, chosen))?
    } else {
        Vec::new()
    };
    let mut seen = Seen {
        quotas,
        account: Some(place.caller.account.clone()),
        inventory: survey.inventory,
        judgement: survey.judgement,
        regions,
        eks: BTreeMap::new(),
        aliases: BTreeMap::new(),
    };
    ask(&place, &mut seen, (read, &looked_at), (chosen, shell)).await;
    Ok(seen)
}

/// The flags, with a region where that alone tells the partition: China and GovCloud have credentials of
/// their own, which are good nowhere else.
fn in_partition(aws: &AwsArgs, meant: &BTreeSet<Region>) -> AwsArgs {
    let mut aws = aws.clone();
    let apart = |region: &&Region| ["cn-", "us-gov-"].iter().any(|it| region.as_str().starts_with(it));
    if aws.region.is_empty() {
        aws.region.extend(meant.iter().find(apart).map(ToString::to_string));
    }
    aws
}

/// What the quotas say to the deployments, if that was asked.
fn quotas(
    args: &PreflightArgs,
    survey: &Survey,
    allowed: &Allowed,
    (read, chosen): (&Read, &BTreeSet<CheckName>),
) -> Result<Vec<Finding>, Failure> {
    if !chosen.contains(&CheckName::Quotas) {
        return Ok(Vec::new());
    }
    let needs = assess::needs_of(&read.deployments, survey, allowed)?;
    let command = remedy::Command { selection: &args.selection, aws: &args.aws };
    let assessed = assess::assess(survey, &allowed.limits, &needs, &read.deployments, &command)?;
    let (report, remedy) = (&assessed.report, assessed.remedy.as_ref());
    Ok(checks::quotas::findings(report, remedy, &assessed.increases, &read.deployments))
}

/// The regions there are, with whether they are enabled.
async fn regions(place: &Place) -> Result<BTreeMap<Region, bool>, String> {
    let known = place.session.known_regions().await.map_err(|error| said(&error))?;
    let enabled = place.session.enabled_regions().await.map_err(|error| said(&error))?;
    // What is enabled exists, whatever the other call says.
    let all: BTreeSet<Region> = known.union(&enabled).cloned().collect();
    Ok(all.into_iter().map(|region| (region.clone(), enabled.contains(&region))).collect())
}

/// Asks what the chosen checks need. Add-ons of clusters that name no version are asked for in a second
/// round, once the default is known.
async fn ask(
    place: &Place,
    seen: &mut Seen,
    (read, looked_at): (&Read, &BTreeSet<Region>),
    (chosen, shell): (&BTreeSet<CheckName>, &Shell<'_>),
) {
    let now = shell.environment.now;
    let mut asked: BTreeMap<Region, BTreeSet<(String, String)>> = BTreeMap::new();
    for _ in 0..2 {
        let questions = preflight::questions(&read.deployments, &facts(seen, read, now), chosen);
        for (region, addons) in questions.eks {
            if looked_at.contains(&region) && asked.get(&region).is_none_or(|known| !addons.is_subset(known))
            {
                let support = support(place, &region, &addons, shell).await;
                seen.eks.insert(region.clone(), support);
                asked.insert(region, addons);
            }
        }
    }
    let questions = preflight::questions(&read.deployments, &facts(seen, read, now), chosen);
    for region in questions.aliases.intersection(looked_at) {
        let aliases = place.session.kms_aliases(region).await.map_err(|error| said(&error));
        seen.aliases.insert(region.clone(), aliases);
    }
}

/// What EKS supports. Where add-ons may not be asked for, Kubernetes versions may.
async fn support(
    place: &Place,
    region: &Region,
    addons: &BTreeSet<(String, String)>,
    shell: &Shell<'_>,
) -> Result<EksSupport, String> {
    let error = match place.session.eks_support(region, addons).await {
        Ok(support) => return Ok(support),
        Err(error) => said(&error),
    };
    if addons.is_empty() {
        return Err(error);
    }
    let without = place.session.eks_support(region, &BTreeSet::new()).await.map_err(|_| error.clone())?;
    shell.warn(&format!("which add-on versions EKS has in {region} could not be read: {error}"));
    Ok(without)
}

/// An answer of the cloud as a finding tells it.
fn said(error: &CloudError) -> String {
    format!("{} answered {}: {}", error.api, error.code, error.message)
}

fn facts<'a>(seen: &'a Seen, read: &Read, now: Timestamp) -> Facts<'a> {
    Facts {
        now,
        inventory: &seen.inventory,
        judgement: &seen.judgement,
        eks: seen.eks.clone(),
        aliases: seen.aliases.clone(),
        regions: seen.regions.clone(),
        projects: read.projects.clone(),
        states: read.states.clone(),
        flags: String::new(),
    }
}

/// What `apply` needs to mean the same account and the same stacks. `--select` is the remedy's own.
fn flags(args: &PreflightArgs) -> String {
    let command = remedy::Command { selection: &args.selection, aws: &args.aws };
    command.repeated().iter().map(|word| format!(" {}", quoted(word))).collect()
}

impl Seen {
    /// Nobody looked: no kind was read, so that no check could mistake it for an empty account.
    fn nothing(now: Timestamp) -> Self {
        let caller = Caller { account: AccountId::new(""), alias: None, arn: String::new() };
        Self {
            account: None,
            inventory: Inventory {
                caller,
                taken: now,
                regions: BTreeSet::new(),
                kinds: BTreeSet::new(),
                resources: BTreeMap::new(),
                gaps: BTreeSet::new(),
            },
            judgement: Judgement { verdicts: Verdicts::new(), stacks: Vec::new() },
            regions: Err("nobody looked".to_owned()),
            quotas: Vec::new(),
            eks: BTreeMap::new(),
            aliases: BTreeMap::new(),
        }
    }
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
