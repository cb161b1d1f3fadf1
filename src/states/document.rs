//! What stands at the top of all files that this room reads: by it a file is recognised.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value as Json;

/// What stands at the top of all files that are read here.
#[derive(Deserialize)]
pub(super) struct StateDocument {
    pub version: Option<Json>,
    // Terraform.
    pub terraform_version: Option<IgnoredAny>,
    pub lineage: Option<IgnoredAny>,
    pub serial: Option<IgnoredAny>,
    pub encryption_version: Option<IgnoredAny>,
    pub encrypted_data: Option<IgnoredAny>,
    pub format_version: Option<Json>,
    pub planned_values: Option<IgnoredAny>,
    pub resource_changes: Option<IgnoredAny>,
    // Pulumi.
    #[serde(default, deserialize_with = "present")]
    pub deployment: Option<IgnoredAny>,
    #[serde(default, deserialize_with = "present")]
    pub checkpoint: Option<IgnoredAny>,
    // A lock of Terraform's.
    #[serde(rename = "ID")]
    pub id: Option<String>,
    #[serde(rename = "Operation")]
    pub operation: Option<String>,
    #[serde(rename = "Who")]
    pub who: Option<String>,
    #[serde(rename = "Created")]
    pub created: Option<String>,
    // A lock of Pulumi's.
    pub pid: Option<IgnoredAny>,
    pub username: Option<String>,
    pub hostname: Option<String>,
    pub timestamp: Option<String>,
}

/// Tells a null from what is not there.
fn present<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<IgnoredAny>, D::Error> {
    IgnoredAny::deserialize(from).map(Some)
}
