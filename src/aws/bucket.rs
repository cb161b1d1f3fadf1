//! Reads the objects of a place in a bucket: takes the place that a state is kept at, and gives what lies there. What
//! the objects say is read by [`crate::states`].

use aws_config::SdkConfig;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::{Builder, Region as S3Region};
use futures::StreamExt;
use futures::future::BoxFuture;

use super::Aws;
use super::error::cloud_error;
use crate::model::CloudError;
use crate::states::{BucketPlace, Fetched};

/// Objects fetched at once: states are whole files in memory.
const AT_ONCE: usize = 4;

/// An object of more bytes than this is no state that anybody has, and is not fetched.
const LARGEST: i64 = 1 << 30;

/// What S3 answers a caller who asks in another region than the bucket's.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>
const ELSEWHERE: [&str; 4] = [
    "PermanentRedirect",
    "TemporaryRedirect",
    "AuthorizationHeaderMalformed",
    "IllegalLocationConstraintException",
];

/// Everything that the place takes. An object that could not be fetched is told as such; an error means that nothing
/// is known of what lies there.
pub(super) async fn fetch(aws: &Aws, config: &SdkConfig, place: &BucketPlace) -> Result<Fetched, CloudError> {
    let mut client = client(config, None);
    let mut keys = listed(aws, &client, place).await;
    if keys.as_ref().is_err_and(|error| ELSEWHERE.contains(&error.code.as_str())) {
        client = self::client(config, Some(region_of(&client, &place.bucket).await?));
        keys = listed(aws, &client, place).await;
    }
    let fetches = keys?.into_iter().map(|(key, size)| -> BoxFuture<'_, _> {
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

/// A client for buckets of a region. Other endpoints than AWS's have no names for each bucket.
pub(super) fn client(config: &SdkConfig, region: Option<String>) -> Client {
    let mut builder = Builder::from(config).force_path_style(config.endpoint_url().is_some());
    builder.set_region(region.map(S3Region::new).or_else(|| config.region().cloned()));
    Client::from_conf(builder.build())
}

/// The region of a bucket, which S3 leaves out for its oldest.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html>
async fn region_of(client: &Client, bucket: &str) -> Result<String, CloudError> {
    let api = "s3:GetBucketLocation";
    let answer = client.get_bucket_location().bucket(bucket).send().await;
    let answer = answer.map_err(|error| cloud_error(api, &error))?;
    Ok(match answer.location_constraint().map(|it| it.as_str()) {
        None | Some("") => "us-east-1".to_owned(),
        Some("EU") => "eu-west-1".to_owned(),
        Some(region) => region.to_owned(),
    })
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

/// An object's bytes.
async fn object(aws: &Aws, client: &Client, bucket: &str, key: &str) -> Result<Vec<u8>, CloudError> {
    let api = "s3:GetObject";
    let answer = aws.read(api, || client.get_object().bucket(bucket).key(key).send()).await?;
    let body = answer.body.collect().await.map_err(|error| CloudError {
        class: crate::model::ErrorClass::Transient,
        api: api.to_owned(),
        code: "CutOffBody".to_owned(),
        message: format!("the object {key} broke off: {error}"),
        request_id: None,
    })?;
    Ok(body.to_vec())
}
