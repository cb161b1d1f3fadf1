//! Whose leftovers count: the policy (a file plus flags), and the selector compiled from it.

mod file;

pub use file::Policy;
