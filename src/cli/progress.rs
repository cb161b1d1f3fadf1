//! Shows that something is going on: takes the events of a scan and of a run, and shows a bar on a terminal,
//! a line now and then elsewhere. Never on stdout.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::time::Instant;

use crate::journal::Event;
use crate::report::label::said;
use crate::report::{count, duration, plain};
use crate::run::observe::{Observer, Progress};
use crate::session::ScanEvent;

/// How often a line is written where there is no bar.
pub const HEARTBEAT: Duration = Duration::from_secs(30);

/// How to show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// A bar, drawn on stderr.
    Bar,
    /// A line every 30 seconds.
    Plain,
    /// Nothing.
    Silent,
}

/// Where lines go.
pub type Say<'a> = &'a (dyn Fn(&str) + Send + Sync);

/// How far a scan or a run is.
#[derive(Clone, Copy)]
struct HowFar {
    ended: usize,
    all: usize,
}

/// Shows how a scan or a run goes on.
pub struct Shown<'a> {
    style: Style,
    say: Say<'a>,
    bar: Option<ProgressBar>,
    last: Mutex<Instant>,
    heartbeat: Duration,
    ended: AtomicUsize,
    planned: AtomicUsize,
    found: AtomicUsize,
}

impl<'a> Shown<'a> {
    /// Begins to show.
    pub fn begin(style: Style, say: Say<'a>) -> Self {
        Self::every(HEARTBEAT, style, say)
    }

    /// The same, with another rhythm for lines.
    pub fn every(heartbeat: Duration, style: Style, say: Say<'a>) -> Self {
        let bar = match style {
            Style::Bar => Some(bar()),
            Style::Plain | Style::Silent => None,
        };
        let zero = || AtomicUsize::new(0);
        Self {
            style,
            say,
            bar,
            last: Mutex::new(Instant::now()),
            heartbeat,
            ended: zero(),
            planned: zero(),
            found: zero(),
        }
    }

    /// Says a line, above the bar if there is one.
    fn say(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| (self.say)(line)),
            None => (self.say)(line),
        }
    }

    /// Takes the bar away.
    pub fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    /// Something happened in a scan.
    pub fn scan(&self, event: &ScanEvent) {
        match event {
            ScanEvent::Planned(listings) => self.planned.store(*listings, Ordering::Relaxed),
            ScanEvent::Beyond(listings) => {
                self.planned.fetch_add(*listings, Ordering::Relaxed);
            }
            ScanEvent::Closed(_) => return,
            ScanEvent::Began(kind, region) => {
                if let Some(bar) = &self.bar {
                    bar.set_message(format!("reading {kind} in {region}"));
                }
                return;
            }
            ScanEvent::Ended(_, _, found) => {
                self.ended.fetch_add(1, Ordering::Relaxed);
                self.found.fetch_add(*found, Ordering::Relaxed);
            }
            ScanEvent::Failed(_) => {
                self.ended.fetch_add(1, Ordering::Relaxed);
            }
        }
        let (ended, planned) = (self.ended.load(Ordering::Relaxed), self.planned.load(Ordering::Relaxed));
        let found = count(self.found.load(Ordering::Relaxed), "resource");
        self.show(HowFar { ended, all: planned }, &format!("{ended}/{planned} listings read, {found}"), "");
    }

    fn show(&self, steps: HowFar, text: &str, doing: &str) {
        // The bar draws past the stream that cleans.
        let (text, doing) = (&plain(text), &plain(doing));
        if let Some(bar) = &self.bar {
            bar.set_length(steps.all as u64);
            bar.set_position(steps.ended as u64);
            bar.set_prefix(text.clone());
            if !doing.is_empty() {
                bar.set_message(doing.clone());
            }
        }
        if self.style == Style::Plain {
            let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
            if last.elapsed() >= self.heartbeat {
                *last = Instant::now();
                let between = if doing.is_empty() { "" } else { "; " };
                (self.say)(&format!("{text}{between}{doing}"));
            }
        }
    }
}

impl Observer for Shown<'_> {
    fn event(&self, event: &Event) {
        // The journal has all; only what somebody should see at once is said here.
        if let (Event::Fits { seconds }, Style::Bar | Style::Plain) = (event, self.style) {
            let after = duration(Duration::from_secs(*seconds));
            self.say(&format!(
                "Enough came free after {after}: the next attempt fits, unless others take the room."
            ));
        }
        if let (Event::Stopping { cause }, Style::Bar | Style::Plain) = (event, self.style) {
            self.say(&format!("Stopping, because {cause}; calls in flight are finished."));
        }
    }

    fn waiting(&self, progress: &Progress) {
        let ended = progress.done + progress.failed + progress.skipped;
        self.show(HowFar { ended, all: progress.total }, &so_far(progress), &doing(progress));
    }
}

/// `5/20 steps, 2 min of about 9 min, 1 failed`.
fn so_far(progress: &Progress) -> String {
    let ended = progress.done + progress.failed + progress.skipped;
    let whole = progress.elapsed + progress.expected_left;
    let mut text = format!(
        "{ended}/{} steps, {} of about {}",
        progress.total,
        duration(progress.elapsed),
        duration(whole)
    );
    if progress.failed > 0 {
        text.push_str(&format!(", {} failed", progress.failed));
    }
    text
}

/// `waiting 40 s of 2 min for nat-gateway nat-1 (deleting) and 2 more`: where a terminal cuts the line, the time stands.
fn doing(progress: &Progress) -> String {
    let mut doing = progress.settling.iter().chain(&progress.retrying).chain(&progress.calling);
    let Some(first) = doing.next() else { return String::new() };
    let state =
        first.state.as_deref().map(|state| format!(" ({})", state.to_lowercase())).unwrap_or_default();
    let mut text = format!(
        "waiting {} of {} for {}{state}",
        duration(first.elapsed),
        duration(first.expected),
        said(&first.resource),
    );
    let more = doing.count();
    if more > 0 {
        text.push_str(&format!(" and {more} more"));
    }
    text
}

/// Two lines: how far it is, and what it waits for.
fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:24} {prefix}\n  {wide_msg}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    bar.set_style(style);
    bar.enable_steady_tick(Duration::from_millis(250));
    bar
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Key, KindName, Region};
    use crate::plan::StepId;
    use crate::run::observe::Doing;

    #[test]
    fn a_heartbeat_names_what_is_waited_for() {
        let doing = Doing {
            step: StepId(1),
            resource: Key::new(KindName::of("nat-gateway"), Region::new("us-east-1"), "nat-1"),
            elapsed: Duration::from_secs(40),
            expected: Duration::from_secs(120),
            state: Some("deleting".to_owned()),
        };
        let progress = Progress {
            done: 5,
            failed: 0,
            skipped: 0,
            total: 20,
            calling: Vec::new(),
            settling: vec![doing],
            retrying: Vec::new(),
            elapsed: Duration::from_secs(120),
            expected_left: Duration::from_secs(420),
        };
        assert_eq!(
            format!("{}; {}", so_far(&progress), super::doing(&progress)),
            "5/20 steps, 2 min of about 9 min; waiting 40 s of 2 min for nat-gateway nat-1 (deleting)"
        );
    }
}
