//! The calls of `eks-pod-identity-association`: its description as a resource, and its deletion. What they mean stands
//! in [`crate::kinds::eks_pod_identity_association`].

use async_trait::async_trait;
use aws_sdk_eks::types::PodIdentityAssociation as Described;
use futures::FutureExt;

use super::{Kind, cluster_parts};
use crate::aws::shapes::{each, owned_tags, timestamp, told};
use crate::aws::{Aws, Site};
use crate::kinds::eks_pod_identity_association::{NAME, SPEC};
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
        let (cluster, id) = resource.key.id.split_once('/').unwrap_or_default();
        let call = aws.eks.delete_pod_identity_association().cluster_name(cluster).association_id(id);
        aws.change("eks:DeletePodIdentityAssociation", || call.send()).await
    }
}

/// The ids of all associations of one cluster. Their roles are told by a describe alone.
async fn ids_of(aws: &Aws, cluster: &str) -> Result<Vec<String>, CloudError> {
    let api = "eks:ListPodIdentityAssociations";
    let call = aws.eks.list_pod_identity_associations().cluster_name(cluster).max_results(100);
    let send = |token| call.clone().set_next_token(token).send();
    let pages = match aws.pages(api, send, |page| page.next_token()).await {
        Err(error) if cluster_parts::are_unheard_of(&error) => return Ok(Vec::new()),
        pages => pages,
    };
    let mut ids = Vec::new();
    // A cluster that went since the listing has none any more.
    for page in each(pages)?.into_iter().flatten() {
        for it in told(api, page.associations)? {
            let id = told(api, it.association_id)?;
            ids.push(format!("{cluster}/{id}"));
        }
    }
    Ok(ids)
}

/// The present state of one, or `None` if it is gone. EKS describes one to the call.
async fn look_at(aws: &Aws, id: &str) -> Result<Option<Resource>, CloudError> {
    let api = "eks:DescribePodIdentityAssociation";
    let Some((cluster, name)) = id.split_once('/') else { return Ok(None) };
    let send =
        || aws.eks.describe_pod_identity_association().cluster_name(cluster).association_id(name).send();
    let Some(answer) = each(aws.read(api, send).await)? else { return Ok(None) };
    Ok(read(&aws.site, &told(api, answer.association)?))
}

/// The SDK's description as a resource.
fn read(site: &Site, it: &Described) -> Option<Resource> {
    let (cluster, id) = (it.cluster_name()?, it.association_id()?);
    let mut resource = Resource::new(site.key(NAME, format!("{cluster}/{id}")));
    resource.arn = it.association_arn().map(str::to_owned);
    let account = it.namespace().zip(it.service_account());
    resource.name = account.map(|(namespace, account)| format!("{namespace}/{account}"));
    resource.tags = owned_tags(it.tags());
    resource.created = it.created_at().and_then(timestamp);
    resource.facts.insert(fact::CLUSTER.into(), cluster.to_owned());
    resource.links.insert(Link::new(how::OF_CLUSTER, site.key("eks-cluster", cluster)));
    // The role of the account, and one that it goes on to, which may be another account's.
    let roles = it.role_arn().into_iter().chain(it.target_role_arn());
    for role in roles.filter_map(|arn| cluster_parts::own_role(site, arn)) {
        resource.links.insert(Link::new(how::USES, site.global_key("iam-role", role)));
    }
    Some(resource)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{links, site};
    use super::*;

    #[test]
    fn an_association_belongs_to_its_cluster_and_works_with_the_roles_of_this_account() {
        let it = Described::builder()
            .cluster_name("shop")
            .association_id("a-1")
            .association_arn("arn:aws:eks:us-east-1:111122223333:podidentityassociation/shop/a-1")
            .namespace("kube-system")
            .service_account("ebs-csi")
            .role_arn("arn:aws:iam::111122223333:role/team/csi")
            .target_role_arn("arn:aws:iam::999999999999:role/theirs")
            .build();
        let it = read(&site(), &it).unwrap();
        assert_eq!((it.key.id.as_str(), it.name.as_deref()), ("shop/a-1", Some("kube-system/ebs-csi")));
        assert_eq!(links(&it), ["of-cluster eks-cluster shop", "uses iam-role csi"]);
    }
}
