//! What Systems Manager knows of one region. Plain records; the rules are in the room `ssm`.
#![expect(missing_docs, reason = "the fields are named as AWS names them in its answers")]

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::tags::Tags;

/// Systems Manager's records in one region.
#[derive(Debug, Clone, Default)]
pub struct Ssm {
    /// Parameters by name.
    pub parameters: BTreeMap<String, Parameter>,
}

#[derive(Debug, Clone)]
pub struct Parameter {
    pub arn: String,
    /// `String`, `StringList`, `SecureString`.
    pub kind: String,
    /// As it was sent: nothing is encrypted.
    pub value: String,
    pub description: Option<String>,
    pub version: u64,
    pub modified: Timestamp,
    pub tags: Tags,
}
