//! The calls of `customer-gateway`: its description as a resource, and its deletion. What they mean stands in
//! [`crate::kinds::customer_gateway`].

use async_trait::async_trait;
use aws_sdk_ec2::types::{CustomerGateway as Described, Filter};

use super::Kind;
use super::ec2::looked_up;
use crate::aws::shapes::ec2_resource;
use crate::aws::{Aws, Site};
use crate::kinds::customer_gateway::{NAME, SPEC};
use crate::model::{CloudError, KindSpec, Resource};

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
        looked_up("customer-gateway-id", ids, |filter| described(aws, Some(filter))).await
    }

    async fn delete_one(&self, aws: &Aws, resource: &Resource) -> Result<(), CloudError> {
        let call = aws.ec2.delete_customer_gateway().customer_gateway_id(&resource.key.id);
        aws.change("ec2:DeleteCustomerGateway", || call.set_dry_run(aws.dry_run()).send()).await
    }
}

/// One answer tells all: the call has no pages.
async fn described(aws: &Aws, filter: Option<Filter>) -> Result<Vec<Resource>, CloudError> {
    let call = aws.ec2.describe_customer_gateways().set_filters(filter.map(|it| vec![it]));
    let answer = aws.read("ec2:DescribeCustomerGateways", || call.clone().send()).await?;
    Ok(answer.customer_gateways().iter().filter_map(|it| read(&aws.site, it)).collect())
}

/// The SDK's description as a resource. AWS tells no creation time.
fn read(site: &Site, it: &Described) -> Option<Resource> {
    let id = it.customer_gateway_id()?;
    let mut resource = ec2_resource(site, NAME, id, it.tags(), None);
    resource.arn = Some(site.arn("ec2", &format!("customer-gateway/{id}")));
    resource.state = it.state().map(str::to_owned);
    resource.life = SPEC.states.life(resource.state.as_deref())?;
    Some(resource)
}

#[cfg(test)]
mod tests {
    use super::super::testing::site;
    use super::*;
    use crate::model::Life;

    #[test]
    fn a_deleted_gateway_is_gone_although_aws_shows_it_for_a_while() {
        let of = |state: &str| {
            let it = Described::builder().customer_gateway_id("cgw-1").state(state).build();
            read(&site(), &it).map(|it| it.life)
        };
        assert_eq!(of("available"), Some(Life::Standing));
        assert_eq!(of("deleting"), Some(Life::Leaving));
        assert_eq!(of("deleted"), None);
    }
}
