//! Reading IAM's parameters, and the refusals that reading them can end in.

use jiff::Timestamp;

use crate::error::{AwsError, AwsResult};
use crate::query::Params;
use crate::tags::Tags;

/// A page of a list: what to show, and how the next one is asked for.
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    pub(super) marker: Option<String>,
}

/// `NoSuchEntity`, IAM's 404.
pub(super) fn no_such_entity(message: String) -> AwsError {
    AwsError::with_status(404, "NoSuchEntity", message)
}

/// `DeleteConflict`, IAM's 409 for what something else still holds.
pub(super) fn delete_conflict(message: &str) -> AwsError {
    AwsError::with_status(409, "DeleteConflict", message)
}

/// `EntityAlreadyExists`, IAM's 409 for a name that is taken.
pub(super) fn already_exists(message: String) -> AwsError {
    AwsError::with_status(409, "EntityAlreadyExists", message)
}

/// `LimitExceeded`, IAM's 409 for a full quota. It names the quota and its limit.
pub(super) fn limit_exceeded(quota: &str, limit: usize) -> AwsError {
    AwsError::with_status(409, "LimitExceeded", format!("Cannot exceed quota for {quota}: {limit}"))
}

/// `ValidationError`, IAM's 400 for a parameter that breaks its own form.
pub(super) fn invalid(message: impl Into<String>) -> AwsError {
    AwsError::new("ValidationError", message)
}

/// `ValidationError` of one parameter, in the words in which IAM says it.
pub(super) fn constraint(name: &str, value: Option<&str>, must: &str) -> AwsError {
    AwsError::constraint("ValidationError", name, value, must)
}

/// A parameter that must be there.
pub(super) fn required<'a>(params: &'a Params, name: &str) -> AwsResult<&'a str> {
    params.get(name).ok_or_else(|| constraint(name, None, "not be null"))
}

/// A policy document that must be there and be JSON. What it says is not read.
pub(super) fn document<'a>(params: &'a Params, name: &str) -> AwsResult<&'a str> {
    let text = required(params, name)?;
    match serde_json::from_str::<serde_json::Value>(text) {
        Ok(serde_json::Value::Object(_)) => Ok(text),
        Ok(_) | Err(_) => Err(AwsError::new("MalformedPolicyDocument", "This policy contains invalid Json")),
    }
}

/// The path of a new entity: `/` unless told.
pub(super) fn path(params: &Params) -> AwsResult<String> {
    let path = params.get("Path").unwrap_or("/");
    if path.starts_with('/') && path.ends_with('/') {
        Ok(path.to_owned())
    } else {
        Err(invalid(
            "The specified value for path is invalid. It must begin and end with / and contain only \
             alphanumeric characters and/or / characters.",
        ))
    }
}

/// The `Tags` of a new or tagged entity.
pub(super) fn tags(params: &Params) -> AwsResult<Tags> {
    let tags = params.tags("Tags");
    if tags.keys().any(|key| key.starts_with("aws:")) {
        // https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html#id_tags_naming
        return Err(AwsError::new(
            "InvalidInput",
            "Tag keys beginning with aws: are reserved for system use",
        ));
    }
    Ok(tags)
}

/// One page of `items`, whose keys ascend. `MaxItems` is 100 unless told, and at most 1000;
/// `Marker` carries on after the key that the last page ended with, so that what is deleted
/// between two pages shifts nothing: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoles.html>.
pub(super) fn page<T>(params: &Params, items: impl Iterator<Item = (String, T)>) -> AwsResult<Page<T>> {
    let limit = match params.get("MaxItems").map(str::parse::<usize>) {
        None => 100,
        Some(Ok(limit @ 1..=1000)) => limit,
        Some(_) => {
            return Err(constraint("MaxItems", params.get("MaxItems"), "have value between 1 and 1000"));
        }
    };
    let after = match params.get("Marker") {
        None => None,
        Some(marker) => {
            Some(read_marker(marker).ok_or_else(|| invalid(format!("Invalid Marker: {marker}")))?)
        }
    };
    let mut rest = items.filter(|(key, _)| after.as_ref().is_none_or(|after| key > after)).peekable();
    let mut page = Page { items: Vec::new(), marker: None };
    let mut last = String::new();
    while page.items.len() < limit {
        let Some((key, item)) = rest.next() else { break };
        page.items.push(item);
        last = key;
    }
    if rest.peek().is_some() {
        page.marker = Some(write_marker(&last));
    }
    Ok(page)
}

/// A key as an opaque marker.
fn write_marker(key: &str) -> String {
    key.bytes().map(|byte| format!("{byte:02x}")).collect()
}

/// The key of a marker, if we wrote it.
fn read_marker(marker: &str) -> Option<String> {
    let digits = marker.as_bytes();
    if digits.is_empty() || !digits.len().is_multiple_of(2) {
        return None;
    }
    let bytes: Option<Vec<u8>> =
        digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect();
    String::from_utf8(bytes?).ok()
}

/// A time as IAM writes it.
pub(super) fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A document as IAM hands it out: percent-encoded after RFC 3986.
pub(super) fn encoded(document: &str) -> String {
    let mut text = String::with_capacity(document.len() * 2);
    for byte in document.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                text.push(char::from(byte))
            }
            other => text.push_str(&format!("%{other:02X}")),
        }
    }
    text
}

/// The last part of an ARN's resource: `p` of `arn:aws:iam::aws:policy/service-role/p`.
pub(super) fn name_of(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}
