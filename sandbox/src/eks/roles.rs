//! The IAM roles without which EKS can neither make nor remove what is a cluster's.
//!
//! EKS acts on a user's things with the cluster's role, and nodes act with theirs:
//! <https://docs.aws.amazon.com/eks/latest/userguide/cluster-iam-role.html>,
//! <https://docs.aws.amazon.com/eks/latest/userguide/create-node-role.html>. The issues have AWS's codes:
//! <https://docs.aws.amazon.com/eks/latest/APIReference/API_Issue.html>,
//! <https://docs.aws.amazon.com/eks/latest/APIReference/API_ClusterIssue.html>. That a deletion ends in them,
//! and that policies count as well, is what those say who clean up ("deleted after EKS Node Group handling.
//! Otherwise, EKS will not be able to properly delete EC2 Instances and Elastic Network Interfaces"):
//! <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/eks_node_group>,
//! <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/eks_cluster>.

use super::invalid_parameter;
use crate::error::AwsResult;
use crate::stores::eks::{Cluster, Issue, Nodegroup};
use crate::stores::iam::{Iam, Role};
use crate::world::World;

/// Refuses a role that IAM does not know, as CreateCluster and CreateNodegroup do. The code is their pages'
/// (`InvalidParameterException`), the sentences are customary.
pub(super) fn check(world: &World, arn: &str) -> AwsResult<()> {
    match role(&world.iam, arn) {
        Some(_) => Ok(()),
        None => Err(invalid_parameter(format!(
            "Role with arn: {arn}, could not be assumed because it does not exist or the trusted entity is \
             not correct"
        ))),
    }
}

/// Why EKS cannot remove a cluster, as far as it is for its role.
pub(super) fn issue_of_cluster(world: &World, cluster: &Cluster) -> Option<Issue> {
    let issue = |code: &str, message: String| {
        Some(Issue { code: code.to_owned(), message, resources: vec![cluster.role_arn.clone()] })
    };
    match role(&world.iam, &cluster.role_arn) {
        None => issue("IamRoleNotFound", format!("Role {} was not found", cluster.role_arn)),
        Some(role) if !permits(role) => {
            issue("AccessDenied", format!("Role {} has no permission left", cluster.role_arn))
        }
        Some(_) => None,
    }
}

/// Why EKS cannot remove a node group, as far as it is for its roles and its instance profile.
pub(super) fn issue_of_nodegroup(world: &World, cluster: &Cluster, group: &Nodegroup) -> Option<Issue> {
    let issue = |code: &str, message: &str, about: &str| {
        let (code, message) = (code.to_owned(), message.to_owned());
        Some(Issue { code, message, resources: vec![about.to_owned()] })
    };
    let Some(node_role) = role(&world.iam, &group.node_role) else {
        let text = "We couldn't find the IAM role for your managed node group.";
        return issue("IamNodeRoleNotFound", text, &group.node_role);
    };
    let profile = profile_name(group);
    let Some(held) = world.iam.profiles.get(&profile) else {
        let text = "We couldn't find the IAM instance profile for your managed node group.";
        return issue("IamInstanceProfileNotFound", text, &profile);
    };
    // Nodes without their role or its policies can no longer speak to the API server; without the cluster's
    // role EKS itself cannot drain them.
    let denied = "Amazon EKS or one or more of your managed nodes is failing to authenticate or authorize \
                  with your Kubernetes cluster API server.";
    if held.role.as_ref() != Some(&node_role.name) || !permits(node_role) {
        return issue("AccessDenied", denied, &group.node_role);
    }
    if issue_of_cluster(world, cluster).is_some() {
        return issue("AccessDenied", denied, &cluster.role_arn);
    }
    None
}

/// The name of the instance profile that EKS makes for the nodes: by the last part of the node group's ARN.
pub(super) fn profile_name(group: &Nodegroup) -> String {
    format!("eks-{}", group.arn.rsplit('/').next().unwrap_or_default())
}

fn role<'a>(iam: &'a Iam, arn: &str) -> Option<&'a Role> {
    iam.roles.values().find(|role| role.arn == arn)
}

/// Whether a role has any permission. What its policies say is not read here.
fn permits(role: &Role) -> bool {
    !role.attached.is_empty() || !role.inline.is_empty()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::time::Duration;

    use serde_json::{Value, json};

    use crate::ec2::fixture::{REGION, code, make_role, skip, with_eks_roles as world};
    use crate::eks::clusters::{self, NewCluster, create_cluster};
    use crate::eks::nodegroups::{self, NewNodegroup, create_nodegroup};
    use crate::eks::tests::{
        active, call, delete, delete_nodegroup, new_cluster, nodegroup_status, nodes, removal, status,
        subnets, with_nodes,
    };
    use crate::stores::eks::Nodes;
    use crate::world::{Pace, World};

    fn iam(world: &mut World, action: &str, params: &[(&str, &str)]) {
        world.call("iam", REGION, action, params).unwrap_or_else(|refusal| panic!("{action}: {refusal:?}"));
    }

    /// The code of the issue that a node group or cluster is told with.
    fn issue(told: &Value) -> &str {
        told["health"]["issues"][0]["code"].as_str().unwrap_or_default()
    }

    /// Deletes the role of the nodes, as whoever does not know that it is needed: out of the profile first.
    fn delete_node_role(world: &mut World) {
        let profile = world.iam.profiles_of("nodes").next().unwrap().name.clone();
        let held = [("InstanceProfileName", profile.as_str()), ("RoleName", "nodes")];
        iam(world, "RemoveRoleFromInstanceProfile", &held);
        detach_node_policy(world);
        iam(world, "DeleteRole", &[("RoleName", "nodes")]);
    }

    fn detach_node_policy(world: &mut World) {
        let policy = "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy";
        iam(world, "DetachRolePolicy", &[("RoleName", "nodes"), ("PolicyArn", policy)]);
    }

    fn delete_cluster_role(world: &mut World) {
        let policy = "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy";
        iam(world, "DetachRolePolicy", &[("RoleName", "eks"), ("PolicyArn", policy)]);
        iam(world, "DeleteRole", &[("RoleName", "eks")]);
    }

    fn told_nodegroup(world: &mut World) -> Value {
        let named = json!({ "clusterName": "demo", "nodegroupName": "ng" });
        call(world, "DescribeNodegroup", named).unwrap()["nodegroup"].clone()
    }

    #[test]
    fn a_node_group_whose_role_is_gone_cannot_be_deleted_until_it_is_back() {
        let mut world = world();
        active(&mut world, "demo");
        with_nodes(&mut world, Nodes::Join, Pace::AtOnce);
        let profile = world.iam.profiles_of("nodes").next().unwrap().name.clone();
        delete_node_role(&mut world);
        delete_nodegroup(&mut world).unwrap();
        skip(&mut world, removal());
        let told = told_nodegroup(&mut world);
        assert_eq!(
            (told["status"].as_str().unwrap(), issue(&told)),
            ("DELETE_FAILED", "IamNodeRoleNotFound")
        );
        assert_eq!(nodes(&mut world).len(), 2, "the nodes run on");
        assert_eq!(code(delete(&mut world)), "ResourceInUseException");
        iam(&mut world, "CreateRole", &[("RoleName", "nodes"), ("AssumeRolePolicyDocument", "{}")]);
        delete_nodegroup(&mut world).unwrap();
        skip(&mut world, removal());
        assert_eq!(
            issue(&told_nodegroup(&mut world)),
            "AccessDenied",
            "neither in its profile nor permitted"
        );
        let policy =
            [("RoleName", "nodes"), ("PolicyArn", "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy")];
        iam(&mut world, "AttachRolePolicy", &policy);
        let held = [("InstanceProfileName", profile.as_str()), ("RoleName", "nodes")];
        iam(&mut world, "AddRoleToInstanceProfile", &held);
        delete_nodegroup(&mut world).unwrap();
        skip(&mut world, removal());
        assert_eq!(nodegroup_status(&mut world), "ResourceNotFoundException");
    }

    #[test]
    fn a_role_that_goes_while_its_node_group_is_being_deleted_fails_the_deletion() {
        for go in [delete_node_role, detach_node_policy, delete_cluster_role] {
            let mut world = world();
            active(&mut world, "demo");
            with_nodes(&mut world, Nodes::Join, Pace::AtOnce);
            delete_nodegroup(&mut world).unwrap();
            skip(&mut world, nodegroups::DRAIN);
            go(&mut world);
            skip(&mut world, removal());
            assert_eq!(nodegroup_status(&mut world), "DELETE_FAILED");
        }
    }

    #[test]
    fn a_node_group_without_its_instance_profile_cannot_be_deleted() {
        let mut world = world();
        active(&mut world, "demo");
        with_nodes(&mut world, Nodes::Join, Pace::AtOnce);
        let profile = world.iam.profiles_of("nodes").next().unwrap().name.clone();
        let held = [("InstanceProfileName", profile.as_str()), ("RoleName", "nodes")];
        iam(&mut world, "RemoveRoleFromInstanceProfile", &held);
        iam(&mut world, "DeleteInstanceProfile", &held[..1]);
        delete_nodegroup(&mut world).unwrap();
        skip(&mut world, removal());
        assert_eq!(issue(&told_nodegroup(&mut world)), "IamInstanceProfileNotFound");
    }

    #[test]
    fn a_cluster_whose_role_is_gone_cannot_be_deleted_until_it_is_back() {
        let mut world = world();
        active(&mut world, "demo");
        delete_cluster_role(&mut world);
        delete(&mut world).unwrap();
        assert_eq!(status(&mut world), "DELETING");
        skip(&mut world, clusters::DELETION);
        let told = call(&mut world, "DescribeCluster", json!({ "name": "demo" })).unwrap()["cluster"].clone();
        assert_eq!((told["status"].as_str().unwrap(), issue(&told)), ("FAILED", "IamRoleNotFound"));
        make_role(&mut world, "eks", "AmazonEKSClusterPolicy");
        delete(&mut world).unwrap();
        skip(&mut world, clusters::DELETION);
        assert_eq!(status(&mut world), "ResourceNotFoundException");
    }

    #[test]
    fn a_cluster_that_cannot_be_deleted_keeps_its_interfaces() {
        let mut world = world();
        active(&mut world, "demo");
        world.faults.unattached = Duration::from_secs(60);
        let status = |world: &World| {
            let interfaces = world.regions[REGION].ec2.interfaces.values();
            interfaces.map(|interface| interface.status.clone()).collect::<BTreeSet<_>>()
        };
        delete(&mut world).unwrap();
        delete_cluster_role(&mut world);
        skip(&mut world, clusters::DELETION - Duration::from_secs(30));
        assert_eq!(status(&world), BTreeSet::from(["available".to_owned()]));
        skip(&mut world, Duration::from_secs(30));
        assert_eq!(status(&world), BTreeSet::from(["in-use".to_owned()]));
    }

    #[test]
    fn whoever_takes_a_control_planes_interface_while_it_goes_is_found_out() {
        let mut world = world();
        active(&mut world, "demo");
        world.faults.unattached = Duration::from_secs(60);
        delete(&mut world).unwrap();
        skip(&mut world, clusters::DELETION - Duration::from_secs(30));
        let id = world.regions[REGION].ec2.interfaces.keys().next().unwrap().clone();
        world.call("ec2", REGION, "DeleteNetworkInterface", &[("NetworkInterfaceId", &id)]).unwrap();
        let makers: Vec<&str> = world.torn.iter().map(|torn| torn.maker.as_str()).collect();
        assert_eq!(makers, ["arn:aws:eks:us-east-1:111122223333:cluster/demo"]);
        skip(&mut world, clusters::DELETION);
        assert!(world.regions[REGION].ec2.interfaces.is_empty());
    }

    #[test]
    fn a_cluster_whose_role_may_do_nothing_cannot_be_deleted() {
        let mut world = world();
        active(&mut world, "demo");
        delete(&mut world).unwrap();
        let policy = "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy";
        iam(&mut world, "DetachRolePolicy", &[("RoleName", "eks"), ("PolicyArn", policy)]);
        skip(&mut world, clusters::DELETION);
        assert_eq!(status(&mut world), "FAILED");
    }

    #[test]
    fn neither_a_cluster_nor_a_node_group_begins_with_a_role_that_is_not_there() {
        let mut world = world();
        let none = "arn:aws:iam::111122223333:role/none";
        let new = NewCluster { role_arn: none.to_owned(), ..new_cluster("demo") };
        assert_eq!(code(create_cluster(&mut world, REGION, new, Pace::AsAws)), "InvalidParameterException");
        active(&mut world, "demo");
        let new = NewNodegroup::of("ng", none, subnets(), 1);
        let outcome = create_nodegroup(&mut world, REGION, "demo", new, Pace::AsAws);
        assert_eq!(code(outcome), "InvalidParameterException");
    }
}
