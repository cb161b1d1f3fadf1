//! Whose leftovers count: the policy (a file plus flags), and the selector compiled from it.
//!
//! Nothing here reads a file or knows an inventory: text and resources come in as values.

pub mod age;
mod error;
mod file;
mod merge;
mod nearest;
mod pattern;
mod selector;
mod terms;

pub use error::PolicyError;
pub use file::{Policy, schema};
pub(crate) use nearest::nearest;
pub use pattern::{Case, Pattern};
pub use selector::Selector;
pub use terms::{Basis, Candidate, TermError, Terms, literal};
