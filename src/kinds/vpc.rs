//! VPCs. Deleting one takes its default security group, its default network ACL and its main route
//! table along; everything else within it must be gone before. AWS does not say what still stands.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/delete-vpc.html>

use crate::model::words::fact as facts;
use crate::model::{
    Amount, Apis, ByHand, Class, GuardRule, Ids, KindSpec, LookedAfter, MadeFor, Per, Position, QuotaUse,
    RouteTarget, Scope, Serves, Settle, States, Unit,
};

pub(crate) const NAME: &str = "vpc";

/// What the planner knows of it.
pub const SPEC: KindSpec = KindSpec {
    name: NAME,
    title: "VPC",
    ids: Ids::Prefix("vpc-"),
    class: Class::Plumbing,
    position: Position::Network,
    serves: Serves::Any,
    looked_after: LookedAfter::ByNobody,
    made_for: MadeFor::Told,
    states: States { coming: &["pending"], leaving: &[], gone: &[] },
    route_target: RouteTarget::No,
    guards: &[GuardRule::DefaultThing, GuardRule::OtherAccount],
    by_hand: ByHand("aws ec2 delete-vpc --vpc-id {id}"),
    scope: Scope::Regional,
    // All links run from what lies within to the VPC.
    links: &[],
    parts: &[],
    settle: Settle::AtOnce,
    patience: 300,
    pause: 0,
    batch: 1,
    quotas: &[
        QuotaUse::each(NAME, "VPCs", ("vpc", "L-F678F1CE"), Per::Region)
            .counted(Unit::Things, Amount::one_of_ours),
        // The first block counts like those added later; IPv6 blocks have a quota of their own.
        // <https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html>
        QuotaUse::each("cidr", "IPv4 blocks of a VPC", ("vpc", "L-83CA0A9D"), Per::Itself)
            .counted(Unit::Things, |it| Amount::if_ours(it, || Amount::of_fact(it, facts::CIDRS))),
    ],
    cost: |_| Vec::new(),
    apis: Apis { list: &["ec2:DescribeVpcs"], delete: &["ec2:DeleteVpc"] },
};
