//! Reads the text of one entry of `select` or `protect` into terms (`terms.rs`, where the grammar stands).
//!
//! What is refused is told with the term it stands in, and with what to write instead.

use crate::model::KindName;

use super::escape::{Letter, letters, meant, written};
use super::glob::Glob;
use super::nearest::nearest;
use super::terms::{Term, TermError};

/// The words a term may begin with, as people type them.
const WORDS: &[&str] = &["tag:", "kind=", "id=", "name=", "vpc=", "cluster=", "stack="];

/// Reads one entry. Whether its kinds exist is not known here.
pub(super) fn terms(text: &str) -> Result<Vec<Term>, TermError> {
    letters(text).split(|letter| letter.is(',')).map(|letters| term(trimmed(letters))).collect()
}

fn trimmed(letters: &[Letter]) -> &[Letter] {
    let Some(first) = letters.iter().position(|letter| !letter.is_space()) else { return &[] };
    let last = letters.iter().rposition(|letter| !letter.is_space()).unwrap_or(first);
    letters.get(first..=last).unwrap_or_default()
}

fn refuse(term: &[Letter], why: impl Into<String>, remedy: impl Into<String>) -> TermError {
    TermError { term: written(term), why: why.into(), remedy: remedy.into() }
}

/// A term cut at its first `=` that is not escaped.
struct Halves<'a> {
    word: &'a [Letter],
    value: Option<&'a [Letter]>,
}

fn cut_at_equals(letters: &[Letter]) -> Halves<'_> {
    let mut halves = letters.splitn(2, |letter| letter.is('='));
    Halves { word: halves.next().unwrap_or_default(), value: halves.next() }
}

fn term(term: &[Letter]) -> Result<Term, TermError> {
    if term.is_empty() {
        return Err(refuse(term, "it is empty", "write terms joined by single commas"));
    }
    if let Some(rest) = behind(term, "tag:") {
        return tag(term, rest);
    }
    let halves = cut_at_equals(term);
    let word = written(halves.word);
    let Some(value) = halves.value else {
        return Err(refuse(term, "it is neither tag:KEY nor WORD=VALUE", unknown_word(&word)));
    };
    let make: fn(Glob) -> Term = match word.as_str() {
        "kind" => return Ok(Term::Kind(KindName::new(meant(value)))),
        "id" => Term::Id,
        "name" => Term::Name,
        "vpc" => Term::Vpc,
        "cluster" => Term::Cluster,
        "stack" => Term::Stack,
        _ => return Err(refuse(term, format!("there is no word `{word}`"), unknown_word(&word))),
    };
    glob(term, value).map(make)
}

/// What stands behind a word that is written as it is.
fn behind<'a>(letters: &'a [Letter], word: &str) -> Option<&'a [Letter]> {
    let rest = letters.get(word.len()..)?;
    word.chars().zip(letters).all(|(char, letter)| letter.is(char)).then_some(rest)
}

/// What to write in place of a word that is none.
fn unknown_word(word: &str) -> String {
    let word = word.split(':').next().unwrap_or(word);
    let bare = WORDS.iter().map(|known| known.trim_end_matches([':', '=']));
    match nearest(word, bare) {
        Some("tag") => "did you mean tag:KEY or tag:KEY=VALUE?".to_owned(),
        Some(near) => format!("did you mean {near}=VALUE?"),
        None => format!("for a tag write tag:{word}; the words are {}", WORDS.join(" ")),
    }
}

fn tag(term: &[Letter], rest: &[Letter]) -> Result<Term, TermError> {
    let halves = cut_at_equals(rest);
    let key = meant(halves.word);
    if key.is_empty() {
        return Err(refuse(term, "the tag has no key", "write tag:KEY or tag:KEY=VALUE"));
    }
    if halves.word.iter().any(|letter| letter.is_lone_backslash()) {
        return Err(refuse(term, "it ends with a lone `\\`", r"write \\ for a \ that stands for itself"));
    }
    // AWS allows none of these in a key, so a glob there would silently match nothing.
    if key.contains(['*', '?', '[', ']']) {
        return Err(refuse(
            term,
            "tag keys have no wildcards",
            "write the whole key; only values may have globs",
        ));
    }
    let Some(value) = halves.value else {
        return Ok(Term::Tag { key, value: None });
    };
    if value.is_empty() {
        return Err(refuse(term, "the value is empty", format!("write tag:{key} for any value")));
    }
    Ok(Term::Tag { key, value: Some(glob(term, value)?) })
}

fn glob(term: &[Letter], value: &[Letter]) -> Result<Glob, TermError> {
    let glob = Glob::read(value).map_err(|why| {
        refuse(
            term,
            format!("the glob is broken: {why}"),
            r"write \ before a character that stands for itself",
        )
    })?;
    if glob.is_empty() {
        return Err(refuse(term, "the value is empty", "write a value or leave the term out"));
    }
    Ok(glob)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_terms_are_refused_with_the_term_and_a_remedy() {
        for (text, term, remedy) in [
            ("", "``", "single commas"),
            ("kind=vpc,", "``", "single commas"),
            ("tagg:Project=demo", "`tagg:Project=demo`", "did you mean tag:KEY"),
            ("nmae=web", "`nmae=web`", "did you mean name=VALUE?"),
            ("Project=demo", "`Project=demo`", "for a tag write tag:Project"),
            ("Project", "`Project`", "for a tag write tag:Project"),
            ("tag:Project=", "`tag:Project=`", "write tag:Project for any value"),
            ("tag:=x", "`tag:=x`", "write tag:KEY"),
            ("tag:keep*", "`tag:keep*`", "whole key"),
            (r"tag:keep\", r"`tag:keep\`", "stands for itself"),
            ("id=", "`id=`", "leave the term out"),
            ("kind=vpc,name=[a", "`name=[a`", "stands for itself"),
            (r"name=a\", r"`name=a\`", "stands for itself"),
            ("tag:E={a}", "`tag:E={a}`", "repeat the flag"),
        ] {
            let error = terms(text).expect_err(text).to_string();
            assert!(error.contains(term) && error.contains(remedy), "{text}: {error}");
        }
    }

    #[test]
    fn spaces_around_a_term_do_not_count_unless_escaped() {
        assert_eq!(terms(" name=a , name=b\t"), terms("name=a,name=b"));
        assert_eq!(terms(r"name=a\ "), Ok(vec![Term::Name(Glob::exactly("a "))]));
    }

    #[test]
    fn an_escaped_backslash_escapes_nothing() {
        assert_eq!(terms(r"name=a\\=b"), Ok(vec![Term::Name(Glob::exactly(r"a\=b"))]));
    }
}
