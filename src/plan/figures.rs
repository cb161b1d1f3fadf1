//! What a plan comes to, for its file and the reports: the cost it ends, the quotas it frees, how long it
//! takes.

use std::collections::{BTreeMap, BTreeSet};

use super::file::QuotaFreed;
use super::{Plan, StepId};
use crate::kinds::place_of;
use crate::model::{Amount, Catalog, Key, Per, Region};
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

/// The quotas that come free, by quota, region and scope. What counts in a place that is not told is left out:
/// it would be promised where it may not come free.
pub(super) fn quota_freed(plan: &Plan, catalog: Catalog) -> Vec<QuotaFreed> {
    let mut freed: BTreeMap<(&str, &Region, &str), u64> = BTreeMap::new();
    let going: BTreeSet<&str> = plan.resources.keys().map(|key| key.id.as_str()).collect();
    for (key, resource) in &plan.resources {
        // A limit on a resource's own parts goes with the resource: no other resource can use what comes free.
        let quotas = catalog.get(&key.kind).into_iter().flat_map(|spec| spec.quotas);
        for quota in quotas.filter(|quota| quota.per != Per::Itself) {
            let place = place_of(resource, quota.per, |key| plan.resources.get(key));
            // Nor does room in a VPC or a cluster that goes as well.
            let goes_too =
                matches!(quota.per, Per::Vpc | Per::Cluster) && place.is_some_and(|it| going.contains(it));
            if goes_too {
                continue;
            }
            if let (Some(place), Amount::Known(amount @ 1..)) = (place, (quota.amount)(resource)) {
                let sum = freed.entry((quota.name, &key.region, place)).or_default();
                *sum = sum.saturating_add(amount);
            }
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Resource;
    use crate::plan::fixture::{CATALOG, account, key, planned};

    #[test]
    fn the_cost_is_a_sum_and_tells_what_it_does_not_know() {
        let mut account = account();
        let instance = Resource::new(key("instance", "i-of-unknown-type"));
        account.resources.insert(instance.key.clone(), instance);
        let monthly = monthly(&planned(&account), CATALOG);
        assert_eq!(monthly.usd, 36.5, "a gateway and an address: 0.045 and 0.005 an hour");
        assert_eq!(monthly.unpriced, [key("instance", "i-of-unknown-type")]);
    }

    #[test]
    fn quotas_are_counted_where_they_count() {
        let freed = quota_freed(&planned(&account()), CATALOG);
        let lines: Vec<_> = freed.iter().map(|f| (f.quota.as_str(), f.scope.as_str(), f.amount)).collect();
        let interfaces = ("network-interface", "us-east-1", 1);
        assert_eq!(lines, [("eip", "us-east-1", 1), ("nat-gateway", "us-east-1a", 1), interfaces]);
    }

    #[test]
    fn the_longest_chain_tells_how_long_it_takes() {
        // The gateway 90 s, its interface 15 s, the subnet 1 s; the address waits beside.
        assert_eq!(expected_seconds(&planned(&account())), 106);
    }

    #[test]
    fn an_empty_plan_comes_to_nothing() {
        let plan = Plan::default();
        assert_eq!((monthly(&plan, CATALOG).usd, expected_seconds(&plan)), (0.0, 0));
        assert!(quota_freed(&plan, CATALOG).is_empty());
    }
}
