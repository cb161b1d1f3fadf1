//! A small account of the catalog's kinds for the tests of this folder.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::Plan;
use super::file::{PlanFile, Sources};
use super::planner::plan;
use crate::inventory::{Caller, Inventory};
pub(crate) use crate::kinds::CATALOG;
use crate::model::{AccountId, Judged, Key, KindName, KindSpec, Link, Region, Resource, Verdict, Verdicts};
use crate::policy::Policy;

pub(crate) fn key(kind: &str, id: &str) -> Key {
    Key::new(KindName::new(kind), Region::new("us-east-1"), id)
}

/// A NAT gateway with its address, its interface and their subnet.
pub(crate) fn account() -> Inventory {
    let mut resources = BTreeMap::new();
    let mut add = |kind: &str, id: &str, links: &[(&'static str, &str, &str)]| {
        let mut resource = Resource::new(key(kind, id));
        resource.links = links.iter().map(|(how, kind, id)| Link::new(how, key(kind, id))).collect();
        resource.facts.insert("zone".into(), "us-east-1a".into());
        resources.insert(resource.key.clone(), resource);
    };
    add("subnet", "subnet-1", &[]);
    add("elastic-ip", "eip-1", &[]);
    add("nat-gateway", "nat-1", &[("uses", "elastic-ip", "eip-1"), ("within", "subnet", "subnet-1")]);
    add(
        "network-interface",
        "eni-1",
        &[("made-by", "nat-gateway", "nat-1"), ("within", "subnet", "subnet-1")],
    );
    Inventory {
        caller: Caller { account: AccountId::new("111122223333"), alias: None, arn: "arn:me".into() },
        taken: "2026-01-01T00:00:00Z".parse().unwrap(),
        regions: BTreeSet::from([Region::new("us-east-1")]),
        kinds: CATALOG.iter().map(KindSpec::kind).collect(),
        resources,
        gaps: BTreeSet::new(),
        elsewhere: crate::inventory::Elsewhere::nowhere_but(&[Region::new("us-east-1")].into()),
        without_services: Default::default(),
        unanswered: Default::default(),
        unread_things: Default::default(),
        states: Vec::new(),
        gone: Default::default(),
    }
}

/// All of them orphans.
pub(crate) fn orphans(inventory: &Inventory) -> Verdicts {
    let judged = Judged {
        verdict: Verdict::Orphan,
        gate: None,
        evidence: vec!["nobody's".into()],
        proof: None,
        stack: None,
        selected: true,
    };
    inventory.resources.keys().map(|key| (key.clone(), judged.clone())).collect()
}

pub(crate) fn planned(inventory: &Inventory) -> Plan {
    plan(inventory, CATALOG, &orphans(inventory), &BTreeSet::new())
}

/// The plan of the account, saved for an hour.
pub(crate) fn saved(inventory: &Inventory) -> PlanFile {
    PlanFile::new(Sources {
        plan: &planned(inventory),
        inventory,
        verdicts: &orphans(inventory),
        policy: &Policy::default(),
        catalog: CATALOG,
        tool_version: "1.2.3",
        now: "2026-01-01T00:00:00Z".parse().unwrap(),
        valid_for: Duration::from_secs(3600),
        saved: None,
    })
    .unwrap()
}
