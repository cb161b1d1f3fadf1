//! What a plan comes to: the cost it frees, the quotas it frees, how long it takes.

use std::collections::BTreeMap;

use super::file::QuotaFreed;
use super::{Plan, StepId};
use crate::model::{Catalog, Key, Region};
use crate::price;

/// What all that goes costs per month at list price.
pub(super) struct Monthly {
    /// US dollars, rounded to cents: so the number is the same when it is read back from a file.
    pub(super) usd: f64,
    /// What costs something that the price table does not know; it counts as nothing in the sum.
    pub(super) unpriced: Vec<Key>,
}

/// The running cost that the plan frees.
pub(super) fn monthly(plan: &Plan, catalog: Catalog) -> Monthly {
    let mut usd = 0.0;
    let mut unpriced = Vec::new();
    for (key, resource) in &plan.resources {
        let Some(spec) = catalog.get(&key.kind) else { continue };
        let prices = (spec.cost)(resource).into_iter().map(|cost| price::monthly(&[cost], &key.region));
        let prices: Vec<Option<f64>> = prices.collect();
        if prices.iter().any(Option::is_none) {
            unpriced.push(key.clone());
        }
        usd += prices.into_iter().flatten().sum::<f64>();
    }
    Monthly { usd: (usd * 100.0).round() / 100.0, unpriced }
}

/// The quotas that come free, by quota, region and scope.
pub(super) fn quota_freed(plan: &Plan, catalog: Catalog) -> Vec<QuotaFreed> {
    let mut freed: BTreeMap<(&str, &Region, &str), u64> = BTreeMap::new();
    for (key, resource) in &plan.resources {
        let Some(quota) = catalog.get(&key.kind).and_then(|spec| spec.quota) else { continue };
        let scope =
            quota.per.and_then(|fact| resource.facts.get(fact)).map_or(key.region.as_str(), String::as_str);
        *freed.entry((quota.name, &key.region, scope)).or_default() += 1;
    }
    let line = |((quota, region, scope), amount): ((&str, &Region, &str), u64)| QuotaFreed {
        quota: quota.to_owned(),
        region: region.clone(),
        scope: scope.to_owned(),
        amount,
    };
    freed.into_iter().map(line).collect()
}

/// How long the longest chain of steps takes, in seconds of AWS's clock.
pub(super) fn expected_seconds(plan: &Plan) -> u64 {
    let mut ends: BTreeMap<StepId, u64> = BTreeMap::new();
    for step in &plan.steps {
        let start = step.after.iter().filter_map(|after| ends.get(&after.step)).max().copied().unwrap_or(0);
        ends.insert(step.id, start + u64::from(step.expected_seconds));
    }
    ends.into_values().max().unwrap_or(0)
}
