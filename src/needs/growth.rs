//! What a thing needs beyond what it had: one that is changed in place, or that is made anew after the old
//! one went, perhaps larger or elsewhere.

use std::collections::BTreeMap;

use super::places::{self, Containers, Place};
use super::{Most, NeedsError, Wanted, uses};
use crate::deployment::{Change, Item, ReplaceOrder, Value};
use crate::model::Region;
use crate::model::need::World;

/// What one thing uses, by quota and place.
type Held = BTreeMap<(&'static str, Place), Wanted>;

/// Puts what grows, of which the file tells how it was.
pub(super) fn grown(
    world: &World<'_>,
    containers: &Containers,
    put: &mut dyn FnMut(&'static str, Place, Wanted, &str),
) -> Result<(), NeedsError> {
    let grows = |item: &&Item| {
        matches!(item.change, Change::Update | Change::Replace(ReplaceOrder::DeleteFirst))
            && item.before != Value::Null
            && item.kind.is_some()
    };
    for item in world.items.all().iter().filter(grows) {
        let region = item.before.at("region").as_text().map(Region::new);
        let regional = item.region.as_ref().is_some_and(|region| !region.is_global());
        let region = region.filter(|_| regional).or_else(|| item.region.clone());
        let old = Item { properties: item.before.clone(), region, ..item.clone() };
        let past = World { past: true, ..*world };
        let (had, has) = (held(&past, containers, &old)?, held(world, containers, item)?);
        // What cannot be told of either is the same of both where nothing that can be told differs.
        if had == has {
            continue;
        }
        for ((quota, place), new) in has {
            let more = beyond(new, quota, &place, &had);
            put(quota, place, more, &item.address);
        }
    }
    Ok(())
}

fn held(world: &World<'_>, containers: &Containers, item: &Item) -> Result<Held, NeedsError> {
    let mut held = Held::new();
    for used in uses::uses(world, item) {
        for spot in places::spots(world, containers, item, &used)? {
            let amount = super::wanted(item, &used, &spot);
            let sum = held.entry((used.quota, spot.place)).or_default();
            *sum = sum.plus(amount);
        }
    }
    Ok(held)
}

/// What is wanted in a place beyond what was held of the quota.
fn beyond(new: Wanted, quota: &'static str, place: &Place, had: &Held) -> Wanted {
    if let Some(old) = had.get(&(quota, place.clone())) {
        return minus(new, *old);
    }
    // Where one of both may lie anywhere, it may lie where the other does.
    let vague = had.keys().any(|(own, held)| *own == quota && (held.is_vague() || place.is_vague()));
    if vague {
        return Wanted { unknown: new.most().map_or(Most::Unbounded, Most::Of), ..Wanted::default() };
    }
    new
}

fn minus(new: Wanted, old: Wanted) -> Wanted {
    if new == old && new.unknown != Most::Unbounded {
        return Wanted::default();
    }
    let least = old.most().map_or(0, |had| new.least().saturating_sub(had));
    let unknown = match new.most() {
        Some(most) => Most::Of(most.saturating_sub(old.least()).saturating_sub(least)),
        None => Most::Unbounded,
    };
    let made = if new.certain > 0 {
        Wanted::certain(least)
    } else {
        Wanted { implicit: least, ..Wanted::default() }
    };
    Wanted { unknown, ..made }
}
