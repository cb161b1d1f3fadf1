//! What follows from an error: tells `answers` to try again and when, to give up, or to stop the run. It has
//! no clock and no randomness.

use std::time::Duration;

use crate::model::{CloudError, ErrorClass};
use crate::plan::StepId;

/// The first wait of a back-off.
const FIRST: Duration = Duration::from_secs(1);
/// No wait is longer.
const LONGEST: Duration = Duration::from_secs(30);
/// After so many throttled attempts in a row a step gives up: with waits that grow to half a minute
/// this is some five minutes of an account that is throttled without a break.
const MOST_THROTTLED: u32 = 15;
/// After so many failures of the service or the network in a row a step gives up: a minute and a half,
/// besides the SDK's own attempts.
const MOST_TRANSIENT: u32 = 8;

/// What a step has been through.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tries {
    not_yet: u32,
    patience_used: Duration,
    throttled: u32,
    transient: u32,
}

/// What to do after an answer that was no success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Next {
    /// What was to go is gone.
    Gone,
    /// Look again after this long, and call again if it still stands.
    Again(Duration),
    /// The same as `Again`; everything else of the kind had better wait as well.
    SlowDown(Duration),
    /// It failed for good.
    Fail(CloudError),
    /// Nothing else will work either.
    StopRun(CloudError),
}

/// What to do after this error, given what the step has been through and its kind's patience.
pub(super) fn next(error: CloudError, tries: &mut Tries, patience: Duration, step: StepId) -> Next {
    match error.class {
        ErrorClass::Gone => Next::Gone,
        ErrorClass::NotYet => {
            let left = patience.saturating_sub(tries.patience_used);
            if left.is_zero() {
                return Next::Fail(out_of_patience(error, patience));
            }
            tries.not_yet += 1;
            let wait = back_off(step, tries.not_yet).min(left);
            tries.patience_used += wait;
            Next::Again(wait)
        }
        ErrorClass::Throttled => {
            tries.throttled += 1;
            match tries.throttled > MOST_THROTTLED {
                true => Next::Fail(error),
                false => Next::SlowDown(back_off(step, tries.throttled)),
            }
        }
        ErrorClass::Transient => {
            tries.transient += 1;
            match tries.transient > MOST_TRANSIENT {
                true => Next::Fail(error),
                false => Next::Again(back_off(step, tries.transient)),
            }
        }
        ErrorClass::Denied | ErrorClass::Protected | ErrorClass::Unserved | ErrorClass::Refused => {
            Next::Fail(error)
        }
        ErrorClass::Credentials => Next::StopRun(error),
    }
}

/// The same for a look: it changes nothing, so nothing that it says but an answer can mean "gone".
pub(super) fn next_look(error: CloudError, tries: &mut Tries, step: StepId) -> Next {
    match error.class {
        ErrorClass::Gone | ErrorClass::NotYet => {
            let class = ErrorClass::Transient;
            next(CloudError { class, ..error }, tries, Duration::ZERO, step)
        }
        ErrorClass::Throttled
        | ErrorClass::Denied
        | ErrorClass::Protected
        | ErrorClass::Transient
        | ErrorClass::Credentials
        | ErrorClass::Unserved
        | ErrorClass::Refused => next(error, tries, Duration::ZERO, step),
    }
}

impl Tries {
    /// Takes in the answer of a call. Throttling and failures count in a row: another answer ends the row.
    pub(super) fn answered(&mut self, error: Option<&CloudError>) {
        let class = error.map(|error| error.class);
        if class != Some(ErrorClass::Throttled) {
            self.throttled = 0;
        }
        if class != Some(ErrorClass::Transient) {
            self.transient = 0;
        }
    }
}

fn out_of_patience(error: CloudError, patience: Duration) -> CloudError {
    let message = match patience.is_zero() {
        true => error.message,
        false => format!("{} (still so after {} s of trying)", error.message, patience.as_secs()),
    };
    CloudError { class: ErrorClass::Refused, message, ..error }
}

/// The wait before the attempt after this one (from 1): doubled each time, and spread so that steps which
/// were refused together do not come back together. The spread follows from step and attempt, so a run can be repeated.
pub(super) fn back_off(step: StepId, attempt: u32) -> Duration {
    let doubled = FIRST.saturating_mul(1 << attempt.saturating_sub(1).min(16));
    let spread = mix(u64::from(step.0) << 32 | u64::from(attempt)) % 1000;
    let thousandths = 500 + u32::try_from(spread / 2).unwrap_or(0);
    doubled.min(LONGEST) * thousandths / 1000
}

/// The finaliser of splitmix64 (Steele, Lea, Flood 2014): spreads neighbouring numbers evenly.
fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::testing::error;

    const STEP: StepId = StepId(7);
    const PATIENCE: Duration = Duration::from_secs(300);

    #[test]
    fn a_back_off_doubles_up_to_its_bound_and_is_the_same_each_time() {
        for attempt in 1..80 {
            let wait = back_off(STEP, attempt);
            let full = Duration::from_secs(1 << (attempt - 1).min(10)).min(LONGEST);
            assert!(wait >= full / 2 && wait < full, "{attempt}: {wait:?}");
            assert_eq!(wait, back_off(STEP, attempt));
        }
    }

    #[test]
    fn steps_that_were_refused_together_come_back_apart() {
        let waits: std::collections::BTreeSet<Duration> =
            (1..=20).map(|id| back_off(StepId(id), 5)).collect();
        assert!(waits.len() > 15, "{waits:?}");
    }

    #[test]
    fn not_yet_uses_up_the_patience_exactly_and_then_is_a_refusal() {
        let mut tries = Tries::default();
        let mut waited = Duration::ZERO;
        let last = loop {
            match next(error(ErrorClass::NotYet, "DependencyViolation"), &mut tries, PATIENCE, STEP) {
                Next::Again(wait) => waited += wait,
                other => break other,
            }
        };
        assert_eq!(waited, PATIENCE);
        let Next::Fail(error) = last else { panic!("{last:?}") };
        assert_eq!((error.class, error.code.as_str()), (ErrorClass::Refused, "DependencyViolation"));
        assert!(error.message.contains("300 s"), "{}", error.message);
    }

    #[test]
    fn throttling_uses_no_patience_and_ends_all_the_same() {
        let mut tries = Tries::default();
        let mut slowed = 0;
        while let Next::SlowDown(_) = next(error(ErrorClass::Throttled, "Slow"), &mut tries, PATIENCE, STEP) {
            slowed += 1;
        }
        assert_eq!((slowed, tries.patience_used), (MOST_THROTTLED, Duration::ZERO));
    }

    #[test]
    fn failures_count_only_in_a_row() {
        let lost = error(ErrorClass::Transient, "Timeout");
        let mut tries = Tries::default();
        for _ in 0..3 {
            for _ in 0..MOST_TRANSIENT {
                assert!(matches!(next(lost.clone(), &mut tries, PATIENCE, STEP), Next::Again(_)));
            }
            tries.answered(Some(&error(ErrorClass::NotYet, "DependencyViolation")));
        }
        for _ in 0..MOST_TRANSIENT {
            tries.answered(Some(&lost));
            next(lost.clone(), &mut tries, PATIENCE, STEP);
        }
        assert!(matches!(next(lost, &mut tries, PATIENCE, STEP), Next::Fail(_)));
    }

    #[test]
    fn a_look_never_says_gone_by_an_error() {
        let gone = error(ErrorClass::Gone, "NotFound");
        assert_eq!(next(gone.clone(), &mut Tries::default(), PATIENCE, STEP), Next::Gone);
        assert!(matches!(next_look(gone, &mut Tries::default(), STEP), Next::Again(_)));
    }

    #[test]
    fn what_will_not_change_is_not_tried_again() {
        for class in [ErrorClass::Denied, ErrorClass::Protected, ErrorClass::Refused] {
            let error = error(class, "No");
            assert_eq!(next(error.clone(), &mut Tries::default(), PATIENCE, STEP), Next::Fail(error));
        }
        let error = error(ErrorClass::Credentials, "ExpiredToken");
        assert_eq!(next(error.clone(), &mut Tries::default(), PATIENCE, STEP), Next::StopRun(error));
    }
}
