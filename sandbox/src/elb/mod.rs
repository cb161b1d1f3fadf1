//! Elastic Load Balancing v2 (application, network and gateway load balancers) over the query protocol.
//!
//! No traffic flows: what matters is what holds what, and what is said of targets.

mod actions;
mod limits;
pub mod listeners;
pub mod load_balancers;
mod rules;
mod tags;
pub mod target_groups;
pub mod targets;

use crate::error::{AwsError, AwsResult};
use crate::protocol::Protocol;
use crate::query::Params;
use crate::service::{Operation, Service};

/// Elastic Load Balancing as the wire knows it.
pub(crate) const SERVICE: Service = Service {
    scope: "elasticloadbalancing",
    iam: "elasticloadbalancing",
    protocol: Protocol::Query { namespace: "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/" },
    operation,
};

/// The operations of each file.
const TABLES: &[&[(&str, Operation)]] = &[
    limits::OPERATIONS,
    load_balancers::OPERATIONS,
    target_groups::OPERATIONS,
    listeners::OPERATIONS,
    rules::OPERATIONS,
    targets::OPERATIONS,
    tags::OPERATIONS,
];

fn operation(action: &str) -> Option<Operation> {
    TABLES.iter().copied().flatten().find(|(name, _)| *name == action).map(|(_, operation)| *operation)
}

/// The page size when none is asked for, and the largest:
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeLoadBalancers.html>.
const PAGE: usize = 400;

/// Rows with their ARNs, and the marker of the next page.
type Page<T> = (Vec<(String, T)>, Option<String>);

/// One page of rows in the order of their ARNs, and the marker of the next: the ARN it starts with.
fn page<T>(params: &Params, rows: Vec<(String, T)>) -> AwsResult<Page<T>> {
    let size = match params.int("PageSize")? {
        None => PAGE,
        Some(size) => usize::try_from(size).unwrap_or_default(),
    };
    if !(1..=PAGE).contains(&size) {
        return Err(validation("Page size must be between 1 and 400"));
    }
    let start = match params.get("Marker") {
        None => 0,
        Some(marker) => rows.partition_point(|(arn, _)| arn.as_str() < marker),
    };
    let next = rows.get(start + size).map(|(arn, _)| arn.clone());
    Ok((rows.into_iter().skip(start).take(size).collect(), next))
}

fn required<'params>(params: &'params Params, name: &str) -> AwsResult<&'params str> {
    params.get(name).ok_or_else(|| validation(format!("{name} must be specified")))
}

/// The name of a new load balancer or target group:
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html>.
fn new_name(params: &Params) -> AwsResult<String> {
    let name = required(params, "Name")?;
    if name.len() > 32 {
        return Err(validation(format!("The name '{name}' cannot be longer than '32' characters")));
    }
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if !name.bytes().all(allowed) || name.starts_with('-') || name.ends_with('-') {
        return Err(validation(format!(
            "The name '{name}' can only contain characters that are alphanumeric characters and hyphens(-)"
        )));
    }
    Ok(name.to_owned())
}

// The refusals and their statuses (400 throughout):
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/CommonErrors.html
// and the error lists of the operations' pages.

fn validation(text: impl Into<String>) -> AwsError {
    AwsError::new("ValidationError", text)
}

#[cfg(test)]
mod tests;
