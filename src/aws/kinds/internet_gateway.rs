//! The calls of `internet-gateway`: its description as a resource, and its deletion. What they mean stands in
//! [`crate::kinds::internet_gateway`].

use async_trait::async_trait;
use aws_sdk_ec2::types::{Filter, InternetGateway as Described};

use super::Kind;
use super::ec2::{PAGE, looked_up};
use crate::aws::shapes::ec2_resource;
use crate::aws::{Aws, Site};
use crate::kinds::internet_gateway::{NAME, SPEC};
use crate::model::{CloudError, KindSpec, Link, Resource, words::how};

/// Its calls.
pub struct Calls;

#[async_trait]
impl Kind for Calls {
    fn spec(&self) -> &'static KindSpec {
        &SPEC
    }

    async fn list(&self, aws: &Aws) -> Result<Vec<Resource>, CloudError> {
        described(aws, None).await
    }

    async fn look(&self, aws: &Aws, ids: &[String]) -> Result<Vec<Resource>, CloudError> {
        looked_up("internet-gateway-id", ids, |filter| described(aws, Some(filter))).await
    }

    async fn cut(&self, aws: &Aws, resource: &Resource, link: &Link) -> Result<(), CloudError> {
        let call =
            aws.ec2.detach_internet_gateway().internet_gateway_id(&resource.key.id).vpc_id(&link.to.id);
        aws.change("ec2:DetachInternetGateway", || call.set_dry_run(aws.dry_run()).send()).await
    }

    async fn delete_one(&self, aws: &Aws, resource: &Resource) -> Result<(), CloudError> {
        let call = aws.ec2.delete_internet_gateway().internet_gateway_id(&resource.key.id);
        aws.change("ec2:DeleteInternetGateway", || call.set_dry_run(aws.dry_run()).send()).await
    }
}

async fn described(aws: &Aws, filter: Option<Filter>) -> Result<Vec<Resource>, CloudError> {
    let call = aws.ec2.describe_internet_gateways().set_filters(filter.map(|it| vec![it])).max_results(PAGE);
    let pages = aws
        .pages(
            "ec2:DescribeInternetGateways",
            |token| call.clone().set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    Ok(pages.iter().flat_map(|page| page.internet_gateways()).filter_map(|it| read(&aws.site, it)).collect())
}

/// The SDK's description as a resource.
fn read(site: &Site, it: &Described) -> Option<Resource> {
    let id = it.internet_gateway_id()?;
    let mut resource = ec2_resource(site, NAME, id, it.tags(), it.owner_id());
    resource.arn = Some(site.arn("ec2", &format!("internet-gateway/{id}")));
    for vpc in it.attachments().iter().filter_map(|attachment| attachment.vpc_id()) {
        resource.links.insert(Link::new(how::ATTACHED, site.key("vpc", vpc)));
    }
    Some(resource)
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types::InternetGatewayAttachment;

    use super::*;
    use crate::aws::kinds::testing::{ACCOUNT, guards, links, site};
    use crate::model::GuardRule;

    #[test]
    fn a_gateway_is_attached_to_its_vpc_or_to_none() {
        let gateway = || Described::builder().internet_gateway_id("igw-1").owner_id(ACCOUNT);
        let attachment = InternetGatewayAttachment::builder().vpc_id("vpc-1").build();
        let attached = read(&site(), &gateway().attachments(attachment).build()).unwrap();
        assert_eq!(links(&attached), ["attached vpc vpc-1"]);
        assert_eq!(
            attached.arn.as_deref(),
            Some("arn:aws:ec2:us-east-1:111122223333:internet-gateway/igw-1")
        );
        assert!(read(&site(), &gateway().build()).unwrap().links.is_empty());
        let foreign = read(&site(), &gateway().owner_id("999999999999").build()).unwrap();
        assert_eq!(guards(&foreign), [GuardRule::OtherAccount]);
    }
}
