//! What nested stacks hand out: tells the template around them from which resource a value comes.

use std::collections::{BTreeMap, BTreeSet};

use crate::deployment::Value;
use crate::deployment::value::{LOOKED_UP, ZONE};

/// What stands between a nested stack's address and its output's name while templates are being read. No
/// logical id holds it.
const MARK: char = '!';

/// The outputs of nested stacks, by [`name`].
pub(super) type Outputs = BTreeMap<String, Value>;

/// What an attribute of a resource comes from: the resource, or an output that is still to be looked up.
pub(super) fn name(address: &str, attribute: &str) -> String {
    match attribute.strip_prefix("Outputs.") {
        Some(output) => format!("{address}{MARK}{output}"),
        None => address.to_owned(),
    }
}

/// Puts in what outputs come from.
pub(super) fn resolve(value: &mut Value, outputs: &Outputs) {
    match value {
        Value::Unknown(from) if from.iter().any(|source| source.contains(MARK)) => {
            let (mut seen, mut found) = (BTreeSet::new(), BTreeSet::new());
            for source in &*from {
                sources(source, outputs, &mut seen, &mut found);
            }
            *from = found.into_iter().collect();
        }
        Value::List(list) => list.iter_mut().for_each(|member| resolve(member, outputs)),
        Value::Map(map) => map.values_mut().for_each(|member| resolve(member, outputs)),
        Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::Text(_)
        | Value::Unknown(_)
        | Value::Secret => {}
    }
}

/// What a source stands for. The zones in an output may have become anything on their way, and an output
/// that is not known comes from its stack.
fn sources(source: &str, outputs: &Outputs, seen: &mut BTreeSet<String>, found: &mut BTreeSet<String>) {
    let Some((stack, _)) = source.split_once(MARK) else {
        found.insert(source.to_owned());
        return;
    };
    if !seen.insert(source.to_owned()) {
        return;
    }
    let from = outputs.get(source).map_or(&[] as &[String], Value::sources);
    let mut from = from.iter().filter(|source| !source.starts_with(ZONE) && *source != LOOKED_UP).peekable();
    if from.peek().is_none() {
        found.insert(stack.to_owned());
    }
    from.for_each(|source| sources(source, outputs, seen, found));
}
