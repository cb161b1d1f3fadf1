//! The calls of the kinds: one file each, under the name of its pure half in [`crate::kinds`].
//!
//! Gives the scan its listings, and the cloud that a run works on its looks, cuts and deletions. What
//! comes from the SDK is made a [`Resource`] here, by one pure function a kind, and goes no further.

mod cluster_parts;
pub(crate) mod ec2;
#[cfg(test)]
#[cfg(feature = "sandbox")]
mod embedded;
#[cfg(test)]
mod garbled;
mod interface_maker;
#[cfg(test)]
mod scripts;
mod template_contents;
#[cfg(test)]
pub(crate) mod testing;
mod trust;

use async_trait::async_trait;

use super::Aws;
use crate::kinds::every_kind;
use crate::model::{CloudError, ErrorClass, KindSpec, Link, Resource};

/// What the edge does for one kind.
#[async_trait]
pub trait Kind: Send + Sync {
    /// All that the planner ever knows of it.
    fn spec(&self) -> &'static KindSpec;

    /// Every resource of this kind in the region, page by page, with the fewest calls. Rows that AWS
    /// still shows although the thing is gone (`deleted`, `terminated`) are left out.
    async fn list(&self, aws: &Aws) -> Result<Vec<Resource>, CloudError>;

    /// The same, where nothing but their use of global things is asked: kinds whose listing takes calls for
    /// what only a deletion needs leave those out.
    async fn list_users(&self, aws: &Aws) -> Result<Vec<Resource>, CloudError> {
        self.list(aws).await
    }

    /// The present state of these, read from the service itself (never from the tagging API), in one
    /// call where the API can. What is gone is left out; an error means that nothing is known.
    async fn look(&self, aws: &Aws, ids: &[String]) -> Result<Vec<Resource>, CloudError>;

    /// Severs a link. Kinds whose rules have no cut keep this default.
    async fn cut(&self, aws: &Aws, resource: &Resource, link: &Link) -> Result<(), CloudError> {
        let _ = (aws, link);
        Err(CloudError {
            class: ErrorClass::Refused,
            api: self.spec().delete_api().to_owned(),
            code: "NoSuchCut".to_owned(),
            message: format!("a link of {} cannot be cut", resource.key),
            request_id: None,
        })
    }

    /// Deletes one. Kinds that are only read keep this default.
    async fn delete_one(&self, aws: &Aws, resource: &Resource) -> Result<(), CloudError> {
        let _ = aws;
        Err(CloudError {
            class: ErrorClass::Refused,
            api: format!("{}:none", self.spec().name),
            code: "OnlyRead".to_owned(),
            message: format!("{} is read and never deleted", resource.key),
            request_id: None,
        })
    }

    /// Deletes these, at most the spec's `batch`: one answer for each, in order. Kinds whose call takes
    /// several override this.
    async fn delete(&self, aws: &Aws, resources: &[Resource]) -> Vec<Result<(), CloudError>> {
        one_by_one(self, aws, resources).await
    }
}

/// Deletes one after the other.
async fn one_by_one<K: Kind + ?Sized>(
    kind: &K,
    aws: &Aws,
    resources: &[Resource],
) -> Vec<Result<(), CloudError>> {
    let mut answers = Vec::with_capacity(resources.len());
    for resource in resources {
        answers.push(kind.delete_one(aws, resource).await);
    }
    answers
}

macro_rules! calls {
    ($($kind:ident)+) => {
        $(mod $kind;)+

        /// The calls of every kind, in reading order.
        pub const ALL: &[&dyn Kind] = &[$(&$kind::Calls),+];
    };
}
every_kind!(calls);

/// The calls of the kind of this name.
pub fn named(name: &str) -> Option<&'static dyn Kind> {
    ALL.iter().copied().find(|kind| kind.spec().name == name)
}
