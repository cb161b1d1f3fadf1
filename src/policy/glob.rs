//! One glob over a tag value, a name or an id: `*`, `?`, `[ab]`, `[!a-c]`, with `\` before a character that
//! stands for itself.
//!
//! A glob is read from the text of a term once. It is compared, printed and compiled
//! (`pattern.rs`) as the value that stands here, and prints itself so that it is read back the same.
//! Separators mean nothing: `*` matches `/` too, since tag values and names are not paths.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use super::escape::{self, Letter, letters};

/// A glob.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glob {
    parts: Vec<Part>,
}

/// What a glob is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// This character.
    One(char),
    /// Any one character.
    Any,
    /// Any characters, or none. Two never follow each other.
    Many,
    /// One character of these, or one of all others.
    Class { others: bool, ranges: Vec<RangeInclusive<char>> },
}

/// What is wrong with a glob.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct GlobError(pub(super) String);

/// Characters that mean something outside of a class; `,` does so to a term.
const SIGNS: [char; 9] = [',', '\\', '*', '?', '[', ']', '{', '}', '!'];
/// Characters that mean something within a class, or to a term.
const CLASS_SIGNS: [char; 8] = [',', '\\', ']', '-', '^', '!', '{', '}'];

impl Glob {
    /// The glob that matches this text and nothing else.
    pub fn exactly(text: &str) -> Self {
        Self { parts: text.chars().map(Part::One).collect() }
    }

    /// The only text that it matches, if there is only one.
    pub fn as_exact(&self) -> Option<String> {
        let letter = |part: &Part| match part {
            Part::One(char) => Some(*char),
            Part::Any | Part::Many | Part::Class { .. } => None,
        };
        self.parts.iter().map(letter).collect()
    }

    /// Whether it matches whatever it is held against.
    pub(super) fn matches_all(&self) -> bool {
        self.parts == [Part::Many]
    }

    /// How many of its characters stand for themselves.
    pub(super) fn literals(&self) -> usize {
        self.parts.iter().filter(|part| matches!(part, Part::One(_))).count()
    }

    /// The same of a glob over ids, whose first letters (`vpc-`) only tell the kind.
    pub(super) fn literals_of_id(&self) -> usize {
        if self.as_exact().is_some() {
            return self.literals();
        }
        let prefix = self.parts.iter().take_while(|part| matches!(part, Part::One(char) if *char != '-'));
        let prefix = prefix.count();
        let is_prefix = self.parts.get(prefix) == Some(&Part::One('-'));
        self.literals() - if is_prefix { prefix + 1 } else { 0 }
    }

    /// Whether it matches nothing but the empty text.
    pub(super) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    pub(super) fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Reads letters that a term was cut into.
    pub(super) fn read(letters: &[Letter]) -> Result<Self, GlobError> {
        let mut parts = Vec::with_capacity(letters.len());
        let mut letters = letters.iter().copied();
        while let Some(letter) = letters.next() {
            refuse(letter)?;
            parts.push(match letter.char {
                '*' if !letter.escaped => {
                    if parts.last() == Some(&Part::Many) {
                        continue;
                    }
                    Part::Many
                }
                '?' if !letter.escaped => Part::Any,
                '[' if !letter.escaped => class(&mut letters)?,
                char => Part::One(char),
            });
        }
        Ok(Self { parts })
    }
}

/// Refuses what means nothing anywhere in a glob.
fn refuse(letter: Letter) -> Result<(), GlobError> {
    if letter.is_lone_backslash() {
        return Err(GlobError("it ends with a lone `\\`".to_owned()));
    }
    if letter.is('{') || letter.is('}') {
        let why = format!("`{}` has no meaning here; repeat the flag for alternatives", letter.char);
        return Err(GlobError(why));
    }
    Ok(())
}

/// Reads a class behind its `[`. As in a shell, a `]` or `-` that comes first stands for itself.
fn class(letters: &mut impl Iterator<Item = Letter>) -> Result<Part, GlobError> {
    let mut letters = letters.peekable();
    let others = letters.next_if(|letter| letter.is('!') || letter.is('^')).is_some();
    let mut ranges: Vec<RangeInclusive<char>> = Vec::new();
    let mut to_come = false;
    for letter in letters {
        refuse(letter)?;
        match ranges.last_mut() {
            Some(_) if letter.is(']') => {
                if to_come {
                    ranges.push('-'..='-');
                }
                return Ok(Part::Class { others, ranges });
            }
            Some(_) if letter.is('-') && !to_come => to_come = true,
            Some(last) if to_come => {
                *last = *last.start()..=letter.char;
                if last.is_empty() {
                    let why = format!("the range {}-{} is empty", last.start(), last.end());
                    return Err(GlobError(why));
                }
                to_come = false;
            }
            Some(_) | None => ranges.push(letter.char..=letter.char),
        }
    }
    Err(GlobError("a `[` is not closed by `]`".to_owned()))
}

impl FromStr for Glob {
    type Err = GlobError;

    fn from_str(text: &str) -> Result<Self, GlobError> {
        Self::read(&letters(text))
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::with_capacity(self.parts.len());
        for (at, part) in self.parts.iter().enumerate() {
            match part {
                // A space at the end of a term does not count.
                Part::One(char) if char.is_whitespace() && at + 1 == self.parts.len() => {
                    text.extend(['\\', *char]);
                }
                Part::One(char) => escape::push(&mut text, *char, &SIGNS),
                Part::Any => text.push('?'),
                Part::Many => text.push('*'),
                Part::Class { others, ranges } => push_class(&mut text, *others, ranges),
            }
        }
        f.pad(&text)
    }
}

fn push_class(text: &mut String, others: bool, ranges: &[RangeInclusive<char>]) {
    text.push('[');
    if others {
        text.push('!');
    }
    for range in ranges {
        escape::push(text, *range.start(), &CLASS_SIGNS);
        if range.start() != range.end() {
            text.push('-');
            escape::push(text, *range.end(), &CLASS_SIGNS);
        }
    }
    text.push(']');
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Characters that are hard on a grammar: its own signs, wide and combining letters, spaces.
    pub(in crate::policy) fn letter() -> impl Strategy<Value = char> {
        prop_oneof![
            3 => prop::sample::select(r#"ab,\*?[]{}!^-='" /:%$"#.chars().collect::<Vec<_>>()),
            1 => prop::sample::select("é例😀\u{301}\u{a0}ΣK\n".chars().collect::<Vec<_>>()),
        ]
    }

    fn part() -> impl Strategy<Value = Part> {
        let range = (letter(), letter()).prop_map(|(a, b)| a.min(b)..=a.max(b));
        prop_oneof![
            6 => letter().prop_map(Part::One),
            1 => Just(Part::Any),
            1 => Just(Part::Many),
            1 => (any::<bool>(), prop::collection::vec(range, 1..4))
                .prop_map(|(others, ranges)| Part::Class { others, ranges }),
        ]
    }

    /// Any glob that matches more than the empty text.
    pub(in crate::policy) fn glob() -> impl Strategy<Value = Glob> {
        prop::collection::vec(part(), 1..7).prop_map(|mut parts| {
            parts.dedup_by(|a, b| *a == Part::Many && *b == Part::Many);
            Glob { parts }
        })
    }

    proptest! {
        #[test]
        fn a_glob_is_read_back_as_it_was_printed(glob in glob()) {
            prop_assert_eq!(glob.to_string().parse::<Glob>(), Ok(glob));
        }
    }

    #[test]
    fn only_a_glob_without_wildcards_is_exact() {
        let exact = |text: &str| text.parse::<Glob>().expect(text).as_exact();
        assert_eq!(exact(r"a\*b").as_deref(), Some("a*b"));
        for text in ["a*", "a?", "[a]"] {
            assert_eq!(exact(text), None, "{text}");
        }
        assert_eq!(Glob::exactly("a*[b]").as_exact().as_deref(), Some("a*[b]"));
    }

    #[test]
    fn a_class_is_read_as_in_a_shell() {
        let ranges = |text: &str| match text.parse::<Glob>().expect(text).parts() {
            [Part::Class { others, ranges }] => (*others, ranges.clone()),
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(ranges("[]a]"), (false, vec![']'..=']', 'a'..='a']));
        assert_eq!(ranges("[-a]"), (false, vec!['-'..='-', 'a'..='a']));
        assert_eq!(ranges("[a-]"), (false, vec!['a'..='a', '-'..='-']));
        assert_eq!(ranges("[!a-c]"), (true, vec!['a'..='c']));
        assert_eq!(ranges(r"[a\]\-c]"), (false, vec!['a'..='a', ']'..=']', '-'..='-', 'c'..='c']));
    }

    #[test]
    fn broken_globs_are_refused() {
        for glob in ["[", "[a", "[]", "{a,b}", "a\\", "[z-a]", "[{]"] {
            assert!(glob.parse::<Glob>().is_err(), "{glob}");
        }
    }
}
