//! Words of intent: a tag that says in words that a thing is to be kept. Whoever wrote it meant something, and
//! nothing tells that it no longer holds.

use crate::model::{Gate, Resource};

use super::super::gates::Ground;

/// What people write onto what must not go, as words.
const WORDS: [&[&str]; 9] = [
    &["keep"],
    &["retain"],
    &["preserve"],
    &["do", "not", "delete"],
    &["donotdelete"],
    &["dont", "delete"],
    &["dontdelete"],
    &["no", "delete"],
    &["nodelete"],
];

/// Values that take back what a key says.
const NO: [&str; 5] = ["false", "no", "0", "off", "none"];

/// The tag that says so, if one does.
pub(in crate::judge) fn intent(resource: &Resource) -> Option<Ground> {
    // AWS's own tags are nobody's words.
    let mut tags = resource.tags.iter().filter(|(key, _)| !key.starts_with("aws:"));
    let (key, value) = tags.find(|(key, value)| {
        let denied = NO.contains(&value.trim().to_lowercase().as_str());
        says_keep(value) || (says_keep(key) && !denied)
    })?;
    let why = format!("tag {key}={value} says that somebody means it to be kept");
    Some(Ground { gate: Gate::Intent { key: key.clone() }, why })
}

fn says_keep(text: &str) -> bool {
    let words = words(text);
    WORDS.iter().any(|phrase| words.windows(phrase.len()).any(|part| part == *phrase))
}

/// The words of a text, in small letters: `DoNot_delete-me` has four.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = vec![String::new()];
    let mut small = false;
    for letter in text.chars() {
        // An apostrophe parts no words: "don't" is one.
        if letter == '\'' {
            continue;
        }
        if !letter.is_alphanumeric() || (small && letter.is_uppercase()) {
            words.push(String::new());
        }
        small = letter.is_lowercase();
        if let Some(word) = words.last_mut().filter(|_| letter.is_alphanumeric()) {
            word.extend(letter.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::testing::key;

    fn says(name: &str, value: &str) -> bool {
        let mut resource = Resource::new(key("vpc", "vpc-1"));
        resource.tags.insert(name.to_owned(), value.to_owned());
        intent(&resource).is_some()
    }

    #[test]
    fn words_that_ask_to_keep_are_heard_in_keys_and_values_however_they_are_written() {
        for (name, value) in [
            ("do-not-delete", ""),
            ("DoNotDelete", "yes"),
            ("DO_NOT_DELETE", "true"),
            ("donotdelete", "1"),
            ("Name", "manual-copy-do-not-delete"),
            ("Note", "Don't delete!"),
            ("Note", "please keep until March"),
            ("retain", "true"),
            ("janitor:keep", ""),
            ("policy/retain", "2027"),
            ("keepMe", ""),
            ("Note", "no delete"),
            ("Lifecycle", "preserve"),
        ] {
            assert!(says(name, value), "{name}={value}");
        }
    }

    #[test]
    fn what_merely_contains_such_letters_or_takes_them_back_is_not_heard() {
        for (name, value) in [
            ("Project", "goalkeeper"),
            ("Name", "zookeeper-1"),
            ("Service", "bookkeeping"),
            ("keep", "false"),
            ("retain", "No"),
            ("retention", "30"),
            ("delete", "yes"),
            ("aws:autoscaling:groupName", "keep"),
        ] {
            assert!(!says(name, value), "{name}={value}");
        }
    }
}
