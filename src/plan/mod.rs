//! The ordered deletions: takes an inventory and its verdicts, and gives a run its steps and every resource
//! one fate.
//!
//! Planning decides, running does not: nothing of meaning is left to choose at run time except to do less.

pub mod again;
pub mod behind;
pub mod blocked;
pub mod caps;
pub mod check;
mod document;
mod figures;
pub mod file;
#[cfg(test)]
pub(crate) mod fixture;
mod going;
pub mod left;
pub mod narrow;
pub mod planner;
mod read;
pub mod reading;
#[cfg(test)]
mod record_tests;
#[cfg(test)]
mod revoke_tests;
mod steps;
pub mod unclear;
pub mod undo;
mod waits;

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::inventory::Gap;
use crate::model::{Gate, Guard, Key, KindName, Link, Region, Resource, Verdict};

/// The number of a step within its plan, from 1, in an order in which they could be carried out one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct StepId(pub u32);

/// What a step does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Severs one link of the resource without deleting it.
    Cut(Link),
    /// Deletes the resource and waits until it is gone.
    Delete,
    /// Waits until AWS has removed the resource by itself. Never a call that changes anything.
    Await,
}

/// Why a step waits for another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct After {
    /// The step to wait for.
    pub step: StepId,
    /// Why, for people: `nat-1 uses eipalloc-1`.
    pub why: String,
}

/// One cut, one delete, or one await.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "document::StepDocument", into = "document::StepDocument")]
#[schemars(with = "document::StepDocument")]
pub struct Step {
    /// Its number.
    pub id: StepId,
    /// What it does.
    pub action: Action,
    /// The resource it does it to.
    pub resource: Key,
    /// The IAM action of its call; `None` for an await.
    pub api: Option<String>,
    /// The steps it waits for, and why. In the order of their numbers.
    pub after: Vec<After>,
    /// How long it usually takes, in seconds of AWS's clock.
    pub expected_seconds: u32,
}

/// Why a resource stays. The reason is always true of the inventory that was planned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "reason")]
pub enum Keep {
    /// Its verdict is not `orphan`.
    NotOrphan {
        /// The verdict.
        verdict: Verdict,
        /// The gate that decided it, if anybody judged.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        gate: Option<Gate>,
    },
    /// It holds data, and nobody named its kind.
    HoldsData,
    /// It is of a kind that is read and that no call deletes, and nothing takes it along.
    Witness,
    /// A guard forbids it (an orphan by verdict, yet AWS would refuse or the house does).
    Guarded {
        /// The guard.
        guard: Guard,
    },
    /// Something that stays holds it: that one's link forbids its deletion.
    HeldBy {
        /// What holds it.
        by: Key,
        /// The role of the link.
        how: String,
    },
    /// It cannot go before this one, which stays or was not seen (`Near::AfterTarget`, or a cut that would hurt it).
    TiedTo {
        /// What it is tied to.
        to: Key,
        /// The role of the link.
        how: String,
    },
    /// It goes only by itself, with this one, which stays.
    GoesWith {
        /// The one it goes with.
        carrier: Key,
    },
    /// Its deletion would take this one along, which must stay.
    WouldTake {
        /// The one that would be lost.
        key: Key,
    },
    /// A kind that could hold it, go along with it or make it anew was not seen whole there.
    Unseen {
        /// The kind.
        kind: KindName,
        /// Where.
        region: Region,
    },
    /// These hold each other, and no cut opens the circle.
    Cycle {
        /// The others of the circle.
        with: Vec<Key>,
    },
    /// It was not in the saved plan that is being applied, or changed since.
    LeftOut {
        /// What is different now.
        why: String,
    },
}

/// The one fate of a resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// A step deletes it.
    Delete,
    /// It goes by itself with another.
    Carried(Key),
    /// AWS is already removing it: a step waits for that.
    Leaving,
    /// It stays.
    Kept(Keep),
}

/// What the planner makes: pure, from an inventory and its verdicts. The saved file wraps it ([`file::PlanFile`]).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[must_use = "a plan that nobody reads deletes nothing"]
pub struct Plan {
    /// The steps, in an order in which they could be carried out one by one.
    pub steps: Vec<Step>,
    /// The fate of every resource seen.
    pub fates: BTreeMap<Key, Fate>,
    /// The resources that steps and carried fates speak of, as they were when planned.
    pub resources: BTreeMap<Key, Resource>,
    /// What stays and has a link cut, as it was when planned.
    pub cut_from: BTreeMap<Key, Resource>,
    /// What the scan could not see, so that a reader knows what the plan knows not.
    pub gaps: Vec<Gap>,
    /// What recorded resources still refer to and is not there: AWS was asked for each by its id.
    pub gone: BTreeSet<Key>,
}

impl Plan {
    /// A resource that a step is about, as it was when planned.
    pub fn record(&self, key: &Key) -> Option<&Resource> {
        self.resources.get(key).or_else(|| self.cut_from.get(key))
    }
}
