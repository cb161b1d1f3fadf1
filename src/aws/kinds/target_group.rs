//! The calls of `target-group`: its description as a resource, and its deletion. What they mean stands in
//! [`crate::kinds::target_group`].

use std::collections::BTreeMap;

use async_trait::async_trait;
use aws_sdk_elasticloadbalancingv2::types::{TargetGroup as Described, TargetHealthStateEnum};
use futures::FutureExt;

use super::Kind;
use super::load_balancer::{by_arns, elb_tags};
use crate::aws::shapes::{each, side_by_side, told};
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
    // Health is checked only behind a load balancer.
    let behind = found.iter().filter(|it| !it.load_balancer_arns().is_empty());
    let asked = behind.filter_map(|it| it.target_group_arn()).map(|arn| healthy(aws, arn).boxed()).collect();
    let healthy: BTreeMap<String, usize> = side_by_side(asked).await?.into_iter().flatten().collect();
    let read = |it: &Described| {
        let arn = it.target_group_arn()?;
        let mut resource = read(&aws.site, it, tags.get(arn)?)?;
        if let Some(count) = healthy.get(arn) {
            resource.facts.insert(fact::HEALTHY_TARGETS.into(), count.to_string());
        }
        Some(resource)
    };
    Ok(found.iter().filter_map(read).collect())
}

/// How many targets of a group are healthy, with its ARN; `None` if it is gone.
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTargetHealth.html>
async fn healthy(aws: &Aws, arn: &str) -> Result<Option<(String, usize)>, CloudError> {
    let api = "elasticloadbalancing:DescribeTargetHealth";
    let call = aws.elb.describe_target_health().target_group_arn(arn);
    let Some(answer) = each(aws.read(api, || call.clone().send()).await)? else { return Ok(None) };
    let targets = told(api, answer.target_health_descriptions)?;
    let states = targets.iter().filter_map(|it| it.target_health()?.state());
    Ok(Some((arn.to_owned(), states.filter(|state| **state == TargetHealthStateEnum::Healthy).count())))
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
    use crate::aws::scripted::Script;
    use crate::model::Amount;
    use crate::session::CallMode;

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

    fn answer(action: &str, body: &str) -> String {
        format!(
            r#"<{action}Response xmlns="http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/">
            <{action}Result>{body}</{action}Result></{action}Response>"#
        )
    }

    #[tokio::test]
    async fn of_a_group_behind_a_load_balancer_the_healthy_targets_are_counted() {
        let groups = answer(
            "DescribeTargetGroups",
            "<TargetGroups><member><TargetGroupArn>arn:tg/busy</TargetGroupArn><LoadBalancerArns>
            <member>arn:lb</member></LoadBalancerArns></member>
            <member><TargetGroupArn>arn:tg/idle</TargetGroupArn><LoadBalancerArns/></member></TargetGroups>",
        );
        let tags = answer(
            "DescribeTags",
            "<TagDescriptions><member><ResourceArn>arn:tg/busy</ResourceArn><Tags/></member>
            <member><ResourceArn>arn:tg/idle</ResourceArn><Tags/></member></TagDescriptions>",
        );
        let target =
            |state: &str| format!("<member><TargetHealth><State>{state}</State></TargetHealth></member>");
        let targets: String = ["healthy", "unhealthy", "healthy", "draining"].map(target).concat();
        let health = answer(
            "DescribeTargetHealth",
            &format!("<TargetHealthDescriptions>{targets}</TargetHealthDescriptions>"),
        );
        let script = Script::new([(200, groups.as_str()), (200, tags.as_str()), (200, health.as_str())]);
        let found = Calls.list(&script.aws(CallMode::Real)).await.unwrap();
        let counts: Vec<Option<&str>> =
            found.iter().map(|it| it.facts.get(fact::HEALTHY_TARGETS).map(String::as_str)).collect();
        assert_eq!(counts, [Some("2"), None]);
        assert_eq!(script.requests().len(), 3);
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
