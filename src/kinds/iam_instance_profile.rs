//! Instance profiles. IAM refuses to delete one with a role inside, and does not notice an instance
//! that still uses it; the instance's own link keeps the order.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteInstanceProfile.html>

use crate::model::deployed::{Deployed, Plays, Spelling, Tagging, Types, UniqueName, Uses, alias};
use crate::model::need::Use;
use crate::model::{
    Apis, ByHand, Class, Cut, Holds, Ids, KindSpec, LinkRule, Logs, LookedAfter, MadeFor, Near, Per,
    Position, QuotaUse, Resource, RouteTarget, Scope, Serves, Settle, ShowsLife, States, ToldBy, Touches,
    WorksAs, words::how,
};

pub(crate) const NAME: &str = "iam-instance-profile";

/// What the planner knows of it.
pub const SPEC: KindSpec = KindSpec {
    name: NAME,
    title: "IAM instance profile",
    about: "Carries a role onto machines.",
    ids: Ids::Name,
    class: Class::Tool,
    position: Position::Nothing,
    serves: Serves::Any,
    works_as: WorksAs::Wholly(&["ec2.amazonaws.com"]),
    looked_after: LookedAfter::ByNobody,
    shows_life: ShowsLife::Never,
    made_for: MadeFor::NodeGroup(looks_like_eks),
    states: States::NONE,
    route_target: RouteTarget::No,
    guards: &[],
    by_hand: ByHand("aws iam delete-instance-profile --instance-profile-name {id}"),
    lets_go: None,
    unprotect: None,
    scope: Scope::Global,
    links: &[
        LinkRule {
            how: how::CONTAINS,
            to: "iam-role",
            holds: Holds::DeleteUntilCut,
            near: Near::CutFirst,
            cut: Some(Cut {
                api: "iam:RemoveRoleFromInstanceProfile",
                touches: Touches::NearEnd,
                by_hand: None,
                settle: Settle::AtOnce,
            }),
        },
        LinkRule::goes_with(
            how::MADE_FOR_NODES,
            "eks-nodegroup",
            Settle::Poll { every: 10, usually: 20, at_most: 900 },
        ),
    ],
    parts: &[],
    settle: Settle::AtOnce,
    patience: 60,
    pause: 0,
    batch: 1,
    quotas: &[QuotaUse::each(
        "iam-instance-profile",
        "IAM instance profiles",
        ("iam", "L-6E65F664"),
        Per::Account,
    )
    .told_by(ToldBy::IamSummary { limit: "InstanceProfilesQuota", used: Some("InstanceProfiles") })],
    priced: &[],
    cost: |_| Vec::new(),
    apis: Apis {
        list: &["iam:ListInstanceProfiles", "tag:GetResources", "iam:GetInstanceProfile"],
        delete: &["iam:DeleteInstanceProfile"],
    },
    made_by_events: &["CreateInstanceProfile"],
    logs: Logs::NoneKnown,
    arns: &["iam:instance-profile/"],
    deployed: DEPLOYED,
};

/// What deployments call it and use of it.
const DEPLOYED: Deployed = Deployed {
    types: Types {
        terraform: &["aws_iam_instance_profile"],
        pulumi: &["aws:iam/instanceProfile:InstanceProfile"],
        cloudformation: &["AWS::IAM::InstanceProfile"],
        adopted: &[],
    },
    attributes: &["path", "role"],
    aliases: &[alias("instance_profile_name", "name")],
    wrappers: &[],
    template: Spelling::of(&[alias("instance_profile_name", "name"), alias("roles", "role")]),
    sizes: &[],
    uses: Uses::Quotas(|_, _| vec![Use::file("iam-instance-profile", Per::Account, 1)]),
    parts: |_, _| Vec::new(),
    instance_types: |_| Vec::new(),
    plays: Plays::Nothing,
    name: UniqueName::of_iam("instance profile"),
    tags: Tagging::STRICT,
};

/// EKS makes one for each managed node group, names it `eks-<uuid>`, gives it no tags, and removes it with
/// the group (EKS User Guide, "Amazon EKS node IAM role"). One that bears tags has to bear the whole name: an
/// organisation's robot writes onto EKS's own as well, and a person begins a name of his own with `eks-`.
fn looks_like_eks(profile: &Resource) -> bool {
    profile.key.id.strip_prefix("eks-").is_some_and(|rest| profile.tags.is_empty() || is_uuid(rest))
}

/// Whether a text has the form of `7cb7a4c5-1f0e-4a7b-9c46-2f6d5b0a9e13`.
fn is_uuid(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let digits = |part: &&str| part.bytes().all(|byte| byte.is_ascii_hexdigit());
    parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12]) && parts.iter().all(digits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::testing::key;

    #[test]
    fn one_with_tags_is_of_eks_only_by_the_whole_name() {
        let looks = |name: &str, tagged: bool| {
            let mut profile = Resource::new(key(NAME, name));
            if tagged {
                profile.tags.insert("map-migrated".into(), "mig1".into());
            }
            looks_like_eks(&profile)
        };
        let whole = "eks-7cb7a4c5-1f0e-4a7b-9c46-2f6d5b0a9e13";
        assert!(looks(whole, false) && looks(whole, true));
        for name in ["eks-nodes", "eks-7cb7a4c5", "eks-7cb7a4c5-1f0e-4a7b-9c46-2f6d5b0a9exy"] {
            assert!(looks(name, false) && !looks(name, true), "{name}");
        }
        assert!(!looks("my-7cb7a4c5-1f0e-4a7b-9c46-2f6d5b0a9e13", false));
    }
}
