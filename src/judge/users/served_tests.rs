//! Who is served by a thing without a link of its own to it: pods that work as a role by its trust policy, and whoever
//! answers at an address that stays.

use crate::inventory::Gap;
use crate::inventory::testing::{World, key, region};
use crate::model::words::{fact, how};
use crate::model::{Gate, Key, KindName, Link, Region, Resource, Verdict};
use crate::policy::Policy;

use super::super::blind::going;
use super::super::tests::{attempt, check, one, policy, stack};

const THERE: &str = "eu-west-1";
const MADE: &str = "2026-11-19T12:00:00Z";

fn provider(issuer: &str) -> String {
    format!("arn:aws:iam::111122223333:oidc-provider/{issuer}")
}

/// The attempt, and a role with its tags that pods of the cluster with this issuer may work as.
fn with_role_for(issuer: &str) -> World {
    let mut world = attempt();
    world.add("iam-role", "pods").born("iam-role", "pods", MADE);
    world.fact("iam-role", "pods", fact::TRUSTED_SERVICES, "");
    stack(&mut world, "iam-role", "pods", "attempt-1");
    let trusted = provider(issuer);
    world.link("iam-role", "pods", how::TRUSTS, "iam-oidc-provider", &trusted);
    world.beside(THERE);
    world
}

fn goes(world: &World, kind: &str, id: &str) -> bool {
    going(&world.inventory, &policy()).contains(&key(kind, id))
}

#[track_caller]
fn role(world: &World, verdict: Verdict, evidence: &str) {
    check(world, &policy(), "iam-role", "pods", verdict, evidence);
}

#[test]
fn a_role_for_pods_belongs_to_the_region_of_the_issuer_that_it_trusts() {
    for issuer in ["oidc.eks.eu-west-1.amazonaws.com/id/B", "oidc-eks.eu-west-1.api.aws/id/B"] {
        let mut world = with_role_for(issuer);
        role(&world, Verdict::Uncertain, "pods of a cluster of eu-west-1 may work as it");
        let kind = KindName::of("eks-cluster");
        let gate = Some(Gate::OwnerUnseen { kind: kind.clone(), region: Region::new(THERE) });
        assert_eq!(one(&world, &policy(), "iam-role", "pods").gate, gate);
        assert!(!goes(&world, "iam-role", "pods"));
        // Seen there, it is that cluster's.
        let blue = Key::new(kind, Region::new(THERE), "blue");
        let mut resource = Resource::new(blue.clone());
        resource.links.insert(Link::new(how::USES, key("iam-role", "blue")));
        resource.facts.insert(fact::ISSUER.into(), format!("https://{issuer}"));
        world.inventory.elsewhere.resources.insert(blue, resource);
        role(&world, Verdict::Active, "eks-cluster blue of eu-west-1 may have pods that work as it");
    }
}

#[test]
fn a_role_goes_with_the_cluster_of_its_issuer_and_stays_with_one_that_stays() {
    // The issuer of the attempt's own cluster, and of one that is gone.
    for issuer in ["oidc.eks.us-east-1.amazonaws.com/id/A", "oidc.eks.us-east-1.amazonaws.com/id/GONE"] {
        let world = with_role_for(issuer);
        role(&world, Verdict::Orphan, "stack tags");
        assert!(goes(&world, "iam-role", "pods"), "{issuer}");
    }
    let mut world = with_role_for("oidc.eks.us-east-1.amazonaws.com/id/A");
    world.tag("eks-cluster", "demo", "note", "please keep");
    role(&world, Verdict::Uncertain, "eks-cluster demo may have pods that work as it");
    assert!(!goes(&world, "iam-role", "pods"));
}

#[test]
fn a_role_stays_with_a_cluster_that_only_the_plan_keeps() {
    let mut world = with_role_for("oidc.eks.us-east-1.amazonaws.com/id/A");
    // Somebody means a part of its node group to be kept.
    let kept = "eks-7cb7a4c5-1f0e-4a7b-9c46-2f6d5b0a9e13";
    world.link("instance", "i-1", how::USES, "iam-instance-profile", kept);
    world.add("iam-instance-profile", kept).tag("iam-instance-profile", kept, "note", "please keep");
    assert_eq!(one(&world, &policy(), "eks-cluster", "demo").verdict, Verdict::Orphan);
    assert!(!goes(&world, "eks-cluster", "demo"));
    assert!(!goes(&world, "iam-role", "pods"));
}

#[test]
fn clusters_that_were_not_read_keep_the_roles_of_their_pods_and_other_issuers_are_no_clusters() {
    let mut world = with_role_for("oidc.eks.us-east-1.amazonaws.com/id/GONE");
    world.inventory.resources.retain(|key, _| key.kind.as_str() == "iam-role");
    assert!(goes(&world, "iam-role", "pods"));
    world.inventory.gaps.insert(Gap::new(KindName::of("eks-cluster"), region(), "denied"));
    role(&world, Verdict::Uncertain, "");
    assert!(!goes(&world, "iam-role", "pods"));
    role(&with_role_for("token.actions.githubusercontent.com"), Verdict::Orphan, "stack tags");
}

#[test]
fn an_address_that_stays_keeps_what_it_is_associated_with() {
    let mut world = attempt();
    world.link("elastic-ip", "eipalloc-1", how::ASSOCIATED, "network-interface", "eni-1");
    for (kind, id) in [("network-interface", "eni-1"), ("nat-gateway", "nat-1"), ("subnet", "subnet-1")] {
        assert!(goes(&world, kind, id), "{id}");
    }
    let protected = Policy { protect: vec!["id=eipalloc-1".parse().expect("terms")], ..policy() };
    let judged = one(&world, &protected, "network-interface", "eni-1");
    assert_eq!(judged.verdict, Verdict::Active, "{:#?}", judged.evidence);
    let worded = {
        let mut world = world.clone();
        world.tag("elastic-ip", "eipalloc-1", "note", "please keep");
        world
    };
    check(
        &worded,
        &policy(),
        "network-interface",
        "eni-1",
        Verdict::Uncertain,
        "eipalloc-1 is associated with it",
    );
    assert!(goes(&worded, "eks-cluster", "demo"), "no address is associated with what works there");
    // Not read, it may say the same.
    world.inventory.resources.remove(&key("elastic-ip", "eipalloc-1"));
    world.inventory.gaps.insert(Gap::new(KindName::of("elastic-ip"), region(), "denied"));
    for world in [worded, world] {
        for (kind, id) in [("network-interface", "eni-1"), ("nat-gateway", "nat-1"), ("subnet", "subnet-1")] {
            assert!(!goes(&world, kind, id), "{id}");
        }
    }
}

#[test]
fn an_address_on_a_machine_keeps_the_machine_and_a_disk_keeps_none() {
    let mut world = World::new();
    for (kind, id) in [("instance", "i-1"), ("elastic-ip", "eipalloc-1"), ("volume", "vol-1")] {
        world.add(kind, id).born(kind, id, MADE);
        stack(&mut world, kind, id, "attempt-1");
    }
    world.get("instance", "i-1").state = Some("shutting-down".to_owned());
    world.link("volume", "vol-1", how::ATTACHED, "instance", "i-1");
    world.link("elastic-ip", "eipalloc-1", how::ASSOCIATED, "instance", "i-1");
    assert!(goes(&world, "instance", "i-1"));
    let mut disk = world.clone();
    disk.tag("volume", "vol-1", "note", "please keep");
    assert!(goes(&disk, "instance", "i-1"));
    world.tag("elastic-ip", "eipalloc-1", "note", "please keep");
    check(&world, &policy(), "instance", "i-1", Verdict::Uncertain, "eipalloc-1 is associated with it");
    assert!(!goes(&world, "instance", "i-1"));
}
