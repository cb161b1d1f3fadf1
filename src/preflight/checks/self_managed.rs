//! Finds nodes of Auto Scaling groups that cannot join their cluster: nobody adds anything to their user data.
//! The check of the node images asks it.
//!
//! What such nodes have to be started with, and the tag that tells their cluster:
//! <https://docs.aws.amazon.com/eks/latest/userguide/worker.html>. Whom a cluster lets in whose authentication
//! mode is `API`: <https://docs.aws.amazon.com/eks/latest/userguide/access-entries.html>.

use crate::model::deployed::Plays;

use super::super::scene::{Cluster, Planned, Scene, TextValue};
use super::super::{CheckName, Finding, Outcome};
use super::{node_image, tags};

const CHECK: CheckName = CheckName::NodeImage;

/// What a group's tag begins with that tells its cluster.
const OF_CLUSTER: &str = "kubernetes.io/cluster/";

/// The types of access entries that let in no nodes of one's own: people, programs, and pods on Fargate. The first
/// is that of an entry which names none.
/// <https://docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html>
const OF_NO_NODES: [&str; 2] = ["STANDARD", "FARGATE_LINUX"];

pub(super) fn look(scene: &Scene<'_>) -> Vec<Finding> {
    // What has a largest size is a group: an instance with such a tag may be anything.
    let groups =
        scene.changed_playing(Plays::Nodes).filter(|it| !it.item.properties.at("max_size").is_empty());
    let lets_nodes_in = |it: &Planned<'_>| match it.text("type") {
        TextValue::Text(named) => !OF_NO_NODES.contains(&named.as_str()),
        TextValue::Absent => false,
        TextValue::Open(_) => true,
    };
    let mut entries = scene.files.iter().flat_map(|file| {
        file.remaining(Plays::AccessEntry).iter().map(|item| file.planned(item)).filter(lets_nodes_in)
    });
    let entries = entries.next().is_some();
    groups.flat_map(|group| of_group(scene, group, entries)).collect()
}

fn of_group(scene: &Scene<'_>, group: Planned<'_>, entries: bool) -> Vec<Finding> {
    let Some(name) = tags::tags(group).find_map(|(key, _)| key.strip_prefix(OF_CLUSTER)) else {
        return Vec::new();
    };
    // Other makers of clusters use the tag as well: their nodes join in other ways.
    let cluster = match scene.cluster_named(group, name) {
        Cluster::Unknown(_) => return Vec::new(),
        Cluster::Planned(cluster) => Some(cluster),
        Cluster::Live(_) => None,
    };
    if group.item.properties.at("max_size").as_count() == Some(0) {
        return Vec::new();
    }
    let cluster = cluster.filter(|_| !entries);
    join(scene, group).into_iter().chain(cluster.and_then(|it| are_let_in(group, it))).collect()
}

/// What the nodes are started with. User data that is not known before the deployment is some: nothing to say.
fn join(scene: &Scene<'_>, group: Planned<'_>) -> Option<Finding> {
    let template = node_image::template(scene, group, group.item.properties.at("launch_template")).ok()?;
    if template.is_bare() || template.item.properties.at("image_id").is_empty() {
        return None;
    }
    let data = template.item.properties.at("user_data");
    Some(node_image::joins(group, template, data)).filter(|it| it.outcome != Outcome::Unclear)
}

/// A new cluster that lets in by access entries alone. EKS makes one for the role of a managed group, and none
/// for that of others; somebody may make one by hand before the nodes give up.
fn are_let_in(group: Planned<'_>, cluster: Planned<'_>) -> Option<Finding> {
    let by_entries = cluster.item.properties.at("access_config.authentication_mode").as_text() == Some("API");
    (by_entries && cluster.item.change.makes()).then(|| {
        let evidence = format!(
            "{} lets in by access entries alone, and no file makes one for the role of these nodes",
            cluster.item.address
        );
        let remedy = "make an access entry of the type EC2_LINUX (or that of their image) for their role";
        group.finding(CHECK, Outcome::Warn, evidence, remedy)
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{Item, World, cluster, item, map, text, unknown};
    use super::*;
    use crate::deployment::Value;

    fn group(tag: &str) -> Item {
        let tag = map(&[("key", text(tag)), ("value", text("owned"))]);
        item("asg", "auto-scaling-group")
            .with("launch_template", map(&[("id", unknown(&["lt"]))]))
            .with("tag", Value::List(vec![tag]))
            .with("max_size", Value::Number(3.0))
    }

    fn nodes() -> Item {
        group("kubernetes.io/cluster/shop")
    }

    fn template(data: Value) -> Item {
        item("lt", "launch-template").with("image_id", text("ami-1")).with("user_data", data)
    }

    fn outcomes(items: Vec<Item>) -> Vec<Outcome> {
        let mut world = World::new();
        for item in items {
            world.add(item);
        }
        world.findings(CHECK).iter().map(|it| it.outcome).collect()
    }

    fn of(data: Value) -> Vec<Outcome> {
        outcomes(vec![cluster("c", "shop"), template(data), nodes()])
    }

    #[test]
    fn nodes_without_user_data_do_not_join_and_those_that_bootstrap_do() {
        assert_eq!(of(Value::Null), [Outcome::Fail]);
        // `#!/bin/bash`, a line end, `/etc/eks/bootstrap.sh shop`
        assert_eq!(of(text("IyEvYmluL2Jhc2gKL2V0Yy9la3MvYm9vdHN0cmFwLnNoIHNob3A=")), [Outcome::Pass]);
        // `#!/bin/bash`, a line end
        assert_eq!(of(text("IyEvYmluL2Jhc2gK")), [Outcome::Warn], "the image may join by itself");
        for untold in [unknown(&["aws_eks_cluster.c"]), Value::Secret, text("H4sIAAAAAAAA/w==")] {
            assert_eq!(of(untold), [Outcome::Skipped]);
        }
    }

    #[test]
    fn groups_that_are_of_no_cluster_of_eks_are_nobodys_nodes() {
        let beside = |group: Item| outcomes(vec![cluster("c", "shop"), template(Value::Null), group]);
        assert_eq!(beside(group("Name")), [Outcome::Skipped]);
        assert_eq!(beside(group("kubernetes.io/cluster/of-kops")), [Outcome::Skipped]);
        assert_eq!(beside(nodes().with("max_size", Value::Number(0.0))), [Outcome::Skipped]);
        let mut world = World::new();
        world.live("eks-cluster", "shop");
        world.add(template(Value::Null)).add(nodes());
        assert_eq!(world.findings(CHECK)[0].outcome, Outcome::Fail, "the cluster may stand already");
    }

    #[test]
    fn a_cluster_that_lets_in_by_entries_alone_needs_one_for_the_role() {
        let with = |mode: &str, more: Option<Item>| {
            let config = map(&[("authentication_mode", text(mode))]);
            let mut items = vec![cluster("c", "shop").with("access_config", config), nodes()];
            items.extend(more);
            outcomes(items)
        };
        assert_eq!(with("API", None), [Outcome::Warn]);
        assert_eq!(with("API_AND_CONFIG_MAP", None), [Outcome::Skipped]);
        let entry = |named: Value| Some(item("e", "eks-access-entry").with("type", named));
        for of_nodes in
            [text("EC2_LINUX"), text("EC2_WINDOWS"), text("EC2"), text("HYBRID_LINUX"), unknown(&["x"])]
        {
            assert_eq!(with("API", entry(of_nodes)), [Outcome::Skipped]);
        }
        for of_others in [text("STANDARD"), text("FARGATE_LINUX"), text("")] {
            assert_eq!(with("API", entry(of_others)), [Outcome::Warn], "an administrator's, say");
        }
    }
}
