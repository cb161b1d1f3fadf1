//! Stacks of CloudFormation's: what is in one stands in its own template.

use crate::model::Scope;
use crate::model::deployed::{Declared, Deployed, Naming, Plays, Spelling, Tagging, Types, Uses};

const NAME: &str = "cloudformation-stack";

/// What deployments call it and use of it.
pub const DECLARED: Declared = Declared {
    name: NAME,
    scope: Scope::Regional,
    deployed: Deployed {
        types: Types {
            terraform: &["aws_cloudformation_stack"],
            pulumi: &["aws:cloudformation/stack:Stack"],
            cloudformation: &["AWS::CloudFormation::Stack"],
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
        tags: Tagging::ANY,
    },
};
