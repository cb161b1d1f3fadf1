//! Reads a saved plan back, for `apply` and `show`: refuses it before anything in it is used, if the digest
//! or its parts do not fit.

use std::fmt::Write;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::check::{order_faults, record_faults};
use super::file::{PlanFile, SCHEMA};
use crate::model::AccountId;

/// Why a saved plan is not applied. Each says what happened; what to do is [`PlanFileError::remedy`].
#[derive(Debug, thiserror::Error)]
pub enum PlanFileError {
    /// The text is not JSON at all.
    #[error("the file is not JSON")]
    NotJson(#[source] serde_json::Error),
    /// It is JSON, but no plan.
    #[error("the file is not a saved plan ({found})")]
    NotAPlan {
        /// What it is instead.
        found: String,
    },
    /// It is a plan of another major version.
    #[error("the plan has the schema {found}, and this version reads {SCHEMA}")]
    OtherVersion {
        /// Its schema.
        found: String,
    },
    /// Its digest does not fit its contents.
    #[error("the plan was changed after it was made")]
    Edited,
    /// It has fields that this version does not know, or lacks some that it needs.
    #[error("the plan was made by another version that writes other fields")]
    OtherFields(#[source] serde_json::Error),
    /// Its parts contradict each other.
    #[error("the plan contradicts itself ({fault})")]
    Inconsistent {
        /// The first contradiction.
        fault: String,
    },
    /// It is too old.
    #[error("the plan expired at {expires}")]
    Expired {
        /// When it expired.
        expires: Timestamp,
    },
    /// It is for another account.
    #[error("the plan is for account {planned}, and these credentials are for {actual}")]
    OtherAccount {
        /// The plan's account.
        planned: AccountId,
        /// The caller's account.
        actual: AccountId,
    },
}

/// Whose concern an error is, for the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The user gave a file that is not a plan of this version.
    Usage,
    /// A guard refuses a plan that could be read.
    Guard,
}

impl PlanFileError {
    /// What to do about it, in one sentence.
    pub const fn remedy(&self) -> &'static str {
        match self {
            Self::NotJson(_) => "save a plan with `aws-janitor plan --out FILE` and give that file",
            Self::NotAPlan { .. } => "save one with `aws-janitor plan --out FILE`",
            Self::OtherVersion { .. } | Self::OtherFields(_) => "plan anew with this version",
            Self::Edited => "plan anew instead of editing the file",
            Self::Inconsistent { .. } => "plan anew, and report this as a bug",
            Self::Expired { .. } => "plan anew, because the account may have changed since",
            Self::OtherAccount { .. } => "use the other profile",
        }
    }

    /// Whose concern it is.
    pub const fn refusal(&self) -> Refusal {
        match self {
            Self::NotJson(_) | Self::NotAPlan { .. } | Self::OtherVersion { .. } | Self::OtherFields(_) => {
                Refusal::Usage
            }
            Self::Edited | Self::Inconsistent { .. } | Self::Expired { .. } | Self::OtherAccount { .. } => {
                Refusal::Guard
            }
        }
    }
}

impl PlanFile {
    /// A plan from the text of its file.
    ///
    /// # Errors
    /// If the text is no plan, not one of this version, was changed by hand, or contradicts itself.
    pub fn read(text: &str) -> Result<Self, PlanFileError> {
        let value: Value = serde_json::from_str(text).map_err(PlanFileError::NotJson)?;
        match value.get("schema").and_then(Value::as_str) {
            Some(SCHEMA) => {}
            Some(found) if found.starts_with("aws-janitor/plan/") => {
                return Err(PlanFileError::OtherVersion { found: found.to_owned() });
            }
            Some(found) => return Err(PlanFileError::NotAPlan { found: format!("its schema is {found}") }),
            None => return Err(PlanFileError::NotAPlan { found: "it has no schema".to_owned() }),
        }
        if value.get("digest").and_then(Value::as_str) != Some(digest_without_itself(&value).as_str()) {
            return Err(PlanFileError::Edited);
        }
        let file: Self = serde_json::from_value(value).map_err(PlanFileError::OtherFields)?;
        match file.contradiction() {
            Some(fault) => Err(PlanFileError::Inconsistent { fault }),
            None => Ok(file),
        }
    }

    /// Whether a plan that was not read from its own file (a journal holds one) is still as it was made.
    ///
    /// # Errors
    /// If it was changed by hand, or contradicts itself.
    pub fn check_whole(&self) -> Result<(), PlanFileError> {
        if self.schema != SCHEMA {
            return Err(PlanFileError::OtherVersion { found: self.schema.clone() });
        }
        if !self.own_digest().is_ok_and(|digest| digest == self.digest) {
            return Err(PlanFileError::Edited);
        }
        self.contradiction().map_or(Ok(()), |fault| Err(PlanFileError::Inconsistent { fault }))
    }

    /// Whether it may be applied now, by these credentials.
    ///
    /// # Errors
    /// If it is for another account or too old.
    pub fn check_applicable(&self, account: &AccountId, now: Timestamp) -> Result<(), PlanFileError> {
        if *account != self.account {
            return Err(PlanFileError::OtherAccount {
                planned: self.account.clone(),
                actual: account.clone(),
            });
        }
        if now >= self.expires {
            return Err(PlanFileError::Expired { expires: self.expires });
        }
        Ok(())
    }

    /// The digest that its contents ask for.
    pub(super) fn own_digest(&self) -> Result<String, serde_json::Error> {
        Ok(digest_without_itself(&serde_json::to_value(self)?))
    }

    fn contradiction(&self) -> Option<String> {
        if self.caller.account != self.account {
            return Some("the caller belongs to another account".to_owned());
        }
        if digest(&self.policy).ok().as_ref() != Some(&self.policy_digest) {
            return Some("the policy does not fit its digest".to_owned());
        }
        let plan = self.plan();
        let (resources, cut_from) = (self.resources.len(), self.cut_from.len());
        if plan.fates.len() != self.fates.len()
            || plan.resources.len() != resources
            || plan.cut_from.len() != cut_from
        {
            return Some("a resource stands in it twice".to_owned());
        }
        if cut_from > 0 && !self.policy.revoke_in_kept_groups {
            return Some("it changes what stays, and its policy does not allow that".to_owned());
        }
        let fault = order_faults(&plan).into_iter().chain(record_faults(&plan)).next();
        fault.map(|fault| fault.to_string())
    }
}

/// SHA-256 over the canonical JSON of a value.
pub(super) fn digest(value: &impl Serialize) -> Result<String, serde_json::Error> {
    Ok(sha256(&serde_json::to_value(value)?))
}

fn digest_without_itself(value: &Value) -> String {
    let mut value = value.clone();
    if let Some(digest) = value.get_mut("digest") {
        *digest = Value::String(String::new());
    }
    sha256(&value)
}

fn sha256(value: &Value) -> String {
    let mut text = String::new();
    canonical(value, &mut text);
    let mut hex = String::new();
    for byte in Sha256::digest(text.as_bytes()) {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

/// JSON without spaces and with sorted keys, whatever order the JSON library's features give its maps.
fn canonical(value: &Value, text: &mut String) {
    match value {
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                text.push(if i == 0 { '[' } else { ',' });
                canonical(item, text);
            }
            text.push_str(if items.is_empty() { "[]" } else { "]" });
        }
        Value::Object(fields) => {
            let mut sorted: Vec<(&String, &Value)> = fields.iter().collect();
            sorted.sort_unstable_by_key(|(key, _)| *key);
            for (i, (key, item)) in sorted.into_iter().enumerate() {
                text.push(if i == 0 { '{' } else { ',' });
                text.push_str(&Value::String(key.clone()).to_string());
                text.push(':');
                canonical(item, text);
            }
            text.push_str(if fields.is_empty() { "{}" } else { "}" });
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            text.push_str(&value.to_string())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::fixture::{account, saved};

    fn text() -> String {
        serde_json::to_string_pretty(&saved(&account())).unwrap()
    }

    #[track_caller]
    fn refused(text: &str, why: &str, refusal: Refusal) {
        let error = PlanFile::read(text).unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
        assert!(!error.to_string().contains(error.remedy()), "the remedy is told apart: {error}");
        assert_eq!(error.refusal(), refusal);
    }

    /// Changes a plan and gives it the digest that fits: what another version, or a bug, might write.
    fn forged(change: impl FnOnce(&mut Value)) -> String {
        let mut value: Value = serde_json::from_str(&text()).unwrap();
        change(&mut value);
        value["digest"] = Value::String(digest_without_itself(&value));
        value.to_string()
    }

    #[test]
    fn a_saved_plan_is_read_back_whatever_its_layout() {
        let file = saved(&account());
        assert_eq!(PlanFile::read(&text()).unwrap(), file);
        assert_eq!(PlanFile::read(&serde_json::to_string(&file).unwrap()).unwrap(), file);
    }

    #[test]
    fn what_is_no_plan_is_told_from_a_bad_plan() {
        refused("vpc-1", "not JSON", Refusal::Usage);
        refused("[]", "no schema", Refusal::Usage);
        refused(r#"{"schema": "aws-janitor/scan/1"}"#, "its schema is aws-janitor/scan/1", Refusal::Usage);
        refused(r#"{"schema": "aws-janitor/plan/1"}"#, "aws-janitor/plan/1", Refusal::Usage);
    }

    #[test]
    fn a_plan_edited_by_hand_is_refused() {
        refused(&text().replace("eip-1", "eip-2"), "changed after it was made", Refusal::Guard);
        refused(
            &text().replace("\"tags\": {}", "\"tags\": {}, \"note\": 1"),
            "changed after",
            Refusal::Guard,
        );
    }

    #[test]
    fn a_plan_with_any_one_value_changed_is_refused() {
        fn leaves(value: &Value, path: &str, found: &mut Vec<String>) {
            match value {
                Value::Array(items) => {
                    items.iter().enumerate().for_each(|(i, it)| leaves(it, &format!("{path}/{i}"), found));
                }
                Value::Object(fields) => fields.iter().for_each(|(key, it)| {
                    let key = key.replace('~', "~0").replace('/', "~1");
                    leaves(it, &format!("{path}/{key}"), found);
                }),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                    found.push(path.to_owned());
                }
            }
        }
        let whole: Value = serde_json::from_str(&text()).unwrap();
        let mut paths = Vec::new();
        leaves(&whole, "", &mut paths);
        assert!(paths.len() > 100, "{}", paths.len());
        for path in paths {
            let mut edited = whole.clone();
            let leaf = edited.pointer_mut(&path).unwrap();
            *leaf = match leaf {
                Value::String(text) => Value::String(format!("{text}x")),
                Value::Bool(is) => Value::Bool(!*is),
                _ => Value::from(17),
            };
            assert!(PlanFile::read(&edited.to_string()).is_err(), "{path} may be edited");
        }
    }

    #[test]
    fn a_plan_of_a_newer_version_with_other_fields_is_refused() {
        refused(&forged(|v| v["colour"] = "red".into()), "another version", Refusal::Usage);
        refused(
            &forged(|v| drop(v.as_object_mut().unwrap().remove("steps"))),
            "another version",
            Refusal::Usage,
        );
    }

    #[test]
    fn a_plan_that_contradicts_itself_is_refused() {
        let twice = |v: &mut Value| {
            let first = v["fates"][0].clone();
            v["fates"].as_array_mut().unwrap().push(first);
        };
        refused(&forged(twice), "stands in it twice", Refusal::Guard);
        refused(&forged(|v| v["account"] = "444455556666".into()), "another account", Refusal::Guard);
        refused(
            &forged(|v| v["policy"]["protect"] = Value::Array(vec!["tag:x".into()])),
            "policy",
            Refusal::Guard,
        );
        refused(&forged(|v| v["steps"].as_array_mut().unwrap().reverse()), "out of order", Refusal::Guard);
        refused(&forged(|v| v["resources"] = Value::Array(Vec::new())), "record", Refusal::Guard);
    }

    #[test]
    fn an_expired_or_foreign_plan_is_not_applicable() {
        let file = saved(&account());
        let at = |time: &str| time.parse().unwrap();
        let own = AccountId::new("111122223333");
        assert!(file.check_applicable(&own, at("2026-01-01T00:59:59Z")).is_ok());
        let late = file.check_applicable(&own, at("2026-01-01T01:00:00Z")).unwrap_err();
        assert!(late.to_string().starts_with("the plan expired at 2026-01-01T01:00:00Z"), "{late}");
        let other = file.check_applicable(&AccountId::new("9"), at("2026-01-01T00:00:00Z")).unwrap_err();
        assert_eq!(other.refusal(), Refusal::Guard);
    }
}
