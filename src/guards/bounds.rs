//! How deep and how long a rule may be. Cedar reads rules by recursion without a bound of its own: a rule that is
//! nested too deep, or goes on too long, would end the program instead of being refused.

/// So many brackets may be open at once.
const DEEPEST: usize = 20;

/// So many `if`s may stand in one rule: each lies in the one before.
const IFS: usize = 64;

/// So many bytes may one rule have: a chain of `.`, `+` or `[…]` lies as deep as it is long.
const LONGEST: usize = 16 * 1024;

/// Where a text goes beyond these bounds, and what to do about it.
pub(super) fn beyond(text: &str) -> Option<(usize, String)> {
    let (mut open, mut ifs, mut began) = (0_usize, 0_usize, 0_usize);
    let mut letters = text.char_indices().peekable();
    let mut word = String::new();
    while let Some((at, letter)) = letters.next() {
        if letter.is_alphanumeric() || letter == '_' {
            word.push(letter);
            continue;
        }
        ifs += usize::from(word == "if");
        word.clear();
        match letter {
            '"' => {
                // A quote behind a backslash does not end the text.
                while let Some((_, letter)) = letters.next().filter(|(_, letter)| *letter != '"') {
                    if letter == '\\' {
                        letters.next();
                    }
                }
            }
            '/' if letters.peek().is_some_and(|(_, next)| *next == '/') => {
                while letters.next().is_some_and(|(_, letter)| letter != '\n') {}
            }
            '(' | '[' | '{' => open += 1,
            ')' | ']' | '}' => open = open.saturating_sub(1),
            ';' => (open, ifs, began) = (0, 0, at),
            _ => {}
        }
        let remedy = "write several rules: one that matches is enough";
        if open > DEEPEST {
            return Some((at, format!("more than {DEEPEST} brackets are open here; {remedy}")));
        }
        if ifs > IFS {
            return Some((at, format!("more than {IFS} `if` in one rule; {remedy}")));
        }
        if at.saturating_sub(began) > LONGEST {
            return Some((began, format!("a rule of more than {LONGEST} bytes; {remedy}")));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_bounded_and_a_file_of_rules_is_not() {
        let rule = "forbid(principal, action, resource) when { resource.holds_data };\n";
        assert_eq!(beyond(&rule.repeat(10_000)), None);
        assert!(beyond(&format!("{};", "resource.a".repeat(LONGEST))).is_some());
        assert!(beyond(&"(".repeat(DEEPEST)).is_none() && beyond(&"([{".repeat(DEEPEST)).is_some());
        assert!(beyond(&"if ".repeat(IFS)).is_none() && beyond(&"if ".repeat(IFS + 1)).is_some());
        assert!(beyond(&"if_ ".repeat(1_000)).is_none());
    }

    #[test]
    fn what_stands_in_text_or_in_a_comment_does_not_count() {
        let many = "(".repeat(100);
        assert_eq!(beyond(&format!("\"{many}\" // {many}\n")), None);
        assert_eq!(beyond(&format!("\"\\\"{many}\"")), None);
        let (at, why) = beyond(&format!("\"\\\\\"{many}")).expect("behind the text");
        assert_eq!((at, why.starts_with("more than 20 brackets")), (4 + 20, true));
    }
}
