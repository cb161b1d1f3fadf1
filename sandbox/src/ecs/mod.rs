//! Amazon ECS over AWS JSON 1.1: clusters, services and task definitions, with the roles, networks and target
//! groups that they name, and the interfaces of running tasks. Nothing runs.

mod clusters;
mod definitions;
mod services;

use serde_json::{Value, json};

use crate::error::{AwsError, AwsResult};
use crate::fields::Fields;
use crate::protocol::Protocol;
use crate::service::{Operation, Service};
use crate::stores::ecs::EcsCluster;
use crate::tags::Tags;
use crate::world::World;

pub use services::START;

/// ECS as the wire knows it.
pub(crate) const SERVICE: Service = Service { scope: "ecs", iam: "ecs", protocol: Protocol::Json, operation };

const OPERATIONS: &[(&str, Operation)] = &[
    ("CreateCluster", clusters::create),
    ("CreateService", services::create),
    ("DeleteCluster", clusters::delete),
    ("DeleteService", services::delete),
    ("DescribeClusters", clusters::describe),
    ("DescribeServices", services::describe),
    ("DescribeTaskDefinition", definitions::describe),
    ("ListClusters", clusters::list),
    ("ListServices", services::list),
    ("ListTagsForResource", clusters::list_tags),
    ("RegisterTaskDefinition", definitions::register),
    ("UpdateService", services::update),
];

fn operation(action: &str) -> Option<Operation> {
    OPERATIONS.iter().find(|(name, _)| *name == action).map(|(_, operation)| *operation)
}

// The refusals: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/CommonErrors.html and the error
// lists of the operations' pages.

fn invalid(text: impl Into<String>) -> AwsError {
    AwsError::new("InvalidParameterException", text)
}

/// The name at the end of an ARN, or the name itself.
fn name_in(named: &str) -> &str {
    named.rsplit('/').next().unwrap_or(named)
}

/// The cluster that a call names by name or ARN; `default` if it names none.
fn cluster<'world>(
    world: &'world mut World,
    region: &str,
    input: &Fields,
) -> AwsResult<&'world mut EcsCluster> {
    let named = input.text("cluster").unwrap_or_else(|| "default".to_owned());
    let missing = || AwsError::new("ClusterNotFoundException", "Cluster not found.");
    world.region(region).ecs.clusters.get_mut(name_in(&named)).ok_or_else(missing)
}

/// Tags as ECS writes them: a list of `key` and `value`.
fn tags_of(input: &Fields) -> Tags {
    let pair = |tag: &Fields| Some((tag.text("key")?, tag.text("value").unwrap_or_default()));
    input.objects("tags").iter().filter_map(pair).collect()
}

fn told_tags(tags: &Tags) -> Value {
    tags.iter().map(|(key, value)| json!({ "key": key, "value": value })).collect()
}

/// One page of ARNs, which must be sorted: `maxResults` is at most 100, `nextToken` the last ARN told.
/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListServices.html>
fn page(field: &str, arns: &[String], input: &Fields, unasked: usize) -> AwsResult<Value> {
    let size = match input.number("maxResults") {
        None => unasked,
        Some(size @ 1..=100) => size as usize,
        Some(_) => return Err(invalid("maxResults must be between 1 and 100")),
    };
    let after = input.text("nextToken").unwrap_or_default();
    let rest: Vec<&String> = arns.iter().filter(|arn| **arn > after).collect();
    let mut value = json!({ field: rest.iter().take(size).collect::<Vec<_>>() });
    if rest.len() > size {
        value["nextToken"] = json!(rest[size - 1]);
    }
    Ok(value)
}

#[cfg(test)]
mod tests;
