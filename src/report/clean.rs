//! Takes out of text what a terminal, a log or the runner of a CI system would obey: names, tags and files are
//! written by strangers. The reports clean what they quote; every stream of the program cleans what it prints.

use super::colour::Paint;

/// Whether something that shows text would obey this character instead of showing it: the control characters
/// (C0, DEL, C1), what turns the direction of writing, and Unicode's own ends of lines and paragraphs.
///
/// <https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters>
pub fn is_obeyed(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '\u{61c}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2066}'..='\u{206f}'
        )
}

/// The text on one line, with a blank for each character that would be obeyed.
pub fn plain(text: &str) -> String {
    text.chars().map(|letter| if is_obeyed(letter) { ' ' } else { letter }).collect()
}

/// The text as it may be printed: of what would be obeyed, ends of lines and our own colours stay, and no line
/// is a command to a runner.
///
/// GitHub's runner takes a line that begins with `::`, after blanks, and `##[` anywhere:
/// <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>. Azure's takes
/// `##vso[`: <https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands>.
pub fn printed(text: &str, paint: Paint) -> String {
    let mut clean = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let (line, end) = match line.strip_suffix("\r\n") {
            Some(line) => (line, "\r\n"),
            None => line.strip_suffix('\n').map_or((line, ""), |line| (line, "\n")),
        };
        clean.push_str(&no_command(&no_control(line, paint)));
        clean.push_str(end);
    }
    clean
}

/// A line that is a command itself: whatever it quotes, it is one line, and no other command stands in it.
pub fn command(line: &str) -> String {
    no_mark(&plain(line))
}

fn no_control(line: &str, paint: Paint) -> String {
    let mut clean = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(letter) = rest.chars().next() {
        let own = paint.sequences().iter().find(|own| rest.starts_with(**own));
        let (piece, length) = match own {
            Some(own) => (*own, own.len()),
            None if is_obeyed(letter) => (" ", letter.len_utf8()),
            None => (rest.get(..letter.len_utf8()).unwrap_or_default(), letter.len_utf8()),
        };
        clean.push_str(piece);
        rest = rest.get(length..).unwrap_or_default();
    }
    clean
}

fn no_command(line: &str) -> String {
    let (blanks, text) = line.split_at(line.len() - line.trim_start().len());
    match text.strip_prefix("::") {
        Some(command) => format!("{blanks}: :{}", no_mark(command)),
        None => no_mark(line),
    }
}

/// The text without what is a command wherever it stands: `##[` or `##word[`. Each letter is looked at once, however
/// many marks a stranger writes in a row.
fn no_mark(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("##") {
        let (before, marked) = rest.split_at(at);
        let ends = |letter: char| !letter.is_ascii_alphanumeric() && letter != '#';
        let (word, after) = marked.split_at(marked.find(ends).unwrap_or(marked.len()));
        clean.push_str(before);
        match after.starts_with('[') {
            true => clean.push_str(&word.replace("##", "## ")),
            false => clean.push_str(word),
        }
        rest = after;
    }
    clean.push_str(rest);
    clean
}

/// A JSON text that tells the same without a character that would be obeyed, and without what a runner would
/// take for a command: both stand in strings alone, where each character may be written by its number
/// (RFC 8259, section 7).
pub fn json(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut last = ' ';
    for letter in text.chars() {
        let command = letter == '#' && last == '#';
        if letter != '\n' && (is_obeyed(letter) || command) {
            clean.push_str(&format!("\\u{:04x}", u32::from(letter)));
        } else {
            clean.push(letter);
        }
        last = letter;
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::super::colour::Tone;
    use super::*;

    #[test]
    fn a_name_cannot_command_the_terminal() {
        assert_eq!(plain("a\u{1b}[31mb\nc"), "a [31mb c");
        assert_eq!(plain("a\u{202e}b\u{2028}c\u{9b}d\u{7f}e"), "a b c d e");
        assert_eq!(plain("naïve 例 e\u{301} 👩\u{200d}🚀"), "naïve 例 e\u{301} 👩\u{200d}🚀");
    }

    #[test]
    fn of_what_would_be_obeyed_only_ends_of_lines_are_printed_and_colours_that_were_asked_for() {
        let tinted = Paint::Colours.tint(Tone::Goes, "x");
        assert_eq!(printed(&tinted, Paint::Colours), tinted);
        assert_eq!(printed(&tinted, Paint::Plain), " [31mx [0m");
        assert_eq!(printed("\u{1b}[2J\u{1b}]0;x\u{7}\n", Paint::Colours), " [2J ]0;x \n");
        assert_eq!(printed("a\r\nb\rc\n", Paint::Plain), "a\r\nb c\n");
    }

    #[test]
    fn no_line_is_a_command() {
        for (text, wanted) in [
            ("::warning::x\n", ": :warning::x\n"),
            ("a\n \t::set-env::x", "a\n  : :set-env::x"),
            ("a ::warning::x", "a ::warning::x"),
            ("a ##[error]b ##vso[task.x]", "a ## [error]b ## vso[task.x]"),
            ("###[x]", "## #[x]"),
            ("####a##b[x]##", "## ## a## b[x]##"),
            ("## a [b]", "## a [b]"),
            ("\u{1b}::x", " : :x"),
        ] {
            assert_eq!(printed(text, Paint::Plain), wanted, "{text:?}");
        }
    }

    #[test]
    fn in_a_command_stands_no_other() {
        assert_eq!(command("::error::a\n::b ##[x] ##vso[y]"), "::error::a ::b ## [x] ## vso[y]");
    }

    #[test]
    fn json_tells_the_same() {
        let value = serde_json::json!({ "a": "\u{202e}\u{7f}\u{9b}\u{1b}\n##[x]\\###\"" });
        let clean = json(&serde_json::to_string_pretty(&value).unwrap());
        assert!(!clean.contains(|letter: char| letter != '\n' && is_obeyed(letter)) && !clean.contains("##"));
        assert_eq!(serde_json::from_str::<serde_json::Value>(&clean).unwrap(), value);
        assert_eq!(printed(&clean, Paint::Plain), clean);
    }
}
