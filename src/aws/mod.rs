//! The edge: everything that speaks to AWS. SDK types stop here and in `crate::kinds`.
//!
//! ```text
//! backend ─► scan ─► kinds::*.list ─► Inventory
//!         └► cloud ─► kinds::*.{look, cut, delete}
//! ```

mod backend;
mod call;
mod clients;
mod cloud;
#[cfg(feature = "sandbox")]
pub(crate) mod embedded;
pub(crate) mod error;
mod scan;
#[cfg(test)]
pub(crate) mod scripted;

pub use backend::AwsBackend;
pub use clients::{Aws, Pace, Place};
