//! Usage: takes an inventory, its verdicts and a plan, and tells how much of each quota is used, where and by
//! whom.

use std::collections::{BTreeMap, BTreeSet};

use super::doubt;
use super::free::Owner;
use crate::inventory::Inventory;
use crate::kinds::{self, is, place_of, position_of};
use crate::model::{
    Amount, Catalog, Key, KindName, Per, Position, QuotaUse, Region, Resource, Users, Verdict, Verdicts,
};
use crate::plan::{Fate, Plan};

/// One place in which a quota counts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct QuotaPlace {
    /// The quota's short name.
    pub quota: &'static str,
    /// The region, or `global`.
    pub region: Region,
    /// The region's name, a zone's, or the id of a VPC, a cluster, a resource.
    pub name: String,
}

/// What is used in one place.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Used {
    /// How much; `None` if it could not be counted whole.
    pub all: Option<u64>,
    /// How much of that orphans hold. A lower bound, like all that follows, where `all` is `None`.
    pub by_orphans: u64,
    /// How much of it the plan frees, by who holds it.
    pub freed_by: BTreeMap<Owner, u64>,
    /// How much of it goes with each resource that the plan removes.
    pub freed_with: BTreeMap<Key, u64>,
    /// How much each stack holds.
    pub by_stack: BTreeMap<String, u64>,
    /// How much of that its orphans hold.
    pub orphans_by_stack: BTreeMap<String, u64>,
    /// How much is uncertain only because something could not be read: it may be left over.
    pub by_unread: u64,
    /// How much of that each stack holds.
    pub unread_by_stack: BTreeMap<String, u64>,
    /// What could not be read of it, each in a sentence for people.
    pub doubts: BTreeSet<String>,
}

impl Used {
    /// How much of it the plan frees.
    pub fn freed(&self) -> u64 {
        total(self.freed_by.values())
    }
}

/// Their sum, or the largest number there is.
pub(super) fn total<'a>(amounts: impl IntoIterator<Item = &'a u64>) -> u64 {
    amounts.into_iter().fold(0, |sum, amount| sum.saturating_add(*amount))
}

/// All usage.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Usage {
    /// What is used, by place.
    pub by_place: BTreeMap<QuotaPlace, Used>,
    /// The quotas of which something in this region could not be counted: in each of their places there
    /// may be more than is seen, also in those where nothing is.
    pub blind: BTreeSet<(&'static str, Region)>,
    /// The regions that were counted. Of any other nothing is known.
    pub regions: BTreeSet<Region>,
}

impl Usage {
    /// Whether a place of this quota of which nothing was seen is known to be empty.
    pub fn shows_all(&self, quota: &'static str, region: &Region) -> bool {
        self.regions.contains(region) && !self.blind.contains(&(quota, region.clone()))
    }
}

/// Counts what is used of every quota of the catalog: in the regions of the inventory, and in each zone,
/// VPC, cluster and resource that it holds.
pub fn count(inventory: &Inventory, catalog: Catalog, verdicts: &Verdicts, plan: Option<&Plan>) -> Usage {
    let mut counter =
        Counter { inventory, verdicts, plan, by_place: BTreeMap::new(), blind: BTreeSet::new() };
    for (spec, quota) in catalog.quotas() {
        counter.open(quota, &spec.kind());
        let of_kind = inventory.resources.values().filter(|resource| resource.key.kind == spec.kind());
        for resource in of_kind {
            counter.add(quota, resource);
        }
    }
    counter.finish()
}

struct Counter<'a> {
    inventory: &'a Inventory,
    verdicts: &'a Verdicts,
    plan: Option<&'a Plan>,
    by_place: BTreeMap<QuotaPlace, Used>,
    /// Quotas that could not be counted whole in a region (in all of its places), or in one place.
    blind: BTreeSet<(&'static str, Region, Option<String>)>,
}

impl Counter<'_> {
    /// Every place of a quota that is known to be there, also those in which nothing of it is used.
    fn open(&mut self, quota: &'static QuotaUse, kind: &KindName) {
        let regions: Vec<Region> = match quota.per {
            Per::Account => vec![Region::global()],
            _ => self.inventory.regions.iter().cloned().collect(),
        };
        for region in regions {
            // What a gap hides may use any of its places.
            if !self.inventory.saw(kind, &region) || quota.users == Users::Others {
                self.blind.insert((quota.name, region.clone(), None));
            }
            for place in self.places(quota.per, &region) {
                self.at(quota.name, &region, place);
            }
        }
    }

    fn places(&self, per: Per, region: &Region) -> BTreeSet<String> {
        let those = |position: Position| {
            let all = self.inventory.resources.values();
            all.filter(move |it| it.key.region == *region && is(&it.key.kind, position))
        };
        let itself = || BTreeSet::from([region.as_str().to_owned()]);
        match per {
            Per::Account | Per::Region => itself(),
            Per::Zone => those(Position::Subnet)
                .filter_map(|subnet| place_of(subnet, Per::Zone, |_| None))
                .map(str::to_owned)
                .collect(),
            Per::Vpc | Per::Cluster => {
                position_of(per).into_iter().flat_map(those).map(|place| place.key.id.to_string()).collect()
            }
            Per::Itself => BTreeSet::new(),
        }
    }

    fn at(&mut self, quota: &'static str, region: &Region, place: String) -> &mut Used {
        self.by_place.entry(QuotaPlace { quota, region: region.clone(), name: place }).or_default()
    }

    fn add(&mut self, quota: &'static QuotaUse, resource: &Resource) {
        let region = &resource.key.region;
        let find = |key: &Key| self.inventory.resources.get(key);
        let place = place_of(resource, quota.per, find).map(str::to_owned);
        let amount = match (quota.amount)(resource) {
            Amount::Known(0) if quota.per != Per::Itself => return,
            Amount::Known(amount) => amount,
            Amount::Unknown => {
                self.blind.insert((quota.name, region.clone(), place));
                return;
            }
        };
        let Some(place) = place else {
            // It counts in a place that is not known: so no place of this quota is counted whole.
            self.blind.insert((quota.name, region.clone(), None));
            return;
        };
        let judged = self.verdicts.get(&resource.key);
        let orphan = judged.is_some_and(|judged| judged.verdict == Verdict::Orphan);
        let stack = judged.and_then(|judged| judged.stack.clone());
        let goes = self.goes(&resource.key) && !self.place_goes(quota.per, region, &place);
        let owner = || match &stack {
            Some(stack) => Owner::Stack(stack.clone()),
            None => Owner::Resource(resource.key.clone()),
        };
        let owner = goes.then(owner);
        let unread = |plan| doubt::unread(self.inventory, self.verdicts, plan, &resource.key);
        let doubt = self.plan.and_then(unread);
        let used = self.at(quota.name, region, place);
        used.all = Some(used.all.unwrap_or(0).saturating_add(amount));
        if orphan {
            used.by_orphans = used.by_orphans.saturating_add(amount);
        }
        if let Some(owner) = owner {
            add(&mut used.freed_by, owner, amount);
            add(&mut used.freed_with, resource.key.clone(), amount);
        }
        if let Some(doubt) = &doubt {
            used.by_unread = used.by_unread.saturating_add(amount);
            used.doubts.insert(doubt.clone());
        }
        if let Some(stack) = stack {
            if doubt.is_some() {
                add(&mut used.unread_by_stack, stack.clone(), amount);
            }
            if orphan {
                add(&mut used.orphans_by_stack, stack.clone(), amount);
            }
            add(&mut used.by_stack, stack, amount);
        }
    }

    fn goes(&self, key: &Key) -> bool {
        let fate = self.plan.and_then(|plan| plan.fates.get(key));
        fate.is_some_and(|fate| !matches!(fate, Fate::Kept(_)))
    }

    /// Whether the place itself goes: room in it helps nobody then.
    fn place_goes(&self, per: Per, region: &Region, place: &str) -> bool {
        match (per, position_of(per)) {
            (Per::Itself, _) => true,
            (_, Some(part)) => self.goes(&Key::new(kinds::that_is(part), region.clone(), place)),
            (_, None) => false,
        }
    }

    fn finish(self) -> Usage {
        let Self { mut by_place, blind, inventory, .. } = self;
        for (quota, region, place) in &blind {
            // What cannot be counted is told, also where nothing else of the quota is.
            if let Some(place) = place {
                let place = QuotaPlace { quota, region: region.clone(), name: place.clone() };
                by_place.entry(place).or_default();
            }
        }
        for (place, used) in &mut by_place {
            let unseen = |name| blind.contains(&(place.quota, place.region.clone(), name));
            let hidden = unseen(None) || unseen(Some(place.name.clone()));
            used.all = if hidden { None } else { Some(used.all.unwrap_or(0)) };
        }
        let everywhere = blind.into_iter().filter(|(_, _, place)| place.is_none());
        let blind = everywhere.map(|(quota, region, _)| (quota, region)).collect();
        Usage { by_place, blind, regions: inventory.regions.clone() }
    }
}

fn add<T: Ord>(amounts: &mut BTreeMap<T, u64>, of: T, amount: u64) {
    let sum = amounts.entry(of).or_default();
    *sum = sum.saturating_add(amount);
}
