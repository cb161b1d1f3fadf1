//! Finds subnets, made in the same file, that a cluster cannot be made in, and those with fewer addresses than its
//! nodes begin with.
//!
//! A cluster wants subnets in two zones at least, with six free addresses each and better sixteen:
//! <https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html>. AWS keeps five addresses of each subnet, and
//! makes none smaller than /28: <https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html>. By its defaults
//! the VPC CNI takes all addresses of an interface at once, and a second interface with the first pod:
//! <https://docs.aws.amazon.com/eks/latest/best-practices/vpc-cni.html>.

use std::collections::{BTreeMap, BTreeSet};

use crate::deployment::{Certainty, Value};
use crate::model::deployed::Plays;
use crate::model::few;

use super::super::network::{NamedSubnets, Network};
use super::super::scene::{Planned, Scene};
use super::super::{CheckName, Finding, Outcome};
use super::{groups, node_image};

const CHECK: CheckName = CheckName::SubnetAddresses;

/// What AWS keeps of a subnet.
const RESERVED: u64 = 5;
/// The longest prefix of a subnet.
const LONGEST: u8 = 28;
/// How many free addresses a cluster should have in a subnet.
const RECOMMENDED: u64 = 16;

/// At least so many addresses an interface has, by the size of an instance of the families that most nodes are of.
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/AvailableIpPerENI.html>
const OF_INTERFACE: [(&str, u64); 6] =
    [("nano", 2), ("micro", 2), ("small", 4), ("medium", 4), ("large", 10), ("xlarge", 15)];
const FAMILIES: [&str; 4] = ["c", "m", "r", "t"];

/// What EKS makes nodes of where nobody names a type.
const DEFAULT_TYPE: &str = "t3.medium";

pub(super) fn look(scene: &Scene<'_>) -> Vec<Finding> {
    let mut networks: BTreeMap<&str, Network<'_>> = BTreeMap::new();
    let mut findings = Vec::new();
    let told = |it: &Planned<'_>| it.item.change.makes() && !it.is_bare();
    let mut sharing: BTreeMap<(&str, BTreeSet<&str>), SharedSubnets<'_>> = BTreeMap::new();
    let clusters = scene.changed_playing(Plays::Cluster).filter(told);
    for it in clusters.chain(groups::with_nodes(scene).filter(told)) {
        let source = it.deployment.source.as_str();
        let network = networks.entry(source).or_insert_with(|| Network::of(it.file));
        if it.plays(Plays::Cluster) {
            let list = it.item.properties.at("vpc_config.subnet_ids");
            let named = network.subnets(list);
            findings.extend(named.into_iter().flat_map(|named| of_cluster(it, &named)));
        } else if let Some(named) = groups::subnets(it).and_then(|list| network.subnets(list)) {
            let addresses = named.subnets.iter().map(|it| it.item.address.as_str()).collect();
            let shared = sharing.entry((source, addresses)).or_insert_with(|| SharedSubnets::of(&named));
            shared.sure &= named.sure;
            shared.groups.push(it);
        }
    }
    let mut by_first: BTreeMap<(&str, &str), Vec<ByFirst<'_, '_>>> = BTreeMap::new();
    for ((source, subnets), shared) in &sharing {
        let first = subnets.first().copied().unwrap_or_default();
        by_first.entry((source, first)).or_default().push((subnets, shared));
    }
    findings.extend(sharing.iter().filter_map(|(key, shared)| of_nodes(scene, key, shared, &by_first)));
    findings
}

/// Groups with the subnets that they name; these are looked for by the first of them: whose first is none of others
/// is no part of those.
type ByFirst<'s, 'a> = (&'s BTreeSet<&'a str>, &'s SharedSubnets<'a>);

/// Groups that name the same subnets.
struct SharedSubnets<'a> {
    groups: Vec<Planned<'a>>,
    /// How many addresses are free in them, if the file tells.
    free: Option<u64>,
    sure: bool,
}

impl SharedSubnets<'_> {
    fn of(named: &NamedSubnets<'_>) -> Self {
        let free = named.subnets.iter().map(|it| Some(free(prefix(*it)?))).sum();
        Self { groups: Vec::new(), free, sure: true }
    }
}

/// How long the prefix of a subnet's IPv4 block is.
fn prefix(subnet: Planned<'_>) -> Option<u8> {
    let block = subnet.item.properties.at("cidr_block").as_text()?;
    block.split_once('/')?.1.parse().ok().filter(|length| *length <= 32)
}

/// How many addresses of such a block are free at first.
fn free(prefix: u8) -> u64 {
    (1_u64 << (32 - u32::from(prefix.min(32)))).saturating_sub(RESERVED)
}

fn of_cluster(cluster: Planned<'_>, named: &NamedSubnets<'_>) -> Vec<Finding> {
    // One on an Outpost has other rules.
    if !cluster.item.properties.at("outpost_config").is_empty() {
        return Vec::new();
    }
    let mut findings = Vec::new();
    if let Some(zone) = only_zone(named) {
        let outcome = if named.sure { Outcome::Fail } else { Outcome::Warn };
        let evidence =
            format!("its subnets are all in {zone}, and EKS makes no cluster in fewer than two zones");
        findings.push(cluster.finding(CHECK, outcome, evidence, "give it subnets in two zones or more"));
    }
    let named_with = |is: &dyn Fn(u8) -> bool| -> Vec<&str> {
        let these = named.subnets.iter().filter(|it| prefix(**it).is_some_and(is));
        these.map(|it| it.item.address.as_str()).collect()
    };
    let too_small = named_with(&|length| length > LONGEST);
    if !too_small.is_empty() {
        let evidence = format!(
            "{} is smaller than /{LONGEST}, and EC2 makes no such subnet",
            few(too_small.into_iter(), 3)
        );
        findings.push(cluster.finding(CHECK, Outcome::Fail, evidence, "give the subnet a larger block"));
    }
    let small = named_with(&|length| length <= LONGEST && free(length) < RECOMMENDED);
    if !small.is_empty() {
        let evidence = format!(
            "{} has fewer than {RECOMMENDED} free addresses, which EKS recommends for a cluster: an upgrade may find none",
            few(small.into_iter(), 3)
        );
        findings.push(cluster.finding(CHECK, Outcome::Warn, evidence, "give the subnet a larger block"));
    }
    if findings.is_empty() && named.sure && named.subnets.iter().all(|it| prefix(*it).is_some()) {
        let evidence = "its subnets have room for its interfaces";
        findings.push(cluster.finding(CHECK, Outcome::Pass, evidence, ""));
    }
    findings
}

/// The zone in which all of them are; `None` where there are more, or one is not told.
fn only_zone(named: &NamedSubnets<'_>) -> Option<String> {
    let zone = |it: &Planned<'_>| {
        let zone = it.item.properties.at("availability_zone");
        let place = || Some(format!("zone {}", zone.zone_place()?));
        let id = it.item.properties.at("availability_zone_id").as_text();
        zone.as_text().or(id).map(str::to_owned).or_else(place)
    };
    if let [_] = named.subnets.as_slice() {
        return Some("one zone".to_owned());
    }
    let zones: BTreeSet<String> = named.subnets.iter().map(zone).collect::<Option<_>>()?;
    if zones.len() == 1 { zones.into_iter().next() } else { None }
}

/// What the nodes take that share subnets, those among them that name only a part of these.
fn of_nodes<'a>(
    scene: &Scene<'a>,
    (source, subnets): &(&str, BTreeSet<&str>),
    shared: &SharedSubnets<'a>,
    all: &BTreeMap<(&str, &str), Vec<ByFirst<'_, 'a>>>,
) -> Option<Finding> {
    let (free, first) = (shared.free?, *shared.groups.first()?);
    let begin_within = subnets.iter().filter_map(|first| all.get(&(*source, *first))).flatten();
    let within = begin_within.filter(|(part, _)| part.is_subset(subnets));
    let certain = |it: &&Planned<'_>| it.item.certainty == Certainty::Certain;
    let (mut nodes, mut taken, mut sure) = (0_u64, Some(0_u64), true);
    for (_, part) in within {
        sure &= part.sure;
        for group in part.groups.iter().filter(certain) {
            let count = groups::nodes(*group).unwrap_or_default();
            nodes = nodes.saturating_add(count);
            let of_each = by_defaults(scene, *group);
            taken = taken.zip(of_each).map(|(taken, each)| taken.saturating_add(count.saturating_mul(each)));
        }
    }
    let names = few(subnets.iter().copied(), 3);
    let remedy = "give the nodes more or larger subnets";
    if nodes > free {
        let outcome = if sure { Outcome::Fail } else { Outcome::Warn };
        let evidence = format!("{nodes} nodes are to start in {names}, where {free} addresses are free");
        return Some(first.finding(CHECK, outcome, evidence, remedy));
    }
    match taken {
        Some(taken) if taken > free => {
            let evidence = format!(
                "with a pod on each, {nodes} nodes take {taken} addresses of {names} by the defaults of the VPC CNI, and {free} are free"
            );
            let remedy = format!("{remedy}, or set WARM_IP_TARGET and MINIMUM_IP_TARGET for the VPC CNI");
            Some(first.finding(CHECK, Outcome::Warn, evidence, remedy))
        }
        _ if nodes > 0 => {
            let evidence = format!("{nodes} nodes start in {names}, where {free} addresses are free");
            Some(first.finding(CHECK, Outcome::Pass, evidence, ""))
        }
        _ => None,
    }
}

/// How many addresses a node takes at least once a pod runs on it: two whole interfaces; `None` where nobody knows.
fn by_defaults(scene: &Scene<'_>, group: Planned<'_>) -> Option<u64> {
    // A cluster of IPv6 takes a prefix for its pods.
    let family = match scene.cluster_of(group) {
        super::super::scene::Cluster::Planned(cluster) => {
            cluster.item.properties.at("kubernetes_network_config.ip_family")
        }
        _ => &Value::Null,
    };
    if !family.is_empty() && family.as_text() != Some("ipv4") {
        return None;
    }
    let own = group.item.properties.at("instance_types");
    let reference = group.item.properties.at("launch_template");
    let template =
        if reference.is_empty() { None } else { node_image::template(scene, group, reference).ok() };
    let types = match template {
        _ if !own.is_empty() => own.members(),
        Some(template) => template.item.properties.at("instance_type").members(),
        None => &[],
    };
    let least =
        types.iter().map(|it| of_interface(it.as_text()?)).collect::<Option<Vec<u64>>>()?.into_iter().min();
    let default = reference.is_empty() && group.plays(Plays::NodeGroup);
    least.or_else(|| of_interface(DEFAULT_TYPE).filter(|_| default)).map(|of_one| 2 * of_one)
}

/// How many addresses an interface of an instance of this type has at least.
fn of_interface(instance_type: &str) -> Option<u64> {
    let (family, size) = instance_type.split_once('.')?;
    let letters = family.split(|it: char| it.is_ascii_digit()).next()?;
    let size = if size.ends_with("xlarge") { "xlarge" } else { size };
    let known = OF_INTERFACE.iter().find(|(own, _)| *own == size).filter(|_| FAMILIES.contains(&letters));
    known.map(|(_, addresses)| *addresses)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::super::super::testing::{TOOLS, Thing, Tool, World};
    use super::*;

    fn to(name: &str) -> Json {
        json!({"ref": name})
    }

    /// Two subnets, a cluster in both, and a node group.
    fn things(blocks: [&str; 2], group: Json) -> Vec<Thing> {
        let subnet = |block: &str, zone: &str| json!({"cidr_block": block, "availability_zone": zone});
        let mut group = group;
        group["subnet_ids"] = json!([to("A"), to("B")]);
        group["cluster_name"] = json!("shop");
        vec![
            ("subnet", "A", subnet(blocks[0], "us-east-1a")),
            ("subnet", "B", subnet(blocks[1], "us-east-1b")),
            (
                "eks-cluster",
                "Shop",
                json!({"name": "shop", "vpc_config": {"subnet_ids": [to("A"), to("B")]}}),
            ),
            ("eks-nodegroup", "Ng", group),
        ]
    }

    fn of(things: &[Thing], tool: Tool) -> Vec<Outcome> {
        World::of(tool.deployment(things)).findings(CHECK).iter().map(|it| it.outcome).collect()
    }

    fn worst(things: &[Thing]) -> [Outcome; 3] {
        TOOLS.map(|tool| of(things, tool).into_iter().min().expect("a finding"))
    }

    fn sized(blocks: [&str; 2], nodes: u64, instance_type: &str) -> Vec<Thing> {
        things(blocks, json!({"scaling_config": {"desired_size": nodes}, "instance_types": [instance_type]}))
    }

    /// A plan of Terraform's tells that a list is made of these, and not that it is made of these alone.
    const SURE: [Outcome; 3] = [Outcome::Warn, Outcome::Fail, Outcome::Fail];

    #[test]
    fn more_nodes_than_addresses_fail_and_as_many_pass() {
        let small = ["10.0.0.0/28", "10.0.0.16/28"];
        assert_eq!(worst(&sized(small, 23, "x9.unheard")), [Outcome::Warn, Outcome::Fail, Outcome::Fail]);
        for tool in TOOLS {
            let found = of(&sized(small, 22, "x9.unheard"), tool);
            assert!(found.contains(&Outcome::Pass) && !found.contains(&Outcome::Fail), "{tool:?}: {found:?}");
        }
    }

    #[test]
    fn the_defaults_of_the_network_plugin_are_a_warning() {
        let blocks = ["10.0.0.0/26", "10.0.0.64/26"];
        let outcomes = |nodes, name| worst(&sized(blocks, nodes, name));
        assert_eq!(outcomes(6, "m5.large"), [Outcome::Warn; 3], "120 of 118");
        assert_eq!(outcomes(5, "m5.large"), [Outcome::Pass; 3]);
        assert_eq!(outcomes(4, "c7g.4xlarge"), [Outcome::Warn; 3]);
        assert_eq!(outcomes(3, "c7g.4xlarge"), [Outcome::Pass; 3]);
        assert_eq!(outcomes(6, "g4ad.xlarge"), [Outcome::Pass; 3], "its interfaces are small");
        let mut six = sized(blocks, 6, "m5.large");
        six[2].2["kubernetes_network_config"] = json!({"ip_family": "ipv6"});
        assert_eq!(worst(&six), [Outcome::Pass; 3]);
    }

    #[test]
    fn groups_that_share_subnets_share_their_addresses() {
        let mut things = sized(["10.0.0.0/28", "10.0.0.16/28"], 12, "x9.unheard");
        let other = |subnets: Json| json!({"cluster_name": "shop", "subnet_ids": subnets, "scaling_config": {"desired_size": 11}});
        things.push(("eks-nodegroup", "More", other(json!([to("A"), to("B")]))));
        assert_eq!(worst(&things), SURE);
        things[4].2 = other(json!([to("B")]));
        assert_eq!(worst(&things), SURE, "a part of them");
        things.push(("subnet", "C", json!({"cidr_block": "10.0.1.0/24"})));
        things[4].2 = other(json!([to("B"), to("C")]));
        assert_ne!(worst(&things)[1], Outcome::Fail, "it may take all of its addresses elsewhere");
    }

    #[test]
    fn a_cluster_in_one_zone_is_not_made() {
        let with = |zone: Json| {
            let mut things = sized(["10.0.0.0/24", "10.0.1.0/24"], 1, "m5.large");
            things[1].2["availability_zone"] = zone;
            worst(&things)
        };
        assert_eq!(with(json!("us-east-1a")), SURE);
        assert_eq!(with(json!("us-east-1b")), [Outcome::Pass; 3]);
        assert_eq!(with(to("A")), [Outcome::Pass; 3], "which it is is not known");
        let mut one = sized(["10.0.0.0/24", "10.0.1.0/24"], 1, "m5.large");
        one[2].2["vpc_config"] = json!({"subnet_ids": [to("A")]});
        assert_eq!(worst(&one), SURE);
        one[2].2["vpc_config"] = json!({"subnet_ids": [to("A"), "subnet-1"]});
        assert_eq!(
            of(&one, Tool::CloudFormation),
            [Outcome::Pass],
            "another stands already: the nodes alone are told"
        );
        one[2].2["vpc_config"] = json!({"subnet_ids": [to("A")]});
        one[2].2["outpost_config"] = json!({"control_plane_instance_type": "m5.large"});
        assert_eq!(worst(&one), [Outcome::Pass; 3], "an Outpost is one place");
    }

    #[test]
    fn zones_by_their_places_are_two_where_the_places_differ() {
        let of = |second: u64| {
            let mut things = sized(["10.0.0.0/24", "10.0.1.0/24"], 1, "m5.large");
            for (at, place) in [(0, 0), (1, second)] {
                things[at].2["availability_zone"] = json!({"Fn::Select": [place, {"Fn::GetAZs": ""}]});
            }
            super::tests::of(&things, Tool::CloudFormation)
        };
        assert!(!of(1).contains(&Outcome::Fail));
        assert!(of(0).contains(&Outcome::Fail));
    }

    #[test]
    fn subnets_that_are_too_small_fail_and_small_ones_warn() {
        let of = |block: &str| worst(&sized(["10.0.0.0/24", block], 1, "t3.nano"));
        assert_eq!(of("10.0.1.0/29"), [Outcome::Fail; 3]);
        assert_eq!(of("10.0.1.0/28"), [Outcome::Warn; 3]);
        assert_eq!(of("10.0.1.0/27"), [Outcome::Pass; 3]);
        assert_eq!(of("10.0.1.0/x"), [Outcome::Skipped; 3]);
    }
}
