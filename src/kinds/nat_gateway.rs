//! NAT gateways. A deletion takes a minute or two, and until its end the gateway keeps its Elastic IPs
//! and its interface; the addresses are set free then, but not released.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-working-with.html>

use super::interfaces::{ZONES_AT_MOST, count};
use crate::model::deployed::{Deployed, Naming, Plays, Spelling, Tagging, Types, Uses, alias};
use crate::model::deployment::Item;
use crate::model::need::{Most, PartUse, Use, Wanted, World};
use crate::model::value::Value;
use crate::model::words::{fact as facts, how};
use crate::model::{
    Amount, Apis, ByHand, Class, Cost, Ids, KindSpec, LinkRule, Logs, LookedAfter, MadeFor, Per, Position,
    QuotaUse, Resource, RouteTarget, Scope, Serves, Settle, ShowsLife, States, Unit, WorksAs,
};

pub(crate) const NAME: &str = "nat-gateway";

/// What the planner knows of it.
pub const SPEC: KindSpec = KindSpec {
    name: NAME,
    title: "NAT gateway",
    about: "Lets a private subnet reach the internet. Its interface goes with it; its addresses become free and stay the account's.",
    ids: Ids::Prefix("nat-"),
    class: Class::Plumbing,
    position: Position::Nothing,
    serves: Serves::Any,
    works_as: WorksAs::Nobody,
    looked_after: LookedAfter::ByNobody,
    shows_life: ShowsLife::Never,
    made_for: MadeFor::Told,
    states: States { coming: &["pending"], leaving: &["deleting"], gone: &["deleted"] },
    route_target: RouteTarget::Yes,
    guards: &[],
    by_hand: ByHand("aws ec2 delete-nat-gateway --nat-gateway-id {id}"),
    lets_go: None,
    unprotect: None,
    scope: Scope::Regional,
    links: &[
        LinkRule::until_gone(how::USES, "elastic-ip"),
        // AWS removes the interface itself; were it left behind, it could go only after the gateway.
        LinkRule::in_use(how::USES, "network-interface"),
        // A regional gateway is made with a route table of its own. Whether AWS removes that with it or
        // leaves it behind, it cannot go before.
        LinkRule::in_use(how::USES, "route-table"),
        LinkRule::until_gone(how::WITHIN, "subnet"),
        LinkRule::until_gone(how::WITHIN, "vpc"),
        LinkRule::in_use(how::MAPPED_THROUGH, "internet-gateway"),
    ],
    parts: &[],
    // The SDK's waiter looks every 15 s as well, but never ends on `failed`: so the waiting is ours.
    settle: Settle::Poll { every: 15, usually: 90, at_most: 900 },
    patience: 120,
    pause: 0,
    batch: 1,
    quotas: QUOTAS,
    priced: &["nat-gateway-hours"],
    cost,
    apis: Apis { list: &["ec2:DescribeNatGateways"], delete: &["ec2:DeleteNatGateway"] },
    made_by_events: &["CreateNatGateway"],
    logs: Logs::NoneKnown,
    arns: &["ec2:natgateway/"],
    deployed: DEPLOYED,
};

/// Zonal gateways count by zone and regional ones by VPC.
/// <https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html>
/// <https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateways-regional.html>
pub(crate) const QUOTAS: &[QuotaUse] = &[
    QuotaUse::each("nat-gateway", "NAT gateways", ("vpc", "L-FE5A380F"), Per::Zone)
        .counted(Unit::Things, |it| Amount::Known(u64::from(counts(it) && !is_regional(it)))),
    QuotaUse::documented("regional-nat-gateway", "regional NAT gateways", "vpc", (5, Per::Vpc))
        .counted(Unit::Things, |it| Amount::Known(u64::from(counts(it) && is_regional(it)))),
    QuotaUse::each("eip-per-nat", "Elastic IPs of a NAT gateway", ("vpc", "L-5F53652F"), Per::Itself)
        .counted(Unit::Things, public_addresses),
    QuotaUse::each("ip-per-nat", "private addresses of a NAT gateway", ("vpc", "L-DFA99DE7"), Per::Itself)
        .counted(Unit::Things, private_addresses),
];

/// One that failed does not count, nor one that is deleted; every other does, also while it is deleted.
/// <https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html>
pub(crate) fn counts(resource: &Resource) -> bool {
    !matches!(resource.state.as_deref(), Some("failed" | "deleted"))
}

fn is_regional(resource: &Resource) -> bool {
    resource.facts.get(facts::TYPE).map(String::as_str) == Some("regional")
}

/// The quotas on addresses are those of a zonal gateway: a regional one takes its own, by other limits.
fn public_addresses(resource: &Resource) -> Amount {
    let addresses = resource.links_as(how::USES).filter(|link| link.to.kind.as_str() == "elastic-ip");
    Amount::of(if is_regional(resource) { 0 } else { addresses.count() })
}

fn private_addresses(resource: &Resource) -> Amount {
    if is_regional(resource) { Amount::Known(0) } else { Amount::of_fact(resource, facts::ADDRESSES) }
}

/// A gateway that failed is not charged for; a regional one is, for each zone it serves.
/// <https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-pricing.html>
pub(crate) fn cost(resource: &Resource) -> Vec<Cost> {
    if resource.state.as_deref() == Some("failed") {
        return Vec::new();
    }
    let zones = resource.facts.get(facts::ZONES).and_then(|zones| zones.parse().ok());
    vec![Cost { item: "nat-gateway-hours", units: zones.unwrap_or(1.0) }]
}

/// What deployments call it and use of it.
const DEPLOYED: Deployed = Deployed {
    types: Types {
        terraform: &["aws_nat_gateway"],
        pulumi: &["aws:ec2/natGateway:NatGateway"],
        cloudformation: &["AWS::EC2::NatGateway"],
        adopted: &[],
    },
    attributes: &[
        "allocation_id",
        "availability_mode",
        "availability_zone_address",
        "connectivity_type",
        "secondary_allocation_ids",
        "secondary_private_ip_address_count",
        "subnet_id",
        "vpc_id",
    ],
    aliases: &[],
    wrappers: &[],
    template: Spelling::of(&[alias("availability_zone_addresses", "availability_zone_address")]),
    sizes: &[],
    uses: Uses::Quotas(uses),
    parts,
    instance_types: |_| Vec::new(),
    plays: Plays::Nothing,
    name: Naming::Free,
    tags: Tagging::ANY,
};

/// Each zonal gateway has an interface; a regional one counts in its VPC, and AWS allocates an address
/// for each zone it serves unless the deployment names them:
/// <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html>.
fn uses(_: &World<'_>, item: &Item) -> Vec<Use> {
    let properties = &item.properties;
    if properties.at("availability_mode").as_text() != Some("regional") {
        return vec![Use::file("nat-gateway", Per::Zone, 1), Use::aws("network-interface", Per::Region, 1)];
    }
    let named = ["allocation_id", "availability_zone_address"];
    let own = if named.iter().any(|name| !properties.at(name).is_empty()) { 0 } else { ZONES_AT_MOST };
    let addresses = Use::aws("eip", Per::Region, 0).more(Most::Of(own));
    vec![Use::file("regional-nat-gateway", Per::Vpc, 1), addresses]
}

/// How many addresses a zonal gateway has that has more than one: each may have that.
fn parts(_: &World<'_>, item: &Item) -> Vec<PartUse> {
    let secondary = item.properties.at("secondary_allocation_ids");
    let amount = match secondary {
        none if none.is_empty() => Wanted::default(),
        _ if item.properties.at("availability_mode").as_text() == Some("regional") => Wanted::default(),
        Value::Unknown(_) | Value::Secret => {
            Wanted { certain: 1, unknown: Most::Unbounded, ..Wanted::default() }
        }
        known => Wanted::certain(1 + count(known.members())),
    };
    vec![PartUse { quota: "eip-per-nat", amount }]
}
