//! Site-to-Site VPN connections: two tunnels each, from a virtual private gateway, a transit gateway or Cloud WAN to
//! somebody's router outside AWS. AWS tells of each tunnel whether it is up and when that changed last; it deletes a
//! connection whatever works through it, so a tunnel that is up is a sign of life.
//!
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VgwTelemetry.html>

use crate::model::deployed::{Deployed, Naming, Plays, Spelling, Tagging, Types, Uses};
use crate::model::words::how;
use crate::model::{
    Apis, ByHand, Class, Cost, Ids, KindSpec, LinkRule, Logs, LookedAfter, MadeFor, Position, RouteTarget,
    Scope, Serves, Settle, ShowsLife, States, WorksAs,
};

pub(crate) const NAME: &str = "vpn-connection";

/// What the planner knows of it.
pub const SPEC: KindSpec = KindSpec {
    name: NAME,
    title: "VPN connection",
    about: "Two tunnels between a gateway here and a router outside AWS.",
    ids: Ids::Prefix("vpn-"),
    class: Class::Workload,
    position: Position::Nothing,
    serves: Serves::Any,
    works_as: WorksAs::Nobody,
    looked_after: LookedAfter::ByNobody,
    shows_life: ShowsLife::Tunnels,
    made_for: MadeFor::Told,
    states: States { coming: &["pending", "modifying"], leaving: &["deleting"], gone: &["deleted"] },
    route_target: RouteTarget::No,
    guards: &[],
    by_hand: ByHand("aws ec2 delete-vpn-connection --vpn-connection-id {id}"),
    lets_go: None,
    unprotect: None,
    scope: Scope::Regional,
    links: &[
        // One that stays needs its gateway attached. AWS answers IncorrectState to the deletion of either gateway.
        LinkRule::in_use(how::USES, "vpn-gateway"),
        LinkRule::until_gone(how::USES, "customer-gateway"),
    ],
    parts: &[],
    // The SDK's waiter looks every 15 s, for ten minutes.
    settle: Settle::Poll { every: 15, usually: 180, at_most: 1800 },
    patience: 120,
    pause: 0,
    batch: 1,
    quotas: &[],
    // <https://aws.amazon.com/vpn/pricing/>
    priced: &["vpn-connection-hours"],
    cost: |_| vec![Cost { item: "vpn-connection-hours", units: 1.0 }],
    apis: Apis { list: &["ec2:DescribeVpnConnections"], delete: &["ec2:DeleteVpnConnection"] },
    made_by_events: &["CreateVpnConnection"],
    logs: Logs::NoneKnown,
    arns: &["ec2:vpn-connection/"],
    deployed: DEPLOYED,
};

/// What deployments call it and use of it.
const DEPLOYED: Deployed = Deployed {
    types: Types {
        terraform: &["aws_vpn_connection"],
        pulumi: &["aws:ec2/vpnConnection:VpnConnection"],
        cloudformation: &["AWS::EC2::VPNConnection"],
        adopted: &[],
    },
    attributes: &[],
    aliases: &[],
    wrappers: &[],
    template: Spelling::SAME,
    sizes: &[],
    uses: Uses::NotLookedAt("VPN connections"),
    parts: |_, _| Vec::new(),
    instance_types: |_| Vec::new(),
    plays: Plays::Nothing,
    name: Naming::Free,
    tags: Tagging::ANY,
};
