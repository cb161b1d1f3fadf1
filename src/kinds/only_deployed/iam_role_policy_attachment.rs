//! Attachments of managed policies: counted with the role they are of. A scan reads them as links of roles.

use crate::model::Scope;
use crate::model::deployed::{Declared, Deployed, Naming, Plays, Spelling, Tagging, Types, Uses};

const NAME: &str = "iam-role-policy-attachment";

/// What deployments call it and use of it.
pub const DECLARED: Declared = Declared {
    name: NAME,
    scope: Scope::Global,
    deployed: Deployed {
        types: Types {
            terraform: &["aws_iam_role_policy_attachment"],
            pulumi: &["aws:iam/rolePolicyAttachment:RolePolicyAttachment"],
            cloudformation: &[],
            adopted: &[],
        },
        attributes: &["policy_arn", "role"],
        aliases: &[],
        wrappers: &[],
        template: Spelling::SAME,
        sizes: &[],
        uses: Uses::Nothing,
        parts: |_, _| Vec::new(),
        instance_types: |_| Vec::new(),
        plays: Plays::Nothing,
        name: Naming::Free,
        tags: Tagging::STRICT,
    },
};
