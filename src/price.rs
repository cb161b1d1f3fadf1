//! List prices, dated, in one place: tells judge, planner and reports what a resource costs while it stands,
//! per month of 730 hours.
//!
//! Prices of us-east-1, with a factor for regions where a difference is known. No data transfer,
//! no discounts: an order of magnitude for a decision, not a bill.
//! Sources: the AWS Price List and the pricing pages of each service, read in 2026-11.

use crate::model::{Cost, Region};

/// The day the table was last checked, for reports.
pub const CHECKED: &str = "2026-11-21";

/// Hours in a month, AWS's own convention.
const HOURS: f64 = 730.0;

/// US dollars per unit and month in us-east-1, by item.
const ITEMS: &[(&str, f64)] = &[
    ("nat-gateway-hours", 0.045 * HOURS),
    // Every public IPv4 address, in use or idle, since February 2024.
    ("public-ipv4", 0.005 * HOURS),
    ("eks-cluster-standard-support", 0.10 * HOURS),
    ("eks-cluster-extended-support", 0.60 * HOURS),
    ("application-load-balancer", 0.0225 * HOURS),
    ("network-load-balancer", 0.0225 * HOURS),
    ("gateway-load-balancer", 0.0125 * HOURS),
    ("classic-load-balancer-hours", 0.025 * HOURS),
    ("interface-endpoint-zone", 0.01 * HOURS),
    ("gateway-load-balancer-endpoint-zone", 0.01 * HOURS),
    // <https://aws.amazon.com/vpn/pricing/>
    ("vpn-connection-hours", 0.05 * HOURS),
    // <https://aws.amazon.com/transit-gateway/pricing/>
    ("transit-gateway-attachment-hours", 0.05 * HOURS),
    ("volume-gp3-gib", 0.08),
    ("volume-gp2-gib", 0.10),
    ("volume-io1-gib", 0.125),
    ("volume-io2-gib", 0.125),
    ("volume-st1-gib", 0.045),
    ("volume-sc1-gib", 0.015),
    ("volume-standard-gib", 0.05),
    ("log-storage-gib", 0.03),
    ("kms-key-storage", 1.0),
    ("instance-t3.micro", 0.0104 * HOURS),
    ("instance-t3.small", 0.0208 * HOURS),
    ("instance-t3.medium", 0.0416 * HOURS),
    ("instance-t3.large", 0.0832 * HOURS),
    ("instance-t3.xlarge", 0.1664 * HOURS),
    ("instance-m5.large", 0.096 * HOURS),
    ("instance-m5.xlarge", 0.192 * HOURS),
    ("instance-m5.2xlarge", 0.384 * HOURS),
];

/// Where a region's price of an item is known to differ from us-east-1's.
const FACTORS: &[(&str, &str, f64)] = &[
    ("eu-west-1", "nat-gateway-hours", 0.048 / 0.045),
    ("eu-west-2", "nat-gateway-hours", 0.050 / 0.045),
    ("ap-northeast-1", "nat-gateway-hours", 0.062 / 0.045),
    ("eu-west-2", "application-load-balancer", 0.02646 / 0.0225),
    ("eu-west-2", "network-load-balancer", 0.02646 / 0.0225),
    ("eu-west-2", "classic-load-balancer-hours", 0.0294 / 0.025),
];

/// The items that have a price.
pub fn items() -> impl Iterator<Item = &'static str> {
    ITEMS.iter().map(|(item, _)| *item)
}

/// US dollars per month of these costs in this region; `None` if an item's price is not known.
pub fn monthly(costs: &[Cost], region: &Region) -> Option<f64> {
    costs.iter().try_fold(0.0, |sum, cost| {
        let (_, price) = ITEMS.iter().find(|(item, _)| *item == cost.item)?;
        let factor = FACTORS
            .iter()
            .find(|(name, item, _)| *name == region.as_str() && *item == cost.item)
            .map_or(1.0, |(_, _, factor)| *factor);
        Some(sum + price * cost.units * factor)
    })
}
