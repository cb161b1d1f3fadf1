//! aws-janitor (crate docs to come).

pub mod graph;
pub mod inventory;
pub mod journal;
pub mod model;
pub mod plan;
pub mod policy;
pub mod price;
pub mod run;
#[cfg(feature = "sandbox")]
pub mod sandbox;
