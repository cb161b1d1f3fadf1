//! How much of whole attempts goes, and what stays why: by how their deployer tags them, how far they came, and how
//! they are asked for. A change of the judge that frees or keeps more shows here, row by row, and is reviewed as code
//! (`UPDATE_EXPECT=1` rewrites the rows).

use std::collections::BTreeMap;

use aws_janitor::judge::Judgement;
use aws_janitor::model::Key;
use aws_janitor::plan::{Fate, Keep};
use expect_test::{Expect, expect};

use super::hand::Style;
use super::land::{Draw, Owner, thing};
use super::laws::decide;
use super::situation::Situation;
use super::stack::{STAGES, Stage};
use super::world::{Ask, Recipe, World};

/// An attempt that came so far, with nothing beside it but what `of` brings. One with marks has the cluster's name in
/// its subnets' tags, and its launch template names the group of the nodes.
fn world(style: Style, marks: bool, stage: Stage, of: Option<Situation>) -> World {
    let recipe = Recipe {
        seed: 1,
        attempts: vec![stage],
        style,
        marks,
        ask: Ask::Tags,
        situations: of.into_iter().collect(),
        doubts: vec![],
        robot: None,
        killed: false,
        dated: false,
    };
    recipe.build()
}

/// Asks for it in these terms, each a `--select` of its own.
fn asked(mut world: World, terms: &[&str]) -> World {
    let stack = &world.stacks[0];
    let (vpc, cluster) = (stack.net.vpc.id.clone(), stack.hand.cluster.clone());
    let template = stack.tools.template.id.clone();
    let told = |terms: &&str| match *terms {
        "tags" => "tag:Project=shop,tag:EnvironmentSuffix=a1".to_owned(),
        "stack" => "stack=shop/a1".to_owned(),
        "name" => "name=shop-a1-vpc".to_owned(),
        "vpc" => format!("vpc={vpc}"),
        "cluster" => format!("cluster={cluster}"),
        "template" => format!("id={template}"),
        other => other.to_owned(),
    };
    world.land.policy.select = terms.iter().map(|terms| told(terms).parse().unwrap()).collect();
    world
}

/// The word by which JSON names a reason.
fn word(tag: &str, of: impl serde::Serialize) -> String {
    let value = serde_json::to_value(of).unwrap();
    value[tag].as_str().unwrap_or_default().to_owned()
}

fn reason(judgement: &Judgement, key: &Key, keep: &Keep) -> String {
    match keep {
        Keep::NotOrphan { verdict, gate } => {
            let by = gate.as_ref().map(|gate| word("by", gate)).unwrap_or_default();
            let reached = if judgement.verdicts[key].selected { "" } else { "not reached, " };
            format!("{reached}{verdict} by {by}")
        }
        Keep::HoldsData => "data that nobody named".to_owned(),
        other => word("reason", other),
    }
}

/// One row: how many things go by a call, how many along with another, and what stays of the attempt and of what was
/// selected. Of others nothing goes.
pub(super) fn row(name: &str, world: &World) -> String {
    let (judgement, plan) = decide(world);
    let of_others = |key: &Key| world.land.things[key].owner != Owner::Failed(1);
    let mut kept: BTreeMap<String, BTreeMap<&str, usize>> = BTreeMap::new();
    let (mut goes, mut rides) = (0, 0);
    for (key, fate) in &plan.fates {
        let told = judgement.verdicts[key].selected || !of_others(key);
        match fate {
            Fate::Delete | Fate::Leaving => goes += 1,
            Fate::Carried(_) => rides += 1,
            Fate::Kept(keep) if told => {
                let kinds = kept.entry(reason(&judgement, key, keep)).or_default();
                *kinds.entry(key.kind.as_str()).or_default() += 1;
                continue;
            }
            Fate::Kept(_) => continue,
        }
        assert!(!of_others(key), "{name}: {key} of others goes: {:?}", judgement.verdicts[key].evidence);
    }
    let mut row = format!("{name}: {goes} go, {rides} ride\n");
    for (reason, kinds) in kept {
        let kinds: Vec<String> = kinds.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
        row += &format!("    {reason}: {}\n", kinds.join(", "));
    }
    row
}

fn rows(expected: &Expect, (style, marks): (Style, bool), stages: &[Stage], asks: &[&[&str]]) {
    let each = stages.iter().flat_map(|stage| asks.iter().map(move |terms| (stage, terms)));
    let row = |(stage, terms): (&Stage, &&[&str])| {
        row(
            &format!("{stage:?} by {}", terms.join(" and ")),
            &asked(world(style, marks, *stage, None), terms),
        )
    };
    expected.assert_eq(&each.map(row).collect::<String>());
}

const FAR: [Stage; 2] = [Stage::BeforeCluster, Stage::NodesApart];

#[test]
fn of_an_attempt_whose_every_thing_carries_the_key_only_data_stays() {
    let expected = expect![[r#"
        QuotaMet by tags: 16 go, 3 ride
            data that nobody named: 1 log-group
        BeforeCluster by tags: 18 go, 4 ride
            data that nobody named: 1 log-group
        AfterCluster by tags: 21 go, 9 ride
            data that nobody named: 1 log-group
        NodesApart by tags: 22 go, 17 ride
            data that nobody named: 1 log-group
        ClusterGone by tags: 24 go, 6 ride
            data that nobody named: 1 log-group
    "#]];
    for style in [Style::DefaultTags, Style::Modules, Style::PulumiDefault] {
        rows(&expected, (style, true), &STAGES, &[&["tags"]]);
    }
}

#[test]
fn by_its_network_alone_an_attempt_leaves_its_tools_and_what_they_work_with() {
    let asks: [&[&str]; 3] = [&["vpc"], &["vpc", "template"], &["cluster"]];
    rows(
        &expect![[r#"
        BeforeCluster by vpc: 0 go, 0 ride
            active by user: 1 security-group
            not reached, foreign by not-selected: 1 iam-policy, 2 iam-role, 1 launch-template, 1 log-group
            uncertain by carrier: 1 network-acl, 1 network-interface, 1 route-table, 1 security-group
            uncertain by selected-with: 1 elastic-ip
            uncertain by stranger: 1 internet-gateway, 1 nat-gateway, 3 route-table, 1 security-group, 4 subnet, 1 vpc, 1 vpc-endpoint
        BeforeCluster by vpc and template: 15 go, 4 ride
            not reached, foreign by not-selected: 1 iam-policy, 2 iam-role, 1 log-group
        BeforeCluster by cluster: 0 go, 0 ride
            active by user: 1 security-group
            not reached, foreign by not-selected: 1 elastic-ip, 1 iam-policy, 2 iam-role, 1 internet-gateway, 1 launch-template, 1 log-group, 1 nat-gateway, 1 network-acl, 1 network-interface, 4 route-table, 2 security-group, 4 subnet, 1 vpc, 1 vpc-endpoint
        NodesApart by vpc: 2 go, 13 ride
            active by user: 1 iam-oidc-provider, 1 security-group
            data that nobody named: 1 log-group
            not reached, foreign by not-selected: 1 iam-policy, 3 iam-role, 1 launch-template
            uncertain by carrier: 1 network-acl, 1 network-interface, 1 route-table, 1 security-group
            uncertain by selected-with: 1 elastic-ip
            uncertain by stranger: 1 internet-gateway, 1 nat-gateway, 3 route-table, 1 security-group, 4 subnet, 1 vpc, 1 vpc-endpoint
        NodesApart by vpc and template: 17 go, 17 ride
            active by user: 1 iam-oidc-provider
            data that nobody named: 1 log-group
            not reached, foreign by not-selected: 1 iam-policy, 3 iam-role
        NodesApart by cluster: 2 go, 13 ride
            active by user: 1 iam-oidc-provider, 1 security-group
            data that nobody named: 1 log-group
            not reached, foreign by not-selected: 1 elastic-ip, 1 iam-policy, 3 iam-role, 1 internet-gateway, 1 launch-template, 1 nat-gateway, 1 network-acl, 1 network-interface, 4 route-table, 2 security-group, 4 subnet, 1 vpc, 1 vpc-endpoint
    "#]],
        (Style::DefaultTags, true),
        &FAR,
        &asks,
    );
    // A template that names nothing of the network holds none of it.
    rows(
        &expect![[r#"
        BeforeCluster by vpc: 14 go, 4 ride
            not reached, foreign by not-selected: 1 iam-policy, 2 iam-role, 1 launch-template, 1 log-group
        BeforeCluster by name: 14 go, 4 ride
            not reached, foreign by not-selected: 1 iam-policy, 2 iam-role, 1 launch-template, 1 log-group
        NodesApart by vpc: 16 go, 17 ride
            active by user: 1 iam-oidc-provider
            data that nobody named: 1 log-group
            not reached, foreign by not-selected: 1 iam-policy, 3 iam-role, 1 launch-template
        NodesApart by name: 16 go, 17 ride
            active by user: 1 iam-oidc-provider
            data that nobody named: 1 log-group
            not reached, foreign by not-selected: 1 iam-policy, 3 iam-role, 1 launch-template
    "#]],
        (Style::DefaultTags, false),
        &FAR,
        &[&["vpc"], &["name"]],
    );
}

#[test]
fn where_only_the_network_and_the_cluster_carry_the_key_other_tools_stay() {
    rows(
        &expect![[r#"
        BeforeCluster by tags: 14 go, 4 ride
            data that nobody named: 1 log-group
            not reached, foreign by not-selected: 1 iam-policy, 2 iam-role, 1 launch-template
        NodesApart by tags: 16 go, 17 ride
            active by user: 1 iam-oidc-provider
            data that nobody named: 1 log-group
            not reached, foreign by not-selected: 1 iam-policy, 3 iam-role, 1 launch-template
    "#]],
        (Style::PulumiArgs, false),
        &FAR,
        &[&["tags"]],
    );
}

#[test]
fn the_cluster_of_a_cdk_app_carries_nothing_and_goes_with_what_it_stands_on() {
    rows(
        &expect![[r#"
        BeforeCluster by tags: 18 go, 4 ride
            data that nobody named: 1 log-group
        NodesApart by tags: 22 go, 17 ride
            data that nobody named: 1 log-group
    "#]],
        (Style::Cdk, false),
        &FAR,
        &[&["tags"]],
    );
}

#[test]
fn of_an_attempt_with_nothing_but_names_the_network_goes_and_the_cluster_by_its_name() {
    let asks: [&[&str]; 3] = [&["vpc"], &["cluster"], &["vpc", "cluster"]];
    rows(
        &expect![[r#"
        BeforeCluster by vpc: 14 go, 4 ride
            not reached, foreign by not-selected: 1 iam-policy, 2 iam-role, 1 launch-template, 1 log-group
        BeforeCluster by cluster: 0 go, 0 ride
            not reached, foreign by not-selected: 1 elastic-ip, 1 iam-policy, 2 iam-role, 1 internet-gateway, 1 launch-template, 1 log-group, 1 nat-gateway, 1 network-acl, 1 network-interface, 4 route-table, 3 security-group, 4 subnet, 1 vpc, 1 vpc-endpoint
        BeforeCluster by vpc and cluster: 14 go, 4 ride
            not reached, foreign by not-selected: 1 iam-policy, 2 iam-role, 1 launch-template, 1 log-group
        NodesApart by vpc: 0 go, 0 ride
            active by user: 1 iam-oidc-provider
            not reached, foreign by not-selected: 1 iam-policy, 3 iam-role, 1 launch-template
            uncertain by carrier: 1 iam-instance-profile, 1 network-acl, 5 network-interface, 1 route-table, 1 security-group, 2 volume
            uncertain by owner: 1 auto-scaling-group, 2 eks-addon, 1 eks-nodegroup, 2 instance, 1 security-group
            uncertain by selected-with: 1 elastic-ip
            uncertain by stranger: 1 internet-gateway, 1 nat-gateway, 3 route-table, 1 security-group, 2 subnet, 1 vpc, 1 vpc-endpoint
            uncertain by unclaimed: 1 eks-cluster, 1 log-group
            uncertain by user: 1 security-group, 2 subnet
        NodesApart by cluster: 2 go, 13 ride
            active by user: 1 iam-oidc-provider
            data that nobody named: 1 log-group
            not reached, foreign by not-selected: 1 elastic-ip, 1 iam-policy, 3 iam-role, 1 internet-gateway, 1 launch-template, 1 nat-gateway, 1 network-acl, 1 network-interface, 4 route-table, 3 security-group, 4 subnet, 1 vpc, 1 vpc-endpoint
        NodesApart by vpc and cluster: 16 go, 17 ride
            active by user: 1 iam-oidc-provider
            data that nobody named: 1 log-group
            not reached, foreign by not-selected: 1 iam-policy, 3 iam-role, 1 launch-template
    "#]],
        (Style::Bare, false),
        &FAR,
        &asks,
    );
}

#[test]
fn for_the_name_in_the_marks_of_an_attempt_without_a_key_only_the_user_vouches() {
    let asks: [&[&str]; 2] = [&["vpc"], &["vpc", "cluster", "template"]];
    rows(
        &expect![[r#"
        BeforeCluster by vpc: 0 go, 0 ride
            foreign by claimed: 1 security-group
            not reached, foreign by not-selected: 1 iam-policy, 2 iam-role, 1 launch-template, 1 log-group
            uncertain by carrier: 1 network-acl, 1 network-interface, 1 route-table, 1 security-group
            uncertain by selected-with: 1 elastic-ip
            uncertain by shared-ground: 4 subnet
            uncertain by stranger: 1 internet-gateway, 1 nat-gateway, 1 security-group, 1 vpc, 1 vpc-endpoint
            uncertain by user: 3 route-table
        BeforeCluster by vpc and cluster and template: 15 go, 4 ride
            not reached, foreign by not-selected: 1 iam-policy, 2 iam-role, 1 log-group
        NodesApart by vpc: 0 go, 0 ride
            active by user: 1 iam-oidc-provider
            foreign by claimed: 1 security-group
            not reached, foreign by not-selected: 1 iam-policy, 3 iam-role, 1 launch-template
            uncertain by carrier: 1 iam-instance-profile, 1 network-acl, 5 network-interface, 1 route-table, 1 security-group, 2 volume
            uncertain by owner: 1 auto-scaling-group, 2 eks-addon, 1 eks-nodegroup, 2 instance, 1 security-group
            uncertain by selected-with: 1 elastic-ip
            uncertain by shared-ground: 4 subnet
            uncertain by stranger: 1 internet-gateway, 1 nat-gateway, 1 vpc, 1 vpc-endpoint
            uncertain by unclaimed: 1 eks-cluster, 1 log-group
            uncertain by user: 3 route-table, 1 security-group
        NodesApart by vpc and cluster and template: 17 go, 17 ride
            active by user: 1 iam-oidc-provider
            data that nobody named: 1 log-group
            not reached, foreign by not-selected: 1 iam-policy, 3 iam-role
    "#]],
        (Style::Bare, true),
        &FAR,
        &asks,
    );
}

#[test]
fn an_attempt_beside_others_addresses_leaves_those_and_a_healthy_one_stays_whole() {
    let mut met = asked(world(Style::DefaultTags, true, Stage::QuotaMet, None), &["tags"]);
    for id in ["eipalloc-9a", "eipalloc-9b"] {
        let it = thing("elastic-ip", super::land::HOME, id).tag("Owner", "somebody-else");
        met.land.put(it, Owner::Team, Situation::Furniture);
    }
    let healthy = world(Style::DefaultTags, true, Stage::AfterCluster, Some(Situation::HealthyNodes));
    let blue = asked(healthy.clone(), &["tag:Project=shop,tag:EnvironmentSuffix=blue"]);
    let both = asked(healthy, &["tag:Project=shop,tag:EnvironmentSuffix=*"]);
    let told = row("the quota was met", &met) + &row("the healthy one", &blue) + &row("both", &both);
    expect![[r#"
        the quota was met: 16 go, 3 ride
            data that nobody named: 1 log-group
        the healthy one: 0 go, 0 ride
            active by lives: 1 auto-scaling-group, 2 eks-addon, 1 eks-cluster, 1 eks-nodegroup, 1 elastic-ip, 1 iam-instance-profile, 1 iam-oidc-provider, 1 iam-policy, 3 iam-role, 1 instance, 1 internet-gateway, 1 launch-template, 1 log-group, 1 nat-gateway, 1 network-acl, 5 network-interface, 4 route-table, 4 security-group, 4 subnet, 1 volume, 1 vpc, 1 vpc-endpoint
            not reached, active by owner: 2 eks-addon, 1 iam-oidc-provider, 1 log-group, 2 security-group
            not reached, foreign by not-selected: 1 eks-cluster, 1 elastic-ip, 1 iam-policy, 3 iam-role, 1 internet-gateway, 1 launch-template, 1 nat-gateway, 1 network-acl, 3 network-interface, 4 route-table, 2 security-group, 4 subnet, 1 vpc, 1 vpc-endpoint
        both: 21 go, 9 ride
            active by lives: 1 auto-scaling-group, 2 eks-addon, 1 eks-cluster, 1 eks-nodegroup, 1 elastic-ip, 1 iam-instance-profile, 1 iam-oidc-provider, 1 iam-policy, 3 iam-role, 1 instance, 1 internet-gateway, 1 launch-template, 1 log-group, 1 nat-gateway, 1 network-acl, 5 network-interface, 4 route-table, 4 security-group, 4 subnet, 1 volume, 1 vpc, 1 vpc-endpoint
            data that nobody named: 1 log-group
    "#]].assert_eq(&told);
}
