//! What a check gives back, and what all findings come to: reports print it, and the exit code follows from
//! it.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The name of a check, in the order in which they are carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CheckName {
    /// Whether the files tell all that will be made.
    Coverage,
    /// Whether the region takes the deployment.
    Region,
    /// Whether the quotas are enough.
    Quotas,
    /// Whether names are free.
    Names,
    /// Whether the stack's state is free.
    StateLock,
    /// Whether EKS supports the Kubernetes version.
    EksVersion,
    /// Whether EKS takes the cluster's settings together.
    ClusterSettings,
    /// Whether EKS has the add-on's version for the cluster's.
    AddonVersion,
    /// Whether the cluster-autoscaler is of the cluster's minor version.
    ClusterAutoscaler,
    /// Whether EKS takes a node group's AMI type with its version and its instance types.
    AmiType,
    /// Whether nodes of an image of the user's own can join.
    NodeImage,
    /// Whether nodes can reach out of their subnets.
    NodeRoutes,
    /// Whether subnets have the zones and the addresses that a cluster and its nodes need.
    SubnetAddresses,
    /// Whether what is put into a cluster from outside reaches it.
    EndpointAccess,
    /// Whether workloads wait for nodes.
    HelmOrder,
    /// Whether AWS takes the tags.
    Tags,
    /// Whether Pulumi takes its project file.
    PulumiConfig,
}

impl CheckName {
    /// The name as it is typed and printed.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Coverage => "coverage",
            Self::Region => "region",
            Self::Quotas => "quotas",
            Self::Names => "names",
            Self::StateLock => "state-lock",
            Self::EksVersion => "eks-version",
            Self::ClusterSettings => "cluster-settings",
            Self::AddonVersion => "addon-version",
            Self::ClusterAutoscaler => "cluster-autoscaler",
            Self::AmiType => "ami-type",
            Self::NodeImage => "node-image",
            Self::NodeRoutes => "node-routes",
            Self::SubnetAddresses => "subnet-addresses",
            Self::EndpointAccess => "endpoint-access",
            Self::HelmOrder => "helm-order",
            Self::Tags => "tags",
            Self::PulumiConfig => "pulumi-config",
        }
    }
}

impl fmt::Display for CheckName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// What came of a check on one subject; the weightiest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The deployment will fail of this.
    Fail,
    /// It cannot be told: unknown in the file, or not to be read.
    Unclear,
    /// It may fail of this, or costs more than it must.
    Warn,
    /// There was nothing to look at.
    Skipped,
    /// All is well.
    Pass,
}

impl Outcome {
    /// All of them, in their order.
    pub const ALL: [Self; 5] = [Self::Fail, Self::Unclear, Self::Warn, Self::Skipped, Self::Pass];

    /// The word as it is printed.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Unclear => "unclear",
            Self::Warn => "warn",
            Self::Skipped => "skipped",
            Self::Pass => "pass",
        }
    }
}

/// What a check says of one subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// The check.
    pub check: CheckName,
    /// What came of it.
    pub outcome: Outcome,
    /// What it is about: an address in the file, a region, a name. Empty where there was nothing to look at.
    #[serde(default)]
    pub subject: String,
    /// The file it stands in, as the user named it. Empty where it stands in none.
    #[serde(default)]
    pub source: String,
    /// The line in that file, from 1, where the file has lines that people write.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// What was seen, in one sentence without a full stop. Never a secret, never user data.
    pub evidence: String,
    /// What to do, in one sentence without a full stop. Empty where nothing is to be done.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub remedy: String,
}

impl Finding {
    /// A check had nothing to look at, and why.
    pub fn skipped(check: CheckName, why: &str) -> Self {
        Self {
            check,
            outcome: Outcome::Skipped,
            subject: String::new(),
            source: String::new(),
            line: None,
            evidence: why.to_owned(),
            remedy: String::new(),
        }
    }
}

/// All findings in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Verdict")]
pub enum Overall {
    /// At least one finding says that the deployment will fail.
    Fail,
    /// None does, and at least one could not be told.
    Unclear,
    /// At least one warns, and that is the worst.
    Warn,
    /// All is well, as far as the checks look.
    Pass,
}

impl Overall {
    /// The word as it is printed.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Unclear => "unclear",
            Self::Warn => "warn",
            Self::Pass => "pass",
        }
    }
}

/// The worst of them.
pub fn verdict(findings: &[Finding]) -> Overall {
    match findings.iter().map(|finding| finding.outcome).min() {
        Some(Outcome::Fail) => Overall::Fail,
        Some(Outcome::Unclear) => Overall::Unclear,
        Some(Outcome::Warn) => Overall::Warn,
        Some(Outcome::Skipped | Outcome::Pass) | None => Overall::Pass,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_finding_decides_and_a_failure_outweighs_what_is_unclear() {
        let finding = |outcome| Finding { outcome, ..Finding::skipped(CheckName::Tags, "x") };
        let overall = |outcomes: &[Outcome]| {
            verdict(&outcomes.iter().map(|outcome| finding(*outcome)).collect::<Vec<_>>())
        };
        assert_eq!(overall(&[Outcome::Pass, Outcome::Unclear, Outcome::Fail]), Overall::Fail);
        assert_eq!(overall(&[Outcome::Warn, Outcome::Unclear, Outcome::Pass]), Overall::Unclear);
        assert_eq!(overall(&[Outcome::Warn, Outcome::Skipped]), Overall::Warn);
        assert_eq!(overall(&[Outcome::Skipped, Outcome::Pass]), Overall::Pass);
    }

    #[test]
    fn a_name_is_printed_as_it_stands_in_json() {
        for check in super::super::CHECKS {
            assert_eq!(serde_json::to_value(check.name).unwrap(), check.name.word());
        }
        for outcome in Outcome::ALL {
            assert_eq!(serde_json::to_value(outcome).unwrap(), outcome.word());
        }
    }
}
