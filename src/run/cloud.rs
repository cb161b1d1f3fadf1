//! All that a run may ask of a cloud, and how a cloud may answer.
//!
//! Three implementations: AWS itself (`crate::aws`), the rehearsal (a dry run: it answers from the
//! plan and calls nothing), and the probe (EC2's own `DryRun`, which tells missing permissions).

use std::collections::BTreeMap;

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{AccountId, Key, KindName, Link, Region, Resource};

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

/// One thing to be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Sever this link of this resource.
    Cut(Box<Resource>, Link),
    /// Delete these, all of one kind and region and at most the kind's `batch`, as they were planned.
    Delete(Vec<Resource>),
}

/// All that a run may ask of a cloud.
#[async_trait]
pub trait Cloud: Send + Sync {
    /// The account the credentials belong to at this moment.
    async fn account(&self) -> Result<AccountId, CloudError>;

    /// The present state of these resources, in one describe where the kind's API can.
    /// What is missing from the answer is gone; so what AWS still shows as deleted or terminated is left out.
    /// An error means that nothing is known. There may be more keys than one call takes: splitting them is
    /// the implementation's business.
    async fn look(
        &self,
        kind: &KindName,
        region: &Region,
        keys: &[Key],
    ) -> Result<BTreeMap<Key, Resource>, CloudError>;

    /// Makes the change: one answer for each resource named, in order. Deleting what is gone is `Err` of class `Gone`.
    async fn change(&self, change: &Change) -> Vec<Result<(), CloudError>>;
}
