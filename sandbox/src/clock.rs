//! The world's clock: real time multiplied by a speed, starting at a fixed moment.

#![expect(clippy::disallowed_methods, reason = "the embedded AWS has a clock of its own")]

use std::time::{Duration, Instant};

use jiff::Timestamp;

/// A clock that runs `speed` times faster than the machine's.
#[derive(Debug, Clone)]
pub struct SimClock {
    started: Instant,
    origin: Timestamp,
    speed: f64,
    /// Time added by hand ([`SimClock::skip`]), for tests that do not wait.
    skipped: Duration,
    /// The moment of the event that is being carried out, which may be noticed late.
    held: Option<Duration>,
}

impl SimClock {
    /// A clock showing `origin` now and running `speed` times as fast as real time.
    pub fn new(origin: Timestamp, speed: f64) -> Self {
        Self { started: Instant::now(), origin, speed, skipped: Duration::ZERO, held: None }
    }

    /// How much faster than real time this clock runs.
    pub fn speed(&self) -> f64 {
        self.speed
    }

    /// World time that has passed since the clock was made.
    pub fn elapsed(&self) -> Duration {
        self.held.unwrap_or_else(|| self.running())
    }

    fn running(&self) -> Duration {
        self.started.elapsed().mul_f64(self.speed) + self.skipped
    }

    /// The world's present moment, to the millisecond: AWS's answers are no finer.
    pub fn now(&self) -> Timestamp {
        let elapsed = jiff::SignedDuration::try_from(self.elapsed()).unwrap_or(jiff::SignedDuration::MAX);
        let now = self.origin.saturating_add(elapsed).unwrap_or(Timestamp::MAX);
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }

    /// Shows this moment until the clock is let go again.
    pub(crate) fn hold_at(&mut self, elapsed: Duration) {
        self.held = Some(elapsed);
    }

    /// Runs on as if it had never been held.
    pub(crate) fn let_go(&mut self) {
        self.held = None;
    }

    /// Moves the clock forward at once.
    pub fn skip(&mut self, by: Duration) {
        self.skipped += by;
    }

    /// Goes on at another speed, from the moment that is shown now.
    pub fn set_speed(&mut self, speed: f64) {
        self.skipped = self.elapsed();
        self.started = Instant::now();
        self.speed = speed;
    }
}
