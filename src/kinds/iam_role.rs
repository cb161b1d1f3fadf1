//! IAM roles. All roles come with their tags, policies and profiles in one paged listing
//! (GetAccountAuthorizationDetails), since ListRoles tells no tags. IAM refuses to delete a role
//! that still has inline policies, attached policies, or sits in an instance profile.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html>

use crate::model::words::how;
use crate::model::{
    Amount, Apis, Cut, DataKind, Holds, KindSpec, LinkRule, Near, Per, QuotaUse, Scope, Settle, Touches, Unit,
};

pub(crate) const NAME: &str = "iam-role";

/// An inline policy, a part of its role.
pub(crate) const INLINE: &str = "iam-inline-policy";

/// The role carries this inline policy.
pub(crate) const HAS: &str = "has";

/// The policy bounds what the role may do; IAM counts this as a use of the policy.
pub(crate) const BOUNDED_BY: &str = "bounded-by";

/// What the planner knows of it.
pub const SPEC: KindSpec = KindSpec {
    name: NAME,
    title: "IAM role",
    scope: Scope::Global,
    links: &[
        LinkRule {
            how: how::ATTACHES,
            to: "iam-policy",
            holds: Holds::DeleteUntilCut,
            near: Near::CutFirst,
            cut: Some(Cut { api: "iam:DetachRolePolicy", touches: Touches::NearEnd }),
        },
        LinkRule {
            how: HAS,
            to: INLINE,
            holds: Holds::Nothing,
            near: Near::CutFirst,
            cut: Some(Cut { api: "iam:DeleteRolePolicy", touches: Touches::NearEnd }),
        },
        LinkRule::until_gone(BOUNDED_BY, "iam-policy"),
    ],
    parts: &[INLINE],
    data: DataKind::No,
    settle: Settle::AtOnce,
    // IAM is eventually consistent: what was detached a second ago may still be refused.
    patience: 60,
    pause: 0,
    batch: 1,
    // <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
    quotas: &[
        QuotaUse::each(NAME, "IAM roles", ("iam", "L-FE177D64"), Per::Account),
        QuotaUse::each("policy-per-role", "managed policies of a role", ("iam", "L-0DA4ABF3"), Per::Itself)
            .counted(Unit::Things, |it| Amount::of(it.links_as(how::ATTACHES).count())),
    ],
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
};
