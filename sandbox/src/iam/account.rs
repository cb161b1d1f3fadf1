//! What IAM tells of the account as a whole: everything at once, counts and quotas, the alias.

use crate::error::AwsResult;
use crate::query::Params;
use crate::quotas::HOME;
use crate::quotas::table;
use crate::world::World;
use crate::xml::Xml;

use super::form::{constraint, page};
use super::policies::{VERSIONS_PER_POLICY, aws_managed_in_use};
use super::render::{self, Managed};
use crate::stores::iam::{Group, Role, User};

/// One thing of GetAccountAuthorizationDetails.
enum Detail<'a> {
    User(&'a User),
    Group(&'a Group),
    Role(&'a Role),
    Policy(Managed<'a>),
}

/// What `Filter` may name.
const FILTERS: [&str; 5] = ["User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy"];

/// All users, groups, roles and policies with what hangs on them, in pages over all lists together:
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html>.
pub(super) fn get_account_authorization_details(world: &mut World, params: &Params) -> AwsResult<Xml> {
    let filters = params.list("Filter");
    if let Some(unknown) = filters.iter().find(|filter| !FILTERS.contains(&filter.as_str())) {
        let must = format!("satisfy enum value set: [{}]", FILTERS.join(", "));
        return Err(constraint("Filter", Some(unknown), &must));
    }
    let wanted = |filter: &str| filters.is_empty() || filters.iter().any(|named| named == filter);
    let iam = &world.iam;
    // The keys ascend over all lists: users before groups before roles before policies.
    let mut found: Vec<(String, Detail<'_>)> = Vec::new();
    if wanted("User") {
        found.extend(iam.users.values().map(|user| (format!("1 {}", user.name), Detail::User(user))));
    }
    if wanted("Group") {
        found.extend(iam.groups.values().map(|group| (format!("2 {}", group.name), Detail::Group(group))));
    }
    if wanted("Role") {
        found.extend(iam.roles.values().map(|role| (format!("3 {}", role.name), Detail::Role(role))));
    }
    if wanted("LocalManagedPolicy") {
        let local = iam.policies.values();
        found.extend(
            local.map(|policy| (format!("4 {}", policy.arn), Detail::Policy(Managed::Local(policy)))),
        );
    }
    if wanted("AWSManagedPolicy") {
        found.extend(
            aws_managed_in_use(iam).map(|arn| (format!("5 {arn}"), Detail::Policy(Managed::Aws(arn)))),
        );
    }
    let page = page(params, found.into_iter())?;
    let mut xml = Xml::new();
    xml.node("UserDetailList", |xml| {
        for item in &page.items {
            if let Detail::User(user) = item {
                render::user_detail(xml, iam, user);
            }
        }
    });
    xml.node("GroupDetailList", |xml| {
        for item in &page.items {
            if let Detail::Group(group) = item {
                render::group_detail(xml, group);
            }
        }
    });
    xml.node("RoleDetailList", |xml| {
        for item in &page.items {
            if let Detail::Role(role) = item {
                render::role_detail(xml, iam, role);
            }
        }
    });
    xml.node("Policies", |xml| {
        for item in &page.items {
            if let Detail::Policy(policy) = item {
                render::policy_detail(xml, iam, policy);
            }
        }
    });
    render::paging(&mut xml, page.marker.as_deref());
    Ok(xml)
}

/// Counts and quotas: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html>.
/// `Providers` has no quota beside it.
pub(super) fn get_account_summary(world: &mut World, _: &Params) -> AwsResult<Xml> {
    let iam = &world.iam;
    let quota = |code| world.quotas.limit(HOME, code);
    let versions: usize = iam.policies.values().map(|policy| policy.versions.len()).sum();
    let summary: [(&str, usize); 34] = [
        ("AccessKeysPerUserQuota", 2),
        ("AccountAccessKeysPresent", 0),
        ("AccountMFAEnabled", 1),
        ("AccountPasswordPresent", 1),
        ("AccountSigningCertificatesPresent", 0),
        ("AssumeRolePolicySizeQuota", quota(table::TRUST_POLICY)),
        ("AttachedPoliciesPerGroupQuota", 10),
        ("AttachedPoliciesPerRoleQuota", quota(table::ATTACHED_PER_ROLE)),
        ("AttachedPoliciesPerUserQuota", 10),
        ("GlobalEndpointTokenVersion", 1),
        ("GroupPolicySizeQuota", 5120),
        ("Groups", iam.groups.len()),
        ("GroupsPerUserQuota", 10),
        ("GroupsQuota", quota(table::GROUPS)),
        ("InstanceProfiles", iam.profiles.len()),
        ("InstanceProfilesQuota", quota(table::PROFILES)),
        ("MFADevices", 1),
        ("MFADevicesInUse", 1),
        ("Policies", iam.policies.len()),
        ("PoliciesQuota", quota(table::POLICIES)),
        ("PolicySizeQuota", 6144),
        ("PolicyVersionsInUse", versions),
        ("PolicyVersionsInUseQuota", 10000),
        ("Providers", iam.providers.len()),
        ("RolePolicySizeQuota", 10240),
        ("Roles", iam.roles.len()),
        ("RolesQuota", quota(table::ROLES)),
        ("ServerCertificates", 0),
        ("ServerCertificatesQuota", quota(table::CERTIFICATES)),
        ("SigningCertificatesPerUserQuota", 2),
        ("UserPolicySizeQuota", 2048),
        ("Users", iam.users.len()),
        ("UsersQuota", quota(table::USERS)),
        ("VersionsPerPolicyQuota", VERSIONS_PER_POLICY),
    ];
    let mut xml = Xml::new();
    xml.node("SummaryMap", |xml| {
        for (key, value) in summary {
            xml.node("entry", |xml| {
                xml.text("key", key);
                xml.text("value", value.to_string());
            });
        }
    });
    Ok(xml)
}

pub(super) fn list_account_aliases(world: &mut World, _: &Params) -> AwsResult<Xml> {
    let mut xml = Xml::new();
    render::strings(&mut xml, "AccountAliases", world.iam.alias.as_slice());
    render::paging(&mut xml, None);
    Ok(xml)
}

#[cfg(test)]
mod tests {
    use crate::iam::testing::{accepted, account, made_role};
    use crate::xml::{text_of, texts_of};

    #[test]
    fn pages_hold_together_though_a_role_is_deleted_between_them() {
        let mut world = account();
        for number in 0..7 {
            made_role(&mut world, &format!("r{number}"));
        }
        let mut names = Vec::new();
        let mut marker = String::new();
        loop {
            let asked = [("Filter.member.1", "Role"), ("MaxItems", "4"), ("Marker", marker.as_str())];
            let page = accepted(&mut world, "GetAccountAuthorizationDetails", &asked);
            names.extend(texts_of(&page, "RoleName"));
            if world.iam.roles.contains_key("r0") && names.iter().any(|name| name == "r0") {
                accepted(&mut world, "DeleteRole", &[("RoleName", "r0")]);
            }
            let Some(next) = text_of(&page, "Marker") else { break };
            marker = next;
        }
        let own: Vec<_> = names.iter().filter(|name| name.starts_with('r')).collect();
        assert_eq!(own, ["r0", "r1", "r2", "r3", "r4", "r5", "r6"]);
    }

    #[test]
    fn a_role_is_told_with_all_that_hangs_on_it() {
        let mut world = account();
        made_role(&mut world, "node");
        accepted(
            &mut world,
            "TagRole",
            &[("RoleName", "node"), ("Tags.member.1.Key", "Project"), ("Tags.member.1.Value", "shop")],
        );
        accepted(
            &mut world,
            "PutRolePolicy",
            &[("RoleName", "node"), ("PolicyName", "inline"), ("PolicyDocument", "{}")],
        );
        accepted(&mut world, "CreateInstanceProfile", &[("InstanceProfileName", "profile")]);
        accepted(
            &mut world,
            "AddRoleToInstanceProfile",
            &[("InstanceProfileName", "profile"), ("RoleName", "node")],
        );
        let all = accepted(&mut world, "GetAccountAuthorizationDetails", &[("Filter.member.1", "Role")]);
        for part in [
            "<Value>shop</Value>",
            "<PolicyName>inline</PolicyName>",
            "<InstanceProfileName>profile</InstanceProfileName>",
        ] {
            assert!(all.contains(part), "{part} is missing");
        }
        assert!(texts_of(&all, "UserName").is_empty(), "only roles were asked for");
    }
}
