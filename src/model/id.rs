//! Accounts, regions and names of kinds as types of their own, so that none is given for another.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::name::Name;

/// The number of an AWS account, twelve digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct AccountId(String);

impl AccountId {
    /// An account id as AWS writes it.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// An AWS region, or [`Region::global`] for services that have one place for the whole account (IAM).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Region(#[schemars(with = "String")] Name);

impl Region {
    /// A region by its AWS name, such as `us-east-1`.
    pub fn new(name: impl Into<String>) -> Self {
        Self(Name::kept(&name.into()))
    }

    /// The place of kinds that no region holds.
    pub const fn global() -> Self {
        Self(Name::of("global"))
    }

    /// Whether this is [`Region::global`].
    pub fn is_global(&self) -> bool {
        self.0.as_str() == "global"
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The name of a kind: singular and hyphenated, such as `nat-gateway`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct KindName(#[schemars(with = "String")] Name);

impl KindName {
    /// A kind's name as a constant of the program.
    pub const fn of(name: &'static str) -> Self {
        Self(Name::of(name))
    }

    /// A kind's name read from a file or an argument. Whether it exists, the catalog knows.
    pub fn new(name: impl Into<String>) -> Self {
        Self(Name::kept(&name.into()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Display for KindName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
