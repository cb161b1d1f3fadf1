//! Small deployments and accounts for the tests of checks.

mod files;

use std::collections::{BTreeMap, BTreeSet};

use crate::deployment::{Certainty, Change, Item as Planned, ReplaceOrder};
use crate::deployment::{Deployment, Format, Value};
use crate::inventory::testing::{World as Account, region};
use crate::judge::Judgement;
use crate::model::{Judged, KindName, Region, Resource, Verdict, Verdicts};

use super::{AddonSupport, CHECKS, CheckName, ClusterSupport, EksSupport, Facts, Finding, Support, run};
use crate::deployment::pulumi_project::PulumiProject;
use crate::states::StackState;
pub(super) use files::{TOOLS, Thing, Tool, read};

/// A deployment and the account it is for.
pub(super) struct World {
    pub deployments: Vec<Deployment>,
    pub account: Account,
    pub eks: Result<EksSupport, String>,
    pub aliases: Result<BTreeSet<String>, String>,
    pub regions: Result<BTreeMap<Region, bool>, String>,
    pub projects: Vec<PulumiProject>,
    pub states: Vec<StackState>,
    pub flags: String,
    pub select: Vec<crate::policy::Terms>,
    pub now: &'static str,
    judgement: Judgement,
}

/// An item under construction.
pub(super) struct Item(pub Planned);

pub(super) fn text(text: &str) -> Value {
    Value::text(text)
}

pub(super) fn unknown(from: &[&str]) -> Value {
    Value::Unknown(from.iter().map(|it| (*it).to_owned()).collect())
}

pub(super) fn map(entries: &[(&str, Value)]) -> Value {
    Value::Map(entries.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
}

/// Something that is made in the region of all tests. Its type is its kind in Terraform's spelling.
pub(super) fn item(address: &str, kind: &'static str) -> Item {
    let row = crate::kinds::row(kind);
    let type_name = row.and_then(|row| row.deployed.types.terraform.first()).map_or(kind, |name| name);
    let place = if row.is_some_and(|row| row.global) { Region::global() } else { region() };
    Item(Planned {
        address: address.to_owned(),
        type_name: type_name.to_owned(),
        kind: row.map(|_| KindName::of(kind)),
        change: Change::Create,
        certainty: Certainty::Certain,
        region: Some(place),
        properties: Value::default(),
        before: Value::Null,
        after: Vec::new(),
    })
}

/// A cluster of this name.
pub(super) fn cluster(address: &str, name: &str) -> Item {
    item(address, "eks-cluster").with("name", text(name))
}

impl Item {
    pub(super) fn with(mut self, name: &str, value: Value) -> Self {
        if let Value::Map(map) = &mut self.0.properties {
            map.insert(name.to_owned(), value);
        }
        self
    }

    pub(super) fn region(mut self, name: &str) -> Self {
        self.0.region = Some(if name == "global" { Region::global() } else { Region::new(name) });
        self
    }

    pub(super) fn of_type(mut self, name: &str) -> Self {
        self.0.type_name = name.to_owned();
        self
    }

    pub(super) fn after(mut self, addresses: &[&str]) -> Self {
        self.0.after = addresses.iter().map(|it| (*it).to_owned()).collect();
        self
    }

    pub(super) fn update(mut self) -> Self {
        self.0.change = Change::Update;
        self
    }

    pub(super) fn replace(mut self, order: ReplaceOrder) -> Self {
        self.0.change = Change::Replace(order);
        self
    }

    pub(super) fn delete(mut self) -> Self {
        self.0.change = Change::Delete;
        self
    }

    pub(super) fn keep(mut self) -> Self {
        self.0.change = Change::Keep;
        self
    }

    pub(super) fn possible(mut self, why: &str) -> Self {
        self.0.certainty = Certainty::Possible(why.to_owned());
        self
    }
}

impl World {
    pub(super) fn new() -> Self {
        let deployment = Deployment {
            source: "plan.json".to_owned(),
            format: Format::TerraformPlan,
            stack: None,
            account: None,
            items: Vec::new(),
            uncounted: Vec::new(),
        };
        Self {
            deployments: vec![deployment],
            account: Account::new(),
            eks: Ok(support()),
            aliases: Ok(BTreeSet::new()),
            regions: Ok([(region(), true)].into()),
            projects: Vec::new(),
            states: Vec::new(),
            flags: String::new(),
            select: Vec::new(),
            now: "2026-11-21T12:00:00Z",
            judgement: Judgement { verdicts: Verdicts::new(), stacks: Vec::new() },
        }
    }

    /// One whose only deployment is this.
    pub(super) fn of(deployment: Deployment) -> Self {
        let mut world = Self::new();
        world.deployments = vec![deployment];
        world
    }

    pub(super) fn of_format(format: Format) -> Self {
        let mut world = Self::new();
        world.deployments[0].format = format;
        world
    }

    pub(super) fn add(&mut self, item: Item) -> &mut Self {
        self.deployments[0].items.push(item.0);
        self
    }

    /// Something that is in the account.
    pub(super) fn live(&mut self, kind: &str, id: &str) -> &mut Resource {
        self.account.add(kind, id).get(kind, id)
    }

    /// Says what the judge said of it.
    pub(super) fn judged(&mut self, kind: &str, id: &str, verdict: Verdict, stack: Option<&str>) {
        let key = crate::inventory::testing::key(kind, id);
        let selected = verdict == Verdict::Orphan;
        let evidence = vec!["a test says so".to_owned()];
        let judged =
            Judged { verdict, gate: None, evidence, proof: None, stack: stack.map(str::to_owned), selected };
        self.judgement.verdicts.insert(key, judged);
    }

    pub(super) fn facts(&self) -> Facts<'_> {
        Facts {
            now: crate::inventory::testing::at(self.now),
            inventory: &self.account.inventory,
            judgement: &self.judgement,
            eks: [(region(), self.eks.clone())].into(),
            aliases: [(region(), self.aliases.clone())].into(),
            regions: self.regions.clone(),
            projects: self.projects.clone(),
            states: self.states.clone(),
            flags: self.flags.clone(),
            select: self.select.clone(),
        }
    }

    pub(super) fn findings(&self, check: CheckName) -> Vec<Finding> {
        run(&self.deployments, &self.facts(), &[check].into(), Vec::new())
    }

    pub(super) fn all(&self) -> Vec<Finding> {
        let all = CHECKS.iter().map(|check| check.name).collect();
        run(&self.deployments, &self.facts(), &all, Vec::new())
    }
}

/// Three versions, one of each sort, and one add-on for the newest.
fn support() -> EksSupport {
    let version = |support, standard: &str, extended: &str| ClusterSupport {
        support,
        standard_until: Some(crate::inventory::testing::at(standard)),
        extended_until: Some(crate::inventory::testing::at(extended)),
        is_default: support == Support::Standard,
    };
    let end = "T00:00:00Z";
    let of = |support, standard: &str, extended: &str| {
        version(support, &format!("{standard}{end}"), &format!("{extended}{end}"))
    };
    let addon = |versions: &[&str]| AddonSupport {
        versions: versions.iter().map(|it| (*it).to_owned()).collect(),
        default: versions.last().map(|it| (*it).to_owned()),
    };
    let fits = addon(&["v1.21.1-eksbuild.1", "v1.20.4-eksbuild.2"]);
    EksSupport {
        clusters: [
            ("1.30".to_owned(), of(Support::Unsupported, "2025-07-23", "2026-07-23")),
            ("1.32".to_owned(), of(Support::Extended, "2026-03-23", "2027-03-23")),
            ("1.35".to_owned(), of(Support::Standard, "2027-03-27", "2028-03-27")),
            (
                "1.34".to_owned(),
                ClusterSupport { is_default: false, ..of(Support::Standard, "2026-12-02", "2027-12-02") },
            ),
        ]
        .into(),
        addons: [
            (("vpc-cni".to_owned(), "1.35".to_owned()), fits),
            (("vpc-cmi".to_owned(), "1.35".to_owned()), AddonSupport::default()),
        ]
        .into(),
    }
}
