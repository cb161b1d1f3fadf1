//! Tells `file` what a file is that does not begin like a JSON object.

use std::borrow::Cow;

use serde::de::IgnoredAny;

use crate::deployment::{Format, ReadError};

/// How much of a file is looked at for what it may be.
const LOOKED_AT: usize = 64 * 1024;

/// The file's text in UTF-8 without a byte order mark, as PowerShell's `>` writes UTF-16. What is not text
/// is left as it is.
pub fn unicode(bytes: &[u8]) -> Result<Cow<'_, [u8]>, ReadError> {
    let decode = |rest: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = rest.as_chunks::<2>().0.iter().copied().map(unit).collect();
        let whole = rest.len().is_multiple_of(2);
        let text = String::from_utf16(&units).ok().filter(|_| whole);
        let found = "a file in UTF-16 that is cut short or broken".to_owned();
        text.map(|text| Cow::Owned(text.into_bytes())).ok_or(ReadError::NotAPlan { found })
    };
    match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => Ok(Cow::Borrowed(rest)),
        [0xFF, 0xFE, rest @ ..] => decode(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => decode(rest, u16::from_be_bytes),
        [b'{' | b'[', 0, ..] => decode(bytes, u16::from_le_bytes),
        [0, b'{' | b'[', ..] => decode(bytes, u16::from_be_bytes),
        _ => Ok(Cow::Borrowed(bytes)),
    }
}

/// The format of a file that does not begin with an object: a template in YAML, or none.
pub fn recognise(bytes: &[u8]) -> Result<Format, ReadError> {
    let none = |found: &str| Err(ReadError::NotAPlan { found: found.to_owned() });
    if let Some(found) = binary(bytes) {
        return none(found);
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return none("a file that is not text") };
    let begin = text.trim_start();
    match begin.bytes().next() {
        None => return none("empty"),
        Some(b'<') => return none(markup(begin)),
        Some(b'[') if serde_json::from_str::<IgnoredAny>(begin).is_ok() => return none("a JSON list"),
        _ => {}
    }
    if top_keys(text).any(|key| matches!(key, "Resources" | "AWSTemplateFormatVersion")) {
        return Ok(Format::CloudFormationTemplate);
    }
    none(told_by_lines(text).unwrap_or_else(|| other(begin)))
}

fn binary(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [b'P', b'K', 3, 4, ..] => {
            Some("a saved plan in its binary form (`terraform show -json` prints it as JSON)")
        }
        [0x1F, 0x8B, ..] => Some("a compressed file"),
        _ if bytes.iter().take(LOOKED_AT).any(|byte| *byte == 0) => Some("a file that is not text"),
        _ => None,
    }
}

fn markup(begin: &str) -> &'static str {
    let start: String = begin.chars().take(200).collect::<String>().to_ascii_lowercase();
    if start.contains("<html") || start.contains("<!doctype html") { "an HTML page" } else { "XML" }
}

/// The names that begin a line and end in a colon: the top of a YAML document.
fn top_keys(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.lines().filter(|line| !line.starts_with([' ', '\t', '#', '-']));
    let keys = lines.filter_map(|line| line.split_once(':'));
    keys.filter(|(_, rest)| rest.is_empty() || rest.starts_with([' ', '\t', '\r']))
        .map(|(key, _)| key.trim_end().trim_matches(['"', '\'']))
}

/// What the lines say of a file that is no plan.
fn told_by_lines(text: &str) -> Option<&'static str> {
    let begins = |start: &str| text.lines().any(|line| line.trim_start().starts_with(start));
    let contains = |part: &str| text.lines().take(2000).any(|line| line.contains(part));
    Some(match () {
        () if text.lines().skip(1).any(|line| line.starts_with('{')) => {
            "text with JSON further down (only the JSON may stand in the file)"
        }
        () if begins("provider \"registry.") => "a Terraform lock file",
        () if begins("resource \"") || begins("module \"") => "a Terraform configuration",
        () if contains("Terraform will perform the following actions")
            || contains("OpenTofu will perform the following actions")
            || contains("Terraform used the selected providers") =>
        {
            "a plan as people read it (`terraform show -json` prints it as JSON)"
        }
        () if contains("Previewing update") => {
            "a preview as people read it (`pulumi preview --json` prints it as JSON)"
        }
        () => return None,
    })
}

fn other(text: &str) -> &'static str {
    let keys: Vec<&str> = top_keys(text).collect();
    let has = |name: &str| keys.contains(&name);
    match () {
        () if has("apiVersion") && has("kind") => "a Kubernetes manifest",
        () if has("name") && has("runtime") => "a Pulumi project file",
        () if has("encryptionsalt") || keys.as_slice() == ["config"] => "a Pulumi stack's configuration",
        () if !keys.is_empty() && is_yaml(text) => "YAML without `Resources`",
        () => "text",
    }
}

/// Whether each line that begins at the margin could be one of a YAML map.
fn is_yaml(text: &str) -> bool {
    let margin =
        text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with([' ', '\t', '#', '-']));
    margin.clone().count() > 0 && margin.clone().count() == top_keys(text).count()
}
