//! The entries of a map of values: `value` holds them, and whoever reads a file makes them.
//!
//! A file has many small maps, and most are looked at many times. So the entries of one lie beside each other in
//! the order of their names, and a name of usual length lies in its entry.

use std::cmp::Ordering;
use std::fmt;
use std::ops::Deref;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

use super::Value;

/// How long a name may be that lies in its entry.
const SHORT: usize = 22;

/// The name of an entry.
#[derive(Clone)]
pub struct EntryName(Letters);

#[derive(Clone)]
enum Letters {
    Short(u8, [u8; SHORT]),
    Long(Box<str>),
}

impl EntryName {
    fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Letters::Short(length, letters) => letters.get(..usize::from(*length)).unwrap_or_default(),
            Letters::Long(text) => text.as_bytes(),
        }
    }

    /// It as text.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            // It was text when it was put there.
            Letters::Short(..) => std::str::from_utf8(self.as_bytes()).unwrap_or_default(),
            Letters::Long(text) => text,
        }
    }
}

impl From<&str> for EntryName {
    fn from(text: &str) -> Self {
        let mut letters = [0; SHORT];
        match (letters.get_mut(..text.len()), u8::try_from(text.len())) {
            (Some(place), Ok(length)) => {
                place.copy_from_slice(text.as_bytes());
                Self(Letters::Short(length, letters))
            }
            _ => Self(Letters::Long(text.into())),
        }
    }
}

impl From<String> for EntryName {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<&String> for EntryName {
    fn from(text: &String) -> Self {
        Self::from(text.as_str())
    }
}

impl Deref for EntryName {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl PartialEq for EntryName {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for EntryName {}

impl PartialOrd for EntryName {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for EntryName {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl fmt::Debug for EntryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl<'de> Deserialize<'de> for EntryName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OfText;

        impl Visitor<'_> for OfText {
            type Value = EntryName;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<EntryName, E> {
                Ok(text.into())
            }
        }

        deserializer.deserialize_str(OfText)
    }
}

/// Values by name: each name once, in their order.
#[derive(Clone, Default, PartialEq)]
pub struct Entries(Vec<(EntryName, Value)>);

impl Entries {
    /// How many there are.
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn place(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(it, _)| it.as_bytes().cmp(name.as_bytes()))
    }

    /// The value of this name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        let (_, value) = self.0.get(self.place(name).ok()?)?;
        Some(value)
    }

    /// The same, to be changed.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        let at = self.place(name).ok()?;
        self.0.get_mut(at).map(|(_, value)| value)
    }

    /// The value of this name, which is null afterwards; `None` where it is null or not there.
    pub fn take(&mut self, name: &str) -> Option<Value> {
        let value = std::mem::replace(self.get_mut(name)?, Value::Null);
        (value != Value::Null).then_some(value)
    }

    /// Puts one in, in the place of another of its name. Who has many collects them: each that is put in moves
    /// those behind it.
    pub fn insert(&mut self, name: impl Into<EntryName>, value: Value) {
        let name = name.into();
        match self.place(&name) {
            Ok(at) => self.0.splice(at..=at, [(name, value)]).for_each(drop),
            Err(at) => self.0.insert(at, (name, value)),
        }
    }

    /// Puts one in where none of its name stands.
    pub fn insert_new(&mut self, name: impl Into<EntryName>, value: Value) {
        let name = name.into();
        if self.place(&name).is_err() {
            self.insert(name, value);
        }
    }

    /// Keeps those alone whose name is one of these.
    pub fn retain(&mut self, names: &[&str]) {
        self.0.retain(|(name, _)| names.contains(&name.as_str()));
    }

    /// The entries, by name.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// The same, whose values can be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&str, &mut Value)> {
        self.0.iter_mut().map(|(name, value)| (name.as_str(), value))
    }

    /// The names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// The values, by name.
    pub fn values(&self) -> impl Iterator<Item = &Value> {
        self.0.iter().map(|(_, value)| value)
    }

    /// The same, to be changed.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut Value> {
        self.0.iter_mut().map(|(_, value)| value)
    }
}

impl fmt::Debug for Entries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl IntoIterator for Entries {
    type Item = (EntryName, Value);
    type IntoIter = std::vec::IntoIter<(EntryName, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<N: Into<EntryName>> Extend<(N, Value)> for Entries {
    fn extend<I: IntoIterator<Item = (N, Value)>>(&mut self, entries: I) {
        let mut in_order = true;
        for (name, value) in entries {
            let name = name.into();
            match self.0.last_mut() {
                // One that stands there many times takes no more room than one.
                Some((last, its)) if *last == name => *its = value,
                last => {
                    in_order &= last.is_none_or(|(last, _)| *last < name);
                    self.0.push((name, value));
                }
            }
        }
        if !in_order {
            // Of several of one name the last one counts.
            self.0.reverse();
            self.0.sort_by(|(one, _), (other, _)| one.cmp(other));
            self.0.dedup_by(|(later, _), (first, _)| later == first);
        }
    }
}

impl<N: Into<EntryName>> FromIterator<(N, Value)> for Entries {
    fn from_iter<I: IntoIterator<Item = (N, Value)>>(entries: I) -> Self {
        let entries = entries.into_iter();
        let mut all = Self(Vec::with_capacity(entries.size_hint().0));
        all.extend(entries);
        all
    }
}

impl<N: Into<EntryName>, const COUNT: usize> From<[(N, Value); COUNT]> for Entries {
    fn from(entries: [(N, Value); COUNT]) -> Self {
        entries.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    fn number(of: usize) -> Value {
        Value::Number(of as f64)
    }

    #[test]
    fn a_name_of_any_length_is_the_text_it_was_made_of() {
        let mut texts: Vec<String> = (0..40).map(|length| "x".repeat(length)).collect();
        texts.extend([
            "ä".repeat(11),
            "ä".repeat(12),
            "\u{0}".to_owned(),
            "a\u{0}".to_owned(),
            "日本".to_owned(),
        ]);
        for one in &texts {
            assert_eq!(EntryName::from(one).as_str(), one);
            for other in &texts {
                assert_eq!(
                    EntryName::from(one).cmp(&EntryName::from(other)),
                    one.cmp(other),
                    "{one} {other}"
                );
                assert_eq!(EntryName::from(one) == EntryName::from(other), one == other);
            }
        }
        assert!(size_of::<EntryName>() <= size_of::<String>());
    }

    #[test]
    fn entries_are_those_of_a_map_in_whatever_order_they_come() {
        let mut dice = 7_usize;
        for length in 0..60 {
            let mut pairs = Vec::new();
            for at in 0..length {
                dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                pairs.push((format!("name-{}", (dice >> 33) % 20), number(at)));
            }
            let map: BTreeMap<String, Value> = pairs.iter().cloned().collect();
            let mut entries: Entries = pairs.iter().cloned().collect();
            let same = |entries: &Entries| {
                entries.iter().map(|(name, it)| (name.to_owned(), it.clone())).collect::<Vec<_>>()
                    == map.clone().into_iter().collect::<Vec<_>>()
            };
            assert!(same(&entries), "{pairs:?}");
            let mut put = Entries::default();
            pairs.iter().for_each(|(name, value)| put.insert(name, value.clone()));
            assert!(same(&put) && put == entries, "{pairs:?}");
            for (name, value) in &map {
                assert_eq!(entries.get(name), Some(value));
                assert_eq!(entries.take(name).as_ref(), Some(value));
                assert_eq!(entries.take(name), None);
            }
            assert_eq!(entries.get("other"), None);
        }
    }

    #[test]
    fn a_name_that_stands_many_times_takes_no_more_room_than_one() {
        // A reader does not know beforehand how many there are.
        let mut numbers = 0..10_000;
        let entries: Entries = std::iter::from_fn(|| Some(("a", number(numbers.next()?)))).collect();
        assert_eq!(entries.get("a"), Some(&number(9_999)));
        assert!(entries.len() == 1 && entries.0.capacity() < 10);
    }
}
