//! `apply --resume`: `apply FILE` with a journal. Takes the journal of a run that was cut short and a fresh scan of
//! its account, judges again, shows what is left, asks, and carries that out.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::saved::tell_left_out;
use super::{ApplyArgs, document, reaching, read_again, refuse_account, refuse_selection, request, show};
use crate::cli::args::Format;
use crate::cli::connect::{self, Place};
use crate::cli::consent::{self, Consent};
use crate::cli::core;
use crate::cli::exit::Exit;
use crate::cli::failure::{Failure, FailureKind};
use crate::cli::progress::HEARTBEAT;
use crate::cli::run::{self, Diary, Ground, Order};
use crate::cli::shell::Shell;
use crate::cli::survey::{self, Criteria, Survey};
use crate::journal::{JournalError, JournalWriter, RunSummary, State, Status};
use crate::plan::StepId;
use crate::plan::again::{Ruling, Rulings};
use crate::plan::file::PlanFile;
use crate::policy::{Age, Policy};
use crate::session::Backend;

/// A run that was cut short.
pub(super) async fn resume(
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
    let account =
        known.as_ref().map(|file| file.account.as_str().to_owned()).or_else(|| args.aws.account.clone());
    let expected = Policy { account, ..Policy::default() };
    let place = connect::connect(shell, backend, &aws, &expected).await?;
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
    let reading = place.scan(shell, &request(&file)).await?;
    let criteria = Criteria { policy, selector, catalog: backend.catalog() };
    let mut survey = Survey::live(reading, criteria, &place, place.when(shell)).await?;
    let (mut left_out, mut rulings) = again(shell, &state, &mut survey, args.output.output)?;
    consent::marked(&place, &survey).await?;
    consent::obtain(shell, args.consent(), &file.account)?;
    if args.consent() == Consent::Wanted {
        survey = read_again(shell, &place, &file, survey).await?;
        let narrowed = core::narrow(&file, &state.touched(), &mut survey)?;
        tell_left_out(shell, &narrowed);
        left_out.extend(not_any_more(&state, &narrowed));
        rulings = narrowed.rulings;
    }
    let order = Order {
        goal: None,
        ground: Ground::Real,
        survey: &survey,
        rulings,
        left_out,
        timeout: survey.policy.timeout.map(Age::duration),
        format: args.output.output,
        heartbeat: HEARTBEAT,
        journal: Some(path),
    };
    run::carry_out(shell, &place, Diary { record: Box::new(writer), state }, &order).await
}

/// Judges again what is left of the run, shows it, and says what does not hold any more.
fn again(
    shell: &Shell<'_>,
    state: &State,
    survey: &mut Survey,
    format: Format,
) -> Result<(BTreeMap<StepId, String>, Rulings), Failure> {
    let narrowed = core::narrow(&state.plan, &state.touched(), survey)?;
    show(shell, &narrowed.file, survey, format)?;
    tell_left_out(shell, &narrowed);
    core::check(&narrowed.file, survey)?;
    core::caps(&narrowed.file, &survey.policy)?;
    Ok((not_any_more(state, &narrowed), narrowed.rulings))
}

/// The steps that are open and do not hold any more. What was not seen yet the run asks for again.
fn not_any_more(state: &State, narrowed: &core::NarrowedFile) -> BTreeMap<StepId, String> {
    let open = |id: &StepId| !state.steps.get(id).is_some_and(Status::is_final);
    let out = narrowed.rulings.iter().filter(|(id, _)| open(id)).filter_map(|(id, ruling)| match ruling {
        Ruling::Out(why) => Some((*id, why.clone())),
        Ruling::Go | Ruling::Unseen(_) => None,
    });
    out.collect()
}

fn read_state(path: &Path) -> Result<PlanFile, Failure> {
    let journal = crate::journal::read(path).map_err(|error| match error {
        JournalError::Io { .. } => Failure::caused(FailureKind::Error, &error).hint(
            "name the journal of a run after --resume, or none: then the latest that was cut short goes on",
        ),
        _ => run::journal(&error),
    })?;
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
