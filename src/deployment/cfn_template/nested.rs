//! Where the template of a nested stack lies, for the reader to go on with.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::scope::TemplateUse;

/// How deep stacks are followed: a template that nests itself has no end.
pub(super) const DEEPEST: usize = 8;

/// How many things are read of a deployment: AWS makes at most 2,500 at a time with nested stacks
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>).
pub(super) const MOST_ITEMS: usize = 25_000;

/// The files that may be a nested stack's template, from the folder that was given: where the CDK names its
/// asset, or where `TemplateURL` is the path of a file, as before `aws cloudformation package`; else the asset
/// of which the hash stands at the end of `TemplateURL`, as the CDK writes it also without metadata.
pub(super) fn files(resource: &Json, around: &TemplateUse) -> impl Iterator<Item = String> {
    let asset = resource
        .pointer("/Metadata/aws:asset:path")
        .and_then(Json::as_str)
        .filter(|_| resource.pointer("/Metadata/aws:asset:property").is_none_or(|it| it == "TemplateURL"));
    let url = resource.pointer("/Properties/TemplateURL").and_then(Json::as_str);
    let named = asset.or_else(|| url.filter(|url| !url.contains("://")));
    let named = named.and_then(|path| within(&around.folder, path));
    let end = resource.pointer("/Properties/TemplateURL").and_then(last_text);
    let name = end.map(|end| end.rsplit('/').next().unwrap_or(end));
    let hash = name.map(|name| name.split('.').next().unwrap_or(name));
    let by_hash = hash.and_then(|hash| around.assets.get(hash)).cloned();
    named.into_iter().chain(by_hash)
}

/// The text at the end of what `Fn::Join` and `Fn::Sub` put together.
fn last_text(json: &Json) -> Option<&str> {
    match json {
        Json::String(text) => Some(text),
        Json::Array(list) => list.last().and_then(last_text),
        Json::Object(map) => match map.iter().next()? {
            (name, Json::Array(list)) if name == "Fn::Sub" => list.first().and_then(last_text),
            (name, json) if name == "Fn::Join" || name == "Fn::Sub" => last_text(json),
            _ => None,
        },
        Json::Null | Json::Bool(_) | Json::Number(_) => None,
    }
}

/// The files of the assets that an asset manifest of the CDK's names, by their hashes; none of what is no such
/// manifest.
/// <https://github.com/aws/aws-cdk-cli/blob/main/packages/@aws-cdk/cloud-assembly-schema/lib/assets/schema.ts>
pub(in crate::deployment) fn assets(bytes: &[u8], folder: &str) -> BTreeMap<String, String> {
    let manifest: Json = serde_json::from_slice(bytes).unwrap_or(Json::Null);
    let files = manifest.get("files").and_then(Json::as_object).into_iter().flatten();
    let path = |asset: &Json| within(folder, asset.pointer("/source/path")?.as_str()?);
    files.filter_map(|(hash, asset)| Some((hash.clone(), path(asset)?))).collect()
}

/// The manifest of its assets that stands beside a template of the CDK's, of this file.
pub(super) fn manifest_beside(template: &str) -> Option<String> {
    let name = template.rsplit(['/', '\\']).next()?;
    Some(format!("{}.assets.json", name.strip_suffix(".template.json")?))
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
