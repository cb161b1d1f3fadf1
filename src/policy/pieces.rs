//! A policy file in pieces, each key and each entry of a list by itself, so that every error is told with its line and
//! none hides another. Reading a file takes the first; `policy check` tells them all.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value as Json;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::nearest::nearest;
use super::{Policy, PolicyError, schema};

/// A part of a file: one key, or one entry of the list or table under it.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    /// Where it stands, from 1.
    pub line: usize,
    /// The key at the top of the file.
    pub key: String,
    /// What it says: a policy with nothing else in it.
    pub said: Result<Policy, PolicyError>,
}

/// What stands in a file, in its order.
pub(super) struct Pieces {
    /// What is no TOML.
    pub broken: Vec<PolicyError>,
    /// The rest.
    pub pieces: Vec<Piece>,
}

impl Pieces {
    /// Cuts a file.
    pub fn of(text: &str) -> Self {
        let (table, broken) = DeTable::parse_recoverable(text);
        let broken = broken.into_iter().map(|error| in_toml(text, &error)).collect();
        let schema = schema();
        let mut pieces: Vec<(usize, Piece)> = Vec::new();
        for (key, value) in table.get_ref() {
            let name: &str = key.get_ref();
            let is_map = resolved(&schema, &schema["properties"][name])["additionalProperties"].is_object();
            for (at, part) in parts(value, is_map) {
                let at = at.unwrap_or(key.span().start);
                let said = match unknown(text, &schema, key, &part) {
                    Some(error) => Err(error),
                    None => read(text, (key, at), part),
                };
                pieces.push((at, Piece { line: line_of(text, at), key: name.to_owned(), said }));
            }
        }
        pieces.sort_by_key(|(at, _)| *at);
        Self { broken, pieces: pieces.into_iter().map(|(_, piece)| piece).collect() }
    }

    /// The first thing that is wrong.
    pub fn first_error(self) -> Option<PolicyError> {
        let said = self.pieces.into_iter().filter_map(|piece| piece.said.err());
        self.broken.into_iter().chain(said).next()
    }
}

type Part<'i> = (Option<usize>, Spanned<DeValue<'i>>);

/// The entries of a list, or of a table of which each entry stands for itself; else the whole value. An empty one is
/// whole. With where it begins, unless that is where the key stands.
fn parts<'i>(value: &Spanned<DeValue<'i>>, is_map: bool) -> Vec<Part<'i>> {
    match value.get_ref() {
        DeValue::Table(entries) if is_map && !entries.is_empty() => {
            let one = |(key, entry): (&Spanned<_>, &Spanned<DeValue<'i>>)| {
                let mut alone = DeTable::new();
                alone.insert(Spanned::clone(key), entry.clone());
                (Some(key.span().start), Spanned::new(value.span(), DeValue::Table(alone)))
            };
            entries.iter().map(one).collect()
        }
        DeValue::Array(entries) if !entries.is_empty() => {
            let one = |entry: &Spanned<DeValue<'i>>| {
                let mut alone = DeArray::new();
                alone.push(entry.clone());
                (Some(entry.span().start), Spanned::new(value.span(), DeValue::Array(alone)))
            };
            entries.iter().map(one).collect()
        }
        DeValue::Array(_)
        | DeValue::Table(_)
        | DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_) => vec![(None, value.clone())],
    }
}

/// The policy that says this and nothing else.
fn read(
    text: &str,
    (key, at): (&Spanned<Cow<'_, str>>, usize),
    part: Spanned<DeValue<'_>>,
) -> Result<Policy, PolicyError> {
    let mut alone = DeTable::new();
    alone.insert(Spanned::new(key.span(), key.get_ref().clone()), part);
    let alone = Spanned::new(key.span(), alone);
    let policy = Policy::deserialize(toml::Deserializer::from(alone)).map_err(|error| {
        // Some errors span the whole list, which begins before its entry.
        let at = error.span().map_or(at, |span| span.start.max(at));
        PolicyError::Value {
            line: line_of(text, at),
            key: key.get_ref().to_string(),
            why: error.message().to_owned(),
        }
    })?;
    match policy.abandoned.iter().find(|name| name.contains(['*', '?', '['])) {
        Some(glob) => {
            let why = "is a glob, and a stack that may live goes only by its name: write the whole name of each stack, as `aws-janitor scan` prints it";
            Err(PolicyError::Entry { place: "abandoned", text: glob.clone(), why: why.to_owned() })
        }
        None => Ok(policy),
    }
}

/// The first key in it that nothing asks for: a misspelt `protect` must not protect nothing.
fn unknown(
    text: &str,
    schema: &Json,
    key: &Spanned<Cow<'_, str>>,
    part: &Spanned<DeValue<'_>>,
) -> Option<PolicyError> {
    let name: &str = key.get_ref();
    let Some(said) = schema["properties"].get(name) else {
        return Some(refused(text, schema, (key, None)));
    };
    within(text, schema, said, (name, part))
}

/// The same in tables of its own.
fn within(
    text: &str,
    schema: &Json,
    said: &Json,
    (top, value): (&str, &Spanned<DeValue<'_>>),
) -> Option<PolicyError> {
    let said = resolved(schema, said);
    match value.get_ref() {
        DeValue::Array(entries) => {
            entries.iter().find_map(|entry| within(text, schema, &said["items"], (top, entry)))
        }
        DeValue::Table(table) if said["additionalProperties"] == false => {
            let known =
                |key: &&Spanned<Cow<'_, str>>| said["properties"].get(key.get_ref().as_ref()).is_none();
            let key = table.keys().find(known)?;
            Some(refused(text, said, (key, Some(top))))
        }
        DeValue::Table(_)
        | DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_) => None,
    }
}

/// A schema behind its reference, or the one of several that is no `null`.
fn resolved<'s>(schema: &'s Json, said: &'s Json) -> &'s Json {
    let said = said["anyOf"].as_array().and_then(|any| any.first()).unwrap_or(said);
    let name = said["$ref"].as_str().and_then(|path| path.strip_prefix("#/$defs/"));
    name.map_or(said, |name| &schema["$defs"][name])
}

fn refused(text: &str, said: &Json, (key, top): (&Spanned<Cow<'_, str>>, Option<&str>)) -> PolicyError {
    let name: &str = key.get_ref();
    let known = || said["properties"].as_object().into_iter().flat_map(|map| map.keys()).map(String::as_str);
    let remedy = match nearest(name, known()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the keys are {}", known().collect::<Vec<_>>().join(", ")),
    };
    let line = line_of(text, key.span().start);
    let place = top.map_or_else(|| "a policy".to_owned(), str::to_owned);
    PolicyError::UnknownKey { line, key: name.to_owned(), place, remedy }
}

fn in_toml(text: &str, error: &toml::de::Error) -> PolicyError {
    let line = error.span().map_or(1, |span| line_of(text, span.start));
    PolicyError::Toml { line, why: error.message().to_owned() }
}

/// The line of a byte position, from 1.
fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}
