//! What people and scripts read. The commands hand over what judge, planner, quota, preflight and run decided;
//! the reports give back text, which the commands print. Nothing is decided here.

pub mod clean;
pub mod colour;
pub mod columns;
pub mod cost;
pub mod csv;
pub mod explain;
pub mod explain_path;
mod explain_remedy;
#[cfg(test)]
mod explain_tests;
pub mod explain_text;
pub mod fates;
pub mod graph;
pub mod graph_dot;
pub mod graph_mermaid;
pub mod graph_svg;
pub mod iam;
pub mod json;
pub mod jsonl;
pub mod kind_page;
pub mod label;
pub mod markdown;
pub mod order;
pub mod outline;
mod plan_steps;
pub mod plan_text;
pub mod policy_check;
pub mod preflight;
pub mod preflight_annotations;
pub mod preflight_junit;
pub mod preflight_markdown;
pub mod quota_text;
pub mod run_text;
pub mod scan_stacks;
pub mod scan_table;
pub mod spared;
pub mod sums;
pub mod tree;
pub mod unread;
pub mod view;
pub mod wide;
pub mod width;

use std::time::Duration;

use jiff::Timestamp;

pub use clean::plain;
use colour::{Paint, Symbols};

/// How text is to look.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// How many columns a line may have.
    pub width: usize,
    /// Whether to colour.
    pub paint: Paint,
    /// The symbols.
    pub symbols: Symbols,
    /// How much to tell.
    pub detail: Detail,
}

/// How much a report for people tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// What is to be decided on, one line each; the rest is counted.
    Brief,
    /// Everything, with every reason (`-v`).
    Full,
}

/// `1 step`, `3 steps`.
pub fn count(number: usize, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        _ if noun.ends_with('y') => format!("{number} {}ies", noun.trim_end_matches('y')),
        _ => format!("{number} {noun}s"),
    }
}

/// How long ago: `3d`, `5h`, `45m`, `10s`, in the largest unit that fits.
pub fn age(created: Timestamp, now: Timestamp) -> String {
    let seconds = now.duration_since(created).as_secs().max(0);
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3_600 => format!("{}m", seconds / 60),
        3_600..172_800 => format!("{}h", seconds / 3_600),
        _ => format!("{}d", seconds / 86_400),
    }
}

/// How long something takes: `40 s`, `9 min`, `1 h 5 min`.
pub fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..90 => format!("{seconds} s"),
        90..5_400 => format!("{} min", (seconds + 30) / 60),
        _ => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
    }
}

/// A blank at which [`wrap`] breaks no line: between a number and what it counts.
pub const TIED: char = '\u{a0}';

/// Breaks text into lines of at most this many columns, between words where it can.
pub fn wrap(text: &str, most: usize) -> Vec<String> {
    let most = most.max(20);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in
        text.split(|letter: char| letter.is_whitespace() && letter != TIED).filter(|word| !word.is_empty())
    {
        let used = width::columns(&line);
        if used > 0 && used + 1 + width::columns(word) > most {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        while width::columns(&line) > most {
            let rest = line.split_off(width::cut(&line, most));
            lines.push(std::mem::replace(&mut line, rest));
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    for line in &mut lines {
        *line = line.replace(TIED, " ");
    }
    lines
}

/// Text in paragraphs: each wrapped, its first line after `first` and the others after as many blanks.
pub fn hang(first: &str, text: &str, look: Look) -> String {
    let indent = width::columns(first);
    let lines = wrap(text, look.width.saturating_sub(indent));
    format!("{first}{}\n", lines.join(&format!("\n{}", " ".repeat(indent))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_told_in_the_largest_unit_that_fits() {
        let now: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
        let ago = |text: &str| age(text.parse().unwrap(), now);
        assert_eq!(ago("2026-11-21T11:59:50Z"), "10s");
        assert_eq!(ago("2026-11-21T09:00:00Z"), "3h");
        assert_eq!(ago("2026-11-18T12:00:00Z"), "3d");
        assert_eq!(ago("2026-11-21T12:00:05Z"), "0s");
    }

    #[test]
    fn wrapping_keeps_every_word_and_the_width() {
        let text = "the subnet holds eni-0123456789abcdef0 which goes with nat-0123456789abcdef0 in a while";
        let lines = wrap(text, 30);
        assert!(lines.iter().all(|line| width::columns(line) <= 30));
        assert_eq!(lines.join(" "), text);
    }

    #[test]
    fn wide_and_combining_letters_keep_the_width_too() {
        let wide = "例".repeat(100);
        let lines = wrap(&wide, 79);
        assert!(lines.iter().all(|line| width::columns(line) <= 79), "{lines:?}");
        assert_eq!(lines.concat(), wide);
        let accents = "e\u{301}".repeat(80);
        assert_eq!(wrap(&accents, 80), [accents]);
    }
}
