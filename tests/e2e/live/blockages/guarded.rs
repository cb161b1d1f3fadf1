//! What is switched on against a deletion, and what could not be read.

use serde_json::json;

use super::ground::subnet_stays;
use super::parts::{ELB, balancer, ground, two_zones};
use super::{Call, Case};
use crate::live::stage::{A1, DAY, Stage};

/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_ChangingDisableAPITermination.html>
fn machine(stage: &mut Stage) -> (String, String) {
    let (_, subnet) = ground(stage);
    let machine = stage.instance(&subnet, A1, &[("DisableApiTermination", "true")]);
    stage.ec2("StopInstances", &[("InstanceId.1", &machine)]);
    (subnet, machine)
}

fn unprotected(machine: &str) -> Call {
    Call::query(
        "ec2",
        "ModifyInstanceAttribute",
        &[("InstanceId", machine), ("DisableApiTermination.Value", "false")],
    )
}

pub fn protected_machine(stage: &mut Stage) -> Case {
    let (_, machine) = machine(stage);
    let end = Call::query("ec2", "TerminateInstances", &[("InstanceId.1", &machine)]);
    Case::of(&machine)
        .flags(&["--abandoned", "shop/a1"])
        .refused(end, "OperationNotPermitted")
        .named("machine", &machine)
        .cured(unprotected(&machine))
}

pub fn ground_of_a_protected_machine(stage: &mut Stage) -> Case {
    let (subnet, machine) = machine(stage);
    let end = Call::query("ec2", "TerminateInstances", &[("InstanceId.1", &machine)]);
    subnet_stays(&subnet)
        .flags(&["--abandoned", "shop/a1"])
        .named("machine", &machine)
        .cured(unprotected(&machine))
        .cured(end)
}

fn protect(stage: &mut Stage, balancer: &str) {
    stage.call(ELB, "ModifyLoadBalancerAttributes", &protection(balancer, "true"));
}

fn protection<'a>(balancer: &'a str, on: &'a str) -> [(&'static str, &'a str); 3] {
    [
        ("LoadBalancerArn", balancer),
        ("Attributes.member.1.Key", "deletion_protection.enabled"),
        ("Attributes.member.1.Value", on),
    ]
}

/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-load-balancer-attributes.html>
pub fn protected_balancer(stage: &mut Stage) -> Case {
    let (_, [one, two]) = two_zones(stage);
    let balancer = balancer(stage, "a1-front", &[&one, &two], A1);
    protect(stage, &balancer);
    let delete = Call::query(ELB, "DeleteLoadBalancer", &[("LoadBalancerArn", &balancer)]);
    Case::of(&balancer)
        .refused(delete, "OperationNotPermitted")
        .named("balancer", &balancer)
        .cured(Call::query(ELB, "ModifyLoadBalancerAttributes", &protection(&balancer, "false")))
}

pub fn ground_of_a_protected_balancer(stage: &mut Stage) -> Case {
    let (_, [one, two]) = two_zones(stage);
    let balancer = balancer(stage, "a1-front", &[&one, &two], A1);
    protect(stage, &balancer);
    subnet_stays(&one)
        .named("balancer", &balancer)
        .cured(Call::query(ELB, "ModifyLoadBalancerAttributes", &protection(&balancer, "false")))
        .cured(Call::query(ELB, "DeleteLoadBalancer", &[("LoadBalancerArn", &balancer)]))
}

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogGroupDeletionProtection.html>
pub fn protected_log(stage: &mut Stage) -> Case {
    stage.ago(3 * DAY);
    let input = json!({ "logGroupName": "shop-a1-api", "tags": crate::live::stage::map(A1) });
    stage.json("logs", "CreateLogGroup", input);
    let set = |on: bool| json!({ "logGroupIdentifier": "shop-a1-api", "deletionProtectionEnabled": on });
    stage.json("logs", "PutLogGroupDeletionProtection", set(true));
    let delete = Call::json("logs", "DeleteLogGroup", json!({ "logGroupName": "shop-a1-api" }));
    Case::of("shop-a1-api")
        .flags(&["--with-data", "log-group"])
        .refused(delete, "ValidationException")
        .cured(Call::json("logs", "PutLogGroupDeletionProtection", set(false)))
}

/// Who may not list what could hold it cannot know that nothing does.
pub fn gateways_not_read(stage: &mut Stage) -> Case {
    let (vpc, _) = ground(stage);
    Case::of(&vpc).denied(&["ec2:DescribeVpnGateways"])
}

pub fn interfaces_not_read(stage: &mut Stage) -> Case {
    let (_, subnet) = ground(stage);
    Case::of(&subnet).denied(&["ec2:DescribeNetworkInterfaces"])
}

pub fn functions_not_read(stage: &mut Stage) -> Case {
    stage.ago(3 * DAY);
    let role = stage.role("shop-a1-export", "lambda.amazonaws.com", A1);
    Case::of(&role.name).denied(&["lambda:ListFunctions"])
}
