//! Network ACLs. One cannot go while a subnet is associated with it, and there is always one: so it
//! goes after its subnets. The default one goes with its VPC and in no other way.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html>

use crate::model::deployed::{Deployed, Naming, Plays, Spelling, Tagging, Types, Uses};
use crate::model::need::Use;
use crate::model::{
    Amount, Apis, ByHand, Class, GuardRule, Ids, KindSpec, LinkRule, Logs, LookedAfter, MadeFor, Per,
    Position, QuotaUse, RouteTarget, Scope, Serves, Settle, ShowsLife, States, Unit, WorksAs, words::how,
};

pub(crate) const NAME: &str = "network-acl";

/// What the planner knows of it.
pub const SPEC: KindSpec = KindSpec {
    name: NAME,
    title: "network ACL",
    about: "Packet rules of subnets. The default one of a VPC goes with the VPC.",
    ids: Ids::Prefix("acl-"),
    class: Class::Plumbing,
    position: Position::Nothing,
    serves: Serves::Any,
    works_as: WorksAs::Nobody,
    looked_after: LookedAfter::ByNobody,
    shows_life: ShowsLife::Never,
    made_for: MadeFor::Told,
    states: States::NONE,
    route_target: RouteTarget::No,
    guards: &[GuardRule::OtherAccount],
    by_hand: ByHand("aws ec2 delete-network-acl --network-acl-id {id}"),
    lets_go: None,
    unprotect: None,
    scope: Scope::Regional,
    links: &[
        LinkRule::until_gone(how::WITHIN, "vpc"),
        LinkRule::goes_with(how::MADE_BY, "vpc", Settle::AtOnce),
        LinkRule::after(how::ASSOCIATED, "subnet"),
    ],
    parts: &[],
    settle: Settle::AtOnce,
    patience: 120,
    pause: 0,
    batch: 1,
    quotas: &[QuotaUse::each(NAME, "network ACLs", ("vpc", "L-B4A6D682"), Per::Vpc)
        .counted(Unit::Things, Amount::one_of_ours)],
    priced: &[],
    cost: |_| Vec::new(),
    apis: Apis { list: &["ec2:DescribeNetworkAcls"], delete: &["ec2:DeleteNetworkAcl"] },
    made_by_events: &["CreateNetworkAcl"],
    logs: Logs::NoneKnown,
    arns: &["ec2:network-acl/"],
    deployed: DEPLOYED,
};

/// What deployments call it and use of it.
const DEPLOYED: Deployed = Deployed {
    types: Types {
        terraform: &["aws_network_acl"],
        pulumi: &["aws:ec2/networkAcl:NetworkAcl"],
        cloudformation: &["AWS::EC2::NetworkAcl"],
        adopted: &["aws_default_network_acl", "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl"],
    },
    attributes: &["egress", "ingress", "subnet_ids", "vpc_id"],
    aliases: &[],
    wrappers: &[],
    template: Spelling::SAME,
    sizes: &[],
    uses: Uses::Quotas(|_, _| vec![Use::file("network-acl", Per::Vpc, 1)]),
    parts: |_, _| Vec::new(),
    instance_types: |_| Vec::new(),
    plays: Plays::Nothing,
    name: Naming::Free,
    tags: Tagging::ANY,
};
