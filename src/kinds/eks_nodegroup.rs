//! EKS managed node groups. One that failed to be created stands there with running instances, costs
//! money and holds its cluster. Deleting it drains its nodes and ends its instances, its Auto Scaling
//! group and the launch template EKS made for it.
//!
//! <https://docs.aws.amazon.com/eks/latest/userguide/delete-managed-node-group.html>

use crate::model::words::{fact, how};
use crate::model::{
    Amount, Apis, ByHand, Class, Ids, KindSpec, LinkRule, LookedAfter, MadeFor, Per, Position, QuotaUse,
    RouteTarget, Scope, Serves, Settle, States, ToldBy, Unit,
};

pub(crate) const NAME: &str = "eks-nodegroup";

/// What the planner knows of it.
pub const SPEC: KindSpec = KindSpec {
    name: NAME,
    title: "EKS node group",
    ids: Ids::OfCluster,
    class: Class::Workload,
    position: Position::NodeGroup,
    serves: Serves::Any,
    looked_after: LookedAfter::ByNobody,
    made_for: MadeFor::Told,
    states: States { coming: &["CREATING", "UPDATING"], leaving: &["DELETING"], gone: &[] },
    route_target: RouteTarget::No,
    guards: &[],
    by_hand: ByHand("aws eks delete-nodegroup --cluster-name {cluster} --nodegroup-name {name}"),
    scope: Scope::Regional,
    links: &[
        LinkRule::until_gone(how::OF_CLUSTER, "eks-cluster"),
        LinkRule::until_gone(how::WITHIN, "subnet"),
        // Without its role or its template EKS cannot drain it, and the deletion fails.
        LinkRule::in_use(how::USES, "iam-role"),
        LinkRule::until_gone(how::USES, "launch-template"),
        LinkRule::in_use(how::USES, "security-group"),
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
    cost: |_| Vec::new(),
    apis: Apis {
        list: &["eks:ListClusters", "eks:ListNodegroups", "eks:DescribeNodegroup"],
        delete: &["eks:DeleteNodegroup"],
    },
};
