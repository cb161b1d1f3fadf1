//! Faults on demand: errors, throttling, latency, lost answers, denied actions.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::error::AwsError;

/// What is to go wrong. Empty: nothing.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    /// IAM actions (`ec2:DeleteVpc`) that the caller is not allowed; answered with each service's own denial.
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
