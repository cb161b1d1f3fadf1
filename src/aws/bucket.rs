//! Reads the objects of a place in a bucket: takes the place that a state is kept at, and gives what lies there. What
//! the objects say is read by [`crate::states`]. The memory is an object as well, which is written, too.

use aws_config::SdkConfig;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::{Builder, Region as S3Region};
use aws_sdk_s3::primitives::ByteStream;
use futures::StreamExt;
use futures::future::BoxFuture;

use super::Aws;
use super::shapes::told;
use crate::memory::ObjectPlace;
use crate::model::CloudError;
use crate::states::{BucketPlace, Fetched};

/// Objects fetched at once: states are whole files in memory.
const AT_ONCE: usize = 4;

/// An object of more bytes than this is no state that anybody has, and is not fetched.
const LARGEST: i64 = 1 << 30;

/// How S3 says that the object is not as the writer knew it.
const CHANGED: [&str; 2] = ["PreconditionFailed", "ConditionalRequestConflict"];

/// Everything that the place takes. An object that could not be fetched is told as such; an error means that nothing
/// is known of what lies there.
pub(super) async fn fetch(aws: &Aws, config: &SdkConfig, place: &BucketPlace) -> Result<Fetched, CloudError> {
    let client = client_of(aws, config, &place.bucket).await;
    let keys = listed(aws, &client, place).await?;
    let fetches = keys.into_iter().map(|(key, size)| -> BoxFuture<'_, _> {
        let client = &client;
        Box::pin(async move {
            let object = match size > LARGEST {
                true => Err(format!("it has {size} bytes, more than any state")),
                false => object(aws, client, &place.bucket, &key).await.map_err(|error| error.to_string()),
            };
            (key, object)
        })
    });
    let fetches: Vec<_> = fetches.collect();
    Ok(Fetched { objects: futures::stream::iter(fetches).buffer_unordered(AT_ONCE).collect().await })
}

/// A client for the region of this bucket.
async fn client_of(aws: &Aws, config: &SdkConfig, bucket: &str) -> Client {
    let region = region_of(aws, &client(config, None), bucket).await;
    client(config, region)
}

/// A client for buckets of a region. Other endpoints than AWS's have no names for each bucket.
fn client(config: &SdkConfig, region: Option<String>) -> Client {
    let mut builder = Builder::from(config).force_path_style(config.endpoint_url().is_some());
    builder.set_region(region.map(S3Region::new).or_else(|| config.region().cloned()));
    Client::from_conf(builder.build())
}

/// The region of a bucket: S3 names it in its answer, also where it refuses.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html>
async fn region_of(aws: &Aws, client: &Client, bucket: &str) -> Option<String> {
    aws.token("s3:ListBucket").await;
    match client.head_bucket().bucket(bucket).send().await {
        Ok(answer) => answer.bucket_region().map(str::to_owned),
        Err(error) => {
            let told = error.raw_response()?.headers().get("x-amz-bucket-region")?;
            Some(told.to_owned())
        }
    }
}

/// The keys that the place takes, with their sizes.
async fn listed(aws: &Aws, client: &Client, place: &BucketPlace) -> Result<Vec<(String, i64)>, CloudError> {
    let mut keys = Vec::new();
    for prefix in place.prefixes() {
        let call = client.list_objects_v2().bucket(&place.bucket).prefix(prefix);
        let send = |token| call.clone().set_continuation_token(token).send();
        for page in aws.pages("s3:ListBucket", send, |page| page.next_continuation_token()).await? {
            let objects = page.contents.unwrap_or_default().into_iter();
            keys.extend(objects.filter_map(|object| Some((object.key?, object.size.unwrap_or(0)))));
        }
    }
    keys.retain(|(key, _)| place.takes(key));
    Ok(keys)
}

/// The object with the mark of its content, if it is there.
pub(super) async fn object_of(
    aws: &Aws,
    config: &SdkConfig,
    at: &ObjectPlace,
) -> Result<Option<(Vec<u8>, String)>, CloudError> {
    let client = client_of(aws, config, &at.bucket).await;
    let api = "s3:GetObject";
    let answer = match aws.read(api, || client.get_object().bucket(&at.bucket).key(&at.key).send()).await {
        Err(error) if error.code == "NoSuchKey" => return Ok(None),
        answer => answer?,
    };
    let mark = told(api, answer.e_tag().map(str::to_owned))?;
    Ok(Some((whole(answer.body, &at.key).await?, mark)))
}

/// Writes the object, if its content bears this mark or, without one, if there is none.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html>
pub(super) async fn replace(
    aws: &Aws,
    config: &SdkConfig,
    at: &ObjectPlace,
    (bytes, mark): (Vec<u8>, Option<&str>),
) -> Result<bool, CloudError> {
    let client = client_of(aws, config, &at.bucket).await;
    let none = mark.is_none().then(|| "*".to_owned());
    let call = client.put_object().bucket(&at.bucket).key(&at.key).content_type("application/json");
    let call = call.set_if_match(mark.map(str::to_owned)).set_if_none_match(none);
    match aws.change("s3:PutObject", || call.body(ByteStream::from(bytes)).send()).await {
        Ok(()) => Ok(true),
        Err(error) if CHANGED.contains(&error.code.as_str()) => Ok(false),
        Err(error) => Err(error),
    }
}

/// An object's bytes.
async fn object(aws: &Aws, client: &Client, bucket: &str, key: &str) -> Result<Vec<u8>, CloudError> {
    let api = "s3:GetObject";
    let answer = aws.read(api, || client.get_object().bucket(bucket).key(key).send()).await?;
    whole(answer.body, key).await
}

/// All bytes of a body.
async fn whole(body: ByteStream, key: &str) -> Result<Vec<u8>, CloudError> {
    let bytes = body.collect().await.map_err(|error| CloudError {
        class: crate::model::ErrorClass::Transient,
        api: "s3:GetObject".to_owned(),
        code: "CutOffBody".to_owned(),
        message: format!("the object {key} broke off: {error}"),
        request_id: None,
    })?;
    Ok(bytes.to_vec())
}
