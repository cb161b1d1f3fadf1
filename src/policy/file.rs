//! The shape of a policy and its reading from TOML.
//!
//! The commands hand over the text of a file; its values (`terms.rs`, `glob.rs`, `age.rs`, `regions.rs`) are
//! read here and never again. Merging joins two policies, the selector compiles one, a saved plan holds one.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::guards::{GuardFault, GuardFile};
use crate::model::{KindName, Region};

use super::PolicyError;
use super::age::Age;
use super::marker::ConsentMarker;
use super::pieces::Pieces;
use super::regions::Regions;
use super::terms::Terms;

/// Whose leftovers count, and what must stay. `protect` always wins.
///
/// The same structure is a policy file (TOML), the effect of the flags added to it, and the copy in a saved plan.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Policy {
    /// The tag keys whose values together name a stack, such as `["Project", "EnvironmentSuffix"]`.
    pub stack_key: Vec<String>,
    /// What is meant to be removed: each entry is a comma-joined AND of terms, the entries are ORed.
    #[schemars(with = "Vec<String>")]
    pub select: Vec<Terms>,
    /// What must stay; same grammar.
    #[schemars(with = "Vec<String>")]
    pub protect: Vec<Terms>,
    /// Files of guard rules in Cedar, from the folder of the policy file: what a rule forbids stays. A saved plan has
    /// them with their text.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub guards: Vec<GuardFile>,
    /// Nothing younger than this is touched: `90s`, `45m`, `2h`, `3d`, `1w`.
    #[schemars(with = "Option<String>")]
    pub older_than: Option<Age>,
    /// The regions to look into; `["all"]` for every enabled one.
    #[schemars(with = "Vec<Region>")]
    pub regions: Regions,
    /// Kinds holding data that may be deleted too.
    pub with_data: BTreeSet<KindName>,
    /// Stacks that nobody wants any more, although they live or a state still knows them: `shop/attempt-1`,
    /// `cluster:demo`, `cfn:web`. Each is named letter by letter.
    pub abandoned: Vec<String>,
    /// Stacks that are nobody's some time after the last of them was made, alive or not. Each entry stands for itself.
    pub expired: Vec<Expiry>,
    /// States of Terraform, OpenTofu or Pulumi, files, folders or `s3://BUCKET/PREFIX`: what they own or name stays. One that cannot be read
    /// may own anything.
    pub states: Vec<String>,
    /// How long ago the youngest thing of a stack must have been made: in a younger stack somebody is at work.
    /// Ten minutes, unless said otherwise; `0s` switches it off.
    #[schemars(with = "Option<String>")]
    pub settled: Option<Age>,
    /// The regions in which users of global things (roles, profiles, providers) are looked for, beside those
    /// of the scan. Empty: every enabled one.
    pub assume_regions: BTreeSet<Region>,
    /// Services that the endpoint does not know at all: their kinds count as empty. For emulators.
    pub without_services: BTreeSet<String>,
    /// Whether living stacks that were selected are expected, so that sparing them is no failure.
    pub spare_living: bool,
    /// Whether rules of security groups that stay are revoked where all that they name goes; else such a group keeps
    /// what its rules name.
    pub revoke_in_kept_groups: bool,
    /// Tag keys that an organisation's tools write onto everything, so that they do not say whose a thing is.
    pub neutral_tags: Vec<String>,
    /// The account this policy is for: any other is refused.
    pub account: Option<String>,
    /// The same, for a policy of several accounts: any other is refused.
    pub accounts: BTreeSet<String>,
    /// Where the first sight of things is remembered: a path, or `s3://BUCKET/KEY`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<String>,
    /// What the account must bear before an unattended run deletes anything in it:
    /// `{ parameter = "/aws-janitor/consent", value = "yes" }` or `{ role = "NAME", tag = "KEY", value = "TEXT" }`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consent_marker: Option<ConsentMarker>,
    /// At most so many deletions in one run; more are refused as a whole.
    pub max_deletes: Option<u32>,
    /// The same by kind.
    pub max_per_kind: BTreeMap<KindName, u32>,
    /// How long a run may take: same form as `older-than`.
    #[schemars(with = "Option<String>")]
    pub timeout: Option<Age>,
}

/// The owner's word that stacks like these are nobody's after so long a time, alive or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Expiry {
    /// Which stacks: all that bears a stack's name has to match these terms. They select nothing by themselves.
    #[schemars(with = "String")]
    pub select: Terms,
    /// How long ago the youngest thing that a deployer made of it must have been made, for certain.
    #[schemars(with = "String")]
    pub after: Age,
}

/// Gives for the name of a guard file what to call it, and its text or why there is none.
pub type ReadGuards<'a> = &'a dyn Fn(&str) -> (String, Result<String, String>);

/// The JSON Schema of a policy file.
pub fn schema() -> serde_json::Value {
    let mut schema = schemars::schema_for!(Policy).to_value();
    schema.sort_all_objects();
    schema
}

impl Policy {
    /// Reads a policy file. Unknown keys are refused, in tables too. Whether its kinds exist, the selector checks.
    pub fn from_toml(text: &str) -> Result<Self, PolicyError> {
        match Pieces::of(text).first_error() {
            Some(error) => Err(error),
            None => toml::from_str(text)
                .map_err(|error| PolicyError::Toml { line: 1, why: error.message().to_owned() }),
        }
    }

    /// The same policy with the text of its guard files, which `read` gives with what to call the file.
    ///
    /// # Errors
    /// If one cannot be read: nobody would know what it forbids.
    pub fn with_guards(mut self, read: ReadGuards<'_>) -> Result<Self, PolicyError> {
        let mut faults = Vec::new();
        for file in self.guards.iter_mut().filter(|file| file.rules().is_none()) {
            let (name, text) = read(file.name());
            match text {
                Ok(text) => *file = GuardFile::read(name, text),
                Err(why) => {
                    let why = format!("it cannot be read, and nobody would know what it forbids: {why}");
                    faults.push(GuardFault { file: name, line: None, why });
                }
            }
        }
        if faults.is_empty() { Ok(self) } else { Err(PolicyError::Guards(faults)) }
    }

    /// The accounts that the policy is for, for people, unless this is one of them.
    pub fn refuses(&self, account: &str) -> Option<String> {
        let allowed: Vec<&str> = match &self.account {
            Some(only) => vec![only],
            None => self.accounts.iter().map(String::as_str).collect(),
        };
        let refused = !allowed.is_empty() && !allowed.contains(&account);
        refused.then(|| allowed.join(" or "))
    }
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
            guards = ["guards.cedar"]
            older-than = "2h"
            regions = ["us-east-1"]
            with-data = ["log-group"]
            abandoned = ["demo/attempt-1"]
            expired = [{ select = "tag:purpose=ci-test", after = "24h" }]
            states = ["shop.tfstate"]
            neutral-tags = ["CreatedBy"]
            account = "123456789012"
            accounts = ["123456789012", "210987654321"]
            memory = "s3://bucket/first-seen"
            consent-marker = { parameter = "/aws-janitor/consent", value = "yes" }
            max-deletes = 50
            timeout = "1h"
            [max-per-kind]
            vpc = 2
            "#,
        )
        .expect("a policy");
        assert_eq!(policy.stack_key, ["Project", "EnvironmentSuffix"]);
        assert_eq!(policy.max_per_kind[&KindName::of("vpc")], 2);
        assert_eq!(policy.older_than, "2h".parse().ok());
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
    fn a_value_that_cannot_be_read_is_refused_with_its_line_and_key() {
        for (text, message) in [
            ("select=[\n'tag:a',\n'tagg:b']", "line 3, in select: the term `tagg:b` is not understood"),
            ("\nprotect=['tag:keep*']", "line 2, in protect: the term `tag:keep*`"),
            ("older-than='24'", "line 1, in older-than: `24` is not an age"),
            ("timeout='-1h'", "line 1, in timeout: `-1h` is not an age"),
            ("regions=['all',\n'US_EAST']", "in regions: `US_EAST` is not the name of a region"),
            ("max-deletes=1\n[max-per-kind]\nvpc='x'", "line 3, in max-per-kind: invalid type"),
        ] {
            let error = Policy::from_toml(text).expect_err(text).to_string();
            assert!(error.contains(message), "{error}");
        }
    }

    #[test]
    fn a_glob_in_place_of_an_abandoned_stacks_name_is_refused_with_what_to_write() {
        for glob in ["demo/*", "demo/attempt-?", "demo/attempt-[12]", r"demo/\\*"] {
            let error =
                Policy::from_toml(&format!("abandoned=['demo/attempt-1', '{glob}']")).expect_err(glob);
            assert!(
                error.to_string().contains("in abandoned: `demo/")
                    && error.to_string().contains("whole name")
            );
        }
    }

    #[test]
    fn a_policy_is_read_back_as_it_was_printed() {
        let policy = Policy::from_toml(
            "select=[' tag:a ,name=b', 'stack=a\\,b']\nolder-than='90m'\ntimeout='1w'\nregions=['all','us-east-1']",
        )
        .expect("a policy");
        let json = serde_json::to_value(&policy).expect("JSON");
        assert_eq!(json["select"], serde_json::json!(["tag:a,name=b", "stack=a\\,b"]));
        assert_eq!((&json["older-than"], &json["timeout"]), (&"1h30m".into(), &"7d".into()));
        assert_eq!(json["regions"], serde_json::json!(["all"]));
        assert_eq!(serde_json::from_value::<Policy>(json).expect("a policy"), policy);
    }

    #[test]
    fn an_unknown_key_in_a_table_is_refused_with_its_line_and_the_nearest_key() {
        for (text, message) in [
            (
                "[[expired]]\nselect='tag:a=bcd'\nafte='1d'",
                "line 3: there is no key `afte` in expired; did you mean `after`?",
            ),
            (
                "\nconsent-marker={parameter='/x',valeu='y'}",
                "line 2: there is no key `valeu` in consent-marker; did you mean `value`?",
            ),
            ("expired=[{select='tag:a=bcd'}]", "line 1, in expired: missing field `after`"),
        ] {
            let error = Policy::from_toml(text).expect_err(text).to_string();
            assert!(error.contains(message), "{error}");
        }
    }

    #[test]
    fn any_account_is_refused_but_those_that_are_named() {
        let refuses = |text: &str, account: &str| Policy::from_toml(text).expect(text).refuses(account);
        assert_eq!(refuses("", "1"), None);
        assert_eq!(refuses("account='1'", "1"), None);
        assert_eq!(refuses("account='1'", "2").as_deref(), Some("1"));
        assert_eq!(refuses("accounts=['1','2']", "2"), None);
        assert_eq!(refuses("accounts=['1','2']", "3").as_deref(), Some("1 or 2"));
        assert_eq!(refuses("account='1'\naccounts=['1','2']", "2").as_deref(), Some("1"));
    }

    #[test]
    fn layout_and_comments_mean_nothing() {
        let a = Policy::from_toml("select = [\"tag:a\"]\nolder-than = \"2h\"").expect("a policy");
        let b = Policy::from_toml("# a comment\nolder-than='120m'\nselect=['tag:a']").expect("a policy");
        let c = Policy::from_toml("select = [\"tag:a\"]\nolder-than = \"3h\"").expect("a policy");
        assert_eq!(a, b);
        assert_ne!(a, c);
    }

    #[test]
    fn the_schema_names_every_key_and_allows_no_other() {
        let schema = schema();
        assert_eq!(schema["additionalProperties"], false);
        assert!(schema["properties"]["older-than"].is_object());
        assert_eq!(schema["properties"].as_object().map(serde_json::Map::len), Some(23));
    }
}
