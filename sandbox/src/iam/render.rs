//! IAM's things as its answers tell them.

use crate::error::AwsResult;
use crate::query::Params;
use crate::tags::Tags;
use crate::xml::Xml;

use super::form::{Page, encoded, name_of, page, time};
use crate::stores::iam::{Group, Iam, Policy, Profile, Role, User};

/// A managed policy: the account's own record, or the ARN of one of AWS's.
pub(super) enum Managed<'a> {
    Local(&'a Policy),
    Aws(&'a str),
}

/// Whether a policy version is told with its document.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Documents {
    Told,
    Left,
}

/// `<name><member/>…</name>`, `IsTruncated` and `Marker`.
pub(super) fn list<T>(name: &str, page: Page<T>, mut each: impl FnMut(&mut Xml, T)) -> Xml {
    let mut xml = Xml::new();
    xml.node(name, |xml| {
        for item in page.items {
            each(xml, item);
        }
    });
    paging(&mut xml, page.marker.as_deref());
    xml
}

/// `IsTruncated` and `Marker`.
pub(super) fn paging(xml: &mut Xml, marker: Option<&str>) {
    xml.text("IsTruncated", if marker.is_some() { "true" } else { "false" });
    if let Some(marker) = marker {
        xml.text("Marker", marker);
    }
}

/// A list of strings.
pub(super) fn strings(xml: &mut Xml, name: &str, values: &[String]) {
    xml.node(name, |xml| {
        for value in values {
            xml.text("member", value);
        }
    });
}

/// The `Tags` of a thing; left out when there are none, as AWS does.
pub(super) fn tags(xml: &mut Xml, tags: &Tags) {
    if !tags.is_empty() {
        xml.node("Tags", |xml| {
            for (key, value) in tags {
                tag(xml, key, value);
            }
        });
    }
}

fn tag(xml: &mut Xml, key: &str, value: &str) {
    xml.node("member", |xml| {
        xml.text("Key", key);
        xml.text("Value", value);
    });
}

/// The answer of an operation that lists the tags of one thing.
pub(super) fn tag_page(tags: &Tags, params: &Params) -> AwsResult<Xml> {
    let page = page(params, tags.iter().map(|(key, value)| (key.clone(), (key, value))))?;
    Ok(list("Tags", page, |xml, (key, value)| tag(xml, key, value)))
}

/// A role as CreateRole and GetRole tell it.
pub(super) fn role(xml: &mut Xml, name: &str, role: &Role) {
    xml.node(name, |xml| {
        role_fields(xml, role);
        boundary(xml, role.boundary.as_ref());
        last_used(xml, role);
        tags(xml, &role.tags);
    });
}

/// A role as lists tell it.
pub(super) fn listed_role(xml: &mut Xml, role: &Role) {
    xml.node("member", |xml| role_fields(xml, role));
}

fn role_fields(xml: &mut Xml, role: &Role) {
    role_names(xml, role);
    if let Some(description) = &role.description {
        xml.text("Description", description);
    }
    xml.text("MaxSessionDuration", role.max_session.to_string());
}

fn role_names(xml: &mut Xml, role: &Role) {
    xml.text("Path", &role.path);
    xml.text("RoleName", &role.name);
    xml.text("RoleId", &role.id);
    xml.text("Arn", &role.arn);
    xml.text("CreateDate", time(role.created));
    xml.text("AssumeRolePolicyDocument", encoded(&role.trust));
}

fn boundary(xml: &mut Xml, boundary: Option<&String>) {
    if let Some(arn) = boundary {
        xml.node("PermissionsBoundary", |xml| {
            xml.text("PermissionsBoundaryType", "Policy");
            xml.text("PermissionsBoundaryArn", arn);
        });
    }
}

/// An empty `RoleLastUsed` means: not within AWS's tracking time.
fn last_used(xml: &mut Xml, role: &Role) {
    xml.node("RoleLastUsed", |xml| {
        if let Some((at, region)) = &role.last_used {
            xml.text("LastUsedDate", time(*at));
            xml.text("Region", region);
        }
    });
}

/// A role as GetAccountAuthorizationDetails tells it.
pub(super) fn role_detail(xml: &mut Xml, iam: &Iam, role: &Role) {
    xml.node("member", |xml| {
        role_names(xml, role);
        xml.node("InstanceProfileList", |xml| {
            for profile in iam.profiles_of(&role.name) {
                xml.node("member", |xml| profile_fields(xml, iam, profile));
            }
        });
        xml.node("RolePolicyList", |xml| {
            for (name, document) in &role.inline {
                xml.node("member", |xml| {
                    xml.text("PolicyName", name);
                    xml.text("PolicyDocument", encoded(document));
                });
            }
        });
        xml.node("AttachedManagedPolicies", |xml| {
            for arn in &role.attached {
                attached_policy(xml, arn);
            }
        });
        boundary(xml, role.boundary.as_ref());
        tags(xml, &role.tags);
        last_used(xml, role);
    });
}

/// A user as GetAccountAuthorizationDetails tells it.
pub(super) fn user_detail(xml: &mut Xml, iam: &Iam, user: &User) {
    xml.node("member", |xml| {
        user_names(xml, user);
        let groups = iam.groups.values().filter(|group| group.members.contains(&user.name));
        xml.member_texts("GroupList", groups.map(|group| &group.name));
        xml.node("AttachedManagedPolicies", |xml| {
            for arn in &user.attached {
                attached_policy(xml, arn);
            }
        });
        boundary(xml, user.boundary.as_ref());
        tags(xml, &user.tags);
    });
}

fn user_names(xml: &mut Xml, user: &User) {
    xml.text("Path", &user.path)
        .text("UserName", &user.name)
        .text("UserId", &user.id)
        .text("Arn", &user.arn)
        .text("CreateDate", time(user.created));
}

/// A user as CreateUser and GetUser tell it.
pub(super) fn user(xml: &mut Xml, user: &User) {
    xml.node("User", |xml| {
        user_names(xml, user);
        boundary(xml, user.boundary.as_ref());
        tags(xml, &user.tags);
    });
}

/// A group as CreateGroup tells it.
pub(super) fn group(xml: &mut Xml, group: &Group) {
    xml.node("Group", |xml| group_names(xml, group));
}

fn group_names(xml: &mut Xml, group: &Group) {
    xml.text("Path", &group.path)
        .text("GroupName", &group.name)
        .text("GroupId", &group.id)
        .text("Arn", &group.arn)
        .text("CreateDate", time(group.created));
}

/// A group as GetAccountAuthorizationDetails tells it.
pub(super) fn group_detail(xml: &mut Xml, group: &Group) {
    xml.node("member", |xml| {
        group_names(xml, group);
        xml.node("GroupPolicyList", |_| {});
        xml.node("AttachedManagedPolicies", |xml| {
            for arn in &group.attached {
                attached_policy(xml, arn);
            }
        });
    });
}

/// A policy as GetAccountAuthorizationDetails tells it: with all versions, without tags.
pub(super) fn policy_detail(xml: &mut Xml, iam: &Iam, managed: &Managed<'_>) {
    xml.node("member", |xml| {
        managed_fields(xml, iam, managed);
        xml.node("PolicyVersionList", |xml| {
            if let Managed::Local(policy) = managed {
                for number in policy.versions.keys() {
                    policy_version(xml, "member", policy, *number, Documents::Told);
                }
            }
        });
    });
}

/// An entry of `AttachedPolicies`.
pub(super) fn attached_policy(xml: &mut Xml, arn: &str) {
    xml.node("member", |xml| {
        xml.text("PolicyName", name_of(arn));
        xml.text("PolicyArn", arn);
    });
}

/// A policy's fields as lists tell them.
pub(super) fn managed_fields(xml: &mut Xml, iam: &Iam, managed: &Managed<'_>) {
    match managed {
        Managed::Local(policy) => policy_fields(xml, iam, policy),
        Managed::Aws(arn) => {
            xml.text("PolicyName", name_of(arn));
            xml.text("Arn", arn);
            xml.text("DefaultVersionId", "v1");
            xml.text("IsAttachable", "true");
            usage(xml, iam, arn);
        }
    }
}

/// The fields of a policy of the account.
pub(super) fn policy_fields(xml: &mut Xml, iam: &Iam, policy: &Policy) {
    xml.text("PolicyName", &policy.name);
    xml.text("PolicyId", &policy.id);
    xml.text("Arn", &policy.arn);
    xml.text("Path", &policy.path);
    xml.text("DefaultVersionId", format!("v{}", policy.default));
    usage(xml, iam, &policy.arn);
    xml.text("IsAttachable", "true");
    if let Some(description) = &policy.description {
        xml.text("Description", description);
    }
    xml.text("CreateDate", time(policy.created));
    xml.text("UpdateDate", time(policy.updated));
}

fn usage(xml: &mut Xml, iam: &Iam, arn: &str) {
    xml.text("AttachmentCount", iam.attachments(arn).count().to_string());
    xml.text("PermissionsBoundaryUsageCount", iam.boundaries(arn).count().to_string());
}

/// One version of a policy.
pub(super) fn policy_version(xml: &mut Xml, name: &str, policy: &Policy, number: u32, documents: Documents) {
    let Some((document, created)) = policy.versions.get(&number) else { return };
    xml.node(name, |xml| {
        if documents == Documents::Told {
            xml.text("Document", encoded(document));
        }
        xml.text("VersionId", format!("v{number}"));
        xml.text("IsDefaultVersion", if policy.default == number { "true" } else { "false" });
        xml.text("CreateDate", time(*created));
    });
}

/// An instance profile's fields as lists tell them: with its role, without its tags.
pub(super) fn profile_fields(xml: &mut Xml, iam: &Iam, profile: &Profile) {
    xml.text("Path", &profile.path);
    xml.text("InstanceProfileName", &profile.name);
    xml.text("InstanceProfileId", &profile.id);
    xml.text("Arn", &profile.arn);
    xml.text("CreateDate", time(profile.created));
    xml.node("Roles", |xml| {
        if let Some(role) = profile.role.as_ref().and_then(|name| iam.roles.get(name)) {
            listed_role(xml, role);
        }
    });
}
