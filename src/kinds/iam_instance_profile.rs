//! Instance profiles. IAM refuses to delete one with a role inside, and does not notice an instance
//! that still uses it; the instance's own link keeps the order.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteInstanceProfile.html>

use crate::model::{
    Apis, Cut, DataKind, Holds, KindSpec, LinkRule, Near, Per, QuotaUse, Scope, Settle, Touches, words::how,
};

pub(crate) const NAME: &str = "iam-instance-profile";

/// What the planner knows of it.
pub const SPEC: KindSpec = KindSpec {
    name: NAME,
    title: "IAM instance profile",
    scope: Scope::Global,
    links: &[
        LinkRule {
            how: how::CONTAINS,
            to: "iam-role",
            holds: Holds::DeleteUntilCut,
            near: Near::CutFirst,
            cut: Some(Cut { api: "iam:RemoveRoleFromInstanceProfile", touches: Touches::NearEnd }),
        },
        LinkRule::goes_with(
            how::MADE_FOR_NODES,
            "eks-nodegroup",
            Settle::Poll { every: 10, usually: 20, at_most: 900 },
        ),
    ],
    parts: &[],
    data: DataKind::No,
    settle: Settle::AtOnce,
    patience: 60,
    pause: 0,
    batch: 1,
    quotas: &[QuotaUse::each(
        "iam-instance-profile",
        "IAM instance profiles",
        ("iam", "L-6E65F664"),
        Per::Account,
    )],
    cost: |_| Vec::new(),
    apis: Apis {
        list: &[
            "iam:ListInstanceProfiles",
            "tag:GetResources",
            "iam:ListInstanceProfileTags",
            "iam:GetInstanceProfile",
        ],
        delete: &["iam:DeleteInstanceProfile"],
    },
};
