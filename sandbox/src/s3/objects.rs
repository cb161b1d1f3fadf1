//! Objects: read them, also in parts; write and delete them, also under conditions.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::chunked::{crc32, incomplete, unwrap};
use super::{AwsError, bucket, member, no_such_key, precondition_failed};
use crate::error::AwsResult;
use crate::fields::Fields;
use crate::protocol::{Answer, Ctx, Plain};
use crate::stores::s3::Object;
use crate::world::World;

/// An object of this body, written now.
pub(super) fn object(body: Vec<u8>, now: Timestamp) -> Object {
    Object { etag: etag(&body), crc32: crc32(&body), body, modified: now, ..Object::default() }
}

/// "The entity tag may or may not be an MD5 digest of the object data": here it is not, but tells contents apart as
/// well. <https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html>
fn etag(body: &[u8]) -> String {
    // FNV-1a of 128 bits.
    let mut hash: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    for byte in body {
        hash = (hash ^ u128::from(*byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
    }
    format!("\"{hash:032x}\"")
}

/// Whether a condition's header names this ETag, with or without its quotation marks.
fn names(header: &str, etag: &str) -> bool {
    header == "*" || header.trim_matches('"') == etag.trim_matches('"')
}

/// PutObject: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html>; its conditions:
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html>. Two writers at the same moment
/// (`409 ConditionalRequestConflict`) there are only as a fault on demand.
pub(super) fn put(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let now = world.clock.now();
    let key = member(&ctx.json, "Key")?;
    let input = Fields::from(&ctx.json);
    let body = body(ctx, &input)?;
    let bucket = bucket(world, ctx)?;
    let there = bucket.objects.get(&key);
    match (input.text("IfNoneMatch").as_deref(), there) {
        (Some("*"), Some(_)) => return Err(precondition_failed()),
        (Some("*") | None, _) => {}
        (Some(_), _) => {
            let text = "A header you provided implies functionality that is not implemented";
            return Err(AwsError::with_status(501, "NotImplemented", text));
        }
    }
    match (input.text("IfMatch"), there) {
        (None, _) => {}
        (Some(_), None) => return Err(no_such_key()),
        (Some(wanted), Some(there)) if names(&wanted, &there.etag) => {}
        (Some(_), Some(_)) => return Err(precondition_failed()),
    }
    let written = Object {
        content_type: input.text("ContentType"),
        metadata: input.map("Metadata"),
        ..object(body, now)
    };
    let headers = vec![
        ("etag".to_owned(), written.etag.clone()),
        ("x-amz-checksum-crc32".to_owned(), written.crc32.clone()),
        ("x-amz-checksum-type".to_owned(), "FULL_OBJECT".to_owned()),
    ];
    bucket.objects.insert(key, written);
    Ok(Plain { status: 200, headers, body: Vec::new() }.into())
}

/// The body that is meant, if it is whole.
fn body(ctx: &Ctx, input: &Fields) -> AwsResult<Vec<u8>> {
    let streamed = input.text("ContentSha256").is_some_and(|it| it.starts_with("STREAMING-"));
    let chunked = input.text("ContentEncoding").is_some_and(|it| it.contains("aws-chunked"));
    let (body, trailers) = match (streamed || chunked, input.text("Body")) {
        (true, _) => unwrap(&ctx.body)?,
        // From inside, where a body is a member like any.
        (false, Some(text)) if ctx.body.is_empty() => (text.into_bytes(), Vec::new()),
        (false, _) => (ctx.body.clone(), Vec::new()),
    };
    let length = input.text("DecodedContentLength").and_then(|text| text.parse::<usize>().ok());
    if length.is_some_and(|length| length != body.len()) {
        return Err(incomplete());
    }
    let told = trailers.into_iter().find(|(name, _)| name == "x-amz-checksum-crc32").map(|(_, value)| value);
    let told = told.or_else(|| input.text("ChecksumCRC32"));
    if told.is_some_and(|told| told != crc32(&body)) {
        let text = "The CRC32 you specified did not match the calculated checksum.";
        return Err(AwsError::new("BadDigest", text));
    }
    Ok(body)
}

/// The object that a call names, if it fulfils the call's conditions. Who may not list is not told that there is
/// none: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>.
fn found(world: &mut World, ctx: &Ctx) -> AwsResult<Object> {
    let key = member(&ctx.json, "Key")?;
    let may_list = !world.faults.denies("s3:ListBucket");
    let object = bucket(world, ctx)?.objects.get(&key).cloned();
    let missing = || match may_list {
        true => no_such_key(),
        false => AwsError::with_status(403, "AccessDenied", "Access Denied"),
    };
    let object = object.ok_or_else(missing)?;
    let input = Fields::from(&ctx.json);
    if input.text("IfMatch").is_some_and(|wanted| !names(&wanted, &object.etag)) {
        return Err(precondition_failed());
    }
    if input.text("IfNoneMatch").is_some_and(|known| names(&known, &object.etag)) {
        return Err(AwsError::with_status(304, "NotModified", "Not Modified"));
    }
    Ok(object)
}

/// What is told of an object before its body.
fn head_of(object: &Object) -> Vec<(String, String)> {
    let modified = object.modified.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let kind = object.content_type.clone().unwrap_or_else(|| "binary/octet-stream".to_owned());
    let mut headers = vec![
        ("accept-ranges".to_owned(), "bytes".to_owned()),
        ("content-type".to_owned(), kind),
        ("etag".to_owned(), object.etag.clone()),
        ("last-modified".to_owned(), modified),
    ];
    let meta: &BTreeMap<String, String> = &object.metadata;
    headers.extend(meta.iter().map(|(name, value)| (format!("x-amz-meta-{name}"), value.clone())));
    headers
}

/// GetObject: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>.
pub(super) fn get(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let object = found(world, ctx)?;
    let mut headers = head_of(&object);
    let whole = object.body.len();
    let range = Fields::from(&ctx.json).text("Range").and_then(|text| range(&text, whole));
    let (status, body) = match range {
        None => {
            headers.push(("x-amz-checksum-crc32".to_owned(), object.crc32));
            headers.push(("x-amz-checksum-type".to_owned(), "FULL_OBJECT".to_owned()));
            (200, object.body)
        }
        Some(Err(refusal)) => return Err(refusal),
        Some(Ok((first, last))) => {
            headers.push(("content-range".to_owned(), format!("bytes {first}-{last}/{whole}")));
            (206, object.body[first..=last].to_vec())
        }
    };
    headers.push(("content-length".to_owned(), body.len().to_string()));
    Ok(Plain { status, headers, body }.into())
}

/// The first and the last byte of `bytes=1-4`, `bytes=1-` or `bytes=-4`. What is no range is not heeded:
/// <https://www.rfc-editor.org/rfc/rfc9110#section-14.2>.
fn range(text: &str, whole: usize) -> Option<AwsResult<(usize, usize)>> {
    let (first, last) = text.strip_prefix("bytes=")?.split_once('-')?;
    let end = whole.checked_sub(1);
    let (first, last) = match (first.parse::<usize>().ok(), last.parse::<usize>().ok()) {
        (Some(first), Some(last)) if first > last => return None,
        (Some(first), last) => (first, last.map_or(end, |last| end.map(|end| end.min(last)))),
        (None, Some(count)) if first.is_empty() => (whole.saturating_sub(count), end.filter(|_| count > 0)),
        (None, _) => return None,
    };
    match last {
        Some(last) if first <= last => Some(Ok((first, last))),
        _ => {
            let text = "The requested range is not satisfiable";
            Some(Err(AwsError::with_status(416, "InvalidRange", text)))
        }
    }
}

/// HeadObject: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html>.
pub(super) fn head(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let object = found(world, ctx)?;
    let mut headers = head_of(&object);
    headers.push(("content-length".to_owned(), object.body.len().to_string()));
    Ok(Plain { status: 200, headers, body: Vec::new() }.into())
}

/// DeleteObject; one that is not there is no error, unless it had to match:
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html>.
pub(super) fn delete(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let key = member(&ctx.json, "Key")?;
    let wanted = Fields::from(&ctx.json).text("IfMatch");
    let bucket = bucket(world, ctx)?;
    match (wanted, bucket.objects.get(&key)) {
        (None, _) => {}
        (Some(_), None) => return Err(no_such_key()),
        (Some(wanted), Some(there)) if names(&wanted, &there.etag) => {}
        (Some(_), Some(_)) => return Err(precondition_failed()),
    }
    bucket.objects.remove(&key);
    Ok(Plain { status: 204, ..Plain::default() }.into())
}
