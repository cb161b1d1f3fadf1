//! The roles, policies and profiles of a stack.

use serde_json::json;

use super::ScenarioError;
use super::builder::Builder;
use super::network::Owner;
use crate::stores::iam::service_trust;

/// A role's name and ARN.
#[derive(Debug, Clone)]
pub(super) struct Role {
    pub(super) name: String,
    pub(super) arn: String,
}

/// What AWS wants on a cluster's role:
/// <https://docs.aws.amazon.com/eks/latest/userguide/cluster-iam-role.html>.
const CLUSTER_POLICIES: [&str; 1] = ["arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"];

/// What AWS wants on a node's role:
/// <https://docs.aws.amazon.com/eks/latest/userguide/create-node-role.html>.
const NODE_POLICIES: [&str; 3] = [
    "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy",
    "arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy",
    "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly",
];

fn make_role(
    builder: &mut Builder,
    owner: &Owner,
    thing: &str,
    service: &str,
) -> Result<Role, ScenarioError> {
    let name = builder.pulumi_name(&format!("{}-{thing}", owner.prefix));
    let trust = service_trust(service);
    let params = [("RoleName", name.as_str()), ("AssumeRolePolicyDocument", &trust)];
    let arn = builder.make_tagged("iam", "CreateRole", &params, &owner.tags)?.text("Arn")?;
    Ok(Role { name, arn })
}

fn attach(builder: &mut Builder, role: &Role, policies: &[&str]) -> Result<(), ScenarioError> {
    for policy in policies {
        builder.call("iam", "AttachRolePolicy", &[("RoleName", &role.name), ("PolicyArn", policy)])?;
    }
    Ok(())
}

/// A policy document that allows these actions on everything.
fn allowing(actions: &[&str]) -> String {
    json!({
        "Version": "2012-10-17",
        "Statement": [{ "Effect": "Allow", "Action": actions, "Resource": "*" }],
    })
    .to_string()
}

/// A cluster's role.
pub(super) fn make_cluster_role(builder: &mut Builder, owner: &Owner) -> Result<Role, ScenarioError> {
    let role = make_role(builder, owner, "eksCluster-role", "eks.amazonaws.com")?;
    attach(builder, &role, &CLUSTER_POLICIES)?;
    Ok(role)
}

/// A node group's role.
pub(super) fn make_node_role(builder: &mut Builder, owner: &Owner) -> Result<Role, ScenarioError> {
    let role = make_role(builder, owner, "node-role", "ec2.amazonaws.com")?;
    attach(builder, &role, &NODE_POLICIES)?;
    Ok(role)
}

/// An inline policy.
pub(super) fn add_inline(builder: &mut Builder, role: &Role, name: &str) -> Result<(), ScenarioError> {
    let document = allowing(&["cloudwatch:PutMetricData", "logs:PutLogEvents"]);
    let params = [("RoleName", role.name.as_str()), ("PolicyName", name), ("PolicyDocument", &document)];
    builder.call("iam", "PutRolePolicy", &params).map(|_| ())
}

/// A customer policy with two versions, attached to the role.
pub(super) fn add_policy(builder: &mut Builder, owner: &Owner, role: &Role) -> Result<(), ScenarioError> {
    let name = builder.pulumi_name(&format!("{}-imagePullPolicy", owner.prefix));
    let first = allowing(&["ecr:GetAuthorizationToken"]);
    let params = [("PolicyName", name.as_str()), ("PolicyDocument", &first)];
    let arn = builder.make_tagged("iam", "CreatePolicy", &params, &owner.tags)?.text("Arn")?;
    let second = allowing(&["ecr:GetAuthorizationToken", "ecr:BatchGetImage"]);
    let params = [("PolicyArn", arn.as_str()), ("PolicyDocument", &second), ("SetAsDefault", "true")];
    builder.call("iam", "CreatePolicyVersion", &params)?;
    attach(builder, role, &[&arn])
}

/// An instance profile that holds the role.
pub(super) fn add_profile(builder: &mut Builder, owner: &Owner, role: &Role) -> Result<(), ScenarioError> {
    let name = builder.pulumi_name(&format!("{}-node-profile", owner.prefix));
    let params = [("InstanceProfileName", name.as_str())];
    builder.make_tagged("iam", "CreateInstanceProfile", &params, &owner.tags)?;
    let params = [("InstanceProfileName", name.as_str()), ("RoleName", &role.name)];
    builder.call("iam", "AddRoleToInstanceProfile", &params).map(|_| ())
}
