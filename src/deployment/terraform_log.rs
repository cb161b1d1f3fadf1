//! TerraformLog.

use super::{Deployment, Format, Input, ReadError};

/// Reads it.
pub fn read(_: &Input<'_>) -> Result<Deployment, ReadError> {
    Err(ReadError::Broken { format: Format::TerraformLog.title(), why: "it is not read yet".to_owned() })
}
