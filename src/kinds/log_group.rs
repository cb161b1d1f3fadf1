//! CloudWatch log groups. They hold data, so they go only when named. A live EKS cluster makes its
//! log group anew, so it goes after the cluster.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogGroup.html>

use std::collections::BTreeMap;

use async_trait::async_trait;
use aws_sdk_cloudwatchlogs::types::LogGroup as Described;

use super::{Kind, each, owned_tags, tags_of};
use crate::aws::{Aws, Place};
use crate::model::words::{fact, how};
use crate::model::{
    Apis, Cost, DataKind, Guard, GuardRule, KindSpec, LinkRule, Resource, Scope, Settle, Tags,
};
use crate::run::cloud::CloudError;

/// The kind.
pub struct LogGroup;

const NAME: &str = "log-group";

/// Bytes in a GiB.
const GIB: f64 = 1_073_741_824.0;

/// What the planner knows of it.
pub const SPEC: KindSpec = KindSpec {
    name: NAME,
    title: "log group",
    scope: Scope::Regional,
    links: &[LinkRule::after_if_goes(how::MADE_FOR, "eks-cluster")],
    parts: &[],
    data: DataKind::Yes,
    settle: Settle::AtOnce,
    patience: 60,
    pause: 0,
    batch: 1,
    quota: None,
    cost: |resource| {
        let bytes = resource.facts.get(fact::STORED_BYTES).and_then(|text| text.parse::<f64>().ok());
        vec![Cost { item: "log-storage-gib", units: bytes.unwrap_or(0.0) / GIB }]
    },
    apis: Apis {
        list: &["logs:DescribeLogGroups", "tag:GetResources", "logs:ListTagsForResource"],
        delete: &["logs:DeleteLogGroup"],
    },
};

#[async_trait]
impl Kind for LogGroup {
    fn spec(&self) -> &'static KindSpec {
        &SPEC
    }

    async fn list(&self, aws: &Aws) -> Result<Vec<Resource>, CloudError> {
        let pages = aws.logs.describe_log_groups().limit(50).into_paginator().send();
        let pages = aws.pages("logs:DescribeLogGroups", pages).await?;
        let found = pages.iter().flat_map(|page| page.log_groups());
        let tags = tags_of(aws, "logs:log-group").await?;
        Ok(found.filter_map(|it| read(&aws.place, it, &tags)).collect())
    }

    async fn look(&self, aws: &Aws, ids: &[String]) -> Result<Vec<Resource>, CloudError> {
        let mut resources = Vec::new();
        for name in ids {
            let pages = aws.logs.describe_log_groups().log_group_name_prefix(name).limit(50).into_paginator();
            let pages = aws.pages("logs:DescribeLogGroups", pages.send()).await?;
            let groups = pages.iter().flat_map(|page| page.log_groups());
            for it in groups.filter(|it| it.log_group_name() == Some(name)) {
                let Some(arn) = plain_arn(it) else { continue };
                let send = || aws.logs.list_tags_for_resource().resource_arn(&arn).send();
                let Some(answer) = each(aws.read("logs:ListTagsForResource", send).await)? else { continue };
                let tags = BTreeMap::from([(arn.clone(), owned_tags(answer.tags()))]);
                resources.extend(read(&aws.place, it, &tags));
            }
        }
        Ok(resources)
    }

    async fn delete(&self, aws: &Aws, resources: &[Resource]) -> Vec<Result<(), CloudError>> {
        let mut answers = Vec::new();
        for resource in resources {
            let call = aws.logs.delete_log_group().log_group_name(&resource.key.id);
            answers.push(aws.change("logs:DeleteLogGroup", || call.send()).await);
        }
        answers
    }
}

/// The ARN without the `:*` that DescribeLogGroups puts behind one of its two forms.
fn plain_arn(it: &Described) -> Option<String> {
    let arn = it.log_group_arn().or(it.arn())?;
    Some(arn.trim_end_matches(":*").to_owned())
}

/// The SDK's description as a resource.
fn read(place: &Place, it: &Described, tags: &BTreeMap<String, Tags>) -> Option<Resource> {
    let name = it.log_group_name()?;
    let arn = plain_arn(it)?;
    let mut resource = Resource::new(place.key(NAME, name));
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
    use super::super::testing::{guards, place};
    use super::*;

    const ARN: &str = "arn:aws:logs:us-east-1:111122223333:log-group:/aws/eks/shop/cluster";

    #[test]
    fn both_forms_of_the_arn_are_one() {
        let tags = BTreeMap::from([(ARN.to_owned(), Tags::from([("Project".into(), "shop".into())]))]);
        for arn in [ARN.to_owned(), format!("{ARN}:*")] {
            let group = Described::builder().log_group_name("/aws/eks/shop/cluster").arn(arn).build();
            let group = read(&place(), &group, &tags).unwrap();
            assert_eq!(group.arn.as_deref(), Some(ARN));
            assert_eq!(group.tags.get("Project").map(String::as_str), Some("shop"));
        }
    }

    #[test]
    fn a_protected_group_is_guarded() {
        let group =
            Described::builder().log_group_name("g").arn(ARN).deletion_protection_enabled(true).build();
        assert_eq!(guards(&read(&place(), &group, &BTreeMap::new()).unwrap()), [GuardRule::Protection]);
    }

    #[test]
    fn stored_bytes_are_priced_by_the_gib() {
        let group = Described::builder().log_group_name("g").arn(ARN).stored_bytes(2_147_483_648).build();
        let costs = (SPEC.cost)(&read(&place(), &group, &BTreeMap::new()).unwrap());
        assert!((costs[0].units - 2.0).abs() < 1e-9);
    }
}
