//! Whether a deployment fits: takes what AWS allows, what is used and by whom, and what is needed, and gives
//! the report.
//!
//! ```text
//! Session::limits (or a saved report) ─► Limits ─┐
//! inventory × verdicts × plan ─► count ─► Usage ─┼─► lines ─► Report ─► free: what is in the way
//! crate::needs ─► Need ──────────────────────────┘
//! ```
//!
//! Pure: limits are read by the edge ([`crate::session::Session::limits`]), usage is counted in the
//! inventory by each kind's own rule ([`crate::model::QuotaUse`]). What is unknown is `None` everywhere,
//! never 0, and never "it fits".

mod count;
mod document;
mod doubt;
mod free;
#[cfg(test)]
mod laws;
mod limits;
mod lines;
mod remedy;
mod spread;
#[cfg(test)]
mod tests;

pub use count::{QuotaPlace, Usage, Used, count};
pub use document::{
    DocumentParts, Freed, Increase, QuotaDocument, QuotaDocumentError, QuotaLine, Remedy, SCHEMA,
    SavedLimits, read_back, schema,
};
pub use free::{Lack, Owner, OwnerRelief, smallest};
pub use limits::{Limit, LimitGap, Limits, Origin};
pub use lines::{Answer, Asked, Balance, Holder, Report, report};
pub use remedy::{Leftovers, WayOut, way_out};
