//! The laws of stacks: what they make, what they delete, what stops them, and what is told of them.

use std::time::Duration;

use serde_json::{Value, json};

use super::{PATIENCE, TICK};
use crate::World;
use crate::ec2::lab::{Lab, REGION};
use crate::error::{AwsError, AwsResult};
use crate::xml::{text_of, texts_of};

fn cfn(world: &mut World, action: &str, params: &[(&str, &str)]) -> AwsResult<String> {
    world.call("cloudformation", REGION, action, params)
}

fn ok(lab: &mut Lab, action: &str, params: &[(&str, &str)]) -> String {
    cfn(&mut lab.world, action, params).unwrap_or_else(|refusal| panic!("{action}: {refusal:?}"))
}

#[track_caller]
fn refused(lab: &mut Lab, action: &str, params: &[(&str, &str)]) -> AwsError {
    cfn(&mut lab.world, action, params).expect_err("it was accepted")
}

fn create(lab: &mut Lab, name: &str, resources: Value, outputs: Value) -> AwsResult<String> {
    let body = json!({ "Resources": resources, "Outputs": outputs }).to_string();
    let capability = ("Capabilities.member.1", "CAPABILITY_NAMED_IAM");
    let told =
        cfn(&mut lab.world, "CreateStack", &[("StackName", name), ("TemplateBody", &body), capability])?;
    Ok(text_of(&told, "StackId").unwrap())
}

/// Lets a stack come to its end; gives status and reason.
fn end(lab: &mut Lab, id: &str) -> (String, String) {
    for _ in 0..400 {
        lab.pass(TICK);
        let (status, reason) = told(lab, id);
        if !status.ends_with("IN_PROGRESS") {
            return (status, reason);
        }
    }
    panic!("it does not end: {:?}", told(lab, id));
}

fn told(lab: &mut Lab, named: &str) -> (String, String) {
    let told = ok(lab, "DescribeStacks", &[("StackName", named)]);
    (text_of(&told, "StackStatus").unwrap(), text_of(&told, "StackStatusReason").unwrap_or_default())
}

/// A stack that is made.
#[track_caller]
fn made(lab: &mut Lab, name: &str, resources: Value, outputs: Value) -> String {
    let id = create(lab, name, resources, outputs).unwrap();
    assert_eq!(end(lab, &id), ("CREATE_COMPLETE".to_owned(), String::new()));
    id
}

fn delete(lab: &mut Lab, named: &str) -> String {
    ok(lab, "DeleteStack", &[("StackName", named)])
}

/// A VPC with a subnet, a group, a role and a log group.
fn small() -> Value {
    json!({
        "Vpc": { "Type": "AWS::EC2::VPC", "Properties": { "CidrBlock": "10.0.0.0/16" } },
        "Subnet": { "Type": "AWS::EC2::Subnet", "Properties": {
            "VpcId": { "Ref": "Vpc" }, "CidrBlock": "10.0.0.0/24",
        } },
        "Group": { "Type": "AWS::EC2::SecurityGroup", "Properties": {
            "VpcId": { "Ref": "Vpc" }, "GroupDescription": { "Fn::Sub": "${AWS::StackName} in ${Vpc}" },
        } },
        "Role": { "Type": "AWS::IAM::Role", "Properties": {
            "AssumeRolePolicyDocument": {}, "RoleName": "web",
            "ManagedPolicyArns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
            "Policies": [{ "PolicyName": "own", "PolicyDocument": {} }],
        } },
        "Logs": { "Type": "AWS::Logs::LogGroup" },
    })
}

fn physical(lab: &mut Lab, id: &str, logical: &str) -> String {
    lab.world.region(REGION).cloudformation.stacks[id].members[logical].physical.clone().unwrap()
}

fn member(lab: &mut Lab, id: &str, logical: &str) -> (String, String) {
    let told = ok(lab, "DescribeStackResource", &[("StackName", id), ("LogicalResourceId", logical)]);
    (text_of(&told, "ResourceStatus").unwrap(), text_of(&told, "ResourceStatusReason").unwrap_or_default())
}

#[test]
fn what_a_stack_makes_carries_its_marks_as_far_as_its_kind_does() {
    let mut lab = Lab::new();
    let id = made(&mut lab, "shop", small(), json!({}));
    let (vpc, role) = (physical(&mut lab, &id, "Vpc"), physical(&mut lab, &id, "Role"));
    let tags = &lab.world.region(REGION).ec2.vpcs[&vpc].tags;
    assert_eq!(tags["aws:cloudformation:stack-id"], id);
    assert_eq!(tags["aws:cloudformation:logical-id"], "Vpc");
    assert!(lab.world.iam.roles[&role].tags.is_empty());
    let group = physical(&mut lab, &id, "Group");
    assert_eq!(lab.world.region(REGION).ec2.security_groups[&group].description, format!("shop in {vpc}"));
}

#[test]
fn a_deleted_stack_has_deleted_its_members_and_is_told_by_id_for_ninety_days() {
    let mut lab = Lab::new();
    let id = made(&mut lab, "shop", small(), json!({}));
    let vpc = physical(&mut lab, &id, "Vpc");
    delete(&mut lab, "shop");
    assert_eq!(told(&mut lab, "shop").0, "DELETE_IN_PROGRESS");
    // A second call while it is at it is no error, nor is one for what is not there.
    delete(&mut lab, "shop");
    delete(&mut lab, "nobody");
    assert_eq!(end(&mut lab, &id).0, "DELETE_COMPLETE");
    assert!(!lab.world.region(REGION).ec2.vpcs.contains_key(&vpc));
    assert!(!lab.world.iam.roles.contains_key("web"));
    let text = "Stack with id shop does not exist";
    assert_eq!(refused(&mut lab, "DescribeStacks", &[("StackName", "shop")]).message, text);
    assert_eq!(refused(&mut lab, "ListStackResources", &[("StackName", "shop")]).message, text);
    let members = ok(&mut lab, "ListStackResources", &[("StackName", &id)]);
    assert_eq!(texts_of(&members, "ResourceStatus"), ["DELETE_COMPLETE"; 5]);
    assert!(texts_of(&ok(&mut lab, "DescribeStacks", &[]), "StackId").is_empty());
    let gone = [("StackStatusFilter.member.1", "DELETE_COMPLETE")];
    assert_eq!(texts_of(&ok(&mut lab, "ListStacks", &gone), "StackId"), std::slice::from_ref(&id));
    lab.pass(Duration::from_secs(90 * 24 * 60 * 60));
    assert!(texts_of(&ok(&mut lab, "ListStacks", &gone), "StackId").is_empty());
    assert_eq!(refused(&mut lab, "ListStackResources", &[("StackName", &id)]).code, "ValidationError");
}

#[test]
fn what_is_held_is_tried_for_a_while_and_then_given_up_while_the_rest_goes() {
    let mut lab = Lab::new();
    let id = made(&mut lab, "shop", small(), json!({}));
    let (subnet, group) = (physical(&mut lab, &id, "Subnet"), physical(&mut lab, &id, "Group"));
    let holder = [("SubnetId", subnet.as_str()), ("SecurityGroupId.1", &group)];
    let holder = lab.get("CreateNetworkInterface", &holder, "networkInterfaceId");
    delete(&mut lab, &id);
    lab.pass(PATIENCE - TICK);
    assert_eq!(told(&mut lab, &id).0, "DELETE_IN_PROGRESS");
    let (status, reason) = end(&mut lab, &id);
    assert_eq!(status, "DELETE_FAILED");
    assert_eq!(reason, "The following resource(s) failed to delete: [Group, Subnet]. ");
    assert_eq!(member(&mut lab, &id, "Logs").0, "DELETE_COMPLETE");
    assert_eq!(member(&mut lab, &id, "Role").0, "DELETE_COMPLETE");
    // What they need was not tried.
    assert_eq!(member(&mut lab, &id, "Vpc").0, "CREATE_COMPLETE");
    let why = member(&mut lab, &id, "Subnet").1;
    assert!(why.contains("has dependencies and cannot be deleted. (Service: EC2, Status Code: 400"), "{why}");
    // Once nothing holds them, the same call ends it.
    lab.ok("DeleteNetworkInterface", &[("NetworkInterfaceId", &holder)]);
    delete(&mut lab, &id);
    assert_eq!(end(&mut lab, &id).0, "DELETE_COMPLETE");
}

#[test]
fn what_goes_in_time_lets_the_stack_go() {
    let mut lab = Lab::new();
    let id = made(&mut lab, "shop", small(), json!({}));
    let subnet = physical(&mut lab, &id, "Subnet");
    let holder = lab.get("CreateNetworkInterface", &[("SubnetId", &subnet)], "networkInterfaceId");
    delete(&mut lab, &id);
    lab.pass(PATIENCE / 2);
    lab.ok("DeleteNetworkInterface", &[("NetworkInterfaceId", &holder)]);
    assert_eq!(end(&mut lab, &id).0, "DELETE_COMPLETE");
}

#[test]
fn a_member_that_somebody_else_deleted_counts_as_deleted() {
    let mut lab = Lab::new();
    let id = made(&mut lab, "shop", small(), json!({}));
    let subnet = physical(&mut lab, &id, "Subnet");
    lab.ok("DeleteSubnet", &[("SubnetId", &subnet)]);
    delete(&mut lab, &id);
    assert_eq!(end(&mut lab, &id).0, "DELETE_COMPLETE");
}

#[test]
fn a_role_that_others_gave_a_policy_is_not_deleted() {
    let mut lab = Lab::new();
    let id = made(&mut lab, "shop", small(), json!({}));
    let policy = [("RoleName", "web"), ("PolicyArn", "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore")];
    lab.world.call("iam", REGION, "AttachRolePolicy", &policy).unwrap();
    delete(&mut lab, &id);
    assert_eq!(end(&mut lab, &id).1, "The following resource(s) failed to delete: [Role]. ");
    let why = member(&mut lab, &id, "Role").1;
    assert!(why.contains("must detach all policies first"), "{why}");
    // Its own ones are off by then: the retry has to take that.
    lab.world.call("iam", REGION, "DetachRolePolicy", &policy).unwrap();
    delete(&mut lab, &id);
    assert_eq!(end(&mut lab, &id).0, "DELETE_COMPLETE");
}

#[test]
fn what_the_caller_may_not_delete_fails() {
    let mut lab = Lab::new();
    let id = made(&mut lab, "shop", small(), json!({}));
    lab.world.faults.denied.insert("ec2:DeleteSubnet".to_owned());
    delete(&mut lab, &id);
    assert_eq!(end(&mut lab, &id).1, "The following resource(s) failed to delete: [Subnet]. ");
    assert!(member(&mut lab, &id, "Subnet").1.contains("HandlerErrorCode: AccessDenied"));
}

/// A stack in DELETE_FAILED whose subnet and group an interface holds.
fn stuck(lab: &mut Lab) -> String {
    let id = made(lab, "shop", small(), json!({}));
    let (subnet, group) = (physical(lab, &id, "Subnet"), physical(lab, &id, "Group"));
    lab.ok("CreateNetworkInterface", &[("SubnetId", &subnet), ("SecurityGroupId.1", &group)]);
    delete(lab, &id);
    assert_eq!(end(lab, &id).0, "DELETE_FAILED");
    id
}

#[test]
fn only_a_stack_that_failed_to_go_may_leave_something_behind() {
    let mut lab = Lab::new();
    let id = made(&mut lab, "other", json!({ "Logs": { "Type": "AWS::Logs::LogGroup" } }), json!({}));
    let retain = ("RetainResources.member.1", "Logs");
    let force = ("DeletionMode", "FORCE_DELETE_STACK");
    for more in [retain, force] {
        let refusal = refused(&mut lab, "DeleteStack", &[("StackName", &id), more]);
        assert_eq!(refusal.code, "ValidationError");
        assert_eq!(told(&mut lab, &id).0, "CREATE_COMPLETE");
    }
    let id = stuck(&mut lab);
    let gone = refused(&mut lab, "DeleteStack", &[("StackName", &id), retain]);
    assert!(gone.message.starts_with("The specified resources to retain must be in a valid state."));
    let left = [
        ("StackName", id.as_str()),
        ("RetainResources.member.1", "Subnet"),
        ("RetainResources.member.2", "Group"),
        ("RetainResources.member.3", "Vpc"),
    ];
    let (vpc, subnet) = (physical(&mut lab, &id, "Vpc"), physical(&mut lab, &id, "Subnet"));
    ok(&mut lab, "DeleteStack", &left);
    assert_eq!(end(&mut lab, &id).0, "DELETE_COMPLETE");
    assert_eq!(member(&mut lab, &id, "Subnet").0, "DELETE_SKIPPED");
    let ec2 = &lab.world.region(REGION).ec2;
    assert_eq!(ec2.vpcs[&vpc].tags["aws:cloudformation:stack-id"], id);
    assert!(ec2.subnets.contains_key(&subnet));
}

#[test]
fn by_force_a_stack_goes_and_leaves_what_it_cannot_delete() {
    let mut lab = Lab::new();
    let id = stuck(&mut lab);
    ok(&mut lab, "DeleteStack", &[("StackName", &id), ("DeletionMode", "FORCE_DELETE_STACK")]);
    assert_eq!(end(&mut lab, &id).0, "DELETE_COMPLETE");
    assert_eq!(member(&mut lab, &id, "Subnet").0, "DELETE_SKIPPED");
}

#[test]
fn what_the_template_retains_is_skipped_and_the_stack_goes() {
    let mut lab = Lab::new();
    let logs = json!({ "Logs": { "Type": "AWS::Logs::LogGroup", "DeletionPolicy": "Retain" } });
    let id = made(&mut lab, "shop", logs, json!({}));
    let template = ok(&mut lab, "GetTemplate", &[("StackName", "shop")]);
    assert!(text_of(&template, "TemplateBody").unwrap().contains("\"DeletionPolicy\":\"Retain\""));
    delete(&mut lab, &id);
    assert_eq!(end(&mut lab, &id).0, "DELETE_COMPLETE");
    assert_eq!(member(&mut lab, &id, "Logs").0, "DELETE_SKIPPED");
    assert_eq!(lab.world.region(REGION).logs.groups.len(), 1);
}

#[test]
fn a_protected_stack_is_not_deleted_nor_what_is_nested_in_it() {
    let mut lab = Lab::new();
    let id = made(&mut lab, "shop", json!({ "Logs": { "Type": "AWS::Logs::LogGroup" } }), json!({}));
    let child = made(&mut lab, "shop-child", json!({ "Logs": { "Type": "AWS::Logs::LogGroup" } }), json!({}));
    lab.world.region(REGION).cloudformation.stacks.get_mut(&child).unwrap().root = Some(id.clone());
    let protect = [("StackName", id.as_str()), ("EnableTerminationProtection", "true")];
    ok(&mut lab, "UpdateTerminationProtection", &protect);
    let refusal = refused(&mut lab, "DeleteStack", &[("StackName", "shop")]);
    let text = "Stack [shop] cannot be deleted while TerminationProtection is enabled";
    assert_eq!((refusal.code.as_str(), refusal.message.as_str()), ("ValidationError", text));
    refused(&mut lab, "DeleteStack", &[("StackName", &child)]);
    refused(&mut lab, "UpdateTerminationProtection", &[("StackName", &child), protect[1]]);
}

#[test]
fn an_export_in_use_sends_the_stack_back_to_what_it_was() {
    let mut lab = Lab::new();
    let logs = || json!({ "Logs": { "Type": "AWS::Logs::LogGroup" } });
    let output = json!({ "Out": { "Value": { "Ref": "Logs" }, "Export": { "Name": "shop-logs" } } });
    let id = made(&mut lab, "shop", logs(), output);
    let missing = json!({ "Logs": { "Type": "AWS::Logs::LogGroup", "Properties": {
        "LogGroupName": { "Fn::ImportValue": "nothing" },
    } } });
    let refusal = create(&mut lab, "user", missing, json!({})).unwrap_err();
    assert_eq!(refusal.message, "No export named nothing found.");
    let refusal = refused(&mut lab, "ListImports", &[("ExportName", "shop-logs")]);
    assert_eq!(refusal.message, "Export 'shop-logs' is not imported by any stack.");
    let uses = json!({ "Logs": { "Type": "AWS::Logs::LogGroup", "Properties": {
        "LogGroupName": { "Fn::Sub": ["x-${Other}", { "Other": { "Fn::ImportValue": "shop-logs" } }] },
    } } });
    let user = made(&mut lab, "user", uses, json!({}));
    let imports = ok(&mut lab, "ListImports", &[("ExportName", "shop-logs")]);
    assert_eq!(texts_of(&imports, "member"), ["user"]);
    assert!(ok(&mut lab, "ListExports", &[]).contains("<Name>shop-logs</Name>"));
    delete(&mut lab, &id);
    assert_eq!(told(&mut lab, &id).0, "DELETE_IN_PROGRESS");
    let text = "Export shop-logs cannot be deleted as it is in use by user";
    assert_eq!(end(&mut lab, &id), ("CREATE_COMPLETE".to_owned(), text.to_owned()));
    delete(&mut lab, &user);
    end(&mut lab, &user);
    delete(&mut lab, &id);
    assert_eq!(end(&mut lab, &id).0, "DELETE_COMPLETE");
}

#[test]
fn a_stack_being_updated_is_not_deleted() {
    let mut lab = Lab::new();
    let new = super::NewStack {
        name: "shop".to_owned(),
        status: Some(crate::stores::cloudformation::StackStatus::UpdateInProgress),
        ..Default::default()
    };
    let id = super::seed(&mut lab.world, REGION, new);
    let refusal = refused(&mut lab, "DeleteStack", &[("StackName", "shop")]);
    assert_eq!(refusal.message, format!("Stack [{id}] cannot be deleted while in status UPDATE_IN_PROGRESS"));
}

#[test]
fn a_creation_that_fails_is_rolled_back_or_left_as_it_is() {
    let mut lab = Lab::new();
    let wrong = json!({
        "Logs": { "Type": "AWS::Logs::LogGroup" },
        "Subnet": { "Type": "AWS::EC2::Subnet", "DependsOn": "Logs", "Properties": {
            "VpcId": "vpc-0aaaaaaaaaaaaaaaa", "CidrBlock": "10.0.0.0/24",
        } },
    });
    let id = create(&mut lab, "one", wrong.clone(), json!({})).unwrap();
    assert_eq!(end(&mut lab, &id).0, "ROLLBACK_COMPLETE");
    assert!(lab.world.region(REGION).logs.groups.is_empty());
    assert!(
        ok(&mut lab, "DescribeStackEvents", &[("StackName", "one")]).contains("does not exist (Service: EC2")
    );
    let body = json!({ "Resources": wrong }).to_string();
    let params = [("StackName", "two"), ("TemplateBody", body.as_str()), ("OnFailure", "DO_NOTHING")];
    ok(&mut lab, "CreateStack", &params);
    assert_eq!(end(&mut lab, "two").0, "CREATE_FAILED");
    assert_eq!(lab.world.region(REGION).logs.groups.len(), 1);
}

#[test]
fn what_is_not_modelled_is_refused_and_names_are_taken_once() {
    let mut lab = Lab::new();
    for (resources, text) in [
        (json!({ "A": { "Type": "AWS::Moon::Base" } }), "Unrecognized resource types: [AWS::Moon::Base]"),
        (
            json!({ "A": { "Type": "AWS::Logs::LogGroup", "DependsOn": "B" } }),
            "Unresolved resource dependencies [B]",
        ),
        (
            json!({
                "A": { "Type": "AWS::Logs::LogGroup", "DependsOn": "B" },
                "B": { "Type": "AWS::Logs::LogGroup", "DependsOn": "A" },
            }),
            "Circular dependency between resources: [A, B]",
        ),
    ] {
        let refusal = create(&mut lab, "shop", resources, json!({})).unwrap_err();
        assert!(refusal.message.contains(text), "{refusal:?}");
    }
    let role = json!({ "Resources": { "A": { "Type": "AWS::IAM::Role" } } }).to_string();
    let refusal = refused(&mut lab, "CreateStack", &[("StackName", "shop"), ("TemplateBody", &role)]);
    assert_eq!(refusal.code, "InsufficientCapabilitiesException");
    made(&mut lab, "shop", json!({ "Logs": { "Type": "AWS::Logs::LogGroup" } }), json!({}));
    let refusal = create(&mut lab, "shop", json!({ "Logs": { "Type": "AWS::Logs::LogGroup" } }), json!({}));
    assert_eq!(refusal.unwrap_err().code, "AlreadyExistsException");
}

#[test]
fn a_stack_is_found_by_a_member_and_lists_come_in_pages() {
    let mut lab = Lab::new();
    let mut many = json!({});
    for number in 0..120 {
        many[format!("Handle{number:03}")] = json!({ "Type": "AWS::CloudFormation::WaitConditionHandle" });
    }
    many["Vpc"] = json!({ "Type": "AWS::EC2::VPC", "Properties": { "CidrBlock": "10.0.0.0/16" } });
    let id = made(&mut lab, "shop", many, json!({}));
    let first = ok(&mut lab, "ListStackResources", &[("StackName", "shop")]);
    let token = text_of(&first, "NextToken").unwrap();
    let rest = ok(&mut lab, "ListStackResources", &[("StackName", "shop"), ("NextToken", &token)]);
    let counts = [&first, &rest].map(|page| texts_of(page, "LogicalResourceId").len());
    assert_eq!((counts, text_of(&rest, "NextToken")), ([100, 21], None));
    assert_eq!(
        texts_of(&ok(&mut lab, "DescribeStackResources", &[("StackName", "shop")]), "StackId").len(),
        100
    );
    let vpc = physical(&mut lab, &id, "Vpc");
    let found = ok(&mut lab, "DescribeStackResources", &[("PhysicalResourceId", &vpc)]);
    assert_eq!(text_of(&found, "StackName").as_deref(), Some("shop"));
    let refusal = refused(&mut lab, "DescribeStackResources", &[("PhysicalResourceId", "vpc-1")]);
    assert_eq!(refusal.message, "Stack for vpc-1 does not exist");
}

#[test]
fn an_address_is_known_by_its_ip_and_goes_after_its_nat_gateway() {
    let mut lab = Lab::new();
    let network = json!({
        "Vpc": { "Type": "AWS::EC2::VPC", "Properties": { "CidrBlock": "10.0.0.0/16" } },
        "Igw": { "Type": "AWS::EC2::InternetGateway" },
        "Attachment": { "Type": "AWS::EC2::VPCGatewayAttachment", "Properties": {
            "VpcId": { "Ref": "Vpc" }, "InternetGatewayId": { "Ref": "Igw" },
        } },
        "Subnet": { "Type": "AWS::EC2::Subnet", "Properties": {
            "VpcId": { "Ref": "Vpc" }, "CidrBlock": "10.0.0.0/24",
            "AvailabilityZone": { "Fn::Select": [1, { "Fn::GetAZs": "" }] },
        } },
        "Address": { "Type": "AWS::EC2::EIP", "DependsOn": "Attachment" },
        "Nat": { "Type": "AWS::EC2::NatGateway", "DependsOn": "Attachment", "Properties": {
            "SubnetId": { "Ref": "Subnet" }, "AllocationId": { "Fn::GetAtt": ["Address", "AllocationId"] },
        } },
    });
    let id = made(&mut lab, "net", network, json!({ "Ip": { "Value": { "Ref": "Address" } } }));
    let ip = physical(&mut lab, &id, "Address");
    assert!(ip.parse::<std::net::Ipv4Addr>().is_ok(), "{ip}");
    assert!(ok(&mut lab, "DescribeStacks", &[]).contains(&format!("<OutputValue>{ip}</OutputValue>")));
    delete(&mut lab, &id);
    assert_eq!(end(&mut lab, &id).0, "DELETE_COMPLETE");
    assert!(lab.world.region(REGION).ec2.addresses.is_empty());
}

#[test]
fn a_nested_stack_goes_with_its_parent_which_fails_with_it() {
    let mut lab = Lab::new();
    let child = made(&mut lab, "child", small(), json!({}));
    let member_of = super::NewMember {
        logical: "Child".to_owned(),
        kind: "AWS::CloudFormation::Stack".to_owned(),
        physical: child.clone(),
        ..Default::default()
    };
    let new = super::NewStack { name: "parent".to_owned(), members: vec![member_of], ..Default::default() };
    let parent = super::seed(&mut lab.world, REGION, new);
    let subnet = physical(&mut lab, &child, "Subnet");
    let holder = lab.get("CreateNetworkInterface", &[("SubnetId", &subnet)], "networkInterfaceId");
    delete(&mut lab, &parent);
    assert_eq!(end(&mut lab, &parent).1, "The following resource(s) failed to delete: [Child]. ");
    let why = member(&mut lab, &parent, "Child").1;
    let text = format!(
        "Embedded stack {child} was not successfully deleted: The following resource(s) failed to delete: [Subnet]. "
    );
    assert_eq!(why, text);
    lab.ok("DeleteNetworkInterface", &[("NetworkInterfaceId", &holder)]);
    delete(&mut lab, &parent);
    assert_eq!(end(&mut lab, &parent).0, "DELETE_COMPLETE");
    assert_eq!(told(&mut lab, &child).0, "DELETE_COMPLETE");
}

#[test]
fn what_nobody_here_can_delete_is_not_told_as_deleted() {
    let mut lab = Lab::new();
    let moon = super::NewMember {
        logical: "Moon".to_owned(),
        kind: "AWS::Moon::Base".to_owned(),
        physical: "m-1".to_owned(),
        ..Default::default()
    };
    let new = super::NewStack { name: "moon".to_owned(), members: vec![moon], ..Default::default() };
    let id = super::seed(&mut lab.world, REGION, new);
    delete(&mut lab, &id);
    assert_eq!(end(&mut lab, &id).0, "DELETE_FAILED");
}

#[test]
fn a_bucket_that_holds_objects_is_given_up_at_once() {
    let mut lab = Lab::new();
    let bucket = json!({ "States": { "Type": "AWS::S3::Bucket" } });
    let id = made(&mut lab, "shop", bucket, json!({}));
    let name = physical(&mut lab, &id, "States");
    assert_eq!(lab.world.s3.buckets[&name].tags["aws:cloudformation:stack-name"], "shop");
    crate::s3::seed(&mut lab.world, REGION, &name, &[("k", b"v")]);
    delete(&mut lab, &id);
    lab.pass(TICK * 2);
    assert_eq!(told(&mut lab, &id).1, "The following resource(s) failed to delete: [States]. ");
    lab.world.s3.buckets.get_mut(&name).unwrap().objects.clear();
    delete(&mut lab, &id);
    assert_eq!(end(&mut lab, &id).0, "DELETE_COMPLETE");
    assert!(lab.world.s3.buckets.is_empty());
}

#[test]
fn its_calls_are_in_the_trail_but_not_among_the_clients() {
    let mut lab = Lab::new();
    made(&mut lab, "shop", small(), json!({}));
    assert!(lab.world.trail.events.iter().any(|event| event.name == "CreateSubnet"));
    assert!(lab.world.calls.is_empty());
}
