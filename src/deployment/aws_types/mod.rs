//! Every type of AWS's providers, and what is to be said of a thing of it: `makers` asks it. A type is counted (its
//! kind tells how much), told as not counted, or makes nothing that has a quota here; of all others no property looks
//! as if they did. What no table knows is newer than the table.
//!
//! `scripts/deployed-types.py` writes both files, from the schemas of CloudFormation's registry and of Terraform's and
//! Pulumi's providers, and tells by which rule a type has to be judged.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use super::types;

/// The day the table was last held against the schemas.
pub const CHECKED: &str = "2026-11-28";

/// What is to be said of a thing of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    /// A kind of ours counts it.
    Counted,
    /// Another service's, which takes instances, interfaces or addresses: what it is, for people.
    Told(&'static str),
    /// It has a quota that is not looked at: what it is, for people.
    Limit(&'static str),
    /// It makes what no file tells: why, for people.
    Open(&'static str),
    /// A property or its name looks as if it made what has a quota here, and it does not: why, for people.
    Nothing(&'static str),
    /// Nothing of it looks as if it did.
    Other,
    /// It is of AWS's, and no table knows it.
    Unknown,
}

const JUDGED: &str = include_str!("judged.txt");
const OTHERS: &str = include_str!("others.txt");

/// What is to be said of a thing of this type; `None` if the type is not AWS's.
pub fn sort(type_name: &str) -> Option<Sort> {
    if !types::is_aws(type_name) {
        return None;
    }
    let named = || JUDGED_TYPES.get(type_name).copied();
    let other = || OTHER_TYPES.contains(&halves(type_name)).then_some(Sort::Other);
    let of_registry = || {
        let rest = type_name.strip_prefix("aws-native:").or_else(|| type_name.strip_prefix("awscc_"))?;
        REGISTRY.get(types::folded(rest).as_str()).copied()
    };
    Some(named().or_else(other).or_else(of_registry).unwrap_or(Sort::Unknown))
}

static JUDGED_TYPES: LazyLock<BTreeMap<&str, Sort>> = LazyLock::new(|| judged(JUDGED).into_iter().collect());

static OTHER_TYPES: LazyLock<BTreeSet<(&str, &str)>> = LazyLock::new(|| others(OTHERS).collect());

/// CloudFormation's types, as the providers that are made of its registry call them.
static REGISTRY: LazyLock<BTreeMap<String, Sort>> = LazyLock::new(|| {
    let judged = JUDGED_TYPES.iter().map(|(name, sort)| ((*name).to_owned(), *sort));
    let others = OTHER_TYPES.iter().map(|(before, after)| (format!("{before}{after}"), Sort::Other));
    let all = judged.chain(others);
    all.filter_map(|(name, sort)| Some((types::folded(name.strip_prefix("AWS::")?), sort))).collect()
});

/// The types that are judged one by one, each below what is said of it.
fn judged(table: &'static str) -> Vec<(&'static str, Sort)> {
    let mut all = Vec::new();
    let mut of_section = Sort::Unknown;
    for line in table.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match head(line) {
            Some(sort) => of_section = sort,
            None => all.push((line, of_section)),
        }
    }
    all
}

/// What a section's first line says of the types below it.
fn head(line: &'static str) -> Option<Sort> {
    if line == "counted" {
        return Some(Sort::Counted);
    }
    let (class, text) = line.split_once(": ")?;
    match class {
        "told" => Some(Sort::Told(text)),
        "limit" => Some(Sort::Limit(text)),
        "open" => Some(Sort::Open(text)),
        "nothing" => Some(Sort::Nothing(text)),
        _ => None,
    }
}

/// All other types, in two halves: a line holds how several begin, and how each goes on.
fn others(table: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let lines = table.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.filter_map(|line| line.split_once(' ')).flat_map(|(before, after)| {
        after.split(' ').map(move |after| (before, after.trim_start_matches(WHOLE)))
    })
}

/// How a type goes on whose beginning is all of it.
const WHOLE: char = '.';

/// The halves in which a type stands among the others.
fn halves(type_name: &str) -> (&str, &str) {
    if type_name.starts_with("AWS::") {
        let end = type_name.rfind("::").map_or(0, |it| it + 2);
        return type_name.split_at(end);
    }
    if let Some(rest) = type_name.strip_prefix("aws_") {
        let begin = type_name.len() - rest.len();
        return type_name.split_at(rest.find('_').map_or(type_name.len(), |it| begin + it));
    }
    of_pulumi(type_name).unwrap_or((type_name, ""))
}

/// `aws:s3/bucket:Bucket` is `aws:s3/` and `Bucket`, as its middle tells nothing else.
fn of_pulumi(type_name: &str) -> Option<(&str, &str)> {
    let begin = type_name.starts_with("aws:").then(|| type_name.find('/'))?? + 1;
    let (middle, last) = type_name.get(begin..)?.split_once(':')?;
    let same = middle.get(..1)? == last.get(..1)?.to_ascii_lowercase() && middle.get(1..) == last.get(1..);
    same.then(|| (&type_name[..begin], last))
}

/// Every type that the table knows by name.
#[cfg(test)]
pub(super) fn all() -> impl Iterator<Item = (String, Sort)> {
    let others = others(OTHERS).map(|(before, after)| {
        let middle = after
            .get(..1)
            .filter(|_| before.ends_with('/'))
            .map(|first| format!("{}{}:", first.to_ascii_lowercase(), &after[1..]));
        (format!("{before}{}{after}", middle.unwrap_or_default()), Sort::Other)
    });
    judged(JUDGED).into_iter().map(|(name, sort)| (name.to_owned(), sort)).chain(others)
}
