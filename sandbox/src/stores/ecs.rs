//! What ECS knows of one region. Plain records; the rules are in the room `ecs`.
#![expect(missing_docs, reason = "the fields are named as AWS names them in its answers")]

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::Value;

use crate::tags::Tags;

/// ECS's records in one region.
#[derive(Debug, Clone, Default)]
pub struct Ecs {
    /// Clusters by name.
    pub clusters: BTreeMap<String, EcsCluster>,
    /// Task definitions by family and revision.
    pub definitions: BTreeMap<(String, u32), TaskDefinition>,
}

#[derive(Debug, Clone)]
pub struct EcsCluster {
    pub arn: String,
    /// Services by name.
    pub services: BTreeMap<String, EcsService>,
    pub tags: Tags,
}

#[derive(Debug, Clone)]
pub struct EcsService {
    pub arn: String,
    pub created: Timestamp,
    /// The ARN of its task definition.
    pub definition: String,
    pub desired: u32,
    pub running: u32,
    pub launch_type: String,
    pub role: Option<String>,
    pub network: Option<EcsNetwork>,
    /// As they were sent: target groups with container names and ports.
    pub load_balancers: Vec<Value>,
    /// The interfaces of its running tasks.
    pub interfaces: Vec<String>,
    pub tags: Tags,
}

/// `awsvpcConfiguration`.
#[derive(Debug, Clone)]
pub struct EcsNetwork {
    pub subnets: Vec<String>,
    pub groups: BTreeSet<String>,
    pub public: bool,
}

#[derive(Debug, Clone)]
pub struct TaskDefinition {
    pub arn: String,
    pub task_role: Option<String>,
    pub execution_role: Option<String>,
    pub network_mode: Option<String>,
    pub containers: Value,
    pub registered: Timestamp,
    pub tags: Tags,
}
