//! From the values that Pulumi writes to those of the model: what is unknown, and what is secret.

use std::collections::BTreeMap;

use crate::deployment::attributes::Attributes;
use crate::deployment::json::Json;
use crate::deployment::value::{Entries, EntryName, snake_case};
use crate::deployment::{Value, unresolved};

/// By an input's own name, the URNs it comes from.
pub type Inputs = BTreeMap<String, Vec<String>>;

/// Texts that stand for what is not known yet, one for each type: bool, number, string, array, asset,
/// archive, object.
/// <https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/plugin/rpc.go>
const UNKNOWN: &[&str] = &[
    "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
    "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
    "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
    "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
    "030794c1-ac77-496b-92df-f27374a8bd58",
    "e48ece36-62e2-4504-bad9-02848725956a",
    "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
];

/// What a display writes in place of a secret.
const HIDDEN: &str = "[secret]";

/// The key that makes an object something else than a map.
/// <https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/sig/sig.go>
const SIGNATURE: &str = "4dabf18193072939515e22adb298388d";
const SECRET: &str = "1b47061264138c4ac30d75fd1eb44270";
const OUTPUT: &str = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
const REFERENCE: &str = "5cf8f73096256a8f31e491e813e4eb8e";

/// The kept ones of a resource's inputs or outputs, in our spelling.
pub fn read(attributes: Attributes, inputs: Json, sources: &Inputs) -> Entries {
    let mut properties = Vec::new();
    for (own, value) in into_map(inputs.0) {
        let from = sources.get(own.as_str()).map(Vec::as_slice).unwrap_or_default();
        if attributes.is_wrapper(&own) {
            for (own, value) in into_map(plain(value, from)) {
                keep(attributes, &own, value, &mut properties);
            }
        } else {
            keep(attributes, &own, plain(value, from), &mut properties);
        }
    }
    properties.into_iter().collect()
}

fn keep(attributes: Attributes, own: &str, value: Value, properties: &mut Vec<(EntryName, Value)>) {
    let (name, value) = match attributes.name(own) {
        Some(name) => {
            let value = attributes.value(&name, value);
            (name, value)
        }
        None => {
            let name = snake_case(own);
            let value = unresolved::trace(&name, &value);
            (name, value)
        }
    };
    if value != Value::Null {
        properties.push((name.into(), value));
    }
}

/// The entries of a map; none of anything else.
fn into_map(value: Value) -> Entries {
    match value {
        Value::Map(map) => map,
        _ => Entries::default(),
    }
}

/// The value without Pulumi's marks. `from` is where its unknown parts come from.
fn plain(value: Value, from: &[String]) -> Value {
    match value {
        Value::Text(text) if UNKNOWN.contains(&text.as_str()) => Value::Unknown(from.to_vec()),
        Value::Text(text) if text == HIDDEN => Value::Secret,
        Value::List(list) => Value::List(list.into_iter().map(|it| plain(it, from)).collect()),
        Value::Map(map) => match map.get(SIGNATURE).and_then(Value::as_text).map(str::to_owned) {
            Some(signature) => signed(&signature, map, from),
            None => Value::Map(map.into_iter().map(|(name, it)| (name, plain(it, from))).collect()),
        },
        other => other,
    }
}

fn signed(signature: &str, mut map: Entries, from: &[String]) -> Value {
    let is_secret = map.get("secret").and_then(Value::as_bool) == Some(true);
    match signature {
        SECRET => Value::Secret,
        OUTPUT if is_secret => Value::Secret,
        OUTPUT => map.take("value").map_or_else(|| Value::Unknown(from.to_vec()), |it| plain(it, from)),
        REFERENCE => map.take("id").map_or(Value::Null, |it| plain(it, from)),
        _ => Value::Null,
    }
}
