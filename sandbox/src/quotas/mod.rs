//! What the account may have: one store, which enforcement and Service Quotas both read.

pub mod table;

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

/// The region in which the quotas of the whole account are told and changed:
/// <https://docs.aws.amazon.com/general/latest/gr/iam-service.html>.
pub const HOME: &str = "us-east-1";

/// The account's quotas, and how Service Quotas behaves.
#[derive(Debug, Clone, Default)]
pub struct Quotas {
    /// Region and code → value. Those of the whole account stand under [`HOME`].
    applied: BTreeMap<(String, String), f64>,
    /// Code → value in every region that has none of its own.
    everywhere: BTreeMap<String, f64>,
    /// Whether ListServiceQuotas and GetServiceQuota give the default where nothing was applied. By the
    /// pages of both calls they do not; accounts have been seen in which they do.
    pub told_by_default: bool,
    /// How long after it was asked for an increase is granted; `None`: it stays pending.
    pub grants_after: Option<Duration>,
    /// The increases that were asked for, by their id.
    pub requests: BTreeMap<String, Increase>,
}

/// An increase that was asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Increase {
    /// The quota's service.
    pub service: String,
    /// The quota's code.
    pub code: String,
    /// Where it was asked for.
    pub region: String,
    /// The value that is wanted.
    pub desired: f64,
    /// When it was asked for.
    pub created: Timestamp,
    /// Whether it was granted.
    pub granted: bool,
}

impl Quotas {
    /// The quotas of an account that has run instances for a while: AWS has raised those of vCPUs by itself,
    /// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-on-demand-instances.html#ec2-on-demand-instances-limits>,
    /// and nothing else.
    pub fn of_a_used_account() -> Self {
        let raised = [(table::STANDARD_VCPUS, 256.0), (table::STANDARD_SPOT_VCPUS, 256.0)];
        let everywhere = raised.into_iter().map(|(code, value)| (code.to_owned(), value)).collect();
        Self { everywhere, ..Self::default() }
    }

    /// Applies a value to a quota, as a granted increase does, or a reduction by AWS.
    pub fn apply(&mut self, region: &str, code: &str, value: f64) {
        self.applied.insert((home(region, code).to_owned(), code.to_owned()), value);
    }

    /// Applies a value to a quota in every region that has none of its own.
    pub fn apply_everywhere(&mut self, code: &str, value: f64) {
        self.everywhere.insert(code.to_owned(), value);
    }

    /// Takes every applied value of a quota away: its default holds again, in all regions.
    pub fn forget(&mut self, code: &str) {
        self.applied.retain(|(_, applied), _| applied != code);
        self.everywhere.remove(code);
    }

    /// What was applied to a quota, if anything was.
    pub fn applied(&self, region: &str, code: &str) -> Option<f64> {
        let own = self.applied.get(&(home(region, code).to_owned(), code.to_owned()));
        own.or_else(|| self.everywhere.get(code)).copied()
    }

    /// How many are permitted: what was applied, else the default. Of an unknown code, none.
    pub(crate) fn limit(&self, region: &str, code: &str) -> usize {
        let default = || table::known(code).map(|(default, _)| default);
        self.applied(region, code).or_else(default).map_or(0, |value| value.max(0.0) as usize)
    }
}

/// The region under which a quota's values stand.
fn home<'a>(region: &'a str, code: &str) -> &'a str {
    match table::known(code) {
        Some((_, true)) => HOME,
        _ => region,
    }
}
