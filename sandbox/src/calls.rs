//! The record of every call that reached the embedded AWS, for tests and for the demo's last page.

use jiff::Timestamp;

/// One call as it arrived, and how it ended.
#[derive(Debug, Clone)]
pub struct Call {
    /// The world's time when it arrived.
    pub at: Timestamp,
    /// The region of the signature.
    pub region: String,
    /// The service as IAM names it: `ec2`, `iam`, `eks`, `elasticloadbalancing`, `logs`, `tag`, `sts`.
    pub service: String,
    /// The operation: `DescribeVpcs`.
    pub action: String,
    /// The id, name or ARN the call was about, if it named one (comma-joined if several).
    pub target: String,
    /// Whether the operation changes something (everything but Describe, Get, List, and EC2's DryRun).
    pub mutating: bool,
    /// Whether it was sent with EC2's `DryRun=true`.
    pub dry_run: bool,
    /// The refusal's code, or `None` if it was carried out.
    pub refused: Option<String>,
}

impl Call {
    /// The IAM action that permits this call: `ec2:DescribeVpcs`.
    pub fn iam_action(&self) -> String {
        format!("{}:{}", self.service, self.action)
    }
}
