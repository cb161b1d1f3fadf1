//! As much of Amazon EC2 Auto Scaling as node groups need: a group keeps its number of instances.

use std::time::Duration;

use super::clusters;
use super::nodegroups;
use crate::ec2::instances::{self, Launch, SCALING_GROUP_TAG};
use crate::ec2::noun::LAUNCH_TEMPLATE;
use crate::ec2::unattached;
use crate::error::AwsResult;
use crate::stores::eks::{Cluster, Nodegroup, NodegroupStatus};
use crate::world::{Pace, World};

/// How soon a group notices that an instance is missing and launches another: "within a few minutes":
/// <https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-health-checks.html>.
pub const NOTICE: Duration = Duration::from_secs(60);

/// The image of nodes whose launch template names none: it stands for an EKS optimized AMI.
/// <https://docs.aws.amazon.com/eks/latest/userguide/eks-optimized-amis.html>
const NODE_IMAGE: &str = "ami-0e85e85e85e85e850";

/// The instances of a node group that are not ending or ended.
pub(crate) fn members(world: &mut World, region: &str, cluster: &str, nodegroup: &str) -> Vec<String> {
    let Some(group) = nodegroups::find(world, region, cluster, nodegroup) else { return Vec::new() };
    let scaling_group = group.scaling_group.clone();
    let instances = world.region(region).ec2.instances.iter();
    instances
        .filter(|(_, instance)| instance.tags.get(SCALING_GROUP_TAG) == Some(&scaling_group))
        .filter(|(_, instance)| !matches!(instance.state.as_str(), "shutting-down" | "terminated"))
        .map(|(id, _)| id.clone())
        .collect()
}

/// Has a group look after its instances soon; nothing if the group is gone by then.
pub(crate) fn restore_later(world: &mut World, region: &str, scaling_group: &str) {
    let (region, scaling_group) = (region.to_owned(), scaling_group.to_owned());
    world.after(NOTICE, move |world| {
        let found = world.region(&region).eks.clusters.values().find_map(|cluster| {
            let group = cluster.nodegroups.values().find(|group| group.scaling_group == scaling_group)?;
            Some((cluster.name.clone(), group.name.clone()))
        });
        if let Some((cluster, nodegroup)) = found {
            // A launch that EC2 refuses (a subnet that is gone) leaves the group short, as on AWS.
            let _refused = restore(world, &region, &cluster, &nodegroup, Pace::AsAws);
        }
    });
}

/// Replaces what is stopped or missing, as long as the node group is not being deleted.
pub(super) fn restore(
    world: &mut World,
    region: &str,
    cluster: &str,
    nodegroup: &str,
    pace: Pace,
) -> AwsResult<()> {
    let cluster = clusters::find(world, region, cluster)?.clone();
    let Some(group) = cluster.nodegroups.get(nodegroup) else { return Ok(()) };
    match group.status {
        NodegroupStatus::Creating | NodegroupStatus::Active | NodegroupStatus::CreateFailed => {}
        NodegroupStatus::Deleting | NodegroupStatus::DeleteFailed => return Ok(()),
    }
    let mut healthy = 0;
    for id in members(world, region, &cluster.name, nodegroup) {
        let state = world.region(region).ec2.instances.get(&id).map(|instance| instance.state.clone());
        match state.as_deref() {
            Some("pending" | "running") => healthy += 1,
            // A stopped instance is unhealthy to its group, which ends and replaces it (same page).
            _ => instances::terminate(world, region, &id),
        }
    }
    let subnets: Vec<&String> = group.subnets.iter().collect();
    for place in (healthy..group.scaling.desired).zip(subnets.iter().cycle()) {
        let launch = node(world, region, &cluster, group, place.1)?;
        let node = instances::launch(world, region, launch, pace)?;
        unattached::add_for_pods(world, region, &cluster.name, &node)?;
    }
    Ok(())
}

/// A node, with the tags and the group that EKS gives it:
/// <https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html>.
fn node(
    world: &mut World,
    region: &str,
    cluster: &Cluster,
    group: &Nodegroup,
    subnet: &str,
) -> AwsResult<Launch> {
    let templates = &world.region(region).ec2.launch_templates;
    let template = LAUNCH_TEMPLATE.find(&group.made_template, templates)?;
    let template = template.contents(None).cloned().unwrap_or_default();
    // The profile is named by the last part of the node group's ARN, as the Auto Scaling group is.
    let profile = group.arn.rsplit('/').next().unwrap_or_default().to_owned();
    let mut tags = template.instance_tags;
    tags.extend(
        [
            ("eks:cluster-name", cluster.name.as_str()),
            ("eks:nodegroup-name", &group.name),
            (&format!("kubernetes.io/cluster/{}", cluster.name), "owned"),
            ("k8s.io/cluster-autoscaler/enabled", "true"),
            (&format!("k8s.io/cluster-autoscaler/{}", cluster.name), "owned"),
            ("aws:eks:cluster-name", &cluster.name),
            (SCALING_GROUP_TAG, &group.scaling_group),
            ("aws:ec2launchtemplate:id", &group.made_template),
            ("aws:ec2launchtemplate:version", "1"),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_owned())),
    );
    let access = group.remote_access.as_ref();
    let groups = [&cluster.cluster_group].into_iter().chain(access.map(|access| &access.group));
    Ok(Launch {
        subnet: subnet.to_owned(),
        groups: groups.cloned().collect(),
        instance_type: template.instance_type.unwrap_or_else(|| "t3.medium".to_owned()),
        image: template.image.unwrap_or_else(|| NODE_IMAGE.to_owned()),
        root_gib: group.disk_size.unwrap_or(0),
        spot: group.capacity_type == "SPOT",
        key_name: access.map(|access| access.key.clone()),
        volume_tags: template.volume_tags,
        profile_arn: Some(format!("arn:aws:iam::{}:instance-profile/eks-{profile}", world.account)),
        reservation: world.ids.ec2("r"),
        tags,
        ..Default::default()
    })
}
