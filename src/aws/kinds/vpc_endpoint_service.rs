//! The calls of `vpc-endpoint-service`: its description as a resource; it is only read. What that means stands in
//! [`crate::kinds::vpc_endpoint_service`].

use async_trait::async_trait;
use aws_sdk_ec2::types::{Filter, ServiceConfiguration as Described};

use super::Kind;
use super::ec2::{PAGE, looked_up};
use crate::aws::shapes::ec2_resource;
use crate::aws::{Aws, Site};
use crate::kinds::vpc_endpoint_service::{NAME, SPEC};
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
        looked_up("service-id", ids, |filter| described(aws, Some(filter))).await
    }
}

async fn described(aws: &Aws, filter: Option<Filter>) -> Result<Vec<Resource>, CloudError> {
    let call = aws
        .ec2
        .describe_vpc_endpoint_service_configurations()
        .set_filters(filter.map(|it| vec![it]))
        .max_results(PAGE);
    let send = |token| call.clone().set_next_token(token).send();
    let api = "ec2:DescribeVpcEndpointServiceConfigurations";
    let pages = aws.pages(api, send, |page| page.next_token()).await?;
    let found = pages.iter().flat_map(|page| page.service_configurations());
    Ok(found.filter_map(|it| read(&aws.site, it)).collect())
}

/// The SDK's description as a resource. AWS tells no creation time.
fn read(site: &Site, it: &Described) -> Option<Resource> {
    let id = it.service_id()?;
    let mut resource = ec2_resource(site, NAME, id, it.tags(), None);
    resource.arn = Some(site.arn("ec2", &format!("vpc-endpoint-service/{id}")));
    resource.state = it.service_state().map(|state| state.as_str().to_owned());
    resource.life = SPEC.states.life(resource.state.as_deref())?;
    let balancers = it.network_load_balancer_arns().iter().chain(it.gateway_load_balancer_arns());
    for balancer in balancers {
        resource.links.insert(Link::new(how::USES, site.key("load-balancer", balancer)));
    }
    Some(resource)
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types::ServiceState;

    use super::super::testing::{links, site};
    use super::*;

    #[test]
    fn a_service_is_made_of_load_balancers_and_holds_them() {
        let it = Described::builder()
            .service_id("vpce-svc-1")
            .service_state(ServiceState::Available)
            .network_load_balancer_arns("arn:nlb")
            .gateway_load_balancer_arns("arn:gwlb")
            .build();
        let service = read(&site(), &it).unwrap();
        assert_eq!(links(&service), ["uses load-balancer arn:gwlb", "uses load-balancer arn:nlb"]);
        let gone = Described::builder().service_id("vpce-svc-1").service_state(ServiceState::Deleted).build();
        assert!(read(&site(), &gone).is_none());
    }
}
