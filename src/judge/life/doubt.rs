//! What cannot be told of a stack's life: what may be at work without any sign that is read, and what would show a
//! sign and could not be read. It takes the indexed inventory and gives each stack its doubts.
//!
//! Idle colours, standbys and night shifts live by intent: that they show no sign is no evidence.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::inventory::{Gap, Inquiry};
use crate::kinds::{CATALOG, is};
use crate::model::words::{fact, how};
use crate::model::{Key, KindSpec, Position, Resource, ShowsLife};
use crate::policy::age;

use super::super::view::label;
use super::signs::{self, since};
use super::stacks::Register;
use super::{Doubt, Scene, StackLife, running};

/// A deployment itself calls what it has just made, for so long.
const AN_HOUR: SignedDuration = SignedDuration::from_hours(1);

/// How long after it was made a machine's first start may be told.
const FIRST_START: SignedDuration = SignedDuration::from_mins(10);

/// What may be at work, each with the things whose stacks it concerns.
pub(super) fn find(
    scene: &Scene<'_>,
    last_making: &dyn Fn(&Key) -> Option<Timestamp>,
) -> Vec<(Doubt, Vec<Key>)> {
    let mut found = Vec::new();
    for (key, resource) in &scene.view.inventory.resources {
        let why = match (scene.shows)(&key.kind) {
            ShowsLife::Never | ShowsLife::Interface(_) => None,
            ShowsLife::Nodes(_) => at_zero(resource),
            ShowsLife::Machine { rests, .. } => {
                machine(scene, key).or_else(|| at_rest(scene, resource, rests))
            }
            ShowsLife::Targets => targets(resource),
            ShowsLife::Tasks => tasks(resource),
            ShowsLife::Calls => calls(scene, resource, last_making(key)),
            ShowsLife::Tunnels => tunnels(resource),
            ShowsLife::Unseen(reason) => reason(resource).map(|why| format!("{}: {why}", label(key))),
        };
        let balancers = resource.links_as(how::BEHIND).map(|link| link.to.clone());
        let things = std::iter::once(key.clone()).chain(balancers).collect();
        found.extend(why.map(|why| (Doubt { thing: key.clone(), why }, things)));
    }
    found
}

/// A machine that somebody started again, or that works for a group of which nothing tells whether it works.
fn machine(scene: &Scene<'_>, key: &Key) -> Option<String> {
    let machine = running(scene, key)?;
    if signs::is_of_a_cluster(scene, key, machine) {
        return None;
    }
    if signs::is_of_a_group(scene, key, machine) {
        return Some(format!(
            "{} runs in a group that is no cluster's, and whether it works shows in nothing that is read",
            label(key)
        ));
    }
    let started = signs::started(machine)?;
    let again = machine.created.is_some_and(|made| started.duration_since(made) > FIRST_START);
    let shown = age::show(since(scene, started).unsigned_abs());
    again.then(|| format!("somebody started {} again {shown} ago", label(key)))
}

/// A group of nodes that was set to have none: an idle colour, or one that sleeps at night.
fn at_zero(resource: &Resource) -> Option<String> {
    let none = signs::count(resource, fact::NODES) == Some(0);
    none.then(|| format!("{} was set to have no node, and may be set to have some", label(&resource.key)))
}

/// A machine that was stopped, and that nothing would make anew: a standby, or one that sleeps at night.
fn at_rest(scene: &Scene<'_>, resource: &Resource, rests: &[&str]) -> Option<String> {
    let state = rest_of(scene, resource, rests)?;
    Some(format!("{} is {state}, and may be started again", label(&resource.key)))
}

/// The state in which a machine rests, if nothing would make it anew.
fn rest_of<'r>(scene: &Scene<'_>, resource: &'r Resource, rests: &[&str]) -> Option<&'r str> {
    let state = resource.state.as_deref().filter(|state| rests.contains(state))?;
    (!signs::is_of_a_group(scene, &resource.key, resource)).then_some(state)
}

/// Whether targets behind a load balancer are healthy was not read.
fn targets(resource: &Resource) -> Option<String> {
    let balancer = resource.links_as(how::BEHIND).next()?;
    let unread = signs::count(resource, fact::HEALTHY_TARGETS).is_none();
    unread.then(|| {
        format!(
            "whether a target of {} is healthy, behind {}, was not read",
            label(&resource.key),
            label(&balancer.to)
        )
    })
}

fn tasks(resource: &Resource) -> Option<String> {
    let name = label(&resource.key);
    match (signs::count(resource, fact::RUNNING), signs::count(resource, fact::DESIRED)) {
        (None, _) => Some(format!("whether {name} runs a task was not read")),
        (Some(0), Some(0)) => Some(format!("{name} was set to run no task, and may be set to run some")),
        (Some(_), _) => None,
    }
}

/// Whether a tunnel is up was not read.
fn tunnels(resource: &Resource) -> Option<String> {
    let unread = signs::count(resource, fact::TUNNELS_UP).is_none();
    unread.then(|| format!("whether a tunnel of {} is up was not read", label(&resource.key)))
}

/// A function that was called since the deployment may be called again, by a schedule or by whoever needs it.
fn calls(scene: &Scene<'_>, resource: &Resource, made: Option<Timestamp>) -> Option<String> {
    let name = label(&resource.key);
    let Some(told) = resource.facts.get(fact::LAST_EVENT) else {
        let of = &resource.key;
        let asked = [Inquiry::Maker { of: of.clone() }, Inquiry::LastEvent { of: of.clone() }];
        let why = asked.iter().find_map(|inquiry| scene.view.inventory.unanswered.get(inquiry));
        return Some(match why {
            Some(why) => format!("when {name} was called last could not be read: {why}"),
            None => format!("when {name} was called last was not read"),
        });
    };
    if told == Inquiry::NEVER {
        return None;
    }
    let Ok(at) = told.parse::<Timestamp>() else {
        return Some(format!("when {name} was called last cannot be read: {told}"));
    };
    let since_making = made.is_none_or(|made| at.duration_since(made) > AN_HOUR);
    since_making
        .then(|| format!("{name} was called at {at}, long after the stack was made, and may be called again"))
}

/// What rests by itself: a machine that is stopped, and that nothing would make anew.
pub(super) fn resting(scene: &Scene<'_>) -> BTreeMap<Key, String> {
    let told = |(key, resource): (&Key, &Resource)| {
        let ShowsLife::Machine { rests, .. } = (scene.shows)(&key.kind) else { return None };
        let state = rest_of(scene, resource, rests)?;
        Some((key.clone(), format!("it is {state}, and may be started again")))
    };
    scene.view.inventory.resources.iter().filter_map(told).collect()
}

/// Of two stacks of one name, in two regions, one lives: the other may be its standby, or its part there.
pub(super) fn twins(stacks: &Register, known: &mut [StackLife]) {
    let mut doubts = Vec::new();
    for (at, id) in stacks.ids() {
        let alive = |other: &&usize| **other != at && !known[**other].signs.is_empty();
        let Some(twin) = stacks.named(&id.name).iter().find(alive) else { continue };
        let Some(shown) = known[*twin].signs.first() else { continue };
        let why = format!(
            "a stack of the same name lives in {}: {}; look at {} alone with --region",
            stacks.id(*twin).region,
            shown.why,
            id.region
        );
        doubts.push((at, Doubt { thing: shown.thing.clone(), why }));
    }
    doubts.into_iter().for_each(|(at, doubt)| known[at].doubts.push(doubt));
}

/// What could not be read and would show life of a stack, if it is of this one.
pub(super) fn unseen(scene: &Scene<'_>, stacks: &Register, known: &mut [StackLife]) {
    let gaps = &scene.view.inventory.gaps;
    if gaps.is_empty() {
        return;
    }
    let nodes = with_running_machines(scene, stacks);
    for (at, id) in stacks.ids() {
        let members = stacks.members(at);
        let near = |gap: &&Gap| {
            let here = gap.region == id.region || gap.region.is_global() || id.region.is_global();
            // Parts of somebody else's cluster show nothing of this stack.
            let own = gap.within.as_ref().is_none_or(|parent| members.contains(parent));
            let hides = |spec: &KindSpec| hides_a_sign(scene, spec, members, nodes.contains(&at));
            let spec = CATALOG.get(&gap.kind);
            spec.is_some_and(|spec| here && own && hides(spec))
        };
        let gap = gaps.iter().find(near);
        known[at].unseen = gap.map(|gap| (gap.kind.clone(), gap.region.clone()));
    }
}

/// The stacks with a machine that runs.
fn with_running_machines(scene: &Scene<'_>, stacks: &Register) -> BTreeSet<usize> {
    let machines = scene.view.inventory.resources.keys().filter(|key| running(scene, key).is_some());
    machines
        .flat_map(|key| signs::upward(scene, key))
        .flat_map(|key| stacks.of_thing(&key).to_vec())
        .collect()
}

/// Whether a thing of this kind, not seen, could show a sign of life of a stack with these members.
fn hides_a_sign(scene: &Scene<'_>, spec: &KindSpec, members: &[Key], has_nodes: bool) -> bool {
    let has = |test: &dyn Fn(&Key) -> bool| members.iter().any(test);
    let works_with = |key: &Key| spec.links.iter().any(|rule| rule.to == key.kind.as_str());
    match (scene.shows)(&spec.kind()) {
        ShowsLife::Never => false,
        ShowsLife::Nodes(_) => has(&|key| is(&key.kind, Position::Cluster)),
        ShowsLife::Machine { .. } => true,
        ShowsLife::Interface(_) => has_nodes,
        ShowsLife::Targets => {
            let behind = |rule: &&crate::model::LinkRule| rule.how == how::BEHIND;
            let far: Vec<&str> = spec.links.iter().filter(behind).map(|rule| rule.to).collect();
            has(&|key| far.contains(&key.kind.as_str()))
        }
        ShowsLife::Tasks | ShowsLife::Calls | ShowsLife::Tunnels | ShowsLife::Unseen(_) => has(&works_with),
    }
}
