//! One glob over a tag value, a name or an id: `*`, `?`, `[ab]`, with `\` before a character that stands for itself.
//!
//! Separators mean nothing here: `*` matches `/` too, since tag values and names are not paths.

use globset::{GlobBuilder, GlobMatcher};

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
    case: Case,
    matcher: GlobMatcher,
    matches_all: bool,
}

impl Pattern {
    /// Compiles a glob; the error says what is broken.
    pub fn new(glob: &str, case: Case) -> Result<Self, String> {
        let glob = case.fold(&single_stars(glob)?);
        let matches_all = glob == "*";
        GlobBuilder::new(&glob)
            .literal_separator(false)
            .backslash_escape(true)
            .empty_alternates(false)
            .build()
            .map(|glob| Self { case, matcher: glob.compile_matcher(), matches_all })
            .map_err(|error| error.kind().to_string())
    }

    /// Whether the whole text matches.
    pub fn matches(&self, text: &str) -> bool {
        self.matcher.is_match(self.case.fold(text))
    }

    /// Whether it matches whatever it is held against.
    pub(crate) fn matches_all(&self) -> bool {
        self.matches_all
    }
}

/// The glob with every run of stars made one, because globset gives `**` a meaning of paths; braces are refused.
fn single_stars(glob: &str) -> Result<String, String> {
    let mut out = String::with_capacity(glob.len());
    let mut letters = glob.chars();
    let mut after_star = false;
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => {
                let Some(escaped) = letters.next() else {
                    return Err("it ends with a lone `\\`".to_owned());
                };
                out.extend(['\\', escaped]);
                after_star = false;
            }
            '{' | '}' => {
                return Err(format!("`{letter}` has no meaning here; repeat the flag for alternatives"));
            }
            '*' if after_star => {}
            other => {
                out.push(other);
                after_star = other == '*';
            }
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn matches(glob: &str, text: &str) -> bool {
        Pattern::new(glob, Case::Exact).expect(glob).matches(text)
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
    fn only_the_wide_case_ignores_case() {
        let wide = Pattern::new("Prod-*", Case::Wide).expect("a glob");
        assert!(wide.matches("PROD-1") && wide.matches("prod-1"));
        assert!(!matches("Prod-*", "prod-1"));
    }

    #[test]
    fn broken_globs_are_refused() {
        for glob in ["[", "[a", "{a,b}", "a\\", "[z-a]"] {
            assert!(Pattern::new(glob, Case::Exact).is_err(), "{glob}");
        }
    }
}
