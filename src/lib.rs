//! aws-janitor (crate docs to come).
#[cfg(feature = "sandbox")]
pub mod sandbox;
