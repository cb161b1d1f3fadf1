//! Customer-managed policies and their versions. AWS-managed ones exist by their ARN alone.

use std::collections::BTreeSet;

use crate::error::{AwsError, AwsResult};
use crate::query::Params;
use crate::quotas::HOME;
use crate::quotas::table;
use crate::world::World;
use crate::xml::Xml;

use super::form::{
    already_exists, constraint, delete_conflict, document, limit_exceeded, no_such_entity, page, path,
    required, tags,
};
use super::render;
use crate::stores::iam::{Iam, Policy};

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-versioning.html>.
pub(super) const VERSIONS_PER_POLICY: usize = 5;

/// AWS's own policies. Their catalogue is not imitated: every name under this prefix exists.
const AWS_MANAGED: &str = "arn:aws:iam::aws:policy/";

/// Whether a policy is AWS's own.
pub(super) fn is_aws_managed(arn: &str) -> bool {
    arn.starts_with(AWS_MANAGED)
}

/// Refuses an ARN of a policy that does not exist.
pub(super) fn must_be_attachable(iam: &Iam, arn: &str) -> AwsResult<()> {
    if is_aws_managed(arn) || iam.policies.contains_key(arn) {
        Ok(())
    } else {
        Err(no_such_entity(format!("Policy {arn} does not exist or is not attachable.")))
    }
}

fn not_found(arn: &str) -> AwsError {
    no_such_entity(format!("Policy {arn} was not found."))
}

/// The policy that `PolicyArn` names.
fn policy<'a>(iam: &'a Iam, params: &Params) -> AwsResult<&'a Policy> {
    let arn = required(params, "PolicyArn")?;
    iam.policies.get(arn).ok_or_else(|| not_found(arn))
}

/// The policy that `PolicyArn` names, to be changed.
fn policy_to_change<'a>(iam: &'a mut Iam, params: &Params) -> AwsResult<&'a mut Policy> {
    let arn = required(params, "PolicyArn")?;
    if is_aws_managed(arn) {
        return Err(AwsError::with_status(
            403,
            "AccessDenied",
            format!("Policy {arn} is owned by AWS and cannot be changed."),
        ));
    }
    iam.policies.get_mut(arn).ok_or_else(|| not_found(arn))
}

pub(super) fn create_policy(world: &mut World, params: &Params) -> AwsResult<Xml> {
    let name = required(params, "PolicyName")?;
    let document = document(params, "PolicyDocument")?;
    let path = path(params)?;
    let tags = tags(params)?;
    let arn = format!("arn:aws:iam::{}:policy{path}{name}", world.account);
    if world.iam.policies.values().any(|policy| policy.name == name) {
        return Err(already_exists(format!(
            "A policy called {name} already exists. Duplicate names are not allowed."
        )));
    }
    let most = world.quotas.limit(HOME, table::POLICIES);
    if world.iam.policies.len() >= most {
        return Err(limit_exceeded("PoliciesPerAccount", most));
    }
    let now = world.clock.now();
    let policy = Policy {
        name: name.to_owned(),
        id: world.ids.iam("ANPA"),
        arn: arn.clone(),
        description: params.get("Description").map(str::to_owned),
        created: now,
        updated: now,
        default: 1,
        versions: [(1, (document.to_owned(), now))].into(),
        next_version: 2,
        tags,
        path,
    };
    world.iam.policies.insert(arn.clone(), policy);
    get_policy_of(&world.iam, &world.iam.policies[&arn])
}

fn get_policy_of(iam: &Iam, policy: &Policy) -> AwsResult<Xml> {
    let mut xml = Xml::new();
    xml.node("Policy", |xml| {
        render::policy_fields(xml, iam, policy);
        render::tags(xml, &policy.tags);
    });
    Ok(xml)
}

pub(super) fn get_policy(world: &mut World, params: &Params) -> AwsResult<Xml> {
    get_policy_of(&world.iam, policy(&world.iam, params)?)
}

/// ListPolicies tells no tags: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicies.html>.
/// Of AWS's own policies only the attached ones are told.
pub(super) fn list_policies(world: &mut World, params: &Params) -> AwsResult<Xml> {
    let iam = &world.iam;
    let scope = params.get("Scope").unwrap_or("All");
    if !["All", "AWS", "Local"].contains(&scope) {
        return Err(constraint("Scope", Some(scope), "satisfy enum value set: [All, AWS, Local]"));
    }
    let prefix = params.get("PathPrefix").unwrap_or("/");
    let only_attached = params.get("OnlyAttached") == Some("true");
    let mut found: Vec<(String, render::Managed<'_>)> = Vec::new();
    if scope != "AWS" {
        let local = iam.policies.values().filter(|policy| {
            policy.path.starts_with(prefix)
                && (!only_attached || iam.attachments(&policy.arn).next().is_some())
        });
        found.extend(local.map(|policy| (policy.arn.clone(), render::Managed::Local(policy))));
    }
    if scope != "Local" && prefix == "/" {
        found.extend(aws_managed_in_use(iam).map(|arn| (arn.to_owned(), render::Managed::Aws(arn))));
    }
    found.sort_by(|one, other| one.0.cmp(&other.0));
    let page = page(params, found.into_iter())?;
    Ok(render::list("Policies", page, |xml, managed| {
        xml.node("member", |xml| render::managed_fields(xml, iam, &managed));
    }))
}

/// AWS's own policies that something of the account uses, each once.
pub(super) fn aws_managed_in_use(iam: &Iam) -> impl Iterator<Item = &str> {
    let arns: BTreeSet<&str> = iam
        .roles
        .values()
        .flat_map(|role| role.attached.iter().chain(&role.boundary))
        .chain(iam.users.values().flat_map(|user| user.attached.iter().chain(&user.boundary)))
        .chain(iam.groups.values().flat_map(|group| &group.attached))
        .map(String::as_str)
        .filter(|arn| is_aws_managed(arn))
        .collect();
    arns.into_iter()
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicy.html>: detached from all,
/// nobody's boundary, and no version left but the default one.
pub(super) fn delete_policy(world: &mut World, params: &Params) -> AwsResult<Xml> {
    let policy = policy_to_change(&mut world.iam, params)?;
    let arn = policy.arn.clone();
    let versions = policy.versions.len();
    if world.iam.attachments(&arn).next().is_some() || world.iam.boundaries(&arn).next().is_some() {
        return Err(delete_conflict("Cannot delete a policy attached to entities."));
    }
    if versions > 1 {
        return Err(delete_conflict(
            "This policy has more than one version. Before you delete a policy, you must delete the policy's \
             versions. The default version is deleted with the policy.",
        ));
    }
    world.iam.policies.remove(&arn);
    Ok(Xml::new())
}

/// Who uses a policy, as attachment or as boundary; pages go over all three lists together.
pub(super) fn list_entities_for_policy(world: &mut World, params: &Params) -> AwsResult<Xml> {
    let arn = required(params, "PolicyArn")?;
    let iam = &world.iam;
    if !is_aws_managed(arn) && !iam.policies.contains_key(arn) {
        return Err(not_found(arn));
    }
    let usage = params.get("PolicyUsageFilter");
    let filter = params.get("EntityFilter");
    let uses = |attached: &BTreeSet<String>, boundary: Option<&String>| {
        let attached = usage != Some("PermissionsBoundary") && attached.contains(arn);
        attached || (usage != Some("PermissionsPolicy") && boundary.is_some_and(|boundary| boundary == arn))
    };
    let mut found: Vec<(String, (&str, &String, &String))> = Vec::new();
    for it in iam.groups.values().filter(|it| uses(&it.attached, None)) {
        found.push((format!("1 {}", it.name), ("Group", &it.name, &it.id)));
    }
    for it in iam.users.values().filter(|it| uses(&it.attached, it.boundary.as_ref())) {
        found.push((format!("2 {}", it.name), ("User", &it.name, &it.id)));
    }
    for it in iam.roles.values().filter(|it| uses(&it.attached, it.boundary.as_ref())) {
        found.push((format!("3 {}", it.name), ("Role", &it.name, &it.id)));
    }
    found.retain(|(_, (kind, ..))| filter.is_none_or(|filter| filter == *kind));
    let page = page(params, found.into_iter())?;
    let mut xml = Xml::new();
    for (list, kind) in [("PolicyGroups", "Group"), ("PolicyUsers", "User"), ("PolicyRoles", "Role")] {
        let rows = page.items.iter().filter(|(of, ..)| *of == kind);
        xml.members(list, rows, |item, (_, name, id)| {
            item.text(&format!("{kind}Name"), name).text(&format!("{kind}Id"), id);
        });
    }
    render::paging(&mut xml, page.marker.as_deref());
    Ok(xml)
}

/// Reads `v3` as 3.
fn version_number(params: &Params) -> AwsResult<u32> {
    let text = required(params, "VersionId")?;
    let must = r"satisfy regular expression pattern: v[1-9][0-9]*(\.[A-Za-z0-9-]*)?";
    let number = text.strip_prefix('v').and_then(|digits| digits.parse().ok());
    number.ok_or_else(|| constraint("VersionId", Some(text), must))
}

fn version_not_found(policy: &Policy, version: u32) -> AwsError {
    no_such_entity(format!("Policy {} version v{version} does not exist or is not attachable.", policy.arn))
}

pub(super) fn create_policy_version(world: &mut World, params: &Params) -> AwsResult<Xml> {
    let document = document(params, "PolicyDocument")?.to_owned();
    let now = world.clock.now();
    let policy = policy_to_change(&mut world.iam, params)?;
    if policy.versions.len() >= VERSIONS_PER_POLICY {
        return Err(AwsError::with_status(
            409,
            "LimitExceeded",
            format!(
                "A managed policy can have up to {VERSIONS_PER_POLICY} versions. Before you create a new \
                 version, you must delete an existing version."
            ),
        ));
    }
    let number = policy.next_version;
    policy.next_version += 1;
    policy.versions.insert(number, (document, now));
    policy.updated = now;
    if params.get("SetAsDefault") == Some("true") {
        policy.default = number;
    }
    let mut xml = Xml::new();
    render::policy_version(&mut xml, "PolicyVersion", policy, number, render::Documents::Left);
    Ok(xml)
}

pub(super) fn get_policy_version(world: &mut World, params: &Params) -> AwsResult<Xml> {
    let policy = policy(&world.iam, params)?;
    let number = version_number(params)?;
    if !policy.versions.contains_key(&number) {
        return Err(version_not_found(policy, number));
    }
    let mut xml = Xml::new();
    render::policy_version(&mut xml, "PolicyVersion", policy, number, render::Documents::Told);
    Ok(xml)
}

/// ListPolicyVersions tells no documents.
pub(super) fn list_policy_versions(world: &mut World, params: &Params) -> AwsResult<Xml> {
    let policy = policy(&world.iam, params)?;
    let page = page(params, policy.versions.keys().map(|number| (format!("{number:09}"), *number)))?;
    Ok(render::list("Versions", page, |xml, number| {
        render::policy_version(xml, "member", policy, number, render::Documents::Left);
    }))
}

pub(super) fn set_default_policy_version(world: &mut World, params: &Params) -> AwsResult<Xml> {
    let number = version_number(params)?;
    let policy = policy_to_change(&mut world.iam, params)?;
    if !policy.versions.contains_key(&number) {
        return Err(version_not_found(policy, number));
    }
    policy.default = number;
    Ok(Xml::new())
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicyVersion.html>: not the default one.
pub(super) fn delete_policy_version(world: &mut World, params: &Params) -> AwsResult<Xml> {
    let number = version_number(params)?;
    let policy = policy_to_change(&mut world.iam, params)?;
    if policy.default == number {
        return Err(delete_conflict("Cannot delete the default version of a policy."));
    }
    if policy.versions.remove(&number).is_none() {
        return Err(version_not_found(policy, number));
    }
    Ok(Xml::new())
}

pub(super) fn tag_policy(world: &mut World, params: &Params) -> AwsResult<Xml> {
    let added = tags(params)?;
    policy_to_change(&mut world.iam, params)?.tags.extend(added);
    Ok(Xml::new())
}

pub(super) fn untag_policy(world: &mut World, params: &Params) -> AwsResult<Xml> {
    let keys = params.list("TagKeys");
    policy_to_change(&mut world.iam, params)?.tags.retain(|key, _| !keys.contains(key));
    Ok(Xml::new())
}

pub(super) fn list_policy_tags(world: &mut World, params: &Params) -> AwsResult<Xml> {
    render::tag_page(&policy(&world.iam, params)?.tags, params)
}

#[cfg(test)]
mod tests {
    use crate::World;
    use crate::iam::testing::{accepted, account, made_role, refused};
    use crate::xml::{text_of, texts_of};

    fn made_policy(world: &mut World) -> String {
        let told = accepted(world, "CreatePolicy", &[("PolicyName", "p"), ("PolicyDocument", "{}")]);
        text_of(&told, "Arn").unwrap()
    }

    #[test]
    fn an_attached_policy_cannot_be_deleted_until_it_is_detached() {
        let mut world = account();
        let arn = made_policy(&mut world);
        made_role(&mut world, "node");
        let both = [("RoleName", "node"), ("PolicyArn", arn.as_str())];
        accepted(&mut world, "AttachRolePolicy", &both);
        let why = (409, "DeleteConflict", "Cannot delete a policy attached to entities.");
        refused(&mut world, "DeletePolicy", &both[1..], why);
        accepted(&mut world, "DetachRolePolicy", &both);
        accepted(&mut world, "DeletePolicy", &both[1..]);
    }

    #[test]
    fn a_policy_that_bounds_a_role_cannot_be_deleted_until_it_bounds_none() {
        let mut world = account();
        let arn = made_policy(&mut world);
        made_role(&mut world, "node");
        let bound = [("RoleName", "node"), ("PermissionsBoundary", arn.as_str())];
        accepted(&mut world, "PutRolePermissionsBoundary", &bound);
        let named = [("PolicyArn", arn.as_str())];
        let told = accepted(&mut world, "GetPolicy", &named);
        assert_eq!(text_of(&told, "AttachmentCount").as_deref(), Some("0"));
        assert_eq!(text_of(&told, "PermissionsBoundaryUsageCount").as_deref(), Some("1"));
        let why = (409, "DeleteConflict", "Cannot delete a policy attached to entities.");
        refused(&mut world, "DeletePolicy", &named, why);
        accepted(&mut world, "DeleteRolePermissionsBoundary", &bound[..1]);
        accepted(&mut world, "DeletePolicy", &named);
    }

    #[test]
    fn a_policy_with_versions_cannot_be_deleted_until_only_the_default_one_is_left() {
        let mut world = account();
        let arn = made_policy(&mut world);
        let named = [("PolicyArn", arn.as_str())];
        let second = [named[0], ("PolicyDocument", "{}"), ("SetAsDefault", "true")];
        accepted(&mut world, "CreatePolicyVersion", &second);
        let why = "This policy has more than one version. Before you delete a policy, you must delete the \
                   policy's versions. The default version is deleted with the policy.";
        refused(&mut world, "DeletePolicy", &named, (409, "DeleteConflict", why));
        let why = (409, "DeleteConflict", "Cannot delete the default version of a policy.");
        refused(&mut world, "DeletePolicyVersion", &[named[0], ("VersionId", "v2")], why);
        accepted(&mut world, "DeletePolicyVersion", &[named[0], ("VersionId", "v1")]);
        let told = accepted(&mut world, "ListPolicyVersions", &named);
        assert_eq!(texts_of(&told, "VersionId"), ["v2"]);
        accepted(&mut world, "DeletePolicy", &named);
    }

    #[test]
    fn a_sixth_version_is_refused() {
        let mut world = account();
        let arn = made_policy(&mut world);
        let more = [("PolicyArn", arn.as_str()), ("PolicyDocument", "{}")];
        for _ in 0..4 {
            accepted(&mut world, "CreatePolicyVersion", &more);
        }
        let why = "A managed policy can have up to 5 versions. Before you create a new version, you must \
                   delete an existing version.";
        refused(&mut world, "CreatePolicyVersion", &more, (409, "LimitExceeded", why));
    }

    #[test]
    fn lists_tell_no_tags() {
        let mut world = account();
        let tagged = [
            ("PolicyName", "p"),
            ("PolicyDocument", "{}"),
            ("Tags.member.1.Key", "Project"),
            ("Tags.member.1.Value", "shop"),
        ];
        let arn = text_of(&accepted(&mut world, "CreatePolicy", &tagged), "Arn").unwrap();
        let listed = accepted(&mut world, "ListPolicies", &[("Scope", "Local")]);
        assert_eq!(texts_of(&listed, "Arn"), [arn.as_str()]);
        assert!(!listed.contains("Project"));
        let tags = accepted(&mut world, "ListPolicyTags", &[("PolicyArn", &arn)]);
        assert_eq!(texts_of(&tags, "Value"), ["shop"]);
    }
}
