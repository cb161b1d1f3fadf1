//! What the program knows of the place it runs in: `main` reads it once and hands it to every command.
//!
//! Nothing else in the core asks the environment, the clock or the terminal.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use crate::report::clean;
use crate::report::colour::Paint;
use crate::run::StopSignal;

/// Where text goes. A reader that went away is no error: `aws-janitor scan | head` ends quietly.
#[derive(Clone)]
pub struct Stream(Arc<Mutex<Box<dyn Write + Send>>>);

impl Stream {
    /// A stream into this writer.
    pub fn new(writer: impl Write + Send + 'static) -> Self {
        Self(Arc::new(Mutex::new(Box::new(writer))))
    }

    /// Writes this text, and lets it go. Nothing in it commands a terminal or a runner.
    pub fn write(&self, text: &str) -> io::Result<()> {
        self.write_tinted(text, Paint::Plain)
    }

    /// The same, with our own colours.
    pub fn write_tinted(&self, text: &str, paint: Paint) -> io::Result<()> {
        self.put(&clean::printed(text, paint))
    }

    /// Writes text as it is: for what this program made without a word of any input.
    pub fn write_own(&self, text: &str) -> io::Result<()> {
        self.put(text)
    }

    /// Gives a CI system a command, where nobody could be told of an error: the one line that may be one.
    pub fn command(&self, line: &str) {
        drop(self.put(&format!("{}\n", clean::command(line))));
    }

    fn put(&self, text: &str) -> io::Result<()> {
        let mut writer = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match writer.write_all(text.as_bytes()).and_then(|()| writer.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other,
        }
    }

    /// Writes one line, whatever stands in it, where nobody could be told of an error anyway (stderr).
    pub fn say(&self, line: &str) {
        drop(self.write(&format!("{}\n", clean::plain(line))));
    }
}

/// Whether a stream of the program ends at a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tty {
    /// Somebody looks at it.
    Terminal,
    /// A file, a pipe, a log.
    Elsewhere,
}

/// The place the program runs in.
pub struct Environment {
    /// Data.
    pub out: Stream,
    /// All else.
    pub err: Stream,
    /// What is typed.
    pub input: Mutex<Box<dyn BufRead + Send>>,
    /// Whether somebody could answer a question.
    pub input_tty: Tty,
    /// Whether somebody looks at the data.
    pub out_tty: Tty,
    /// Whether somebody looks at the messages.
    pub err_tty: Tty,
    /// How many columns the terminal has, if it is one.
    pub columns: Option<u16>,
    /// The present moment.
    pub now: Timestamp,
    /// The machine's clock, for what happens later.
    pub clock: fn() -> Timestamp,
    /// The environment variables.
    pub variables: BTreeMap<String, String>,
    /// Asks a run to stop (Ctrl-C).
    pub stop: StopSignal,
}

impl Environment {
    /// A variable, if it is set and not empty.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The width for text: the terminal's, else 80.
    pub fn width(&self) -> usize {
        self.columns.map_or(80, |columns| usize::from(columns).clamp(60, 160))
    }

    /// Whether the locale can show more than ASCII.
    pub fn unicode(&self) -> bool {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| self.variable(name));
        locale.is_some_and(|locale| {
            let locale = locale.to_ascii_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        })
    }

    /// The folder of journals.
    pub fn journals(&self) -> Option<PathBuf> {
        let path = |name| self.variable(name).map(PathBuf::from);
        crate::journal::default_dir(path("XDG_STATE_HOME").as_deref(), path("HOME").as_deref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Closed;

    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_closed_pipe_is_no_error() {
        assert!(Stream::new(Closed).write("text").is_ok());
    }
}
