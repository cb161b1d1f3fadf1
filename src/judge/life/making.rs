//! Who is at work in a stack: AWS is still making something of it, or a deployer made something of it a moment ago.
//! It takes what belongs to a stack with its dates, and gives the gates the thing that shows it.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::inventory::marks::{self, Hold};
use crate::kinds::{CATALOG, is};
use crate::model::words::how;
use crate::model::{Gate, Key, Life, LookedAfter, Position, Resource, Verdict};
use crate::policy::age;

use super::super::claims::SCALING_GROUP;
use super::super::gates::Ruling;
use super::super::stack;
use super::super::view::label;
use super::Scene;
use super::signs::since;
use super::stacks::Register;

/// What shows that somebody is at work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::judge) enum Making {
    /// AWS is still making this.
    Coming(Key),
    /// This was made a moment ago.
    Lately {
        /// What was made.
        made: Key,
        /// How long ago, and how that is known.
        when: String,
    },
}

impl Making {
    pub(super) fn is_coming(&self) -> bool {
        match self {
            Self::Coming(_) => true,
            Self::Lately { .. } => false,
        }
    }

    /// What follows for what belongs to the stack.
    pub(super) fn ruling(&self, stack: &str) -> Ruling {
        let gate = match self {
            Self::Coming(maker) => Gate::StackDeploying { maker: maker.clone() },
            Self::Lately { made, .. } => Gate::StackUnsettled { made: made.clone() },
        };
        Ruling::new(Verdict::Active, gate, self.why(stack))
    }

    /// The same in a sentence.
    pub(in crate::judge) fn why(&self, stack: &str) -> String {
        match self {
            Self::Coming(maker) => {
                format!("stack {stack} is being deployed right now: AWS is still making {}", label(maker))
            }
            Self::Lately { made, when } => {
                format!("somebody is at work in stack {stack}: {} was made {when}", label(made))
            }
        }
    }
}

/// When the youngest thing that a deployer made was made, and which it is, by the number of its stack.
pub(super) type Youngest = BTreeMap<usize, (Timestamp, Key)>;

/// Looks through every stack.
pub(super) fn youngest(scene: &Scene<'_>, stacks: &Register) -> Youngest {
    let mut found = Youngest::new();
    for (at, _) in stacks.ids() {
        let counted = stacks.members(at).iter().filter(|key| !is_made_anew(scene, key));
        let dated = counted.filter_map(|key| Some((scene.dates.get(key)?.at, key.clone())));
        found.extend(dated.max().map(|youngest| (at, youngest)));
    }
    found
}

/// Who is at work in which stack.
pub(super) fn find(scene: &Scene<'_>, stacks: &Register, youngest: &Youngest) -> BTreeMap<usize, Making> {
    let bound = SignedDuration::try_from(scene.selector.settled()).unwrap_or(SignedDuration::MAX);
    let mut found = BTreeMap::new();
    for (at, (moment, made)) in youngest {
        let ago = since(scene, *moment);
        if ago < bound {
            let by = scene.dates.get(made).map(|dated| dated.by.as_str()).unwrap_or_default();
            let (shown, bound) = (age::show(ago.unsigned_abs()), age::show(bound.unsigned_abs()));
            let when = format!("{shown} ago ({by}), and {bound} have to pass (--settled)");
            found.insert(*at, Making::Lately { made: made.clone(), when });
        }
    }
    for (at, _) in stacks.ids() {
        let coming = |key: &&Key| scene.view.get(key).is_some_and(|it| it.life == Life::Coming);
        if let Some(maker) = stacks.members(at).iter().find(coming) {
            found.insert(at, Making::Coming(maker.clone()));
        }
    }
    found
}

/// Whether AWS, an Auto Scaling group or a controller of a cluster makes a thing anew by itself, so that its age
/// tells nothing of a deployer.
pub(super) fn is_made_anew(scene: &Scene<'_>, key: &Key) -> bool {
    let Some(resource) = scene.view.get(key) else { return true };
    resource.links_as(how::MADE_BY).next().is_some()
        || is_managed(scene, key, resource)
        || resource.links_as(how::MADE_FOR_NODE).next().is_some()
        || resource.tags.contains_key(SCALING_GROUP)
        || is_a_controllers(scene, key, resource)
}

/// Whether something that runs on a cluster's nodes made it. A mark alone does not say so of what bears the stack's own
/// tags, as a deployer's group for his nodes does; a machine that is a node comes and goes whatever tags it bears.
fn is_managed(scene: &Scene<'_>, key: &Key, resource: &Resource) -> bool {
    let named = stack::named_by_tags(resource, scene.selector.stack_key()).is_some();
    resource.links_as(how::MANAGED_FROM).next().is_some() && (!named || is(&key.kind, Position::Machine))
}

/// Whether a controller made it: of a kind that one makes, marked with a cluster, and without a deployer's tags.
fn is_a_controllers(scene: &Scene<'_>, key: &Key, resource: &Resource) -> bool {
    let kind = CATALOG.get(&key.kind).map(|spec| spec.looked_after);
    let marks = marks::claims(resource);
    let marked = marks.iter().any(|mark| mark.hold == Hold::Owned)
        || resource.tags.contains_key(super::signs::OF_PLUGINS[0]);
    kind == Some(LookedAfter::FromNodes)
        && marked
        && stack::named_by_tags(resource, scene.selector.stack_key()).is_none()
}
