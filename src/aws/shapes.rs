//! From the SDK's shapes to the model's: tags, times, answers about one thing and about many.
//!
//! Used by the kinds' calls and by the other readers of this room.

use std::collections::BTreeMap;

use aws_sdk_resourcegroupstagging::operation::get_resources::builders::GetResourcesFluentBuilder;
use futures::future::BoxFuture;
use futures::{StreamExt, TryStreamExt};

use super::{Aws, Site};
use crate::model::{CloudError, ErrorClass, Resource, Tags};

/// Tags in the form of the model, from the key and value pairs of any service.
pub(crate) fn tags<'a>(pairs: impl Iterator<Item = (Option<&'a str>, Option<&'a str>)>) -> Tags {
    pairs.filter_map(|(key, value)| Some((key?.to_owned(), value.unwrap_or_default().to_owned()))).collect()
}

/// Tags that come as a map, in the form of the model.
#[expect(clippy::disallowed_types, reason = "the SDK's own type for maps")]
pub(crate) fn owned_tags(map: Option<&std::collections::HashMap<String, String>>) -> Tags {
    map.into_iter().flatten().map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// IAM's tags in the form of the model.
pub(crate) fn iam_tags(tags: &[aws_sdk_iam::types::Tag]) -> Tags {
    self::tags(tags.iter().map(|tag| (Some(tag.key()), Some(tag.value()))))
}

/// A moment as the model keeps it.
pub(crate) fn timestamp(at: &aws_smithy_types::DateTime) -> Option<jiff::Timestamp> {
    jiff::Timestamp::new(at.secs(), i32::try_from(at.subsec_nanos()).ok()?).ok()
}

/// The last part of an ARN's resource path: the role's name in `arn:aws:iam::1:role/path/name`.
pub(crate) fn name_in_arn(arn: &str) -> Option<&str> {
    arn.rsplit('/').next().filter(|name| !name.is_empty())
}

/// The answer about one thing: `None` if it is gone, which is no error.
pub(crate) fn each<T>(answer: Result<T, CloudError>) -> Result<Option<T>, CloudError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.class == ErrorClass::Gone => Ok(None),
        Err(error) => Err(error),
    }
}

/// What an answer is about. AWS always tells it, be it an empty list; an answer without it is none (an
/// empty body reads like one), and must not be taken for "there is nothing".
pub(crate) fn told<T>(api: &str, part: Option<T>) -> Result<T, CloudError> {
    part.ok_or_else(|| CloudError {
        class: ErrorClass::Transient,
        api: api.to_owned(),
        code: "UnreadableAnswer".to_owned(),
        message: "the answer does not tell what was asked".to_owned(),
        request_id: None,
    })
}

/// How many questions about single things are asked at the same time. The token buckets bound the rate;
/// this bounds how many wait for their answer.
const SIDE_BY_SIDE: usize = 8;

/// The answers to questions about single things, in order; an error if one of them fails.
pub(crate) async fn side_by_side<T>(
    questions: Vec<BoxFuture<'_, Result<T, CloudError>>>,
) -> Result<Vec<T>, CloudError> {
    futures::stream::iter(questions).buffered(SIDE_BY_SIDE).try_collect().await
}

/// The tags of all things of one type, by ARN, from the tagging API: a hundred to the page instead of
/// a call for each. It still lists things that are gone, so a hit counts only beside a listing.
/// <https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html>
pub(crate) async fn tags_of(aws: &Aws, resource_type: &str) -> Result<BTreeMap<String, Tags>, CloudError> {
    let call = aws.tagging.get_resources().resource_type_filters(resource_type);
    Ok(tagged(aws, call)
        .await?
        .into_iter()
        .map(|(arn, tags)| (arn.trim_end_matches(":*").to_owned(), tags))
        .collect())
}

/// All that such a call of the tagging API lists: ARNs and tags.
pub(crate) async fn tagged(
    aws: &Aws,
    call: GetResourcesFluentBuilder,
) -> Result<Vec<(String, Tags)>, CloudError> {
    let api = "tag:GetResources";
    let call = call.resources_per_page(100);
    let send = |token| call.clone().set_pagination_token(token).send();
    let mut all = Vec::new();
    for page in aws.pages(api, send, |page| page.pagination_token()).await? {
        for item in told(api, page.resource_tag_mapping_list)? {
            let pairs = item.tags().iter().map(|tag| (Some(tag.key()), Some(tag.value())));
            let tags = tags(pairs);
            all.extend(item.resource_arn.map(|arn| (arn, tags)));
        }
    }
    Ok(all)
}

/// EC2's tags in the form of the model.
pub(crate) fn ec2_tags(tags: &[aws_sdk_ec2::types::Tag]) -> Tags {
    self::tags(tags.iter().map(|tag| (tag.key(), tag.value())))
}

/// An EC2 filter by one name and these values.
pub(crate) fn filter(name: &str, values: &[String]) -> aws_sdk_ec2::types::Filter {
    aws_sdk_ec2::types::Filter::builder().name(name).set_values(Some(values.to_vec())).build()
}

/// A resource with what EC2's describes have in common: tags, the Name tag as its name, its owner
/// (and the guard if that is another account).
pub(crate) fn ec2_resource(
    site: &Site,
    kind: &'static str,
    id: &str,
    tags: &[aws_sdk_ec2::types::Tag],
    owner: Option<&str>,
) -> Resource {
    let mut resource = Resource::new(site.key(kind, id));
    resource.tags = ec2_tags(tags);
    resource.name = resource.tags.get("Name").cloned();
    if let Some(owner) = owner {
        resource.owner = Some(crate::model::AccountId::new(owner));
        if owner != site.account.as_str() {
            resource.guards.insert(crate::model::Guard {
                rule: crate::model::GuardRule::OtherAccount,
                why: format!("account {owner} owns it"),
            });
        }
    }
    resource
}
