//! Small worlds for the tests of other rooms: one region, resources added by kind and id.

use std::sync::LazyLock;

use jiff::Timestamp;

use crate::kinds::{CATALOG, is};
use crate::model::words::fact;
use crate::model::{
    AccountId, Key, KindName, KindSpec, Life, Link, Position, Region, Resource, Scope, ShowsLife,
};

use super::{Caller, Elsewhere, Inventory};

/// The region of every test world.
pub(crate) fn region() -> Region {
    Region::new("us-east-1")
}

/// A key in that region, or in `global` for IAM's kinds.
pub(crate) fn key(kind: &str, id: &str) -> Key {
    let global = CATALOG.named(kind).is_some_and(|spec| spec.scope == Scope::Global);
    let place = if global { Region::global() } else { region() };
    Key::new(KindName::new(kind), place, id)
}

/// A moment of the test's day.
pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().expect("a timestamp")
}

/// The names of all kinds: what test worlds have seen.
pub(crate) static KINDS: LazyLock<Vec<&'static str>> =
    LazyLock::new(|| CATALOG.iter().map(|spec| spec.name).collect());

/// An inventory under construction.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) inventory: Inventory,
}

impl World {
    pub(crate) fn new() -> Self {
        let account = AccountId::new("123456789012");
        let arn = "arn:aws:iam::123456789012:user/test".to_owned();
        Self {
            inventory: Inventory {
                caller: Caller { account, alias: None, arn },
                taken: at("2026-11-21T12:00:00Z"),
                regions: [region()].into(),
                kinds: CATALOG.iter().map(KindSpec::kind).collect(),
                resources: Default::default(),
                gaps: Default::default(),
                elsewhere: Elsewhere::nowhere_but(&[region()].into()),
                without_services: Default::default(),
                unanswered: Default::default(),
                unread_things: Default::default(),
                states: Vec::new(),
                gone: Default::default(),
            },
        }
    }

    /// The account has this region as well, which was looked into for users of global things.
    pub(crate) fn beside(&mut self, there: &str) -> &mut Self {
        let there = Region::new(there);
        let enabled = [region(), there.clone()].into();
        self.inventory.elsewhere = Elsewhere { regions: [there].into(), ..Elsewhere::nowhere_but(&enabled) };
        self
    }

    pub(crate) fn add(&mut self, kind: &str, id: &str) -> &mut Self {
        let key = key(kind, id);
        let mut it = Resource::new(key.clone());
        // A stack that has not failed stands as somebody wanted it.
        if is(&key.kind, Position::Stack) {
            it.facts.insert(fact::FAILED.to_owned(), "DELETE_FAILED".to_owned());
        }
        // A connection of which nobody told whether a tunnel is up may be at work.
        let shows = CATALOG.get(&key.kind).map(|spec| spec.shows_life);
        if matches!(shows, Some(ShowsLife::Tunnels)) {
            it.facts.insert(fact::TUNNELS_UP.to_owned(), "0".to_owned());
        }
        self.inventory.resources.insert(key, it);
        self
    }

    #[track_caller]
    pub(crate) fn get(&mut self, kind: &str, id: &str) -> &mut Resource {
        self.inventory.resources.get_mut(&key(kind, id)).expect("added before")
    }

    #[track_caller]
    #[expect(clippy::too_many_arguments, reason = "a test reads better without two keys spelled out")]
    pub(crate) fn link(
        &mut self,
        kind: &str,
        id: &str,
        how: &'static str,
        to: &str,
        to_id: &str,
    ) -> &mut Self {
        let link = Link::new(how, key(to, to_id));
        self.get(kind, id).links.insert(link);
        self
    }

    #[track_caller]
    pub(crate) fn tag(&mut self, kind: &str, id: &str, name: &str, value: &str) -> &mut Self {
        self.get(kind, id).tags.insert(name.to_owned(), value.to_owned());
        self
    }

    #[track_caller]
    pub(crate) fn fact(&mut self, kind: &str, id: &str, name: &str, value: &str) -> &mut Self {
        self.get(kind, id).facts.insert(name.to_owned(), value.to_owned());
        self
    }

    #[track_caller]
    pub(crate) fn born(&mut self, kind: &str, id: &str, when: &str) -> &mut Self {
        self.get(kind, id).created = Some(at(when));
        self
    }

    #[track_caller]
    pub(crate) fn life(&mut self, kind: &str, id: &str, life: Life) -> &mut Self {
        self.get(kind, id).life = life;
        self
    }
}
