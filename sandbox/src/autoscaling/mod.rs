//! Amazon EC2 Auto Scaling over the query protocol: the groups of EKS's node groups and those of users,
//! launch configurations, and what the account may have.
//!
//! Nothing that a group names is held by it: subnets, templates and target groups can be deleted under it, and
//! what it would launch then is missing.

mod configurations;
mod groups;
mod members;
mod tell;

use crate::error::{AwsError, AwsResult};
use crate::protocol::{Answer, Ctx, Protocol};
use crate::quotas::table;
use crate::service::{Operation, Service};
use crate::world::World;
use crate::xml::Xml;

pub(crate) use members::restore_later;

/// Auto Scaling as the wire knows it.
pub(crate) const SERVICE: Service = Service {
    scope: "autoscaling",
    iam: "autoscaling",
    protocol: Protocol::Query { namespace: "http://autoscaling.amazonaws.com/doc/2011-01-01/" },
    operation,
};

const OPERATIONS: &[(&str, Operation)] = &[
    ("CreateAutoScalingGroup", groups::create),
    ("CreateLaunchConfiguration", configurations::create),
    ("CreateOrUpdateTags", groups::tag),
    ("DeleteAutoScalingGroup", groups::delete),
    ("DeleteLaunchConfiguration", configurations::delete),
    ("DescribeAccountLimits", describe_limits),
    ("DescribeAutoScalingGroups", tell::describe_groups),
    ("DescribeLaunchConfigurations", configurations::describe),
    ("ResumeProcesses", groups::resume),
    ("SuspendProcesses", groups::suspend),
    ("UpdateAutoScalingGroup", groups::update),
];

fn operation(action: &str) -> Option<Operation> {
    OPERATIONS.iter().find(|(name, _)| *name == action).map(|(_, operation)| *operation)
}

/// The page of a call that names no size, and the largest:
/// <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeAutoScalingGroups.html>.
const PAGE: i64 = 50;
const LARGEST_PAGE: i64 = 100;

/// How many rows a page is to have.
fn page_size(ctx: &Ctx) -> AwsResult<usize> {
    let size = ctx.params.int("MaxRecords")?.unwrap_or(PAGE);
    if !(1..=LARGEST_PAGE).contains(&size) {
        return Err(invalid("The value for MaxRecords must be between 1 and 100"));
    }
    Ok(usize::try_from(size).unwrap_or_default())
}

/// A required parameter.
fn required<'ctx>(ctx: &'ctx Ctx, name: &str) -> AwsResult<&'ctx str> {
    ctx.params.get(name).ok_or_else(|| AwsError::constraint("ValidationError", name, None, "not be null"))
}

/// <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/CommonErrors.html>
fn invalid(text: impl Into<String>) -> AwsError {
    AwsError::new("ValidationError", text)
}

/// <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateAutoScalingGroup.html#API_CreateAutoScalingGroup_Errors>
fn already_exists(text: impl Into<String>) -> AwsError {
    AwsError::new("AlreadyExists", text)
}

fn limit_exceeded(text: impl Into<String>) -> AwsError {
    AwsError::new("LimitExceeded", text)
}

/// <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DeleteAutoScalingGroup.html#API_DeleteAutoScalingGroup_Errors>
fn in_use(text: impl Into<String>) -> AwsError {
    AwsError::new("ResourceInUse", text)
}

/// How many groups there are, whoever made them.
fn number_of_groups(world: &mut World, region: &str) -> usize {
    let state = world.region(region);
    let of_nodes: usize = state.eks.clusters.values().map(|cluster| cluster.nodegroups.len()).sum();
    of_nodes + state.autoscaling.groups.len()
}

/// Limits and present numbers in one answer:
/// <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeAccountLimits.html>.
fn describe_limits(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let groups = world.quotas.limit(&ctx.region, table::SCALING_GROUPS);
    let configurations = world.quotas.limit(&ctx.region, table::LAUNCH_CONFIGURATIONS);
    let mut xml = Xml::new();
    xml.text("MaxNumberOfAutoScalingGroups", groups)
        .text("MaxNumberOfLaunchConfigurations", configurations)
        .text("NumberOfAutoScalingGroups", number_of_groups(world, &ctx.region))
        .text("NumberOfLaunchConfigurations", world.region(&ctx.region).autoscaling.configurations.len());
    Ok(xml.into())
}

#[cfg(test)]
mod tests;
