//! A glob compiled, ready to be held against many texts: the selector makes one of each glob of the policy.
//!
//! It counts in letters, whatever their number of bytes: `?` is one `é`.

use regex_automata::meta::Regex;

use super::glob::{Glob, GlobError, Part};

/// Whether letter case counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// As written: what is selected is meant exactly.
    Exact,
    /// Upper and lower case are the same: AWS lower-cases some names, and protection errs on the wide side.
    Wide,
}

impl Case {
    /// The text as it is compared.
    pub(crate) fn fold(self, text: &str) -> String {
        match self {
            Self::Exact => text.to_owned(),
            Self::Wide => text.to_lowercase(),
        }
    }
}

/// A compiled glob.
#[derive(Debug, Clone)]
pub struct Pattern {
    regex: Regex,
}

impl Pattern {
    /// Compiles a glob. It fails where the glob is longer than AWS allows any name to be, by far.
    pub fn new(glob: &Glob, case: Case) -> Result<Self, GlobError> {
        let regex = Regex::new(&regex(glob, case));
        regex.map(|regex| Self { regex }).map_err(|_| GlobError("it is too long".to_owned()))
    }

    /// Whether the whole text matches.
    pub fn matches(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }
}

/// The regular expression that matches what the glob matches.
fn regex(glob: &Glob, case: Case) -> String {
    let mut regex = match case {
        Case::Exact => r"(?s)\A".to_owned(),
        Case::Wide => r"(?si)\A".to_owned(),
    };
    let push = |regex: &mut String, char: char| {
        regex_syntax::escape_into(char.encode_utf8(&mut [0; 4]), regex);
    };
    for part in glob.parts() {
        match part {
            Part::One(char) => push(&mut regex, *char),
            Part::Any => regex.push('.'),
            Part::Many => regex.push_str(".*"),
            Part::Class { others, ranges } => {
                regex.push_str(if *others { "[^" } else { "[" });
                for range in ranges {
                    push(&mut regex, *range.start());
                    regex.push('-');
                    push(&mut regex, *range.end());
                }
                regex.push(']');
            }
        }
    }
    regex.push_str(r"\z");
    regex
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::glob::tests::{glob, letter};
    use super::*;

    fn pattern(glob: &str, case: Case) -> Pattern {
        Pattern::new(&glob.parse().expect(glob), case).expect(glob)
    }

    #[track_caller]
    fn matches(glob: &str, text: &str) -> bool {
        pattern(glob, Case::Exact).matches(text)
    }

    /// The meaning of a glob, in the plainest words there are.
    fn means(parts: &[Part], text: &[char]) -> bool {
        let Some((part, rest)) = parts.split_first() else { return text.is_empty() };
        let one = |is: &dyn Fn(char) -> bool| match text.split_first() {
            Some((first, others)) => is(*first) && means(rest, others),
            None => false,
        };
        match part {
            Part::Many => (0..=text.len()).any(|from| means(rest, &text[from..])),
            Part::Any => one(&|_| true),
            Part::One(char) => one(&|seen| seen == *char),
            Part::Class { others, ranges } => {
                one(&|seen| ranges.iter().any(|range| range.contains(&seen)) != *others)
            }
        }
    }

    proptest! {
        #[test]
        fn a_pattern_matches_what_its_glob_means(
            glob in glob(),
            text in prop::collection::vec(letter(), 0..6),
        ) {
            let compiled = Pattern::new(&glob, Case::Exact).expect("a pattern");
            prop_assert_eq!(compiled.matches(&text.iter().collect::<String>()), means(glob.parts(), &text));
        }

        #[test]
        fn an_exact_glob_matches_its_text_and_no_other(
            text in prop::collection::vec(letter(), 0..6),
            other in prop::collection::vec(letter(), 0..6),
        ) {
            let (text, other) = (String::from_iter(text), String::from_iter(other));
            let compiled = Pattern::new(&Glob::exactly(&text), Case::Exact).expect("a pattern");
            prop_assert!(compiled.matches(&text));
            prop_assert_eq!(compiled.matches(&other), text == other);
        }

        #[test]
        fn the_wide_case_matches_all_that_the_exact_one_does(
            glob in glob(),
            text in prop::collection::vec(letter(), 0..6),
        ) {
            // What a class leaves out grows with the case: it is the one thing that narrows.
            let narrows = |part: &Part| matches!(part, Part::Class { others: true, .. });
            prop_assume!(!glob.parts().iter().any(narrows));
            let text = String::from_iter(text);
            let compiled = |case| Pattern::new(&glob, case).expect("a pattern");
            prop_assert!(!compiled(Case::Exact).matches(&text) || compiled(Case::Wide).matches(&text));
        }
    }

    #[test]
    fn globs_match_whole_texts_and_stars_pass_slashes() {
        assert!(matches("attempt-*", "attempt-1"));
        assert!(!matches("attempt-*", "my-attempt-1"));
        assert!(matches("a*z", "a/b/z"));
        assert!(matches("a**z", "a/b/z"));
        assert!(matches("**", "anything/at/all"));
        assert!(matches("a/**", "a/"));
        assert!(matches("attempt-?", "attempt-1"));
        assert!(!matches("attempt-?", "attempt-10"));
        assert!(matches("attempt-[12]", "attempt-2"));
        assert!(!matches("attempt-[12]", "attempt-3"));
        assert!(matches(r"a\*", "a*"));
        assert!(!matches(r"a\*", "ab"));
        assert!(matches("line*", "line\nbreak"));
    }

    #[test]
    fn a_wildcard_counts_letters_and_not_bytes() {
        assert!(matches("caf?", "café"));
        assert!(!matches("caf??", "café"));
        assert!(matches("[é例]", "例"));
        assert!(!matches("[!é]", "é"));
    }

    #[test]
    fn only_the_wide_case_ignores_case() {
        let wide = pattern("Prod-*", Case::Wide);
        assert!(wide.matches("PROD-1") && wide.matches("prod-1"));
        assert!(!matches("Prod-*", "prod-1"));
        assert!(pattern("[Z-a]", Case::Wide).matches("z"));
    }
}
