//! How old a resource is, by whoever could not err about it: AWS, a controller that wrote when it made it, or
//! CloudTrail's event history, which also tells who made it and is asked only where it matters (`life::inquiries`),
//! or by who saw it before: an age is at least so long.
//!
//! Addresses, VPCs, subnets, route tables, gateways, security groups and interfaces have no creation
//! time in any describe. A date in a name proves nothing, since whoever chose the name chose the date; nor does
//! the age of a neighbour, since a stack that is deployed anew over old leftovers has both. What is not known
//! is not old: the gates keep it where an age was asked for.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::model::words::fact;
use crate::model::{Key, Resource};

use super::view::View;

/// The tag by which the VPC CNI tells when it made an interface (RFC 3339).
const CREATION_TAG: &str = "node.k8s.amazonaws.com/createdAt";

/// When a resource stood at the latest, and how that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Dated {
    /// The moment.
    pub at: Timestamp,
    /// How it is known, for people: `AWS says so`.
    pub by: String,
}

/// The date of every resource that has one.
pub(super) fn date(view: &View<'_>) -> BTreeMap<Key, Dated> {
    let dated = |(key, resource): (&Key, &Resource)| Some((key.clone(), by_itself(resource)?));
    view.inventory.resources.iter().filter_map(dated).collect()
}

fn by_itself(resource: &Resource) -> Option<Dated> {
    if let Some(at) = resource.created {
        return Some(Dated { at, by: "AWS says so".to_owned() });
    }
    if let Some(at) = resource.tags.get(CREATION_TAG).and_then(|at| at.parse().ok()) {
        return Some(Dated { at, by: format!("tag {CREATION_TAG} says so") });
    }
    by_trail(resource).or_else(|| {
        let at = resource.facts.get(fact::FIRST_SEEN)?.parse().ok()?;
        Some(Dated { at, by: "it was seen then for the first time, as the memory has it".to_owned() })
    })
}

fn by_trail(resource: &Resource) -> Option<Dated> {
    let at = resource.facts.get(fact::MADE_AT)?.parse().ok()?;
    let by = match resource.facts.get(fact::MADE_BY_CALLER) {
        Some(caller) => format!("CloudTrail says so: {caller} made it"),
        None => "CloudTrail says so".to_owned(),
    };
    Some(Dated { at, by })
}
