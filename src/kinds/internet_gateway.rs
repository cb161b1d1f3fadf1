//! Internet gateways. Deleting one takes a detach first, and EC2 refuses the detach while anything
//! in the VPC has a public address ("has some mapped public address(es)").
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html>

use crate::model::deployed::{Deployed, Naming, Plays, Spelling, Tagging, Types, Uses};
use crate::model::need::Use;
use crate::model::{
    Amount, Apis, ByHand, Class, Cut, GuardRule, Holds, Ids, KindSpec, LinkRule, Logs, LookedAfter, MadeFor,
    Near, Per, Position, QuotaUse, RouteTarget, Scope, Serves, Settle, ShowsLife, States, Touches, Unit,
    WorksAs, words::how,
};

pub(crate) const NAME: &str = "internet-gateway";

/// What the planner knows of it.
pub const SPEC: KindSpec = KindSpec {
    name: NAME,
    title: "internet gateway",
    about: "The way of a VPC to the internet. It is detached before it is deleted, which AWS refuses while a public address is mapped in the VPC.",
    ids: Ids::Prefix("igw-"),
    class: Class::Plumbing,
    position: Position::WayOut,
    serves: Serves::Any,
    works_as: WorksAs::Nobody,
    looked_after: LookedAfter::ByNobody,
    shows_life: ShowsLife::Never,
    made_for: MadeFor::Told,
    states: States::NONE,
    route_target: RouteTarget::Yes,
    guards: &[GuardRule::OtherAccount],
    by_hand: ByHand("aws ec2 delete-internet-gateway --internet-gateway-id {id}"),
    lets_go: Some(ByHand("aws ec2 detach-internet-gateway --internet-gateway-id {id} --vpc-id {far}")),
    unprotect: None,
    scope: Scope::Regional,
    links: &[LinkRule {
        how: how::ATTACHED,
        to: "vpc",
        holds: Holds::DeleteUntilCut,
        near: Near::CutFirst,
        cut: Some(Cut {
            api: "ec2:DetachInternetGateway",
            touches: Touches::BothEnds,
            by_hand: None,
            settle: Settle::AtOnce,
        }),
    }],
    parts: &[],
    settle: Settle::AtOnce,
    patience: 120,
    pause: 0,
    batch: 1,
    quotas: &[QuotaUse::each(NAME, "internet gateways", ("vpc", "L-A4707A72"), Per::Region)
        .counted(Unit::Things, Amount::one_of_ours)],
    priced: &[],
    cost: |_| Vec::new(),
    apis: Apis { list: &["ec2:DescribeInternetGateways"], delete: &["ec2:DeleteInternetGateway"] },
    made_by_events: &["CreateInternetGateway"],
    logs: Logs::NoneKnown,
    arns: &["ec2:internet-gateway/"],
    deployed: DEPLOYED,
};

/// What deployments call it and use of it.
const DEPLOYED: Deployed = Deployed {
    types: Types {
        terraform: &["aws_internet_gateway"],
        pulumi: &["aws:ec2/internetGateway:InternetGateway"],
        cloudformation: &["AWS::EC2::InternetGateway"],
        adopted: &[],
    },
    attributes: &["vpc_id"],
    aliases: &[],
    wrappers: &[],
    template: Spelling::SAME,
    sizes: &[],
    uses: Uses::Quotas(|_, _| vec![Use::file("internet-gateway", Per::Region, 1)]),
    parts: |_, _| Vec::new(),
    instance_types: |_| Vec::new(),
    plays: Plays::InternetGateway,
    name: Naming::Free,
    tags: Tagging::ANY,
};
