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
        iam_action(&self.service, &self.action)
    }
}

/// The IAM action that permits an operation. They have the same name but for some of S3's:
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html>.
pub(crate) fn iam_action(service: &str, operation: &str) -> String {
    let action = match (service, operation) {
        ("s3", "HeadBucket" | "ListObjectsV2") => "ListBucket",
        ("s3", "HeadObject") => "GetObject",
        ("s3", "ListBuckets") => "ListAllMyBuckets",
        _ => operation,
    };
    format!("{service}:{action}")
}
