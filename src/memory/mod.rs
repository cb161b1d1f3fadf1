//! What was seen when: takes what a store of earlier scans holds, tells an inventory since when each of its things has
//! stood at least, and learns from it. Commands keep the store, in a file or a bucket.
//!
//! AWS tells no age of a VPC, a subnet, a gateway or an address, and CloudTrail forgets after ninety days. What was seen
//! a week ago is a week old at least. Nothing is ever written onto the things themselves: a tag can be copied, lost and
//! forged, and writing it takes a permission that a look does not need.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::inventory::Inventory;
use crate::kinds::CATALOG;
use crate::model::words::fact;
use crate::model::{AccountId, Ids, Key, KindName, Region, Resource};

/// The schema of the store.
const SCHEMA: &str = "aws-janitor/memory/1";

/// What was seen of one account, and since when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Memory {
    schema: String,
    account: AccountId,
    seen: BTreeMap<String, Sight>,
}

/// One thing that was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sight {
    kind: KindName,
    region: Region,
    /// When it was seen for the first time.
    first: Timestamp,
}

/// An object in a bucket that holds a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectPlace {
    /// The bucket.
    pub bucket: String,
    /// The object's key.
    pub key: String,
}

impl ObjectPlace {
    /// Of a text that begins with `s3://` and names an object; nothing of any other.
    pub fn of(text: &str) -> Option<Self> {
        let (bucket, key) = text.strip_prefix("s3://")?.split_once('/')?;
        let whole = !bucket.is_empty() && !key.is_empty() && !key.ends_with('/');
        whole.then(|| Self { bucket: bucket.to_owned(), key: key.to_owned() })
    }
}

/// Why a store cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MemoryError {
    /// It is no store of this program's, or of a form that this version does not know.
    #[error("it is no memory of aws-janitor's: {0}")]
    Unreadable(String),
    /// It is of another account, whose things may have the same names.
    #[error("it is of account {0}")]
    OtherAccount(AccountId),
}

impl Memory {
    /// A store that remembers nothing.
    pub fn new(account: &AccountId) -> Self {
        Self { schema: SCHEMA.to_owned(), account: account.clone(), seen: BTreeMap::new() }
    }

    /// Reads a store of this account.
    pub fn read(bytes: &[u8], account: &AccountId) -> Result<Self, MemoryError> {
        let memory: Self =
            serde_json::from_slice(bytes).map_err(|error| MemoryError::Unreadable(error.to_string()))?;
        if memory.schema != SCHEMA {
            let why = format!("its schema is {}, and this version knows {SCHEMA}", memory.schema);
            return Err(MemoryError::Unreadable(why));
        }
        match memory.account == *account {
            true => Ok(memory),
            false => Err(MemoryError::OtherAccount(memory.account)),
        }
    }

    /// The store as it is kept: JSON with a line for each thing.
    pub fn text(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Tells the things of an inventory since when they have stood at least. A sight that lies ahead of the scan tells
    /// nothing: some clock was wrong.
    pub fn remind(&self, inventory: &mut Inventory) {
        let taken = inventory.taken;
        for resource in inventory.resources.values_mut() {
            let sight = identity(resource).and_then(|identity| self.seen.get(&identity));
            if let Some(sight) = sight.filter(|sight| sight.first <= taken) {
                resource.facts.insert(fact::FIRST_SEEN.to_owned(), sight.first.to_string());
            }
        }
    }

    /// Takes in what an inventory shows, and forgets what it would show and does not.
    pub fn learn(&mut self, inventory: &Inventory) {
        let mut shown = BTreeMap::new();
        for resource in inventory.resources.values() {
            let Some(identity) = identity(resource) else { continue };
            let Key { kind, region, .. } = &resource.key;
            let sight = Sight { kind: kind.clone(), region: region.clone(), first: inventory.taken };
            shown.insert(identity, sight);
        }
        self.seen.retain(|identity, sight| {
            shown.contains_key(identity) || !inventory.saw(&sight.kind, &sight.region)
        });
        self.join(shown);
    }

    /// Takes in what another writer has learned meanwhile.
    pub fn with(mut self, other: Self) -> Self {
        self.join(other.seen);
        self
    }

    fn join(&mut self, others: BTreeMap<String, Sight>) {
        for (identity, sight) in others {
            let known = self.seen.entry(identity).or_insert_with(|| sight.clone());
            known.first = known.first.min(sight.first);
        }
    }
}

/// What tells a thing from every other that ever was, if its kind has such a thing: an id that AWS made up, or a
/// unique one beside a name. A name alone is used again. What AWS itself dates needs no memory.
fn identity(resource: &Resource) -> Option<String> {
    if resource.created.is_some() {
        return None;
    }
    let key = &resource.key;
    let made_up = matches!(CATALOG.get(&key.kind)?.ids, Ids::Prefix(_));
    let unique = resource.unique_id.as_deref();
    (made_up || unique.is_some()).then(|| {
        format!("{} {} {} {}", key.kind, key.region, key.id, unique.unwrap_or_default()).trim_end().to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::Gap;
    use crate::inventory::testing::{World, at, key, region};

    const MONDAY: &str = "2026-11-16T12:00:00Z";
    const FRIDAY: &str = "2026-11-20T12:00:00Z";

    fn account() -> AccountId {
        AccountId::new("123456789012")
    }

    fn world(when: &str, things: &[(&str, &str)]) -> Inventory {
        let mut world = World::new();
        for (kind, id) in things {
            world.add(kind, id);
        }
        world.inventory.taken = at(when);
        world.inventory
    }

    fn first_seen(inventory: &Inventory, kind: &str, id: &str) -> Option<String> {
        inventory.resources[&key(kind, id)].facts.get(fact::FIRST_SEEN).cloned()
    }

    #[test]
    fn what_was_seen_before_has_stood_since_its_first_sight() {
        let mut memory = Memory::new(&account());
        memory.learn(&world(MONDAY, &[("vpc", "vpc-1")]));
        let mut later = world(FRIDAY, &[("vpc", "vpc-1"), ("vpc", "vpc-2")]);
        memory.learn(&later);
        let memory = Memory::read(memory.text().as_bytes(), &account()).unwrap();
        memory.remind(&mut later);
        assert_eq!(first_seen(&later, "vpc", "vpc-1").as_deref(), Some(MONDAY));
        assert_eq!(first_seen(&later, "vpc", "vpc-2").as_deref(), Some(FRIDAY));
    }

    #[test]
    fn a_name_that_can_be_used_again_is_not_remembered_and_a_unique_id_beside_it_is() {
        let mut monday = world(MONDAY, &[("log-group", "/app"), ("iam-role", "web")]);
        monday.resources.get_mut(&key("iam-role", "web")).unwrap().unique_id = Some("AROA1".into());
        let mut memory = Memory::new(&account());
        memory.learn(&monday);
        let mut friday = monday.clone();
        friday.taken = at(FRIDAY);
        memory.remind(&mut friday);
        assert_eq!(first_seen(&friday, "log-group", "/app"), None);
        assert_eq!(first_seen(&friday, "iam-role", "web").as_deref(), Some(MONDAY));
        friday.resources.get_mut(&key("iam-role", "web")).unwrap().unique_id = Some("AROA2".into());
        friday.resources.get_mut(&key("iam-role", "web")).unwrap().facts.clear();
        memory.remind(&mut friday);
        assert_eq!(first_seen(&friday, "iam-role", "web"), None, "another role of the name");
    }

    #[test]
    fn what_is_gone_is_forgotten_and_what_could_not_be_read_is_not() {
        let mut memory = Memory::new(&account());
        memory.learn(&world(MONDAY, &[("vpc", "vpc-1"), ("subnet", "subnet-1")]));
        let mut blind = world(FRIDAY, &[]);
        blind.gaps.insert(Gap::new(KindName::of("vpc"), region(), "denied"));
        memory.learn(&blind);
        let mut back = world(FRIDAY, &[("vpc", "vpc-1"), ("subnet", "subnet-1")]);
        memory.remind(&mut back);
        assert_eq!(first_seen(&back, "vpc", "vpc-1").as_deref(), Some(MONDAY));
        assert_eq!(first_seen(&back, "subnet", "subnet-1"), None);
    }

    #[test]
    fn a_sight_ahead_of_the_scan_tells_nothing() {
        let mut memory = Memory::new(&account());
        memory.learn(&world(FRIDAY, &[("vpc", "vpc-1")]));
        let mut monday = world(MONDAY, &[("vpc", "vpc-1")]);
        memory.remind(&mut monday);
        assert_eq!(first_seen(&monday, "vpc", "vpc-1"), None);
    }

    #[test]
    fn two_writers_keep_the_earlier_sight_of_each() {
        let (mut one, mut other) = (Memory::new(&account()), Memory::new(&account()));
        one.learn(&world(FRIDAY, &[("vpc", "vpc-1")]));
        other.learn(&world(MONDAY, &[("vpc", "vpc-1"), ("vpc", "vpc-2")]));
        let both = one.with(other);
        assert_eq!(both.seen.values().map(|it| it.first).collect::<Vec<_>>(), [at(MONDAY), at(MONDAY)]);
    }

    #[test]
    fn a_store_of_another_account_or_form_is_refused() {
        let text = Memory::new(&account()).text();
        assert!(matches!(
            Memory::read(text.as_bytes(), &AccountId::new("999999999999")),
            Err(MemoryError::OtherAccount(_))
        ));
        for broken in ["", "{}", "[1]", &text.replace("memory/1", "memory/9"), &text.replace("seen", "sean")]
        {
            assert!(
                matches!(Memory::read(broken.as_bytes(), &account()), Err(MemoryError::Unreadable(_))),
                "{broken}"
            );
        }
    }
}
