//! IAM OIDC identity providers. The one of an EKS cluster outlives it; it is known by the issuer's
//! URL, whose last part is the cluster's own id.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteOpenIDConnectProvider.html>

use crate::model::deployed::{Deployed, Naming, Plays, Spelling, Tagging, Types, Uses, alias};
use crate::model::need::Use;
use crate::model::words::how;
use crate::model::{
    Apis, ByHand, Class, Ids, KindSpec, LinkRule, Logs, LookedAfter, MadeFor, Per, Position, QuotaUse,
    RouteTarget, Scope, Serves, Settle, ShowsLife, States, WorksAs,
};

pub(crate) const NAME: &str = "iam-oidc-provider";

/// What the planner knows of it.
pub const SPEC: KindSpec = KindSpec {
    name: NAME,
    title: "IAM OIDC provider",
    about: "Lets what an issuer vouches for, such as the pods of a cluster, act as roles.",
    ids: Ids::Arn { service: "iam", resource: "oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/{}" },
    class: Class::Tool,
    position: Position::Nothing,
    serves: Serves::Any,
    works_as: WorksAs::Nobody,
    looked_after: LookedAfter::ByNobody,
    shows_life: ShowsLife::Never,
    made_for: MadeFor::ClusterOfIssuer,
    states: States::NONE,
    route_target: RouteTarget::No,
    guards: &[],
    by_hand: ByHand("aws iam delete-open-id-connect-provider --open-id-connect-provider-arn {id}"),
    lets_go: None,
    unprotect: None,
    scope: Scope::Global,
    links: &[LinkRule::after_if_goes(how::MADE_FOR, "eks-cluster")],
    parts: &[],
    settle: Settle::AtOnce,
    patience: 60,
    pause: 0,
    batch: 1,
    quotas: &[QuotaUse::each("iam-oidc-provider", "IAM OIDC providers", ("iam", "L-858F3967"), Per::Account)],
    priced: &[],
    cost: |_| Vec::new(),
    apis: Apis {
        list: &["iam:ListOpenIDConnectProviders", "iam:GetOpenIDConnectProvider"],
        delete: &["iam:DeleteOpenIDConnectProvider"],
    },
    made_by_events: &["CreateOpenIDConnectProvider"],
    logs: Logs::NoneKnown,
    arns: &["iam:oidc-provider/"],
    deployed: DEPLOYED,
};

/// What deployments call it and use of it.
const DEPLOYED: Deployed = Deployed {
    types: Types {
        terraform: &["aws_iam_openid_connect_provider"],
        pulumi: &["aws:iam/openIdConnectProvider:OpenIdConnectProvider"],
        cloudformation: &["AWS::IAM::OIDCProvider", "Custom::AWSCDKOpenIdConnectProvider"],
        adopted: &[],
    },
    attributes: &["client_id_list", "url"],
    aliases: &[alias("client_id_lists", "client_id_list")],
    wrappers: &[],
    template: Spelling::SAME,
    sizes: &[],
    uses: Uses::Quotas(|_, _| vec![Use::file("iam-oidc-provider", Per::Account, 1)]),
    parts: |_, _| Vec::new(),
    instance_types: |_| Vec::new(),
    plays: Plays::Nothing,
    name: Naming::Free,
    tags: Tagging::STRICT,
};
