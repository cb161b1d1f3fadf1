//! The law of strangers, over random worlds: nothing of theirs is ever an orphan, nor is the ground under them.

use proptest::prelude::*;

use crate::inventory::testing::{World, key};
use crate::judge::tests::judged;
use crate::model::Verdict;
use crate::model::words::how;

use super::tests::{own, policy, with_cluster};

/// One thing of somebody else.
#[derive(Debug, Clone)]
struct Stranger {
    kind: &'static str,
    subnet: bool,
    tags: Vec<(String, String)>,
}

fn letters(text: &'static str) -> impl Strategy<Value = String> {
    prop::collection::vec(any::<bool>(), text.len()).prop_map(move |upper| {
        let one = |(char, upper): (char, &bool)| if *upper { char.to_ascii_uppercase() } else { char };
        text.chars().zip(&upper).map(one).collect()
    })
}

/// A tag that says whose a thing is, and not the stack's.
fn claim() -> impl Strategy<Value = (String, String)> {
    let owners =
        prop_oneof![letters("owner"), letters("team"), letters("cost-center"), letters("name-of-app")];
    let of = |key: &'static str, value: &'static str| Just((key.to_owned(), value.to_owned()));
    prop_oneof![
        4 => (owners, prop::sample::select(vec!["finance", "a1", "shop", ""]).prop_map(str::to_owned)),
        1 => of("EnvironmentSuffix", "live"),
        1 => of("Project", "pay"),
        1 => of("project", "shop"),
        1 => of("environmentsuffix", "a1"),
        1 => of("kubernetes.io/cluster/prod-capa", "owned"),
        1 => of("k8s.io/cluster/prod-kops", "owned"),
        1 => of("KubernetesCluster", "prod"),
        1 => of("sigs.k8s.io/cluster-api-provider-aws/cluster/x", "owned"),
        1 => of("elbv2.k8s.aws/cluster", "pay-prod"),
        1 => of("aws:backup:source-resource", "arn"),
        1 => of("velero.io/backup", "nightly"),
        1 => of("aws:ecs:clusterName", "web"),
        1 => of("AutoTag_Creator", "arn:aws:iam::123456789012:user/finance"),
        1 => of("GuardDutyManaged", "true"),
        1 => of("type", "finance"),
    ]
}

/// Tags that say nothing.
fn neutral() -> impl Strategy<Value = (String, String)> {
    let of = |key: &'static str, value: &'static str| Just((key.to_owned(), value.to_owned()));
    prop_oneof![
        of("Name", "shop-a1-x"),
        of("SubnetType", "Public"),
        of("kubernetes.io/role/elb", "1"),
        of("map-migrated", "mig1"),
        of("Project", "shop"),
    ]
}

const PLUMBING: [&str; 5] =
    ["security-group", "network-interface", "vpc-endpoint", "route-table", "network-acl"];
const OTHERS: [&str; 4] = ["instance", "load-balancer", "eks-cluster", "target-group"];

fn stranger() -> impl Strategy<Value = Stranger> {
    let kind = prop::sample::select(PLUMBING.iter().chain(&OTHERS).copied().collect::<Vec<_>>());
    let tags = (prop::collection::vec(claim(), 0..3), prop::collection::vec(neutral(), 0..3));
    (kind, any::<bool>(), tags, claim()).prop_map(|(kind, subnet, (claims, neutral), claim)| {
        // Plumbing without a tag of its own is the network's: a stranger's has one.
        let needed = claims.is_empty() && PLUMBING.contains(&kind);
        let tags = neutral.into_iter().chain(claims).chain(needed.then_some(claim)).collect();
        Stranger { kind, subnet, tags }
    })
}

fn ways() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "tag:Project=shop,tag:EnvironmentSuffix=a1",
        "tag:Project=s*op,tag:EnvironmentSuffix=a?",
        "stack=shop/a1",
        "name=shop-a1*",
        "vpc=vpc-1",
        "cluster=shop-a1",
    ])
}

/// The failed stack's network and cluster, with what needs no tag of its own, each tagged or not.
fn worlds() -> impl Strategy<Value = World> {
    (any::<bool>(), prop::collection::vec(neutral(), 0..3)).prop_map(|(tagged, neutral)| {
        let mut world = with_cluster();
        for kind in PLUMBING {
            let id = format!("{kind}-own");
            world.add(kind, &id).link(kind, &id, how::WITHIN, "vpc", "vpc-1");
            for (name, value) in &neutral {
                world.tag(kind, &id, name, value);
            }
            if tagged {
                own(&mut world, kind, &id);
            }
        }
        world
    })
}

const GROUND: [(&str, &str); 12] = [
    ("vpc", "vpc-1"),
    ("subnet", "subnet-1"),
    ("route-table", "rtb-1"),
    ("internet-gateway", "igw-1"),
    ("nat-gateway", "nat-1"),
    ("elastic-ip", "eipalloc-1"),
    ("security-group", "sg-1"),
    ("security-group", "security-group-own"),
    ("network-interface", "network-interface-own"),
    ("vpc-endpoint", "vpc-endpoint-own"),
    ("route-table", "route-table-own"),
    ("network-acl", "network-acl-own"),
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn nothing_of_a_stranger_is_an_orphan_nor_is_the_ground_under_him(
        world in worlds(),
        strangers in prop::collection::vec(stranger(), 1..4),
        select in ways(),
    ) {
        let mut world = world;
        for (at, stranger) in strangers.iter().enumerate() {
            let id = format!("strange-{at}");
            world.add(stranger.kind, &id);
            let (to, place) = if stranger.subnet { ("subnet", "subnet-1") } else { ("vpc", "vpc-1") };
            world.link(stranger.kind, &id, how::WITHIN, to, place);
            for (name, value) in &stranger.tags {
                world.tag(stranger.kind, &id, name, value);
            }
            world.get(stranger.kind, &id).name = stranger.tags.iter().find(|it| it.0 == "Name").map(|it| it.1.clone());
        }
        let verdicts = judged(&world.inventory, &policy(select)).verdicts;
        for (at, stranger) in strangers.iter().enumerate() {
            let judged = &verdicts[&key(stranger.kind, &format!("strange-{at}"))];
            prop_assert!(judged.verdict != Verdict::Orphan, "{stranger:?}: {:?}", judged.evidence);
        }
        for (kind, id) in GROUND {
            let judged = &verdicts[&key(kind, id)];
            prop_assert!(judged.verdict != Verdict::Orphan, "{kind} {id}: {:?}", judged.evidence);
        }
    }

    #[test]
    fn without_a_stranger_all_of_the_stack_goes(world in worlds(), select in ways()) {
        prop_assume!(!select.starts_with("cluster="));
        for (key, judged) in judged(&world.inventory, &policy(select)).verdicts {
            let reached = !select.contains("s*op") || judged.selected;
            prop_assert!(judged.verdict == Verdict::Orphan || !reached, "{key}: {:?}", judged.evidence);
        }
    }
}
