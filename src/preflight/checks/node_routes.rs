//! Finds nodes in subnets, made in the same file, out of which no route leads: they reach neither the cluster's
//! endpoint nor the registries of images, and the group ends as `CREATE_FAILED` after twenty minutes and more.
//!
//! Public subnets have to give their nodes addresses:
//! <https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html>. Without the internet nodes need VPC
//! endpoints, and the cluster's own endpoint within the VPC:
//! <https://docs.aws.amazon.com/eks/latest/userguide/private-clusters.html>.

use std::collections::{BTreeMap, BTreeSet};

use crate::deployment::{Format, Value};
use crate::model::deployed::Plays;

use super::super::network::{NamedSubnets, Network, Way};
use super::super::scene::{Cluster, Planned, Scene};
use super::super::{CheckName, Finding, Outcome};
use super::{groups, node_image};

const CHECK: CheckName = CheckName::NodeRoutes;

/// The services without which no node joins, by how the names of their endpoints end.
const NEEDED: [&str; 4] = ["ec2", "ecr.api", "ecr.dkr", "s3"];

pub(super) fn look(scene: &Scene<'_>) -> Vec<Finding> {
    let mut networks: BTreeMap<&str, Network<'_>> = BTreeMap::new();
    let mut findings = Vec::new();
    for group in
        groups::with_nodes(scene).filter(|it| !it.is_bare() && it.file.tells_order && !it.file.makes_more)
    {
        let network = networks.entry(&group.deployment.source).or_insert_with(|| Network::of(group.file));
        findings.extend(of_group(scene, network, group));
    }
    findings
}

fn of_group<'a>(scene: &Scene<'a>, network: &Network<'a>, group: Planned<'a>) -> Option<Finding> {
    let named = network.subnets(groups::subnets(group)?)?;
    let ways: Vec<Way> = named.subnets.iter().map(|it| network.way(*it)).collect::<Option<_>>()?;
    let shut: Vec<(Planned<'_>, Way)> = named
        .subnets
        .iter()
        .copied()
        .zip(ways.iter().copied())
        .filter(|(subnet, way)| is_shut(scene, group, *subnet, *way))
        .collect();
    if shut.is_empty() {
        return Some(group.finding(CHECK, Outcome::Pass, "routes lead out of its subnets", ""));
    }
    if shut.len() < ways.len() && !named.sure {
        // The others may be the ones that it takes.
        return None;
    }
    finding(scene, group, &named, &shut)
}

/// Whether what gets its address from the subnet alone does not get out of it.
fn is_shut(scene: &Scene<'_>, group: Planned<'_>, subnet: Planned<'_>, way: Way) -> bool {
    match way {
        Way::Out => false,
        Way::Elsewhere | Way::Nowhere => true,
        Way::Internet => {
            let given = subnet.item.properties.at("map_public_ip_on_launch");
            let none = given.is_empty() || given.as_bool() == Some(false);
            none && gives_none(scene, group)
        }
    }
}

/// Whether nothing that the group is started with gives its nodes an address of the internet.
fn gives_none(scene: &Scene<'_>, group: Planned<'_>) -> bool {
    let properties = &group.item.properties;
    let others = ["launch_configuration", "mixed_instances_policy"];
    if others.iter().any(|name| !properties.at(name).is_empty()) {
        return false;
    }
    let reference = properties.at("launch_template");
    if reference.is_empty() {
        return group.plays(Plays::NodeGroup);
    }
    let Ok(template) = node_image::template(scene, group, reference) else { return false };
    let interfaces = template.item.properties.at("network_interfaces");
    let none = |it: &Value| {
        let given = it.at("associate_public_ip_address");
        given.is_empty() || given.as_bool() == Some(false)
    };
    !template.is_bare() && !interfaces.is_open() && interfaces.members().iter().all(none)
}

/// Whether what is missing in the file is surely missing: a program may make more within an `apply`, and a custom
/// resource what it wants.
fn tells_all(group: Planned<'_>) -> bool {
    let is_program = matches!(group.deployment.format, Format::PulumiPreview | Format::PulumiEvents);
    !is_program && group.file.tells_all
}

fn finding(
    scene: &Scene<'_>,
    group: Planned<'_>,
    named: &NamedSubnets<'_>,
    shut: &[(Planned<'_>, Way)],
) -> Option<Finding> {
    let (subnet, way) = *shut.first()?;
    let address = &subnet.item.address;
    let no_address = shut.iter().any(|(_, way)| *way == Way::Internet);
    let what = match way {
        Way::Internet => {
            format!("{address} leads to an internet gateway and gives its nodes no public address")
        }
        Way::Elsewhere => {
            format!("the routes of {address} lead to some networks, and none leads to all others")
        }
        Way::Nowhere | Way::Out => format!("no route leads out of {address}"),
    };
    let more = if shut.len() > 1 { format!(" (nor out of {} more)", shut.len() - 1) } else { String::new() };
    let missing = missing(group)?;
    let open = missing.len() == NEEDED.len();
    let all = shut.len() == named.subnets.len();
    let (outcome, why, remedy) = if !missing.is_empty() {
        let sure = open && all && (no_address || tells_all(group)) && way != Way::Elsewhere;
        let why = if open {
            "the VPC has none of the endpoints that nodes need instead".to_owned()
        } else {
            format!("of the VPC endpoints that nodes need instead {} is missing", missing.join(", "))
        };
        let outcome = if sure { Outcome::Fail } else { Outcome::Warn };
        (outcome, why, remedy(way))
    } else if is_public_alone(scene, group) {
        let why = "the cluster's endpoint has no private access".to_owned();
        (Outcome::Fail, why, "set endpoint_private_access on the cluster")
    } else {
        let evidence = "its nodes reach what they need by VPC endpoints";
        return Some(group.finding(CHECK, Outcome::Pass, evidence, ""));
    };
    let evidence = format!("{what}{more}, and {why}: its nodes cannot join");
    Some(group.finding(CHECK, outcome, evidence, remedy))
}

const fn remedy(way: Way) -> &'static str {
    match way {
        Way::Internet => {
            "set map_public_ip_on_launch on the subnet, or put the nodes into private subnets with a NAT gateway"
        }
        Way::Elsewhere | Way::Nowhere | Way::Out => {
            "give the subnet's route table a route for 0.0.0.0/0 to a NAT gateway, or the VPC the endpoints of a private cluster"
        }
    }
}

/// The services that have no endpoint among those of the file; `None` where it does not tell of which service one is.
fn missing(group: Planned<'_>) -> Option<Vec<&'static str>> {
    let endpoints = group.file.remaining(Plays::VpcEndpoint).iter();
    let services: BTreeSet<&str> =
        endpoints.map(|it| it.properties.at("service_name").as_text()).collect::<Option<_>>()?;
    let is_there = |needed: &str| {
        services.iter().any(|it| it.strip_suffix(needed).is_some_and(|before| before.ends_with('.')))
    };
    Some(NEEDED.into_iter().filter(|needed| !is_there(needed)).collect())
}

/// Whether the group's cluster is made here with an endpoint on the internet alone.
fn is_public_alone(scene: &Scene<'_>, group: Planned<'_>) -> bool {
    let Cluster::Planned(cluster) = scene.cluster_of(group) else { return false };
    let private = cluster.item.properties.at("vpc_config.endpoint_private_access");
    let off = private.is_empty() || private.as_bool() == Some(false);
    cluster.item.change.makes() && !cluster.is_bare() && off
}

#[cfg(test)]
mod tests;
