//! An EKS cluster of a stack: its roles, groups, node groups, nodes, and what its controllers make.

use aws_janitor::model::Key;
use aws_janitor::model::words::{fact, how};

use super::hand::{Hand, Part, role};
use super::land::{ACCOUNT, Draw, Land, ago, key};
use super::network::{Network, group};
use crate::rng::Rng;

/// What tools of a stack there are, and its groups.
#[derive(Debug, Clone)]
pub(crate) struct Tools {
    pub(crate) cluster_role: Key,
    pub(crate) node_role: Key,
    pub(crate) policy: Key,
    pub(crate) template: Key,
    pub(crate) cluster_group: Key,
    pub(crate) node_group: Key,
}

/// How far nodes came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nodes {
    /// No node group was made.
    Never,
    /// They run and did not join.
    Apart,
    /// They joined and work.
    Joined,
    /// The group stands at zero, by intent.
    Idle,
}

/// Roles, policy, template and groups: what a deployment makes before its cluster.
pub(crate) fn tools(land: &mut Land, hand: &Hand, net: &Network) -> Tools {
    let arn = format!("arn:aws:iam::{ACCOUNT}:policy/{}-nodes", hand.label);
    let it = hand.thing("iam-policy", arn).named(&format!("{}-nodes", hand.label)).born(hand.born);
    let policy = hand.put(land, it.tags(&hand.tags(Part::Tool, "nodes", false)));
    let managed = key("iam-policy", hand.region, "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy");
    let it = role(hand, "cluster", "eks.amazonaws.com", None).link(how::ATTACHES, &managed);
    let cluster_role = hand.put(land, it);
    let name = format!("{}-node", hand.label);
    let inline = key("iam-inline-policy", "global", format!("{name}/logs"));
    let inline = Key { region: aws_janitor::model::Region::global(), ..inline };
    let it = role(hand, "node", "ec2.amazonaws.com", None).link(how::ATTACHES, &policy);
    let node_role = hand.put(land, it.cut_by("has", &inline, "logs"));
    let cluster_group = group(land, hand, net, Part::Group, "cluster");
    let node_group = group(land, hand, net, Part::NodeSecurity, "node");
    // The rules of each name the other, as terraform-aws-eks writes them.
    land.alter(&cluster_group, |it| it.cut_by(how::NAMES, &node_group, "sgr-1"));
    land.alter(&node_group, |it| it.cut_by(how::NAMES, &cluster_group, "sgr-2"));
    let id = land.id("lt-");
    let it = hand.thing("launch-template", id).named(&format!("{}-ng", hand.label)).born(hand.born);
    // Modules that mark their groups name them in the template; elsewhere EKS's own group does.
    let named = if hand.marks { std::slice::from_ref(&node_group) } else { &[] };
    let it = it.links(how::WOULD_USE, named).tags(&hand.tags(Part::Template, "ng", false));
    let template = hand.put(land, it);
    Tools { cluster_role, node_role, policy, template, cluster_group, node_group }
}

/// Notes that a role was used: AWS tells when and where.
pub(crate) fn used(land: &mut Land, role: &Key, minutes: i64, region: &str) {
    let it = land.get(role).clone();
    *land.get(role) = it.fact(fact::LAST_USED, ago(minutes)).fact(fact::LAST_USED_REGION, region);
}

/// A cluster with its add-ons, its provider and its log, and with nodes that came so far.
pub(crate) fn cluster(
    land: &mut Land,
    hand: &Hand,
    rng: &mut Rng,
    place: (&Network, &Tools),
    nodes: Nodes,
) -> Key {
    let (net, tools) = place;
    let name = hand.cluster.as_str();
    let issuer = format!("oidc.eks.{}.amazonaws.com/id/{}", hand.region, land.id("").to_uppercase());
    let it = hand.thing("eks-cluster", name).named(name).state("ACTIVE").born(hand.born);
    let it = it.fact(fact::VERSION, "1.33").fact(fact::ISSUER, &issuer).link(how::USES, &tools.cluster_role);
    let it = it.link(how::WITHIN, &net.vpc).links(how::WITHIN, &net.private).links(how::WITHIN, &net.public);
    let it = it.link(how::USES, &tools.cluster_group).tags(&hand.tags(Part::Cluster, "", false));
    let cluster = hand.put(land, it);
    used(land, &tools.cluster_role, 5, hand.region);
    let id = land.id("sg-");
    let it = hand.thing("security-group", id).named(&format!("eks-cluster-sg-{name}-1")).tags(&owned(name));
    let it = it.tag("aws:eks:cluster-name", name).tag("Name", &format!("eks-cluster-sg-{name}-1"));
    let own = hand.put(land, it.link(how::WITHIN, &net.vpc).link(how::MADE_BY, &cluster));
    for subnet in net.private.iter().take(2) {
        let id = land.id("eni-");
        let it = hand.thing("network-interface", id).state("in-use").link(how::WITHIN, subnet);
        let it = it.link(how::WITHIN, &net.vpc).link(how::USES, &own).link(how::MADE_BY, &cluster);
        hand.put(land, it.fact(fact::DESCRIPTION, format!("Amazon EKS {name}")));
    }
    for addon in ["vpc-cni", "kube-proxy"] {
        let it = hand.thing("eks-addon", format!("{name}/{addon}")).named(addon).state("ACTIVE");
        let it = it.born(hand.born).fact(fact::CLUSTER, name).link(how::OF_CLUSTER, &cluster);
        hand.put(land, it.tags(&hand.tags(Part::Addon, addon, false)));
    }
    provider(land, hand, &issuer);
    log_group(land, hand);
    if nodes != Nodes::Never {
        node_group(land, hand, rng, (net, tools, &own), nodes);
    }
    cluster
}

/// The log group that terraform-aws-eks makes for a control plane. It holds data.
pub(crate) fn log_group(land: &mut Land, hand: &Hand) {
    let it = hand.thing("log-group", format!("/aws/eks/{}/cluster", hand.cluster)).born(hand.born);
    hand.put(land, it.fact(fact::STORED_BYTES, 4096).tags(&hand.tags(Part::Log, "", false)));
}

/// The provider of an issuer, and the role of a controller that trusts it.
pub(crate) fn provider(land: &mut Land, hand: &Hand, issuer: &str) {
    let arn = format!("arn:aws:iam::{ACCOUNT}:oidc-provider/{issuer}");
    let it = hand.thing("iam-oidc-provider", arn).named(issuer).born(hand.born).fact(fact::ISSUER, issuer);
    let provider = hand.put(land, it.tags(&hand.tags(Part::Tool, "irsa", false)));
    let it = role(hand, "ebs-csi", "", None).link(how::TRUSTS, &provider);
    hand.put(land, it);
}

fn owned(cluster: &str) -> aws_janitor::model::Tags {
    [(format!("kubernetes.io/cluster/{cluster}"), "owned".to_owned())].into()
}

fn node_group(land: &mut Land, hand: &Hand, rng: &mut Rng, place: (&Network, &Tools, &Key), nodes: Nodes) {
    let (net, tools, own) = place;
    let cluster = key("eks-cluster", hand.region, hand.cluster.clone());
    let count = if nodes == Nodes::Idle { 0 } else { 1 + rng.below(2) };
    let it = hand.thing("eks-nodegroup", format!("{}/ng", hand.cluster)).named("ng").born(hand.born);
    let it = it.fact(fact::CLUSTER, &hand.cluster).fact(fact::NODES, count).link(how::OF_CLUSTER, &cluster);
    let it = it.links(how::WITHIN, &net.private).link(how::USES, &tools.node_role);
    let it = it.link(how::USES, &tools.template).tags(&hand.tags(Part::NodeGroup, "ng", false));
    let it = if nodes == Nodes::Apart {
        it.state("CREATE_FAILED").fact(fact::TROUBLE, "NodeCreationFailure: Instances failed to join")
    } else {
        it.state("ACTIVE")
    };
    let group = hand.put(land, it);
    let id = land.id("");
    let id = format!("eks-{}-{}-4a7b-9c46-{id:0>12}", &id[..8], &id[8..]);
    let it = hand.thing("iam-instance-profile", id).born(hand.born).link(how::CONTAINS, &tools.node_role);
    let profile = hand.put(land, it);
    let asg = format!("eks-ng-{}", hand.cluster);
    let it = hand.thing("auto-scaling-group", asg.clone()).named(&asg).fact(fact::DESIRED, count);
    let it = it.link(how::MADE_BY, &group).link(how::USES, &tools.template).tags(&owned(&hand.cluster));
    let it = it.tag("eks:cluster-name", &hand.cluster).tag("eks:nodegroup-name", "ng");
    hand.put(land, it.links(how::WOULD_USE, &net.private));
    if nodes != Nodes::Idle {
        used(land, &tools.node_role, 20, hand.region);
    }
    for n in 0..count {
        let subnet = &net.private[n % net.private.len()];
        let node = node(land, hand, (net, subnet, own), &[&profile, &tools.template, &group]);
        if nodes == Nodes::Joined {
            pod_interface(land, hand, (net, subnet, own), &node, rng.chance(1, 2));
        }
    }
}

/// An instance of a node group, with its disk and its first interface.
fn node(land: &mut Land, hand: &Hand, place: (&Network, &Key, &Key), uses: &[&Key; 3]) -> Key {
    let (net, subnet, own) = place;
    let id = land.id("i-");
    let it = hand.thing("instance", id).state("running").born(hand.born).fact(fact::STARTED, hand.born);
    let it = it.fact(fact::INSTANCE_TYPE, "m6i.large").tags(&owned(&hand.cluster));
    let it = it.tag("eks:cluster-name", &hand.cluster).tag("eks:nodegroup-name", "ng");
    let it = it.tag("aws:autoscaling:groupName", &format!("eks-ng-{}", hand.cluster));
    let it = it.tag("aws:ec2launchtemplate:id", &uses[1].id).tag("aws:ec2launchtemplate:version", "1");
    let it = it.link(how::WITHIN, subnet).link(how::WITHIN, &net.vpc).link(how::USES, own);
    let it = it.link(how::USES, uses[0]).link(how::USES, uses[1]).link(how::MADE_BY, uses[2]);
    let node = hand.put(land, it);
    parts(land, hand, (net, subnet, own), &node);
    node
}

/// The disk and the first interface of an instance: they go with it.
pub(crate) fn parts(land: &mut Land, hand: &Hand, place: (&Network, &Key, &Key), node: &Key) {
    let (net, subnet, group) = place;
    let id = land.id("eni-");
    let it = hand.thing("network-interface", id).state("in-use").link(how::WITHIN, subnet);
    let it = it.link(how::WITHIN, &net.vpc).link(how::USES, group).link(how::MADE_BY, node);
    hand.put(land, it);
    let id = land.id("vol-");
    let it = hand.thing("volume", id).state("in-use").born(hand.born).fact(fact::SIZE_GIB, 20);
    hand.put(land, it.link(how::MADE_BY, node));
}

/// The interface that the network plugin attaches to a node that joined.
fn pod_interface(land: &mut Land, hand: &Hand, place: (&Network, &Key, &Key), node: &Key, goes: bool) {
    let (net, subnet, own) = place;
    let id = land.id("eni-");
    let it = hand.thing("network-interface", id).state("in-use").link(how::WITHIN, subnet);
    let it = it.link(how::WITHIN, &net.vpc).link(how::USES, own);
    let it = it.tag("node.k8s.amazonaws.com/instance_id", &node.id);
    let it = it.tag("node.k8s.amazonaws.com/createdAt", "2026-11-18T07:00:00Z");
    let it = it.fact(fact::DESCRIPTION, format!("aws-K8S-{}", node.id));
    let it = if goes { it.link(how::MADE_BY, node) } else { it.cut_by(how::ATTACHED, node, "eni-attach-1") };
    hand.put(land, it);
}

/// What the controllers of a cluster leave behind when it is deleted from under them.
pub(crate) fn leftovers(land: &mut Land, hand: &Hand, rng: &mut Rng, place: (&Network, &Tools)) {
    let (net, tools) = place;
    let name = hand.cluster.as_str();
    let mut marks = aws_janitor::model::Tags::new();
    let mut mark = |key: &str, value: &str| _ = marks.insert(key.to_owned(), value.to_owned());
    mark("elbv2.k8s.aws/cluster", name);
    mark("ingress.k8s.aws/stack", "web/front");
    if rng.chance(1, 3) {
        // `--default-tags` of the controller.
        mark("team", "web");
    }
    let id = land.id("sg-");
    let it = hand.thing("security-group", id).named("k8s-web-front-1").tags(&marks);
    let it = it.tag("ingress.k8s.aws/resource", "ManagedLBSecurityGroup").link(how::WITHIN, &net.vpc);
    let group = hand.put(land, it);
    land.alter(&tools.node_group, |it| it.cut_by(how::NAMES, &group, "sgr-3"));
    let id = land.id("");
    let arn = |what: &str, region: &str| format!("arn:aws:elasticloadbalancing:{region}:{ACCOUNT}:{what}");
    let balancer = arn(&format!("loadbalancer/app/k8s-web-front/{id}"), hand.region);
    let it = hand.thing("load-balancer", balancer).named("k8s-web-front").state("active").born(hand.born);
    let it = it.tags(&marks).tag("ingress.k8s.aws/resource", "LoadBalancer").link(how::WITHIN, &net.vpc);
    let it = it.links(how::WITHIN, &net.public).link(how::PUBLIC_ADDRESS, &net.vpc).link(how::USES, &group);
    let balancer = hand.put(land, it.fact(fact::TYPE, "application"));
    for subnet in &net.public {
        let eni = land.id("eni-");
        let it = hand.thing("network-interface", eni).state("in-use").link(how::WITHIN, subnet);
        let it = it.link(how::WITHIN, &net.vpc).link(how::PUBLIC_ADDRESS, &net.vpc).link(how::USES, &group);
        let it = it.link(how::MADE_BY, &balancer);
        hand.put(land, it.fact(fact::DESCRIPTION, format!("ELB app/k8s-web-front/{id}")));
    }
    let it = hand.thing("target-group", arn(&format!("targetgroup/k8s-web-front/{id}"), hand.region));
    let it = it.named("k8s-web-front").fact(fact::HEALTHY_TARGETS, 0).link(how::WITHIN, &net.vpc);
    let it = it.tags(&marks).tag("ingress.k8s.aws/resource", "web/front:80").link(how::BEHIND, &balancer);
    hand.put(land, it);
    let gone = land.id("i-");
    let id = land.id("eni-");
    let it = hand.thing("network-interface", id).state("available").link(how::WITHIN, &net.private[0]);
    let it = it.link(how::WITHIN, &net.vpc).link(how::USES, &tools.node_group).fact(fact::NODE, &gone);
    let it = it.tag("node.k8s.amazonaws.com/instance_id", &gone);
    let it = it.tag("node.k8s.amazonaws.com/createdAt", "2026-11-18T07:00:00Z");
    hand.put(land, it.fact(fact::DESCRIPTION, format!("aws-K8S-{gone}")));
}
