//! The calls of `iam-policy`: its description as a resource, and its deletion. What they mean stands in
//! [`crate::kinds::iam_policy`].

use std::collections::BTreeMap;

use async_trait::async_trait;
use aws_sdk_iam::types::{EntityType, ManagedPolicyDetail};
use futures::FutureExt;

use super::Kind;
use crate::aws::shapes::{each, iam_tags, side_by_side, tags_of, told};
use crate::aws::{Aws, Next, Site};
use crate::kinds::iam_policy::{HAS, NAME, SPEC, VERSION};
use crate::model::{CloudError, Guard, GuardRule, KindSpec, Link, Resource, Tags};

/// Its calls.
pub struct Calls;

#[async_trait]
impl Kind for Calls {
    fn spec(&self) -> &'static KindSpec {
        &SPEC
    }

    async fn list(&self, aws: &Aws) -> Result<Vec<Resource>, CloudError> {
        // Users and groups are asked for as well: a policy attached to one of them cannot go.
        let call = aws
            .iam
            .get_account_authorization_details()
            .filter(EntityType::LocalManagedPolicy)
            .filter(EntityType::User)
            .filter(EntityType::Group)
            .max_items(1000);
        let pages = aws
            .pages_by(
                "iam:GetAccountAuthorizationDetails",
                |token| call.clone().set_marker(token).send(),
                |page| Next::marked(page.is_truncated(), page.marker()),
            )
            .await?;
        let mut holders: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for page in &pages {
            for user in page.user_detail_list() {
                let holder = format!("user {}", user.user_name().unwrap_or_default());
                let attached = user.attached_managed_policies().iter().filter_map(|it| it.policy_arn());
                let bound = user.permissions_boundary().and_then(|it| it.permissions_boundary_arn());
                for arn in attached.chain(bound) {
                    holders.entry(arn.to_owned()).or_default().push(holder.clone());
                }
            }
            for group in page.group_detail_list() {
                let holder = format!("group {}", group.group_name().unwrap_or_default());
                for arn in group.attached_managed_policies().iter().filter_map(|it| it.policy_arn()) {
                    holders.entry(arn.to_owned()).or_default().push(holder.clone());
                }
            }
        }
        let found: Vec<&ManagedPolicyDetail> = pages.iter().flat_map(|page| page.policies()).collect();
        let arns: Vec<&str> = found.iter().filter_map(|it| it.arn()).collect();
        // The policy's own id is what tells it from a later one of its name: without it, ask one by one.
        if found.iter().any(|it| it.policy_id().is_none()) {
            let arns: Vec<String> = arns.iter().map(|arn| (*arn).to_owned()).collect();
            return self.look(aws, &arns).await;
        }
        let tags = all_tags(aws, &arns).await?;
        Ok(found.iter().filter_map(|it| read(&aws.site, it, &tags, &holders)).collect())
    }

    async fn look(&self, aws: &Aws, ids: &[String]) -> Result<Vec<Resource>, CloudError> {
        let found = side_by_side(ids.iter().map(|arn| look_at(aws, arn).boxed()).collect()).await?;
        Ok(found.into_iter().flatten().collect())
    }

    async fn cut(&self, aws: &Aws, resource: &Resource, link: &Link) -> Result<(), CloudError> {
        let version = link.via.first().map_or("", String::as_str);
        let call = aws.iam.delete_policy_version().policy_arn(&resource.key.id).version_id(version);
        aws.change("iam:DeletePolicyVersion", || call.send()).await
    }

    async fn delete_one(&self, aws: &Aws, resource: &Resource) -> Result<(), CloudError> {
        let call = aws.iam.delete_policy().policy_arn(&resource.key.id);
        aws.change("iam:DeletePolicy", || call.send()).await
    }
}

/// The present state of one policy, or `None` if it is gone.
async fn look_at(aws: &Aws, arn: &str) -> Result<Option<Resource>, CloudError> {
    let policy = || aws.iam.get_policy().policy_arn(arn).send();
    let versions = aws.iam.list_policy_versions().policy_arn(arn);
    let entities = aws.iam.list_entities_for_policy().policy_arn(arn);
    let (policy, versions, entities) = futures::join!(
        aws.read("iam:GetPolicy", policy),
        aws.pages_by(
            "iam:ListPolicyVersions",
            |token| versions.clone().set_marker(token).send(),
            |page| Next::marked(page.is_truncated(), page.marker()),
        ),
        aws.pages_by(
            "iam:ListEntitiesForPolicy",
            |token| entities.clone().set_marker(token).send(),
            |page| Next::marked(page.is_truncated(), page.marker()),
        ),
    );
    let (Some(policy), Some(versions), Some(entities)) = (each(policy)?, each(versions)?, each(entities)?)
    else {
        return Ok(None);
    };
    let policy = told("iam:GetPolicy", policy.policy)?;
    let detail = ManagedPolicyDetail::builder()
        .set_arn(policy.arn)
        .set_policy_id(policy.policy_id)
        .set_policy_name(policy.policy_name)
        .set_create_date(policy.create_date)
        .set_policy_version_list(Some(versions.iter().flat_map(|page| page.versions()).cloned().collect()))
        .build();
    let tags = BTreeMap::from([(arn.to_owned(), iam_tags(&policy.tags.unwrap_or_default()))]);
    let mut holders = Vec::new();
    for page in &entities {
        holders.extend(
            page.policy_users().iter().map(|it| format!("user {}", it.user_name().unwrap_or_default())),
        );
        holders.extend(
            page.policy_groups().iter().map(|it| format!("group {}", it.group_name().unwrap_or_default())),
        );
    }
    let holders = BTreeMap::from([(arn.to_owned(), holders)]);
    Ok(read(&aws.site, &detail, &tags, &holders))
}

/// The tags of these policies: from the tagging API, or one by one where it does not know IAM.
async fn all_tags(aws: &Aws, arns: &[&str]) -> Result<BTreeMap<String, Tags>, CloudError> {
    let mut tags = tags_of(aws, "iam:policy").await?;
    if !tags.is_empty() {
        return Ok(tags);
    }
    for arn in arns {
        let call = aws.iam.list_policy_tags().policy_arn(*arn);
        let Some(pages) = each(
            aws.pages_by(
                "iam:ListPolicyTags",
                |token| call.clone().set_marker(token).send(),
                |page| Next::marked(page.is_truncated(), page.marker()),
            )
            .await,
        )?
        else {
            continue;
        };
        let found: Vec<_> = pages.iter().flat_map(|page| page.tags()).cloned().collect();
        tags.insert((*arn).to_owned(), iam_tags(&found));
    }
    Ok(tags)
}

/// The SDK's description as a resource.
fn read(
    site: &Site,
    it: &ManagedPolicyDetail,
    tags: &BTreeMap<String, Tags>,
    holders: &BTreeMap<String, Vec<String>>,
) -> Option<Resource> {
    let arn = it.arn()?;
    let mut resource = Resource::new(site.global_key(NAME, arn));
    resource.arn = Some(arn.to_owned());
    resource.unique_id = it.policy_id().map(str::to_owned);
    resource.name = it.policy_name().map(str::to_owned);
    resource.tags = tags.get(arn).cloned().unwrap_or_default();
    resource.created = it.create_date().and_then(crate::aws::shapes::timestamp);
    for version in it.policy_version_list().iter().filter(|it| !it.is_default_version()) {
        let Some(id) = version.version_id() else { continue };
        let part = site.global_key(VERSION, format!("{arn}/{id}"));
        resource.links.insert(Link::via(HAS, part, vec![id.to_owned()]));
    }
    if let Some(holders) = holders.get(arn).filter(|holders| !holders.is_empty()) {
        let why = format!("it is attached to {}, which this program never changes", holders.join(", "));
        resource.guards.insert(Guard { rule: GuardRule::Protection, why });
    }
    Some(resource)
}

#[cfg(test)]
mod tests {
    use aws_sdk_iam::types::PolicyVersion;

    use super::super::testing::{guards, links, site};
    use super::*;

    const ARN: &str = "arn:aws:iam::111122223333:policy/shop";

    fn policy() -> ManagedPolicyDetail {
        let version =
            |id: &str, default| PolicyVersion::builder().version_id(id).is_default_version(default).build();
        ManagedPolicyDetail::builder()
            .arn(ARN)
            .policy_id("ANPA1")
            .policy_name("shop")
            .policy_version_list(version("v1", false))
            .policy_version_list(version("v2", true))
            .build()
    }

    #[test]
    fn every_version_but_the_default_one_must_go_first() {
        let policy = read(&site(), &policy(), &BTreeMap::new(), &BTreeMap::new()).unwrap();
        assert_eq!(links(&policy), [format!("has iam-policy-version {ARN}/v1 [\"v1\"]")]);
        assert_eq!(guards(&policy), []);
    }

    #[test]
    fn a_policy_of_a_user_is_never_taken_from_the_user() {
        let holders = BTreeMap::from([(ARN.to_owned(), vec!["user alice".to_owned()])]);
        let policy = read(&site(), &policy(), &BTreeMap::new(), &holders).unwrap();
        assert_eq!(guards(&policy), [GuardRule::Protection]);
    }
}
