//! What the checks look at: items of deployments, their attributes, their clusters, and the facts beside
//! them.

use std::collections::{BTreeMap, BTreeSet};

use crate::deployment::{Certainty, Change, Deployment, Format, Item, Value};
use crate::kinds;
use crate::model::deployed::{Deployed, Plays};
use crate::model::words::fact;
use crate::model::{Key, Region, Resource};

use super::facts::EksSupport;
use super::{CheckName, Facts, Finding, Outcome};

/// The deployments and what was read for them.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// What somebody is about to deploy.
    pub deployments: &'a [Deployment],
    /// What is known besides.
    pub facts: &'a Facts<'a>,
}

/// One item of one deployment.
#[derive(Clone, Copy)]
pub struct Planned<'a> {
    pub deployment: &'a Deployment,
    pub item: &'a Item,
}

/// What a file tells of an attribute that is to be text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextValue {
    /// This text.
    Text(String),
    /// It is not set.
    Absent,
    /// It cannot be told, and why.
    Open(String),
}

/// The cluster that something belongs to.
pub enum Cluster<'a> {
    /// It is in a deployment.
    Planned(Planned<'a>),
    /// It is in the account.
    Live(&'a Resource),
    /// It cannot be told, and why.
    Unknown(String),
}

/// A Kubernetes version: major and minor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Minor(pub u32, pub u32);

impl Minor {
    /// Of `1.29`, `v1.29.3`, `1.29-eksbuild.1`.
    pub fn of(text: &str) -> Option<Self> {
        let text = text.trim().trim_start_matches(['v', 'V']);
        let (major, rest) = text.split_once('.')?;
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        Some(Self(major.parse().ok()?, digits.parse().ok()?))
    }
}

impl std::fmt::Display for Minor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

impl<'a> Scene<'a> {
    /// Everything in every deployment.
    pub fn all(self) -> impl Iterator<Item = Planned<'a>> {
        self.deployments
            .iter()
            .flat_map(|deployment| deployment.items.iter().map(move |item| Planned { deployment, item }))
    }

    /// What is made or changed.
    pub fn changed(self) -> impl Iterator<Item = Planned<'a>> {
        self.all().filter(|planned| planned.item.change.makes() || planned.item.change == Change::Update)
    }

    /// What is made or changed of what plays a part.
    pub fn changed_playing(self, part: Plays) -> impl Iterator<Item = Planned<'a>> {
        self.changed().filter(move |planned| planned.plays(part))
    }

    /// What EKS supports where this is made.
    pub fn support(self, planned: Planned<'a>) -> Result<&'a EksSupport, String> {
        let region = planned.region()?;
        match self.facts.eks.get(region) {
            Some(Ok(support)) => Ok(support),
            Some(Err(why)) => Err(format!("what EKS supports in {region} could not be read: {why}")),
            None => Err(format!("what EKS supports in {region} was not read")),
        }
    }

    /// A cluster of the account, by name.
    pub fn live_cluster(self, region: &Region, name: &str) -> Option<&'a Resource> {
        let mut keys = kinds::playing(Plays::Cluster).map(|kind| Key::new(kind, region.clone(), name));
        keys.find_map(|key| self.facts.inventory.resources.get(&key))
    }

    /// The cluster that a node group or an add-on names.
    pub fn cluster_of(self, of: Planned<'a>) -> Cluster<'a> {
        let name = of.item.properties.at("cluster_name");
        if let Value::Text(name) = name {
            return self.cluster_named(of, name);
        }
        let here = of.siblings().filter(|it| it.plays(Plays::Cluster) && it.item.change.remains());
        let here: Vec<Planned<'a>> = here.collect();
        if let Some(source) = here.iter().find(|it| name.sources().contains(&it.item.address)) {
            return Cluster::Planned(*source);
        }
        let reach = of.reach();
        let mut reached = here.iter().filter(|it| reach.addresses.contains(it.item.address.as_str()));
        match (reached.next(), reached.next()) {
            (Some(only), None) => return Cluster::Planned(*only),
            (Some(_), Some(_)) => return Cluster::Unknown("it refers to more than one cluster".to_owned()),
            (None, _) => {}
        }
        // A name that is not known yet comes from something that the file makes: if it makes one cluster, from that.
        match here.as_slice() {
            [only] if only.item.change.makes() && name.is_open() => Cluster::Planned(*only),
            _ => Cluster::Unknown("the file does not tell which cluster it belongs to".to_owned()),
        }
    }

    /// The cluster of this name where something is made.
    pub fn cluster_named(self, of: Planned<'a>, name: &str) -> Cluster<'a> {
        let planned = self.all().find(|it| {
            it.plays(Plays::Cluster)
                && it.item.change.remains()
                && it.item.region == of.item.region
                && it.item.properties.at("name").as_text() == Some(name)
        });
        if let Some(planned) = planned {
            return Cluster::Planned(planned);
        }
        let live = of.region().ok().and_then(|region| self.live_cluster(region, name));
        live.map_or_else(
            || {
                Cluster::Unknown(format!(
                    "cluster {name} is in none of the files and was not found in the account"
                ))
            },
            Cluster::Live,
        )
    }

    /// The Kubernetes version that a cluster has, or will have.
    pub fn version_of(self, cluster: &Cluster<'a>) -> Result<String, String> {
        match cluster {
            Cluster::Unknown(why) => Err(why.clone()),
            Cluster::Live(cluster) => cluster
                .facts
                .get(fact::VERSION)
                .cloned()
                .ok_or_else(|| format!("the version of cluster {} was not read", cluster.key.id)),
            Cluster::Planned(cluster) => self.planned_version(*cluster),
        }
    }

    fn planned_version(self, cluster: Planned<'a>) -> Result<String, String> {
        match cluster.text("version") {
            TextValue::Text(version) => Ok(version),
            TextValue::Open(why) => Err(format!("the version of its cluster is not known: {why}")),
            TextValue::Absent if cluster.item.change.makes() => {
                let support = self.support(cluster)?;
                let default = support.clusters.iter().find(|(_, it)| it.is_default);
                default.map(|(version, _)| version.clone()).ok_or_else(|| {
                    "its cluster names no version, and AWS did not tell which it takes then".to_owned()
                })
            }
            TextValue::Absent => {
                let name = cluster.item.properties.at("name").as_text();
                let live = name.and_then(|name| self.live_cluster(cluster.region().ok()?, name));
                let version = live.and_then(|live| live.facts.get(fact::VERSION));
                version.cloned().ok_or_else(|| "the version of its cluster is not in the file".to_owned())
            }
        }
    }
}

/// What something waits for, directly or through others.
pub struct WaitsFor<'a> {
    /// Addresses of items.
    pub addresses: BTreeSet<&'a str>,
    /// References to what is no item of the file, so that what they wait for is unknown.
    pub unresolved: BTreeSet<&'a str>,
}

impl<'a> Planned<'a> {
    /// Whether it is of this kind.
    pub fn is(self, kind: &str) -> bool {
        self.item.is(kind)
    }

    /// Whether it plays this part.
    pub fn plays(self, part: Plays) -> bool {
        self.deployed().is_some_and(|it| it.plays == part)
    }

    /// What the catalog says of its kind, if that is known.
    pub fn deployed(self) -> Option<&'static Deployed> {
        kinds::row_of(self.item).map(|row| row.deployed)
    }

    /// Everything in its deployment.
    pub fn siblings(self) -> impl Iterator<Item = Self> {
        let deployment = self.deployment;
        deployment.items.iter().map(move |item| Planned { deployment, item })
    }

    /// The region it is made in.
    pub fn region(self) -> Result<&'a Region, String> {
        self.item.region.as_ref().ok_or_else(|| "the file does not tell in which region".to_owned())
    }

    /// Whether the file tells no attribute of it at all. A template tells what is set: where that is
    /// nothing that a check asks for, nothing of it is.
    pub fn is_bare(self) -> bool {
        let is_template = matches!(self.deployment.format, Format::CloudFormationTemplate | Format::CdkOut);
        self.item.properties.is_open() || (self.item.properties.is_empty() && !is_template)
    }

    /// An attribute that is to be text. A number stands for its text, as YAML writes versions.
    pub fn text(self, path: &str) -> TextValue {
        if self.is_bare() {
            return TextValue::Open(format!("a {} tells no attributes", self.deployment.format.title()));
        }
        match self.item.properties.at(path) {
            Value::Text(text) if text.is_empty() => TextValue::Absent,
            Value::Text(text) => TextValue::Text(text.clone()),
            Value::Number(number) => TextValue::Text(number.to_string()),
            Value::Bool(it) => TextValue::Text(it.to_string()),
            Value::Null => TextValue::Absent,
            looked_up if looked_up.is_looked_up() => {
                TextValue::Open("looked up only when it is made".to_owned())
            }
            Value::Unknown(from) if from.is_empty() => {
                TextValue::Open("not known before the deployment".to_owned())
            }
            hangs if hangs.parameters().next().is_some() => {
                let parameters = hangs.parameters().collect::<Vec<_>>().join(" and ");
                TextValue::Open(format!("known only with parameter {parameters}"))
            }
            Value::Unknown(from) => TextValue::Open(format!("known only after {} is there", from.join(", "))),
            Value::Secret => TextValue::Open("marked as sensitive".to_owned()),
            Value::List(_) | Value::Map(_) => TextValue::Open("not one text".to_owned()),
        }
    }

    /// Everything it waits for.
    pub fn reach(self) -> WaitsFor<'a> {
        let items: BTreeMap<&str, &Item> =
            self.deployment.items.iter().map(|item| (item.address.as_str(), item)).collect();
        let mut reach = WaitsFor { addresses: BTreeSet::new(), unresolved: BTreeSet::new() };
        let mut open: Vec<&str> = self.item.after.iter().map(String::as_str).collect();
        let mut followed: BTreeSet<&str> = BTreeSet::new();
        while let Some(address) = open.pop() {
            if !followed.insert(address) {
                continue;
            }
            let parts = parts(&items, address);
            if parts.is_empty() && !is_provider(address) {
                reach.unresolved.insert(address);
            }
            for item in parts {
                if reach.addresses.insert(&item.address) {
                    open.extend(item.after.iter().map(String::as_str));
                }
            }
        }
        reach
    }

    /// A finding on it. What only perhaps is made can only perhaps fail.
    pub fn finding(
        self,
        check: CheckName,
        outcome: Outcome,
        evidence: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Finding {
        let (outcome, evidence) = match (&self.item.certainty, outcome) {
            (Certainty::Possible(why), Outcome::Fail) => {
                (Outcome::Unclear, format!("{}; whether it is made is open: {why}", evidence.into()))
            }
            (Certainty::Possible(_) | Certainty::Certain, _) => (outcome, evidence.into()),
        };
        Finding {
            check,
            outcome,
            subject: self.item.address.clone(),
            source: self.deployment.source.clone(),
            line: None,
            evidence,
            remedy: remedy.into(),
        }
    }
}

/// The items that an address stands for: itself, all of a `count`, all of a module.
fn parts<'a>(items: &BTreeMap<&str, &'a Item>, address: &str) -> Vec<&'a Item> {
    if let Some(item) = items.get(address) {
        return vec![item];
    }
    let inside = |other: &&str| {
        other.strip_prefix(address).is_some_and(|rest| rest.starts_with('.') || rest.starts_with('['))
    };
    items.iter().filter(|(other, _)| inside(other)).map(|(_, item)| *item).collect()
}

/// A provider of Pulumi's waits for nothing that a check asks for and could not see otherwise.
fn is_provider(address: &str) -> bool {
    address.contains("pulumi:providers:")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_by_its_minor() {
        for text in ["1.29", "v1.29.3", "1.29-eksbuild.1", " 1.29.0 "] {
            assert_eq!(Minor::of(text), Some(Minor(1, 29)), "{text}");
        }
        for text in ["", "latest", "1", "1.", "v1.x", "sha256:abc"] {
            assert_eq!(Minor::of(text), None, "{text}");
        }
        assert!(Minor(1, 9) < Minor(1, 29), "by number, not by letters");
    }
}
