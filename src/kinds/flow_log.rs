//! Flow logs: records of the traffic of a network, a subnet or an interface, written as a role into a log group or
//! elsewhere. One looks on and uses nothing of what it watches, so it keeps no network, and AWS deletes a network that
//! one watches. Its role and its log group are at work as long as it stands.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs.html>

use crate::model::deployed::{Deployed, Naming, Plays, Spelling, Tagging, Types, Uses};
use crate::model::words::how;
use crate::model::{
    Apis, ByHand, Class, Ids, KindSpec, LinkRule, Logs, LookedAfter, MadeFor, Position, RouteTarget, Scope,
    Serves, Settle, ShowsLife, States, WorksAs,
};

pub(crate) const NAME: &str = "flow-log";

/// What the planner knows of it.
pub const SPEC: KindSpec = KindSpec {
    name: NAME,
    title: "flow log",
    about: "Records of the traffic of a network, a subnet or an interface. What was written stays where it is.",
    ids: Ids::Prefix("fl-"),
    // Whoever answers for a network's safety may watch one that is not his: it needs a claim of its own.
    class: Class::Workload,
    position: Position::Nothing,
    serves: Serves::Any,
    // <https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html>
    works_as: WorksAs::Wholly(&["vpc-flow-logs.amazonaws.com"]),
    looked_after: LookedAfter::ByNobody,
    // That there is traffic to write about is nobody's life: scanners knock everywhere.
    shows_life: ShowsLife::Never,
    made_for: MadeFor::Told,
    states: States::NONE,
    route_target: RouteTarget::No,
    guards: &[],
    by_hand: ByHand("aws ec2 delete-flow-logs --flow-log-ids {id}"),
    lets_go: None,
    unprotect: None,
    scope: Scope::Regional,
    links: &[
        // It goes with what it watches, or before that: a call for one that is gone is a success.
        LinkRule::free(how::WATCHES, "vpc"),
        LinkRule::free(how::WATCHES, "subnet"),
        LinkRule::free(how::WATCHES, "network-interface"),
        // AWS lets both go, and nothing is recorded any more.
        LinkRule::in_use(how::USES, "iam-role"),
        LinkRule::free(how::USES, "log-group"),
    ],
    parts: &[],
    settle: Settle::AtOnce,
    patience: 60,
    pause: 0,
    // The call takes 1,000.
    // <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteFlowLogs.html>
    batch: 100,
    quotas: &[],
    priced: &[],
    // What is ingested and stored is billed where it is written to.
    cost: |_| Vec::new(),
    apis: Apis { list: &["ec2:DescribeFlowLogs"], delete: &["ec2:DeleteFlowLogs"] },
    made_by_events: &["CreateFlowLogs"],
    logs: Logs::NoneKnown,
    arns: &["ec2:vpc-flow-log/"],
    deployed: DEPLOYED,
};

/// What deployments call it and use of it.
const DEPLOYED: Deployed = Deployed {
    types: Types {
        terraform: &["aws_flow_log"],
        pulumi: &["aws:ec2/flowLog:FlowLog"],
        cloudformation: &["AWS::EC2::FlowLog"],
        adopted: &[],
    },
    attributes: &[],
    aliases: &[],
    wrappers: &[],
    template: Spelling::SAME,
    sizes: &[],
    uses: Uses::Nothing,
    parts: |_, _| Vec::new(),
    instance_types: |_| Vec::new(),
    plays: Plays::Nothing,
    name: Naming::Free,
    tags: Tagging::ANY,
};
