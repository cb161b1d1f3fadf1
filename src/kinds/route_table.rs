//! Route tables. One cannot go while a subnet or a gateway is associated with it; the main one goes
//! with its VPC and in no other way. Its routes hold nothing: AWS lets them end in a black hole.
//! Only routes to a Gateway Load Balancer endpoint must be taken out before that endpoint can go.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/WorkWithRouteTables.html>

use crate::model::deployed::{Deployed, Naming, Plays, Spelling, Tagging, Types, Uses, alias};
use crate::model::need::Use;
use crate::model::words::{fact as facts, how};
use crate::model::{
    Amount, Apis, ByHand, Class, Cut, GuardRule, Holds, Ids, KindSpec, LinkRule, Logs, LookedAfter, MadeFor,
    Near, Per, Position, QuotaUse, RouteTarget, Scope, Serves, Settle, ShowsLife, States, Touches, Unit,
    WorksAs,
};

pub(crate) const NAME: &str = "route-table";

/// What the planner knows of it.
pub const SPEC: KindSpec = KindSpec {
    name: NAME,
    title: "route table",
    about: "Says where packets leave a subnet for. The main one of a VPC goes with the VPC.",
    ids: Ids::Prefix("rtb-"),
    class: Class::Plumbing,
    position: Position::Nothing,
    serves: Serves::Any,
    works_as: WorksAs::Nobody,
    looked_after: LookedAfter::ByNobody,
    shows_life: ShowsLife::Never,
    made_for: MadeFor::Told,
    states: States::NONE,
    route_target: RouteTarget::No,
    guards: &[GuardRule::OtherAccount, GuardRule::UnknownMaker],
    by_hand: ByHand("aws ec2 delete-route-table --route-table-id {id}"),
    lets_go: None,
    unprotect: None,
    scope: Scope::Regional,
    links: &[
        LinkRule::until_gone(how::WITHIN, "vpc"),
        LinkRule::goes_with(how::MADE_BY, "vpc", Settle::AtOnce),
        // Deleting a subnet drops its association. To disassociate instead would put a subnet that
        // stays on the main table: so a table goes after its subnets, and stays if one of them does.
        LinkRule::after(how::ASSOCIATED, "subnet"),
        // For what comes in through a gateway. Whether a gateway could be detached with it standing
        // is not documented: so the association goes first, and only if both ends go.
        LinkRule {
            how: how::ASSOCIATED,
            to: "internet-gateway",
            holds: Holds::DeleteAndCuts,
            near: Near::CutFirst,
            cut: Some(Cut {
                api: "ec2:DisassociateRouteTable",
                touches: Touches::BothEnds,
                by_hand: None,
                settle: Settle::AtOnce,
            }),
        },
        // <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpcEndpoints.html>
        LinkRule {
            how: how::ROUTES_THROUGH,
            to: "vpc-endpoint",
            holds: Holds::DeleteUntilCut,
            near: Near::Free,
            cut: Some(Cut {
                api: "ec2:DeleteRoute",
                touches: Touches::BothEnds,
                by_hand: None,
                settle: Settle::AtOnce,
            }),
        },
        // A route to a transit gateway works as long as its VPC is attached there.
        LinkRule::free(how::ROUTES_OVER, "transit-gateway-attachment"),
        // AWS lets the far end go and leaves the route a black hole, which cuts off what still works in the table's
        // subnets.
        LinkRule::free(how::ROUTES_THROUGH, LinkRule::ANY_ROUTE_TARGET),
    ],
    parts: &[],
    settle: Settle::AtOnce,
    patience: 120,
    pause: 0,
    batch: 1,
    quotas: &[
        // The main one counts as well.
        QuotaUse::each(NAME, "route tables", ("vpc", "L-589F43AA"), Per::Vpc)
            .counted(Unit::Things, Amount::one_of_ours),
        QuotaUse::each("route", "routes of a table", ("vpc", "L-93826ACB"), Per::Itself)
            .counted(Unit::Things, |it| Amount::if_ours(it, || Amount::of_fact(it, facts::ROUTES))),
    ],
    priced: &[],
    cost: |_| Vec::new(),
    apis: Apis {
        list: &["ec2:DescribeRouteTables"],
        delete: &["ec2:DeleteRouteTable", "ec2:DisassociateRouteTable"],
    },
    made_by_events: &["CreateRouteTable"],
    logs: Logs::NoneKnown,
    arns: &["ec2:route-table/"],
    deployed: DEPLOYED,
};

/// What deployments call it and use of it.
const DEPLOYED: Deployed = Deployed {
    types: Types {
        terraform: &["aws_route_table"],
        pulumi: &["aws:ec2/routeTable:RouteTable"],
        cloudformation: &["AWS::EC2::RouteTable"],
        adopted: &["aws_default_route_table", "aws:ec2/defaultRouteTable:DefaultRouteTable"],
    },
    attributes: &["propagating_vgws", "route", "vpc_id"],
    aliases: &[alias("routes", "route")],
    wrappers: &[],
    template: Spelling::SAME,
    sizes: &[],
    uses: Uses::Quotas(|_, _| vec![Use::file("route-table", Per::Vpc, 1)]),
    parts: |_, _| Vec::new(),
    instance_types: |_| Vec::new(),
    plays: Plays::RouteTable,
    name: Naming::Free,
    tags: Tagging::ANY,
};
