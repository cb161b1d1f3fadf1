//! What a call to a cloud came back with, if not success: classified by the edge, acted on by the run,
//! kept in the journal, told in the report.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How an error is to be taken. The kinds classify; the run decides nothing else by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorClass {
    /// It does not exist any more: for a delete or a cut, success.
    Gone,
    /// It is still held or in a state that passes: try again with back-off, within the kind's patience.
    NotYet,
    /// Too many requests: slow down and try again.
    Throttled,
    /// The caller may not: stop that branch and name the IAM action that is missing.
    Denied,
    /// Protection is on, or AWS does not let anybody do this.
    Protected,
    /// The service or the network failed: the call may or may not have taken effect.
    Transient,
    /// The credentials are missing, expired or wrong: nothing else will work either.
    Credentials,
    /// The endpoint does not know the service or the call: an emulator's answer. That is no denial.
    Unserved,
    /// Anything else: refused for good.
    Refused,
}

/// What a call came back with, if not success.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize, JsonSchema)]
#[error("{api}: {code}: {message}")]
pub struct CloudError {
    /// How to take it.
    pub class: ErrorClass,
    /// The IAM action of the call: `ec2:DeleteVpc`.
    pub api: String,
    /// AWS's code, or a word of ours for what never reached AWS (`Timeout`, `Connection`).
    pub code: String,
    /// AWS's message.
    pub message: String,
    /// AWS's request id, for its support.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}
