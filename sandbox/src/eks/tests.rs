//! The rules of EKS, each met and then, with the blocker gone, passed.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use super::clusters::{self, NewCluster, create_cluster};
use super::nodegroups::{self, NewNodegroup, create_nodegroup};
use super::scaling;
use crate::ec2::fixture::{
    self, CLUSTER_ROLE, GROUP, NODE_ROLE, REGION, SUBNET_A, SUBNET_B, VPC, code, skip,
    with_eks_roles as world,
};
use crate::ec2::instances;
use crate::error::AwsError;
use crate::protocol::Request;
use crate::stores::ec2::Rule;
use crate::stores::eks::{NodegroupStatus, Nodes};
use crate::wire::answer;
use crate::world::{Pace, World};

pub(super) fn call(world: &mut World, action: &str, input: Value) -> Result<Value, AwsError> {
    world.call_json("eks", REGION, action, input)
}

pub(super) fn subnets() -> BTreeSet<String> {
    BTreeSet::from([SUBNET_A.to_owned(), SUBNET_B.to_owned()])
}

pub(super) fn new_cluster(name: &str) -> NewCluster {
    NewCluster {
        name: name.to_owned(),
        role_arn: CLUSTER_ROLE.to_owned(),
        subnets: subnets(),
        groups: BTreeSet::from([GROUP.to_owned()]),
        ..Default::default()
    }
}

pub(super) fn active(world: &mut World, name: &str) {
    create_cluster(world, REGION, new_cluster(name), Pace::AtOnce).unwrap();
}

pub(super) fn with_nodes(world: &mut World, nodes: Nodes, pace: Pace) {
    let new = NewNodegroup { nodes, ..NewNodegroup::of("ng", NODE_ROLE, subnets(), 2) };
    create_nodegroup(world, REGION, "demo", new, pace).unwrap();
}

pub(super) fn status(world: &mut World) -> String {
    let told = call(world, "DescribeCluster", json!({ "name": "demo" }));
    told.map_or_else(|refusal| refusal.code, |told| told["cluster"]["status"].as_str().unwrap().to_owned())
}

pub(super) fn nodegroup_status(world: &mut World) -> String {
    let told = call(world, "DescribeNodegroup", json!({ "clusterName": "demo", "nodegroupName": "ng" }));
    told.map_or_else(|refusal| refusal.code, |told| told["nodegroup"]["status"].as_str().unwrap().to_owned())
}

pub(super) fn delete(world: &mut World) -> Result<Value, AwsError> {
    call(world, "DeleteCluster", json!({ "name": "demo" }))
}

pub(super) fn delete_nodegroup(world: &mut World) -> Result<Value, AwsError> {
    call(world, "DeleteNodegroup", json!({ "clusterName": "demo", "nodegroupName": "ng" }))
}

pub(super) fn nodes(world: &mut World) -> Vec<String> {
    scaling::members(world, REGION, "demo", "ng")
}

pub(super) fn removal() -> Duration {
    nodegroups::DRAIN + instances::SHUTDOWN + nodegroups::REMOVAL
}

#[test]
fn a_cluster_is_created_in_minutes_and_has_an_issuer_only_then() {
    let mut world = world();
    let input = json!({
        "name": "demo",
        "roleArn": CLUSTER_ROLE,
        "resourcesVpcConfig": { "subnetIds": [SUBNET_A, SUBNET_B], "securityGroupIds": [GROUP] },
        "tags": { "Project": "p" },
    });
    let told = call(&mut world, "CreateCluster", input.clone()).unwrap();
    assert_eq!(told["cluster"]["status"], "CREATING");
    assert!(told["cluster"]["identity"].is_null());
    assert_eq!(code(call(&mut world, "CreateCluster", input)), "ResourceInUseException");
    assert_eq!(delete(&mut world).unwrap_err().status, 409);
    skip(&mut world, clusters::CREATION);
    let told = call(&mut world, "DescribeCluster", json!({ "name": "demo" })).unwrap();
    let cluster = &told["cluster"];
    assert_eq!(cluster["status"], "ACTIVE");
    assert_eq!(cluster["resourcesVpcConfig"]["vpcId"], VPC);
    assert_eq!(cluster["tags"]["Project"], "p");
    assert!(cluster["createdAt"].as_f64().unwrap() > 1.7e9);
    let issuer = cluster["identity"]["oidc"]["issuer"].as_str().unwrap();
    let id = issuer.strip_prefix("https://oidc.eks.us-east-1.amazonaws.com/id/").unwrap();
    assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase()));
}

#[test]
fn a_cluster_needs_subnets_that_exist_in_two_zones_of_one_vpc() {
    let mut world = world();
    let mut with = |subnets: &[&str]| {
        let subnets = subnets.iter().map(|id| (*id).to_owned()).collect();
        create_cluster(&mut world, REGION, NewCluster { subnets, ..new_cluster("demo") }, Pace::AsAws)
    };
    assert_eq!(code(with(&[SUBNET_A])), "InvalidParameterException");
    assert_eq!(code(with(&[SUBNET_A, "subnet-0123456789abcdef0"])), "InvalidParameterException");
    with(&[SUBNET_A, SUBNET_B]).unwrap();
}

#[test]
fn it_makes_a_group_and_interfaces_that_outlast_it_by_a_minute() {
    let mut world = world();
    active(&mut world, "demo");
    let cluster = world.region(REGION).eks.clusters["demo"].clone();
    let ec2 = &world.region(REGION).ec2;
    let group = &ec2.security_groups[&cluster.cluster_group];
    assert!(group.name.starts_with("eks-cluster-sg-demo-"));
    assert_eq!(group.tags["kubernetes.io/cluster/demo"], "owned");
    assert_eq!(group.tags["aws:eks:cluster-name"], "demo");
    assert_eq!(ec2.interfaces.len(), 2);
    for interface in ec2.interfaces.values() {
        assert_eq!(interface.description, "Amazon EKS demo");
        assert!(interface.requester_managed && interface.status == "in-use");
        assert!(interface.groups.contains(GROUP) && interface.groups.contains(&cluster.cluster_group));
    }
    delete(&mut world).unwrap();
    assert_eq!(status(&mut world), "DELETING");
    skip(&mut world, clusters::DELETION);
    assert_eq!(status(&mut world), "ResourceNotFoundException");
    assert_eq!(world.region(REGION).ec2.interfaces.len(), 2);
    // The name is free at once.
    active(&mut world, "demo");
    skip(&mut world, clusters::INTERFACES_LINGER);
    let ec2 = &world.region(REGION).ec2;
    assert!(!ec2.security_groups.contains_key(&cluster.cluster_group));
    assert_eq!(ec2.interfaces.len(), 2, "those of the second cluster");
}

#[test]
fn a_cluster_keeps_its_subnets_and_groups_until_its_interfaces_are_gone() {
    let mut world = world();
    active(&mut world, "demo");
    let made = world.region(REGION).eks.clusters["demo"].cluster_group.clone();
    let blocked: [(&str, &[(&str, &str)]); 3] = [
        ("DeleteSubnet", &[("SubnetId", SUBNET_A)]),
        ("DeleteSecurityGroup", &[("GroupId", GROUP)]),
        ("DeleteSecurityGroup", &[("GroupId", &made)]),
    ];
    delete(&mut world).unwrap();
    skip(&mut world, clusters::DELETION);
    for (action, params) in blocked {
        assert_eq!(code(fixture::ec2(&mut world, action, params)), "DependencyViolation", "{action}");
    }
    skip(&mut world, clusters::INTERFACES_LINGER);
    for (action, params) in &blocked[..2] {
        fixture::ec2(&mut world, action, params).unwrap();
    }
    assert_eq!(code(fixture::ec2(&mut world, blocked[2].0, blocked[2].1)), "InvalidGroup.NotFound");
}

#[test]
fn a_node_group_whose_instances_find_no_address_fails() {
    let mut world = world();
    active(&mut world, "demo");
    world.region(REGION).ec2.subnets.get_mut(SUBNET_A).unwrap().cidr = "10.0.0.0/29".into();
    let new = NewNodegroup::of("ng", NODE_ROLE, BTreeSet::from([SUBNET_A.to_owned()]), 5);
    create_nodegroup(&mut world, REGION, "demo", new, Pace::AsAws).unwrap();
    skip(&mut world, nodegroups::CREATION);
    assert_eq!(nodegroup_status(&mut world), "CREATE_FAILED");
    let issues = &world.region(REGION).eks.clusters["demo"].nodegroups["ng"].issues;
    assert_eq!(issues[0].code, "AsgInstanceLaunchFailures");
}

#[test]
fn its_group_stays_behind_if_another_group_names_it() {
    let mut world = world();
    active(&mut world, "demo");
    let made = world.region(REGION).eks.clusters["demo"].cluster_group.clone();
    let rule = Rule { group: GROUP.into(), referenced_group: Some(made.clone()), ..Default::default() };
    world.region(REGION).ec2.rules.insert("sgr-1".into(), rule);
    delete(&mut world).unwrap();
    skip(&mut world, clusters::DELETION + clusters::INTERFACES_LINGER);
    let ec2 = &world.region(REGION).ec2;
    assert!(ec2.interfaces.is_empty() && ec2.security_groups.contains_key(&made));
}

#[test]
fn deletion_protection_refuses_until_an_update_that_takes_its_time_has_ended_it() {
    let mut world = world();
    let new = NewCluster { deletion_protection: true, ..new_cluster("demo") };
    create_cluster(&mut world, REGION, new, Pace::AtOnce).unwrap();
    assert_eq!(code(delete(&mut world)), "InvalidRequestException");
    let off = json!({ "name": "demo", "deletionProtection": false });
    let told = call(&mut world, "UpdateClusterConfig", off.clone()).unwrap();
    assert_eq!(told["update"]["type"], "DeletionProtectionUpdate");
    assert_eq!(status(&mut world), "UPDATING");
    assert_eq!(code(call(&mut world, "UpdateClusterConfig", off.clone())), "ResourceInUseException");
    assert_eq!(code(delete(&mut world)), "InvalidRequestException");
    skip(&mut world, super::updates::UPDATE);
    assert_eq!(code(call(&mut world, "UpdateClusterConfig", off)), "InvalidParameterException");
    let on = json!({ "name": "demo", "deletionProtection": true });
    call(&mut world, "UpdateClusterConfig", on).unwrap();
    let refusal = delete(&mut world).unwrap_err();
    let said = "Cannot delete because cluster demo currently has an update in progress";
    assert_eq!((refusal.code.as_str(), refusal.message.as_str()), ("ResourceInUseException", said));
    skip(&mut world, super::updates::UPDATE);
    world.region(REGION).eks.clusters.get_mut("demo").unwrap().deletion_protection = false;
    delete(&mut world).unwrap();
}

#[test]
fn a_node_group_keeps_its_cluster_whatever_its_state_until_it_is_gone() {
    let mut world = world();
    active(&mut world, "demo");
    with_nodes(&mut world, Nodes::NeverJoin, Pace::AtOnce);
    assert_eq!(nodegroup_status(&mut world), "CREATE_FAILED");
    let refusal = delete(&mut world).unwrap_err();
    assert_eq!((refusal.status, refusal.message.as_str()), (409, "Cluster has nodegroups attached"));
    delete_nodegroup(&mut world).unwrap();
    assert_eq!(code(delete(&mut world)), "ResourceInUseException");
    skip(&mut world, removal());
    assert_eq!(nodegroup_status(&mut world), "ResourceNotFoundException");
    delete(&mut world).unwrap();
}

#[test]
fn nodes_that_never_join_run_on_and_fail_the_creation_after_fifteen_minutes() {
    let mut world = world();
    active(&mut world, "demo");
    with_nodes(&mut world, Nodes::NeverJoin, Pace::AsAws);
    skip(&mut world, nodegroups::CREATION);
    assert_eq!(nodegroup_status(&mut world), "CREATING");
    assert_eq!(code(delete_nodegroup(&mut world)), "ResourceInUseException");
    skip(&mut world, nodegroups::JOIN_DEADLINE);
    let input = json!({ "clusterName": "demo", "nodegroupName": "ng" });
    let told = call(&mut world, "DescribeNodegroup", input).unwrap();
    let issue = &told["nodegroup"]["health"]["issues"][0];
    assert_eq!(issue["code"], "NodeCreationFailure");
    assert_eq!(issue["resourceIds"].as_array().unwrap().len(), 2);
    let ids = nodes(&mut world);
    assert!(ids.iter().all(|id| world.region(REGION).ec2.instances[id].state == "running"));
}

#[test]
fn nodes_carry_the_tags_of_their_group_and_hold_its_subnets() {
    let mut world = world();
    active(&mut world, "demo");
    with_nodes(&mut world, Nodes::Join, Pace::AtOnce);
    let cluster = world.region(REGION).eks.clusters["demo"].clone();
    let group = &cluster.nodegroups["ng"];
    let ids = nodes(&mut world);
    assert_eq!(ids.len(), 2);
    let ec2 = &world.region(REGION).ec2;
    let tags = &ec2.instances[&ids[0]].tags;
    assert_eq!(tags["eks:cluster-name"], "demo");
    assert_eq!(tags["eks:nodegroup-name"], "ng");
    assert_eq!(tags["aws:autoscaling:groupName"], group.scaling_group);
    assert_eq!(tags["aws:ec2launchtemplate:id"], group.made_template);
    let profile = ec2.instances[&ids[0]].profile_arn.clone().unwrap();
    let profile = profile.rsplit('/').next().unwrap();
    assert!(world.iam.profiles.contains_key(profile), "{profile}");
    let ec2 = &world.region(REGION).ec2;
    assert!(ec2.launch_templates.contains_key(&group.made_template));
    let in_use = |subnet: &str| ec2.interfaces.values().filter(|held| held.subnet == subnet).count();
    assert_eq!((in_use(SUBNET_A), in_use(SUBNET_B)), (2, 2));
}

#[test]
fn a_node_that_somebody_ends_is_replaced_until_the_node_group_is_deleted() {
    let mut world = world();
    active(&mut world, "demo");
    with_nodes(&mut world, Nodes::Join, Pace::AtOnce);
    let before = nodes(&mut world);
    fixture::ec2(&mut world, "TerminateInstances", &[("InstanceId.1", &before[0])]).unwrap();
    assert_eq!(nodes(&mut world).len(), 1);
    skip(&mut world, scaling::NOTICE);
    let after = nodes(&mut world);
    assert_eq!(after.len(), 2);
    assert!(!after.contains(&before[0]));
    skip(&mut world, instances::START);
    fixture::ec2(&mut world, "StopInstances", &[("InstanceId.1", &after[0])]).unwrap();
    skip(&mut world, scaling::NOTICE);
    assert!(nodes(&mut world).len() == 2 && !nodes(&mut world).contains(&after[0]));
    delete_nodegroup(&mut world).unwrap();
    let last = nodes(&mut world);
    fixture::ec2(&mut world, "TerminateInstances", &[("InstanceId.1", &last[0])]).unwrap();
    skip(&mut world, scaling::NOTICE);
    assert_eq!(nodes(&mut world).len(), 1);
}

#[test]
fn a_deleted_node_group_drains_then_ends_its_nodes_then_goes_with_its_template() {
    let mut world = world();
    active(&mut world, "demo");
    with_nodes(&mut world, Nodes::Join, Pace::AtOnce);
    let template = world.region(REGION).eks.clusters["demo"].nodegroups["ng"].made_template.clone();
    delete_nodegroup(&mut world).unwrap();
    assert_eq!(code(delete_nodegroup(&mut world)), "ResourceInUseException");
    assert_eq!(nodes(&mut world).len(), 2);
    skip(&mut world, nodegroups::DRAIN);
    assert_eq!(nodes(&mut world).len(), 0);
    assert_eq!(nodegroup_status(&mut world), "DELETING");
    skip(&mut world, instances::SHUTDOWN + nodegroups::REMOVAL);
    assert_eq!(nodegroup_status(&mut world), "ResourceNotFoundException");
    assert!(!world.region(REGION).ec2.launch_templates.contains_key(&template));
}

#[test]
fn a_deletion_that_is_to_fail_fails_once_and_can_be_tried_again() {
    let mut world = world();
    active(&mut world, "demo");
    with_nodes(&mut world, Nodes::Join, Pace::AtOnce);
    let cluster = world.region(REGION).eks.clusters.get_mut("demo").unwrap();
    cluster.failing_deletions = 1;
    cluster.nodegroups.get_mut("ng").unwrap().failing_deletions = 1;
    delete_nodegroup(&mut world).unwrap();
    skip(&mut world, removal());
    assert_eq!(nodegroup_status(&mut world), NodegroupStatus::DeleteFailed.as_str());
    delete_nodegroup(&mut world).unwrap();
    skip(&mut world, removal());
    delete(&mut world).unwrap();
    skip(&mut world, clusters::DELETION);
    assert_eq!(status(&mut world), "FAILED");
    delete(&mut world).unwrap();
    skip(&mut world, clusters::DELETION);
    assert_eq!(status(&mut world), "ResourceNotFoundException");
}

#[test]
fn a_node_group_fails_to_go_while_something_names_its_group_for_ssh() {
    let mut world = world();
    active(&mut world, "demo");
    let new = NewNodegroup { ssh_key: Some("key".into()), ..NewNodegroup::of("ng", NODE_ROLE, subnets(), 1) };
    create_nodegroup(&mut world, REGION, "demo", new, Pace::AtOnce).unwrap();
    let input = json!({ "clusterName": "demo", "nodegroupName": "ng" });
    let told = call(&mut world, "DescribeNodegroup", input).unwrap();
    let made = told["nodegroup"]["resources"]["remoteAccessSecurityGroup"].as_str().unwrap().to_owned();
    let rule = Rule { group: GROUP.into(), referenced_group: Some(made.clone()), ..Default::default() };
    world.region(REGION).ec2.rules.insert("sgr-1".into(), rule);
    delete_nodegroup(&mut world).unwrap();
    skip(&mut world, removal());
    assert_eq!(nodegroup_status(&mut world), "DELETE_FAILED");
    assert_eq!(code(delete(&mut world)), "ResourceInUseException");
    let issues = &world.region(REGION).eks.clusters["demo"].nodegroups["ng"].issues;
    assert_eq!(
        (issues[0].code.as_str(), &issues[0].resources[0]),
        ("Ec2SecurityGroupDeletionFailure", &made)
    );
    world.region(REGION).ec2.rules.remove("sgr-1");
    delete_nodegroup(&mut world).unwrap();
    skip(&mut world, removal());
    assert_eq!(nodegroup_status(&mut world), "ResourceNotFoundException");
    assert!(!world.region(REGION).ec2.security_groups.contains_key(&made));
}

#[test]
fn the_users_launch_template_gives_type_image_and_tags_and_stays() {
    let mut world = world();
    active(&mut world, "demo");
    let template = [
        ("LaunchTemplateName", "mine"),
        ("LaunchTemplateData.ImageId", "ami-7"),
        ("LaunchTemplateData.InstanceType", "m7i.large"),
        ("LaunchTemplateData.TagSpecification.1.ResourceType", "instance"),
        ("LaunchTemplateData.TagSpecification.1.Tag.1.Key", "Project"),
        ("LaunchTemplateData.TagSpecification.1.Tag.1.Value", "p"),
    ];
    let id = fixture::told(&mut world, "CreateLaunchTemplate", &template, "launchTemplateId");
    let input = json!({
        "clusterName": "demo",
        "nodegroupName": "ng",
        "nodeRole": NODE_ROLE,
        "subnets": [SUBNET_A],
        "launchTemplate": { "name": "mine", "version": "1" },
        "scalingConfig": { "minSize": 1, "maxSize": 1, "desiredSize": 1 },
    });
    let told = call(&mut world, "CreateNodegroup", input).unwrap();
    assert_eq!(told["nodegroup"]["launchTemplate"]["id"], id);
    let node = nodes(&mut world).remove(0);
    let instance = &world.region(REGION).ec2.instances[&node];
    assert_eq!((instance.image.as_str(), instance.instance_type.as_str()), ("ami-7", "m7i.large"));
    assert_eq!(instance.tags["Project"], "p");
    skip(&mut world, nodegroups::CREATION);
    delete_nodegroup(&mut world).unwrap();
    skip(&mut world, removal());
    assert!(world.region(REGION).ec2.launch_templates.keys().eq([&id]));
}

#[test]
fn it_is_reached_over_rest_with_the_code_of_a_refusal_in_its_header() {
    let mut world = world();
    active(&mut world, "demo");
    let mut send = |method: &str, path: &str| {
        let scope = "Credential=AKIA/20261121/us-east-1/eks/aws4_request, SignedHeaders=host";
        let request = Request {
            method: method.into(),
            path: path.into(),
            headers: vec![("authorization".into(), format!("AWS4-HMAC-SHA256 {scope}"))],
            ..Request::default()
        };
        answer(&mut world, &request).0
    };
    let told = send("GET", "/clusters/demo");
    let body: Value = serde_json::from_slice(&told.body).unwrap();
    assert_eq!((told.status, &body["cluster"]["name"]), (200, &json!("demo")));
    let refused = send("DELETE", "/clusters/none");
    assert_eq!(refused.status, 404);
    assert_eq!(refused.header("x-amzn-errortype"), Some("ResourceNotFoundException"));
    let body: Value = serde_json::from_slice(&refused.body).unwrap();
    assert_eq!(body["message"], "No cluster found for name: none.");
    assert_eq!(world.calls[1].iam_action(), "eks:DeleteCluster");
    assert_eq!(world.calls[1].target, "none");
}

#[test]
fn nodes_beyond_the_quota_of_vcpus_fail_their_group() {
    let mut world = world();
    active(&mut world, "demo");
    world.quotas.apply(REGION, crate::quotas::table::STANDARD_VCPUS, 3.0);
    with_nodes(&mut world, Nodes::Join, Pace::AtOnce);
    assert_eq!(nodegroup_status(&mut world), "CREATE_FAILED");
    let named = json!({ "clusterName": "demo", "nodegroupName": "ng" });
    let told = call(&mut world, "DescribeNodegroup", named).unwrap();
    assert_eq!(told["nodegroup"]["health"]["issues"][0]["code"], "AsgInstanceLaunchFailures");
}

#[test]
fn clusters_and_add_ons_without_support_are_refused() {
    let mut world = world();
    active(&mut world, "demo");
    let subnets: Vec<String> = subnets().into_iter().collect();
    let input = json!({
        "name": "old", "roleArn": "r", "version": "1.29", "resourcesVpcConfig": { "subnetIds": subnets },
    });
    let refusal = call(&mut world, "CreateCluster", input).unwrap_err();
    assert_eq!(refusal.message, "unsupported Kubernetes version 1.29");
    let input = json!({ "clusterName": "demo", "addonName": "coredns", "addonVersion": "v1.8.7-eksbuild.1" });
    assert_eq!(code(call(&mut world, "CreateAddon", input)), "InvalidParameterException");
    let input = json!({ "clusterName": "demo", "addonName": "coredns" });
    let told = call(&mut world, "CreateAddon", input).unwrap();
    assert_eq!(told["addon"]["addonVersion"], "v1.13.1-eksbuild.1", "the default of the cluster's version");
}

#[test]
fn add_ons_come_and_go_and_do_not_hold_their_cluster() {
    let mut world = world();
    active(&mut world, "demo");
    let input = json!({ "clusterName": "demo", "addonName": "coredns" });
    let told = call(&mut world, "CreateAddon", input.clone()).unwrap();
    assert_eq!(told["addon"]["status"], "CREATING");
    assert_eq!(code(call(&mut world, "CreateAddon", input.clone())), "ResourceInUseException");
    skip(&mut world, super::addons::CREATION);
    assert_eq!(call(&mut world, "DescribeAddon", input.clone()).unwrap()["addon"]["status"], "ACTIVE");
    call(&mut world, "DeleteAddon", input.clone()).unwrap();
    skip(&mut world, super::addons::DELETION);
    assert_eq!(code(call(&mut world, "DescribeAddon", input.clone())), "ResourceNotFoundException");
    call(&mut world, "CreateAddon", input).unwrap();
    delete(&mut world).unwrap();
}

#[test]
fn tags_are_changed_by_arn() {
    let mut world = world();
    active(&mut world, "demo");
    let arn = world.region(REGION).eks.clusters["demo"].arn.clone();
    let tags = |world: &mut World| {
        call(world, "ListTagsForResource", json!({ "resourceArn": arn })).unwrap()["tags"].clone()
    };
    call(&mut world, "TagResource", json!({ "resourceArn": arn, "tags": { "a": "b" } })).unwrap();
    assert_eq!(tags(&mut world), json!({ "a": "b" }));
    call(&mut world, "UntagResource", json!({ "resourceArn": arn, "tagKeys": ["a"] })).unwrap();
    assert_eq!(tags(&mut world), json!({}));
    let unknown = json!({ "resourceArn": "arn:aws:eks:us-east-1:1:cluster/none" });
    assert_eq!(code(call(&mut world, "ListTagsForResource", unknown)), "NotFoundException");
}

#[test]
fn names_are_paged_and_empty_lists_need_their_cluster() {
    let mut world = world();
    for name in ["a", "b", "c"] {
        active(&mut world, name);
    }
    let told = call(&mut world, "ListClusters", json!({ "maxResults": "2" })).unwrap();
    assert_eq!(told["clusters"], json!(["a", "b"]));
    let told = call(&mut world, "ListClusters", json!({ "nextToken": told["nextToken"] })).unwrap();
    assert_eq!(told["clusters"], json!(["c"]));
    assert!(told["nextToken"].is_null());
    let told = call(&mut world, "ListFargateProfiles", json!({ "clusterName": "a" })).unwrap();
    assert_eq!(told["fargateProfileNames"], json!([]));
    let none = json!({ "clusterName": "none" });
    assert_eq!(code(call(&mut world, "ListAccessEntries", none)), "ResourceNotFoundException");
}

#[test]
fn fargate_profiles_come_and_go_one_at_a_time_and_hold_their_cluster() {
    let mut world = world();
    active(&mut world, "demo");
    let new = |name: &str| {
        json!({
            "clusterName": "demo",
            "fargateProfileName": name,
            "podExecutionRoleArn": NODE_ROLE,
            "subnets": [SUBNET_A],
            "selectors": [{ "namespace": "default" }],
            "tags": { "a": "b" },
        })
    };
    let told = call(&mut world, "CreateFargateProfile", new("one")).unwrap();
    assert_eq!(told["fargateProfile"]["podExecutionRoleArn"], NODE_ROLE);
    assert_eq!(told["fargateProfile"]["subnets"], json!([SUBNET_A]));
    assert_eq!(code(call(&mut world, "CreateFargateProfile", new("two"))), "ResourceInUseException");
    skip(&mut world, super::fargate::CREATION);
    call(&mut world, "CreateFargateProfile", new("two")).unwrap();
    skip(&mut world, super::fargate::CREATION);
    let told = call(&mut world, "ListFargateProfiles", json!({ "clusterName": "demo" })).unwrap();
    assert_eq!(told["fargateProfileNames"], json!(["one", "two"]));
    let refusal = delete(&mut world).unwrap_err();
    assert_eq!(refusal.message, "Cluster has Fargate Profiles in ACTIVE/CREATING state");
    let named = |name: &str| json!({ "clusterName": "demo", "fargateProfileName": name });
    call(&mut world, "DeleteFargateProfile", named("one")).unwrap();
    let refusal = call(&mut world, "DeleteFargateProfile", named("two")).unwrap_err();
    let said = "Cannot Delete Fargate Profile two because cluster demo currently has Fargate profile one in \
                status DELETING";
    assert_eq!((refusal.code.as_str(), refusal.message.as_str()), ("ResourceInUseException", said));
    skip(&mut world, super::fargate::DELETION);
    call(&mut world, "DeleteFargateProfile", named("two")).unwrap();
    skip(&mut world, super::fargate::DELETION);
    assert_eq!(code(call(&mut world, "DescribeFargateProfile", named("two"))), "ResourceNotFoundException");
    delete(&mut world).unwrap();
}

#[test]
fn whom_a_cluster_lets_in_and_as_what_its_pods_work_goes_with_it() {
    let mut world = world();
    active(&mut world, "demo");
    let entry = json!({ "clusterName": "demo", "principalArn": NODE_ROLE, "type": "EC2_LINUX", "tags": { "a": "b" } });
    let told = call(&mut world, "CreateAccessEntry", entry.clone()).unwrap();
    assert_eq!(told["accessEntry"]["type"], "EC2_LINUX");
    assert_eq!(code(call(&mut world, "CreateAccessEntry", entry.clone())), "ResourceInUseException");
    let told = call(&mut world, "ListAccessEntries", json!({ "clusterName": "demo" })).unwrap();
    assert_eq!(told["accessEntries"], json!([NODE_ROLE]));
    let told = call(&mut world, "DescribeAccessEntry", entry.clone()).unwrap();
    assert_eq!(told["accessEntry"]["tags"], json!({ "a": "b" }));
    let association = json!({
        "clusterName": "demo", "namespace": "kube-system", "serviceAccount": "csi", "roleArn": NODE_ROLE,
    });
    let told = call(&mut world, "CreatePodIdentityAssociation", association.clone()).unwrap();
    let id = told["association"]["associationId"].as_str().unwrap().to_owned();
    assert_eq!(code(call(&mut world, "CreatePodIdentityAssociation", association)), "ResourceInUseException");
    let of = json!({ "clusterName": "demo" });
    let told = call(&mut world, "ListPodIdentityAssociations", of.clone()).unwrap();
    assert_eq!(told["associations"][0]["associationId"], id);
    assert_eq!(told["associations"][0].get("roleArn"), None);
    let named = json!({ "clusterName": "demo", "associationId": id });
    let told = call(&mut world, "DescribePodIdentityAssociation", named.clone()).unwrap();
    assert_eq!(told["association"]["roleArn"], NODE_ROLE);
    call(&mut world, "DeletePodIdentityAssociation", named.clone()).unwrap();
    assert_eq!(code(call(&mut world, "DescribePodIdentityAssociation", named)), "ResourceNotFoundException");
    // A cluster with entries goes, and they with it.
    delete(&mut world).unwrap();
    skip(&mut world, std::time::Duration::from_secs(3600));
    assert_eq!(code(call(&mut world, "ListAccessEntries", of)), "ResourceNotFoundException");
    assert_eq!(code(call(&mut world, "DeleteAccessEntry", entry)), "ResourceNotFoundException");
}

#[test]
fn fargate_takes_only_private_subnets() {
    let mut world = world();
    active(&mut world, "demo");
    let table = fixture::told(&mut world, "CreateRouteTable", &[("VpcId", fixture::VPC)], "routeTableId");
    let route = [
        ("RouteTableId", table.as_str()),
        ("DestinationCidrBlock", "0.0.0.0/0"),
        ("GatewayId", fixture::GATEWAY),
    ];
    fixture::ec2(&mut world, "CreateRoute", &route).unwrap();
    fixture::ec2(&mut world, "AssociateRouteTable", &[("RouteTableId", &table), ("SubnetId", SUBNET_A)])
        .unwrap();
    let new = json!({
        "clusterName": "demo", "fargateProfileName": "one", "podExecutionRoleArn": NODE_ROLE, "subnets": [SUBNET_A],
    });
    assert_eq!(code(call(&mut world, "CreateFargateProfile", new)), "InvalidParameterException");
}
