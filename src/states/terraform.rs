//! What Terraform's and OpenTofu's states tell: the file itself, and what `terraform show -json` writes of it.
//!
//! The file: <https://github.com/hashicorp/terraform/blob/main/internal/states/statefile/version4.go>, the other:
//! <https://developer.hashicorp.com/terraform/internals/json-format#state-representation>.

use std::ops::RangeInclusive;

use serde::Deserialize;
use serde_json::Value as Json;

use super::attributes::Attributes;
use super::error::{known, unread};
use super::holdings::{Gathering, Holdings, Told};
use super::{StateError, TERRAFORM};
use crate::deployment::places::account_named;
use crate::deployment::types;
use crate::model::OwnedStatus;

/// The version of states since 0.12.
const VERSIONS: RangeInclusive<u64> = 4..=4;

/// What looks up whoever runs the tool.
const CALLER: &str = "aws_caller_identity";

#[derive(Deserialize)]
struct File {
    resources: Vec<ResourceEntry>,
    outputs: Option<Attributes>,
}

#[derive(Deserialize)]
struct ResourceEntry {
    module: Option<String>,
    mode: Mode,
    #[serde(rename = "type")]
    type_name: String,
    name: String,
    provider: Option<String>,
    instances: Vec<Instance>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Mode {
    Managed,
    Data,
}

#[derive(Deserialize)]
struct Instance {
    index_key: Option<Json>,
    status: Option<String>,
    deposed: Option<String>,
    attributes: Option<Attributes>,
    /// As the states of 0.11 had them, until something changes.
    attributes_flat: Option<Attributes>,
    identity: Option<Attributes>,
}

/// Reads a state.
pub(super) fn read(version: Option<&Json>, bytes: &[u8]) -> Result<Holdings, StateError> {
    known(TERRAFORM, version, VERSIONS)?;
    let file: File = serde_json::from_slice(bytes).map_err(|error| unread(bytes, &error))?;
    let mut all = Gathering::default();
    for entry in file.resources {
        let address = [entry.module.as_deref(), Some(entry.type_name.as_str()), Some(entry.name.as_str())];
        let address = address.into_iter().flatten().collect::<Vec<_>>().join(".");
        for it in entry.instances {
            let attributes = it.attributes.unwrap_or_default().with(it.attributes_flat).with(it.identity);
            let key = it.index_key.filter(|key| !key.is_null()).map(|key| format!("[{key}]"));
            let told = Told {
                address: address.clone() + &key.unwrap_or_default(),
                type_name: entry.type_name.clone(),
                row: types::of_terraform(&entry.type_name),
                id: attributes.own("id").unwrap_or_default().to_owned(),
                status: status(it.deposed.is_some(), it.status.as_deref() == Some("tainted")),
                provider: entry.provider.clone(),
            };
            take(&mut all, entry.mode, told, attributes)?;
        }
    }
    all.name(file.outputs.unwrap_or_default());
    Ok(all.done())
}

#[derive(Deserialize)]
struct ShownFile {
    values: Option<Values>,
}

#[derive(Deserialize)]
struct Values {
    root_module: Option<Module>,
    outputs: Option<Attributes>,
}

#[derive(Deserialize)]
struct Module {
    #[serde(default)]
    resources: Vec<ShownResource>,
    #[serde(default)]
    child_modules: Vec<Module>,
}

#[derive(Deserialize)]
struct ShownResource {
    address: String,
    mode: Mode,
    #[serde(rename = "type")]
    type_name: String,
    values: Option<Attributes>,
    identity: Option<Attributes>,
    tainted: Option<bool>,
    deposed_key: Option<String>,
}

/// Reads what `terraform show -json` writes of a state.
pub(super) fn read_shown(format: &Json, bytes: &[u8]) -> Result<Holdings, StateError> {
    // "A consumer should reject any input that reports an unsupported major version" (the page of the format).
    let major = format.as_str().and_then(|text| text.split('.').next());
    if !matches!(major, Some("0" | "1")) {
        return Err(StateError::UnknownVersion { tool: TERRAFORM, version: format.to_string() });
    }
    let file: ShownFile = serde_json::from_slice(bytes).map_err(|error| unread(bytes, &error))?;
    // Without them it is written where no state is found.
    let no_state = StateError::NotAState { found: "what `terraform show -json` writes of no state" };
    let (root, outputs) = file.values.map_or((None, None), |values| (values.root_module, values.outputs));
    let mut open = vec![root.ok_or(no_state)?];
    let mut all = Gathering::default();
    while let Some(module) = open.pop() {
        for it in module.resources {
            let attributes = it.values.unwrap_or_default().with(it.identity);
            let told = Told {
                row: types::of_terraform(&it.type_name),
                id: attributes.own("id").unwrap_or_default().to_owned(),
                status: status(it.deposed_key.is_some(), it.tainted == Some(true)),
                // Its `provider_name` is the same for all of a kind's providers, whatever their region.
                provider: None,
                address: it.address,
                type_name: it.type_name,
            };
            take(&mut all, it.mode, told, attributes)?;
        }
        open.extend(module.child_modules);
    }
    all.name(outputs.unwrap_or_default());
    Ok(all.done())
}

const fn status(deposed: bool, tainted: bool) -> OwnedStatus {
    match (deposed, tainted) {
        (true, _) => OwnedStatus::Deposed,
        (false, true) => OwnedStatus::Tainted,
        (false, false) => OwnedStatus::Managed,
    }
}

fn take(all: &mut Gathering, mode: Mode, told: Told, it: Attributes) -> Result<(), StateError> {
    match mode {
        Mode::Managed if types::is_aws(&told.type_name) => return all.own(told, it),
        Mode::Managed => all.name(it),
        Mode::Data => {
            if told.type_name == CALLER {
                all.ran_in(it.own("accountid").and_then(account_named));
            }
            all.look_up(told.row, &told.id, it);
        }
    }
    Ok(())
}
