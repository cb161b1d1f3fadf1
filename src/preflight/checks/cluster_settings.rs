//! Finds clusters whose settings EKS refuses together: Auto Mode half on, and an endpoint that nothing reaches.
//!
//! Auto Mode's three settings go on and off together:
//! <https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateCluster.html> (`computeConfig`,
//! `kubernetesNetworkConfig`, `storageConfig`). Access to the endpoint:
//! <https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html>. A private endpoint alone is well:
//! who deploys into the cluster may stand in its VPC.

use crate::deployment::Value;
use crate::model::deployed::Plays;

use super::super::scene::{Planned, Scene};
use super::super::{CheckName, Finding, Outcome};

const CHECK: CheckName = CheckName::ClusterSettings;

/// Auto Mode's settings.
const AUTO_MODE: [&str; 3] = [
    "compute_config.enabled",
    "kubernetes_network_config.elastic_load_balancing.enabled",
    "storage_config.block_storage.enabled",
];

pub(super) fn look(scene: &Scene<'_>) -> Vec<Finding> {
    let clusters = scene.changed_playing(Plays::Cluster).filter(|cluster| !cluster.is_bare());
    clusters.flat_map(|cluster| auto_mode(cluster).into_iter().chain(endpoint(cluster))).collect()
}

/// What a setting is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Setting {
    On,
    Off,
    /// Nobody sets it.
    Unset,
    /// It cannot be told.
    Open,
}

fn setting(cluster: Planned<'_>, path: &str) -> Setting {
    match cluster.item.properties.at(path) {
        Value::Null => Setting::Unset,
        open if open.is_open() => Setting::Open,
        value => match value.as_bool() {
            Some(true) => Setting::On,
            Some(false) => Setting::Off,
            None => Setting::Open,
        },
    }
}

fn auto_mode(cluster: Planned<'_>) -> Option<Finding> {
    let settings = AUTO_MODE.map(|path| (path, setting(cluster, path)));
    let which = |wanted: &[Setting]| -> Vec<&str> {
        settings.iter().filter(|(_, it)| wanted.contains(it)).map(|(path, _)| *path).collect()
    };
    let on = which(&[Setting::On]);
    // A new cluster has off what nobody sets; one that stands keeps it as it is.
    let off = match cluster.item.change.makes() {
        true => which(&[Setting::Off, Setting::Unset]),
        false => which(&[Setting::Off]),
    };
    if on.is_empty() {
        return None;
    }
    let remedy = format!("set all three alike: {}", AUTO_MODE.join(", "));
    if off.is_empty() {
        let open = which(&[Setting::Open, Setting::Unset]);
        return Some(if open.is_empty() {
            cluster.finding(CHECK, Outcome::Pass, "all three settings of Auto Mode are on", "")
        } else {
            let evidence = format!(
                "Auto Mode's {} is on, and whether {} is on as well is not known before the deployment: EKS takes all three or none",
                on.join(" and "),
                open.join(" and ")
            );
            cluster.finding(CHECK, Outcome::Unclear, evidence, remedy)
        });
    }
    let evidence = format!(
        "Auto Mode's {} is on and {} is not: EKS takes all three or none",
        on.join(" and "),
        off.join(" and ")
    );
    Some(cluster.finding(CHECK, Outcome::Fail, evidence, remedy))
}

/// An endpoint with both ways to it closed. Of a new cluster the public one is open and the private one closed
/// unless somebody sets it.
fn endpoint(cluster: Planned<'_>) -> Option<Finding> {
    let public = setting(cluster, "vpc_config.endpoint_public_access");
    let private = setting(cluster, "vpc_config.endpoint_private_access");
    let closed = match private {
        Setting::Off => true,
        Setting::Unset => cluster.item.change.makes(),
        Setting::On | Setting::Open => false,
    };
    (public == Setting::Off && closed).then(|| {
        let evidence = "its endpoint has neither public nor private access, and EKS takes no such cluster";
        let remedy = "set endpoint_private_access, or leave endpoint_public_access on";
        cluster.finding(CHECK, Outcome::Fail, evidence, remedy)
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{Item, World, cluster, map, unknown};
    use super::*;

    fn enabled(value: Value) -> Value {
        map(&[("enabled", value)])
    }

    /// A cluster with these three settings; null is not set.
    fn with(compute: Value, balancing: Value, storage: Value) -> Item {
        let block = |value: Value| if value == Value::Null { Value::Null } else { enabled(value) };
        cluster("c", "shop")
            .with("compute_config", block(compute))
            .with("kubernetes_network_config", map(&[("elastic_load_balancing", block(balancing))]))
            .with("storage_config", Value::List(vec![map(&[("block_storage", block(storage))])]))
    }

    fn outcome(item: Item) -> Outcome {
        let mut world = World::new();
        world.add(item);
        world.findings(CHECK)[0].outcome
    }

    const ON: Value = Value::Bool(true);
    const OFF: Value = Value::Bool(false);

    #[test]
    fn auto_modes_three_settings_are_on_together_or_eks_refuses_them() {
        assert_eq!(outcome(with(ON, ON, ON)), Outcome::Pass);
        assert_eq!(outcome(with(OFF, OFF, OFF)), Outcome::Skipped);
        assert_eq!(outcome(with(Value::Null, Value::Null, Value::Null)), Outcome::Skipped);
        for wrong in [
            with(ON, OFF, ON),
            with(ON, ON, Value::Null),
            with(Value::Null, Value::Null, ON),
            with(OFF, ON, OFF),
            with(Value::text("true"), ON, Value::text("false")),
            with(ON, OFF, unknown(&[])),
        ] {
            assert_eq!(outcome(wrong), Outcome::Fail);
        }
    }

    #[test]
    fn a_setting_that_is_not_known_is_unclear_beside_one_that_is_on_and_nothing_otherwise() {
        assert_eq!(outcome(with(ON, unknown(&[]), ON)), Outcome::Unclear);
        assert_eq!(outcome(with(OFF, unknown(&[]), OFF)), Outcome::Skipped);
        assert_eq!(outcome(with(Value::Null, unknown(&[]), Value::Null)), Outcome::Skipped);
    }

    #[test]
    fn a_change_may_leave_a_setting_as_it_is() {
        assert_eq!(outcome(with(ON, Value::Null, ON).update()), Outcome::Unclear);
        assert_eq!(outcome(with(ON, OFF, ON).update()), Outcome::Fail);
    }

    #[test]
    fn an_endpoint_with_no_way_to_it_is_refused_and_a_private_one_is_well() {
        let of = |public: Value, private: Value| {
            let access = [("endpoint_public_access", public), ("endpoint_private_access", private)];
            cluster("c", "shop").with("vpc_config", map(&access))
        };
        assert_eq!(outcome(of(OFF, OFF)), Outcome::Fail);
        assert_eq!(outcome(of(OFF, Value::Null)), Outcome::Fail);
        assert_eq!(outcome(of(OFF, ON)), Outcome::Skipped);
        assert_eq!(outcome(of(OFF, unknown(&[]))), Outcome::Skipped);
        assert_eq!(outcome(of(Value::Null, Value::Null)), Outcome::Skipped);
        assert_eq!(outcome(of(OFF, Value::Null).update()), Outcome::Skipped, "it keeps what it has");
    }
}
