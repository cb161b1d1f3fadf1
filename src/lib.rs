//! aws-janitor (crate docs to come).

#[cfg(feature = "aws")]
pub mod aws;
pub mod cli;
pub mod graph;
pub mod inventory;
pub mod journal;
pub mod judge;
#[cfg(feature = "aws")]
pub mod kinds;
pub mod model;
pub mod plan;
pub mod policy;
pub mod price;
pub mod report;
pub mod run;
#[cfg(feature = "sandbox")]
pub mod sandbox;
