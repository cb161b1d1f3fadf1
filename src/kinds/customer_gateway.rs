//! Customer gateways: what an account calls a router outside AWS that its VPN connections lead to. One costs nothing
//! and does nothing by itself; AWS deletes none that a connection uses.
//!
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteCustomerGateway.html>

use crate::model::deployed::{Deployed, Naming, Plays, Spelling, Tagging, Types, Uses};
use crate::model::{
    Apis, ByHand, Class, Ids, KindSpec, Logs, LookedAfter, MadeFor, Position, RouteTarget, Scope, Serves,
    Settle, ShowsLife, States, WorksAs,
};

pub(crate) const NAME: &str = "customer-gateway";

/// What the planner knows of it.
pub const SPEC: KindSpec = KindSpec {
    name: NAME,
    title: "customer gateway",
    about: "A name for a router outside AWS, to which VPN connections lead.",
    ids: Ids::Prefix("cgw-"),
    // Connections of several stacks may lead to one router.
    class: Class::Tool,
    position: Position::Nothing,
    serves: Serves::Any,
    works_as: WorksAs::Nobody,
    looked_after: LookedAfter::ByNobody,
    shows_life: ShowsLife::Never,
    made_for: MadeFor::Told,
    states: States { coming: &["pending"], leaving: &["deleting"], gone: &["deleted"] },
    route_target: RouteTarget::No,
    guards: &[],
    by_hand: ByHand("aws ec2 delete-customer-gateway --customer-gateway-id {id}"),
    lets_go: None,
    unprotect: None,
    scope: Scope::Regional,
    links: &[],
    parts: &[],
    settle: Settle::Poll { every: 5, usually: 5, at_most: 600 },
    patience: 300,
    pause: 0,
    batch: 1,
    quotas: &[],
    priced: &[],
    cost: |_| Vec::new(),
    apis: Apis { list: &["ec2:DescribeCustomerGateways"], delete: &["ec2:DeleteCustomerGateway"] },
    made_by_events: &["CreateCustomerGateway"],
    logs: Logs::NoneKnown,
    arns: &["ec2:customer-gateway/"],
    deployed: DEPLOYED,
};

/// What deployments call it and use of it.
const DEPLOYED: Deployed = Deployed {
    types: Types {
        terraform: &["aws_customer_gateway"],
        pulumi: &["aws:ec2/customerGateway:CustomerGateway"],
        cloudformation: &["AWS::EC2::CustomerGateway"],
        adopted: &[],
    },
    attributes: &[],
    aliases: &[],
    wrappers: &[],
    template: Spelling::SAME,
    sizes: &[],
    uses: Uses::NotLookedAt("customer gateways"),
    parts: |_, _| Vec::new(),
    instance_types: |_| Vec::new(),
    plays: Plays::Nothing,
    name: Naming::Free,
    tags: Tagging::ANY,
};
