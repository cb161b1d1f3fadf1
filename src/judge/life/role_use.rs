//! Whether something outside a stack works with a role of it: then the stack lives, whatever else it shows.
//!
//! A user that is condemned as well (another failed attempt) speaks for nobody, and two that use each other's roles
//! do not keep each other. So the users that live are found first, and whoever they need lives too.

use std::collections::{BTreeMap, BTreeSet};

use crate::kinds::{CATALOG, is};
use crate::model::words::how;
use crate::model::{Class, Key, Position, Sign};

use super::super::view::label;
use super::stacks::Register;
use super::{Scene, Shown, StackLife};

/// Adds the sign to each stack of which it is true.
pub(super) fn find(scene: &Scene<'_>, stacks: &Register, known: &mut [StackLife]) {
    let mut uses: Vec<(usize, Key, Key)> = Vec::new();
    let beyond = beyond(scene);
    for key in scene.view.inventory.resources.keys().filter(|key| is(&key.kind, Position::Role)) {
        let workers = workers(scene, &beyond, key);
        for at in stacks.of_thing(key) {
            *known[*at].looked_at.entry(Sign::RoleInUse).or_default() += 1;
            let outside = workers.iter().filter(|user| !stacks.of_thing(user).contains(at));
            uses.extend(outside.map(|user| (*at, key.clone(), user.clone())));
        }
    }
    // Each round finds those who live because of those found before; a stack that lives is never unfound.
    loop {
        let lives = |user: &Key| {
            let homes = stacks.of_thing(user);
            let alive = homes.iter().any(|at| !known[*at].signs.is_empty() && !known[*at].abandoned);
            alive || !scene.selection.contains_key(user)
        };
        let found: Vec<(usize, Shown)> = uses
            .iter()
            .filter(|(_, _, user)| lives(user))
            .map(|(at, role, user)| (*at, sign(role, user)))
            .collect();
        let before: usize = known.iter().map(|life| life.signs.len()).sum();
        for (at, shown) in found {
            known[at].signs.insert(shown);
        }
        if known.iter().map(|life| life.signs.len()).sum::<usize>() == before {
            return;
        }
    }
}

fn sign(role: &Key, user: &Key) -> Shown {
    let place = if user.region.is_global() { String::new() } else { format!(" of {}", user.region) };
    let why = format!("{}{place}, which is outside the stack, works with {}", label(user), label(role));
    Shown { sign: Sign::RoleInUse, thing: user.clone(), why }
}

/// The users that were seen beyond the regions of the scan, by what they use.
fn beyond<'a>(scene: &Scene<'a>) -> BTreeMap<&'a Key, Vec<&'a Key>> {
    let mut users: BTreeMap<&Key, Vec<&Key>> = BTreeMap::new();
    for (key, resource) in &scene.view.inventory.elsewhere.resources {
        let used = resource.links.iter().filter(|link| how::MAKE_A_USER.contains(&link.how.as_ref()));
        used.for_each(|link| users.entry(&link.to).or_default().push(key));
    }
    users
}

/// Whoever does work with a role: through a profile, a template, or another role that it may assume.
fn workers(scene: &Scene<'_>, beyond: &BTreeMap<&Key, Vec<&Key>>, role: &Key) -> BTreeSet<Key> {
    let mut found = BTreeSet::from([role.clone()]);
    let mut front = vec![role.clone()];
    let mut workers = BTreeSet::new();
    while let Some(key) = front.pop() {
        let here = scene.view.referrers.get(&key).into_iter().flatten();
        let here = here.filter(|(role, _)| how::MAKE_A_USER.contains(role)).map(|(_, user)| *user);
        for user in here.chain(beyond.get(&key).into_iter().flatten().copied()) {
            // Of a kind that the catalog does not have nobody knows what it does.
            match CATALOG.get(&user.kind).map_or(Class::Workload, |spec| spec.class) {
                Class::Workload | Class::Witness => {
                    workers.insert(user.clone());
                }
                Class::Tool if found.insert(user.clone()) => front.push(user.clone()),
                // Onlookers use nothing: a flow log's role is its owner's.
                Class::Tool | Class::Plumbing | Class::Data => {}
            }
        }
    }
    workers
}
