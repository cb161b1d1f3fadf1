//! Situations from public reports and from deployers' own tags: whose a thing is, whichever way it was reached.

use crate::inventory::Inventory;
use crate::inventory::testing::{World, key};
use crate::judge::tests::judged;
use crate::model::words::{fact, how};
use crate::model::{Judged, Verdict};
use crate::policy::Policy;

const OLD: &str = "2026-11-01T12:00:00Z";

/// The five ways to reach the failed stack.
const WAYS: [&str; 5] = [
    "tag:Project=shop,tag:EnvironmentSuffix=a1",
    "stack=shop/a1",
    "name=shop-a1*",
    "vpc=vpc-1",
    "cluster=shop-a1",
];

pub(super) fn policy(select: &str) -> Policy {
    Policy { select: vec![select.parse().expect("terms")], ..Policy::default() }
}

pub(super) fn own(world: &mut World, kind: &str, id: &str) {
    world.tag(kind, id, "Project", "shop").tag(kind, id, "EnvironmentSuffix", "a1");
}

/// The network of the failed stack: all of it carries the stack's tags and a name, as Terraform leaves it.
pub(super) fn network() -> World {
    let mut world = World::new();
    for (kind, id) in [
        ("vpc", "vpc-1"),
        ("subnet", "subnet-1"),
        ("route-table", "rtb-1"),
        ("internet-gateway", "igw-1"),
        ("nat-gateway", "nat-1"),
        ("elastic-ip", "eipalloc-1"),
        ("security-group", "sg-1"),
    ] {
        world.add(kind, id).tag(kind, id, "Name", "shop-a1");
        own(&mut world, kind, id);
        world.get(kind, id).name = Some("shop-a1".to_owned());
    }
    for (kind, id) in [("subnet", "subnet-1"), ("route-table", "rtb-1"), ("security-group", "sg-1")] {
        world.link(kind, id, how::WITHIN, "vpc", "vpc-1");
    }
    world.link("internet-gateway", "igw-1", how::ATTACHED, "vpc", "vpc-1");
    world.link("nat-gateway", "nat-1", how::WITHIN, "subnet", "subnet-1");
    world.link("nat-gateway", "nat-1", how::USES, "elastic-ip", "eipalloc-1");
    world
}

const NETWORK: [(&str, &str); 7] = [
    ("vpc", "vpc-1"),
    ("subnet", "subnet-1"),
    ("route-table", "rtb-1"),
    ("internet-gateway", "igw-1"),
    ("nat-gateway", "nat-1"),
    ("elastic-ip", "eipalloc-1"),
    ("security-group", "sg-1"),
];

/// The network with the stack's cluster in it.
pub(super) fn with_cluster() -> World {
    let mut world = network();
    world.add("eks-cluster", "shop-a1").link("eks-cluster", "shop-a1", how::WITHIN, "subnet", "subnet-1");
    own(&mut world, "eks-cluster", "shop-a1");
    world.add("eks-nodegroup", "shop-a1/ng");
    world.link("eks-nodegroup", "shop-a1/ng", how::OF_CLUSTER, "eks-cluster", "shop-a1");
    world
}

fn put(world: &mut World, kind: &str, id: &str, tags: &[(&str, &str)]) {
    world.add(kind, id).link(kind, id, how::WITHIN, "subnet", "subnet-1").born(kind, id, OLD);
    for (name, value) in tags {
        world.tag(kind, id, name, value);
    }
}

#[track_caller]
fn one(inventory: &Inventory, select: &str, kind: &str, id: &str) -> Judged {
    judged(inventory, &policy(select)).verdicts.remove(&key(kind, id)).expect("judged")
}

#[track_caller]
#[expect(clippy::too_many_arguments, reason = "one line for each fact is what makes the tests readable")]
fn check(world: &World, select: &str, kind: &str, id: &str, verdict: Verdict, evidence: &str) {
    let judged = one(&world.inventory, select, kind, id);
    assert_eq!(judged.verdict, verdict, "{select}: {kind} {id}: {:#?}", judged.evidence);
    assert!(judged.evidence[0].contains(evidence), "{select}: {kind} {id}: {:#?}", judged.evidence);
}

/// Whichever way it was reached: the stranger is foreign, or nobody's, and the network stays whole.
#[track_caller]
fn kept(world: &World, kind: &str, id: &str, evidence: &str) {
    for select in WAYS {
        let stranger = one(&world.inventory, select, kind, id);
        let stays = matches!(stranger.verdict, Verdict::Foreign | Verdict::Uncertain);
        assert!(stays, "{select}: {:?} {:#?}", stranger.verdict, stranger.evidence);
        if stranger.selected {
            assert!(stranger.evidence[0].contains(evidence), "{select}: {:#?}", stranger.evidence);
        }
        for (kind, id) in NETWORK {
            let judged = one(&world.inventory, select, kind, id);
            assert_ne!(judged.verdict, Verdict::Orphan, "{select}: {kind} {id}: {:#?}", judged.evidence);
        }
    }
    let vpc = one(&world.inventory, WAYS[0], "vpc", "vpc-1");
    assert_eq!(vpc.verdict, Verdict::Uncertain);
    assert!(vpc.evidence[0].contains(id) && vpc.evidence[0].contains(evidence), "{:#?}", vpc.evidence);
}

// ---- living things of others ----

#[test]
fn l1_a_cluster_of_another_team_in_the_vpc_stays_and_so_does_what_carries_it() {
    let mut world = network();
    put(&mut world, "eks-cluster", "ml", &[("team", "ml")]);
    world.get("eks-cluster", "ml").state = Some("ACTIVE".to_owned());
    world.add("eks-nodegroup", "ml/ng").link("eks-nodegroup", "ml/ng", how::OF_CLUSTER, "eks-cluster", "ml");
    kept(&world, "eks-cluster", "ml", "team=ml");
    for select in WAYS {
        assert_ne!(
            one(&world.inventory, select, "eks-nodegroup", "ml/ng").verdict,
            Verdict::Orphan,
            "{select}"
        );
    }
    check(&world, WAYS[0], "eks-cluster", "ml", Verdict::Foreign, "tag team=ml");
}

#[test]
fn l2_a_cluster_that_is_none_of_eks_is_not_gone() {
    for mark in [
        "kubernetes.io/cluster/prod-capa",
        "k8s.io/cluster/prod-capa",
        "sigs.k8s.io/cluster-api-provider-aws/cluster/prod-capa",
    ] {
        let mut world = network();
        put(&mut world, "instance", "i-9", &[(mark, "owned")]);
        kept(&world, "instance", "i-9", "prod-capa");
        check(&world, WAYS[0], "instance", "i-9", Verdict::Foreign, mark);
    }
}

#[test]
fn l3_an_instance_of_another_owner_is_foreign_whatever_the_key_and_its_letters() {
    for name in ["Owner", "owner", "OWNER", "team", "CostCenter", "x"] {
        let mut world = network();
        put(&mut world, "instance", "i-9", &[(name, "finance"), ("Environment", "production")]);
        kept(&world, "instance", "i-9", "is no tag of the stack");
        check(&world, WAYS[0], "instance", "i-9", Verdict::Foreign, "somebody claims it");
    }
}

#[test]
fn l4_it_is_foreign_whichever_way_it_was_reached() {
    let mut world = with_cluster();
    put(&mut world, "instance", "i-9", &[("Owner", "finance"), ("Name", "shop-a1-erp")]);
    world.get("instance", "i-9").name = Some("shop-a1-erp".to_owned());
    kept(&world, "instance", "i-9", "Owner=finance");
    for select in ["stack=shop/a1", "name=shop-a1*", "vpc=vpc-1"] {
        check(&world, select, "instance", "i-9", Verdict::Foreign, "Owner=finance");
    }
    // Who names it by its id means it; the network goes with it then.
    check(&world, "id=i-9", "instance", "i-9", Verdict::Orphan, "");
}

#[test]
fn l4_a_stranger_that_bears_the_name_and_another_stack_is_not_reached_by_the_name() {
    let mut world = network();
    put(&mut world, "instance", "i-9", &[("Project", "shop"), ("EnvironmentSuffix", "live")]);
    world.get("instance", "i-9").name = Some("shop-a1-erp".to_owned());
    kept(&world, "instance", "i-9", "shop/live");
}

#[test]
fn an_instance_that_nobody_claims_is_uncertain_and_keeps_the_network() {
    let mut world = network();
    put(&mut world, "instance", "i-9", &[]);
    kept(&world, "instance", "i-9", "nothing says whose it is");
    check(&world, WAYS[0], "instance", "i-9", Verdict::Uncertain, "needs a claim of its own");
}

/// A corporate VPC in which a failed cluster ran; another team's instance beside it.
fn corporate() -> World {
    let mut world = World::new();
    world.add("vpc", "vpc-corp").add("subnet", "subnet-corp").add("instance", "i-erp");
    for (kind, id) in [("vpc", "vpc-corp"), ("subnet", "subnet-corp")] {
        world.tag(kind, id, "kubernetes.io/cluster/shop-a1", "owned");
        world.tag(kind, id, "kubernetes.io/cluster/corp-prod", "shared");
    }
    world.link("subnet", "subnet-corp", how::WITHIN, "vpc", "vpc-corp");
    world
        .link("instance", "i-erp", how::WITHIN, "subnet", "subnet-corp")
        .tag("instance", "i-erp", "Owner", "erp");
    world.add("eks-cluster", "shop-a1").link("eks-cluster", "shop-a1", how::WITHIN, "subnet", "subnet-corp");
    own(&mut world, "eks-cluster", "shop-a1");
    world.get("eks-cluster", "shop-a1").name = Some("shop-a1".to_owned());
    world.add("security-group", "sg-eks").link("security-group", "sg-eks", how::WITHIN, "vpc", "vpc-corp");
    world.tag("security-group", "sg-eks", "aws:eks:cluster-name", "shop-a1");
    world.link("security-group", "sg-eks", how::MADE_BY, "eks-cluster", "shop-a1");
    world.add("load-balancer", "lb-1").link("load-balancer", "lb-1", how::WITHIN, "subnet", "subnet-corp");
    world.tag("load-balancer", "lb-1", "elbv2.k8s.aws/cluster", "shop-a1");
    world
}

#[test]
fn l5_shared_ground_stays_and_the_failed_cluster_goes_with_what_it_made() {
    let world = corporate();
    // Neither a name nor a place speaks for a thing whose stack tags its VPC does not bear.
    let by_name = one(&world.inventory, WAYS[2], "eks-cluster", "shop-a1");
    assert_eq!(by_name.verdict, Verdict::Foreign, "{:#?}", by_name.evidence);
    for select in [WAYS[0], WAYS[1], WAYS[4]] {
        for (kind, id) in [("vpc", "vpc-corp"), ("subnet", "subnet-corp"), ("instance", "i-erp")] {
            let judged = one(&world.inventory, select, kind, id);
            assert_ne!(judged.verdict, Verdict::Orphan, "{select}: {id}: {:#?}", judged.evidence);
        }
        for (kind, id) in
            [("eks-cluster", "shop-a1"), ("security-group", "sg-eks"), ("load-balancer", "lb-1")]
        {
            check(&world, select, kind, id, Verdict::Orphan, "");
        }
    }
}

#[test]
fn l6_an_instance_elsewhere_that_bears_the_clusters_name_is_its_own_stacks() {
    let mut world = with_cluster();
    world.add("vpc", "vpc-9").add("instance", "i-9").link("instance", "i-9", how::WITHIN, "vpc", "vpc-9");
    world.tag("instance", "i-9", "KubernetesCluster", "shop-a1");
    for select in WAYS {
        let judged = one(&world.inventory, select, "instance", "i-9");
        assert_ne!(judged.verdict, Verdict::Orphan, "{select}: {:#?}", judged.evidence);
    }
    world.tag("instance", "i-9", "Project", "pay").tag("instance", "i-9", "EnvironmentSuffix", "prod");
    for select in WAYS {
        check(&world, select, "instance", "i-9", Verdict::Foreign, "");
        check(&world, select, "eks-cluster", "shop-a1", Verdict::Orphan, "");
    }
}

#[test]
fn l6_where_a_machine_elsewhere_bears_the_clusters_name_its_mark_alone_claims_no_disk() {
    let mut world = with_cluster();
    world.add("volume", "vol-1").born("volume", "vol-1", OLD);
    world.tag("volume", "vol-1", "kubernetes.io/cluster/shop-a1", "owned");
    check(&world, WAYS[0], "volume", "vol-1", Verdict::Orphan, "a cluster of the stack's own");
    // One in the cluster's own network may be its node.
    world.add("instance", "i-1").link("instance", "i-1", how::WITHIN, "vpc", "vpc-1");
    world.tag("instance", "i-1", "kubernetes.io/cluster/shop-a1", "owned");
    assert_ne!(one(&world.inventory, WAYS[0], "volume", "vol-1").verdict, Verdict::Foreign);
    world.add("vpc", "vpc-9").add("instance", "i-9").link("instance", "i-9", how::WITHIN, "vpc", "vpc-9");
    world.tag("instance", "i-9", "kubernetes.io/cluster/shop-a1", "owned");
    for select in WAYS {
        let judged = one(&world.inventory, select, "volume", "vol-1");
        assert_ne!(judged.verdict, Verdict::Orphan, "{select}: {:#?}", judged.evidence);
    }
}

// ---- the strangers of the deployers ----

#[test]
fn a_second_cluster_on_the_stacks_own_subnet_makes_it_shared_ground() {
    for value in ["owned", "shared", "1"] {
        let mut world = with_cluster();
        world.tag("subnet", "subnet-1", "kubernetes.io/cluster/shop-a1", "owned");
        check(&world, WAYS[0], "subnet", "subnet-1", Verdict::Orphan, "stack tags");
        world.tag("subnet", "subnet-1", "kubernetes.io/cluster/prod-kops", value);
        check(&world, WAYS[0], "subnet", "subnet-1", Verdict::Uncertain, "prod-kops");
        check(&world, WAYS[0], "vpc", "vpc-1", Verdict::Uncertain, "prod-kops");
    }
}

#[test]
fn a_name_that_a_machine_without_the_stacks_tags_bears_is_no_name_of_the_stack() {
    let mut world = network();
    for (kind, id) in [("subnet", "subnet-1"), ("security-group", "sg-1")] {
        world.tag(kind, id, "kubernetes.io/cluster/shop-a1", "owned");
    }
    check(&world, WAYS[0], "subnet", "subnet-1", Verdict::Orphan, "stack tags");
    put(&mut world, "instance", "i-kops", &[("kubernetes.io/cluster/shop-a1", "owned")]);
    check(&world, WAYS[0], "instance", "i-kops", Verdict::Foreign, "kubernetes.io/cluster/shop-a1=owned");
    check(&world, WAYS[0], "subnet", "subnet-1", Verdict::Uncertain, "");
}

#[test]
fn a_claim_upon_a_group_or_a_load_balancer_in_the_vpc_is_foreign() {
    for (kind, name, value) in [
        ("security-group", "Owner", "finance"),
        ("security-group", "AutoTag_Creator", "arn:aws:iam::123456789012:user/finance"),
        ("security-group", "GuardDutyManaged", "false"),
        ("instance", "GuardDutyManaged", "true"),
        ("load-balancer", "elbv2.k8s.aws/cluster", "pay-prod"),
        ("security-group", "aws:servicecatalog:provisionedProductArn", "arn"),
        ("vpc-endpoint", "AWSNetworkFirewallManaged", "true"),
    ] {
        let mut world = network();
        put(&mut world, kind, "it-9", &[(name, value)]);
        kept(&world, kind, "it-9", name);
        check(&world, WAYS[0], kind, "it-9", Verdict::Foreign, value);
    }
}

#[test]
fn a_service_or_a_scaling_group_that_claims_a_thing_wins_over_the_stacks_tags() {
    for (name, value, verdict) in [
        ("aws:backup:source-resource", "arn", Verdict::Foreign),
        ("aws:dlm:lifecycle-policy-id", "policy-1", Verdict::Foreign),
        ("dlm:managed", "true", Verdict::Foreign),
        ("velero.io/backup", "nightly", Verdict::Foreign),
        ("aws:ecs:clusterName", "x", Verdict::Foreign),
        ("aws:autoscaling:groupName", "workers", Verdict::Uncertain),
    ] {
        let mut world = network();
        put(&mut world, "instance", "i-1", &[(name, value)]);
        own(&mut world, "instance", "i-1");
        check(&world, WAYS[0], "instance", "i-1", verdict, name);
        check(&world, WAYS[0], "vpc", "vpc-1", Verdict::Uncertain, name);
    }
}

#[test]
fn a_free_address_without_tags_is_nobodys() {
    let mut world = network();
    world.add("elastic-ip", "eipalloc-free");
    world.get("elastic-ip", "eipalloc-free").name = Some("shop-a1-x".to_owned());
    for select in WAYS {
        let judged = one(&world.inventory, select, "elastic-ip", "eipalloc-free");
        assert_ne!(judged.verdict, Verdict::Orphan, "{select}: {:#?}", judged.evidence);
    }
}

#[test]
fn a_thing_that_carries_half_of_the_stack_key_is_uncertain() {
    let mut world = World::new();
    world.add("iam-role", "half").tag("iam-role", "half", "Project", "shop");
    check(&world, "tag:Project=shop", "iam-role", "half", Verdict::Uncertain, "--stack-key");
}

// ---- what must go ----

fn all_orphans(world: &World, select: &str) {
    for (key, judged) in judged(&world.inventory, &policy(select)).verdicts {
        assert_eq!(judged.verdict, Verdict::Orphan, "{select}: {key}: {:#?}", judged.evidence);
    }
}

#[test]
fn what_was_killed_before_the_cluster_existed_goes() {
    let mut world = network();
    for (kind, id) in [("subnet", "subnet-1"), ("security-group", "sg-1")] {
        world.tag(kind, id, "kubernetes.io/cluster/shop-a1", "shared");
    }
    world.tag("subnet", "subnet-1", "karpenter.sh/discovery", "shop-a1");
    world.tag("subnet", "subnet-1", "kubernetes.io/role/elb", "1");
    for select in &WAYS[..4] {
        all_orphans(&world, select);
    }
}

#[test]
fn an_untagged_network_of_pulumi_goes_by_its_root() {
    let mut world = World::new();
    world.add("vpc", "vpc-1").tag("vpc", "vpc-1", "Name", "shop");
    for (kind, id, layout) in [
        ("subnet", "subnet-1", ("SubnetType", "Public")),
        ("route-table", "rtb-1", ("type", "private")),
        ("nat-gateway", "nat-1", ("kubernetes.io/role/elb", "1")),
        ("security-group", "sg-1", ("aws-cdk:subnet-name", "x")),
    ] {
        world.add(kind, id).link(kind, id, how::WITHIN, "vpc", "vpc-1").tag(kind, id, layout.0, layout.1);
    }
    world.add("elastic-ip", "eipalloc-1").link("nat-gateway", "nat-1", how::USES, "elastic-ip", "eipalloc-1");
    all_orphans(&world, "vpc=vpc-1");
    world.tag("route-table", "rtb-1", "type", "finance");
    check(&world, "vpc=vpc-1", "route-table", "rtb-1", Verdict::Foreign, "type=finance");
}

#[test]
fn what_the_controllers_of_the_stacks_own_cluster_made_goes_whatever_users_added() {
    for listed in [true, false] {
        let mut world = if listed { with_cluster() } else { network() };
        world.tag("security-group", "sg-1", "kubernetes.io/cluster/shop-a1", "owned");
        put(&mut world, "load-balancer", "lb", &[("elbv2.k8s.aws/cluster", "shop-a1"), ("team", "web")]);
        put(&mut world, "network-interface", "eni-cni", &[("node.k8s.amazonaws.com/instance_id", "i-0")]);
        put(
            &mut world,
            "security-group",
            "sg-backend",
            &[("elbv2.k8s.aws/cluster", "shop-a1"), ("elbv2.k8s.aws/resource", "backend-sg")],
        );
        for select in &WAYS[..2] {
            all_orphans(&world, select);
        }
    }
}

#[test]
fn an_address_under_the_stacks_gateway_goes_with_it_and_one_with_an_owner_does_not() {
    let mut world = network();
    world.add("nat-gateway", "nat-2").link("nat-gateway", "nat-2", how::WITHIN, "subnet", "subnet-1");
    world.add("elastic-ip", "eipalloc-2").link("nat-gateway", "nat-2", how::USES, "elastic-ip", "eipalloc-2");
    world.tag("elastic-ip", "eipalloc-2", "Name", "shop").tag(
        "elastic-ip",
        "eipalloc-2",
        "map-migrated",
        "mig1",
    );
    for select in &WAYS[..4] {
        all_orphans(&world, select);
    }
    world.tag("elastic-ip", "eipalloc-2", "Owner", "somebody-else");
    check(&world, WAYS[0], "elastic-ip", "eipalloc-2", Verdict::Foreign, "Owner=somebody-else");
}

#[test]
fn what_tools_write_onto_everything_claims_nothing_on_a_disk_either() {
    let disk = |more: &[(&str, &str)]| {
        let mut world = with_cluster();
        world.add("volume", "vol-1").born("volume", "vol-1", OLD);
        for (name, value) in [("kubernetes.io/cluster/shop-a1", "owned"), ("CSIVolumeName", "pvc-1")] {
            world.tag("volume", "vol-1", name, value);
        }
        for (name, value) in more {
            world.tag("volume", "vol-1", name, value);
        }
        world
    };
    let automatic = [("AutoTag_CreateTime", "2026-11-19T12:00:07Z"), ("map-migrated", "mig7")];
    for world in [disk(&[]), disk(&automatic)] {
        check(&world, WAYS[4], "volume", "vol-1", Verdict::Orphan, "a cluster of the stack's own");
    }
    let creator = ("AutoTag_Creator", "arn:aws:iam::123456789012:user/finance");
    for claim in [creator, ("team", "web")] {
        check(&disk(&[claim]), WAYS[4], "volume", "vol-1", Verdict::Foreign, claim.0);
    }
}

#[test]
fn a_key_that_the_user_called_neutral_claims_nothing_unless_it_names_another_principal() {
    let mut world = network();
    world.add("iam-role", "shop-a1-deploy");
    own(&mut world, "iam-role", "shop-a1-deploy");
    put(&mut world, "security-group", "sg-2", &[("CreatedBy", "somebody")]);
    let verdict = |world: &World, neutral: &[&str]| {
        let neutral_tags = neutral.iter().map(|key| (*key).to_owned()).collect();
        let policy = Policy { neutral_tags, ..policy(WAYS[0]) };
        judged(&world.inventory, &policy).verdicts[&key("security-group", "sg-2")].verdict
    };
    assert_eq!(verdict(&world, &[]), Verdict::Foreign);
    assert_eq!(verdict(&world, &["CreatedBy"]), Verdict::Orphan);
    assert_eq!(verdict(&world, &["createdby"]), Verdict::Foreign);
    for (creator, then) in [
        ("arn:aws:iam::123456789012:user/finance", Verdict::Foreign),
        ("arn:aws:iam::123456789012:role/other-shop-a1-deploy", Verdict::Foreign),
        ("arn:aws:iam::123456789012:role/ci/shop-a1-deploy", Verdict::Orphan),
        ("arn:aws:sts::123456789012:assumed-role/shop-a1-deploy/run", Verdict::Orphan),
        ("arn:aws:sts::123456789012:assumed-role/AWSServiceRoleForAmazonEKS/x", Verdict::Orphan),
    ] {
        world.tag("security-group", "sg-2", "CreatedBy", creator);
        assert_eq!(verdict(&world, &["CreatedBy"]), then, "{creator}");
    }
}

#[test]
fn the_pair_that_guard_duty_puts_into_every_vpc_is_the_vpcs_own() {
    let mut world = network();
    put(&mut world, "security-group", "sg-gd", &[("GuardDutyManaged", "true")]);
    world.get("security-group", "sg-gd").name = Some("GuardDutyManagedSecurityGroup-vpc-1".to_owned());
    all_orphans(&world, WAYS[0]);
    world.get("security-group", "sg-gd").name = Some("another".to_owned());
    check(&world, WAYS[0], "security-group", "sg-gd", Verdict::Foreign, "GuardDutyManaged=true");
}

#[test]
fn what_aws_made_for_the_stacks_cluster_follows_it() {
    let mut world = with_cluster();
    world.add("log-group", "/aws/eks/shop-a1/cluster");
    world.fact("eks-cluster", "shop-a1", fact::ISSUER, "https://oidc.eks.us-east-1.amazonaws.com/id/A");
    world.add("iam-oidc-provider", "arn:p").tag("iam-oidc-provider", "arn:p", "Name", "shop-eks-irsa");
    world.fact("iam-oidc-provider", "arn:p", fact::ISSUER, "oidc.eks.us-east-1.amazonaws.com/id/A");
    put(&mut world, "instance", "i-node", &[("eks:nodegroup-name", "ng"), ("org", "x")]);
    world.tag("instance", "i-node", "aws:autoscaling:groupName", "eks-ng-1");
    world.link("instance", "i-node", how::MADE_BY, "eks-nodegroup", "shop-a1/ng");
    world.tag("eks-nodegroup", "shop-a1/ng", "org", "pulumi");
    all_orphans(&world, WAYS[0]);
}

#[test]
fn the_evidence_of_an_orphan_names_the_claim() {
    let mut world = network();
    world.add("security-group", "sg-2").link("security-group", "sg-2", how::WITHIN, "vpc", "vpc-1");
    check(&world, WAYS[0], "vpc", "vpc-1", Verdict::Orphan, "stack tags Project=shop, EnvironmentSuffix=a1");
    let plumbing = "plumbing within vpc-1 with no tag of its own";
    check(&world, WAYS[0], "security-group", "sg-2", Verdict::Orphan, plumbing);
}
