//! EKS managed node groups. One that failed to be created stands there with running instances, costs
//! money and holds its cluster. Deleting it drains its nodes and ends its instances, its Auto Scaling
//! group and the launch template EKS made for it.
//!
//! <https://docs.aws.amazon.com/eks/latest/userguide/delete-managed-node-group.html>

use super::machines::{self, Described, Sizes};
use crate::model::deployed::{Deployed, Naming, Plays, Spelling, Tagging, Types, Uses, alias};
use crate::model::deployment::Item;
use crate::model::need::{Use, World};
use crate::model::value::Value;
use crate::model::words::{fact, how};
use crate::model::{
    Amount, Apis, ByHand, Class, Ids, KindSpec, LinkRule, Logs, LookedAfter, MadeFor, Per, Position,
    QuotaUse, RouteTarget, Scope, Serves, Settle, ShowsLife, States, ToldBy, Unit, WorksAs,
};

pub(crate) const NAME: &str = "eks-nodegroup";

/// What the planner knows of it.
pub const SPEC: KindSpec = KindSpec {
    name: NAME,
    title: "EKS node group",
    about: "Machines that EKS manages for a cluster, with their Auto Scaling group and launch template.",
    ids: Ids::OfCluster,
    class: Class::Workload,
    position: Position::NodeGroup,
    serves: Serves::Any,
    works_as: WorksAs::Wholly(&["ec2.amazonaws.com"]),
    looked_after: LookedAfter::ByNobody,
    shows_life: ShowsLife::Nodes("ACTIVE"),
    made_for: MadeFor::Told,
    states: States { coming: &["CREATING", "UPDATING"], leaving: &["DELETING"], gone: &[] },
    route_target: RouteTarget::No,
    guards: &[],
    by_hand: ByHand("aws eks delete-nodegroup --cluster-name {cluster} --nodegroup-name {name}"),
    lets_go: None,
    unprotect: None,
    scope: Scope::Regional,
    links: &[
        LinkRule::until_gone(how::OF_CLUSTER, "eks-cluster"),
        LinkRule::until_gone(how::WITHIN, "subnet"),
        // Without its role or its template EKS cannot drain it, and the deletion fails.
        LinkRule::in_use(how::USES, "iam-role"),
        LinkRule::until_gone(how::USES, "launch-template"),
        LinkRule::in_use(how::USES, "security-group"),
        // That of its remote access: <https://docs.aws.amazon.com/eks/latest/APIReference/API_RemoteAccessConfig.html>
        LinkRule::free(how::USES, "key-pair"),
    ],
    parts: &[],
    settle: Settle::Poll { every: 15, usually: 300, at_most: 3600 },
    patience: 300,
    pause: 0,
    batch: 1,
    // <https://docs.aws.amazon.com/eks/latest/userguide/service-quotas.html>
    quotas: &[
        QuotaUse::each(NAME, "node groups of a cluster", ("eks", "L-6D54EA21"), Per::Cluster),
        QuotaUse::each("node", "nodes of a node group", ("eks", "L-BD136A63"), Per::Itself)
            .counted(Unit::Things, |it| Amount::of_fact(it, fact::NODES)),
        // EKS makes one for each node group. Groups of other makers are not seen here: what the account
        // has in all, Auto Scaling tells.
        QuotaUse::each(
            "auto-scaling-group",
            "Auto Scaling groups",
            ("autoscaling", "L-CDE20ADC"),
            Per::Region,
        )
        .told_by(ToldBy::AutoScaling)
        .with_others(),
    ],
    priced: &[],
    cost: |_| Vec::new(),
    apis: Apis {
        list: &["eks:ListClusters", "eks:ListNodegroups", "eks:DescribeNodegroup"],
        delete: &["eks:DeleteNodegroup"],
    },
    made_by_events: &["CreateNodegroup"],
    logs: Logs::NoneKnown,
    arns: &["eks:nodegroup/"],
    deployed: DEPLOYED,
};

/// What deployments call it and use of it.
const DEPLOYED: Deployed = Deployed {
    types: Types {
        terraform: &["aws_eks_node_group"],
        pulumi: &["aws:eks/nodeGroup:NodeGroup"],
        cloudformation: &["AWS::EKS::Nodegroup"],
        adopted: &[],
    },
    attributes: &[
        "ami_type",
        "capacity_type",
        "cluster_name",
        "disk_size",
        "instance_types",
        "launch_template",
        "node_group_name",
        "node_group_name_prefix",
        "node_role_arn",
        "release_version",
        "scaling_config",
        "subnet_ids",
        "version",
    ],
    aliases: &[
        alias("node_role", "node_role_arn"),
        alias("nodegroup_name", "node_group_name"),
        alias("subnets", "subnet_ids"),
    ],
    wrappers: &[],
    template: Spelling::of(&[
        alias("nodegroup_name", "node_group_name"),
        alias("node_role", "node_role_arn"),
        alias("subnets", "subnet_ids"),
    ]),
    sizes: &["scaling_config", "instance_types", "capacity_type", "launch_template"],
    uses: Uses::Quotas(uses),
    parts: |_, _| Vec::new(),
    instance_types: types,
    plays: Plays::NodeGroup,
    name: Naming::Free,
    tags: Tagging::USUAL,
};

/// What EKS makes nodes of where neither the group nor its launch template names a type:
/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateNodegroup.html>.
const DEFAULT_TYPE: &str = "t3.medium";

/// A managed node group makes an Auto Scaling group and a launch template of its own, and its nodes:
/// <https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html>.
fn uses(world: &World<'_>, item: &Item) -> Vec<Use> {
    let properties = &item.properties;
    let mut uses = vec![
        Use::file(NAME, Per::Cluster, 1),
        Use::aws("auto-scaling-group", Per::Region, 1),
        Use::aws("launch-template", Per::Region, 1),
    ];
    let sizes = Sizes { wanted: "desired_size", least: "min_size", most: "max_size" };
    let (nodes, more) = sizes.between(properties.at("scaling_config"));
    let templates = machines::templates(world, properties.at("launch_template"));
    let takes_default = !templates.is_empty() || properties.at("launch_template").is_empty();
    let default =
        takes_default.then(|| Value::Map([("instance_type".to_owned(), Value::text(DEFAULT_TYPE))].into()));
    let described = Described::new(properties, templates, default.as_ref());
    uses.extend(described.uses(world, nodes, more));
    uses
}

fn types(item: &Item) -> Vec<String> {
    let named = machines::types(item);
    if named.is_empty() { vec![DEFAULT_TYPE.to_owned()] } else { named }
}
