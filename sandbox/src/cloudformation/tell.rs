//! What is told of stacks: lists, descriptions, events, templates, exports.

use jiff::{SignedDuration, Timestamp};

use super::{find, invalid, no_stack, page, required, site};
use crate::error::AwsResult;
use crate::protocol::{Answer, Ctx};
use crate::stores::cloudformation::{Stack, StackEvent};
use crate::world::World;
use crate::xml::Xml;

/// For how long a deleted stack is told of:
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStacks.html>.
const TOLD_AFTER_DELETION: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Whether a stack is still told of.
pub(super) fn is_told(stack: &Stack, now: Timestamp) -> bool {
    stack.deleted.is_none_or(|deleted| now.duration_since(deleted) < TOLD_AFTER_DELETION)
}

/// The stacks that are told of, the newest first.
fn told(world: &mut World, region: &str) -> Vec<Stack> {
    let now = world.clock.now();
    let stacks = world.region(region).cloudformation.stacks.values();
    let mut stacks: Vec<Stack> = stacks.filter(|stack| is_told(stack, now)).cloned().collect();
    stacks.sort_by(|one, other| (other.created, &one.id).cmp(&(one.created, &other.id)));
    stacks
}

/// ListStacks: <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStacks.html>.
pub(super) fn list_stacks(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let wanted = ctx.params.list("StackStatusFilter");
    let fits = |stack: &Stack| wanted.is_empty() || wanted.iter().any(|it| it == stack.status.as_str());
    let rows = told(world, &ctx.region).into_iter().filter(fits).collect();
    let (rows, next) = page(ctx, rows)?;
    let mut xml = Xml::new();
    xml.members("StackSummaries", rows, |item, stack| {
        write_head(item, &stack);
        item.maybe("TemplateDescription", stack.description.as_ref());
    });
    xml.maybe("NextToken", next);
    Ok(xml.into())
}

/// What summaries and descriptions have in common.
fn write_head(item: &mut Xml, stack: &Stack) {
    item.text("StackId", &stack.id).text("StackName", &stack.name).text("CreationTime", stack.created);
    item.maybe("LastUpdatedTime", stack.updated).maybe("DeletionTime", stack.deleted);
    item.text("StackStatus", stack.status.as_str()).maybe("StackStatusReason", stack.reason.as_ref());
    item.maybe("ParentId", stack.parent.as_ref()).maybe("RootId", stack.root.as_ref());
    item.node("DriftInformation", |inside| {
        inside.text("StackDriftStatus", "NOT_CHECKED");
    });
}

/// DescribeStacks: those that stand, or one by name, or one by id, be it deleted.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html>
pub(super) fn describe_stacks(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let rows = match ctx.params.get("StackName") {
        Some(named) => vec![find(world, &ctx.region, named)?.clone()],
        None => told(world, &ctx.region).into_iter().filter(Stack::stands).collect(),
    };
    let (rows, next) = page(ctx, rows)?;
    let mut xml = Xml::new();
    xml.members("Stacks", rows, |item, stack| write(item, &stack));
    xml.maybe("NextToken", next);
    Ok(xml.into())
}

fn write(item: &mut Xml, stack: &Stack) {
    write_head(item, stack);
    item.maybe("Description", stack.description.as_ref()).maybe("RoleARN", stack.role_arn.as_ref());
    item.text("DisableRollback", stack.on_failure == "DO_NOTHING");
    item.text("EnableTerminationProtection", stack.termination_protection);
    item.member_texts("NotificationARNs", std::iter::empty::<String>());
    item.member_texts("Capabilities", &stack.capabilities);
    item.node("RollbackConfiguration", |_| {});
    item.members("Parameters", &stack.parameters, |inside, (key, value)| {
        inside.text("ParameterKey", key).text("ParameterValue", value);
    });
    item.members("Outputs", &stack.outputs, |inside, output| {
        inside.text("OutputKey", &output.key).text("OutputValue", &output.value);
        inside.maybe("Description", output.description.as_ref()).maybe("ExportName", output.export.as_ref());
    });
    item.members("Tags", &stack.tags, |inside, (key, value)| {
        inside.text("Key", key).text("Value", value);
    });
}

/// DescribeStackEvents: the newest first.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackEvents.html>
pub(super) fn describe_events(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let named = required(ctx, "StackName")?;
    let stack =
        find(world, &ctx.region, named).map_err(|_| invalid(format!("Stack [{named}] does not exist")))?;
    let rows: Vec<StackEvent> = stack.events.iter().rev().cloned().collect();
    let (id, name) = (stack.id.clone(), stack.name.clone());
    let (rows, next) = page(ctx, rows)?;
    let mut xml = Xml::new();
    xml.members("StackEvents", rows, |item, event| {
        item.text("StackId", &id).text("StackName", &name).text("EventId", &event.id);
        item.text("LogicalResourceId", &event.logical).text("PhysicalResourceId", &event.physical);
        item.text("ResourceType", &event.kind).text("Timestamp", event.at);
        item.text("ResourceStatus", event.status).maybe("ResourceStatusReason", event.reason.as_ref());
        item.maybe("ClientRequestToken", event.token.as_ref());
    });
    xml.maybe("NextToken", next);
    Ok(xml.into())
}

/// GetTemplate: <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_GetTemplate.html>.
pub(super) fn get_template(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let stack = find(world, &ctx.region, required(ctx, "StackName")?)?;
    let mut xml = Xml::new();
    xml.text("TemplateBody", &stack.template);
    xml.member_texts("StagesAvailable", ["Original", "Processed"]);
    Ok(xml.into())
}

/// ListExports: <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListExports.html>.
pub(super) fn list_exports(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let mut rows = Vec::new();
    for stack in told(world, &ctx.region).iter().filter(|stack| stack.stands()) {
        let named = stack.outputs.iter().filter_map(|it| Some((it.export.clone()?, it.value.clone())));
        rows.extend(named.map(|(name, value)| (name, value, stack.id.clone())));
    }
    rows.sort();
    let (rows, next) = page(ctx, rows)?;
    let mut xml = Xml::new();
    xml.members("Exports", rows, |item, (name, value, stack)| {
        item.text("ExportingStackId", stack).text("Name", name).text("Value", value);
    });
    xml.maybe("NextToken", next);
    Ok(xml.into())
}

/// ListImports; an export that nobody imports is refused.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListImports.html>; the sentences are
/// AWS's, as they are commonly seen.
pub(super) fn list_imports(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let name = required(ctx, "ExportName")?;
    let users = site::importers(world, &ctx.region, name);
    if users.is_empty() {
        return Err(invalid(format!("Export '{name}' is not imported by any stack.")));
    }
    let (rows, next) = page(ctx, users)?;
    let mut xml = Xml::new();
    xml.member_texts("Imports", rows).maybe("NextToken", next);
    Ok(xml.into())
}

/// ListStackSets: this account administers none. What stack sets of others put here are stacks like any.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStackSets.html>
pub(super) fn list_stack_sets(_: &mut World, _: &Ctx) -> AwsResult<Answer> {
    let mut xml = Xml::new();
    xml.node("Summaries", |_| {});
    Ok(xml.into())
}

/// ListStackInstances, of a set that is not there:
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStackInstances.html>.
pub(super) fn list_stack_instances(_: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let name = required(ctx, "StackSetName")?;
    let mut refusal = no_stack(name);
    refusal.code = "StackSetNotFoundException".to_owned();
    refusal.status = 404;
    refusal.message = format!("StackSet {name} not found");
    Err(refusal)
}
