//! EKS add-ons. They go with their cluster and are never deleted by a call of their own: taking the
//! VPC CNI away while nodes still run leaks their interfaces.
//!
//! <https://docs.aws.amazon.com/eks/latest/userguide/eks-add-ons.html>

use crate::model::words::how;
use crate::model::{Apis, DataKind, KindSpec, LinkRule, Scope, Settle};

pub(crate) const NAME: &str = "eks-addon";

/// What the planner knows of it.
pub const SPEC: KindSpec = KindSpec {
    name: NAME,
    title: "EKS add-on",
    scope: Scope::Regional,
    links: &[LinkRule::goes_with(how::OF_CLUSTER, "eks-cluster", Settle::AtOnce)],
    parts: &[],
    data: DataKind::No,
    settle: Settle::Poll { every: 10, usually: 60, at_most: 600 },
    patience: 120,
    pause: 0,
    batch: 1,
    quotas: &[],
    cost: |_| Vec::new(),
    apis: Apis {
        list: &["eks:ListClusters", "eks:ListAddons", "eks:DescribeAddon"],
        delete: &["eks:DeleteAddon"],
    },
};
