//! What EKS's REST JSON calls carry: the members of the input, wherever they were sent, and paging.

use std::ops::Deref;

use serde_json::{Value, json};

use super::invalid_parameter;
use crate::error::AwsResult;
use crate::fields::Fields;
use crate::protocol::Ctx;

/// The page size when none is asked for, and the largest:
/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_ListClusters.html>.
const PAGE: usize = 100;

/// The members of an input, or of an object inside it, with EKS's refusal of what is missing.
#[derive(Debug, Default)]
pub struct Body(Fields);

impl Deref for Body {
    type Target = Fields;

    fn deref(&self) -> &Fields {
        &self.0
    }
}

impl Body {
    /// The input of a call.
    pub fn of(ctx: &Ctx) -> Self {
        Self(Fields::from(&ctx.json))
    }

    /// A string that must be there.
    pub fn required(&self, key: &str) -> AwsResult<String> {
        self.text(key)
            .filter(|text| !text.is_empty())
            .ok_or_else(|| invalid_parameter(format!("The parameter {key} is required.")))
    }

    /// An object inside this one.
    pub fn object(&self, key: &str) -> Self {
        Self(self.0.object(key))
    }
}

/// One page of names, which must be sorted; the token is where the next page starts.
pub fn page(field: &str, names: Vec<String>, input: &Body) -> AwsResult<Value> {
    let rows = names.into_iter().map(|name| (name.clone(), json!(name))).collect();
    page_of(field, rows, input)
}

/// As [`page`], for rows with names by which they are sorted.
pub fn page_of(field: &str, rows: Vec<(String, Value)>, input: &Body) -> AwsResult<Value> {
    let size = match input.number("maxResults") {
        None if input.has("maxResults") => 0,
        size => size.map_or(PAGE, |size| size as usize),
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
