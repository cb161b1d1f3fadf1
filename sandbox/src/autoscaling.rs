//! Amazon EC2 Auto Scaling over the query protocol: what the account may have, and its groups.
//!
//! The only groups are those that EKS makes for its node groups; there are no launch configurations.

use crate::ec2::instances::SCALING_GROUP_TAG;
use crate::error::{AwsError, AwsResult};
use crate::protocol::{Answer, Ctx, Protocol};
use crate::quotas::table;
use crate::service::{Operation, Service};
use crate::stores::eks::{Cluster, Nodegroup};
use crate::world::World;
use crate::xml::Xml;

/// Auto Scaling as the wire knows it.
pub(crate) const SERVICE: Service = Service {
    scope: "autoscaling",
    iam: "autoscaling",
    protocol: Protocol::Query { namespace: "http://autoscaling.amazonaws.com/doc/2011-01-01/" },
    operation,
};

const OPERATIONS: &[(&str, Operation)] =
    &[("DescribeAccountLimits", describe_limits), ("DescribeAutoScalingGroups", describe_groups)];

fn operation(action: &str) -> Option<Operation> {
    OPERATIONS.iter().find(|(name, _)| *name == action).map(|(_, operation)| *operation)
}

/// The page of a call that names no size, and the largest:
/// <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeAutoScalingGroups.html>.
const PAGE: i64 = 50;
const LARGEST_PAGE: i64 = 100;

/// Limits and present numbers in one answer:
/// <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeAccountLimits.html>.
fn describe_limits(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let groups = world.quotas.limit(&ctx.region, table::SCALING_GROUPS);
    let configurations = world.quotas.limit(&ctx.region, table::LAUNCH_CONFIGURATIONS);
    let clusters = world.region(&ctx.region).eks.clusters.values();
    let there: usize = clusters.map(|cluster| cluster.nodegroups.len()).sum();
    let mut xml = Xml::new();
    xml.text("MaxNumberOfAutoScalingGroups", groups)
        .text("MaxNumberOfLaunchConfigurations", configurations)
        .text("NumberOfAutoScalingGroups", there)
        .text("NumberOfLaunchConfigurations", 0);
    Ok(xml.into())
}

/// <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeAutoScalingGroups.html>: names that
/// are not there are passed over.
fn describe_groups(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let names = ctx.params.list("AutoScalingGroupNames");
    let size = ctx.params.int("MaxRecords")?.unwrap_or(PAGE);
    if !(1..=LARGEST_PAGE).contains(&size) {
        let text = "The value for MaxRecords must be between 1 and 100";
        return Err(AwsError::new("ValidationError", text));
    }
    let size = usize::try_from(size).unwrap_or_default();
    let after = ctx.params.get("NextToken").unwrap_or_default().to_owned();
    let account = world.account.clone();
    let state = world.region(&ctx.region);
    let all = state
        .eks
        .clusters
        .values()
        .flat_map(|cluster| cluster.nodegroups.values().map(move |group| (cluster, group)));
    let mut rows: Vec<_> = all
        .filter(|(_, group)| names.is_empty() || names.contains(&group.scaling_group))
        .filter(|(_, group)| group.scaling_group.as_str() > after.as_str())
        .collect();
    rows.sort_by(|one, next| one.1.scaling_group.cmp(&next.1.scaling_group));
    let more = rows.len() > size;
    rows.truncate(size);
    let mut xml = Xml::new();
    xml.members("AutoScalingGroups", &rows, |item, (cluster, group)| {
        write(item, &ctx.region, &account, cluster, group);
        let instances = state.ec2.instances.iter().filter(|(_, instance)| {
            instance.tags.get(SCALING_GROUP_TAG) == Some(&group.scaling_group)
                && ["pending", "running"].contains(&instance.state.as_str())
        });
        item.members("Instances", instances, |item, (id, instance)| {
            let lifecycle = if instance.state == "running" { "InService" } else { "Pending" };
            item.text("InstanceId", id)
                .text("InstanceType", &instance.instance_type)
                .text("AvailabilityZone", &instance.zone)
                .text("LifecycleState", lifecycle)
                .text("HealthStatus", "Healthy")
                .text("ProtectedFromScaleIn", false);
        });
    });
    xml.maybe("NextToken", rows.last().filter(|_| more).map(|(_, group)| &group.scaling_group));
    Ok(xml.into())
}

/// What EKS gives its groups: <https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html>.
fn write(xml: &mut Xml, region: &str, account: &str, cluster: &Cluster, group: &Nodegroup) {
    let name = &group.scaling_group;
    let uuid = group.arn.rsplit('/').next().unwrap_or_default();
    let arn =
        format!("arn:aws:autoscaling:{region}:{account}:autoScalingGroup:{uuid}:autoScalingGroupName/{name}");
    let subnets: Vec<&str> = group.subnets.iter().map(String::as_str).collect();
    let tags = [
        ("eks:cluster-name".to_owned(), cluster.name.as_str()),
        ("eks:nodegroup-name".to_owned(), group.name.as_str()),
        ("k8s.io/cluster-autoscaler/enabled".to_owned(), "true"),
        (format!("k8s.io/cluster-autoscaler/{}", cluster.name), "owned"),
        (format!("kubernetes.io/cluster/{}", cluster.name), "owned"),
    ];
    xml.text("AutoScalingGroupName", name)
        .text("AutoScalingGroupARN", arn)
        .text("MinSize", group.scaling.min)
        .text("MaxSize", group.scaling.max)
        .text("DesiredCapacity", group.scaling.desired)
        .text("DefaultCooldown", 300)
        .text("HealthCheckType", "EC2")
        .text("HealthCheckGracePeriod", 15)
        .text("CreatedTime", group.created)
        .text("VPCZoneIdentifier", subnets.join(","))
        .members("Tags", tags, |item, (key, value)| {
            item.text("ResourceId", name)
                .text("ResourceType", "auto-scaling-group")
                .text("Key", key)
                .text("Value", value)
                .text("PropagateAtLaunch", true);
        });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{REGION, build};
    use crate::xml::{text_of, texts_of};

    fn story() -> World {
        build("failed-eks", 0.0, "2026-11-20T10:00:00Z".parse().unwrap()).unwrap()
    }

    fn asked(world: &mut World, action: &str, params: &[(&str, &str)]) -> String {
        world.call("autoscaling", REGION, action, params).unwrap()
    }

    #[test]
    fn the_groups_of_node_groups_are_counted() {
        let mut world = story();
        world.quotas.apply(REGION, table::SCALING_GROUPS, 600.0);
        let told = asked(&mut world, "DescribeAccountLimits", &[]);
        for (name, value) in [
            ("MaxNumberOfAutoScalingGroups", "600"),
            ("MaxNumberOfLaunchConfigurations", "200"),
            ("NumberOfAutoScalingGroups", "2"),
            ("NumberOfLaunchConfigurations", "0"),
        ] {
            assert_eq!(text_of(&told, name).as_deref(), Some(value), "{name}");
        }
    }

    #[test]
    fn groups_come_in_pages_with_their_instances() {
        let mut world = story();
        let first = asked(&mut world, "DescribeAutoScalingGroups", &[("MaxRecords", "1")]);
        let token = text_of(&first, "NextToken").unwrap();
        let rest =
            asked(&mut world, "DescribeAutoScalingGroups", &[("MaxRecords", "1"), ("NextToken", &token)]);
        assert_eq!(text_of(&rest, "NextToken"), None);
        for page in [&first, &rest] {
            assert_eq!(texts_of(page, "AutoScalingGroupName").len(), 1);
            assert_eq!(texts_of(page, "InstanceId").len(), 2);
        }
        let none = asked(&mut world, "DescribeAutoScalingGroups", &[("AutoScalingGroupNames.member.1", "x")]);
        assert!(texts_of(&none, "AutoScalingGroupName").is_empty());
        let refusal =
            world.call("autoscaling", REGION, "DescribeAutoScalingGroups", &[("MaxRecords", "101")]);
        assert_eq!(refusal.unwrap_err().code, "ValidationError");
    }
}
