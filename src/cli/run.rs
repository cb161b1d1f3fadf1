//! Carries a plan out and reports: the end of `apply` and of `demo`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use super::args::Format;
use super::context::Stream;
use super::exit::Exit;
use super::failure::{Failure, FailureKind, remedy};
use super::progress::{Shown, Style};
use super::shell::Shell;
use super::survey::Place;
use crate::journal::{
    Event, JournalError, JournalWriter, Line, Memory, Outcome, Record, RunSummary, SkippedLine, State,
};
use crate::model::{AccountId, Catalog, CloudError, Key, Resource};
use crate::plan::file::PlanFile;
use crate::report::run_text::{self, RunView};
use crate::report::{cost, json, markdown};
use crate::run::cloud::{Change, Cloud};
use crate::run::rehearsal::{Permission, Probe, Rehearsal};
use crate::run::{Book, Limits, Mode, RunError, Setting};
use crate::session::Mode as Calls;

/// What the run works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ground {
    /// AWS.
    Real,
    /// Nothing: `--dry-run`.
    Rehearsal,
    /// EC2's own dry run: `--probe`.
    Probe,
}

/// All that a run needs.
pub(super) struct Order<'a> {
    pub ground: Ground,
    pub catalog: Catalog,
    /// What is no longer eligible, and why: the gates, asked again.
    pub left_out: &'a BTreeMap<Key, String>,
    /// What a saved plan meant to delete and this run does not even try.
    pub missing: &'a [SkippedLine],
    /// How to end when all went well: `Done`, unless not everything could be seen.
    pub when_done: Exit,
    pub timeout: Option<Duration>,
    pub format: Format,
    /// How often to say how it goes, where there is no bar.
    pub heartbeat: Duration,
    /// The journal's file, for the report and for resuming.
    pub journal: Option<PathBuf>,
}

/// A journal that also goes to stdout, line by line, for `-o jsonl`.
struct Told {
    inner: Box<dyn Record>,
    out: Option<Stream>,
}

impl Record for Told {
    fn append(&mut self, line: &Line) -> Result<(), JournalError> {
        self.inner.append(line)?;
        if let Some(out) = &self.out {
            let text = serde_json::to_string(line).map_err(JournalError::Encode)?;
            // The file is the journal; whoever reads stdout is a guest.
            drop(out.write(&format!("{text}\n")));
        }
        Ok(())
    }
}

/// Opens the record: a file for a real run, memory for one that only imagines.
pub(super) fn open(
    ground: Ground,
    path: Option<&Path>,
    opening: &Line,
) -> Result<(Box<dyn Record>, State), Failure> {
    let file = match (ground, path) {
        (Ground::Real, Some(path)) => path,
        (Ground::Real, None) => {
            return Err(Failure::error(
                "there is no place for the journal, as neither XDG_STATE_HOME nor HOME is set",
            )
            .hint("name a file with --journal FILE"));
        }
        (Ground::Rehearsal | Ground::Probe, _) => return in_memory(opening),
    };
    let (writer, state) = JournalWriter::create(file, opening).map_err(|error| journal(&error))?;
    Ok((Box::new(writer), state))
}

/// A record that is gone when the program ends.
pub(super) fn in_memory(opening: &Line) -> Result<(Box<dyn Record>, State), Failure> {
    let state = State::opened(&opening.event).map_err(|error| Failure::caused(FailureKind::Error, &error))?;
    let mut memory = Memory::default();
    memory.append(opening).map_err(|error| journal(&error))?;
    Ok((Box::new(memory), state))
}

/// What is wrong with a journal, and what to do.
pub(super) fn journal(error: &JournalError) -> Failure {
    let failure = Failure::caused(FailureKind::Error, error);
    match error {
        JournalError::Io { .. } => failure.hint("name another file with --journal FILE"),
        JournalError::Locked { .. } => failure.hint("wait until that process has ended"),
        JournalError::Empty { .. } => failure.hint("delete the file and plan again"),
        JournalError::Broken { .. } | JournalError::Illegal { .. } => {
            failure.hint("plan again: what is gone already will not be in the new plan")
        }
        JournalError::Encode(_) => failure,
    }
}

/// Carries out what the state says is left, reports, and says how the program is to end.
pub(super) async fn carry_out(
    shell: &Shell<'_>,
    place: &Place,
    (record, state): (Box<dyn Record>, State),
    order: &Order<'_>,
) -> Result<Exit, Failure> {
    let file = state.plan.clone();
    let probe = Probe::of(&file, Asking(place.session.cloud(Calls::Probe)));
    let real;
    let rehearsal;
    let cloud: &dyn Cloud = match order.ground {
        Ground::Real => {
            real = place.session.cloud(Calls::Real);
            &*real
        }
        Ground::Rehearsal => {
            rehearsal = Rehearsal::of(&file);
            &rehearsal
        }
        Ground::Probe => &probe,
    };
    let began = tokio::time::Instant::now();
    let mut summary = watch(shell, place, cloud, (record, state), order).await?;
    leave(&mut summary, order.missing);
    // Told on AWS's clock, like every other time.
    let took = began.elapsed().mul_f64(place.clock_speed);
    let refused = probe.refused();
    let exit = match (summary.outcome, refused.is_empty()) {
        (Outcome::Partly | Outcome::Stopped, _) => Exit::Partly,
        (Outcome::Done, true) => order.when_done,
        (Outcome::Rehearsed, true) => Exit::Done,
        (Outcome::Done | Outcome::Rehearsed, false) => Exit::Error,
    };
    let gone = file.resources.iter().filter(|resource| summary.deleted.contains(&resource.key));
    let monthly_usd = cost::total(gone, &order.catalog);
    report(shell, &RunView { summary: &summary, file: &file, monthly_usd, took }, exit, order)?;
    for error in &refused {
        let hint = remedy(error, place.profile.as_deref()).unwrap_or_default();
        shell.warn(&format!("the probe was refused: {error}; {hint}"));
    }
    if let (Outcome::Stopped, Some(path)) = (summary.outcome, &order.journal) {
        shell.warn(&format!(
            "the run is not finished; go on with: aws-janitor apply --resume {}",
            path.display()
        ));
    }
    Ok(exit)
}

/// Adds what was left out before the run began: it is left all the same.
pub(super) fn leave(summary: &mut RunSummary, missing: &[SkippedLine]) {
    summary.skipped.extend_from_slice(missing);
    if summary.outcome == Outcome::Done && !missing.is_empty() {
        summary.outcome = Outcome::Partly;
    }
}

async fn watch(
    shell: &Shell<'_>,
    place: &Place,
    cloud: &dyn Cloud,
    (record, state): (Box<dyn Record>, State),
    order: &Order<'_>,
) -> Result<RunSummary, Failure> {
    let out = (order.format == Format::Jsonl).then(|| shell.environment.out.clone());
    let mut record = Told { inner: record, out };
    let recheck = |resource: &Resource| match order.left_out.get(&resource.key) {
        Some(why) => Err(why.clone()),
        None => guards(resource),
    };
    let say = |line: &str| shell.environment.err.say(line);
    // What only imagines is over in a moment.
    let style = if order.ground == Ground::Rehearsal { Style::Silent } else { shell.progress };
    let shown = Shown::every(order.heartbeat, style, &say);
    let clock: fn() -> Timestamp = shell.environment.clock;
    let setting = Setting {
        catalog: &order.catalog,
        recheck: &recheck,
        observer: &shown,
        now: &clock,
        limits: Limits {
            timeout: order.timeout,
            clock_speed: place.clock_speed,
            heartbeat: Duration::from_secs(1),
            ..Limits::default()
        },
        mode: match order.ground {
            Ground::Real => Mode::Apply,
            Ground::Rehearsal | Ground::Probe => Mode::Rehearse,
        },
    };
    let book = Book { state, record: &mut record };
    let ran = crate::run::run(cloud, book, &setting, shell.environment.stop.clone()).await;
    shown.end();
    ran.map_err(|error| {
        let failure = Failure::caused(FailureKind::Error, &error);
        match (&error, &order.journal) {
            (RunError::Journal(_), Some(path)) => failure.hint(format!(
                "what was done is in {}; when the disk can be written again, go on with: aws-janitor apply --resume {0}",
                path.display()
            )),
            (RunError::Journal(_), None) | (RunError::Fold(_) | RunError::Plan(_), _) => failure,
        }
    })
}

/// A resource that came under protection since it was planned stays.
fn guards(resource: &Resource) -> Result<(), String> {
    match resource.guards.first() {
        Some(guard) => Err(guard.why.clone()),
        None => Ok(()),
    }
}

fn report(shell: &Shell<'_>, view: &RunView<'_>, exit: Exit, order: &Order<'_>) -> Result<(), Failure> {
    if shell.wants_summary() {
        shell.summary(&markdown::run(view));
    }
    match order.format {
        Format::Table | Format::Tree => shell.data(&run_text::text(view, shell.look)),
        Format::Markdown => shell.data(&markdown::run(view)),
        Format::Csv => shell.data(&run_text::csv(view)),
        // The journal's own lines were printed as they were written; the last one is the summary.
        Format::Jsonl => Ok(()),
        Format::Json => {
            let journal = order.journal.as_ref().map(|path| path.display().to_string());
            let document = json::RunDocument::new(view.file, view.summary, journal, exit.code());
            shell.data(&json::line(&document).map_err(|error| Failure::error(error.to_string()))?)
        }
    }
}

/// The first line of a journal.
pub(super) fn opening(file: &PlanFile, now: Timestamp) -> Line {
    Line {
        at: now,
        event: Event::Opened {
            schema: crate::journal::SCHEMA.to_owned(),
            run: crate::journal::run_id(now, &file.digest),
            plan: Box::new(file.clone()),
            left_out: Vec::new(),
        },
    }
}

/// EC2's own dry run as a probe's question.
struct Asking(Arc<dyn Cloud>);

#[async_trait]
impl Permission for Asking {
    async fn account(&self) -> Result<AccountId, CloudError> {
        self.0.account().await
    }

    async fn ask(&self, change: &Change) -> Vec<Result<(), CloudError>> {
        self.0.change(change).await
    }
}
