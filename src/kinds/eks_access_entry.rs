//! Access entries of EKS clusters: whom of IAM a cluster lets in, and as what. They go with their cluster. A role that
//! the cluster of somebody else lets in is somebody's to work with: it stays while the entry does.
//!
//! <https://docs.aws.amazon.com/eks/latest/userguide/access-entries.html>

use crate::model::deployed::{Deployed, Naming, Plays, Spelling, Tagging, Types, Uses};
use crate::model::words::how;
use crate::model::{
    Apis, ByHand, Class, Ids, KindSpec, LinkRule, Logs, LookedAfter, MadeFor, Position, RouteTarget, Scope,
    Serves, Settle, ShowsLife, States, WorksAs,
};

pub(crate) const NAME: &str = "eks-access-entry";

/// What the planner knows of it.
pub const SPEC: KindSpec = KindSpec {
    name: NAME,
    title: "EKS access entry",
    about: "Whom of IAM a cluster lets in, and as what. It goes with the cluster as well.",
    ids: Ids::OfCluster,
    class: Class::Tool,
    position: Position::Nothing,
    serves: Serves::Any,
    // Whoever has the role comes in: a person, a node, a pipeline.
    works_as: WorksAs::Anyone,
    looked_after: LookedAfter::ByNobody,
    shows_life: ShowsLife::Never,
    made_for: MadeFor::Told,
    states: States::NONE,
    route_target: RouteTarget::No,
    guards: &[],
    by_hand: ByHand("aws eks delete-access-entry --cluster-name {cluster} --principal-arn {name}"),
    lets_go: None,
    unprotect: None,
    scope: Scope::Regional,
    links: &[
        LinkRule::goes_with(how::OF_CLUSTER, "eks-cluster", Settle::AtOnce),
        // IAM lets go of whom an entry names, and another role of that name is not let in.
        LinkRule::free(how::TRUSTS, "iam-role"),
    ],
    parts: &[],
    settle: Settle::AtOnce,
    patience: 120,
    pause: 0,
    batch: 1,
    quotas: &[],
    priced: &[],
    cost: |_| Vec::new(),
    apis: Apis {
        list: &["eks:ListClusters", "eks:ListAccessEntries", "eks:DescribeAccessEntry"],
        delete: &["eks:DeleteAccessEntry"],
    },
    made_by_events: &["CreateAccessEntry"],
    logs: Logs::NoneKnown,
    arns: &["eks:access-entry/"],
    deployed: DEPLOYED,
};

/// What deployments call it and use of it.
const DEPLOYED: Deployed = Deployed {
    types: Types {
        terraform: &["aws_eks_access_entry"],
        pulumi: &["aws:eks/accessEntry:AccessEntry"],
        cloudformation: &["AWS::EKS::AccessEntry"],
        adopted: &[],
    },
    attributes: &["cluster_name", "principal_arn", "type"],
    aliases: &[],
    wrappers: &[],
    template: Spelling::SAME,
    sizes: &[],
    uses: Uses::Nothing,
    parts: |_, _| Vec::new(),
    instance_types: |_| Vec::new(),
    plays: Plays::AccessEntry,
    name: Naming::Free,
    tags: Tagging::USUAL,
};
