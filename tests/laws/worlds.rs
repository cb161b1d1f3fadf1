//! Random worlds: things that link to each other as the rules of their kinds allow, the program's own
//! catalog of kinds in two of three, an invented one in the third ([`crate::invented`] says what those are for).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use aws_janitor::inventory::{Caller, Elsewhere, Gap, Inventory};
use aws_janitor::kinds::CATALOG;
use aws_janitor::model::words::how;
use aws_janitor::model::{
    AccountId, Catalog, Guard, GuardRule, Judged, Key, KindName, KindSpec, Life, Link, LinkRule, Region,
    Resource, Scope, Verdict, Verdicts,
};

use crate::invented;
use crate::rng::Rng;

/// What takes in anything.
const STACK: &str = "cloudformation-stack";

/// All there is, seen or not, and what is asked of the planner.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) seed: u64,
    pub(crate) catalog: Catalog,
    pub(crate) things: BTreeMap<Key, Resource>,
    pub(crate) verdicts: Verdicts,
    pub(crate) with_data: BTreeSet<KindName>,
    pub(crate) regions: BTreeSet<Region>,
}

/// What of a world is hidden from the scan.
#[derive(Clone, Default, Debug)]
pub(crate) struct Hidden {
    pub(crate) gaps: BTreeSet<(KindName, Region)>,
    pub(crate) kinds: BTreeSet<KindName>,
    pub(crate) things: BTreeSet<Key>,
    /// What could not be read where the scan was not asked to look, beside what lies in its regions.
    pub(crate) beyond: BTreeSet<KindName>,
    /// Nobody knows which regions are enabled.
    pub(crate) regions: bool,
}

impl World {
    /// The world of a seed.
    pub(crate) fn new(seed: u64) -> (Self, Rng) {
        let mut rng = Rng::new(seed);
        let catalog = if rng.chance(2, 3) { CATALOG } else { invented::catalog(rng.next()) };
        let two = rng.chance(1, 3);
        let regions: Vec<Region> =
            ["r1", "r2"].iter().take(if two { 2 } else { 1 }).map(|r| Region::new(*r)).collect();
        let mut world = Self {
            seed,
            catalog,
            things: BTreeMap::new(),
            verdicts: Verdicts::new(),
            with_data: catalog.iter().filter(|_| rng.chance(1, 2)).map(KindSpec::kind).collect(),
            regions: regions.iter().cloned().collect(),
        };
        let calm = rng.chance(1, 2);
        let count = 1 + rng.below(10);
        for (i, spec) in kinds(catalog, count, &mut rng).into_iter().enumerate() {
            let region = match spec.scope {
                Scope::Global => Region::global(),
                Scope::Regional => rng.pick(&regions).clone(),
            };
            let key = Key::new(spec.kind(), region, format!("{}-{i}", spec.name));
            let judged = random_verdict(&mut rng, calm);
            world.verdicts.insert(key.clone(), judged);
            world.things.insert(key.clone(), random_thing(&mut rng, key, calm));
        }
        world.link(&mut rng);
        let mut rng_of_stacks = Rng::new(seed ^ 0xc10d);
        if world.catalog.named(STACK).is_some() && rng_of_stacks.chance(1, 3) {
            world.take_in(&mut rng_of_stacks);
        }
        (world, rng)
    }

    fn link(&mut self, rng: &mut Rng) {
        let keys: Vec<Key> = self.things.keys().cloned().collect();
        let density = 1 + rng.below(6);
        for from in &keys {
            let spec = self.catalog.get(&from.kind).unwrap();
            for rule in spec.links {
                let near = |to: &&Key| {
                    self.catalog.is_about(spec, rule, &to.kind)
                        && (to.region == from.region || to.region.is_global() || from.region.is_global())
                };
                let targets: Vec<Key> = keys.iter().filter(near).cloned().collect();
                for to in targets {
                    if rng.chance(density, 8) {
                        self.add_link(from, rule.how, to);
                    }
                }
                let any = rule.to == LinkRule::ANY_ROUTE_TARGET;
                if !any && rng.chance(1, 14) || (spec.parts.contains(&rule.to) && rng.chance(1, 2)) {
                    let region = if self.catalog.named(rule.to).is_some_and(|s| s.scope == Scope::Global) {
                        Region::global()
                    } else if from.region.is_global() {
                        self.regions.first().unwrap().clone()
                    } else {
                        from.region.clone()
                    };
                    self.add_link(from, rule.how, Key::new(KindName::of(rule.to), region, "elsewhere"));
                }
            }
        }
    }

    /// Lets a world have stacks with members: whatever thing, and of two stacks at times. Some of them a stack has tried
    /// to remove in vain.
    fn take_in(&mut self, rng: &mut Rng) {
        let region = self.regions.first().unwrap().clone();
        let key = Key::new(KindName::of(STACK), region, format!("{STACK}-of-all"));
        self.verdicts.insert(key.clone(), random_verdict(rng, true));
        self.things.insert(key.clone(), random_thing(rng, key, true));
        let stacks: Vec<Key> = self.things.keys().filter(|key| key.kind.as_str() == STACK).cloned().collect();
        let keys: Vec<Key> = self.things.keys().cloned().collect();
        for stack in stacks {
            let near = |key: &&Key| key.region == stack.region || key.region.is_global();
            for member in keys.iter().filter(|key| **key != stack).filter(near) {
                // A stack within itself there is none.
                let above = member.kind.as_str() == STACK && *member < stack;
                if above || !rng.chance(1, 2) {
                    continue;
                }
                let via = if rng.chance(1, 5) { vec!["DELETE_FAILED".to_owned()] } else { Vec::new() };
                let member_of = Link::via(how::MEMBER_OF, stack.clone(), via);
                self.things.get_mut(member).unwrap().links.insert(member_of);
            }
        }
    }

    fn add_link(&mut self, from: &Key, how: &'static str, to: Key) {
        self.things.get_mut(from).unwrap().links.insert(Link::new(how, to));
    }

    /// What a scan sees of these things.
    pub(crate) fn seen(&self, things: &BTreeMap<Key, Resource>, hidden: &Hidden) -> Inventory {
        let gap = |(kind, region): &(KindName, Region)| Gap::new(kind.clone(), region.clone(), "denied");
        Inventory {
            caller: Caller { account: AccountId::new("1"), alias: None, arn: "me".into() },
            taken: "2026-01-01T00:00:00Z".parse().unwrap(),
            regions: self.regions.clone(),
            kinds: self.catalog.iter().map(KindSpec::kind).filter(|k| !hidden.kinds.contains(k)).collect(),
            resources: things
                .iter()
                .filter(|(key, _)| !hidden.things.contains(key))
                .map(|(key, thing)| (key.clone(), thing.clone()))
                .collect(),
            gaps: hidden.gaps.iter().map(gap).collect(),
            elsewhere: self.elsewhere(hidden),
            without_services: Default::default(),
            unanswered: Default::default(),
            unread_things: Default::default(),
            states: Vec::new(),
            gone: Default::default(),
        }
    }

    /// A region is enabled beside those of the scan, where nothing of the world is.
    fn elsewhere(&self, hidden: &Hidden) -> Elsewhere {
        let beyond = Region::new("r9");
        let gap = |kind: &KindName| Gap::new(kind.clone(), beyond.clone(), "denied");
        let enabled = self.regions.iter().cloned().chain([beyond.clone()]).collect();
        Elsewhere {
            enabled: Some(enabled).filter(|_| !hidden.regions),
            regions: [beyond.clone()].into(),
            gaps: hidden.beyond.iter().map(gap).collect(),
            ..Elsewhere::default()
        }
    }

    /// A whole inventory of the world.
    pub(crate) fn inventory(&self) -> Inventory {
        self.seen(&self.things, &Hidden::default())
    }

    /// Hides more of the world.
    pub(crate) fn hide(&self, rng: &mut Rng, mut hidden: Hidden) -> Hidden {
        let specs: Vec<&KindSpec> = self.catalog.iter().collect();
        // Most kinds of the real catalog have nothing to do with a small world: hiding them tries nothing.
        let here: BTreeSet<&str> = self.things.keys().map(|key| key.kind.as_str()).collect();
        let concerns = |spec: &&&KindSpec| {
            here.contains(spec.name) || spec.links.iter().any(|rule| here.contains(rule.to))
        };
        let concerned: Vec<&KindSpec> = specs.iter().filter(concerns).copied().collect();
        // A stack tells of each member, seen or not: where one was not, the judge keeps the stack, which the worlds with
        // owners try. Here every verdict is given.
        let members = self.things.values().filter(|it| it.links_as(how::MEMBER_OF).next().is_some());
        let members: BTreeSet<&KindName> = members.map(|it| &it.key.kind).collect();
        for _ in 0..1 + rng.below(2) {
            let any = concerned.is_empty() || rng.chance(1, 6);
            let spec = *rng.pick(if any { &specs } else { &concerned });
            if members.contains(&spec.kind()) {
                continue;
            }
            let regions: Vec<Region> = self.regions.iter().cloned().collect();
            let region =
                if spec.scope == Scope::Global { Region::global() } else { rng.pick(&regions).clone() };
            if spec.scope == Scope::Regional && rng.chance(1, 5) {
                hidden.beyond.insert(spec.kind());
                hidden.regions |= rng.chance(1, 8);
                continue;
            }
            let whole = rng.chance(1, 5);
            if whole {
                hidden.kinds.insert(spec.kind());
            } else {
                hidden.gaps.insert((spec.kind(), region.clone()));
            }
            for key in self.things.keys() {
                let in_gap = key.kind == spec.kind() && (whole || key.region == region);
                if in_gap && (whole || rng.chance(2, 3)) {
                    hidden.things.insert(key.clone());
                }
            }
        }
        hidden
    }

    /// The same world without this thing: for making a failing world small.
    pub(crate) fn without(&self, key: &Key) -> Self {
        let mut world = self.clone();
        world.things.remove(key);
        world
    }
}

impl fmt::Display for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "world {}", self.seed)?;
        let kinds: BTreeSet<&KindName> = self.things.keys().map(|key| &key.kind).collect();
        for spec in kinds.iter().filter_map(|kind| self.catalog.get(kind)) {
            writeln!(f, "  kind {} ({:?}, {:?}, {:?}):", spec.name, spec.scope, spec.class, spec.settle)?;
            for rule in spec.links {
                let cut = rule.cut.map(|cut| cut.touches);
                writeln!(
                    f,
                    "    {} -> {}: {:?}, {:?}, cut {:?}",
                    rule.how, rule.to, rule.holds, rule.near, cut
                )?;
            }
        }
        writeln!(f, "  with data: {:?}", self.with_data.iter().map(KindName::as_str).collect::<Vec<_>>())?;
        for (key, thing) in &self.things {
            let verdict = self.verdicts[key].verdict;
            let guarded = if thing.guards.is_empty() { "" } else { " guarded" };
            let links: Vec<String> = thing.links.iter().map(|l| format!("{} {}", l.how, l.to.id)).collect();
            writeln!(
                f,
                "  {} ({}) {verdict} {:?}{guarded}: {}",
                key.id,
                key.region,
                thing.life,
                links.join(", ")
            )?;
        }
        Ok(())
    }
}

fn random_verdict(rng: &mut Rng, calm: bool) -> Judged {
    let other = [Verdict::Protected, Verdict::Active, Verdict::TooYoung, Verdict::Uncertain];
    let orphan = !rng.chance(1, if calm { 20 } else { 6 });
    let verdict = if orphan { Verdict::Orphan } else { *rng.pick(&other) };
    Judged {
        verdict,
        gate: None,
        evidence: vec!["made up".into()],
        proof: None,
        stack: None,
        selected: rng.chance(3, 4),
    }
}

fn random_thing(rng: &mut Rng, key: Key, calm: bool) -> Resource {
    let mut thing = Resource::new(key);
    if rng.chance(1, if calm { 40 } else { 12 }) {
        thing.guards.insert(Guard { rule: GuardRule::Protection, why: "protected".into() });
    }
    thing.life = match rng.below(24) {
        0 => Life::Coming,
        1 | 2 => Life::Leaving,
        _ => Life::Standing,
    };
    thing
}

/// The kinds of a world's things, most of them with a rule to or from another of them: of two dozen kinds
/// drawn without regard, few would have anything to do with each other.
fn kinds(catalog: Catalog, count: usize, rng: &mut Rng) -> Vec<&'static KindSpec> {
    let all: Vec<&'static KindSpec> = catalog.iter().collect();
    let mut drawn: Vec<&'static KindSpec> = Vec::new();
    while drawn.len() < count {
        let mut near: Vec<&'static KindSpec> = Vec::new();
        if let Some(last) = drawn.len().checked_sub(1) {
            let from = drawn[rng.below(last + 1)];
            let about =
                |far: &&KindSpec| from.links.iter().any(|rule| catalog.is_about(from, rule, &far.kind()));
            near.extend(all.iter().copied().filter(about));
            near.extend(catalog.rules_to(&from.kind()).map(|(spec, _)| spec));
        }
        let alone = near.is_empty() || rng.chance(1, 6);
        drawn.push(*rng.pick(if alone { &all } else { &near }));
    }
    drawn
}
