//! What a report says first: which selected stacks stay because they live, are being made or are known to a state, and
//! which names fit more than one. From the answers for stacks alone.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::{Judgement, StackSummary};
use crate::model::{Region, StackVerdict};
use crate::policy::Selector;

/// A selected stack that stays: as a whole, or as far as a state knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spared {
    /// Its name.
    pub stack: String,
    /// `healthy`, `deploying` or `failed but tracked`.
    pub verdict: StackVerdict,
    /// How many of its resources were selected.
    pub selected: usize,
    /// By which signs, in sentences. Never empty.
    pub why: Vec<String>,
}

/// The selected stacks that live, that somebody is at work in, or that a state knows, by name.
pub fn spared(judgement: &Judgement) -> Vec<Spared> {
    spared_of(&judgement.stacks)
}

/// The same, from the answers for stacks.
pub fn spared_of(stacks: &[StackSummary]) -> Vec<Spared> {
    let stays = stacks.iter().filter(|stack| stack.selected > 0);
    let stays = stays.filter_map(|stack| {
        let why = match stack.verdict {
            StackVerdict::Healthy => stack.signs.iter().map(|shown| shown.why.clone()).collect(),
            StackVerdict::Deploying => stack.deploying.iter().cloned().collect(),
            StackVerdict::Tracked => stack.tracked.iter().map(|it| it.sentence(stack.resources)).collect(),
            StackVerdict::Abandoned
            | StackVerdict::Expired
            | StackVerdict::Lost
            | StackVerdict::Uncertain => Vec::new(),
        };
        Some(Spared {
            stack: stack.name.clone(),
            verdict: stack.verdict,
            selected: stack.selected,
            why: Some(why).filter(|why: &Vec<String>| !why.is_empty())?,
        })
    });
    stays.collect()
}

/// A selected stack that is nobody's by the policy's word, alive or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Expired {
    /// Its name.
    pub stack: String,
    /// By which entry, and how long ago its youngest thing was made, in a sentence.
    pub why: String,
    /// The signs of life that it shows all the same, in sentences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signs: Vec<String>,
}

/// Such stacks, by name.
pub fn expired(judgement: &Judgement) -> Vec<Expired> {
    let meant = |stack: &&StackSummary| stack.selected > 0 && stack.verdict != StackVerdict::Deploying;
    let stacks = judgement.stacks.iter().filter(meant);
    let expired = stacks.filter_map(|stack| {
        let signs = stack.signs.iter().map(|shown| shown.why.clone()).collect();
        Some(Expired { stack: stack.name.clone(), why: stack.expired.clone()?, signs })
    });
    expired.collect()
}

/// A name that was called abandoned and fits a stack in each of several regions: it says nothing of any of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TwiceNamed {
    /// The name.
    pub name: String,
    /// The regions.
    pub regions: BTreeSet<Region>,
}

/// Such names.
pub fn named_twice(judgement: &Judgement, selector: &Selector) -> Vec<TwiceNamed> {
    let named = judgement.stacks.iter().filter(|stack| selector.abandons(&stack.name));
    let twice = named.filter(|stack| stack.regions.len() > 1);
    twice.map(|stack| TwiceNamed { name: stack.name.clone(), regions: stack.regions.clone() }).collect()
}
