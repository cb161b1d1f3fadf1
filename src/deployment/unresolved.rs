//! Outputs of a program that were made text before they were known. Readers ask it what has to be kept of an
//! attribute that is dropped otherwise, and checks ask it which texts hold one.
//!
//! Pulumi: <https://www.pulumi.com/docs/iac/concepts/inputs-outputs/>. The CDK's tokens:
//! <https://docs.aws.amazon.com/cdk/v2/guide/tokens.html>.

use super::Value;
use super::value::Entries;

/// What nobody writes who does not mean it: sentences and addresses that programs put in the place of a value.
const SURE: [&str; 5] = [
    "Calling [toString] on an [Output<T>]",
    "Calling [toJSON] on an [Output<T>]",
    "Calling [ToString] on an [Output<T>]",
    "Calling __str__ on an Output[T]",
    "<pulumi.output.Output object at 0x",
];

/// How a token of the CDK's begins, of a text and of a list. What it stands for gives it its name:
/// `${Token[TOKEN.123]}`, `${Token[AWS.Region.4]}`.
const TOKENS: [&str; 2] = ["${Token[", "#{Token["];

/// What stands in texts about programs as well, but in no tag and no name.
const IN_NAMES: [&str; 5] =
    ["OutputImpl", "Output<", "com.pulumi.core.Output", "com.pulumi.core.internal.Output", "{0xc000"];

/// What stands in scripts and prose as well, but in no policy, name or description.
const IN_STATEMENTS: [&str; 4] = ["[object Object]", "[object Promise]", "Pulumi.Output`1[", "OutputState="];

/// How the names of attributes end whose text is a statement to AWS, and neither script nor prose.
const STATEMENTS: [&str; 6] = ["arn", "description", "name", "policies", "policy", "policy_document"];

/// The word by which a text of the attribute of this name holds an unresolved output.
pub fn word_in(attribute: &str, text: &str) -> Option<&'static str> {
    let is_statement = STATEMENTS.iter().any(|ending| attribute.ends_with(ending));
    let more: &[&str] = if is_statement { &IN_STATEMENTS } else { &[] };
    first(text, &[&SURE, &TOKENS, more])
}

/// The word by which a tag or a name holds one.
pub fn word_in_name(text: &str) -> Option<&'static str> {
    first(text, &[&SURE, &TOKENS, &IN_NAMES, &IN_STATEMENTS])
}

fn first(text: &str, tables: &[&[&'static str]]) -> Option<&'static str> {
    // Every text of a file is asked, and hardly any holds even that.
    if !text.bytes().any(is_in_each_word) {
        return None;
    }
    tables.iter().copied().flatten().copied().find(|word| text.contains(word))
}

/// Whether each of the words holds this letter or another one of these.
const fn is_in_each_word(letter: u8) -> bool {
    matches!(letter, b'[' | b'<' | b'{' | b'O')
}

/// What is kept of an attribute that nobody asks for: where unresolved outputs stand in it, and nothing of its
/// texts but the words that tell it. [`Value::Null`] where it holds none.
pub fn trace(attribute: &str, value: &Value) -> Value {
    let text = |text: &str| word_in(attribute, text).map_or(Value::Null, Value::text);
    match value {
        Value::Text(it) => text(it),
        Value::List(list) => {
            let list: Vec<Value> =
                list.iter().map(|it| trace(attribute, it)).filter(|it| *it != Value::Null).collect();
            if list.is_empty() { Value::Null } else { Value::List(list) }
        }
        Value::Map(map) => {
            let entries = map.iter().filter_map(|(key, value)| match word_in(attribute, key) {
                Some(word) => Some((word, Value::text(word))),
                None => Some((key, trace(attribute, value))).filter(|(_, it)| *it != Value::Null),
            });
            let map: Entries = entries.collect();
            if map.is_empty() { Value::Null } else { Value::Map(map) }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Unknown(_) | Value::Secret => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_holds_a_letter_by_which_it_is_looked_for() {
        for word in [&SURE as &[&str], &TOKENS, &IN_NAMES, &IN_STATEMENTS].into_iter().flatten() {
            assert!(word.bytes().any(is_in_each_word), "{word}");
        }
    }

    fn map(entries: &[(&str, Value)]) -> Value {
        Value::Map(entries.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
    }

    const TO_STRING: &str = "Calling [toString] on an [Output<T>] is not supported.";

    #[test]
    fn a_trace_tells_where_and_nothing_that_could_be_a_secret() {
        let value = map(&[
            ("Sid", Value::text("hunter2")),
            (
                "Statement",
                Value::List(vec![map(&[("Federated", Value::text(format!("hunter2 {TO_STRING}")))])]),
            ),
        ]);
        let kept = trace("policy", &value);
        assert_eq!(kept.at("Statement.Federated").as_text(), Some("Calling [toString] on an [Output<T>]"));
        assert_eq!(kept.at("Sid"), &Value::Null);
        assert_eq!(trace("password", &Value::text("hunter2")), Value::Null);
    }

    #[test]
    fn a_key_can_hold_one_too() {
        let key = format!("{TO_STRING}:sub");
        let value = map(&[("StringEquals", map(&[(&key, Value::text("x"))]))]);
        assert_ne!(trace("assume_role_policy", &value), Value::Null);
    }

    #[test]
    fn a_token_of_the_cdk_is_found_in_every_text_whatever_it_is_called_after() {
        for token in ["${Token[TOKEN.123]}", "a-${Token[AWS.Region.4]}", "#{Token[TOKEN.7]}"] {
            assert!(word_in_name(token).is_some() && word_in("user_data", token).is_some(), "{token}");
        }
        assert_eq!(word_in_name("${Tokens}"), None);
    }

    #[test]
    fn what_scripts_write_as_well_counts_in_statements_alone() {
        assert!(word_in("assume_role_policy", "[object Object]:sub").is_some());
        assert!(word_in("description", "for [object Promise]").is_some());
        assert_eq!(word_in("zip_file", "if (text === '[object Object]')"), None);
        assert_eq!(word_in("description", "prints outputs: Output<T>"), None, "a word about outputs is none");
        assert!(word_in("zip_file", TO_STRING).is_some());
    }
}
