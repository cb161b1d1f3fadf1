//! The edge: everything that speaks to AWS. SDK types stop here and in `crate::kinds`.
//!
//! ```text
//! backend ─► scan ─► kinds::*.list ─► Inventory
//!         ├► limits, account_limits ─► Limits
//!         ├► instance_types, support ─► what needs and checks ask
//!         └► cloud ─► kinds::*.{look, cut, delete}
//! ```

mod account_limits;
mod backend;
mod call;
mod clients;
mod cloud;
#[cfg(feature = "sandbox")]
pub(crate) mod embedded;
pub(crate) mod error;
mod instance_types;
mod limits;
mod scan;
#[cfg(test)]
pub(crate) mod scripted;
mod support;

pub use backend::AwsBackend;
pub use clients::{Aws, Pace, Place};
