//! The groups of nodes that a deployment makes or changes, whoever manages them: checks of networks ask it.

use crate::deployment::Value;
use crate::model::deployed::Plays;

use super::super::scene::{Planned, Scene};
use super::tags;

/// What a tag of an Auto Scaling group begins with that tells its cluster.
/// <https://docs.aws.amazon.com/eks/latest/userguide/worker.html>
const OF_CLUSTER: &str = "kubernetes.io/cluster/";

/// Node groups, and Auto Scaling groups of a cluster, that are to have a node.
pub(super) fn with_nodes<'a>(scene: &Scene<'a>) -> impl Iterator<Item = Planned<'a>> {
    let of_cluster = |it: &Planned<'_>| tags::tags(*it).any(|(key, _)| key.starts_with(OF_CLUSTER));
    let managed = scene.changed_playing(Plays::NodeGroup);
    managed.chain(scene.changed_playing(Plays::Nodes).filter(of_cluster)).filter(|it| nodes(*it) != Some(0))
}

/// How many nodes it begins with, as far as the file tells.
pub(super) fn nodes(group: Planned<'_>) -> Option<u64> {
    let sizes = ["scaling_config.desired_size", "scaling_config.min_size", "desired_capacity", "min_size"];
    sizes.iter().find_map(|path| group.item.properties.at(path).as_count())
}

/// The subnets that it names.
pub(super) fn subnets<'a>(group: Planned<'a>) -> Option<&'a Value> {
    let lists = ["subnet_ids", "vpc_zone_identifier"].map(|name| group.item.properties.at(name));
    lists.into_iter().find(|it| !it.is_empty())
}
