//! The journal as a file: takes events from a run, each on the disk before the run goes on, and gives them
//! back to one that is resumed.
//!
//! Reads no environment and no clock: where the file lies is computed from what the caller passes in.

#![expect(clippy::disallowed_methods, reason = "the journal is on the disk or it is none")]

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::{Event, FoldError, Line, SCHEMA, State, fold};
use crate::model::AccountId;

/// What can go wrong with a journal.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The file cannot be made, read or written.
    #[error("cannot {doing} the journal {}", path.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// Another process is carrying out this run.
    #[error("another process is at work on the run of {}", path.display())]
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// Another version of the program wrote it, in another form.
    #[error(
        "another version of this program wrote the journal {}, in another form ({found}, and this one reads {SCHEMA})",
        path.display()
    )]
    OtherVersion {
        /// The file.
        path: PathBuf,
        /// Its schema.
        found: String,
    },
    /// The file holds no whole line: nothing was ever begun.
    #[error("the journal {} is empty: the run never began", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// A line that is no event. (A torn last line is no error.)
    #[error("line {line} of the journal {} cannot be read", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// Its number, from 1.
        line: usize,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// The lines contradict each other.
    #[error("line {line} of the journal {} cannot be", path.display())]
    Illegal {
        /// The file.
        path: PathBuf,
        /// The number of the line, from 1.
        line: usize,
        /// Why.
        #[source]
        source: FoldError,
    },
    /// An event cannot be written as JSON.
    #[error("an event cannot be written as JSON")]
    Encode(#[source] serde_json::Error),
}

impl JournalError {
    /// What to do about it, in one sentence, if there is something.
    pub const fn remedy(&self) -> Option<&'static str> {
        match self {
            Self::Io { .. } => Some("name another file with --journal FILE"),
            Self::Locked { .. } => Some("wait until that process has ended"),
            Self::Empty { .. } => Some("delete the file and plan again"),
            Self::OtherVersion { .. } | Self::Broken { .. } | Self::Illegal { .. } => {
                Some("plan again: what is gone already will not be in the new plan")
            }
            Self::Encode(_) => None,
        }
    }
}

/// Where a run writes what happens. When `append` has returned, the line outlives the process.
pub trait Record: Send {
    /// Adds one line.
    fn append(&mut self, line: &Line) -> Result<(), JournalError>;
}

/// A journal that is kept in memory only, for rehearsals and tests.
#[derive(Debug, Default)]
pub struct Memory {
    /// What happened so far.
    pub lines: Vec<Line>,
}

impl Record for Memory {
    fn append(&mut self, line: &Line) -> Result<(), JournalError> {
        self.lines.push(line.clone());
        Ok(())
    }
}

/// What a journal file holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Journal {
    /// Its lines.
    pub lines: Vec<Line>,
    /// Whether the file ends in the middle of a line, as after a kill. That event counts as not written.
    pub torn: bool,
    /// The length of the whole lines, in bytes.
    whole: u64,
}

/// Reads a journal. A torn last line is reported, any other broken line is an error.
pub fn read(path: &Path) -> Result<Journal, JournalError> {
    let bytes = fs::read(path).map_err(io_error("read", path))?;
    parse(&bytes, path)
}

fn parse(bytes: &[u8], path: &Path) -> Result<Journal, JournalError> {
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let (text, tail) = bytes.split_at(whole);
    let mut lines = Vec::new();
    if let Some(found) = other_schema(text) {
        return Err(JournalError::OtherVersion { path: path.to_owned(), found });
    }
    for (index, line) in text.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let broken = |source| JournalError::Broken { path: path.to_owned(), line: index + 1, source };
        lines.push(serde_json::from_slice(line).map_err(broken)?);
    }
    Ok(Journal { lines, torn: !tail.is_empty(), whole: whole as u64 })
}

/// The schema in the opening line, if it is another than this version's. Asked before anything else is read, as
/// the lines of another version may be anything.
fn other_schema(text: &[u8]) -> Option<String> {
    let first = text.split(|byte| *byte == b'\n').next()?;
    let value: serde_json::Value = serde_json::from_slice(first).ok()?;
    let found = value.get("schema")?.as_str()?;
    (found != SCHEMA).then(|| found.to_owned())
}

/// The one writer of a journal file. The file is locked while it lives.
#[derive(Debug)]
pub struct JournalWriter {
    file: File,
    path: PathBuf,
}

impl JournalWriter {
    /// Makes a new journal with its opening line. A file of that name must not exist.
    pub fn create(path: &Path, opening: &Line) -> Result<(Self, State), JournalError> {
        let state = State::opened(&opening.event).map_err(|source| illegal(path, 1, source))?;
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(io_error("make the folder of", path))?;
        }
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).map_err(io_error("create", path))?;
        lock(&file, path)?;
        let mut writer = Self { file, path: path.to_owned() };
        writer.append(opening)?;
        sync_folder(path);
        Ok((writer, state))
    }

    /// Opens the journal of an unfinished run to go on with it. What a kill tore off is cut away.
    pub fn resume(path: &Path) -> Result<(Self, State), JournalError> {
        let opened = OpenOptions::new().read(true).write(true).open(path);
        let mut file = opened.map_err(io_error("open", path))?;
        lock(&file, path)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(io_error("read", path))?;
        let journal = parse(&bytes, path)?;
        let state = state_of(&journal, path)?;
        if journal.torn {
            file.set_len(journal.whole).map_err(io_error("mend", path))?;
            file.sync_all().map_err(io_error("mend", path))?;
        }
        file.seek(SeekFrom::Start(journal.whole)).map_err(io_error("open", path))?;
        Ok((Self { file, path: path.to_owned() }, state))
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Record for JournalWriter {
    fn append(&mut self, line: &Line) -> Result<(), JournalError> {
        let mut text = serde_json::to_vec(line).map_err(JournalError::Encode)?;
        text.push(b'\n');
        self.file.write_all(&text).map_err(io_error("write", &self.path))?;
        self.file.sync_data().map_err(io_error("write", &self.path))
    }
}

fn lock(file: &File, path: &Path) -> Result<(), JournalError> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(JournalError::Locked { path: path.to_owned() }),
        Err(TryLockError::Error(source)) => Err(io_error("lock", path)(source)),
    }
}

/// Without this a crash of the machine may forget the new file's name. Not every system can; the file itself is synced.
fn sync_folder(path: &Path) {
    if let Some(folder) = path.parent().and_then(|parent| File::open(parent).ok()) {
        drop(folder.sync_all());
    }
}

fn state_of(journal: &Journal, path: &Path) -> Result<State, JournalError> {
    if journal.lines.is_empty() {
        return Err(JournalError::Empty { path: path.to_owned() });
    }
    fold(&journal.lines).map_err(|(line, source)| illegal(path, line, source))
}

fn illegal(path: &Path, line: usize, source: FoldError) -> JournalError {
    JournalError::Illegal { path: path.to_owned(), line, source }
}

fn io_error(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> JournalError {
    move |source| JournalError::Io { doing, path: path.to_owned(), source }
}

impl Journal {
    /// The state that the lines tell of; `path` is only named in errors.
    pub fn state(&self, path: &Path) -> Result<State, JournalError> {
        state_of(self, path)
    }
}

/// A run's id: when it began and the beginning of its plan's digest. Names sort by time.
pub fn run_id(began: Timestamp, plan_digest: &str) -> String {
    let digest: String = plan_digest.chars().filter(char::is_ascii_alphanumeric).take(8).collect();
    format!("{}-{digest}", began.strftime("%Y%m%dT%H%M%S%3fZ"))
}

/// The folder of journals: `$XDG_STATE_HOME/aws-janitor/runs`, else `~/.local/state/aws-janitor/runs`.
/// A relative `XDG_STATE_HOME` is to be ignored (XDG Base Directory Specification).
pub fn default_dir(xdg_state_home: Option<&Path>, home: Option<&Path>) -> Option<PathBuf> {
    let state = match xdg_state_home.filter(|path| path.is_absolute()) {
        Some(path) => path.to_owned(),
        None => home?.join(".local/state"),
    };
    Some(state.join("aws-janitor/runs"))
}

/// The newest journal in this folder whose run of this account is not finished.
pub fn latest_unfinished(dir: &Path, account: &AccountId) -> Result<Option<PathBuf>, JournalError> {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io_error("look for", dir)(error)),
    };
    let mut newest: Option<(Timestamp, PathBuf)> = None;
    let mut older = None;
    for entry in entries {
        let path = entry.map_err(io_error("look for", dir))?.path();
        if path.extension().is_none_or(|extension| extension != "jsonl") {
            continue;
        }
        let journal = match read(&path) {
            Ok(journal) => journal,
            // It is in nobody's way, unless it is the only one.
            Err(error @ JournalError::OtherVersion { .. }) => {
                older = Some(error);
                continue;
            }
            Err(error) => return Err(error),
        };
        let Some(first) = journal.lines.first() else { continue };
        let Event::Opened { plan, .. } = &first.event else {
            return Err(illegal(&path, 1, FoldError::NotOpened));
        };
        let newer = newest.as_ref().is_none_or(|(at, _)| first.at > *at);
        if plan.account == *account && newer && !journal.state(&path)?.is_finished() {
            newest = Some((first.at, path));
        }
    }
    match (newest, older) {
        (None, Some(error)) => Err(error),
        (newest, _) => Ok(newest.map(|(_, path)| path)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::{Outcome, RunSummary, SkipReason, Status, StopCause};
    use crate::plan::StepId;
    use crate::run::testing::{delete, plan};

    /// A folder of its own for each test, gone at its end.
    struct TempFolder(PathBuf);

    impl TempFolder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("aws-janitor-{}-{name}", std::process::id()));
            drop(fs::remove_dir_all(&path));
            Self(path)
        }

        fn file(&self, name: &str) -> PathBuf {
            self.0.join(name)
        }
    }

    impl Drop for TempFolder {
        fn drop(&mut self) {
            drop(fs::remove_dir_all(&self.0));
        }
    }

    fn line(event: Event) -> Line {
        Line { at: Timestamp::UNIX_EPOCH, event }
    }

    fn opening() -> Line {
        let plan = plan(vec![delete(1, "quick", &[]), delete(2, "quick", &[1])]);
        let (schema, run) = (SCHEMA.to_owned(), "run".to_owned());
        line(Event::Opened { schema, run, plan: Box::new(plan), left_out: Vec::new(), unclear: false })
    }

    fn closed(outcome: Outcome) -> Line {
        let (deleted, cut, skipped, failed) = Default::default();
        line(Event::Closed {
            summary: RunSummary {
                deleted,
                cut,
                skipped,
                failed,
                kept: Vec::new(),
                outcome,
                unclear: false,
                effort: Default::default(),
            },
        })
    }

    fn calling() -> Line {
        line(Event::Calling { step: StepId(1), attempt: 1 })
    }

    #[test]
    fn what_was_written_is_read_back() {
        let folder = TempFolder::new("roundtrip");
        let path = folder.file("deep/run.jsonl");
        let (mut writer, _) = JournalWriter::create(&path, &opening()).unwrap();
        let why = SkipReason::Because { step: StepId(1) };
        let stop = Event::Stopping { cause: StopCause::Account { now: AccountId::new("222222222222") } };
        let lines =
            [calling(), line(Event::Skipped { step: StepId(2), why }), line(stop), closed(Outcome::Stopped)];
        for line in &lines {
            writer.append(line).unwrap();
        }
        let journal = read(&path).unwrap();
        assert!(!journal.torn);
        assert_eq!(journal.lines[0], opening());
        assert_eq!(journal.lines[1..], lines);
        assert_eq!(journal.state(&path).unwrap().steps[&StepId(1)], Status::InDoubt);
    }

    #[cfg(unix)]
    #[test]
    fn a_journal_is_for_its_owner_alone_and_never_overwritten() {
        use std::os::unix::fs::PermissionsExt;
        let folder = TempFolder::new("mode");
        let path = folder.file("run.jsonl");
        drop(JournalWriter::create(&path, &opening()).unwrap());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(matches!(JournalWriter::create(&path, &opening()), Err(JournalError::Io { .. })));
    }

    #[test]
    fn a_line_torn_at_any_byte_counts_as_not_written_and_the_next_one_is_whole() {
        let folder = TempFolder::new("torn");
        let path = folder.file("run.jsonl");
        let (mut writer, _) = JournalWriter::create(&path, &opening()).unwrap();
        let whole = fs::read(&path).unwrap();
        writer.append(&calling()).unwrap();
        drop(writer);
        let both = fs::read(&path).unwrap();
        for length in whole.len()..both.len() {
            fs::write(&path, &both[..length]).unwrap();
            assert_eq!(read(&path).unwrap().torn, length > whole.len());
            let (mut writer, state) = JournalWriter::resume(&path).unwrap();
            assert!(!state.begun);
            writer.append(&line(Event::Resumed)).unwrap();
            let journal = read(&path).unwrap();
            assert_eq!(journal.lines, [opening(), line(Event::Resumed)]);
        }
    }

    #[test]
    fn any_other_broken_line_is_an_error_that_names_it() {
        let folder = TempFolder::new("broken");
        let path = folder.file("run.jsonl");
        drop(JournalWriter::create(&path, &opening()).unwrap());
        let mut text = fs::read_to_string(&path).unwrap();
        text.push_str("{\"at\":\"1970-01-01T00:00:00Z\",\"event\":\"vanished\"}\n");
        fs::write(&path, text).unwrap();
        assert!(matches!(read(&path), Err(JournalError::Broken { line: 2, .. })));
    }

    #[test]
    fn lines_that_contradict_each_other_are_an_error_that_names_the_line() {
        let folder = TempFolder::new("illegal");
        let path = folder.file("run.jsonl");
        let (mut writer, _) = JournalWriter::create(&path, &opening()).unwrap();
        writer.append(&calling()).unwrap();
        writer.append(&calling()).unwrap();
        drop(writer);
        assert!(matches!(JournalWriter::resume(&path), Err(JournalError::Illegal { line: 3, .. })));
    }

    #[test]
    fn a_journal_of_the_older_form_is_refused_by_name_and_keeps_nobody_from_a_newer_one() {
        let folder = TempFolder::new("older");
        let (old, new) = (folder.file("older.jsonl"), folder.file("newer.jsonl"));
        fs::create_dir_all(&folder.0).unwrap();
        // Of its other fields this version may know nothing.
        fs::write(&old, "{\"at\":0,\"event\":\"opened\",\"schema\":\"aws-janitor/journal/1\"}\n{}\n")
            .unwrap();
        let refused = |error: &JournalError| {
            assert!(error.to_string().contains("another version of this program wrote"), "{error}");
            assert!(error.remedy().unwrap().starts_with("plan again"));
        };
        refused(&read(&old).unwrap_err());
        refused(&JournalWriter::resume(&old).unwrap_err());
        let account = AccountId::new("111111111111");
        refused(&latest_unfinished(&folder.0, &account).unwrap_err());
        drop(JournalWriter::create(&new, &opening()).unwrap());
        assert_eq!(latest_unfinished(&folder.0, &account).unwrap(), Some(new));
    }

    #[test]
    fn two_processes_cannot_work_on_one_run() {
        let folder = TempFolder::new("lock");
        let path = folder.file("run.jsonl");
        let (writer, _) = JournalWriter::create(&path, &opening()).unwrap();
        assert!(matches!(JournalWriter::resume(&path), Err(JournalError::Locked { .. })));
        drop(writer);
        assert!(JournalWriter::resume(&path).is_ok());
    }

    #[test]
    fn the_newest_unfinished_run_of_the_account_is_found() {
        let folder = TempFolder::new("latest");
        let account = crate::run::testing::account();
        assert_eq!(latest_unfinished(&folder.0, &account).unwrap(), None);
        let write = |name: &str, second: i64, more: &[Line]| {
            let at = Timestamp::from_second(second).unwrap();
            let path = folder.file(name);
            let (mut writer, _) = JournalWriter::create(&path, &Line { at, ..opening() }).unwrap();
            more.iter().for_each(|line| writer.append(line).unwrap());
        };
        write("a.jsonl", 30, &[closed(Outcome::Partly)]);
        write("b.jsonl", 20, &[calling(), closed(Outcome::Stopped)]);
        write("c.jsonl", 10, &[calling()]);
        fs::write(folder.file("killed-while-opening.jsonl"), "{\"at").unwrap();
        fs::write(folder.file("notes.txt"), "no journal").unwrap();
        assert_eq!(latest_unfinished(&folder.0, &account).unwrap(), Some(folder.file("b.jsonl")));
        assert_eq!(latest_unfinished(&folder.0, &AccountId::new("222222222222")).unwrap(), None);
    }

    #[test]
    fn journals_lie_where_the_base_directories_say() {
        let (state, home) = (Path::new("/state"), Path::new("/home/me"));
        let dir = |xdg, home| default_dir(xdg, home).map(|path| path.display().to_string());
        assert_eq!(dir(Some(state), Some(home)).as_deref(), Some("/state/aws-janitor/runs"));
        let at_home = Some("/home/me/.local/state/aws-janitor/runs");
        assert_eq!(dir(None, Some(home)).as_deref(), at_home);
        assert_eq!(dir(Some(Path::new("relative")), Some(home)).as_deref(), at_home);
        assert_eq!(dir(None, None), None);
    }

    #[test]
    fn run_ids_sort_by_time() {
        let at = |second| run_id(Timestamp::from_second(second).unwrap(), "0123456789abcdef");
        assert_eq!(at(0), "19700101T000000000Z-01234567");
        assert!(at(999_999_999) < at(1_000_000_000));
    }
}
