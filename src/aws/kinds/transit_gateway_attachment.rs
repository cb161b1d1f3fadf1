//! The calls of `transit-gateway-attachment`: its description as a resource, and its deletion. What they mean stands
//! in [`crate::kinds::transit_gateway_attachment`].

use async_trait::async_trait;
use aws_sdk_ec2::types::{Filter, TransitGatewayVpcAttachment as Described};

use super::Kind;
use super::ec2::{PAGE, fact, looked_up};
use crate::aws::shapes::{ec2_resource, timestamp};
use crate::aws::{Aws, Site};
use crate::kinds::transit_gateway_attachment::{NAME, SPEC};
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
        looked_up("transit-gateway-attachment-id", ids, |filter| described(aws, Some(filter))).await
    }

    async fn delete_one(&self, aws: &Aws, resource: &Resource) -> Result<(), CloudError> {
        let call =
            aws.ec2.delete_transit_gateway_vpc_attachment().transit_gateway_attachment_id(&resource.key.id);
        aws.change("ec2:DeleteTransitGatewayVpcAttachment", || call.set_dry_run(aws.dry_run()).send()).await
    }
}

async fn described(aws: &Aws, filter: Option<Filter>) -> Result<Vec<Resource>, CloudError> {
    let filters = filter.map(|it| vec![it]);
    let call = aws.ec2.describe_transit_gateway_vpc_attachments().set_filters(filters).max_results(PAGE);
    let pages = aws
        .pages(
            "ec2:DescribeTransitGatewayVpcAttachments",
            |token| call.clone().set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    Ok(pages
        .iter()
        .flat_map(|page| page.transit_gateway_vpc_attachments())
        .filter_map(|it| read(&aws.site, it))
        .collect())
}

/// The SDK's description as a resource. Whoever owns the gateway sees those of other accounts' VPCs as well, which
/// would lose the way.
fn read(site: &Site, it: &Described) -> Option<Resource> {
    let id = it.transit_gateway_attachment_id()?;
    let mut resource = ec2_resource(site, NAME, id, it.tags(), it.vpc_owner_id());
    resource.arn = Some(site.arn("ec2", &format!("transit-gateway-attachment/{id}")));
    resource.state = it.state().map(|state| state.as_str().to_owned());
    resource.life = SPEC.states.life(resource.state.as_deref())?;
    resource.created = it.creation_time().and_then(timestamp);
    fact(&mut resource, facts::JOINS, it.transit_gateway_id());
    if let Some(vpc) = it.vpc_id() {
        resource.links.insert(Link::new(how::ATTACHED, site.key("vpc", vpc)));
    }
    for subnet in it.subnet_ids() {
        resource.links.insert(Link::new(how::WITHIN, site.key("subnet", subnet)));
    }
    Some(resource)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{ACCOUNT, guards, links, site};
    use super::*;
    use crate::model::{GuardRule, Life};

    fn attachment(state: &str) -> aws_sdk_ec2::types::builders::TransitGatewayVpcAttachmentBuilder {
        Described::builder()
            .transit_gateway_attachment_id("tgw-attach-1")
            .transit_gateway_id("tgw-1")
            .vpc_id("vpc-1")
            .vpc_owner_id(ACCOUNT)
            .subnet_ids("subnet-1")
            .subnet_ids("subnet-2")
            .state(state.into())
    }

    #[test]
    fn an_attachment_holds_its_vpc_and_its_subnets_and_keeps_which_gateway_it_joins() {
        let it = read(&site(), &attachment("available").build()).unwrap();
        assert_eq!(links(&it), ["attached vpc vpc-1", "within subnet subnet-1", "within subnet subnet-2"]);
        assert_eq!(it.facts[facts::JOINS], "tgw-1");
        assert!(it.guards.is_empty());
    }

    #[test]
    fn that_of_another_accounts_vpc_is_guarded() {
        let it = attachment("available").vpc_owner_id("999999999999").build();
        assert_eq!(guards(&read(&site(), &it).unwrap()), [GuardRule::OtherAccount]);
    }

    #[test]
    fn what_vanishes_by_itself_is_gone_and_a_request_that_waits_stands() {
        let of = |state: &str| read(&site(), &attachment(state).build()).map(|it| it.life);
        for state in ["deleted", "failed", "rejected"] {
            assert_eq!(of(state), None, "{state}");
        }
        assert_eq!(of("pendingAcceptance"), Some(Life::Standing));
        assert_eq!(of("pending"), Some(Life::Coming));
        assert_eq!(of("deleting"), Some(Life::Leaving));
    }
}
