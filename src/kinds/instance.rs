//! EC2 instances. A terminated one is still described for an hour: it is gone. One that something
//! would replace (a node group, an Auto Scaling group, EKS Auto Mode) is not ours to terminate.
//!
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/terminating-instances.html>

use super::machines::{self, Described};
use super::vcpus;
use crate::model::deployed::{Deployed, Naming, Plays, Spelling, Tagging, Types, Uses, alias};
use crate::model::deployment::Item;
use crate::model::need::{Most, Use, World};
use crate::model::words::{fact as facts, how};
use crate::model::{
    Apis, ByHand, Class, Cost, GuardRule, Ids, KindSpec, LinkRule, Logs, LookedAfter, MadeFor, Position,
    Resource, RouteTarget, Scope, Serves, Settle, ShowsLife, States, WorksAs,
};

pub(crate) const NAME: &str = "instance";

pub(crate) const TERMINATE: &str = "ec2:TerminateInstances";

/// What the planner knows of it.
pub const SPEC: KindSpec = KindSpec {
    name: NAME,
    title: "EC2 instance",
    about: "A virtual machine. Its root volume and its interfaces go with it where they were made so.",
    ids: Ids::Prefix("i-"),
    class: Class::Workload,
    position: Position::Machine,
    serves: Serves::Any,
    works_as: WorksAs::Wholly(&["ec2.amazonaws.com"]),
    looked_after: LookedAfter::FromNodes,
    shows_life: ShowsLife::Machine { runs: "running", rests: &["stopping", "stopped"] },
    made_for: MadeFor::Told,
    states: States { coming: &["pending"], leaving: &["shutting-down"], gone: &["terminated"] },
    route_target: RouteTarget::No,
    guards: &[GuardRule::Protection, GuardRule::OtherAccount, GuardRule::UnknownMaker],
    by_hand: ByHand("aws ec2 terminate-instances --instance-ids {id}"),
    lets_go: None,
    unprotect: Some(ByHand(
        "aws ec2 modify-instance-attribute --instance-id {id} --no-disable-api-termination",
    )),
    scope: Scope::Regional,
    links: &[
        LinkRule::until_gone(how::WITHIN, "subnet"),
        LinkRule::until_gone(how::WITHIN, "vpc"),
        LinkRule::in_use(how::USES, "security-group"),
        // AWS would let the profile go, and leave a running instance without its permissions.
        LinkRule::in_use(how::USES, "iam-instance-profile"),
        LinkRule::free(how::USES, "launch-template"),
        // The next one that is launched like it needs its key pair, and nobody gets that back.
        LinkRule::free(how::USES, "key-pair"),
        // <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeletePlacementGroup.html>
        LinkRule::until_gone(how::USES, "placement-group"),
        // Karpenter runs on a node group and replaces a node of its own that is terminated.
        LinkRule::after_if_goes(how::MANAGED_FROM, "eks-nodegroup"),
        LinkRule::goes_with(
            how::MADE_BY,
            "eks-nodegroup",
            Settle::Poll { every: 15, usually: 60, at_most: 1200 },
        ),
        // It would start another in its place.
        LinkRule::goes_with(
            how::MADE_BY,
            "auto-scaling-group",
            Settle::Poll { every: 15, usually: 60, at_most: 1200 },
        ),
    ],
    parts: &[],
    settle: Settle::Poll { every: 15, usually: 90, at_most: 900 },
    patience: 120,
    pause: 0,
    // Up to 1,000 would go into one call; but one that is refused fails the call.
    batch: 50,
    quotas: vcpus::QUOTAS,
    priced: &PRICED,
    cost,
    apis: Apis { list: &["ec2:DescribeInstances", "ec2:DescribeInstanceAttribute"], delete: &[TERMINATE] },
    made_by_events: &["RunInstances"],
    logs: Logs::NoneKnown,
    arns: &["ec2:instance/"],
    deployed: DEPLOYED,
};

/// The types that have a price, as the price table calls them.
pub(super) const PRICED: [&str; 9] = [
    "instance-t3.micro",
    "instance-t3.small",
    "instance-t3.medium",
    "instance-t3.large",
    "instance-t3.xlarge",
    "instance-m5.large",
    "instance-m5.xlarge",
    "instance-m5.2xlarge",
    "public-ipv4",
];

/// Its hours while it is not stopped, by the price of Linux, and the addresses that AWS lent it.
/// Elastic IPs and volumes are counted where they stand.
pub(crate) fn cost(resource: &Resource) -> Vec<Cost> {
    let mut costs = Vec::new();
    if !matches!(resource.state.as_deref(), Some("stopped" | "stopping")) {
        let kind = resource.facts.get(facts::INSTANCE_TYPE).map(String::as_str).unwrap_or_default();
        // A type without a price makes the whole unknown, never nothing.
        let priced = PRICED.into_iter().find(|item| item.strip_prefix("instance-") == Some(kind));
        let item = priced.unwrap_or("instance-of-unknown-type");
        costs.push(Cost { item, units: 1.0 });
    }
    let lent = resource.facts.get(facts::LENT_ADDRESSES).and_then(|count| count.parse().ok());
    costs.extend(lent.map(|units| Cost { item: "public-ipv4", units }));
    costs
}

/// What deployments call it and use of it.
const DEPLOYED: Deployed = Deployed {
    types: Types {
        terraform: &["aws_instance"],
        pulumi: &["aws:ec2/instance:Instance"],
        cloudformation: &["AWS::EC2::Instance"],
        adopted: &[],
    },
    attributes: &[
        "ami",
        "availability_zone",
        "cpu_options",
        "ebs_block_device",
        "instance_lifecycle",
        "instance_market_options",
        "instance_type",
        "launch_template",
        "network_interface",
        "root_block_device",
        "subnet_id",
        "tenancy",
        "user_data",
        "user_data_base64",
        "volume_tags",
    ],
    aliases: &[
        alias("ebs_block_devices", "ebs_block_device"),
        alias("image_id", "ami"),
        alias("network_interfaces", "network_interface"),
    ],
    wrappers: &[],
    template: Spelling::of(&[
        alias("image_id", "ami"),
        alias("security_group_ids", "vpc_security_group_ids"),
    ]),
    sizes: &["instance_type"],
    uses: Uses::Quotas(uses),
    parts: |_, _| Vec::new(),
    instance_types: machines::types,
    plays: Plays::Nodes,
    name: Naming::Free,
    tags: Tagging::ANY,
};

/// One instance; where it names no type itself, its launch template does.
fn uses(world: &World<'_>, item: &Item) -> Vec<Use> {
    let templates = machines::templates(world, item.properties.at("launch_template"));
    Described::new(&item.properties, templates, None).uses(world, 1, Most::Of(0))
}
