//! Tests that sweep over the whole table of kinds.

use std::collections::{BTreeMap, BTreeSet};

use super::CATALOG;
use crate::model::{Amount, Class, Holds, KindSpec, Near, Scope, Settle};

#[test]
fn no_name_stands_twice() {
    let names: Vec<&str> = CATALOG.iter().map(|spec| spec.name).collect();
    assert_eq!(names.len(), names.iter().collect::<BTreeSet<_>>().len(), "{names:?}");
}

#[test]
fn names_are_singular_lower_case_and_hyphenated() {
    for spec in CATALOG.iter() {
        let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(spec.name.chars().all(word), "{}", spec.name);
        assert!(!spec.title.is_empty() && spec.batch > 0 && spec.patience > 0, "{}", spec.name);
    }
}

#[test]
fn every_links_far_end_is_a_kind_of_the_table_or_a_part() {
    for spec in CATALOG.iter() {
        for rule in spec.links {
            let known = CATALOG.named(rule.to).is_some()
                || spec.parts.contains(&rule.to)
                || rule.to == crate::model::LinkRule::ANY_ROUTE_TARGET;
            assert!(known, "{}: {} -> {}", spec.name, rule.how, rule.to);
        }
        for part in spec.parts {
            assert!(CATALOG.named(part).is_none(), "{part} is a kind and a part");
            let cut = spec.links.iter().any(|rule| rule.to == *part && rule.cut.is_some());
            assert!(cut, "{}: its part {part} can never be taken away", spec.name);
        }
    }
}

#[test]
fn what_must_be_cut_can_be_cut() {
    for spec in CATALOG.iter() {
        for rule in spec.links {
            let must = rule.near == Near::CutFirst || rule.holds == Holds::DeleteUntilCut;
            assert_eq!(must, rule.cut.is_some(), "{}: {} -> {}", spec.name, rule.how, rule.to);
        }
    }
}

#[test]
fn a_kind_has_one_rule_for_each_role_and_far_end() {
    for spec in CATALOG.iter() {
        let mut seen = BTreeSet::new();
        for rule in spec.links {
            assert!(seen.insert((rule.how, rule.to)), "{}: {} -> {}", spec.name, rule.how, rule.to);
        }
    }
}

#[test]
fn waits_are_looked_at_before_they_usually_end_and_end_some_time() {
    for spec in CATALOG.iter() {
        let carried = spec.links.iter().filter_map(|rule| match rule.near {
            Near::GoesWithTarget(settle) => Some(settle),
            Near::Free | Near::CutFirst | Near::AfterTarget | Near::AfterIfGoes => None,
        });
        for settle in carried.chain([spec.settle]) {
            if let Settle::Poll { every, usually, at_most } = settle {
                assert!(0 < every && every <= usually && usually < at_most, "{}", spec.name);
            }
        }
    }
}

/// Kinds on which a kind's deletion has to wait, leaving out links that a cut can open.
fn waits() -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    let mut waits: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for spec in CATALOG.iter() {
        for rule in spec.links.iter().filter(|rule| rule.cut.is_none() && rule.to != spec.name) {
            match rule.holds {
                Holds::Delete | Holds::DeleteAndCuts => {
                    waits.entry(rule.to).or_default().insert(spec.name);
                }
                Holds::Nothing | Holds::DeleteUntilCut => {}
            }
            if rule.near == Near::AfterTarget {
                waits.entry(spec.name).or_default().insert(rule.to);
            }
        }
    }
    waits
}

#[test]
fn no_circle_of_kinds_is_without_a_cut() {
    let waits = waits();
    // Kinds that wait for nothing fall away, again and again; what is left waits in a circle.
    let mut left: BTreeSet<&str> = waits.keys().copied().collect();
    loop {
        let free: Vec<&str> =
            left.iter().copied().filter(|kind| waits[kind].iter().all(|on| !left.contains(on))).collect();
        if free.is_empty() {
            break;
        }
        left.retain(|kind| !free.contains(kind));
    }
    assert!(left.is_empty(), "{left:?} wait for each other: {waits:?}");
}

#[test]
fn every_call_is_named_as_iam_names_it() {
    let apis = |spec: &'static KindSpec| {
        let cuts = spec.links.iter().filter_map(|rule| rule.cut).map(|cut| cut.api);
        spec.apis.list.iter().chain(spec.apis.delete).copied().chain(cuts)
    };
    for spec in CATALOG.iter() {
        assert!(!spec.apis.list.is_empty(), "{}", spec.name);
        assert_eq!(spec.apis.delete.is_empty(), spec.class == Class::Witness, "{}", spec.name);
        let cut = spec.links.iter().any(|rule| rule.cut.is_some());
        assert!(!cut || spec.class != Class::Witness, "{}: what is only read is never changed", spec.name);
        for api in apis(spec) {
            let (service, action) = api.split_once(':').unwrap_or_default();
            let services = [
                "autoscaling",
                "cloudformation",
                "ec2",
                "ecs",
                "eks",
                "elasticloadbalancing",
                "iam",
                "lambda",
                "logs",
                "tag",
            ];
            assert!(services.contains(&service), "{api}");
            assert!(action.starts_with(char::is_uppercase), "{api}");
        }
    }
}

#[test]
fn every_price_item_is_in_the_table() {
    for spec in CATALOG.iter() {
        let region = match spec.scope {
            Scope::Regional => crate::model::Region::new("us-east-1"),
            Scope::Global => crate::model::Region::global(),
        };
        let blank = crate::model::Resource::new(crate::model::Key::new(spec.kind(), region.clone(), "x"));
        let costs = (spec.cost)(&blank);
        // An instance or a volume of unknown type has no known price; everything else has one.
        if !["instance", "volume"].contains(&spec.name) {
            assert!(crate::price::monthly(&costs, &region).is_some(), "{}: {costs:?}", spec.name);
        }
    }
}

#[test]
fn the_types_that_have_a_price_are_those_of_the_price_table() {
    let items = |prefix: &'static str| crate::price::items().filter(move |item| item.starts_with(prefix));
    let volumes = super::volume::TYPES.iter().map(|it| it.item);
    assert_eq!(volumes.collect::<BTreeSet<_>>(), items("volume-").collect());
    let instances = super::instance::PRICED.into_iter().filter(|item| item.starts_with("instance-"));
    assert_eq!(instances.collect::<BTreeSet<_>>(), items("instance-").collect());
}

#[test]
fn a_quotas_name_stands_for_one_quota() {
    let described =
        |it: &crate::model::QuotaUse| (it.title, it.service, it.code, it.documented, it.per, it.unit);
    let mut seen = BTreeMap::new();
    let mut codes = BTreeMap::new();
    for (spec, quota) in CATALOG.quotas() {
        let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(quota.name.chars().all(word) && !quota.title.is_empty(), "{}", quota.name);
        let first = seen.entry(quota.name).or_insert_with(|| described(quota));
        assert_eq!(*first, described(quota), "{}: {} is another quota elsewhere", spec.name, quota.name);
        if let Some(code) = quota.code {
            let name = codes.entry(code).or_insert(quota.name);
            assert_eq!(*name, quota.name, "{code} has two names");
        }
    }
}

#[test]
fn a_quota_is_told_by_a_code_or_by_documentation() {
    for (_, quota) in CATALOG.quotas() {
        assert!(quota.code.is_some() != quota.documented.is_some(), "{}", quota.name);
        let Some(code) = quota.code else { continue };
        let digits = code.strip_prefix("L-").unwrap_or_default();
        let hex = |c: char| c.is_ascii_digit() || ('A'..='F').contains(&c);
        assert!(digits.len() == 8 && digits.chars().all(hex), "{}: {code}", quota.name);
    }
}

#[test]
fn a_resource_of_which_nothing_is_known_uses_one_or_nobody_knows_how_much() {
    for (spec, quota) in CATALOG.quotas() {
        let key = crate::model::Key::new(spec.kind(), crate::model::Region::new("us-east-1"), "x");
        let amount = (quota.amount)(&crate::model::Resource::new(key));
        let sane = matches!(amount, Amount::Known(0 | 1) | Amount::Unknown);
        assert!(sane, "{}: {amount:?}", quota.name);
    }
}

#[test]
fn the_quotas_that_people_ask_for_have_these_names() {
    for name in [
        "eip",
        "vpc",
        "nat-gateway",
        "regional-nat-gateway",
        "eip-per-nat",
        "ip-per-nat",
        "internet-gateway",
        "subnet",
        "route-table",
        "network-acl",
        "route",
        "security-group",
        "rule",
        "group-per-interface",
        "network-interface",
        "vpc-endpoint",
        "gateway-endpoint",
        "cidr",
        "launch-template",
        "vcpu",
        "vcpu-spot",
        "vcpu-g",
        "vcpu-p",
        "ebs-gp3",
        "ebs-gp2",
        "ebs-io1",
        "alb",
        "nlb",
        "target-group",
        "iam-role",
        "iam-policy",
        "iam-instance-profile",
        "iam-oidc-provider",
        "policy-per-role",
        "eks-cluster",
        "eks-nodegroup",
        "node",
        "auto-scaling-group",
        "log-group",
    ] {
        assert!(CATALOG.quota(name).is_some(), "{name}");
    }
}

#[test]
fn the_kinds_that_hold_data_are_known() {
    let data: Vec<&str> =
        CATALOG.iter().filter(|spec| spec.class == Class::Data).map(|spec| spec.name).collect();
    assert_eq!(data, ["volume", "log-group"]);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "it holds files to the table")]
fn the_checked_in_policies_are_what_the_kinds_ask_for() {
    for (need, file) in [
        (crate::report::iam::PolicyFor::Scan, "policies/iam/scan.json"),
        (crate::report::iam::PolicyFor::Apply, "policies/iam/apply.json"),
        (crate::report::iam::PolicyFor::Quota, "policies/iam/quota.json"),
        (crate::report::iam::PolicyFor::Preflight, "policies/iam/preflight.json"),
    ] {
        let document = crate::report::iam::document(need, &CATALOG);
        let text = crate::report::json::text(&document).unwrap();
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(file, &text).unwrap();
        }
        assert_eq!(std::fs::read_to_string(file).unwrap(), text, "{file}: make golden writes it anew");
    }
}

#[test]
fn every_position_but_nothing_is_held_by_one_kind() {
    use crate::model::Position;
    for position in [
        Position::Network,
        Position::Subnet,
        Position::WayOut,
        Position::Cluster,
        Position::NodeGroup,
        Position::Machine,
        Position::Role,
    ] {
        let held: Vec<&str> =
            CATALOG.iter().filter(|spec| spec.position == position).map(|spec| spec.name).collect();
        assert_eq!(held.len(), 1, "{position:?}: {held:?}");
    }
}

#[test]
fn an_id_tells_one_kind_by_its_first_letters() {
    for spec in CATALOG.iter() {
        let id = spec.ids.form("0a1b", "us-east-1", "111122223333");
        let found = CATALOG.of_id(&id).map(|spec| spec.name);
        let prefixed = matches!(spec.ids, crate::model::Ids::Prefix(_));
        assert_eq!(found, prefixed.then_some(spec.name), "{id}");
    }
}

#[test]
fn a_kind_whose_making_is_told_has_a_state_for_it_and_no_state_means_two_things() {
    for spec in CATALOG.iter() {
        let states = spec.states;
        let all: Vec<&str> = [states.coming, states.leaving, states.gone].concat();
        assert_eq!(all.len(), all.iter().collect::<BTreeSet<_>>().len(), "{}: {all:?}", spec.name);
        let comes =
            states.coming.iter().all(|word| states.life(Some(word)) == Some(crate::model::Life::Coming));
        assert!(comes && states.tell_of_a_making() != states.coming.is_empty(), "{}", spec.name);
    }
}

#[test]
fn every_kind_can_be_removed_by_hand() {
    for spec in CATALOG.iter() {
        let region = match spec.scope {
            Scope::Regional => crate::model::Region::new("eu-west-1"),
            Scope::Global => crate::model::Region::global(),
        };
        let id = spec.ids.form("0a1b", "eu-west-1", "111122223333");
        let command = spec.by_hand.command(&crate::model::Key::new(spec.kind(), region, &id));
        assert!(command.starts_with("aws ") && !command.contains(['{', '}']), "{}: {command}", spec.name);
        assert!(id.split('/').all(|half| command.contains(half)), "{}: {command}", spec.name);
        let verb = command.split(' ').nth(2).unwrap_or_default();
        let removes = ["delete-", "release-", "terminate-"].iter().any(|start| verb.starts_with(start));
        assert!(removes, "{}: {command}", spec.name);
    }
}

#[test]
fn whatever_can_be_protected_has_the_command_that_ends_that_and_nothing_else_has() {
    for spec in CATALOG.iter() {
        let protects = spec.guards.contains(&crate::model::GuardRule::Protection);
        assert_eq!(spec.unprotect.is_some(), protects, "{}", spec.name);
        for command in spec.unprotect.iter().chain(&spec.lets_go) {
            let known =
                ["{id}", "{far}"].iter().fold(command.0.to_owned(), |text, slot| text.replace(slot, ""));
            assert!(command.0.starts_with("aws ") && command.0.contains("{id}"), "{}", spec.name);
            assert!(!known.contains(['{', '}']), "{}: {known}", spec.name);
        }
        if let Some(command) = spec.lets_go {
            let verb = command.0.split(' ').nth(2).unwrap_or_default();
            assert!(command.0.contains("{far}") && verb.starts_with("detach-"), "{}", spec.name);
        }
    }
}

#[test]
fn plumbing_lies_in_a_network_or_serves_one_thing_or_is_the_network() {
    for spec in CATALOG.iter().filter(|spec| spec.class == Class::Plumbing) {
        let carried = CATALOG.may_lie_in_a_network(spec)
            || spec.serves == crate::model::Serves::One
            || spec.position == crate::model::Position::Network;
        assert!(carried, "{} is carried by nothing", spec.name);
    }
}

#[test]
fn every_kind_that_may_be_deleted_tells_what_makes_one() {
    for spec in CATALOG.iter() {
        assert!(spec.class == Class::Witness || !spec.made_by_events.is_empty(), "{}", spec.name);
        for event in spec.made_by_events {
            assert!(
                ["Allocate", "Create", "Register", "Run"].iter().any(|verb| event.starts_with(verb)),
                "{event}"
            );
        }
    }
}

#[test]
fn an_arn_tells_its_kind_and_no_other() {
    let mut seen = BTreeSet::new();
    for spec in CATALOG.iter() {
        assert!(!spec.arns.is_empty(), "{}", spec.name);
        for form in spec.arns {
            assert!(seen.insert(*form), "{form}");
            let (service, begins) = form.split_once(':').unwrap_or_default();
            assert!(begins.ends_with(['/', ':']), "{form} is the beginning of another type");
            let arn = format!("arn:aws:{service}:us-east-1:111122223333:{begins}one");
            assert_eq!(CATALOG.of_arn(&arn).map(|it| it.name), Some(spec.name), "{arn}");
        }
        if let crate::model::Ids::Arn { .. } = spec.ids {
            let id = spec.ids.form("one", "us-east-1", "111122223333");
            assert_eq!(CATALOG.of_arn(&id).map(|it| it.name), Some(spec.name), "{id}");
        }
    }
    for other in [
        "arn:aws:elasticloadbalancing:us-east-1:1:loadbalancer/classic",
        "arn:aws:rds:us-east-1:1:db:vpc/vpc-1",
        "arn:aws:ec2:us-east-1:1:transit-gateway/tgw-1",
        "arn:aws:s3:::bucket",
        "vpc-1",
    ] {
        assert_eq!(CATALOG.of_arn(other).map(|it| it.name), None, "{other}");
    }
}
