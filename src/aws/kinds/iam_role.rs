//! The calls of `iam-role`: its description as a resource, and its deletion. What they mean stands in
//! [`crate::kinds::iam_role`].

use async_trait::async_trait;
use aws_sdk_iam::types::{AttachedPolicy, EntityType, Role, RoleDetail, RoleLastUsed, Tag};
use futures::FutureExt;

use super::Kind;
use super::trust::Trust;
use crate::aws::shapes::{each, iam_tags, side_by_side, told};
use crate::aws::{Aws, Next, Site};
use crate::kinds::iam_role::{HAS, INLINE, NAME, SPEC};
use crate::model::words::{fact, how};
use crate::model::{CloudError, Guard, GuardRule, KindName, KindSpec, Link, Resource};

/// Its calls.
pub struct Calls;

#[async_trait]
impl Kind for Calls {
    fn spec(&self) -> &'static KindSpec {
        &SPEC
    }

    async fn list(&self, aws: &Aws) -> Result<Vec<Resource>, CloudError> {
        let call = aws.iam.get_account_authorization_details().filter(EntityType::Role).max_items(1000);
        let pages = aws
            .pages_by(
                "iam:GetAccountAuthorizationDetails",
                |token| call.clone().set_marker(token).send(),
                |page| Next::marked(page.is_truncated(), page.marker()),
            )
            .await?;
        let roles = pages.iter().flat_map(|page| page.role_detail_list());
        Ok(roles.filter_map(|it| read_detail(&aws.site, it)).collect())
    }

    async fn look(&self, aws: &Aws, ids: &[String]) -> Result<Vec<Resource>, CloudError> {
        let found = side_by_side(ids.iter().map(|name| look_at(aws, name).boxed()).collect()).await?;
        Ok(found.into_iter().flatten().collect())
    }

    async fn cut(&self, aws: &Aws, resource: &Resource, link: &Link) -> Result<(), CloudError> {
        let role = &resource.key.id;
        if link.how == HAS {
            let name = link.via.first().map_or("", String::as_str);
            let call = aws.iam.delete_role_policy().role_name(role).policy_name(name);
            return aws.change("iam:DeleteRolePolicy", || call.send()).await;
        }
        let call = aws.iam.detach_role_policy().role_name(role).policy_arn(&link.to.id);
        aws.change("iam:DetachRolePolicy", || call.send()).await
    }

    async fn delete_one(&self, aws: &Aws, resource: &Resource) -> Result<(), CloudError> {
        let call = aws.iam.delete_role().role_name(&resource.key.id);
        aws.change("iam:DeleteRole", || call.send()).await
    }
}

/// The present state of one role, or `None` if it is gone. IAM tells of one to the call, and of its
/// policies in calls of their own.
async fn look_at(aws: &Aws, name: &str) -> Result<Option<Resource>, CloudError> {
    let role = || aws.iam.get_role().role_name(name).send();
    let attached = aws.iam.list_attached_role_policies().role_name(name);
    let inline = aws.iam.list_role_policies().role_name(name);
    let (role, attached, inline) = futures::join!(
        aws.read("iam:GetRole", role),
        aws.pages_by(
            "iam:ListAttachedRolePolicies",
            |token| attached.clone().set_marker(token).send(),
            |page| Next::marked(page.is_truncated(), page.marker()),
        ),
        aws.pages_by(
            "iam:ListRolePolicies",
            |token| inline.clone().set_marker(token).send(),
            |page| Next::marked(page.is_truncated(), page.marker()),
        ),
    );
    let (Some(role), Some(attached), Some(inline)) = (each(role)?, each(attached)?, each(inline)?) else {
        return Ok(None);
    };
    let role = told("iam:GetRole", role.role)?;
    let attached: Vec<AttachedPolicy> =
        attached.iter().flat_map(|page| page.attached_policies()).cloned().collect();
    let inline: Vec<String> = inline.iter().flat_map(|page| page.policy_names()).cloned().collect();
    Ok(read_role(&aws.site, &role, &attached, &inline))
}

/// What both descriptions of a role tell.
struct RoleFields<'a> {
    name: &'a str,
    id: &'a str,
    arn: &'a str,
    path: &'a str,
    created: Option<&'a aws_smithy_types::DateTime>,
    tags: &'a [Tag],
    last_used: Option<&'a RoleLastUsed>,
    boundary: Option<&'a str>,
    trust: Option<&'a str>,
}

/// A role of GetAccountAuthorizationDetails as a resource.
fn read_detail(site: &Site, it: &RoleDetail) -> Option<Resource> {
    let known = RoleFields {
        name: it.role_name()?,
        id: it.role_id()?,
        arn: it.arn()?,
        path: it.path().unwrap_or("/"),
        created: it.create_date(),
        tags: it.tags(),
        last_used: it.role_last_used(),
        boundary: it.permissions_boundary().and_then(|it| it.permissions_boundary_arn()),
        trust: it.assume_role_policy_document(),
    };
    let inline: Vec<String> =
        it.role_policy_list().iter().filter_map(|it| it.policy_name()).map(str::to_owned).collect();
    Some(read(site, &known, it.attached_managed_policies(), &inline))
}

/// A role of GetRole, with its policies, as a resource.
fn read_role(site: &Site, it: &Role, attached: &[AttachedPolicy], inline: &[String]) -> Option<Resource> {
    let known = RoleFields {
        name: it.role_name(),
        id: it.role_id(),
        arn: it.arn(),
        path: it.path(),
        created: Some(it.create_date()),
        tags: it.tags(),
        last_used: it.role_last_used(),
        boundary: it.permissions_boundary().and_then(|it| it.permissions_boundary_arn()),
        trust: it.assume_role_policy_document(),
    };
    Some(read(site, &known, attached, inline))
}

/// The one reading of a role, however it was described.
fn read(site: &Site, it: &RoleFields<'_>, attached: &[AttachedPolicy], inline: &[String]) -> Resource {
    let mut resource = Resource::new(site.global_key(NAME, it.name));
    resource.arn = Some(it.arn.to_owned());
    resource.unique_id = Some(it.id.to_owned());
    resource.name = Some(it.name.to_owned());
    resource.tags = iam_tags(it.tags);
    resource.created = it.created.and_then(crate::aws::shapes::timestamp);
    let owned_by_aws = [
        ("/aws-service-role/", "it is a service-linked role"),
        ("/aws-reserved/", "AWS reserves it (single sign-on)"),
    ];
    for (path, why) in owned_by_aws {
        if it.path.starts_with(path) {
            resource.guards.insert(Guard { rule: GuardRule::AwsManaged, why: why.to_owned() });
        }
    }
    for policy in attached.iter().filter_map(|it| it.policy_arn()) {
        resource.links.insert(Link::new(how::ATTACHES, site.global_key("iam-policy", policy)));
    }
    for policy in inline {
        let part = site.global_key(INLINE, format!("{}/{policy}", it.name));
        resource.links.insert(Link::via(HAS, part, vec![policy.clone()]));
    }
    if let Some(boundary) = it.boundary {
        resource.links.insert(Link::new(how::BOUNDED_BY, site.global_key("iam-policy", boundary)));
    }
    if let Some(used) = it.last_used {
        if let Some(region) = used.region() {
            resource.facts.insert(fact::LAST_USED_REGION.into(), region.to_owned());
        }
        if let Some(at) = used.last_used_date().and_then(crate::aws::shapes::timestamp) {
            resource.facts.insert(fact::LAST_USED.into(), at.to_string());
        }
    }
    let trust = Trust::read(it.trust, &site.account);
    let roles = trust.roles.iter().map(|role| site.global_key(NAME, role));
    let providers = trust.providers.iter().map(|provider| site.global_key("iam-oidc-provider", provider));
    resource.links.extend(roles.chain(providers).map(|to| Link::new(how::TRUSTS, to)));
    for (name, trusted) in
        [(fact::TRUSTED_SERVICES, trust.services), (fact::TRUSTED_ACCOUNTS, trust.accounts)]
    {
        // Nobody at all is told as well: without the fact it would be as if nobody had read it.
        resource.facts.insert(name.into(), Vec::from_iter(trusted).join(","));
    }
    debug_assert_eq!(resource.key.kind, KindName::of(NAME));
    resource
}

#[cfg(test)]
mod tests {
    use aws_sdk_iam::types::{AttachedPermissionsBoundary, PolicyDetail};
    use aws_smithy_types::DateTime;

    use super::super::testing::{guards, links, site};
    use super::*;

    fn role(path: &str) -> aws_sdk_iam::types::builders::RoleDetailBuilder {
        RoleDetail::builder()
            .role_name("shop-node")
            .role_id("AROA1")
            .arn(format!("arn:aws:iam::111122223333:role{path}shop-node"))
            .path(path)
            .create_date(DateTime::from_secs(1_700_000_000))
    }

    #[test]
    fn a_role_names_all_that_must_be_taken_from_it_first() {
        let managed = "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy";
        let detail = role("/")
            .attached_managed_policies(AttachedPolicy::builder().policy_arn(managed).build())
            .role_policy_list(PolicyDetail::builder().policy_name("inline").build())
            .permissions_boundary(
                AttachedPermissionsBoundary::builder()
                    .permissions_boundary_arn("arn:aws:iam::1:policy/b")
                    .build(),
            )
            .build();
        let role = read_detail(&site(), &detail).unwrap();
        assert_eq!(
            links(&role),
            [
                format!("attaches iam-policy {managed}"),
                "bounded-by iam-policy arn:aws:iam::1:policy/b".to_owned(),
                "has iam-inline-policy shop-node/inline [\"inline\"]".to_owned(),
            ]
        );
        assert!(role.key.region.is_global());
        assert_eq!(role.unique_id.as_deref(), Some("AROA1"));
        assert_eq!(guards(&role), []);
    }

    #[test]
    fn a_role_names_whom_it_trusts() {
        let document = r#"{"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {
            "Service": ["ec2.amazonaws.com", "ecs-tasks.amazonaws.com"],
            "AWS": ["arn:aws:iam::111122223333:role/deployer", "arn:aws:iam::444455556666:root"],
            "Federated": "arn:aws:iam::111122223333:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/A"}}}"#;
        let read = read_detail(&site(), &role("/").assume_role_policy_document(document).build()).unwrap();
        assert_eq!(
            links(&read),
            [
                "trusts iam-oidc-provider arn:aws:iam::111122223333:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/A",
                "trusts iam-role deployer",
            ]
        );
        assert_eq!(read.facts[fact::TRUSTED_SERVICES], "ec2.amazonaws.com,ecs-tasks.amazonaws.com");
        assert_eq!(read.facts[fact::TRUSTED_ACCOUNTS], "444455556666");
    }

    #[test]
    fn roles_that_aws_reserves_are_guarded() {
        for path in ["/aws-service-role/eks.amazonaws.com/", "/aws-reserved/sso.amazonaws.com/us-east-1/"] {
            let role = read_detail(&site(), &role(path).build()).unwrap();
            assert_eq!(guards(&role), [GuardRule::AwsManaged], "{path}");
        }
    }

    #[test]
    fn the_two_descriptions_of_a_role_read_the_same() {
        let detail = role("/")
            .attached_managed_policies(AttachedPolicy::builder().policy_arn("arn:p").build())
            .role_last_used(
                RoleLastUsed::builder().region("eu-west-1").last_used_date(DateTime::from_secs(5)).build(),
            )
            .tags(Tag::builder().key("Project").value("shop").build().unwrap())
            .build();
        let got = Role::builder()
            .role_name("shop-node")
            .role_id("AROA1")
            .arn("arn:aws:iam::111122223333:role/shop-node")
            .path("/")
            .create_date(DateTime::from_secs(1_700_000_000))
            .role_last_used(
                RoleLastUsed::builder().region("eu-west-1").last_used_date(DateTime::from_secs(5)).build(),
            )
            .tags(Tag::builder().key("Project").value("shop").build().unwrap())
            .build()
            .unwrap();
        let attached = [AttachedPolicy::builder().policy_arn("arn:p").build()];
        assert_eq!(read_detail(&site(), &detail), read_role(&site(), &got, &attached, &[]));
    }
}
