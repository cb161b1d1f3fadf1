//! CloudWatch log groups. They hold data, so they go only when named. A live EKS cluster makes its
//! log group anew, so it goes after the cluster.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogGroup.html>

use crate::model::words::{fact, how};
use crate::model::{Apis, Cost, DataKind, KindSpec, LinkRule, Per, QuotaUse, Scope, Settle};

pub(crate) const NAME: &str = "log-group";

/// Bytes in a GiB.
const GIB: f64 = 1_073_741_824.0;

/// What the planner knows of it.
pub const SPEC: KindSpec = KindSpec {
    name: NAME,
    title: "log group",
    scope: Scope::Regional,
    links: &[LinkRule::after_if_goes(how::MADE_FOR, "eks-cluster")],
    parts: &[],
    data: DataKind::Yes,
    settle: Settle::AtOnce,
    patience: 60,
    pause: 0,
    batch: 1,
    quotas: &[QuotaUse::each(NAME, "log groups", ("logs", "L-C7B9AAAB"), Per::Region)],
    cost: |resource| {
        let bytes = resource.facts.get(fact::STORED_BYTES).and_then(|text| text.parse::<f64>().ok());
        vec![Cost { item: "log-storage-gib", units: bytes.unwrap_or(0.0) / GIB }]
    },
    apis: Apis {
        list: &["logs:DescribeLogGroups", "tag:GetResources", "logs:ListTagsForResource"],
        delete: &["logs:DeleteLogGroup"],
    },
};
