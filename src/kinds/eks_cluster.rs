//! EKS clusters. EKS refuses to delete one that still has node groups; when it goes, its control
//! plane's interfaces and its own security group go with it, and its log group, OIDC provider and
//! whatever its controllers made stay behind.
//!
//! <https://docs.aws.amazon.com/eks/latest/userguide/delete-cluster.html>

use crate::model::deployed::{Deployed, Plays, Spelling, Tagging, Types, UniqueName, Uses, alias};
use crate::model::deployment::Item;
use crate::model::need::{Most, Use, World};
use crate::model::words::{fact, how};
use crate::model::{
    Apis, ByHand, Class, Cost, GuardRule, Ids, KindSpec, LinkRule, Logs, LookedAfter, MadeFor, Per, Position,
    QuotaUse, Resource, RouteTarget, Scope, Serves, Settle, ShowsLife, States, WorksAs,
};

pub(crate) const NAME: &str = "eks-cluster";

/// What the planner knows of it.
pub const SPEC: KindSpec = KindSpec {
    name: NAME,
    title: "EKS cluster",
    about: "A Kubernetes control plane. Its interfaces and the security group that EKS made go with it.",
    ids: Ids::Name,
    class: Class::Workload,
    position: Position::Cluster,
    serves: Serves::Any,
    works_as: WorksAs::Wholly(&["eks.amazonaws.com"]),
    looked_after: LookedAfter::ByNobody,
    shows_life: ShowsLife::Never,
    made_for: MadeFor::Told,
    states: States { coming: &["CREATING", "UPDATING", "PENDING"], leaving: &["DELETING"], gone: &[] },
    route_target: RouteTarget::No,
    guards: &[GuardRule::Protection],
    by_hand: ByHand("aws eks delete-cluster --name {id}"),
    lets_go: None,
    unprotect: Some(ByHand("aws eks update-cluster-config --name {id} --no-deletion-protection")),
    scope: Scope::Regional,
    links: &[
        LinkRule::until_gone(how::WITHIN, "vpc"),
        LinkRule::until_gone(how::WITHIN, "subnet"),
        LinkRule::in_use(how::USES, "security-group"),
        // EKS needs the role to take its own interfaces away.
        LinkRule::in_use(how::USES, "iam-role"),
    ],
    parts: &[],
    settle: Settle::Poll { every: 15, usually: 240, at_most: 2400 },
    patience: 300,
    pause: 0,
    batch: 1,
    quotas: &[QuotaUse::each("eks-cluster", "EKS clusters", ("eks", "L-1194D53C"), Per::Region)],
    priced: &["eks-cluster-standard-support", "eks-cluster-extended-support"],
    cost,
    apis: Apis { list: &["eks:ListClusters", "eks:DescribeCluster"], delete: &["eks:DeleteCluster"] },
    made_by_events: &["CreateCluster"],
    logs: Logs::NoneKnown,
    arns: &["eks:cluster/"],
    deployed: DEPLOYED,
};

/// The last version in extended support on the day of [`crate::price::CHECKED`]: six times the price.
/// <https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html>
const LAST_EXTENDED_MINOR: u32 = 33;

pub(crate) fn cost(resource: &Resource) -> Vec<Cost> {
    let minor =
        resource.facts.get(fact::VERSION).and_then(|text| text.split('.').nth(1)?.parse::<u32>().ok());
    let extended = minor.is_some_and(|minor| minor <= LAST_EXTENDED_MINOR);
    vec![Cost {
        item: if extended { "eks-cluster-extended-support" } else { "eks-cluster-standard-support" },
        units: 1.0,
    }]
}

/// What deployments call it and use of it.
const DEPLOYED: Deployed = Deployed {
    types: Types {
        terraform: &["aws_eks_cluster"],
        pulumi: &["aws:eks/cluster:Cluster"],
        cloudformation: &["AWS::EKS::Cluster", "Custom::AWSCDK-EKS-Cluster"],
        adopted: &[],
    },
    attributes: &[
        "access_config",
        "bootstrap_self_managed_addons",
        "compute_config",
        "enabled_cluster_log_types",
        "kubernetes_network_config",
        "outpost_config",
        "role_arn",
        "storage_config",
        "upgrade_policy",
        "version",
        "vpc_config",
    ],
    aliases: &[alias("resources_vpc_config", "vpc_config")],
    wrappers: &[],
    template: Spelling { hoisted: &["config"], names: &[alias("resources_vpc_config", "vpc_config")] },
    sizes: &[],
    uses: Uses::Quotas(uses),
    parts: |_, _| Vec::new(),
    instance_types: |_| Vec::new(),
    plays: Plays::Cluster,
    name: UniqueName::of("EKS cluster"),
    tags: Tagging::USUAL,
};

/// A cluster has a security group and two to four interfaces of its own:
/// <https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html>.
fn uses(_: &World<'_>, _: &Item) -> Vec<Use> {
    vec![
        Use::file(NAME, Per::Region, 1),
        Use::aws("security-group", Per::Region, 1),
        Use::aws("network-interface", Per::Region, 2).more(Most::Of(2)),
    ]
}
