//! The journal as a file: what a kill, a full disk or another process leaves of it.

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
            fits_after_seconds: None,
            ended_as_it_fits: false,
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
    fs::write(&old, "{\"at\":0,\"event\":\"opened\",\"schema\":\"aws-janitor/journal/1\"}\n{}\n").unwrap();
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
