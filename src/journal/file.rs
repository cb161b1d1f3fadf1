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
mod tests;
