//! Elastic IPs. Every one is priced, in use or idle; one under a NAT gateway is counted here and
//! nowhere else. An address in use is never disassociated: it is released when its user is gone.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-eips.html>

use crate::model::deployed::{Deployed, Naming, Plays, Spelling, Tagging, Types, Uses};
use crate::model::deployment::Item;
use crate::model::need::{Use, World};
use crate::model::words::{fact as facts, how};
use crate::model::{
    Amount, Apis, ByHand, Class, Cost, GuardRule, Ids, KindSpec, LinkRule, Logs, LookedAfter, MadeFor, Per,
    Position, QuotaUse, Resource, RouteTarget, Scope, Serves, Settle, ShowsLife, States, ToldBy, Unit,
    WorksAs,
};

pub(crate) const NAME: &str = "elastic-ip";

/// The pool of the addresses that are Amazon's own.
const AMAZON: &str = "amazon";

/// What the planner knows of it.
pub const SPEC: KindSpec = KindSpec {
    name: NAME,
    title: "Elastic IP",
    about: "A public IPv4 address that stays the account's until it is released. It costs the same in use and idle, and a region has five unless AWS allows more.",
    ids: Ids::Prefix("eipalloc-"),
    class: Class::Plumbing,
    position: Position::Nothing,
    serves: Serves::One,
    works_as: WorksAs::Nobody,
    looked_after: LookedAfter::ByNobody,
    shows_life: ShowsLife::Never,
    made_for: MadeFor::Told,
    states: States::NONE,
    route_target: RouteTarget::No,
    guards: &[GuardRule::AwsManaged],
    by_hand: ByHand("aws ec2 release-address --allocation-id {id}"),
    lets_go: None,
    unprotect: None,
    scope: Scope::Regional,
    links: &[
        LinkRule::after(how::ASSOCIATED, "network-interface"),
        LinkRule::after(how::ASSOCIATED, "instance"),
    ],
    parts: &[],
    settle: Settle::AtOnce,
    // A NAT gateway that AWS shows as deleted can hold its address for some moments more.
    patience: 300,
    pause: 0,
    batch: 1,
    quotas: &[QuotaUse::each("eip", "Elastic IPs", ("ec2", "L-0263D0A3"), Per::Region)
        .told_by(ToldBy::Ec2Attribute("vpc-max-elastic-ips"))
        .counted(Unit::Things, amount)],
    priced: &["public-ipv4"],
    cost,
    apis: Apis { list: &["ec2:DescribeAddresses"], delete: &["ec2:ReleaseAddress"] },
    made_by_events: &["AllocateAddress"],
    logs: Logs::NoneKnown,
    arns: &["ec2:elastic-ip/"],
    deployed: DEPLOYED,
};

/// Whether it is of a pool that the account brought along: such an address is neither charged for nor
/// counted. <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-byoip.html>
fn brought_along(resource: &Resource) -> bool {
    resource.facts.get(facts::POOL).is_some_and(|pool| pool != AMAZON)
}

pub(crate) fn cost(resource: &Resource) -> Vec<Cost> {
    if brought_along(resource) {
        return Vec::new();
    }
    vec![Cost { item: "public-ipv4", units: 1.0 }]
}

pub(crate) fn amount(resource: &Resource) -> Amount {
    Amount::Known(u64::from(!brought_along(resource)))
}

/// What deployments call it and use of it.
const DEPLOYED: Deployed = Deployed {
    types: Types {
        terraform: &["aws_eip"],
        pulumi: &["aws:ec2/eip:Eip"],
        cloudformation: &["AWS::EC2::EIP"],
        adopted: &[],
    },
    attributes: &[
        "allocation_id",
        "customer_owned_ipv4_pool",
        "domain",
        "instance",
        "ipam_pool_id",
        "network_interface",
        "public_ip",
        "public_ipv4_pool",
    ],
    aliases: &[],
    wrappers: &[],
    template: Spelling::SAME,
    sizes: &[],
    uses: Uses::Quotas(uses),
    parts: |_, _| Vec::new(),
    instance_types: |_| Vec::new(),
    plays: Plays::Nothing,
    name: Naming::Free,
    tags: Tagging::ANY,
};

/// Addresses of a pool that the account brought along do not count:
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-byoip.html>.
fn uses(_: &World<'_>, item: &Item) -> Vec<Use> {
    let pool = item.properties.at("public_ipv4_pool");
    match pool.as_text() {
        Some(pool) if pool != AMAZON && !pool.is_empty() => Vec::new(),
        _ => vec![Use::file("eip", Per::Region, 1)],
    }
}
