//! VPC peering connections. An active one joins two networks and keeps both their VPCs from being deleted;
//! whoever owns either end can delete it, and both lose the way. So it goes only if both ends go.
//!
//! <https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html>

use crate::model::deployed::{Deployed, Naming, Plays, Spelling, Tagging, Types, Uses};
use crate::model::{
    Apis, ByHand, Class, GuardRule, Ids, KindSpec, LinkRule, Logs, LookedAfter, MadeFor, Position,
    RouteTarget, Scope, Serves, Settle, ShowsLife, States, WorksAs, words::how,
};

pub(crate) const NAME: &str = "vpc-peering-connection";

/// What the planner knows of it.
pub const SPEC: KindSpec = KindSpec {
    name: NAME,
    title: "VPC peering connection",
    about: "Joins two VPCs, which may be of two accounts.",
    ids: Ids::Prefix("pcx-"),
    // It does work for the network at its other end: that it lies in a network says nothing of whose it is.
    class: Class::Workload,
    position: Position::Nothing,
    serves: Serves::Any,
    works_as: WorksAs::Nobody,
    looked_after: LookedAfter::ByNobody,
    shows_life: ShowsLife::Never,
    made_for: MadeFor::Told,
    // One that failed, expired or was rejected holds nothing, cannot be deleted and vanishes by itself.
    // <https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html#vpc-peering-lifecycle>
    states: States {
        coming: &["initiating-request", "provisioning"],
        leaving: &["deleting"],
        gone: &["deleted", "expired", "failed", "rejected"],
    },
    route_target: RouteTarget::Yes,
    guards: &[GuardRule::OtherAccount],
    by_hand: ByHand("aws ec2 delete-vpc-peering-connection --vpc-peering-connection-id {id}"),
    lets_go: None,
    unprotect: None,
    scope: Scope::Regional,
    links: &[LinkRule::until_gone(how::ATTACHED, "vpc")],
    parts: &[],
    settle: Settle::Poll { every: 5, usually: 15, at_most: 600 },
    patience: 120,
    pause: 0,
    batch: 1,
    // A connection counts in the quotas of both its VPCs, which are of two owners at times: not looked at.
    quotas: &[],
    priced: &[],
    cost: |_| Vec::new(),
    apis: Apis { list: &["ec2:DescribeVpcPeeringConnections"], delete: &["ec2:DeleteVpcPeeringConnection"] },
    made_by_events: &["CreateVpcPeeringConnection"],
    logs: Logs::NoneKnown,
    arns: &["ec2:vpc-peering-connection/"],
    deployed: DEPLOYED,
};

/// What deployments call it and use of it.
const DEPLOYED: Deployed = Deployed {
    types: Types {
        terraform: &["aws_vpc_peering_connection"],
        pulumi: &["aws:ec2/vpcPeeringConnection:VpcPeeringConnection"],
        cloudformation: &["AWS::EC2::VPCPeeringConnection"],
        adopted: &[],
    },
    attributes: &["peer_owner_id", "peer_region", "peer_vpc_id", "vpc_id"],
    aliases: &[],
    wrappers: &[],
    template: Spelling::SAME,
    sizes: &[],
    uses: Uses::NotLookedAt("VPC peering connections"),
    parts: |_, _| Vec::new(),
    instance_types: |_| Vec::new(),
    plays: Plays::Nothing,
    name: Naming::Free,
    tags: Tagging::ANY,
};
