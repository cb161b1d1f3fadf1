//! The SDK's clients for one region. `backend` makes them; the calls of the kinds and the other readers of
//! this room are given them, with the site they speak to and the pace they keep.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_config::SdkConfig;

use crate::model::{AccountId, Key, KindName, Region};
use crate::run::bucket::Buckets;
use crate::session::CallMode;

/// Where calls are made: what the pure functions of the kinds need to know of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// The region, or [`Region::global`].
    pub region: Region,
    /// The account.
    pub account: AccountId,
}

impl Site {
    /// A key in this region.
    pub fn key(&self, kind: &'static str, id: impl Into<String>) -> Key {
        Key::new(KindName::of(kind), self.region.clone(), id)
    }

    /// A key of a global kind.
    pub fn global_key(&self, kind: &'static str, id: impl Into<String>) -> Key {
        Key::new(KindName::of(kind), Region::global(), id)
    }

    /// The ARN of a thing of this account and region.
    pub fn arn(&self, service: &str, rest: &str) -> String {
        format!("arn:{}:{service}:{}:{}:{rest}", self.partition(), self.region, self.account)
    }

    /// The partition the region belongs to.
    pub fn partition(&self) -> &'static str {
        match self.region.as_str() {
            name if name.starts_with("cn-") => "aws-cn",
            name if name.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        }
    }
}

/// One region of one account (for global kinds: the site where IAM answers).
#[derive(Clone)]
pub struct Aws {
    /// Which region and account.
    pub site: Site,
    /// EC2.
    pub ec2: aws_sdk_ec2::Client,
    /// Elastic Load Balancing v2.
    pub elb: aws_sdk_elasticloadbalancingv2::Client,
    /// EC2 Auto Scaling.
    pub autoscaling: aws_sdk_autoscaling::Client,
    /// CloudFormation.
    pub cloudformation: aws_sdk_cloudformation::Client,
    /// ECS.
    pub ecs: aws_sdk_ecs::Client,
    /// EKS.
    pub eks: aws_sdk_eks::Client,
    /// IAM.
    pub iam: aws_sdk_iam::Client,
    /// KMS.
    pub kms: aws_sdk_kms::Client,
    /// CloudTrail; for `global` in the region where IAM's events are kept.
    pub trail: aws_sdk_cloudtrail::Client,
    /// Lambda.
    pub lambda: aws_sdk_lambda::Client,
    /// CloudWatch Logs.
    pub logs: aws_sdk_cloudwatchlogs::Client,
    /// Service Quotas; for `global` in the region where IAM's quotas are kept.
    pub quotas: aws_sdk_servicequotas::Client,
    /// Systems Manager, for the parameter by which an account consents.
    pub ssm: aws_sdk_ssm::Client,
    /// The tagging API of this region; for `global` that of us-east-1, which knows IAM's tags.
    pub tagging: aws_sdk_resourcegroupstagging::Client,
    mode: CallMode,
    speed: f64,
    buckets: Arc<Buckets>,
    calls: Arc<AtomicUsize>,
}

impl Aws {
    /// The clients of one region.
    pub fn new(config: &SdkConfig, site: Site, pace: &Pace) -> Self {
        Self {
            ec2: aws_sdk_ec2::Client::new(config),
            elb: aws_sdk_elasticloadbalancingv2::Client::new(config),
            autoscaling: aws_sdk_autoscaling::Client::new(config),
            cloudformation: aws_sdk_cloudformation::Client::new(config),
            ecs: aws_sdk_ecs::Client::new(config),
            eks: aws_sdk_eks::Client::new(config),
            iam: aws_sdk_iam::Client::new(config),
            kms: aws_sdk_kms::Client::new(config),
            trail: aws_sdk_cloudtrail::Client::new(config),
            lambda: aws_sdk_lambda::Client::new(config),
            logs: aws_sdk_cloudwatchlogs::Client::new(config),
            quotas: aws_sdk_servicequotas::Client::new(config),
            ssm: aws_sdk_ssm::Client::new(config),
            tagging: aws_sdk_resourcegroupstagging::Client::new(config),
            site,
            mode: pace.mode,
            speed: pace.speed,
            buckets: Arc::clone(&pace.buckets),
            calls: Arc::clone(&pace.calls),
        }
    }

    /// EC2's `DryRun` parameter for changing calls.
    pub fn dry_run(&self) -> Option<bool> {
        match self.mode {
            CallMode::Real => None,
            CallMode::Probe => Some(true),
        }
    }

    /// Waits this long on AWS's clock.
    pub(super) async fn rest(&self, time: Duration) {
        tokio::time::sleep(time.div_f64(self.speed)).await;
    }

    /// Waits until the account's published rate lets this call through.
    pub(super) async fn token(&self, api: &'static str) {
        self.calls.fetch_add(1, Ordering::Relaxed);
        let (service, action) = api.split_once(':').unwrap_or(("", api));
        self.buckets.take(service, &self.site.region, action).await;
    }

    /// Learns that AWS throttled this call.
    pub(super) fn throttled(&self, api: &'static str) {
        let (service, action) = api.split_once(':').unwrap_or(("", api));
        self.buckets.throttled(service, &self.site.region, action);
    }
}

/// How fast calls may go, and whether they are real: shared by all regions of a session.
#[derive(Clone)]
pub struct Pace {
    /// Real calls or probes.
    pub mode: CallMode,
    /// How much faster than AWS's the endpoint's clock runs.
    pub speed: f64,
    /// The token buckets.
    pub buckets: Arc<Buckets>,
    /// How many calls were made with these clients.
    pub calls: Arc<AtomicUsize>,
}
