//! What stands at the top of all files that this room reads: by it a file is recognised.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value as Json;

use super::pulumi::{Checkpoint, Latest};

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
    pub format_version: Option<IgnoredAny>,
    // Pulumi.
    #[serde(default, deserialize_with = "present")]
    pub deployment: Option<Option<Latest>>,
    #[serde(default, deserialize_with = "present")]
    pub checkpoint: Option<Option<Checkpoint>>,
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
fn present<'de, T: Deserialize<'de>, D: serde::Deserializer<'de>>(
    from: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(from).map(Some)
}
