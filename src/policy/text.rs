//! How the values of a policy stand in TOML and JSON: as the text that people write.
//!
//! Every value is read by its `FromStr` and written by its `Display`, so that a file, a flag and a saved
//! plan have one grammar.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::age::Age;
use super::glob::Glob;
use super::regions::Regions;
use super::terms::Terms;

macro_rules! as_text {
    ($value:ty) => {
        impl Serialize for $value {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $value {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }
    };
}

as_text!(Age);
as_text!(Glob);
as_text!(Terms);

impl Serialize for Regions {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.names().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Regions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(&Vec::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}
