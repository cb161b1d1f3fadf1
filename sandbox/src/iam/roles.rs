//! Roles, their inline policies, and what is attached to them.

use crate::error::{AwsError, AwsResult};
use crate::query::Params;
use crate::quotas::HOME;
use crate::quotas::table;
use crate::world::World;
use crate::xml::Xml;

use super::form::{
    already_exists, delete_conflict, document, encoded, invalid, limit_exceeded, no_such_entity, page, path,
    required, tags,
};
use super::policies::must_be_attachable;
use super::render;
use crate::stores::iam::{Iam, Role};

/// The role that `RoleName` names.
pub(super) fn role<'a>(iam: &'a Iam, params: &Params) -> AwsResult<&'a Role> {
    let name = required(params, "RoleName")?;
    iam.roles.get(name).ok_or_else(|| not_found(name))
}

/// The role that `RoleName` names, to be changed. Service-linked roles are changed by their service only:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html>.
fn role_to_change<'a>(iam: &'a mut Iam, params: &Params) -> AwsResult<&'a mut Role> {
    let name = required(params, "RoleName")?;
    let role = iam.roles.get_mut(name).ok_or_else(|| not_found(name))?;
    if role.path.starts_with("/aws-service-role/") || role.path.starts_with("/aws-reserved/") {
        return Err(AwsError::new(
            "UnmodifiableEntity",
            format!(
                "Cannot perform the operation on the protected role '{name}' - this role is only modifiable by AWS"
            ),
        ));
    }
    Ok(role)
}

fn not_found(name: &str) -> AwsError {
    no_such_entity(format!("The role with name {name} cannot be found."))
}

pub(super) fn create_role(world: &mut World, params: &Params) -> AwsResult<Xml> {
    let name = required(params, "RoleName")?;
    let trust = document(params, "AssumeRolePolicyDocument")?;
    let path = path(params)?;
    let tags = tags(params)?;
    if path.starts_with("/aws-") {
        // Paths of service-linked and single-sign-on roles: only AWS makes those.
        return Err(invalid("The specified value for path is reserved for AWS use."));
    }
    if world.iam.roles.contains_key(name) {
        return Err(already_exists(format!("Role with name {name} already exists.")));
    }
    let quota = world.quotas.limit(HOME, table::ROLES);
    if world.iam.roles.len() >= quota {
        return Err(limit_exceeded("RolesPerAccount", quota));
    }
    let boundary = params.get("PermissionsBoundary").map(str::to_owned);
    if let Some(arn) = &boundary {
        must_be_attachable(&world.iam, arn)?;
    }
    let role = Role {
        name: name.to_owned(),
        id: world.ids.iam("AROA"),
        arn: format!("arn:aws:iam::{}:role{path}{name}", world.account),
        created: world.clock.now(),
        trust: trust.to_owned(),
        description: params.get("Description").map(str::to_owned),
        max_session: params.get("MaxSessionDuration").and_then(|text| text.parse().ok()).unwrap_or(3600),
        boundary,
        inline: Default::default(),
        attached: Default::default(),
        last_used: None,
        tags,
        path,
    };
    let mut xml = Xml::new();
    render::role(&mut xml, "Role", &role);
    world.iam.roles.insert(role.name.clone(), role);
    Ok(xml)
}

pub(super) fn get_role(world: &mut World, params: &Params) -> AwsResult<Xml> {
    let mut xml = Xml::new();
    render::role(&mut xml, "Role", role(&world.iam, params)?);
    Ok(xml)
}

/// ListRoles tells neither tags nor the boundary nor the last use:
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoles.html>.
pub(super) fn list_roles(world: &mut World, params: &Params) -> AwsResult<Xml> {
    let prefix = params.get("PathPrefix").unwrap_or("/");
    let roles = world.iam.roles.values().filter(|role| role.path.starts_with(prefix));
    let page = page(params, roles.map(|role| (role.name.clone(), role)))?;
    Ok(render::list("Roles", page, render::listed_role))
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html>: the role must be empty.
pub(super) fn delete_role(world: &mut World, params: &Params) -> AwsResult<Xml> {
    let role = role_to_change(&mut world.iam, params)?;
    let name = role.name.clone();
    let has_inline = !role.inline.is_empty();
    let has_attached = !role.attached.is_empty();
    if world.iam.profiles_of(&name).next().is_some() {
        return Err(delete_conflict("Cannot delete entity, must remove roles from instance profile first."));
    }
    if has_attached {
        return Err(delete_conflict("Cannot delete entity, must detach all policies first."));
    }
    if has_inline {
        return Err(delete_conflict("Cannot delete entity, must delete policies first."));
    }
    world.iam.roles.remove(&name);
    Ok(Xml::new())
}

pub(super) fn put_role_policy(world: &mut World, params: &Params) -> AwsResult<Xml> {
    let policy = required(params, "PolicyName")?.to_owned();
    let document = document(params, "PolicyDocument")?.to_owned();
    role_to_change(&mut world.iam, params)?.inline.insert(policy, document);
    Ok(Xml::new())
}

pub(super) fn get_role_policy(world: &mut World, params: &Params) -> AwsResult<Xml> {
    let role = role(&world.iam, params)?;
    let name = required(params, "PolicyName")?;
    let document = role.inline.get(name).ok_or_else(|| inline_not_found(name))?;
    let mut xml = Xml::new();
    xml.text("RoleName", &role.name);
    xml.text("PolicyName", name);
    xml.text("PolicyDocument", encoded(document));
    Ok(xml)
}

pub(super) fn list_role_policies(world: &mut World, params: &Params) -> AwsResult<Xml> {
    let role = role(&world.iam, params)?;
    let page = page(params, role.inline.keys().map(|name| (name.clone(), name)))?;
    Ok(render::list("PolicyNames", page, |xml, name| {
        xml.text("member", name);
    }))
}

pub(super) fn delete_role_policy(world: &mut World, params: &Params) -> AwsResult<Xml> {
    let name = required(params, "PolicyName")?;
    let role = role_to_change(&mut world.iam, params)?;
    role.inline.remove(name).ok_or_else(|| inline_not_found(name))?;
    Ok(Xml::new())
}

fn inline_not_found(name: &str) -> AwsError {
    no_such_entity(format!("The role policy with name {name} cannot be found."))
}

pub(super) fn attach_role_policy(world: &mut World, params: &Params) -> AwsResult<Xml> {
    let arn = required(params, "PolicyArn")?;
    must_be_attachable(&world.iam, arn)?;
    let most = world.quotas.limit(HOME, table::ATTACHED_PER_ROLE);
    let role = role_to_change(&mut world.iam, params)?;
    if role.attached.len() >= most && !role.attached.contains(arn) {
        return Err(limit_exceeded("PoliciesPerRole", most));
    }
    role.attached.insert(arn.to_owned());
    Ok(Xml::new())
}

pub(super) fn detach_role_policy(world: &mut World, params: &Params) -> AwsResult<Xml> {
    let arn = required(params, "PolicyArn")?;
    let role = role_to_change(&mut world.iam, params)?;
    if !role.attached.remove(arn) {
        return Err(no_such_entity(format!("Policy {arn} was not found.")));
    }
    Ok(Xml::new())
}

pub(super) fn list_attached_role_policies(world: &mut World, params: &Params) -> AwsResult<Xml> {
    let role = role(&world.iam, params)?;
    let page = page(params, role.attached.iter().map(|arn| (arn.clone(), arn)))?;
    Ok(render::list("AttachedPolicies", page, |xml, arn| render::attached_policy(xml, arn)))
}

pub(super) fn put_role_permissions_boundary(world: &mut World, params: &Params) -> AwsResult<Xml> {
    let arn = required(params, "PermissionsBoundary")?;
    must_be_attachable(&world.iam, arn)?;
    role_to_change(&mut world.iam, params)?.boundary = Some(arn.to_owned());
    Ok(Xml::new())
}

pub(super) fn delete_role_permissions_boundary(world: &mut World, params: &Params) -> AwsResult<Xml> {
    let role = role_to_change(&mut world.iam, params)?;
    let name = role.name.clone();
    role.boundary
        .take()
        .ok_or_else(|| no_such_entity(format!("Role {name} has no permissions boundary.")))?;
    Ok(Xml::new())
}

pub(super) fn tag_role(world: &mut World, params: &Params) -> AwsResult<Xml> {
    let added = tags(params)?;
    role_to_change(&mut world.iam, params)?.tags.extend(added);
    Ok(Xml::new())
}

pub(super) fn untag_role(world: &mut World, params: &Params) -> AwsResult<Xml> {
    let keys = params.list("TagKeys");
    let role = role_to_change(&mut world.iam, params)?;
    role.tags.retain(|key, _| !keys.contains(key));
    Ok(Xml::new())
}

pub(super) fn list_role_tags(world: &mut World, params: &Params) -> AwsResult<Xml> {
    render::tag_page(&role(&world.iam, params)?.tags, params)
}

#[cfg(test)]
mod tests {
    use crate::iam::testing::{accepted, account, made_role, refused};
    use crate::xml::text_of;

    #[test]
    fn a_role_in_an_instance_profile_cannot_be_deleted_until_it_is_removed() {
        let mut world = account();
        made_role(&mut world, "node");
        accepted(&mut world, "CreateInstanceProfile", &[("InstanceProfileName", "node")]);
        let both = [("InstanceProfileName", "node"), ("RoleName", "node")];
        accepted(&mut world, "AddRoleToInstanceProfile", &both);
        refused(
            &mut world,
            "DeleteRole",
            &[("RoleName", "node")],
            (409, "DeleteConflict", "Cannot delete entity, must remove roles from instance profile first."),
        );
        accepted(&mut world, "RemoveRoleFromInstanceProfile", &both);
        accepted(&mut world, "DeleteRole", &[("RoleName", "node")]);
    }

    #[test]
    fn a_role_with_attached_policies_cannot_be_deleted_until_they_are_detached() {
        let mut world = account();
        made_role(&mut world, "node");
        let both = [("RoleName", "node"), ("PolicyArn", "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy")];
        accepted(&mut world, "AttachRolePolicy", &both);
        refused(
            &mut world,
            "DeleteRole",
            &[("RoleName", "node")],
            (409, "DeleteConflict", "Cannot delete entity, must detach all policies first."),
        );
        accepted(&mut world, "DetachRolePolicy", &both);
        accepted(&mut world, "DeleteRole", &[("RoleName", "node")]);
    }

    #[test]
    fn a_role_with_inline_policies_cannot_be_deleted_until_they_are_deleted() {
        let mut world = account();
        made_role(&mut world, "node");
        let inline = [("RoleName", "node"), ("PolicyName", "p"), ("PolicyDocument", r#"{"a":"b c"}"#)];
        accepted(&mut world, "PutRolePolicy", &inline);
        let told = accepted(&mut world, "GetRolePolicy", &inline[..2]);
        assert_eq!(text_of(&told, "PolicyDocument").as_deref(), Some("%7B%22a%22%3A%22b%20c%22%7D"));
        refused(
            &mut world,
            "DeleteRole",
            &[("RoleName", "node")],
            (409, "DeleteConflict", "Cannot delete entity, must delete policies first."),
        );
        accepted(&mut world, "DeleteRolePolicy", &inline[..2]);
        accepted(&mut world, "DeleteRole", &[("RoleName", "node")]);
        refused(
            &mut world,
            "GetRole",
            &[("RoleName", "node")],
            (404, "NoSuchEntity", "The role with name node cannot be found."),
        );
    }

    #[test]
    fn a_service_linked_role_is_its_services() {
        let mut world = account();
        let name = [("RoleName", "AWSServiceRoleForAmazonEKS")];
        accepted(&mut world, "GetRole", &name);
        let message = "Cannot perform the operation on the protected role 'AWSServiceRoleForAmazonEKS' - this role is only modifiable by AWS";
        refused(&mut world, "DeleteRole", &name, (400, "UnmodifiableEntity", message));
    }

    #[test]
    fn a_role_made_again_under_its_name_has_another_id() {
        let mut world = account();
        let first = made_role(&mut world, "node");
        accepted(&mut world, "DeleteRole", &[("RoleName", "node")]);
        let second = made_role(&mut world, "node");
        let ids = (text_of(&first, "RoleId"), text_of(&second, "RoleId"));
        assert!(ids.0.as_ref().is_some_and(|id| id.starts_with("AROA") && id.len() == 21));
        assert_ne!(ids.0, ids.1);
    }

    #[test]
    fn the_role_quota_is_kept() {
        let mut world = account();
        let roles = world.iam.roles.len();
        world.quotas.apply("us-east-1", crate::quotas::table::ROLES, roles as f64);
        let message = format!("Cannot exceed quota for RolesPerAccount: {}", world.iam.roles.len());
        let role = [("RoleName", "node"), ("AssumeRolePolicyDocument", "{}")];
        refused(&mut world, "CreateRole", &role, (409, "LimitExceeded", &message));
    }
}
