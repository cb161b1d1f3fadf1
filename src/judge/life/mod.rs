//! Which stacks live: from the indexed inventory with its memberships and dates to the signs of life of each stack,
//! what was looked for and not found, who is at work in it, and what cannot be told. The gates take it from here.
//!
//! A stack is its name and its region. That AWS runs a thing is no sign of life: a control plane is ACTIVE, its log
//! grows and its roles are used although no node ever joined. And silence is evidence only of what could have
//! spoken: where something may be at work without any sign that is read, nobody knows.

mod doubt;
mod expiry;
#[cfg(test)]
mod expiry_tests;
mod inquiries;
mod intent;
mod making;
mod show;
mod signs;
mod spared;
mod stacks;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kinds::CATALOG;
use crate::model::{Gate, Key, KindName, Region, Resource, ShowsLife, Sign, Verdict};
use crate::policy::Selector;

use super::dating::Dated;
use super::gates::{Ground, Ruling};
use super::view::View;

use expiry::Expiry;
pub use inquiries::{asked_again, inquiries};
pub(super) use intent::intent;
use making::Making;
pub(super) use show::looked_for;
pub use spared::{Expired, Spared, TwiceNamed, expired, named_twice, spared, spared_of};
use stacks::Register;

/// One sign of life that was found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Shown {
    /// Which sign it is.
    pub sign: Sign,
    /// What shows it.
    pub thing: Key,
    /// The same in a sentence.
    pub why: String,
}

/// Why it cannot be told whether a stack lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Doubt {
    /// What may be at work.
    pub thing: Key,
    /// The same in a sentence.
    pub why: String,
}

/// What is known of the life of one stack.
#[derive(Debug, Default)]
pub(super) struct StackLife {
    /// The signs that were found.
    pub signs: BTreeSet<Shown>,
    /// Who is at work in it.
    pub making: Option<Making>,
    /// What may be at work in it without a sign.
    pub doubts: Vec<Doubt>,
    /// What would show a sign and could not be read.
    pub unseen: Option<(KindName, Region)>,
    /// How many things were looked at for each sign.
    pub looked_at: BTreeMap<Sign, usize>,
    /// What the user said of its being nobody's, alive or not.
    pub condemned: Option<Condemned>,
    /// What its expiry still waits for, if the policy has one for it.
    pub expires: Option<expiry::Waiting>,
}

/// The user's word that a stack is nobody's, whatever signs of life it shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Condemned {
    /// He called it abandoned, by its name.
    Abandoned,
    /// It is of those that expire, and its time has passed: why, in a sentence.
    Expired(String),
}

impl Condemned {
    /// Why the policy's expiry takes it, if that does.
    pub(super) fn expired(&self) -> Option<&str> {
        match self {
            Self::Abandoned => None,
            Self::Expired(why) => Some(why),
        }
    }
}

/// What life is judged from.
pub(super) struct Scene<'a> {
    pub view: &'a View<'a>,
    pub selector: &'a Selector,
    pub dates: &'a BTreeMap<Key, Dated>,
    pub now: Timestamp,
    /// What of a kind shows life.
    pub shows: fn(&KindName) -> ShowsLife,
}

/// The life of every stack.
pub(super) struct Lives {
    stacks: Register,
    known: Vec<StackLife>,
    /// Whether a thing rests, by itself: a machine that is stopped.
    resting: BTreeMap<Key, String>,
}

/// What of a kind shows life, by the catalog. Of a kind that it does not have nobody knows.
pub(super) fn by_catalog(kind: &KindName) -> ShowsLife {
    CATALOG.get(kind).map_or(ShowsLife::Never, |spec| spec.shows_life)
}

/// Looks for the life of every stack of the inventory.
pub(super) fn look(scene: &Scene<'_>, membership: &BTreeMap<Key, String>) -> Lives {
    let stacks = Register::of(scene.view, membership);
    let mut known: Vec<StackLife> = stacks.ids().map(|_| StackLife::default()).collect();
    let youngest = making::youngest(scene, &stacks);
    let last_making = |key: &Key| {
        let made = stacks.of_thing(key).iter().filter_map(|at| youngest.get(at));
        made.map(|(moment, _)| *moment).max()
    };
    let findings = signs::find(scene, &last_making);
    let upward = |thing: &Key| signs::upward(scene, thing);
    let homes = |things: &[Key]| -> BTreeSet<usize> {
        things.iter().flat_map(upward).flat_map(|key| stacks.of_thing(&key).to_vec()).collect()
    };
    for (at, making) in making::find(scene, &stacks, &youngest) {
        known[at].making = Some(making);
    }
    for (sign, things) in findings.looked_at {
        for home in homes(&things) {
            *known[home].looked_at.entry(sign).or_default() += 1;
        }
    }
    for (shown, things) in findings.shown {
        for home in homes(&things) {
            known[home].signs.insert(shown.clone());
        }
    }
    for (doubt, things) in doubt::find(scene, &last_making) {
        for home in homes(&things) {
            known[home].doubts.push(doubt.clone());
        }
    }
    doubt::twins(&stacks, &mut known);
    doubt::unseen(scene, &stacks, &mut known);
    for (at, expiry) in expiry::find(scene, &stacks) {
        match expiry {
            Expiry::Passed(why) => known[at].condemned = Some(Condemned::Expired(why)),
            Expiry::Waits(waiting) => known[at].expires = Some(waiting),
        }
    }
    for name in scene.selector.abandoned() {
        // A name that fits two stacks says of neither that nobody wants it.
        if let [one] = stacks.named(name) {
            known[*one].condemned = Some(Condemned::Abandoned);
        }
    }
    Lives { stacks, known, resting: doubt::resting(scene) }
}

impl StackLife {
    /// Why the policy's expiry takes it, if that does.
    pub(super) fn expired(&self) -> Option<&str> {
        self.condemned.as_ref()?.expired()
    }

    /// Why it cannot be told whether it lives, in sentences.
    pub(super) fn doubts(&self) -> impl Iterator<Item = String> {
        let unread = self.unseen.iter().map(|(kind, region)| format!("{kind} of {region} could not be read"));
        self.doubts.iter().map(|doubt| doubt.why.clone()).chain(unread)
    }
}

impl Lives {
    /// The stacks that a thing belongs to: one, or that of each region for a global thing.
    fn of(&self, key: &Key) -> impl Iterator<Item = (&str, &StackLife)> {
        self.stacks.of_thing(key).iter().map(|at| (self.stacks.id(*at).name.as_str(), &self.known[*at]))
    }

    /// Whether the user said of a thing's stack, by its name, that nobody wants it any more: of a global thing, of each of
    /// its stacks.
    pub(super) fn is_abandoned(&self, key: &Key) -> bool {
        let mut all = self.of(key).peekable();
        all.peek().is_some() && all.all(|(_, life)| life.condemned == Some(Condemned::Abandoned))
    }

    /// The stacks of this name, by region.
    pub(super) fn named(&self, name: &str) -> impl Iterator<Item = (&Region, &StackLife)> {
        self.stacks.named(name).iter().map(|at| (&self.stacks.id(*at).region, &self.known[*at]))
    }

    /// What stands in the way of a stack's expiry only because nothing tells its age, of the stacks that have a thing
    /// among these.
    pub(super) fn undated(&self, of: &BTreeSet<Key>) -> BTreeSet<Key> {
        let stacks: BTreeSet<usize> = of.iter().flat_map(|key| self.stacks.of_thing(key).to_vec()).collect();
        let waiting = stacks.into_iter().filter_map(|at| self.known[at].expires.as_ref());
        waiting.flat_map(|waiting| waiting.undated.iter().cloned()).collect()
    }

    /// Whether AWS is still making something of the thing's stack.
    pub(super) fn deploying(&self, key: &Key) -> Option<Ruling> {
        self.of(key).find_map(|(stack, life)| {
            let coming = life.making.as_ref().filter(|it| it.is_coming())?;
            Some(coming.ruling(stack))
        })
    }

    /// That somebody is at work in the thing's stack, or that it lives.
    pub(super) fn active(&self, key: &Key) -> Option<Ruling> {
        let unsettled = || self.of(key).find_map(|(stack, life)| Some(life.making.as_ref()?.ruling(stack)));
        unsettled().or_else(|| {
            let (stack, shown) = self.living(key)?;
            let gate = Gate::Lives { stack: stack.to_owned(), sign: shown.sign, thing: shown.thing.clone() };
            let expires = self.of(key).find_map(|(_, life)| Some(life.expires.as_ref()?.why.as_str()));
            let expires = expires.map(|why| format!(", or once it expires: {why}")).unwrap_or_default();
            let why = format!(
                "stack {stack} lives: {}; it goes only if it is called abandoned by its name{expires}",
                shown.why
            );
            Some(Ruling::new(Verdict::Active, gate, why))
        })
    }

    fn living(&self, key: &Key) -> Option<(&str, &Shown)> {
        self.of(key)
            .filter(|(_, life)| life.condemned.is_none())
            .find_map(|(stack, life)| Some((stack, life.signs.first()?)))
    }

    /// That it cannot be told whether the thing's stack lives.
    pub(super) fn unclear(&self, key: &Key) -> Option<Ground> {
        self.of(key).filter(|(_, life)| life.condemned.is_none()).find_map(|(stack, life)| {
            if let Some(doubt) = life.doubts.first() {
                let gate = Gate::LifeUnknown { stack: stack.to_owned(), thing: doubt.thing.clone() };
                let why = format!("whether stack {stack} lives cannot be told: {}", doubt.why);
                return Some(Ground { gate, why });
            }
            let (kind, region) = life.unseen.clone()?;
            let why =
                format!("whether stack {stack} lives cannot be told: {kind} of {region} could not be read");
            Some(Ground { gate: Gate::LifeUnseen { kind, region }, why })
        })
    }

    /// That the thing itself rests, and may be started again.
    pub(super) fn rests(&self, key: &Key) -> Option<Ground> {
        let why = self.resting.get(key)?;
        let condemned = self.of(key).any(|(_, life)| life.condemned.is_some());
        (!condemned).then(|| Ground { gate: Gate::Rests, why: why.clone() })
    }

    /// That the thing's stack shows no life, with what was looked for.
    pub(super) fn silence(&self, key: &Key) -> Option<String> {
        let (stack, life) = self.of(key).next()?;
        match &life.condemned {
            Some(Condemned::Abandoned) => {
                return Some(format!("--abandoned says that nobody wants stack {stack} any more"));
            }
            Some(Condemned::Expired(why)) => return Some(why.clone()),
            None => {}
        }
        let looked_for = show::looked_for(life);
        (!looked_for.is_empty())
            .then(|| format!("stack {stack} shows no sign of life: {}", looked_for.join(", ")))
    }
}

/// The resource of a key, if it was seen and is of a machine that runs.
fn running<'a>(scene: &Scene<'a>, key: &Key) -> Option<&'a Resource> {
    let ShowsLife::Machine { runs, .. } = (scene.shows)(&key.kind) else { return None };
    scene.view.get(key).filter(|it| it.state.as_deref() == Some(runs))
}
