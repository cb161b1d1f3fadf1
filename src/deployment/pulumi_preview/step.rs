//! A step of a preview as Pulumi writes it, and what is kept of it: both readers of previews make these, and
//! `steps` makes items of them.
//!
//! Shapes: <https://github.com/pulumi/pulumi/blob/master/sdk/go/common/apitype/core.go> (`ResourceV3`) and
//! `events.go` beside it (`StepEventMetadata`, which tells no dependencies).

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::value::{self, Inputs};
use crate::deployment::attributes::Attributes;
use crate::deployment::json::Json;
use crate::deployment::places::{account_of_arn, region_in, region_of_arn, region_told};
use crate::deployment::types::{self, KindRow};
use crate::deployment::value::Entries;
use crate::deployment::{Format, Value};
use crate::model::{AccountId, Region};

/// One step.
#[derive(Debug, Deserialize)]
pub struct RawStep {
    pub op: String,
    pub urn: String,
    #[serde(default, alias = "oldState")]
    old: Option<RawState>,
    #[serde(default, alias = "newState")]
    new: Option<RawState>,
}

/// A resource before or after a step.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct RawState {
    custom: bool,
    external: bool,
    id: Option<String>,
    parent: Option<String>,
    provider: Option<String>,
    inputs: Json,
    outputs: Json,
    dependencies: Option<Vec<String>>,
    property_dependencies: Option<BTreeMap<String, Option<Vec<String>>>>,
}

/// What is kept of a step.
#[derive(Debug)]
pub struct PreviewStep {
    pub op: String,
    pub urn: String,
    pub type_name: String,
    pub row: Option<&'static KindRow>,
    /// Whether it is a resource, and no component that only groups some.
    pub custom: bool,
    /// Whether it is read and not managed.
    pub external: bool,
    pub parent: Option<String>,
    /// The provider's URN.
    pub provider: Option<String>,
    pub properties: Value,
    /// The same as they were, of what there will be.
    pub before: Value,
    /// The region it names itself.
    pub region: Option<Region>,
    /// The region of what it names: its provider's region decides, where both are told.
    pub told: Option<Region>,
    /// The region of its provider, as what it names or its ARN tells it; `None` where it names a region itself.
    pub evidence: Option<Region>,
    /// The region and the account of its own ARN.
    pub arn: (Option<Region>, Option<AccountId>),
    /// URNs.
    pub after: BTreeSet<String>,
}

impl PreviewStep {
    /// What is kept of it.
    pub fn of(raw: RawStep, format: Format) -> Self {
        let type_name = type_of(&raw.urn).to_owned();
        let row = types::of_pulumi(&type_name);
        let remains = raw.new.is_some();
        let (old, new) = (raw.old.unwrap_or_default(), raw.new.unwrap_or_default());
        let aws = type_name.starts_with("aws");
        let arn = [&new, &old].into_iter().find_map(own_arn).filter(|_| aws);
        let external = new.external || old.external;
        let stays = matches!(raw.op.as_str(), "same" | "update" | "refresh");
        let attributes = Attributes::of(format, &type_name, row);
        let changes = remains && raw.op != "same";
        let was = if changes { attributes_of(attributes, &old) } else { Value::Null };
        let before = if remains && stays { old.outputs.0.clone() } else { Value::Null };
        let state = if remains { new } else { old };
        let is_provider = type_name.starts_with("pulumi:providers:aws");
        let set_up = region_in(state.inputs.0.at("region")).filter(|_| is_provider);
        let sources = ReferredUrns::of(&state);
        // What is set goes before what is known.
        let mut properties = places(attributes, before);
        properties.extend(value::read(attributes, state.outputs, &BTreeMap::new()));
        properties.extend(value::read(attributes, state.inputs, &sources.by_property));
        if let Some(id) = state.id.filter(|id| aws && !id.is_empty()) {
            properties.insert_new("id", Value::Text(id));
        }
        let properties = Value::Map(properties);
        let told = region_told(&properties).filter(|_| row.is_some());
        let named = set_up.or_else(|| region_in(properties.at("region")).filter(|_| aws));
        let arn = (
            arn.as_deref().and_then(region_of_arn),
            arn.as_deref().filter(|_| !external).and_then(account_of_arn),
        );
        Self {
            evidence: if named.is_some() { None } else { told.clone().or_else(|| arn.0.clone()) },
            region: named,
            told,
            arn,
            custom: state.custom,
            external,
            parent: state.parent,
            provider: state.provider.as_deref().and_then(provider_urn),
            after: sources.all,
            op: raw.op,
            urn: raw.urn,
            type_name,
            row,
            properties,
            before: was,
        }
    }
}

/// What a state tells: its inputs, and its outputs where there is no input.
fn attributes_of(attributes: Attributes, state: &RawState) -> Value {
    let read = |json: &Json| value::read(attributes, json.clone(), &BTreeMap::new());
    let mut all = read(&state.outputs);
    all.extend(read(&state.inputs));
    if let Some(id) = state.id.as_ref().filter(|id| !all.is_empty() && !id.is_empty()) {
        all.insert_new("id", Value::text(id.as_str()));
    }
    if all.is_empty() { Value::Null } else { Value::Map(all) }
}

/// Of what was known before a change in place, where it lies: anything else may be what changes.
fn places(attributes: Attributes, before: Value) -> Entries {
    let mut before = value::read(attributes, Json(before), &BTreeMap::new());
    before.retain(&["availability_zone", "vpc_id", "subnet_id"]);
    before
}

/// The URNs a state refers to.
struct ReferredUrns {
    all: BTreeSet<String>,
    by_property: Inputs,
}

impl ReferredUrns {
    fn of(state: &RawState) -> Self {
        let properties = state.property_dependencies.iter().flatten();
        let by_property: Inputs =
            properties.map(|(name, urns)| (name.clone(), urns.clone().unwrap_or_default())).collect();
        let named = state.dependencies.iter().flatten().chain(by_property.values().flatten());
        Self { all: named.cloned().collect(), by_property }
    }
}

fn own_arn(state: &RawState) -> Option<String> {
    let id = state.id.as_deref().filter(|id| id.starts_with("arn:"));
    state.outputs.0.at("arn").as_text().or(id).map(str::to_owned)
}

/// The resource's own type, the last of those in a URN: `urn:pulumi:stack::project::parent$type::name`.
pub fn type_of(urn: &str) -> &str {
    let types = urn.split("::").nth(2).unwrap_or_default();
    types.rsplit('$').next().unwrap_or_default()
}

/// `project/stack`.
pub fn stack_of(urn: &str) -> Option<String> {
    let mut parts = urn.strip_prefix("urn:pulumi:")?.split("::");
    let (stack, project) = (parts.next()?, parts.next()?);
    (!stack.is_empty() && !project.is_empty()).then(|| format!("{project}/{stack}"))
}

/// The URN in a reference to a provider, `urn::id`.
fn provider_urn(reference: &str) -> Option<String> {
    reference.rsplit_once("::").map(|(urn, _)| urn.to_owned())
}
