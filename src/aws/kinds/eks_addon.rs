//! The calls of `eks-addon`: its description as a resource, and its deletion. What they mean stands in
//! [`crate::kinds::eks_addon`].

use async_trait::async_trait;
use aws_sdk_eks::types::Addon as Described;
use futures::FutureExt;

use super::{Kind, cluster_parts};
use crate::aws::shapes::{each, owned_tags, told};
use crate::aws::{Aws, Site};
use crate::kinds::eks_addon::{NAME, SPEC};
use crate::model::words::{fact, how};
use crate::model::{CloudError, KindSpec, Link, Resource};

/// Its calls.
pub struct Calls;

#[async_trait]
impl Kind for Calls {
    fn spec(&self) -> &'static KindSpec {
        &SPEC
    }

    async fn list(&self, aws: &Aws) -> Result<Vec<Resource>, CloudError> {
        let ids = cluster_parts::ids(aws, |aws, cluster| ids_of(aws, cluster).boxed()).await?;
        self.look(aws, &ids).await
    }

    async fn look(&self, aws: &Aws, ids: &[String]) -> Result<Vec<Resource>, CloudError> {
        cluster_parts::look(aws, ids, |aws, id| look_at(aws, id).boxed()).await
    }

    async fn delete_one(&self, aws: &Aws, resource: &Resource) -> Result<(), CloudError> {
        let (cluster, name) = resource.key.id.split_once('/').unwrap_or_default();
        let call = aws.eks.delete_addon().cluster_name(cluster).addon_name(name);
        aws.change("eks:DeleteAddon", || call.send()).await
    }
}

/// The ids of all add-ons of one cluster.
async fn ids_of(aws: &Aws, cluster: &str) -> Result<Vec<String>, CloudError> {
    let api = "eks:ListAddons";
    let call = aws.eks.list_addons().cluster_name(cluster).max_results(100);
    let send = |token| call.clone().set_next_token(token).send();
    let pages = aws.pages(api, send, |page| page.next_token()).await;
    let mut ids = Vec::new();
    let pages = match pages {
        Err(error) if cluster_parts::are_unheard_of(&error) => return Ok(Vec::new()),
        pages => pages,
    };
    // A cluster that went since the listing has no add-ons any more.
    for page in each(pages)?.into_iter().flatten() {
        let names = told(api, page.addons)?;
        ids.extend(names.into_iter().map(|name| format!("{cluster}/{name}")));
    }
    Ok(ids)
}

/// The present state of one, or `None` if it is gone. EKS describes one to the call.
async fn look_at(aws: &Aws, id: &str) -> Result<Option<Resource>, CloudError> {
    let api = "eks:DescribeAddon";
    let Some((cluster, name)) = id.split_once('/') else { return Ok(None) };
    let send = || aws.eks.describe_addon().cluster_name(cluster).addon_name(name).send();
    let Some(answer) = each(aws.read(api, send).await)? else { return Ok(None) };
    Ok(read(&aws.site, &told(api, answer.addon)?))
}

/// The SDK's description as a resource.
fn read(site: &Site, it: &Described) -> Option<Resource> {
    let (cluster, name) = (it.cluster_name()?, it.addon_name()?);
    let mut resource = Resource::new(site.key(NAME, format!("{cluster}/{name}")));
    resource.arn = it.addon_arn().map(str::to_owned);
    resource.name = Some(name.to_owned());
    resource.tags = owned_tags(it.tags());
    resource.created = it.created_at().and_then(crate::aws::shapes::timestamp);
    resource.state = it.status().map(|status| status.as_str().to_owned());
    resource.life = SPEC.states.life(resource.state.as_deref())?;
    resource.facts.insert(fact::CLUSTER.into(), cluster.to_owned());
    if let Some(version) = it.addon_version() {
        resource.facts.insert(fact::VERSION.into(), version.to_owned());
    }
    resource.links.insert(Link::new(how::OF_CLUSTER, site.key("eks-cluster", cluster)));
    Some(resource)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{links, site};
    use super::*;

    #[test]
    fn an_add_on_belongs_to_its_cluster() {
        let it = Described::builder().cluster_name("shop").addon_name("vpc-cni").build();
        let addon = read(&site(), &it).unwrap();
        assert_eq!(
            (addon.key.id.as_str(), links(&addon)),
            ("shop/vpc-cni", vec!["of-cluster eks-cluster shop".into()])
        );
    }
}
