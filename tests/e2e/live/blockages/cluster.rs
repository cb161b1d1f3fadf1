//! Clusters of EKS: what keeps one, what one keeps.
//!
//! "If you have … node groups or Fargate profiles in your cluster, then you must delete them before."
//! <https://docs.aws.amazon.com/eks/latest/userguide/delete-cluster.html>

use aws_janitor_sandbox::stores::eks::Nodes;
use serde_json::json;

use super::parts::{BLUE, two_zones};
use super::{Call, Case};
use crate::live::stage::{A1, DAY, HOME, MINUTE, Stage, Tags, map};

/// What somebody wants to keep for a while.
const KEPT: Tags<'static> = &[("aws-janitor:keep", "until somebody has read its logs")];

/// A cluster on ground of the failed stack's; what else lies there is not asked about.
struct Made {
    vpc: String,
    subnets: [String; 2],
    name: &'static str,
}

fn cluster(stage: &mut Stage, name: &'static str, tags: Tags<'_>) -> Made {
    let (vpc, subnets) = two_zones(stage);
    let (plane, _) = stage.eks_roles(name, tags);
    stage.cluster(name, &plane, &[&subnets[0], &subnets[1]], tags);
    Made { vpc, subnets, name }
}

fn stays(name: &str, code: &'static str) -> Case {
    Case::of(name).refused(Call::json("eks", "DeleteCluster", json!({ "name": name })), code)
}

/// A profile at the failed stack's cluster.
fn with_profile(stage: &mut Stage, tags: Tags<'_>) -> Case {
    let made = cluster(stage, "shop-a1", A1);
    let role = stage.role("blue-pods", "eks-fargate-pods.amazonaws.com", BLUE);
    let input = json!({
        "clusterName": made.name, "fargateProfileName": "jobs", "podExecutionRoleArn": role.arn,
        "subnets": [made.subnets[0]], "selectors": [{ "namespace": "jobs" }], "tags": map(tags),
    });
    stage.json("eks", "CreateFargateProfile", input);
    stage.pass(5 * MINUTE);
    let delete = json!({ "clusterName": made.name, "fargateProfileName": "jobs" });
    stays(made.name, "ResourceInUseException").cured(Call::json("eks", "DeleteFargateProfile", delete))
}

pub fn profile_at_work(stage: &mut Stage) -> Case {
    with_profile(stage, A1)
}

pub fn fargate_profile(stage: &mut Stage) -> Case {
    with_profile(stage, KEPT).flags(&["--abandoned", "shop/a1"])
}

/// Its nodes never joined; the group stays with its machines until somebody deletes it.
/// <https://docs.aws.amazon.com/eks/latest/userguide/troubleshooting.html>
pub fn failed_nodes(stage: &mut Stage) -> Case {
    let made = cluster(stage, "shop-a1", A1);
    let (_, node) = stage.eks_roles("blue", BLUE);
    stage.world.region(HOME).eks.nodes = Nodes::NeverJoin;
    stage.nodegroup((made.name, "workers"), &node, &made.subnets[0], KEPT);
    let delete = json!({ "clusterName": made.name, "nodegroupName": "workers" });
    stays(made.name, "ResourceInUseException").cured(Call::json("eks", "DeleteNodegroup", delete))
}

/// One update at a time, and no deletion beside it.
/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_DeleteCluster.html>
pub fn updating(stage: &mut Stage) -> Case {
    let made = cluster(stage, "shop-a1", A1);
    stage.ago(std::time::Duration::ZERO);
    stage.json("eks", "UpdateClusterConfig", json!({ "name": made.name, "deletionProtection": true }));
    Case::of(made.name)
        .refused(Call::json("eks", "DeleteCluster", json!({ "name": made.name })), "ResourceInUseException")
        .very_slowly()
}

pub fn protected(stage: &mut Stage) -> Case {
    let made = cluster(stage, "shop-a1", A1);
    stage.json("eks", "UpdateClusterConfig", json!({ "name": made.name, "deletionProtection": true }));
    stage.pass(5 * MINUTE);
    let off = json!({ "name": made.name, "deletionProtection": false });
    stays(made.name, "InvalidRequestException").cured(Call::json("eks", "UpdateClusterConfig", off))
}

/// Another team's cluster in the failed stack's subnets: its interfaces hold them.
pub fn on_our_ground(stage: &mut Stage) -> Case {
    let made = cluster(stage, "ml", BLUE);
    let subnet = &made.subnets[0];
    Case::of(subnet)
        .refused(Call::query("ec2", "DeleteSubnet", &[("SubnetId", subnet)]), "DependencyViolation")
        .named("vpc", &made.vpc)
        .cured(Call::json("eks", "DeleteCluster", json!({ "name": "ml" })))
}

/// AWS would delete the log, and what the cluster logs is lost.
pub fn log_of_a_living_cluster(stage: &mut Stage) -> Case {
    stage.ago(3 * DAY);
    let network = stage.network(7, BLUE);
    let (plane, _) = stage.eks_roles("blue", BLUE);
    stage.cluster("blue", &plane, &[&network.public, &network.private], BLUE);
    let log = "/aws/eks/blue/cluster";
    if !stage.world.region(HOME).logs.groups.contains_key(log) {
        stage.json("logs", "CreateLogGroup", json!({ "logGroupName": log }));
    }
    let arn = format!("arn:aws:logs:{HOME}:111122223333:log-group:{log}");
    stage.json("logs", "TagResource", json!({ "resourceArn": arn, "tags": map(A1) }));
    Case::of(log).flags(&["--with-data", "log-group"])
}

/// AWS is still making the stack's cluster: what it stands on is not left over.
pub fn being_made(stage: &mut Stage) -> Case {
    let (vpc, subnets) = two_zones(stage);
    let (plane, _) = stage.eks_roles("shop-a1", A1);
    stage.ago(MINUTE);
    let input = json!({
        "name": "shop-a1", "roleArn": plane.arn, "resourcesVpcConfig": { "subnetIds": subnets },
        "tags": map(A1),
    });
    stage.json("eks", "CreateCluster", input);
    let delete = Call::query("ec2", "DeleteVpc", &[("VpcId", &vpc)]);
    Case::of(&vpc).refused(delete, "DependencyViolation").slowly()
}

/// What Karpenter started it would start again while the nodes stand that it runs on; and those are blue's.
/// <https://karpenter.sh/docs/concepts/disruption/>
pub fn karpenter(stage: &mut Stage) -> Case {
    let made = cluster(stage, "shop-a1", A1);
    let (_, node) = stage.eks_roles("blue", BLUE);
    stage.nodegroup((made.name, "system"), &node, &made.subnets[0], BLUE);
    let marks: Tags<'_> = &[
        ("karpenter.sh/nodepool", "default"),
        ("kubernetes.io/cluster/shop-a1", "owned"),
        ("eks:eks-cluster-name", "shop-a1"),
    ];
    let machine = stage.instance(&made.subnets[1], marks, &[]);
    Case::of(&machine)
}

pub fn role_of_a_cluster(stage: &mut Stage) -> Case {
    stage.ago(3 * DAY);
    let network = stage.network(7, BLUE);
    let (plane, _) = stage.eks_roles("shop-a1", A1);
    stage.cluster("blue", &plane, &[&network.public, &network.private], BLUE);
    Case::of(&plane.name)
}

pub fn role_of_a_node_group(stage: &mut Stage) -> Case {
    stage.ago(3 * DAY);
    let network = stage.network(7, BLUE);
    let (_, node) = stage.eks_roles("shop-a1", A1);
    let (plane, _) = stage.eks_roles("blue", BLUE);
    stage.cluster("blue", &plane, &[&network.public, &network.private], BLUE);
    stage.nodegroup(("blue", "workers"), &node, &network.private, BLUE);
    Case::of(&node.name)
}
