//! The members of a JSON input, wherever they were sent, read by name. For the JSON services; it knows none.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// The members of an input, or of an object inside it. What is missing is empty.
#[derive(Debug, Clone, Default)]
pub struct Fields(Map<String, Value>);

impl From<&Map<String, Value>> for Fields {
    fn from(members: &Map<String, Value>) -> Self {
        Self(members.clone())
    }
}

impl Fields {
    /// A string.
    pub fn text(&self, key: &str) -> Option<String> {
        self.0.get(key)?.as_str().map(str::to_owned)
    }

    /// The strings of a list.
    pub fn texts(&self, key: &str) -> Vec<String> {
        let list = self.0.get(key).and_then(Value::as_array);
        list.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// A whole number, also one that came in a query string.
    pub fn number(&self, key: &str) -> Option<u32> {
        match self.0.get(key)? {
            Value::String(text) => text.parse().ok(),
            value => value.as_u64().and_then(|number| u32::try_from(number).ok()),
        }
    }

    /// A number, which may have a fraction.
    pub fn real(&self, key: &str) -> Option<f64> {
        self.0.get(key)?.as_f64()
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

    /// The objects of a list.
    pub fn objects(&self, key: &str) -> Vec<Self> {
        let list = self.0.get(key).and_then(Value::as_array);
        list.into_iter().flatten().filter_map(Value::as_object).map(Self::from).collect()
    }

    /// What stands under this key, as it was sent.
    pub fn value(&self, key: &str) -> Option<Value> {
        self.0.get(key).cloned()
    }

    /// Whether there is anything under this key.
    pub fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }
}
