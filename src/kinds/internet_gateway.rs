//! Internet gateways. Deleting one takes a detach first, and EC2 refuses the detach while anything
//! in the VPC has a public address ("has some mapped public address(es)").
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html>

use crate::model::{
    Amount, Apis, Cut, DataKind, Holds, KindSpec, LinkRule, Near, Per, QuotaUse, Scope, Settle, Touches,
    Unit, words::how,
};

pub(crate) const NAME: &str = "internet-gateway";

/// What the planner knows of it.
pub const SPEC: KindSpec = KindSpec {
    name: NAME,
    title: "internet gateway",
    scope: Scope::Regional,
    links: &[LinkRule {
        how: how::ATTACHED,
        to: "vpc",
        holds: Holds::DeleteUntilCut,
        near: Near::CutFirst,
        cut: Some(Cut { api: "ec2:DetachInternetGateway", touches: Touches::BothEnds }),
    }],
    parts: &[],
    data: DataKind::No,
    settle: Settle::AtOnce,
    patience: 120,
    pause: 0,
    batch: 1,
    quotas: &[QuotaUse::each(NAME, "internet gateways", ("vpc", "L-A4707A72"), Per::Region)
        .counted(Unit::Things, Amount::one_of_ours)],
    cost: |_| Vec::new(),
    apis: Apis { list: &["ec2:DescribeInternetGateways"], delete: &["ec2:DeleteInternetGateway"] },
};
