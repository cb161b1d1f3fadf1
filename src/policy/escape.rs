//! The escape of the policy's grammar: `\` takes away what the character behind it would mean.
//!
//! Terms and globs read their text as the letters that this makes of it, and print themselves through
//! it, so that both agree on what is escaped.

/// A character of a text, and whether `\` stands before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Letter {
    pub char: char,
    pub escaped: bool,
}

impl Letter {
    /// Whether this is the sign and means what the grammar says of it.
    pub fn is(self, sign: char) -> bool {
        self.char == sign && !self.escaped
    }

    /// Whether this is a space that does not count.
    pub fn is_space(self) -> bool {
        self.char.is_whitespace() && !self.escaped
    }

    /// Whether this is a `\` with nothing behind it.
    pub fn is_lone_backslash(self) -> bool {
        self.is('\\')
    }
}

/// The letters of a text. Only a `\` at its very end stays one that is not escaped.
pub(super) fn letters(text: &str) -> Vec<Letter> {
    let mut letters = Vec::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        let behind = if char == '\\' { chars.next() } else { None };
        letters.push(match behind {
            Some(char) => Letter { char, escaped: true },
            None => Letter { char, escaped: false },
        });
    }
    letters
}

/// The letters as they were written.
pub(super) fn written(letters: &[Letter]) -> String {
    let mut text = String::with_capacity(letters.len());
    for letter in letters {
        if letter.escaped {
            text.push('\\');
        }
        text.push(letter.char);
    }
    text
}

/// The letters without what escapes them.
pub(super) fn meant(letters: &[Letter]) -> String {
    letters.iter().map(|letter| letter.char).collect()
}

/// Adds a character so that it is read back as itself although it may be one of the signs.
pub(super) fn push(text: &mut String, char: char, signs: &[char]) {
    if signs.contains(&char) {
        text.push('\\');
    }
    text.push(char);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backslash_takes_the_meaning_of_what_follows() {
        let read = letters(r"a\,\\,\");
        assert_eq!(meant(&read), r"a,\,\");
        assert_eq!(written(&read), r"a\,\\,\");
        let commas: Vec<bool> = read.iter().map(|letter| letter.is(',')).collect();
        assert_eq!(commas, [false, false, false, true, false]);
        assert!(read.last().is_some_and(|last| last.is_lone_backslash()));
    }
}
