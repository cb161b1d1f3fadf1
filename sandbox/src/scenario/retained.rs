//! A stack that was deleted, though not what it could not delete: that stands on with the stack's tags. Beside it
//! one of nearly the same name, at work.

use serde_json::{Value, json};

use super::ScenarioError;
use super::builder::{Builder, days, minutes, tags};
use super::stacks::{delete_stack, make_stack, physical};
use super::templates::{reference, role};
use crate::stores::cloudformation::StackStatus;

/// Tells the story.
pub(super) fn tell(builder: &mut Builder) -> Result<(), ScenarioError> {
    builder.ago(days(30));
    let healthy = make_stack(builder, "shop-qa", &tags(&[("Project", "shop")]), (resources(3), json!({})))?;
    builder.ago(days(3));
    let made = make_stack(builder, "shop-qa-2", &tags(&[("Project", "shop")]), (resources(1), json!({})))?;
    let subnet = physical(builder, &made, "Subnet")?;
    let group = physical(builder, &made, "Group")?;
    let params = [("SubnetId", subnet.as_str()), ("SecurityGroupId.1", &group), ("Description", "a trial")];
    let interface = builder.ec2("CreateNetworkInterface", &params)?.text("networkInterfaceId")?;
    let role = physical(builder, &made, "WebRole")?;
    let policy = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore";
    builder.call("iam", "AttachRolePolicy", &[("RoleName", &role), ("PolicyArn", policy)])?;
    delete_stack(builder, &made, &[], StackStatus::DeleteFailed)?;
    let left = ["Vpc", "Subnet", "Group", "WebRole"];
    delete_stack(builder, &made, &left, StackStatus::DeleteComplete)?;
    // Whoever tried something has tidied up since.
    builder.ec2("DeleteNetworkInterface", &[("NetworkInterfaceId", &interface)])?;
    builder.ago(minutes(20));
    let used = physical(builder, &healthy, "WebRole")?;
    let (now, region) = (builder.world.clock.now(), builder.region.clone());
    if let Some(role) = builder.world.iam.roles.get_mut(&used) {
        role.last_used = Some((now, region));
    }
    Ok(())
}

fn resources(number: u8) -> Value {
    let vpc = || reference("Vpc");
    json!({
        "Vpc": { "Type": "AWS::EC2::VPC", "Properties": { "CidrBlock": format!("10.{number}.0.0/16") } },
        "Subnet": { "Type": "AWS::EC2::Subnet", "Properties": {
            "VpcId": vpc(), "CidrBlock": format!("10.{number}.0.0/24"),
        } },
        "Group": { "Type": "AWS::EC2::SecurityGroup", "Properties": {
            "VpcId": vpc(), "GroupDescription": "web",
        } },
        "WebRole": role("ec2.amazonaws.com", &[]),
        "Logs": { "Type": "AWS::Logs::LogGroup" },
    })
}
