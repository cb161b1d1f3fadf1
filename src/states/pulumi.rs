//! What Pulumi's exports and checkpoints tell
//! (<https://github.com/pulumi/pulumi/blob/master/sdk/go/common/apitype/core.go>).

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value as Json;

use super::attributes::Attributes;
use super::error::{known, unread};
use super::holdings::{Gathering, Holdings, Told, shown};
use super::{PULUMI, Pending, StateError};
use crate::deployment::places::region_named;
use crate::deployment::types;
use crate::model::OwnedStatus;

/// The versions that say in the same place what is there and what is pending.
const VERSIONS: RangeInclusive<u64> = 1..=4;

/// What a stack's provider is, whatever it is a provider of.
const PROVIDERS: &str = "pulumi:providers:";

/// What the operation that makes a thing is called.
const CREATING: &str = "creating";

#[derive(Deserialize)]
struct File {
    deployment: Option<Latest>,
    checkpoint: Option<Checkpoint>,
}

/// What a backend keeps that is the user's own.
#[derive(Deserialize)]
struct Checkpoint {
    #[serde(alias = "target")]
    stack: Option<String>,
    latest: Option<Latest>,
}

#[derive(Default, Deserialize)]
struct Latest {
    resources: Option<Vec<ExportedResource>>,
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
    #[serde(rename = "type")]
    type_name: Option<String>,
    id: Option<String>,
    custom: Option<bool>,
    external: Option<bool>,
    delete: Option<bool>,
    taint: Option<bool>,
    #[serde(rename = "initErrors")]
    init_errors: Option<Vec<IgnoredAny>>,
    provider: Option<String>,
    inputs: Option<Attributes>,
    outputs: Option<Attributes>,
    /// What a checkpoint of the first version tells beside the inputs.
    defaults: Option<Attributes>,
}

/// A stack as an export or a checkpoint tells it.
pub(super) struct Stack {
    /// Its project and name.
    pub stack: Option<String>,
    /// What was begun and not finished.
    pub pending: Vec<Pending>,
    /// What it owns.
    pub holdings: Holdings,
}

/// Reads an export or a checkpoint.
pub(super) fn read(version: Option<&Json>, bytes: &[u8]) -> Result<Stack, StateError> {
    known(PULUMI, version, VERSIONS)?;
    let file: File = serde_json::from_slice(bytes).map_err(|error| unread(bytes, &error))?;
    let (named, latest) = match (file.deployment, file.checkpoint) {
        (Some(latest), _) => (None, latest),
        (None, Some(checkpoint)) => (checkpoint.stack, checkpoint.latest.unwrap_or_default()),
        (None, None) => (None, Latest::default()),
    };
    let resources = latest.resources.unwrap_or_default();
    let operations = latest.pending_operations.unwrap_or_default();
    let urns = resources.iter().chain(operations.iter().map(|it| &it.resource)).map(|it| it.urn.as_str());
    let stack =
        urns.take(1).find_map(stack_of).or(named.filter(|name| !name.is_empty())).map(|it| shown(&it));
    let pending = operations.iter().map(pending).collect::<Result<_, _>>()?;
    let holdings = holdings(resources, operations)?;
    Ok(Stack { stack, pending, holdings })
}

fn holdings(resources: Vec<ExportedResource>, operations: Vec<Operation>) -> Result<Holdings, StateError> {
    let mut all = Gathering::default();
    let mut seen = BTreeSet::new();
    for it in resources {
        seen.extend(it.id.as_ref().map(|id| (it.urn.clone(), id.clone())));
        take(&mut all, it, false)?;
    }
    for Operation { resource, operation } in operations {
        // What is changed or removed stands among the resources as well.
        let twice = resource.id.as_ref().is_some_and(|id| seen.contains(&(resource.urn.clone(), id.clone())));
        if !twice {
            take(&mut all, resource, operation == CREATING)?;
        }
    }
    Ok(all.done())
}

fn take(all: &mut Gathering, it: ExportedResource, creating: bool) -> Result<(), StateError> {
    let type_name = it.type_name.as_deref().unwrap_or_else(|| type_of(&it.urn)).to_owned();
    let id = it.id.unwrap_or_default();
    let attributes = it.outputs.unwrap_or_default().with(it.inputs).with(it.defaults);
    if type_name.starts_with(PROVIDERS) {
        if let Some(region) = attributes.own("region").and_then(region_named) {
            all.works_in(&format!("{}::{id}", it.urn), region);
        }
        all.name(attributes);
        return Ok(());
    }
    let row = types::of_pulumi(&type_name);
    let is_aws = ["aws:", "aws-native:"].iter().any(|it| type_name.starts_with(it));
    let begun = creating && id.is_empty();
    if it.external == Some(true) {
        all.look_up(row, &id, attributes);
        return Ok(());
    }
    if it.custom != Some(true) || !is_aws || (id.is_empty() && !begun) {
        all.name(attributes);
        return Ok(());
    }
    let failed = it.taint == Some(true) || it.init_errors.is_some_and(|errors| !errors.is_empty());
    let status = match (begun, it.delete == Some(true), failed) {
        (true, _, _) => OwnedStatus::Pending,
        (false, true, _) => OwnedStatus::Deposed,
        (false, false, true) => OwnedStatus::Tainted,
        (false, false, false) => OwnedStatus::Managed,
    };
    let told = Told { address: it.urn, type_name, row, id, status, provider: it.provider };
    all.own(told, attributes)
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

fn type_of(urn: &str) -> &str {
    parts(urn).map_or("", |[_, _, types, _]| types.rsplit('$').next().unwrap_or(types))
}

fn pending(operation: &Operation) -> Result<Pending, StateError> {
    let [_, _, _, name] = parts(&operation.resource.urn).ok_or_else(|| StateError::Broken {
        why: "a pending operation in it is one of no resource".to_owned(),
    })?;
    Ok(Pending {
        operation: operation.operation.clone(),
        type_name: type_of(&operation.resource.urn).to_owned(),
        name: name.to_owned(),
    })
}
