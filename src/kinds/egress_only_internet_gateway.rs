//! Egress-only internet gateways: the way out for IPv6. One goes with a single call, whatever routes lead to
//! it (they end in a black hole), and its VPC cannot go before it.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/egress-only-internet-gateway.html>

use crate::model::deployed::{Deployed, Naming, Plays, Spelling, Tagging, Types, Uses};
use crate::model::need::Use;
use crate::model::{
    Apis, ByHand, Class, Ids, KindSpec, LinkRule, Logs, LookedAfter, MadeFor, Per, Position, QuotaUse,
    RouteTarget, Scope, Serves, Settle, ShowsLife, States, WorksAs, words::how,
};

pub(crate) const NAME: &str = "egress-only-internet-gateway";

/// What the planner knows of it.
pub const SPEC: KindSpec = KindSpec {
    name: NAME,
    title: "egress-only internet gateway",
    about: "The way out of a VPC for IPv6. It is no interface, so that nothing in a list of those shows why a VPC cannot go.",
    ids: Ids::Prefix("eigw-"),
    class: Class::Plumbing,
    position: Position::Nothing,
    serves: Serves::Any,
    works_as: WorksAs::Nobody,
    looked_after: LookedAfter::ByNobody,
    shows_life: ShowsLife::Never,
    made_for: MadeFor::Told,
    states: States::NONE,
    route_target: RouteTarget::Yes,
    // Its description names no owner: it is the account's own.
    guards: &[],
    by_hand: ByHand("aws ec2 delete-egress-only-internet-gateway --egress-only-internet-gateway-id {id}"),
    lets_go: None,
    unprotect: None,
    scope: Scope::Regional,
    // DeleteVpc answers DependencyViolation while it is attached, and there is no call that detaches it.
    // <https://docs.aws.amazon.com/vpc/latest/userguide/delete-vpc.html>
    links: &[LinkRule::until_gone(how::WITHIN, "vpc")],
    parts: &[],
    settle: Settle::AtOnce,
    patience: 120,
    pause: 0,
    batch: 1,
    quotas: &[QuotaUse::each(NAME, "egress-only internet gateways", ("vpc", "L-45FE3B85"), Per::Region)],
    priced: &[],
    cost: |_| Vec::new(),
    apis: Apis {
        list: &["ec2:DescribeEgressOnlyInternetGateways"],
        delete: &["ec2:DeleteEgressOnlyInternetGateway"],
    },
    made_by_events: &["CreateEgressOnlyInternetGateway"],
    logs: Logs::NoneKnown,
    arns: &["ec2:egress-only-internet-gateway/"],
    deployed: DEPLOYED,
};

/// What deployments call it and use of it.
const DEPLOYED: Deployed = Deployed {
    types: Types {
        terraform: &["aws_egress_only_internet_gateway"],
        pulumi: &["aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway"],
        cloudformation: &["AWS::EC2::EgressOnlyInternetGateway"],
        adopted: &[],
    },
    attributes: &["vpc_id"],
    aliases: &[],
    wrappers: &[],
    template: Spelling::SAME,
    sizes: &[],
    uses: Uses::Quotas(|_, _| vec![Use::file(NAME, Per::Region, 1)]),
    parts: |_, _| Vec::new(),
    instance_types: |_| Vec::new(),
    plays: Plays::Nothing,
    name: Naming::Free,
    tags: Tagging::ANY,
};
