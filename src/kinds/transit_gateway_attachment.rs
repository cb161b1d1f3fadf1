//! A VPC's attachment to a transit gateway, which is another account's in most places and stays in any case. The
//! attachment's interfaces hold their subnets until it is really gone, and what works in its VPC reaches all other
//! networks of the gateway through it: so it goes only if its VPC goes.
//!
//! <https://docs.aws.amazon.com/vpc/latest/tgw/tgw-vpc-attachments.html>

use super::interfaces::in_subnets;
use crate::model::deployed::{Deployed, Naming, Plays, Spelling, Tagging, Types, Uses};
use crate::model::words::how;
use crate::model::{
    Apis, ByHand, Class, Cost, GuardRule, Ids, KindSpec, LinkRule, Logs, LookedAfter, MadeFor, Position,
    RouteTarget, Scope, Serves, Settle, ShowsLife, States, WorksAs,
};

pub(crate) const NAME: &str = "transit-gateway-attachment";

/// What the planner knows of it.
pub const SPEC: KindSpec = KindSpec {
    name: NAME,
    title: "transit gateway attachment",
    about: "Joins a VPC to a transit gateway, which may be another account's.",
    ids: Ids::Prefix("tgw-attach-"),
    // It does work for the networks at its other end: that it lies in a network says nothing of whose it is.
    class: Class::Workload,
    position: Position::Nothing,
    serves: Serves::Any,
    works_as: WorksAs::Nobody,
    looked_after: LookedAfter::ByNobody,
    shows_life: ShowsLife::Never,
    made_for: MadeFor::Told,
    // <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TransitGatewayVpcAttachment.html>. One that failed or
    // was rejected vanishes by itself.
    states: States {
        coming: &["initiating", "initiatingRequest", "pending", "modifying", "rollingBack"],
        leaving: &["deleting", "failing", "rejecting"],
        gone: &["deleted", "failed", "rejected"],
    },
    // A route of a VPC names the transit gateway, which more than one attachment joins.
    route_target: RouteTarget::No,
    guards: &[GuardRule::OtherAccount],
    by_hand: ByHand("aws ec2 delete-transit-gateway-vpc-attachment --transit-gateway-attachment-id {id}"),
    lets_go: None,
    unprotect: None,
    scope: Scope::Regional,
    links: &[LinkRule::until_gone(how::ATTACHED, "vpc"), LinkRule::until_gone(how::WITHIN, "subnet")],
    parts: &[],
    settle: Settle::Poll { every: 15, usually: 90, at_most: 1800 },
    patience: 300,
    pause: 0,
    batch: 1,
    quotas: &[],
    // <https://aws.amazon.com/transit-gateway/pricing/>
    priced: &["transit-gateway-attachment-hours"],
    cost: |_| vec![Cost { item: "transit-gateway-attachment-hours", units: 1.0 }],
    apis: Apis {
        list: &["ec2:DescribeTransitGatewayVpcAttachments"],
        delete: &["ec2:DeleteTransitGatewayVpcAttachment"],
    },
    made_by_events: &["CreateTransitGatewayVpcAttachment"],
    logs: Logs::NoneKnown,
    arns: &["ec2:transit-gateway-attachment/"],
    deployed: DEPLOYED,
};

/// What deployments call it and use of it: an interface in each of its subnets.
const DEPLOYED: Deployed = Deployed {
    types: Types {
        terraform: &["aws_ec2_transit_gateway_vpc_attachment"],
        pulumi: &["aws:ec2transitgateway/vpcAttachment:VpcAttachment"],
        cloudformation: &["AWS::EC2::TransitGatewayAttachment", "AWS::EC2::TransitGatewayVpcAttachment"],
        adopted: &[],
    },
    attributes: &["subnet_ids"],
    aliases: &[],
    wrappers: &[],
    template: Spelling::SAME,
    sizes: &[],
    uses: Uses::Quotas(|_, item| vec![in_subnets(item.properties.at("subnet_ids"))]),
    parts: |_, _| Vec::new(),
    instance_types: |_| Vec::new(),
    plays: Plays::Nothing,
    name: Naming::Free,
    tags: Tagging::ANY,
};
