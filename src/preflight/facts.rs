//! What was read for a preflight, from AWS and from the files beside the plan: the command gives it to the
//! checks.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::deployment::pulumi_project::PulumiProject;
use crate::inventory::Inventory;
use crate::judge::Judgement;
use crate::model::Region;
use crate::policy::Terms;
use crate::states::StackState;

/// What the checks may know besides the deployments. `Err` holds why something could not be read, in one
/// sentence; a check then says that it could not look, never that all is well.
#[derive(Debug)]
pub struct Facts<'a> {
    /// The present moment.
    pub now: Timestamp,
    /// What the account holds, in the regions of the deployments.
    pub inventory: &'a Inventory,
    /// Whose it is.
    pub judgement: &'a Judgement,
    /// What EKS supports, by region.
    pub eks: BTreeMap<Region, Result<EksSupport, String>>,
    /// The KMS aliases there are (`alias/name`), by region.
    pub aliases: BTreeMap<Region, Result<BTreeSet<String>, String>>,
    /// The regions there are, with whether the account has them enabled.
    pub regions: Result<BTreeMap<Region, bool>, String>,
    /// Pulumi project files beside the plans, or named.
    pub projects: Vec<PulumiProject>,
    /// The states that `--state` named.
    pub states: Vec<StackState>,
    /// What a command that is told as a remedy has to carry to mean the same account and the same stacks,
    /// as a shell reads it: ` --profile dev --stack-key Project`, or nothing.
    pub flags: String,
    /// What the flags selected: a command that is told as a remedy narrows it.
    pub select: Vec<Terms>,
}

/// What EKS supports in a region.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EksSupport {
    /// Kubernetes versions as DescribeClusterVersions tells them, all of them, by version (`1.33`).
    pub clusters: BTreeMap<String, ClusterSupport>,
    /// Add-on versions as DescribeAddonVersions tells them, by add-on name and the cluster version that
    /// was asked for.
    pub addons: BTreeMap<(String, String), AddonSupport>,
}

/// How far a Kubernetes version is supported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterSupport {
    /// AWS's own word for it, told by status.
    pub support: Support,
    /// When standard support ends.
    pub standard_until: Option<Timestamp>,
    /// When extended support ends.
    pub extended_until: Option<Timestamp>,
    /// Whether AWS takes it when none is named.
    pub is_default: bool,
}

/// AWS's status of a Kubernetes version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Support {
    /// At the ordinary price.
    Standard,
    /// At six times the price.
    Extended,
    /// No cluster can be made of it.
    Unsupported,
}

/// The versions of an add-on that go with one cluster version.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AddonSupport {
    /// All of them, the newest first, as AWS lists them.
    pub versions: Vec<String>,
    /// The one that AWS takes when none is named.
    pub default: Option<String>,
}
