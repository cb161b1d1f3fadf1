//! What several of these cases are made of, beyond what the stage makes.

use aws_janitor_sandbox::stores::ec2::InterfaceAttachment;
use serde_json::{Value, json};

use super::super::stage::{A1, DAY, HOME, MINUTE, Role, Stage, Tags, map};
use crate::gates::text;

pub const BLUE: Tags<'static> = &[("team", "blue")];
pub const ELB: &str = "elasticloadbalancing";

/// A VPC of the failed stack's with one subnet, three days before the end.
pub fn ground(stage: &mut Stage) -> (String, String) {
    stage.ago(3 * DAY);
    let vpc = stage.vpc(1, A1);
    let subnet = stage.subnet(&vpc, "10.1.0.0/24", A1);
    (vpc, subnet)
}

/// The same with two subnets, in two zones.
pub fn two_zones(stage: &mut Stage) -> (String, [String; 2]) {
    let (vpc, one) = ground(stage);
    let two = stage.subnet(&vpc, "10.1.1.0/24", A1);
    (vpc, [one, two])
}

/// Blue's own VPC with a subnet.
pub fn theirs(stage: &mut Stage) -> (String, String) {
    let vpc = stage.vpc(7, BLUE);
    let subnet = stage.subnet(&vpc, "10.7.0.0/24", BLUE);
    (vpc, subnet)
}

/// The way to the internet for a VPC.
pub fn gateway(stage: &mut Stage, vpc: &str, tags: Tags<'_>) -> String {
    let gateway = stage.make("CreateInternetGateway", &[], tags, "internetGatewayId");
    stage.ec2("AttachInternetGateway", &[("InternetGatewayId", &gateway), ("VpcId", vpc)]);
    gateway
}

/// A launch template of what blue runs, with more in it.
pub fn template(stage: &mut Stage, name: &str, tags: Tags<'_>, more: Tags<'_>) -> String {
    let params = [
        ("LaunchTemplateName", name),
        ("LaunchTemplateData.InstanceType", "t3.small"),
        ("LaunchTemplateData.ImageId", "ami-0c0ffee0c0ffee012"),
    ];
    stage.make("CreateLaunchTemplate", &[&params, more].concat(), tags, "launchTemplateId")
}

/// An Auto Scaling group of blue's, which runs as many.
pub fn scaling(stage: &mut Stage, name: &str, (template, subnet): (&str, &str), size: &str) {
    let params = [
        ("AutoScalingGroupName", name),
        ("LaunchTemplate.LaunchTemplateId", template),
        ("MinSize", size),
        ("MaxSize", "4"),
        ("DesiredCapacity", size),
        ("VPCZoneIdentifier", subnet),
        ("Tags.member.1.Key", "team"),
        ("Tags.member.1.Value", "blue"),
    ];
    stage.call("autoscaling", "CreateAutoScalingGroup", &params);
    stage.pass(5 * MINUTE);
}

/// A function of blue's that works with this role, in these subnets with this group, or in none.
pub fn function(stage: &mut Stage, role: &Role, places: Option<(&str, &str)>) -> String {
    let mut input = json!({
        "FunctionName": "blue-export", "Role": role.arn, "Runtime": "python3.13", "Handler": "main.handler",
        "Code": { "ZipFile": "" }, "Tags": map(BLUE),
    });
    if let Some((subnet, group)) = places {
        input["VpcConfig"] = json!({ "SubnetIds": [subnet], "SecurityGroupIds": [group] });
    }
    let told = stage.json("lambda", "CreateFunction", input);
    stage.pass(5 * MINUTE);
    told["FunctionArn"].as_str().unwrap().to_owned()
}

/// A network load balancer inside these subnets.
pub fn balancer(stage: &mut Stage, name: &str, subnets: &[&str], tags: Tags<'_>) -> String {
    let mut params = vec![("Name", name), ("Type", "network"), ("Scheme", "internal")];
    params.extend(["Subnets.member.1", "Subnets.member.2"].into_iter().zip(subnets.iter().copied()));
    let arn = stage.make_of(ELB, "CreateLoadBalancer", &params, (tags, "LoadBalancerArn"));
    stage.pass(5 * MINUTE);
    arn
}

pub fn targets(stage: &mut Stage, name: &str, vpc: &str, tags: Tags<'_>) -> String {
    let params = [("Name", name), ("Protocol", "TCP"), ("Port", "443"), ("VpcId", vpc), ("TargetType", "ip")];
    stage.make_of(ELB, "CreateTargetGroup", &params, (tags, "TargetGroupArn"))
}

/// A listener that forwards.
pub fn listener(stage: &mut Stage, balancer: &str, targets: &str) -> String {
    let params = [
        ("LoadBalancerArn", balancer),
        ("Protocol", "TCP"),
        ("Port", "443"),
        ("DefaultActions.member.1.Type", "forward"),
        ("DefaultActions.member.1.TargetGroupArn", targets),
    ];
    text(&stage.call(ELB, "CreateListener", &params), "ListenerArn")
}

/// An interface endpoint.
pub fn endpoint(
    stage: &mut Stage,
    (vpc, subnet, group): (&str, &str, &str),
    service: &str,
    tags: Tags<'_>,
) -> String {
    let service = format!("com.amazonaws.{HOME}.{service}");
    let params = [
        ("VpcId", vpc),
        ("VpcEndpointType", "Interface"),
        ("ServiceName", &service),
        ("SubnetId.1", subnet),
        ("SecurityGroupId.1", group),
    ];
    let made = stage.make("CreateVpcEndpoint", &params, tags, "vpcEndpointId");
    stage.pass(5 * MINUTE);
    made
}

/// A volume at a machine.
pub fn volume(stage: &mut Stage, machine: &str, tags: Tags<'_>) -> String {
    let zone = format!("{HOME}a");
    let volume = stage.make("CreateVolume", &[("AvailabilityZone", &zone), ("Size", "5")], tags, "volumeId");
    stage.pass(MINUTE);
    stage.ec2("AttachVolume", &[("VolumeId", &volume), ("InstanceId", machine), ("Device", "/dev/sdf")]);
    stage.pass(MINUTE);
    volume
}

/// An interface that a service of AWS's keeps in a subnet and that is told by nothing but these words.
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/requester-managed-eni.html>
pub fn kept_interface(
    stage: &mut Stage,
    subnet: &str,
    (description, kind, requester): (&str, &str, &str),
) -> String {
    let id = interface(stage, subnet, description, &[]);
    let record = stage.world.region(HOME).ec2.interfaces.get_mut(&id).unwrap();
    record.interface_type = kind.to_owned();
    record.requester_managed = true;
    record.requester_id = Some(requester.to_owned());
    record.status = "in-use".to_owned();
    record.attachment = Some(InterfaceAttachment {
        id: "ela-attach-0123456789abcdef0".to_owned(),
        instance_owner: if requester == "amazon-elb" { "amazon-elb" } else { "amazon-aws" }.to_owned(),
        device_index: 1,
        ..InterfaceAttachment::default()
    });
    id
}

/// A free interface.
pub fn interface(stage: &mut Stage, subnet: &str, description: &str, tags: Tags<'_>) -> String {
    let params = [("SubnetId", subnet), ("Description", description)];
    stage.make("CreateNetworkInterface", &params, tags, "networkInterfaceId")
}

/// The interfaces in a subnet by the books.
pub fn interfaces_in(stage: &mut Stage, subnet: &str) -> Vec<String> {
    let interfaces = &stage.world.region(HOME).ec2.interfaces;
    interfaces.iter().filter(|(_, it)| it.subnet == subnet).map(|(id, _)| id.clone()).collect()
}

/// The only one.
pub fn interface_in(stage: &mut Stage, subnet: &str) -> String {
    let all = interfaces_in(stage, subnet);
    assert_eq!(all.len(), 1, "{all:?}");
    all.into_iter().next().unwrap()
}

/// Lets the second group in at the first, or out, without the rule that a new group has for all.
pub fn rule(stage: &mut Stage, action: &str, group: &str, other: &str) -> String {
    let params = [
        ("GroupId", group),
        ("IpPermissions.1.IpProtocol", "tcp"),
        ("IpPermissions.1.FromPort", "443"),
        ("IpPermissions.1.ToPort", "443"),
        ("IpPermissions.1.Groups.1.GroupId", other),
    ];
    text(&stage.ec2(action, &params), "securityGroupRuleId")
}

/// A template of CloudFormation's.
pub fn stack(stage: &mut Stage, name: &str, tags: Tags<'_>, template: &Value) -> String {
    let body = template.to_string();
    let params =
        [("StackName", name), ("TemplateBody", &body), ("Capabilities.member.1", "CAPABILITY_NAMED_IAM")];
    let id = stage.make_of("cloudformation", "CreateStack", &params, (tags, "StackId"));
    stage.pass(30 * MINUTE);
    let record = &stage.world.region(HOME).cloudformation.stacks[&id];
    assert_eq!(record.status.as_str(), "CREATE_COMPLETE", "{:?}", record.reason);
    id
}

/// The id of what a stack calls so.
pub fn member(stage: &mut Stage, stack: &str, logical: &str) -> String {
    let stack = &stage.world.region(HOME).cloudformation.stacks[stack];
    stack.members[logical].physical.clone().unwrap()
}
