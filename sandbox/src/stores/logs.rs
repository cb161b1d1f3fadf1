//! What CloudWatch Logs knows of one region. Plain records; the rules are in the room `logs`.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::tags::Tags;

/// What Logs knows of one region.
#[derive(Debug, Default)]
pub struct Logs {
    /// Log groups by name.
    pub groups: BTreeMap<String, LogGroup>,
}

/// One log group.
#[derive(Debug, Clone)]
pub struct LogGroup {
    /// When it was made.
    pub created: Timestamp,
    /// Days that events are kept; `None`: for ever.
    pub retention_days: Option<u32>,
    /// Bytes that are stored, which cost.
    pub stored_bytes: u64,
    /// Whether deleting it is refused.
    pub deletion_protection: bool,
    /// Its streams by name: when each was made, and when its last event happened.
    pub streams: BTreeMap<String, (Timestamp, Option<Timestamp>)>,
    /// Its tags.
    pub tags: Tags,
}

impl LogGroup {
    /// A group as it is made: endless, empty, unprotected.
    pub fn new(created: Timestamp) -> Self {
        Self {
            created,
            retention_days: None,
            stored_bytes: 0,
            deletion_protection: false,
            streams: BTreeMap::new(),
            tags: Tags::new(),
        }
    }
}

/// A log group's ARN, without the `:*` that DescribeLogGroups puts behind it.
pub(crate) fn arn(region: &str, account: &str, name: &str) -> String {
    format!("arn:aws:logs:{region}:{account}:log-group:{name}")
}
