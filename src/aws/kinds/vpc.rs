//! The calls of `vpc`: its description as a resource, and its deletion. What they mean stands in
//! [`crate::kinds::vpc`].

use async_trait::async_trait;
use aws_sdk_ec2::types::{Filter, Vpc as Described, VpcCidrBlockStateCode as BlockState};

use super::Kind;
use super::ec2::{PAGE, fact, guard, looked_up};
use crate::aws::shapes::ec2_resource;
use crate::aws::{Aws, Site};
use crate::kinds::vpc::{NAME, SPEC};
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
        looked_up("vpc-id", ids, |filter| described(aws, Some(filter))).await
    }

    async fn delete_one(&self, aws: &Aws, resource: &Resource) -> Result<(), CloudError> {
        let call = aws.ec2.delete_vpc().vpc_id(&resource.key.id).set_dry_run(aws.dry_run());
        aws.change("ec2:DeleteVpc", || call.send()).await
    }
}

async fn described(aws: &Aws, filter: Option<Filter>) -> Result<Vec<Resource>, CloudError> {
    let call = aws.ec2.describe_vpcs().set_filters(filter.map(|it| vec![it])).max_results(PAGE);
    let pages = aws
        .pages(
            "ec2:DescribeVpcs",
            |token| call.clone().set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    Ok(pages.iter().flat_map(|page| page.vpcs()).filter_map(|it| read(&aws.site, it)).collect())
}

/// The SDK's description as a resource.
fn read(site: &Site, it: &Described) -> Option<Resource> {
    let id = it.vpc_id()?;
    let mut resource = ec2_resource(site, NAME, id, it.tags(), it.owner_id());
    resource.arn = Some(site.arn("ec2", &format!("vpc/{id}")));
    resource.state = it.state().map(|state| state.as_str().to_owned());
    resource.life = SPEC.states.life(resource.state.as_deref())?;
    fact(&mut resource, facts::CIDRS, blocks(it).map(|count| count.to_string()));
    // `default` is told where it uses none.
    // <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateDhcpOptions.html>
    if let Some(set) = it.dhcp_options_id().filter(|set| *set != "default") {
        resource.links.insert(Link::new(how::USES, site.key("dhcp-options", set)));
    }
    if it.is_default() == Some(true) {
        guard(&mut resource, GuardRule::DefaultThing, "it is the region's default VPC");
    }
    Some(resource)
}

/// How many IPv4 blocks it has; `None` where the answer names none, since every VPC has one.
fn blocks(it: &Described) -> Option<usize> {
    let gone = [BlockState::Disassociated, BlockState::Failed];
    let states = it.cidr_block_association_set().iter().map(|block| block.cidr_block_state());
    let there = states.filter(|state| !state.and_then(|it| it.state()).is_some_and(|it| gone.contains(it)));
    Some(there.count()).filter(|count| *count > 0)
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types::{VpcCidrBlockAssociation, VpcCidrBlockState};

    use super::*;
    use crate::aws::kinds::testing::{ACCOUNT, guards, links, site, tag};
    use crate::model::Amount;
    use crate::model::Life;
    use aws_sdk_ec2::types::VpcState;

    /// What a VPC uses of each quota of its kind.
    fn uses(it: &Described) -> Vec<Amount> {
        let resource = read(&site(), it).unwrap();
        SPEC.quotas.iter().map(|quota| (quota.amount)(&resource)).collect()
    }

    fn block(state: BlockState) -> VpcCidrBlockAssociation {
        VpcCidrBlockAssociation::builder()
            .cidr_block_state(VpcCidrBlockState::builder().state(state).build())
            .build()
    }

    #[test]
    fn a_vpc_counts_with_the_blocks_it_has_and_one_that_is_shared_does_not() {
        let vpc = Described::builder()
            .vpc_id("vpc-1")
            .cidr_block_association_set(block(BlockState::Associated))
            .cidr_block_association_set(block(BlockState::Disassociating))
            .cidr_block_association_set(block(BlockState::Disassociated))
            .cidr_block_association_set(block(BlockState::Failed));
        let own = vpc.clone().owner_id(ACCOUNT).build();
        assert_eq!(uses(&own), [Amount::Known(1), Amount::Known(2)]);
        assert_eq!(uses(&vpc.owner_id("999999999999").build()), [Amount::Known(0), Amount::Known(0)]);
    }

    #[test]
    fn a_vpc_of_which_no_block_is_told_has_not_none() {
        let untold = Described::builder().vpc_id("vpc-1").owner_id(ACCOUNT).build();
        assert_eq!(uses(&untold), [Amount::Known(1), Amount::Unknown]);
    }

    #[test]
    fn the_default_vpc_and_a_shared_one_are_guarded() {
        let vpc = || Described::builder().vpc_id("vpc-1");
        let guard_of = |it: Described| guards(&read(&site(), &it).unwrap());
        assert_eq!(guard_of(vpc().is_default(true).owner_id(ACCOUNT).build()), [GuardRule::DefaultThing]);
        assert_eq!(guard_of(vpc().owner_id("999999999999").build()), [GuardRule::OtherAccount]);
        assert!(guard_of(vpc().is_default(false).owner_id(ACCOUNT).build()).is_empty());
    }

    #[test]
    fn a_vpc_uses_its_set_of_dhcp_options_if_it_has_one() {
        let of = |set: &str| {
            links(&read(&site(), &Described::builder().vpc_id("vpc-1").dhcp_options_id(set).build()).unwrap())
        };
        assert_eq!(of("dopt-1"), ["uses dhcp-options dopt-1"]);
        assert!(of("default").is_empty());
    }

    #[test]
    fn a_vpc_has_its_tags_its_arn_and_its_state() {
        let it = Described::builder()
            .vpc_id("vpc-1")
            .owner_id(ACCOUNT)
            .state(VpcState::Pending)
            .tags(tag("Name", "attempt-1"))
            .tags(tag("Project", "shop"))
            .build();
        let read = read(&site(), &it).unwrap();
        assert_eq!(read.name.as_deref(), Some("attempt-1"));
        assert_eq!(read.tags["Project"], "shop");
        assert_eq!(read.arn.as_deref(), Some("arn:aws:ec2:us-east-1:111122223333:vpc/vpc-1"));
        assert_eq!(read.life, Life::Coming);
    }
}
