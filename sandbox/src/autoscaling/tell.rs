//! DescribeAutoScalingGroups: the groups of node groups and those of users, in one row of names.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::page_size;
use crate::ec2::instances::SCALING_GROUP_TAG;
use crate::error::AwsResult;
use crate::protocol::{Answer, Ctx};
use crate::query::Params;
use crate::stores::autoscaling::{LaunchFrom, ScalingGroup, TemplateUse};
use crate::stores::ec2::Ec2;
use crate::stores::eks::{Cluster, Nodegroup};
use crate::world::World;
use crate::xml::Xml;

/// A group, whoever made it.
struct Row {
    name: String,
    arn: String,
    created: Timestamp,
    launch: LaunchFrom,
    sizes: (u32, u32, u32),
    subnets: Vec<String>,
    target_groups: Vec<String>,
    suspended: BTreeMap<String, String>,
    deleting: bool,
    tags: BTreeMap<String, (String, bool)>,
}

impl Row {
    /// What EKS gives its groups: <https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html>.
    fn of_nodes(region: &str, account: &str, ec2: &Ec2, cluster: &Cluster, group: &Nodegroup) -> Self {
        let name = group.scaling_group.clone();
        let uuid = group.arn.rsplit('/').next().unwrap_or_default();
        let tags = [
            ("eks:cluster-name".to_owned(), cluster.name.as_str()),
            ("eks:nodegroup-name".to_owned(), group.name.as_str()),
            ("k8s.io/cluster-autoscaler/enabled".to_owned(), "true"),
            (format!("k8s.io/cluster-autoscaler/{}", cluster.name), "owned"),
            (format!("kubernetes.io/cluster/{}", cluster.name), "owned"),
        ];
        let id = group.made_template.clone();
        let template =
            ec2.launch_templates.get(&id).map(|template| template.name.clone()).unwrap_or_default();
        Self {
            arn: format!(
                "arn:aws:autoscaling:{region}:{account}:autoScalingGroup:{uuid}:autoScalingGroupName/{name}"
            ),
            name,
            created: group.created,
            launch: LaunchFrom::Mixed(
                TemplateUse { id, name: template, version: Some("1".to_owned()) },
                Vec::new(),
            ),
            sizes: (group.scaling.min, group.scaling.max, group.scaling.desired),
            subnets: group.subnets.iter().cloned().collect(),
            target_groups: Vec::new(),
            suspended: BTreeMap::new(),
            deleting: false,
            tags: tags.into_iter().map(|(key, value)| (key, (value.to_owned(), true))).collect(),
        }
    }

    fn of_user(name: &str, group: &ScalingGroup) -> Self {
        Self {
            name: name.to_owned(),
            arn: group.arn.clone(),
            created: group.created,
            launch: group.launch.clone(),
            sizes: (group.min, group.max, group.desired),
            subnets: group.subnets.clone(),
            target_groups: group.target_groups.iter().cloned().collect(),
            suspended: group.suspended.clone(),
            deleting: group.deleting,
            tags: group.tags.clone(),
        }
    }

    /// Whether its tags fit a filter: `tag:KEY`, `tag-key`, `tag-value`.
    fn fits(&self, filter: &Params) -> bool {
        let values = filter.list("Values");
        let named = filter.get("Name").unwrap_or_default();
        let found = |text: &str| values.iter().any(|value| value == text);
        match named.strip_prefix("tag:") {
            Some(key) => self.tags.get(key).is_some_and(|(value, _)| found(value)),
            None if named == "tag-key" => self.tags.keys().any(|key| found(key)),
            None => self.tags.values().any(|(value, _)| found(value)),
        }
    }
}

/// <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeAutoScalingGroups.html>: names that
/// are not there are passed over.
pub(super) fn describe_groups(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let names = ctx.params.list("AutoScalingGroupNames");
    let filters = ctx.params.items("Filters");
    let size = page_size(ctx)?;
    let after = ctx.params.get("NextToken").unwrap_or_default();
    let account = world.account.clone();
    let state = world.region(&ctx.region);
    let of_nodes = state.eks.clusters.values().flat_map(|cluster| {
        let groups = cluster.nodegroups.values();
        groups.map(|group| Row::of_nodes(&ctx.region, &account, &state.ec2, cluster, group))
    });
    let of_users = state.autoscaling.groups.iter().map(|(name, group)| Row::of_user(name, group));
    let mut rows: Vec<Row> = of_nodes
        .chain(of_users)
        .filter(|row| names.is_empty() || names.contains(&row.name))
        .filter(|row| filters.iter().all(|filter| row.fits(filter)))
        .filter(|row| row.name.as_str() > after)
        .collect();
    rows.sort_by(|one, next| one.name.cmp(&next.name));
    let more = rows.len() > size;
    rows.truncate(size);
    let mut xml = Xml::new();
    xml.members("AutoScalingGroups", &rows, |item, row| write(item, &state.ec2, row));
    xml.maybe("NextToken", rows.last().filter(|_| more).map(|row| &row.name));
    Ok(xml.into())
}

fn write(xml: &mut Xml, ec2: &Ec2, row: &Row) {
    xml.text("AutoScalingGroupName", &row.name).text("AutoScalingGroupARN", &row.arn);
    write_launch(xml, &row.launch);
    let (min, max, desired) = row.sizes;
    xml.text("MinSize", min)
        .text("MaxSize", max)
        .text("DesiredCapacity", desired)
        .text("DefaultCooldown", 300)
        .member_texts("TargetGroupARNs", &row.target_groups)
        .text("HealthCheckType", "EC2")
        .text("HealthCheckGracePeriod", 15);
    let instances = ec2.instances.iter().filter(|(_, instance)| {
        instance.tags.get(SCALING_GROUP_TAG) == Some(&row.name)
            && ["pending", "running"].contains(&instance.state.as_str())
    });
    xml.members("Instances", instances, |item, (id, instance)| {
        let lifecycle = if instance.state == "running" { "InService" } else { "Pending" };
        item.text("InstanceId", id)
            .text("InstanceType", &instance.instance_type)
            .text("AvailabilityZone", &instance.zone)
            .text("LifecycleState", lifecycle)
            .text("HealthStatus", "Healthy");
        match &row.launch {
            LaunchFrom::Template(used) | LaunchFrom::Mixed(used, _) => {
                item.node("LaunchTemplate", |node| write_template(node, used));
            }
            LaunchFrom::Configuration(name) => {
                item.text("LaunchConfigurationName", name);
            }
        }
        item.text("ProtectedFromScaleIn", false);
    });
    xml.text("CreatedTime", row.created)
        .members("SuspendedProcesses", &row.suspended, |item, (process, reason)| {
            item.text("ProcessName", process).text("SuspensionReason", reason);
        })
        .text("VPCZoneIdentifier", row.subnets.join(","))
        .maybe("Status", row.deleting.then_some("Delete in progress"))
        .members("Tags", &row.tags, |item, (key, (value, reaches))| {
            item.text("ResourceId", &row.name)
                .text("ResourceType", "auto-scaling-group")
                .text("Key", key)
                .text("Value", value)
                .text("PropagateAtLaunch", reaches);
        });
}

fn write_launch(xml: &mut Xml, launch: &LaunchFrom) {
    match launch {
        LaunchFrom::Configuration(name) => {
            xml.text("LaunchConfigurationName", name);
        }
        LaunchFrom::Template(used) => {
            xml.node("LaunchTemplate", |node| write_template(node, used));
        }
        LaunchFrom::Mixed(used, overrides) => {
            xml.node("MixedInstancesPolicy", |policy| {
                policy.node("LaunchTemplate", |inside| {
                    inside.node("LaunchTemplateSpecification", |node| write_template(node, used));
                    inside.members("Overrides", overrides, |item, over| {
                        item.maybe("InstanceType", over.instance_type.as_ref());
                        if let Some(used) = &over.template {
                            item.node("LaunchTemplateSpecification", |node| write_template(node, used));
                        }
                    });
                });
            });
        }
    }
}

fn write_template(xml: &mut Xml, used: &TemplateUse) {
    xml.text("LaunchTemplateId", &used.id)
        .text("LaunchTemplateName", &used.name)
        .maybe("Version", used.version.as_ref());
}
