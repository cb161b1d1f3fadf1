//! IAM over the AWS query protocol, version 2010-05-08. Global: the region of a call does not matter.
//! Users and groups are not imitated beyond the caller's own user.

mod account;
mod form;
mod policies;
mod profiles;
mod providers;
mod render;
mod roles;
pub mod store;

use crate::sandbox::World;
use crate::sandbox::error::{AwsError, AwsResult};
use crate::sandbox::query::Params;
use crate::sandbox::xml::Xml;

/// One operation: from the world and its parameters to what stands inside `<…Result>`.
type Operation = fn(&mut World, &Params) -> AwsResult<Xml>;

/// Every operation, by name.
const OPERATIONS: &[(&str, Operation)] = &[
    ("AddRoleToInstanceProfile", profiles::add_role_to_instance_profile),
    ("AttachRolePolicy", roles::attach_role_policy),
    ("CreateInstanceProfile", profiles::create_instance_profile),
    ("CreateOpenIDConnectProvider", providers::create_open_id_connect_provider),
    ("CreatePolicy", policies::create_policy),
    ("CreatePolicyVersion", policies::create_policy_version),
    ("CreateRole", roles::create_role),
    ("DeleteInstanceProfile", profiles::delete_instance_profile),
    ("DeleteOpenIDConnectProvider", providers::delete_open_id_connect_provider),
    ("DeletePolicy", policies::delete_policy),
    ("DeletePolicyVersion", policies::delete_policy_version),
    ("DeleteRole", roles::delete_role),
    ("DeleteRolePermissionsBoundary", roles::delete_role_permissions_boundary),
    ("DeleteRolePolicy", roles::delete_role_policy),
    ("DetachRolePolicy", roles::detach_role_policy),
    ("GetAccountAuthorizationDetails", account::get_account_authorization_details),
    ("GetAccountSummary", account::get_account_summary),
    ("GetInstanceProfile", profiles::get_instance_profile),
    ("GetOpenIDConnectProvider", providers::get_open_id_connect_provider),
    ("GetPolicy", policies::get_policy),
    ("GetPolicyVersion", policies::get_policy_version),
    ("GetRole", roles::get_role),
    ("GetRolePolicy", roles::get_role_policy),
    ("ListAccountAliases", account::list_account_aliases),
    ("ListAttachedRolePolicies", roles::list_attached_role_policies),
    ("ListEntitiesForPolicy", policies::list_entities_for_policy),
    ("ListInstanceProfileTags", profiles::list_instance_profile_tags),
    ("ListInstanceProfiles", profiles::list_instance_profiles),
    ("ListInstanceProfilesForRole", profiles::list_instance_profiles_for_role),
    ("ListOpenIDConnectProviderTags", providers::list_open_id_connect_provider_tags),
    ("ListOpenIDConnectProviders", providers::list_open_id_connect_providers),
    ("ListPolicies", policies::list_policies),
    ("ListPolicyTags", policies::list_policy_tags),
    ("ListPolicyVersions", policies::list_policy_versions),
    ("ListRolePolicies", roles::list_role_policies),
    ("ListRoleTags", roles::list_role_tags),
    ("ListRoles", roles::list_roles),
    ("PutRolePermissionsBoundary", roles::put_role_permissions_boundary),
    ("PutRolePolicy", roles::put_role_policy),
    ("RemoveRoleFromInstanceProfile", profiles::remove_role_from_instance_profile),
    ("SetDefaultPolicyVersion", policies::set_default_policy_version),
    ("TagInstanceProfile", profiles::tag_instance_profile),
    ("TagOpenIDConnectProvider", providers::tag_open_id_connect_provider),
    ("TagPolicy", policies::tag_policy),
    ("TagRole", roles::tag_role),
    ("UntagInstanceProfile", profiles::untag_instance_profile),
    ("UntagOpenIDConnectProvider", providers::untag_open_id_connect_provider),
    ("UntagPolicy", policies::untag_policy),
    ("UntagRole", roles::untag_role),
];

/// Carries out one operation.
pub fn call(world: &mut World, action: &str, params: &Params) -> AwsResult<Xml> {
    let unknown = || AwsError::new("InvalidAction", format!("Could not find operation {action} for version 2010-05-08"));
    let (_, operation) = OPERATIONS.iter().find(|(name, _)| *name == action).ok_or_else(unknown)?;
    operation(world, params)
}
