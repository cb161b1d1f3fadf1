//! Which stacks are nobody's since their time has passed: by the policy's `[[expired]]`, from what belongs to a stack
//! with its dates. The lives take it as the user's word, beside `--abandoned`.
//!
//! A pattern names no stack, so it has to be sure. Whatever bears the stack's name matches the entry; all that a
//! deployer made of it is of proven age, the youngest too; and nothing that could be younger, or speak against it, was
//! unread. Of stacks of one name, in several regions, all expire or none. The selection, protection, states, users and
//! whoever is at work are asked as ever: expiry answers only whether life counts.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use crate::inventory::Gap;
use crate::kinds::{CATALOG, is};
use crate::model::{Key, Position, Region, Scope};
use crate::policy::{Case, Expires, age};

use super::super::stack;
use super::super::view::label;
use super::Scene;
use super::making::is_made_anew;
use super::signs::since;
use super::stacks::Register;

/// What the policy says of a stack that it means.
pub(super) enum Expiry {
    /// It is nobody's: why, in a sentence.
    Passed(String),
    /// It is not yet, or nobody can tell.
    Waits(Waiting),
}

/// What an expiry waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::judge) struct Waiting {
    /// In half a sentence.
    pub why: String,
    /// Things of unknown age, if only these stand in the way.
    pub undated: Vec<Key>,
}

impl Waiting {
    fn for_(why: String) -> Self {
        Self { why, undated: Vec::new() }
    }
}

/// What the policy says of each stack, by its number; nothing of those that it does not mean.
pub(super) fn find(scene: &Scene<'_>, stacks: &Register) -> BTreeMap<usize, Expiry> {
    let mut found = BTreeMap::new();
    for (at, _) in stacks.ids() {
        let mut words = scene.selector.expires().iter().filter_map(|entry| word(scene, stacks, at, entry));
        if let Some(first) = words.next() {
            let passed = |word: &Expiry| matches!(word, Expiry::Passed(_));
            found.insert(at, if passed(&first) { first } else { words.find(passed).unwrap_or(first) });
        }
    }
    let passed = |at: &usize| matches!(found.get(at), Some(Expiry::Passed(_)));
    let twin = |at: usize| {
        let others = stacks.named(&stacks.id(at).name).iter().filter(|other| **other != at);
        others.copied().find(|other| !passed(other))
    };
    let hindered = found.keys().filter(|at| passed(at)).filter_map(|at| Some((*at, twin(*at)?)));
    for (at, twin) in hindered.collect::<Vec<_>>() {
        let why = format!("a stack of the same name in {} has not expired", stacks.id(twin).region);
        found.insert(at, Expiry::Waits(Waiting::for_(why)));
    }
    found
}

/// What one entry says of one stack, if it means it.
fn word(scene: &Scene<'_>, stacks: &Register, at: usize, entry: &Expires) -> Option<Expiry> {
    let id = stacks.id(at);
    let mut named = stacks.members(at).iter().filter(|key| bears_the_name(scene, key)).peekable();
    named.peek()?;
    let covered = |key: &Key| {
        let resource = scene.view.get(key);
        resource.is_some_and(|it| entry.covers(&scene.view.candidate(it, Some(&id.name), Case::Exact)))
    };
    let (meant, others): (Vec<&Key>, Vec<&Key>) = named.partition(|key| covered(key));
    meant.first()?;
    let waits = |why: String| Some(Expiry::Waits(Waiting::for_(why)));
    if let Some(other) = others.first() {
        return waits(format!("{} is of it, and {entry} does not mean that", label(other)));
    }
    if let Some(unread) = unread(scene, stacks.members(at), &id.region) {
        return waits(format!("{unread} could not be read, and may be younger"));
    }
    let made = stacks.members(at).iter().filter(|key| !is_made_anew(scene, key));
    let (dated, undated): (Vec<&Key>, Vec<&Key>) = made.partition(|key| scene.dates.contains_key(*key));
    let youngest = dated.into_iter().filter_map(|key| Some((scene.dates.get(key)?, key)));
    let (date, youngest) = youngest.max_by_key(|(date, _)| date.at)?;
    let ago = since(scene, date.at);
    let shown = age::show(ago.unsigned_abs());
    let old = SignedDuration::try_from(entry.after()).is_ok_and(|after| ago >= after);
    if !old {
        return waits(format!("{} was made {shown} ago ({}), and {entry}", label(youngest), date.by));
    }
    if let Some(first) = undated.first() {
        let why = format!("nothing tells the age of {}, and what is not known is not old", label(first));
        return Some(Expiry::Waits(Waiting { why, undated: undated.into_iter().cloned().collect() }));
    }
    Some(Expiry::Passed(format!(
        "{entry} says that nobody wants stack {} any more, alive or not: the youngest of what was made of it, {}, was made {shown} ago ({})",
        id.name,
        label(youngest),
        date.by
    )))
}

/// Whether a thing itself says of which stack it is: by its tags, or as the cluster that a stack is named after.
fn bears_the_name(scene: &Scene<'_>, key: &Key) -> bool {
    let by_tags = || scene.view.get(key).and_then(|it| stack::own(it, scene.selector.stack_key()));
    is(&key.kind, Position::Cluster) || by_tags().is_some()
}

/// What could not be read, or was not asked for, where a thing of the stack may be. Parts of somebody else's cluster
/// are none of its.
fn unread(scene: &Scene<'_>, members: &[Key], region: &Region) -> Option<String> {
    let inventory = scene.view.inventory;
    let near = |gap: &&Gap| {
        let own = gap.within.as_ref().is_none_or(|parent| members.contains(parent));
        own && (gap.region == *region || gap.region.is_global() || region.is_global())
    };
    if let Some(gap) = inventory.gaps.iter().find(near) {
        return Some(format!("{} of {}", gap.kind, gap.region));
    }
    let asked = |region: &Region| region.is_global() || inventory.regions.contains(region);
    let unasked = CATALOG.iter().find(|spec| {
        let place = match spec.scope {
            Scope::Global => &Region::global(),
            Scope::Regional => region,
        };
        !inventory.kinds.contains(&spec.kind()) || !asked(place)
    });
    unasked.map(|spec| format!("{} of {region}", spec.kind()))
}
