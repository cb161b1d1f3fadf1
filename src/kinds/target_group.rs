//! Target groups. They outlive their load balancer and are refused while a listener still names them.
//!
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteTargetGroup.html>

use crate::model::deployed::{Deployed, Plays, Spelling, Tagging, Types, UniqueName, Uses};
use crate::model::need::Use;
use crate::model::words::{fact, how};
use crate::model::{
    Amount, Apis, ByHand, Class, Ids, KindSpec, LinkRule, Logs, LookedAfter, MadeFor, Per, Position,
    QuotaUse, RouteTarget, Scope, Serves, Settle, ShowsLife, States, ToldBy, Unit, WorksAs,
};

pub(crate) const NAME: &str = "target-group";

/// What the planner knows of it.
pub const SPEC: KindSpec = KindSpec {
    name: NAME,
    title: "target group",
    about: "Where a load balancer sends what it takes in.",
    ids: Ids::Arn { service: "elasticloadbalancing", resource: "targetgroup/{}/50dc6c495c0c9188" },
    class: Class::Workload,
    position: Position::Nothing,
    serves: Serves::Any,
    works_as: WorksAs::Nobody,
    looked_after: LookedAfter::FromNodes,
    shows_life: ShowsLife::Targets,
    made_for: MadeFor::Told,
    states: States::NONE,
    route_target: RouteTarget::No,
    guards: &[],
    by_hand: ByHand("aws elbv2 delete-target-group --target-group-arn {id}"),
    lets_go: None,
    unprotect: None,
    scope: Scope::Regional,
    links: &[
        LinkRule::after(how::BEHIND, "load-balancer"),
        // A target group names its VPC but does not hold it.
        LinkRule::free(how::WITHIN, "vpc"),
        LinkRule::after_if_goes(how::MANAGED_FROM, "eks-nodegroup"),
    ],
    parts: &[],
    settle: Settle::AtOnce,
    // "In use" is answered for a while after the load balancer and its listeners are gone, and no
    // describe tells when that ends.
    patience: 180,
    pause: 30,
    batch: 1,
    // Those of gateway load balancers, which alone speak GENEVE, have another quota.
    // <https://docs.aws.amazon.com/elasticloadbalancing/latest/gateway/quotas-limits.html>
    quotas: &[QuotaUse::each(NAME, "target groups", ("elasticloadbalancing", "L-B22855CB"), Per::Region)
        .told_by(ToldBy::LoadBalancing("target-groups"))
        .counted(Unit::Things, |it| {
            let geneve = it.facts.get(fact::PROTOCOL).is_some_and(|protocol| protocol == "GENEVE");
            Amount::Known(u64::from(!geneve))
        })],
    priced: &[],
    cost: |_| Vec::new(),
    apis: Apis {
        list: &[
            "elasticloadbalancing:DescribeTargetGroups",
            "elasticloadbalancing:DescribeTags",
            "elasticloadbalancing:DescribeTargetHealth",
        ],
        delete: &["elasticloadbalancing:DeleteTargetGroup"],
    },
    made_by_events: &["CreateTargetGroup"],
    logs: Logs::NoneKnown,
    arns: &["elasticloadbalancing:targetgroup/"],
    deployed: DEPLOYED,
};

/// What deployments call it and use of it.
const DEPLOYED: Deployed = Deployed {
    types: Types {
        terraform: &["aws_lb_target_group", "aws_alb_target_group"],
        pulumi: &[
            "aws:lb/targetGroup:TargetGroup",
            "aws:alb/targetGroup:TargetGroup",
            "aws:elasticloadbalancingv2/targetGroup:TargetGroup",
            "aws:applicationloadbalancing/targetGroup:TargetGroup",
        ],
        cloudformation: &["AWS::ElasticLoadBalancingV2::TargetGroup"],
        adopted: &[],
    },
    attributes: &["port", "protocol", "target_type", "vpc_id"],
    aliases: &[],
    wrappers: &[],
    template: Spelling::SAME,
    sizes: &[],
    uses: Uses::Quotas(|_, _| vec![Use::file("target-group", Per::Region, 1)]),
    parts: |_, _| Vec::new(),
    instance_types: |_| Vec::new(),
    plays: Plays::Nothing,
    name: UniqueName::of("target group"),
    tags: Tagging::STRICT,
};
