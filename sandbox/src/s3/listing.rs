//! ListObjectsV2: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html>.

use std::collections::BTreeMap;

use super::invalid;
use crate::error::AwsResult;
use crate::fields::Fields;
use crate::protocol::{Answer, Ctx};
use crate::stores::s3::{Bucket, Object};
use crate::world::World;
use crate::xml::Xml;

/// The most rows of one answer, and as many as come if none are asked for.
const PAGE: usize = 1000;

/// A row of the list: an object, or what several keys have in common.
enum Row<'b> {
    Object(&'b str, &'b Object),
    Prefix(String),
}

impl Row<'_> {
    fn name(&self) -> &str {
        match self {
            Self::Object(key, _) => key,
            Self::Prefix(prefix) => prefix,
        }
    }
}

/// The objects whose keys begin with a prefix, in the order of their bytes; what lies behind a delimiter in one row.
pub(super) fn list(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let input = Fields::from(&ctx.json);
    let name = input.text("Bucket").unwrap_or_default();
    let bucket = super::bucket(world, ctx)?;
    let (prefix, delimiter) = (input.text("Prefix").unwrap_or_default(), input.text("Delimiter"));
    let size = match input.text("MaxKeys") {
        None => PAGE,
        Some(text) => {
            text.parse::<usize>().map_err(|_| invalid("Provided max-keys not an integer"))?.min(PAGE)
        }
    };
    let token = input.text("ContinuationToken");
    let after = match &token {
        Some(token) => read_token(token)?,
        None => input.text("StartAfter").unwrap_or_default(),
    };
    let delimiter = delimiter.filter(|text| !text.is_empty());
    let rows = rows(bucket, (&prefix, delimiter.as_deref()), &after);
    let more = rows.len() > size && size > 0;
    let page: Vec<Row<'_>> = rows.into_iter().take(size).collect();
    let by_url = input.text("EncodingType").as_deref() == Some("url");
    let told = |text: &str| if by_url { encoded(text) } else { text.to_owned() };
    let mut xml = Xml::new();
    xml.node("ListBucketResult", |root| {
        root.text("Name", name).text("Prefix", told(&prefix));
        root.maybe("Delimiter", delimiter.as_deref().map(told)).text("MaxKeys", size);
        root.maybe("EncodingType", by_url.then_some("url"));
        root.text("KeyCount", page.len()).text("IsTruncated", more);
        root.maybe("ContinuationToken", token.as_ref());
        root.maybe("StartAfter", input.text("StartAfter").map(|text| told(&text)));
        let last = page.last().filter(|_| more);
        root.maybe("NextContinuationToken", last.map(|row| make_token(row.name())));
        for row in &page {
            match row {
                Row::Object(key, object) => root.node("Contents", |item| {
                    item.text("Key", told(key)).text("LastModified", object.modified);
                    item.text("ETag", &object.etag).text("Size", object.body.len());
                    item.text("StorageClass", "STANDARD");
                }),
                Row::Prefix(prefix) => root.node("CommonPrefixes", |item| {
                    item.text("Prefix", told(prefix));
                }),
            };
        }
    });
    Ok(xml.into())
}

fn rows<'b>(bucket: &'b Bucket, (prefix, delimiter): (&str, Option<&str>), after: &str) -> Vec<Row<'b>> {
    let mut rows: BTreeMap<String, Row<'b>> = BTreeMap::new();
    for (key, object) in bucket.objects.iter().filter(|(key, _)| key.starts_with(prefix)) {
        let common = delimiter.and_then(|delimiter| {
            let end = key[prefix.len()..].find(delimiter)? + prefix.len() + delimiter.len();
            Some(key[..end].to_owned())
        });
        match common {
            Some(common) => rows.insert(common.clone(), Row::Prefix(common)),
            None => rows.insert(key.clone(), Row::Object(key, object)),
        };
    }
    rows.into_iter().filter(|(name, _)| name.as_str() > after).map(|(_, row)| row).collect()
}

/// Tokens are the last row's name in hexadecimal digits: they mean nothing to clients.
fn make_token(name: &str) -> String {
    name.bytes().map(|byte| format!("{byte:02x}")).collect()
}

fn read_token(token: &str) -> AwsResult<String> {
    let wrong = || invalid("The continuation token provided is incorrect");
    let pairs = (0..token.len()).step_by(2).map(|place| token.get(place..place + 2));
    let bytes: Option<Vec<u8>> = pairs.map(|pair| u8::from_str_radix(pair?, 16).ok()).collect();
    let text = String::from_utf8(bytes.ok_or_else(wrong)?).map_err(|_| wrong())?;
    if text.is_empty() { Err(wrong()) } else { Ok(text) }
}

/// `encoding-type=url` leaves slashes.
fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace("%2F", "/")
}
