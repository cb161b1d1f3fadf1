//! The shape of a policy and its reading from TOML. No meaning here; the selector gives it.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use toml::de::DeTable;

use crate::model::{KindName, Region};

use super::PolicyError;
use super::nearest::nearest;

/// Whose leftovers count, and what must stay. `protect` always wins.
///
/// The same structure is a policy file (TOML), the effect of the flags added to it, and the copy in a saved plan.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Policy {
    /// The tag keys whose values together name a stack, such as `["Project", "EnvironmentSuffix"]`.
    pub stack_key: Vec<String>,
    /// What is meant to be removed: each entry is a comma-joined AND of terms, the entries are ORed.
    pub select: Vec<String>,
    /// What must stay; same grammar.
    pub protect: Vec<String>,
    /// Nothing younger than this is touched: `90s`, `45m`, `2h`, `3d`, `1w`.
    pub older_than: Option<String>,
    /// The regions to look into; `["all"]` for every enabled one.
    pub regions: Vec<Region>,
    /// Kinds holding data that may be deleted too.
    pub with_data: BTreeSet<KindName>,
    /// Stacks (globs) that nobody wants any more, although a state still knows them.
    pub abandoned: Vec<String>,
    /// The account this policy is for: any other is refused.
    pub account: Option<String>,
    /// At most so many deletions in one run; more are refused as a whole.
    pub max_deletes: Option<u32>,
    /// The same by kind.
    pub max_per_kind: BTreeMap<KindName, u32>,
    /// How long a run may take: same form as `older-than`.
    pub timeout: Option<String>,
}

/// The JSON Schema of a policy file.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Policy).to_value()
}

impl Policy {
    /// Reads a policy file. Unknown keys are refused; the meaning of terms and ages is the selector's to check.
    pub fn from_toml(text: &str) -> Result<Self, PolicyError> {
        // Read twice: the first reading knows where each key stands, the second what it means.
        let table = DeTable::parse(text).map_err(|error| PolicyError::Toml(error.to_string()))?;
        let schema = schema();
        let known =
            || schema["properties"].as_object().into_iter().flat_map(|map| map.keys()).map(String::as_str);
        for key in table.get_ref().keys() {
            let name: &str = key.get_ref();
            if known().all(|known| known != name) {
                let remedy = match nearest(name, known()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("the keys are {}", known().collect::<Vec<_>>().join(", ")),
                };
                let line = line_of(text, key.span().start);
                return Err(PolicyError::UnknownKey { line, key: name.to_owned(), remedy });
            }
        }
        toml::from_str(text).map_err(|error| PolicyError::Toml(error.to_string()))
    }

    /// A fingerprint of everything the policy says: `sha256:` and 64 hexadecimal digits.
    ///
    /// Two policies that read the same have the same digest, whatever their files' comments and layout.
    pub fn digest(&self) -> String {
        // A struct of strings, numbers and sorted maps always has a JSON form, in the order of its fields.
        let json = serde_json::to_vec(self).unwrap_or_default();
        let hex: String = Sha256::digest(json).iter().map(|byte| format!("{byte:02x}")).collect();
        format!("sha256:{hex}")
    }
}

/// The line of a byte position, from 1.
fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_policy_is_read() {
        let policy = Policy::from_toml(
            r#"
            stack-key = ["Project", "EnvironmentSuffix"]
            select = ["tag:Project=demo"]
            protect = ["tag:keep"]
            older-than = "2h"
            regions = ["us-east-1"]
            with-data = ["log-group"]
            abandoned = ["demo/*"]
            account = "123456789012"
            max-deletes = 50
            timeout = "1h"
            [max-per-kind]
            vpc = 2
            "#,
        )
        .expect("a policy");
        assert_eq!(policy.stack_key, ["Project", "EnvironmentSuffix"]);
        assert_eq!(policy.max_per_kind[&KindName::of("vpc")], 2);
        assert_eq!(policy.older_than.as_deref(), Some("2h"));
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_line_and_the_nearest_key() {
        let error = Policy::from_toml("select = []\n\n  protects = [\"tag:keep\"]\n").expect_err("refused");
        assert_eq!(
            error.to_string(),
            "line 3: there is no key `protects` in a policy; did you mean `protect`?"
        );
        let error = Policy::from_toml("older_than = \"2h\"").expect_err("refused").to_string();
        assert!(error.contains("`older-than`"), "{error}");
        let error = Policy::from_toml("[zzz]\na = 1").expect_err("refused").to_string();
        assert!(error.contains("the keys are") && error.contains("max-per-kind"), "{error}");
    }

    #[test]
    fn wrong_types_and_broken_toml_are_refused_with_their_line() {
        for text in ["older-than = 24", "\nmax-deletes = -1", "select = \"tag:a\"", "select = [", "a\nb = 1"]
        {
            let error = Policy::from_toml(text).expect_err(text).to_string();
            assert!(error.contains("line "), "{error}");
        }
    }

    #[test]
    fn the_digest_follows_the_meaning_and_not_the_layout() {
        let a = Policy::from_toml("select = [\"tag:a\"]\nolder-than = \"2h\"").expect("a policy");
        let b = Policy::from_toml("# a comment\nolder-than='2h'\nselect=['tag:a']").expect("a policy");
        let c = Policy::from_toml("select = [\"tag:a\"]\nolder-than = \"3h\"").expect("a policy");
        assert_eq!(a.digest(), b.digest());
        assert_ne!(a.digest(), c.digest());
        assert_eq!(a.digest().len(), "sha256:".len() + 64);
    }

    #[test]
    fn the_schema_names_every_key_and_allows_no_other() {
        let schema = schema();
        assert_eq!(schema["additionalProperties"], false);
        assert!(schema["properties"]["older-than"].is_object());
        assert_eq!(schema["properties"].as_object().map(serde_json::Map::len), Some(11));
    }
}
