//! How wide text is on a terminal: the one place that counts columns. Every table, tree and wrapped line of
//! the reports is measured, padded and cut by it.
//!
//! Letters are not columns: `例` takes two, a combining accent none. A text is measured as a whole, since an
//! emoji may be made of several characters.

use unicode_width::UnicodeWidthStr;

/// How many columns the text takes.
pub fn columns(text: &str) -> usize {
    text.width()
}

/// Where a text is to be cut so that what is before takes at most this many columns. What takes no column of
/// its own stays with the letter before it.
pub fn cut(text: &str, most: usize) -> usize {
    let ends = text.char_indices().map(|(at, char)| at + char.len_utf8());
    ends.take_while(|end| columns(&text[..*end]) <= most).last().unwrap_or(0)
}

/// Where a text is to be cut so that what is behind takes at most this many columns, and begins with a letter.
pub fn cut_behind(text: &str, most: usize) -> usize {
    let starts = text.char_indices().rev().map(|(at, _)| at);
    let fitting = starts.take_while(|start| columns(&text[*start..]) <= most);
    // What takes no column belongs to a letter that did not fit.
    let begins = |start: &usize| {
        text[*start..].chars().next().is_some_and(|char| columns(char.encode_utf8(&mut [0; 4])) > 0)
    };
    fitting.filter(begins).last().unwrap_or(text.len())
}

/// The text with blanks behind it up to this many columns.
pub fn padded(text: &str, columns_wanted: usize) -> String {
    format!("{text}{}", " ".repeat(columns_wanted.saturating_sub(columns(text))))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_cut_text_fits_and_nothing_more_would(
            text in "[a例é\u{301}😀 ]{0,12}",
            most in 0..16_usize,
        ) {
            let at = cut(&text, most);
            prop_assert!(columns(&text[..at]) <= most);
            if let Some(next) = text[at..].chars().next() {
                prop_assert!(columns(&text[..at + next.len_utf8()]) > most);
            }
            prop_assert!(columns(&text[cut_behind(&text, most)..]) <= most);
        }
    }

    #[test]
    fn wide_letters_take_two_columns_and_combining_ones_none() {
        assert_eq!(columns("例え"), 4);
        assert_eq!(columns("e\u{301}"), 1);
        assert_eq!(columns("👩\u{200d}💻"), 2);
        assert_eq!(padded("例", 4), "例  ");
    }

    #[test]
    fn no_cut_goes_through_a_letter() {
        assert_eq!(cut("例え", 3), "例".len());
        assert_eq!(cut("e\u{301}a", 1), "e\u{301}".len());
        assert_eq!(cut_behind("例え", 3), "例".len());
        assert_eq!(cut_behind("ae\u{301}", 1), "a".len());
    }
}
