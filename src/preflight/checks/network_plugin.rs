//! Finds nodes of a new cluster that no network plugin will be there for, or one that waits for them. The check of
//! the order asks it.
//!
//! A cluster made with `bootstrapSelfManagedAddons` off has no plugin before somebody adds one
//! (<https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateCluster.html>), a node without it never becomes
//! ready, and a managed group is made when its nodes are; else it ends as `NodeCreationFailure`:
//! <https://docs.aws.amazon.com/eks/latest/userguide/troubleshooting.html>.

use crate::deployment::Value;
use crate::model::deployed::Plays;

use super::super::scene::{Cluster, Planned, Scene};
use super::super::{CheckName, Finding, Outcome};
use super::kubernetes;

const CHECK: CheckName = CheckName::HelmOrder;

/// The add-on that is one.
const PLUGIN: &str = "vpc-cni";

pub(super) fn look(scene: &Scene<'_>) -> Vec<Finding> {
    let mut plugins = Plugins { those: Vec::new(), may_be_other: false };
    for planned in scene.all() {
        if planned.item.change.remains() && is_plugin(planned) {
            plugins.those.push(planned);
        }
        plugins.may_be_other |= !planned.plays(Plays::AddOn)
            && (kubernetes::sort(planned.item).is_some() || kubernetes::is_manifest(planned.item));
    }
    let groups = scene.changed_playing(Plays::NodeGroup).filter(|it| it.item.change.makes());
    groups.filter_map(|group| of_group(scene, group, &plugins)).collect()
}

/// What the files bring of network plugins.
struct Plugins<'a> {
    /// The add-ons that are one, or may be.
    those: Vec<Planned<'a>>,
    /// Whether something else goes into a cluster: it may be one.
    may_be_other: bool,
}

fn of_group(scene: &Scene<'_>, group: Planned<'_>, plugins: &Plugins<'_>) -> Option<Finding> {
    let Cluster::Planned(cluster) = scene.cluster_of(group) else { return None };
    // What one stack makes after another, no file tells.
    let of_one_file = cluster.deployment.source == group.deployment.source && group.deployment.tells_order();
    let has_nodes = group.item.properties.at("scaling_config.desired_size").as_count() != Some(0);
    if !of_one_file || !has_nodes || !cluster.item.change.makes() || brings_a_plugin(cluster) {
        return None;
    }
    let address = &cluster.item.address;
    let Some(first) = plugins.those.first() else {
        if plugins.may_be_other {
            return None;
        }
        let evidence = format!(
            "{address} is made without a network plugin, and no file adds one: no node becomes ready without"
        );
        let remedy = format!("add the add-on {PLUGIN}, unless something else brings a plugin");
        return Some(group.finding(CHECK, Outcome::Warn, evidence, remedy));
    };
    let waits = |it: &Planned<'_>| {
        it.deployment.source == group.deployment.source && it.waits_for(group) == Some(true)
    };
    plugins.those.iter().all(waits).then(|| {
        let plugin = &first.item.address;
        let evidence = format!(
            "{address} is made without a network plugin, no node becomes ready without one, and {plugin} waits for these nodes"
        );
        let remedy =
            format!("let {plugin} wait for the cluster alone (`before_compute = true` in terraform-aws-eks)");
        group.finding(CHECK, Outcome::Fail, evidence, remedy)
    })
}

/// Whether EKS brings a plugin, or may: by itself, or with Auto Mode.
fn brings_a_plugin(cluster: Planned<'_>) -> bool {
    let properties = &cluster.item.properties;
    let auto = properties.at("compute_config.enabled");
    properties.at("bootstrap_self_managed_addons").as_bool() != Some(false)
        || auto.is_open()
        || auto.as_bool() == Some(true)
}

/// Whether it is the add-on, or may be.
fn is_plugin(planned: Planned<'_>) -> bool {
    planned.plays(Plays::AddOn)
        && match planned.item.properties.at("addon_name") {
            Value::Text(name) => name == PLUGIN,
            _ => true,
        }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{Item, World, cluster, item, map, text};
    use super::*;

    fn bare() -> Item {
        cluster("c", "shop").with("bootstrap_self_managed_addons", Value::Bool(false))
    }

    fn group() -> Item {
        item("ng", "eks-nodegroup").with("cluster_name", text("shop")).after(&["c"])
    }

    fn plugin(after: &str) -> Item {
        item("cni", "eks-addon").with("addon_name", text(PLUGIN)).after(&[after])
    }

    fn of(items: Vec<Item>) -> Vec<Outcome> {
        let mut world = World::new();
        for item in items {
            world.add(item);
        }
        let found = world.findings(CHECK).into_iter();
        found.filter(|it| it.subject == "ng").map(|it| it.outcome).collect()
    }

    #[test]
    fn a_plugin_that_waits_for_the_nodes_that_need_it_fails() {
        assert_eq!(of(vec![bare(), group(), plugin("ng")]), [Outcome::Fail]);
        assert_eq!(of(vec![bare(), group(), plugin("c")]), []);
        let between = item("wait", "x").after(&["ng"]);
        assert_eq!(of(vec![bare(), group(), between, plugin("wait")]), [Outcome::Fail]);
    }

    #[test]
    fn nodes_for_which_nobody_brings_a_plugin_warn_unless_something_may_be_one() {
        assert_eq!(of(vec![bare(), group()]), [Outcome::Warn]);
        let other = item("dns", "eks-addon").with("addon_name", text("kube-proxy"));
        assert_eq!(of(vec![bare(), group(), other]), [Outcome::Warn]);
        let cilium = item("cilium", "helm-release").with("chart", text("cilium")).after(&["ng"]);
        assert_eq!(of(vec![bare(), group(), cilium]), []);
    }

    #[test]
    fn clusters_with_a_plugin_of_their_own_are_left_alone() {
        assert_eq!(of(vec![cluster("c", "shop"), group(), plugin("ng")]), []);
        let auto = bare().with("compute_config", map(&[("enabled", Value::Bool(true))]));
        assert_eq!(of(vec![auto, group(), plugin("ng")]), []);
        assert_eq!(of(vec![bare().update(), group(), plugin("ng")]), [], "it has had time");
        let empty = group().with("scaling_config", map(&[("desired_size", Value::Number(0.0))]));
        assert_eq!(of(vec![bare(), empty, plugin("ng")]), [], "no nodes, none to wait for");
    }
}
