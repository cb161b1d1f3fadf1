//! Virtual private gateways: the way from a VPC to a network outside AWS. Only read: what uses one is at its other
//! end. AWS deletes no VPC to which one is attached.
//!
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpc.html>

use crate::model::deployed::{Deployed, Naming, Plays, Spelling, Tagging, Types, Uses};
use crate::model::words::how;
use crate::model::{
    Apis, ByHand, Class, Ids, KindSpec, LinkRule, Logs, LookedAfter, MadeFor, Position, Resource,
    RouteTarget, Scope, Serves, Settle, ShowsLife, States, WorksAs,
};

pub(crate) const NAME: &str = "vpn-gateway";

/// What the planner knows of it.
pub const SPEC: KindSpec = KindSpec {
    name: NAME,
    title: "virtual private gateway",
    about: "The VPC's end of a VPN or of Direct Connect.",
    ids: Ids::Prefix("vgw-"),
    class: Class::Witness,
    position: Position::Nothing,
    serves: Serves::Any,
    works_as: WorksAs::Nobody,
    looked_after: LookedAfter::ByNobody,
    shows_life: ShowsLife::Unseen(attached),
    made_for: MadeFor::Told,
    states: States { coming: &["pending"], leaving: &["deleting"], gone: &["deleted"] },
    route_target: RouteTarget::Yes,
    guards: &[],
    by_hand: ByHand("aws ec2 delete-vpn-gateway --vpn-gateway-id {id}"),
    lets_go: Some(ByHand("aws ec2 detach-vpn-gateway --vpn-gateway-id {id} --vpc-id {far}")),
    unprotect: None,
    scope: Scope::Regional,
    links: &[LinkRule::until_gone(how::ATTACHED, "vpc")],
    parts: &[],
    settle: Settle::Poll { every: 5, usually: 15, at_most: 600 },
    patience: 120,
    pause: 0,
    batch: 1,
    quotas: &[],
    priced: &[],
    cost: |_| Vec::new(),
    apis: Apis { list: &["ec2:DescribeVpnGateways"], delete: &[] },
    made_by_events: &["CreateVpnGateway"],
    logs: Logs::NoneKnown,
    arns: &["ec2:vpn-gateway/"],
    deployed: DEPLOYED,
};

/// Whether a connection through it is up shows nowhere that is read.
fn attached(it: &Resource) -> Option<&'static str> {
    let attached = it.links_as(how::ATTACHED).next().is_some();
    attached.then_some("it is attached, and a connection may be up through it")
}

/// What deployments call it and use of it.
const DEPLOYED: Deployed = Deployed {
    types: Types {
        terraform: &["aws_vpn_gateway"],
        pulumi: &["aws:ec2/vpnGateway:VpnGateway"],
        cloudformation: &["AWS::EC2::VPNGateway"],
        adopted: &[],
    },
    attributes: &[],
    aliases: &[],
    wrappers: &[],
    template: Spelling::SAME,
    sizes: &[],
    uses: Uses::NotLookedAt("virtual private gateways"),
    parts: |_, _| Vec::new(),
    instance_types: |_| Vec::new(),
    plays: Plays::Nothing,
    name: Naming::Free,
    tags: Tagging::ANY,
};
