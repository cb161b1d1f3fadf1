//! Where the template of a nested stack lies, for the reader to go on with.

use serde_json::Value as Json;

/// How deep stacks are followed: a template that nests itself has no end.
pub(super) const DEEPEST: usize = 8;

/// How many things are read of a deployment: AWS makes at most 2,500 at a time with nested stacks
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>).
pub(super) const MOST_ITEMS: usize = 25_000;

/// The file of a nested stack's template, from the folder that was given: where the CDK names its asset, or
/// where `TemplateURL` is the path of a file, as before `aws cloudformation package`.
pub(super) fn file(resource: &Json, folder: &str) -> Option<String> {
    let asset = resource
        .pointer("/Metadata/aws:asset:path")
        .and_then(Json::as_str)
        .filter(|_| resource.pointer("/Metadata/aws:asset:property").is_none_or(|it| it == "TemplateURL"));
    let url = resource.pointer("/Properties/TemplateURL").and_then(Json::as_str);
    within(folder, asset.or_else(|| url.filter(|url| !url.contains("://")))?)
}

/// A path from a folder, written plainly; `None` if it leads out of what was given.
pub(in crate::deployment) fn within(folder: &str, path: &str) -> Option<String> {
    if path.starts_with('/') || path.contains('\\') {
        return None;
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    (!parts.is_empty()).then(|| parts.join("/"))
}

/// The folder of a file, with a slash at its end unless it is the given one.
pub(in crate::deployment) fn folder(file: &str) -> String {
    file.rsplit_once('/').map_or_else(String::new, |(folder, _)| format!("{folder}/"))
}
