//! What EKS knows of one region. Plain records; the rules are in the room `eks`.
#![expect(missing_docs, reason = "the fields are named as AWS names them in its describe calls")]

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::Value;

use crate::tags::Tags;

/// EKS's records in one region.
#[derive(Debug, Default)]
pub struct Eks {
    /// By name: a name is free again as soon as its cluster is gone.
    pub clusters: BTreeMap<String, Cluster>,
    /// How the nodes of node groups fare that are created over the API from now on.
    pub nodes: Nodes,
}

/// Whether the nodes of a new node group join their cluster.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Nodes {
    /// They join, and the node group becomes ACTIVE.
    #[default]
    Join,
    /// They run but never join, and the node group ends as CREATE_FAILED.
    NeverJoin,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClusterStatus {
    Creating,
    Active,
    Deleting,
    Failed,
    Updating,
}

impl ClusterStatus {
    /// As AWS spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Creating => "CREATING",
            Self::Active => "ACTIVE",
            Self::Deleting => "DELETING",
            Self::Failed => "FAILED",
            Self::Updating => "UPDATING",
        }
    }
}

#[derive(Debug, Clone)]
pub struct Cluster {
    pub name: String,
    pub arn: String,
    pub created: Timestamp,
    pub version: String,
    pub role_arn: String,
    pub vpc: String,
    pub subnets: BTreeSet<String>,
    pub groups: BTreeSet<String>,
    /// The group that EKS made for the cluster.
    pub cluster_group: String,
    /// The control plane's interfaces.
    pub interfaces: Vec<String>,
    /// The last part of the OIDC issuer and of the endpoint: 32 upper-case hexadecimal digits.
    pub identity: String,
    pub status: ClusterStatus,
    /// Whether it has ever been ACTIVE: only then does it tell an endpoint and an issuer.
    pub served: bool,
    pub deletion_protection: bool,
    pub client_request_token: Option<String>,
    pub issues: Vec<Issue>,
    /// How many of its next deletions end as FAILED (a fault on demand).
    pub failing_deletions: u32,
    pub nodegroups: BTreeMap<String, Nodegroup>,
    pub addons: BTreeMap<String, Addon>,
    pub fargate_profiles: BTreeMap<String, FargateProfile>,
    /// By the ARN of whom each lets in.
    pub access_entries: BTreeMap<String, AccessEntry>,
    /// By id.
    pub associations: BTreeMap<String, Association>,
    pub tags: Tags,
}

/// What a describe call tells under `health`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    pub code: String,
    pub message: String,
    pub resources: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NodegroupStatus {
    Creating,
    Active,
    CreateFailed,
    Deleting,
    DeleteFailed,
}

impl NodegroupStatus {
    /// As AWS spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Creating => "CREATING",
            Self::Active => "ACTIVE",
            Self::CreateFailed => "CREATE_FAILED",
            Self::Deleting => "DELETING",
            Self::DeleteFailed => "DELETE_FAILED",
        }
    }
}

#[derive(Debug, Clone)]
pub struct Nodegroup {
    pub name: String,
    pub arn: String,
    pub created: Timestamp,
    pub modified: Timestamp,
    pub status: NodegroupStatus,
    pub version: String,
    pub scaling: Scaling,
    pub instance_types: Vec<String>,
    pub ami_type: String,
    pub capacity_type: String,
    /// `None`: the launch template says.
    pub disk_size: Option<u32>,
    pub subnets: BTreeSet<String>,
    pub node_role: String,
    pub labels: BTreeMap<String, String>,
    /// The user's own launch template.
    pub template: Option<TemplateRef>,
    /// The launch template that EKS makes for its nodes; it goes with the node group.
    pub made_template: String,
    pub scaling_group: String,
    /// The key that lets SSH in, and the group that EKS made for it.
    pub remote_access: Option<RemoteAccess>,
    pub issues: Vec<Issue>,
    /// How many of its next deletions end as DELETE_FAILED (a fault on demand).
    pub failing_deletions: u32,
    pub tags: Tags,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scaling {
    pub min: u32,
    pub max: u32,
    pub desired: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteAccess {
    pub key: String,
    pub group: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateRef {
    pub id: String,
    pub name: String,
    pub version: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddonStatus {
    Creating,
    Active,
    Deleting,
}

impl AddonStatus {
    /// As AWS spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Creating => "CREATING",
            Self::Active => "ACTIVE",
            Self::Deleting => "DELETING",
        }
    }
}

#[derive(Debug, Clone)]
pub struct Addon {
    pub arn: String,
    pub created: Timestamp,
    pub modified: Timestamp,
    pub version: String,
    pub role_arn: Option<String>,
    pub status: AddonStatus,
    pub tags: Tags,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProfileStatus {
    Creating,
    Active,
    Deleting,
}

impl ProfileStatus {
    /// As AWS spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Creating => "CREATING",
            Self::Active => "ACTIVE",
            Self::Deleting => "DELETING",
        }
    }
}

#[derive(Debug, Clone)]
pub struct FargateProfile {
    pub arn: String,
    pub created: Timestamp,
    pub role_arn: String,
    pub subnets: Vec<String>,
    /// As they were sent: namespaces and labels.
    pub selectors: Value,
    pub status: ProfileStatus,
    pub tags: Tags,
}

#[derive(Debug, Clone)]
pub struct AccessEntry {
    pub arn: String,
    pub created: Timestamp,
    /// `STANDARD`, `EC2_LINUX`, `FARGATE_LINUX`, …
    pub entry_type: String,
    pub groups: Vec<String>,
    pub tags: Tags,
}

/// A pod identity association.
#[derive(Debug, Clone)]
pub struct Association {
    pub arn: String,
    /// `a-` and 16 letters and digits.
    pub id: String,
    pub created: Timestamp,
    pub namespace: String,
    pub service_account: String,
    pub role_arn: String,
    /// The role that it goes on to, of whichever account.
    pub target_role_arn: Option<String>,
    pub tags: Tags,
}
