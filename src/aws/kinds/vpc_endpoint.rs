//! The calls of `vpc-endpoint`: its description as a resource, and its deletion. What they mean stands in
//! [`crate::kinds::vpc_endpoint`].

use async_trait::async_trait;
use aws_sdk_ec2::types::VpcEndpoint as Described;

use super::ec2::{PAGE, by_id, fact, guard, may_be_ones_fault};
use super::{Kind, one_by_one};
use crate::aws::shapes::{ec2_resource, timestamp};
use crate::aws::{Aws, Site};
use crate::kinds::vpc_endpoint::{DELETE, GUARDDUTY, NAME, SPEC};
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
        described(aws).await
    }

    async fn look(&self, aws: &Aws, ids: &[String]) -> Result<Vec<Resource>, CloudError> {
        // A region's endpoints are one page, and the filter by id is unknown to emulators.
        let mut found = described(aws).await?;
        found.retain(|it| ids.iter().any(|id| it.key.id == *id));
        Ok(found)
    }

    async fn delete_one(&self, aws: &Aws, resource: &Resource) -> Result<(), CloudError> {
        // One id has one answer; the looks that follow would tell if it had none.
        delete_together(aws, &[resource.key.id.to_string()]).await.pop().unwrap_or(Ok(()))
    }

    async fn delete(&self, aws: &Aws, resources: &[Resource]) -> Vec<Result<(), CloudError>> {
        let ids: Vec<String> = resources.iter().map(|resource| resource.key.id.to_string()).collect();
        let answers = delete_together(aws, &ids).await;
        let refused_as_one = match answers.as_slice() {
            [Err(first), rest @ ..] if !rest.is_empty() => {
                may_be_ones_fault(first) && rest.iter().all(|answer| answer.as_ref().err() == Some(first))
            }
            _ => false,
        };
        if !refused_as_one {
            return answers;
        }
        one_by_one(self, aws, resources).await
    }
}

/// One call for all of these: one answer for each.
async fn delete_together(aws: &Aws, ids: &[String]) -> Vec<Result<(), CloudError>> {
    let call =
        aws.ec2.delete_vpc_endpoints().set_vpc_endpoint_ids(Some(ids.to_vec())).set_dry_run(aws.dry_run());
    match aws.change_with_answer(DELETE, || call.send()).await {
        Ok(Some(answer)) => by_id(DELETE, ids, answer.unsuccessful()),
        Ok(None) => ids.iter().map(|_| Ok(())).collect(),
        Err(error) => ids.iter().map(|_| Err(error.clone())).collect(),
    }
}

async fn described(aws: &Aws) -> Result<Vec<Resource>, CloudError> {
    let call = aws.ec2.describe_vpc_endpoints().max_results(PAGE);
    let pages = aws
        .pages(
            "ec2:DescribeVpcEndpoints",
            |token| call.clone().set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    Ok(pages.iter().flat_map(|page| page.vpc_endpoints()).filter_map(|it| read(&aws.site, it)).collect())
}

/// The SDK's description as a resource. States come in small letters from EC2 and in capitals from its
/// documentation.
fn read(site: &Site, it: &Described) -> Option<Resource> {
    let id = it.vpc_endpoint_id()?;
    let state = it.state().map(|state| state.as_str().to_ascii_lowercase());
    let mut resource = ec2_resource(site, NAME, id, it.tags(), it.owner_id());
    resource.life = SPEC.states.life(state.as_deref())?;
    resource.state = state;
    resource.arn = Some(site.arn("ec2", &format!("vpc-endpoint/{id}")));
    resource.created = it.creation_timestamp().and_then(timestamp);
    let kind = it.vpc_endpoint_type().map(|kind| kind.as_str());
    fact(&mut resource, facts::TYPE, kind);
    fact(&mut resource, facts::DESCRIPTION, it.service_name());
    fact(
        &mut resource,
        facts::TROUBLE,
        it.last_error().and_then(|error| error.message()).or(it.failure_reason()),
    );
    if !it.subnet_ids().is_empty() {
        fact(&mut resource, facts::ZONES, Some(it.subnet_ids().len().to_string()));
    }
    let service = it.service_name().unwrap_or("a service");
    // AWS refuses to delete what a service manages. GuardDuty's is the exception: it stands in the way
    // of its VPC until somebody deletes it, for GuardDuty does so only when it is switched off.
    if it.requester_managed() == Some(true) && !service.ends_with(GUARDDUTY) {
        let why = format!("a service made it for {service} and must remove it");
        guard(&mut resource, GuardRule::UnknownMaker, why);
    }
    add_links(site, it, &mut resource);
    Some(resource)
}

fn add_links(site: &Site, it: &Described, resource: &mut Resource) {
    if let Some(vpc) = it.vpc_id() {
        resource.links.insert(Link::new(how::WITHIN, site.key("vpc", vpc)));
    }
    for subnet in it.subnet_ids() {
        resource.links.insert(Link::new(how::WITHIN, site.key("subnet", subnet)));
    }
    for group in it.groups().iter().filter_map(|group| group.group_id()) {
        resource.links.insert(Link::new(how::USES, site.key("security-group", group)));
    }
    for table in it.route_table_ids() {
        resource.links.insert(Link::new(how::ASSOCIATED, site.key("route-table", table)));
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types::{
        SecurityGroupIdentifier, State, UnsuccessfulItem, UnsuccessfulItemError, VpcEndpointType,
    };

    use super::*;
    use crate::aws::kinds::testing::{ACCOUNT, guards, links, site};
    use crate::kinds::vpc_endpoint::cost;
    use crate::model::Life;
    use crate::model::{Amount, Cost, ErrorClass};

    fn endpoint(kind: VpcEndpointType) -> aws_sdk_ec2::types::builders::VpcEndpointBuilder {
        Described::builder()
            .vpc_endpoint_id("vpce-1")
            .vpc_endpoint_type(kind)
            .vpc_id("vpc-1")
            .owner_id(ACCOUNT)
            .service_name("com.amazonaws.us-east-1.ecr.api")
    }

    #[test]
    fn an_interface_endpoint_refers_to_its_subnets_and_groups_and_costs_by_zone() {
        let it = endpoint(VpcEndpointType::Interface)
            .subnet_ids("subnet-1")
            .subnet_ids("subnet-2")
            .groups(SecurityGroupIdentifier::builder().group_id("sg-1").build())
            .build();
        let read = read(&site(), &it).unwrap();
        assert_eq!(
            links(&read),
            [
                "uses security-group sg-1",
                "within subnet subnet-1",
                "within subnet subnet-2",
                "within vpc vpc-1",
            ]
        );
        assert_eq!(cost(&read), [Cost { item: "interface-endpoint-zone", units: 2.0 }]);
    }

    #[test]
    fn a_gateway_endpoint_uses_route_tables_and_is_free() {
        let read =
            read(&site(), &endpoint(VpcEndpointType::Gateway).route_table_ids("rtb-1").build()).unwrap();
        assert_eq!(links(&read), ["associated route-table rtb-1", "within vpc vpc-1"]);
        assert!(cost(&read).is_empty());
    }

    #[test]
    fn interface_and_gateway_load_balancer_endpoints_count_together_and_gateway_endpoints_alone() {
        let used = |it: Described| -> Vec<Amount> {
            let resource = read(&site(), &it).unwrap();
            SPEC.quotas.iter().map(|quota| (quota.amount)(&resource)).collect()
        };
        for (kind, expected) in [
            (VpcEndpointType::Interface, [1, 0]),
            (VpcEndpointType::GatewayLoadBalancer, [1, 0]),
            (VpcEndpointType::Gateway, [0, 1]),
            (VpcEndpointType::Resource, [0, 0]),
            (VpcEndpointType::ServiceNetwork, [0, 0]),
        ] {
            assert_eq!(used(endpoint(kind.clone()).build()), expected.map(Amount::Known), "{kind}");
        }
        let shared = endpoint(VpcEndpointType::Interface).owner_id("999999999999").build();
        assert_eq!(used(shared), [Amount::Known(0), Amount::Known(0)]);
        let untold = Described::builder().vpc_endpoint_id("vpce-1").build();
        assert_eq!(used(untold), [Amount::Unknown, Amount::Unknown]);
    }

    #[test]
    fn states_are_read_in_small_letters_and_in_capitals() {
        let life = |state: &str| {
            read(&site(), &endpoint(VpcEndpointType::Interface).state(State::from(state)).build())
                .map(|it| it.life)
        };
        for (state, expected) in [
            ("pending", Some(Life::Coming)),
            ("pendingAcceptance", Some(Life::Standing)),
            ("available", Some(Life::Standing)),
            ("deleting", Some(Life::Leaving)),
            ("deleted", None),
        ] {
            assert_eq!(life(state), expected, "{state}");
            let capital = state[..1].to_uppercase() + &state[1..];
            assert_eq!(life(&capital), expected, "{capital}");
        }
    }

    #[test]
    fn an_endpoint_that_a_service_manages_is_guarded_and_guarddutys_is_not() {
        let managed = || endpoint(VpcEndpointType::Interface).requester_managed(true);
        assert_eq!(guards(&read(&site(), &managed().build()).unwrap()), [GuardRule::UnknownMaker]);
        let guardduty = managed().service_name("com.amazonaws.us-east-1.guardduty-data").build();
        let guardduty = read(&site(), &guardduty).unwrap();
        assert!(guards(&guardduty).is_empty());
        assert!(cost(&guardduty).is_empty());
    }

    #[test]
    fn failures_inside_an_answer_come_to_those_they_name() {
        let failure = |id: Option<&str>, code: &str| {
            UnsuccessfulItem::builder()
                .set_resource_id(id.map(str::to_owned))
                .error(UnsuccessfulItemError::builder().code(code).message("no").build())
                .build()
        };
        let ids = ["vpce-1", "vpce-2", "vpce-3"].map(str::to_owned);
        let classes = |failures: &[UnsuccessfulItem]| -> Vec<Option<ErrorClass>> {
            by_id(DELETE, &ids, failures)
                .into_iter()
                .map(|answer| answer.err().map(|error| error.class))
                .collect()
        };
        assert_eq!(classes(&[]), [None, None, None]);
        assert_eq!(
            classes(&[
                failure(Some("vpce-3"), "InvalidVpcEndpointId.NotFound"),
                failure(Some("vpce-1"), "InvalidParameter"),
            ]),
            [Some(ErrorClass::Refused), None, Some(ErrorClass::Gone)]
        );
        assert_eq!(classes(&[failure(None, "InternalError")]), [Some(ErrorClass::Transient); 3]);
    }
}
