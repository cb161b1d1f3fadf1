//! An attribute of something that will be deployed: known, unknown, or secret. Readers make it; kinds and
//! checks ask it.

mod entries;

use std::borrow::Cow;
use std::fmt;

pub use entries::{Entries, EntryName};

/// An attribute's value.
#[derive(Clone, PartialEq)]
pub enum Value {
    /// Absent or null.
    Null,
    /// Yes or no.
    Bool(bool),
    /// A number.
    Number(f64),
    /// Text.
    Text(String),
    /// Several.
    List(Vec<Value>),
    /// By name.
    Map(Entries),
    /// Set, and known only after the deployment; with the addresses of the things it comes from, as far as
    /// the file tells. Never a guess. An availability zone that a template takes by its place among the
    /// region's is such a value too: see [`Value::zone`].
    Unknown(Vec<String>),
    /// Marked as sensitive by the tool: its text was dropped.
    Secret,
}

/// Says what sort of value it is. Text is left out: it may be a secret that nobody marked.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(it) => write!(f, "{it}"),
            Self::Number(it) => write!(f, "{it}"),
            Self::Text(text) => write!(f, "text of {} bytes", text.len()),
            Self::List(list) => f.debug_list().entries(list).finish(),
            Self::Map(map) => map.fmt(f),
            Self::Unknown(from) => write!(f, "unknown, from {from:?}"),
            Self::Secret => f.write_str("secret"),
        }
    }
}

impl Default for Value {
    fn default() -> Self {
        Self::Map(Entries::default())
    }
}

/// What begins the source of a zone that is known by its place: see [`Value::zone`].
pub const ZONE: &str = "zone:";

/// What begins the source of a value that hangs on a parameter: see [`Value::of_parameter`].
pub const PARAMETER: &str = "parameter ";

/// What begins the source of a value that is looked up when the deployment is made: see [`Value::looked_up`].
pub const LOOKED_UP: &str = "lookup:";

/// What is not there.
const NOTHING: &Value = &Value::Null;

impl Value {
    /// A text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// An availability zone that is known only by its place, from 0, among the zones of its region: unknown,
    /// from `zone:0`. Two places are two zones, the same place is the same zone.
    pub fn zone(place: u64) -> Self {
        Self::Unknown(vec![format!("{ZONE}{place}")])
    }

    /// The zones of a region, all of them, of which none is known: unknown, from `zone:*`.
    pub fn zones() -> Self {
        Self::Unknown(vec![format!("{ZONE}*")])
    }

    /// A value that is set for certain, by the name under which it is looked up when the deployment is made (a
    /// parameter of SSM's): unknown, from `lookup:`. Of any other that is unknown nobody can tell that it is set.
    pub fn looked_up() -> Self {
        Self::Unknown(vec![LOOKED_UP.to_owned()])
    }

    /// Whether it is set for certain and looked up later ([`Self::looked_up`]).
    pub fn is_looked_up(&self) -> bool {
        self.sources().iter().any(|source| source == LOOKED_UP)
    }

    /// A value that hangs on a parameter of the deployment that nobody gave: unknown, from `parameter NAME`.
    pub fn of_parameter(name: &str) -> Self {
        Self::Unknown(vec![format!("{PARAMETER}{name}")])
    }

    /// The parameters that nobody gave and that it hangs on ([`Self::of_parameter`]).
    pub fn parameters(&self) -> impl Iterator<Item = &str> {
        self.sources().iter().filter_map(|source| source.strip_prefix(PARAMETER))
    }

    /// The value at a path of names, `scaling_config.desired_size`. A list of one stands for its only
    /// member, as Terraform writes blocks. What is not there is [`Value::Null`]; what lies in an unknown
    /// or secret value is that value.
    pub fn at(&self, path: &str) -> &Self {
        // Letter by letter: paths are short, and this is asked of every thing of a file many times.
        match path.bytes().position(|letter| letter == b'.') {
            Some(dot) => self.member(&path[..dot]).at(&path[dot + 1..]),
            None => self.member(path),
        }
    }

    fn member(&self, name: &str) -> &Self {
        match self {
            Self::Map(map) => map.get(name).unwrap_or(NOTHING),
            Self::List(list) => match list.as_slice() {
                [only] => only.member(name),
                _ => NOTHING,
            },
            Self::Unknown(_) | Self::Secret => self,
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Text(_) => NOTHING,
        }
    }

    /// Its text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Its number: also of a text that is one, as Pulumi and CloudFormation write them.
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => text.trim().parse().ok().filter(|number: &f64| number.is_finite()),
            _ => None,
        }
    }

    /// Its number, if that is whole and not negative.
    pub fn as_count(&self) -> Option<u64> {
        let number = self.as_number()?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "checked to be whole, positive and small"
        )]
        (number >= 0.0 && number.fract() == 0.0 && number < 9e15).then_some(number as u64)
    }

    /// Whether it is yes: also `"true"`.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(it) => Some(*it),
            Self::Text(text) => text.trim().to_ascii_lowercase().parse().ok(),
            _ => None,
        }
    }

    /// Its members, if it is a list; a single value is a list of itself, nothing is an empty one.
    pub fn members(&self) -> &[Self] {
        match self {
            Self::List(list) => list,
            Self::Null => &[],
            _ => std::slice::from_ref(self),
        }
    }

    /// Its entries, if it is a map.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &Self)> {
        let map = match self {
            Self::Map(map) => Some(map),
            _ => None,
        };
        map.into_iter().flat_map(Entries::iter)
    }

    /// Whether there is nothing: null, or an empty list, map or text.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) => text.is_empty(),
            Self::List(list) => list.is_empty(),
            Self::Map(map) => map.is_empty(),
            _ => false,
        }
    }

    /// Whether it cannot be told from the file: unknown, or secret.
    pub const fn is_open(&self) -> bool {
        matches!(self, Self::Unknown(_) | Self::Secret)
    }

    /// The place of a zone that is known by its place alone ([`Self::zone`]).
    pub fn zone_place(&self) -> Option<&str> {
        let place = self.sources().iter().find_map(|source| source.strip_prefix(ZONE))?;
        (place != "*").then_some(place)
    }

    /// The addresses that an unknown value comes from.
    pub fn sources(&self) -> &[String] {
        match self {
            Self::Unknown(from) => from,
            _ => &[],
        }
    }
}

/// A name in the one spelling: `desiredSize`, `DesiredSize`, `desired-size` and `desired_size` are one.
/// A run of capitals is a word (`VPCId` is `vpc_id`).
pub fn snake_case(name: &str) -> String {
    in_snake_case(name).into_owned()
}

/// The same without a copy where it is in that spelling, as most are.
pub fn in_snake_case(name: &str) -> Cow<'_, str> {
    if name.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'_') {
        return Cow::Borrowed(name);
    }
    let mut snake = String::with_capacity(name.len() + 4);
    let mut before: Option<char> = None;
    let mut letters = name.chars().peekable();
    while let Some(letter) = letters.next() {
        let last = before.replace(letter);
        if matches!(letter, '-' | '_' | ' ') {
            snake.push('_');
            continue;
        }
        let begins = letter.is_uppercase()
            && last.is_some_and(|last| {
                last.is_lowercase()
                    || last.is_ascii_digit()
                    || (last.is_uppercase() && letters.peek().is_some_and(|after| after.is_lowercase()))
            });
        if begins && !snake.ends_with('_') {
            snake.push('_');
        }
        match letter.is_ascii() {
            true => snake.push(letter.to_ascii_lowercase()),
            false => snake.extend(letter.to_lowercase()),
        }
    }
    Cow::Owned(snake)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(entries: &[(&str, Value)]) -> Value {
        Value::Map(entries.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
    }

    #[test]
    fn a_block_is_read_alike_as_a_map_and_as_a_list_of_one() {
        let inner = map(&[("desired_size", Value::Number(2.0))]);
        for block in [inner.clone(), Value::List(vec![inner.clone()])] {
            let value = map(&[("scaling_config", block)]);
            assert_eq!(value.at("scaling_config.desired_size").as_count(), Some(2));
        }
        let two = map(&[("scaling_config", Value::List(vec![inner.clone(), inner]))]);
        assert_eq!(two.at("scaling_config.desired_size"), &Value::Null, "two blocks are not one");
    }

    #[test]
    fn what_lies_in_an_unknown_value_is_unknown() {
        let value = map(&[("vpc_config", Value::Unknown(vec!["a".into()]))]);
        assert_eq!(value.at("vpc_config.subnet_ids").sources(), ["a"]);
        assert!(value.at("vpc_config.subnet_ids").is_open());
        assert!(value.at("name").is_empty());
    }

    #[test]
    fn a_count_is_whole_and_not_negative() {
        assert_eq!(Value::text("3").as_count(), Some(3));
        for wrong in
            [Value::Number(-1.0), Value::Number(1.5), Value::text("NaN"), Value::text("x"), Value::Null]
        {
            assert_eq!(wrong.as_count(), None, "{wrong:?}");
        }
    }

    #[test]
    fn a_text_is_never_printed() {
        let secret = map(&[("password", Value::text("hunter2"))]);
        assert!(!format!("{secret:?}").contains("hunter2"));
    }

    #[test]
    fn names_of_all_tools_are_one() {
        for name in ["desiredSize", "DesiredSize", "desired-size", "desired_size"] {
            assert_eq!(snake_case(name), "desired_size");
        }
        assert_eq!(snake_case("VPCId"), "vpc_id");
        assert_eq!(snake_case("AmiId"), "ami_id");
        assert_eq!(snake_case("Ipv6CidrBlock"), "ipv6_cidr_block");
    }
}
