//! CloudWatch log groups. They hold data, so they go only when named. A live EKS cluster makes its
//! log group anew, so it goes after the cluster.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogGroup.html>

use crate::model::deployed::{Deployed, Plays, Spelling, Tagging, Types, UniqueName, Uses, alias};
use crate::model::need::Use;
use crate::model::words::{fact, how};
use crate::model::{
    Apis, ByHand, Class, Cost, GuardRule, Ids, KindSpec, LinkRule, Logs, LookedAfter, MadeFor, Per, Position,
    QuotaUse, RouteTarget, Scope, Serves, Settle, ShowsLife, States, WorksAs,
};

pub(crate) const NAME: &str = "log-group";

/// Bytes in a GiB.
const GIB: f64 = 1_073_741_824.0;

/// What the planner knows of it.
pub const SPEC: KindSpec = KindSpec {
    name: NAME,
    title: "log group",
    about: "Logs. Deleting one loses them.",
    ids: Ids::Name,
    class: Class::Data,
    position: Position::Nothing,
    serves: Serves::Any,
    works_as: WorksAs::Nobody,
    looked_after: LookedAfter::ByNobody,
    shows_life: ShowsLife::Never,
    made_for: MadeFor::ClusterInName(cluster_of),
    states: States::NONE,
    route_target: RouteTarget::No,
    guards: &[GuardRule::Protection],
    by_hand: ByHand("aws logs delete-log-group --log-group-name {id}"),
    lets_go: None,
    unprotect: Some(ByHand(
        "aws logs put-log-group-deletion-protection --log-group-identifier {id} --no-deletion-protection-enabled",
    )),
    scope: Scope::Regional,
    links: &[LinkRule::after_if_goes(how::MADE_FOR, "eks-cluster")],
    parts: &[],
    settle: Settle::AtOnce,
    patience: 60,
    pause: 0,
    batch: 1,
    quotas: &[QuotaUse::each(NAME, "log groups", ("logs", "L-C7B9AAAB"), Per::Region)],
    priced: &["log-storage-gib"],
    cost: |resource| {
        let bytes = resource.facts.get(fact::STORED_BYTES).and_then(|text| text.parse::<f64>().ok());
        vec![Cost { item: "log-storage-gib", units: bytes.unwrap_or(0.0) / GIB }]
    },
    apis: Apis {
        list: &["logs:DescribeLogGroups", "tag:GetResources", "logs:ListTagsForResource"],
        delete: &["logs:DeleteLogGroup"],
    },
    made_by_events: &["CreateLogGroup"],
    logs: Logs::Itself,
    arns: &["logs:log-group:"],
    deployed: DEPLOYED,
};

/// What deployments call it and use of it.
const DEPLOYED: Deployed = Deployed {
    types: Types {
        terraform: &["aws_cloudwatch_log_group"],
        pulumi: &["aws:cloudwatch/logGroup:LogGroup"],
        cloudformation: &["AWS::Logs::LogGroup"],
        adopted: &[],
    },
    attributes: &["log_group_class", "retention_in_days"],
    aliases: &[alias("log_group_name", "name")],
    wrappers: &[],
    template: Spelling::of(&[alias("log_group_name", "name")]),
    sizes: &[],
    uses: Uses::Quotas(|_, _| vec![Use::file("log-group", Per::Region, 1)]),
    parts: |_, _| Vec::new(),
    instance_types: |_| Vec::new(),
    plays: Plays::Nothing,
    // <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html>
    name: UniqueName::of("log group"),
    tags: Tagging::STRICT,
};

/// The cluster whose control plane writes to it (EKS User Guide, "Send control plane logs to CloudWatch Logs").
fn cluster_of(name: &str) -> Option<&str> {
    name.strip_prefix("/aws/eks/")?.strip_suffix("/cluster").filter(|cluster| !cluster.is_empty())
}
