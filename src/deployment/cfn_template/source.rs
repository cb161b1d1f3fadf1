//! From a file's bytes to the document that the template's reader takes.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value as Json};

use crate::deployment::{Format, ReadError, yaml};

/// A template, JSON or YAML. What begins with a brace is JSON, as for CloudFormation.
pub(super) fn template(bytes: &[u8]) -> Result<Json, ReadError> {
    let format = Format::CloudFormationTemplate.title();
    let text = text(bytes, format)?;
    if text.trim_start().starts_with('{') {
        return json(bytes, format);
    }
    yaml::parse(text).map_err(|error| ReadError::Broken { format, why: error.to_string() })
}

/// A JSON document. A name that stands twice in an object is an error: whichever of the two was read, the
/// other would not be counted.
pub(in crate::deployment) fn json(bytes: &[u8], format: &'static str) -> Result<Json, ReadError> {
    let text = text(bytes, format)?;
    serde_json::from_str::<Once>(text).map(|once| once.0).map_err(|error| {
        if error.is_eof() {
            return ReadError::Truncated { format };
        }
        let (line, column) = (error.line(), error.column());
        let why = match error.is_data() {
            true => format!("a name stands twice in one object (line {line}, column {column})"),
            false => format!("line {line}, column {column} is not JSON"),
        };
        ReadError::Broken { format, why }
    })
}

fn text<'a>(bytes: &'a [u8], format: &'static str) -> Result<&'a str, ReadError> {
    let text = std::str::from_utf8(bytes)
        .map_err(|_| ReadError::Broken { format, why: "it is not UTF-8 text".to_owned() })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim().is_empty() {
        return Err(ReadError::NotAPlan { found: "empty".to_owned() });
    }
    Ok(text)
}

/// JSON in which every name stands once in its object.
struct Once(Json);

impl<'de> Deserialize<'de> for Once {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OnceVisitor)
    }
}

struct OnceVisitor;

impl<'de> Visitor<'de> for OnceVisitor {
    type Value = Once;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Once, E> {
        Ok(Once(Json::Null))
    }

    fn visit_bool<E>(self, it: bool) -> Result<Once, E> {
        Ok(Once(Json::Bool(it)))
    }

    fn visit_i64<E>(self, it: i64) -> Result<Once, E> {
        Ok(Once(Json::from(it)))
    }

    fn visit_u64<E>(self, it: u64) -> Result<Once, E> {
        Ok(Once(Json::from(it)))
    }

    fn visit_f64<E>(self, it: f64) -> Result<Once, E> {
        Ok(Once(Json::from(it)))
    }

    fn visit_str<E>(self, it: &str) -> Result<Once, E> {
        Ok(Once(Json::String(it.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut members: A) -> Result<Once, A::Error> {
        let mut list = Vec::new();
        while let Some(Once(member)) = members.next_element()? {
            list.push(member);
        }
        Ok(Once(Json::Array(list)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Once, A::Error> {
        let mut map = Map::new();
        while let Some((name, Once(value))) = entries.next_entry::<String, Once>()? {
            if map.insert(name, value).is_some() {
                return Err(A::Error::custom("twice"));
            }
        }
        Ok(Once(Json::Object(map)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_stands_twice_is_an_error_without_its_text() {
        let error = json(b"{\"a\": {\"hunter2\": 1, \"hunter2\": 2}}", "template").unwrap_err();
        assert!(error.to_string().contains("twice"), "{error}");
        assert!(!error.to_string().contains("hunter2"), "{error}");
        assert!(json(b"{\"a\": {\"b\": 1}, \"c\": {\"b\": 1}}", "template").is_ok());
    }

    #[test]
    fn numbers_and_nesting_are_read_as_serde_reads_them() {
        let text = r#"{"a": [1, -2, 1.5, true, null, "b"], "c": {}}"#;
        assert_eq!(json(text.as_bytes(), "template").unwrap(), serde_json::from_str::<Json>(text).unwrap());
        assert!(json("[".repeat(100_000).as_bytes(), "template").is_err(), "depth is bounded");
    }

    #[test]
    fn what_is_no_text_or_nothing_is_said_to_be_so() {
        assert!(matches!(template(b"\xff\xfe{"), Err(ReadError::Broken { .. })));
        for nothing in ["", " \n", "\u{feff}"] {
            assert!(matches!(template(nothing.as_bytes()), Err(ReadError::NotAPlan { .. })), "{nothing:?}");
        }
        assert!(template("\u{feff}{\"a\": 1}".as_bytes()).is_ok());
        assert!(matches!(template(b"{\"a\": "), Err(ReadError::Truncated { .. })));
        assert!(matches!(template(b"{\"a\": }"), Err(ReadError::Broken { .. })));
    }
}
