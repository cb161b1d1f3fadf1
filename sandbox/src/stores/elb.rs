//! What Elastic Load Balancing knows of one region. Plain records; the rules are in the room `elb`.
#![expect(missing_docs, reason = "the fields are named as AWS names them in its describe calls")]

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::tags::Tags;

/// Elastic Load Balancing's records in one region, each by its ARN.
#[derive(Debug, Default)]
pub struct Elb {
    pub load_balancers: BTreeMap<String, LoadBalancer>,
    pub target_groups: BTreeMap<String, TargetGroup>,
    pub listeners: BTreeMap<String, Listener>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    Application,
    Network,
    Gateway,
}

impl Type {
    /// As AWS spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Application => "application",
            Self::Network => "network",
            Self::Gateway => "gateway",
        }
    }

    /// As it stands in ARNs and in the descriptions of interfaces.
    pub fn short(self) -> &'static str {
        match self {
            Self::Application => "app",
            Self::Network => "net",
            Self::Gateway => "gwy",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    InternetFacing,
    Internal,
}

impl Scheme {
    /// As AWS spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InternetFacing => "internet-facing",
            Self::Internal => "internal",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Provisioning,
    Active,
}

impl State {
    /// As AWS spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Provisioning => "provisioning",
            Self::Active => "active",
        }
    }
}

#[derive(Debug, Clone)]
pub struct LoadBalancer {
    pub name: String,
    pub dns_name: String,
    pub created: Timestamp,
    pub scheme: Scheme,
    pub lb_type: Type,
    pub vpc: String,
    pub state: State,
    /// Zone → subnet.
    pub zones: BTreeMap<String, String>,
    pub groups: BTreeSet<String>,
    /// The interfaces it made.
    pub interfaces: Vec<String>,
    pub attributes: BTreeMap<String, String>,
    pub tags: Tags,
}

#[derive(Debug, Clone)]
pub struct TargetGroup {
    pub name: String,
    pub protocol: Option<String>,
    pub port: Option<i64>,
    pub vpc: Option<String>,
    pub target_type: String,
    /// How many listeners that are gone already still hold it for a while.
    pub lingering: u32,
    pub tags: Tags,
}

#[derive(Debug, Clone)]
pub struct Listener {
    pub load_balancer: String,
    pub protocol: String,
    pub port: i64,
    pub target_groups: BTreeSet<String>,
    pub tags: Tags,
}
