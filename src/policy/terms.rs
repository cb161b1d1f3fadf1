//! The grammar of `--select` and `--protect`: one TERMS is a comma-joined AND of terms.
//!
//! ```text
//! tag:KEY        has the tag               kind=NAME      is of this kind
//! tag:KEY=GLOB   has it with such a value  id=GLOB        has such an id
//! name=GLOB      has such a name           vpc=GLOB       is this VPC or lies in it
//! stack=GLOB     belongs to such a stack   cluster=GLOB   is this cluster, or was made by or for it
//! ```
//!
//! A key runs to the first `=`, so `tag:kubernetes.io/cluster/x=owned` and `tag:aws:cloudformation:stack-name`
//! work as they are. `\,` is a comma within a term, `\=` an equals sign within a key. Spaces around a term
//! do not count. Keys have no wildcards. Repeating the flag means OR, which the selector does.

use std::collections::BTreeSet;

use crate::model::Resource;

use super::nearest::nearest;
use super::pattern::{Case, Pattern};

/// A term that was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the term `{term}` is not understood: {why}; {remedy}")]
pub struct TermError {
    /// The term.
    pub term: String,
    /// What is wrong with it.
    pub why: String,
    /// What to write instead.
    pub remedy: String,
}

/// What a term may ask about one resource.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// The resource.
    pub resource: &'a Resource,
    /// The ids of the VPCs it is or lies in.
    pub vpcs: &'a BTreeSet<String>,
    /// The names of the clusters it is, or was made by or for. For protection also those that share it.
    pub clusters: &'a BTreeSet<String>,
    /// The stack it belongs to.
    pub stack: Option<&'a str>,
}

/// What an entry looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Basis {
    /// Something of the resource itself: a tag, its name, id, kind or stack.
    Itself,
    /// Only where it lies or what it works for (`vpc=`, `cluster=`): that does not speak for a stranger there.
    Place,
}

/// One entry of `select` or `protect`.
#[derive(Debug, Clone)]
pub struct Terms {
    text: String,
    case: Case,
    all: Vec<Term>,
}

#[derive(Debug, Clone)]
enum Term {
    Tag { key: String, value: Option<Pattern> },
    Kind(String),
    Id(Pattern),
    Name(Pattern),
    Vpc(Pattern),
    Cluster(Pattern),
    Stack(Pattern),
}

/// The words a term may begin with, as people type them.
const WORDS: &[&str] = &["tag:", "kind=", "id=", "name=", "vpc=", "cluster=", "stack="];

impl Terms {
    /// Reads one entry. `kinds` are the names of all kinds that there are.
    pub fn parse(text: &str, case: Case, kinds: &[&str]) -> Result<Self, TermError> {
        let all = split(text).iter().map(|term| parse_term(term, case, kinds)).collect::<Result<_, _>>()?;
        Ok(Self { text: text.to_owned(), case, all })
    }

    /// The entry as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What of the resource matched, if all terms do: `tag Project=demo, name web`.
    pub fn matched(&self, seen: &Candidate<'_>) -> Option<String> {
        let parts = self.all.iter().map(|term| term.matched(seen, self.case)).collect::<Option<Vec<_>>>()?;
        Some(parts.join(", "))
    }

    /// What the entry looks at. A kind beside a place is still no more than a place.
    pub fn basis(&self) -> Basis {
        let place = |term: &Term| matches!(term, Term::Vpc(_) | Term::Cluster(_));
        let silent = |term: &Term| place(term) || matches!(term, Term::Kind(_));
        if self.all.iter().any(place) && self.all.iter().all(silent) { Basis::Place } else { Basis::Itself }
    }

    /// Whether none of its terms narrows anything (`name=*`).
    pub(crate) fn matches_all(&self) -> bool {
        self.all.iter().all(|term| match term {
            Term::Tag { .. } | Term::Kind(_) => false,
            Term::Id(glob) | Term::Name(glob) | Term::Vpc(glob) | Term::Cluster(glob) | Term::Stack(glob) => {
                glob.matches_all()
            }
        })
    }

    /// The tag keys it asks for.
    pub(crate) fn tag_keys(&self) -> impl Iterator<Item = &str> {
        self.all.iter().filter_map(|term| match term {
            Term::Tag { key, .. } => Some(key.as_str()),
            Term::Kind(_)
            | Term::Id(_)
            | Term::Name(_)
            | Term::Vpc(_)
            | Term::Cluster(_)
            | Term::Stack(_) => None,
        })
    }

    /// How many terms it joins.
    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }
}

impl Term {
    fn matched(&self, seen: &Candidate<'_>, case: Case) -> Option<String> {
        let resource = seen.resource;
        match self {
            Self::Tag { key, value } => resource
                .tags
                .iter()
                .filter(|(k, _)| case.fold(k) == case.fold(key))
                .find(|(_, v)| value.as_ref().is_none_or(|glob| glob.matches(v)))
                .map(|(k, v)| format!("tag {k}={v}")),
            Self::Kind(kind) => (resource.key.kind.as_str() == kind).then(|| format!("kind {kind}")),
            Self::Id(glob) => glob.matches(&resource.key.id).then(|| format!("id {}", resource.key.id)),
            Self::Name(glob) => matched_name(resource, glob),
            Self::Vpc(glob) => first(seen.vpcs, glob).map(|vpc| format!("VPC {vpc}")),
            Self::Cluster(glob) => first(seen.clusters, glob).map(|cluster| format!("cluster {cluster}")),
            Self::Stack(glob) => {
                seen.stack.filter(|stack| glob.matches(stack)).map(|stack| format!("stack {stack}"))
            }
        }
    }
}

/// The name that matches: the one AWS or the Name tag gives, or, where there is none, the id.
fn matched_name(resource: &Resource, glob: &Pattern) -> Option<String> {
    let tag = resource.tags.get("Name").map(String::as_str);
    let names = [resource.name.as_deref(), tag];
    let id = names.iter().all(Option::is_none).then_some(resource.key.id.as_str());
    names.into_iter().chain([id]).flatten().find(|name| glob.matches(name)).map(|name| format!("name {name}"))
}

fn first<'a>(names: &'a BTreeSet<String>, glob: &Pattern) -> Option<&'a String> {
    names.iter().find(|name| glob.matches(name))
}

/// The terms of an entry, cut at commas that no `\` precedes; escapes stay for the next reader.
fn split(text: &str) -> Vec<String> {
    let mut terms = vec![String::new()];
    let mut escaped = false;
    for letter in text.chars() {
        if letter == ',' && !escaped {
            terms.push(String::new());
        } else if let Some(term) = terms.last_mut() {
            term.push(letter);
        }
        escaped = letter == '\\' && !escaped;
    }
    terms.iter().map(|term| term.trim().to_owned()).collect()
}

/// The glob that matches this text and nothing else, as it stands behind `stack=` or `id=`.
pub fn literal(text: &str) -> String {
    let mut glob = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, ',' | '\\' | '*' | '?' | '[' | ']' | '{' | '}' | '!') {
            glob.push('\\');
        }
        glob.push(letter);
    }
    glob
}

fn refuse(term: &str, why: impl Into<String>, remedy: impl Into<String>) -> TermError {
    TermError { term: term.to_owned(), why: why.into(), remedy: remedy.into() }
}

fn parse_term(term: &str, case: Case, kinds: &[&str]) -> Result<Term, TermError> {
    if term.is_empty() {
        return Err(refuse(term, "it is empty", "write terms joined by single commas"));
    }
    if let Some(rest) = term.strip_prefix("tag:") {
        return parse_tag(term, rest, case);
    }
    let Some((word, value)) = term.split_once('=') else {
        return Err(refuse(term, "it is neither tag:KEY nor WORD=VALUE", unknown_word(term)));
    };
    let make: fn(Pattern) -> Term = match word {
        "kind" => return parse_kind(term, value, kinds),
        "id" => Term::Id,
        "name" => Term::Name,
        "vpc" => Term::Vpc,
        "cluster" => Term::Cluster,
        "stack" => Term::Stack,
        _ => return Err(refuse(term, format!("there is no word `{word}`"), unknown_word(word))),
    };
    pattern(term, value, case).map(make)
}

/// What to write in place of a word that is none.
fn unknown_word(word: &str) -> String {
    let word = word.split([':', '=']).next().unwrap_or(word);
    let bare = WORDS.iter().map(|known| known.trim_end_matches([':', '=']));
    match nearest(word, bare) {
        Some("tag") => "did you mean tag:KEY or tag:KEY=VALUE?".to_owned(),
        Some(near) => format!("did you mean {near}=VALUE?"),
        None => format!("for a tag write tag:{word}; the words are {}", WORDS.join(" ")),
    }
}

fn parse_tag(term: &str, rest: &str, case: Case) -> Result<Term, TermError> {
    let (key, value) = cut_at_equals(rest);
    if key.is_empty() {
        return Err(refuse(term, "the tag has no key", "write tag:KEY or tag:KEY=VALUE"));
    }
    // AWS allows none of these in a key, so a glob there would silently match nothing.
    if key.contains(['*', '?', '[', ']']) {
        return Err(refuse(
            term,
            "tag keys have no wildcards",
            "write the whole key; only values may have globs",
        ));
    }
    let Some(value) = value else {
        return Ok(Term::Tag { key, value: None });
    };
    if value.is_empty() {
        return Err(refuse(term, "the value is empty", format!("write tag:{key} for any value")));
    }
    Ok(Term::Tag { key, value: Some(pattern(term, value, case)?) })
}

/// A key without its escapes, and what follows the first `=` that no `\` precedes.
fn cut_at_equals(text: &str) -> (String, Option<&str>) {
    let mut key = String::new();
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '=' => return (key, text.get(at + 1..)),
            '\\' => key.extend(letters.next().map(|(_, escaped)| escaped)),
            other => key.push(other),
        }
    }
    (key, None)
}

fn parse_kind(term: &str, value: &str, kinds: &[&str]) -> Result<Term, TermError> {
    if kinds.contains(&value) {
        return Ok(Term::Kind(value.to_owned()));
    }
    Err(refuse(term, format!("there is no kind `{value}`"), kind_remedy(value, kinds)))
}

/// What to write in place of a kind that is none.
pub(crate) fn kind_remedy(value: &str, kinds: &[&str]) -> String {
    match nearest(value, kinds.iter().copied()) {
        Some(near) => format!("did you mean {near}?"),
        None => format!("the kinds are {}", kinds.join(" ")),
    }
}

fn pattern(term: &str, value: &str, case: Case) -> Result<Pattern, TermError> {
    if value.is_empty() {
        return Err(refuse(term, "the value is empty", "write a value or leave the term out"));
    }
    let glob = value.replace(r"\,", ",").replace(r"\=", "=");
    Pattern::new(&glob, case).map_err(|why| {
        refuse(
            term,
            format!("the glob is broken: {why}"),
            r"write \ before a character that stands for itself",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Key, KindName, Region};

    const KINDS: &[&str] = &["vpc", "elastic-ip", "nat-gateway", "eks-cluster"];

    fn resource(tags: &[(&str, &str)]) -> Resource {
        let mut it = Resource::new(Key::new(KindName::of("vpc"), Region::new("us-east-1"), "vpc-1"));
        it.tags = tags.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        it.name = Some("Web".to_owned());
        it
    }

    #[track_caller]
    fn matches(text: &str, case: Case, tags: &[(&str, &str)]) -> Option<String> {
        let resource = resource(tags);
        let candidate = Candidate {
            resource: &resource,
            vpcs: &BTreeSet::from(["vpc-1".to_owned()]),
            clusters: &BTreeSet::from(["demo".to_owned()]),
            stack: Some("demo/attempt-1"),
        };
        Terms::parse(text, case, KINDS).expect(text).matched(&candidate)
    }

    proptest::proptest! {
        /// A command that names a stack must mean that one, whatever somebody called it.
        #[test]
        fn a_literal_matches_its_text_and_no_other(
            name in "[a-c/*?,{}!\\[\\]\\\\]{1,8}",
            other in "[a-c/*?,{}!\\[\\]\\\\]{1,8}",
        ) {
            let terms = Terms::parse(&format!("stack={}", literal(&name)), Case::Exact, KINDS).expect("terms");
            let resource = resource(&[]);
            let is = |stack: &str| {
                let candidate = Candidate {
                    resource: &resource,
                    vpcs: &BTreeSet::new(),
                    clusters: &BTreeSet::new(),
                    stack: Some(stack),
                };
                terms.matched(&candidate).is_some()
            };
            proptest::prop_assert!(is(&name));
            proptest::prop_assert_eq!(is(&other), name == other);
        }
    }

    #[test]
    fn terms_within_one_entry_are_anded() {
        let tags = [("Project", "demo"), ("EnvironmentSuffix", "attempt-1")];
        let both = matches("tag:Project=demo, tag:EnvironmentSuffix=attempt-*", Case::Exact, &tags);
        assert_eq!(both.as_deref(), Some("tag Project=demo, tag EnvironmentSuffix=attempt-1"));
        assert_eq!(matches("tag:Project=demo,tag:EnvironmentSuffix=live", Case::Exact, &tags), None);
    }

    #[test]
    fn every_word_looks_at_what_it_names() {
        for (text, hit) in [
            ("kind=vpc", true),
            ("kind=elastic-ip", false),
            ("id=vpc-*", true),
            ("id=vpc", false),
            ("name=We?", true),
            ("name=web", false),
            ("vpc=vpc-1", true),
            ("vpc=vpc-2", false),
            ("cluster=demo", true),
            ("cluster=other", false),
            ("stack=demo/*", true),
            ("stack=demo", false),
        ] {
            assert_eq!(matches(text, Case::Exact, &[]).is_some(), hit, "{text}");
        }
    }

    #[test]
    fn keys_with_slashes_colons_and_equals_signs_work() {
        let tags =
            [("kubernetes.io/cluster/x", "owned"), ("aws:cloudformation:stack-name", "s"), ("a=b", "1,2")];
        assert!(matches("tag:kubernetes.io/cluster/x=owned", Case::Exact, &tags).is_some());
        assert!(matches("tag:aws:cloudformation:stack-name", Case::Exact, &tags).is_some());
        assert!(matches("tag:aws:cloudformation:stack-name=s", Case::Exact, &tags).is_some());
        assert!(matches(r"tag:a\=b=1\,2", Case::Exact, &tags).is_some());
        assert!(matches(r"tag:a\=b", Case::Exact, &tags).is_some());
        assert!(matches("tag:a=b", Case::Exact, &tags).is_none());
    }

    #[test]
    fn protection_ignores_case_and_selection_does_not() {
        let tags = [("Protect", "Yes")];
        assert!(matches("tag:protect=yes", Case::Wide, &tags).is_some());
        assert!(matches("tag:protect=yes", Case::Exact, &tags).is_none());
        assert!(matches("tag:Protect=yes", Case::Exact, &tags).is_none());
        assert!(matches("name=WEB", Case::Wide, &tags).is_some());
    }

    #[test]
    fn a_resource_without_a_name_is_known_by_its_id() {
        let mut nameless = resource(&[]);
        nameless.name = None;
        let none = BTreeSet::new();
        let candidate = Candidate { resource: &nameless, vpcs: &none, clusters: &none, stack: None };
        let terms = Terms::parse("name=vpc-*", Case::Exact, KINDS).expect("terms");
        assert!(terms.matched(&candidate).is_some());
    }

    #[test]
    fn bad_terms_are_refused_with_the_term_and_a_remedy() {
        for (text, term, remedy) in [
            ("", "``", "single commas"),
            ("kind=vpc,", "``", "single commas"),
            ("tagg:Project=demo", "`tagg:Project=demo`", "did you mean tag:KEY"),
            ("nmae=web", "`nmae=web`", "did you mean name=VALUE?"),
            ("Project=demo", "`Project=demo`", "for a tag write tag:Project"),
            ("Project", "`Project`", "for a tag write tag:Project"),
            ("kind=elastic-ips", "`kind=elastic-ips`", "did you mean elastic-ip?"),
            ("kind=zebra", "`kind=zebra`", "the kinds are vpc"),
            ("tag:Project=", "`tag:Project=`", "write tag:Project for any value"),
            ("tag:=x", "`tag:=x`", "write tag:KEY"),
            ("tag:keep*", "`tag:keep*`", "whole key"),
            ("id=", "`id=`", "leave the term out"),
            ("kind=vpc,name=[a", "`name=[a`", "stands for itself"),
            (r"name=a\", r"`name=a\`", "stands for itself"),
            ("tag:E={a}", "`tag:E={a}`", "repeat the flag"),
        ] {
            let error = Terms::parse(text, Case::Exact, KINDS).expect_err(text).to_string();
            assert!(error.contains(term) && error.contains(remedy), "{text}: {error}");
        }
    }
}
