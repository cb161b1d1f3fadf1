//! The calls of `vpc-peering-connection`: its description as a resource, and its deletion. What they mean stands
//! in [`crate::kinds::vpc_peering_connection`].

use async_trait::async_trait;
use aws_sdk_ec2::types::{Filter, VpcPeeringConnection as Described, VpcPeeringConnectionVpcInfo as Side};

use super::Kind;
use super::ec2::{PAGE, guard, looked_up};
use crate::aws::shapes::ec2_resource;
use crate::aws::{Aws, Site};
use crate::kinds::vpc_peering_connection::{NAME, SPEC};
use crate::model::{CloudError, GuardRule, Key, KindName, KindSpec, Link, Region, Resource, words::how};

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
        looked_up("vpc-peering-connection-id", ids, |filter| described(aws, Some(filter))).await
    }

    async fn delete_one(&self, aws: &Aws, resource: &Resource) -> Result<(), CloudError> {
        let call = aws
            .ec2
            .delete_vpc_peering_connection()
            .vpc_peering_connection_id(&resource.key.id)
            .set_dry_run(aws.dry_run());
        aws.change("ec2:DeleteVpcPeeringConnection", || call.send()).await
    }
}

async fn described(aws: &Aws, filter: Option<Filter>) -> Result<Vec<Resource>, CloudError> {
    let call =
        aws.ec2.describe_vpc_peering_connections().set_filters(filter.map(|it| vec![it])).max_results(PAGE);
    let pages = aws
        .pages(
            "ec2:DescribeVpcPeeringConnections",
            |token| call.clone().set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    Ok(pages
        .iter()
        .flat_map(|page| page.vpc_peering_connections())
        .filter_map(|it| read(&aws.site, it))
        .collect())
}

/// The SDK's description as a resource. One that reaches into another region is listed in both: in each it
/// is a resource of its own, and names both ends.
fn read(site: &Site, it: &Described) -> Option<Resource> {
    let id = it.vpc_peering_connection_id()?;
    let mut resource = ec2_resource(site, NAME, id, it.tags(), None);
    resource.arn = Some(site.arn("ec2", &format!("vpc-peering-connection/{id}")));
    resource.state = it.status().and_then(|status| status.code()).map(|code| code.as_str().to_owned());
    resource.life = SPEC.states.life(resource.state.as_deref())?;
    for side in [it.requester_vpc_info(), it.accepter_vpc_info()].into_iter().flatten() {
        add_side(site, side, &mut resource);
    }
    Some(resource)
}

/// An end of it: the VPC there, and a guard where that is another account's, who would lose the way.
fn add_side(site: &Site, side: &Side, resource: &mut Resource) {
    if let Some(owner) = side.owner_id().filter(|owner| *owner != site.account.as_str()) {
        guard(resource, GuardRule::OtherAccount, format!("account {owner} owns its other end"));
    }
    let region = side.region().map_or_else(|| site.region.clone(), Region::new);
    if let Some(vpc) = side.vpc_id() {
        let vpc = Key::new(KindName::of("vpc"), region, vpc);
        resource.links.insert(Link::new(how::ATTACHED, vpc));
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types::{
        VpcPeeringConnectionStateReason as Status, VpcPeeringConnectionStateReasonCode as Code,
    };

    use super::*;
    use crate::aws::kinds::testing::{ACCOUNT, guards, links, site};
    use crate::model::Life;

    fn side(vpc: &str, owner: &str, region: &str) -> Side {
        Side::builder().vpc_id(vpc).owner_id(owner).region(region).build()
    }

    fn connection(accepter: Side, code: Code) -> Described {
        Described::builder()
            .vpc_peering_connection_id("pcx-1")
            .requester_vpc_info(side("vpc-1", ACCOUNT, "us-east-1"))
            .accepter_vpc_info(accepter)
            .status(Status::builder().code(code).build())
            .build()
    }

    #[test]
    fn a_connection_is_attached_to_both_its_vpcs_each_in_its_region() {
        let there = side("vpc-2", ACCOUNT, "eu-west-1");
        let read = read(&site(), &connection(there, Code::Active)).unwrap();
        assert_eq!(links(&read), ["attached vpc vpc-1", "attached vpc vpc-2"]);
        let regions: Vec<&str> = read.links.iter().map(|link| link.to.region.as_str()).collect();
        assert!(regions.contains(&"us-east-1") && regions.contains(&"eu-west-1"), "{regions:?}");
        assert!(read.guards.is_empty());
    }

    #[test]
    fn a_connection_to_another_account_is_guarded() {
        let theirs = side("vpc-2", "999999999999", "us-east-1");
        let read = read(&site(), &connection(theirs, Code::Active)).unwrap();
        assert_eq!(guards(&read), [GuardRule::OtherAccount]);
    }

    #[test]
    fn what_vanishes_by_itself_is_gone_and_a_request_that_waits_stands() {
        let of =
            |code| read(&site(), &connection(side("vpc-2", ACCOUNT, "us-east-1"), code)).map(|it| it.life);
        for code in [Code::Deleted, Code::Expired, Code::Failed, Code::Rejected] {
            assert_eq!(of(code), None);
        }
        assert_eq!(of(Code::PendingAcceptance), Some(Life::Standing));
        assert_eq!(of(Code::Provisioning), Some(Life::Coming));
        assert_eq!(of(Code::Deleting), Some(Life::Leaving));
    }
}
