//! The calls of `subnet`: its description as a resource, and its deletion. What they mean stands in
//! [`crate::kinds::subnet`].

use async_trait::async_trait;
use aws_sdk_ec2::types::{Filter, Subnet as Described};

use super::Kind;
use super::ec2::{PAGE, fact, guard, looked_up};
use crate::aws::shapes::ec2_resource;
use crate::aws::{Aws, Site};
use crate::kinds::subnet::{NAME, SPEC};
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
        looked_up("subnet-id", ids, |filter| described(aws, Some(filter))).await
    }

    async fn delete_one(&self, aws: &Aws, resource: &Resource) -> Result<(), CloudError> {
        let call = aws.ec2.delete_subnet().subnet_id(&resource.key.id).set_dry_run(aws.dry_run());
        aws.change("ec2:DeleteSubnet", || call.send()).await
    }
}

async fn described(aws: &Aws, filter: Option<Filter>) -> Result<Vec<Resource>, CloudError> {
    let call = aws.ec2.describe_subnets().set_filters(filter.map(|it| vec![it])).max_results(PAGE);
    let pages = aws
        .pages(
            "ec2:DescribeSubnets",
            |token| call.clone().set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    Ok(pages.iter().flat_map(|page| page.subnets()).filter_map(|it| read(&aws.site, it)).collect())
}

/// The SDK's description as a resource.
fn read(site: &Site, it: &Described) -> Option<Resource> {
    let id = it.subnet_id()?;
    let mut resource = ec2_resource(site, NAME, id, it.tags(), it.owner_id());
    // A shared subnet's ARN is its owner's: AWS gives it whole.
    resource.arn = it
        .subnet_arn()
        .map_or_else(|| Some(site.arn("ec2", &format!("subnet/{id}"))), |arn| Some(arn.to_owned()));
    resource.state = it.state().map(|state| state.as_str().to_owned());
    resource.life = SPEC.states.life(resource.state.as_deref())?;
    fact(&mut resource, facts::ZONE, it.availability_zone());
    if it.default_for_az() == Some(true) {
        guard(&mut resource, GuardRule::DefaultThing, "it is its zone's default subnet");
    }
    if let Some(vpc) = it.vpc_id() {
        resource.links.insert(Link::new(how::WITHIN, site.key("vpc", vpc)));
    }
    Some(resource)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::kinds::testing::{ACCOUNT, guards, links, site};

    fn subnet() -> aws_sdk_ec2::types::builders::SubnetBuilder {
        Described::builder()
            .subnet_id("subnet-1")
            .vpc_id("vpc-1")
            .owner_id(ACCOUNT)
            .availability_zone("us-east-1b")
    }

    #[test]
    fn a_subnet_lies_within_its_vpc_and_its_zone() {
        let read = read(&site(), &subnet().build()).unwrap();
        assert_eq!(links(&read), ["within vpc vpc-1"]);
        assert_eq!(read.facts[facts::ZONE], "us-east-1b");
        assert!(read.guards.is_empty());
    }

    #[test]
    fn a_default_subnet_and_a_shared_one_are_guarded() {
        let default = read(&site(), &subnet().default_for_az(true).build()).unwrap();
        assert_eq!(guards(&default), [GuardRule::DefaultThing]);
        let shared = subnet()
            .owner_id("999999999999")
            .subnet_arn("arn:aws:ec2:us-east-1:999999999999:subnet/subnet-1")
            .build();
        let shared = read(&site(), &shared).unwrap();
        assert_eq!(guards(&shared), [GuardRule::OtherAccount]);
        assert_eq!(shared.arn.as_deref(), Some("arn:aws:ec2:us-east-1:999999999999:subnet/subnet-1"));
    }
}
