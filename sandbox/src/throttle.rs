//! AWS's published request rates, as token buckets per region and action.
//!
//! The buckets fill on the world's clock: with a clock N times faster they
//! fill N times faster, so that a client which shortens its own waits by N
//! meets AWS's numbers. Services without published numbers (IAM, EKS, Auto Scaling) are not
//! throttled. The buckets of resource counts (instances per second) are absent.

use crate::error::{AwsError, AwsResult};
use crate::protocol::{Ctx, Protocol};
use crate::service::Service;
use crate::world::{Bucket, World};

/// How many requests a bucket holds, and how many come back per second.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Rate {
    holds: f64,
    per_second: f64,
}

const fn rate(holds: f64, per_second: f64) -> Option<Rate> {
    Some(Rate { holds, per_second })
}

/// Takes one token for this call, or refuses it. Does nothing unless throttling was asked for.
pub(crate) fn take(world: &mut World, service: &Service, ctx: &Ctx) -> AwsResult<()> {
    if !world.faults.throttle {
        return Ok(());
    }
    let Some(rate) = rate_of(service.iam, ctx) else { return Ok(()) };
    let now = world.clock.elapsed();
    let name = format!("{}:{}:{}", service.iam, ctx.region, ctx.action);
    let bucket = world.buckets.entry(name).or_insert(Bucket { tokens: rate.holds, filled: now });
    let refilled = now.saturating_sub(bucket.filled).as_secs_f64() * rate.per_second;
    bucket.tokens = (bucket.tokens + refilled).min(rate.holds);
    bucket.filled = now;
    if bucket.tokens < 1.0 {
        return Err(refusal(&service.protocol, service.iam));
    }
    bucket.tokens -= 1.0;
    Ok(())
}

fn refusal(protocol: &Protocol, iam: &str) -> AwsError {
    match protocol {
        Protocol::Ec2Query { .. } => {
            AwsError::with_status(503, "RequestLimitExceeded", "Request limit exceeded.")
        }
        Protocol::Query { .. } => AwsError::new("Throttling", "Rate exceeded"),
        // https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html#API_GetResources_Errors
        Protocol::Json if iam == "tag" => AwsError::new("ThrottledException", "Rate exceeded"),
        Protocol::Json if iam == "servicequotas" => {
            AwsError::new("TooManyRequestsException", "Rate exceeded")
        }
        Protocol::Json => AwsError::new("ThrottlingException", "Rate exceeded"),
        Protocol::RestJson { .. } => AwsError::with_status(429, "ThrottlingException", "Rate exceeded"),
        // https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
        Protocol::RestXml { .. } => {
            AwsError::with_status(503, "SlowDown", "Please reduce your request rate.")
        }
    }
}

fn rate_of(iam: &str, ctx: &Ctx) -> Option<Rate> {
    let action = ctx.action.as_str();
    match iam {
        "ec2" => ec2_rate(ctx),
        // https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/elb-api-throttling.html
        "elasticloadbalancing" if action.starts_with("Describe") => rate(40.0, 10.0),
        "elasticloadbalancing" if action.contains("Targets") => rate(20.0, 4.0),
        "elasticloadbalancing" => rate(20.0, 3.0),
        // https://docs.aws.amazon.com/general/latest/gr/arg.html#limits_resource-groups-tagging-api
        "tag" if action == "GetResources" => rate(15.0, 15.0),
        "tag" => rate(5.0, 5.0),
        // https://docs.aws.amazon.com/general/latest/gr/cwl_region.html
        "logs" if action == "ListTagsForResource" => rate(5.0, 5.0),
        "logs" => rate(10.0, 10.0),
        // https://docs.aws.amazon.com/general/latest/gr/servicequotas.html
        "servicequotas" if action.starts_with("Get") => rate(10.0, 5.0),
        "servicequotas" => rate(10.0, 10.0),
        // https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
        "cloudtrail" if action == "LookupEvents" => rate(2.0, 2.0),
        // https://docs.aws.amazon.com/general/latest/gr/ssm.html#limits_ssm
        "ssm" if action.starts_with("GetParameter") => rate(40.0, 40.0),
        "ssm" if action == "PutParameter" => rate(3.0, 3.0),
        // By prefix on AWS, of which one bucket's states have one:
        // https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html
        "s3" if ["Put", "Delete"].iter().any(|verb| action.starts_with(verb)) => rate(3500.0, 3500.0),
        "s3" => rate(5500.0, 5500.0),
        // https://docs.aws.amazon.com/kms/latest/developerguide/throttling.html
        "kms" if ["CreateAlias", "CreateKey", "CancelKeyDeletion"].contains(&action) => rate(5.0, 5.0),
        "kms" if ["DeleteAlias", "ScheduleKeyDeletion"].contains(&action) => rate(15.0, 15.0),
        "kms" => rate(500.0, 500.0),
        // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
        "sts" => rate(600.0, 600.0),
        _ => None,
    }
}

/// EC2's categories and its rows of their own:
/// <https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html>.
fn ec2_rate(ctx: &Ctx) -> Option<Rate> {
    const COSTLY_WHEN_BARE: &[&str] = &[
        "DescribeInstances",
        "DescribeInstanceStatus",
        "DescribeNetworkInterfaces",
        "DescribeSecurityGroups",
        "DescribeSnapshots",
        "DescribeSpotInstanceRequests",
        "DescribeVolumes",
    ];
    let action = ctx.action.as_str();
    match action {
        "DeleteVpcEndpoints" => rate(4.0, 0.3),
        "DeleteNatGateway" | "DisassociateNatGatewayAddress" => rate(10.0, 1.0),
        "DeleteNetworkInterface" | "DeleteVolume" | "TerminateInstances" => rate(100.0, 5.0),
        "CreateTags" | "DeleteTags" => rate(100.0, 10.0),
        "DescribeSecurityGroupReferences" => rate(20.0, 5.0),
        _ if COSTLY_WHEN_BARE.contains(&action) && is_bare(ctx) => rate(50.0, 10.0),
        _ if ["Describe", "Get", "List", "Search"].iter().any(|verb| action.starts_with(verb)) => {
            rate(100.0, 20.0)
        }
        _ => rate(50.0, 5.0),
    }
}

/// Whether a describe call names no filter, no id and no page size.
fn is_bare(ctx: &Ctx) -> bool {
    const OTHER: &[&str] = &["Action", "Version", "DryRun", "IncludeManagedResources"];
    ctx.params.iter().all(|(key, _)| OTHER.contains(&key))
}
