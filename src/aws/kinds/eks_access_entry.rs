//! The calls of `eks-access-entry`: its description as a resource, and its deletion. What they mean stands in
//! [`crate::kinds::eks_access_entry`].

use async_trait::async_trait;
use aws_sdk_eks::types::AccessEntry as Described;
use futures::FutureExt;

use super::{Kind, cluster_parts};
use crate::aws::shapes::{each, owned_tags, timestamp, told};
use crate::aws::{Aws, Site};
use crate::kinds::eks_access_entry::{NAME, SPEC};
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
        let (cluster, principal) = resource.key.id.split_once('/').unwrap_or_default();
        let call = aws.eks.delete_access_entry().cluster_name(cluster).principal_arn(principal);
        aws.change("eks:DeleteAccessEntry", || call.send()).await
    }
}

/// The ids of all entries of one cluster: `cluster/` and the ARN of whom each lets in.
async fn ids_of(aws: &Aws, cluster: &str) -> Result<Vec<String>, CloudError> {
    let api = "eks:ListAccessEntries";
    let call = aws.eks.list_access_entries().cluster_name(cluster).max_results(100);
    let send = |token| call.clone().set_next_token(token).send();
    let pages = match aws.pages(api, send, |page| page.next_token()).await {
        Err(error) if cluster_parts::are_unheard_of(&error) => return Ok(Vec::new()),
        pages => pages,
    };
    let mut ids = Vec::new();
    // A cluster that went since the listing lets nobody in any more.
    for page in each(pages)?.into_iter().flatten() {
        let principals = told(api, page.access_entries)?;
        ids.extend(principals.into_iter().map(|principal| format!("{cluster}/{principal}")));
    }
    Ok(ids)
}

/// The present state of one, or `None` if it is gone. EKS describes one to the call.
async fn look_at(aws: &Aws, id: &str) -> Result<Option<Resource>, CloudError> {
    let api = "eks:DescribeAccessEntry";
    let Some((cluster, principal)) = id.split_once('/') else { return Ok(None) };
    let send = || aws.eks.describe_access_entry().cluster_name(cluster).principal_arn(principal).send();
    let Some(answer) = each(aws.read(api, send).await)? else { return Ok(None) };
    Ok(read(&aws.site, &told(api, answer.access_entry)?))
}

/// The SDK's description as a resource. Users of IAM are no kind, and have no link.
fn read(site: &Site, it: &Described) -> Option<Resource> {
    let (cluster, principal) = (it.cluster_name()?, it.principal_arn()?);
    let mut resource = Resource::new(site.key(NAME, format!("{cluster}/{principal}")));
    resource.arn = it.access_entry_arn().map(str::to_owned);
    resource.name = Some(principal.to_owned());
    resource.tags = owned_tags(it.tags());
    resource.created = it.created_at().and_then(timestamp);
    resource.unique_id = resource.created.map(|at| at.to_string());
    resource.facts.insert(fact::CLUSTER.into(), cluster.to_owned());
    if let Some(kind) = it.r#type() {
        resource.facts.insert(fact::TYPE.into(), kind.to_owned());
    }
    resource.links.insert(Link::new(how::OF_CLUSTER, site.key("eks-cluster", cluster)));
    if let Some(role) = cluster_parts::own_role(site, principal) {
        resource.links.insert(Link::new(how::TRUSTS, site.global_key("iam-role", role)));
    }
    Some(resource)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{links, site};
    use super::*;

    #[test]
    fn an_entry_belongs_to_its_cluster_and_lets_a_role_of_this_account_in() {
        let of = |principal: &str| {
            let it = Described::builder().cluster_name("shop").principal_arn(principal).r#type("STANDARD");
            read(&site(), &it.build()).unwrap()
        };
        let own = of("arn:aws:iam::111122223333:role/team/deployers");
        assert_eq!(own.key.id, "shop/arn:aws:iam::111122223333:role/team/deployers");
        assert_eq!(links(&own), ["of-cluster eks-cluster shop", "trusts iam-role deployers"]);
        for other in ["arn:aws:iam::111122223333:user/ann", "arn:aws:iam::999999999999:role/deployers"] {
            assert_eq!(links(&of(other)), ["of-cluster eks-cluster shop"], "{other}");
        }
    }
}
