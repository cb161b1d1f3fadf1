//! Which operation a request to S3 means, and the members that its head carries.
//!
//! The bucket stands in the path (path-style) or before the host's name (virtual-hosted-style):
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html>.

use serde_json::{Map, Value, json};

use crate::protocol::{Request, decoded};

/// The headers and the query's parameters that are members, with the members' names.
const HEADERS: &[(&str, &str)] = &[
    ("content-encoding", "ContentEncoding"),
    ("content-type", "ContentType"),
    ("if-match", "IfMatch"),
    ("if-none-match", "IfNoneMatch"),
    ("range", "Range"),
    ("x-amz-checksum-crc32", "ChecksumCRC32"),
    ("x-amz-content-sha256", "ContentSha256"),
    ("x-amz-decoded-content-length", "DecodedContentLength"),
];
const PARAMETERS: &[(&str, &str)] = &[
    ("continuation-token", "ContinuationToken"),
    ("delimiter", "Delimiter"),
    ("encoding-type", "EncodingType"),
    ("max-keys", "MaxKeys"),
    ("prefix", "Prefix"),
    ("start-after", "StartAfter"),
];

/// What may stand in a query beside [`PARAMETERS`] without meaning another operation.
const HARMLESS: &[&str] = &["x-id", "fetch-owner", "list-type", "max-buckets", "bucket-region"];

/// The operation of a request, with the members that its head carries.
pub(super) fn route(request: &Request) -> Option<(&'static str, Map<String, Value>)> {
    let path = request.path.strip_prefix('/').unwrap_or(&request.path);
    let host = request.header("host").and_then(bucket_of_host);
    let (bucket, key) = match &host {
        Some(bucket) => (bucket.as_str(), path),
        None => path.split_once('/').unwrap_or((path, "")),
    };
    let query: Vec<(String, String)> =
        form_urlencoded::parse(request.query.as_bytes()).into_owned().collect();
    let asked = |name: &str| query.iter().any(|(key, _)| key == name);
    let known =
        |name: &str| HARMLESS.contains(&name) || PARAMETERS.iter().any(|(parameter, _)| *parameter == name);
    let location = asked("location");
    let other = query.iter().find(|(name, _)| !known(name) && name != "location");
    // Copies, tags, uploads in parts and the like are other operations, which are not modelled.
    if other.is_some() || request.header("x-amz-copy-source").is_some() {
        return None;
    }
    let listing = query.iter().any(|(name, value)| name == "list-type" && value == "2");
    let operation = match (request.method.as_str(), bucket.is_empty(), key.is_empty()) {
        ("GET", true, _) => "ListBuckets",
        (_, true, _) => return None,
        ("GET", _, true) if location => "GetBucketLocation",
        ("GET", _, true) if listing => "ListObjectsV2",
        ("PUT", _, true) => "CreateBucket",
        ("HEAD", _, true) => "HeadBucket",
        ("DELETE", _, true) => "DeleteBucket",
        ("GET", _, false) => "GetObject",
        ("HEAD", _, false) => "HeadObject",
        ("PUT", _, false) => "PutObject",
        ("DELETE", _, false) => "DeleteObject",
        _ => return None,
    };
    let mut members = Map::new();
    members.insert("Bucket".to_owned(), json!(decoded(bucket)));
    members.insert("Key".to_owned(), json!(decoded(key)));
    members.insert("ByHost".to_owned(), json!(host.is_some()));
    members.retain(|_, value| value != "");
    for (header, member) in HEADERS {
        if let Some(value) = request.header(header) {
            members.insert((*member).to_owned(), json!(value));
        }
    }
    for (parameter, member) in PARAMETERS {
        if let Some((_, value)) = query.iter().find(|(name, _)| name == parameter) {
            members.insert((*member).to_owned(), json!(value));
        }
    }
    let told = request
        .headers
        .iter()
        .filter_map(|(name, value)| Some((name.strip_prefix("x-amz-meta-")?.to_owned(), json!(value))));
    members.insert("Metadata".to_owned(), Value::Object(told.collect()));
    Some((operation, members))
}

/// The bucket that a host's name begins with: `bucket.s3.us-east-1.amazonaws.com`, `bucket.localhost:4566`.
fn bucket_of_host(host: &str) -> Option<String> {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let of_aws = name.strip_suffix(".amazonaws.com").and_then(|front| {
        let place = front.rfind(".s3.").or_else(|| front.rfind(".s3-"));
        place.map(|place| &front[..place]).or_else(|| front.strip_suffix(".s3"))
    });
    of_aws.or_else(|| name.strip_suffix(".localhost")).filter(|bucket| *bucket != "s3").map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routed(method: &str, host: &str, path: &str, query: &str) -> Option<(&'static str, String, String)> {
        let request = Request {
            method: method.into(),
            path: path.into(),
            query: query.into(),
            headers: vec![("host".into(), host.into())],
            ..Request::default()
        };
        let (operation, members) = route(&request)?;
        let text = |name: &str| members.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        Some((operation, text("Bucket"), text("Key")))
    }

    #[test]
    fn the_bucket_stands_in_the_path_or_before_the_host() {
        let (get, bucket, key) = ("GetObject", "my.states".to_owned(), "env:/a/b c+d".to_owned());
        let wanted = Some((get, bucket, key));
        for (host, path) in [
            ("127.0.0.1:4566", "/my.states/env%3A/a/b%20c+d"),
            ("localhost:4566", "/my.states/env:/a/b%20c+d"),
            ("s3.eu-west-1.amazonaws.com", "/my.states/env%3A/a/b%20c%2Bd"),
            ("my.states.s3.eu-west-1.amazonaws.com", "/env%3A/a/b%20c+d"),
            ("my.states.s3.amazonaws.com", "/env%3A/a/b%20c+d"),
            ("my.states.s3-us-west-2.amazonaws.com", "/env%3A/a/b%20c+d"),
            ("my.states.localhost:4566", "/env%3A/a/b%20c+d"),
        ] {
            assert_eq!(routed("GET", host, path, "x-id=GetObject"), wanted, "{host}");
        }
    }

    #[test]
    fn what_is_not_modelled_is_no_operation() {
        for query in ["uploads", "tagging", "acl", "versions", "versionId=1"] {
            assert_eq!(routed("GET", "localhost", "/b/k", query), None, "{query}");
        }
        // The first form of the list.
        assert_eq!(routed("GET", "localhost", "/b", ""), None);
        assert_eq!(routed("POST", "localhost", "/b", "delete"), None);
    }
}
