//! The answer for each stack, from the answers for its members and from its life.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{Key, OwnedStatus, Region, StackVerdict, StateTool, Verdict, Verdicts};

use super::gates::Court;
use super::life::{Shown, StackLife, looked_for};
use super::tools;

/// The answer for one stack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StackSummary {
    /// Its name: `demo/attempt-1`, `cfn:web`, `eksctl:demo`, `cluster:demo`.
    pub name: String,
    /// The answer.
    pub verdict: StackVerdict,
    /// The regions in which it has something. In several, each is a stack of its own.
    pub regions: BTreeSet<Region>,
    /// How many resources belong to it.
    pub resources: usize,
    /// How many of them are selected.
    pub selected: usize,
    /// The signs of life that it shows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signs: Vec<Shown>,
    /// Which signs were looked for and not found, in short sentences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub looked_for: Vec<String>,
    /// Why it cannot be told whether it lives, in sentences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doubts: Vec<String>,
    /// Why it is nobody's by the policy's expiry, alive or not, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expired: Option<String>,
    /// Who is at work in it, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deploying: Option<String>,
    /// The states that own something of it, by their source.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tracked: Vec<TrackedBy>,
}

/// A state that owns something of a stack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TrackedBy {
    /// Where it was read.
    pub state: String,
    /// The tool; `null` where that could not be told.
    pub tool: Option<StateTool>,
    /// How many of the stack's resources it owns.
    pub resources: usize,
    /// Whether the tool wrote down that its last run failed, or that something of it has to be made anew.
    pub failed: bool,
    /// The command by which the tool removes them; `null` where the tool is unknown.
    pub command: Option<String>,
}

impl TrackedBy {
    /// What it owns of a stack of so many resources.
    pub fn owns(&self, all: usize) -> String {
        let tool = self.tool.map(|tool| format!("{}'s ", tool.title())).unwrap_or_default();
        let failed = if self.failed { ", and tells that something failed" } else { "" };
        format!("{tool}state {} owns {} of its {all}{failed}", self.state, self.resources)
    }

    /// The same, and how it is removed, in a sentence.
    pub fn sentence(&self, all: usize) -> String {
        let owns = self.owns(all);
        match &self.command {
            Some(command) => format!("{owns}; where nobody needs it, its tool removes it best: {command}"),
            None => owns,
        }
    }
}

impl StackSummary {
    /// What a person should know before deleting it; nothing, if nobody selected it.
    pub fn notes(&self) -> Vec<String> {
        if self.selected == 0 {
            return Vec::new();
        }
        let signs = self.signs.iter().map(|shown| &shown.why);
        let notes = self.deploying.iter().chain(&self.expired).chain(signs).chain(&self.doubts).cloned();
        notes.chain(self.tracked.iter().map(|it| it.sentence(self.resources))).collect()
    }
}

/// The answers for all stacks, by name.
pub(super) fn summarize(court: &Court<'_>, verdicts: &Verdicts) -> Vec<StackSummary> {
    let mut members: BTreeMap<&str, BTreeSet<&Key>> = BTreeMap::new();
    for (key, judged) in verdicts {
        if let Some(stack) = &judged.stack {
            members.entry(stack).or_default().insert(key);
        }
    }
    let one = |(name, keys): (&str, BTreeSet<&Key>)| {
        let selected = keys.iter().filter(|key| verdicts.get(*key).is_some_and(|judged| judged.selected));
        let lives: Vec<(&Region, &StackLife)> = court.lives.named(name).collect();
        let all = || lives.iter().map(|(_, life)| *life);
        let signs: BTreeSet<&Shown> = all().flat_map(|life| &life.signs).collect();
        let looked_for: BTreeSet<String> = all().flat_map(looked_for).collect();
        let regions = lives.iter().map(|(region, _)| (*region).clone());
        let abroad = court.abroad.told(name).filter(|_| keys.iter().all(|key| key.region.is_global()));
        let tracked = tracked(court, &keys);
        StackSummary {
            name: name.to_owned(),
            verdict: match &abroad {
                Some(_) => StackVerdict::Uncertain,
                None => stack_verdict(&lives, &keys, verdicts, !tracked.is_empty()),
            },
            regions: regions.filter(|region| !region.is_global()).collect(),
            resources: keys.len(),
            selected: selected.count(),
            signs: signs.into_iter().cloned().collect(),
            looked_for: looked_for.into_iter().collect(),
            doubts: all().flat_map(StackLife::doubts).chain(abroad).collect(),
            expired: all().find_map(|life| life.expired().map(str::to_owned)),
            deploying: all().find_map(|life| Some(life.making.as_ref()?.why(name))),
            tracked,
        }
    };
    members.into_iter().map(one).collect()
}

/// The states that own something of a stack.
fn tracked(court: &Court<'_>, keys: &BTreeSet<&Key>) -> Vec<TrackedBy> {
    let mut states: BTreeMap<&str, TrackedBy> = BTreeMap::new();
    let owners = keys.iter().filter_map(|key| court.tracked.owner(court.view.get(key)?));
    for (state, thing) in owners {
        let by = states.entry(&state.source).or_insert_with(|| TrackedBy {
            state: state.source.clone(),
            tool: state.tool,
            resources: 0,
            failed: state.failed,
            command: tools::destroy(state),
        });
        by.resources += 1;
        by.failed |= thing.status != OwnedStatus::Managed;
    }
    states.into_values().collect()
}

fn stack_verdict(
    lives: &[(&Region, &StackLife)],
    keys: &BTreeSet<&Key>,
    verdicts: &Verdicts,
    is_tracked: bool,
) -> StackVerdict {
    let judged = || keys.iter().filter_map(|key| verdicts.get(*key));
    let life = || lives.iter().map(|(_, life)| *life).filter(|life| life.condemned.is_none());
    let expired = lives.iter().any(|(_, life)| life.expired().is_some());
    let standing = |verdict: Verdict| match verdict {
        Verdict::Protected | Verdict::Active | Verdict::TooYoung => true,
        Verdict::Foreign | Verdict::Uncertain | Verdict::Orphan => false,
    };
    let selected = judged().any(|judged| judged.selected);
    let uncertain = || judged().any(|judged| judged.selected && judged.verdict == Verdict::Uncertain);
    match () {
        () if lives.iter().any(|(_, life)| life.making.is_some()) => StackVerdict::Deploying,
        () if life().any(|life| !life.signs.is_empty()) => StackVerdict::Healthy,
        () if is_tracked && life().next().is_some() && life().all(|life| life.doubts().next().is_none()) => {
            StackVerdict::Tracked
        }
        () if selected && judged().any(|judged| standing(judged.verdict)) => StackVerdict::Healthy,
        () if life().any(|life| life.doubts().next().is_some()) || uncertain() => StackVerdict::Uncertain,
        () if selected && life().next().is_none() && expired => StackVerdict::Expired,
        () if selected && life().next().is_none() => StackVerdict::Abandoned,
        () => StackVerdict::Lost,
    }
}
