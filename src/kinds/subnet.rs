//! Subnets. One can go when no network interface of any kind is left in it; its associations with
//! route tables and network ACLs go with it.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/subnet-deleting.html>

use crate::model::words::how;
use crate::model::{Amount, Apis, DataKind, KindSpec, LinkRule, Per, QuotaUse, Scope, Settle, Unit};

pub(crate) const NAME: &str = "subnet";

/// What the planner knows of it.
pub const SPEC: KindSpec = KindSpec {
    name: NAME,
    title: "subnet",
    scope: Scope::Regional,
    links: &[LinkRule::until_gone(how::WITHIN, "vpc")],
    parts: &[],
    data: DataKind::No,
    settle: Settle::AtOnce,
    patience: 300,
    pause: 0,
    batch: 1,
    quotas: &[QuotaUse::each(NAME, "subnets", ("vpc", "L-407747CB"), Per::Vpc)
        .counted(Unit::Things, Amount::one_of_ours)],
    cost: |_| Vec::new(),
    apis: Apis { list: &["ec2:DescribeSubnets"], delete: &["ec2:DeleteSubnet"] },
};
