//! Tests that sweep over what every kind says of deployments.

use std::collections::{BTreeMap, BTreeSet};

use super::{CATALOG, items, row, rows};
use crate::deployment::{Certainty, Change, Deployment, Format, Item, Value};
use crate::model::Region;
use crate::model::deployed::{KindRow, Letters, NameLookup, Naming, Plays, Uses};
use crate::model::need::{Known, Use, World};
use crate::needs::{Need, needs};

/// A thing of this kind that is made, with these properties.
fn made(row: &'static KindRow, properties: Value) -> Item {
    let type_name = row.deployed.types.terraform.first().unwrap_or(&row.kind);
    Item {
        address: format!("{type_name}.a"),
        type_name: (*type_name).to_owned(),
        kind: Some(row.name()),
        change: Change::Create,
        certainty: Certainty::Certain,
        region: row.region(Some(Region::new("us-east-1"))),
        properties,
        before: Value::Null,
        after: Vec::new(),
    }
}

static NO_ZONES: BTreeMap<String, String> = BTreeMap::new();
static NO_VCPUS: BTreeMap<String, u64> = BTreeMap::new();
const NOTHING_KNOWN: Known<'static> = Known { vcpus: &NO_VCPUS, zones: &NO_ZONES };

/// What one thing needs that is made alone.
fn alone(item: Item) -> Vec<Need> {
    let deployment = Deployment {
        source: "plan.json".to_owned(),
        format: Format::TerraformPlan,
        stack: None,
        account: None,
        items: vec![item],
        uncounted: Vec::new(),
    };
    needs(&[deployment], NOTHING_KNOWN).expect("its region is told")
}

#[test]
fn a_kind_is_scanned_or_only_deployed_and_not_both() {
    let mut seen = BTreeSet::new();
    for row in rows() {
        assert!(seen.insert(row.kind), "{}", row.kind);
    }
    assert!(CATALOG.iter().all(|spec| seen.contains(spec.name)));
}

/// Kinds that a tool has no type for, each with the reason.
const NOT_IN: [(&str, &str, &str); 1] =
    [("iam-role-policy-attachment", "CloudFormation", "its roles and policies name each other")];

#[test]
fn every_tool_has_a_type_for_a_kind_or_it_is_said_why_not() {
    for row in rows() {
        let types = row.deployed.types;
        for (tool, types) in [
            ("Terraform", types.terraform),
            ("Pulumi", types.pulumi),
            ("CloudFormation", types.cloudformation),
        ] {
            let excused = NOT_IN.iter().any(|(kind, own, _)| *kind == row.kind && *own == tool);
            assert_eq!(types.is_empty(), excused, "{} in {tool}", row.kind);
        }
    }
}

#[test]
fn no_type_stands_in_two_rows() {
    let mut seen = BTreeSet::new();
    for row in rows() {
        let types = row.deployed.types;
        let tools = [types.terraform, types.pulumi, types.cloudformation, types.adopted];
        for name in tools.into_iter().flatten() {
            assert!(seen.insert(*name), "{name}");
        }
    }
}

#[test]
fn what_says_how_large_a_thing_is_is_kept() {
    for row in rows() {
        for name in row.deployed.sizes {
            assert!(row.deployed.attributes.contains(name), "{}: {name}", row.kind);
        }
    }
}

#[test]
fn what_changes_its_size_in_place_uses_quotas() {
    for row in rows().filter(|row| !row.deployed.sizes.is_empty()) {
        assert!(matches!(row.deployed.uses, Uses::Quotas(_)), "{}", row.kind);
    }
}

/// Quotas of a kind of which a new thing needs nothing unless its properties
/// say so, each with the reason.
const NOT_BY_ITSELF: [(&str, &str, &str); 16] = [
    ("nat-gateway", "regional-nat-gateway", "it is zonal where it does not say otherwise"),
    ("nat-gateway", "eip-per-nat", "each may have the one address that it is made with"),
    ("nat-gateway", "ip-per-nat", "no deployment names more than a gateway may have: it is not looked at"),
    ("vpc", "cidr", "each may have the one block that it is made with"),
    ("route-table", "route", "routes stand in the table or by themselves: they are not looked at"),
    ("network-interface", "group-per-interface", "how many groups it is in is not looked at"),
    ("security-group", "rule", "rules stand in the group or by themselves: they are not looked at"),
    ("vpc-endpoint", "vpc-endpoint", "it is a gateway endpoint where it does not say otherwise"),
    ("instance", "vcpu-*", "a type that is not told may be of any family: the standard ones are named"),
    ("volume", "ebs-gp3", GP2),
    ("volume", "ebs-io*", GP2),
    ("volume", "ebs-s*", GP2),
    ("load-balancer", "nlb", "it is of applications where it does not say otherwise"),
    ("load-balancer", "gwlb", "it is of applications where it does not say otherwise"),
    ("eks-nodegroup", "node", "how many nodes it may have is not looked at"),
    ("iam-role", "policy-per-role", "nothing is attached to it"),
];

const GP2: &str = "it is of gp2 where it does not say otherwise";

fn fits(pattern: &str, name: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == name, |beginning| name.starts_with(beginning))
}

#[test]
fn a_new_thing_needs_of_each_quota_of_its_kind_or_it_is_said_why_not() {
    let mut used = BTreeSet::new();
    for spec in CATALOG.iter() {
        let row = row(spec.name).expect("every kind has a row");
        let needs = alone(made(row, Value::default()));
        for quota in spec.quotas {
            let needed = needs.iter().any(|need| need.quota == quota.name);
            let excuse =
                NOT_BY_ITSELF.iter().position(|(kind, name, _)| *kind == spec.name && fits(name, quota.name));
            assert_eq!(needed, excuse.is_none(), "{}: {}", spec.name, quota.name);
            used.extend(excuse);
        }
    }
    assert_eq!(used.len(), NOT_BY_ITSELF.len(), "an excuse that nobody needs");
}

#[test]
fn a_quota_that_is_said_not_to_be_looked_at_is_none_of_the_catalogs() {
    for row in rows() {
        if let Uses::NotLookedAt(several) = row.deployed.uses {
            assert!(!several.is_empty());
            assert!(CATALOG.named(row.kind).is_none_or(|spec| spec.quotas.is_empty()), "{}", row.kind);
        }
    }
}

/// Words that attributes may hold on which it depends what a thing uses.
const WORDS: [&str; 27] = [
    "gp3",
    "gp2",
    "io1",
    "io2",
    "st1",
    "sc1",
    "standard",
    "application",
    "network",
    "gateway",
    "Gateway",
    "Interface",
    "regional",
    "spot",
    "m5.large",
    "g5.xlarge",
    "p5.48xlarge",
    "f2.6xlarge",
    "x2idn.metal",
    "inf2.xlarge",
    "trn1.2xlarge",
    "dl1.24xlarge",
    "u-6tb1.56xlarge",
    "hpc7g.16xlarge",
    "mac2.metal",
    "qq1.large",
    "3",
];

fn map(entries: &[(&str, Value)]) -> Value {
    Value::Map(entries.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
}

/// Things of a kind of which one attribute is told, each in every way, bought on demand and on the spot.
fn each_way(row: &'static KindRow) -> Vec<Item> {
    let words = WORDS.iter().map(|word| Value::text(*word));
    let values: Vec<Value> = words.chain([Value::Unknown(Vec::new()), Value::Secret]).collect();
    let mut all = vec![Value::default(), Value::Unknown(Vec::new())];
    for name in row.deployed.attributes {
        for value in &values {
            let market = ("capacity_type", Value::text("spot"));
            all.push(map(&[(name, value.clone())]));
            all.push(map(&[(name, value.clone()), market.clone()]));
            all.push(map(&[("desired_capacity", Value::text("2")), (name, value.clone()), market]));
        }
    }
    all.into_iter().map(|properties| made(row, properties)).collect()
}

/// What such a thing uses.
fn uses(row: &'static KindRow, item: &Item) -> Vec<Use> {
    let items = items(std::slice::from_ref(item));
    let world = World { items: &items, known: NOTHING_KNOWN, past: false };
    match row.deployed.uses {
        Uses::Quotas(uses) => uses(&world, item),
        Uses::Nothing | Uses::NotLookedAt(_) => Vec::new(),
    }
}

#[test]
fn whatever_a_deployment_needs_is_a_quota_of_the_table_and_counts_where_that_counts() {
    let mut seen = BTreeSet::new();
    for row in rows() {
        for item in each_way(row) {
            for used in uses(row, &item) {
                let Some((_, quota)) = CATALOG.quota(used.quota) else {
                    panic!("{}: {} would be counted against nothing", row.kind, used.quota)
                };
                assert_eq!(used.per, quota.per, "{}: {}", row.kind, used.quota);
                seen.insert(used.quota);
            }
            for need in alone(item) {
                assert!(CATALOG.quota(need.quota).is_some(), "{}: {}", row.kind, need.quota);
            }
        }
    }
    // The words reach what depends on them.
    for name in ["regional-nat-gateway", "gwlb", "ebs-standard", "vcpu-hpc", "vcpu-spot-dl", "vpc-endpoint"] {
        assert!(seen.contains(name), "{name} in {seen:?}");
    }
}

#[test]
fn whether_a_unique_name_is_taken_can_be_found_out() {
    for row in rows() {
        let Naming::Unique(name) = row.deployed.name else { continue };
        assert!(!name.title.is_empty(), "{}", row.kind);
        match name.seen {
            NameLookup::InScan => assert!(CATALOG.named(row.kind).is_some(), "{} is never scanned", row.kind),
            NameLookup::AmongAliases { of } => assert!(super::row(of).is_some(), "{}: {of}", row.kind),
        }
        // What is unique in the account is IAM's, which has no cases.
        assert_eq!(row.global, name.letters == Letters::OfAnyCase, "{}", row.kind);
    }
}

#[test]
fn the_kinds_whose_names_are_unique_are_known() {
    let unique = rows().filter(|row| row.deployed.name != Naming::Free).map(|row| row.kind);
    let known = [
        "eks-cluster",
        "iam-instance-profile",
        "iam-policy",
        "iam-role",
        "key-pair",
        "kms-alias",
        "launch-template",
        "load-balancer",
        "log-group",
        "placement-group",
        "target-group",
    ];
    assert_eq!(unique.collect::<BTreeSet<_>>(), known.into());
}

#[test]
fn what_checks_look_for_is_one_kind() {
    for part in [
        Plays::Vpc,
        Plays::Subnet,
        Plays::Cluster,
        Plays::NodeGroup,
        Plays::AddOn,
        Plays::LaunchTemplate,
        Plays::LaunchConfiguration,
        Plays::Release,
    ] {
        assert_eq!(super::playing(part).count(), 1, "{part:?}");
    }
}

#[test]
fn what_names_instance_types_is_what_uses_processors_or_describes_what_does() {
    for row in rows() {
        let item = made(row, map(&[("instance_type", Value::text("m5.large"))]));
        let names_one = !(row.deployed.instance_types)(&item).is_empty();
        let processors = uses(
            row,
            &made(
                row,
                map(&[
                    ("instance_type", Value::text("m5.large")),
                    ("desired_capacity", Value::text("1")),
                    ("scaling_config", map(&[("desired_size", Value::text("1"))])),
                ]),
            ),
        );
        let counts = processors.iter().any(|used| used.quota == "vcpu");
        let describes = row.deployed.plays.describes_instances();
        assert_eq!(names_one, counts || describes, "{}", row.kind);
    }
}
