//! The creation of what is IAM's.

use serde_json::Value;

use super::super::hands::Hands;
use super::super::template::plain;
use super::{Form, name, not_made};
use crate::error::AwsResult;
use crate::stores::cloudformation::Stack;

/// Makes a thing; gives its physical id.
pub(super) fn make(
    hands: &mut Hands<'_>,
    stack: &Stack,
    (logical, kind): (&str, &str),
    properties: &Value,
) -> AwsResult<String> {
    let texts = |name: &str| -> Vec<String> {
        properties[name].as_array().into_iter().flatten().map(plain).collect()
    };
    match kind {
        "AWS::IAM::Role" => {
            let role = name(hands, properties, "RoleName", stack, logical);
            let form = Form::of(properties)
                .same(&["AssumeRolePolicyDocument", "Path", "Description", "PermissionsBoundary"])
                .set("RoleName", &role);
            hands.told("iam", "CreateRole", &form.params, "Arn")?;
            for arn in texts("ManagedPolicyArns") {
                hands.query("iam", "AttachRolePolicy", &[("RoleName", &role), ("PolicyArn", &arn)])?;
            }
            for inline in properties["Policies"].as_array().into_iter().flatten() {
                put_inline(hands, &role, inline)?;
            }
            Ok(role)
        }
        "AWS::IAM::Policy" => {
            for role in texts("Roles") {
                put_inline(hands, &role, properties)?;
            }
            let tail = hands.world.ids.hex(4).to_uppercase();
            let (stack, logical) =
                (stack.name.get(..5).unwrap_or(&stack.name), logical.get(..4).unwrap_or(logical));
            Ok(format!("{stack}-{logical}-{tail}"))
        }
        "AWS::IAM::ManagedPolicy" => {
            let policy = name(hands, properties, "ManagedPolicyName", stack, logical);
            let form = Form::of(properties)
                .same(&["PolicyDocument", "Path", "Description"])
                .set("PolicyName", policy);
            let arn = hands.told("iam", "CreatePolicy", &form.params, "Arn")?;
            for role in texts("Roles") {
                hands.query("iam", "AttachRolePolicy", &[("RoleName", &role), ("PolicyArn", &arn)])?;
            }
            Ok(arn)
        }
        "AWS::IAM::InstanceProfile" => {
            let profile = name(hands, properties, "InstanceProfileName", stack, logical);
            let form = Form::of(properties).same(&["Path"]).set("InstanceProfileName", &profile);
            hands.told("iam", "CreateInstanceProfile", &form.params, "Arn")?;
            for role in texts("Roles") {
                let params = [("InstanceProfileName", profile.as_str()), ("RoleName", &role)];
                hands.query("iam", "AddRoleToInstanceProfile", &params)?;
            }
            Ok(profile)
        }
        "AWS::IAM::OIDCProvider" => {
            let form = Form::of(properties)
                .same(&["Url"])
                .listed("ClientIdList", "ClientIDList.member")
                .listed("ThumbprintList", "ThumbprintList.member");
            hands.told("iam", "CreateOpenIDConnectProvider", &form.params, "OpenIDConnectProviderArn")
        }
        kind => Err(not_made(kind)),
    }
}

fn put_inline(hands: &mut Hands<'_>, role: &str, inline: &Value) -> AwsResult<()> {
    let (name, document) = (plain(&inline["PolicyName"]), plain(&inline["PolicyDocument"]));
    let params = [("RoleName", role), ("PolicyName", &name), ("PolicyDocument", &document)];
    hands.query("iam", "PutRolePolicy", &params).map(|_| ())
}
