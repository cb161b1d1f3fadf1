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
    pub rules: BTreeMap<String, ListenerRule>,
}

impl Elb {
    /// The actions of a listener's default rule and of its others.
    pub fn actions_of<'a>(&'a self, listener: &'a str) -> impl Iterator<Item = &'a Action> {
        let own = self.listeners.get(listener).into_iter().flat_map(|listener| &listener.actions);
        let rules = self.rules.values().filter(move |rule| rule.listener == listener);
        own.chain(rules.flat_map(|rule| &rule.actions))
    }
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
    /// What is registered: id and port, and how it fares.
    pub targets: BTreeMap<(String, Option<i64>), Health>,
    pub tags: Tags,
}

/// How a registered target fares. What is in no load balancer's use is told as `unused`, whatever stands here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    Initial,
    Healthy,
    Unhealthy,
    Unused,
    Draining,
    Unavailable,
}

impl Health {
    /// As AWS spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Initial => "initial",
            Self::Healthy => "healthy",
            Self::Unhealthy => "unhealthy",
            Self::Unused => "unused",
            Self::Draining => "draining",
            Self::Unavailable => "unavailable",
        }
    }

    /// The reason that AWS gives; a healthy target has none.
    /// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html>
    pub fn reason(self) -> Option<&'static str> {
        match self {
            Self::Initial => Some("Elb.RegistrationInProgress"),
            Self::Healthy => None,
            Self::Unhealthy => Some("Target.FailedHealthChecks"),
            Self::Unused => Some("Target.NotInUse"),
            Self::Draining => Some("Target.DeregistrationInProgress"),
            Self::Unavailable => Some("Target.HealthCheckDisabled"),
        }
    }
}

/// What a listener or a rule does with a request.
#[derive(Debug, Clone)]
pub struct Action {
    /// `forward`, `redirect`, `fixed-response`, …
    pub kind: String,
    /// Where it forwards to: target groups with their weights.
    pub groups: Vec<(String, i64)>,
}

/// A rule of a listener, besides the default one.
#[derive(Debug, Clone)]
pub struct ListenerRule {
    pub listener: String,
    pub priority: i64,
    /// Field and values of each condition.
    pub conditions: Vec<(String, Vec<String>)>,
    pub actions: Vec<Action>,
    pub tags: Tags,
}

#[derive(Debug, Clone)]
pub struct Listener {
    pub load_balancer: String,
    pub protocol: String,
    pub port: i64,
    pub actions: Vec<Action>,
    pub tags: Tags,
}
