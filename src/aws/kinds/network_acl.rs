//! The calls of `network-acl`: its description as a resource, and its deletion. What they mean stands in
//! [`crate::kinds::network_acl`].

use async_trait::async_trait;
use aws_sdk_ec2::types::NetworkAcl as Described;

use super::Kind;
use super::ec2::PAGE;
use crate::aws::shapes::ec2_resource;
use crate::aws::{Aws, Site};
use crate::kinds::network_acl::{NAME, SPEC};
use crate::model::{CloudError, KindSpec, Link, Resource, words::how};

/// Its calls.
pub struct Calls;

#[async_trait]
impl Kind for Calls {
    fn spec(&self) -> &'static KindSpec {
        &SPEC
    }

    async fn list(&self, aws: &Aws) -> Result<Vec<Resource>, CloudError> {
        described(aws).await
    }

    async fn look(&self, aws: &Aws, ids: &[String]) -> Result<Vec<Resource>, CloudError> {
        // A region's network ACLs are one page, and the filter by id is unknown to emulators.
        let mut found = described(aws).await?;
        found.retain(|it| ids.iter().any(|id| it.key.id == *id));
        Ok(found)
    }

    async fn delete_one(&self, aws: &Aws, resource: &Resource) -> Result<(), CloudError> {
        let call = aws.ec2.delete_network_acl().network_acl_id(&resource.key.id).set_dry_run(aws.dry_run());
        aws.change("ec2:DeleteNetworkAcl", || call.send()).await
    }
}

async fn described(aws: &Aws) -> Result<Vec<Resource>, CloudError> {
    let call = aws.ec2.describe_network_acls().max_results(PAGE);
    let pages = aws
        .pages(
            "ec2:DescribeNetworkAcls",
            |token| call.clone().set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    Ok(pages.iter().flat_map(|page| page.network_acls()).filter_map(|it| read(&aws.site, it)).collect())
}

/// The SDK's description as a resource.
fn read(site: &Site, it: &Described) -> Option<Resource> {
    let id = it.network_acl_id()?;
    let mut resource = ec2_resource(site, NAME, id, it.tags(), it.owner_id());
    resource.arn = Some(site.arn("ec2", &format!("network-acl/{id}")));
    if let Some(vpc) = it.vpc_id() {
        resource.links.insert(Link::new(how::WITHIN, site.key("vpc", vpc)));
        if it.is_default() == Some(true) {
            resource.links.insert(Link::new(how::MADE_BY, site.key("vpc", vpc)));
        }
    }
    for association in it.associations() {
        let Some(subnet) = association.subnet_id() else { continue };
        let handle = association.network_acl_association_id().map(str::to_owned).into_iter().collect();
        resource.links.insert(Link::via(how::ASSOCIATED, site.key("subnet", subnet), handle));
    }
    Some(resource)
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types::NetworkAclAssociation;

    use super::*;
    use crate::aws::kinds::testing::{ACCOUNT, links, site};

    #[test]
    fn an_acl_is_associated_with_its_subnets_and_the_default_one_goes_with_its_vpc() {
        let association = NetworkAclAssociation::builder()
            .network_acl_association_id("aclassoc-1")
            .subnet_id("subnet-1")
            .build();
        let acl = || {
            Described::builder()
                .network_acl_id("acl-1")
                .vpc_id("vpc-1")
                .owner_id(ACCOUNT)
                .associations(association.clone())
        };
        let own = read(&site(), &acl().is_default(false).build()).unwrap();
        assert_eq!(links(&own), [r#"associated subnet subnet-1 ["aclassoc-1"]"#, "within vpc vpc-1"]);
        let default = read(&site(), &acl().is_default(true).build()).unwrap();
        assert!(links(&default).contains(&"made-by vpc vpc-1".to_owned()));
    }
}
