//! Finds outputs of a program that were not resolved in any text of an AWS resource but its tags and its name:
//! a policy with one is malformed, a description with one is refused, and elsewhere it reaches AWS as it stands.
//! The check of the tags asks it.
//!
//! What AWS says of such a policy (`MalformedPolicyDocument`):
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html>.

use std::fmt;

use crate::deployment::{Value, unresolved};
use crate::model::few;

use super::super::scene::Planned;
use super::super::{CheckName, Finding, Outcome};
use super::tags::RESOLVE;
use super::user_data;

/// Attributes that the check of the tags looks at itself.
const OF_TAGS: [&str; 8] =
    ["bucket", "cluster_name", "name", "node_group_name", "tag", "tag_specifications", "tags", "tags_all"];

/// Attributes of which AWS takes any text, which may well be about outputs: pages, programs, parameters.
const FREE: [&str; 9] = [
    "body",
    "code",
    "content",
    "definition",
    "document",
    "secret_string",
    "template_body",
    "value",
    "zip_file",
];

/// How many places are named.
const NAMED: usize = 3;
/// How much of a place is told, in characters: keys are data.
const SHOWN: usize = 80;

/// One finding on all its texts.
pub(super) fn of(planned: Planned<'_>) -> Option<Finding> {
    let mut places: Vec<(String, &'static str)> = Vec::new();
    let mut is_free = true;
    for (name, value) in planned.item.properties.entries().filter(|(name, _)| !OF_TAGS.contains(name)) {
        let before = places.len();
        collect(name, Path { around: None, name }, value, &mut places);
        is_free &= before == places.len() || FREE.contains(&name);
    }
    let (_, word) = places.first()?;
    let end = |path: &str| path.char_indices().nth(SHOWN).map_or(path.len(), |(at, _)| at);
    let named = few(places.iter().map(|(path, _)| path.get(..end(path)).unwrap_or(path)), NAMED);
    let evidence = format!("an output that was not resolved stands in its {named}: \"{word}…\"");
    let outcome = if is_free { Outcome::Warn } else { Outcome::Fail };
    Some(planned.finding(CheckName::Tags, outcome, evidence, RESOLVE))
}

/// Where a text stands: written down where something is found alone.
#[derive(Clone, Copy)]
struct Path<'a> {
    around: Option<&'a Path<'a>>,
    name: &'a str,
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.around {
            Some(around) => write!(f, "{around}.{}", self.name),
            None => f.write_str(self.name),
        }
    }
}

fn collect(attribute: &str, path: Path<'_>, value: &Value, places: &mut Vec<(String, &'static str)>) {
    match value {
        Value::Text(text) => {
            let encoded = || {
                let text = if attribute.starts_with("user_data") { user_data::decoded(text) } else { None };
                text.and_then(|text| unresolved::word_in(attribute, &text))
            };
            if let Some(word) = unresolved::word_in(attribute, text).or_else(encoded) {
                places.push((path.to_string(), word));
            }
        }
        Value::List(list) => list.iter().for_each(|it| collect(attribute, path, it, places)),
        Value::Map(map) => {
            for (key, value) in map.iter() {
                match unresolved::word_in(attribute, key) {
                    Some(word) => places.push((path.to_string(), word)),
                    None => collect(attribute, Path { around: Some(&path), name: key }, value, places),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Unknown(_) | Value::Secret => {}
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{Item, World, item, map, text, unknown};
    use super::*;

    const TO_STRING: &str =
        "Calling [toString] on an [Output<T>] is not supported.\n\nTo get the value of an Output<T> …";

    fn findings(item: Item) -> Vec<Finding> {
        let mut world = World::new();
        world.add(item);
        world.findings(CheckName::Tags)
    }

    fn outcome(name: &str, value: Value) -> Outcome {
        findings(item("a", "iam-role").with(name, value))[0].outcome
    }

    #[test]
    fn an_unresolved_output_is_found_wherever_it_stands() {
        assert_eq!(outcome("description", text(&format!("for {TO_STRING}"))), Outcome::Fail);
        assert_eq!(outcome("assume_role_policy", text("{\"Federated\":\"[object Object]\"}")), Outcome::Fail);
        assert_eq!(outcome("user_data", text(TO_STRING)), Outcome::Fail);
        // `#!/bin/bash`, a line end, `echo Calling [toString] on an [Output<T>]`
        let encoded = "IyEvYmluL2Jhc2gKZWNobyBDYWxsaW5nIFt0b1N0cmluZ10gb24gYW4gW091dHB1dDxUPl0=";
        assert_eq!(outcome("user_data", text(encoded)), Outcome::Fail);
        assert_eq!(outcome("vpc_id", Value::List(vec![text("x"), text(TO_STRING)])), Outcome::Fail);
    }

    #[test]
    fn a_resource_has_one_finding_that_names_the_places_and_nothing_of_the_texts() {
        let statement = map(&[("Principal", text(&format!("hunter2 {TO_STRING}"))), (TO_STRING, text("x"))]);
        let policy = map(&[("Statement", Value::List(vec![statement]))]);
        let found =
            findings(item("a", "iam-role").with("policy", policy).with("description", text(TO_STRING)));
        assert_eq!(found.len(), 1);
        let evidence = &found[0].evidence;
        assert!(evidence.contains("description, policy.Statement, policy.Statement.Principal"), "{evidence}");
        assert!(!evidence.contains("hunter2"), "{evidence}");
    }

    #[test]
    fn texts_that_talk_of_outputs_are_well() {
        assert_eq!(outcome("description", text("Output<T> of the stack")), Outcome::Skipped);
        assert_eq!(outcome("user_data", text("#!/bin/bash\ngrep '[object Object]' log")), Outcome::Skipped);
        assert_eq!(outcome("assume_role_policy", unknown(&["x"])), Outcome::Skipped);
        assert_eq!(outcome("content", text(TO_STRING)), Outcome::Warn, "AWS takes any content");
        let elsewhere = item("a", "x").of_type("kubernetes_config_map").with("description", text(TO_STRING));
        assert_eq!(findings(elsewhere)[0].outcome, Outcome::Skipped);
    }

    #[test]
    fn a_name_is_told_once() {
        assert_eq!(findings(item("a", "iam-role").with("name", text(TO_STRING))).len(), 1);
    }
}
