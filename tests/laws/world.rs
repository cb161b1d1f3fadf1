//! The strict cloud: it knows what each rule forbids and refuses every wrong move.
//!
//! Written from the words of `model::spec` alone, without the program's graph or planner, so that a
//! wrong belief has to be held twice to go unnoticed.

use std::collections::{BTreeMap, BTreeSet};

use aws_janitor::model::{Catalog, Holds, Key, Life, Link, LinkRule, Near, Resource, Settle, Touches};
use aws_janitor::plan::{Action, Fate, Plan, StepId};

use crate::rng::Rng;
use crate::worlds::World;

/// A thing that goes with several goes with the first of them, or with the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Goes {
    WithAny,
    WithAll,
}

#[derive(Clone)]
pub(crate) struct Cloud {
    catalog: Catalog,
    /// What stands, with the links that stand.
    pub(crate) standing: BTreeMap<Key, Resource>,
    /// What is on its way out: it still stands and still holds, and will vanish at some moment.
    pub(crate) doomed: BTreeSet<Key>,
    /// What was deleted by a call and has not vanished yet: it takes along what goes with it.
    called: BTreeSet<Key>,
    /// What calls have changed.
    pub(crate) touched: BTreeSet<Key>,
    goes: Goes,
    /// What goes with several things, itself or along the chain: nobody can know when exactly, so where
    /// it is still in the way of another deletion on its way out, that one is merely "not yet".
    several: BTreeSet<Key>,
    /// What was cut.
    cuts: BTreeSet<(Key, Link)>,
    /// Links of which a cut does not end what they forbid, for asking what a planner that never cuts
    /// for that purpose could do.
    bonds: BTreeMap<Key, BTreeSet<Link>>,
    /// Whether a rule may be taken from a group in use, as AWS lets everybody do.
    pub(crate) rules_are_free: bool,
}

/// Why a move is not made.
pub(crate) enum Refusal {
    /// Not yet: something that is on its way out is still in the way.
    NotYet,
    /// Never.
    Refused(String),
}

/// A running or finished execution of a plan.
#[derive(Clone, Default)]
pub(crate) struct Progress {
    pub(crate) done: BTreeSet<StepId>,
    pub(crate) running: BTreeSet<StepId>,
    pub(crate) events: usize,
}

impl Cloud {
    pub(crate) fn new(world: &World, goes: Goes) -> Self {
        let leaving: BTreeSet<Key> =
            world.things.values().filter(|t| t.life == Life::Leaving).map(|t| t.key.clone()).collect();
        Self {
            catalog: world.catalog,
            standing: world.things.clone(),
            doomed: leaving,
            called: BTreeSet::new(),
            touched: BTreeSet::new(),
            goes,
            several: BTreeSet::new(),
            cuts: BTreeSet::new(),
            rules_are_free: false,
            bonds: BTreeMap::new(),
        }
        .with_several()
    }

    fn with_several(mut self) -> Self {
        loop {
            let unsure = |thing: &Resource| {
                let carriers: BTreeSet<&Key> =
                    self.carriers(thing).map(|(c, _)| c).filter(|c| self.standing.contains_key(*c)).collect();
                carriers.len() > 1 || carriers.iter().any(|c| self.several.contains(*c))
            };
            let found = self.standing.values().filter(|t| !self.several.contains(&t.key) && unsure(t));
            let found: Vec<Key> = found.map(|t| t.key.clone()).collect();
            if found.is_empty() {
                return self;
            }
            self.several.extend(found);
        }
    }

    /// The same cloud, in which a cut ends only what is said to last until a cut.
    pub(crate) fn bound(mut self) -> Self {
        self.bonds = self.standing.iter().map(|(key, thing)| (key.clone(), thing.links.clone())).collect();
        self
    }

    fn rule(&self, owner: &Resource, link: &Link) -> Option<&'static LinkRule> {
        self.catalog.get(&owner.key.kind)?.rule(&link.how, &link.to.kind)
    }

    fn carriers<'a>(&'a self, thing: &'a Resource) -> impl Iterator<Item = (&'a Key, Settle)> {
        thing.links.iter().filter(|l| l.to != thing.key).filter_map(|link| {
            match self.rule(thing, link)?.near {
                Near::GoesWithTarget(settle) => Some((&link.to, settle)),
                _ => None,
            }
        })
    }

    /// The thing and all that its deletion takes along, but not what is on its way out already: of its own
    /// accord, or with another of the things that it goes with.
    fn along(&self, key: &Key) -> BTreeSet<Key> {
        let mut along = BTreeSet::from([key.clone()]);
        loop {
            let more: Vec<Key> = self
                .standing
                .values()
                .filter(|t| !along.contains(&t.key) && !self.doomed.contains(&t.key))
                .filter(|t| self.carriers(t).any(|(c, _)| along.contains(c)))
                .map(|t| t.key.clone())
                .collect();
            if more.is_empty() {
                return along;
            }
            along.extend(more);
        }
    }

    /// Who holds this thing, other than itself.
    fn holders<'a>(&'a self, key: &'a Key) -> impl Iterator<Item = (&'a Key, Holds)> {
        self.standing.values().filter(move |t| t.key != *key).flat_map(move |t| {
            let lasting = |l: &&Link| self.rule(t, l).is_some_and(|r| r.holds != Holds::DeleteUntilCut);
            let bonds = self.bonds.get(&t.key).into_iter().flatten().filter(lasting);
            let links = t.links.iter().chain(bonds).filter(move |l| l.to == *key);
            links.filter_map(move |l| Some((&t.key, self.rule(t, l)?.holds)))
        })
    }

    pub(crate) fn delete(&mut self, key: &Key) -> Result<(), Refusal> {
        let Some(thing) = self.standing.get(key) else { return Ok(()) };
        self.touched.insert(key.clone());
        if self.doomed.contains(key) {
            return Ok(());
        }
        if let Some((carrier, _)) = self.carriers(thing).find(|(c, _)| self.standing.contains_key(*c)) {
            return Err(Refusal::Refused(format!("{key} goes only with {carrier}")));
        }
        let along = self.along(key);
        for member in &along {
            let mut holders = self.holders(member);
            if let Some((holder, _)) =
                holders.find(|(h, holds)| *holds != Holds::Nothing && !along.contains(h))
            {
                return Err(
                    self.refusal(holder, format!("{member} is held by {holder}, so {key} cannot be deleted"))
                );
            }
            let taken = &self.standing[member];
            // A stack that was refused a member once takes from it only what it gave it, and is refused again.
            let stuck = taken.links.iter().any(|l| l.how == "member-of" && !l.via.is_empty());
            let held = |l: &&Link| {
                let rule = self.rule(taken, l).filter(|rule| rule.near == Near::CutFirst);
                rule.and_then(|rule| rule.cut).is_some_and(|cut| cut.touches == Touches::NearEnd)
            };
            if let Some(link) = taken.links.iter().find(held).filter(|_| stuck && member != key) {
                return Err(Refusal::Refused(format!("{member} is stuck, and not cut from {}", link.to)));
            }
            for link in taken
                .links
                .iter()
                .chain(self.bonds.get(member).into_iter().flatten())
                .filter(|l| !along.contains(&l.to) && self.standing.contains_key(&l.to))
            {
                let near = self.rule(taken, link).map(|rule| rule.near);
                if near == Some(Near::AfterTarget) {
                    let why = format!("{member} goes only after {}, so {key} cannot be deleted", link.to);
                    return Err(self.refusal(&link.to, why));
                }
            }
        }
        let uncut =
            thing.links.iter().find(|l| self.rule(thing, l).is_some_and(|r| r.near == Near::CutFirst));
        if let Some(link) = uncut {
            return Err(Refusal::Refused(format!("{key} is not cut from {}", link.to)));
        }
        let polls = self.catalog.get(&key.kind).is_some_and(|spec| spec.settle != Settle::AtOnce);
        self.touched.extend(along);
        self.doomed.insert(key.clone());
        self.called.insert(key.clone());
        if !polls {
            self.vanish(key);
        }
        Ok(())
    }

    fn refusal(&self, in_the_way: &Key, why: String) -> Refusal {
        let passes = self.several.contains(in_the_way) && self.going_anyway().contains(in_the_way);
        if passes { Refusal::NotYet } else { Refusal::Refused(why) }
    }

    pub(crate) fn cut(&mut self, key: &Key, link: &Link) -> Result<(), String> {
        let Some(thing) = self.standing.get(key) else { return Ok(()) };
        let before = self.cuts.contains(&(key.clone(), link.clone()));
        if !thing.links.contains(link) && (before || !self.standing.contains_key(&link.to)) {
            return Ok(());
        }
        if !thing.links.contains(link) {
            return Err(format!("{key} has no link to {}", link.to));
        }
        let Some(cut) = self.rule(thing, link).and_then(|rule| rule.cut) else {
            return Err(format!("{key} cannot be cut from {}", link.to));
        };
        let free = self.rules_are_free && cut.by_hand.is_some();
        let forbids = |(_, holds): &(&Key, Holds)| *holds == Holds::DeleteAndCuts && !free;
        if let Some((holder, _)) = self.holders(key).find(forbids) {
            return Err(format!("{holder} forbids to cut {key} from anything"));
        }
        self.touched.insert(key.clone());
        if cut.touches == Touches::BothEnds && self.standing.contains_key(&link.to) {
            self.touched.insert(link.to.clone());
        }
        self.cuts.insert((key.clone(), link.clone()));
        self.standing.get_mut(key).unwrap().links.remove(link);
        Ok(())
    }

    /// It is gone, and with it, or some time after, what goes with it.
    fn vanish(&mut self, key: &Key) {
        if self.standing.remove(key).is_none() {
            return;
        }
        self.doomed.remove(key);
        self.called.remove(key);
        self.forget(key);
        let mut at_once = Vec::new();
        for thing in self.standing.values() {
            let settles: Vec<Settle> =
                self.carriers(thing).filter(|(c, _)| *c == key).map(|(_, s)| s).collect();
            if settles.is_empty() {
                continue;
            }
            let others = self.carriers(thing).any(|(c, _)| self.standing.contains_key(c));
            if self.goes == Goes::WithAll && others {
                continue;
            }
            at_once.push((thing.key.clone(), settles.iter().all(|s| *s == Settle::AtOnce)));
        }
        for (next, now) in at_once {
            if !self.standing.contains_key(&next) {
                continue;
            }
            self.doomed.insert(next.clone());
            if now {
                self.vanish(&next);
            }
        }
    }

    /// Descriptions cease to name what is gone, where that is a bond of both (an attachment, an association).
    /// Others go on naming it (the role of a deleted policy, the maker of a lingering interface).
    fn forget(&mut self, gone: &Key) {
        let catalog = self.catalog;
        for thing in self.standing.values_mut() {
            let kind = thing.key.kind.clone();
            let bond = |link: &Link| match catalog.get(&kind).and_then(|s| s.rule(&link.how, &link.to.kind)) {
                Some(LinkRule { near: Near::AfterTarget, .. }) => true,
                Some(LinkRule { near: Near::CutFirst, cut, .. }) => {
                    cut.is_some_and(|cut| cut.touches == Touches::BothEnds)
                }
                _ => false,
            };
            thing.links.retain(|link| link.to != *gone || !bond(link));
        }
    }

    /// Something that is on its way out vanishes.
    pub(crate) fn tick(&mut self, rng: &mut Rng) -> bool {
        let doomed: Vec<Key> = self.doomed.iter().cloned().collect();
        if doomed.is_empty() {
            return false;
        }
        self.vanish(rng.pick(&doomed));
        true
    }

    /// What a plan knows to be on its way out, is.
    pub(crate) fn doom(&mut self, plan: &Plan) {
        let awaited =
            plan.fates.iter().filter(|(_, fate)| **fate == Fate::Leaving).map(|(key, _)| key.clone());
        self.doomed.extend(awaited);
    }

    /// All that will go whatever anybody does: what is leaving, and what goes with it.
    pub(crate) fn going_anyway(&self) -> BTreeSet<Key> {
        let mut later = self.clone();
        let mut rng = Rng::new(0);
        while later.tick(&mut rng) {}
        self.standing.keys().filter(|key| !later.standing.contains_key(*key)).cloned().collect()
    }

    /// What a scan would find at this moment. What was deleted by a call shows it; what goes along may or may not.
    pub(crate) fn snapshot(&self, rng: &mut Rng) -> BTreeMap<Key, Resource> {
        let mut things = self.standing.clone();
        for (key, thing) in &mut things {
            if self.called.contains(key) || (self.doomed.contains(key) && rng.chance(1, 2)) {
                thing.life = Life::Leaving;
            }
        }
        things
    }

    /// Carries a plan on in a random order that respects its edges, up to so many events or to its end.
    pub(crate) fn run(
        &mut self,
        plan: &Plan,
        progress: &mut Progress,
        rng: &mut Rng,
        events: usize,
    ) -> Result<(), String> {
        let until = progress.events.saturating_add(events);
        while progress.done.len() < plan.steps.len() && progress.events < until {
            progress.events += 1;
            if rng.chance(1, 3) {
                self.tick(rng);
            }
            let standing = &self.standing;
            let gone = |id: &StepId| {
                let step = &plan.steps[id.0 as usize - 1];
                matches!(step.action, Action::Cut(_)) || !standing.contains_key(&step.resource)
            };
            let finished: Vec<StepId> = progress.running.iter().copied().filter(|id| gone(id)).collect();
            let finishes = !finished.is_empty();
            progress.running.retain(|id| !finished.contains(id));
            progress.done.extend(finished);
            let ready: Vec<_> = plan
                .steps
                .iter()
                .filter(|s| !progress.done.contains(&s.id) && !progress.running.contains(&s.id))
                .filter(|s| s.after.iter().all(|a| progress.done.contains(&a.step)))
                .collect();
            if ready.is_empty() {
                if !self.tick(rng) && !finishes {
                    return Err(format!("steps {:?} wait for ever", progress.running));
                }
                continue;
            }
            let step = *rng.pick(&ready);
            progress.running.insert(step.id);
            let refused = |why| format!("step {} ({:?} {}): {why}", step.id.0, step.action, step.resource);
            match &step.action {
                Action::Cut(link) => self.cut(&step.resource, link).map_err(refused)?,
                Action::Delete => match self.delete(&step.resource) {
                    Ok(()) => {}
                    Err(Refusal::Refused(why)) => return Err(refused(why)),
                    Err(Refusal::NotYet) => {
                        progress.running.remove(&step.id);
                        self.tick(rng);
                    }
                },
                Action::Await => {}
            }
        }
        Ok(())
    }

    /// Lets everything that is on its way out vanish.
    pub(crate) fn settle(&mut self, rng: &mut Rng) {
        while self.tick(rng) {}
    }
}

impl Cloud {
    /// Whether any order of cuts and deletions at all would rid the cloud of this thing.
    /// Moves only ever free others, so trying all of them again and again is enough.
    pub(crate) fn could_lose(&mut self, key: &Key, rng: &mut Rng) -> bool {
        loop {
            let before = (self.standing.len(), self.standing.values().map(|t| t.links.len()).sum::<usize>());
            for thing in self.standing.clone().into_values() {
                for link in &thing.links {
                    // What is refused now may be granted in the next round.
                    let _ = self.cut_if_needed(&thing.key, link);
                }
                let _ = self.delete(&thing.key);
                self.settle(rng);
            }
            let after = (self.standing.len(), self.standing.values().map(|t| t.links.len()).sum::<usize>());
            if !self.standing.contains_key(key) {
                return true;
            }
            if before == after {
                return false;
            }
        }
    }

    /// Cuts a link that forbids something; cutting what a thing goes with would only make it another thing.
    fn cut_if_needed(&mut self, key: &Key, link: &Link) -> Result<(), String> {
        let Some(thing) = self.standing.get(key) else { return Ok(()) };
        let rule = self.rule(thing, link);
        let helps = rule.is_some_and(|r| r.holds == Holds::DeleteUntilCut || r.near == Near::CutFirst);
        let goes = rule.is_some_and(|r| matches!(r.near, Near::GoesWithTarget(_)));
        if helps && !goes { self.cut(key, link) } else { Ok(()) }
    }
}
