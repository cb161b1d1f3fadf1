//! Services of ECS. Only read: a service starts a task anew for each that ends, with the roles of its task
//! definition, in its subnets and behind its target groups.
//!
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_services.html>

use crate::model::deployed::{Deployed, Naming, Plays, Spelling, Tagging, Types, Uses};
use crate::model::words::how;
use crate::model::{
    Apis, ByHand, Class, Ids, KindSpec, LinkRule, Logs, LookedAfter, MadeFor, Position, RouteTarget, Scope,
    Serves, Settle, ShowsLife, States, WorksAs,
};

pub(crate) const NAME: &str = "ecs-service";

/// What the planner knows of it.
pub const SPEC: KindSpec = KindSpec {
    name: NAME,
    title: "ECS service",
    about: "Keeps so many tasks running.",
    ids: Ids::OfCluster,
    class: Class::Witness,
    position: Position::Nothing,
    serves: Serves::Any,
    // Tasks run without a service as well (a schedule starts some), and are not read.
    works_as: WorksAs::AmongOthers(&["ecs-tasks.amazonaws.com", "ecs.amazonaws.com"]),
    looked_after: LookedAfter::ByNobody,
    shows_life: ShowsLife::Tasks,
    made_for: MadeFor::Told,
    states: States { coming: &[], leaving: &["DRAINING"], gone: &["INACTIVE"] },
    route_target: RouteTarget::No,
    guards: &[],
    by_hand: ByHand("aws ecs delete-service --cluster {cluster} --service {name} --force"),
    lets_go: None,
    unprotect: None,
    scope: Scope::Regional,
    links: &[
        LinkRule::in_use(how::USES, "iam-role"),
        LinkRule::free(how::USES, "target-group"),
        // The interfaces of its tasks hold these while any run.
        LinkRule::free(how::USES, "subnet"),
        LinkRule::free(how::USES, "security-group"),
    ],
    parts: &[],
    settle: Settle::Poll { every: 15, usually: 60, at_most: 1800 },
    patience: 120,
    pause: 0,
    batch: 1,
    quotas: &[],
    priced: &[],
    cost: |_| Vec::new(),
    apis: Apis {
        list: &["ecs:ListClusters", "ecs:ListServices", "ecs:DescribeServices", "ecs:DescribeTaskDefinition"],
        delete: &[],
    },
    made_by_events: &["CreateService"],
    logs: Logs::NoneKnown,
    arns: &["ecs:service/"],
    deployed: DEPLOYED,
};

/// What deployments call it and use of it.
const DEPLOYED: Deployed = Deployed {
    types: Types {
        terraform: &["aws_ecs_service"],
        pulumi: &["aws:ecs/service:Service"],
        cloudformation: &["AWS::ECS::Service"],
        adopted: &[],
    },
    attributes: &[],
    aliases: &[],
    wrappers: &[],
    template: Spelling::SAME,
    sizes: &[],
    uses: Uses::NotLookedAt("ECS services"),
    parts: |_, _| Vec::new(),
    instance_types: |_| Vec::new(),
    plays: Plays::Nothing,
    name: Naming::Free,
    tags: Tagging::STRICT,
};
