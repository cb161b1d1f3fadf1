//! What a template's names stand for: its parameters, AWS's pseudo parameters, its mappings, its conditions.
//! The functions ask it.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::{Map, Value as Json};

use super::conditions::Truth;
use crate::deployment::Value;
use crate::deployment::value::Entries;
use crate::model::Region;

/// The pseudo parameter that tells the name of a stack, and what a value comes from that is made of it, where no
/// file tells the name.
pub const STACK_NAME: &str = "AWS::StackName";

/// The longest value of a parameter, in bytes.
const LONGEST: usize = 4096;

/// Where a template is used, and with what.
#[derive(Debug, Clone, Default)]
pub(in crate::deployment) struct TemplateUse {
    /// The region of its stack.
    pub region: Option<Region>,
    /// Whether anything in it was made of the region: what was not is the same in every one.
    pub asked_for_region: Rc<Cell<bool>>,
    /// The account of its stack.
    pub account: Option<String>,
    /// Its stack's name.
    pub stack: Option<String>,
    /// What stands before its logical ids in addresses: `Parent.`, `Stack/`.
    pub prefix: String,
    /// The folder it stands in, within the given one: empty, or with a slash at its end.
    pub folder: String,
    /// The files of the assets of its app, by their hashes.
    pub assets: Rc<BTreeMap<String, String>>,
    /// Values for its parameters. A pseudo parameter may be given here too.
    pub parameters: Entries,
    /// How many stacks it is nested in.
    pub depth: usize,
}

impl TemplateUse {
    /// A parameter of which no value is known: of a nested stack's nobody can give one.
    fn unknown(&self, name: &str) -> Value {
        if self.depth == 0 { Value::of_parameter(name) } else { Value::Unknown(Vec::new()) }
    }
}

/// The names that can be used in a template.
pub(super) struct TemplateScope<'a> {
    pub setting: &'a TemplateUse,
    pub parameters: BTreeMap<String, Value>,
    pub mappings: &'a Json,
    /// What is known of its conditions; empty while they are being decided.
    pub truths: BTreeMap<String, Truth>,
}

impl<'a> TemplateScope<'a> {
    /// The names of a template, without its conditions.
    pub fn of(template: &'a Json, setting: &'a TemplateUse) -> Self {
        let declared = template.get("Parameters").and_then(Json::as_object);
        let parameters = declared
            .into_iter()
            .flatten()
            .map(|(name, declaration)| {
                let value = parameter(declaration, setting.parameters.get(name).cloned());
                (name.clone(), value.unwrap_or_else(|| setting.unknown(name)))
            })
            .collect();
        let mappings = template.get("Mappings").unwrap_or(&Json::Null);
        Self { setting, parameters, mappings, truths: BTreeMap::new() }
    }

    /// The address of a resource.
    pub fn address(&self, logical_id: &str) -> String {
        format!("{}{logical_id}", self.setting.prefix)
    }

    /// What a name stands for that is a parameter, of the template's or AWS's.
    pub fn parameter(&self, name: &str) -> Option<Value> {
        match self.parameters.get(name) {
            Some(value) => Some(value.clone()),
            None => name.starts_with("AWS::").then(|| self.pseudo(name)),
        }
    }

    /// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html>
    fn pseudo(&self, name: &str) -> Value {
        if let Some(given) = self.setting.parameters.get(name) {
            return given.clone();
        }
        let text = |text: Option<&str>| text.map_or_else(|| self.setting.unknown(name), Value::text);
        let region = || {
            self.setting.asked_for_region.set(true);
            self.setting.region.as_ref().map(Region::as_str)
        };
        match name {
            "AWS::Region" => text(region()),
            "AWS::AccountId" => text(self.setting.account.as_deref()),
            STACK_NAME => match &self.setting.stack {
                Some(stack) => Value::text(stack),
                None => Value::of_parameter(STACK_NAME),
            },
            "AWS::Partition" => text(region().map(partition)),
            "AWS::URLSuffix" => text(region().and_then(|region| match partition(region) {
                "aws" | "aws-us-gov" => Some("amazonaws.com"),
                "aws-cn" => Some("amazonaws.com.cn"),
                _ => None,
            })),
            _ => Value::Unknown(Vec::new()),
        }
    }
}

/// The partition of a region, by its name's beginning.
fn partition(region: &str) -> &'static str {
    const BEGINNINGS: &[(&str, &str)] = &[
        ("cn-", "aws-cn"),
        ("us-gov-", "aws-us-gov"),
        ("us-isob-", "aws-iso-b"),
        ("us-isof-", "aws-iso-f"),
        ("eu-isoe-", "aws-iso-e"),
        ("us-iso-", "aws-iso"),
        ("eusc-", "aws-eusc"),
    ];
    BEGINNINGS.iter().find(|(beginning, _)| region.starts_with(beginning)).map_or("aws", |(_, name)| name)
}

/// A parameter's value: what is given, else its default; `None` where there is neither.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html>
fn parameter(declaration: &Json, given: Option<Value>) -> Option<Value> {
    let kind = declaration.get("Type").and_then(Json::as_str).unwrap_or_default();
    let masked = match declaration.get("NoEcho") {
        Some(Json::Bool(masked)) => *masked,
        Some(Json::String(text)) => text.eq_ignore_ascii_case("true"),
        _ => false,
    };
    if masked {
        return Some(Value::Secret);
    }
    // Its value is the name of what AWS looks up when the stack is made.
    if kind.starts_with("AWS::SSM::Parameter::Value<") {
        return Some(Value::looked_up());
    }
    let value = match given {
        Some(given) => given,
        None => match declaration.get("Default") {
            Some(Json::String(text)) => Value::text(text.as_str()),
            Some(Json::Array(members)) => Value::List(members.iter().map(plain).collect()),
            Some(Json::Null) | None => return None,
            Some(default) => plain(default),
        },
    };
    Some(match value {
        // AWS takes none that is longer, and a text that stands for a name may be written out many times.
        Value::Text(text) if text.len() > LONGEST => Value::Unknown(Vec::new()),
        Value::Text(text) if kind == "CommaDelimitedList" || kind.starts_with("List<") => {
            Value::List(text.split(',').map(|member| Value::text(member.trim())).collect())
        }
        value => value,
    })
}

/// A parameter's scalar is text, however it is written.
fn plain(json: &Json) -> Value {
    match json {
        Json::String(text) => Value::text(text.as_str()),
        Json::Bool(_) | Json::Number(_) => Value::Text(json.to_string()),
        _ => Value::Unknown(Vec::new()),
    }
}

/// The section of a template, if it is one.
pub(super) fn section<'a>(template: &'a Json, name: &str) -> Option<&'a Map<String, Json>> {
    template.get(name).and_then(Json::as_object)
}
