//! What is told of the members of stacks.

use super::{PAGE, find, invalid, page, required};
use crate::error::AwsResult;
use crate::protocol::{Answer, Ctx};
use crate::stores::cloudformation::{Member, Stack};
use crate::world::World;
use crate::xml::Xml;

/// ListStackResources: of one that stands by name, of a deleted one by id.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStackResources.html>
pub(super) fn list(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let stack = find(world, &ctx.region, required(ctx, "StackName")?)?.clone();
    let (rows, next) = page(ctx, stack.members.iter().collect())?;
    let mut xml = Xml::new();
    xml.members("StackResourceSummaries", rows, |item, (logical, member)| {
        write(item, logical, member, "LastUpdatedTimestamp");
    });
    xml.maybe("NextToken", next);
    Ok(xml.into())
}

fn write(item: &mut Xml, logical: &str, member: &Member, moment: &str) {
    item.text("LogicalResourceId", logical).maybe("PhysicalResourceId", member.physical.as_ref());
    item.text("ResourceType", &member.kind).text(moment, member.changed);
    item.text("ResourceStatus", member.status.as_str()).maybe("ResourceStatusReason", member.reason.as_ref());
    item.node("DriftInformation", |inside| {
        inside.text("StackResourceDriftStatus", "NOT_CHECKED");
    });
}

/// DescribeStackResources, by stack or by what one of its members is; the first hundred only.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackResources.html>
pub(super) fn describe(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let stack = match (ctx.params.get("StackName"), ctx.params.get("PhysicalResourceId")) {
        (Some(named), None) => find(world, &ctx.region, named)?.clone(),
        (None, Some(physical)) => of_member(world, &ctx.region, physical)?,
        (Some(_), Some(_)) | (None, None) => {
            return Err(invalid("You must specify either StackName or PhysicalResourceId, but not both."));
        }
    };
    let wanted = ctx.params.get("LogicalResourceId");
    let rows = stack.members.iter().filter(|(logical, _)| wanted.is_none_or(|wanted| wanted == *logical));
    let mut xml = Xml::new();
    xml.members("StackResources", rows.take(PAGE), |item, (logical, member)| {
        item.text("StackName", &stack.name).text("StackId", &stack.id);
        write(item, logical, member, "Timestamp");
    });
    Ok(xml.into())
}

/// The stack that has this thing. The sentence is AWS's, as it is commonly seen.
fn of_member(world: &mut World, region: &str, physical: &str) -> AwsResult<Stack> {
    let stacks = world.region(region).cloudformation.stacks.values().filter(|stack| stack.stands());
    let has = |stack: &&Stack| {
        stack.members.values().any(|it| !it.status.is_over() && it.physical.as_deref() == Some(physical))
    };
    stacks.clone().find(has).cloned().ok_or_else(|| invalid(format!("Stack for {physical} does not exist")))
}

/// DescribeStackResource:
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackResource.html>.
pub(super) fn describe_one(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let (named, logical) = (required(ctx, "StackName")?, required(ctx, "LogicalResourceId")?);
    let stack = find(world, &ctx.region, named)?;
    let missing = || invalid(format!("Resource {logical} does not exist for stack {named}"));
    let member = stack.members.get(logical).ok_or_else(missing)?;
    let mut xml = Xml::new();
    xml.node("StackResourceDetail", |item| {
        item.text("StackName", &stack.name).text("StackId", &stack.id);
        write(item, logical, member, "LastUpdatedTimestamp");
    });
    Ok(xml.into())
}
