//! `apply`: takes the flags, hands a saved plan to `saved` and a journal to `resume`, and without either plans
//! what a survey found, shows it and asks. All of them give what is to be carried out to `run`.

mod goal;
mod resume;
mod saved;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;

use super::args::{AwsArgs, Format, OutputArgs, SelectionArgs};
use super::connect::{Place, When};
use super::consent::{self, Consent};
use super::core;
use super::deployments;
use super::exit::Exit;
use super::failure::{Failure, FailureKind};
use super::progress::HEARTBEAT;
use super::run::{self, Ground, Order, Start};
use super::shell::Shell;
use super::survey::{self, Criteria, Survey};
use super::trouble::trouble;
use crate::journal::RunSummary;
use crate::model::KindName;
use crate::plan::file::PlanFile;
use crate::plan::undo::Touched;
use crate::policy::{Age, Policy, read_flag};
use crate::report::json;
use crate::report::plan_text::{self, PlanView};
use crate::run::Mode;
use crate::session::{Backend, ScanRequest};
use goal::{Aim, GoalArgs};

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  aws-janitor apply --select tag:Project=shop,tag:EnvironmentSuffix=a1   # plans, shows, asks, applies
  aws-janitor apply leftovers.json --yes                                 # exactly the saved plan, or less
  aws-janitor apply leftovers.json --dry-run                             # no call that changes anything
  aws-janitor apply --policy janitor.toml --yes --max-deletes 50 --timeout 45m -o json
  aws-janitor apply --select tag:Project=shop,tag:EnvironmentSuffix=a1 --need eip=3 --until-fits
  aws-janitor apply --resume                                             # goes on with a run that was cut short")]
pub(super) struct ApplyArgs {
    /// A saved plan; without it: plans, shows, asks, applies
    file: Option<PathBuf>,
    #[command(flatten)]
    consent: ConsentArgs,
    #[command(flatten)]
    bounds: BoundArgs,
    #[command(flatten)]
    goal: GoalArgs,
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
        (Some(journal), _) => resume::resume(args, journal.as_deref(), bounds, shell, backend).await,
        (None, Some(file)) => saved::saved(args, file, bounds, shell, backend).await,
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
    let policy = survey::policy(shell, &args.selection, &args.aws, bounds)?.into_whole();
    survey::require_selection(&survey::selector(&policy, &backend.catalog())?)?;
    let region = deployments::region(&policy.regions, shell.environment);
    let wish = args.goal.wish(region, &args.aws.region, backend.catalog())?;
    let (survey, place) = survey::survey(shell, backend, &args.aws, None, policy).await?;
    // A dry run writes nothing anywhere.
    if !args.consent.dry_run {
        survey.remember(place.as_ref()).await?;
    }
    let place = place.ok_or_else(|| Failure::error("there is no connection"))?;
    let file = core::plan(&survey)?;
    show(shell, &file, &survey, args.output.output)?;
    let trouble = trouble(&survey, Some(&file.plan()), shell);
    let start = Start { file, left_out: Vec::new(), unclear: trouble == Exit::Unclear, goal: None };
    let aim = match &wish {
        Some(wish) => wish.aim(shell, &place, &survey, &start.file.plan()).await?,
        None => Aim::None,
    };
    let goal = match aim {
        Aim::None => None,
        Aim::Room(goal) => Some(goal),
        Aim::End(exit) => return nothing(args.output.output, shell, &start, &survey, NotBegun::Goal(exit)),
    };
    if start.file.steps.is_empty() {
        return nothing(args.output.output, shell, &start, &survey, NotBegun::Nothing(trouble));
    }
    core::caps(&start.file, &survey.policy)?;
    begin(args, shell, &place, survey, Start { goal, ..start }).await
}

/// The plan's own check, consent, the journal, the run.
async fn begin(
    args: &ApplyArgs,
    shell: &Shell<'_>,
    place: &Place,
    mut survey: Survey,
    mut start: Start,
) -> Result<Exit, Failure> {
    let ground = args.ground();
    core::check(&start.file, &survey)?;
    if ground == Ground::Real {
        consent::marked(place, &survey).await?;
    }
    match (ground, args.consent()) {
        (Ground::Real, consent) => consent::obtain(shell, consent, &start.file.account)?,
        (Ground::Rehearsal | Ground::Probe, _) => {}
    }
    // Whoever was asked took his time, in which the account went on living.
    if (ground, args.consent()) == (Ground::Real, Consent::Wanted) {
        (survey, start) = look_again(shell, place, survey, start).await?;
        if start.file.steps.is_empty() {
            return nothing(args.output.output, shell, &start, &survey, NotBegun::Nothing(Exit::Done));
        }
        core::check(&start.file, &survey)?;
    }
    let path = args.journal(shell, &start.file);
    let diary = run::open(ground, path.as_deref(), &start.line(shell.environment.now))?;
    if let Some(path) = &path {
        shell.say(&format!("Journal {}", path.display()));
    }
    let order = Order {
        goal: start.goal.as_ref(),
        ground,
        survey: &survey,
        rulings: start.rulings(),
        left_out: BTreeMap::new(),
        timeout: survey.policy.timeout.map(Age::duration),
        format: args.output.output,
        heartbeat: HEARTBEAT,
        journal: path,
    };
    run::carry_out(shell, place, diary, &order).await
}

/// Reads and judges again after consent, and says what is left out: never is anything added.
async fn look_again(
    shell: &Shell<'_>,
    place: &Place,
    before: Survey,
    start: Start,
) -> Result<(Survey, Start), Failure> {
    let mut survey = read_again(shell, place, &start.file, before).await?;
    let narrowed = core::narrow(&start.file, &Touched::new(), &mut survey)?;
    saved::tell_left_out(shell, &narrowed);
    let left_out = start.left_out.iter().cloned().chain(narrowed.left_out).collect();
    Ok((survey, Start { file: narrowed.file, left_out, ..start }))
}

/// The account as it is by now, by the policy of before.
async fn read_again(
    shell: &Shell<'_>,
    place: &Place,
    file: &PlanFile,
    before: Survey,
) -> Result<Survey, Failure> {
    let reading = place.scan(shell, &request(file)).await?;
    let account = &reading.inventory.caller.account;
    if *account != file.account {
        return Err(Failure::refused(format!(
            "the credentials belong to account {account} by now, and the plan is for {}",
            file.account
        )));
    }
    let when = When { now: shell.now(), clock_speed: place.clock_speed };
    let criteria = Criteria { policy: before.policy, selector: before.selector, catalog: before.catalog };
    Survey::live(reading, criteria, place, when).await
}

/// A saved plan brings its own policy: flags that select would change what was reviewed.
fn refuse_selection(selection: &SelectionArgs) -> Result<(), Failure> {
    let named = !selection.select.is_empty()
        || !selection.protect.is_empty()
        || !selection.guard.is_empty()
        || !selection.stack_key.is_empty()
        || !selection.abandoned.is_empty()
        || !selection.neutral_tag.is_empty()
        || !selection.with_data.is_empty()
        || !selection.assume_regions.is_empty()
        || !selection.without_service.is_empty()
        || selection.settled.is_some()
        || selection.older_than.is_some()
        || selection.policy.is_some();
    if named {
        return Err(Failure::usage("a saved plan is judged by the policy it was made with")
            .hint("leave the selection flags away, or make a new plan with them"));
    }
    Ok(())
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
    ScanRequest::new(file.regions.clone(), file.kinds.clone(), &file.policy)
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

/// Why a run does not even begin.
enum NotBegun {
    /// Nothing is to be done; what else there is to be said of it.
    Nothing(Exit),
    /// For what was to fit: it does already, or would not by this plan.
    Goal(Exit),
}

/// Nothing is begun: scripts still get their document.
fn nothing(
    format: Format,
    shell: &Shell<'_>,
    start: &Start,
    survey: &Survey,
    why: NotBegun,
) -> Result<Exit, Failure> {
    let state = run::opened(&start.line(shell.environment.now))?;
    let mut summary = crate::run::summary(&start.file.plan(), &survey.catalog, &state, Mode::Apply);
    let (exit, words) = match why {
        NotBegun::Nothing(Exit::Refused) => (Exit::Refused, "Nothing to delete."),
        NotBegun::Nothing(_) => (summary.ending().into(), "Nothing to delete."),
        NotBegun::Goal(exit) => {
            summary.ended_as_it_fits = exit == Exit::Done;
            (exit, "Nothing was deleted.")
        }
    };
    match format {
        Format::Json => document(shell, &start.file, &summary, None, exit)?,
        Format::Table | Format::Tree | Format::Jsonl | Format::Csv | Format::Markdown => shell.say(words),
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
