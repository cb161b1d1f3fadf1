//! A land is an account in which every thing has its true owner: the makers of things fill it, the truth is told
//! from it, and the program is shown no more of it than AWS would show.

use std::collections::{BTreeMap, BTreeSet};

use aws_janitor::inventory::{Caller, Elsewhere, Gap, Inventory, complete};
use aws_janitor::kinds::CATALOG;
use aws_janitor::model::{
    AccountId, Guard, GuardRule, Key, KindName, KindSpec, Life, Link, Region, Resource, Scope, StateClaims,
};
use aws_janitor::policy::Policy;
use aws_janitor::states::{Fetched, claims_in};
use jiff::{SignedDuration, Timestamp};

use super::doubt::Doubt;
use super::situation::Situation;

pub(crate) const ACCOUNT: &str = "111122223333";
/// The region that is scanned, and another one that is enabled and was not asked for.
pub(crate) const HOME: &str = "us-east-1";
pub(crate) const AWAY: &str = "eu-west-1";

/// AWS's time when the scan ends.
pub(crate) fn now() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

/// So many minutes before the scan ended; negative ones lie ahead of it.
pub(crate) fn ago(minutes: i64) -> Timestamp {
    now() - SignedDuration::from_mins(minutes)
}

/// Whose a thing truly is. No tag decides this: it is decided first, and the tags follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Owner {
    /// The attempt of this number, which failed and which nobody wants any more.
    Failed(usize),
    /// A stack of the same project that works, or is to work again.
    Healthy,
    /// Other people of the account.
    Team,
    /// A cluster that is not EKS's.
    OtherTool,
    /// Another account, which shares it.
    OtherAccount,
    /// AWS itself, or one of its services.
    Aws,
}

/// A thing as AWS shows it, with what AWS does not show.
#[derive(Debug, Clone)]
pub(crate) struct Thing {
    pub(crate) resource: Resource,
    pub(crate) owner: Owner,
    /// By what it came into the land: who is told of a wrong deletion.
    pub(crate) of: Situation,
}

#[derive(Debug, Clone)]
pub(crate) struct Land {
    /// What is in the regions that are scanned.
    pub(crate) things: BTreeMap<Key, Thing>,
    /// What is in the region that is not: all of it lives.
    pub(crate) beyond: BTreeMap<Key, Thing>,
    /// What a denied listing hides.
    pub(crate) hidden: BTreeSet<(KindName, Region)>,
    /// What a listing leaves out without a word.
    pub(crate) left_out: BTreeSet<Key>,
    pub(crate) situations: BTreeSet<Situation>,
    pub(crate) doubts: BTreeSet<Doubt>,
    /// What somebody said must stay.
    pub(crate) kept: BTreeMap<Key, Situation>,
    pub(crate) policy: Policy,
    /// The places of states that the user named.
    pub(crate) states: Vec<Fetched>,
    /// The members of each stack of CloudFormation's, as its record truly has them.
    pub(crate) records: BTreeMap<Key, BTreeSet<Key>>,
    /// What AWS says is gone.
    pub(crate) gone: BTreeSet<Key>,
    ids: u64,
}

impl Land {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            things: BTreeMap::new(),
            beyond: BTreeMap::new(),
            hidden: BTreeSet::new(),
            left_out: BTreeSet::new(),
            situations: BTreeSet::new(),
            doubts: BTreeSet::new(),
            kept: BTreeMap::new(),
            policy: Policy::default(),
            states: Vec::new(),
            records: BTreeMap::new(),
            gone: BTreeSet::new(),
            ids: seed.wrapping_mul(0x2545_f491_4f6c_dd1d),
        }
    }

    /// An id as AWS gives them: their order says nothing.
    pub(crate) fn id(&mut self, prefix: &str) -> String {
        self.ids = self.ids.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        format!("{prefix}0{:011x}", self.ids >> 20)
    }

    /// Puts a thing into the land, in the region that its key tells.
    pub(crate) fn put(&mut self, resource: Resource, owner: Owner, of: Situation) -> Key {
        let key = resource.key.clone();
        let thing = Thing { resource, owner, of };
        if key.region.as_str() == AWAY {
            self.beyond.insert(key.clone(), thing);
        } else {
            self.things.insert(key.clone(), thing);
        }
        key
    }

    pub(crate) fn get(&mut self, key: &Key) -> &mut Resource {
        let thing = self.things.get_mut(key).or_else(|| self.beyond.get_mut(key));
        &mut thing.unwrap().resource
    }

    /// Says something more of a thing.
    pub(crate) fn alter(&mut self, key: &Key, more: impl FnOnce(Resource) -> Resource) {
        let it = self.get(key);
        *it = more(it.clone());
    }

    /// The keys of an owner's things of a kind.
    pub(crate) fn of(&self, owner: Owner, kind: &str) -> Vec<Key> {
        let fits = |(key, thing): &(&Key, &Thing)| thing.owner == owner && key.kind.as_str() == kind;
        self.things.iter().filter(fits).map(|(key, _)| key.clone()).collect()
    }

    /// What the program reads in the states, from their bytes.
    pub(crate) fn claims(&self) -> Vec<StateClaims> {
        let account = AccountId::new(ACCOUNT);
        let places = (1..).zip(&self.states);
        places.flat_map(|(n, place)| claims_in(&format!("s3://states-{n}"), place, Some(&account))).collect()
    }

    /// What the program is shown: what AWS would show of the kinds that it reads.
    pub(crate) fn inventory(&self) -> Inventory {
        let regions = BTreeSet::from([Region::new(HOME)]);
        let read = |thing: &&Thing| CATALOG.get(&thing.resource.key.kind).is_some();
        let visible = |key: &Key| {
            !self.left_out.contains(key) && !self.hidden.contains(&(key.kind.clone(), key.region.clone()))
        };
        let shown = |things: &BTreeMap<Key, Thing>| -> BTreeMap<Key, Resource> {
            let things = things.values().filter(read).map(|thing| thing.resource.clone());
            things.filter(|it| visible(&it.key)).map(|it| (it.key.clone(), it)).collect()
        };
        let gaps: BTreeSet<Gap> = self.hidden.iter().map(|(kind, region)| gap(kind, region)).collect();
        let (beyond, here) = gaps.into_iter().partition(|gap| gap.region.as_str() == AWAY);
        let mut resources = shown(&self.beyond);
        resources.retain(|key, _| CATALOG.get(&key.kind).is_some_and(|spec| CATALOG.may_use_global(spec)));
        let mut inventory = Inventory {
            caller: Caller {
                account: AccountId::new(ACCOUNT),
                alias: None,
                arn: format!("arn:aws:iam::{ACCOUNT}:user/cleaner"),
            },
            taken: now(),
            regions,
            kinds: CATALOG.iter().map(KindSpec::kind).collect(),
            resources: shown(&self.things),
            gaps: here,
            elsewhere: Elsewhere {
                enabled: Some([HOME, AWAY].map(Region::new).into()),
                assumed: None,
                regions: [Region::new(AWAY)].into(),
                resources,
                gaps: beyond,
            },
            without_services: BTreeSet::new(),
            unanswered: BTreeMap::new(),
            unread_things: Vec::new(),
            states: self.claims(),
            gone: self.gone.clone(),
        };
        complete(&mut inventory);
        inventory
    }
}

fn gap(kind: &KindName, region: &Region) -> Gap {
    Gap::new(kind.clone(), region.clone(), "AccessDenied: not authorized to perform this operation")
}

/// A key in a region, or in `global` for kinds of the account as a whole.
pub(crate) fn key(kind: &str, region: &str, id: impl Into<String>) -> Key {
    let global = CATALOG.named(kind).is_some_and(|spec| spec.scope == Scope::Global);
    let region = if global { Region::global() } else { Region::new(region) };
    Key::new(KindName::new(kind), region, id)
}

/// The ARN of a thing that others name by it.
fn arn(kind: &str, region: &str, id: &str) -> Option<String> {
    let (service, region, what) = match kind {
        _ if id.starts_with("arn:") => return Some(id.to_owned()),
        "iam-role" => ("iam", "", "role"),
        "iam-instance-profile" => ("iam", "", "instance-profile"),
        "eks-cluster" => ("eks", region, "cluster"),
        "ecs-service" => ("ecs", region, "service"),
        "log-group" => return Some(format!("arn:aws:logs:{region}:{ACCOUNT}:log-group:{id}")),
        "lambda-function" => return Some(format!("arn:aws:lambda:{region}:{ACCOUNT}:function:{id}")),
        _ => return None,
    };
    Some(format!("arn:aws:{service}:{region}:{ACCOUNT}:{what}/{id}"))
}

/// Says of a thing, one after the other, what AWS shows of it.
pub(crate) trait Draw: Sized {
    fn link(self, how: &'static str, to: &Key) -> Self;
    fn links(self, how: &'static str, to: &[Key]) -> Self;
    fn cut_by(self, how: &'static str, to: &Key, handle: &str) -> Self;
    fn tag(self, key: &str, value: &str) -> Self;
    fn tags(self, more: &aws_janitor::model::Tags) -> Self;
    fn fact(self, name: &str, value: impl ToString) -> Self;
    fn born(self, at: Timestamp) -> Self;
    fn state(self, state: &str) -> Self;
    fn named(self, name: &str) -> Self;
    fn guard(self, rule: GuardRule, why: &str) -> Self;
}

/// A thing of which nothing is said yet but what AWS calls it.
pub(crate) fn thing(kind: &str, region: &str, id: impl Into<String>) -> Resource {
    let mut it = Resource::new(key(kind, region, id));
    it.arn = arn(kind, region, &it.key.id);
    it.owner = (!it.key.region.is_global()).then(|| AccountId::new(ACCOUNT));
    it.life = Life::Standing;
    it
}

impl Draw for Resource {
    fn link(mut self, how: &'static str, to: &Key) -> Self {
        self.links.insert(Link::new(how, to.clone()));
        self
    }
    fn links(self, how: &'static str, to: &[Key]) -> Self {
        to.iter().fold(self, |it, key| it.link(how, key))
    }
    fn cut_by(mut self, how: &'static str, to: &Key, handle: &str) -> Self {
        self.links.insert(Link::via(how, to.clone(), vec![handle.to_owned()]));
        self
    }
    fn tag(mut self, key: &str, value: &str) -> Self {
        self.tags.insert(key.to_owned(), value.to_owned());
        if key == "Name" && self.name.is_none() {
            self.name = Some(value.to_owned());
        }
        self
    }
    fn tags(self, more: &aws_janitor::model::Tags) -> Self {
        more.iter().fold(self, |it, (key, value)| it.tag(key, value))
    }
    fn fact(mut self, name: &str, value: impl ToString) -> Self {
        self.facts.insert(name.to_owned(), value.to_string());
        self
    }
    fn born(mut self, at: Timestamp) -> Self {
        self.created = Some(at);
        self.unique_id = Some(format!("{}@{at}", self.key.id));
        self
    }
    fn state(mut self, state: &str) -> Self {
        self.state = Some(state.to_owned());
        self
    }
    fn named(mut self, name: &str) -> Self {
        self.name = Some(name.to_owned());
        self
    }
    fn guard(mut self, rule: GuardRule, why: &str) -> Self {
        self.guards.insert(Guard { rule, why: why.to_owned() });
        self
    }
}
