//! Lambda functions. Only read: one that is not running now is called at any moment, so its role and the network
//! that it is to run in are in use as long as it stands.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html>

use crate::model::deployed::{Deployed, Naming, Plays, Spelling, Tagging, Types, Uses};
use crate::model::words::how;
use crate::model::{
    Apis, ByHand, Class, Ids, KindSpec, LinkRule, Logs, LookedAfter, MadeFor, Position, Resource,
    RouteTarget, Scope, Serves, Settle, ShowsLife, States, WorksAs,
};

pub(crate) const NAME: &str = "lambda-function";

/// The fact that names the log group that its configuration names.
pub(crate) const LOG_GROUP: &str = "log_group";

/// What the planner knows of it.
pub const SPEC: KindSpec = KindSpec {
    name: NAME,
    title: "Lambda function",
    about: "A function. In a VPC it works through interfaces of its own, which AWS keeps for up to 45 minutes after it.",
    ids: Ids::Name,
    class: Class::Witness,
    position: Position::Nothing,
    serves: Serves::Any,
    works_as: WorksAs::Wholly(&["lambda.amazonaws.com"]),
    looked_after: LookedAfter::ByNobody,
    shows_life: ShowsLife::Calls,
    made_for: MadeFor::Told,
    states: States::NONE,
    route_target: RouteTarget::No,
    guards: &[],
    by_hand: ByHand("aws lambda delete-function --function-name {id}"),
    lets_go: None,
    unprotect: None,
    scope: Scope::Regional,
    links: &[
        LinkRule::in_use(how::USES, "iam-role"),
        // Lambda's own interfaces hold these while there are any, and it makes new ones when it needs them.
        LinkRule::free(how::USES, "subnet"),
        LinkRule::free(how::USES, "security-group"),
        // It would make it anew, without what was in it.
        LinkRule::free(how::LOGS_TO, "log-group"),
    ],
    parts: &[],
    settle: Settle::AtOnce,
    patience: 120,
    pause: 0,
    batch: 1,
    quotas: &[],
    priced: &[],
    cost: |_| Vec::new(),
    apis: Apis { list: &["lambda:ListFunctions", "tag:GetResources"], delete: &[] },
    made_by_events: &["CreateFunction20150331"],
    logs: Logs::Group(log_group),
    arns: &["lambda:function:"],
    deployed: DEPLOYED,
};

/// The log group that its configuration names, else the one that Lambda makes for it.
/// <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html>
fn log_group(it: &Resource) -> Option<String> {
    Some(it.facts.get(LOG_GROUP).cloned().unwrap_or_else(|| format!("/aws/lambda/{}", it.key.id)))
}

/// What deployments call it and use of it.
const DEPLOYED: Deployed = Deployed {
    types: Types {
        terraform: &["aws_lambda_function"],
        pulumi: &["aws:lambda/function:Function"],
        cloudformation: &["AWS::Lambda::Function"],
        adopted: &[],
    },
    attributes: &[],
    aliases: &[],
    wrappers: &[],
    template: Spelling::SAME,
    sizes: &[],
    uses: Uses::NotLookedAt("Lambda functions"),
    parts: |_, _| Vec::new(),
    instance_types: |_| Vec::new(),
    plays: Plays::Nothing,
    name: Naming::Free,
    tags: Tagging::STRICT,
};
