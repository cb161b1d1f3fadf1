//! What a run asks of a cloud, and how a cloud answers.
//!
//! Three implementations: AWS itself (`crate::aws`), the rehearsal (a dry run: it answers from the
//! plan and calls nothing), and the probe (EC2's own `DryRun`, which tells missing permissions).

use std::collections::BTreeMap;

use async_trait::async_trait;

use crate::model::{AccountId, CloudError, Key, KindName, Link, Region, Resource};

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
