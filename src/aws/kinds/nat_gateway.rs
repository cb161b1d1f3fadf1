//! The calls of `nat-gateway`: its description as a resource, and its deletion. What they mean stands in
//! [`crate::kinds::nat_gateway`].

use std::collections::BTreeSet;

use async_trait::async_trait;
use aws_sdk_ec2::types::{AvailabilityMode, ConnectivityType, Filter, NatGateway as Described};

use super::Kind;
use super::ec2::{PAGE, fact, looked_up};
use crate::aws::shapes::{ec2_resource, timestamp};
use crate::aws::{Aws, Site};
use crate::kinds::nat_gateway::{NAME, SPEC};
use crate::model::words::{fact as facts, how};
use crate::model::{CloudError, KindSpec, Link, Resource};

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
        looked_up("nat-gateway-id", ids, |filter| described(aws, Some(filter))).await
    }

    async fn delete_one(&self, aws: &Aws, resource: &Resource) -> Result<(), CloudError> {
        let call = aws.ec2.delete_nat_gateway().nat_gateway_id(&resource.key.id).set_dry_run(aws.dry_run());
        aws.change("ec2:DeleteNatGateway", || call.send()).await
    }
}

async fn described(aws: &Aws, filter: Option<Filter>) -> Result<Vec<Resource>, CloudError> {
    // This call alone names its list of filters `Filter`.
    let call = aws.ec2.describe_nat_gateways().set_filter(filter.map(|it| vec![it])).max_results(PAGE);
    let pages = aws
        .pages(
            "ec2:DescribeNatGateways",
            |token| call.clone().set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    Ok(pages.iter().flat_map(|page| page.nat_gateways()).filter_map(|it| read(&aws.site, it)).collect())
}

/// The SDK's description as a resource. A deleted gateway is still described for an hour: it is gone.
fn read(site: &Site, it: &Described) -> Option<Resource> {
    let id = it.nat_gateway_id()?;
    let mut resource = ec2_resource(site, NAME, id, it.tags(), None);
    resource.state = it.state().map(|state| state.as_str().to_owned());
    resource.life = SPEC.states.life(resource.state.as_deref())?;
    resource.arn = Some(site.arn("ec2", &format!("natgateway/{id}")));
    resource.created = it.create_time().and_then(timestamp);
    let trouble = match (it.failure_code(), it.failure_message()) {
        (Some(code), Some(message)) => Some(format!("{code}: {message}")),
        (code, message) => code.or(message).map(str::to_owned),
    };
    fact(&mut resource, facts::TROUBLE, trouble);
    let zones: BTreeSet<&str> =
        it.nat_gateway_addresses().iter().filter_map(|address| address.availability_zone()).collect();
    // A regional gateway stands in many zones and counts in none of them.
    if it.availability_mode() == Some(&AvailabilityMode::Regional) {
        fact(&mut resource, facts::ZONES, (!zones.is_empty()).then(|| zones.len().to_string()));
    } else {
        fact(&mut resource, facts::ZONE, zones.first().copied());
    }
    fact(&mut resource, facts::TYPE, it.availability_mode().map(|mode| mode.as_str()));
    fact(&mut resource, facts::ADDRESSES, Some(it.nat_gateway_addresses().len().to_string()));
    add_links(site, it, &mut resource);
    Some(resource)
}

fn add_links(site: &Site, it: &Described, resource: &mut Resource) {
    let links = &mut resource.links;
    // A regional gateway has no subnet.
    if let Some(subnet) = it.subnet_id().filter(|id| !id.is_empty()) {
        links.insert(Link::new(how::WITHIN, site.key("subnet", subnet)));
    }
    if let Some(vpc) = it.vpc_id() {
        links.insert(Link::new(how::WITHIN, site.key("vpc", vpc)));
        // Where the answer does not say, it is public: that was the only kind before 2021.
        if it.connectivity_type() != Some(&ConnectivityType::Private) {
            links.insert(Link::new(how::PUBLIC_ADDRESS, site.key("vpc", vpc)));
        }
    }
    if let Some(table) = it.route_table_id().filter(|id| id.starts_with("rtb-")) {
        links.insert(Link::new(how::USES, site.key("route-table", table)));
    }
    for address in it.nat_gateway_addresses() {
        if let Some(allocation) = address.allocation_id() {
            links.insert(Link::new(how::USES, site.key("elastic-ip", allocation)));
        }
        if let Some(interface) = address.network_interface_id() {
            links.insert(Link::new(how::USES, site.key("network-interface", interface)));
        }
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types::NatGatewayAddress;
    use aws_smithy_types::DateTime;

    use super::*;
    use crate::aws::kinds::testing::{links, site};
    use crate::kinds::nat_gateway::{QUOTAS, cost};
    use crate::model::Life;
    use crate::model::{Amount, Cost};
    use aws_sdk_ec2::types::NatGatewayState as State;

    fn gateway(state: State) -> aws_sdk_ec2::types::builders::NatGatewayBuilder {
        Described::builder()
            .nat_gateway_id("nat-1")
            .state(state)
            .vpc_id("vpc-1")
            .subnet_id("subnet-1")
            .create_time(DateTime::from_secs(1_700_000_000))
            .nat_gateway_addresses(
                NatGatewayAddress::builder()
                    .allocation_id("eipalloc-1")
                    .network_interface_id("eni-1")
                    .build(),
            )
    }

    #[test]
    fn a_gateway_refers_to_its_address_its_interface_its_subnet_and_its_vpc() {
        let read = read(&site(), &gateway(State::Available).build()).unwrap();
        assert_eq!(
            links(&read),
            [
                "public-address vpc vpc-1",
                "uses elastic-ip eipalloc-1",
                "uses network-interface eni-1",
                "within subnet subnet-1",
                "within vpc vpc-1",
            ]
        );
        assert_eq!(read.created.unwrap().to_string(), "2023-11-14T22:13:20Z");
        assert_eq!(read.state.as_deref(), Some("available"));
    }

    #[test]
    fn a_private_gateway_has_no_public_address() {
        let it = gateway(State::Available).connectivity_type(ConnectivityType::Private).build();
        assert!(!links(&read(&site(), &it).unwrap()).contains(&"public-address vpc vpc-1".to_owned()));
    }

    #[test]
    fn a_gateway_lives_from_pending_to_deleting_and_is_gone_when_deleted() {
        let life = |state| read(&site(), &gateway(state).build()).map(|it| it.life);
        assert_eq!(life(State::Pending), Some(Life::Coming));
        assert_eq!(life(State::Available), Some(Life::Standing));
        assert_eq!(life(State::Failed), Some(Life::Standing));
        assert_eq!(life(State::Deleting), Some(Life::Leaving));
        assert_eq!(life(State::Deleted), None);
    }

    #[test]
    fn a_failed_gateway_tells_its_trouble_and_costs_nothing() {
        let it = gateway(State::Failed)
            .failure_code("InsufficientFreeAddressesInSubnet")
            .failure_message("the subnet is full")
            .build();
        let read = read(&site(), &it).unwrap();
        assert_eq!(read.facts[facts::TROUBLE], "InsufficientFreeAddressesInSubnet: the subnet is full");
        assert!(cost(&read).is_empty());
    }

    #[test]
    fn a_regional_gateway_stands_in_no_subnet_counts_in_no_zone_and_costs_by_zone() {
        let address = |zone: &str| NatGatewayAddress::builder().availability_zone(zone).build();
        let it = Described::builder()
            .nat_gateway_id("nat-1")
            .vpc_id("vpc-1")
            .route_table_id("rtb-1")
            .availability_mode(AvailabilityMode::Regional)
            .nat_gateway_addresses(address("us-east-1a"))
            .nat_gateway_addresses(address("us-east-1b"))
            .nat_gateway_addresses(address("us-east-1b"))
            .build();
        let regional = read(&site(), &it).unwrap();
        assert_eq!(
            links(&regional),
            ["public-address vpc vpc-1", "uses route-table rtb-1", "within vpc vpc-1"]
        );
        assert!(!regional.facts.contains_key(facts::ZONE));
        assert_eq!(cost(&regional), [Cost { item: "nat-gateway-hours", units: 2.0 }]);
    }

    /// What a gateway uses of each quota of its kind.
    fn uses(it: &Described) -> Vec<(&'static str, Amount)> {
        let resource = read(&site(), it).unwrap();
        QUOTAS.iter().map(|quota| (quota.name, (quota.amount)(&resource))).collect()
    }

    #[test]
    fn a_gateway_counts_while_pending_available_or_deleting_and_not_when_it_failed() {
        let counted = |state| uses(&gateway(state).build())[0];
        for state in [State::Pending, State::Available, State::Deleting] {
            assert_eq!(counted(state), ("nat-gateway", Amount::Known(1)));
        }
        assert_eq!(counted(State::Failed), ("nat-gateway", Amount::Known(0)));
    }

    #[test]
    fn a_zonal_gateway_uses_its_addresses_and_a_regional_one_a_place_in_its_vpc() {
        let second = NatGatewayAddress::builder().network_interface_id("eni-1").build();
        let zonal = gateway(State::Available).nat_gateway_addresses(second);
        let used = |name, amount| (name, Amount::Known(amount));
        assert_eq!(
            uses(&zonal.clone().build()),
            [
                used("nat-gateway", 1),
                used("regional-nat-gateway", 0),
                used("eip-per-nat", 1),
                used("ip-per-nat", 2),
            ]
        );
        assert_eq!(
            uses(&zonal.availability_mode(AvailabilityMode::Regional).build()),
            [
                used("nat-gateway", 0),
                used("regional-nat-gateway", 1),
                used("eip-per-nat", 0),
                used("ip-per-nat", 0),
            ]
        );
    }

    #[test]
    fn a_zonal_gateway_counts_in_its_zone_where_the_answer_tells_it() {
        let address = NatGatewayAddress::builder().availability_zone("us-east-1a").build();
        let zonal = gateway(State::Available).nat_gateway_addresses(address).build();
        assert_eq!(read(&site(), &zonal).unwrap().facts[facts::ZONE], "us-east-1a");
        let untold = read(&site(), &gateway(State::Available).build()).unwrap();
        assert!(!untold.facts.contains_key(facts::ZONE));
        assert_eq!(cost(&untold), [Cost { item: "nat-gateway-hours", units: 1.0 }]);
    }
}
