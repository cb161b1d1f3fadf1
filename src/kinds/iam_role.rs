//! IAM roles. All roles come with their tags, policies and profiles in one paged listing
//! (GetAccountAuthorizationDetails), since ListRoles tells no tags. IAM refuses to delete a role
//! that still has inline policies, attached policies, or sits in an instance profile.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html>

use crate::model::deployed::{Deployed, Letters, Plays, Spelling, Tagging, Types, UniqueName, Uses, alias};
use crate::model::deployment::Item;
use crate::model::index::Question;
use crate::model::need::{Most, PartUse, Use, Wanted, World};
use crate::model::words::how;
use crate::model::{
    Amount, Apis, ByHand, Class, Cut, GuardRule, Holds, Ids, KindSpec, LinkRule, Logs, LookedAfter, MadeFor,
    Near, Per, Position, QuotaUse, RouteTarget, Scope, Serves, Settle, ShowsLife, States, ToldBy, Touches,
    Unit, WorksAs,
};

pub(crate) const NAME: &str = "iam-role";

/// An inline policy, a part of its role.
pub(crate) const INLINE: &str = "iam-inline-policy";

/// The role carries this inline policy.
pub(crate) const HAS: &str = "has";

/// What the planner knows of it.
pub const SPEC: KindSpec = KindSpec {
    name: NAME,
    title: "IAM role",
    about: "What a service, a person or a pod may act as. Its inline policies go with it.",
    ids: Ids::Name,
    class: Class::Tool,
    position: Position::Role,
    serves: Serves::Any,
    works_as: WorksAs::Nobody,
    looked_after: LookedAfter::ByNobody,
    shows_life: ShowsLife::Never,
    made_for: MadeFor::Told,
    states: States::NONE,
    route_target: RouteTarget::No,
    guards: &[GuardRule::AwsManaged],
    by_hand: ByHand("aws iam delete-role --role-name {id}"),
    lets_go: None,
    unprotect: None,
    scope: Scope::Global,
    links: &[
        LinkRule {
            how: how::ATTACHES,
            to: "iam-policy",
            holds: Holds::DeleteUntilCut,
            near: Near::CutFirst,
            cut: Some(Cut {
                api: "iam:DetachRolePolicy",
                touches: Touches::NearEnd,
                by_hand: None,
                settle: Settle::AtOnce,
            }),
        },
        LinkRule {
            how: HAS,
            to: INLINE,
            holds: Holds::Nothing,
            near: Near::CutFirst,
            cut: Some(Cut {
                api: "iam:DeleteRolePolicy",
                touches: Touches::NearEnd,
                by_hand: None,
                settle: Settle::AtOnce,
            }),
        },
        // IAM counts a boundary as a use of the policy.
        LinkRule::until_gone(how::BOUNDED_BY, "iam-policy"),
        // IAM lets go of whom a trust policy names, and nobody can assume the role any more.
        LinkRule::free(how::TRUSTS, NAME),
        LinkRule::free(how::TRUSTS, "iam-oidc-provider"),
        // Pods work as it until their cluster is gone.
        LinkRule::after_if_goes(how::FOR_PODS_OF, "eks-cluster"),
    ],
    parts: &[INLINE],
    settle: Settle::AtOnce,
    // IAM is eventually consistent: what was detached a second ago may still be refused.
    patience: 60,
    pause: 0,
    batch: 1,
    // <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
    quotas: &[
        QuotaUse::each(NAME, "IAM roles", ("iam", "L-FE177D64"), Per::Account)
            .told_by(ToldBy::IamSummary { limit: "RolesQuota", used: Some("Roles") }),
        QuotaUse::each("policy-per-role", "managed policies of a role", ("iam", "L-0DA4ABF3"), Per::Itself)
            .told_by(ToldBy::IamSummary { limit: "AttachedPoliciesPerRoleQuota", used: None })
            .counted(Unit::Things, |it| Amount::of(it.links_as(how::ATTACHES).count())),
    ],
    priced: &[],
    cost: |_| Vec::new(),
    apis: Apis {
        list: &[
            "iam:GetAccountAuthorizationDetails",
            "iam:GetRole",
            "iam:ListAttachedRolePolicies",
            "iam:ListRolePolicies",
        ],
        delete: &["iam:DeleteRole"],
    },
    made_by_events: &["CreateRole", "CreateServiceLinkedRole"],
    logs: Logs::NoneKnown,
    arns: &["iam:role/"],
    deployed: DEPLOYED,
};

/// What deployments call it and use of it.
const DEPLOYED: Deployed = Deployed {
    types: Types {
        terraform: &["aws_iam_role"],
        pulumi: &["aws:iam/role:Role"],
        cloudformation: &["AWS::IAM::Role"],
        adopted: &[],
    },
    attributes: &["managed_policy_arns", "path"],
    aliases: &[alias("role_name", "name")],
    wrappers: &[],
    template: Spelling::of(&[
        alias("role_name", "name"),
        alias("policies", "inline_policy"),
        alias("policies.policy_name", "name"),
    ]),
    sizes: &[],
    uses: Uses::Quotas(|_, _| vec![Use::file("iam-role", Per::Account, 1)]),
    parts,
    instance_types: |_| Vec::new(),
    plays: Plays::Nothing,
    name: UniqueName::of_iam("IAM role"),
    // Keys that differ in case alone are one key here, and two on IAM's other resources:
    // <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html>
    tags: Tagging { keys: Letters::OfAnyCase, ..Tagging::STRICT },
};

/// Which role an attachment is of.
pub(super) const ATTACHMENTS: Question =
    Question { kind: Some("iam-role-policy-attachment"), type_name: None, attribute: "role" };

/// CloudFormation's policies may name the roles that they are attached to.
pub(super) const POLICIES_FOR_ROLES: Question =
    Question { kind: Some("iam-policy"), type_name: None, attribute: "roles" };

/// How many managed policies the deployment attaches to it.
fn parts(world: &World<'_>, role: &Item) -> Vec<PartUse> {
    let name = role.properties.at("name").as_text();
    let of_role = |question| {
        let naming = world.items.naming(question);
        naming
            .into_iter()
            .flat_map(|it| it.of_item(&role.address, name))
            .filter(|it| it.change.makes())
            .count()
    };
    let waiting = world.items.naming(ATTACHMENTS).into_iter().flat_map(|it| it.waiting_for(&role.address));
    let attachments = of_role(ATTACHMENTS) + waiting.filter(|it| it.change.makes()).count();
    let naming = of_role(POLICIES_FOR_ROLES);
    let (named, unknown) = match role.properties.at("managed_policy_arns") {
        own if own.is_open() => (0, Most::Unbounded),
        own => (own.members().len(), Most::Of(0)),
    };
    let all = named.saturating_add(attachments).saturating_add(naming);
    let amount = Wanted { unknown, ..Wanted::certain(u64::try_from(all).unwrap_or(u64::MAX)) };
    vec![PartUse { quota: "policy-per-role", amount }]
}
