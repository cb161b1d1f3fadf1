//! The calls of `eks-cluster`: its description as a resource, and its deletion. What they mean stands in
//! [`crate::kinds::eks_cluster`].

use async_trait::async_trait;
use aws_sdk_eks::types::Cluster as Described;
use futures::FutureExt;

use super::Kind;
use crate::aws::shapes::{each, owned_tags, side_by_side, told};
use crate::aws::{Aws, Site};
use crate::kinds::eks_cluster::{NAME, SPEC};
use crate::model::words::{fact, how};
use crate::model::{CloudError, Guard, GuardRule, KindSpec, Link, Resource};

/// Its calls.
pub struct Calls;

#[async_trait]
impl Kind for Calls {
    fn spec(&self) -> &'static KindSpec {
        &SPEC
    }

    async fn list(&self, aws: &Aws) -> Result<Vec<Resource>, CloudError> {
        let names = cluster_names(aws).await?;
        self.look(aws, &names).await
    }

    async fn look(&self, aws: &Aws, ids: &[String]) -> Result<Vec<Resource>, CloudError> {
        let found = side_by_side(ids.iter().map(|name| look_at(aws, name).boxed()).collect()).await?;
        Ok(found.into_iter().flatten().collect())
    }

    async fn delete_one(&self, aws: &Aws, resource: &Resource) -> Result<(), CloudError> {
        let call = aws.eks.delete_cluster().name(&resource.key.id);
        aws.change("eks:DeleteCluster", || call.send()).await
    }
}

/// The present state of one cluster, or `None` if it is gone. EKS describes one to the call.
async fn look_at(aws: &Aws, name: &str) -> Result<Option<Resource>, CloudError> {
    let api = "eks:DescribeCluster";
    let Some(answer) = each(aws.read(api, || aws.eks.describe_cluster().name(name).send()).await)? else {
        return Ok(None);
    };
    Ok(read(&aws.site, &told(api, answer.cluster)?))
}

/// The names of all clusters of the region.
pub(super) async fn cluster_names(aws: &Aws) -> Result<Vec<String>, CloudError> {
    let call = aws.eks.list_clusters().max_results(100);
    let pages = aws
        .pages(
            "eks:ListClusters",
            |token| call.clone().set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    let mut names = Vec::new();
    for page in pages {
        names.extend(told("eks:ListClusters", page.clusters)?);
    }
    Ok(names)
}

/// The SDK's description as a resource.
fn read(site: &Site, it: &Described) -> Option<Resource> {
    let name = it.name()?;
    let mut resource = Resource::new(site.key(NAME, name));
    resource.arn = it.arn().map(str::to_owned);
    resource.name = Some(name.to_owned());
    resource.tags = owned_tags(it.tags());
    resource.created = it.created_at().and_then(crate::aws::shapes::timestamp);
    // Names are used again; the moment of creation is not.
    resource.unique_id = resource.created.map(|at| at.to_string());
    resource.state = it.status().map(|status| status.as_str().to_owned());
    resource.life = SPEC.states.life(resource.state.as_deref())?;
    if it.deletion_protection() == Some(true) {
        let why = "deletion protection is on".to_owned();
        resource.guards.insert(Guard { rule: GuardRule::Protection, why });
    }
    if let Some(version) = it.version() {
        resource.facts.insert(fact::VERSION.into(), version.to_owned());
    }
    if let Some(issuer) = it.identity().and_then(|it| it.oidc()).and_then(|it| it.issuer()) {
        let issuer = issuer.trim_start_matches("https://").to_owned();
        resource.facts.insert(fact::ISSUER.into(), issuer);
    }
    if let Some(role) = it.role_arn().and_then(crate::aws::shapes::name_in_arn) {
        resource.links.insert(Link::new(how::USES, site.global_key("iam-role", role)));
    }
    if let Some(network) = it.resources_vpc_config() {
        if let Some(vpc) = network.vpc_id() {
            resource.links.insert(Link::new(how::WITHIN, site.key("vpc", vpc)));
        }
        for subnet in network.subnet_ids() {
            resource.links.insert(Link::new(how::WITHIN, site.key("subnet", subnet)));
        }
        for group in network.security_group_ids() {
            resource.links.insert(Link::new(how::USES, site.key("security-group", group)));
        }
    }
    let trouble: Vec<String> = it
        .health()
        .map(|health| health.issues())
        .unwrap_or_default()
        .iter()
        .map(|issue| issue.message().unwrap_or_default().to_owned())
        .collect();
    if !trouble.is_empty() {
        resource.facts.insert(fact::TROUBLE.into(), trouble.join("; "));
    }
    Some(resource)
}

#[cfg(test)]
mod tests {
    use aws_sdk_eks::types::{Identity, Oidc, VpcConfigResponse};
    use aws_smithy_types::DateTime;

    use super::super::testing::{guards, links, site};
    use super::*;
    use crate::kinds::eks_cluster::cost;
    use crate::model::Life;
    use aws_sdk_eks::types::ClusterStatus;

    fn cluster() -> aws_sdk_eks::types::builders::ClusterBuilder {
        Described::builder().name("shop").created_at(DateTime::from_secs(1_700_000_000))
    }

    #[test]
    fn a_cluster_holds_its_network_and_its_role() {
        let it = cluster()
            .role_arn("arn:aws:iam::1:role/path/shop-cluster")
            .resources_vpc_config(
                VpcConfigResponse::builder()
                    .vpc_id("vpc-1")
                    .subnet_ids("subnet-1")
                    .security_group_ids("sg-1")
                    .cluster_security_group_id("sg-own")
                    .build(),
            )
            .identity(
                Identity::builder().oidc(Oidc::builder().issuer("https://oidc.eks/id/A").build()).build(),
            )
            .build();
        let cluster = read(&site(), &it).unwrap();
        // Its own security group is not among what it holds: that group goes with it.
        assert_eq!(
            links(&cluster),
            [
                "uses iam-role shop-cluster",
                "uses security-group sg-1",
                "within subnet subnet-1",
                "within vpc vpc-1",
            ]
        );
        assert_eq!(cluster.facts.get(fact::ISSUER).map(String::as_str), Some("oidc.eks/id/A"));
        assert_eq!(cluster.unique_id.as_deref(), Some("2023-11-14T22:13:20Z"));
    }

    #[test]
    fn states_tell_where_in_its_life_it_is_and_failed_ones_stand() {
        for (status, life) in [
            (ClusterStatus::Creating, Life::Coming),
            (ClusterStatus::Updating, Life::Coming),
            (ClusterStatus::Active, Life::Standing),
            (ClusterStatus::Failed, Life::Standing),
            (ClusterStatus::Deleting, Life::Leaving),
        ] {
            assert_eq!(read(&site(), &cluster().status(status).build()).unwrap().life, life);
        }
    }

    #[test]
    fn deletion_protection_guards() {
        let it = cluster().deletion_protection(true).build();
        assert_eq!(guards(&read(&site(), &it).unwrap()), [GuardRule::Protection]);
    }

    #[test]
    fn extended_support_costs_six_times_as_much() {
        let price = |version: &str| {
            let cluster = read(&site(), &cluster().version(version).build()).unwrap();
            crate::price::monthly(&cost(&cluster), &cluster.key.region).unwrap()
        };
        assert!((price("1.33") - 438.0).abs() < 1e-6);
        assert!((price("1.34") - 73.0).abs() < 1e-6);
    }
}
