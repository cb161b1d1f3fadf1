//! Keys of KMS.

use crate::model::Scope;
use crate::model::deployed::{Declared, Deployed, Naming, Plays, Spelling, Tagging, Types, Uses};

const NAME: &str = "kms-key";

/// What deployments call it and use of it.
pub const DECLARED: Declared = Declared {
    name: NAME,
    scope: Scope::Regional,
    deployed: Deployed {
        types: Types {
            terraform: &["aws_kms_key"],
            pulumi: &["aws:kms/key:Key"],
            cloudformation: &["AWS::KMS::Key"],
            adopted: &[],
        },
        attributes: &["multi_region"],
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
    },
};
