//! What is kept of a thing's attributes: from whatever JSON a tool wrote of them, the names by which AWS calls the
//! thing, the ids and ARNs that it mentions, and its tags. The readers get it in place of the attributes, which never
//! are in memory as a whole: they hold secrets in plain text.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::mentions;
use crate::model::Tags;

/// The attributes of a thing by which AWS calls it, and that tell where it is: letters alone, so that Terraform's
/// names and Pulumi's are one.
const OWN: [&str; 19] = [
    "accountid",
    "addonname",
    "allocationid",
    "arn",
    "autoscalinggroupname",
    "availabilityzone",
    "cluster",
    "clustername",
    "fargateprofilename",
    "functionname",
    "id",
    "instanceprofilename",
    "loggroupname",
    "name",
    "nodegroupname",
    "publicip",
    "region",
    "rolename",
    "uniqueid",
];

/// Attributes that refer to another thing by its name, at any depth.
const REFER: [&str; 13] = [
    "autoscalinggroup",
    "autoscalinggroupname",
    "autoscalinggroupnames",
    "autoscalinggroups",
    "cluster",
    "clustername",
    "functionname",
    "iaminstanceprofile",
    "instanceprofile",
    "loggroupname",
    "role",
    "rolename",
    "roles",
];

/// The tags of a thing, and with those that its provider adds.
const TAGS: [&str; 2] = ["tags", "tagsall"];

/// Longer than any name in AWS.
const LONGEST_NAME: usize = 256;

/// The mark of an object that Pulumi writes in place of a value of its own: a secret above all
/// (<https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/sig/sig.go>).
const SIGNATURE: &str = "4dabf18193072939515e22adb298388d";

/// What is kept of attributes.
#[derive(Default)]
pub(super) struct Attributes {
    own: BTreeMap<&'static str, String>,
    /// Its tags.
    pub tags: Tags,
    /// The ids and ARNs in it, and the names of what it refers to.
    pub found: Vec<String>,
}

impl Attributes {
    /// An attribute of [`OWN`], where it is a text and not empty.
    pub fn own(&self, name: &str) -> Option<&str> {
        self.own.get(name).map(String::as_str).filter(|text| !text.is_empty())
    }

    /// What others add that tell of the same thing: of what stands in both, what is here.
    pub fn with(mut self, other: Option<Self>) -> Self {
        let Some(other) = other else { return self };
        for (name, text) in other.own {
            self.own.entry(name).or_insert(text);
        }
        for (key, value) in other.tags {
            self.tags.entry(key).or_insert(value);
        }
        self.found.extend(other.found);
        self
    }
}

impl<'de> serde::Deserialize<'de> for Attributes {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let mut kept = Self::default();
        Walk { into: &mut kept, at: At::Top }.deserialize(from)?;
        Ok(kept)
    }
}

/// Where in the attributes a value stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    /// All of them.
    Top,
    /// An attribute whose text is asked for; it may be the name of another thing as well.
    Asked { refers: bool },
    /// The name of another thing, or several.
    Refers,
    /// The tags, as one object, or as a list of keys and values.
    Tags,
    /// One tag of such a list.
    Pair,
    /// Anything else.
    Within,
}

/// Walks over a value; gives its text, where that is asked for.
struct Walk<'a> {
    into: &'a mut Attributes,
    at: At,
}

impl Walk<'_> {
    fn at(&mut self, at: At) -> Walk<'_> {
        Walk { into: self.into, at }
    }
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        mentions::in_text(text, &mut self.into.found);
        let named = matches!(self.at, At::Refers | At::Asked { refers: true });
        if named && !text.is_empty() && text.len() <= LONGEST_NAME {
            self.into.found.push(text.to_owned());
        }
        Ok(matches!(self.at, At::Asked { .. }).then(|| text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<Self::Value, A::Error> {
        // What is asked for is one text: of a list, each is looked at as any other.
        let at = match self.at {
            At::Asked { refers: true } | At::Refers => At::Refers,
            At::Tags => At::Pair,
            At::Asked { refers: false } | At::Top | At::Pair | At::Within => At::Within,
        };
        while list.next_element_seed(self.at(at))?.is_some() {}
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Self::Value, A::Error> {
        let before = self.into.found.len();
        let mut wrapped = false;
        let (mut own, mut texts) = (Vec::new(), Vec::new());
        while let Some(key) = map.next_key::<String>()? {
            if key == SIGNATURE {
                wrapped = true;
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            mentions::in_text(&key, &mut self.into.found);
            let name = folded(&key);
            let known = OWN.iter().find(|own| self.at == At::Top && **own == name);
            let refers = REFER.contains(&name.as_str());
            let at = match self.at {
                At::Tags | At::Pair => At::Asked { refers: false },
                At::Top if TAGS.contains(&name.as_str()) => At::Tags,
                // The groups of a node group are told as objects with a name.
                At::Refers if name == "name" => At::Refers,
                _ if known.is_some() => At::Asked { refers },
                _ if refers => At::Refers,
                At::Top | At::Asked { .. } | At::Refers | At::Within => At::Within,
            };
            match (known, map.next_value_seed(self.at(at))?) {
                (Some(known), Some(text)) => own.push((*known, text)),
                (None, Some(text)) => texts.push((key, text)),
                (_, None) => {}
            }
        }
        if wrapped {
            self.into.found.truncate(before);
            return Ok(None);
        }
        self.into.own.extend(own);
        match self.at {
            At::Tags => self.into.tags.extend(texts),
            At::Pair => self.into.tags.extend(pair(&texts)),
            At::Top | At::Asked { .. } | At::Refers | At::Within => {}
        }
        Ok(None)
    }
}

/// The tag that an object with a `key` and a `value` is.
fn pair(texts: &[(String, String)]) -> Option<(String, String)> {
    let of = |name: &str| texts.iter().find(|(key, _)| folded(key) == name).map(|(_, text)| text.clone());
    Some((of("key")?, of("value")?))
}

/// Letters and digits alone, in small letters: `cluster_name` and `clusterName` are one.
fn folded(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}
