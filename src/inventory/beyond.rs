//! What a scan asks beyond the description of the things in its regions: where else global things may be used,
//! what is asked about single things, and what is listed of kinds that are not read. The edge fills it, the
//! judge reads it.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Gap;
use crate::model::words::fact;
use crate::model::{Key, Region, Resource, Tags};

/// The regions beyond those of the scan, as far as global things (roles, profiles, providers, policies) may be
/// used there: only the kinds that can use one are listed ([`crate::model::Catalog::may_use_global`]).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Elsewhere {
    /// All enabled regions of the account; `None` if they could not be listed, or nobody asked.
    pub enabled: Option<BTreeSet<Region>>,
    /// The regions in which users of global things are looked for beside those of the scan, by the user's word
    /// (`--assume-regions`). `None`: in all that are enabled.
    pub assumed: Option<BTreeSet<Region>>,
    /// The regions that were looked into. Not those of the scan, and not `global`.
    pub regions: BTreeSet<Region>,
    /// What was seen there. None of it is ever selected, judged or deleted.
    pub resources: BTreeMap<Key, Resource>,
    /// What could not be seen there.
    pub gaps: BTreeSet<Gap>,
}

impl Elsewhere {
    /// Of an account in which only these regions are enabled, so that there is nothing beyond them.
    pub fn nowhere_but(regions: &BTreeSet<Region>) -> Self {
        Self { enabled: Some(regions.clone()), ..Self::default() }
    }
}

/// What is asked about one thing beside its description, and only where the answer can change its verdict.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "asks")]
pub enum Inquiry {
    /// Who made it and when: CloudTrail's event history. The answer is the facts `made_at`, `made_by_caller`;
    /// none of them if the history has no event of its making.
    Maker {
        /// The thing.
        of: Key,
    },
    /// When its log was written to last. The answer is the fact `last_event`; none if nothing was ever written.
    LastEvent {
        /// The thing.
        of: Key,
    },
}

impl Inquiry {
    /// The value of the fact `last_event` of what was asked about and never wrote anything.
    pub const NEVER: &str = "never";

    /// What it is about.
    pub fn of(&self) -> &Key {
        match self {
            Self::Maker { of } | Self::LastEvent { of } => of,
        }
    }
}

/// What AWS answered to inquiries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answers {
    /// New facts, by the thing.
    pub facts: BTreeMap<Key, BTreeMap<String, String>>,
    /// What could not be answered, each with the reason in one sentence.
    pub unanswered: BTreeMap<Inquiry, String>,
}

impl Answers {
    /// The same, which also says of whatever was asked about and never wrote anything that it never did: else that
    /// looks as if nobody had asked.
    pub fn to(mut self, asked: &BTreeSet<Inquiry>) -> Self {
        let answered = asked.iter().filter(|inquiry| !self.unanswered.contains_key(inquiry));
        for inquiry in answered {
            if let Inquiry::LastEvent { of } = inquiry {
                let facts = self.facts.entry(of.clone()).or_default();
                facts.entry(fact::LAST_EVENT.to_owned()).or_insert_with(|| Inquiry::NEVER.to_owned());
            }
        }
        self
    }
}

/// A thing of a kind that is not read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UnreadThing {
    /// Its ARN.
    pub arn: String,
    /// Its region.
    pub region: Region,
    /// All its tags.
    pub tags: Tags,
}
