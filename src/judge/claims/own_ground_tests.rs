//! What stands on the stack's own ground, and what only lies where everybody puts things of his own.

use crate::inventory::testing::{World, key};
use crate::judge::tests::judged;
use crate::model::words::{fact, how};
use crate::model::{AccountId, Guard, GuardRule, Judged, Verdict};

use super::tests::{network, own, policy};

const BY_TAG: &str = "tag:Project=shop,tag:EnvironmentSuffix=a1";

#[track_caller]
fn one(world: &World, select: &str, kind: &str, id: &str) -> Judged {
    judged(&world.inventory, &policy(select)).verdicts.remove(&key(kind, id)).expect("judged")
}

#[track_caller]
fn check(world: &World, kind: &str, id: &str, verdict: Verdict, evidence: &str) {
    let judged = one(world, BY_TAG, kind, id);
    assert_eq!(judged.verdict, verdict, "{kind} {id}: {:#?}", judged.evidence);
    assert!(judged.evidence[0].contains(evidence), "{kind} {id}: {:#?}", judged.evidence);
}

/// What somebody put into a VPC where everybody may, with a name and no more.
const OF_OTHERS: [(&str, &str); 6] = [
    ("subnet", "subnet-office"),
    ("route-table", "rtb-office"),
    ("nat-gateway", "nat-office"),
    ("elastic-ip", "eipalloc-office"),
    ("security-group", "sg-office"),
    ("vpc-endpoint", "vpce-office"),
];

/// A VPC in which somebody has things.
fn office() -> World {
    let mut world = World::new();
    world.add("vpc", "vpc-9");
    for (kind, id) in OF_OTHERS {
        world.add(kind, id).tag(kind, id, "Name", "office");
        if kind != "elastic-ip" {
            world.link(kind, id, how::WITHIN, "vpc", "vpc-9");
        }
    }
    world.link("nat-gateway", "nat-office", how::WITHIN, "subnet", "subnet-office");
    world.link("nat-gateway", "nat-office", how::USES, "elastic-ip", "eipalloc-office");
    world
}

/// The same, with a group of the stack's beside them.
fn common() -> World {
    let mut world = office();
    world.add("security-group", "sg-1").link("security-group", "sg-1", how::WITHIN, "vpc", "vpc-9");
    own(&mut world, "security-group", "sg-1");
    world
}

#[test]
fn who_names_a_vpc_where_everybody_puts_things_does_not_mean_what_others_put_there() {
    let default = |world: &mut World| {
        let why = "is a default VPC".to_owned();
        world.get("vpc", "vpc-9").guards.insert(Guard { rule: GuardRule::DefaultThing, why });
    };
    let shared = |world: &mut World| {
        world.get("vpc", "vpc-9").owner = Some(AccountId::new("999999999999"));
    };
    // Even one that somebody has adopted and tagged as the stack's.
    let adopted = |world: &mut World| {
        default(world);
        own(world, "vpc", "vpc-9");
    };
    let protected = (Verdict::Protected, "a default VPC, and nothing says whose it is");
    let nobodys = (Verdict::Uncertain, "it lies in nothing that is the stack's");
    let changes = [(&default as &dyn Fn(&mut World), protected), (&shared, nobodys), (&adopted, protected)];
    for (change, (verdict, evidence)) in changes {
        let mut world = common();
        change(&mut world);
        for (kind, id) in OF_OTHERS {
            let judged = one(&world, "vpc=vpc-9", kind, id);
            assert_ne!(judged.verdict, Verdict::Orphan, "{kind} {id}: {:#?}", judged.evidence);
        }
        let group = one(&world, "vpc=vpc-9", "security-group", "sg-office");
        assert_eq!(group.verdict, verdict, "{group:#?}");
        assert!(group.evidence[0].contains(evidence), "{group:#?}");
        // What says that it is the stack's goes.
        let own = one(&world, BY_TAG, "security-group", "sg-1");
        assert_eq!(own.verdict, Verdict::Orphan, "{:#?}", own.evidence);
        // Work is nobody's ground: whose it is, somebody has to look into.
        world.add("instance", "i-9").link("instance", "i-9", how::WITHIN, "vpc", "vpc-9");
        world.get("instance", "i-9").state = Some("stopped".to_owned());
        assert_eq!(one(&world, "vpc=vpc-9", "instance", "i-9").verdict, Verdict::Uncertain);
    }
    // A VPC of the account's own, made for a stack, is the stack's with all that nobody claims.
    for (kind, id) in OF_OTHERS {
        assert_eq!(one(&office(), "vpc=vpc-9", kind, id).verdict, Verdict::Orphan, "{kind} {id}");
    }
}

/// The stack's network, roles and groups, and a cluster without any tag, as a custom resource makes one.
fn untagged_cluster() -> World {
    let mut world = network();
    for (kind, id) in
        [("iam-role", "shop-a1-cluster"), ("iam-role", "shop-a1-node"), ("security-group", "sg-2")]
    {
        world.add(kind, id).born(kind, id, "2026-11-19T12:00:00Z");
        own(&mut world, kind, id);
    }
    world.link("security-group", "sg-2", how::WITHIN, "vpc", "vpc-1");
    // The mark that some tools leave on a cluster's nodes' things speaks of this very cluster.
    world.tag("iam-role", "shop-a1-node", "kubernetes.io/cluster/shop-a1", "owned");
    world.tag("subnet", "subnet-1", "kubernetes.io/cluster/shop-a1", "shared");
    world.add("eks-cluster", "shop-a1").born("eks-cluster", "shop-a1", "2026-11-19T12:00:00Z");
    world.fact("eks-cluster", "shop-a1", fact::ISSUER, "oidc.eks.us-east-1.amazonaws.com/id/A");
    for (role, kind, id) in [
        (how::USES, "iam-role", "shop-a1-cluster"),
        (how::WITHIN, "vpc", "vpc-1"),
        (how::WITHIN, "subnet", "subnet-1"),
        (how::USES, "security-group", "sg-2"),
    ] {
        world.link("eks-cluster", "shop-a1", role, kind, id);
    }
    world
}

fn goes_whole(world: &World) {
    for (key, judged) in judged(&world.inventory, &policy(BY_TAG)).verdicts {
        assert_eq!(judged.verdict, Verdict::Orphan, "{key}: {:#?}", judged.evidence);
    }
}

#[test]
fn a_cluster_without_a_tag_that_stands_wholly_on_the_stack_is_the_stacks() {
    let world = untagged_cluster();
    check(&world, "eks-cluster", "shop-a1", Verdict::Orphan, "stands wholly on");
    goes_whole(&world);
    // One without a group of its own stands on its role and its subnets.
    let mut world = untagged_cluster();
    world.get("eks-cluster", "shop-a1").links.retain(|link| link.to.id != "sg-2");
    goes_whole(&world);
}

#[test]
fn a_cluster_that_stands_on_anything_else_or_says_anything_is_not_the_stacks_by_its_ground() {
    let stays = |what: &str, change: &dyn Fn(&mut World)| {
        let mut world = untagged_cluster();
        change(&mut world);
        let cluster = one(&world, BY_TAG, "eks-cluster", "shop-a1");
        assert_ne!(cluster.verdict, Verdict::Orphan, "{what}: {:#?}", cluster.evidence);
        let vpc = one(&world, BY_TAG, "vpc", "vpc-1");
        assert_ne!(vpc.verdict, Verdict::Orphan, "{what}: {:#?}", vpc.evidence);
    };
    for mark in ["kubernetes.io/cluster/shop-a1", "k8s.io/cluster/shop-a1"] {
        stays("a machine of nobody's bears its mark", &|world| {
            world.add("instance", "i-7").tag("instance", "i-7", mark, "owned");
        });
    }
    let bare = |kind: &'static str, id: &'static str| {
        move |world: &mut World| _ = world.get(kind, id).tags.remove("EnvironmentSuffix")
    };
    let link = |role: &'static str, kind: &'static str, id: &'static str| {
        move |world: &mut World| {
            world.add(kind, id);
            world.link("eks-cluster", "shop-a1", role, kind, id);
        }
    };
    let without = |id: &'static str| {
        move |world: &mut World| world.get("eks-cluster", "shop-a1").links.retain(|link| link.to.id != id)
    };
    let tag = |kind: &'static str, id: &'static str, name: &'static str, value: &'static str| {
        move |world: &mut World| _ = world.tag(kind, id, name, value)
    };
    stays("its role says nothing", &bare("iam-role", "shop-a1-cluster"));
    stays("its group says nothing", &bare("security-group", "sg-2"));
    stays("its subnet says nothing", &bare("subnet", "subnet-1"));
    stays("a subnet of others", &link(how::WITHIN, "subnet", "subnet-corp"));
    stays("a group of others", &link(how::USES, "security-group", "sg-corp"));
    stays("no role", &without("shop-a1-cluster"));
    stays("no subnet", &without("subnet-1"));
    stays("a name of its own", &tag("eks-cluster", "shop-a1", "Name", "ml"));
    stays("an owner", &tag("eks-cluster", "shop-a1", "team", "ml"));
    stays("a part of the key", &tag("eks-cluster", "shop-a1", "Project", "shop"));
    stays(
        "a role that another cluster marks",
        &tag("iam-role", "shop-a1-cluster", "KubernetesCluster", "ml"),
    );
    stays("a group of a service", &tag("security-group", "sg-2", "aws:ecs:clusterName", "web"));
    stays("a role that was not seen", &|world: &mut World| {
        world.inventory.resources.remove(&key("iam-role", "shop-a1-cluster"));
    });
    // A role of another attempt: its cluster, however much it lies in this one's subnets.
    stays("another stack's role", &tag("iam-role", "shop-a1-cluster", "EnvironmentSuffix", "a2"));
}

#[test]
fn a_cluster_that_stands_on_two_selected_stacks_is_neither_s() {
    let mut world = untagged_cluster();
    world.tag("iam-role", "shop-a1-cluster", "EnvironmentSuffix", "a2");
    let select = "tag:Project=shop,tag:EnvironmentSuffix=a*";
    let judged = judged(&world.inventory, &policy(select));
    assert_ne!(judged.verdicts[&key("eks-cluster", "shop-a1")].verdict, Verdict::Orphan);
}
