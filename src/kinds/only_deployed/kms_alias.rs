//! Names of KMS keys, unique in a region:
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html>.

use crate::model::Scope;
use crate::model::deployed::{
    Declared, Deployed, Letters, NameLookup, Naming, Plays, Spelling, Tagging, Types, UniqueName, Uses, alias,
};

const NAME: &str = "kms-alias";

/// What deployments call it and use of it.
pub const DECLARED: Declared = Declared {
    name: NAME,
    scope: Scope::Regional,
    deployed: Deployed {
        types: Types {
            terraform: &["aws_kms_alias"],
            pulumi: &["aws:kms/alias:Alias"],
            cloudformation: &["AWS::KMS::Alias"],
            adopted: &[],
        },
        attributes: &["target_key_id"],
        aliases: &[alias("alias_name", "name")],
        wrappers: &[],
        template: Spelling::of(&[alias("alias_name", "name")]),
        sizes: &[],
        uses: Uses::Nothing,
        parts: |_, _| Vec::new(),
        instance_types: |_| Vec::new(),
        plays: Plays::Nothing,
        name: Naming::Unique(UniqueName {
            title: "KMS alias",
            letters: Letters::AsWritten,
            seen: NameLookup::AmongAliases { of: "kms-key" },
        }),
        tags: Tagging::ANY,
    },
};
