//! What every command has at hand: the environment from `main`, as the flags of this call narrow it. Says how
//! text looks, what is said and how progress shows.

use jiff::Timestamp;
use tokio::time::Instant;

use super::args::{ColorChoice, MessageArgs, ProgressChoice};
use super::context::{Environment, Tty};
use super::failure::Failure;
use super::progress::Style;
use crate::report::clean;
use crate::report::colour::{Paint, Symbols};
use crate::report::{Detail, Look};
use crate::session::Backend;

/// Whether to say what is going on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Talk {
    Normal,
    Quiet,
}

/// What every command has at hand.
pub(super) struct Shell<'a> {
    pub environment: &'a Environment,
    pub look: Look,
    pub progress: Style,
    talk: Talk,
    began: Instant,
}

/// What a command works with: the terminal and the cloud.
#[derive(Clone, Copy)]
pub(super) struct Surroundings<'a> {
    pub shell: &'a Shell<'a>,
    pub backend: &'a dyn Backend,
}

impl<'a> Shell<'a> {
    pub fn new(environment: &'a Environment, messages: &MessageArgs) -> Self {
        let talk = if messages.quiet { Talk::Quiet } else { Talk::Normal };
        let symbols = if environment.unicode() { Symbols::Unicode } else { Symbols::Ascii };
        let detail = if messages.verbose > 0 { Detail::Full } else { Detail::Brief };
        let paint = paint(environment, messages.color);
        let look = Look { width: environment.width(), paint, symbols, detail };
        Self {
            environment,
            look,
            progress: progress(environment, messages.progress, talk),
            talk,
            began: Instant::now(),
        }
    }

    /// The present moment: that of the call, and what has passed since by the machine's clock.
    pub fn now(&self) -> Timestamp {
        let passed = jiff::SignedDuration::try_from(self.began.elapsed()).unwrap_or_default();
        self.environment.now.checked_add(passed).unwrap_or(self.environment.now)
    }

    /// Writes data to stdout.
    pub fn data(&self, text: &str) -> Result<(), Failure> {
        self.environment
            .out
            .write_tinted(text, self.look.paint)
            .map_err(|error| Failure::error(format!("cannot write to stdout: {error}")))
    }

    /// Writes to stdout what this program made without a word of any input, as it is.
    pub fn own(&self, text: &str) -> Result<(), Failure> {
        self.environment
            .out
            .write_own(text)
            .map_err(|error| Failure::error(format!("cannot write to stdout: {error}")))
    }

    /// Says something on stderr, unless asked to be quiet.
    pub fn say(&self, line: &str) {
        match self.talk {
            Talk::Normal => self.environment.err.say(line),
            Talk::Quiet => {}
        }
    }

    /// Says what must be known even so.
    pub fn warn(&self, line: &str) {
        self.environment.err.say(&format!("warning: {line}"));
    }

    /// Appends Markdown to the step summary, where GitHub Actions asks for it.
    pub fn summary(&self, markdown: &str) {
        let Some(path) = self.environment.variable("GITHUB_STEP_SUMMARY") else { return };
        let file = std::fs::OpenOptions::new().append(true).create(true).open(path);
        let written = file.and_then(|mut file| {
            std::io::Write::write_all(
                &mut file,
                format!("{}\n", clean::printed(markdown, Paint::Plain)).as_bytes(),
            )
        });
        if let Err(error) = written {
            self.warn(&format!("cannot write the step summary to {path}: {error}"));
        }
    }

    /// Whether a step summary is asked for.
    pub fn wants_summary(&self) -> bool {
        self.environment.variable("GITHUB_STEP_SUMMARY").is_some()
    }
}

/// <https://no-color.org>, and the two variables that force colours.
fn paint(environment: &Environment, choice: ColorChoice) -> Paint {
    let forced = |name| environment.variable(name).is_some_and(|value| value != "0");
    let colours = match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => {
            let dumb = environment.variable("TERM") == Some("dumb");
            let refused = environment.variable("NO_COLOR").is_some() || dumb;
            !refused && (environment.out_tty == Tty::Terminal || forced("CLICOLOR_FORCE"))
        }
    };
    if colours { Paint::Colours } else { Paint::Plain }
}

fn progress(environment: &Environment, choice: ProgressChoice, talk: Talk) -> Style {
    // indicatif draws no bar at all where NO_COLOR is set; lines are better than silence.
    let bar = if environment.variable("NO_COLOR").is_some() { Style::Plain } else { Style::Bar };
    match (talk, choice) {
        (Talk::Quiet, _) | (Talk::Normal, ProgressChoice::None) => Style::Silent,
        (Talk::Normal, ProgressChoice::Bar) => bar,
        (Talk::Normal, ProgressChoice::Plain) => Style::Plain,
        (Talk::Normal, ProgressChoice::Auto) => {
            let watched = environment.err_tty == Tty::Terminal && environment.variable("CI").is_none();
            if watched && environment.variable("TERM") != Some("dumb") { bar } else { Style::Plain }
        }
    }
}
