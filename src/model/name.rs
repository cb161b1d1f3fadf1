//! A name that very many things bear: each text is kept once, for as long as the program runs. The names of kinds and
//! regions are made of it, of which every key has both.
//!
//! A copy costs nothing, and two names of the same text are most often the same text in memory: then they are equal
//! at a glance. Their order is that of their texts, as documents show them.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Every text that is no constant of the program.
static KEPT: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());

/// One name.
#[derive(Clone, Copy)]
pub(super) struct Name(&'static str);

impl Name {
    /// A constant of the program.
    pub(super) const fn of(text: &'static str) -> Self {
        Self(text)
    }

    /// Any text. It stays in memory for good: there are few kinds and regions, however many things.
    pub(super) fn kept(text: &str) -> Self {
        // No holder of the lock leaves the set half changed.
        let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
        let known = kept.get(text).copied();
        Self(known.unwrap_or_else(|| {
            let text: &'static str = Box::leak(text.into());
            kept.insert(text);
            text
        }))
    }

    pub(super) const fn as_str(self) -> &'static str {
        self.0
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.0, other.0) || self.0 == other.0
    }
}

impl Eq for Name {}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Self) -> Ordering {
        if std::ptr::eq(self.0, other.0) { Ordering::Equal } else { self.0.cmp(other.0) }
    }
}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.0, f)
    }
}

impl Serialize for Name {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.0)
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Self::kept(&String::deserialize(from)?))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_same_text_is_kept_once() {
        let [one, two] = [String::from("a-name"), String::from("a-name")].map(|text| Name::kept(&text));
        assert!(std::ptr::eq(one.as_str(), two.as_str()));
        assert_eq!(one, Name::of("a-name"), "a constant is the same name wherever it stands");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn names_are_equal_and_in_order_as_their_texts_are(a in "[ab]{0,3}", b in "[ab]{0,3}") {
            let (one, two) = (Name::kept(&a), Name::kept(&b));
            prop_assert_eq!(one.cmp(&two), a.cmp(&b));
            prop_assert_eq!(one == two, a == b);
            prop_assert_eq!(serde_json::to_string(&one).ok(), serde_json::to_string(&a).ok());
            let text = serde_json::to_string(&a).unwrap_or_default();
            prop_assert_eq!(serde_json::from_str::<Name>(&text).ok(), Some(one));
        }
    }
}
