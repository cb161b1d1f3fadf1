//! Templates in JSON: what they hold, what refers to what, and references resolved. Parameters and the functions
//! that simple templates use; what is not modelled is refused, never ignored.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html>

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::{invalid, kinds, site};
use crate::error::AwsResult;
use crate::stores::cloudformation::Stack;
use crate::world::World;

/// A template, taken apart.
pub(super) struct Template {
    pub(super) description: Option<String>,
    /// Names with their defaults.
    pub(super) parameters: BTreeMap<String, Option<String>>,
    pub(super) resources: BTreeMap<String, Resource>,
    /// The names of exports that it imports, where they are plain text.
    pub(super) imports: BTreeSet<String>,
}

/// One resource of a template.
pub(super) struct Resource {
    pub(super) kind: String,
    pub(super) deletion_policy: String,
    pub(super) properties: Value,
    pub(super) needs: BTreeSet<String>,
}

fn malformed(text: impl AsRef<str>) -> crate::error::AwsError {
    invalid(format!("Template format error: {}", text.as_ref()))
}

/// Takes a template apart.
pub(super) fn parse(body: &str) -> AwsResult<Template> {
    let value: Value = serde_json::from_str(body)
        .map_err(|_| malformed("JSON not well-formed (templates in YAML are not modelled)."))?;
    for section in ["Conditions", "Mappings", "Rules", "Transform"] {
        let held = value[section].as_object().is_some_and(|held| !held.is_empty());
        if held || value[section].is_string() || value[section].is_array() {
            return Err(malformed(format!("the section {section} is not modelled")));
        }
    }
    let declared = value["Resources"].as_object().filter(|all| !all.is_empty());
    let declared = declared.ok_or_else(|| malformed("At least one Resources member must be defined."))?;
    let parameters: BTreeMap<String, Option<String>> = value["Parameters"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, it)| (name.clone(), it.get("Default").map(plain)))
        .collect();
    let mut unknown = BTreeSet::new();
    let mut resources = BTreeMap::new();
    let mut imports = BTreeSet::new();
    for (logical, it) in declared {
        let kind = it["Type"].as_str().unwrap_or_default().to_owned();
        if kinds::find(&kind).is_none() {
            unknown.insert(kind.clone());
        }
        if it.get("Condition").is_some() {
            return Err(malformed("Condition is not modelled"));
        }
        let mut needs = BTreeSet::new();
        gather(&it["Properties"], &mut needs, &mut imports);
        match &it["DependsOn"] {
            Value::String(one) => drop(needs.insert(one.clone())),
            Value::Array(all) => needs.extend(all.iter().filter_map(Value::as_str).map(str::to_owned)),
            _ => {}
        }
        needs.retain(|name| !parameters.contains_key(name) && !name.starts_with("AWS::"));
        let deletion_policy = it["DeletionPolicy"].as_str().unwrap_or("Delete").to_owned();
        let properties = it.get("Properties").cloned().unwrap_or_else(|| json!({}));
        resources.insert(logical.clone(), Resource { kind, deletion_policy, properties, needs });
    }
    if !unknown.is_empty() {
        let all: Vec<String> = unknown.into_iter().collect();
        return Err(malformed(format!("Unrecognized resource types: [{}]", all.join(", "))));
    }
    gather(&value["Outputs"], &mut BTreeSet::new(), &mut imports);
    check_references(&resources)?;
    let description = value["Description"].as_str().map(str::to_owned);
    Ok(Template { description, parameters, resources, imports })
}

fn check_references(resources: &BTreeMap<String, Resource>) -> AwsResult<()> {
    let named = resources.values().flat_map(|it| &it.needs);
    let missing: BTreeSet<&String> = named.filter(|name| !resources.contains_key(*name)).collect();
    if !missing.is_empty() {
        let all: Vec<&str> = missing.into_iter().map(String::as_str).collect();
        let text = format!(
            "Unresolved resource dependencies [{}] in the Resources block of the template",
            all.join(", ")
        );
        return Err(malformed(text));
    }
    let mut left: BTreeMap<&String, BTreeSet<&String>> =
        resources.iter().map(|(name, it)| (name, it.needs.iter().collect())).collect();
    while let Some(free) = left.iter().find(|(_, needs)| needs.is_empty()).map(|(name, _)| *name) {
        left.remove(free);
        for needs in left.values_mut() {
            needs.remove(free);
        }
    }
    if left.is_empty() {
        return Ok(());
    }
    let all: Vec<&str> = left.keys().map(|name| name.as_str()).collect();
    Err(invalid(format!("Circular dependency between resources: [{}]", all.join(", "))))
}

/// What a value refers to.
fn gather(value: &Value, needs: &mut BTreeSet<String>, imports: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| gather(item, needs, imports)),
        Value::Object(members) => {
            for (key, inside) in members {
                match (key.as_str(), inside) {
                    ("Ref", Value::String(name)) => drop(needs.insert(name.clone())),
                    ("Fn::GetAtt", inside) => needs.extend(attribute_of(inside).map(|(name, _)| name)),
                    ("Fn::Sub", inside) => {
                        let (text, own) = substitution(inside);
                        let names = placeholders(&text).into_iter().filter(|name| !own.contains_key(name));
                        let first = |name: String| name.split('.').next().unwrap_or_default().to_owned();
                        needs.extend(names.map(first));
                        own.values().for_each(|value| gather(value, needs, imports));
                    }
                    ("Fn::ImportValue", Value::String(name)) => drop(imports.insert(name.clone())),
                    (_, inside) => gather(inside, needs, imports),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// `["Name", "Attribute"]` or `"Name.Attribute"`.
fn attribute_of(value: &Value) -> Option<(String, String)> {
    match value {
        Value::String(text) => text.split_once('.').map(|(name, rest)| (name.to_owned(), rest.to_owned())),
        Value::Array(parts) => {
            Some((parts.first()?.as_str()?.to_owned(), parts.get(1)?.as_str()?.to_owned()))
        }
        _ => None,
    }
}

/// The text of `Fn::Sub` and the names that it brings along.
fn substitution(value: &Value) -> (String, Map<String, Value>) {
    match value {
        Value::Array(parts) => (
            parts.first().and_then(Value::as_str).unwrap_or_default().to_owned(),
            parts.get(1).and_then(Value::as_object).cloned().unwrap_or_default(),
        ),
        value => (value.as_str().unwrap_or_default().to_owned(), Map::new()),
    }
}

/// The names in `${…}`, but for `${!…}`, which stands for itself.
fn placeholders(text: &str) -> Vec<String> {
    let pieces = text.split("${").skip(1);
    let names = pieces.filter_map(|piece| Some(piece.split_once('}')?.0.to_owned()));
    names.filter(|name| !name.starts_with('!')).collect()
}

/// A value as text.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// Resolves the references in a value of a stack's template.
pub(super) fn resolve(world: &mut World, region: &str, stack: &Stack, value: &Value) -> AwsResult<Value> {
    match value {
        Value::Array(items) => {
            let items: AwsResult<Vec<Value>> = items
                .iter()
                .filter(|item| item["Ref"] != "AWS::NoValue")
                .map(|item| resolve(world, region, stack, item))
                .collect();
            Ok(Value::Array(items?))
        }
        Value::Object(members) => match members.iter().next() {
            Some((name, inside)) if members.len() == 1 && (name == "Ref" || name.starts_with("Fn::")) => {
                function(world, region, stack, (name, inside))
            }
            _ => {
                let mut out = Map::new();
                for (key, inside) in members.iter().filter(|(_, inside)| inside["Ref"] != "AWS::NoValue") {
                    out.insert(key.clone(), resolve(world, region, stack, inside)?);
                }
                Ok(Value::Object(out))
            }
        },
        value => Ok(value.clone()),
    }
}

fn function(
    world: &mut World,
    region: &str,
    stack: &Stack,
    (name, inside): (&str, &Value),
) -> AwsResult<Value> {
    match name {
        "Ref" => reference(world, region, stack, inside.as_str().unwrap_or_default()),
        "Fn::GetAtt" => {
            let (of, attribute) =
                attribute_of(inside).ok_or_else(|| malformed("Fn::GetAtt names no attribute"))?;
            site::attribute(world, region, stack, (&of, &attribute)).map(Value::String)
        }
        "Fn::Sub" => {
            let (mut text, own) = substitution(inside);
            for name in placeholders(&text) {
                let value = match (own.get(&name), name.split_once('.')) {
                    (Some(value), _) => resolve(world, region, stack, value)?,
                    (None, Some(pair)) => Value::String(site::attribute(world, region, stack, pair)?),
                    (None, None) => reference(world, region, stack, &name)?,
                };
                text = text.replace(&format!("${{{name}}}"), &plain(&value));
            }
            Ok(Value::String(text.replace("${!", "${")))
        }
        "Fn::Join" => {
            let all = resolve(world, region, stack, &inside[1])?;
            let all: Vec<String> = all.as_array().into_iter().flatten().map(plain).collect();
            Ok(Value::String(all.join(inside[0].as_str().unwrap_or_default())))
        }
        "Fn::Select" => {
            let all = resolve(world, region, stack, &inside[1])?;
            let place: usize =
                plain(&inside[0]).parse().map_err(|_| malformed("Fn::Select needs a number"))?;
            all.get(place)
                .cloned()
                .ok_or_else(|| invalid("Template error: Fn::Select cannot select nonexistent value at index"))
        }
        "Fn::GetAZs" => Ok(json!(["a", "b", "c"].map(|zone| format!("{region}{zone}")))),
        "Fn::Base64" => resolve(world, region, stack, inside),
        "Fn::ImportValue" => {
            let name = plain(&resolve(world, region, stack, inside)?);
            site::exported(world, region, &name)
                .map(|(value, _)| Value::String(value))
                .ok_or_else(|| no_export(&name))
        }
        other => Err(malformed(format!("the function {other} is not modelled"))),
    }
}

/// The sentence is AWS's, as it is commonly seen.
pub(super) fn no_export(name: &str) -> crate::error::AwsError {
    invalid(format!("No export named {name} found."))
}

/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html>
fn reference(world: &World, region: &str, stack: &Stack, name: &str) -> AwsResult<Value> {
    let text = match name {
        "AWS::AccountId" => world.account.clone(),
        "AWS::Partition" => "aws".to_owned(),
        "AWS::Region" => region.to_owned(),
        "AWS::StackId" => stack.id.clone(),
        "AWS::StackName" => stack.name.clone(),
        "AWS::URLSuffix" => "amazonaws.com".to_owned(),
        "AWS::NotificationARNs" => return Ok(json!([])),
        name => match (stack.parameters.get(name), stack.members.get(name)) {
            (Some(value), _) => value.clone(),
            (None, Some(member)) => member.physical.clone().unwrap_or_default(),
            (None, None) => return Err(malformed(format!("Unresolved resource dependencies [{name}]"))),
        },
    };
    Ok(Value::String(text))
}
