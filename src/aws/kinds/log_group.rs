//! The calls of `log-group`: its description as a resource, and its deletion. What they mean stands in
//! [`crate::kinds::log_group`].

use std::collections::BTreeMap;

use async_trait::async_trait;
use aws_sdk_cloudwatchlogs::types::LogGroup as Described;
use futures::FutureExt;

use super::Kind;
use crate::aws::shapes::{each, owned_tags, side_by_side, tags_of, told};
use crate::aws::{Aws, Site};
use crate::kinds::log_group::{NAME, SPEC};
use crate::model::{CloudError, Guard, GuardRule, KindSpec, Resource, Tags, words::fact};

/// Its calls.
pub struct Calls;

#[async_trait]
impl Kind for Calls {
    fn spec(&self) -> &'static KindSpec {
        &SPEC
    }

    async fn list(&self, aws: &Aws) -> Result<Vec<Resource>, CloudError> {
        let found = described(aws, None).await?;
        let tags = tags_of(aws, "logs:log-group").await?;
        Ok(found.iter().filter_map(|it| read(&aws.site, it, &tags)).collect())
    }

    async fn look(&self, aws: &Aws, ids: &[String]) -> Result<Vec<Resource>, CloudError> {
        let found = side_by_side(ids.iter().map(|name| look_at(aws, name).boxed()).collect()).await?;
        Ok(found.into_iter().flatten().collect())
    }

    async fn delete_one(&self, aws: &Aws, resource: &Resource) -> Result<(), CloudError> {
        let call = aws.logs.delete_log_group().log_group_name(&resource.key.id);
        aws.change("logs:DeleteLogGroup", || call.send()).await
    }
}

/// All log groups, or those whose names begin so. AWS's largest page is fifty.
async fn described(aws: &Aws, prefix: Option<&str>) -> Result<Vec<Described>, CloudError> {
    let api = "logs:DescribeLogGroups";
    let call = aws.logs.describe_log_groups().set_log_group_name_prefix(prefix.map(str::to_owned)).limit(50);
    let send = |token| call.clone().set_next_token(token).send();
    let mut found = Vec::new();
    for page in aws.pages(api, send, |page| page.next_token()).await? {
        found.extend(told(api, page.log_groups)?);
    }
    Ok(found)
}

/// The present state of one log group, or `None` if it is gone. Its tags need a call of their own.
async fn look_at(aws: &Aws, name: &str) -> Result<Option<Resource>, CloudError> {
    let found = described(aws, Some(name)).await?;
    let Some(it) = found.iter().find(|it| it.log_group_name() == Some(name)) else { return Ok(None) };
    let Some(arn) = plain_arn(it) else { return Ok(None) };
    let send = || aws.logs.list_tags_for_resource().resource_arn(&arn).send();
    let Some(answer) = each(aws.read("logs:ListTagsForResource", send).await)? else { return Ok(None) };
    let tags = BTreeMap::from([(arn.clone(), owned_tags(answer.tags()))]);
    Ok(read(&aws.site, it, &tags))
}

/// The ARN without the `:*` that DescribeLogGroups puts behind one of its two forms.
fn plain_arn(it: &Described) -> Option<String> {
    let arn = it.log_group_arn().or(it.arn())?;
    Some(arn.trim_end_matches(":*").to_owned())
}

/// The SDK's description as a resource.
fn read(site: &Site, it: &Described, tags: &BTreeMap<String, Tags>) -> Option<Resource> {
    let name = it.log_group_name()?;
    let arn = plain_arn(it)?;
    let mut resource = Resource::new(site.key(NAME, name));
    resource.tags = tags.get(&arn).cloned().unwrap_or_default();
    resource.arn = Some(arn);
    resource.name = Some(name.to_owned());
    resource.created = it.creation_time().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    resource.unique_id = resource.created.map(|at| at.to_string());
    resource.facts.insert(fact::STORED_BYTES.into(), it.stored_bytes().unwrap_or(0).to_string());
    if it.deletion_protection_enabled() == Some(true) {
        let why = "deletion protection is on".to_owned();
        resource.guards.insert(Guard { rule: GuardRule::Protection, why });
    }
    Some(resource)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{guards, site};
    use super::*;

    const ARN: &str = "arn:aws:logs:us-east-1:111122223333:log-group:/aws/eks/shop/cluster";

    #[test]
    fn both_forms_of_the_arn_are_one() {
        let tags = BTreeMap::from([(ARN.to_owned(), Tags::from([("Project".into(), "shop".into())]))]);
        for arn in [ARN.to_owned(), format!("{ARN}:*")] {
            let group = Described::builder().log_group_name("/aws/eks/shop/cluster").arn(arn).build();
            let group = read(&site(), &group, &tags).unwrap();
            assert_eq!(group.arn.as_deref(), Some(ARN));
            assert_eq!(group.tags.get("Project").map(String::as_str), Some("shop"));
        }
    }

    #[test]
    fn a_protected_group_is_guarded() {
        let group =
            Described::builder().log_group_name("g").arn(ARN).deletion_protection_enabled(true).build();
        assert_eq!(guards(&read(&site(), &group, &BTreeMap::new()).unwrap()), [GuardRule::Protection]);
    }

    #[test]
    fn stored_bytes_are_priced_by_the_gib() {
        let group = Described::builder().log_group_name("g").arn(ARN).stored_bytes(2_147_483_648).build();
        let costs = (SPEC.cost)(&read(&site(), &group, &BTreeMap::new()).unwrap());
        assert!((costs[0].units - 2.0).abs() < 1e-9);
    }
}
