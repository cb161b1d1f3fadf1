//! The calls of `elastic-ip`: its description as a resource, and its deletion. What they mean stands in
//! [`crate::kinds::elastic_ip`].

use async_trait::async_trait;
use aws_sdk_ec2::types::{Address as Described, Filter};

use super::Kind;
use super::ec2::{fact, guard, looked_up};
use crate::aws::shapes::ec2_resource;
use crate::aws::{Aws, Site};
use crate::kinds::elastic_ip::{NAME, SPEC};
use crate::model::words::{fact as facts, how};
use crate::model::{CloudError, GuardRule, KindSpec, Link, Resource};

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
        looked_up("allocation-id", ids, |filter| described(aws, Some(filter))).await
    }

    async fn delete_one(&self, aws: &Aws, resource: &Resource) -> Result<(), CloudError> {
        let call = aws
            .ec2
            .release_address()
            .allocation_id(&resource.key.id)
            .set_network_border_group(resource.facts.get(facts::BORDER_GROUP).cloned())
            .set_dry_run(aws.dry_run());
        aws.change("ec2:ReleaseAddress", || call.send()).await
    }
}

/// DescribeAddresses has no pages: one answer holds them all.
async fn described(aws: &Aws, filter: Option<Filter>) -> Result<Vec<Resource>, CloudError> {
    let call = aws.ec2.describe_addresses().set_filters(filter.map(|it| vec![it]));
    let answer = aws.read("ec2:DescribeAddresses", || call.clone().send()).await?;
    Ok(answer.addresses().iter().filter_map(|it| read(&aws.site, it)).collect())
}

/// The SDK's description as a resource.
fn read(site: &Site, it: &Described) -> Option<Resource> {
    let id = it.allocation_id()?;
    let mut resource = ec2_resource(site, NAME, id, it.tags(), None);
    resource.arn = Some(site.arn("ec2", &format!("elastic-ip/{id}")));
    fact(&mut resource, facts::PUBLIC_IP, it.public_ip());
    fact(&mut resource, facts::POOL, it.public_ipv4_pool());
    // ReleaseAddress takes the border group of a Local Zone's address; the region's own is understood.
    let group = it.network_border_group().filter(|group| *group != site.region.as_str());
    fact(&mut resource, facts::BORDER_GROUP, group);
    if let Some(service) = it.service_managed() {
        let why = format!("the service {} allocated it and releases it", service.as_str());
        guard(&mut resource, GuardRule::AwsManaged, why);
    }
    // The instance matters only where no interface is named: an interface goes with its instance.
    // An association with nothing named is no guard: EC2 itself refuses to release what is associated.
    if let Some(interface) = it.network_interface_id().filter(|id| !id.is_empty()) {
        resource.links.insert(Link::new(how::ASSOCIATED, site.key("network-interface", interface)));
    } else if let Some(instance) = it.instance_id().filter(|id| !id.is_empty()) {
        resource.links.insert(Link::new(how::ASSOCIATED, site.key("instance", instance)));
    }
    Some(resource)
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types::ServiceManaged;

    use super::*;
    use crate::aws::kinds::testing::{guards, links, site, tag};
    use crate::kinds::elastic_ip::{amount, cost};
    use crate::model::{Amount, Cost};

    fn address() -> aws_sdk_ec2::types::builders::AddressBuilder {
        Described::builder().allocation_id("eipalloc-1").public_ip("203.0.113.7").public_ipv4_pool("amazon")
    }

    #[test]
    fn an_address_in_use_is_associated_with_its_interface_and_not_with_the_instance_behind() {
        let it = address()
            .association_id("eipassoc-1")
            .network_interface_id("eni-1")
            .instance_id("i-1")
            .tags(tag("Name", "front"))
            .build();
        let read = read(&site(), &it).unwrap();
        assert_eq!(links(&read), ["associated network-interface eni-1"]);
        assert_eq!(read.name.as_deref(), Some("front"));
        assert_eq!(read.facts[facts::PUBLIC_IP], "203.0.113.7");
        assert_eq!(read.arn.as_deref(), Some("arn:aws:ec2:us-east-1:111122223333:elastic-ip/eipalloc-1"));
    }

    #[test]
    fn an_address_of_which_only_the_instance_is_named_goes_after_that() {
        let it = address().association_id("eipassoc-1").instance_id("i-1").build();
        assert_eq!(links(&read(&site(), &it).unwrap()), ["associated instance i-1"]);
        let idle = read(&site(), &address().build()).unwrap();
        assert!(idle.links.is_empty() && idle.guards.is_empty());
    }

    #[test]
    fn an_address_that_a_service_allocated_is_not_ours_to_release() {
        let it = address().service_managed(ServiceManaged::Alb).build();
        assert_eq!(guards(&read(&site(), &it).unwrap()), [GuardRule::AwsManaged]);
    }

    #[test]
    fn only_amazons_addresses_are_charged_and_counted() {
        let own = read(&site(), &address().public_ipv4_pool("ipv4pool-ec2-1").build()).unwrap();
        assert!(cost(&own).is_empty());
        assert_eq!(amount(&own), Amount::Known(0));
        let lent = read(&site(), &address().build()).unwrap();
        assert_eq!(cost(&lent), [Cost { item: "public-ipv4", units: 1.0 }]);
        assert_eq!(amount(&lent), Amount::Known(1));
    }

    #[test]
    fn the_border_group_is_noted_only_where_it_is_not_the_region() {
        let here = read(&site(), &address().network_border_group("us-east-1").build()).unwrap();
        assert!(!here.facts.contains_key(facts::BORDER_GROUP));
        let there = read(&site(), &address().network_border_group("us-east-1-bos-1").build()).unwrap();
        assert_eq!(there.facts[facts::BORDER_GROUP], "us-east-1-bos-1");
    }
}
