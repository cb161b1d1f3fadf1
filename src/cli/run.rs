//! Carries a plan out and reports: takes a plan and its journal from `apply` and `demo`, chooses the cloud,
//! and gives the exit code.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use super::args::Format;
use super::causes;
use super::connect::Place;
use super::context::Stream;
use super::exit::Exit;
use super::failure::{Failure, FailureKind, remedy};
use super::progress::{Shown, Style};
use super::referee::Bench;
use super::shell::Shell;
use super::survey::Survey;
use crate::journal::{
    Event, JournalError, JournalWriter, LeftOut, Line, Memory, Outcome, Record, RunSummary, State,
};
use crate::model::{AccountId, CloudError};
use crate::plan::StepId;
use crate::plan::again::{Ruling, Rulings};
use crate::plan::file::PlanFile;
use crate::report::run_text::{self, RunView};
use crate::report::{cost, json, markdown};
use crate::run::cloud::{Change, Cloud};
use crate::run::goal::Goal;
use crate::run::referee::Agrees;
use crate::run::rehearsal::{Permission, Probe, Rehearsal};
use crate::run::{Book, Judged, Limits, Mode, RunError, Setting};
use crate::session::CallMode;

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
    /// What the run makes room for.
    pub goal: Option<&'a Goal>,
    pub ground: Ground,
    /// The survey by which the plan was judged last.
    pub survey: &'a Survey,
    /// What is said of each step by that survey.
    pub rulings: Rulings,
    /// Steps that are not to be begun at all, and why.
    pub left_out: BTreeMap<StepId, String>,
    pub timeout: Option<Duration>,
    pub format: Format,
    /// How often to say how it goes, where there is no bar.
    pub heartbeat: Duration,
    /// The journal's file, for the report and for resuming.
    pub journal: Option<PathBuf>,
}

/// What a new run begins with: all that its journal's first line tells.
pub(super) struct Start {
    /// The plan that is carried out.
    pub file: PlanFile,
    /// What a saved plan meant to delete and this run does not even try.
    pub left_out: Vec<LeftOut>,
    /// Whether something that concerns the selection could not be read.
    pub unclear: bool,
    /// What it makes room for.
    pub goal: Option<Goal>,
}

impl Start {
    /// What its own judgement says of each step: all of it holds.
    pub fn rulings(&self) -> Rulings {
        self.file.steps.iter().map(|step| (step.id, Ruling::Go)).collect()
    }

    /// The first line of the journal.
    pub fn line(&self, now: Timestamp) -> Line {
        Line {
            at: now,
            event: Event::Opened {
                schema: crate::journal::SCHEMA.to_owned(),
                run: crate::journal::run_id(now, &self.file.digest),
                plan: Box::new(self.file.clone()),
                left_out: self.left_out.clone(),
                unclear: self.unclear,
            },
        }
    }
}

/// A run's journal, open for writing, and the state that it tells of.
pub(super) struct Diary {
    pub record: Box<dyn Record>,
    pub state: State,
}

/// A journal that also goes to stdout, line by line, for `-o jsonl`.
struct Tee {
    inner: Box<dyn Record>,
    out: Option<Stream>,
}

impl Record for Tee {
    fn append(&mut self, line: &Line) -> Result<(), JournalError> {
        self.inner.append(line)?;
        if let Some(out) = &self.out {
            let text = json::line(line).map_err(JournalError::Encode)?;
            // The run goes on by the file alone, so that a closed stdout must not end it.
            drop(out.write(&text));
        }
        Ok(())
    }
}

/// Opens the record: a file for a real run, memory for one that only imagines.
pub(super) fn open(ground: Ground, path: Option<&Path>, opening: &Line) -> Result<Diary, Failure> {
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
    Ok(Diary { record: Box::new(writer), state })
}

/// A record that is gone when the program ends.
pub(super) fn in_memory(opening: &Line) -> Result<Diary, Failure> {
    let state = opened(opening)?;
    let mut memory = Memory::default();
    memory.append(opening).map_err(|error| journal(&error))?;
    Ok(Diary { record: Box::new(memory), state })
}

/// The state of a run that has an opening line and nothing else.
pub(super) fn opened(opening: &Line) -> Result<State, Failure> {
    State::opened(&opening.event).map_err(|error| Failure::caused(FailureKind::Error, &error))
}

/// What is wrong with a journal, and what to do.
pub(super) fn journal(error: &JournalError) -> Failure {
    let failure = Failure::caused(FailureKind::Error, error);
    match error.remedy() {
        Some(remedy) => failure.hint(remedy),
        None => failure,
    }
}

/// Carries out what the state says is left, reports, and says how the program is to end.
pub(super) async fn carry_out(
    shell: &Shell<'_>,
    place: &Place,
    diary: Diary,
    order: &Order<'_>,
) -> Result<Exit, Failure> {
    let file = diary.state.plan.clone();
    let probe = Probe::of(&file, Asking(place.session.cloud(CallMode::Probe)));
    let real;
    let rehearsal;
    let cloud: &dyn Cloud = match order.ground {
        Ground::Real => {
            real = place.session.cloud(CallMode::Real);
            &*real
        }
        Ground::Rehearsal => {
            rehearsal = Rehearsal::of(&file);
            &rehearsal
        }
        Ground::Probe => &probe,
    };
    let began = tokio::time::Instant::now();
    let mut summary = watch(shell, place, cloud, diary, order).await?;
    // Told on AWS's clock, like every other time.
    let took = began.elapsed().mul_f64(place.clock_speed);
    if order.ground == Ground::Real {
        causes::find(shell, place, order.survey, &mut summary).await;
    }
    let refused = probe.refused();
    let exit = if refused.is_empty() { Exit::from(summary.ending()) } else { Exit::Error };
    let gone = file.resources.iter().filter(|resource| summary.deleted.contains(&resource.key));
    let monthly_usd = cost::total(gone, &order.survey.catalog);
    report(shell, &RunView { summary: &summary, file: &file, monthly_usd, took }, exit, order)?;
    for error in &refused {
        let hint = remedy(error, place.profile.as_deref()).unwrap_or_default();
        shell.warn(&format!("the probe was refused: {error}; {hint}"));
    }
    if let (true, Some(path)) = (summary.ended_as_it_fits, &order.journal) {
        shell.say(&format!("What is left goes with: aws-janitor apply --resume {}", path.display()));
    } else if let (Outcome::Stopped, Some(path)) = (summary.outcome, &order.journal) {
        shell.warn(&format!(
            "the run is not finished; go on with: aws-janitor apply --resume {}",
            path.display()
        ));
    }
    Ok(exit)
}

async fn watch(
    shell: &Shell<'_>,
    place: &Place,
    cloud: &dyn Cloud,
    Diary { record, state }: Diary,
    order: &Order<'_>,
) -> Result<RunSummary, Failure> {
    let out = (order.format == Format::Jsonl).then(|| shell.environment.out.clone());
    let mut record = Tee { inner: record, out };
    let say = |line: &str| shell.environment.err.say(line);
    // What only imagines is over in a moment.
    let style = if order.ground == Ground::Rehearsal { Style::Silent } else { shell.progress };
    let shown = Shown::every(order.heartbeat, style, &say);
    let clock: fn() -> Timestamp = shell.environment.clock;
    let bench = Bench::new(shell, place, cloud, &state.plan, order.survey);
    let judged = order.survey.read.map(|began| Judged { began, rulings: order.rulings.clone() });
    let setting = Setting {
        catalog: &order.survey.catalog,
        referee: match order.ground {
            Ground::Real => &bench,
            Ground::Rehearsal | Ground::Probe => &Agrees,
        },
        judged: judged.as_ref(),
        goal: order.goal,
        left_out: &order.left_out,
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
