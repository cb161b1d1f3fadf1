//! The edge: everything that speaks to AWS. SDK types stop here.
//!
//! ```text
//! backend ─► scan, beyond ─► kinds::*.list ─► Inventory
//!         ├► look ─► what listings do not agree about
//!         ├► limits, account_limits ─► Limits
//!         ├► inquire ─► Answers
//!         ├► bucket ─► what lies where states are kept
//!         ├► instance_types, support ─► what needs and checks ask
//!         └► cloud ─► kinds::*.{look, cut, delete}
//! ```

mod account_limits;
mod backend;
mod beyond;
mod bucket;
mod call;
mod clients;
mod cloud;
mod denied;
#[cfg(feature = "sandbox")]
pub(crate) mod embedded;
pub(crate) mod error;
mod inquire;
mod instance_types;
pub(crate) mod kinds;
mod limits;
mod look;
mod scan;
#[cfg(test)]
pub(crate) mod scripted;
mod shapes;
mod support;
mod unread;

pub use backend::AwsBackend;
pub(crate) use call::Next;
pub use clients::{Aws, Pace, Site};
