//! Whole stacks: attempts that failed at some stage, and stacks that work, or are to work again.

use aws_janitor::model::Key;
use aws_janitor::model::words::{fact, how};

use super::cluster::{self, Nodes, Tools};
use super::hand::{Hand, Part, Style, role};
use super::land::{ACCOUNT, Draw, Land, ago};
use super::network::{self, Network, network};
use crate::rng::Rng;

#[derive(Debug, Clone)]
pub(crate) struct Stack {
    pub(crate) hand: Hand,
    pub(crate) net: Network,
    pub(crate) tools: Tools,
}

/// How far an attempt came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    /// The quota of addresses was met: the last NAT gateways are missing.
    QuotaMet,
    /// It was killed before its cluster was made, whose name is in tags already.
    BeforeCluster,
    /// It was killed when the cluster stood.
    AfterCluster,
    /// The nodes run and did not join.
    NodesApart,
    /// The cluster was deleted, and what its controllers had made was left.
    ClusterGone,
    /// It works, and nobody wants it any more: its time has passed.
    Leaked,
}

pub(crate) const STAGES: [Stage; 5] =
    [Stage::QuotaMet, Stage::BeforeCluster, Stage::AfterCluster, Stage::NodesApart, Stage::ClusterGone];

pub(crate) fn failed(land: &mut Land, rng: &mut Rng, hand: Hand, stage: Stage) -> Stack {
    let zones = 1 + rng.below(2);
    let nats = if stage == Stage::QuotaMet { rng.below(zones) } else { rng.below(zones) + 1 };
    let net = network(land, &hand, rng, zones, nats);
    if stage == Stage::QuotaMet {
        // Allocated, and its gateway was never made. A careless hand would leave an address that is nobody's.
        network::address(land, &hand, "nat", false);
    }
    let tools = cluster::tools(land, &hand, &net);
    let place = (&net, &tools);
    match stage {
        Stage::QuotaMet | Stage::BeforeCluster => cluster::log_group(land, &hand),
        Stage::AfterCluster => _ = cluster::cluster(land, &hand, rng, place, Nodes::Never),
        Stage::NodesApart => _ = cluster::cluster(land, &hand, rng, place, Nodes::Apart),
        Stage::Leaked => _ = cluster::cluster(land, &hand, rng, place, Nodes::Joined),
        Stage::ClusterGone => {
            cluster::leftovers(land, &hand, rng, place);
            cluster::log_group(land, &hand);
            let issuer = format!("oidc.eks.{}.amazonaws.com/id/GONE{}", hand.region, land.id(""));
            cluster::provider(land, &hand, &issuer);
            // All who could use them were read and have gone: that explains the date.
            for role in [&tools.cluster_role, &tools.node_role] {
                cluster::used(land, role, 200, hand.region);
            }
        }
    }
    Stack { hand, net, tools }
}

/// By what a stack lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Living {
    /// Nodes joined.
    Nodes,
    /// The idle colour: its node group stands at zero.
    Idle,
    /// Instances of its own behind a load balancer with healthy targets.
    Boxes,
    /// Instances of its own, and nothing that looks at their health.
    BoxesAlone,
    /// Instances that are stopped and will be started again.
    Standby,
    /// Instances that were started a moment ago and are old.
    Revived,
    /// Tasks of a container service.
    Service,
    /// A function.
    Function,
    /// A scaling group that stands at zero.
    Night,
}

pub(crate) fn living(land: &mut Land, rng: &mut Rng, hand: Hand, by: Living) {
    let zones = 1 + rng.below(2);
    let net = network(land, &hand, rng, zones, 1);
    let tools = cluster::tools(land, &hand, &net);
    match by {
        Living::Nodes => _ = cluster::cluster(land, &hand, rng, (&net, &tools), Nodes::Joined),
        Living::Idle => _ = cluster::cluster(land, &hand, rng, (&net, &tools), Nodes::Idle),
        Living::Boxes | Living::BoxesAlone | Living::Standby | Living::Revived => {
            boxes(land, &hand, (&net, &tools), by);
        }
        Living::Service | Living::Function | Living::Night => quiet(land, &hand, (&net, &tools), by),
    }
}

fn boxes(land: &mut Land, hand: &Hand, place: (&Network, &Tools), by: Living) {
    let (net, tools) = place;
    let name = format!("{}-web", hand.label);
    let it = hand.thing("iam-instance-profile", name.clone()).named(&name).born(hand.born);
    let it = it.link(how::CONTAINS, &tools.node_role).tags(&hand.tags(Part::Tool, "web", false));
    let profile = hand.put(land, it);
    let standing = by == Living::Standby;
    let node = lone(land, hand, (net, &net.private[0], &tools.node_group), !standing);
    let it = land.get(&node).clone().link(how::USES, &profile).tags(&hand.tags(Part::Group, "web", false));
    let it = if by == Living::Revived { it.fact(fact::STARTED, ago(4)) } else { it };
    *land.get(&node) = it;
    if !standing {
        cluster::used(land, &tools.node_role, 15, hand.region);
    }
    let it = role(hand, "deploy", "codebuild.amazonaws.com", None);
    hand.put(land, it);
    if by == Living::Boxes {
        balancer(land, hand, net, 1);
    }
}

/// What works without an instance of its own.
fn quiet(land: &mut Land, hand: &Hand, place: (&Network, &Tools), by: Living) {
    let (net, tools) = place;
    // Only a cluster of the CDK's is a custom resource, which bears nothing.
    let part = if hand.style == Style::Cdk { Part::Group } else { Part::Cluster };
    let tags = hand.tags(part, "", false);
    let (kind, name, trusts) = match by {
        Living::Service => ("ecs-service", format!("{0}/{0}", hand.label), "ecs-tasks.amazonaws.com"),
        Living::Function => ("lambda-function", format!("{}-fn", hand.label), "lambda.amazonaws.com"),
        _ => ("auto-scaling-group", format!("{}-night", hand.label), "ec2.amazonaws.com"),
    };
    let it = hand.thing(kind, name.clone()).named(&name).tags(&tags);
    if by == Living::Night {
        let it = it.fact(fact::DESIRED, 0).link(how::USES, &tools.template);
        hand.put(land, it.links(how::WOULD_USE, &net.private));
        return;
    }
    let role = hand.put(land, role(hand, "work", trusts, Some((ago(40), hand.region))));
    let it = it.link(how::USES, &role).links(how::USES, &net.private).link(how::USES, &tools.node_group);
    let it = match by {
        Living::Service => it.fact(fact::RUNNING, 2).fact(fact::DESIRED, 2),
        _ => it.fact(fact::LAST_EVENT, ago(40)),
    };
    hand.put(land, it);
}

/// An instance outside every cluster and group, without a tag yet.
pub(crate) fn lone(land: &mut Land, hand: &Hand, place: (&Network, &Key, &Key), runs: bool) -> Key {
    let (net, subnet, group) = place;
    let id = land.id("i-");
    let it = hand.thing("instance", id).state(if runs { "running" } else { "stopped" }).born(hand.born);
    let it = it.fact(fact::INSTANCE_TYPE, "m6i.large").fact(fact::STARTED, hand.born);
    let it = it.link(how::WITHIN, subnet).link(how::WITHIN, &net.vpc).link(how::USES, group);
    let node = hand.put(land, it);
    cluster::parts(land, hand, (net, subnet, group), &node);
    node
}

/// A load balancer with a target group, of which so many targets are healthy.
pub(crate) fn balancer(land: &mut Land, hand: &Hand, net: &Network, healthy: usize) -> (Key, Key) {
    let id = land.id("");
    let arn = |what: &str| format!("arn:aws:elasticloadbalancing:{}:{ACCOUNT}:{what}/{id}", hand.region);
    let tags = hand.tags(Part::Group, "web", false);
    let it = hand.thing("load-balancer", arn(&format!("loadbalancer/app/{}", hand.label)));
    let it = it.named(&format!("{}-web", hand.label)).state("active").born(hand.born).tags(&tags);
    let it =
        it.link(how::WITHIN, &net.vpc).links(how::WITHIN, &net.public).link(how::PUBLIC_ADDRESS, &net.vpc);
    let balancer = hand.put(land, it.link(how::USES, &net.group).fact(fact::TYPE, "application"));
    for subnet in &net.public {
        let eni = land.id("eni-");
        let it = hand.thing("network-interface", eni).state("in-use").link(how::WITHIN, subnet);
        let it = it.link(how::WITHIN, &net.vpc).link(how::USES, &net.group).link(how::MADE_BY, &balancer);
        hand.put(land, it.fact(fact::DESCRIPTION, format!("ELB app/{}/{id}", hand.label)));
    }
    let it = hand.thing("target-group", arn(&format!("targetgroup/{}", hand.label))).tags(&tags);
    let it = it.named(&format!("{}-web", hand.label)).fact(fact::HEALTHY_TARGETS, healthy);
    let target = hand.put(land, it.link(how::WITHIN, &net.vpc).link(how::BEHIND, &balancer));
    (balancer, target)
}
