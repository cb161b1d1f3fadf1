//! The scan as a JSON document, `aws-janitor/scan/1`: written for scripts and people, read back for `plan --inventory`.
//!
//! Verdicts, evidence and prices are written and not read: whoever reads judges again, with the policy of the day.

mod beyond;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Judgement, Shown, TrackedBy};
use crate::model::{
    AccountId, Catalog, Gate, Guard, Key, KindName, Life, Link, Region, Resource, StackVerdict, StateClaims,
    Tags, Verdict,
};
use crate::price;

use crate::inventory::{Caller, Inventory, UnreadThing};

pub use beyond::{Coverage, ScannedElsewhere, Unanswered};

/// The schema that this program writes and reads.
pub const SCHEMA: &str = "aws-janitor/scan/1";

/// Why a document could not be read back. Each says what happened; what to do is [`DocumentError::remedy`].
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// It is not JSON, or a field is missing, unknown or of the wrong type. The text names line and column.
    #[error("the scan cannot be read: {0}")]
    Json(#[from] serde_json::Error),
    /// It is JSON of another kind or version.
    #[error("this is {found} and not {SCHEMA}")]
    Schema {
        /// What its `schema` says.
        found: String,
    },
    /// Its parts contradict each other: it was cut, merged or edited.
    #[error("the scan contradicts itself: {0}")]
    Contradiction(String),
}

impl DocumentError {
    /// What to do about it, in one sentence.
    pub const fn remedy(&self) -> &'static str {
        match self {
            Self::Json(_) | Self::Schema { .. } | Self::Contradiction(_) => {
                "make it with `aws-janitor scan -o json > FILE`, and do not edit it"
            }
        }
    }
}

/// A whole scan with its verdicts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScanDocument {
    /// `aws-janitor/scan/1`.
    pub schema: String,
    /// The account's number.
    pub account: AccountId,
    /// Who looked.
    pub caller: Caller,
    /// When the scan ended.
    pub taken: Timestamp,
    /// The regions that were asked for.
    pub regions: BTreeSet<Region>,
    /// The kinds that were asked for.
    pub kinds: BTreeSet<KindName>,
    /// What was not seen.
    pub coverage: Coverage,
    /// Everything seen.
    pub resources: Vec<ScannedResource>,
    /// The stacks it belongs to.
    pub stacks: Vec<ScannedStack>,
    /// Where else users of global things were looked for.
    #[serde(default)]
    pub elsewhere: ScannedElsewhere,
    /// Services that the endpoint does not know and that the user does without.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub without_services: BTreeSet<String>,
    /// What was asked about single things and not answered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unanswered: Vec<Unanswered>,
    /// Things of kinds that are not read, as the tagging API lists them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<UnreadThing>,
    /// What states of deployment tools tell, as far as any were named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub states: Vec<StateClaims>,
    /// Things that others refer to and that are not there: AWS was asked for each by its id.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub gone: BTreeSet<Key>,
}

/// One resource with its verdict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScannedResource {
    /// Its kind.
    pub kind: KindName,
    /// Its id.
    pub id: String,
    /// Its ARN, if AWS gives it one.
    #[serde(default)]
    pub arn: Option<String>,
    /// Its region, or `global`.
    pub region: Region,
    /// The name people know it by.
    #[serde(default)]
    pub name: Option<String>,
    /// All its tags.
    #[serde(default)]
    pub tags: Tags,
    /// The stack it belongs to.
    #[serde(default)]
    pub stack: Option<String>,
    /// When AWS says it was made.
    #[serde(default)]
    pub created: Option<Timestamp>,
    /// The verdict; `null` when nobody judged it.
    #[serde(default)]
    pub verdict: Option<Verdict>,
    /// The gate that decided; `null` for an orphan, which passed them all, and before judging.
    #[serde(default)]
    pub gate: Option<Gate>,
    /// Why, the deciding sentence first.
    #[serde(default)]
    pub evidence: Vec<String>,
    /// Whether the selection reaches it.
    #[serde(default)]
    pub selected: bool,
    /// What it costs per month in US dollars; `null` when unknown.
    #[serde(default)]
    pub monthly_usd: Option<f64>,
    /// What it refers to.
    #[serde(default)]
    pub links: BTreeSet<Link>,
    /// An id that is never used again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unique_id: Option<String>,
    /// The owning account, where AWS tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<AccountId>,
    /// Its state in AWS's own word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Where in its life it stands.
    #[serde(default)]
    pub life: Life,
    /// What forbids its deletion.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub guards: BTreeSet<Guard>,
    /// Small facts: `instance_type`, `size_gib`, `zone`, …
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: BTreeMap<String, String>,
}

/// One stack with its verdict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScannedStack {
    /// Its name.
    pub name: String,
    /// The answer.
    pub verdict: StackVerdict,
    /// How many resources belong to it.
    pub resources: usize,
    /// What they cost per month in US dollars; `null` when the price of one of them is unknown.
    pub monthly_usd: Option<f64>,
    /// The regions in which it has something.
    #[serde(default)]
    pub regions: BTreeSet<Region>,
    /// The signs of life that it shows.
    #[serde(default)]
    pub signs: Vec<Shown>,
    /// Which signs were looked for and not found, in short sentences.
    #[serde(default)]
    pub looked_for: Vec<String>,
    /// Why it cannot be told whether it lives, in sentences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doubts: Vec<String>,
    /// Who is at work in it, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deploying: Option<String>,
    /// The states that own something of it, with the commands of their tools.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tracked: Vec<TrackedBy>,
}

/// The JSON Schema of the document.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(ScanDocument).to_value()
}

impl ScanDocument {
    /// The document of an inventory and its verdicts; the catalog knows what things cost.
    pub fn new(inventory: &Inventory, judgement: &Judgement, catalog: Catalog) -> Self {
        let resources: Vec<ScannedResource> =
            inventory.resources.values().map(|resource| scanned(resource, judgement, catalog)).collect();
        let mut members: BTreeMap<&str, Vec<Option<f64>>> = BTreeMap::new();
        for it in &resources {
            if let Some(stack) = &it.stack {
                members.entry(stack).or_default().push(it.monthly_usd);
            }
        }
        let stack = |summary: &crate::judge::StackSummary| {
            let members = members.get(summary.name.as_str()).into_iter().flatten();
            let monthly = members.copied().sum::<Option<f64>>().map(cents);
            ScannedStack {
                name: summary.name.clone(),
                verdict: summary.verdict,
                resources: summary.resources,
                monthly_usd: monthly,
                regions: summary.regions.clone(),
                signs: summary.signs.clone(),
                looked_for: summary.looked_for.clone(),
                doubts: summary.doubts.clone(),
                deploying: summary.deploying.clone(),
                tracked: summary.tracked.clone(),
            }
        };
        let stacks = judgement.stacks.iter().map(stack).collect();
        Self {
            schema: SCHEMA.to_owned(),
            account: inventory.caller.account.clone(),
            caller: inventory.caller.clone(),
            taken: inventory.taken,
            regions: inventory.regions.clone(),
            kinds: inventory.kinds.clone(),
            coverage: Coverage { complete: inventory.is_complete(), failed: inventory.gaps.clone() },
            stacks,
            resources,
            elsewhere: beyond::elsewhere(&inventory.elsewhere, judgement, catalog),
            without_services: inventory.without_services.clone(),
            unanswered: inventory
                .unanswered
                .iter()
                .map(|(inquiry, why)| Unanswered { inquiry: inquiry.clone(), why: why.clone() })
                .collect(),
            unread: inventory.unread_things.clone(),
            states: inventory.states.clone(),
            gone: inventory.gone.clone(),
        }
    }

    /// The document as JSON text with a newline at its end.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }
}

impl Inventory {
    /// Reads a scan back from its JSON document. Verdicts in it are not believed.
    pub fn from_document(text: &str) -> Result<Self, DocumentError> {
        /// The one field that every document of ours has.
        #[derive(Deserialize)]
        struct Head {
            schema: String,
        }
        let head: Head = serde_json::from_str(text)?;
        if head.schema != SCHEMA {
            return Err(DocumentError::Schema { found: head.schema });
        }
        let document: ScanDocument = serde_json::from_str(text)?;
        check(&document)?;
        let resources = by_key(document.resources)?;
        Ok(Self {
            caller: document.caller,
            taken: document.taken,
            regions: document.regions,
            kinds: document.kinds,
            resources,
            gaps: document.coverage.failed,
            elsewhere: beyond::read(document.elsewhere)?,
            without_services: document.without_services,
            unanswered: document.unanswered.into_iter().map(|it| (it.inquiry, it.why)).collect(),
            unread_things: document.unread,
            states: document.states,
            gone: document.gone,
        })
    }
}

fn by_key(all: Vec<ScannedResource>) -> Result<BTreeMap<Key, Resource>, DocumentError> {
    let mut resources = BTreeMap::new();
    for scanned in all {
        let resource = unscanned(scanned);
        if let Some(twice) = resources.insert(resource.key.clone(), resource) {
            return Err(DocumentError::Contradiction(format!("it has {} twice", twice.key)));
        }
    }
    Ok(resources)
}

/// What is missing must not look complete, and what was never asked for cannot have been seen.
fn check(document: &ScanDocument) -> Result<(), DocumentError> {
    let wrong = |text: String| Err(DocumentError::Contradiction(text));
    if document.account != document.caller.account {
        return wrong(format!("account {} and caller of {}", document.account, document.caller.account));
    }
    if document.coverage.complete != document.coverage.failed.is_empty() {
        return wrong("coverage.complete does not fit coverage.failed".to_owned());
    }
    let outside = |it: &&ScannedResource| {
        !document.kinds.contains(&it.kind)
            || !(it.region.is_global() || document.regions.contains(&it.region))
    };
    let both = |it: &&ScannedResource| {
        document.gone.contains(&Key::new(it.kind.clone(), it.region.clone(), it.id.clone()))
    };
    if let Some(it) = document.resources.iter().filter(|_| !document.gone.is_empty()).find(both) {
        return wrong(format!("{} {} stands and is gone", it.kind, it.id));
    }
    match document.resources.iter().find(outside) {
        Some(it) => {
            wrong(format!("{} {} in {} is of no kind and region that was scanned", it.kind, it.id, it.region))
        }
        None => Ok(()),
    }
}

fn cents(dollars: f64) -> f64 {
    (dollars * 100.0).round() / 100.0
}

fn scanned(resource: &Resource, judgement: &Judgement, catalog: Catalog) -> ScannedResource {
    let it = resource.clone();
    let judged = judgement.verdicts.get(&it.key);
    let spec = catalog.get(&it.key.kind);
    let monthly = spec.and_then(|spec| price::monthly(&(spec.cost)(resource), &it.key.region));
    ScannedResource {
        kind: it.key.kind,
        id: it.key.id.into(),
        region: it.key.region,
        arn: it.arn,
        name: it.name,
        tags: it.tags,
        stack: judged.and_then(|judged| judged.stack.clone()),
        created: it.created,
        verdict: judged.map(|judged| judged.verdict),
        gate: judged.and_then(|judged| judged.gate.clone()),
        evidence: judged.map(|judged| judged.evidence.clone()).unwrap_or_default(),
        selected: judged.is_some_and(|judged| judged.selected),
        monthly_usd: monthly.map(cents),
        links: it.links,
        unique_id: it.unique_id,
        owner: it.owner,
        state: it.state,
        life: it.life,
        guards: it.guards,
        facts: it.facts,
    }
}

fn unscanned(it: ScannedResource) -> Resource {
    Resource {
        key: Key::new(it.kind, it.region, it.id),
        arn: it.arn,
        unique_id: it.unique_id,
        name: it.name,
        owner: it.owner,
        tags: it.tags,
        state: it.state,
        life: it.life,
        created: it.created,
        links: it.links,
        guards: it.guards,
        facts: it.facts,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::Gap;
    use crate::inventory::testing::{KINDS, World, at, region};
    use crate::judge::judge;
    use crate::model::words::{fact, how};
    use crate::model::{Cost, GuardRule, KindSpec};
    use crate::policy::{Policy, Selector};

    const fn spec(name: &'static str, cost: fn(&Resource) -> Vec<Cost>) -> KindSpec {
        KindSpec { cost, ..KindSpec::invented(name) }
    }

    static NAT: KindSpec = spec("nat-gateway", |_| vec![Cost { item: "nat-gateway-hours", units: 1.0 }]);
    static VPC: KindSpec = spec("vpc", |_| Vec::new());
    static INSTANCE: KindSpec = spec("instance", |_| vec![Cost { item: "instance-x9.huge", units: 1.0 }]);

    static SPECS: [&KindSpec; 3] = [&NAT, &VPC, &INSTANCE];

    fn catalog() -> Catalog {
        Catalog::new(&SPECS)
    }

    fn world() -> World {
        let mut world = World::new();
        for (kind, id) in [("vpc", "vpc-1"), ("nat-gateway", "nat-1")] {
            world.add(kind, id).tag(kind, id, "Project", "demo").tag(
                kind,
                id,
                "EnvironmentSuffix",
                "attempt-1",
            );
        }
        world.link("nat-gateway", "nat-1", how::WITHIN, "vpc", "vpc-1");
        world.born("nat-gateway", "nat-1", "2026-11-20T12:00:00Z").fact(
            "nat-gateway",
            "nat-1",
            fact::ZONE,
            "a",
        );
        world.add("instance", "i-1");
        let vpc = world.get("vpc", "vpc-1");
        vpc.owner = Some(AccountId::new("123456789012"));
        vpc.arn = Some("arn:aws:ec2:us-east-1:123456789012:vpc/vpc-1".to_owned());
        vpc.guards.insert(Guard { rule: GuardRule::Protection, why: "for the test".to_owned() });
        let gap = Gap::new(KindName::of("volume"), region(), "AccessDenied");
        world.inventory.gaps.insert(gap);
        world
    }

    fn document() -> ScanDocument {
        let inventory = world().inventory;
        let policy =
            Policy { select: vec!["tag:Project=demo".parse().expect("a policy")], ..Policy::default() };
        let selector = Selector::new(&policy, &KINDS).expect("a selector");
        ScanDocument::new(&inventory, &judge(&inventory, &selector, at("2026-11-21T12:00:00Z")), catalog())
    }

    #[test]
    fn a_scan_is_read_back_as_it_was() {
        let text = document().to_json().expect("JSON");
        assert_eq!(Inventory::from_document(&text).expect("a scan"), world().inventory);
    }

    #[test]
    fn the_document_has_the_parts_that_scripts_use_and_fits_its_schema() {
        let value = serde_json::to_value(document()).expect("JSON");
        let validator = jsonschema::validator_for(&schema()).expect("a schema");
        assert!(validator.is_valid(&value), "{:?}", validator.iter_errors(&value).collect::<Vec<_>>());
        assert_eq!(value["coverage"]["complete"], false);
        assert_eq!(value["coverage"]["failed"][0]["kind"], "volume");
        let nat = &value["resources"][1];
        assert_eq!(nat["id"], "nat-1");
        assert_eq!(nat["monthly_usd"], 32.85);
        assert_eq!(nat["stack"], "demo/attempt-1");
        assert_eq!(nat["links"][0]["how"], "within");
        assert_eq!(nat["links"][0]["to"], "vpc-1");
        assert_eq!(value["stacks"][0]["name"], "demo/attempt-1");
        assert_eq!(value["stacks"][0]["resources"], 2);
        assert_eq!(value["stacks"][0]["monthly_usd"], 32.85);
    }

    #[test]
    fn an_unknown_price_is_null_and_a_free_thing_costs_nothing() {
        let value = serde_json::to_value(document()).expect("JSON");
        assert_eq!(value["resources"][0]["id"], "i-1");
        assert!(value["resources"][0]["monthly_usd"].is_null());
        assert_eq!(value["resources"][2]["monthly_usd"], 0.0);
    }

    #[test]
    fn broken_foreign_and_edited_documents_are_refused() {
        let good = document().to_json().expect("JSON");
        for (text, part) in [
            ("{".to_owned(), "cannot be read"),
            ("{\"resources\": []}".to_owned(), "missing field `schema`"),
            (good.replace("scan/1", "plan/1"), "this is aws-janitor/plan/1 and not aws-janitor/scan/1"),
            (good.replace("\"complete\": false", "\"complete\": true"), "coverage"),
            (good.replacen("\"account\": \"1", "\"account\": \"9", 1), "account 9"),
            (good.replace("\"taken\"", "\"token\""), "unknown field `token`"),
            (good.replace("\"i-1\"", "\"nat-1\"").replace("\"instance\"", "\"nat-gateway\""), "twice"),
            (good.replace("\"regions\": [\n    \"us-east-1\"\n  ]", "\"regions\": []"), "no kind and region"),
        ] {
            let error = Inventory::from_document(&text).expect_err(part).to_string();
            assert!(error.contains(part), "{part}: {error}");
        }
    }
}
