//! Finds clusters that only their VPC reaches, while the same deployment puts releases and objects into them from
//! where the tool runs: each of these calls ends in a timeout, unless that stands in the VPC or a network beside it.
//!
//! <https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html>. The CDK's handlers and the extensions of
//! CloudFormation run in the VPC of such a cluster by themselves:
//! <https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_eks-readme.html#kubectl-handler>.

use std::collections::BTreeMap;

use crate::deployment::{Change, Value};
use crate::model::deployed::Plays;
use crate::model::few;

use super::super::reach::Few;
use super::super::scene::{File, Planned, Scene};
use super::super::{CheckName, Finding, Outcome};
use super::kubernetes;

const CHECK: CheckName = CheckName::EndpointAccess;

/// How the types begin of what the operator's own machine puts into a cluster.
const FROM_OUTSIDE: [&str; 4] = ["helm_", "kubectl_", "kubernetes:", "kubernetes_"];

/// How ranges begin that no address of the internet is in.
const PRIVATE: [&str; 3] = ["10.", "127.", "192.168."];

pub(super) fn look(scene: &Scene<'_>) -> Vec<Finding> {
    let mut objects: BTreeMap<&str, Objects<'_>> = BTreeMap::new();
    let clusters = scene.changed_playing(Plays::Cluster).filter(|it| !it.is_bare());
    let of_file = clusters.filter_map(|cluster| {
        let of_file = objects.entry(&cluster.deployment.source).or_insert_with(|| Objects::of(cluster.file));
        of_cluster(cluster, of_file)
    });
    of_file.collect()
}

fn of_cluster<'a>(cluster: Planned<'a>, objects: &Objects<'a>) -> Option<Finding> {
    let (now, before) = (closed(&cluster.item.properties), closed(&cluster.item.before));
    // Who has come in so far, still does.
    if cluster.item.change == Change::Update && before.is_some() {
        return None;
    }
    let objects = objects.put_into(cluster);
    let names = few(objects.iter().map(|it| it.item.address.as_str()), 3);
    if objects.is_empty() {
        return None;
    }
    let Some(why) = now else {
        let open = cluster.item.properties.at("vpc_config.endpoint_public_access");
        let evidence = format!("its endpoint has public access for {names}");
        let is_told = !open.is_open() && !cluster.item.properties.at("vpc_config").is_open();
        return is_told.then(|| cluster.finding(CHECK, Outcome::Pass, evidence, ""));
    };
    let evidence =
        format!("{why}, and {names} is put into it from outside: that reaches it from within its VPC alone");
    let remedy = "run the tool in the VPC or in a network that is routed to it (a runner, a VPN), or leave public access on for its address while it deploys";
    Some(cluster.finding(CHECK, Outcome::Warn, evidence, remedy))
}

/// Why nothing reaches its endpoint from the internet.
fn closed(cluster: &Value) -> Option<&'static str> {
    let config = cluster.at("vpc_config");
    match config.at("endpoint_public_access").as_bool() {
        // With both ways closed there is no cluster at all: that is found elsewhere.
        Some(false) => Some("its endpoint has no public access"),
        _ if only_private(config.at("public_access_cidrs")) => Some(
            "its endpoint's public access is for private addresses alone, which none of the internet has",
        ),
        _ => None,
    }
}

fn only_private(ranges: &Value) -> bool {
    let is_private = |range: &Value| range.as_text().is_some_and(is_private);
    !ranges.members().is_empty() && ranges.members().iter().all(is_private)
}

/// <https://www.rfc-editor.org/rfc/rfc1918>, and <https://www.rfc-editor.org/rfc/rfc6598> for 100.64.0.0/10.
fn is_private(range: &str) -> bool {
    let second = |first: &str| {
        let rest = range.strip_prefix(first)?.split('.').next()?;
        rest.parse::<u8>().ok()
    };
    PRIVATE.iter().any(|begins| range.starts_with(begins))
        || second("172.").is_some_and(|it| (16..32).contains(&it))
        || second("100.").is_some_and(|it| (64..128).contains(&it))
}

/// What is put into the clusters of a file from outside.
struct Objects<'a> {
    /// Into which one, if it waits for one alone: by the place of that.
    of_one: BTreeMap<usize, Vec<Planned<'a>>>,
    /// What waits for several, or for none: that goes into the only one, if there is one.
    others: Vec<Planned<'a>>,
}

impl<'a> Objects<'a> {
    fn of(file: &'a File<'a>) -> Self {
        let changes = |it: &Planned<'_>| it.item.change.makes() || it.item.change == Change::Update;
        let put = |it: &Planned<'_>| {
            let is_object = kubernetes::sort(it.item).is_some() || kubernetes::is_manifest(it.item);
            is_object && FROM_OUTSIDE.iter().any(|begins| it.item.type_name.starts_with(begins))
        };
        let mut all = Self { of_one: BTreeMap::new(), others: Vec::new() };
        let objects = file.items.all().iter().map(|item| file.planned(item));
        for it in objects.filter(|it| changes(it) && put(it)) {
            match it.reach().clusters {
                Few::One(at) => all.of_one.entry(at).or_default().push(it),
                Few::Several => all.others.push(it),
                Few::None if file.remaining(Plays::Cluster).len() == 1 => all.others.push(it),
                Few::None => {}
            }
        }
        all
    }

    /// What is put into this one; where that is not to be found out of so many, all that may be.
    fn put_into(&self, cluster: Planned<'a>) -> Vec<Planned<'a>> {
        let file = cluster.file;
        let only = file.remaining(Plays::Cluster).len() == 1;
        let at = file.items.place(&cluster.item.address);
        let of_one = at.and_then(|at| self.of_one.get(&at)).into_iter().flatten().copied();
        let others = self.others.iter().copied();
        let others = others.filter(|it| only || it.waits_for(cluster).unwrap_or(true));
        let mut all: Vec<Planned<'_>> = of_one.chain(others).collect();
        all.sort_by_key(|it| file.items.place(&it.item.address));
        all
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::super::testing::{Item, Thing, Tool, World, cluster, item, map, text, unknown};
    use super::*;

    fn shop(config: &[(&str, Value)]) -> Item {
        cluster("c", "shop").with("vpc_config", map(config))
    }

    fn closed_shop() -> Item {
        shop(&[
            ("endpoint_public_access", Value::Bool(false)),
            ("endpoint_private_access", Value::Bool(true)),
        ])
    }

    fn release(type_name: &str) -> Item {
        let kind = if type_name == "helm_release" { "helm-release" } else { "x" };
        item("h", kind).of_type(type_name).with("chart", text("web"))
    }

    fn of(items: Vec<Item>) -> Outcome {
        let mut world = World::new();
        for item in items {
            world.add(item);
        }
        world.findings(CHECK)[0].outcome
    }

    #[test]
    fn what_is_put_from_outside_into_a_closed_cluster_is_a_warning_for_every_tool_that_runs_there() {
        for type_name in
            ["helm_release", "kubernetes_namespace_v1", "kubectl_manifest", "kubernetes:core/v1:ConfigMap"]
        {
            assert_eq!(of(vec![closed_shop(), release(type_name)]), Outcome::Warn, "{type_name}");
            assert_eq!(of(vec![shop(&[]), release(type_name)]), Outcome::Pass, "{type_name}");
        }
        assert_eq!(of(vec![closed_shop()]), Outcome::Skipped);
        assert_eq!(
            of(vec![closed_shop(), item("a", "eks-addon")]),
            Outcome::Skipped,
            "EKS itself puts it in"
        );
    }

    #[test]
    fn handlers_that_run_in_the_vpc_reach_it() {
        for type_name in [
            "Custom::AWSCDK-EKS-HelmChart",
            "Custom::AWSCDK-EKS-KubernetesResource",
            "AWSQS::Kubernetes::Helm",
        ] {
            let access = json!({"endpoint_public_access": false, "endpoint_private_access": true});
            let things: Vec<Thing> = vec![
                ("eks-cluster", "Shop", json!({"name": "shop", "vpc_config": access})),
                (type_name, "Web", json!({"chart": "web", "cluster_id": {"ref": "Shop"}})),
            ];
            let world = World::of(Tool::CloudFormation.deployment(&things));
            assert_eq!(world.findings(CHECK)[0].outcome, Outcome::Skipped, "{type_name}");
        }
    }

    #[test]
    fn ranges_that_hold_no_address_of_the_internet_close_it_as_well() {
        let of = |ranges: &[&str]| {
            let list = Value::List(ranges.iter().map(|it| text(it)).collect());
            super::tests::of(vec![shop(&[("public_access_cidrs", list)]), release("helm_release")])
        };
        for private in ["10.0.0.0/8", "172.16.0.0/12", "172.31.4.0/24", "192.168.0.0/16", "100.64.0.0/10"] {
            assert_eq!(of(&[private]), Outcome::Warn, "{private}");
            assert_eq!(of(&[private, "203.0.113.7/32"]), Outcome::Pass, "{private}");
        }
        for public in ["0.0.0.0/0", "172.32.0.0/16", "172.15.0.0/16", "100.128.0.0/9", "1.10.0.0/16"] {
            assert_eq!(of(&[public]), Outcome::Pass, "{public}");
        }
        assert_eq!(of(&[]), Outcome::Pass, "AWS opens it to all then");
    }

    #[test]
    fn what_is_not_known_or_was_closed_before_says_nothing() {
        let open = shop(&[("endpoint_public_access", unknown(&["var.x"]))]);
        assert_eq!(of(vec![open, release("helm_release")]), Outcome::Skipped);
        let mut old = closed_shop().update();
        assert_eq!(of(vec![closed_shop().update(), release("helm_release")]), Outcome::Warn, "it closes now");
        old.0.before = old.0.properties.clone();
        assert_eq!(of(vec![old, release("helm_release")]), Outcome::Skipped);
    }

    #[test]
    fn of_several_clusters_the_one_that_is_reached_is_meant() {
        let other = || cluster("o", "other");
        let into = |address: &str| release("helm_release").after(&[address]);
        assert_eq!(of(vec![closed_shop(), other(), into("c")]), Outcome::Warn);
        assert_eq!(of(vec![closed_shop(), other(), into("o")]), Outcome::Pass, "the other one is open");
        assert_eq!(of(vec![closed_shop(), other(), release("helm_release")]), Outcome::Skipped);
    }
}
