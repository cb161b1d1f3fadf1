//! Virtual private gateways: the way from a VPC to a network outside AWS. One has to be detached before it can go,
//! which takes minutes, and AWS deletes no VPC to which one is attached. What uses it is at its other end: VPN
//! connections tell whether they are up, Direct Connect tells nothing that is read.
//!
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DetachVpnGateway.html>

use crate::model::deployed::{Deployed, Naming, Plays, Spelling, Tagging, Types, Uses};
use crate::model::words::how;
use crate::model::{
    Apis, ByHand, Class, Cut, Holds, Ids, KindSpec, LinkRule, Logs, LookedAfter, MadeFor, Near, Position,
    Resource, RouteTarget, Scope, Serves, Settle, ShowsLife, States, Touches, WorksAs,
};

pub(crate) const NAME: &str = "vpn-gateway";

/// What the planner knows of it.
pub const SPEC: KindSpec = KindSpec {
    name: NAME,
    title: "virtual private gateway",
    about: "The VPC's end of a VPN or of Direct Connect.",
    ids: Ids::Prefix("vgw-"),
    // It does work for the network at its other end: that it lies in a network says nothing of whose it is.
    class: Class::Workload,
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
    // AWS answers IncorrectState to the deletion of one that is attached, and DependencyViolation to that of its VPC.
    links: &[LinkRule {
        how: how::ATTACHED,
        to: "vpc",
        holds: Holds::DeleteUntilCut,
        near: Near::CutFirst,
        cut: Some(Cut {
            api: "ec2:DetachVpnGateway",
            touches: Touches::BothEnds,
            by_hand: None,
            // "You must wait for the attachment's state to switch to detached before you can delete the VPC", on the
            // page of the call; minutes where Direct Connect was there.
            settle: Settle::Poll { every: 15, usually: 120, at_most: 1800 },
        }),
    }],
    parts: &[],
    settle: Settle::Poll { every: 5, usually: 15, at_most: 600 },
    patience: 300,
    pause: 0,
    batch: 1,
    quotas: &[],
    priced: &[],
    cost: |_| Vec::new(),
    apis: Apis { list: &["ec2:DescribeVpnGateways"], delete: &["ec2:DeleteVpnGateway"] },
    made_by_events: &["CreateVpnGateway"],
    logs: Logs::NoneKnown,
    arns: &["ec2:vpn-gateway/"],
    deployed: DEPLOYED,
};

/// VPN connections through it show whether they are up; a virtual interface of Direct Connect is not read.
/// <https://docs.aws.amazon.com/directconnect/latest/UserGuide/virtualgateways.html>
fn attached(it: &Resource) -> Option<&'static str> {
    let attached = it.links_as(how::ATTACHED).next().is_some();
    attached.then_some("it is attached, and Direct Connect may lead through it, which is not read")
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
