//! Stacks of CloudFormation: what is in the way of one that could not be deleted, and what keeps one whole.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/troubleshooting.html>

use aws_janitor_sandbox::cloudformation::{NewMember, NewStack, seed};
use serde_json::{Value, json};

use super::parts::{BLUE, interface, member, stack};
use super::{Call, Case};
use crate::live::stage::{A1, DAY, HOME, MINUTE, Stage, Tags};

/// A VPC with a subnet, whose ids others may import.
fn template() -> Value {
    json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Resources": {
            "Vpc": { "Type": "AWS::EC2::VPC", "Properties": { "CidrBlock": "10.1.0.0/16" } },
            "Subnet": { "Type": "AWS::EC2::Subnet", "Properties": {
                "VpcId": { "Ref": "Vpc" }, "CidrBlock": "10.1.0.0/24",
            } },
        },
        "Outputs": { "Vpc": { "Value": { "Ref": "Vpc" }, "Export": { "Name": "shop-a1:Vpc" } } },
    })
}

fn delete(stack: &str) -> Call {
    Call::query("cloudformation", "DeleteStack", &[("StackName", stack)])
}

/// An interface that the VPC CNI of another team's cluster left in this subnet.
/// <https://github.com/aws/amazon-vpc-cni-k8s/issues/608>
fn left(stage: &mut Stage, subnet: &str) -> String {
    let marks: Tags<'_> = &[
        ("cluster.k8s.amazonaws.com/name", "blue"),
        ("node.k8s.amazonaws.com/instance_id", "i-0123456789abcdef0"),
        ("team", "blue"),
    ];
    interface(stage, subnet, "aws-K8S-i-0123456789abcdef0", marks)
}

/// Deleted, and DELETE_FAILED for what stands in its subnet.
fn stuck(stage: &mut Stage) -> (String, String, String) {
    stage.ago(3 * DAY);
    let stack = stack(stage, "shop-a1", &[], &template());
    let subnet = member(stage, &stack, "Subnet");
    let interface = left(stage, &subnet);
    stage.call("cloudformation", "DeleteStack", &[("StackName", &stack)]);
    stage.pass(120 * MINUTE);
    (stack, subnet, interface)
}

pub fn interface_of_a_plugin(stage: &mut Stage) -> Case {
    let (stack, subnet, interface) = stuck(stage);
    let remove = Call::query("ec2", "DeleteSubnet", &[("SubnetId", &subnet)]);
    Case::of(&stack)
        .selecting("stack=cfn:shop-a1")
        .refused(remove, "DependencyViolation")
        .named("subnet", &subnet)
        .named("interface", &interface)
        .cured(Call::query("ec2", "DeleteNetworkInterface", &[("NetworkInterfaceId", &interface)]))
}

/// The member that could not go, asked about by itself.
pub fn member_of_a_stuck_stack(stage: &mut Stage) -> Case {
    let (_, subnet, interface) = stuck(stage);
    let remove = Call::query("ec2", "DeleteSubnet", &[("SubnetId", &subnet)]);
    Case::of(&subnet)
        .selecting("stack=cfn:shop-a1")
        .refused(remove, "DependencyViolation")
        .named("interface", &interface)
        .cured(Call::query("ec2", "DeleteNetworkInterface", &[("NetworkInterfaceId", &interface)]))
}

/// "You can't delete a nested stack directly: delete its root."
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-nested-stacks.html>
pub fn nested(stage: &mut Stage) -> Case {
    stage.ago(3 * DAY);
    let child = stack(stage, "shop-a1-network", &[], &template());
    let nested = NewMember {
        logical: "Network".to_owned(),
        kind: "AWS::CloudFormation::Stack".to_owned(),
        physical: child.clone(),
        ..NewMember::default()
    };
    let new = NewStack { name: "shop-a1".to_owned(), members: vec![nested], ..NewStack::default() };
    let root = seed(&mut stage.world, HOME, new);
    let stacks = &mut stage.world.region(HOME).cloudformation.stacks;
    let record = stacks.get_mut(&child).unwrap();
    (record.parent, record.root) = (Some(root.clone()), Some(root.clone()));
    let subnet = member(stage, &child, "Subnet");
    let interface = left(stage, &subnet);
    stage.call("cloudformation", "DeleteStack", &[("StackName", &root)]);
    stage.pass(240 * MINUTE);
    let remove = Call::query("ec2", "DeleteSubnet", &[("SubnetId", &subnet)]);
    Case::of(&root)
        .selecting("stack=cfn:shop-a1")
        .refused(remove, "DependencyViolation")
        .named("child", &child)
        .named("subnet", &subnet)
        .named("interface", &interface)
        .cured(Call::query("ec2", "DeleteNetworkInterface", &[("NetworkInterfaceId", &interface)]))
}

/// Another team's stack that takes the VPC's id from the failed stack's export.
fn importing(stage: &mut Stage) -> String {
    let template = json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Resources": { "Note": { "Type": "AWS::SSM::Parameter", "Properties": {
            "Name": "/blue/vpc", "Type": "String", "Value": { "Fn::ImportValue": "shop-a1:Vpc" },
        } } },
    });
    stack(stage, "blue-app", BLUE, &template)
}

/// "You can't delete a stack if another stack references one of its outputs": the call is accepted, and the deletion
/// called off.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html>
pub fn imported(stage: &mut Stage) -> Case {
    stage.ago(3 * DAY);
    let exporting = stack(stage, "shop-a1", &[], &template());
    let importing = importing(stage);
    Case::of(&exporting)
        .selecting("stack=cfn:shop-a1")
        .flags(&["--abandoned", "cfn:shop-a1"])
        .named("importing", &importing)
}

/// What was in its way is gone, and its export is in use by now.
pub fn imported_since_it_failed(stage: &mut Stage) -> Case {
    let (exporting, _, interface) = stuck(stage);
    stage.ec2("DeleteNetworkInterface", &[("NetworkInterfaceId", &interface)]);
    let importing = importing(stage);
    Case::of(&exporting).selecting("stack=cfn:shop-a1").named("importing", &importing)
}

/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-protect-stacks.html>
pub fn protected(stage: &mut Stage) -> Case {
    stage.ago(3 * DAY);
    let stack = stack(stage, "shop-a1", &[], &template());
    let set = |on: &'static str| [("StackName", "shop-a1"), ("EnableTerminationProtection", on)];
    stage.call("cloudformation", "UpdateTerminationProtection", &set("true"));
    Case::of(&stack)
        .selecting("stack=cfn:shop-a1")
        .flags(&["--abandoned", "cfn:shop-a1"])
        .refused(delete(&stack), "ValidationError")
        .named("stack", &stack)
        .cured(Call::query("cloudformation", "UpdateTerminationProtection", &set("false")))
}

/// What a stack that stands has made is its own, whatever else it bears.
pub fn member_of_a_standing_stack(stage: &mut Stage) -> Case {
    stage.ago(3 * DAY);
    let stack = stack(stage, "blue-net", A1, &template());
    let subnet = member(stage, &stack, "Subnet");
    Case::of(&subnet).named("stack", &stack)
}

/// CloudFormation deletes its members as this role: without it the stack cannot be deleted any more.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-iam-servicerole.html>
pub fn role_of_a_stack(stage: &mut Stage) -> Case {
    stage.ago(3 * DAY);
    let role = stage.role("shop-a1-deploy", "cloudformation.amazonaws.com", A1);
    let body = template().to_string();
    let params = [("StackName", "blue-net"), ("TemplateBody", &body), ("RoleARN", &role.arn)];
    let stack = stage.make_of("cloudformation", "CreateStack", &params, (BLUE, "StackId"));
    stage.pass(30 * MINUTE);
    Case::of(&role.name).named("stack", &stack)
}
