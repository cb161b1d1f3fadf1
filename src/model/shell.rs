//! Words as a shell reads them: for commands that are told to people, in findings, remedies and evidence.

/// A word as a shell reads it, for commands that are told as a remedy.
pub fn quoted(word: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "=,./:_@%+-".contains(letter);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_quoted_for_a_shell() {
        assert_eq!(quoted("stack=shop/a1"), "stack=shop/a1");
        assert_eq!(quoted("stack=a b$(x)"), "'stack=a b$(x)'");
        assert_eq!(quoted("it's"), "'it'\\''s'");
        assert_eq!(quoted(""), "''");
    }
}
