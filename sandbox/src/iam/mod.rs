//! IAM over the AWS query protocol, version 2010-05-08. Global: the region of a call does not matter.
//! Users have no keys and no passwords.

mod account;
mod form;
mod policies;
pub(crate) mod profiles;
mod providers;
mod render;
mod roles;
mod users;

use crate::error::AwsResult;
use crate::protocol::{Answer, Ctx, Protocol};
use crate::query::Params;
use crate::service::{Operation as WireOperation, Service};
use crate::world::World;
use crate::xml::Xml;

/// IAM as the wire knows it.
pub(crate) const SERVICE: Service = Service {
    scope: "iam",
    iam: "iam",
    protocol: Protocol::Query { namespace: "https://iam.amazonaws.com/doc/2010-05-08/" },
    operation,
};

/// One operation: from the world and its parameters to what stands inside `<…Result>`.
type Operation = fn(&mut World, &Params) -> AwsResult<Xml>;

/// Every operation, by name.
const OPERATIONS: &[(&str, Operation)] = &[
    ("AddRoleToInstanceProfile", profiles::add_role_to_instance_profile),
    ("AddUserToGroup", users::add_user_to_group),
    ("AttachGroupPolicy", users::attach_group_policy),
    ("AttachRolePolicy", roles::attach_role_policy),
    ("AttachUserPolicy", users::attach_user_policy),
    ("CreateGroup", users::create_group),
    ("CreateInstanceProfile", profiles::create_instance_profile),
    ("CreateOpenIDConnectProvider", providers::create_open_id_connect_provider),
    ("CreatePolicy", policies::create_policy),
    ("CreatePolicyVersion", policies::create_policy_version),
    ("CreateRole", roles::create_role),
    ("CreateUser", users::create_user),
    ("DeleteGroup", users::delete_group),
    ("DeleteInstanceProfile", profiles::delete_instance_profile),
    ("DeleteOpenIDConnectProvider", providers::delete_open_id_connect_provider),
    ("DeletePolicy", policies::delete_policy),
    ("DeletePolicyVersion", policies::delete_policy_version),
    ("DeleteRole", roles::delete_role),
    ("DeleteRolePermissionsBoundary", roles::delete_role_permissions_boundary),
    ("DeleteRolePolicy", roles::delete_role_policy),
    ("DeleteUser", users::delete_user),
    ("DeleteUserPermissionsBoundary", users::delete_user_permissions_boundary),
    ("DetachGroupPolicy", users::detach_group_policy),
    ("DetachRolePolicy", roles::detach_role_policy),
    ("DetachUserPolicy", users::detach_user_policy),
    ("GetAccountAuthorizationDetails", account::get_account_authorization_details),
    ("GetAccountSummary", account::get_account_summary),
    ("GetInstanceProfile", profiles::get_instance_profile),
    ("GetOpenIDConnectProvider", providers::get_open_id_connect_provider),
    ("GetPolicy", policies::get_policy),
    ("GetPolicyVersion", policies::get_policy_version),
    ("GetRole", roles::get_role),
    ("GetRolePolicy", roles::get_role_policy),
    ("GetUser", users::get_user),
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
    ("PutUserPermissionsBoundary", users::put_user_permissions_boundary),
    ("RemoveRoleFromInstanceProfile", profiles::remove_role_from_instance_profile),
    ("RemoveUserFromGroup", users::remove_user_from_group),
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

fn find(action: &str) -> Option<Operation> {
    OPERATIONS.iter().find(|(name, _)| *name == action).map(|(_, operation)| *operation)
}

fn operation(action: &str) -> Option<WireOperation> {
    find(action).map(|_| carry_out as WireOperation)
}

fn carry_out(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let operation = find(&ctx.action).ok_or_else(|| SERVICE.unknown(&ctx.action))?;
    operation(world, &ctx.params).map(Answer::Xml)
}

/// What IAM's tests share.
#[cfg(test)]
mod testing {
    use std::time::Duration;

    use crate::{SimClock, World};

    /// A fresh account.
    pub(super) fn account() -> World {
        let mut world =
            World::new("111122223333", SimClock::new("2026-03-02T09:00:00Z".parse().unwrap(), 1.0));
        world.clock.skip(Duration::from_secs(1));
        world
    }

    /// Makes a call that must succeed.
    #[track_caller]
    pub(super) fn accepted(world: &mut World, action: &str, params: &[(&str, &str)]) -> String {
        match world.call("iam", "us-east-1", action, params) {
            Ok(answer) => answer,
            Err(refusal) => panic!("{action} was refused: {refusal:?}"),
        }
    }

    /// Makes a call that must be refused with this status, code and message.
    #[track_caller]
    pub(super) fn refused(world: &mut World, action: &str, params: &[(&str, &str)], why: (u16, &str, &str)) {
        let refusal = world.call("iam", "us-east-1", action, params).unwrap_err();
        assert_eq!((refusal.status, refusal.code.as_str(), refusal.message.as_str()), why);
    }

    /// A role that EC2 may assume.
    pub(super) fn made_role(world: &mut World, name: &str) -> String {
        let trust = crate::stores::iam::service_trust("ec2.amazonaws.com");
        accepted(world, "CreateRole", &[("RoleName", name), ("AssumeRolePolicyDocument", &trust)])
    }
}

#[cfg(test)]
mod tests {
    use super::testing::account;
    use crate::{Request, wire};

    fn asked(body: &str) -> (u16, String) {
        let scope =
            "AWS4-HMAC-SHA256 Credential=AKIA/20261120/us-east-1/iam/aws4_request, SignedHeaders=host";
        let request = Request {
            method: "POST".into(),
            path: "/".into(),
            headers: vec![("authorization".into(), scope.into())],
            body: body.as_bytes().to_vec(),
            ..Request::default()
        };
        let (response, _) = wire::answer(&mut account(), &request);
        (response.status, String::from_utf8(response.body).unwrap())
    }

    #[test]
    fn answers_stand_in_a_result_and_refusals_in_an_error() {
        let (status, body) = asked("Action=GetRole&Version=2010-05-08&RoleName=AWSServiceRoleForAmazonEKS");
        assert_eq!(status, 200);
        assert!(
            body.contains("<GetRoleResult><Role><Path>/aws-service-role/eks.amazonaws.com/</Path>"),
            "{body}"
        );
        let (status, body) = asked("Action=GetRole&Version=2010-05-08&RoleName=nobody");
        assert_eq!(status, 404);
        assert!(body.contains("<Error><Type>Sender</Type><Code>NoSuchEntity</Code>"), "{body}");
    }

    #[test]
    fn the_table_of_operations_is_sorted_and_names_each_once() {
        assert!(super::OPERATIONS.is_sorted_by(|one, next| one.0 < next.0));
    }
}
