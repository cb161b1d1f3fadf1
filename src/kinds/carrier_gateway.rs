//! Carrier gateways: the way from subnets in Wavelength zones to a carrier's network. One goes with a single call,
//! whatever routes lead to it (they end in a black hole), and its VPC cannot go before it.
//!
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteCarrierGateway.html>

use crate::model::deployed::{Deployed, Naming, Plays, Spelling, Tagging, Types, Uses};
use crate::model::{
    Apis, ByHand, Class, GuardRule, Ids, KindSpec, LinkRule, Logs, LookedAfter, MadeFor, Position,
    RouteTarget, Scope, Serves, Settle, ShowsLife, States, WorksAs, words::how,
};

pub(crate) const NAME: &str = "carrier-gateway";

/// What the planner knows of it.
pub const SPEC: KindSpec = KindSpec {
    name: NAME,
    title: "carrier gateway",
    about: "The way from Wavelength zones to a carrier's network.",
    ids: Ids::Prefix("cagw-"),
    class: Class::Plumbing,
    position: Position::Nothing,
    serves: Serves::Any,
    works_as: WorksAs::Nobody,
    looked_after: LookedAfter::ByNobody,
    shows_life: ShowsLife::Never,
    made_for: MadeFor::Told,
    states: States { coming: &["pending"], leaving: &["deleting"], gone: &["deleted"] },
    route_target: RouteTarget::Yes,
    guards: &[GuardRule::OtherAccount],
    by_hand: ByHand("aws ec2 delete-carrier-gateway --carrier-gateway-id {id}"),
    lets_go: None,
    unprotect: None,
    scope: Scope::Regional,
    // There is no call that detaches it.
    links: &[LinkRule::until_gone(how::WITHIN, "vpc")],
    parts: &[],
    settle: Settle::Poll { every: 5, usually: 15, at_most: 600 },
    patience: 120,
    pause: 0,
    batch: 1,
    quotas: &[],
    priced: &[],
    cost: |_| Vec::new(),
    apis: Apis { list: &["ec2:DescribeCarrierGateways"], delete: &["ec2:DeleteCarrierGateway"] },
    made_by_events: &["CreateCarrierGateway"],
    logs: Logs::NoneKnown,
    arns: &["ec2:carrier-gateway/"],
    deployed: DEPLOYED,
};

/// What deployments call it and use of it.
const DEPLOYED: Deployed = Deployed {
    types: Types {
        terraform: &["aws_ec2_carrier_gateway"],
        pulumi: &["aws:ec2/carrierGateway:CarrierGateway"],
        cloudformation: &["AWS::EC2::CarrierGateway"],
        adopted: &[],
    },
    attributes: &[],
    aliases: &[],
    wrappers: &[],
    template: Spelling::SAME,
    sizes: &[],
    uses: Uses::NotLookedAt("carrier gateways"),
    parts: |_, _| Vec::new(),
    instance_types: |_| Vec::new(),
    plays: Plays::Nothing,
    name: Naming::Free,
    tags: Tagging::ANY,
};
