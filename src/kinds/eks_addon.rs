//! EKS add-ons. They go with their cluster and are never deleted by a call of their own: taking the
//! VPC CNI away while nodes still run leaks their interfaces.
//!
//! <https://docs.aws.amazon.com/eks/latest/userguide/eks-add-ons.html>

use crate::model::deployed::{Deployed, Naming, Plays, Spelling, Tagging, Types, Uses};
use crate::model::words::how;
use crate::model::{
    Apis, ByHand, Class, Ids, KindSpec, LinkRule, Logs, LookedAfter, MadeFor, Position, RouteTarget, Scope,
    Serves, Settle, ShowsLife, States, WorksAs,
};

pub(crate) const NAME: &str = "eks-addon";

/// What the planner knows of it.
pub const SPEC: KindSpec = KindSpec {
    name: NAME,
    title: "EKS add-on",
    about: "Software that EKS installs in a cluster. It goes with the cluster as well.",
    ids: Ids::OfCluster,
    class: Class::Workload,
    position: Position::Nothing,
    serves: Serves::Any,
    works_as: WorksAs::Nobody,
    looked_after: LookedAfter::ByNobody,
    shows_life: ShowsLife::Never,
    made_for: MadeFor::Told,
    states: States { coming: &["CREATING", "UPDATING"], leaving: &["DELETING"], gone: &[] },
    route_target: RouteTarget::No,
    guards: &[],
    by_hand: ByHand("aws eks delete-addon --cluster-name {cluster} --addon-name {name}"),
    lets_go: None,
    unprotect: None,
    scope: Scope::Regional,
    links: &[LinkRule::goes_with(how::OF_CLUSTER, "eks-cluster", Settle::AtOnce)],
    parts: &[],
    settle: Settle::Poll { every: 10, usually: 60, at_most: 600 },
    patience: 120,
    pause: 0,
    batch: 1,
    quotas: &[],
    priced: &[],
    cost: |_| Vec::new(),
    apis: Apis {
        list: &["eks:ListClusters", "eks:ListAddons", "eks:DescribeAddon"],
        delete: &["eks:DeleteAddon"],
    },
    made_by_events: &["CreateAddon"],
    logs: Logs::NoneKnown,
    arns: &["eks:addon/"],
    deployed: DEPLOYED,
};

/// What deployments call it and use of it.
const DEPLOYED: Deployed = Deployed {
    types: Types {
        terraform: &["aws_eks_addon"],
        pulumi: &["aws:eks/addon:Addon"],
        cloudformation: &["AWS::EKS::Addon"],
        adopted: &[],
    },
    attributes: &["addon_name", "addon_version", "cluster_name"],
    aliases: &[],
    wrappers: &[],
    template: Spelling::SAME,
    sizes: &[],
    uses: Uses::Nothing,
    parts: |_, _| Vec::new(),
    instance_types: |_| Vec::new(),
    plays: Plays::AddOn,
    name: Naming::Free,
    tags: Tagging::USUAL,
};
