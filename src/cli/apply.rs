//! `apply`: carries out a saved plan, or plans, shows, asks and applies; and goes on with a run that was cut short.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use clap::Args;

use super::args::{AwsArgs, Format, OutputArgs, SelectionArgs};
use super::connect::{self, Place};
use super::consent::{self, Consent};
use super::core;
use super::exit::Exit;
use super::failure::{Failure, FailureKind};
use super::progress::HEARTBEAT;
use super::run::{self, Diary, Ground, Order, Start};
use super::shell::Shell;
use super::survey::{self, Survey};
use super::trouble::trouble;
use crate::journal::{JournalWriter, RunSummary, State};
use crate::model::{KindName, Region};
use crate::plan::file::PlanFile;
use crate::policy::{Age, Policy, read_flag};
use crate::report::json;
use crate::report::plan_text::{self, PlanView};
use crate::run::Mode;
use crate::session::{Backend, ScanRequest};

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  aws-janitor apply --select tag:Project=shop,tag:EnvironmentSuffix=a1   # plans, shows, asks, applies
  aws-janitor apply leftovers.json --yes                                 # exactly the saved plan, or less
  aws-janitor apply leftovers.json --dry-run                             # no call that changes anything
  aws-janitor apply --policy janitor.toml --yes --max-deletes 50 --timeout 45m -o json
  aws-janitor apply --resume                                             # goes on with a run that was cut short")]
pub(super) struct ApplyArgs {
    /// A saved plan; without it: plans, shows, asks, applies
    file: Option<PathBuf>,
    #[command(flatten)]
    consent: ConsentArgs,
    #[command(flatten)]
    bounds: BoundArgs,
    #[command(flatten)]
    selection: SelectionArgs,
    #[command(flatten)]
    aws: AwsArgs,
    #[command(flatten)]
    output: OutputArgs,
    /// Go on with the run of this journal [default: the latest unfinished one of the account]
    #[arg(long, value_name = "JOURNAL", num_args = 0..=1, conflicts_with_all = ["file", "select", "policy", "journal"])]
    #[expect(
        clippy::option_option,
        reason = "absent, without a value, with a value: clap's own shape for it"
    )]
    resume: Option<Option<PathBuf>>,
    /// Write the journal to this file [default: in $XDG_STATE_HOME/aws-janitor/runs]
    #[arg(long, value_name = "FILE")]
    journal: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Consent")]
struct ConsentArgs {
    /// Agree to the deletion without being asked
    #[arg(short, long)]
    yes: bool,
    /// Rehearse: make no call that changes anything, not even tags
    #[arg(long, conflicts_with = "resume")]
    dry_run: bool,
    /// Ask EC2 whether each call would be allowed (its own DryRun); changes nothing
    #[arg(long, conflicts_with_all = ["dry_run", "resume"])]
    probe: bool,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Bounds")]
struct BoundArgs {
    /// Refuse a plan that deletes more than this
    #[arg(long, value_name = "N")]
    max_deletes: Option<u32>,
    /// Refuse a plan by which more than this of one kind would go, alone or along; repeatable
    #[arg(long, value_name = "KIND=N")]
    max_per_kind: Vec<String>,
    /// Start nothing new after this time: 45m, 2h
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    timeout: Option<String>,
}

pub(super) async fn run(args: &ApplyArgs, shell: &Shell<'_>, backend: &dyn Backend) -> Result<Exit, Failure> {
    let bounds = bounds(&args.bounds)?;
    match (&args.resume, &args.file) {
        (Some(journal), _) => resume(args, journal.as_deref(), bounds, shell, backend).await,
        (None, Some(file)) => saved(args, file, bounds, shell, backend).await,
        (None, None) => fresh(args, bounds, shell, backend).await,
    }
}

fn bounds(args: &BoundArgs) -> Result<Policy, Failure> {
    let timeout = args.timeout.as_deref().map(|text| read_flag("timeout", text)).transpose();
    let timeout = timeout.map_err(|error| Failure::usage(error.to_string()))?;
    let mut policy = Policy { max_deletes: args.max_deletes, timeout, ..Policy::default() };
    for entry in &args.max_per_kind {
        let parsed = entry.split_once('=').and_then(|(kind, number)| Some((kind, number.parse().ok()?)));
        let Some((kind, number)) = parsed else {
            return Err(
                Failure::usage(format!("`{entry}` is not KIND=N")).hint("such as --max-per-kind vpc=2")
            );
        };
        policy.max_per_kind.insert(KindName::new(kind), number);
    }
    Ok(policy)
}

impl ApplyArgs {
    const fn ground(&self) -> Ground {
        match (self.consent.dry_run, self.consent.probe) {
            (true, _) => Ground::Rehearsal,
            (false, true) => Ground::Probe,
            (false, false) => Ground::Real,
        }
    }

    const fn consent(&self) -> Consent {
        if self.consent.yes { Consent::Given } else { Consent::Wanted }
    }

    /// The file of a new run's journal.
    fn journal(&self, shell: &Shell<'_>, file: &PlanFile) -> Option<PathBuf> {
        match self.ground() {
            Ground::Rehearsal | Ground::Probe => None,
            Ground::Real => self.journal.clone().or_else(|| {
                let run = crate::journal::run_id(shell.environment.now, &file.digest);
                Some(shell.environment.journals()?.join(format!("{}-{run}.jsonl", file.account)))
            }),
        }
    }
}

/// Without a file: plan, show, ask, apply.
async fn fresh(
    args: &ApplyArgs,
    bounds: Policy,
    shell: &Shell<'_>,
    backend: &dyn Backend,
) -> Result<Exit, Failure> {
    let policy = survey::policy(&args.selection, &args.aws, bounds)?.into_whole();
    survey::require_selection(&survey::selector(&policy, &backend.catalog())?)?;
    let (survey, place) = survey::survey(shell, backend, &args.aws, None, policy).await?;
    let place = place.ok_or_else(|| Failure::error("there is no connection"))?;
    let file = core::plan(&survey)?;
    show(shell, &file, &survey, args.output.output)?;
    let trouble = trouble(&survey, Some(&file.plan()), shell);
    let start = Start { file, left_out: Vec::new(), unclear: trouble == Exit::Unclear };
    if start.file.steps.is_empty() {
        return nothing(args.output.output, shell, &start, &survey, trouble);
    }
    core::caps(&start.file, &survey.policy)?;
    begin(args, shell, &place, &survey, &start).await
}

/// A saved plan: what it says, less what changed since.
async fn saved(
    args: &ApplyArgs,
    path: &Path,
    bounds: Policy,
    shell: &Shell<'_>,
    backend: &dyn Backend,
) -> Result<Exit, Failure> {
    refuse_selection(&args.selection)?;
    let file = core::read_plan(path)?;
    let policy = file.policy.clone().merge(bounds).map_err(|error| Failure::usage(error.to_string()))?;
    let selector = survey::selector(&policy, &backend.catalog())?;
    core::caps(&file, &policy)?;
    refuse_regions(&args.aws, &file)?;
    core::check_applicable(&file, &file.account, shell.environment.now, path)?;
    refuse_account(&args.aws, &file)?;
    let aws = reaching(&args.aws, &file);
    let place = connect::connect(shell, backend, &aws, Some(file.account.as_str())).await?;
    let inventory = place.scan(shell, &request(&file)).await?;
    core::check_applicable(&file, &place.caller.account, shell.environment.now, path)?;
    let survey = Survey::of(inventory, policy, selector, backend.catalog(), place.when(shell))?;
    let narrowed = core::narrow(&file, &survey)?;
    show(shell, &narrowed.file, &survey, args.output.output)?;
    tell_left_out(shell, &narrowed);
    let start = Start { file: narrowed.file, left_out: narrowed.left_out, unclear: false };
    if start.file.steps.is_empty() {
        return nothing(args.output.output, shell, &start, &survey, Exit::Done);
    }
    begin(args, shell, &place, &survey, &start).await
}

/// A run that was cut short.
async fn resume(
    args: &ApplyArgs,
    journal: Option<&Path>,
    bounds: Policy,
    shell: &Shell<'_>,
    backend: &dyn Backend,
) -> Result<Exit, Failure> {
    refuse_selection(&args.selection)?;
    let known = journal.map(read_state).transpose()?;
    known.iter().try_for_each(|file| refuse_account(&args.aws, file))?;
    let aws = known.as_ref().map_or_else(|| args.aws.clone(), |file| reaching(&args.aws, file));
    let expected =
        known.as_ref().map(|file| file.account.as_str().to_owned()).or_else(|| args.aws.account.clone());
    let place = connect::connect(shell, backend, &aws, expected.as_deref()).await?;
    let path = match journal {
        Some(path) => path.to_owned(),
        None => latest(shell, &place)?,
    };
    let (writer, state) = JournalWriter::resume(&path).map_err(|error| run::journal(&error))?;
    if let Some(summary) = state.closed.as_ref().filter(|_| state.is_finished()) {
        return finished(args.output.output, shell, &path, &state, summary);
    }
    let file = state.plan.clone();
    let now = shell.environment.now;
    core::check_resumable(&file, &place.caller.account, now, &path, backend.catalog())?;
    shell.say(&format!(
        "Going on with {}: {} of {} steps are done",
        path.display(),
        state.done.len(),
        file.steps.len()
    ));
    let policy = file.policy.clone().merge(bounds).map_err(|error| Failure::usage(error.to_string()))?;
    let selector = survey::selector(&policy, &backend.catalog())?;
    let inventory = place.scan(shell, &request(&file)).await?;
    let survey = Survey::of(inventory, policy, selector, backend.catalog(), place.when(shell))?;
    let claimed = core::claimed(&file, &survey)?;
    consent::obtain(shell, args.consent(), &file.account)?;
    let order = Order {
        ground: Ground::Real,
        catalog: survey.catalog,
        claimed: &claimed,
        timeout: survey.policy.timeout.map(Age::duration),
        format: args.output.output,
        heartbeat: HEARTBEAT,
        journal: Some(path),
    };
    run::carry_out(shell, &place, Diary { record: Box::new(writer), state }, &order).await
}

fn read_state(path: &Path) -> Result<PlanFile, Failure> {
    let journal = crate::journal::read(path).map_err(|error| run::journal(&error))?;
    Ok(journal.state(path).map_err(|error| run::journal(&error))?.plan)
}

fn latest(shell: &Shell<'_>, place: &Place) -> Result<PathBuf, Failure> {
    let none = || {
        Failure::error(format!("no run in account {} was cut short", place.caller.account))
            .hint("name the journal with --resume FILE, or start a run with `aws-janitor apply`")
    };
    let folder = shell.environment.journals().ok_or_else(none)?;
    let found = crate::journal::latest_unfinished(&folder, &place.caller.account);
    found.map_err(|error| run::journal(&error))?.ok_or_else(none)
}

/// Consent, the plan's own check, the journal, the run.
async fn begin(
    args: &ApplyArgs,
    shell: &Shell<'_>,
    place: &Place,
    survey: &Survey,
    start: &Start,
) -> Result<Exit, Failure> {
    let ground = args.ground();
    core::check(&start.file, survey)?;
    match ground {
        Ground::Real => consent::obtain(shell, args.consent(), &start.file.account)?,
        Ground::Rehearsal | Ground::Probe => {}
    }
    let path = args.journal(shell, &start.file);
    let diary = run::open(ground, path.as_deref(), &start.line(shell.environment.now))?;
    if let Some(path) = &path {
        shell.say(&format!("Journal {}", path.display()));
    }
    let order = Order {
        ground,
        catalog: survey.catalog,
        claimed: &BTreeMap::new(),
        timeout: survey.policy.timeout.map(Age::duration),
        format: args.output.output,
        heartbeat: HEARTBEAT,
        journal: path,
    };
    run::carry_out(shell, place, diary, &order).await
}

/// A saved plan brings its own policy: flags that select would change what was reviewed.
fn refuse_selection(selection: &SelectionArgs) -> Result<(), Failure> {
    let named = !selection.select.is_empty()
        || !selection.protect.is_empty()
        || !selection.stack_key.is_empty()
        || !selection.abandoned.is_empty()
        || !selection.with_data.is_empty()
        || selection.older_than.is_some()
        || selection.policy.is_some();
    if named {
        return Err(Failure::usage("a saved plan is judged by the policy it was made with")
            .hint("leave the selection flags away, or make a new plan with them"));
    }
    Ok(())
}

fn refuse_regions(aws: &AwsArgs, file: &PlanFile) -> Result<(), Failure> {
    let planned: Vec<&str> = file.regions.iter().map(Region::as_str).collect();
    match aws.region.iter().find(|name| *name != "all" && !planned.contains(&name.as_str())) {
        Some(other) => {
            Err(Failure::refused(format!("the plan is for {} and not for {other}", planned.join(", ")))
                .hint("leave --region away, or make a plan for that region"))
        }
        None => Ok(()),
    }
}

/// An account that is named is a guard of its own, beside the plan's.
fn refuse_account(aws: &AwsArgs, file: &PlanFile) -> Result<(), Failure> {
    match aws.account.as_deref().filter(|named| *named != file.account.as_str()) {
        Some(other) => {
            Err(Failure::refused(format!("the plan is for account {} and not for {other}", file.account))
                .hint("leave --account away, or make a plan for that account"))
        }
        None => Ok(()),
    }
}

/// The flags, with the plan's own regions and account where none are named.
fn reaching(aws: &AwsArgs, file: &PlanFile) -> AwsArgs {
    let mut aws = aws.clone();
    if aws.region.is_empty() {
        aws.region = file.regions.iter().map(|region| region.as_str().to_owned()).collect();
    }
    aws
}

fn request(file: &PlanFile) -> ScanRequest {
    ScanRequest { regions: file.regions.clone(), kinds: file.kinds.clone() }
}

/// Shows the plan: as data where people read it, else on stderr in one line.
fn show(shell: &Shell<'_>, file: &PlanFile, survey: &Survey, format: Format) -> Result<(), Failure> {
    let scan = survey.view();
    let stacks = survey.stack_of();
    let view =
        PlanView { file, stacks: &stacks, scan: Some(&scan), catalog: &survey.catalog, now: survey.now };
    match format {
        Format::Table | Format::Tree => shell.data(&(super::plan::text(&view, format, shell)? + "\n")),
        Format::Json | Format::Jsonl | Format::Csv | Format::Markdown => {
            shell.say(&plan_text::count_line(file));
            Ok(())
        }
    }
}

fn tell_left_out(shell: &Shell<'_>, narrowed: &core::NarrowedFile) {
    if narrowed.gone > 0 {
        shell.say(&format!(
            "Gone already: {} of the saved plan",
            crate::report::count(narrowed.gone, "resource")
        ));
    }
    let mut told = BTreeSet::new();
    for left in &narrowed.left_out {
        if told.insert((&left.resource, &left.why)) {
            shell.warn(&format!("left out: {}: {}", left.resource, left.why));
        }
    }
}

/// Nothing is to be done: scripts still get their document.
fn nothing(
    format: Format,
    shell: &Shell<'_>,
    start: &Start,
    survey: &Survey,
    trouble: Exit,
) -> Result<Exit, Failure> {
    let state = run::opened(&start.line(shell.environment.now))?;
    let summary = crate::run::summary(&start.file.plan(), &survey.catalog, &state, Mode::Apply);
    let exit = if trouble == Exit::Refused { trouble } else { summary.ending().into() };
    match format {
        Format::Json => document(shell, &start.file, &summary, None, exit)?,
        Format::Table | Format::Tree | Format::Jsonl | Format::Csv | Format::Markdown => {
            shell.say("Nothing to delete.");
        }
    }
    Ok(exit)
}

/// A run that came to its end: whoever was killed before hearing of it hears of it now.
fn finished(
    format: Format,
    shell: &Shell<'_>,
    path: &Path,
    state: &State,
    summary: &RunSummary,
) -> Result<Exit, Failure> {
    shell.say(&format!("The run of {} is finished; there is nothing to go on with.", path.display()));
    let exit = summary.ending().into();
    match format {
        Format::Json => document(shell, &state.plan, summary, Some(path), exit)?,
        Format::Table | Format::Tree | Format::Jsonl | Format::Csv | Format::Markdown => {}
    }
    Ok(exit)
}

/// The document of a run that nobody watched.
fn document(
    shell: &Shell<'_>,
    file: &PlanFile,
    summary: &RunSummary,
    journal: Option<&Path>,
    exit: Exit,
) -> Result<(), Failure> {
    let journal = journal.map(|path| path.display().to_string());
    let text = json::line(&json::RunDocument::new(file, summary, journal, exit.code()));
    shell.data(&text.map_err(|error| Failure::caused(FailureKind::Error, &error))?)
}
