//! What Lambda knows of one region. Plain records; the rules are in the room `lambda`.
#![expect(missing_docs, reason = "the fields are named as AWS names them in its answers")]

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::tags::Tags;

/// Lambda's records in one region.
#[derive(Debug, Clone, Default)]
pub struct Lambda {
    /// Functions by name.
    pub functions: BTreeMap<String, Function>,
    /// The interfaces that functions share, by their place.
    pub interfaces: BTreeMap<Place, SharedInterface>,
}

#[derive(Debug, Clone)]
pub struct Function {
    pub arn: String,
    pub role: String,
    pub runtime: Option<String>,
    pub handler: Option<String>,
    pub description: String,
    /// `None`: it runs in no VPC of the account.
    pub vpc: Option<VpcConfig>,
    /// `Pending` or `Active`.
    pub state: String,
    pub modified: Timestamp,
    pub tags: Tags,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VpcConfig {
    pub vpc: String,
    pub subnets: BTreeSet<String>,
    pub groups: BTreeSet<String>,
}

/// Where an interface of functions stands: a subnet and a set of groups.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub subnet: String,
    pub groups: BTreeSet<String>,
}

impl Place {
    /// Whether a function uses an interface here.
    pub fn serves(&self, function: &Function) -> bool {
        let vpc = function.vpc.as_ref();
        vpc.is_some_and(|vpc| vpc.groups == self.groups && vpc.subnets.contains(&self.subnet))
    }
}

/// An interface that all functions of one place use.
#[derive(Debug, Clone)]
pub struct SharedInterface {
    pub interface: String,
    /// The ARN of the role that made it, and that has to be there to remove it.
    pub role: String,
}
