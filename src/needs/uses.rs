//! Asks the catalog what each item uses of quotas, and adds the place where it counts.

use std::collections::{BTreeMap, BTreeSet};

use super::places::{self, Place};
use crate::deployment::{Certainty, Change, Deployment, Item};
use crate::kinds;
use crate::model::Region;
use crate::model::deployed::Uses;
use crate::model::need::{Use, Wanted, World};

/// What an item uses.
pub(super) fn uses(world: &World<'_>, item: &Item) -> Vec<Use> {
    match kinds::row_of(item).map(|row| row.deployed.uses) {
        Some(Uses::Quotas(uses)) => uses(world, item),
        Some(Uses::Nothing | Uses::NotLookedAt(_)) | None => Vec::new(),
    }
}

/// The instance types that the deployments name, by region, so that their sizes can be asked for.
pub fn instance_types(deployments: &[Deployment]) -> BTreeMap<Region, BTreeSet<String>> {
    let mut wanted: BTreeMap<Region, BTreeSet<String>> = BTreeMap::new();
    for item in deployments.iter().flat_map(|deployment| &deployment.items) {
        let (Some(row), Some(region)) = (kinds::row_of(item), &item.region) else { continue };
        // What describes them and stays as it is may be what new instances are made of.
        let describes = row.deployed.plays.describes_instances();
        if describes || item.change.makes() || item.change == Change::Update {
            wanted.entry(region.clone()).or_default().extend((row.deployed.instance_types)(item));
        }
    }
    wanted.retain(|_, types| !types.is_empty());
    wanted
}

/// Limits on the parts of one thing that the deployment makes: what a new VPC holds besides what it
/// comes with, how many policies a new role has, how many addresses a new NAT gateway.
pub(super) fn parts(world: &World<'_>, put: &mut dyn FnMut(&'static str, Place, Wanted, &str)) {
    let certain = |item: &&Item| item.change.makes() && item.certainty == Certainty::Certain;
    for item in world.items.all().iter().filter(certain) {
        let Some(row) = kinds::row_of(item) else { continue };
        let region = if row.global { Ok(Region::global()) } else { places::region(item) };
        let Ok(region) = region else { continue };
        for part in (row.deployed.parts)(world, item) {
            put(part.quota, Place::New(region.clone(), item.address.clone()), part.amount, &item.address);
        }
    }
}
