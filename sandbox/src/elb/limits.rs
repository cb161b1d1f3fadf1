//! DescribeAccountLimits: what the account may have, told by load balancing itself.

use super::{PAGE, validation};
use crate::error::AwsResult;
use crate::protocol::{Answer, Ctx};
use crate::quotas::table;
use crate::service::Operation;
use crate::world::World;
use crate::xml::Xml;

/// The operations of this file.
pub(crate) const OPERATIONS: &[(&str, Operation)] = &[("DescribeAccountLimits", describe_limits)];

/// What a limit is: a quota of the account's, or a number that is the same for everybody here.
enum Limit {
    Quota(&'static str),
    Fixed(usize),
}

/// The names are the service's, <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Limit.html>,
/// the fixed numbers those of
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html> and its
/// sisters for network and gateway load balancers.
const LIMITS: &[(&str, Limit)] = &[
    ("application-load-balancers", Limit::Quota(table::APPLICATION_LOAD_BALANCERS)),
    ("condition-values-per-alb-rule", Limit::Fixed(5)),
    ("condition-wildcards-per-alb-rule", Limit::Fixed(6)),
    ("gateway-load-balancers", Limit::Quota(table::GATEWAY_LOAD_BALANCERS)),
    ("gateway-load-balancers-per-vpc", Limit::Fixed(100)),
    ("geneve-target-groups", Limit::Fixed(100)),
    ("listeners-per-application-load-balancer", Limit::Quota(table::LISTENERS_PER_APPLICATION)),
    ("listeners-per-network-load-balancer", Limit::Quota(table::LISTENERS_PER_NETWORK)),
    ("network-load-balancers", Limit::Quota(table::NETWORK_LOAD_BALANCERS)),
    ("rules-per-application-load-balancer", Limit::Fixed(100)),
    ("target-groups", Limit::Quota(table::TARGET_GROUPS)),
    ("target-groups-per-action-on-application-load-balancer", Limit::Fixed(5)),
    ("target-groups-per-action-on-network-load-balancer", Limit::Fixed(1)),
    ("target-groups-per-application-load-balancer", Limit::Fixed(100)),
    ("targets-per-application-load-balancer", Limit::Fixed(1000)),
    ("targets-per-availability-zone-per-gateway-load-balancer", Limit::Fixed(300)),
    ("targets-per-availability-zone-per-network-load-balancer", Limit::Fixed(500)),
    ("targets-per-network-load-balancer", Limit::Fixed(3000)),
];

/// DescribeAccountLimits:
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeAccountLimits.html>.
fn describe_limits(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let size = ctx.params.int("PageSize")?.map_or(Some(PAGE), |size| usize::try_from(size).ok());
    let size = size.filter(|size| (1..=PAGE).contains(size));
    let size = size.ok_or_else(|| validation("Page size must be between 1 and 400"))?;
    let after = ctx.params.get("Marker").unwrap_or_default();
    let start = LIMITS.partition_point(|(name, _)| *name <= after);
    let page = LIMITS.iter().skip(start).take(size);
    let last = page.clone().next_back().map(|(name, _)| *name);
    let mut xml = Xml::new();
    xml.members("Limits", page, |item, (name, limit)| {
        let most = match limit {
            Limit::Quota(code) => world.quotas.limit(&ctx.region, code),
            Limit::Fixed(most) => *most,
        };
        item.text("Name", name).text("Max", most);
    });
    xml.maybe("NextMarker", last.filter(|_| LIMITS.len() > start + size));
    Ok(xml.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ec2::fixture::{REGION, world};
    use crate::xml::{text_of, texts_of};

    fn asked(world: &mut World, params: &[(&str, &str)]) -> String {
        world.call("elasticloadbalancing", REGION, "DescribeAccountLimits", params).unwrap()
    }

    #[test]
    fn limits_are_the_applied_quotas() {
        let mut world = world();
        world.quotas.apply(REGION, table::NETWORK_LOAD_BALANCERS, 75.0);
        let told = asked(&mut world, &[]);
        let limits: Vec<(String, String)> =
            texts_of(&told, "Name").into_iter().zip(texts_of(&told, "Max")).collect();
        let of = |name: &str| limits.iter().find(|(known, _)| known == name).map(|(_, max)| max.as_str());
        assert_eq!(of("network-load-balancers"), Some("75"));
        assert_eq!(of("application-load-balancers"), Some("50"));
        assert_eq!(of("target-groups"), Some("3000"));
        assert_eq!(text_of(&told, "NextMarker"), None);
    }

    #[test]
    fn limits_come_in_pages_and_each_once() {
        let mut world = world();
        let (mut names, mut marker) = (Vec::new(), String::new());
        loop {
            let page = asked(&mut world, &[("PageSize", "5"), ("Marker", &marker)]);
            names.extend(texts_of(&page, "Name"));
            let Some(next) = text_of(&page, "NextMarker") else { break };
            marker = next;
        }
        assert_eq!(names.len(), LIMITS.len());
        assert!(names.is_sorted(), "the marker is the last name");
        let refusal =
            world.call("elasticloadbalancing", REGION, "DescribeAccountLimits", &[("PageSize", "0")]);
        assert_eq!(refusal.unwrap_err().code, "ValidationError");
    }
}
