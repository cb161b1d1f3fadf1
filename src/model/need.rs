//! What a deployment needs of quotas, as data. Kinds tell it of one thing (a [`Use`]); `crate::needs` says where
//! it counts and adds it up.

use std::collections::BTreeMap;

use super::Per;
use super::deployment::Item;
use super::index::Items;
use super::value::Value;

/// What an item uses of one quota.
#[derive(Debug, Clone, Copy)]
pub struct Use {
    /// The quota's short name.
    pub quota: &'static str,
    /// Within what it counts.
    pub per: Per,
    /// How much.
    pub amount: u64,
    /// What may come on top.
    pub more: Most,
    /// Who makes it.
    pub origin: MadeBy,
}

impl Use {
    /// What the deployment makes.
    pub const fn file(quota: &'static str, per: Per, amount: u64) -> Self {
        Self { quota, per, amount, more: Most::Of(0), origin: MadeBy::File }
    }

    /// What AWS makes along with it.
    pub const fn aws(quota: &'static str, per: Per, amount: u64) -> Self {
        Self { quota, per, amount, more: Most::Of(0), origin: MadeBy::Aws }
    }

    /// So much may come on top.
    #[must_use]
    pub const fn more(self, more: Most) -> Self {
        Self { more, ..self }
    }
}

/// Who makes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MadeBy {
    /// The deployment.
    File,
    /// AWS, along with what the deployment makes.
    Aws,
}

/// An amount, by how sure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Wanted {
    /// What the file says will be made.
    pub certain: u64,
    /// What AWS makes along with it: interfaces, a default group, an Auto Scaling group.
    pub implicit: u64,
    /// What stands on top of both for a while, since replacements are made before the old ones go.
    pub peak: u64,
    /// What may come on top.
    pub unknown: Most,
}

/// An amount of which only the bound is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Most {
    /// At most so much.
    Of(u64),
    /// Nobody can say.
    Unbounded,
}

impl Default for Most {
    fn default() -> Self {
        Self::Of(0)
    }
}

impl Most {
    /// Both together.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        match (self, other) {
            (Self::Of(one), Self::Of(other)) => Self::Of(one.saturating_add(other)),
            (Self::Unbounded, _) | (_, Self::Unbounded) => Self::Unbounded,
        }
    }
}

impl Wanted {
    /// So much for certain.
    pub const fn certain(amount: u64) -> Self {
        Self { certain: amount, implicit: 0, peak: 0, unknown: Most::Of(0) }
    }

    /// What must be free for certain, at the worst moment.
    pub const fn least(self) -> u64 {
        self.certain.saturating_add(self.implicit).saturating_add(self.peak)
    }

    /// What must be free for it to fit whatever comes; `None` if nobody can say.
    pub const fn most(self) -> Option<u64> {
        match self.unknown {
            Most::Of(more) => Some(self.least().saturating_add(more)),
            Most::Unbounded => None,
        }
    }

    /// Both together.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            certain: self.certain.saturating_add(other.certain),
            implicit: self.implicit.saturating_add(other.implicit),
            peak: self.peak.saturating_add(other.peak),
            unknown: self.unknown.plus(other.unknown),
        }
    }

    /// Whether nothing is needed.
    pub const fn is_nothing(self) -> bool {
        matches!(self.most(), Some(0))
    }
}

/// What a new thing uses of a limit on its own parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartUse {
    /// The quota's short name.
    pub quota: &'static str,
    /// How much.
    pub amount: Wanted,
}

/// What is known beside the files. What is missing in either is unknown.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// The virtual processors of instance types.
    pub vcpus: &'a BTreeMap<String, u64>,
    /// The availability zones of subnets that stand, by their ids.
    pub zones: &'a BTreeMap<String, String>,
}

/// What a use may look at: the deployment that the thing is of.
#[derive(Debug, Clone, Copy)]
pub struct World<'a> {
    /// Its items.
    pub items: &'a Items<'a>,
    /// What is known beside the file.
    pub known: Known<'a>,
    /// Whether things are looked at as they were.
    pub past: bool,
}

impl<'a> World<'a> {
    /// What describes an item, now or as it was.
    pub fn described(&self, item: &'a Item) -> &'a Value {
        if self.past && item.before != Value::Null { &item.before } else { &item.properties }
    }
}
