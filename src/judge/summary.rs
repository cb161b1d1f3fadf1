//! The answer for each stack, from the answers for its members.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kinds::is;
use crate::model::words::{fact, how};
use crate::model::{Key, Position, Resource, StackVerdict, Verdict, Verdicts};
use crate::policy::Selector;

use super::view::View;

/// The answer for one stack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StackSummary {
    /// Its name: `demo/attempt-1`, `cfn:web`, `eksctl:demo`, `cluster:demo`.
    pub name: String,
    /// The answer.
    pub verdict: StackVerdict,
    /// How many resources belong to it.
    pub resources: usize,
    /// How many of them are selected.
    pub selected: usize,
    /// What a person should know before deleting it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// The answers for all stacks, by name.
pub(super) fn summarize(view: &View<'_>, selector: &Selector, verdicts: &Verdicts) -> Vec<StackSummary> {
    let mut members: BTreeMap<&str, BTreeSet<&Key>> = BTreeMap::new();
    for (key, judged) in verdicts {
        if let Some(stack) = &judged.stack {
            members.entry(stack).or_default().insert(key);
        }
    }
    let one = |(name, keys): (&str, BTreeSet<&Key>)| {
        let selected = keys.iter().filter(|key| verdicts.get(*key).is_some_and(|judged| judged.selected));
        let selected: BTreeSet<&Key> = selected.copied().collect();
        StackSummary {
            name: name.to_owned(),
            verdict: stack_verdict(selector, name, &keys, verdicts),
            resources: keys.len(),
            selected: selected.len(),
            notes: selected.iter().filter_map(|key| looks_alive(view, key)).collect(),
        }
    };
    members.into_iter().map(one).collect()
}

fn stack_verdict(
    selector: &Selector,
    name: &str,
    keys: &BTreeSet<&Key>,
    verdicts: &Verdicts,
) -> StackVerdict {
    let judged = || keys.iter().filter_map(|key| verdicts.get(*key));
    let standing = |verdict: Verdict| match verdict {
        Verdict::Protected | Verdict::Active | Verdict::TooYoung => true,
        Verdict::Foreign | Verdict::Uncertain | Verdict::Orphan => false,
    };
    if !judged().any(|judged| judged.selected) || judged().any(|judged| standing(judged.verdict)) {
        StackVerdict::Healthy
    } else if judged().any(|judged| judged.selected && judged.verdict == Verdict::Uncertain) {
        StackVerdict::Uncertain
    } else if selector.abandons(name) {
        StackVerdict::Abandoned
    } else {
        StackVerdict::Lost
    }
}

/// The warning for a selected cluster that runs as if somebody used it.
fn looks_alive(view: &View<'_>, key: &Key) -> Option<String> {
    let active = |resource: &Resource| resource.state.as_deref() == Some("ACTIVE");
    view.get(key).filter(|cluster| is(&key.kind, Position::Cluster) && active(cluster))?;
    let groups = view.referrers.get(key).into_iter().flatten();
    let group = groups
        .filter(|(role, group)| *role == how::OF_CLUSTER && is(&group.kind, Position::NodeGroup))
        .filter_map(|(_, group)| view.get(group))
        .find(|group| active(group) && !group.facts.contains_key(fact::TROUBLE))?;
    let name = group.key.id.split_once('/').map_or(group.key.id.as_str(), |(_, name)| name);
    Some(format!(
        "cluster {} looks alive: it is ACTIVE and so is its node group {name}; make sure that nobody uses it",
        key.id
    ))
}
