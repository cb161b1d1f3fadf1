//! A guard file in a policy: named there, read by the commands, and from then on kept with its text, so that a saved
//! plan is judged by the rules that it was made with.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A file of guard rules: named, or with its rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(from = "Said", into = "Said")]
#[schemars(with = "Said")]
pub struct GuardFile {
    name: String,
    rules: Option<String>,
}

/// How it stands in a policy.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "expected the path of a guard file")]
#[schemars(rename = "GuardFile")]
enum Said {
    /// The path of a file of Cedar rules, from the policy file.
    Named(String),
    /// The same with the rules that were read there, as a saved plan has it.
    Read(Text),
}

#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "GuardText")]
struct Text {
    /// The file that the rules were read from.
    file: String,
    /// Its text, in Cedar.
    rules: String,
}

impl From<Said> for GuardFile {
    fn from(said: Said) -> Self {
        match said {
            Said::Named(name) => Self { name, rules: None },
            Said::Read(Text { file, rules }) => Self { name: file, rules: Some(rules) },
        }
    }
}

impl From<GuardFile> for Said {
    fn from(file: GuardFile) -> Self {
        match file.rules {
            None => Self::Named(file.name),
            Some(rules) => Self::Read(Text { file: file.name, rules }),
        }
    }
}

impl GuardFile {
    /// A file that is yet to be read.
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), rules: None }
    }

    /// A file with this text.
    pub fn read(name: impl Into<String>, rules: impl Into<String>) -> Self {
        Self { name: name.into(), rules: Some(rules.into()) }
    }

    /// What it is called in messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its text, if it was read.
    pub fn rules(&self) -> Option<&str> {
        self.rules.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_as_it_is_known_and_read_back_so() {
        for (file, json) in [
            (GuardFile::named("a.cedar"), serde_json::json!("a.cedar")),
            (GuardFile::read("a.cedar", ""), serde_json::json!({ "file": "a.cedar", "rules": "" })),
        ] {
            assert_eq!(serde_json::to_value(&file).expect("JSON"), json);
            assert_eq!(serde_json::from_value::<GuardFile>(json).expect("a file"), file);
        }
        let unknown = serde_json::json!({ "file": "a.cedar", "rules": "", "permit": true });
        assert!(serde_json::from_value::<GuardFile>(unknown).is_err());
    }
}
