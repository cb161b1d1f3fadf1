//! Tags of clusters and of their parts, by ARN.
//! <https://docs.aws.amazon.com/eks/latest/APIReference/API_TagResource.html>

use serde_json::json;

use super::request::Body;
use crate::error::{AwsError, AwsResult};
use crate::protocol::{Answer, Ctx};
use crate::tags::Tags;
use crate::world::World;

/// TagResource.
pub(super) fn tag(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let body = Body::of(ctx);
    let added = body.map("tags");
    // Keys that begin with `aws:` are AWS's: https://docs.aws.amazon.com/eks/latest/userguide/eks-using-tags.html
    if added.keys().any(|key| key.to_lowercase().starts_with("aws:")) {
        return Err(AwsError::new("BadRequestException", "Tag keys beginning with 'aws:' are reserved"));
    }
    tags_of(world, &ctx.region, &body.required("resourceArn")?)?.extend(added);
    Ok(json!({}).into())
}

/// UntagResource.
pub(super) fn untag(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let body = Body::of(ctx);
    let tags = tags_of(world, &ctx.region, &body.required("resourceArn")?)?;
    for key in body.texts("tagKeys") {
        tags.remove(&key);
    }
    Ok(json!({}).into())
}

/// ListTagsForResource.
pub(super) fn list(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let tags = tags_of(world, &ctx.region, &Body::of(ctx).required("resourceArn")?)?;
    Ok(json!({ "tags": tags }).into())
}

/// The tags of what has this ARN.
fn tags_of<'world>(world: &'world mut World, region: &str, arn: &str) -> AwsResult<&'world mut Tags> {
    let clusters = world.region(region).eks.clusters.values_mut();
    clusters
        .flat_map(|cluster| {
            let own = std::iter::once((&cluster.arn, &mut cluster.tags));
            let groups = cluster.nodegroups.values_mut().map(|group| (&group.arn, &mut group.tags));
            let addons = cluster.addons.values_mut().map(|addon| (&addon.arn, &mut addon.tags));
            let profiles =
                cluster.fargate_profiles.values_mut().map(|profile| (&profile.arn, &mut profile.tags));
            let entries = cluster.access_entries.values_mut().map(|entry| (&entry.arn, &mut entry.tags));
            let associations = cluster.associations.values_mut().map(|it| (&it.arn, &mut it.tags));
            own.chain(groups).chain(addons).chain(profiles).chain(entries).chain(associations)
        })
        .find(|(known, _)| known.as_str() == arn)
        .map(|(_, tags)| tags)
        .ok_or_else(|| {
            AwsError::with_status(
                404,
                "NotFoundException",
                format!("The specified resource {arn} does not exist"),
            )
        })
}
