//! Groups of node groups and of users, and what they launch from.

use crate::World;
use crate::quotas::table;
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
    let rest = asked(&mut world, "DescribeAutoScalingGroups", &[("MaxRecords", "1"), ("NextToken", &token)]);
    assert_eq!(text_of(&rest, "NextToken"), None);
    for page in [&first, &rest] {
        assert_eq!(texts_of(page, "AutoScalingGroupName").len(), 1);
        assert_eq!(texts_of(page, "InstanceId").len(), 2);
    }
    let none = asked(&mut world, "DescribeAutoScalingGroups", &[("AutoScalingGroupNames.member.1", "x")]);
    assert!(texts_of(&none, "AutoScalingGroupName").is_empty());
    let refusal = world.call("autoscaling", REGION, "DescribeAutoScalingGroups", &[("MaxRecords", "101")]);
    assert_eq!(refusal.unwrap_err().code, "ValidationError");
}

mod of_users {
    use super::*;
    use crate::ec2::fixture::{self, SUBNET_A, SUBNET_B, code, ec2, skip, world};
    use crate::error::AwsResult;

    fn call(world: &mut World, action: &str, params: &[(&str, &str)]) -> AwsResult<String> {
        world.call("autoscaling", REGION, action, params)
    }

    /// A template, and a group of it of this size.
    fn with_group(size: &str) -> (World, String) {
        let mut world = world();
        let template = [
            ("LaunchTemplateName", "web"),
            ("LaunchTemplateData.ImageId", "ami-1"),
            ("LaunchTemplateData.SecurityGroupId.1", fixture::GROUP),
        ];
        let template = fixture::told(&mut world, "CreateLaunchTemplate", &template, "launchTemplateId");
        let subnets = format!("{SUBNET_A},{SUBNET_B}");
        let group = [
            ("AutoScalingGroupName", "web"),
            ("LaunchTemplate.LaunchTemplateId", template.as_str()),
            ("LaunchTemplate.Version", "$Latest"),
            ("MinSize", "0"),
            ("MaxSize", "4"),
            ("DesiredCapacity", size),
            ("VPCZoneIdentifier", &subnets),
            (
                "TargetGroupARNs.member.1",
                "arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/web/1",
            ),
            ("Tags.member.1.Key", "team"),
            ("Tags.member.1.Value", "blue"),
            ("Tags.member.1.PropagateAtLaunch", "true"),
        ];
        call(&mut world, "CreateAutoScalingGroup", &group).unwrap();
        (world, template)
    }

    fn living(world: &mut World) -> Vec<String> {
        let instances = world.region(REGION).ec2.instances.iter();
        let living = instances.filter(|(_, it)| ["pending", "running"].contains(&it.state.as_str()));
        living.map(|(id, _)| id.clone()).collect()
    }

    #[test]
    fn a_group_that_stands_at_none_tells_its_template_subnets_and_target_groups() {
        let (mut world, template) = with_group("0");
        let told = asked(&mut world, "DescribeAutoScalingGroups", &[]);
        assert!(living(&mut world).is_empty());
        for part in [
            format!("<LaunchTemplate><LaunchTemplateId>{template}</LaunchTemplateId><LaunchTemplateName>web</LaunchTemplateName><Version>$Latest</Version></LaunchTemplate>"),
            format!("<VPCZoneIdentifier>{SUBNET_A},{SUBNET_B}</VPCZoneIdentifier>"),
            "<TargetGroupARNs><member>arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/web/1</member></TargetGroupARNs>".to_owned(),
            "<DesiredCapacity>0</DesiredCapacity>".to_owned(),
        ] {
            assert!(told.contains(&part), "{part} is missing in {told}");
        }
        // It holds nothing of what it names.
        ec2(&mut world, "DeleteSubnet", &[("SubnetId", SUBNET_A)]).unwrap();
        ec2(&mut world, "DeleteLaunchTemplate", &[("LaunchTemplateId", &template)]).unwrap();
        assert!(asked(&mut world, "DescribeAutoScalingGroups", &[]).contains(&template));
    }

    #[test]
    fn it_keeps_its_number_of_instances_that_carry_its_name_and_its_tags() {
        let (mut world, template) = with_group("2");
        let before = living(&mut world);
        assert_eq!(before.len(), 2);
        let tags = world.region(REGION).ec2.instances[&before[0]].tags.clone();
        assert_eq!((tags["aws:autoscaling:groupName"].as_str(), tags["team"].as_str()), ("web", "blue"));
        assert_eq!(tags["aws:ec2launchtemplate:id"], template);
        let groups = &world.region(REGION).ec2.interfaces.values().next().unwrap().groups;
        assert!(groups.contains(fixture::GROUP));
        ec2(&mut world, "TerminateInstances", &[("InstanceId.1", &before[0])]).unwrap();
        assert_eq!(living(&mut world).len(), 1);
        skip(&mut world, super::super::members::NOTICE);
        assert_eq!(living(&mut world).len(), 2);
        let name = ("AutoScalingGroupName", "web");
        call(&mut world, "SuspendProcesses", &[name, ("ScalingProcesses.member.1", "Launch")]).unwrap();
        assert!(
            asked(&mut world, "DescribeAutoScalingGroups", &[]).contains("<ProcessName>Launch</ProcessName>")
        );
        let last = living(&mut world).remove(0);
        ec2(&mut world, "TerminateInstances", &[("InstanceId.1", &last)]).unwrap();
        skip(&mut world, super::super::members::NOTICE);
        assert_eq!(living(&mut world).len(), 1);
        call(&mut world, "ResumeProcesses", &[name]).unwrap();
        call(&mut world, "UpdateAutoScalingGroup", &[name, ("DesiredCapacity", "0")]).unwrap();
        skip(&mut world, super::super::members::NOTICE);
        assert!(living(&mut world).is_empty());
    }

    #[test]
    fn it_is_deleted_only_when_empty_or_by_force_with_its_instances() {
        let (mut world, _) = with_group("1");
        let name = [("AutoScalingGroupName", "web")];
        assert_eq!(code(call(&mut world, "DeleteAutoScalingGroup", &name)), "ResourceInUse");
        call(&mut world, "DeleteAutoScalingGroup", &[name[0], ("ForceDelete", "true")]).unwrap();
        assert!(living(&mut world).is_empty());
        assert!(
            asked(&mut world, "DescribeAutoScalingGroups", &[])
                .contains("<Status>Delete in progress</Status>")
        );
        skip(&mut world, crate::ec2::instances::SHUTDOWN * 2);
        assert!(!asked(&mut world, "DescribeAutoScalingGroups", &[]).contains("web"));
        assert_eq!(code(call(&mut world, "DeleteAutoScalingGroup", &name)), "ValidationError");
    }

    #[test]
    fn a_policy_of_mixed_instances_tells_the_templates_of_its_overrides() {
        let (mut world, template) = with_group("0");
        let other = [("LaunchTemplateName", "arm"), ("LaunchTemplateData.ImageId", "ami-2")];
        let other = fixture::told(&mut world, "CreateLaunchTemplate", &other, "launchTemplateId");
        let mixed = "MixedInstancesPolicy.LaunchTemplate";
        let base = format!("{mixed}.LaunchTemplateSpecification.LaunchTemplateId");
        let over = format!("{mixed}.Overrides.member.1.LaunchTemplateSpecification.LaunchTemplateId");
        let group = [
            ("AutoScalingGroupName", "mixed"),
            (&base, template.as_str()),
            (&over, &other),
            ("MinSize", "0"),
            ("MaxSize", "1"),
            ("VPCZoneIdentifier", SUBNET_A),
        ];
        call(&mut world, "CreateAutoScalingGroup", &group).unwrap();
        let told =
            asked(&mut world, "DescribeAutoScalingGroups", &[("AutoScalingGroupNames.member.1", "mixed")]);
        assert_eq!(texts_of(&told, "LaunchTemplateId"), [template.as_str(), other.as_str()]);
        let refused = call(&mut world, "CreateAutoScalingGroup", &group);
        assert_eq!(code(refused), "AlreadyExists");
    }

    #[test]
    fn a_launch_configuration_tells_its_groups_profile_and_key_and_is_held_by_its_group() {
        let mut world = world();
        let configuration = [
            ("LaunchConfigurationName", "old"),
            ("ImageId", "ami-1"),
            ("InstanceType", "t3.micro"),
            ("KeyName", "ops"),
            ("IamInstanceProfile", "web-profile"),
            ("SecurityGroups.member.1", fixture::GROUP),
        ];
        call(&mut world, "CreateLaunchConfiguration", &configuration).unwrap();
        let told = asked(&mut world, "DescribeLaunchConfigurations", &[]);
        for (element, value) in
            [("KeyName", "ops"), ("IamInstanceProfile", "web-profile"), ("member", fixture::GROUP)]
        {
            assert_eq!(text_of(&told, element).as_deref(), Some(value), "{element}");
        }
        let group = [
            ("AutoScalingGroupName", "old"),
            ("LaunchConfigurationName", "old"),
            ("MinSize", "1"),
            ("MaxSize", "1"),
            ("VPCZoneIdentifier", SUBNET_A),
        ];
        call(&mut world, "CreateAutoScalingGroup", &group).unwrap();
        let id = living(&mut world).remove(0);
        let profile = world.region(REGION).ec2.instances[&id].profile_arn.clone();
        assert_eq!(profile.as_deref(), Some("arn:aws:iam::111122223333:instance-profile/web-profile"));
        let name = [("LaunchConfigurationName", "old")];
        assert_eq!(code(call(&mut world, "DeleteLaunchConfiguration", &name)), "ResourceInUse");
    }

    #[test]
    fn groups_are_found_by_their_tags() {
        let (mut world, _) = with_group("0");
        let by = |value| [("Filters.member.1.Name", "tag:team"), ("Filters.member.1.Values.member.1", value)];
        let mut names = |value| {
            texts_of(&asked(&mut world, "DescribeAutoScalingGroups", &by(value)), "AutoScalingGroupName")
        };
        assert_eq!(names("blue"), ["web"]);
        assert!(names("red").is_empty());
    }
}
