//! The calls of `target-group`: its description as a resource, and its deletion. What they mean stands in
//! [`crate::kinds::target_group`].

use async_trait::async_trait;
use aws_sdk_elasticloadbalancingv2::types::TargetGroup as Described;

use super::Kind;
use super::load_balancer::{by_arns, elb_tags};
use crate::aws::{Aws, Site};
use crate::kinds::target_group::{NAME, SPEC};
use crate::model::words::{fact, how};
use crate::model::{CloudError, KindSpec, Link, Resource, Tags};

/// Its calls.
pub struct Calls;

#[async_trait]
impl Kind for Calls {
    fn spec(&self) -> &'static KindSpec {
        &SPEC
    }

    async fn list(&self, aws: &Aws) -> Result<Vec<Resource>, CloudError> {
        let call = aws.elb.describe_target_groups().page_size(400);
        let pages = aws
            .pages(
                "elasticloadbalancing:DescribeTargetGroups",
                |token| call.clone().set_marker(token).send(),
                |page| page.next_marker(),
            )
            .await?;
        let found: Vec<Described> = pages.iter().flat_map(|page| page.target_groups()).cloned().collect();
        complete(aws, &found).await
    }

    async fn look(&self, aws: &Aws, ids: &[String]) -> Result<Vec<Resource>, CloudError> {
        let api = "elasticloadbalancing:DescribeTargetGroups";
        let some = |arns: Vec<String>| async move {
            let send = || aws.elb.describe_target_groups().set_target_group_arns(Some(arns.clone())).send();
            Ok(aws.read(api, send).await?.target_groups.unwrap_or_default())
        };
        complete(aws, &by_arns(ids, &some).await?).await
    }

    async fn delete_one(&self, aws: &Aws, resource: &Resource) -> Result<(), CloudError> {
        let call = aws.elb.delete_target_group().target_group_arn(&resource.key.id);
        aws.change("elasticloadbalancing:DeleteTargetGroup", || call.send()).await
    }
}

/// The described target groups with their tags.
async fn complete(aws: &Aws, found: &[Described]) -> Result<Vec<Resource>, CloudError> {
    let arns: Vec<String> = found.iter().filter_map(|it| it.target_group_arn()).map(str::to_owned).collect();
    let tags = elb_tags(aws, &arns).await?;
    Ok(found.iter().filter_map(|it| read(&aws.site, it, tags.get(it.target_group_arn()?)?)).collect())
}

/// The SDK's description as a resource. AWS tells no creation time.
fn read(site: &Site, it: &Described, tags: &Tags) -> Option<Resource> {
    let arn = it.target_group_arn()?;
    let mut resource = Resource::new(site.key(NAME, arn));
    resource.arn = Some(arn.to_owned());
    resource.name = it.target_group_name().map(str::to_owned);
    resource.tags = tags.clone();
    // One of a Lambda function speaks no protocol.
    if let Some(protocol) = it.protocol() {
        resource.facts.insert(fact::PROTOCOL.into(), protocol.as_str().to_owned());
    }
    if let Some(vpc) = it.vpc_id() {
        resource.links.insert(Link::new(how::WITHIN, site.key("vpc", vpc)));
    }
    for balancer in it.load_balancer_arns() {
        resource.links.insert(Link::new(how::BEHIND, site.key("load-balancer", balancer)));
    }
    Some(resource)
}

#[cfg(test)]
mod tests {
    use aws_sdk_elasticloadbalancingv2::types::ProtocolEnum;

    use super::super::testing::{links, site};
    use super::*;
    use crate::model::Amount;

    #[test]
    fn a_target_group_counts_unless_it_is_a_gateway_load_balancers() {
        let used = |it: Described| {
            let resource = read(&site(), &it, &Tags::new()).unwrap();
            (SPEC.quotas[0].amount)(&resource)
        };
        let group = || Described::builder().target_group_arn("arn:tg");
        assert_eq!(used(group().protocol(ProtocolEnum::Https).build()), Amount::Known(1));
        assert_eq!(used(group().protocol(ProtocolEnum::Geneve).build()), Amount::Known(0));
        assert_eq!(used(group().build()), Amount::Known(1), "a Lambda function's");
    }

    #[test]
    fn a_target_group_waits_for_its_load_balancer() {
        let it = Described::builder()
            .target_group_arn("arn:tg")
            .target_group_name("tg")
            .vpc_id("vpc-1")
            .load_balancer_arns("arn:lb")
            .build();
        let group = read(&site(), &it, &Tags::new()).unwrap();
        assert_eq!(links(&group), ["behind load-balancer arn:lb", "within vpc vpc-1"]);
        let rule = SPEC.rule(how::BEHIND, &crate::model::KindName::of("load-balancer")).unwrap();
        assert_eq!(rule.near, crate::model::Near::AfterTarget);
    }
}
