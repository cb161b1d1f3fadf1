//! What EKS made for a node group and names nowhere as such: it goes along with that and has no say of its own,
//! unless somebody living works with it; and where nobody can tell for which it was made, it stays.

use crate::inventory::Gap;
use crate::inventory::testing::{World, key, region};
use crate::model::words::{fact, how};
use crate::model::{Gate, Key, KindName, Link, Region, Resource, Verdict};
use crate::policy::Policy;

use super::blind::going;
use super::tests::{attempt, check, one, policy, stack};

const PROFILE: &str = "eks-7cb7a4c5-1f0e-4a7b-9c46-2f6d5b0a9e13";
const THERE: &str = "eu-west-1";

/// The attempt, whose node group works with a role that nobody tagged; EKS made a profile for it.
fn world() -> World {
    let mut world = attempt();
    world.add("iam-role", "node").add("iam-instance-profile", PROFILE);
    for (kind, id) in [("iam-role", "node"), ("iam-instance-profile", PROFILE)] {
        world.born(kind, id, "2026-11-19T12:00:00Z");
    }
    world.link("iam-instance-profile", PROFILE, how::CONTAINS, "iam-role", "node");
    world.link("eks-nodegroup", "demo/ng", how::USES, "iam-role", "node");
    world.beside(THERE);
    world
}

/// The same, and a machine of the node group tells the profile.
fn told() -> World {
    let mut world = world();
    world.link("instance", "i-1", how::USES, "iam-instance-profile", PROFILE);
    world
}

#[track_caller]
fn profile(world: &World, verdict: Verdict, evidence: &str) {
    check(world, &policy(), "iam-instance-profile", PROFILE, verdict, evidence);
}

fn goes(world: &World, kind: &str, id: &str) -> bool {
    going(&world.inventory, &policy()).contains(&key(kind, id))
}

/// A node group of the other region that works with the role.
fn a_group_there(world: &mut World) {
    let group = Key::new(KindName::of("eks-nodegroup"), Region::new(THERE), "live/ng");
    let mut resource = Resource::new(group.clone());
    resource.links.insert(Link::new(how::USES, key("iam-role", "node")));
    world.inventory.elsewhere.resources.insert(group, resource);
}

#[test]
fn a_profile_of_eks_goes_with_its_node_group_whoever_its_role_is_of() {
    for mut world in [world(), told()] {
        profile(&world, Verdict::Orphan, "made by eks-nodegroup demo/ng, and goes with it");
        assert!(goes(&world, "iam-instance-profile", PROFILE) && goes(&world, "eks-cluster", "demo"));
        assert!(!goes(&world, "iam-role", "node"), "a role needs a claim of its own");
        // Only the cluster was named.
        let select = vec!["cluster=demo".parse().expect("terms")];
        let verdict = one(&world, &Policy { select, ..policy() }, "iam-instance-profile", PROFILE).verdict;
        assert_eq!(verdict, Verdict::Orphan);
        // The node group of a cluster that stays keeps it.
        world.tag("eks-cluster", "demo", "note", "please keep");
        profile(&world, Verdict::Uncertain, "goes only with eks-nodegroup demo/ng");
    }
}

#[test]
fn what_a_robot_wrote_onto_a_profile_of_eks_says_nothing() {
    let mut world = told();
    world.tag("iam-instance-profile", PROFILE, "map-migrated", "mig1");
    profile(&world, Verdict::Orphan, "made by eks-nodegroup demo/ng");
    // Nor would another stack's tags on it make it that stack's, but they contradict.
    stack(&mut world, "eks-nodegroup", "demo/ng", "attempt-1");
    stack(&mut world, "iam-instance-profile", PROFILE, "live");
    assert!(!goes(&world, "iam-instance-profile", PROFILE) && !goes(&world, "eks-nodegroup", "demo/ng"));
}

#[test]
fn words_on_a_profile_of_eks_and_whoever_works_with_it_keep_it_and_its_node_group() {
    let mut world = told();
    world.tag("iam-instance-profile", PROFILE, "note", "please keep");
    profile(&world, Verdict::Uncertain, "please keep");
    assert!(!goes(&world, "eks-nodegroup", "demo/ng") && !goes(&world, "eks-cluster", "demo"));
    let mut world = told();
    world.add("instance", "i-9").tag("instance", "i-9", "Owner", "pay");
    world.link("instance", "i-9", how::USES, "iam-instance-profile", PROFILE);
    profile(&world, Verdict::Active, "i-9 uses it");
    assert!(!goes(&world, "eks-nodegroup", "demo/ng") && !goes(&world, "eks-cluster", "demo"));
}

#[test]
fn a_profile_of_eks_to_which_a_role_that_stays_led_goes_with_its_node_group() {
    let mut world = told();
    stack(&mut world, "iam-role", "node", "attempt-1");
    world.add("iam-instance-profile", "theirs");
    world.link("iam-instance-profile", "theirs", how::CONTAINS, "iam-role", "node");
    world.add("instance", "i-9").tag("instance", "i-9", "Owner", "pay");
    world.link("instance", "i-9", how::USES, "iam-instance-profile", "theirs");
    check(&world, &policy(), "iam-role", "node", Verdict::Active, "iam-instance-profile theirs contains it");
    let judged = one(&world, &policy(), "iam-instance-profile", PROFILE);
    let by_role = |it: &String| it.contains("contains iam-role node, which is selected");
    assert!(judged.evidence.iter().any(by_role), "{:#?}", judged.evidence);
    assert_eq!(judged.verdict, Verdict::Orphan, "{:#?}", judged.evidence);
    assert!(goes(&world, "eks-cluster", "demo") && !goes(&world, "iam-role", "node"));
}

#[test]
fn a_node_group_elsewhere_that_may_have_the_profile_keeps_it_unless_a_machine_tells_whose_it_is() {
    let mut world = world();
    a_group_there(&mut world);
    profile(&world, Verdict::Active, "eks-nodegroup live/ng of eu-west-1 may have it for its nodes");
    assert!(!goes(&world, "iam-instance-profile", PROFILE));
    let mut world = told();
    a_group_there(&mut world);
    profile(&world, Verdict::Orphan, "made by eks-nodegroup demo/ng");
}

#[test]
fn node_groups_that_were_not_read_keep_a_profile_that_no_machine_tells_of() {
    let gap = |region: Region| Gap::new(KindName::of("eks-nodegroup"), region, "denied");
    let keeps = |change: &dyn Fn(&mut World)| {
        let mut world = world();
        change(&mut world);
        let judged = one(&world, &policy(), "iam-instance-profile", PROFILE);
        assert_eq!(judged.verdict, Verdict::Uncertain, "{:#?}", judged.evidence);
        assert!(!goes(&world, "iam-instance-profile", PROFILE));
        judged.gate
    };
    let unseen =
        |place: Region| Some(Gate::OwnerUnseen { kind: KindName::of("eks-nodegroup"), region: place });
    let there = keeps(&|world| _ = world.inventory.elsewhere.gaps.insert(gap(Region::new(THERE))));
    assert_eq!(there, unseen(Region::new(THERE)));
    assert_eq!(keeps(&|world| world.inventory.elsewhere.enabled = None), Some(Gate::RegionsUnknown));
    // The node group itself was not read, and so nothing says that it has the profile.
    let mut hidden = world();
    hidden.tag("iam-role", "node", "Project", "demo").tag(
        "iam-role",
        "node",
        "EnvironmentSuffix",
        "attempt-1",
    );
    hidden.inventory.resources.remove(&key("eks-nodegroup", "demo/ng"));
    hidden.inventory.gaps.insert(gap(region()));
    profile(&hidden, Verdict::Uncertain, "eks-nodegroup of us-east-1 could not be read");
}

#[test]
fn a_use_of_the_role_elsewhere_that_somebody_there_explains_is_none_of_the_profile_of_eks() {
    let mut world = told();
    world.add("iam-instance-profile", "boxes").link(
        "iam-instance-profile",
        "boxes",
        how::CONTAINS,
        "iam-role",
        "node",
    );
    world.fact("iam-role", "node", fact::LAST_USED, "2026-11-21T11:00:00Z");
    world.fact("iam-role", "node", fact::LAST_USED_REGION, THERE);
    world.fact("iam-role", "node", fact::TRUSTED_SERVICES, "ec2.amazonaws.com");
    profile(&world, Verdict::Uncertain, "by nothing that is condemned");
    let box_there = Key::new(KindName::of("instance"), Region::new(THERE), "i-7");
    let mut resource = Resource::new(box_there.clone());
    resource.links.insert(Link::new(how::USES, key("iam-instance-profile", "boxes")));
    world.inventory.elsewhere.resources.insert(box_there.clone(), resource);
    profile(&world, Verdict::Orphan, "made by eks-nodegroup demo/ng");
    check(&world, &policy(), "iam-role", "node", Verdict::Foreign, "nothing selects it");
    // It was made after that use.
    let made_later = Some("2026-11-21T11:30:00Z".parse().expect("a time"));
    world.inventory.elsewhere.resources.get_mut(&box_there).expect("there").created = made_later;
    profile(&world, Verdict::Uncertain, "by nothing that is condemned");
}
