//! What the state of a deployment tool tells of AWS: the readers of states make it, an inventory carries it, and the
//! judge takes it for claims. Nothing else of a state is kept: states hold secrets in plain text.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AccountId, KindName, Region, Tags};

/// The tool that wrote a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StateTool {
    /// Terraform or OpenTofu.
    Terraform,
    /// Pulumi.
    Pulumi,
}

impl StateTool {
    /// For people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Terraform => "Terraform",
            Self::Pulumi => "Pulumi",
        }
    }
}

/// One state, or why nothing of it could be told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StateClaims {
    /// Where it was read: a file, a place in a bucket.
    pub source: String,
    /// The tool; `null` where that could not be told.
    pub tool: Option<StateTool>,
    /// The stack or workspace, as far as the state or its place names it.
    pub stack: Option<String>,
    /// The account that all it owns is in, where the state tells one and no other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// What it owns: also what is tainted, deposed or waits for its end.
    pub owned: Vec<OwnedThing>,
    /// Every other id and ARN in it, and names by which its things refer to others: what it looks up, and what it
    /// works with.
    pub named: BTreeSet<String>,
    /// Whether its tool wrote down that its last run failed, as only Pulumi's own backend does.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub failed: bool,
    /// Why it could not be read whole, in one sentence: then it may own anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unread: Option<String>,
}

/// A thing that a state owns.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnedThing {
    /// Its address in the tool: `module.vpc.aws_vpc.this[0]`, a URN.
    pub address: String,
    /// Its type in the tool.
    pub type_name: String,
    /// Our kind of it, if it is one.
    pub kind: Option<KindName>,
    /// Its id as the tool keeps it; empty for one that was being made when the run ended.
    pub id: String,
    /// Every other id, ARN or name by which AWS may call it.
    pub also: BTreeSet<String>,
    /// Its region, where the state tells it.
    pub region: Option<Region>,
    /// What the state says of it.
    pub status: OwnedStatus,
    /// The tags that it was to bear: kept only of one that was being made, which is found by them where it has no
    /// name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: Tags,
}

/// How a state owns a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OwnedStatus {
    /// As it should be.
    Managed,
    /// It is to be made anew, because something failed while it was made.
    Tainted,
    /// It was replaced, and its old object still stands.
    Deposed,
    /// It was being made when the run ended: what it became nobody wrote down.
    Pending,
}
