//! What the tagging API believes is there, region by region: it learns late of what is gone.
//! It takes the world's records through `covered`, and gives its entries to the room `tagging`.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::World;
use super::covered::{HOME, arn, walk};
use crate::tags::Tags;

/// What the tagging API believes is there. It learns of a deletion late.
#[derive(Debug)]
pub struct Tagging {
    /// How long a deleted thing stays listed, in world time. AWS: minutes to hours.
    pub ghosts_last: Duration,
    shelves: BTreeMap<String, Shelf>,
}

impl Default for Tagging {
    fn default() -> Self {
        Self { ghosts_last: Duration::from_secs(30 * 60), shelves: BTreeMap::new() }
    }
}

/// What it believes of one region.
#[derive(Debug, Default)]
struct Shelf {
    /// By ARN: what is, or was within [`Tagging::ghosts_last`], and has or had tags.
    entries: BTreeMap<String, Entry>,
    /// Whether something was made or tagged since the shelf was last read in full.
    stale: bool,
}

/// One thing on a shelf.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// Its type: `ec2:vpc`.
    pub(crate) kind: &'static str,
    key: String,
    pub(crate) tags: Tags,
    /// The moment of the world's clock at which it was deleted.
    gone: Option<Duration>,
}

/// To be called before a call that changes something: what the call may remove is looked at a last time.
pub(crate) fn before(world: &mut World, region: &str, action: &str) {
    if removes(action) {
        for region in [region, HOME] {
            if world.tagging.shelves.entry(region.to_owned()).or_insert_with(unread).stale {
                read(world, region);
            }
        }
    }
}

/// To be called after a call that changes something.
pub(crate) fn after(world: &mut World, region: &str, action: &str) {
    if removes(action) {
        bury(world, region);
        bury(world, HOME);
    } else {
        for region in [region, HOME] {
            world.tagging.shelves.entry(region.to_owned()).or_insert_with(unread).stale = true;
        }
    }
}

/// To be called when things may just have gone by themselves.
pub(crate) fn notice(world: &mut World) {
    let regions: Vec<String> = world.tagging.shelves.keys().cloned().collect();
    for region in regions {
        bury(world, &region);
    }
}

fn unread() -> Shelf {
    Shelf { stale: true, ..Shelf::default() }
}

/// Whether an operation may make something disappear.
fn removes(action: &str) -> bool {
    ["Delete", "Release", "Terminate"].iter().any(|verb| action.starts_with(verb))
}

/// Reads a region in full: what is new, what is tagged otherwise, what has gone.
fn read(world: &mut World, region: &str) {
    bury(world, region);
    let mut shelf = world.tagging.shelves.remove(region).unwrap_or_default();
    shelf.stale = false;
    let account = world.account.clone();
    walk(world, region, &mut |kind, key, tags| {
        let arn = arn(kind, key, region, &account);
        // Once tagged, always listed: a thing whose last tag was removed stays, with no tags.
        if !tags.is_empty() || shelf.entries.contains_key(&arn) {
            shelf.entries.insert(arn, Entry { kind, key: key.to_owned(), tags: tags.clone(), gone: None });
        }
    });
    world.tagging.shelves.insert(region.to_owned(), shelf);
}

/// Marks what is no longer there as gone since now, and forgets what has been gone for long enough.
fn bury(world: &mut World, region: &str) {
    let Some(mut shelf) = world.tagging.shelves.remove(region) else { return };
    if !shelf.entries.is_empty() {
        let now = world.clock.elapsed();
        let mut there: BTreeSet<(&'static str, &str)> = BTreeSet::new();
        walk(world, region, &mut |kind, key, _| {
            there.insert((kind, key));
        });
        for entry in shelf.entries.values_mut().filter(|entry| entry.gone.is_none()) {
            if !there.contains(&(entry.kind, entry.key.as_str())) {
                entry.gone = Some(now);
            }
        }
        let last = world.tagging.ghosts_last;
        shelf.entries.retain(|_, entry| entry.gone.is_none_or(|gone| now < gone + last));
    }
    world.tagging.shelves.insert(region.to_owned(), shelf);
}

impl World {
    /// What the tagging API tells of a region now, by ARN.
    pub(crate) fn tagged(&mut self, region: &str) -> &BTreeMap<String, Entry> {
        read(self, region);
        &self.tagging.shelves.entry(region.to_owned()).or_default().entries
    }
}
