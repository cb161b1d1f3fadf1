//! Token buckets that match those AWS publishes: the edge takes a token before each call, so that it waits
//! here instead of being refused there.
//!
//! Only half of a published bucket is taken: the account has other users. Where AWS publishes nothing,
//! the numbers are careful guesses and marked so. The buckets themselves are pure; [`Buckets`] adds the clock.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::clock::Clock;
use crate::model::Region;

/// A bucket's size and how many tokens flow in per second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// How many calls may come at once.
    pub burst: f64,
    /// How many calls per second in the long run.
    pub per_second: f64,
}

/// The part of a published bucket that is taken.
const SHARE: f64 = 0.5;
/// For how long a throttled bucket runs at half its rate, in AWS's time.
const YIELD: Duration = Duration::from_secs(30);
/// Calls that were in flight together are throttled together: within this time they count once.
const TOGETHER: Duration = Duration::from_secs(2);
/// However often it is throttled, a bucket keeps this part of its rate, or nothing would ever end.
const SLOWEST: f64 = 1.0 / 16.0;

/// What shares one bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Share {
    /// Each action has its own.
    Action,
    /// All actions of the service that change something.
    Changes,
    /// All actions of the service.
    Service,
}

/// One line of the table: which actions, which bucket.
struct BucketRow {
    service: &'static str,
    /// Beginnings of action names; the empty one fits every action.
    actions: &'static [&'static str],
    share: Share,
    rate: Rate,
}

const fn row(
    service: &'static str,
    actions: &'static [&'static str],
    share: Share,
    burst: f64,
    per_second: f64,
) -> BucketRow {
    BucketRow { service, actions, share, rate: Rate { burst, per_second } }
}

/// Reads, by the verbs that AWS's throttling pages call non-mutating.
const READS: &[&str] = &["Describe", "Get", "List", "Search"];
const ANY: &[&str] = &[""];

/// The first row of a share that fits gives the bucket; an action may draw from one bucket of each share.
const TABLE: &[BucketRow] = &[
    // https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
    row("ec2", &["DeleteVpcEndpoints"], Share::Action, 4.0, 0.3),
    row("ec2", &["DeleteNatGateway", "DisassociateNatGatewayAddress"], Share::Action, 10.0, 1.0),
    row(
        "ec2",
        &["TerminateInstances", "DeleteNetworkInterface", "DeleteVolume", "DeleteSnapshot"],
        Share::Action,
        100.0,
        5.0,
    ),
    row("ec2", &["DescribeSecurityGroupReferences", "DescribeStaleSecurityGroups"], Share::Action, 20.0, 5.0),
    row("ec2", READS, Share::Action, 100.0, 20.0),
    row("ec2", ANY, Share::Action, 50.0, 5.0),
    // https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/throttling.html
    row("elasticloadbalancing", READS, Share::Action, 40.0, 10.0),
    row("elasticloadbalancing", ANY, Share::Changes, 20.0, 3.0),
    row("elasticloadbalancing", ANY, Share::Service, 40.0, 10.0),
    // https://docs.aws.amazon.com/general/latest/gr/arg.html
    row("tag", &["GetResources"], Share::Action, 15.0, 15.0),
    row("tag", ANY, Share::Action, 5.0, 5.0),
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
    row("logs", &["DescribeLogGroups", "DeleteLogGroup"], Share::Action, 10.0, 10.0),
    row("logs", ANY, Share::Action, 5.0, 5.0),
    // https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
    row("cloudtrail", &["LookupEvents"], Share::Action, 2.0, 2.0),
    // https://docs.aws.amazon.com/general/latest/gr/servicequotas.html
    row("servicequotas", &["Get"], Share::Action, 10.0, 5.0),
    row("servicequotas", ANY, Share::Action, 10.0, 10.0),
    // https://docs.aws.amazon.com/general/latest/gr/kms.html
    row("kms", &["DeleteAlias"], Share::Action, 15.0, 15.0),
    // Not published; IAM has one place for the whole account. Twice the rate that is taken.
    row("iam", ANY, Share::Service, 30.0, 30.0),
    // Not published. Twice the rate that is taken.
    row("eks", ANY, Share::Service, 20.0, 20.0),
    row("autoscaling", ANY, Share::Service, 20.0, 20.0),
    row("cloudformation", ANY, Share::Service, 10.0, 10.0),
    row("kms", ANY, Share::Service, 20.0, 20.0),
    row("sts", ANY, Share::Service, 100.0, 100.0),
];

/// A service that the table does not know is called slowly.
const UNKNOWN: BucketRow = row("", ANY, Share::Service, 10.0, 10.0);

/// Which bucket: service, region (`global` for IAM), and the action or the share.
type BucketId = (String, Region, String);

/// The buckets that a call draws from.
fn buckets_of(service: &str, region: &Region, action: &str) -> Vec<(BucketId, Rate)> {
    let region = if service == "iam" { Region::global() } else { region.clone() };
    let reads = READS.iter().any(|verb| action.starts_with(verb));
    let fits = |row: &&BucketRow| {
        row.service == service
            && row.actions.iter().any(|start| action.starts_with(start))
            && !(reads && row.share == Share::Changes)
    };
    let mut found: BTreeMap<Share, &BucketRow> = BTreeMap::new();
    for row in TABLE.iter().filter(fits) {
        found.entry(row.share).or_insert(row);
    }
    if found.is_empty() {
        found.insert(UNKNOWN.share, &UNKNOWN);
    }
    // An action with a published bucket of its own does not draw from the guess for the rest of its service.
    if service != "elasticloadbalancing" && found.contains_key(&Share::Action) {
        found.remove(&Share::Service);
    }
    found
        .into_iter()
        .map(|(share, row)| {
            let name = match share {
                Share::Action => action,
                Share::Changes => "changes",
                Share::Service => "all",
            };
            ((service.to_owned(), region.clone(), name.to_owned()), row.rate)
        })
        .collect()
}

/// One bucket. Pure: the time is given, as time since some beginning.
#[derive(Debug, Clone, PartialEq)]
pub struct Bucket {
    rate: Rate,
    tokens: f64,
    at: Duration,
    /// The part of the rate that is used until `yields_until`.
    factor: f64,
    yields_until: Duration,
    throttled_at: Option<Duration>,
}

impl Bucket {
    /// A full bucket with half of what is published; at least one token, or nothing could be taken.
    pub fn half_of(published: Rate) -> Self {
        let rate =
            Rate { burst: (published.burst * SHARE).max(1.0), per_second: published.per_second * SHARE };
        Self {
            rate,
            tokens: rate.burst,
            at: Duration::ZERO,
            factor: 1.0,
            yields_until: Duration::ZERO,
            throttled_at: None,
        }
    }

    /// Takes a token and says how long to wait before it may be used. Each caller waits behind the one before.
    pub fn take(&mut self, now: Duration) -> Duration {
        self.flow(now);
        self.tokens -= 1.0;
        if self.tokens >= 0.0 {
            return Duration::ZERO;
        }
        Duration::try_from_secs_f64(-self.tokens / self.speed()).unwrap_or(Duration::MAX)
    }

    /// AWS throttled a call: what is left is worth nothing, and for a while only half as much flows in.
    pub fn throttled(&mut self, now: Duration) {
        self.flow(now);
        self.tokens = self.tokens.min(0.0);
        if self.throttled_at.is_none_or(|at| now.saturating_sub(at) >= TOGETHER) {
            self.factor = (self.factor / 2.0).max(SLOWEST);
            self.throttled_at = Some(now);
        }
        self.yields_until = now + YIELD;
    }

    fn speed(&self) -> f64 {
        self.rate.per_second * self.factor
    }

    fn flow(&mut self, now: Duration) {
        if self.factor < 1.0 && now >= self.yields_until {
            self.pour(self.yields_until);
            self.factor = 1.0;
        }
        self.pour(now);
    }

    fn pour(&mut self, until: Duration) {
        let passed = until.saturating_sub(self.at);
        self.tokens = (self.tokens + passed.as_secs_f64() * self.speed()).min(self.rate.burst);
        self.at = self.at.max(until);
    }
}

/// All buckets of a process, for the edge to draw from before each call.
#[derive(Debug)]
pub struct Buckets {
    clock: Clock,
    buckets: Mutex<BTreeMap<BucketId, Bucket>>,
}

impl Buckets {
    /// Full buckets, on a clock that runs so many times faster than the machine's. Needs tokio's timer.
    pub fn new(clock_speed: f64) -> Self {
        Self { clock: Clock::start(clock_speed), buckets: Mutex::new(BTreeMap::new()) }
    }

    /// Waits until this call may be made. `api` is the action's name, with or without its service:
    /// `DeleteVpc`, `ec2:DeleteVpc`.
    pub async fn take(&self, service: &str, region: &Region, api: &str) {
        let now = self.clock.now();
        let wait = self.each(service, region, api, |bucket| bucket.take(now));
        if !wait.is_zero() {
            tokio::time::sleep(self.clock.until(now + wait)).await;
        }
    }

    /// Tells that AWS throttled this call: the buckets it drew from run slower for a while.
    pub fn throttled(&self, service: &str, region: &Region, api: &str) {
        let now = self.clock.now();
        self.each(service, region, api, |bucket| {
            bucket.throttled(now);
            Duration::ZERO
        });
    }

    fn each(
        &self,
        service: &str,
        region: &Region,
        api: &str,
        mut act: impl FnMut(&mut Bucket) -> Duration,
    ) -> Duration {
        let action = api.rsplit(':').next().unwrap_or(api);
        let mut buckets = self.lock();
        let mut longest = Duration::ZERO;
        for (id, rate) in buckets_of(service, region, action) {
            let bucket = buckets.entry(id).or_insert_with(|| Bucket::half_of(rate));
            longest = longest.max(act(bucket));
        }
        longest
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<BucketId, Bucket>> {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests measure waits by the clock")]
mod tests {
    use super::*;

    fn seconds(seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds)
    }

    #[track_caller]
    fn check(service: &str, action: &str, expected: &[(&str, f64, f64)]) {
        let buckets = buckets_of(service, &Region::new("eu-west-1"), action);
        let found: Vec<(&str, f64, f64)> =
            buckets.iter().map(|((_, _, name), rate)| (name.as_str(), rate.burst, rate.per_second)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn each_call_draws_from_the_buckets_that_aws_publishes() {
        check("ec2", "DescribeVpcs", &[("DescribeVpcs", 100.0, 20.0)]);
        check("ec2", "DeleteVpc", &[("DeleteVpc", 50.0, 5.0)]);
        check("ec2", "RevokeSecurityGroupIngress", &[("RevokeSecurityGroupIngress", 50.0, 5.0)]);
        check("ec2", "DeleteVpcEndpoints", &[("DeleteVpcEndpoints", 4.0, 0.3)]);
        check("ec2", "DeleteNatGateway", &[("DeleteNatGateway", 10.0, 1.0)]);
        check("ec2", "TerminateInstances", &[("TerminateInstances", 100.0, 5.0)]);
        check("logs", "DeleteLogGroup", &[("DeleteLogGroup", 10.0, 10.0)]);
        check("logs", "ListTagsForResource", &[("ListTagsForResource", 5.0, 5.0)]);
        check("cloudtrail", "LookupEvents", &[("LookupEvents", 2.0, 2.0)]);
        check("tag", "GetResources", &[("GetResources", 15.0, 15.0)]);
        check("iam", "DeleteRole", &[("all", 30.0, 30.0)]);
        check("somewhere", "DoThings", &[("all", 10.0, 10.0)]);
    }

    #[test]
    fn load_balancers_share_one_bucket_over_all_actions_and_one_over_changes() {
        check("elasticloadbalancing", "DeleteLoadBalancer", &[("changes", 20.0, 3.0), ("all", 40.0, 10.0)]);
        let read = "DescribeLoadBalancers";
        check("elasticloadbalancing", read, &[(read, 40.0, 10.0), ("all", 40.0, 10.0)]);
    }

    #[test]
    fn iam_has_one_bucket_for_all_regions() {
        let of = |region| buckets_of("iam", &Region::new(region), "GetRole");
        assert_eq!(of("eu-west-1"), of("us-east-1"));
    }

    #[test]
    fn half_a_bucket_is_taken_at_once_and_half_its_rate_from_then_on() {
        let mut bucket = Bucket::half_of(Rate { burst: 10.0, per_second: 1.0 });
        for _ in 0..5 {
            assert_eq!(bucket.take(seconds(0.0)), seconds(0.0));
        }
        assert_eq!(bucket.take(seconds(0.0)), seconds(2.0));
        assert_eq!(bucket.take(seconds(0.0)), seconds(4.0));
        // Twelve seconds bring six tokens, two of which were promised.
        for _ in 0..4 {
            assert_eq!(bucket.take(seconds(12.0)), seconds(0.0));
        }
        assert_eq!(bucket.take(seconds(12.0)), seconds(2.0));
    }

    #[test]
    fn over_any_time_no_more_is_taken_than_burst_and_rate_allow() {
        let mut bucket = Bucket::half_of(Rate { burst: 20.0, per_second: 4.0 });
        let mut now = seconds(0.0);
        let mut used = Vec::new();
        for call in 0..200_u32 {
            now += seconds(f64::from(call % 7) / 10.0);
            used.push(now + bucket.take(now));
        }
        for (first, from) in used.iter().enumerate() {
            for (last, to) in used.iter().enumerate().skip(first) {
                let allowed = 10.0 + 2.0 * to.saturating_sub(*from).as_secs_f64() + 1e-6;
                assert!((last - first + 1) as f64 <= allowed + 1.0, "{first}..{last}");
            }
        }
    }

    #[test]
    fn a_throttled_bucket_runs_slower_for_a_while_and_recovers() {
        let mut bucket = Bucket::half_of(Rate { burst: 10.0, per_second: 2.0 });
        // Five calls that were in flight together count once.
        for _ in 0..5 {
            bucket.throttled(seconds(0.0));
        }
        assert_eq!(bucket.take(seconds(0.0)), seconds(2.0));
        bucket.throttled(seconds(10.0));
        assert_eq!(bucket.speed(), 0.25);
        bucket.take(seconds(41.0));
        assert_eq!(bucket.speed(), 1.0);
    }

    #[tokio::test(start_paused = true)]
    async fn waits_are_divided_by_the_clocks_speed() {
        let region = Region::new("eu-west-1");
        for (speed, expected) in [(1.0, 60.0), (60.0, 1.0)] {
            let buckets = Buckets::new(speed);
            let began = tokio::time::Instant::now();
            // Two at once, then one each 6⅔ seconds.
            for _ in 0..11 {
                buckets.take("ec2", &region, "ec2:DeleteVpcEndpoints").await;
            }
            let took = began.elapsed().as_secs_f64();
            assert!((took - expected).abs() < expected * 0.02, "{took} for {expected}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn regions_do_not_wait_for_each_other() {
        let buckets = Buckets::new(1.0);
        let began = tokio::time::Instant::now();
        for region in ["eu-west-1", "eu-west-2", "eu-west-3"] {
            for _ in 0..2 {
                buckets.take("ec2", &Region::new(region), "DeleteVpcEndpoints").await;
            }
        }
        assert_eq!(began.elapsed(), Duration::ZERO);
    }
}
