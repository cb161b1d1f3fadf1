//! Will it fit? What AWS allows, what is used, by whom, and what a deployment needs.
//!
//! Pure: limits are read by the edge ([`crate::cli::backend::Session::limits`]) or from a saved report,
//! usage is counted in the inventory by each kind's own rule ([`crate::model::QuotaUse`]), needs come from
//! [`crate::needs`]. What is unknown is `None` everywhere, never 0.

pub mod limits;

pub use limits::{Limit, LimitGap, Limits, Origin};
