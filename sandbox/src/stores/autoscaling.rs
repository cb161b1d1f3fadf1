//! What Auto Scaling knows of one region besides the groups of EKS's node groups. Plain records; the rules are
//! in the room `autoscaling`.
#![expect(missing_docs, reason = "the fields are named as AWS names them in its describe calls")]

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

/// Auto Scaling's records in one region, each by its name.
#[derive(Debug, Clone, Default)]
pub struct AutoScaling {
    pub groups: BTreeMap<String, ScalingGroup>,
    pub configurations: BTreeMap<String, LaunchConfiguration>,
}

/// A group that a user made.
#[derive(Debug, Clone)]
pub struct ScalingGroup {
    pub arn: String,
    pub created: Timestamp,
    pub launch: LaunchFrom,
    pub min: u32,
    pub max: u32,
    pub desired: u32,
    pub subnets: Vec<String>,
    pub target_groups: BTreeSet<String>,
    /// Process → why it is suspended.
    pub suspended: BTreeMap<String, String>,
    /// Whether it is being deleted with its instances.
    pub deleting: bool,
    /// Key → value, and whether instances get it.
    pub tags: BTreeMap<String, (String, bool)>,
}

/// What a group launches its instances from.
#[derive(Debug, Clone)]
pub enum LaunchFrom {
    Template(TemplateUse),
    /// A mixed instances policy: a template, and what stands in its stead for some instance types.
    Mixed(TemplateUse, Vec<Override>),
    Configuration(String),
}

/// A launch template as a group names it.
#[derive(Debug, Clone)]
pub struct TemplateUse {
    pub id: String,
    pub name: String,
    pub version: Option<String>,
}

#[derive(Debug, Clone)]
pub struct Override {
    pub instance_type: Option<String>,
    pub template: Option<TemplateUse>,
}

#[derive(Debug, Clone)]
pub struct LaunchConfiguration {
    pub arn: String,
    pub created: Timestamp,
    pub image: String,
    pub instance_type: String,
    pub key_name: Option<String>,
    pub groups: BTreeSet<String>,
    /// An instance profile, by name or ARN.
    pub profile: Option<String>,
    pub public: Option<bool>,
}
