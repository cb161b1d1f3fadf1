//! What EKS's REST JSON calls carry: the members of the input, wherever they were sent, and paging.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::invalid_parameter;
use crate::error::AwsResult;
use crate::protocol::Ctx;

/// The page size when none is asked for, and the largest:
/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_ListClusters.html>.
const PAGE: usize = 100;

/// The members of an input, or of an object inside it. What is missing is empty.
#[derive(Debug, Default)]
pub struct Body(Map<String, Value>);

impl Body {
    /// The input of a call.
    pub fn of(ctx: &Ctx) -> Self {
        Self(ctx.json.clone())
    }

    /// A string.
    pub fn text(&self, key: &str) -> Option<String> {
        self.0.get(key)?.as_str().map(str::to_owned)
    }

    /// A string that must be there.
    pub fn required(&self, key: &str) -> AwsResult<String> {
        self.text(key)
            .filter(|text| !text.is_empty())
            .ok_or_else(|| invalid_parameter(format!("The parameter {key} is required.")))
    }

    /// The strings of a list.
    pub fn texts(&self, key: &str) -> Vec<String> {
        let list = self.0.get(key).and_then(Value::as_array);
        list.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// A whole number.
    pub fn number(&self, key: &str) -> Option<u32> {
        self.0.get(key)?.as_u64().and_then(|number| u32::try_from(number).ok())
    }

    /// A truth value; missing is false.
    pub fn truth(&self, key: &str) -> bool {
        match self.0.get(key) {
            Some(Value::Bool(truth)) => *truth,
            // As a query string carries it.
            Some(Value::String(text)) => text == "true",
            _ => false,
        }
    }

    /// A map from string to string.
    pub fn map(&self, key: &str) -> BTreeMap<String, String> {
        let map = self.0.get(key).and_then(Value::as_object);
        map.into_iter()
            .flatten()
            .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
            .collect()
    }

    /// An object inside this one.
    pub fn object(&self, key: &str) -> Self {
        Self(self.0.get(key).and_then(Value::as_object).cloned().unwrap_or_default())
    }

    /// Whether there is anything under this key.
    pub fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }
}

/// One page of names, which must be sorted; the token is where the next page starts.
pub fn page(field: &str, names: Vec<String>, input: &Body) -> AwsResult<Value> {
    let rows = names.into_iter().map(|name| (name.clone(), json!(name))).collect();
    page_of(field, rows, input)
}

/// As [`page`], for rows with names by which they are sorted.
pub fn page_of(field: &str, rows: Vec<(String, Value)>, input: &Body) -> AwsResult<Value> {
    let size = match input.text("maxResults") {
        None => input.number("maxResults").map_or(PAGE, |size| size as usize),
        Some(text) => text.parse().unwrap_or(0),
    };
    if !(1..=PAGE).contains(&size) {
        return Err(invalid_parameter("maxResults must be between 1 and 100"));
    }
    let start = match input.text("nextToken") {
        None => 0,
        Some(token) => rows.partition_point(|(name, _)| *name < token),
    };
    let next = rows.get(start + size).map(|(name, _)| name.clone());
    let rows = rows.into_iter().skip(start).take(size).map(|(_, row)| row).collect::<Vec<_>>();
    let mut value = json!({ field: rows });
    if let Some(next) = next {
        value["nextToken"] = json!(next);
    }
    Ok(value)
}
