//! How old a resource is: by AWS, or by evidence where AWS does not tell.
//!
//! Addresses, VPCs, subnets, route tables, gateways, security groups and interfaces have no creation
//! time in any describe. What counts in its place, in this order: a creation tag, a timestamp in the
//! name (Terraform's generated names), the oldest dated thing that lies in it or was made by it (it
//! must have stood by then), and last the newest dated member of its stack: a stack that is being
//! deployed anew over old leftovers has both, and only the newest tells of its last activity.
//! Parts that come and go by themselves (nodes of a group) do not count there, and where not
//! everything could be read, nobody knows which member is the newest.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::model::words::how;
use crate::model::{Key, Resource};

use super::view::{View, label};

/// Tags that tell when a resource was made or first seen (RFC 3339).
const CREATION_TAGS: [&str; 7] = [
    "node.k8s.amazonaws.com/createdAt",
    "created-at",
    "createdAt",
    "created_at",
    "CreatedAt",
    "creation-date",
    "cloud-nuke-first-seen",
];

/// When a resource stood at the latest, and how that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Dated {
    /// The moment.
    pub at: Timestamp,
    /// How it is known, for people: `AWS says so`.
    pub by: String,
}

/// The date of every resource that has one.
pub(super) fn date(view: &View<'_>, stacks: &BTreeMap<Key, String>) -> BTreeMap<Key, Dated> {
    let resources = &view.inventory.resources;
    let own: BTreeMap<&Key, Dated> =
        resources.iter().filter_map(|(key, resource)| Some((key, by_itself(resource)?))).collect();
    let newest_of = newest_members(view, stacks, &own);
    let find = |key: &Key| {
        own.get(key).cloned().or_else(|| by_child(view, &own, key)).or_else(|| {
            let (at, member) = newest_of.get(stacks.get(key)?.as_str())?;
            Some(Dated { at: *at, by: format!("{}, the newest of its stack, was made then", label(member)) })
        })
    };
    resources.keys().filter_map(|key| Some((key.clone(), find(key)?))).collect()
}

/// The newest dated member of each stack.
fn newest_members<'a>(
    view: &View<'_>,
    stacks: &'a BTreeMap<Key, String>,
    own: &BTreeMap<&'a Key, Dated>,
) -> BTreeMap<&'a str, (Timestamp, &'a Key)> {
    let mut newest_of: BTreeMap<&str, (Timestamp, &Key)> = BTreeMap::new();
    if !view.inventory.is_complete() {
        return newest_of;
    }
    for (key, dated) in own.iter().filter(|(key, _)| view.at(key).carriers.is_empty()) {
        if let Some(stack) = stacks.get(*key) {
            let newest = newest_of.entry(stack.as_str()).or_insert((dated.at, key));
            *newest = (*newest).max((dated.at, key));
        }
    }
    newest_of
}

fn by_itself(resource: &Resource) -> Option<Dated> {
    if let Some(at) = resource.created {
        return Some(Dated { at, by: "AWS says so".to_owned() });
    }
    let by_tag = CREATION_TAGS.iter().find_map(|key| {
        let at = resource.tags.get(*key)?.parse().ok()?;
        Some(Dated { at, by: format!("tag {key} says so") })
    });
    by_tag.or_else(|| {
        let names = [resource.name.as_deref(), Some(resource.key.id.as_str())];
        let at = names.into_iter().flatten().find_map(timestamp_in)?;
        Some(Dated { at, by: "its name says so".to_owned() })
    })
}

/// The oldest dated thing that lies in it or was made by it.
fn by_child(view: &View<'_>, own: &BTreeMap<&Key, Dated>, key: &Key) -> Option<Dated> {
    let inside = view.contents.get(key).into_iter().flatten().copied();
    let made = view.referrers.get(key).into_iter().flatten();
    let made = made.filter(|(role, _)| *role == how::MADE_BY).map(|(_, child)| *child);
    let (at, child) = inside.chain(made).filter_map(|child| Some((own.get(child)?.at, child))).min()?;
    Some(Dated { at, by: format!("{} in it was made then", label(child)) })
}

/// The moment in a name such as `node-20240131120000123400000001`: fourteen digits that are a date.
fn timestamp_in(name: &str) -> Option<Timestamp> {
    name.split(|letter: char| !letter.is_ascii_digit()).find_map(|digits| {
        let (date, _) = digits.split_at_checked(14)?;
        let at = DateTime::strptime("%Y%m%d%H%M%S", date).ok()?;
        // EC2 began in 2006, and later centuries are numbers that look like dates.
        let plausible = (2006..2100).contains(&at.year());
        plausible.then(|| at.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())).flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terraform_names_tell_their_time_and_other_numbers_do_not() {
        let at = |text: &str| Some(text.parse().expect("a timestamp"));
        assert_eq!(timestamp_in("terraform-20240131120000123400000001"), at("2024-01-31T12:00:00Z"));
        assert_eq!(timestamp_in("demo-node-20240131120000"), at("2024-01-31T12:00:00Z"));
        for name in
            ["123456789012", "20240131", "20241331120000", "sg-00000000000000", "attempt-1", "30240131120000"]
        {
            assert_eq!(timestamp_in(name), None, "{name}");
        }
    }
}
