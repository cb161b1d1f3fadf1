//! The calls of `carrier-gateway`: its description as a resource, and its deletion. What they mean stands in
//! [`crate::kinds::carrier_gateway`].

use async_trait::async_trait;
use aws_sdk_ec2::types::{CarrierGateway as Described, Filter};

use super::Kind;
use super::ec2::{PAGE, looked_up};
use crate::aws::shapes::ec2_resource;
use crate::aws::{Aws, Site};
use crate::kinds::carrier_gateway::{NAME, SPEC};
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
        looked_up("carrier-gateway-id", ids, |filter| described(aws, Some(filter))).await
    }

    async fn delete_one(&self, aws: &Aws, resource: &Resource) -> Result<(), CloudError> {
        let call = aws.ec2.delete_carrier_gateway().carrier_gateway_id(&resource.key.id);
        aws.change("ec2:DeleteCarrierGateway", || call.set_dry_run(aws.dry_run()).send()).await
    }
}

async fn described(aws: &Aws, filter: Option<Filter>) -> Result<Vec<Resource>, CloudError> {
    let call = aws.ec2.describe_carrier_gateways().set_filters(filter.map(|it| vec![it])).max_results(PAGE);
    let pages = aws
        .pages(
            "ec2:DescribeCarrierGateways",
            |token| call.clone().set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    Ok(pages.iter().flat_map(|page| page.carrier_gateways()).filter_map(|it| read(&aws.site, it)).collect())
}

/// The SDK's description as a resource. AWS tells no creation time.
fn read(site: &Site, it: &Described) -> Option<Resource> {
    let id = it.carrier_gateway_id()?;
    let mut resource = ec2_resource(site, NAME, id, it.tags(), it.owner_id());
    resource.arn = Some(site.arn("ec2", &format!("carrier-gateway/{id}")));
    resource.state = it.state().map(|state| state.as_str().to_owned());
    resource.life = SPEC.states.life(resource.state.as_deref())?;
    if let Some(vpc) = it.vpc_id() {
        resource.links.insert(Link::new(how::WITHIN, site.key("vpc", vpc)));
    }
    Some(resource)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{ACCOUNT, guards, links, site};
    use super::*;
    use crate::model::GuardRule;

    #[test]
    fn a_gateway_lies_in_its_vpc_until_it_is_deleted() {
        let of = |state: &str, owner: &str| {
            let it = Described::builder().carrier_gateway_id("cagw-1").vpc_id("vpc-1").owner_id(owner);
            read(&site(), &it.state(state.into()).build())
        };
        assert_eq!(links(&of("available", ACCOUNT).unwrap()), ["within vpc vpc-1"]);
        assert!(of("deleted", ACCOUNT).is_none());
        assert_eq!(guards(&of("available", "999999999999").unwrap()), [GuardRule::OtherAccount]);
    }
}
