//! What KMS knows of one region. Plain records; the rules are in the room `kms`.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::tags::Tags;

/// What KMS knows of one region.
#[derive(Debug, Default)]
pub struct Kms {
    /// The account's own keys by id.
    pub keys: BTreeMap<String, Key>,
    /// The account's own aliases by name: `alias/shop`.
    pub aliases: BTreeMap<String, Alias>,
}

/// One key.
#[derive(Debug, Clone)]
pub struct Key {
    /// When it was made.
    pub created: Timestamp,
    /// What its maker says of it.
    pub description: String,
    /// When it will be deleted, once that was asked for.
    pub deletion: Option<Timestamp>,
    /// Its tags.
    pub tags: Tags,
}

/// One alias.
#[derive(Debug, Clone)]
pub struct Alias {
    /// The id of the key it names.
    pub key: String,
    /// When it was made.
    pub created: Timestamp,
}

/// The ARN of a key, or of an alias: `key/…`, `alias/…`.
pub(crate) fn arn(region: &str, account: &str, place: &str) -> String {
    format!("arn:aws:kms:{region}:{account}:{place}")
}
