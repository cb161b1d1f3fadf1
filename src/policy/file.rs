//! The shape of a policy: a TOML file, narrowed by flags. No meaning here; the selector gives it.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{KindName, Region};

/// Whose leftovers count, and what must stay. `protect` always wins.
///
/// The same structure is a policy file (TOML), the effect of the flags added to it, and the copy in a saved plan.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Policy {
    /// The tag keys whose values together name a stack, such as `["Project", "EnvironmentSuffix"]`.
    pub stack_key: Vec<String>,
    /// What is meant to be removed: each entry is a comma-joined AND of terms, the entries are ORed.
    pub select: Vec<String>,
    /// What must stay; same grammar.
    pub protect: Vec<String>,
    /// Nothing younger than this is touched: `90s`, `45m`, `2h`, `3d`, `1w`.
    pub older_than: Option<String>,
    /// The regions to look into; `["all"]` for every enabled one.
    pub regions: Vec<Region>,
    /// Kinds holding data that may be deleted too.
    pub with_data: BTreeSet<KindName>,
    /// Stacks (globs) that nobody wants any more, although a state still knows them.
    pub abandoned: Vec<String>,
    /// The account this policy is for: any other is refused.
    pub account: Option<String>,
    /// At most so many deletions in one run; more are refused as a whole.
    pub max_deletes: Option<u32>,
    /// The same by kind.
    pub max_per_kind: BTreeMap<KindName, u32>,
    /// How long a run may take: same form as `older-than`.
    pub timeout: Option<String>,
}
