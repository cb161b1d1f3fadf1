//! What Pulumi's exports and checkpoints tell.

use std::ops::RangeInclusive;

use serde::Deserialize;
use serde_json::Value as Json;

use super::error::known;
use super::{PULUMI, Pending, StackState, StateError};

/// The versions that say in the same place what is pending.
const VERSIONS: RangeInclusive<u64> = 1..=4;

/// A checkpoint of a backend that the user keeps.
#[derive(Deserialize)]
pub(super) struct Checkpoint {
    #[serde(alias = "target")]
    pub stack: Option<String>,
    pub latest: Option<Latest>,
}

/// What stands in an export, and in a checkpoint.
#[derive(Deserialize)]
pub(super) struct Latest {
    #[serde(default)]
    resources: Option<Vec<ExportedResource>>,
    #[serde(default)]
    pending_operations: Option<Vec<Operation>>,
}

#[derive(Deserialize)]
struct Operation {
    resource: ExportedResource,
    #[serde(rename = "type")]
    operation: String,
}

#[derive(Deserialize)]
struct ExportedResource {
    urn: String,
}

/// Reads the deployment of an export or a checkpoint, which names the stack.
pub(super) fn read(
    source: &str,
    version: Option<&Json>,
    named: Option<String>,
    latest: Option<Latest>,
) -> Result<StackState, StateError> {
    known(PULUMI, version, VERSIONS)?;
    let latest = latest.unwrap_or(Latest { resources: None, pending_operations: None });
    let operations = latest.pending_operations.unwrap_or_default();
    let pending = operations.iter().map(pending).collect::<Result<_, _>>()?;
    let resources = latest.resources.iter().flatten();
    let mut urns = resources.chain(operations.iter().map(|it| &it.resource)).map(|it| it.urn.as_str());
    let stack = urns.next().and_then(stack_of).or(named.filter(|name| !name.is_empty()));
    Ok(StackState { source: source.to_owned(), tool: PULUMI, stack, locks: Vec::new(), pending })
}

/// `urn:pulumi:<stack>::<project>::<type, after those of its parents>::<name>`
/// (<https://www.pulumi.com/docs/iac/concepts/resources/names/#urns>)
fn parts(urn: &str) -> Option<[&str; 4]> {
    let mut parts = urn.strip_prefix("urn:pulumi:")?.splitn(4, "::");
    let found = [parts.next()?, parts.next()?, parts.next()?, parts.next()?];
    Some(found)
}

fn stack_of(urn: &str) -> Option<String> {
    parts(urn).map(|[stack, project, _, _]| format!("{project}/{stack}"))
}

fn pending(operation: &Operation) -> Result<Pending, StateError> {
    let [_, _, types, name] = parts(&operation.resource.urn).ok_or_else(|| StateError::Broken {
        why: "a pending operation in it is one of no resource".to_owned(),
    })?;
    Ok(Pending {
        operation: operation.operation.clone(),
        type_name: types.rsplit('$').next().unwrap_or(types).to_owned(),
        name: name.to_owned(),
    })
}
