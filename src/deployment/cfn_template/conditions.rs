//! Decides a template's conditions, for its resources and functions: yes, no, or not decided by what is
//! known.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json};

use super::intrinsics::{references, written};
use super::scope::TemplateScope;
use crate::deployment::Value;

/// How many conditions in a row are followed; one that needs more is not decided.
const DEEPEST: usize = 400;

/// Whether a condition holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Truth {
    Yes,
    No,
    /// Not decided: what it needs to be, for people (`parameter Zones`).
    Open(BTreeSet<String>),
}

impl Truth {
    /// Why a condition is not decided, for people.
    pub fn reason(&self, condition: &str) -> Option<String> {
        match self {
            Self::Yes | Self::No => None,
            Self::Open(needs) if needs.is_empty() => {
                Some(format!("condition {condition} is decided only when the stack is made"))
            }
            Self::Open(needs) => {
                let needs: Vec<&str> = needs.iter().map(String::as_str).collect();
                Some(format!("condition {condition} needs {}", needs.join(" and ")))
            }
        }
    }

    const fn of(it: bool) -> Self {
        if it { Self::Yes } else { Self::No }
    }
}

/// All conditions of a template.
pub(super) fn decide(conditions: &Map<String, Json>, scope: &TemplateScope<'_>) -> BTreeMap<String, Truth> {
    let mut decider = Decider { conditions, scope, known: BTreeMap::new(), asked: BTreeSet::new() };
    for name in conditions.keys() {
        decider.named(name);
    }
    decider.known
}

struct Decider<'a> {
    conditions: &'a Map<String, Json>,
    scope: &'a TemplateScope<'a>,
    known: BTreeMap<String, Truth>,
    /// Those that are being decided: one that needs itself is never decided.
    asked: BTreeSet<String>,
}

impl Decider<'_> {
    fn named(&mut self, name: &str) -> Truth {
        if let Some(known) = self.known.get(name) {
            return known.clone();
        }
        let Some(json) = self.conditions.get(name) else { return Truth::Open(BTreeSet::new()) };
        // Those that are being decided stand on the stack.
        let is_too_deep = self.asked.len() - self.known.len() >= DEEPEST;
        if is_too_deep || !self.asked.insert(name.to_owned()) {
            return Truth::Open(BTreeSet::new());
        }
        let truth = self.truth(json);
        self.known.insert(name.to_owned(), truth.clone());
        truth
    }

    fn truth(&mut self, json: &Json) -> Truth {
        let mut entries = json.as_object().into_iter().flatten();
        let (Some((function, argument)), None) = (entries.next(), entries.next()) else {
            return match self.scope.value(json).as_bool() {
                Some(it) => Truth::of(it),
                None => self.open(json),
            };
        };
        let arguments = argument.as_array().map_or(&[] as &[Json], Vec::as_slice);
        match (function.as_str(), arguments) {
            ("Condition", _) => match argument.as_str() {
                Some(name) => self.named(name),
                None => self.open(json),
            },
            ("Fn::Not", [only]) => match self.truth(only) {
                Truth::Yes => Truth::No,
                Truth::No => Truth::Yes,
                open @ Truth::Open(_) => open,
            },
            ("Fn::And", [_, ..]) => self.all(arguments, &Truth::Yes, Truth::No),
            ("Fn::Or", [_, ..]) => self.all(arguments, &Truth::No, Truth::Yes),
            ("Fn::Equals", [one, other]) => self.equal(json, one, other),
            _ => self.open(json),
        }
    }

    /// `neutral` if all are so, `decisive` if one is that.
    fn all(&mut self, of: &[Json], neutral: &Truth, decisive: Truth) -> Truth {
        let mut needs: Option<BTreeSet<String>> = None;
        for json in of {
            match self.truth(json) {
                Truth::Open(more) => needs.get_or_insert_default().extend(more),
                truth if truth == decisive => return decisive,
                _ => {}
            }
        }
        needs.map_or_else(|| neutral.clone(), Truth::Open)
    }

    fn equal(&self, json: &Json, one: &Json, other: &Json) -> Truth {
        let (one, other) = (self.scope.value(one), self.scope.value(other));
        if has_open(&one) || has_open(&other) {
            return self.open(json);
        }
        match (written(&one), written(&other)) {
            (Some(one), Some(other)) => Truth::of(one == other),
            _ => Truth::of(one == other),
        }
    }

    fn open(&self, json: &Json) -> Truth {
        let mut names = BTreeSet::new();
        references(json, &mut names);
        let needs = names.into_iter().filter_map(|name| {
            let value = self.scope.parameter(&name)?;
            match value {
                Value::Secret => Some(format!("parameter {name}, which is kept secret")),
                _ if !has_open(&value) => None,
                _ if name == "AWS::Region" => Some("the region (--region)".to_owned()),
                _ if name.starts_with("AWS::") => Some(format!("{name} (--parameter {name}=VALUE)")),
                _ => Some(format!("parameter {name} (--parameter {name}=VALUE)")),
            }
        });
        Truth::Open(needs.collect())
    }
}

fn has_open(value: &Value) -> bool {
    match value {
        Value::Unknown(_) | Value::Secret => true,
        Value::List(list) => list.iter().any(has_open),
        Value::Map(map) => map.values().any(has_open),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) => false,
    }
}
