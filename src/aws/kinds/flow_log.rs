//! The calls of `flow-log`: its description as a resource, and its deletion. What they mean stands in
//! [`crate::kinds::flow_log`].

use async_trait::async_trait;
use aws_sdk_ec2::types::{Filter, FlowLog as Described};

use super::Kind;
use super::ec2::{PAGE, by_id, fact, looked_up};
use crate::aws::shapes::{ec2_resource, name_in_arn, timestamp};
use crate::aws::{Aws, Site};
use crate::kinds::CATALOG;
use crate::kinds::flow_log::{NAME, SPEC};
use crate::model::words::{fact as facts, how};
use crate::model::{CloudError, KindSpec, Link, Resource};

const DELETE: &str = "ec2:DeleteFlowLogs";

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
        looked_up("flow-log-id", ids, |filter| described(aws, Some(filter))).await
    }

    async fn delete_one(&self, aws: &Aws, resource: &Resource) -> Result<(), CloudError> {
        delete_together(aws, &[resource.key.id.to_string()]).await.remove(0)
    }

    async fn delete(&self, aws: &Aws, resources: &[Resource]) -> Vec<Result<(), CloudError>> {
        let ids: Vec<String> = resources.iter().map(|resource| resource.key.id.to_string()).collect();
        delete_together(aws, &ids).await
    }
}

/// The call succeeds whatever it could not delete, and tells of that in its answer.
async fn delete_together(aws: &Aws, ids: &[String]) -> Vec<Result<(), CloudError>> {
    let call = aws.ec2.delete_flow_logs().set_flow_log_ids(Some(ids.to_vec())).set_dry_run(aws.dry_run());
    match aws.change_with_answer(DELETE, || call.send()).await {
        Ok(Some(answer)) => by_id(DELETE, ids, answer.unsuccessful()),
        Ok(None) => ids.iter().map(|_| Ok(())).collect(),
        Err(error) => ids.iter().map(|_| Err(error.clone())).collect(),
    }
}

async fn described(aws: &Aws, filter: Option<Filter>) -> Result<Vec<Resource>, CloudError> {
    let call = aws.ec2.describe_flow_logs().set_filter(filter.map(|it| vec![it])).max_results(PAGE);
    let send = |token| call.clone().set_next_token(token).send();
    let pages = aws.pages("ec2:DescribeFlowLogs", send, |page| page.next_token()).await?;
    Ok(pages.iter().flat_map(|page| page.flow_logs()).filter_map(|it| read(&aws.site, it)).collect())
}

/// The SDK's description as a resource.
fn read(site: &Site, it: &Described) -> Option<Resource> {
    let id = it.flow_log_id()?;
    let mut resource = ec2_resource(site, NAME, id, it.tags(), None);
    resource.arn = Some(site.arn("ec2", &format!("vpc-flow-log/{id}")));
    resource.created = it.creation_time().and_then(timestamp);
    resource.state = it.flow_log_status().map(str::to_owned);
    fact(&mut resource, facts::DESCRIPTION, it.log_destination());
    fact(&mut resource, facts::TROUBLE, it.deliver_logs_error_message());
    // Its id tells what it watches. Transit gateways and what is attached to them are not read.
    let watched = it.resource_id().and_then(|id| Some((CATALOG.of_id(id)?, id)));
    let ruled =
        |spec: &KindSpec| SPEC.links.iter().any(|rule| rule.how == how::WATCHES && rule.to == spec.name);
    if let Some((spec, watched)) = watched.filter(|(spec, _)| ruled(spec)) {
        resource.links.insert(Link::new(how::WATCHES, site.key(spec.name, watched)));
    }
    // One role delivers, and may do so as another one, of whichever account the log lies in.
    let roles = [it.deliver_logs_permission_arn(), it.deliver_cross_account_role()];
    for role in roles.into_iter().flatten().filter(|arn| is_own(site, arn)).filter_map(name_in_arn) {
        resource.links.insert(Link::new(how::USES, site.global_key("iam-role", role)));
    }
    if let Some(group) = log_group(site, it) {
        resource.links.insert(Link::new(how::USES, site.key("log-group", group)));
    }
    Some(resource)
}

/// The log group of this account and region that it writes into: by name, or as an ARN
/// `arn:aws:logs:region:account:log-group:name`, with `:*` behind it or not.
fn log_group<'it>(site: &Site, it: &'it Described) -> Option<&'it str> {
    it.log_group_name().or_else(|| {
        let arn = it.log_destination().filter(|arn| is_own(site, arn))?;
        let (place, name) = arn.split_once(":log-group:")?;
        let here = place.split(':').nth(3) == Some(site.region.as_str());
        here.then(|| name.strip_suffix(":*").unwrap_or(name))
    })
}

/// Whether an ARN is of this account.
fn is_own(site: &Site, arn: &str) -> bool {
    arn.split(':').nth(4) == Some(site.account.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::kinds::testing::{links, site, tag};

    fn log() -> aws_sdk_ec2::types::builders::FlowLogBuilder {
        Described::builder().flow_log_id("fl-1").resource_id("vpc-1").tags(tag("Project", "shop"))
    }

    #[test]
    fn a_log_watches_a_network_and_works_with_a_role_and_a_log_group() {
        let it = log()
            .deliver_logs_permission_arn("arn:aws:iam::111122223333:role/team/flows")
            .log_group_name("flows")
            .build();
        let read = read(&site(), &it).unwrap();
        assert_eq!(links(&read), ["uses iam-role flows", "uses log-group flows", "watches vpc vpc-1"]);
        assert_eq!(read.arn.as_deref(), Some("arn:aws:ec2:us-east-1:111122223333:vpc-flow-log/fl-1"));
        assert_eq!(read.tags["Project"], "shop");
    }

    #[test]
    fn a_destination_tells_a_log_group_of_this_account_and_region_and_no_other() {
        let of = |arn: &str| links(&read(&site(), &log().log_destination(arn).build()).unwrap());
        let writes = ["uses log-group /vpc/flows", "watches vpc vpc-1"];
        assert_eq!(of("arn:aws:logs:us-east-1:111122223333:log-group:/vpc/flows"), writes);
        assert_eq!(of("arn:aws:logs:us-east-1:111122223333:log-group:/vpc/flows:*"), writes);
        for other in [
            "arn:aws:logs:eu-west-1:111122223333:log-group:/vpc/flows",
            "arn:aws:logs:us-east-1:999999999999:log-group:/vpc/flows",
            "arn:aws:s3:::flows/shop/",
        ] {
            assert_eq!(of(other), ["watches vpc vpc-1"], "{other}");
        }
    }

    #[test]
    fn what_it_watches_is_told_by_the_id_and_what_is_not_read_has_no_link() {
        for (id, expected) in [
            ("subnet-1", vec!["watches subnet subnet-1".to_owned()]),
            ("eni-1", vec!["watches network-interface eni-1".to_owned()]),
            ("tgw-1", vec![]),
            ("tgw-attach-1", vec![]),
        ] {
            assert_eq!(links(&read(&site(), &log().resource_id(id).build()).unwrap()), expected, "{id}");
        }
        let cross = log()
            .deliver_logs_permission_arn("arn:aws:iam::111122223333:role/flows")
            .deliver_cross_account_role("arn:aws:iam::999999999999:role/theirs");
        assert_eq!(
            links(&read(&site(), &cross.build()).unwrap()),
            ["uses iam-role flows", "watches vpc vpc-1"]
        );
    }
}
