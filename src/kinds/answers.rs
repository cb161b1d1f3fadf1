//! Each answer of the table is heard: for every kind and each of its answers, asked of the rooms that act on it.
//!
//! The tests are made from the table, so that a kind is tried the moment it is added. Where an answer is a
//! function of the kind's own (what its name looks like), an example has to be added here with it.

use std::collections::BTreeSet;

use super::CATALOG;
use crate::inventory::testing::{KINDS, World, at, key};
use crate::inventory::{Gap, Inventory, complete};
use crate::judge::judge;
use crate::model::words::{fact, how};
use crate::model::{
    Catalog, Class, Gate, Guard, GuardRule, Holds, Key, KindName, KindSpec, Life, Link, LinkRule,
    LookedAfter, MadeFor, Near, Position, Region, Resource, RouteTarget, Scope, Serves, Settle, Verdict,
    Verdicts, WorksAs,
};
use crate::plan::check::{PlanFault, check};
use crate::plan::fixture::orphans;
use crate::plan::{Fate, Keep, planner};
use crate::policy::{Policy, Selector};

const MINE: &str = "attempt-1";

/// Names that AWS and its tools give to what they make for a cluster `demo` or for a node group.
const GIVEN_NAMES: [&str; 2] = ["/aws/eks/demo/cluster", "eks-0123abcd"];

/// The verdicts, where everything of the attempt is selected that is two hours old.
fn judged(world: &World) -> Verdicts {
    judged_with(world, &[])
}

/// The same, where the user says of these stacks that nobody wants them.
fn judged_with(world: &World, abandoned: &[&str]) -> Verdicts {
    let mut inventory = world.inventory.clone();
    complete(&mut inventory);
    let policy = Policy {
        select: vec!["tag:EnvironmentSuffix=attempt-*".parse().expect("terms")],
        older_than: "2h".parse().ok(),
        abandoned: abandoned.iter().map(|stack| (*stack).to_owned()).collect(),
        ..Policy::default()
    };
    let selector = Selector::new(&policy, &KINDS).expect("a policy");
    judge(&inventory, &selector, at("2026-11-21T12:00:00Z")).verdicts
}

/// Adds something made two days ago, of this stack if it is of one.
fn add(world: &mut World, kind: &str, id: &str, stack: Option<&str>) {
    world.add(kind, id).born(kind, id, "2026-11-19T12:00:00Z");
    if let Some(stack) = stack {
        world.tag(kind, id, "Project", "demo").tag(kind, id, "EnvironmentSuffix", stack);
    }
}

fn alone(kind: &str, stack: Option<&str>) -> World {
    let mut world = World::new();
    add(&mut world, kind, "it", stack);
    world
}

fn verdict(world: &World, kind: &str, id: &str) -> Verdict {
    judged(world)[&key(kind, id)].verdict
}

fn selected(world: &World, kind: &str, id: &str) -> bool {
    judged(world)[&key(kind, id)].selected
}

/// The plan of one thing that is called an orphan whatever it is, where these kinds of data may go.
fn planned_alone(catalog: Catalog, it: &Resource, with_data: &BTreeSet<KindName>) -> (Fate, Vec<PlanFault>) {
    let mut inventory: Inventory = World::new().inventory;
    inventory.kinds = catalog.iter().map(KindSpec::kind).collect();
    inventory.resources.insert(it.key.clone(), it.clone());
    let verdicts = orphans(&inventory);
    let plan = planner::plan(&inventory, catalog, &verdicts, with_data);
    let faults = check(&plan, catalog, Some(&verdicts)).err().unwrap_or_default();
    (plan.fates[&it.key].clone(), faults)
}

fn kinds() -> impl Iterator<Item = &'static KindSpec> {
    CATALOG.iter()
}

#[test]
fn each_guard_of_each_kind_keeps_it_and_the_planner_keeps_it_whoever_judged() {
    for spec in kinds() {
        let unguarded = match spec.class {
            Class::Witness => Verdict::Uncertain,
            Class::Plumbing | Class::Workload | Class::Tool | Class::Data => Verdict::Orphan,
        };
        assert_eq!(verdict(&alone(spec.name, Some(MINE)), spec.name, "it"), unguarded, "{}", spec.name);
        for &rule in spec.guards {
            let mut world = alone(spec.name, Some(MINE));
            let guard = Guard { rule, why: "for this reason".into() };
            world.get(spec.name, "it").guards.insert(guard.clone());
            let expected = match rule {
                GuardRule::DefaultThing | GuardRule::AwsManaged | GuardRule::Protection => Verdict::Protected,
                GuardRule::Held => Verdict::Active,
                GuardRule::OtherAccount => Verdict::Foreign,
                GuardRule::UnknownMaker => Verdict::Uncertain,
            };
            assert_eq!(verdict(&world, spec.name, "it"), expected, "{}: {rule:?}", spec.name);
            let all = kinds().map(KindSpec::kind).collect();
            let (fate, _) = planned_alone(CATALOG, world.get(spec.name, "it"), &all);
            assert_eq!(fate, Fate::Kept(Keep::Guarded { guard }), "{}", spec.name);
        }
    }
}

#[test]
fn data_stays_unless_its_kind_is_named_and_everything_else_goes_unnamed() {
    for spec in kinds() {
        let it = Resource::new(key(spec.name, "it"));
        let unnamed = match spec.class {
            Class::Data => Fate::Kept(Keep::HoldsData),
            Class::Plumbing | Class::Workload | Class::Tool => Fate::Delete,
            Class::Witness => continue,
        };
        let others = kinds().map(KindSpec::kind).filter(|kind| *kind != spec.kind()).collect();
        assert_eq!(planned_alone(CATALOG, &it, &others).0, unnamed, "{}", spec.name);
        let named = BTreeSet::from([spec.kind()]);
        assert_eq!(planned_alone(CATALOG, &it, &named).0, Fate::Delete, "{}", spec.name);
    }
}

#[test]
fn no_call_deletes_a_witness_whoever_judged_and_whatever_was_named_and_only_its_maker_takes_it_along() {
    const MAKER: KindSpec = KindSpec::invented("maker");
    const SEEN: KindSpec = KindSpec {
        class: Class::Witness,
        links: &[LinkRule::goes_with(how::MADE_BY, "maker", Settle::AtOnce)],
        ..KindSpec::invented("witness")
    };
    const KINDS: Catalog = Catalog::new(&[&MAKER, &SEEN]);
    let place = |kind, id| Key::new(KindName::of(kind), Region::new("us-east-1"), id);
    let mut it = Resource::new(place("witness", "it"));
    let all: BTreeSet<KindName> = KINDS.iter().map(KindSpec::kind).collect();
    assert_eq!(planned_alone(KINDS, &it, &all).0, Fate::Kept(Keep::Witness));

    // A plan that says otherwise is refused, whoever wrote it.
    let tool = KindSpec { class: Class::Tool, ..SEEN };
    let kinds: &'static [&'static KindSpec] = Box::leak(Box::new([&MAKER, &*Box::leak(Box::new(tool))]));
    let mut inventory = World::new().inventory;
    inventory.kinds = all.clone();
    inventory.resources.insert(it.key.clone(), it.clone());
    let verdicts = orphans(&inventory);
    let forged = planner::plan(&inventory, Catalog::new(kinds), &verdicts, &all);
    assert!(!forged.steps.is_empty());
    let faults = check(&forged, KINDS, Some(&verdicts)).unwrap_err();
    assert!(faults.contains(&PlanFault::MustStay(it.key.clone())), "{faults:?}");

    // What made it and is gone takes nothing along, and what stands takes it only if it goes itself.
    it.links.insert(Link::new(how::MADE_BY, place("maker", "m")));
    inventory.resources.insert(it.key.clone(), it.clone());
    let fate = |inventory: &Inventory, verdicts: &Verdicts| {
        let plan = planner::plan(inventory, KINDS, verdicts, &all);
        check(&plan, KINDS, Some(verdicts)).expect("a sound plan");
        plan.fates[&it.key].clone()
    };
    assert_eq!(fate(&inventory, &verdicts), Fate::Kept(Keep::Witness));
    let maker = Resource::new(place("maker", "m"));
    inventory.resources.insert(maker.key.clone(), maker.clone());
    assert_eq!(fate(&inventory, &verdicts), Fate::Kept(Keep::GoesWith { carrier: maker.key.clone() }));
    let verdicts = orphans(&inventory);
    assert_eq!(fate(&inventory, &verdicts), Fate::Carried(maker.key));
}

#[test]
fn a_witness_of_the_stack_stays_uncertain_and_the_command_that_removes_it_is_told() {
    for spec in kinds().filter(|spec| spec.class == Class::Witness) {
        let (world, of) = (alone(spec.name, Some(MINE)), key(spec.name, "it"));
        let command = format!("remove it with {}", spec.by_hand.command(&of));
        let it = judged_with(&world, &["demo/attempt-1"])[&of].clone();
        assert_eq!((it.verdict, it.gate), (Verdict::Uncertain, Some(Gate::Witness)), "{}", spec.name);
        assert!(it.evidence[0].ends_with(&command), "{:?}", it.evidence);
        // Of what may be at work nobody is told how to remove it.
        let it = judged(&world)[&of].clone();
        let told = it.evidence.iter().any(|why| why.contains(&command));
        assert_eq!(told, it.gate == Some(Gate::Witness), "{:?}", it.evidence);
    }
}

#[test]
fn what_is_marked_as_a_clusters_is_managed_from_its_node_groups_where_the_kind_says_so() {
    for spec in kinds() {
        let mut world = alone(spec.name, None);
        add(&mut world, "eks-nodegroup", "demo/ng", None);
        add(&mut world, "eks-nodegroup", "other/ng", None);
        world.tag(spec.name, "it", "kubernetes.io/cluster/demo", "owned");
        complete(&mut world.inventory);
        let managers: Vec<&str> = world.inventory.resources[&key(spec.name, "it")]
            .links_as(how::MANAGED_FROM)
            .map(|it| it.to.id.as_str())
            .collect();
        let expected: &[&str] = match spec.looked_after {
            LookedAfter::FromNodes => &["demo/ng"],
            LookedAfter::ByNobody => &[],
        };
        assert_eq!(managers, expected, "{}", spec.name);
    }
}

#[test]
fn what_is_looked_after_from_nodes_goes_after_them_and_nothing_else_does() {
    let group = CATALOG.that_is(Position::NodeGroup).unwrap();
    for spec in kinds() {
        let rule = spec.links.iter().find(|rule| rule.how == how::MANAGED_FROM && rule.to == group.name);
        let waits = rule.is_some_and(|rule| rule.near == Near::AfterIfGoes);
        assert_eq!(waits, spec.looked_after == LookedAfter::FromNodes, "{}", spec.name);
    }
}

/// The links that tell for what a thing of this kind was made, whatever of the given names it has.
fn made_for(spec: &KindSpec, role: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for id in GIVEN_NAMES {
        let mut world = World::new();
        world.add("eks-cluster", "demo").fact("eks-cluster", "demo", fact::ISSUER, "https://oidc.eks/id/A");
        world.add("eks-cluster", "other").add("iam-role", "nodes").add("eks-nodegroup", "demo/ng");
        world.link("eks-nodegroup", "demo/ng", how::USES, "iam-role", "nodes");
        world.add("eks-nodegroup", "demo/else");
        world.add(spec.name, id).fact(spec.name, id, fact::ISSUER, "oidc.eks/id/A");
        world.link(spec.name, id, how::CONTAINS, "iam-role", "nodes");
        complete(&mut world.inventory);
        let links = world.inventory.resources[&key(spec.name, id)].links_as(role);
        found.extend(links.map(|link| link.to.id.to_string()));
    }
    found
}

#[test]
fn what_was_made_for_a_cluster_or_its_nodes_finds_them_and_its_kind_has_a_rule_for_that() {
    for spec in kinds() {
        let (role, expected, far) = match spec.made_for {
            MadeFor::ClusterOfIssuer | MadeFor::ClusterInName(_) => {
                (how::MADE_FOR, "demo", Position::Cluster)
            }
            MadeFor::NodeGroup(_) => (how::MADE_FOR_NODES, "demo/ng", Position::NodeGroup),
            MadeFor::Told => {
                assert!(made_for(spec, how::MADE_FOR).is_empty(), "{}", spec.name);
                assert!(made_for(spec, how::MADE_FOR_NODES).is_empty(), "{}", spec.name);
                continue;
            }
        };
        let found = made_for(spec, role);
        assert_eq!(found, BTreeSet::from([expected.to_owned()]), "{}: no given name tells it", spec.name);
        let far = CATALOG.that_is(far).unwrap();
        assert!(spec.rule(role, &far.kind()).is_some(), "{}: the link means nothing", spec.name);
    }
}

#[test]
fn what_serves_one_thing_goes_with_it_untagged_and_a_single_tag_parts_them() {
    for spec in kinds() {
        let by_own = spec.links.iter().map(|rule| (spec.name, rule, rule.to));
        let kind = spec.kind();
        let by_user = CATALOG.rules_to(&kind).map(|(user, rule)| (user.name, rule, user.name));
        for (owner, rule, other) in by_own.chain(by_user) {
            let joins = match (owner == spec.name, rule.how) {
                (true, how::ATTACHED | how::ASSOCIATED) => other != spec.name,
                (false, how::USES) => true,
                (true | false, _) => false,
            };
            // What lies in a selected network is reached through that, whatever it serves.
            let network = CATALOG.named(other).is_none_or(|far| far.position == Position::Network);
            if !joins || network {
                continue;
            }
            let mut world = alone(spec.name, None);
            add(&mut world, other, "theirs", Some(MINE));
            let ends = if owner == spec.name {
                [(spec.name, "it"), (other, "theirs")]
            } else {
                [(other, "theirs"), (spec.name, "it")]
            };
            world.link(ends[0].0, ends[0].1, rule.how, ends[1].0, ends[1].1);
            let serves = spec.serves == Serves::One;
            assert_eq!(selected(&world, spec.name, "it"), serves, "{owner} {} {}", rule.how, rule.to);
            world.tag(spec.name, "it", "Team", "blue");
            assert!(!selected(&world, spec.name, "it"), "{}: somebody tagged it", spec.name);
        }
    }
}

#[test]
fn what_serves_one_thing_can_be_joined_to_one() {
    for spec in kinds().filter(|spec| spec.serves == Serves::One) {
        let own = spec.links.iter().any(|rule| [how::ATTACHED, how::ASSOCIATED].contains(&rule.how));
        let used = CATALOG.rules_to(&spec.kind()).any(|(_, rule)| rule.how == how::USES);
        assert!(own || used, "{}: it serves nothing", spec.name);
    }
}

#[test]
fn one_that_is_coming_makes_its_stack_active_by_every_word_that_its_kind_has_for_it() {
    // What a witness does shows no sign: one in a stack is a doubt of its own.
    for spec in kinds().filter(|spec| spec.class != Class::Witness) {
        for word in spec.states.coming {
            let mut world = alone(spec.name, Some(MINE));
            add(&mut world, "elastic-ip", "member", Some(MINE));
            add(&mut world, "elastic-ip", "stranger", Some("attempt-2"));
            assert_eq!(verdict(&world, "elastic-ip", "member"), Verdict::Orphan);
            world.get(spec.name, "it").life = spec.states.life(Some(word)).unwrap();
            for (kind, id) in [(spec.name, "it"), ("elastic-ip", "member")] {
                assert_eq!(verdict(&world, kind, id), Verdict::Active, "{} {word}", spec.name);
            }
            assert_eq!(verdict(&world, "elastic-ip", "stranger"), Verdict::Orphan, "{} {word}", spec.name);
        }
        for word in spec.states.leaving {
            assert_eq!(spec.states.life(Some(word)), Some(Life::Leaving), "{} {word}", spec.name);
        }
    }
}

#[test]
fn a_table_that_stays_keeps_what_its_routes_lead_to_and_routes_lead_to_nothing_else() {
    let tables: Vec<&KindSpec> =
        kinds().filter(|spec| spec.links.iter().any(|rule| rule.how == how::ROUTES_THROUGH)).collect();
    assert!(!tables.is_empty());
    for table in tables {
        for spec in kinds() {
            let leads = CATALOG
                .rules_to(&spec.kind())
                .any(|(from, rule)| from.name == table.name && rule.how == how::ROUTES_THROUGH);
            assert_eq!(leads, spec.route_target == RouteTarget::Yes, "{}", spec.name);
            // What is only read stays in any case.
            if !leads || spec.class == Class::Witness {
                continue;
            }
            let mut world = alone(spec.name, Some(MINE));
            add(&mut world, table.name, "theirs", Some("live"));
            assert_eq!(verdict(&world, spec.name, "it"), Verdict::Orphan, "{}", spec.name);
            world.link(table.name, "theirs", how::ROUTES_THROUGH, spec.name, "it");
            assert_eq!(verdict(&world, spec.name, "it"), Verdict::Active, "{}", spec.name);
        }
    }
}

#[test]
fn what_a_witness_holds_stays_with_it_and_so_does_what_belongs_to_that() {
    for spec in kinds().filter(|spec| spec.class == Class::Witness) {
        for rule in spec.links.iter().filter(|rule| rule.holds != Holds::Nothing) {
            let mut world = alone(rule.to, Some(MINE));
            assert_eq!(verdict(&world, rule.to, "it"), Verdict::Orphan, "{}", rule.to);
            add(&mut world, spec.name, "theirs", Some(MINE));
            world.link(spec.name, "theirs", rule.how, rule.to, "it");
            assert_eq!(verdict(&world, rule.to, "it"), Verdict::Uncertain, "{}: {}", spec.name, rule.how);
        }
    }
    let mut world = alone("eks-cluster", Some(MINE));
    add(&mut world, "eks-nodegroup", "it/ng", Some(MINE));
    world.link("eks-nodegroup", "it/ng", how::OF_CLUSTER, "eks-cluster", "it");
    assert_eq!(verdict(&world, "eks-nodegroup", "it/ng"), Verdict::Orphan);
    add(&mut world, "eks-fargate-profile", "it/pods", None);
    world.link("eks-fargate-profile", "it/pods", how::OF_CLUSTER, "eks-cluster", "it");
    assert_eq!(verdict(&world, "eks-nodegroup", "it/ng"), Verdict::Uncertain);
}

#[test]
fn a_kind_is_global_if_its_service_is_and_asks_one_service_to_delete_and_cut() {
    for spec in kinds() {
        let of = |api: &&'static str| api.split_once(':').map(|(service, _)| service);
        let cuts = spec.links.iter().filter_map(|rule| rule.cut).map(|cut| cut.api);
        let changes: Vec<&str> = spec.apis.delete.iter().copied().chain(cuts).collect();
        // Of what is only read, what lists it tells the service.
        let calls = if changes.is_empty() { spec.apis.list[..1].to_vec() } else { changes };
        let services: BTreeSet<_> = calls.iter().map(of).collect();
        assert_eq!(services.len(), 1, "{}: {services:?}", spec.name);
        let global = services == BTreeSet::from([Some("iam")]);
        assert_eq!(spec.scope == Scope::Global, global, "{}: {services:?}", spec.name);
    }
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "it holds the table to the clients, which are not always built"
)]
fn every_call_is_of_a_service_that_the_program_has_a_client_of() {
    let clients = std::fs::read_to_string("src/aws/clients.rs").unwrap();
    // As IAM names a service, and as its crate does.
    let crates = |service: &'static str| match service {
        "elasticloadbalancing" => "elasticloadbalancingv2",
        "logs" => "cloudwatchlogs",
        "tag" => "resourcegroupstagging",
        "cloudformation" | "ec2" | "ecs" | "eks" | "iam" | "autoscaling" | "kms" | "lambda"
        | "servicequotas" => service,
        _ => "",
    };
    for spec in kinds() {
        let cuts = spec.links.iter().filter_map(|rule| rule.cut).map(|cut| cut.api);
        for api in spec.apis.list.iter().chain(spec.apis.delete).copied().chain(cuts) {
            let client = format!("aws_sdk_{}::Client", crates(api.split(':').next().unwrap()));
            assert!(clients.contains(&client), "{}: {api} has no client", spec.name);
        }
    }
}

#[test]
fn a_region_where_a_user_could_hide_keeps_a_global_thing() {
    for spec in kinds().filter(|spec| spec.scope == Scope::Global) {
        let kind = spec.kind();
        let users = CATALOG
            .rules_to(&kind)
            .filter(|(user, rule)| user.scope == Scope::Regional && rule.holds != Holds::Nothing);
        for (user, _) in users {
            let mut inventory = alone(spec.name, Some(MINE)).inventory;
            let far = Region::new("eu-west-1");
            inventory.regions.insert(far.clone());
            let goes = |inventory: &Inventory| {
                let verdicts = orphans(inventory);
                !planner::plan(inventory, CATALOG, &verdicts, &BTreeSet::new()).steps.is_empty()
            };
            assert!(goes(&inventory), "{}", spec.name);
            inventory.gaps.insert(Gap::new(user.kind(), far, "denied"));
            assert!(!goes(&inventory), "{}: a {} may use it elsewhere", spec.name, user.name);
        }
    }
}

#[test]
fn what_lies_in_a_selected_network_is_selected_untagged() {
    let network = CATALOG.that_is(Position::Network).unwrap();
    // What works in a network and lies in none (a function) is found by nobody's network.
    let lies = |spec: &&KindSpec| {
        let own = [how::WITHIN, how::ATTACHED, how::ASSOCIATED];
        CATALOG.may_lie_in_a_network(spec) && spec.links.iter().any(|rule| own.contains(&rule.how))
    };
    for spec in kinds().filter(lies).filter(|spec| spec.name != network.name) {
        let ground = spec.links.iter().find(|rule| {
            let far = CATALOG.named(rule.to).map(|far| far.position);
            [how::WITHIN, how::ATTACHED].contains(&rule.how)
                && matches!(far, Some(Position::Network | Position::Subnet))
        });
        // What is only associated with a part of a network says itself in which network it lies.
        let Some(ground) = ground else { panic!("{}: it lies nowhere", spec.name) };
        let mut world = alone(spec.name, None);
        add(&mut world, network.name, "net", Some(MINE));
        assert!(!selected(&world, spec.name, "it"), "{}", spec.name);
        if ground.to == network.name {
            world.link(spec.name, "it", ground.how, network.name, "net");
        } else {
            add(&mut world, ground.to, "part", None);
            world.link(ground.to, "part", how::WITHIN, network.name, "net");
            world.link(spec.name, "it", ground.how, ground.to, "part");
        }
        assert!(selected(&world, spec.name, "it"), "{}", spec.name);
    }
}

#[test]
fn a_kind_that_has_a_position_has_the_links_by_which_others_find_it() {
    let links = |part: Position, role: &str, to: Position| {
        let (near, far) = (CATALOG.that_is(part).unwrap(), CATALOG.that_is(to).unwrap());
        assert!(
            near.links.iter().any(|rule| rule.how == role && rule.to == far.name),
            "{} {role}",
            near.name
        );
    };
    links(Position::Subnet, how::WITHIN, Position::Network);
    links(Position::WayOut, how::ATTACHED, Position::Network);
    links(Position::NodeGroup, how::OF_CLUSTER, Position::Cluster);
    links(Position::NodeGroup, how::USES, Position::Role);
    links(Position::Machine, how::MADE_BY, Position::NodeGroup);
    links(Position::Machine, how::WITHIN, Position::Subnet);
    for part in [Position::Cluster, Position::NodeGroup, Position::Machine] {
        let spec = CATALOG.that_is(part).unwrap();
        assert!(spec.states.tell_of_a_making(), "{}: its stack's making would not show", spec.name);
        assert_eq!(spec.class, Class::Workload, "{}", spec.name);
    }
}

#[test]
fn whatever_names_a_role_or_what_contains_one_says_as_which_service_it_works() {
    let role = CATALOG.that_is(Position::Role).unwrap();
    let contains =
        |spec: &KindSpec| spec.links.iter().any(|rule| rule.how == how::CONTAINS && rule.to == role.name);
    for spec in kinds() {
        let names = |rule: &LinkRule| {
            let far = CATALOG.named(rule.to);
            let works = [how::USES, how::CONTAINS, how::WOULD_USE].contains(&rule.how);
            works && far.is_some_and(|far| far.position == Position::Role || contains(far))
        };
        assert!(!spec.links.iter().any(names) || spec.works_as != WorksAs::Nobody, "{}", spec.name);
        for service in spec.works_as.services() {
            assert!(service.ends_with(".amazonaws.com"), "{}: {service}", spec.name);
        }
    }
}
