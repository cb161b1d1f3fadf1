//! Reads JSON for the readers of this room. Its errors repeat nothing of what stands in the file.

use std::fmt;

use serde::de::{Deserialize, DeserializeOwned, Deserializer, MapAccess, SeqAccess, Visitor};

use super::value::EntryName;
use super::{Format, ReadError, Value};

/// Any JSON value as a [`Value`]. Entries that are null are left out of maps: absent and null are one.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Json(pub Value);

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue).map(Self)
    }
}

struct AnyValue;

#[expect(clippy::cast_precision_loss, reason = "JSON's numbers are doubles to most of its writers")]
impl<'de> Visitor<'de> for AnyValue {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_bool<E>(self, it: bool) -> Result<Value, E> {
        Ok(Value::Bool(it))
    }

    fn visit_i64<E>(self, it: i64) -> Result<Value, E> {
        Ok(Value::Number(it as f64))
    }

    fn visit_u64<E>(self, it: u64) -> Result<Value, E> {
        Ok(Value::Number(it as f64))
    }

    fn visit_f64<E>(self, it: f64) -> Result<Value, E> {
        Ok(Value::Number(it))
    }

    fn visit_str<E>(self, it: &str) -> Result<Value, E> {
        Ok(Value::text(it))
    }

    fn visit_string<E>(self, it: String) -> Result<Value, E> {
        Ok(Value::Text(it))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Json(value)) = seq.next_element()? {
            list.push(value);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut fault = None;
        let next = || {
            map.next_entry::<EntryName, Json>().unwrap_or_else(|error| {
                fault = Some(error);
                None
            })
        };
        let entries = std::iter::from_fn(next).map(|(name, Json(value))| (name, value));
        let entries = entries.filter(|(_, value)| *value != Value::Null).collect();
        fault.map_or(Ok(Value::Map(entries)), Err)
    }
}

/// Reads a file that is one JSON document.
pub fn document<T: DeserializeOwned>(bytes: &[u8], format: Format) -> Result<T, ReadError> {
    serde_json::from_slice(bytes).map_err(|error| refused(format, &error, 0))
}

/// Reads a file that is one JSON document a line. Empty lines are none; the number of a line goes with it.
pub fn lines<T: DeserializeOwned>(
    bytes: &[u8],
    format: Format,
) -> impl Iterator<Item = Result<T, ReadError>> {
    let full = |line: &&[u8]| !line.iter().all(u8::is_ascii_whitespace);
    let numbered = bytes.split(|byte| *byte == b'\n').enumerate().filter(move |(_, line)| full(line));
    numbered.map(move |(before, line)| {
        serde_json::from_slice(line).map_err(|error| refused(format, &error, before))
    })
}

/// What a parser's complaint means, without the text it complains of. `before` is the number of lines
/// that came before those it saw.
pub fn refused(format: Format, error: &serde_json::Error, before: usize) -> ReadError {
    if error.is_eof() {
        return ReadError::Truncated { format: format.title() };
    }
    let what = if error.is_data() { "is not what such a file has there" } else { "is not JSON" };
    let why = format!("line {}, column {} {what}", before + error.line(), error.column());
    ReadError::Broken { format: format.title(), why }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_complaint_tells_where_and_never_what() {
        let secret = br#"{"a": "hunter2", "b": hunter2}"#;
        let error = document::<Json>(secret, Format::TerraformPlan).expect_err("not JSON");
        assert_eq!(error.to_string(), "this Terraform plan cannot be read: line 1, column 23 is not JSON");
        let error = document::<Vec<u8>>(br#"["hunter2"]"#, Format::TerraformPlan).expect_err("no number");
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }

    #[test]
    fn lines_are_counted_over_the_whole_file() {
        let bytes = b"{}\n\n{\"a\":1}\n{x}\n";
        let read: Vec<_> = lines::<Json>(bytes, Format::TerraformLog).collect();
        assert_eq!(read.len(), 3);
        let error = read[2].as_ref().expect_err("broken");
        assert!(error.to_string().contains("line 4, column 2"), "{error}");
    }

    #[test]
    fn null_is_absent() {
        let Json(value) = document(br#"{"a": null, "b": [null]}"#, Format::TerraformPlan).expect("JSON");
        assert_eq!(value.entries().count(), 1);
    }
}
