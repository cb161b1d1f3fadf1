//! Fargate profiles: which pods of a cluster run without nodes. Only read as yet. EKS deletes no cluster that has
//! one, so the cluster stays with it, and with the cluster all that is the cluster's.
//!
//! <https://docs.aws.amazon.com/eks/latest/userguide/fargate-profile.html>

use crate::model::deployed::{Deployed, Naming, Plays, Spelling, Tagging, Types, Uses, alias};
use crate::model::words::how;
use crate::model::{
    Apis, ByHand, Class, Ids, KindSpec, LinkRule, Logs, LookedAfter, MadeFor, Position, RouteTarget, Scope,
    Serves, Settle, ShowsLife, States, WorksAs,
};

pub(crate) const NAME: &str = "eks-fargate-profile";

/// What the planner knows of it.
pub const SPEC: KindSpec = KindSpec {
    name: NAME,
    title: "EKS Fargate profile",
    about: "Says which pods of a cluster run on Fargate.",
    ids: Ids::OfCluster,
    class: Class::Witness,
    position: Position::Nothing,
    serves: Serves::Any,
    works_as: WorksAs::Wholly(&["eks-fargate-pods.amazonaws.com"]),
    looked_after: LookedAfter::ByNobody,
    shows_life: ShowsLife::Unseen(|_| Some("pods may run on it, without a node")),
    made_for: MadeFor::Told,
    states: States { coming: &["CREATING"], leaving: &["DELETING"], gone: &[] },
    route_target: RouteTarget::No,
    guards: &[],
    by_hand: ByHand("aws eks delete-fargate-profile --cluster-name {cluster} --fargate-profile-name {name}"),
    lets_go: None,
    unprotect: None,
    scope: Scope::Regional,
    links: &[
        // <https://docs.aws.amazon.com/eks/latest/APIReference/API_DeleteCluster.html>
        LinkRule::until_gone(how::OF_CLUSTER, "eks-cluster"),
        // Its pods pull their images and write their logs in this role's name.
        LinkRule::in_use(how::USES, "iam-role"),
        LinkRule::free(how::USES, "subnet"),
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
        list: &["eks:ListClusters", "eks:ListFargateProfiles", "eks:DescribeFargateProfile"],
        delete: &[],
    },
    made_by_events: &["CreateFargateProfile"],
    logs: Logs::NoneKnown,
    arns: &["eks:fargateprofile/"],
    deployed: DEPLOYED,
};

/// What deployments call it and use of it.
const DEPLOYED: Deployed = Deployed {
    types: Types {
        terraform: &["aws_eks_fargate_profile"],
        pulumi: &["aws:eks/fargateProfile:FargateProfile"],
        cloudformation: &["AWS::EKS::FargateProfile", "Custom::AWSCDK-EKS-FargateProfile"],
        adopted: &[],
    },
    attributes: &["cluster_name", "fargate_profile_name", "selector", "subnet_ids"],
    aliases: &[alias("selectors", "selector"), alias("subnets", "subnet_ids")],
    wrappers: &[],
    template: Spelling {
        hoisted: &["config"],
        names: &[alias("subnets", "subnet_ids"), alias("selectors", "selector")],
    },
    sizes: &[],
    uses: Uses::NotLookedAt("EKS Fargate profiles"),
    parts: |_, _| Vec::new(),
    instance_types: |_| Vec::new(),
    plays: Plays::Nodes,
    name: Naming::Free,
    tags: Tagging::USUAL,
};
