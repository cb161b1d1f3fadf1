//! The endpoint's clock, which may run faster than the machine's: all waiting of a run goes by it.

use std::time::Duration;

use tokio::time::Instant;

/// Time since the run began, on AWS's clock. Follows tokio's clock, so tests can pause it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    began: Instant,
    speed: f64,
}

impl Clock {
    /// A clock that starts now. A speed that is no positive number counts as 1.
    #[expect(clippy::disallowed_methods, reason = "this is the clock of the run")]
    pub(super) fn start(speed: f64) -> Self {
        let speed = if speed.is_finite() && speed > 0.0 { speed } else { 1.0 };
        Self { began: Instant::now(), speed }
    }

    /// AWS's time since the start.
    pub(super) fn now(&self) -> Duration {
        self.began.elapsed().mul_f64(self.speed)
    }

    /// How much of AWS's time has passed since this moment of the machine.
    pub(super) fn since(&self, moment: Instant) -> Duration {
        moment.elapsed().mul_f64(self.speed)
    }

    /// How much time of the machine's so much of AWS's is.
    pub(super) fn of_the_machine(&self, time: Duration) -> Duration {
        time.div_f64(self.speed)
    }

    /// How long the machine has to sleep until AWS's clock shows `at`. Rounded up, so that it is never early.
    pub(super) fn until(&self, at: Duration) -> Duration {
        let left = at.saturating_sub(self.now());
        if left.is_zero() {
            return Duration::ZERO;
        }
        // tokio's timer knows milliseconds; AWS's clock must have reached `at` when it fires.
        left.div_f64(self.speed).max(Duration::from_millis(1))
    }
}
