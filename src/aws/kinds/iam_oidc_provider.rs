//! The calls of `iam-oidc-provider`: its description as a resource, and its deletion. What they mean stands in
//! [`crate::kinds::iam_oidc_provider`].

use async_trait::async_trait;
use aws_sdk_iam::operation::get_open_id_connect_provider::GetOpenIdConnectProviderOutput as Described;
use futures::FutureExt;

use super::Kind;
use crate::aws::shapes::{each, iam_tags, side_by_side};
use crate::aws::{Aws, Site};
use crate::kinds::iam_oidc_provider::{NAME, SPEC};
use crate::model::{CloudError, KindSpec, Resource, words::fact};

/// Its calls.
pub struct Calls;

#[async_trait]
impl Kind for Calls {
    fn spec(&self) -> &'static KindSpec {
        &SPEC
    }

    async fn list(&self, aws: &Aws) -> Result<Vec<Resource>, CloudError> {
        let send = || aws.iam.list_open_id_connect_providers().send();
        let answer = aws.read("iam:ListOpenIDConnectProviders", send).await?;
        // At most a hundred by quota, and only Get tells URL, tags and age: one call each.
        let arns: Vec<String> = answer
            .open_id_connect_provider_list()
            .iter()
            .filter_map(|it| it.arn())
            .map(str::to_owned)
            .collect();
        self.look(aws, &arns).await
    }

    async fn look(&self, aws: &Aws, ids: &[String]) -> Result<Vec<Resource>, CloudError> {
        let found = side_by_side(ids.iter().map(|arn| look_at(aws, arn).boxed()).collect()).await?;
        Ok(found.into_iter().flatten().collect())
    }

    async fn delete_one(&self, aws: &Aws, resource: &Resource) -> Result<(), CloudError> {
        let call = aws.iam.delete_open_id_connect_provider().open_id_connect_provider_arn(&resource.key.id);
        aws.change("iam:DeleteOpenIDConnectProvider", || call.send()).await
    }
}

/// The present state of one provider, or `None` if it is gone. IAM tells of one to the call.
async fn look_at(aws: &Aws, arn: &str) -> Result<Option<Resource>, CloudError> {
    let send = || aws.iam.get_open_id_connect_provider().open_id_connect_provider_arn(arn).send();
    let answer = each(aws.read("iam:GetOpenIDConnectProvider", send).await)?;
    Ok(answer.map(|it| read(&aws.site, arn, &it)))
}

/// The SDK's description as a resource.
fn read(site: &Site, arn: &str, it: &Described) -> Resource {
    let mut resource = Resource::new(site.global_key(NAME, arn));
    resource.arn = Some(arn.to_owned());
    resource.tags = iam_tags(it.tags());
    resource.created = it.create_date().and_then(crate::aws::shapes::timestamp);
    // The ARN holds the URL and can be used again; the moment of creation is not.
    resource.unique_id = resource.created.map(|at| at.to_string());
    if let Some(url) = it.url() {
        let issuer = url.trim_start_matches("https://").to_owned();
        resource.name = Some(issuer.clone());
        resource.facts.insert(fact::ISSUER.into(), issuer);
    }
    resource
}

#[cfg(test)]
mod tests {
    use super::super::testing::site;
    use super::*;

    #[test]
    fn the_issuer_reads_the_same_with_and_without_its_scheme() {
        let issuer = "oidc.eks.us-east-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF";
        for url in [issuer.to_owned(), format!("https://{issuer}")] {
            let provider = read(&site(), "arn:p", &Described::builder().url(url).build());
            assert_eq!(provider.facts.get(fact::ISSUER).map(String::as_str), Some(issuer));
        }
    }
}
