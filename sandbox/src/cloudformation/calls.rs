//! What changes stacks: CreateStack, DeleteStack, UpdateTerminationProtection.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::template::{self, no_export};
use super::work::How;
use super::{find, invalid, kinds, required, site, work};
use crate::error::{AwsError, AwsResult};
use crate::protocol::{Answer, Ctx};
use crate::stores::cloudformation::{Member, MemberStatus, Stack, StackStatus, WorkKind};
use crate::world::World;
use crate::xml::Xml;

/// CreateStack: <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html>.
pub(super) fn create(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let params = &ctx.params;
    let name = required(ctx, "StackName")?;
    check_name(name)?;
    if world.region(&ctx.region).cloudformation.find(name).is_some() {
        return Err(AwsError::new("AlreadyExistsException", format!("Stack [{name}] already exists")));
    }
    if params.get("TemplateURL").is_some() {
        return Err(invalid("TemplateURL is not modelled: send a TemplateBody."));
    }
    let body = params
        .get("TemplateBody")
        .ok_or_else(|| invalid("Either Template URL or Template Body must be specified."))?;
    let parsed = template::parse(body)?;
    let capabilities = params.list("Capabilities");
    check_capabilities(&parsed, &capabilities)?;
    for import in &parsed.imports {
        site::exported(world, &ctx.region, import).ok_or_else(|| no_export(import))?;
    }
    let given = params.items("Parameters").into_iter().filter_map(|item| {
        let value = item.get("ParameterValue").unwrap_or_default().to_owned();
        Some((item.get("ParameterKey")?.to_owned(), value))
    });
    let parameters = parameters(&parsed, given.collect())?;
    let on_failure = on_failure(ctx)?;
    let id = new_id(world, &ctx.region, name);
    let now = world.clock.now();
    let members = parsed.resources.into_iter().map(|(logical, it)| (logical, member(it, now)));
    let stack = Stack {
        description: parsed.description,
        tags: params.tags("Tags"),
        capabilities,
        parameters,
        imports: parsed.imports,
        termination_protection: params.bool("EnableTerminationProtection"),
        role_arn: params.get("RoleARN").map(str::to_owned),
        on_failure,
        template: body.to_owned(),
        members: members.collect(),
        token: params.get("ClientRequestToken").map(str::to_owned),
        ..Stack::new(id.clone(), name, now)
    };
    world.region(&ctx.region).cloudformation.stacks.insert(id.clone(), stack);
    let begun = Some("User Initiated".to_owned());
    work::set_stack(world, &ctx.region, &id, StackStatus::CreateInProgress, begun);
    work::begin(world, &ctx.region, &id, WorkKind::Create);
    let mut xml = Xml::new();
    xml.text("StackId", &id);
    Ok(xml.into())
}

/// A resource of a template that is to be made.
fn member(resource: template::Resource, now: Timestamp) -> Member {
    Member {
        kind: resource.kind,
        physical: None,
        status: MemberStatus::CreateInProgress,
        reason: None,
        changed: now,
        deletion_policy: resource.deletion_policy,
        source: resource.properties,
        properties: serde_json::json!({}),
        needs: resource.needs,
        tried_since: None,
    }
}

/// What is to become of the stack if it cannot be made: two parameters tell it.
fn on_failure(ctx: &Ctx) -> AwsResult<String> {
    match (ctx.params.bool("DisableRollback"), ctx.params.get("OnFailure")) {
        (true, Some(_)) => Err(invalid("You can specify either DisableRollback or OnFailure, but not both.")),
        (true, None) => Ok("DO_NOTHING".to_owned()),
        (false, wish) => Ok(wish.unwrap_or("ROLLBACK").to_owned()),
    }
}

/// `arn:aws:cloudformation:us-east-1:111122223333:stack/name/uuid`
pub(super) fn new_id(world: &mut World, region: &str, name: &str) -> String {
    format!("arn:aws:cloudformation:{region}:{}:stack/{name}/{}", world.account, world.ids.uuid())
}

/// "A stack name can contain only alphanumeric characters (case sensitive) and hyphens. It must start with an
/// alphabetical character and can't be longer than 128 characters."
fn check_name(name: &str) -> AwsResult<()> {
    let good = name.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-')
        && name.len() <= 128;
    let must = "satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*";
    if good { Ok(()) } else { Err(AwsError::constraint("ValidationError", "StackName", Some(name), must)) }
}

/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/control-access-with-iam.html#using-iam-capabilities>
fn check_capabilities(template: &template::Template, given: &[String]) -> AwsResult<()> {
    let of_iam: Vec<_> = template.resources.values().filter(|it| kinds::is_of_iam(&it.kind)).collect();
    let names = ["RoleName", "InstanceProfileName", "ManagedPolicyName"];
    let named = of_iam.iter().any(|it| names.iter().any(|name| it.properties.get(name).is_some()));
    let has = |capability: &str| given.iter().any(|one| one == capability);
    let needed = match (of_iam.is_empty(), named) {
        (false, true) if !has("CAPABILITY_NAMED_IAM") => "CAPABILITY_NAMED_IAM",
        (false, false) if !has("CAPABILITY_IAM") && !has("CAPABILITY_NAMED_IAM") => "CAPABILITY_IAM",
        _ => return Ok(()),
    };
    Err(AwsError::new("InsufficientCapabilitiesException", format!("Requires capabilities : [{needed}]")))
}

fn parameters(
    template: &template::Template,
    mut given: BTreeMap<String, String>,
) -> AwsResult<BTreeMap<String, String>> {
    let unknown: Vec<&str> =
        given.keys().filter(|name| !template.parameters.contains_key(*name)).map(String::as_str).collect();
    if !unknown.is_empty() {
        return Err(invalid(format!("Parameters: [{}] do not exist in the template", unknown.join(", "))));
    }
    let mut missing = Vec::new();
    for (name, default) in &template.parameters {
        match (given.contains_key(name), default) {
            (true, _) => {}
            (false, Some(default)) => drop(given.insert(name.clone(), default.clone())),
            (false, None) => missing.push(name.as_str()),
        }
    }
    if missing.is_empty() {
        return Ok(given);
    }
    Err(invalid(format!("Parameters: [{}] must have values", missing.join(", "))))
}

/// DeleteStack: <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DeleteStack.html>. One
/// that is not there, or is being deleted already, is no error.
pub(super) fn delete(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let named = required(ctx, "StackName")?;
    let Some(stack) = world.region(&ctx.region).cloudformation.find(named).cloned() else {
        return Ok(Xml::new().into());
    };
    refuse_protected(world, &ctx.region, &stack)?;
    let retain: BTreeSet<String> = ctx.params.list("RetainResources").into_iter().collect();
    let force = match ctx.params.get("DeletionMode") {
        None | Some("STANDARD") => false,
        Some("FORCE_DELETE_STACK") => true,
        Some(other) => {
            let must = "satisfy enum value set: [STANDARD, FORCE_DELETE_STACK]";
            return Err(AwsError::constraint("ValidationError", "DeletionMode", Some(other), must));
        }
    };
    match stack.status {
        StackStatus::DeleteComplete | StackStatus::DeleteInProgress => return Ok(Xml::new().into()),
        // The sentence is AWS's, seen in aws-amplify/amplify-backend#2366.
        StackStatus::UpdateInProgress
        | StackStatus::UpdateCompleteCleanupInProgress
        | StackStatus::UpdateRollbackInProgress
        | StackStatus::UpdateRollbackCompleteCleanupInProgress
        | StackStatus::ImportInProgress
        | StackStatus::ImportRollbackInProgress => {
            let text =
                format!("Stack [{}] cannot be deleted while in status {}", stack.id, stack.status.as_str());
            return Err(invalid(text));
        }
        StackStatus::DeleteFailed => check_retained(&stack, &retain)?,
        // "For stacks in the DELETE_FAILED state"; the code is commonly seen, the sentence is made here.
        _ if !retain.is_empty() => {
            let text = format!("Stack [{}] must be in DELETE_FAILED to retain resources", stack.id);
            return Err(invalid(text));
        }
        _ if force => {
            let text = format!("Stack [{}] must be in DELETE_FAILED to be deleted by force", stack.id);
            return Err(invalid(text));
        }
        StackStatus::CreateInProgress
        | StackStatus::CreateFailed
        | StackStatus::CreateComplete
        | StackStatus::RollbackInProgress
        | StackStatus::RollbackFailed
        | StackStatus::RollbackComplete
        | StackStatus::UpdateComplete
        | StackStatus::UpdateFailed
        | StackStatus::UpdateRollbackFailed
        | StackStatus::UpdateRollbackComplete
        | StackStatus::ReviewInProgress
        | StackStatus::ImportComplete
        | StackStatus::ImportRollbackFailed
        | StackStatus::ImportRollbackComplete => {}
    }
    let token = ctx.params.get("ClientRequestToken").map(str::to_owned);
    work::begin_deletion(world, &ctx.region, &stack.id, How { retain, force, token });
    Ok(Xml::new().into())
}

/// A nested stack may be deleted by itself, but has its root's protection:
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-protect-stacks.html>.
fn refuse_protected(world: &mut World, region: &str, stack: &Stack) -> AwsResult<()> {
    let root = stack.root.as_ref().and_then(|root| world.region(region).cloudformation.find(root));
    if !root.unwrap_or(stack).termination_protection {
        return Ok(());
    }
    let text = format!("Stack [{}] cannot be deleted while TerminationProtection is enabled", stack.name);
    Err(invalid(text))
}

/// What is to be left behind has to be there. The first sentence is AWS's, seen in rebuy-de/aws-nuke#270.
fn check_retained(stack: &Stack, retain: &BTreeSet<String>) -> AwsResult<()> {
    for logical in retain {
        match stack.members.get(logical) {
            Some(member) if member.status.is_over() => {
                return Err(invalid(
                    "The specified resources to retain must be in a valid state. Do not specify resources that are \
                     in the DELETE_COMPLETE state.",
                ));
            }
            Some(_) => {}
            None => {
                let text = format!("The following resource(s) to retain are not in the stack: [{logical}]");
                return Err(invalid(text));
            }
        }
    }
    Ok(())
}

/// UpdateTerminationProtection:
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_UpdateTerminationProtection.html>.
pub(super) fn update_termination_protection(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let named = required(ctx, "StackName")?;
    let enabled = required(ctx, "EnableTerminationProtection")?.eq_ignore_ascii_case("true");
    let stack = find(world, &ctx.region, named)?;
    if stack.root.is_some() {
        let text = "Termination protection cannot be changed on a nested stack, only on its root.";
        return Err(invalid(text));
    }
    if matches!(stack.status, StackStatus::DeleteInProgress | StackStatus::DeleteComplete) {
        let text = format!("Stack [{}] is in {} state", stack.name, stack.status.as_str());
        return Err(invalid(text));
    }
    let id = stack.id.clone();
    if let Some(stack) = world.region(&ctx.region).cloudformation.stacks.get_mut(&id) {
        stack.termination_protection = enabled;
    }
    let mut xml = Xml::new();
    xml.text("StackId", &id);
    Ok(xml.into())
}
