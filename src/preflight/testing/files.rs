//! Files of every tool that make the same things, read by their readers: a check that is tried on them sees what it
//! sees of real ones.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use crate::deployment::{Alone, Deployment, Input, file};

/// A tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::preflight) enum Tool {
    Terraform,
    CloudFormation,
    Pulumi,
}

pub(in crate::preflight) const TOOLS: [Tool; 3] = [Tool::Terraform, Tool::CloudFormation, Tool::Pulumi];

/// A thing: its kind or its type, its name, and its attributes by Terraform's names. `{"ref": "name"}` is the id of
/// another.
pub(in crate::preflight) type Thing = (&'static str, &'static str, Json);

/// What CloudFormation calls otherwise than Terraform, by kind.
const OTHERWISE: [(&str, &str, &str); 2] =
    [("eks-nodegroup", "subnet_ids", "Subnets"), ("eks-cluster", "vpc_config", "ResourcesVpcConfig")];

impl Tool {
    /// A file of this tool that makes these.
    pub(in crate::preflight) fn document(self, things: &[Thing]) -> Json {
        match self {
            Self::Terraform => terraform(things),
            Self::CloudFormation => cloudformation(things),
            Self::Pulumi => pulumi(things),
        }
    }

    /// The same, read.
    pub(in crate::preflight) fn deployment(self, things: &[Thing]) -> Deployment {
        read(&self.document(things).to_string())
    }

    fn type_of(self, kind: &str) -> String {
        let types = crate::kinds::row(kind).map(|row| row.deployed.types);
        let first = types.and_then(|types| match self {
            Self::Terraform => types.terraform.first(),
            Self::CloudFormation => types.cloudformation.first(),
            Self::Pulumi => types.pulumi.first(),
        });
        first.map_or_else(|| kind.to_owned(), |name| (*name).to_owned())
    }

    fn address(self, (kind, name, _): &Thing) -> String {
        match self {
            Self::Terraform => format!("{}.{name}", self.type_of(kind)),
            Self::CloudFormation => (*name).to_owned(),
            Self::Pulumi => format!("urn:pulumi:dev::shop::{}::{name}", self.type_of(kind)),
        }
    }
}

/// Reads a file of any tool.
pub(in crate::preflight) fn read(text: &str) -> Deployment {
    let parameters = BTreeMap::new();
    let region = Some(crate::inventory::testing::region());
    let input =
        Input { source: "file", bytes: text.as_bytes(), beside: &Alone, region, parameters: &parameters };
    file::read(&input).expect("it is read")
}

/// Every reference in a value, made something else; and whether there was one.
fn with_references(value: &Json, put: &mut dyn FnMut(&str) -> Json) -> Json {
    match value {
        Json::Object(map) => match map.get("ref").and_then(Json::as_str) {
            Some(name) => put(name),
            None => {
                Json::Object(map.iter().map(|(key, it)| (key.clone(), with_references(it, put))).collect())
            }
        },
        Json::Array(list) => Json::Array(list.iter().map(|it| with_references(it, put)).collect()),
        other => other.clone(),
    }
}

/// `name_of_it` in capitals, the first letter too or not.
fn camel(name: &str, first: bool) -> String {
    let mut upper = first;
    let mut out = String::new();
    for letter in name.chars() {
        match letter {
            '_' => upper = true,
            letter if upper => {
                out.extend(letter.to_uppercase());
                upper = false;
            }
            letter => out.push(letter),
        }
    }
    out
}

fn respelled(value: &Json, name: &dyn Fn(&str) -> String) -> Json {
    match value {
        Json::Object(map) if map.keys().any(|key| key == "Ref" || key.starts_with("Fn::")) => value.clone(),
        Json::Object(map) => {
            Json::Object(map.iter().map(|(key, it)| (name(key), respelled(it, name))).collect())
        }
        Json::Array(list) => Json::Array(list.iter().map(|it| respelled(it, name)).collect()),
        other => other.clone(),
    }
}

fn cloudformation(things: &[Thing]) -> Json {
    let resources = things.iter().map(|(kind, name, attributes)| {
        let own = |name: &str| {
            let other = OTHERWISE.iter().find(|(of, theirs, _)| of == kind && *theirs == name);
            other.map_or_else(|| camel(name, true), |(_, _, own)| (*own).to_owned())
        };
        let properties = with_references(attributes, &mut |to| json!({"Ref": to}));
        let body =
            json!({"Type": Tool::CloudFormation.type_of(kind), "Properties": respelled(&properties, &own)});
        ((*name).to_owned(), body)
    });
    json!({"Resources": resources.collect::<Map<_, _>>()})
}

fn pulumi(things: &[Thing]) -> Json {
    const UNKNOWN: &str = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
    let urn = |to: &str| {
        let thing = things.iter().find(|(_, name, _)| *name == to).expect("it is there");
        Tool::Pulumi.address(thing)
    };
    let steps = things.iter().map(|thing| {
        let mut dependencies = Map::new();
        for (name, value) in thing.2.as_object().into_iter().flatten() {
            let mut urns = Vec::new();
            with_references(value, &mut |to| {
                urns.push(urn(to));
                Json::Null
            });
            dependencies.insert(camel(name, false), json!(urns));
        }
        let inputs = with_references(&thing.2, &mut |_| json!(UNKNOWN));
        let inputs = respelled(&inputs, &|name| camel(name, false));
        let urn = Tool::Pulumi.address(thing);
        let state =
            json!({"urn": urn, "custom": true, "inputs": inputs, "propertyDependencies": dependencies});
        json!({"op": "create", "urn": urn, "newState": state})
    });
    json!({"config": {"aws:region": "us-east-1"}, "steps": steps.collect::<Vec<_>>(), "changeSummary": {"create": 1}})
}

/// Terraform tells of a value with a reference in it that it is not known, and what it mentions: of a list as a
/// whole, in blocks one by one.
fn terraform(things: &[Thing]) -> Json {
    let (mut changes, mut blocks) = (Vec::new(), Vec::new());
    for thing in things {
        let [after, unknown, expressions] = with_blocks(things, &thing.2);
        let own = json!({
            "address": Tool::Terraform.address(thing), "mode": "managed", "name": thing.1,
            "type": Tool::Terraform.type_of(thing.0),
        });
        let mut change = own.clone();
        change["provider_name"] = json!("registry.terraform.io/hashicorp/aws");
        change["change"] =
            json!({"actions": ["create"], "before": null, "after": after, "after_unknown": unknown});
        changes.push(change);
        let mut block = own;
        block["provider_config_key"] = json!("aws");
        block["expressions"] = Json::Object(expressions);
        blocks.push(block);
    }
    let provider =
        json!({"aws": {"name": "aws", "expressions": {"region": {"constant_value": "us-east-1"}}}});
    json!({
        "format_version": "1.2", "terraform_version": "1.9.0", "resource_changes": changes,
        "configuration": {"provider_config": provider, "root_module": {"resources": blocks}},
    })
}

/// What is known of attributes, what is not, and their expressions.
type Sides = [Map<String, Json>; 3];

fn with_blocks(things: &[Thing], attributes: &Json) -> Sides {
    let is_object = |it: &Json| it.is_object() && it.get("ref").is_none();
    let (mut plain, mut nested) = (Map::new(), Vec::new());
    for (name, value) in attributes.as_object().into_iter().flatten() {
        match value {
            it if is_object(it) => nested.push((name, vec![it.clone()])),
            Json::Array(list) if !list.is_empty() && list.iter().all(is_object) => {
                nested.push((name, list.clone()))
            }
            other => {
                plain.insert(name.clone(), other.clone());
            }
        }
    }
    let mut whole = sides(things, &Json::Object(plain));
    for (name, list) in nested {
        let all: Vec<Sides> = list.iter().map(|it| sides(things, it)).collect();
        for (at, side) in whole.iter_mut().enumerate() {
            let part = all.iter().map(|it| Json::Object(it[at].clone())).collect();
            side.insert(name.clone(), Json::Array(part));
        }
    }
    whole
}

fn sides(things: &[Thing], attributes: &Json) -> Sides {
    let (mut after, mut unknown, mut expressions) = (Map::new(), Map::new(), Map::new());
    for (name, value) in attributes.as_object().into_iter().flatten() {
        let mut references = Vec::new();
        with_references(value, &mut |to| {
            let thing = things.iter().find(|(_, name, _)| *name == to).expect("it is there");
            let address = Tool::Terraform.address(thing);
            references.extend([format!("{address}.id"), address]);
            Json::Null
        });
        if references.is_empty() {
            after.insert(name.clone(), value.clone());
            expressions.insert(name.clone(), json!({"constant_value": value}));
        } else {
            unknown.insert(name.clone(), json!(true));
            expressions.insert(name.clone(), json!({"references": references}));
        }
    }
    [after, unknown, expressions]
}
