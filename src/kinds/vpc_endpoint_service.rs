//! Endpoint services: a load balancer offered to other VPCs, mostly of other accounts. Only read: who uses one is
//! not seen here. AWS deletes no load balancer that one is made of.
//!
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteLoadBalancer.html>

use crate::model::deployed::{Deployed, Naming, Plays, Spelling, Tagging, Types, Uses};
use crate::model::words::how;
use crate::model::{
    Apis, ByHand, Class, Ids, KindSpec, LinkRule, Logs, LookedAfter, MadeFor, Position, RouteTarget, Scope,
    Serves, Settle, ShowsLife, States, WorksAs,
};

pub(crate) const NAME: &str = "vpc-endpoint-service";

/// What the planner knows of it.
pub const SPEC: KindSpec = KindSpec {
    name: NAME,
    title: "VPC endpoint service",
    about: "Offers a load balancer to other VPCs, mostly of other accounts.",
    ids: Ids::Prefix("vpce-svc-"),
    class: Class::Witness,
    position: Position::Nothing,
    serves: Serves::Any,
    works_as: WorksAs::Nobody,
    looked_after: LookedAfter::ByNobody,
    shows_life: ShowsLife::Never,
    made_for: MadeFor::Told,
    states: States { coming: &["Pending"], leaving: &["Deleting"], gone: &["Deleted"] },
    route_target: RouteTarget::No,
    guards: &[],
    by_hand: ByHand("aws ec2 delete-vpc-endpoint-service-configurations --service-ids {id}"),
    lets_go: None,
    unprotect: None,
    scope: Scope::Regional,
    links: &[LinkRule::until_gone(how::USES, "load-balancer")],
    parts: &[],
    settle: Settle::Poll { every: 5, usually: 15, at_most: 600 },
    patience: 120,
    pause: 0,
    batch: 1,
    quotas: &[],
    priced: &[],
    cost: |_| Vec::new(),
    apis: Apis { list: &["ec2:DescribeVpcEndpointServiceConfigurations"], delete: &[] },
    made_by_events: &["CreateVpcEndpointServiceConfiguration"],
    logs: Logs::NoneKnown,
    arns: &["ec2:vpc-endpoint-service/"],
    deployed: DEPLOYED,
};

/// What deployments call it and use of it.
const DEPLOYED: Deployed = Deployed {
    types: Types {
        terraform: &["aws_vpc_endpoint_service"],
        pulumi: &["aws:ec2/vpcEndpointService:VpcEndpointService"],
        cloudformation: &["AWS::EC2::VPCEndpointService"],
        adopted: &[],
    },
    attributes: &[],
    aliases: &[],
    wrappers: &[],
    template: Spelling::SAME,
    sizes: &[],
    uses: Uses::NotLookedAt("VPC endpoint services"),
    parts: |_, _| Vec::new(),
    instance_types: |_| Vec::new(),
    plays: Plays::Nothing,
    name: Naming::Free,
    tags: Tagging::ANY,
};
