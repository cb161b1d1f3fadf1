//! The command line as scripts and people meet it: arguments in; stdout, stderr and an exit code out.

#![expect(clippy::disallowed_methods, reason = "tests make the files that the command line reads")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod catalog;
mod documents;
mod endings;
mod exits;
mod fake;
mod golden;
mod guards;
mod hostile;
mod living;
mod matrix;
mod memory;
mod moving;
mod policies;
mod preflight;
mod preflight_tools;
mod quota;
#[cfg(feature = "sandbox")]
mod sandbox;
mod saved;
mod states;
mod wide;
mod wide_account;

use std::collections::BTreeMap;
use std::io::{Cursor, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use aws_janitor::cli::context::{Environment, Stream, Tty};
use aws_janitor::cli::{self, Exit};
use aws_janitor::run::StopSignal;
use jiff::Timestamp;

use fake::{Fake, World};

/// A writer whose text can be read afterwards.
#[derive(Clone, Default)]
struct Caught {
    text: Arc<Mutex<Vec<u8>>>,
    tell: Option<std::sync::mpsc::Sender<String>>,
}

impl Write for Caught {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.text.lock().unwrap().extend_from_slice(bytes);
        if let Some(tell) = &self.tell {
            tell.send(String::from_utf8_lossy(bytes).into_owned()).unwrap();
        }
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Caught {
    fn text(&self) -> String {
        String::from_utf8(self.text.lock().unwrap().clone()).unwrap()
    }
}

/// One call of the program.
struct Call {
    fake: Fake,
    variables: BTreeMap<String, String>,
    typed: String,
    tty: Tty,
    now: &'static str,
    home: PathBuf,
    stop: StopSignal,
}

/// What came of it.
struct Ended {
    exit: Exit,
    out: String,
    err: String,
    fake: Fake,
}

static HOMES: AtomicUsize = AtomicUsize::new(0);

/// The moment of all tests, unless they say otherwise.
const NOW: &str = "2026-11-21T12:00:00Z";

impl Call {
    fn new(world: World) -> Self {
        Self::on(Fake::new(world))
    }

    fn on(fake: Fake) -> Self {
        let number = HOMES.fetch_add(1, Ordering::Relaxed);
        let home = std::env::temp_dir().join(format!("aws-janitor-cli-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&home).unwrap();
        let variables =
            [("LANG", "C.UTF-8"), ("AWS_JANITOR_CLOCK_SPEED", "100000"), ("HOME", home.to_str().unwrap())];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        Self {
            fake,
            variables,
            typed: String::new(),
            tty: Tty::Elsewhere,
            now: NOW,
            home,
            stop: StopSignal::never(),
        }
    }

    fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    fn typed(mut self, text: &str) -> Self {
        self.typed = text.to_owned();
        self.tty = Tty::Terminal;
        self.variables.insert("CI".to_owned(), "true".to_owned());
        self.variables.insert("NO_COLOR".to_owned(), "1".to_owned());
        self
    }

    fn run(&self, line: &str) -> Ended {
        self.words(&line.split_whitespace().collect::<Vec<_>>())
    }

    fn words(&self, words: &[&str]) -> Ended {
        self.writing_to(words, Caught::default())
    }

    /// The same, telling what stands on stdout as soon as it is written.
    #[cfg(feature = "sandbox")]
    fn watched(&self, line: &str, tell: &std::sync::mpsc::Sender<String>) -> Ended {
        let out = Caught { tell: Some(tell.clone()), ..Caught::default() };
        self.writing_to(&line.split_whitespace().collect::<Vec<_>>(), out)
    }

    fn writing_to(&self, words: &[&str], out: Caught) -> Ended {
        let err = Caught::default();
        let environment = Environment {
            out: Stream::new(out.clone()),
            err: Stream::new(err.clone()),
            input: Mutex::new(Box::new(Cursor::new(self.typed.clone()))),
            input_tty: self.tty,
            out_tty: self.tty,
            err_tty: self.tty,
            columns: None,
            now: self.now.parse().unwrap(),
            clock: Timestamp::now,
            variables: self.variables.clone(),
            stop: self.stop.clone(),
        };
        let args = std::iter::once("aws-janitor").chain(words.iter().copied());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let exit = runtime.block_on(cli::run(args, &environment, &self.fake));
        Ended { exit, out: out.text(), err: err.text(), fake: self.fake.clone() }
    }

    /// A file in this call's own folder.
    fn path(&self, name: &str) -> String {
        self.home.join(name).to_str().unwrap().to_owned()
    }
}

/// One call on the recorded account.
fn run(line: &str) -> Ended {
    Call::new(World::default()).run(line)
}

/// The stack of the story, with its healthy sister protected.
const SELECT: &str = "--region us-east-1 --select tag:Project=demo --protect stack=demo/live";
