//! Everything that can be known before a deploy. One check a file; none guesses.
//!
//! Pure: a check is given the deployments and the [`Facts`] that were read for them, and gives findings,
//! each with its evidence and its remedy. What a check could not look at is a finding too.

pub mod facts;

pub use facts::{AddonSupport, ClusterSupport, EksSupport, Facts, Support};
