//! Resolves CloudFormation's functions as far as the template and its parameters tell: its properties,
//! conditions and outputs are given here.
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html>

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json};

use super::conditions::Truth;
use super::outputs;
use super::scope::TemplateScope;
use crate::deployment::Value;
use crate::deployment::value::{LOOKED_UP, ZONE};

/// The longest text that is put together: a template's property is far shorter, and functions within
/// functions can double a text many times.
const LONGEST: usize = 1 << 20;

impl TemplateScope<'_> {
    /// What a property will be. What becomes `AWS::NoValue` is nothing.
    pub fn value(&self, json: &Json) -> Value {
        self.given(json).unwrap_or(Value::Null)
    }

    /// The same; `None` for what `AWS::NoValue` takes away.
    fn given(&self, json: &Json) -> Option<Value> {
        match json {
            Json::Null => Some(Value::Null),
            Json::Bool(it) => Some(Value::Bool(*it)),
            Json::Number(number) => Some(match number.as_i64() {
                #[expect(clippy::cast_precision_loss, reason = "checked to be small enough")]
                Some(whole) if whole.unsigned_abs() < 1 << 53 => Value::Number(whole as f64),
                _ => Value::Text(number.to_string()),
            }),
            Json::String(text) => Some(dynamic(text)),
            Json::Array(list) => Some(Value::List(list.iter().filter_map(|it| self.given(it)).collect())),
            Json::Object(map) => self.object(map),
        }
    }

    fn object(&self, map: &Map<String, Json>) -> Option<Value> {
        let mut entries = map.iter();
        if let (Some((name, argument)), None) = (entries.next(), entries.next()) {
            match name.as_str() {
                "Ref" => return self.reference(argument),
                "Fn::If" => return self.choice(argument),
                _ if name.starts_with("Fn::") => return Some(self.function(name, argument)),
                _ => {}
            }
        }
        // A loop over an unknown list, or a macro's snippet among the entries.
        if map.keys().any(|name| name.starts_with("Fn::")) {
            return Some(self.unknown_of(&Json::Object(map.clone())));
        }
        let entries = map.iter().filter_map(|(name, json)| Some((name.clone(), self.given(json)?)));
        Some(Value::Map(entries.collect()))
    }

    fn reference(&self, argument: &Json) -> Option<Value> {
        match argument.as_str() {
            Some("AWS::NoValue") => None,
            Some(name) => Some(self.named(name)),
            None => Some(Value::Unknown(Vec::new())),
        }
    }

    fn named(&self, name: &str) -> Value {
        self.parameter(name).unwrap_or_else(|| Value::Unknown(vec![self.address(name)]))
    }

    fn attribute(&self, owner: &str, attribute: &str) -> Value {
        Value::Unknown(vec![outputs::name(&self.address(owner), attribute)])
    }

    fn choice(&self, argument: &Json) -> Option<Value> {
        let Some([Json::String(condition), yes, no]) = argument.as_array().map(Vec::as_slice) else {
            return Some(Value::Unknown(Vec::new()));
        };
        match self.truths.get(condition) {
            Some(Truth::Yes) => self.given(yes),
            Some(Truth::No) => self.given(no),
            Some(Truth::Open(_)) | None => {
                let (yes, no) = (self.given(yes), self.given(no));
                if yes == no {
                    return yes;
                }
                Some(unknown([yes, no].iter().flatten()))
            }
        }
    }

    fn function(&self, name: &str, argument: &Json) -> Value {
        let arguments = argument.as_array().map_or(&[] as &[Json], Vec::as_slice);
        match (name, arguments) {
            ("Fn::GetAtt", _) => match owned(argument) {
                Some((owner, attribute)) => self.attribute(owner, attribute),
                None => Value::Unknown(Vec::new()),
            },
            ("Fn::Sub", [Json::String(text), Json::Object(names)]) => self.substituted(text, Some(names)),
            ("Fn::Sub", _) => match argument.as_str() {
                Some(text) => self.substituted(text, None),
                None => Value::Unknown(Vec::new()),
            },
            ("Fn::Join", [Json::String(between), list]) => self.joined(between, list),
            ("Fn::Split", [Json::String(at), text]) => match self.value(text) {
                Value::Text(text) if !at.is_empty() => {
                    Value::List(text.split(at.as_str()).map(Value::text).collect())
                }
                open if open == Value::zones() => open,
                open => unknown([&open]),
            },
            ("Fn::Select", [place, list]) => selected(&self.value(place), self.value(list)),
            ("Fn::FindInMap", [map, first, second, rest @ ..]) => self.looked_up(map, first, second, rest),
            ("Fn::GetAZs", _) => Value::zones(),
            ("Fn::Base64", _) => match self.value(argument) {
                Value::Text(text) if text.len() <= MOST_ENCODED => Value::Text(base64(text.as_bytes())),
                Value::Text(_) => Value::Unknown(Vec::new()),
                open => open,
            },
            ("Fn::Length", _) => match self.value(argument) {
                #[expect(clippy::cast_precision_loss, reason = "a list in a template is short")]
                Value::List(list) => Value::Number(list.len() as f64),
                open => unknown([&open]),
            },
            ("Fn::Cidr", [_, count, ..]) => match self.value(count).as_count() {
                Some(count @ 0..=256) => {
                    Value::List((0..count).map(|_| Value::Unknown(Vec::new())).collect())
                }
                _ => self.unknown_of(argument),
            },
            _ => self.unknown_of(argument),
        }
    }

    fn looked_up(&self, map: &Json, first: &Json, second: &Json, rest: &[Json]) -> Value {
        let keys = [map, first, second].map(|key| self.value(key));
        let [Some(map), Some(first), Some(second)] = keys.each_ref().map(written) else {
            return unknown(keys.iter());
        };
        let found = self.mappings.get(&map).and_then(|map| map.get(&first)?.get(&second));
        match (found, rest.first().and_then(|rest| rest.get("DefaultValue"))) {
            (Some(found), _) => self.value(found),
            (None, Some(default)) => self.value(default),
            (None, None) => Value::Unknown(Vec::new()),
        }
    }

    fn joined(&self, between: &str, list: &Json) -> Value {
        let list = self.value(list);
        let members = match &list {
            Value::List(members) => members,
            // A list of zones stays one on its way into a nested stack, which takes it as text.
            _ if list == Value::zones() => return list,
            _ => return unknown([&list]),
        };
        let Some(texts) = members.iter().map(written).collect::<Option<Vec<String>>>() else {
            return unknown(members);
        };
        let length: usize = texts.iter().map(|text| text.len() + between.len()).sum();
        if length <= LONGEST { dynamic(&texts.join(between)) } else { unknown(members) }
    }

    fn substituted(&self, text: &str, names: Option<&Map<String, Json>>) -> Value {
        // Once each: texts that stand within each other's names would multiply.
        let own: BTreeMap<&String, Value> =
            names.into_iter().flatten().map(|(name, json)| (name, self.value(json))).collect();
        let mut whole = String::with_capacity(text.len());
        let mut open = Vec::new();
        for piece in pieces(text) {
            let name = match piece {
                Piece::Text(text) => {
                    whole.push_str(text);
                    continue;
                }
                Piece::Name(name) => name,
            };
            let value = match own.get(&name.to_owned()) {
                Some(value) => value.clone(),
                None => match name.split_once('.') {
                    Some((owner, attribute)) => self.attribute(owner, attribute),
                    None => self.named(name),
                },
            };
            match written(&value) {
                Some(text) if whole.len() + text.len() <= LONGEST => whole.push_str(&text),
                _ => open.push(value),
            }
        }
        if open.is_empty() { dynamic(&whole) } else { unknown(&open) }
    }

    /// Something unknown, with what it comes from.
    fn unknown_of(&self, json: &Json) -> Value {
        let mut names = BTreeSet::new();
        references(json, &mut names);
        unknown(&names.iter().map(|name| self.named(name)).collect::<Vec<_>>())
    }
}

/// What was selected of a list. A zone is told from the others by its place alone, since an account's
/// zones are known only to AWS.
fn selected(place: &Value, list: Value) -> Value {
    let place = place.as_count();
    match (list, place) {
        (Value::List(mut list), Some(place)) => match usize::try_from(place) {
            Ok(place) if place < list.len() => list.swap_remove(place),
            _ => Value::Unknown(Vec::new()),
        },
        (list, Some(place)) if list == Value::zones() => Value::zone(place),
        (list, _) => unknown([&list]),
    }
}

/// A scalar as text.
pub(super) fn written(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.clone()),
        Value::Bool(it) => Some(it.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::List(_) | Value::Map(_) | Value::Unknown(_) | Value::Secret => None,
    }
}

/// Something unknown that is made of these; a secret, if one of them is. Zones and look-ups are not among what it
/// comes from: what is made of a zone or may be another one is not that zone, and what may be a look-up may be nothing.
fn unknown<'a>(of: impl IntoIterator<Item = &'a Value>) -> Value {
    let mut from = BTreeSet::new();
    let mut secret = false;
    for value in of {
        gather(value, &mut from, &mut secret);
    }
    let from = from.into_iter().filter(|source| !source.starts_with(ZONE) && source != LOOKED_UP);
    if secret { Value::Secret } else { Value::Unknown(from.collect()) }
}

fn gather(value: &Value, from: &mut BTreeSet<String>, secret: &mut bool) {
    match value {
        Value::Unknown(sources) => from.extend(sources.iter().cloned()),
        Value::Secret => *secret = true,
        Value::List(list) => list.iter().for_each(|member| gather(member, from, secret)),
        Value::Map(map) => map.values().for_each(|member| gather(member, from, secret)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) => {}
    }
}

/// A text, unless it holds a reference that is looked up when the stack is made.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html>
pub(super) fn dynamic(text: &str) -> Value {
    if !text.contains("{{resolve:") {
        Value::text(text)
    } else if text.contains("{{resolve:secretsmanager:") || text.contains("{{resolve:ssm-secure:") {
        Value::Secret
    } else {
        Value::looked_up()
    }
}

/// Whose attribute `Fn::GetAtt` reads, and which.
fn owned(argument: &Json) -> Option<(&str, &str)> {
    match argument {
        Json::String(text) => Some(text.split_once('.').unwrap_or((text, ""))),
        Json::Array(list) => {
            let attribute = list.get(1).and_then(Json::as_str).unwrap_or_default();
            Some((list.first().and_then(Json::as_str)?, attribute))
        }
        _ => None,
    }
}

/// A part of a text with `${names}`.
pub(super) enum Piece<'a> {
    Text(&'a str),
    Name(&'a str),
}

/// The parts of a text for `Fn::Sub`; `${!name}` is the text `${name}`.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((name, behind)) = after.split_once('}') else { break };
        pieces.push(Piece::Text(before));
        match name.strip_prefix('!') {
            Some(literal) => pieces.extend([Piece::Text("${"), Piece::Text(literal), Piece::Text("}")]),
            None => pieces.push(Piece::Name(name.trim())),
        }
        rest = behind;
    }
    pieces.push(Piece::Text(rest));
    pieces
}

/// The names that something refers to: of parameters and of resources.
pub(super) fn references(json: &Json, names: &mut BTreeSet<String>) {
    match json {
        Json::Array(list) => list.iter().for_each(|member| references(member, names)),
        Json::Object(map) => {
            for (function, argument) in map {
                match (function.as_str(), argument) {
                    ("Ref", Json::String(name)) => {
                        names.insert(name.clone());
                    }
                    ("Fn::GetAtt", _) => names.extend(owned(argument).map(|(owner, _)| owner.to_owned())),
                    ("Fn::Sub", Json::String(text)) => named_in(text, None, names),
                    ("Fn::Sub", Json::Array(list)) => {
                        if let [Json::String(text), own] = list.as_slice() {
                            named_in(text, own.as_object(), names);
                            references(own, names);
                        }
                    }
                    _ => references(argument, names),
                }
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}

fn named_in(text: &str, own: Option<&Map<String, Json>>, names: &mut BTreeSet<String>) {
    for piece in pieces(text) {
        if let Piece::Name(name) = piece
            && own.is_none_or(|own| !own.contains_key(name))
        {
            names.insert(name.split_once('.').map_or(name, |(owner, _)| owner).to_owned());
        }
    }
}

/// As many bytes as this are put in base64. EC2 takes 16 KB of user data; one `Fn::Base64` in another, and
/// so on, would double and double.
const MOST_ENCODED: usize = 65_536;

/// The base64 form (RFC 4648) in which AWS gets what stands in a `Fn::Base64`.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let padded = group.iter().copied().chain(std::iter::repeat(0)).take(3);
        let bits = padded.fold(0_usize, |bits, byte| bits << 8 | usize::from(byte));
        for place in 0..4 {
            let digit = DIGITS.get(bits >> (18 - 6 * place) & 63).filter(|_| place <= group.len());
            text.push(char::from(*digit.unwrap_or(&b'=')));
        }
    }
    text
}
