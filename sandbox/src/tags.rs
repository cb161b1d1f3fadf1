//! The tags of one thing, as every service keeps them.

use std::collections::BTreeMap;

/// Tags by their key.
pub type Tags = BTreeMap<String, String>;
