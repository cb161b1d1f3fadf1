//! Faults on demand: errors, throttling, latency, lost answers, denied actions.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::error::AwsError;

/// What is to go wrong. Empty: nothing.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    /// IAM actions (`ec2:DeleteVpc`, or `ec2:*`) that the caller is not allowed; answered with each service's own denial.
    pub denied: BTreeSet<String>,
    /// IAM action → how many of its next calls fail, and with what.
    pub failing: BTreeMap<String, (u32, AwsError)>,
    /// IAM action → how many of its next calls take effect but lose their answer.
    pub losing: BTreeMap<String, u32>,
    /// Time added to every answer, in real time.
    pub latency: Duration,
    /// Whether AWS's published request buckets are enforced.
    pub throttle: bool,
    /// Regions that are not enabled: `AuthFailure` and its like.
    pub disabled_regions: BTreeSet<String>,
}

impl Faults {
    /// Whether this IAM action is denied; a denial may end in `*`.
    pub(crate) fn denies(&self, iam_action: &str) -> bool {
        self.denied.iter().any(|denial| match denial.strip_suffix('*') {
            Some(start) => iam_action.starts_with(start),
            None => denial == iam_action,
        })
    }

    /// The failure that this call of the action is to meet, if any is left.
    pub(crate) fn fails(&mut self, iam_action: &str) -> Option<AwsError> {
        let (left, error) = self.failing.get_mut(iam_action)?;
        *left = left.checked_sub(1)?;
        Some(error.clone())
    }

    /// Whether the answer of this call of the action is to be lost.
    pub(crate) fn loses(&mut self, iam_action: &str) -> bool {
        let Some(left) = self.losing.get_mut(iam_action) else { return false };
        let loses = *left > 0;
        *left = left.saturating_sub(1);
        loses
    }
}
