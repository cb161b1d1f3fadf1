//! Security groups of the failed stack's that others name or work in.
//!
//! "You can't delete a security group that is associated with a network interface [or] that is referenced by a rule
//! in another security group". <https://docs.aws.amazon.com/vpc/latest/userguide/deleting-security-groups.html>

use super::parts::{BLUE, interface, rule, template, theirs};
use super::{Call, Case};
use crate::live::stage::{A1, DAY, Stage};

/// A group of the failed stack's in blue's VPC.
fn held(stage: &mut Stage) -> (String, String, String) {
    stage.ago(3 * DAY);
    let (vpc, subnet) = theirs(stage);
    let group = stage.group(&vpc, "a1-web", A1);
    (vpc, subnet, group)
}

fn stays(group: &str) -> Case {
    let delete = Call::query("ec2", "DeleteSecurityGroup", &[("GroupId", group)]);
    Case::of(group).refused(delete, "DependencyViolation").named("group", group)
}

fn named_by_a_rule(stage: &mut Stage, way: &str, revoke: &'static str) -> Case {
    let (vpc, _, group) = held(stage);
    let living = stage.group(&vpc, "blue-db", BLUE);
    let rule = rule(stage, way, &living, &group);
    let params = [("GroupId", living.as_str()), ("SecurityGroupRuleId.1", &rule)];
    stays(&group).named("living", &living).named("rule", &rule).cured(Call::query("ec2", revoke, &params))
}

pub fn inbound(stage: &mut Stage) -> Case {
    named_by_a_rule(stage, "AuthorizeSecurityGroupIngress", "RevokeSecurityGroupIngress")
}

pub fn outbound(stage: &mut Stage) -> Case {
    named_by_a_rule(stage, "AuthorizeSecurityGroupEgress", "RevokeSecurityGroupEgress")
}

pub fn machine(stage: &mut Stage) -> Case {
    let (_, subnet, group) = held(stage);
    let machine = stage.instance(&subnet, BLUE, &[("SecurityGroupId.1", &group)]);
    let delete = [("InstanceId.1", machine.as_str())];
    stays(&group).named("machine", &machine).cured(Call::query("ec2", "TerminateInstances", &delete))
}

pub fn free_interface(stage: &mut Stage) -> Case {
    let (_, subnet, group) = held(stage);
    let interface = interface(stage, &subnet, "blue's spare card", BLUE);
    let of = [("NetworkInterfaceId", interface.as_str())];
    let groups = [of[0], ("SecurityGroupId.1", group.as_str())];
    stage.ec2("ModifyNetworkInterfaceAttribute", &groups);
    stays(&group).named("interface", &interface).cured(Call::query("ec2", "DeleteNetworkInterface", &of))
}

/// AWS deletes it all the same, and blue's next machine cannot start.
pub fn living_template(stage: &mut Stage) -> Case {
    let (_, _, group) = held(stage);
    let named = [("LaunchTemplateData.SecurityGroupId.1", group.as_str())];
    let template = template(stage, "blue-workers", BLUE, &named);
    Case::of(&group).named("template", &template)
}
