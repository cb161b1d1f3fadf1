//! The calls of `load-balancer`: its description as a resource, and its deletion. What they mean stands in
//! [`crate::kinds::load_balancer`].

use std::collections::BTreeMap;
use std::future::Future;

use async_trait::async_trait;
use aws_sdk_elasticloadbalancingv2::types::{
    LoadBalancer as Described, LoadBalancerSchemeEnum, LoadBalancerTypeEnum,
};
use futures::FutureExt;

use super::Kind;
use crate::aws::shapes::{each, side_by_side, tags};
use crate::aws::{Aws, Site};
use crate::kinds::load_balancer::{NAME, SPEC};
use crate::model::words::{fact, how};
use crate::model::{CloudError, ErrorClass, Guard, GuardRule, KindSpec, Link, Resource, Tags};

/// Its calls.
pub struct Calls;

/// DescribeTags and DescribeLoadBalancers take at most twenty ARNs.
const ARNS_PER_CALL: usize = 20;

#[async_trait]
impl Kind for Calls {
    fn spec(&self) -> &'static KindSpec {
        &SPEC
    }

    async fn list(&self, aws: &Aws) -> Result<Vec<Resource>, CloudError> {
        let call = aws.elb.describe_load_balancers().page_size(400);
        let pages = aws
            .pages(
                "elasticloadbalancing:DescribeLoadBalancers",
                |token| call.clone().set_marker(token).send(),
                |page| page.next_marker(),
            )
            .await?;
        let found: Vec<Described> = pages.iter().flat_map(|page| page.load_balancers()).cloned().collect();
        complete(aws, &found).await
    }

    async fn look(&self, aws: &Aws, ids: &[String]) -> Result<Vec<Resource>, CloudError> {
        let api = "elasticloadbalancing:DescribeLoadBalancers";
        let some = |arns: Vec<String>| async move {
            let send = || aws.elb.describe_load_balancers().set_load_balancer_arns(Some(arns.clone())).send();
            Ok(aws.read(api, send).await?.load_balancers.unwrap_or_default())
        };
        complete(aws, &by_arns(ids, &some).await?).await
    }

    async fn delete_one(&self, aws: &Aws, resource: &Resource) -> Result<(), CloudError> {
        let call = aws.elb.delete_load_balancer().load_balancer_arn(&resource.key.id);
        aws.change("elasticloadbalancing:DeleteLoadBalancer", || call.send()).await
    }
}

/// The described load balancers with their tags and their protection.
async fn complete(aws: &Aws, found: &[Described]) -> Result<Vec<Resource>, CloudError> {
    let arns: Vec<String> = found.iter().filter_map(|it| it.load_balancer_arn()).map(str::to_owned).collect();
    let tags = elb_tags(aws, &arns).await?;
    let standing = found.iter().filter_map(|it| read(&aws.site, it, tags.get(it.load_balancer_arn()?)?));
    let guarded = side_by_side(standing.map(|it| guarded(aws, it).boxed()).collect()).await?;
    Ok(guarded.into_iter().flatten().collect())
}

/// The load balancer with its protection, or `None` if it has gone meanwhile. Only the attributes tell
/// it, of one load balancer to the call.
async fn guarded(aws: &Aws, mut resource: Resource) -> Result<Option<Resource>, CloudError> {
    let api = "elasticloadbalancing:DescribeLoadBalancerAttributes";
    let send = || aws.elb.describe_load_balancer_attributes().load_balancer_arn(&resource.key.id).send();
    let Some(attributes) = each(aws.read(api, send).await)? else { return Ok(None) };
    let protected = attributes
        .attributes()
        .iter()
        .any(|it| it.key() == Some("deletion_protection.enabled") && it.value() == Some("true"));
    if protected {
        let why = "deletion protection is on".to_owned();
        resource.guards.insert(Guard { rule: GuardRule::Protection, why });
    }
    Ok(Some(resource))
}

/// What a call that takes some ARNs tells of these. One that is gone fails the call for all it was asked
/// with; then each is asked for by itself, and those that are gone are left out.
pub(super) async fn by_arns<T, F>(
    arns: &[String],
    ask: &impl Fn(Vec<String>) -> F,
) -> Result<Vec<T>, CloudError>
where
    F: Future<Output = Result<Vec<T>, CloudError>> + Send,
    T: Send,
{
    let mut all = Vec::new();
    for chunk in arns.chunks(ARNS_PER_CALL) {
        match ask(chunk.to_vec()).await {
            Ok(found) => all.extend(found),
            Err(error) if error.class == ErrorClass::Gone && chunk.len() > 1 => {
                for arn in chunk {
                    all.extend(each(ask(vec![arn.clone()]).await)?.unwrap_or_default());
                }
            }
            Err(error) if error.class == ErrorClass::Gone => {}
            Err(error) => return Err(error),
        }
    }
    Ok(all)
}

/// The tags of load balancers or target groups, by ARN. Those that have gone meanwhile are not in it.
pub(super) async fn elb_tags(aws: &Aws, arns: &[String]) -> Result<BTreeMap<String, Tags>, CloudError> {
    let api = "elasticloadbalancing:DescribeTags";
    let some = |arns: Vec<String>| async move {
        let send = || aws.elb.describe_tags().set_resource_arns(Some(arns.clone())).send();
        let answer = aws.read(api, send).await?;
        let mut all: BTreeMap<String, Tags> = arns.into_iter().map(|arn| (arn, Tags::new())).collect();
        for description in answer.tag_descriptions() {
            let pairs = description.tags().iter().map(|tag| (tag.key(), tag.value()));
            all.insert(description.resource_arn().unwrap_or_default().to_owned(), tags(pairs));
        }
        Ok(all.into_iter().collect())
    };
    Ok(by_arns(arns, &some).await?.into_iter().collect())
}

/// The SDK's description as a resource.
fn read(site: &Site, it: &Described, tags: &Tags) -> Option<Resource> {
    let arn = it.load_balancer_arn()?;
    let mut resource = Resource::new(site.key(NAME, arn));
    resource.arn = Some(arn.to_owned());
    resource.name = it.load_balancer_name().map(str::to_owned);
    resource.tags = tags.clone();
    resource.created = it.created_time().and_then(crate::aws::shapes::timestamp);
    let code = it.state().and_then(|state| state.code());
    resource.state = code.map(|code| code.as_str().to_owned());
    resource.life = SPEC.states.life(resource.state.as_deref())?;
    let kind = it.r#type().map_or("application", LoadBalancerTypeEnum::as_str);
    resource.facts.insert(fact::TYPE.into(), kind.to_owned());
    resource.facts.insert(fact::ZONES.into(), it.availability_zones().len().to_string());
    if let Some(vpc) = it.vpc_id() {
        resource.links.insert(Link::new(how::WITHIN, site.key("vpc", vpc)));
        if it.scheme() == Some(&LoadBalancerSchemeEnum::InternetFacing) {
            resource.links.insert(Link::new(how::PUBLIC_ADDRESS, site.key("vpc", vpc)));
        }
    }
    let own_addresses = it
        .availability_zones()
        .iter()
        .flat_map(|zone| zone.load_balancer_addresses())
        .all(|address| address.allocation_id().is_none());
    if it.scheme() == Some(&LoadBalancerSchemeEnum::InternetFacing) && own_addresses {
        resource.facts.insert(fact::PUBLIC_IP.into(), "own".to_owned());
    }
    for subnet in it.availability_zones().iter().filter_map(|zone| zone.subnet_id()) {
        resource.links.insert(Link::new(how::WITHIN, site.key("subnet", subnet)));
    }
    for group in it.security_groups() {
        resource.links.insert(Link::new(how::USES, site.key("security-group", group)));
    }
    Some(resource)
}

#[cfg(test)]
mod tests {
    use aws_sdk_elasticloadbalancingv2::types::AvailabilityZone;

    use super::super::testing::{links, site};
    use super::*;
    use crate::kinds::load_balancer::cost;
    use crate::model::Amount;

    const ARN: &str =
        "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/shop/50dc6c495c0c9188";

    fn balancer(scheme: LoadBalancerSchemeEnum) -> Resource {
        let zone = |subnet: &str| AvailabilityZone::builder().subnet_id(subnet).build();
        let it = Described::builder()
            .load_balancer_arn(ARN)
            .load_balancer_name("shop")
            .vpc_id("vpc-1")
            .scheme(scheme)
            .r#type(LoadBalancerTypeEnum::Application)
            .availability_zones(zone("subnet-1"))
            .availability_zones(zone("subnet-2"))
            .security_groups("sg-1")
            .build();
        read(&site(), &it, &Tags::new()).unwrap()
    }

    #[test]
    fn each_type_has_a_quota_of_its_own() {
        for (kind, expected) in [
            (LoadBalancerTypeEnum::Application, [1, 0, 0]),
            (LoadBalancerTypeEnum::Network, [0, 1, 0]),
            (LoadBalancerTypeEnum::Gateway, [0, 0, 1]),
        ] {
            let it = Described::builder().load_balancer_arn(ARN).r#type(kind).build();
            let resource = read(&site(), &it, &Tags::new()).unwrap();
            let used: Vec<Amount> = SPEC.quotas.iter().map(|quota| (quota.amount)(&resource)).collect();
            assert_eq!(used, expected.map(Amount::Known));
        }
    }

    #[test]
    fn one_that_faces_the_internet_has_public_addresses_in_its_vpc() {
        let balancer = balancer(LoadBalancerSchemeEnum::InternetFacing);
        assert_eq!(
            links(&balancer),
            [
                "public-address vpc vpc-1",
                "uses security-group sg-1",
                "within subnet subnet-1",
                "within subnet subnet-2",
                "within vpc vpc-1",
            ]
        );
        // 16.43 for the balancer, 3.65 for the address in each of two zones.
        let monthly = crate::price::monthly(&cost(&balancer), &balancer.key.region).unwrap();
        assert!((monthly - (0.0225 + 2.0 * 0.005) * 730.0).abs() < 1e-6);
    }

    #[test]
    fn an_internal_one_has_none() {
        let balancer = balancer(LoadBalancerSchemeEnum::Internal);
        assert!(!links(&balancer).iter().any(|link| link.starts_with("public-address")));
    }
}
