//! Roles, and what goes with one: who works with it, who names it, what contains it.
//!
//! Of many users AWS asks nothing before it deletes a role: there the true answer is who would stop working.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_manage_delete.html>

use serde_json::{Value, json};

use super::parts::{BLUE, ELB, balancer, function, listener, scaling, targets, template, theirs};
use super::{Call, Case};
use crate::live::stage::{A1, DAY, MINUTE, Role, Stage};

/// A role of the failed stack's for this service.
fn role(stage: &mut Stage, name: &str, service: &str) -> Role {
    stage.ago(3 * DAY);
    stage.role(name, service, A1)
}

pub fn of_a_function(stage: &mut Stage) -> Case {
    let role = role(stage, "shop-a1-export", "lambda.amazonaws.com");
    let function = function(stage, &role, None);
    Case::of(&role.name).named("function", &function)
}

/// "Cannot delete entity, must remove roles from instance profile first."
pub fn in_a_foreign_profile(stage: &mut Stage) -> Case {
    let role = role(stage, "shop-a1-node", "ec2.amazonaws.com");
    stage.profile("blue-node", &role, BLUE);
    let both = [("InstanceProfileName", "blue-node"), ("RoleName", role.name.as_str())];
    Case::of(&role.name)
        .refused(Call::query("iam", "DeleteRole", &both[1..]), "DeleteConflict")
        .cured(Call::query("iam", "RemoveRoleFromInstanceProfile", &both))
}

pub fn in_a_profile_at_work(stage: &mut Stage) -> Case {
    let role = role(stage, "shop-a1-node-role", "ec2.amazonaws.com");
    stage.profile("shop-a1-node", &role, A1);
    let (_, subnet) = theirs(stage);
    let machine = stage.instance(&subnet, BLUE, &[("IamInstanceProfile.Name", "shop-a1-node")]);
    Case::of(&role.name).named("machine", &machine)
}

pub fn profile_at_work(stage: &mut Stage) -> Case {
    let case = in_a_profile_at_work(stage);
    let machine = case.names[0].1.clone();
    Case::of("shop-a1-node").named("machine", &machine)
}

pub fn trusted_by_name(stage: &mut Stage) -> Case {
    let role = role(stage, "shop-a1-app", "ec2.amazonaws.com");
    stage.role_trusting("blue-reader", &json!({ "AWS": role.arn }), BLUE);
    Case::of(&role.name)
}

/// Flow logs are read by nobody here; the role was used a minute ago, by nothing that goes.
pub fn of_a_flow_log(stage: &mut Stage) -> Case {
    let role = role(stage, "shop-a1-flow", "vpc-flow-logs.amazonaws.com");
    let (vpc, _) = theirs(stage);
    let params = [
        ("ResourceType", "VPC"),
        ("ResourceId.1", vpc.as_str()),
        ("LogGroupName", "blue-flow"),
        ("DeliverLogsPermissionArn", &role.arn),
    ];
    let made = stage.ec2("CreateFlowLogs", &params);
    let log = made
        .split_once("<item>fl-")
        .and_then(|(_, rest)| rest.split_once('<'))
        .map(|(id, _)| format!("fl-{id}"));
    stage.ago(MINUTE);
    stage.used_now(&role);
    Case::of(&role.name).named("log", &log.unwrap())
}

fn policy(stage: &mut Stage) -> String {
    stage.ago(3 * DAY);
    let document = json!({
        "Version": "2012-10-17",
        "Statement": [{ "Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*" }],
    })
    .to_string();
    stage.make_of(
        "iam",
        "CreatePolicy",
        &[("PolicyName", "shop-a1-read"), ("PolicyDocument", &document)],
        (A1, "Arn"),
    )
}

/// "Cannot delete a policy attached to entities."
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_manage-delete.html>
fn policy_stays(arn: &str) -> Case {
    let delete = Call::query("iam", "DeletePolicy", &[("PolicyArn", arn)]);
    Case::of(arn).refused(delete, "DeleteConflict").named("policy", arn)
}

pub fn policy_of_a_role(stage: &mut Stage) -> Case {
    let policy = policy(stage);
    stage.role("blue-app", "ec2.amazonaws.com", BLUE);
    let both = [("RoleName", "blue-app"), ("PolicyArn", policy.as_str())];
    stage.call("iam", "AttachRolePolicy", &both);
    policy_stays(&policy).cured(Call::query("iam", "DetachRolePolicy", &both))
}

pub fn policy_of_a_user(stage: &mut Stage) -> Case {
    let policy = policy(stage);
    stage.call("iam", "CreateUser", &[("UserName", "alice")]);
    let both = [("UserName", "alice"), ("PolicyArn", policy.as_str())];
    stage.call("iam", "AttachUserPolicy", &both);
    policy_stays(&policy).cured(Call::query("iam", "DetachUserPolicy", &both))
}

pub fn policy_as_a_boundary(stage: &mut Stage) -> Case {
    let policy = policy(stage);
    stage.role("blue-app", "ec2.amazonaws.com", BLUE);
    let both = [("RoleName", "blue-app"), ("PermissionsBoundary", policy.as_str())];
    stage.call("iam", "PutRolePermissionsBoundary", &both);
    policy_stays(&policy).cured(Call::query("iam", "DeleteRolePermissionsBoundary", &both[..1]))
}

pub fn provider(stage: &mut Stage) -> Case {
    stage.ago(3 * DAY);
    let url = "https://oidc.eks.us-east-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF";
    let params = [("Url", url), ("ClientIDList.member.1", "sts.amazonaws.com")];
    let provider =
        stage.make_of("iam", "CreateOpenIDConnectProvider", &params, (A1, "OpenIDConnectProviderArn"));
    let trusted: Value = json!({ "Federated": provider });
    stage.role_trusting("blue-pod", &trusted, BLUE);
    Case::of(&provider)
}

/// A group at zero starts the next machine by it.
pub fn template_of_a_group(stage: &mut Stage) -> Case {
    stage.ago(3 * DAY);
    let (_, subnet) = theirs(stage);
    let template = template(stage, "shop-a1-workers", A1, &[]);
    scaling(stage, "blue-at-zero", (&template, &subnet), "0");
    Case::of(&template)
}

/// "You can't delete a target group if it is used in a listener rule."
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteTargetGroup.html>
pub fn targets_of_a_listener(stage: &mut Stage) -> Case {
    stage.ago(3 * DAY);
    let (vpc, subnet) = theirs(stage);
    let balancer = balancer(stage, "blue-front", &[&subnet], BLUE);
    let targets = targets(stage, "a1-web", &vpc, A1);
    let listener = listener(stage, &balancer, &targets);
    let delete = Call::query(ELB, "DeleteTargetGroup", &[("TargetGroupArn", &targets)]);
    Case::of(&targets)
        .refused(delete, "ResourceInUse")
        .named("balancer", &balancer)
        .named("listener", &listener)
        .cured(Call::query(ELB, "DeleteListener", &[("ListenerArn", &listener)]))
}
