//! What EKS takes and no call of AWS tells, dated, in one place: checks hold deployments against it.

use super::scene::Minor;

/// The day the table was last checked.
pub const CHECKED: &str = "2026-11-21";

/// A family of images that EKS makes no newer ones of.
#[derive(Debug)]
pub struct EndedFamily {
    /// How its AMI types begin.
    pub begins: &'static str,
    /// For people.
    pub title: &'static str,
    /// The last Kubernetes version that it was made for.
    pub last: Minor,
    /// What takes its place, by how those AMI types begin.
    pub instead: &'static str,
}

/// All of them. Amazon Linux 2 went with Kubernetes 1.32; EKS refuses a node group of it for a newer one
/// ("only supported for kubernetes versions 1.32 or earlier"):
/// <https://docs.aws.amazon.com/eks/latest/userguide/eks-ami-deprecation-faqs.html>.
pub const ENDED_FAMILIES: &[EndedFamily] =
    &[EndedFamily { begins: "AL2_", title: "Amazon Linux 2", last: Minor(1, 32), instead: "AL2023_" }];
