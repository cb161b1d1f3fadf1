//! Whose leftovers count: the policy (a file plus flags), and the selector compiled from it.
//!
//! The commands hand over the text of a file and of flags, which becomes values once; the judge asks the
//! selector; the plan keeps the policy. Nothing here reads a file or knows an inventory.

pub mod age;
mod call;
pub mod check;
mod error;
mod escape;
mod file;
mod glob;
mod marker;
mod matcher;
mod merge;
mod nearest;
mod parse;
mod pattern;
mod pieces;
mod regions;
mod selector;
mod tagged;
mod terms;
mod text;

pub use age::Age;
pub use call::{CallPolicy, read_flag, read_flags};
pub use error::PolicyError;
pub use file::{Expiry, Policy, ReadGuards, schema};
pub use glob::{Glob, GlobError};
pub use marker::{Consent, ConsentMarker, MarkerSeen};
pub use matcher::Candidate;
pub(crate) use nearest::nearest;
pub use pattern::{Case, Pattern};
pub use regions::{RegionError, Regions};
pub use selector::{Expires, Selected, Selector};
pub use tagged::{TagFilter, tag_filters};
pub use terms::{Basis, Naming, TermError, Terms};
