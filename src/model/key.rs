//! What tells one thing from every other: the edge gives each its key, and every room looks things up by it.
//!
//! An account has very many things and every room asks for them by key again and again. So a key is copied without a
//! copy of its texts, and most two keys are told apart by numbers.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{KindName, Region};

/// What tells one resource from every other of the account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Key {
    /// Its kind.
    pub kind: KindName,
    /// Its region, or `global`.
    pub region: Region,
    /// Its id as the kind's delete call takes it: `vpc-…`, a role's name, a policy's ARN, `cluster/nodegroup`.
    #[schemars(with = "String")]
    pub id: Id,
}

impl Key {
    /// A key from its three parts.
    pub fn new(kind: KindName, region: Region, id: impl Into<String>) -> Self {
        Self { kind, region, id: Id::from(id.into()) }
    }
}

impl fmt::Display for Key {
    /// Kind and id: `vpc vpc-0123`. The region is left to the reader's context.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.id)
    }
}

/// The id of one thing: a text that is read as one, and is never changed. Its order is that of its text.
#[derive(Clone)]
pub struct Id {
    /// The first sixteen bytes as numbers, the missing ones as zeros: their order is that of the bytes.
    begins: [u64; 2],
    text: Arc<str>,
}

impl Id {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl Deref for Id {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl From<&str> for Id {
    fn from(text: &str) -> Self {
        let mut begins = [0; 2];
        for (at, byte) in text.bytes().take(16).enumerate() {
            begins[at / 8] |= u64::from(byte) << (56 - at % 8 * 8);
        }
        Self { begins, text: Arc::from(text) }
    }
}

impl From<String> for Id {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<Id> for String {
    fn from(id: Id) -> Self {
        Self::from(&id)
    }
}

impl From<&Id> for String {
    fn from(id: &Id) -> Self {
        id.as_str().to_owned()
    }
}

impl Ord for Id {
    fn cmp(&self, other: &Self) -> Ordering {
        self.begins.cmp(&other.begins).then_with(|| {
            if Arc::ptr_eq(&self.text, &other.text) { Ordering::Equal } else { self.text.cmp(&other.text) }
        })
    }
}

impl PartialOrd for Id {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Id {
    fn eq(&self, other: &Self) -> bool {
        self.begins == other.begins && (Arc::ptr_eq(&self.text, &other.text) || self.text == other.text)
    }
}

impl Eq for Id {}

impl Hash for Id {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl PartialEq<str> for Id {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Id {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl PartialEq<String> for Id {
    fn eq(&self, other: &String) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<Id> for str {
    fn eq(&self, other: &Id) -> bool {
        other == self
    }
}

impl PartialEq<Id> for &str {
    fn eq(&self, other: &Id) -> bool {
        other == self
    }
}

impl PartialEq<Id> for String {
    fn eq(&self, other: &Id) -> bool {
        other == self
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Self::from(String::deserialize(from)?))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Short and long ones that differ before, at and behind the sixteenth byte, with zeros and wide letters.
        #[test]
        fn ids_are_equal_and_in_order_as_their_texts_are(
            a in "(subnet-0abcdef01)?[ab\0é]{0,3}", b in "(subnet-0abcdef01)?[ab\0é]{0,3}",
        ) {
            let (one, two) = (Id::from(a.as_str()), Id::from(b.as_str()));
            prop_assert_eq!(one.cmp(&two), a.cmp(&b));
            prop_assert_eq!(one == two, a == b);
            prop_assert_eq!(one.clone().cmp(&one), Ordering::Equal);
            let text = serde_json::to_string(&a).unwrap_or_default();
            prop_assert_eq!(&serde_json::to_string(&one).unwrap_or_default(), &text);
            prop_assert_eq!(serde_json::from_str::<Id>(&text).ok(), Some(one));
        }
    }
}
