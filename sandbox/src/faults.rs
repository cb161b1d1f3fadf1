//! Faults on demand: errors, throttling, latency, lost answers, denied actions, lag, other people.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::error::AwsError;

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
    /// How far what EC2 and IAM answer may lag behind what is so, in world time.
    /// <https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html>
    pub lag: Duration,
    /// How long interfaces that services make stand `available`, without an attachment, before they are
    /// attached, and again before they are removed; world time. None is seen so if it is zero.
    pub unattached: Duration,
    /// The share of all calls (0 to 1) that fail with the service's own internal error and do nothing.
    pub failing_share: f64,
    /// The share of all calls that take effect but lose their answer.
    pub losing_share: f64,
    /// What decides where only a share is told. The same seed decides the same way.
    pub dice: Dice,
    /// IAM action of a listing (`ec2:DescribeInstances`) → how its answers are damaged, until it is taken out.
    pub listings: BTreeMap<String, Damage>,
    /// Service as IAM names it (`lambda`) → how it says that it is not served here, as emulators and
    /// partitions without it do.
    pub unserved: BTreeMap<String, Unserved>,
    /// Regions in which an organisation's policy denies every call but those of global services.
    pub forbidden_regions: BTreeSet<String>,
    /// IAM action → what somebody else does right before its next call.
    pub others: BTreeMap<String, Vec<Other>>,
}

/// How the answers of a listing are damaged. Who asks for a thing by its id is told of it all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Damage {
    /// The row with this id, name or ARN is missing.
    LeavesOut(String),
    /// There are no rows, and no further page.
    Empty,
    /// Every page says that there is another one, under the same token.
    RepeatsToken,
    /// The answer ends in its middle.
    CutOff,
}

/// How a service that is not there answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unserved {
    /// 404, as a host without this path.
    NotFound,
    /// 501, as emulators that know the service by name alone.
    NotImplemented,
    /// 400 `InvalidAction` (query protocols) or `UnknownOperationException`, as another service.
    InvalidAction,
}

/// A call of somebody else's, who meets no faults and leaves no record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Other {
    /// A query service: `ec2`, `iam`, `elasticloadbalancing`.
    pub service: String,
    /// The region.
    pub region: String,
    /// The operation: `CreateTags`.
    pub action: String,
    /// Its parameters.
    pub params: Vec<(String, String)>,
}

/// A row of numbers that look random and follow from a seed alone (SplitMix64).
#[derive(Debug, Clone, Default)]
pub struct Dice {
    state: u64,
}

impl Dice {
    /// The row of this seed.
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next number, from 0 up to but without 1.
    pub fn share(&mut self) -> f64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let top = u32::try_from((z ^ (z >> 31)) >> 32).unwrap_or(u32::MAX);
        f64::from(top) / (f64::from(u32::MAX) + 1.0)
    }
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

    /// Whether this call is among the share that fails.
    pub(crate) fn strikes(&mut self) -> bool {
        self.failing_share > 0.0 && self.dice.share() < self.failing_share
    }

    /// What somebody else does right before this call of the action.
    pub(crate) fn meanwhile(&mut self, iam_action: &str) -> Vec<Other> {
        self.others.remove(iam_action).unwrap_or_default()
    }

    /// Whether the answer of this call of the action is to be lost.
    pub(crate) fn loses(&mut self, iam_action: &str) -> bool {
        if self.losing_share > 0.0 && self.dice.share() < self.losing_share {
            return true;
        }
        let Some(left) = self.losing.get_mut(iam_action) else { return false };
        let loses = *left > 0;
        *left = left.saturating_sub(1);
        loses
    }
}
