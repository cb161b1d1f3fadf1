//! Fargate profiles: which pods of a cluster run without nodes.

use crate::model::Scope;
use crate::model::deployed::{Declared, Deployed, Naming, Plays, Spelling, Tagging, Types, Uses, alias};

const NAME: &str = "eks-fargate-profile";

/// What deployments call it and use of it.
pub const DECLARED: Declared = Declared {
    name: NAME,
    scope: Scope::Regional,
    deployed: Deployed {
        types: Types {
            terraform: &["aws_eks_fargate_profile"],
            pulumi: &["aws:eks/fargateProfile:FargateProfile"],
            cloudformation: &["AWS::EKS::FargateProfile", "Custom::AWSCDK-EKS-FargateProfile"],
            adopted: &[],
        },
        attributes: &["cluster_name", "fargate_profile_name", "selector", "subnet_ids"],
        aliases: &[alias("selectors", "selector"), alias("subnets", "subnet_ids")],
        wrappers: &[],
        template: Spelling {
            hoisted: &["config"],
            names: &[alias("subnets", "subnet_ids"), alias("selectors", "selector")],
        },
        sizes: &[],
        uses: Uses::NotLookedAt("EKS Fargate profiles"),
        parts: |_, _| Vec::new(),
        instance_types: |_| Vec::new(),
        plays: Plays::Nodes,
        name: Naming::Free,
        tags: Tagging::USUAL,
    },
};
