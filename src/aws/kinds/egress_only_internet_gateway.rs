//! The calls of `egress-only-internet-gateway`: its description as a resource, and its deletion. What they mean
//! stands in [`crate::kinds::egress_only_internet_gateway`].

use async_trait::async_trait;
use aws_sdk_ec2::types::EgressOnlyInternetGateway as Described;

use super::Kind;
use crate::aws::shapes::ec2_resource;
use crate::aws::{Aws, Site};
use crate::kinds::egress_only_internet_gateway::{NAME, SPEC};
use crate::model::{CloudError, KindSpec, Link, Resource, words::how};

/// The largest page that this call takes.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeEgressOnlyInternetGateways.html>
const PAGE: i32 = 255;

const DELETE: &str = "ec2:DeleteEgressOnlyInternetGateway";

/// Its calls.
pub struct Calls;

#[async_trait]
impl Kind for Calls {
    fn spec(&self) -> &'static KindSpec {
        &SPEC
    }

    async fn list(&self, aws: &Aws) -> Result<Vec<Resource>, CloudError> {
        let call = aws.ec2.describe_egress_only_internet_gateways().max_results(PAGE);
        let pages = aws
            .pages(
                "ec2:DescribeEgressOnlyInternetGateways",
                |token| call.clone().set_next_token(token).send(),
                |page| page.next_token(),
            )
            .await?;
        let all = pages.iter().flat_map(|page| page.egress_only_internet_gateways());
        Ok(all.filter_map(|it| read(&aws.site, it)).collect())
    }

    /// The call has no filter by id, and a list of ids fails whole for one that is gone. There are few: five
    /// to a region, unless AWS allowed more.
    async fn look(&self, aws: &Aws, ids: &[String]) -> Result<Vec<Resource>, CloudError> {
        let all = self.list(aws).await?;
        Ok(all.into_iter().filter(|it| ids.iter().any(|id| it.key.id == *id)).collect())
    }

    async fn delete_one(&self, aws: &Aws, resource: &Resource) -> Result<(), CloudError> {
        let call = aws
            .ec2
            .delete_egress_only_internet_gateway()
            .egress_only_internet_gateway_id(&resource.key.id)
            .set_dry_run(aws.dry_run());
        aws.change(DELETE, || call.send()).await
    }
}

/// The SDK's description as a resource.
fn read(site: &Site, it: &Described) -> Option<Resource> {
    let id = it.egress_only_internet_gateway_id()?;
    let mut resource = ec2_resource(site, NAME, id, it.tags(), None);
    resource.arn = Some(site.arn("ec2", &format!("egress-only-internet-gateway/{id}")));
    for vpc in it.attachments().iter().filter_map(|attachment| attachment.vpc_id()) {
        resource.links.insert(Link::new(how::WITHIN, site.key("vpc", vpc)));
    }
    Some(resource)
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types::InternetGatewayAttachment;

    use super::*;
    use crate::aws::kinds::testing::{links, site, tag};

    #[test]
    fn a_gateway_lies_within_its_vpc() {
        let attachment = InternetGatewayAttachment::builder().vpc_id("vpc-1").build();
        let it = Described::builder()
            .egress_only_internet_gateway_id("eigw-1")
            .attachments(attachment)
            .tags(tag("Name", "six"))
            .build();
        let read = read(&site(), &it).unwrap();
        assert_eq!(links(&read), ["within vpc vpc-1"]);
        assert_eq!(read.name.as_deref(), Some("six"));
        assert_eq!(
            read.arn.as_deref(),
            Some("arn:aws:ec2:us-east-1:111122223333:egress-only-internet-gateway/eigw-1")
        );
    }
}
