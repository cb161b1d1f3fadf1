//! Instance profiles.

use crate::error::{AwsError, AwsResult};
use crate::query::Params;
use crate::quotas::{HOME, table};
use crate::world::World;
use crate::xml::Xml;

use super::form::{
    already_exists, delete_conflict, limit_exceeded, no_such_entity, page, path, required, tags,
};
use super::render;
use super::roles::role;
use crate::stores::iam::{Iam, Profile};

fn not_found(name: &str) -> AwsError {
    no_such_entity(format!("Instance Profile {name} cannot be found."))
}

/// The profile that `InstanceProfileName` names.
fn profile<'a>(iam: &'a Iam, params: &Params) -> AwsResult<&'a Profile> {
    let name = required(params, "InstanceProfileName")?;
    iam.profiles.get(name).ok_or_else(|| not_found(name))
}

/// The profile that `InstanceProfileName` names, to be changed.
fn profile_to_change<'a>(iam: &'a mut Iam, params: &Params) -> AwsResult<&'a mut Profile> {
    let name = required(params, "InstanceProfileName")?;
    iam.profiles.get_mut(name).ok_or_else(|| not_found(name))
}

pub(super) fn create_instance_profile(world: &mut World, params: &Params) -> AwsResult<Xml> {
    let name = required(params, "InstanceProfileName")?;
    let path = path(params)?;
    let tags = tags(params)?;
    if world.iam.profiles.contains_key(name) {
        return Err(already_exists(format!("Instance Profile {name} already exists.")));
    }
    let most = world.quotas.limit(HOME, table::PROFILES);
    if world.iam.profiles.len() >= most {
        return Err(limit_exceeded("InstanceProfilesPerAccount", most));
    }
    let profile = Profile {
        name: name.to_owned(),
        id: world.ids.iam("AIPA"),
        arn: format!("arn:aws:iam::{}:instance-profile{path}{name}", world.account),
        created: world.clock.now(),
        role: None,
        tags,
        path,
    };
    world.iam.profiles.insert(profile.name.clone(), profile);
    get_instance_profile(world, params)
}

pub(super) fn get_instance_profile(world: &mut World, params: &Params) -> AwsResult<Xml> {
    let profile = profile(&world.iam, params)?;
    let mut xml = Xml::new();
    xml.node("InstanceProfile", |xml| {
        render::profile_fields(xml, &world.iam, profile);
        render::tags(xml, &profile.tags);
    });
    Ok(xml)
}

/// ListInstanceProfiles tells no tags: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListInstanceProfiles.html>.
pub(super) fn list_instance_profiles(world: &mut World, params: &Params) -> AwsResult<Xml> {
    let iam = &world.iam;
    let prefix = params.get("PathPrefix").unwrap_or("/");
    let profiles = iam.profiles.values().filter(|profile| profile.path.starts_with(prefix));
    let page = page(params, profiles.map(|profile| (profile.name.clone(), profile)))?;
    Ok(render::list("InstanceProfiles", page, |xml, profile| {
        xml.node("member", |xml| render::profile_fields(xml, iam, profile));
    }))
}

pub(super) fn list_instance_profiles_for_role(world: &mut World, params: &Params) -> AwsResult<Xml> {
    let iam = &world.iam;
    let role = role(iam, params)?;
    let page = page(params, iam.profiles_of(&role.name).map(|profile| (profile.name.clone(), profile)))?;
    Ok(render::list("InstanceProfiles", page, |xml, profile| {
        xml.node("member", |xml| render::profile_fields(xml, iam, profile));
    }))
}

/// A profile holds one role: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddRoleToInstanceProfile.html>.
pub(super) fn add_role_to_instance_profile(world: &mut World, params: &Params) -> AwsResult<Xml> {
    let role = role(&world.iam, params)?.name.clone();
    let profile = profile_to_change(&mut world.iam, params)?;
    if profile.role.is_some() {
        return Err(limit_exceeded("InstanceSessionsPerInstanceProfile", 1));
    }
    profile.role = Some(role);
    Ok(Xml::new())
}

pub(super) fn remove_role_from_instance_profile(world: &mut World, params: &Params) -> AwsResult<Xml> {
    let role = required(params, "RoleName")?;
    let profile = profile_to_change(&mut world.iam, params)?;
    if profile.role.as_deref() != Some(role) {
        return Err(no_such_entity(format!(
            "Role {role} cannot be found in instance profile {}.",
            profile.name
        )));
    }
    profile.role = None;
    Ok(Xml::new())
}

/// Whether an instance still runs under the profile is not looked at, as on AWS:
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteInstanceProfile.html>.
pub(super) fn delete_instance_profile(world: &mut World, params: &Params) -> AwsResult<Xml> {
    let profile = profile_to_change(&mut world.iam, params)?;
    if profile.role.is_some() {
        return Err(delete_conflict("Cannot delete entity, must remove roles from instance profile first."));
    }
    let name = profile.name.clone();
    world.iam.profiles.remove(&name);
    Ok(Xml::new())
}

/// Makes the profile that EKS gives the nodes of a managed node group. As long as it stands, so
/// must the node role: <https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSServiceRoleForAmazonEKSNodegroup.html>.
/// A role that IAM does not know is left out.
pub(crate) fn make_for_nodes(world: &mut World, name: &str, role_arn: &str) {
    let role = world.iam.roles.values().find(|role| role.arn == role_arn);
    let profile = Profile {
        name: name.to_owned(),
        path: "/".to_owned(),
        arn: format!("arn:aws:iam::{}:instance-profile/{name}", world.account),
        created: world.clock.now(),
        role: role.map(|role| role.name.clone()),
        tags: Default::default(),
        id: world.ids.iam("AIPA"),
    };
    world.iam.profiles.insert(name.to_owned(), profile);
}

/// Removes the profile that EKS gave the nodes of a managed node group, if it is still there.
pub(crate) fn remove_from_nodes(world: &mut World, name: &str) {
    world.iam.profiles.remove(name);
}

pub(super) fn tag_instance_profile(world: &mut World, params: &Params) -> AwsResult<Xml> {
    let added = tags(params)?;
    profile_to_change(&mut world.iam, params)?.tags.extend(added);
    Ok(Xml::new())
}

pub(super) fn untag_instance_profile(world: &mut World, params: &Params) -> AwsResult<Xml> {
    let keys = params.list("TagKeys");
    profile_to_change(&mut world.iam, params)?.tags.retain(|key, _| !keys.contains(key));
    Ok(Xml::new())
}

pub(super) fn list_instance_profile_tags(world: &mut World, params: &Params) -> AwsResult<Xml> {
    render::tag_page(&profile(&world.iam, params)?.tags, params)
}

#[cfg(test)]
mod tests {
    use crate::iam::testing::{accepted, account, made_role, refused};

    #[test]
    fn a_profile_with_a_role_cannot_be_deleted_until_the_role_is_removed() {
        let mut world = account();
        made_role(&mut world, "node");
        let both = [("InstanceProfileName", "node"), ("RoleName", "node")];
        accepted(&mut world, "CreateInstanceProfile", &both[..1]);
        accepted(&mut world, "AddRoleToInstanceProfile", &both);
        let why =
            (409, "DeleteConflict", "Cannot delete entity, must remove roles from instance profile first.");
        refused(&mut world, "DeleteInstanceProfile", &both[..1], why);
        accepted(&mut world, "RemoveRoleFromInstanceProfile", &both);
        accepted(&mut world, "DeleteInstanceProfile", &both[..1]);
        let why = (404, "NoSuchEntity", "Instance Profile node cannot be found.");
        refused(&mut world, "DeleteInstanceProfile", &both[..1], why);
    }

    #[test]
    fn a_profile_holds_one_role() {
        let mut world = account();
        made_role(&mut world, "one");
        made_role(&mut world, "two");
        accepted(&mut world, "CreateInstanceProfile", &[("InstanceProfileName", "p")]);
        accepted(
            &mut world,
            "AddRoleToInstanceProfile",
            &[("InstanceProfileName", "p"), ("RoleName", "one")],
        );
        let why = (409, "LimitExceeded", "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1");
        refused(
            &mut world,
            "AddRoleToInstanceProfile",
            &[("InstanceProfileName", "p"), ("RoleName", "two")],
            why,
        );
    }
}
