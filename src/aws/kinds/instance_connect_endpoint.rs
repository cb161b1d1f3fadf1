//! The calls of `instance-connect-endpoint`: its description as a resource, and its deletion. What they mean stands in
//! [`crate::kinds::instance_connect_endpoint`].

use async_trait::async_trait;
use aws_sdk_ec2::types::{Ec2InstanceConnectEndpoint as Described, Filter};

use super::Kind;
use super::ec2::{fact, looked_up};
use crate::aws::shapes::{ec2_resource, timestamp};
use crate::aws::{Aws, Site};
use crate::kinds::instance_connect_endpoint::{NAME, SPEC};
use crate::model::words::{fact as facts, how};
use crate::model::{CloudError, KindSpec, Link, Resource};

/// Its calls.
pub struct Calls;

/// This call takes no larger page.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceConnectEndpoints.html>
const PAGE: i32 = 50;

#[async_trait]
impl Kind for Calls {
    fn spec(&self) -> &'static KindSpec {
        &SPEC
    }

    async fn list(&self, aws: &Aws) -> Result<Vec<Resource>, CloudError> {
        described(aws, None).await
    }

    async fn look(&self, aws: &Aws, ids: &[String]) -> Result<Vec<Resource>, CloudError> {
        looked_up("instance-connect-endpoint-id", ids, |filter| described(aws, Some(filter))).await
    }

    async fn delete_one(&self, aws: &Aws, resource: &Resource) -> Result<(), CloudError> {
        let call = aws.ec2.delete_instance_connect_endpoint().instance_connect_endpoint_id(&resource.key.id);
        aws.change("ec2:DeleteInstanceConnectEndpoint", || call.set_dry_run(aws.dry_run()).send()).await
    }
}

async fn described(aws: &Aws, filter: Option<Filter>) -> Result<Vec<Resource>, CloudError> {
    let call = aws
        .ec2
        .describe_instance_connect_endpoints()
        .set_filters(filter.map(|it| vec![it]))
        .max_results(PAGE);
    let pages = aws
        .pages(
            "ec2:DescribeInstanceConnectEndpoints",
            |token| call.clone().set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    Ok(pages
        .iter()
        .flat_map(|page| page.instance_connect_endpoints())
        .filter_map(|it| read(&aws.site, it))
        .collect())
}

/// The SDK's description as a resource.
fn read(site: &Site, it: &Described) -> Option<Resource> {
    let id = it.instance_connect_endpoint_id()?;
    let mut resource = ec2_resource(site, NAME, id, it.tags(), it.owner_id());
    resource.arn = Some(site.arn("ec2", &format!("instance-connect-endpoint/{id}")));
    resource.state = it.state().map(|state| state.as_str().to_owned());
    resource.life = SPEC.states.life(resource.state.as_deref())?;
    resource.created = it.created_at().and_then(timestamp);
    let failed = resource.state.as_deref().is_some_and(|state| state.ends_with("-failed"));
    fact(&mut resource, facts::TROUBLE, it.state_message().filter(|_| failed));
    let within = [("vpc", it.vpc_id()), ("subnet", it.subnet_id())];
    for (kind, id) in within.into_iter().filter_map(|(kind, id)| Some((kind, id?))) {
        resource.links.insert(Link::new(how::WITHIN, site.key(kind, id)));
    }
    let groups = it.security_group_ids().iter().map(|id| ("security-group", id));
    let interfaces = it.network_interface_ids().iter().map(|id| ("network-interface", id));
    for (kind, id) in groups.chain(interfaces) {
        resource.links.insert(Link::new(how::USES, site.key(kind, id)));
    }
    Some(resource)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{ACCOUNT, guards, links, site};
    use super::*;
    use crate::model::{GuardRule, Life};

    fn endpoint(state: &str) -> aws_sdk_ec2::types::builders::Ec2InstanceConnectEndpointBuilder {
        Described::builder().instance_connect_endpoint_id("eice-1").owner_id(ACCOUNT).state(state.into())
    }

    #[test]
    fn an_endpoint_holds_its_place_its_groups_and_its_interface() {
        let it = endpoint("create-complete")
            .vpc_id("vpc-1")
            .subnet_id("subnet-1")
            .security_group_ids("sg-1")
            .network_interface_ids("eni-1")
            .build();
        let expected = [
            "uses network-interface eni-1",
            "uses security-group sg-1",
            "within subnet subnet-1",
            "within vpc vpc-1",
        ];
        assert_eq!(links(&read(&site(), &it).unwrap()), expected);
    }

    #[test]
    fn its_states_tell_where_in_its_life_it_stands_and_what_went_wrong() {
        let of = |state: &str| read(&site(), &endpoint(state).state_message("no address is free").build());
        assert_eq!(of("create-in-progress").unwrap().life, Life::Coming);
        assert_eq!(of("delete-in-progress").unwrap().life, Life::Leaving);
        assert!(of("delete-complete").is_none());
        let failed = of("delete-failed").unwrap();
        assert_eq!((failed.life, &*failed.facts[facts::TROUBLE]), (Life::Standing, "no address is free"));
        assert!(of("create-complete").unwrap().facts.is_empty());
    }

    #[test]
    fn one_of_another_account_in_a_shared_subnet_is_guarded() {
        let it = endpoint("create-complete").owner_id("999999999999").build();
        assert_eq!(guards(&read(&site(), &it).unwrap()), [GuardRule::OtherAccount]);
    }
}
