//! The answers for resources and stacks: the judge gives them, and planner, quotas, reports and commands read
//! them.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Gate, Key};

/// The answer for one resource. The gates are tried in this order; the first that matches gives the verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It must stay: a protect rule, a default thing, AWS's own, or protection switched on.
    Protected,
    /// A healthy owner knows it, or it is being made right now.
    Active,
    /// It is younger than the policy allows.
    TooYoung,
    /// Another account owns it, or nothing selected it.
    Foreign,
    /// Evidence is missing or contradicts itself. Fail closed.
    Uncertain,
    /// Selected, and none of the above.
    Orphan,
}

impl Verdict {
    /// The word as it stands in tables and JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Protected => "protected",
            Self::Active => "active",
            Self::TooYoung => "too-young",
            Self::Foreign => "foreign",
            Self::Uncertain => "uncertain",
            Self::Orphan => "orphan",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// A verdict with its evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Judged {
    /// The verdict.
    pub verdict: Verdict,
    /// The gate that decided; `null` for an orphan, which passed them all.
    #[serde(default)]
    pub gate: Option<Gate>,
    /// Why, in sentences for people, the deciding one first. Never empty. Nothing is ever decided by them.
    pub evidence: Vec<String>,
    /// Of an orphan, what proves that nobody wants it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<Proof>,
    /// The stack it belongs to, if any.
    #[serde(default)]
    pub stack: Option<String>,
    /// Whether the user's selection (or its closure) reaches it: gates and gaps matter only there.
    #[serde(default)]
    pub selected: bool,
}

/// What proves that nobody wants an orphan, each in a sentence for people.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// By what it is the selected stack's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<String>,
    /// Which signs of life of that stack were looked for and not found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub life: Option<String>,
    /// How old it is at least, and how that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age: Option<String>,
    /// Who was looked for as a user, and where: whoever was found goes as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub users: Option<String>,
    /// When it was used last, where AWS tells that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used: Option<String>,
}

/// The verdicts of one inventory, by resource.
pub type Verdicts = BTreeMap<Key, Judged>;

/// The answer for one stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StackVerdict {
    /// It shows a sign of life, or something of it is in use, protected or young.
    Healthy,
    /// It is being made: AWS is still making something of it, or made something a moment ago.
    Deploying,
    /// It shows no sign of life, and a state knows it: the tool that wrote the state removes it.
    #[serde(rename = "failed but tracked")]
    Tracked,
    /// The user said that nobody wants it any more.
    Abandoned,
    /// The policy said that it is nobody's after some time, and that time has passed.
    Expired,
    /// It shows no sign of life, and no state knows it.
    Lost,
    /// Whether it lives cannot be told, or some of what was selected of it is uncertain.
    Uncertain,
}

impl StackVerdict {
    /// The words as they stand in tables and JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Deploying => "deploying",
            Self::Tracked => "failed but tracked",
            Self::Abandoned => "abandoned",
            Self::Expired => "expired",
            Self::Lost => "lost",
            Self::Uncertain => "uncertain",
        }
    }
}
