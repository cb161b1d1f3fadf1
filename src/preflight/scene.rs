//! What the checks look at: items of deployments, their attributes, their clusters, and the facts beside
//! them.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use crate::deployment::{Certainty, Change, Deployment, Format, Item, Value, Weight};
use crate::kinds;
use crate::model::deployed::{Deployed, Plays};
use crate::model::index::{By, Items};
use crate::model::words::fact;
use crate::model::{Key, Region, Resource};

use super::facts::EksSupport;
use super::reach::{self, Few, Reaches, WaitsFor};
use super::{CheckName, Facts, Finding, Outcome};

/// The deployments and what was read for them.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// What somebody is about to deploy, by file.
    pub files: &'a [File<'a>],
    /// What is known besides.
    pub facts: &'a Facts<'a>,
}

/// One deployment, with what many checks ask of it many times, found once.
pub struct File<'a> {
    pub deployment: &'a Deployment,
    pub items: Items<'a>,
    /// Of what plays a part, what remains and what is made, in the file's order.
    remaining: BTreeMap<Plays, Vec<&'a Item>>,
    made: BTreeMap<Plays, Vec<&'a Item>>,
    /// [`Deployment::tells_order`].
    pub tells_order: bool,
    /// [`Deployment::is_of_several_accounts`].
    pub is_of_several_accounts: bool,
    /// Whether it may make more than it tells.
    pub makes_more: bool,
    /// Whether nothing that it makes may make more.
    pub tells_all: bool,
    reaches: RefCell<Reaches>,
    /// How many steps all walks in it may still take.
    steps: Cell<usize>,
}

/// How many steps all walks in a file may take, for each of its items.
const STEPS: usize = 8;

/// The parts that are looked for in a whole file.
const PARTS: [Plays; 6] = [
    Plays::AccessEntry,
    Plays::Cluster,
    Plays::LaunchTemplate,
    Plays::NodeGroup,
    Plays::Nodes,
    Plays::VpcEndpoint,
];

/// The files of these deployments.
pub fn files(deployments: &[Deployment]) -> Vec<File<'_>> {
    deployments.iter().map(File::of).collect()
}

impl<'a> File<'a> {
    fn of(deployment: &'a Deployment) -> Self {
        let items = kinds::items(&deployment.items);
        let those = |is: fn(Change) -> bool| {
            PARTS.map(|part| (part, items.playing(part).iter().copied().filter(|it| is(it.change)).collect()))
        };
        let (remaining, made) = (those(Change::remains).into(), those(Change::makes).into());
        Self {
            deployment,
            remaining,
            made,
            tells_order: deployment.tells_order(),
            is_of_several_accounts: deployment.is_of_several_accounts(),
            makes_more: deployment.uncounted.iter().any(|it| it.weight == Weight::Open),
            tells_all: deployment.uncounted.iter().all(|it| items.place(&it.what).is_none()),
            reaches: RefCell::default(),
            steps: Cell::new(1_000_000 + STEPS * items.all().len()),
            items,
        }
    }

    /// What plays a part and will be there, in the file's order.
    pub fn remaining(&'a self, part: Plays) -> &'a [&'a Item] {
        self.remaining.get(&part).map_or(&[], Vec::as_slice)
    }

    /// What plays a part and is made, in the file's order.
    pub fn made(&'a self, part: Plays) -> &'a [&'a Item] {
        self.made.get(&part).map_or(&[], Vec::as_slice)
    }

    /// The first that gives a cluster nodes and is made.
    pub fn first_nodes_made(&'a self) -> Option<&'a Item> {
        let firsts = [Plays::NodeGroup, Plays::Nodes].map(|part| self.made(part).first().copied());
        firsts.into_iter().flatten().min_by_key(|it| self.items.place(&it.address))
    }

    /// One of its items.
    pub const fn planned(&'a self, item: &'a Item) -> Planned<'a> {
        Planned { file: self, deployment: self.deployment, item }
    }

    /// The item of this place.
    pub fn planned_at(&'a self, at: usize) -> Option<Planned<'a>> {
        Some(self.planned(self.items.all().get(at)?))
    }
}

/// One item of one deployment.
#[derive(Clone, Copy)]
pub struct Planned<'a> {
    pub file: &'a File<'a>,
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
        self.files.iter().flat_map(|file| file.items.all().iter().map(|item| file.planned(item)))
    }

    /// What is made or changed.
    pub fn changed(self) -> impl Iterator<Item = Planned<'a>> {
        self.all().filter(|planned| is_changed(planned.item))
    }

    /// What is made or changed of what plays a part.
    pub fn changed_playing(self, part: Plays) -> impl Iterator<Item = Planned<'a>> {
        self.files.iter().flat_map(move |file| {
            file.items.playing(part).iter().filter(|item| is_changed(item)).map(|item| file.planned(item))
        })
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
        let file = of.file;
        let is_cluster = |at: &usize| {
            file.planned_at(*at).is_some_and(|it| it.plays(Plays::Cluster) && it.item.change.remains())
        };
        let sources = name.sources().iter().filter_map(|address| file.items.place(address));
        if let Some(source) = sources.filter(is_cluster).min().and_then(|at| file.planned_at(at)) {
            return Cluster::Planned(source);
        }
        match of.reach().clusters {
            Few::One(at) => {
                if let Some(only) = file.planned_at(at) {
                    return Cluster::Planned(only);
                }
            }
            Few::Several => return Cluster::Unknown("it refers to more than one cluster".to_owned()),
            Few::None => {}
        }
        // A name that is not known yet comes from something that the file makes: if it makes one cluster, from that.
        match file.remaining(Plays::Cluster) {
            [only] if only.change.makes() && name.is_open() => Cluster::Planned(file.planned(only)),
            _ => Cluster::Unknown("the file does not tell which cluster it belongs to".to_owned()),
        }
    }

    /// The cluster of this name where something is made.
    pub fn cluster_named(self, of: Planned<'a>, name: &str) -> Cluster<'a> {
        let planned = self.files.iter().find_map(|file| {
            let mut called = file.items.called(Plays::Cluster, By::Name, name);
            let found = called.find(|it| it.change.remains() && it.region == of.item.region)?;
            Some(file.planned(found))
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

fn is_changed(item: &Item) -> bool {
    item.change.makes() || item.change == Change::Update
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

    /// What it waits for, as far as checks ask.
    pub fn reach(self) -> WaitsFor {
        let at = self.file.items.place(&self.item.address);
        at.map(|at| self.file.reaches.borrow_mut().of(&self.file.items, at)).unwrap_or_default()
    }

    /// Whether it waits for another one of its file; `None` where that takes too many steps to find out.
    pub fn waits_for(self, other: Self) -> Option<bool> {
        let place = |it: &Item| self.file.items.place(&it.address);
        let (from, to) = place(self.item).zip(place(other.item))?;
        let mut steps = self.file.steps.get();
        let found = reach::waits_for(&self.file.items, from, to, &mut steps);
        self.file.steps.set(if found.is_some() { steps } else { 0 });
        found
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
