//! Tags of load balancers, target groups and listeners, by ARN.

use super::{listeners, load_balancers, rules, target_groups, validation};
use crate::error::{AwsError, AwsResult};
use crate::protocol::{Answer, Ctx};
use crate::service::Operation;
use crate::stores::elb::Elb;
use crate::tags::Tags;
use crate::world::World;
use crate::xml::Xml;

/// The most ARNs of one request ("up to 20 resources in a single call"):
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTags.html>.
pub const MOST_ARNS: usize = 20;

/// The operations of this file.
pub(crate) const OPERATIONS: &[(&str, Operation)] =
    &[("DescribeTags", describe), ("AddTags", add), ("RemoveTags", remove)];

/// DescribeTags. One unknown ARN fails the whole call.
fn describe(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let arns = named(ctx)?;
    if arns.len() > MOST_ARNS {
        return Err(validation("Cannot have more than 20 resources described"));
    }
    let elb = &mut world.region(&ctx.region).elb;
    let mut rows = Vec::new();
    for arn in arns {
        let tags = tags_of(elb, &arn)?.clone();
        rows.push((arn, tags));
    }
    let mut xml = Xml::new();
    xml.members("TagDescriptions", &rows, |item, (arn, tags)| {
        item.text("ResourceArn", arn).members("Tags", tags, |tag, (key, value)| {
            tag.text("Key", key).text("Value", value);
        });
    });
    Ok(xml.into())
}

/// AddTags: <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_AddTags.html>.
fn add(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let added = ctx.params.tags("Tags");
    // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-tags.html
    if added.keys().any(|key| key.to_lowercase().starts_with("aws:")) {
        return Err(validation("aws: prefixed tag key names are not allowed for external use"));
    }
    change(world, ctx, |tags| tags.extend(added.clone()))
}

/// RemoveTags: <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RemoveTags.html>.
fn remove(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let keys = ctx.params.list("TagKeys");
    change(world, ctx, |tags| tags.retain(|key, _| !keys.contains(key)))
}

fn change(world: &mut World, ctx: &Ctx, change: impl Fn(&mut Tags)) -> AwsResult<Answer> {
    let arns = named(ctx)?;
    let elb = &mut world.region(&ctx.region).elb;
    for arn in &arns {
        tags_of(elb, arn)?;
    }
    for arn in &arns {
        change(tags_of(elb, arn)?);
    }
    Ok(Xml::new().into())
}

fn named(ctx: &Ctx) -> AwsResult<Vec<String>> {
    let arns = ctx.params.list("ResourceArns");
    if arns.is_empty() { Err(validation("At least one resource ARN must be specified")) } else { Ok(arns) }
}

/// The tags of what has this ARN, or the refusal of its kind.
fn tags_of<'elb>(elb: &'elb mut Elb, arn: &str) -> AwsResult<&'elb mut Tags> {
    let (tags, missing): (_, fn(&str) -> AwsError) = if arn.contains(":loadbalancer/") {
        (elb.load_balancers.get_mut(arn).map(|lb| &mut lb.tags), load_balancers::not_found)
    } else if arn.contains(":targetgroup/") {
        (elb.target_groups.get_mut(arn).map(|group| &mut group.tags), |_| target_groups::not_found())
    } else if arn.contains(":listener/") {
        (elb.listeners.get_mut(arn).map(|listener| &mut listener.tags), |_| listeners::not_found())
    } else if arn.contains(":listener-rule/") {
        (elb.rules.get_mut(arn).map(|rule| &mut rule.tags), |_| rules::not_found())
    } else {
        return Err(validation(format!("'{arn}' is not a valid resource ARN")));
    };
    tags.ok_or_else(|| missing(arn))
}
