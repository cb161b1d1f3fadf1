//! Customer-managed IAM policies. IAM refuses to delete one that is attached to anything, that
//! bounds anybody, or that has versions beside the default one.
//!
//! Listings tell no tags: they come from the tagging API of us-east-1, and right before a delete
//! from GetPolicy. <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicy.html>

use crate::model::deployed::{Deployed, Plays, Spelling, Tagging, Types, UniqueName, Uses, alias};
use crate::model::need::Use;
use crate::model::{
    Apis, ByHand, Class, Cut, GuardRule, Holds, Ids, KindSpec, LinkRule, Logs, LookedAfter, MadeFor, Near,
    Per, Position, QuotaUse, RouteTarget, Scope, Serves, Settle, ShowsLife, States, ToldBy, Touches, WorksAs,
};

pub(crate) const NAME: &str = "iam-policy";

/// A version of a policy other than its default one: a part of it.
pub(crate) const VERSION: &str = "iam-policy-version";

/// The policy has this version.
pub(crate) const HAS: &str = "has";

/// What the planner knows of it.
pub const SPEC: KindSpec = KindSpec {
    name: NAME,
    title: "IAM policy",
    about: "A customer-managed policy, with all its versions.",
    ids: Ids::Arn { service: "iam", resource: "policy/{}" },
    class: Class::Tool,
    position: Position::Nothing,
    serves: Serves::Any,
    works_as: WorksAs::Nobody,
    looked_after: LookedAfter::ByNobody,
    shows_life: ShowsLife::Never,
    made_for: MadeFor::Told,
    states: States::NONE,
    route_target: RouteTarget::No,
    guards: &[GuardRule::Held, GuardRule::UnknownMaker],
    by_hand: ByHand("aws iam delete-policy --policy-arn {id}"),
    lets_go: None,
    unprotect: None,
    scope: Scope::Global,
    links: &[LinkRule {
        how: HAS,
        to: VERSION,
        holds: Holds::Nothing,
        near: Near::CutFirst,
        cut: Some(Cut {
            api: "iam:DeletePolicyVersion",
            touches: Touches::NearEnd,
            by_hand: None,
            settle: Settle::AtOnce,
        }),
    }],
    parts: &[VERSION],
    settle: Settle::AtOnce,
    patience: 60,
    pause: 0,
    batch: 1,
    quotas: &[QuotaUse::each("iam-policy", "IAM customer policies", ("iam", "L-E95E4862"), Per::Account)
        .told_by(ToldBy::IamSummary { limit: "PoliciesQuota", used: Some("Policies") })],
    priced: &[],
    cost: |_| Vec::new(),
    apis: Apis {
        list: &[
            "iam:GetAccountAuthorizationDetails",
            "tag:GetResources",
            "iam:ListPolicyTags",
            "iam:GetPolicy",
            "iam:ListPolicyVersions",
            "iam:ListEntitiesForPolicy",
        ],
        delete: &["iam:DeletePolicy"],
    },
    made_by_events: &["CreatePolicy"],
    logs: Logs::NoneKnown,
    arns: &["iam:policy/"],
    deployed: DEPLOYED,
};

/// What deployments call it and use of it.
const DEPLOYED: Deployed = Deployed {
    types: Types {
        terraform: &["aws_iam_policy"],
        pulumi: &["aws:iam/policy:Policy"],
        cloudformation: &["AWS::IAM::ManagedPolicy"],
        adopted: &[],
    },
    attributes: &["path"],
    aliases: &[alias("managed_policy_name", "name")],
    wrappers: &[],
    template: Spelling::of(&[alias("managed_policy_name", "name")]),
    sizes: &[],
    uses: Uses::Quotas(|_, _| vec![Use::file("iam-policy", Per::Account, 1)]),
    parts: |_, _| Vec::new(),
    instance_types: |_| Vec::new(),
    plays: Plays::Nothing,
    name: UniqueName::of_iam("IAM policy"),
    tags: Tagging::STRICT,
};
