//! What Terraform's and OpenTofu's states tell.

use std::ops::RangeInclusive;

use serde_json::Value as Json;

use super::error::known;
use super::{StackState, StateError, TERRAFORM, locks};
use crate::deployment::Beside;

/// The version of states since 0.12.
const VERSIONS: RangeInclusive<u64> = 4..=4;

/// Reads a state with the locks that lie beside it.
pub(super) fn read(
    source: &str,
    version: Option<&Json>,
    beside: &dyn Beside,
) -> Result<StackState, StateError> {
    known(TERRAFORM, version, VERSIONS)?;
    Ok(StackState {
        source: source.to_owned(),
        tool: TERRAFORM,
        stack: None,
        locks: locks::beside_terraform(source, beside),
        pending: Vec::new(),
    })
}
