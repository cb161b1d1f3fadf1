//! Managed node groups: create, describe, list, delete.
//!
//! Their instances are run by `scaling`.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::json;

use super::makings::{self, For};
use super::request::{Body, page};
use super::{
    clusters, in_use, invalid_parameter, invalid_request, json as render, limit_exceeded, not_found, roles,
    scaling,
};
use crate::ec2::{instances, launch_templates};
use crate::error::AwsResult;
use crate::iam::profiles;
use crate::protocol::{Answer, Ctx};
use crate::query::Params;
use crate::quotas::table;
use crate::stores::eks::{
    Cluster, ClusterStatus, Issue, Nodegroup, NodegroupStatus, Nodes, RemoteAccess, Scaling, TemplateRef,
};
use crate::tags::Tags;
use crate::world::{Pace, World};

/// How long a node group is CREATING when its nodes join; customary.
/// <https://docs.aws.amazon.com/eks/latest/userguide/create-managed-node-group.html>
pub const CREATION: Duration = Duration::from_secs(2 * 60);

/// How long EKS waits for nodes to join before it gives the creation up (`NodeCreationFailure`):
/// <https://docs.aws.amazon.com/eks/latest/userguide/troubleshooting.html>.
pub const JOIN_DEADLINE: Duration = Duration::from_secs(15 * 60);

/// How long a node group that is deleted drains its nodes before they are terminated. A node is waited for
/// up to 15 minutes: <https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html>.
pub const DRAIN: Duration = Duration::from_secs(2 * 60);

/// How long, after the nodes are ended, EKS takes to remove the Auto Scaling group and the launch template.
/// <https://docs.aws.amazon.com/eks/latest/userguide/delete-managed-node-group.html>; customary time.
pub const REMOVAL: Duration = Duration::from_secs(30);

/// What a node group is created from.
#[derive(Debug, Clone)]
pub struct NewNodegroup {
    /// Its name, unique in its cluster.
    pub name: String,
    /// The ARN of its nodes' role.
    pub node_role: String,
    /// The subnets of its nodes.
    pub subnets: BTreeSet<String>,
    /// How many nodes.
    pub scaling: Scaling,
    /// Instance types; none: `t3.medium`, as EKS does.
    pub instance_types: Vec<String>,
    /// `AL2023_x86_64_STANDARD`, `CUSTOM`, …
    pub ami_type: Option<String>,
    /// `ON_DEMAND` or `SPOT`.
    pub capacity_type: Option<String>,
    /// Size of the nodes' root volumes.
    pub disk_size: Option<u32>,
    /// Kubernetes labels of the nodes.
    pub labels: BTreeMap<String, String>,
    /// The user's own launch template.
    pub template: Option<TemplateRef>,
    /// The key pair that is to open its nodes to SSH.
    pub ssh_key: Option<String>,
    /// Whether its nodes join the cluster.
    pub nodes: Nodes,
    /// Its tags. They do not reach the instances.
    pub tags: Tags,
}

impl NewNodegroup {
    /// A node group of so many nodes, all else by default.
    pub(crate) fn of(name: &str, node_role: &str, subnets: BTreeSet<String>, nodes: u32) -> Self {
        Self {
            name: name.to_owned(),
            node_role: node_role.to_owned(),
            subnets,
            scaling: Scaling { min: 0, max: nodes.max(1), desired: nodes },
            instance_types: Vec::new(),
            ami_type: None,
            capacity_type: None,
            disk_size: None,
            labels: BTreeMap::new(),
            template: None,
            ssh_key: None,
            nodes: Nodes::Join,
            tags: Tags::new(),
        }
    }

    fn from_body(world: &mut World, region: &str, body: &Body) -> AwsResult<Self> {
        let scaling = body.object("scalingConfig");
        // The defaults of the page of CreateNodegroup: one to two nodes, two wanted.
        let (min, max) = (scaling.number("minSize").unwrap_or(1), scaling.number("maxSize").unwrap_or(2));
        let desired = scaling.number("desiredSize").unwrap_or(max.min(2));
        if min > max || !(min..=max).contains(&desired) {
            return Err(invalid_parameter("desiredSize must be between minSize and maxSize"));
        }
        let template = body.has("launchTemplate").then(|| body.object("launchTemplate"));
        Ok(Self {
            scaling: Scaling { min, max, desired },
            instance_types: body.texts("instanceTypes"),
            ami_type: body.text("amiType"),
            capacity_type: body.text("capacityType"),
            disk_size: body.number("diskSize"),
            labels: body.map("labels"),
            template: template.map(|named| find_template(world, region, &named)).transpose()?,
            ssh_key: body.object("remoteAccess").text("ec2SshKey"),
            nodes: world.region(region).eks.nodes,
            tags: body.map("tags"),
            ..Self::of(
                &body.required("nodegroupName")?,
                &body.required("nodeRole")?,
                body.texts("subnets").into_iter().collect(),
                desired,
            )
        })
    }
}

fn find_template(world: &mut World, region: &str, named: &Body) -> AwsResult<TemplateRef> {
    let (id, name) = (named.text("id").unwrap_or_default(), named.text("name").unwrap_or_default());
    let params = Params::from_pairs(&[("LaunchTemplateId", &id), ("LaunchTemplateName", &name)]);
    let ec2 = &world.region(region).ec2;
    let id = launch_templates::resolve(ec2, &params).map_err(|refusal| invalid_request(refusal.message))?;
    let name = ec2.launch_templates.get(&id).map(|template| template.name.clone()).unwrap_or_default();
    Ok(TemplateRef { id, name, version: named.text("version").unwrap_or_else(|| "1".to_owned()) })
}

/// CreateNodegroup: <https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateNodegroup.html>.
pub(super) fn create(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let body = Body::of(ctx);
    let new = NewNodegroup::from_body(world, &ctx.region, &body)?;
    create_nodegroup(world, &ctx.region, &body.required("clusterName")?, new, Pace::AsAws)?;
    describe(world, ctx)
}

/// Creates a node group as CreateNodegroup does, in AWS's time or at once.
pub(crate) fn create_nodegroup(
    world: &mut World,
    region: &str,
    cluster_name: &str,
    new: NewNodegroup,
    pace: Pace,
) -> AwsResult<()> {
    let cluster = clusters::find(world, region, cluster_name)?.clone();
    check(world, region, &cluster, &new)?;
    let (nodes, name) = (new.nodes, new.name.clone());
    let group = make(world, region, &cluster, new)?;
    clusters::find(world, region, cluster_name)?.nodegroups.insert(name.clone(), group);
    // What EC2 refuses to launch is missing at the end, and fails the creation then.
    let _short = scaling::restore(world, region, cluster_name, &name, pace);
    let (region, cluster) = (region.to_owned(), cluster_name.to_owned());
    let delay = match nodes {
        Nodes::Join => CREATION,
        Nodes::NeverJoin => JOIN_DEADLINE,
    };
    pace.then(world, delay, move |world| finish_creation(world, &region, &cluster, &name, nodes));
    Ok(())
}

fn check(world: &mut World, region: &str, cluster: &Cluster, new: &NewNodegroup) -> AwsResult<()> {
    if cluster.status != ClusterStatus::Active {
        return Err(invalid_request(format!("Cluster '{}' is not in ACTIVE status", cluster.name)));
    }
    if cluster.nodegroups.contains_key(&new.name) {
        return Err(in_use(format!(
            "NodeGroup already exists with name {} and cluster name {}",
            new.name, cluster.name
        )));
    }
    if cluster.nodegroups.len() >= world.quotas.limit(region, table::NODEGROUPS) {
        return Err(limit_exceeded("Nodegroup limit exceeded for the cluster."));
    }
    if new.scaling.max as usize > world.quotas.limit(region, table::NODES) {
        return Err(limit_exceeded("Node limit exceeded for the nodegroup."));
    }
    roles::check(world, &new.node_role)?;
    if new.subnets.is_empty() {
        return Err(invalid_parameter("Subnets are required"));
    }
    let known = &world.region(region).ec2.subnets;
    match new.subnets.iter().find(|id| known.get(*id).is_none_or(|subnet| subnet.vpc != cluster.vpc)) {
        Some(id) => Err(invalid_parameter(format!("The subnet ID '{id}' does not exist in {}", cluster.vpc))),
        None => Ok(()),
    }
}

fn make(world: &mut World, region: &str, cluster: &Cluster, new: NewNodegroup) -> AwsResult<Nodegroup> {
    let uuid = world.ids.uuid();
    let now = world.clock.now();
    let owner = For { cluster, nodegroup: &new.name, uuid: &uuid };
    // What the user's launch template may tell is left to it: the page of CreateNodegroup.
    let alone = new.template.is_none();
    let mut instance_types = new.instance_types;
    if instance_types.is_empty() && alone {
        instance_types.push("t3.medium".to_owned());
    }
    let remote_access = match new.ssh_key {
        Some(key) => Some(RemoteAccess { key, group: makings::make_group(world, region, &owner)? }),
        None => None,
    };
    let made_template =
        makings::make_template(world, region, &owner, new.template.as_ref(), instance_types.first());
    profiles::make_for_nodes(world, &format!("eks-{uuid}"), &new.node_role);
    Ok(Nodegroup {
        arn: format!("arn:aws:eks:{region}:{}:nodegroup/{}/{}/{uuid}", world.account, cluster.name, new.name),
        created: now,
        modified: now,
        status: NodegroupStatus::Creating,
        version: cluster.version.clone(),
        scaling: new.scaling,
        instance_types,
        ami_type: new.ami_type.unwrap_or_else(|| "AL2023_x86_64_STANDARD".to_owned()),
        capacity_type: new.capacity_type.unwrap_or_else(|| "ON_DEMAND".to_owned()),
        disk_size: new.disk_size.or(alone.then_some(20)),
        subnets: new.subnets,
        node_role: new.node_role,
        labels: new.labels,
        made_template,
        template: new.template,
        scaling_group: format!("eks-{}-{uuid}", new.name),
        remote_access,
        issues: Vec::new(),
        failing_deletions: 0,
        tags: new.tags,
        name: new.name,
    })
}

fn finish_creation(world: &mut World, region: &str, cluster: &str, name: &str, nodes: Nodes) {
    let members = scaling::members(world, region, cluster, name);
    let now = world.clock.now();
    let Some(group) = find(world, region, cluster, name) else { return };
    if group.status != NodegroupStatus::Creating {
        return;
    }
    group.modified = now;
    // The instances of a failed creation stay and go on costing, and the cluster cannot be deleted:
    // https://docs.aws.amazon.com/eks/latest/userguide/troubleshooting.html
    let (code, message) = match nodes {
        _ if members.len() < group.scaling.desired as usize => {
            ("AsgInstanceLaunchFailures", "Could not launch On-Demand Instances.")
        }
        Nodes::Join => {
            group.status = NodegroupStatus::Active;
            return;
        }
        Nodes::NeverJoin => ("NodeCreationFailure", "Instances failed to join the kubernetes cluster"),
    };
    group.status = NodegroupStatus::CreateFailed;
    group.issues = vec![Issue { code: code.to_owned(), message: message.to_owned(), resources: members }];
}

/// DescribeNodegroup: <https://docs.aws.amazon.com/eks/latest/APIReference/API_DescribeNodegroup.html>.
pub(super) fn describe(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let body = Body::of(ctx);
    let cluster = clusters::find(world, &ctx.region, &body.required("clusterName")?)?;
    let name = body.required("nodegroupName")?;
    let group = cluster.nodegroups.get(&name).ok_or_else(|| missing(&name))?;
    Ok(json!({ "nodegroup": render::nodegroup(cluster, group) }).into())
}

/// ListNodegroups: <https://docs.aws.amazon.com/eks/latest/APIReference/API_ListNodegroups.html>.
pub(super) fn list(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let body = Body::of(ctx);
    let cluster = clusters::find(world, &ctx.region, &body.required("clusterName")?)?;
    page("nodegroups", cluster.nodegroups.keys().cloned().collect(), &body).map(Answer::from)
}

/// DeleteNodegroup: <https://docs.aws.amazon.com/eks/latest/APIReference/API_DeleteNodegroup.html>.
pub(super) fn delete(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let body = Body::of(ctx);
    let (cluster_name, name) = (body.required("clusterName")?, body.required("nodegroupName")?);
    let now = world.clock.now();
    let cluster = clusters::find(world, &ctx.region, &cluster_name)?;
    let group = cluster.nodegroups.get_mut(&name).ok_or_else(|| missing(&name))?;
    match group.status {
        NodegroupStatus::Active | NodegroupStatus::CreateFailed | NodegroupStatus::DeleteFailed => {}
        // "The specified resource is in use"; the sentence is not documented.
        NodegroupStatus::Creating | NodegroupStatus::Deleting => {
            let status = group.status.as_str();
            return Err(in_use(format!("Nodegroup {name} cannot be deleted while it is {status}")));
        }
    }
    group.status = NodegroupStatus::Deleting;
    group.issues.clear();
    group.modified = now;
    let group = cluster.nodegroups.get(&name).ok_or_else(|| missing(&name))?;
    let answer = json!({ "nodegroup": render::nodegroup(cluster, group) });
    let region = ctx.region.clone();
    world.after(DRAIN, move |world| end_nodes(world, region, cluster_name, name));
    Ok(answer.into())
}

fn end_nodes(world: &mut World, region: String, cluster: String, name: String) {
    if ends_for_its_roles(world, &region, &cluster, &name) {
        return;
    }
    // Termination protection does not hold Auto Scaling off:
    // https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_ChangingDisableAPITermination.html
    for id in scaling::members(world, &region, &cluster, &name) {
        instances::terminate(world, &region, &id);
    }
    world.after(instances::SHUTDOWN + REMOVAL, move |world| finish_deletion(world, &region, &cluster, &name));
}

/// Ends a deletion as DELETE_FAILED if the roles that it needs are not there, and says whether it did.
fn ends_for_its_roles(world: &mut World, region: &str, cluster: &str, name: &str) -> bool {
    let Ok(record) = clusters::find(world, region, cluster).cloned() else { return false };
    let Some(group) = record.nodegroups.get(name) else { return false };
    let Some(issue) = roles::issue_of_nodegroup(world, &record, group) else { return false };
    if let Some(group) = find(world, region, cluster, name) {
        group.status = NodegroupStatus::DeleteFailed;
        group.issues = vec![issue];
    }
    true
}

fn finish_deletion(world: &mut World, region: &str, cluster: &str, name: &str) {
    if ends_for_its_roles(world, region, cluster, name) {
        return;
    }
    let Some(group) = find(world, region, cluster, name) else { return };
    let (template, access) = (group.made_template.clone(), group.remote_access.clone());
    let profile = roles::profile_name(group);
    let fails = group.failing_deletions > 0;
    group.failing_deletions = group.failing_deletions.saturating_sub(1);
    let resource = access.as_ref().map_or_else(|| group.scaling_group.clone(), |access| access.group.clone());
    if fails || access.is_some_and(|access| !makings::remove_group(world, region, &access.group)) {
        let Some(group) = find(world, region, cluster, name) else { return };
        group.status = NodegroupStatus::DeleteFailed;
        // https://docs.aws.amazon.com/eks/latest/APIReference/API_Issue.html
        group.issues = vec![Issue {
            code: "Ec2SecurityGroupDeletionFailure".to_owned(),
            message: "DependencyViolation - resource has a dependent object".to_owned(),
            resources: vec![resource],
        }];
        return;
    }
    profiles::remove_from_nodes(world, &profile);
    let region = world.region(region);
    region.ec2.launch_templates.remove(&template);
    if let Some(cluster) = region.eks.clusters.get_mut(cluster) {
        cluster.nodegroups.remove(name);
    }
}

fn missing(name: &str) -> crate::error::AwsError {
    not_found(format!("No node group found for name: {name}."))
}

/// The node group of this name, if it is there.
pub(super) fn find<'world>(
    world: &'world mut World,
    region: &str,
    cluster: &str,
    name: &str,
) -> Option<&'world mut Nodegroup> {
    world.region(region).eks.clusters.get_mut(cluster)?.nodegroups.get_mut(name)
}
