//! Gives CloudFormation's properties the one spelling of all tools, `snake_case` by Terraform's names, as the
//! kinds tell it.

use super::intrinsics::written;
use crate::deployment::value::{EntryName, snake_case};
use crate::deployment::{Value, types, unresolved};
use crate::model::deployed::{Plays, Spelling, alias};

/// Types that are no kind's and name things otherwise than Terraform does.
const OF_NO_KIND: &[(&str, Spelling)] = &[
    ("AWS::EC2::SecurityGroupEgress", Spelling::of(&[alias("group_name", "name")])),
    ("AWS::EC2::SecurityGroupIngress", Spelling::of(&[alias("group_name", "name")])),
];

/// What no need and no check asks for, and may hold secrets.
const DROPPED: &[&str] =
    &["assume_role_policy_document", "policy_document", "key_policy", "parameters", "service_token"];

/// The services of which things without a kind keep their properties, for what they say of others.
const KEPT: &[&str] = &[
    "AWS::AutoScaling::",
    "AWS::EC2::",
    "AWS::EKS::",
    "AWSQS::Kubernetes::",
    "Custom::AWSCDK-EKS-KubernetesResource",
];

/// Names that say that their value is one.
const SECRETS: &[&str] = &["password", "secret", "token", "private_key", "pre_shared_key", "access_key"];

/// The properties of a thing, as they are kept.
pub(in crate::deployment) fn canonical(type_name: &str, properties: Value) -> Value {
    let entries = match properties {
        Value::Map(entries) => entries,
        open @ (Value::Unknown(_) | Value::Secret) => return open,
        _ => return Value::default(),
    };
    let kind = types::of_cloudformation(type_name);
    let is_launch_template = kind.is_some_and(|row| row.deployed.plays == Plays::LaunchTemplate);
    let whole = kind.is_some() || KEPT.iter().any(|beginning| type_name.starts_with(beginning));
    let of_no_kind = || OF_NO_KIND.iter().find(|(own, _)| *own == type_name).map(|(_, spelling)| spelling);
    let row = kind.map(|row| &row.deployed.template).or_else(of_no_kind);
    let mut properties = Vec::new();
    let mut hoisted = Value::Null;
    for (name, value) in entries {
        let name = snake_case(&name);
        if row.is_some_and(|row| row.hoisted.contains(&name.as_str())) {
            hoisted = spelled(value, "", row);
        } else if is_launch_template && name == "tag_specifications" {
            // The template's own tags; those of what is started with it stand in its data.
            properties.push(("tags".into(), entry(&name, value, "", row).1.at("tags").clone()));
        } else if !DROPPED.contains(&name.as_str()) && (whole || matches!(name.as_str(), "tags" | "name")) {
            properties.push(entry(&name, value, "", row));
        } else {
            properties.extend(traced(&name, &value));
        }
    }
    match hoisted {
        Value::Map(inner) => properties.extend(inner),
        // Nothing of it can be told, not even that something is missing.
        open @ (Value::Unknown(_) | Value::Secret) => return open,
        _ => {}
    }
    Value::Map(properties.into_iter().collect())
}

/// What is kept of an entry that is dropped, whose keys are as the template writes them.
fn traced(name: &str, value: &Value) -> Option<(EntryName, Value)> {
    let value = unresolved::trace(name, value);
    (value != Value::Null).then(|| (name.into(), value))
}

fn spelled(value: Value, path: &str, row: Option<&Spelling>) -> Value {
    match value {
        Value::List(list) => Value::List(list.into_iter().map(|it| spelled(it, path, row)).collect()),
        Value::Map(map) => {
            let entries = map.into_iter().filter_map(|(name, value)| match snake_case(&name) {
                name if DROPPED.contains(&name.as_str()) => traced(&name, &value),
                name => Some(entry(&name, value, path, row)),
            });
            Value::Map(entries.collect())
        }
        value => value,
    }
}

/// One entry under its other name. `path` is where its map stands, by CloudFormation's names.
fn entry(name: &str, value: Value, path: &str, row: Option<&Spelling>) -> (EntryName, Value) {
    let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    let renamed = row.and_then(|row| row.names.iter().find(|alias| alias.own == path));
    let name = renamed.map_or(name, |alias| alias.ours);
    let value = match name {
        "tags" => tags(value),
        "labels" => value,
        _ if SECRETS.iter().any(|ending| name.ends_with(ending)) => Value::Secret,
        "version" | "name" => text(value),
        _ if name.ends_with("_name") || name.ends_with("_version") => text(value),
        _ => spelled(value, &path, row),
    };
    (name.into(), value)
}

/// Names and versions are text, however a template writes them.
fn text(value: Value) -> Value {
    match value {
        Value::Number(_) | Value::Bool(_) => written(&value).map_or(value, Value::Text),
        value => value,
    }
}

/// Tags by key, whether they stand as `{Key, Value}` or by key already. Keys are data and keep their
/// spelling. If a key is not known, neither are the tags.
fn tags(value: Value) -> Value {
    let list = match value {
        Value::Map(map) => {
            return Value::Map(map.into_iter().map(|(key, value)| (key, text(value))).collect());
        }
        Value::List(list) => list,
        value => return value,
    };
    let mut tags = Vec::new();
    let mut from = Vec::new();
    let mut open = false;
    for tag in list {
        let Value::Map(mut tag) = tag else {
            open = true;
            from.extend_from_slice(tag.sources());
            continue;
        };
        match tag.take("Key").map(text) {
            Some(Value::Text(key)) => {
                tags.push((key, text(tag.take("Value").unwrap_or(Value::Null))));
            }
            key => {
                open = true;
                from.extend_from_slice(key.as_ref().map_or(&[], Value::sources));
            }
        }
    }
    if open { Value::Unknown(from) } else { Value::Map(tags.into_iter().collect()) }
}
