//! One instance of a resource as its change alone tells it. References and regions make an item of it.

use super::document::{PlannedActions, ResourceChange};
use crate::deployment::attributes::Attributes;
use crate::deployment::places::{account_of_arn, region_in, region_of_arn, region_told};
use crate::deployment::types::{self, KindRow};
use crate::deployment::value::{Entries, EntryName};
use crate::deployment::{Change, Format, ReplaceOrder, Value, unresolved};
use crate::model::{AccountId, Region};

/// What a change tells, before the configuration is known.
#[derive(Debug)]
pub struct Draft {
    pub address: String,
    /// The instance of the module it stands in: empty, or `module.vpc["a"].module.b`.
    pub module: String,
    pub type_name: String,
    pub name: String,
    /// `count.index` or `each.key`.
    pub index: Option<Index>,
    /// The number of its resource, once `references` knows it.
    pub resource: Option<usize>,
    /// The number of its block in the configuration, once `references` knows it.
    pub block: Option<usize>,
    pub row: Option<&'static KindRow>,
    pub change: Option<Change>,
    /// Unknown values do not yet say what they come from.
    pub properties: Value,
    /// Attributes as they were, of what is changed or made anew.
    pub before: Value,
    /// The region it names itself.
    pub region: Option<Region>,
    /// The region of what it names: its provider's region decides, where both are told.
    pub told: Option<Region>,
    /// The region of its provider, as what it names or its ARN tells it; `None` where it names a region itself.
    pub evidence: Option<Region>,
    /// The region and the account of its own ARN.
    pub arn: (Option<Region>, Option<AccountId>),
}

/// What tells instances of one resource from each other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Index {
    /// Of `count`.
    Number(u64),
    /// Of `for_each`.
    Key(String),
}

impl Draft {
    /// What a change tells; nothing of a data source, which makes nothing.
    pub fn of(raw: ResourceChange) -> Option<Self> {
        if raw.mode != "managed" {
            return None;
        }
        let index = match &raw.index.0 {
            Value::Text(key) => Some(Index::Key(key.clone())),
            number => number.as_count().map(Index::Number),
        };
        let address = match &raw.deposed {
            Some(key) => format!("{} (deposed object {key})", raw.address),
            None => raw.address,
        };
        let row = types::of_terraform(&raw.type_name);
        let change = meaning(&raw.change.actions, raw.change.importing.is_some());
        let own = |name: &str| [&raw.change.after.0, &raw.change.before.0].map(|side| side.at(name).clone());
        let aws = raw.type_name.starts_with("aws");
        let named = own("region").iter().find_map(region_in).filter(|_| aws);
        let both = [&raw.change.after.0, &raw.change.before.0];
        let told = both.into_iter().find_map(region_told).filter(|_| row.is_some());
        let arn = raw.change.before.0.at("arn").as_text().filter(|_| aws);
        let arn = (arn.and_then(region_of_arn), arn.and_then(account_of_arn));
        let evidence = if named.is_some() { None } else { told.clone().or_else(|| arn.0.clone()) };
        let attributes = Attributes::of(Format::TerraformPlan, &raw.type_name, row);
        let before = match change {
            Some(Change::Update | Change::Replace(_)) => before(attributes, &raw.change),
            _ => Value::Null,
        };
        let mut properties = Vec::new();
        collect(attributes, sides(raw.change), &mut properties);
        Some(Self {
            address,
            module: raw.module_address.unwrap_or_default(),
            type_name: raw.type_name,
            name: raw.name,
            index,
            resource: None,
            block: None,
            row,
            change,
            properties: Value::Map(properties.into_iter().collect()),
            before,
            region: named,
            told,
            evidence,
            arn,
        })
    }
}

/// What Terraform's actions mean; `None` for one that is not known.
///
/// `create` with `forget` makes a new object while the old one stays, so that there is one more.
fn meaning(actions: &[String], importing: bool) -> Option<Change> {
    let actions: Vec<&str> = actions.iter().map(String::as_str).collect();
    Some(match actions.as_slice() {
        ["no-op" | "read" | "forget"] => Change::Keep,
        ["create" | "update"] if importing => Change::Keep,
        ["create"] | ["create", "forget"] | ["forget", "create"] => Change::Create,
        ["update"] => Change::Update,
        ["delete"] => Change::Delete,
        ["delete", "create"] => Change::Replace(ReplaceOrder::DeleteFirst),
        ["create", "delete"] => Change::Replace(ReplaceOrder::CreateFirst),
        _ => return None,
    })
}

/// A value and what is unknown and sensitive of it.
struct Sides {
    value: Value,
    unknown: Value,
    sensitive: Value,
}

/// How it will be; of what is deleted or forgotten, how it was.
fn sides(change: PlannedActions) -> Sides {
    match change.after.0 {
        Value::Null => {
            Sides { value: change.before.0, unknown: Value::Null, sensitive: change.before_sensitive.0 }
        }
        value => Sides { value, unknown: change.after_unknown.0, sensitive: change.after_sensitive.0 },
    }
}

/// How it was.
fn before(attributes: Attributes, change: &PlannedActions) -> Value {
    let (value, sensitive) = (change.before.0.clone(), change.before_sensitive.0.clone());
    let mut before = Vec::new();
    collect(attributes, Sides { value, unknown: Value::Null, sensitive }, &mut before);
    if before.is_empty() { Value::Null } else { Value::Map(before.into_iter().collect()) }
}

fn collect(attributes: Attributes, sides: Sides, properties: &mut Vec<(EntryName, Value)>) {
    each(sides, |own, sides| {
        if attributes.is_wrapper(&own) {
            let inner = Sides { value: only(sides.value), ..sides };
            collect(
                attributes,
                Sides { unknown: only(inner.unknown), sensitive: only(inner.sensitive), ..inner },
                properties,
            );
        } else {
            let (name, value) = match attributes.name(&own) {
                Some(name) => {
                    let value = attributes.value(&name, merged(sides));
                    (name.into(), value)
                }
                None => {
                    let value = unresolved::trace(&own, &merged(sides));
                    (own, value)
                }
            };
            if value != Value::Null {
                properties.push((name, value));
            }
        }
    });
}

/// A list's only member in place of the list.
fn only(value: Value) -> Value {
    match value {
        Value::List(mut list) if list.len() == 1 => list.pop().unwrap_or(Value::Null),
        other => other,
    }
}

/// Each name on any side but that of what is sensitive alone.
fn each(sides: Sides, mut take: impl FnMut(EntryName, Sides)) {
    let (mut unknown, mut sensitive) = (as_map(sides.unknown), as_map(sides.sensitive));
    for (name, value) in as_map(sides.value) {
        let [unknown, sensitive] =
            [&mut unknown, &mut sensitive].map(|side| side.take(&name).unwrap_or(Value::Null));
        take(name, Sides { value, unknown, sensitive });
    }
    let unknown = unknown.into_iter().filter(|(_, it)| *it != Value::Null);
    for (name, unknown) in unknown {
        let sensitive = sensitive.take(&name).unwrap_or(Value::Null);
        take(name, Sides { value: Value::Null, unknown, sensitive });
    }
}

fn as_map(value: Value) -> Entries {
    match value {
        Value::Map(map) => map,
        _ => Entries::default(),
    }
}

fn as_list(value: Value) -> Vec<Value> {
    match value {
        Value::List(list) => list,
        _ => Vec::new(),
    }
}

/// The value with its unknown and sensitive parts named so. What is both is a secret.
fn merged(sides: Sides) -> Value {
    if sides.value != Value::Null && says_nothing(&sides.unknown) && says_nothing(&sides.sensitive) {
        return sides.value;
    }
    match sides {
        Sides { sensitive: Value::Bool(true), .. } => Value::Secret,
        Sides { unknown: Value::Bool(true), .. } => Value::Unknown(Vec::new()),
        Sides { value: Value::List(list), unknown, sensitive } => merged_list(list, unknown, sensitive),
        Sides { value: Value::Null, unknown: unknown @ Value::List(_), sensitive } => {
            merged_list(Vec::new(), unknown, sensitive)
        }
        Sides { value: Value::Map(_), .. } | Sides { value: Value::Null, unknown: Value::Map(_), .. } => {
            let mut members = Vec::new();
            each(sides, |name, sides| {
                let value = merged(sides);
                if value != Value::Null {
                    members.push((name, value));
                }
            });
            Value::Map(members.into_iter().collect())
        }
        Sides { value, .. } => value,
    }
}

/// Whether a side names no part of a value.
fn says_nothing(side: &Value) -> bool {
    match side {
        Value::Null | Value::Bool(false) => true,
        Value::List(list) => list.is_empty(),
        Value::Map(map) => map.is_empty(),
        Value::Bool(true) | Value::Number(_) | Value::Text(_) | Value::Unknown(_) | Value::Secret => false,
    }
}

fn merged_list(list: Vec<Value>, unknown: Value, sensitive: Value) -> Value {
    let (unknown, sensitive) = (as_list(unknown), as_list(sensitive));
    let length = list.len().max(unknown.len());
    let (mut list, mut unknown, mut sensitive) =
        (list.into_iter(), unknown.into_iter(), sensitive.into_iter());
    let mut next = || Sides {
        value: list.next().unwrap_or(Value::Null),
        unknown: unknown.next().unwrap_or(Value::Null),
        sensitive: sensitive.next().unwrap_or(Value::Null),
    };
    Value::List((0..length).map(|_| merged(next())).collect())
}
