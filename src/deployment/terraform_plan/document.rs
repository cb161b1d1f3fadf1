//! The parts of a plan's JSON that are read, as Terraform and OpenTofu write it.
//!
//! <https://developer.hashicorp.com/terraform/internals/json-format>. Everything else of the file is
//! passed over, and each change becomes a [`Draft`] as soon as it is read, so that a large plan takes
//! little memory.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, SeqAccess, Visitor};

use super::configuration::Configuration;
use super::draft::Draft;
use crate::deployment::json::Json;

/// A plan.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct TerraformPlan {
    pub format_version: String,
    pub variables: BTreeMap<String, Variable>,
    pub resource_changes: Changes,
    pub deferred_changes: Vec<Deferred>,
    pub prior_state: Option<PriorState>,
    pub configuration: Configuration,
    pub complete: Option<bool>,
    pub errored: bool,
}

/// A variable's value.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Variable {
    pub value: Json,
}

/// What changes, and what does not.
#[derive(Debug, Default)]
pub struct Changes(pub Vec<Draft>);

impl<'de> Deserialize<'de> for Changes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EachChange)
    }
}

struct EachChange;

impl<'de> Visitor<'de> for EachChange {
    type Value = Changes;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of changes")
    }

    fn visit_unit<E>(self) -> Result<Changes, E> {
        Ok(Changes::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Changes, A::Error> {
        let mut drafts = Vec::new();
        while let Some(change) = seq.next_element::<ResourceChange>()? {
            drafts.extend(Draft::of(change));
        }
        Ok(Changes(drafts))
    }
}

/// One instance of a resource, and what happens to it.
#[derive(Debug, Deserialize)]
pub struct ResourceChange {
    pub address: String,
    #[serde(default)]
    pub module_address: Option<String>,
    pub mode: String,
    #[serde(rename = "type")]
    pub type_name: String,
    pub name: String,
    #[serde(default)]
    pub index: Json,
    #[serde(default)]
    pub deposed: Option<String>,
    pub change: PlannedActions,
}

/// What happens to it.
#[derive(Debug, Deserialize)]
pub struct PlannedActions {
    pub actions: Vec<String>,
    #[serde(default)]
    pub before: Json,
    #[serde(default)]
    pub after: Json,
    #[serde(default)]
    pub after_unknown: Json,
    #[serde(default)]
    pub before_sensitive: Json,
    #[serde(default)]
    pub after_sensitive: Json,
    #[serde(default)]
    pub importing: Option<IgnoredAny>,
}

/// A change that is put off to another run.
#[derive(Debug, Deserialize)]
pub struct Deferred {
    pub resource_change: Option<DeferredChange>,
}

/// What is put off.
#[derive(Debug, Deserialize)]
pub struct DeferredChange {
    pub address: String,
    #[serde(default)]
    pub mode: String,
}

/// The state before, as far as it names the account.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct PriorState {
    values: Option<StateValues>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct StateValues {
    root_module: StateModule,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct StateModule {
    resources: Vec<StateResource>,
    child_modules: Vec<StateModule>,
}

#[derive(Debug, Deserialize)]
struct StateResource {
    #[serde(rename = "type", default)]
    type_name: String,
    #[serde(default)]
    values: Option<CallerIdentity>,
}

#[derive(Debug, Deserialize)]
struct CallerIdentity {
    #[serde(default)]
    account_id: Json,
}

impl PriorState {
    /// The accounts that its `aws_caller_identity` data sources name.
    pub fn accounts(&self) -> Vec<&str> {
        let mut found = Vec::new();
        let mut modules: Vec<&StateModule> = self.values.iter().map(|values| &values.root_module).collect();
        while let Some(module) = modules.pop() {
            modules.extend(&module.child_modules);
            let callers = module.resources.iter().filter(|it| it.type_name == "aws_caller_identity");
            found.extend(callers.filter_map(|it| it.values.as_ref()?.account_id.0.as_text()));
        }
        found
    }
}
