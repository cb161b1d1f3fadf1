//! The calls of `iam-instance-profile`: its description as a resource, and its deletion. What they mean stands in
//! [`crate::kinds::iam_instance_profile`].

use std::collections::BTreeMap;

use async_trait::async_trait;
use aws_sdk_iam::types::InstanceProfile as Described;
use futures::FutureExt;

use super::Kind;
use crate::aws::shapes::{each, iam_tags, side_by_side, tags_of, told};
use crate::aws::{Aws, Next, Site};
use crate::kinds::iam_instance_profile::{NAME, SPEC};
use crate::model::{CloudError, KindSpec, Link, Resource, Tags, words::how};

/// Its calls.
pub struct Calls;

#[async_trait]
impl Kind for Calls {
    fn spec(&self) -> &'static KindSpec {
        &SPEC
    }

    async fn list(&self, aws: &Aws) -> Result<Vec<Resource>, CloudError> {
        let call = aws.iam.list_instance_profiles().max_items(1000);
        let pages = aws
            .pages_by(
                "iam:ListInstanceProfiles",
                |token| call.clone().set_marker(token).send(),
                |page| Next::marked(page.is_truncated(), page.marker()),
            )
            .await?;
        let found: Vec<&Described> = pages.iter().flat_map(|page| page.instance_profiles()).collect();
        let tags = tags_of(aws, "iam:instance-profile").await?;
        if tags.is_empty() {
            // The tagging API knows no profile at all: perhaps none has tags, perhaps it does not know IAM.
            let names: Vec<String> = found.iter().map(|it| it.instance_profile_name().to_owned()).collect();
            return self.look(aws, &names).await;
        }
        Ok(found.iter().map(|it| read(&aws.site, it, tags.get(it.arn()))).collect())
    }

    async fn look(&self, aws: &Aws, ids: &[String]) -> Result<Vec<Resource>, CloudError> {
        let found = side_by_side(ids.iter().map(|name| look_at(aws, name).boxed()).collect()).await?;
        Ok(found.into_iter().flatten().collect())
    }

    async fn cut(&self, aws: &Aws, resource: &Resource, link: &Link) -> Result<(), CloudError> {
        let call = aws
            .iam
            .remove_role_from_instance_profile()
            .instance_profile_name(&resource.key.id)
            .role_name(&link.to.id);
        aws.change("iam:RemoveRoleFromInstanceProfile", || call.send()).await
    }

    async fn delete_one(&self, aws: &Aws, resource: &Resource) -> Result<(), CloudError> {
        let call = aws.iam.delete_instance_profile().instance_profile_name(&resource.key.id);
        aws.change("iam:DeleteInstanceProfile", || call.send()).await
    }
}

/// The present state of one profile, or `None` if it is gone. IAM tells of one to the call.
async fn look_at(aws: &Aws, name: &str) -> Result<Option<Resource>, CloudError> {
    let api = "iam:GetInstanceProfile";
    let send = || aws.iam.get_instance_profile().instance_profile_name(name).send();
    let Some(answer) = each(aws.read(api, send).await)? else { return Ok(None) };
    let profile = told(api, answer.instance_profile)?;
    Ok(Some(read(&aws.site, &profile, Some(&iam_tags(profile.tags())))))
}

/// The SDK's description as a resource.
fn read(site: &Site, it: &Described, tags: Option<&Tags>) -> Resource {
    let mut resource = Resource::new(site.global_key(NAME, it.instance_profile_name()));
    resource.arn = Some(it.arn().to_owned());
    resource.unique_id = Some(it.instance_profile_id().to_owned());
    resource.name = Some(it.instance_profile_name().to_owned());
    resource.tags = tags.cloned().unwrap_or_else(BTreeMap::new);
    resource.created = crate::aws::shapes::timestamp(it.create_date());
    for role in it.roles() {
        resource.links.insert(Link::new(how::CONTAINS, site.global_key("iam-role", role.role_name())));
    }
    resource
}

#[cfg(test)]
mod tests {
    use aws_sdk_iam::types::Role;
    use aws_smithy_types::DateTime;

    use super::super::testing::{links, site};
    use super::*;

    #[test]
    fn a_profile_names_the_role_inside() {
        let role = Role::builder()
            .role_name("shop-node")
            .role_id("AROA1")
            .arn("arn:aws:iam::1:role/shop-node")
            .path("/")
            .create_date(DateTime::from_secs(1))
            .build()
            .unwrap();
        let profile = Described::builder()
            .instance_profile_name("shop")
            .instance_profile_id("AIPA1")
            .arn("arn:aws:iam::1:instance-profile/shop")
            .path("/")
            .create_date(DateTime::from_secs(1))
            .roles(role)
            .build()
            .unwrap();
        let profile = read(&site(), &profile, None);
        assert_eq!(links(&profile), ["contains iam-role shop-node"]);
        assert_eq!(profile.unique_id.as_deref(), Some("AIPA1"));
    }
}
