//! Users and groups: made, filled and emptied, as holders of policies and of boundaries.

use std::collections::BTreeSet;

use crate::error::{AwsError, AwsResult};
use crate::query::Params;
use crate::world::World;
use crate::xml::Xml;

use super::form::{already_exists, delete_conflict, no_such_entity, path, required, tags};
use super::policies::must_be_attachable;
use super::render;
use crate::stores::iam::{Group, Iam, User};

fn user<'a>(iam: &'a mut Iam, params: &Params) -> AwsResult<&'a mut User> {
    let name = required(params, "UserName")?;
    let missing = || no_such_entity(format!("The user with name {name} cannot be found."));
    iam.users.get_mut(name).ok_or_else(missing)
}

fn group<'a>(iam: &'a mut Iam, params: &Params) -> AwsResult<&'a mut Group> {
    let name = required(params, "GroupName")?;
    let missing = || no_such_entity(format!("The group with name {name} cannot be found."));
    iam.groups.get_mut(name).ok_or_else(missing)
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateUser.html>
pub(super) fn create_user(world: &mut World, params: &Params) -> AwsResult<Xml> {
    let (name, path) = (required(params, "UserName")?, path(params)?);
    if world.iam.users.contains_key(name) {
        return Err(already_exists(format!("User with name {name} already exists.")));
    }
    let boundary = params.get("PermissionsBoundary").map(str::to_owned);
    if let Some(arn) = &boundary {
        must_be_attachable(&world.iam, arn)?;
    }
    let user = User {
        name: name.to_owned(),
        id: world.ids.iam("AIDA"),
        arn: format!("arn:aws:iam::{}:user{path}{name}", world.account),
        created: world.clock.now(),
        boundary,
        attached: BTreeSet::new(),
        tags: tags(params)?,
        path,
    };
    let mut xml = Xml::new();
    render::user(&mut xml, &user);
    world.iam.users.insert(user.name.clone(), user);
    Ok(xml)
}

pub(super) fn get_user(world: &mut World, params: &Params) -> AwsResult<Xml> {
    let mut xml = Xml::new();
    render::user(&mut xml, user(&mut world.iam, params)?);
    Ok(xml)
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUser.html>: the user must be empty.
pub(super) fn delete_user(world: &mut World, params: &Params) -> AwsResult<Xml> {
    let user = user(&mut world.iam, params)?;
    let name = user.name.clone();
    if !user.attached.is_empty() {
        return Err(delete_conflict("Cannot delete entity, must detach all policies first."));
    }
    if world.iam.groups.values().any(|group| group.members.contains(&name)) {
        return Err(delete_conflict("Cannot delete entity, must remove users from group first."));
    }
    world.iam.users.remove(&name);
    Ok(Xml::new())
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateGroup.html>
pub(super) fn create_group(world: &mut World, params: &Params) -> AwsResult<Xml> {
    let (name, path) = (required(params, "GroupName")?, path(params)?);
    if world.iam.groups.contains_key(name) {
        return Err(already_exists(format!("Group with name {name} already exists.")));
    }
    let group = Group {
        name: name.to_owned(),
        id: world.ids.iam("AGPA"),
        arn: format!("arn:aws:iam::{}:group{path}{name}", world.account),
        created: world.clock.now(),
        attached: BTreeSet::new(),
        members: BTreeSet::new(),
        path,
    };
    let mut xml = Xml::new();
    render::group(&mut xml, &group);
    world.iam.groups.insert(group.name.clone(), group);
    Ok(xml)
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteGroup.html>: neither users nor policies.
pub(super) fn delete_group(world: &mut World, params: &Params) -> AwsResult<Xml> {
    let group = group(&mut world.iam, params)?;
    if !group.members.is_empty() {
        return Err(delete_conflict("Cannot delete entity, must remove users from group first."));
    }
    if !group.attached.is_empty() {
        return Err(delete_conflict("Cannot delete entity, must detach all policies first."));
    }
    let name = group.name.clone();
    world.iam.groups.remove(&name);
    Ok(Xml::new())
}

pub(super) fn add_user_to_group(world: &mut World, params: &Params) -> AwsResult<Xml> {
    let name = user(&mut world.iam, params)?.name.clone();
    group(&mut world.iam, params)?.members.insert(name);
    Ok(Xml::new())
}

pub(super) fn remove_user_from_group(world: &mut World, params: &Params) -> AwsResult<Xml> {
    let name = user(&mut world.iam, params)?.name.clone();
    group(&mut world.iam, params)?.members.remove(&name);
    Ok(Xml::new())
}

pub(super) fn attach_user_policy(world: &mut World, params: &Params) -> AwsResult<Xml> {
    let arn = required(params, "PolicyArn")?;
    must_be_attachable(&world.iam, arn)?;
    user(&mut world.iam, params)?.attached.insert(arn.to_owned());
    Ok(Xml::new())
}

pub(super) fn detach_user_policy(world: &mut World, params: &Params) -> AwsResult<Xml> {
    let arn = required(params, "PolicyArn")?;
    detached(user(&mut world.iam, params)?.attached.remove(arn), arn)
}

pub(super) fn attach_group_policy(world: &mut World, params: &Params) -> AwsResult<Xml> {
    let arn = required(params, "PolicyArn")?;
    must_be_attachable(&world.iam, arn)?;
    group(&mut world.iam, params)?.attached.insert(arn.to_owned());
    Ok(Xml::new())
}

pub(super) fn detach_group_policy(world: &mut World, params: &Params) -> AwsResult<Xml> {
    let arn = required(params, "PolicyArn")?;
    detached(group(&mut world.iam, params)?.attached.remove(arn), arn)
}

fn detached(was_there: bool, arn: &str) -> AwsResult<Xml> {
    let missing: AwsError = no_such_entity(format!("Policy {arn} was not found."));
    was_there.then(Xml::new).ok_or(missing)
}

pub(super) fn put_user_permissions_boundary(world: &mut World, params: &Params) -> AwsResult<Xml> {
    let arn = required(params, "PermissionsBoundary")?;
    must_be_attachable(&world.iam, arn)?;
    user(&mut world.iam, params)?.boundary = Some(arn.to_owned());
    Ok(Xml::new())
}

pub(super) fn delete_user_permissions_boundary(world: &mut World, params: &Params) -> AwsResult<Xml> {
    let user = user(&mut world.iam, params)?;
    let name = user.name.clone();
    let missing = || no_such_entity(format!("User {name} has no permissions boundary."));
    user.boundary.take().map(|_| Xml::new()).ok_or_else(missing)
}

#[cfg(test)]
mod tests {
    use crate::iam::testing::{accepted, account, refused};
    use crate::xml::{text_of, texts_of};

    #[test]
    fn a_policy_of_a_user_or_a_group_or_that_bounds_a_user_cannot_be_deleted() {
        let mut world = account();
        let policy = [("PolicyName", "p"), ("PolicyDocument", "{}")];
        let arn = text_of(&accepted(&mut world, "CreatePolicy", &policy), "Arn").unwrap();
        accepted(&mut world, "CreateUser", &[("UserName", "ann")]);
        accepted(&mut world, "CreateGroup", &[("GroupName", "ops")]);
        let policy = ("PolicyArn", arn.as_str());
        let why = (409, "DeleteConflict", "Cannot delete a policy attached to entities.");
        for (attach, detach, holder) in [
            ("AttachUserPolicy", "DetachUserPolicy", ("UserName", "ann")),
            ("AttachGroupPolicy", "DetachGroupPolicy", ("GroupName", "ops")),
        ] {
            accepted(&mut world, attach, &[holder, policy]);
            refused(&mut world, "DeletePolicy", &[policy], why);
            let told = accepted(&mut world, "ListEntitiesForPolicy", &[policy]);
            assert_eq!(text_of(&told, holder.0).as_deref(), Some(holder.1));
            accepted(&mut world, detach, &[holder, policy]);
        }
        let bound = [("UserName", "ann"), ("PermissionsBoundary", arn.as_str())];
        accepted(&mut world, "PutUserPermissionsBoundary", &bound);
        refused(&mut world, "DeletePolicy", &[policy], why);
        accepted(&mut world, "DeleteUserPermissionsBoundary", &bound[..1]);
        accepted(&mut world, "DeletePolicy", &[policy]);
    }

    #[test]
    fn the_account_tells_users_and_groups_with_their_policies_boundaries_and_members() {
        let mut world = account();
        let arn = "arn:aws:iam::aws:policy/ReadOnlyAccess";
        accepted(&mut world, "CreateUser", &[("UserName", "ann"), ("PermissionsBoundary", arn)]);
        accepted(&mut world, "CreateGroup", &[("GroupName", "ops")]);
        accepted(&mut world, "AttachGroupPolicy", &[("GroupName", "ops"), ("PolicyArn", arn)]);
        accepted(&mut world, "AddUserToGroup", &[("GroupName", "ops"), ("UserName", "ann")]);
        let asked = [("Filter.member.1", "Group"), ("Filter.member.2", "User")];
        let told = accepted(&mut world, "GetAccountAuthorizationDetails", &asked);
        assert_eq!(texts_of(&told, "UserName"), ["ann", "deployer"]);
        assert!(told.contains("<GroupList><member>ops</member></GroupList>"), "{told}");
        assert_eq!(text_of(&told, "PermissionsBoundaryArn").as_deref(), Some(arn));
        assert_eq!(text_of(&told, "PolicyArn").as_deref(), Some(arn));
        assert!(texts_of(&told, "RoleName").is_empty());
        let why = (409, "DeleteConflict", "Cannot delete entity, must remove users from group first.");
        refused(&mut world, "DeleteUser", &[("UserName", "ann")], why);
        refused(&mut world, "DeleteGroup", &[("GroupName", "ops")], why);
        accepted(&mut world, "RemoveUserFromGroup", &[("GroupName", "ops"), ("UserName", "ann")]);
        accepted(&mut world, "DeleteUser", &[("UserName", "ann")]);
    }
}
