//! EKS pod identity associations: as which role the pods of a service account work. They go with their cluster. IAM
//! lets a role go that one names, and its pods are locked out: so the role stays while the association does.
//!
//! <https://docs.aws.amazon.com/eks/latest/userguide/pod-identities.html>

use crate::model::deployed::{Deployed, Naming, Plays, Spelling, Tagging, Types, Uses};
use crate::model::words::how;
use crate::model::{
    Apis, ByHand, Class, Ids, KindSpec, LinkRule, Logs, LookedAfter, MadeFor, Position, RouteTarget, Scope,
    Serves, Settle, ShowsLife, States, WorksAs,
};

pub(crate) const NAME: &str = "eks-pod-identity-association";

/// What the planner knows of it.
pub const SPEC: KindSpec = KindSpec {
    name: NAME,
    title: "EKS pod identity association",
    about: "As which role the pods of a service account work. It goes with the cluster as well.",
    ids: Ids::OfCluster,
    class: Class::Workload,
    position: Position::Nothing,
    serves: Serves::Any,
    // <https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html>
    works_as: WorksAs::Wholly(&["pods.eks.amazonaws.com"]),
    looked_after: LookedAfter::ByNobody,
    shows_life: ShowsLife::Never,
    made_for: MadeFor::Told,
    states: States::NONE,
    route_target: RouteTarget::No,
    guards: &[],
    by_hand: ByHand(
        "aws eks delete-pod-identity-association --cluster-name {cluster} --association-id {name}",
    ),
    lets_go: None,
    unprotect: None,
    scope: Scope::Regional,
    links: &[
        LinkRule::goes_with(how::OF_CLUSTER, "eks-cluster", Settle::AtOnce),
        LinkRule::in_use(how::USES, "iam-role"),
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
        list: &["eks:ListClusters", "eks:ListPodIdentityAssociations", "eks:DescribePodIdentityAssociation"],
        delete: &["eks:DeletePodIdentityAssociation"],
    },
    made_by_events: &["CreatePodIdentityAssociation"],
    logs: Logs::NoneKnown,
    arns: &["eks:podidentityassociation/"],
    deployed: DEPLOYED,
};

/// What deployments call it and use of it.
const DEPLOYED: Deployed = Deployed {
    types: Types {
        terraform: &["aws_eks_pod_identity_association"],
        pulumi: &["aws:eks/podIdentityAssociation:PodIdentityAssociation"],
        cloudformation: &["AWS::EKS::PodIdentityAssociation"],
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
    tags: Tagging::USUAL,
};
