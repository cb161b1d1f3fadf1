//! The edge: everything that speaks to AWS. SDK types stop here and in `crate::kinds`.
//!
//! ```text
//! backend ─► scan ─► kinds::*.list ─► Inventory
//!         └► cloud ─► kinds::*.{look, cut, delete}
//! ```

pub mod call;
pub mod clients;
pub mod error;
#[cfg(test)]
pub(crate) mod scripted;

pub use clients::{Aws, Place};
