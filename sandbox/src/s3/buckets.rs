//! Buckets: make, find, list, delete.

use serde_json::Value;

use super::objects::object;
use super::{AwsError, by_host, elsewhere, invalid, member, no_such_bucket};
use crate::error::AwsResult;
use crate::fields::Fields;
use crate::protocol::{Answer, Ctx, Plain};
use crate::stores::s3::Bucket;
use crate::tags::Tags;
use crate::world::World;
use crate::xml::{Xml, text_of};

/// Writes a bucket down with these objects: keys and bodies. One that is there gets them as well.
pub fn seed(world: &mut World, region: &str, name: &str, objects: &[(&str, &[u8])]) {
    let now = world.clock.now();
    let fresh = fresh(world, region, name);
    let bucket = world.s3.buckets.entry(name.to_owned()).or_insert(fresh);
    for (key, body) in objects {
        bucket.objects.insert((*key).to_owned(), object(body.to_vec(), now));
    }
}

fn fresh(world: &World, region: &str, name: &str) -> Bucket {
    Bucket {
        arn: format!("arn:aws:s3:::{name}"),
        region: region.to_owned(),
        created: world.clock.now(),
        objects: Default::default(),
        tags: Tags::new(),
    }
}

/// CreateBucket: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html>. In us-east-1 no
/// constraint is sent, elsewhere it has to be the region's.
pub(super) fn create(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let name = member(&ctx.json, "Bucket")?;
    check_name(&name)?;
    let body = String::from_utf8_lossy(&ctx.body);
    let inside = Fields::from(&ctx.json).object("CreateBucketConfiguration").text("LocationConstraint");
    let asked = text_of(&body, "LocationConstraint").or(inside);
    if asked.as_deref().unwrap_or("us-east-1") != ctx.region {
        let text = "The unspecified location constraint is incompatible for the region specific endpoint this request \
                    was sent to.";
        return Err(AwsError::new("IllegalLocationConstraintException", text));
    }
    match world.s3.buckets.get(&name) {
        // "If you re-create an existing bucket that you already own in us-east-1, Amazon S3 returns 200 OK".
        Some(bucket) if ctx.region == "us-east-1" && bucket.region == "us-east-1" => {}
        Some(_) => {
            let text = "Your previous request to create the named bucket succeeded and you already own it.";
            return Err(AwsError::with_status(409, "BucketAlreadyOwnedByYou", text));
        }
        None => {
            let bucket = fresh(world, &ctx.region, &name);
            world.s3.buckets.insert(name.clone(), bucket);
        }
    }
    let headers = vec![("location".to_owned(), format!("/{name}"))];
    Ok(Plain { status: 200, headers, body: Vec::new() }.into())
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>
fn check_name(name: &str) -> AwsResult<()> {
    let letter = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    let good = (3..=63).contains(&name.len())
        && name.chars().all(|one| letter(one) || one == '-' || one == '.')
        && name.starts_with(letter)
        && name.ends_with(letter)
        && !name.contains("..");
    if good { Ok(()) } else { Err(AwsError::new("InvalidBucketName", "The specified bucket is not valid.")) }
}

/// DeleteBucket: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucket.html>.
pub(super) fn delete(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    if !super::bucket(world, ctx)?.objects.is_empty() {
        let text = "The bucket you tried to delete is not empty";
        return Err(AwsError::with_status(409, "BucketNotEmpty", text));
    }
    world.s3.buckets.remove(&member(&ctx.json, "Bucket")?);
    Ok(Plain { status: 204, ..Plain::default() }.into())
}

/// HeadBucket tells the region, also to who asks elsewhere:
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html>.
pub(super) fn head(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let bucket = super::bucket(world, ctx)?;
    let headers = vec![
        ("x-amz-bucket-region".to_owned(), bucket.region.clone()),
        ("x-amz-access-point-alias".to_owned(), "false".to_owned()),
    ];
    Ok(Plain { status: 200, headers, body: Vec::new() }.into())
}

/// GetBucketLocation, from any region, but not from us-east-1 by the bucket's own host (seen in
/// aws/aws-sdk-java#1338). That of us-east-1 is empty.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html>
pub(super) fn location(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let name = member(&ctx.json, "Bucket")?;
    let bucket = world.s3.buckets.get(&name).ok_or_else(no_such_bucket)?;
    if bucket.region != ctx.region && ctx.region == "us-east-1" && by_host(ctx) {
        return Err(elsewhere(ctx, &bucket.region));
    }
    let mut xml = Xml::new();
    let region = Some(bucket.region.as_str()).filter(|region| *region != "us-east-1");
    xml.text("LocationConstraint", region.unwrap_or_default());
    Ok(xml.into())
}

/// ListBuckets: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html>. All of them at once, as to who
/// asks for no pages.
pub(super) fn list(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    if ctx.json.get("ContinuationToken").is_some_and(Value::is_string) {
        return Err(invalid("The continuation token provided is incorrect"));
    }
    let prefix = Fields::from(&ctx.json).text("Prefix").unwrap_or_default();
    let mut xml = Xml::new();
    xml.node("ListAllMyBucketsResult", |root| {
        root.node("Buckets", |list| {
            for (name, bucket) in world.s3.buckets.iter().filter(|(name, _)| name.starts_with(&prefix)) {
                list.node("Bucket", |item| {
                    item.text("Name", name).text("CreationDate", bucket.created);
                    item.text("BucketRegion", &bucket.region).text("BucketArn", &bucket.arn);
                });
            }
        });
        root.node("Owner", |owner| {
            owner.text("ID", format!("{0}{0}", world.account));
        });
    });
    Ok(xml.into())
}
