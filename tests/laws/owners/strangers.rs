//! Things of others, in the attempt's VPC and elsewhere, as their owners' tools make and tag them.

use aws_janitor::model::words::{fact, how};
use aws_janitor::model::{AccountId, GuardRule, Key, Tags};

use super::cluster::{self, Nodes};
use super::hand::{Hand, Part, Style};
use super::land::{Draw, HOME, Land, Owner, ago};
use super::network;
use super::situation::Situation::{self, *};
use super::stack::{Stack, balancer, lone};
use crate::rng::Rng;

/// A hand of other people, with the tags that they like.
pub(crate) fn others(of: Situation, owner: Owner, label: &str, tags: &[(&str, &str)]) -> Hand {
    let key: Tags = tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    Hand {
        owner,
        of,
        style: Style::DefaultTags,
        label: label.to_owned(),
        key,
        cluster: label.to_owned(),
        region: HOME,
        born: ago(60 * 24 * 40),
        marks: false,
    }
}

/// An instance of others in the attempt's VPC.
fn guest(land: &mut Land, hand: &Hand, stack: &Stack, runs: bool, tags: &Tags) -> Key {
    let group = network::group(land, hand, &stack.net, Part::Group, "own");
    land.alter(&group, |mut it| {
        it.tags = tags.clone();
        it
    });
    let node = lone(land, hand, (&stack.net, &stack.net.private[0], &group), runs);
    land.alter(&node, |it| it.tags(tags));
    node
}

fn pairs(tags: &[(&str, &str)]) -> Tags {
    tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

/// What stands in the attempt's VPC and is not the attempt's.
pub(crate) fn in_vpc(land: &mut Land, rng: &mut Rng, stack: &Stack, of: Situation) -> bool {
    let team = |label: &str, tags: &[(&str, &str)]| others(of, Owner::Team, label, tags);
    let tool = |label: &str| others(of, Owner::OtherTool, label, &[]);
    match of {
        ClusterInVpc => {
            let hand = team("ml-prod", &[("team", "ml")]);
            let tools = cluster::tools(land, &hand, &stack.net);
            let nodes = *rng.pick(&[Nodes::Joined, Nodes::Never, Nodes::Idle]);
            cluster::cluster(land, &hand, rng, (&stack.net, &tools), nodes);
        }
        CapiInVpc | KopsInVpc | OpenShiftInVpc | K3sInVpc | NamesakeInVpc => {
            let hand = tool("others");
            let tags = foreign_cluster(of, &stack.hand.cluster);
            guest(land, &hand, stack, true, &tags);
        }
        TaggedBoxInVpc => {
            let tags: &[(&str, &str)] = match rng.below(4) {
                0 => &[("Owner", "finance"), ("Environment", "production")],
                1 => &[("owner", "finance")],
                2 => &[("TEAM", "erp"), ("Name", "erp-1")],
                _ => &[("Name", "erp-1"), ("CostCenter", "4711")],
            };
            let runs = rng.chance(2, 3);
            guest(land, &team("erp", &[]), stack, runs, &pairs(tags));
        }
        BareBoxInVpc => _ = guest(land, &team("bare", &[]), stack, true, &Tags::new()),
        CopiedTagsInVpc | CopiedTagsStopped => {
            let mut tags = stack.hand.key.clone();
            tags.insert("Name".into(), "manual-copy-do-not-delete".into());
            let hand = Hand { born: ago(60 * 24 * 3), ..team("copy", &[]) };
            guest(land, &hand, stack, of == CopiedTagsInVpc, &tags);
        }
        TaggedGroupInVpc => {
            let hand = team("fin", &[]);
            let group = network::group(land, &hand, &stack.net, Part::Group, "db");
            land.alter(&group, |it| it.tag("Owner", "finance"));
        }
        BalancerOfOthersInVpc => {
            let hand = team("pay", &[("elbv2.k8s.aws/cluster", "pay-prod")]);
            balancer(land, &hand, &stack.net, 2);
        }
        ListLeavesOneOut => {
            let node = guest(land, &team("erp", &[]), stack, true, &pairs(&[("Owner", "erp")]));
            land.left_out.insert(node);
        }
        DatabaseInVpc => {
            let hand = team("db", &[]);
            let id = land.id("eni-");
            let it = hand.thing("network-interface", id).state("in-use");
            let it = it.link(how::WITHIN, &stack.net.private[0]).link(how::WITHIN, &stack.net.vpc);
            let it = it.link(how::USES, &stack.net.group).fact(fact::DESCRIPTION, "RDSNetworkInterface");
            hand.put(land, it.guard(GuardRule::UnknownMaker, "an RDS database is using it"));
        }
        _ => return wiring_in_vpc(land, stack, of),
    }
    true
}

/// Others' tables, groups of instances and gateways, that only what they refer to shows at work.
fn wiring_in_vpc(land: &mut Land, stack: &Stack, of: Situation) -> bool {
    let hand = others(of, Owner::Team, "erp", &[("Owner", "erp")]);
    let net = &stack.net;
    match of {
        TableOfOthersThroughNat | EndpointInTableOfOthers => {
            let id = land.id("subnet-");
            let it = hand.thing("subnet", id).link(how::WITHIN, &net.vpc).tag("Owner", "erp");
            let subnet = hand.put(land, it);
            let id = land.id("rtb-");
            let it = hand.thing("route-table", id).link(how::WITHIN, &net.vpc).tag("Owner", "erp");
            let it = it.cut_by(how::ASSOCIATED, &subnet, "rtbassoc-9");
            let it = it.links(how::ROUTES_THROUGH, net.nats.first().map(std::slice::from_ref).unwrap_or(&[]));
            let table = hand.put(land, it);
            if of == EndpointInTableOfOthers {
                let id = land.id("vpce-");
                let it = stack.hand.thing("vpc-endpoint", id).link(how::WITHIN, &net.vpc).state("available");
                let it = it.fact(fact::TYPE, "Gateway").link(how::ASSOCIATED, &table).born(stack.hand.born);
                let endpoint = stack.hand.put(land, it.tags(&stack.hand.key));
                // The instances behind that table reach S3 through it.
                land.kept.insert(endpoint, of);
            }
        }
        ScalingGroupAtZero => {
            let it = hand.thing("auto-scaling-group", "erp-night").named("erp-night").fact(fact::DESIRED, 0);
            hand.put(land, it.links(how::WOULD_USE, &net.private).tag("Owner", "erp"));
        }
        GatewayOfVpnInVpc => {
            let id = land.id("vgw-");
            let it = hand.thing("vpn-gateway", id).state("available").link(how::ATTACHED, &net.vpc);
            hand.put(land, it.tag("Owner", "network"));
        }
        _ => return false,
    }
    true
}

/// How clusters that are not EKS's mark what is theirs.
fn foreign_cluster(of: Situation, namesake: &str) -> Tags {
    match of {
        CapiInVpc => pairs(&[
            ("kubernetes.io/cluster/prod-capa", "owned"),
            ("sigs.k8s.io/cluster-api-provider-aws/cluster/prod-capa", "owned"),
            ("sigs.k8s.io/cluster-api-provider-aws/role", "control-plane"),
        ]),
        KopsInVpc => pairs(&[
            ("KubernetesCluster", "prod.k8s.local"),
            ("kubernetes.io/cluster/prod.k8s.local", "owned"),
            ("k8s.io/role/master", "1"),
        ]),
        OpenShiftInVpc => {
            pairs(&[("kubernetes.io/cluster/prod-x7k2p", "owned"), ("Name", "prod-x7k2p-master-0")])
        }
        K3sInVpc => pairs(&[("kubernetes.io/cluster/edge", "owned")]),
        _ => {
            let mut tags = pairs(&[("k8s.io/role/master", "1")]);
            tags.insert(format!("kubernetes.io/cluster/{namesake}"), "owned".into());
            tags
        }
    }
}

/// The attempt was put on ground that is not its own: its network becomes others'.
pub(crate) fn ground(land: &mut Land, stack: &Stack, of: Situation) {
    let net = &stack.net;
    let ground = ["vpc", "subnet", "route-table", "internet-gateway", "nat-gateway", "elastic-ip"];
    let ground = ground.into_iter().chain(["network-acl", "vpc-endpoint"]);
    let mut keys: Vec<Key> = ground.flat_map(|kind| land.of(stack.hand.owner, kind)).collect();
    keys.push(net.group.clone());
    let foreign = of == GroundOfAnotherAccount;
    let made = |land: &Land, key: &Key| {
        land.things[key].resource.links_as(how::MADE_BY).any(|link| keys.contains(&link.to))
    };
    let interfaces: Vec<Key> =
        land.of(stack.hand.owner, "network-interface").into_iter().filter(|key| made(land, key)).collect();
    for key in keys.iter().chain(&interfaces) {
        let shared = ["vpc", "subnet"].contains(&key.kind.as_str());
        if foreign && !shared {
            land.things.remove(key);
            continue;
        }
        let thing = land.things.get_mut(key).unwrap();
        thing.owner = if foreign { Owner::OtherAccount } else { Owner::Team };
        thing.of = of;
        thing.resource.tags = Tags::new();
        thing.resource.name = None;
        if foreign {
            thing.resource.owner = Some(AccountId::new("999900001111"));
            let it = thing.resource.clone();
            thing.resource = it.guard(GuardRule::OtherAccount, "account 999900001111 owns it");
        } else if shared {
            let it = thing.resource.clone().tag("Name", "corp-prod");
            let mark = format!("kubernetes.io/cluster/{}", stack.hand.cluster);
            thing.resource = it.tag(&mark, "owned").tag("kubernetes.io/cluster/corp-prod", "shared");
        }
    }
    if !foreign {
        let hand = others(of, Owner::Team, "erp", &[]);
        guest(land, &hand, stack, true, &pairs(&[("Name", "erp")]));
    }
}

/// What stands elsewhere in the region and only looks like the attempt's.
pub(crate) fn look_alikes(land: &mut Land, rng: &mut Rng, stack: &Stack, of: Situation) -> bool {
    let hand = others(of, Owner::Team, "platform", &[("Owner", "platform")]);
    match of {
        MarkedElsewhere => {
            let net = network::network(land, &hand, rng, 1, 1);
            let node = lone(land, &hand, (&net, &net.private[0], &net.group), true);
            let tags = pairs(&[("KubernetesCluster", &stack.hand.cluster), ("Project", "billing")]);
            land.alter(&node, |it| it.tags(&tags).tag("EnvironmentSuffix", "p1"));
        }
        WrongCase => {
            let tags = [("project", "shop"), ("environmentsuffix", "a1"), ("Name", "shop-a1-legacy")];
            let hand = others(of, Owner::Team, "shop-a1-legacy", &tags);
            let net = network::network(land, &hand, rng, 1, 1);
            cluster::tools(land, &hand, &net);
        }
        HalfTheKey => {
            // A key with an empty value names no stack.
            let all = [("Project", "shop"), ("EnvironmentSuffix", "")];
            let tags = if rng.chance(1, 2) { &all[..1] } else { &all };
            let hand = others(of, Owner::Team, "shop-shared", tags);
            let net = network::network(land, &hand, rng, 1, 1);
            cluster::tools(land, &hand, &net);
            lone(land, &hand, (&net, &net.private[0], &net.group), true);
        }
        RestoredFromBackup => {
            let id = land.id("vol-");
            let it =
                hand.thing("volume", id).state("available").born(ago(60 * 24 * 5)).fact(fact::SIZE_GIB, 8);
            let mark = [("velero.io/backup", "nightly"), ("aws:backup:source-resource", "vol-1")];
            let (key, value) = *rng.pick(&mark);
            hand.put(land, it.tags(&stack.hand.key).tag(key, value));
            land.policy.with_data.insert(aws_janitor::model::KindName::of("volume"));
        }
        DefaultVpcMarked => {
            let net = network::network(land, &hand, rng, 1, 0);
            let mark = format!("kubernetes.io/cluster/{}", stack.hand.cluster);
            for key in [&net.vpc, &net.public[0], &net.private[0]] {
                land.alter(key, |mut it| {
                    it.tags = Tags::from([(mark.clone(), "owned".to_owned())]);
                    it.guard(GuardRule::DefaultThing, "it is the region's default VPC")
                });
            }
            lone(land, &hand, (&net, &net.private[0], &net.group), true);
        }
        Furniture => {
            let hand = others(of, Owner::Aws, "AWSServiceRoleForAmazonEKS", &[]);
            let it = hand.thing("iam-role", "AWSServiceRoleForAmazonEKS").born(ago(900_000));
            let it = it.fact(fact::LAST_USED, ago(2)).fact(fact::LAST_USED_REGION, HOME);
            let it = it.fact(fact::TRUSTED_SERVICES, "eks.amazonaws.com");
            hand.put(land, it.guard(GuardRule::AwsManaged, "it is a service-linked role"));
        }
        _ => return false,
    }
    true
}
