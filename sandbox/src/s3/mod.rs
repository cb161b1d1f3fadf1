//! Amazon S3 over REST with XML: buckets and their objects, read, listed and written under conditions, as far as
//! states and locks are kept in it. No versions, no multipart uploads, no policies.
//!
//! Strongly consistent, as S3 is for objects and lists:
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/Welcome.html#ConsistencyModel>.

mod buckets;
mod chunked;
mod listing;
mod objects;
mod routes;

use serde_json::{Map, Value};

use crate::error::{AwsError, AwsResult};
use crate::fields::Fields;
use crate::protocol::{Ctx, Protocol};
use crate::service::{Operation, Service};
use crate::stores::s3::Bucket;
use crate::world::World;

pub use buckets::seed;

/// S3 as the wire knows it.
pub(crate) const SERVICE: Service = Service {
    scope: "s3",
    iam: "s3",
    protocol: Protocol::RestXml {
        namespace: "http://s3.amazonaws.com/doc/2006-03-01/",
        route: routes::route,
    },
    operation,
};

const OPERATIONS: &[(&str, Operation)] = &[
    ("CreateBucket", buckets::create),
    ("DeleteBucket", buckets::delete),
    ("DeleteObject", objects::delete),
    ("GetBucketLocation", buckets::location),
    ("GetObject", objects::get),
    ("HeadBucket", buckets::head),
    ("HeadObject", objects::head),
    ("ListBuckets", buckets::list),
    ("ListObjectsV2", listing::list),
    ("PutObject", objects::put),
];

fn operation(action: &str) -> Option<Operation> {
    OPERATIONS.iter().find(|(name, _)| *name == action).map(|(_, operation)| *operation)
}

// The refusals, their statuses and their sentences: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html

fn no_such_bucket() -> AwsError {
    AwsError::with_status(404, "NoSuchBucket", "The specified bucket does not exist")
}

fn no_such_key() -> AwsError {
    AwsError::with_status(404, "NoSuchKey", "The specified key does not exist.")
}

fn precondition_failed() -> AwsError {
    let text = "At least one of the pre-conditions you specified did not hold";
    AwsError::with_status(412, "PreconditionFailed", text)
}

fn invalid(text: &str) -> AwsError {
    AwsError::new("InvalidArgument", text)
}

/// A member of the input.
fn member(input: &Map<String, Value>, name: &str) -> AwsResult<String> {
    let missing = || invalid(&format!("{name} is missing"));
    Fields::from(input).text(name).filter(|text| !text.is_empty()).ok_or_else(missing)
}

/// The bucket that a call names. One of another region is refused, and the refusal tells which:
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/Redirects.html#RedirectsPermanentRedirection>.
fn bucket<'w>(world: &'w mut World, ctx: &Ctx) -> AwsResult<&'w mut Bucket> {
    let name = member(&ctx.json, "Bucket")?;
    let bucket = world.s3.buckets.get_mut(&name).ok_or_else(no_such_bucket)?;
    if bucket.region == ctx.region {
        return Ok(bucket);
    }
    Err(elsewhere(ctx, &bucket.region))
}

/// Whoever asks us-east-1 by the bucket's own host is told that the signature is wrong, whoever asks otherwise
/// that the bucket is elsewhere. Both were seen, in aws/aws-sdk-java-v2#4425 and aws/aws-sdk-java#1338.
fn elsewhere(ctx: &Ctx, region: &str) -> AwsError {
    let mut refusal = if ctx.region == "us-east-1" && by_host(ctx) {
        let text = format!(
            "The authorization header is malformed; the region '{}' is wrong; expecting '{region}'",
            ctx.region
        );
        AwsError::new("AuthorizationHeaderMalformed", text)
    } else {
        let text = "The bucket you are attempting to access must be addressed using the specified endpoint. Please \
                    send all future requests to this endpoint.";
        AwsError::with_status(301, "PermanentRedirect", text)
    };
    refusal.headers.push(("x-amz-bucket-region".to_owned(), region.to_owned()));
    refusal
}

/// Whether the bucket was named by the host.
fn by_host(ctx: &Ctx) -> bool {
    ctx.json.get("ByHost") == Some(&Value::Bool(true))
}

#[cfg(test)]
mod tests;
