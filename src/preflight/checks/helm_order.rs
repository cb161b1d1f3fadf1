//! Finds Helm releases and workloads of a new cluster that wait for pods, but not for the nodes that those
//! run on.
//!
//! Helm waits five minutes for the pods of a release, Kubernetes providers ten for those of a deployment;
//! a cluster without nodes runs none of them, and the release ends as failed:
//! <https://helm.sh/docs/intro/using_helm/#helpful-options-for-installupgraderollback>. All tools wait until an
//! add-on is active, twenty minutes in Terraform, and one whose pods find no node is not:
//! <https://docs.aws.amazon.com/eks/latest/userguide/eks-add-ons.html>.

use crate::deployment::{Change, Item, Value};
use crate::model::deployed::Plays;

use super::super::reach::{Few, WaitsFor};
use super::super::scene::{Planned, Scene};
use super::super::{CheckName, Finding, Outcome};
use super::kubernetes::{self, ObjectSort};

const CHECK: CheckName = CheckName::HelmOrder;

pub(super) fn look(scene: &Scene<'_>) -> Vec<Finding> {
    scene.changed().filter(|it| it.item.change != Change::Update).filter_map(of).collect()
}

fn of(planned: Planned<'_>) -> Option<Finding> {
    let sort = kubernetes::sort(planned.item)?;
    if sort == ObjectSort::Other || has_no_pods(planned.item) {
        return None;
    }
    let file = planned.file;
    let made = file.made(Plays::Cluster);
    if made.is_empty() {
        return None;
    }
    let unclear = |why: String| Some(planned.finding(CHECK, Outcome::Unclear, why, ""));
    if !file.tells_order {
        return unclear(format!(
            "this {} does not tell what waits for what",
            planned.deployment.format.title()
        ));
    }
    if waits(planned, sort) == Some(false) {
        let evidence = "it does not wait for its pods, so that they start once there are nodes".to_owned();
        return Some(planned.finding(CHECK, Outcome::Pass, evidence, ""));
    }
    let reach = planned.reach();
    if let Some(nodes) = reach.nodes.and_then(|at| file.planned_at(at)) {
        let evidence = format!("it waits for {}", nodes.item.address);
        return Some(planned.finding(CHECK, Outcome::Pass, evidence, ""));
    }
    let cluster = match (reach.made, made, file.remaining(Plays::Cluster).len()) {
        (Few::One(at), _, _) => file.planned_at(at),
        (Few::None, [only], 1) => Some(file.planned(only)),
        (_, _, _) => None,
    };
    match cluster {
        Some(cluster) => of_cluster(planned, cluster, &reach, sort),
        None => unclear("the file does not tell in which of its clusters it runs".to_owned()),
    }
}

fn of_cluster(
    planned: Planned<'_>,
    cluster: Planned<'_>,
    reach: &WaitsFor,
    sort: ObjectSort,
) -> Option<Finding> {
    let address = &cluster.item.address;
    let auto = cluster.item.properties.at("compute_config.enabled");
    let unclear = |why: String| Some(planned.finding(CHECK, Outcome::Unclear, why, ""));
    if auto.as_bool() == Some(true) {
        let evidence = format!("Auto Mode of {address} makes nodes as pods ask for them");
        return Some(planned.finding(CHECK, Outcome::Pass, evidence, ""));
    }
    if auto.is_open() {
        return unclear(format!("whether {address} makes its nodes by itself (Auto Mode) is not known yet"));
    }
    if let Some(other) = reach.unresolved(&planned.file.items) {
        return unclear(format!("it waits for {other}, of which the file does not tell what that waits for"));
    }
    if waits(planned, sort).is_none() {
        return unclear(
            "whether it waits for its pods is not known yet, and it waits for no node group".to_owned(),
        );
    }
    let (outcome, evidence, remedy) = match planned.file.first_nodes_made() {
        Some(nodes) => (
            // Nodes are often there before the longer wait for an add-on ends.
            if sort == ObjectSort::AddOn { Outcome::Warn } else { Outcome::Fail },
            format!(
                "it waits for its pods, {address} is made here, and nothing makes it wait for the nodes of {}",
                nodes.address
            ),
            format!("let it depend on {}", nodes.address),
        ),
        None => (
            Outcome::Fail,
            format!("it waits for its pods, and nothing here gives {address} nodes to run them on"),
            "add a node group and let it depend on that, or do not wait for the pods".to_owned(),
        ),
    };
    Some(planned.finding(CHECK, outcome, evidence, remedy))
}

/// Charts of definitions alone, and what is scaled to nothing.
fn has_no_pods(item: &Item) -> bool {
    let named = ["chart", "name"].map(|name| item.properties.at(name).as_text().unwrap_or_default());
    let definitions = named.iter().any(|name| name.ends_with("-crd") || name.ends_with("-crds"));
    definitions || item.properties.at("spec.replicas").as_count() == Some(0)
}

/// Whether it counts as made only when its pods run; `None` where the file does not decide it.
fn waits(planned: Planned<'_>, sort: ObjectSort) -> Option<bool> {
    let item = planned.item;
    let flag = |name: &str, default: bool| match item.properties.at(name) {
        Value::Null => Some(default),
        value => value.as_bool(),
    };
    match sort {
        ObjectSort::Other => Some(false),
        ObjectSort::AddOn => Some(true),
        // CloudFormation waits for the extension, and the extension for the pods or the job.
        ObjectSort::Release | ObjectSort::Workload if item.type_name.starts_with("AWSQS::") => Some(true),
        ObjectSort::Release if item.type_name.starts_with("Custom::AWSCDK") => flag("wait", false),
        ObjectSort::Release if item.type_name.starts_with("kubernetes:") => {
            flag("skip_await", false).map(|skip| !skip)
        }
        ObjectSort::Release => flag("wait", true),
        ObjectSort::Workload if item.type_name.starts_with("kubernetes:") => Some(!is_not_awaited(item)),
        ObjectSort::Workload => {
            let name =
                if item.type_name.contains("job") { "wait_for_completion" } else { "wait_for_rollout" };
            flag(name, true)
        }
    }
}

/// Pulumi's annotation `pulumi.com/skipAwait`, however the reader spells it.
fn is_not_awaited(item: &Item) -> bool {
    let folded = |name: &str| -> String {
        name.chars().filter(char::is_ascii_alphanumeric).map(|it| it.to_ascii_lowercase()).collect()
    };
    let mut annotations = item.properties.at("metadata.annotations").entries();
    annotations.any(|(name, value)| folded(name) == "pulumicomskipawait" && value.as_bool() == Some(true))
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{Item as Built, World, cluster, item, map, text, unknown};
    use super::*;
    use crate::deployment::Format;

    fn release() -> Built {
        item("helm_release.web", "helm-release").with("chart", text("web"))
    }

    fn world() -> World {
        let mut world = World::new();
        world.add(cluster("aws_eks_cluster.a", "shop"));
        world.add(item("aws_eks_node_group.n", "eks-nodegroup").after(&["aws_eks_cluster.a"]));
        world
    }

    fn of(release: Built) -> Finding {
        let mut world = world();
        world.add(release);
        world.findings(CHECK).remove(0)
    }

    #[test]
    fn a_release_that_waits_for_no_nodes_fails_and_one_that_does_passes() {
        let found = of(release());
        assert_eq!(found.outcome, Outcome::Fail);
        assert!(found.remedy.contains("aws_eks_node_group.n"));
        assert_eq!(
            of(release().after(&["aws_eks_cluster.a"])).outcome,
            Outcome::Fail,
            "a cluster is no node"
        );
        assert_eq!(of(release().after(&["aws_eks_node_group.n"])).outcome, Outcome::Pass);
    }

    #[test]
    fn a_node_group_may_be_reached_through_others_and_through_a_module() {
        let mut world = world();
        world.add(item("null_resource.x", "x").after(&["aws_eks_node_group.n"]));
        world.add(release().after(&["null_resource.x"]));
        assert_eq!(world.findings(CHECK)[0].outcome, Outcome::Pass);
        let mut world = World::new();
        world.add(cluster("module.eks.aws_eks_cluster.a[0]", "shop"));
        world.add(item("module.eks.module.ng[\"a\"].aws_eks_node_group.n", "eks-nodegroup"));
        world.add(release().after(&["module.eks"]));
        assert_eq!(world.findings(CHECK)[0].outcome, Outcome::Pass);
    }

    #[test]
    fn a_name_that_only_begins_alike_is_not_reached() {
        let mut world = World::new();
        world.add(cluster("aws_eks_cluster.a", "shop"));
        world.add(item("module.eks2.aws_eks_node_group.n", "eks-nodegroup"));
        world.add(item("module.eks.aws_iam_role.r", "iam-role"));
        world.add(release().after(&["module.eks"]));
        assert_eq!(world.findings(CHECK)[0].outcome, Outcome::Fail);
    }

    #[test]
    fn workloads_of_every_tool_are_looked_at() {
        for type_name in ["kubernetes_deployment_v1", "kubernetes:apps/v1:Deployment"] {
            let workload = || item("d", "x").of_type(type_name).with("metadata", map(&[]));
            assert_eq!(of(workload()).outcome, Outcome::Fail, "{type_name}");
            assert_eq!(of(workload().after(&["aws_eks_node_group.n"])).outcome, Outcome::Pass);
        }
        assert_eq!(of(item("ns", "x").of_type("kubernetes_namespace")).outcome, Outcome::Skipped);
    }

    #[test]
    fn extensions_of_cloudformation_are_looked_at() {
        let helm = || item("h", "helm-release").of_type("AWSQS::Kubernetes::Helm").with("chart", text("web"));
        assert_eq!(of(helm()).outcome, Outcome::Fail);
        assert_eq!(of(helm().after(&["aws_eks_cluster.a"])).outcome, Outcome::Fail);
        assert_eq!(of(helm().after(&["aws_eks_node_group.n"])).outcome, Outcome::Pass);
        let manifest = |kind: &str| {
            let body = format!("apiVersion: x\nkind: {kind}\nmetadata: {{ name: a }}");
            item("m", "x").of_type("AWSQS::Kubernetes::Resource").with("manifest", text(&body))
        };
        assert_eq!(of(manifest("Job")).outcome, Outcome::Fail);
        assert_eq!(of(manifest("Job").after(&["aws_eks_node_group.n"])).outcome, Outcome::Pass);
        assert_eq!(of(manifest("Deployment")).outcome, Outcome::Skipped, "it is applied and not awaited");
        assert_eq!(of(item("g", "x").of_type("AWSQS::Kubernetes::Get")).outcome, Outcome::Skipped);
    }

    #[test]
    fn an_addon_of_pods_is_active_on_nodes_alone_and_waits_longer_for_them() {
        let addon = |name: &str| item("a", "eks-addon").with("addon_name", text(name));
        assert_eq!(of(addon("coredns")).outcome, Outcome::Warn);
        assert_eq!(of(addon("coredns").after(&["aws_eks_node_group.n"])).outcome, Outcome::Pass);
        assert_eq!(of(addon("vpc-cni")).outcome, Outcome::Skipped, "a daemon set is active on no nodes");
        let mut world = World::new();
        world.add(cluster("c", "shop")).add(addon("aws-ebs-csi-driver"));
        assert_eq!(world.findings(CHECK)[0].outcome, Outcome::Fail, "no nodes come at all");
    }

    #[test]
    fn what_waits_for_no_pods_passes() {
        assert_eq!(of(release().with("wait", Value::Bool(false))).outcome, Outcome::Pass);
        assert_eq!(of(release().with("chart", text("karpenter-crd"))).outcome, Outcome::Skipped);
        let cdk = release().of_type("Custom::AWSCDK-EKS-HelmChart");
        assert_eq!(of(cdk).outcome, Outcome::Pass);
        let annotations = map(&[("annotations", map(&[("pulumi.com/skipAwait", text("true"))]))]);
        let pulumi = item("d", "x").of_type("kubernetes:apps/v1:Deployment").with("metadata", annotations);
        assert_eq!(of(pulumi).outcome, Outcome::Pass);
    }

    #[test]
    fn auto_mode_and_a_cluster_that_stands_already_need_no_order() {
        let mut world = World::new();
        let auto = map(&[("enabled", Value::Bool(true))]);
        world.add(cluster("c", "shop").with("compute_config", auto));
        world.add(release());
        assert_eq!(world.findings(CHECK)[0].outcome, Outcome::Pass);
        let mut world = World::new();
        world.add(cluster("c", "shop").keep());
        world.add(release());
        assert_eq!(world.findings(CHECK)[0].outcome, Outcome::Skipped);
    }

    #[test]
    fn what_the_file_does_not_tell_is_unclear() {
        assert_eq!(of(release().after(&["module.gone.output"])).outcome, Outcome::Unclear);
        assert_eq!(of(release().with("wait", unknown(&["var.x"]))).outcome, Outcome::Unclear);
        let mut world = World::of_format(Format::TerraformLog);
        world.add(item("c", "eks-cluster"));
        world.add(item("h", "helm-release"));
        assert_eq!(world.findings(CHECK)[0].outcome, Outcome::Unclear);
        let mut world = World::new();
        world.add(cluster("new", "new"));
        world.add(cluster("old", "old").keep());
        world.add(release());
        assert_eq!(world.findings(CHECK)[0].outcome, Outcome::Unclear, "it may run in the old one");
    }
}
