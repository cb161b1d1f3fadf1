//! Writes `Fn::ForEach` out where its collection is known, before a section of a template is read.
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html>

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use super::intrinsics::written;
use super::scope::TemplateScope;
use crate::deployment::Value;

/// How many nodes and letters loops may write: loops within loops multiply.
const MOST: usize = 500_000;

/// What begins a loop's key.
pub(super) const LOOP: &str = "Fn::ForEach::";

/// What a template uses of what changes how all of it is read.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Used {
    pub loops: bool,
    /// `Fn::GetAZs`.
    pub zones: bool,
}

impl Used {
    /// What stands in a document.
    pub fn in_document(document: &Json) -> Self {
        let mut used = Self::default();
        used.look(document);
        used
    }

    fn look(&mut self, json: &Json) {
        match json {
            Json::Array(list) => list.iter().for_each(|it| self.look(it)),
            Json::Object(map) => {
                for (name, json) in map {
                    self.loops |= name.starts_with(LOOP);
                    self.zones |= name == "Fn::GetAZs";
                    self.look(json);
                }
            }
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
        }
    }
}

/// The entries of a section with its loops written out. A loop over a collection that is not known stays;
/// all of them do where they would grow without bound.
pub(super) fn written_out<'a>(
    section: &'a Map<String, Json>,
    scope: &TemplateScope<'_>,
) -> Cow<'a, Map<String, Json>> {
    let mut loops = Loops { scope, names: BTreeMap::new(), left: MOST };
    loops.entries(section).map_or(Cow::Borrowed(section), Cow::Owned)
}

struct Loops<'a> {
    scope: &'a TemplateScope<'a>,
    /// The loops' names and what they stand for in this round.
    names: BTreeMap<String, String>,
    left: usize,
}

impl Loops<'_> {
    /// `None` when it grows without bound.
    fn entries(&mut self, map: &Map<String, Json>) -> Option<Map<String, Json>> {
        let mut entries = Map::new();
        for (key, json) in map {
            self.written()?;
            match self.rounds(key, json)? {
                Some(rounds) => entries.extend(rounds),
                None => {
                    let json = self.node(json)?;
                    entries.insert(self.text(key)?, json);
                }
            }
        }
        Some(entries)
    }

    /// One more was written by a loop; what stands in none is no more than was there.
    fn written(&mut self) -> Option<()> {
        if !self.names.is_empty() {
            self.left = self.left.checked_sub(1)?;
        }
        Some(())
    }

    fn node(&mut self, json: &Json) -> Option<Json> {
        self.written()?;
        Some(match json {
            Json::String(text) => Json::String(self.text(text)?),
            Json::Array(list) => Json::Array(list.iter().map(|it| self.node(it)).collect::<Option<_>>()?),
            Json::Object(map) => match (map.len(), map.get("Ref").and_then(Json::as_str)) {
                (1, Some(name)) if self.names.contains_key(name) => {
                    self.names.get(name).map_or(Json::Null, |text| Json::String(text.clone()))
                }
                _ => Json::Object(self.entries(map)?),
            },
            Json::Null | Json::Bool(_) | Json::Number(_) => json.clone(),
        })
    }

    /// The entries that a loop stands for; `Some(None)` where this is no loop, or its collection not known.
    fn rounds(&mut self, key: &str, json: &Json) -> Option<Option<Map<String, Json>>> {
        let parts = json.as_array().filter(|_| key.starts_with(LOOP)).map(Vec::as_slice);
        let Some([Json::String(name), collection, Json::Object(body)]) = parts else { return Some(None) };
        let collection = self.node(collection)?;
        let Value::List(members) = self.scope.value(&collection) else { return Some(None) };
        let Some(texts) = members.iter().map(written).collect::<Option<Vec<String>>>() else {
            return Some(None);
        };
        let hidden = self.names.remove(name);
        let mut entries = Map::new();
        for text in texts {
            self.names.insert(name.clone(), text);
            entries.extend(self.entries(body)?);
        }
        self.names.remove(name);
        self.names.extend(hidden.map(|text| (name.clone(), text)));
        Some(Some(entries))
    }

    /// A text with the loops' names put in: `${Name}`, and `&{Name}` without what a logical id cannot hold.
    fn text(&mut self, text: &str) -> Option<String> {
        let mut text = text.to_owned();
        if !text.contains("${") && !text.contains("&{") {
            return Some(text);
        }
        for (name, value) in &self.names {
            let letters: String = value.chars().filter(char::is_ascii_alphanumeric).collect();
            for (pattern, value) in [(format!("${{{name}}}"), value), (format!("&{{{name}}}"), &letters)] {
                let times = text.matches(&pattern).count();
                if times > 0 {
                    self.left = self.left.checked_sub(times.saturating_mul(value.len()))?;
                    text = text.replace(&pattern, value);
                }
            }
        }
        Some(text)
    }
}
