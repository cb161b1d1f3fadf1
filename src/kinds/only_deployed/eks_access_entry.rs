//! Access entries of EKS clusters: which role is let in, and as what. They go with their cluster.
//!
//! <https://docs.aws.amazon.com/eks/latest/userguide/access-entries.html>

use crate::model::Scope;
use crate::model::deployed::{Declared, Deployed, Naming, Plays, Spelling, Tagging, Types, Uses};

const NAME: &str = "eks-access-entry";

/// What deployments call it and use of it.
pub const DECLARED: Declared = Declared {
    name: NAME,
    scope: Scope::Regional,
    deployed: Deployed {
        types: Types {
            terraform: &["aws_eks_access_entry"],
            pulumi: &["aws:eks/accessEntry:AccessEntry"],
            cloudformation: &["AWS::EKS::AccessEntry"],
            adopted: &[],
        },
        attributes: &["cluster_name", "principal_arn", "type"],
        aliases: &[],
        wrappers: &[],
        template: Spelling::SAME,
        sizes: &[],
        uses: Uses::Nothing,
        parts: |_, _| Vec::new(),
        instance_types: |_| Vec::new(),
        plays: Plays::AccessEntry,
        name: Naming::Free,
        tags: Tagging::USUAL,
    },
};
