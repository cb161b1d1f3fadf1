//! eksctl's stacks: those of a cluster that could not be deleted, and those of one at work.
//!
//! | who | age | what |
//! | --- | --- | --- |
//! | `shop-prod` | 30 days | cluster, node group (which imports from it) and a service account's role, at work |
//! | `shop-prod-2` | 2 days | the same, deleted yesterday: all three stacks are DELETE_FAILED, the cluster is gone |

use serde_json::{Value, json};

use super::ScenarioError;
use super::builder::{Builder, days, minutes, tags};
use super::stacks::{delete_stack, leave_balancer, leave_interface, make_stack, physical};
use super::templates::{EKSCTL, both, cluster, exported, network, nodegroup, reference, role};
use crate::stores::cloudformation::StackStatus;
use crate::tags::Tags;

/// The ids of a cluster's stacks: its own, its node group's, its service account's.
struct Made {
    cluster: String,
    nodes: String,
    account: String,
}

/// Tells the story.
pub(super) fn tell(builder: &mut Builder) -> Result<(), ScenarioError> {
    builder.ago(days(30));
    make(builder, "shop-prod", 3, true)?;
    builder.ago(days(2));
    let made = make(builder, "shop-prod-2", 1, false)?;
    let private = physical(builder, &made.cluster, EKSCTL.subnets[2])?;
    leave_interface(builder, "shop-prod-2", &private)?;
    let vpc = physical(builder, &made.cluster, EKSCTL.vpc)?;
    let public: Result<Vec<String>, _> =
        EKSCTL.subnets[..2].iter().map(|name| physical(builder, &made.cluster, name)).collect();
    leave_balancer(builder, "shop-prod-2", (&vpc, &public?))?;
    // Somebody gave both roles another policy by hand.
    for (stack, logical) in [(&made.nodes, "NodeInstanceRole"), (&made.account, "Role1")] {
        let role = physical(builder, stack, logical)?;
        let policy = "arn:aws:iam::aws:policy/CloudWatchAgentServerPolicy";
        builder.call("iam", "AttachRolePolicy", &[("RoleName", &role), ("PolicyArn", policy)])?;
    }
    builder.ago(days(1));
    for stack in [&made.account, &made.nodes, &made.cluster] {
        delete_stack(builder, stack, &[], StackStatus::DeleteFailed)?;
    }
    use_what_works(builder);
    Ok(())
}

/// The three stacks of a cluster. With `shared`, the node group takes its subnets from the exports of the
/// cluster's stack, as eksctl does it.
fn make(builder: &mut Builder, name: &str, number: u8, shared: bool) -> Result<Made, ScenarioError> {
    let marks = eksctl_tags(name, &[]);
    let stack = format!("eksctl-{name}-cluster");
    let resources = both(network(&EKSCTL, number), cluster(name, &EKSCTL));
    let export = |logical: &str| exported(&format!("{stack}::{logical}"), reference(logical));
    let outputs = json!({
        "VPC": export("VPC"),
        "ClusterStackName": { "Value": { "Ref": "AWS::StackName" } },
        "SubnetPrivateUSEAST1A": export("SubnetPrivateUSEAST1A"),
        "SubnetPrivateUSEAST1B": export("SubnetPrivateUSEAST1B"),
    });
    let cluster = make_stack(builder, &stack, &marks, (resources, outputs))?;
    let mut subnets = Vec::new();
    for logical in &EKSCTL.subnets[2..] {
        subnets.push(match shared {
            true => json!({ "Fn::ImportValue": format!("{stack}::{logical}") }),
            false => Value::String(physical(builder, &cluster, logical)?),
        });
    }
    let marks = eksctl_tags(
        name,
        &[("alpha.eksctl.io/nodegroup-name", "ng-1"), ("alpha.eksctl.io/nodegroup-type", "managed")],
    );
    let own = format!("eksctl-{name}-nodegroup-ng-1");
    let nodes = make_stack(builder, &own, &marks, (nodegroup(name, "ng-1", &subnets), json!({})))?;
    let account = "kube-system/aws-load-balancer-controller";
    let marks = eksctl_tags(name, &[("alpha.eksctl.io/iamserviceaccount-name", account)]);
    let own = format!("eksctl-{name}-addon-iamserviceaccount-kube-system-aws-load-balancer-controller");
    let resources = json!({ "Role1": role("eks.amazonaws.com", &["ElasticLoadBalancingFullAccess"]) });
    let account = make_stack(builder, &own, &marks, (resources, json!({})))?;
    Ok(Made { cluster, nodes, account })
}

/// <https://eksctl.io/usage/creating-and-managing-clusters/>
fn eksctl_tags(cluster: &str, more: &[(&str, &str)]) -> Tags {
    let mut all = tags(&[
        ("alpha.eksctl.io/cluster-name", cluster),
        ("alpha.eksctl.io/eksctl-version", "0.207.0"),
        ("eksctl.cluster.k8s.io/v1alpha1/cluster-name", cluster),
    ]);
    all.extend(tags(more));
    all
}

/// The roles of the cluster at work were used until the end.
fn use_what_works(builder: &mut Builder) {
    builder.ago(minutes(20));
    let (now, region) = (builder.world.clock.now(), builder.region.clone());
    for role in builder.world.iam.roles.values_mut() {
        if role.name.starts_with("eksctl-shop-prod-") && !role.name.starts_with("eksctl-shop-prod-2-") {
            role.last_used = Some((now, region.clone()));
        }
    }
}
