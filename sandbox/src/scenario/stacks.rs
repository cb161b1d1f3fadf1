//! What the scenarios with CloudFormation stacks share: making and deleting stacks, and what controllers of a
//! cluster leave in its VPC.

use std::time::Duration;

use serde_json::{Value, json};

use super::ScenarioError;
use super::builder::{Builder, minutes, tags};
use super::network::{add_group, let_in};
use crate::stores::cloudformation::{Stack, StackStatus};
use crate::tags::Tags;

/// Makes a stack of this template; waits until it is made. Gives its id.
pub(super) fn make_stack(
    builder: &mut Builder,
    name: &str,
    tags: &Tags,
    (resources, outputs): (Value, Value),
) -> Result<String, ScenarioError> {
    let template = json!({
        "AWSTemplateFormatVersion": "2010-09-09", "Resources": resources, "Outputs": outputs,
    });
    let body = template.to_string();
    let params = [
        ("StackName", name),
        ("TemplateBody", &body),
        ("Capabilities.member.1", "CAPABILITY_IAM"),
        ("Capabilities.member.2", "CAPABILITY_NAMED_IAM"),
    ];
    let id = builder.make_tagged("cloudformation", "CreateStack", &params, tags)?.text("StackId")?;
    await_end(builder, &id);
    expect(builder, &id, StackStatus::CreateComplete)?;
    Ok(id)
}

/// Deletes a stack, with what is to be left behind; waits for its end, which has to be this one.
pub(super) fn delete_stack(
    builder: &mut Builder,
    id: &str,
    retain: &[&str],
    end: StackStatus,
) -> Result<(), ScenarioError> {
    let numbered = (1..).zip(retain).map(|(number, it)| (format!("RetainResources.member.{number}"), *it));
    let numbered: Vec<(String, &str)> = numbered.collect();
    let mut params = vec![("StackName", id)];
    params.extend(numbered.iter().map(|(name, value)| (name.as_str(), *value)));
    builder.call("cloudformation", "DeleteStack", &params)?;
    await_end(builder, id);
    expect(builder, id, end)
}

/// The stack of this id.
pub(super) fn stack<'b>(builder: &'b mut Builder, id: &str) -> Option<&'b mut Stack> {
    let region = builder.region.clone();
    builder.world.region(&region).cloudformation.stacks.get_mut(id)
}

/// The physical id of a member.
pub(super) fn physical(builder: &mut Builder, id: &str, logical: &str) -> Result<String, ScenarioError> {
    let silent = || ScenarioError::Silent { action: "CreateStack".to_owned(), field: logical.to_owned() };
    let member = stack(builder, id).and_then(|stack| stack.members.get(logical));
    member.and_then(|member| member.physical.clone()).ok_or_else(silent)
}

fn await_end(builder: &mut Builder, id: &str) {
    let step = Duration::from_secs(30);
    for _ in 0..240 {
        builder.wait(step);
        if stack(builder, id).is_none_or(|stack| stack.work.is_none()) {
            return;
        }
    }
}

fn expect(builder: &mut Builder, id: &str, end: StackStatus) -> Result<(), ScenarioError> {
    let told = stack(builder, id).map(|stack| (stack.status, stack.reason.clone()));
    match told {
        Some((status, _)) if status == end => Ok(()),
        told => {
            Err(ScenarioError::Silent { action: format!("{id}: {told:?}"), field: end.as_str().to_owned() })
        }
    }
}

/// An interface of the VPC CNI that outlived its node: free, with the cluster's own group.
/// <https://github.com/aws/amazon-vpc-cni-k8s/issues/608> tells how it comes about, and
/// <https://github.com/aws/amazon-vpc-cni-k8s/blob/master/README.md> its tags.
pub(super) fn leave_interface(
    builder: &mut Builder,
    cluster: &str,
    subnet: &str,
) -> Result<String, ScenarioError> {
    let region = builder.region.clone();
    let group = builder.world.region(&region).eks.clusters.get(cluster).map(|it| it.cluster_group.clone());
    let instance = builder.world.ids.ec2("i");
    let made = builder.world.clock.now().to_string();
    let marks = tags(&[
        ("cluster.k8s.amazonaws.com/name", cluster),
        ("node.k8s.amazonaws.com/createdAt", made.as_str()),
        ("node.k8s.amazonaws.com/instance_id", instance.as_str()),
    ]);
    let (description, group) = (format!("aws-K8S-{instance}"), group.unwrap_or_default());
    let params = [("SubnetId", subnet), ("Description", &description), ("SecurityGroupId.1", &group)];
    builder.make("CreateNetworkInterface", &params, ("network-interface", &marks))?.text("networkInterfaceId")
}

/// A load balancer of the AWS Load Balancer Controller for a Service, with its target group and its group:
/// <https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/annotations/>.
pub(super) fn leave_balancer(
    builder: &mut Builder,
    cluster: &str,
    (vpc, subnets): (&str, &[String]),
) -> Result<(), ScenarioError> {
    let region = builder.region.clone();
    let nodes = builder.world.region(&region).eks.clusters.get(cluster).map(|it| it.cluster_group.clone());
    let mark = |resource: &str| {
        tags(&[
            ("elbv2.k8s.aws/cluster", cluster),
            ("service.k8s.aws/stack", "shop/web"),
            ("service.k8s.aws/resource", resource),
        ])
    };
    let name = format!("k8s-shop-web-{}", builder.world.ids.hex(10));
    let group = add_group(builder, vpc, &name, &mark("ManagedLBSecurityGroup"))?;
    if let Some(nodes) = nodes {
        let_in(builder, &nodes, &group, ("8080", "8080"))?;
    }
    let mut params = vec![
        ("Name", name.as_str()),
        ("Type", "network"),
        ("Scheme", "internet-facing"),
        ("SecurityGroups.member.1", &group),
    ];
    let places = ["Subnets.member.1", "Subnets.member.2"];
    params.extend(places.into_iter().zip(subnets.iter().map(String::as_str)));
    let told =
        builder.make_tagged("elasticloadbalancing", "CreateLoadBalancer", &params, &mark("LoadBalancer"))?;
    let balancer = told.text("LoadBalancerArn")?;
    let params = [
        ("Name", name.as_str()),
        ("Protocol", "TCP"),
        ("Port", "8080"),
        ("VpcId", vpc),
        ("TargetType", "ip"),
    ];
    let told =
        builder.make_tagged("elasticloadbalancing", "CreateTargetGroup", &params, &mark("shop/web:80"))?;
    let target = told.text("TargetGroupArn")?;
    let params = [
        ("LoadBalancerArn", balancer.as_str()),
        ("Protocol", "TCP"),
        ("Port", "80"),
        ("DefaultActions.member.1.Type", "forward"),
        ("DefaultActions.member.1.TargetGroupArn", &target),
    ];
    builder.make_tagged("elasticloadbalancing", "CreateListener", &params, &mark("80"))?;
    builder.wait(minutes(3));
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::World;
    use crate::scenario::{REGION, build};
    use crate::stores::cloudformation::MemberStatus;

    fn world(name: &str) -> World {
        build(name, 0.0, "2026-11-20T10:00:00Z".parse().unwrap()).unwrap()
    }

    /// Name and status of every stack.
    fn stacks(world: &mut World) -> Vec<(String, &'static str)> {
        let stacks = world.region(REGION).cloudformation.stacks.values();
        let mut all: Vec<_> = stacks.map(|it| (it.name.clone(), it.status.as_str())).collect();
        all.sort();
        all
    }

    fn failed(world: &mut World, name: &str) -> Vec<String> {
        let stack = world.region(REGION).cloudformation.find(name).unwrap();
        let failed = stack.members.iter().filter(|(_, it)| it.status == MemberStatus::DeleteFailed);
        failed.map(|(_, it)| it.kind.clone()).collect()
    }

    #[test]
    fn the_cdks_stack_is_stuck_on_what_its_cluster_left_and_its_neighbour_works() {
        let mut world = world("cdk-stuck");
        let told = stacks(&mut world);
        let status = |name: &str| told.iter().find(|(it, _)| it.starts_with(name)).map(|(_, it)| *it);
        assert_eq!(status("ShopProdTest-Network"), Some("DELETE_FAILED"), "{told:?}");
        assert_eq!(status("ShopProdTest-awscdk"), Some("DELETE_COMPLETE"), "{told:?}");
        for name in ["CDKToolkit", "ShopProd", "ShopProdApp"] {
            assert_eq!(
                world.region(REGION).cloudformation.find(name).unwrap().status.as_str(),
                "CREATE_COMPLETE"
            );
        }
        assert_eq!(failed(&mut world, "ShopProdTest"), ["AWS::CloudFormation::Stack"]);
        let network = told.iter().find(|(name, _)| name.starts_with("ShopProdTest-Network")).unwrap();
        let kinds = failed(&mut world, &network.0);
        assert!(kinds.contains(&"AWS::EC2::Subnet".to_owned()), "{kinds:?}");
        let state = world.region(REGION);
        assert_eq!(state.eks.clusters.len(), 1);
        let left = state.ec2.interfaces.values().filter(|it| it.description.starts_with("aws-K8S-i-"));
        assert!(left.filter(|it| it.status == "available").count() == 1);
        assert_eq!(state.elb.load_balancers.len(), 1);
        assert_eq!(world.iam.providers.len(), 1);
    }

    #[test]
    fn eksctls_stacks_are_stuck_each_on_its_own_and_their_neighbours_work() {
        let mut world = world("eksctl-stuck");
        for (name, status) in stacks(&mut world) {
            let stuck = name.starts_with("eksctl-shop-prod-2-");
            assert_eq!(status, if stuck { "DELETE_FAILED" } else { "CREATE_COMPLETE" }, "{name}");
        }
        assert_eq!(stacks(&mut world).len(), 6);
        assert_eq!(failed(&mut world, "eksctl-shop-prod-2-nodegroup-ng-1"), ["AWS::IAM::Role"]);
        let kinds = failed(&mut world, "eksctl-shop-prod-2-cluster");
        assert!(kinds.contains(&"AWS::EC2::Subnet".to_owned()), "{kinds:?}");
        let clusters: Vec<&String> = world.region(REGION).eks.clusters.keys().collect();
        assert_eq!(clusters, ["shop-prod"]);
        let export = [("ExportName", "eksctl-shop-prod-cluster::SubnetPrivateUSEAST1A")];
        let told = world.call("cloudformation", REGION, "ListImports", &export).unwrap();
        assert!(told.contains("eksctl-shop-prod-nodegroup-ng-1"));
    }

    #[test]
    fn what_a_deleted_stack_left_bears_its_marks() {
        let mut world = world("cfn-retained");
        assert_eq!(
            stacks(&mut world),
            [("shop-qa".to_owned(), "CREATE_COMPLETE"), ("shop-qa-2".to_owned(), "DELETE_COMPLETE")]
        );
        let ec2 = &world.region(REGION).ec2;
        let of = |tags: &crate::tags::Tags| {
            tags.get("aws:cloudformation:stack-name").is_some_and(|name| name == "shop-qa-2")
        };
        assert_eq!(ec2.vpcs.values().filter(|it| of(&it.tags)).count(), 1);
        assert_eq!(ec2.subnets.values().filter(|it| of(&it.tags)).count(), 1);
        assert_eq!(ec2.security_groups.values().filter(|it| of(&it.tags)).count(), 1);
        assert_eq!(world.iam.roles.keys().filter(|name| name.starts_with("shop-qa-2-WebRole-")).count(), 1);
    }
}
