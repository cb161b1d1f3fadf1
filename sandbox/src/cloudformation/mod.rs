//! AWS CloudFormation over the query protocol: stacks that own things of the other services, make them, and
//! delete them again through those services' own operations, with their refusals.
//!
//! A stack's operations happen on the world's clock (`work`). What AWS does of the rest (change sets, updates,
//! drift, stack sets) is not modelled.

mod calls;
mod hands;
mod kinds;
mod make;
mod seed;
mod site;
mod stamp;
mod tell;
mod tell_members;
mod template;
mod undo;
mod work;

use crate::error::{AwsError, AwsResult};
use crate::protocol::{Ctx, Protocol};
use crate::service::{Operation, Service};
use crate::stores::cloudformation::Stack;
use crate::world::World;

pub use seed::{NewMember, NewStack, seed};
pub use work::{PATIENCE, TICK};

/// CloudFormation as the wire knows it.
pub(crate) const SERVICE: Service = Service {
    scope: "cloudformation",
    iam: "cloudformation",
    protocol: Protocol::Query { namespace: "http://cloudformation.amazonaws.com/doc/2010-05-15/" },
    operation,
};

const OPERATIONS: &[(&str, Operation)] = &[
    ("CreateStack", calls::create),
    ("DeleteStack", calls::delete),
    ("DescribeStackEvents", tell::describe_events),
    ("DescribeStackResource", tell_members::describe_one),
    ("DescribeStackResources", tell_members::describe),
    ("DescribeStacks", tell::describe_stacks),
    ("GetTemplate", tell::get_template),
    ("ListExports", tell::list_exports),
    ("ListImports", tell::list_imports),
    ("ListStackInstances", tell::list_stack_instances),
    ("ListStackResources", tell_members::list),
    ("ListStackSets", tell::list_stack_sets),
    ("ListStacks", tell::list_stacks),
    ("UpdateTerminationProtection", calls::update_termination_protection),
];

fn operation(action: &str) -> Option<Operation> {
    OPERATIONS.iter().find(|(name, _)| *name == action).map(|(_, operation)| *operation)
}

/// How many rows an answer has at most: <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListExports.html>
/// tells 100 for exports; of the others only that an answer is cut at a megabyte, and they are commonly seen to
/// have as many.
const PAGE: usize = 100;

/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/CommonErrors.html>
fn invalid(text: impl Into<String>) -> AwsError {
    AwsError::new("ValidationError", text)
}

fn no_stack(named: &str) -> AwsError {
    invalid(format!("Stack with id {named} does not exist"))
}

/// A required parameter.
fn required<'ctx>(ctx: &'ctx Ctx, name: &str) -> AwsResult<&'ctx str> {
    ctx.params.get(name).ok_or_else(|| AwsError::constraint("ValidationError", name, None, "not be null"))
}

/// The stack that a call names: by its name while it stands, by its id for as long as deleted stacks are told.
fn find<'world>(world: &'world mut World, region: &str, named: &str) -> AwsResult<&'world Stack> {
    let now = world.clock.now();
    let stacks = &world.region(region).cloudformation;
    stacks.find(named).filter(|stack| tell::is_told(stack, now)).ok_or_else(|| no_stack(named))
}

/// One page of rows, and the token of the next one. Tokens are places in the list.
fn page<T>(ctx: &Ctx, rows: Vec<T>) -> AwsResult<(Vec<T>, Option<String>)> {
    let start = match ctx.params.get("NextToken") {
        None => 0,
        Some(token) => usize::from_str_radix(token, 16).map_err(|_| invalid("Invalid token"))?,
    };
    let next = (rows.len() > start + PAGE).then(|| format!("{:08x}", start + PAGE));
    Ok((rows.into_iter().skip(start).take(PAGE).collect(), next))
}

#[cfg(test)]
mod tests;
