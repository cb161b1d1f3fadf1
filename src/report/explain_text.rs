//! An explanation for people: takes the document of `explain` and gives lines of text. Things that hold it alike stand
//! in one line, since what a reader looks for is the one that differs.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::colour::Tone;
use super::explain::{Explanation, Hold};
use super::label::{said, short};
use super::{Detail, Look, age, cost, wrap};
use crate::graph::say;
use crate::model::{Key, few};

/// As many of one line's things are named; all with `-v`.
const NAMED: usize = 2;

/// The explanation for people.
pub fn text(it: &Explanation, now: Timestamp, look: Look) -> String {
    let mut lines = Lines { text: String::new(), look };
    let name = it.name.as_deref().filter(|name| *name != it.resource.id);
    let name = name.map(|name| format!(" ({})", super::plain(name))).unwrap_or_default();
    let name = if short(&it.resource.id) == it.resource.id { name } else { String::new() };
    lines.text =
        look.paint.tint(Tone::Head, &format!("{}{name} in {}", said(&it.resource), it.resource.region));
    lines.text.push('\n');
    if let Some(assumed) = &it.assumed {
        // A stack that lives is not told as a flag: whoever copies it would select that.
        let what = match assumed.split_once('=') {
            Some(("stack", name)) => format!("stack {name} were selected"),
            Some(_) | None => "it alone were selected, as it is of no stack".to_owned(),
        };
        lines.field("as if", &super::plain(&format!("{what}; nothing was")));
    }
    lines.field("verdict", it.verdict.word());
    for evidence in &it.evidence {
        lines.field("", &super::plain(evidence));
    }
    lines.field("fate", &it.fate);
    if let Some(arn) = &it.arn {
        // Not wrapped, so that it can be copied.
        lines.text.push_str(&format!("  {:<8} {arn}\n", "arn"));
    }
    if let Some(stack) = &it.stack {
        lines.field("stack", &super::plain(stack));
    }
    if let Some(state) = &it.state {
        lines.field("state", state);
    }
    lines.field(
        "age",
        &it.created.map_or("AWS does not tell".to_owned(), |created| {
            format!("{} (made {created})", age(created, now))
        }),
    );
    let price = match it.monthly_usd {
        Some(usd) if usd < 0.005 => "nothing".to_owned(),
        Some(usd) => format!("{}/month ({})", cost::usd(usd), cost::note()),
        None => "the price is not known".to_owned(),
    };
    lines.field("cost", &price);
    lines.holds("held by", &it.held_by, &|what, how| say(what, how, "it", None));
    if !it.path_told.is_empty() {
        let arrow = look.symbols.arrow();
        lines.field("path", &format!("{}{arrow}{}", short(&it.resource.id), it.path_told.join(arrow)));
    }
    if let Some(cause) = it.cause.as_ref().filter(|_| !it.path.is_empty()) {
        lines.field("cause", cause);
    }
    if let Some(remedy) = &it.remedy {
        lines.field("do", remedy);
    }
    lines.holds("holds", &it.holds, &|what, how| say("it", how, what, None));
    for (index, link) in it.links.iter().enumerate() {
        lines.field(if index == 0 { "links" } else { "" }, &format!("{} {}", link.how, said(&link.to)));
    }
    lines.text
}

struct Lines {
    text: String,
    look: Look,
}

impl Lines {
    fn field(&mut self, label: &str, value: &str) {
        for (index, line) in wrap(value, self.look.width.saturating_sub(11)).into_iter().enumerate() {
            let label = if index == 0 { label } else { "" };
            self.text.push_str(&format!("  {label:<8} {line}\n"));
        }
    }

    fn holds(&mut self, label: &str, holds: &[Hold], sentence: &dyn Fn(&str, &str) -> String) {
        if holds.is_empty() {
            self.field(label, "nothing");
        }
        let mut alike: BTreeMap<(&str, &str, &str), Vec<&Key>> = BTreeMap::new();
        for hold in holds {
            let sort = (fate(&hold.fate), hold.how.as_str(), hold.resource.kind.as_str());
            alike.entry(sort).or_default().push(&hold.resource);
        }
        for (index, ((fate, how, kind), keys)) in alike.into_iter().enumerate() {
            let label = if index == 0 { label } else { "" };
            let what = match keys.as_slice() {
                [one] => said(one),
                keys if self.look.detail == Detail::Full => {
                    format!("{} {kind} {}", keys.len(), all(keys, keys.len()))
                }
                keys => format!("{} {kind} {}", keys.len(), all(keys, NAMED)),
            };
            self.field(label, &format!("{} ({fate})", sentence(&what, how)));
        }
    }
}

fn all(keys: &[&Key], at_most: usize) -> String {
    super::plain(&few(keys.iter().map(|key| short(&key.id)), at_most))
}

/// What would happen to it, in words.
fn fate(word: &str) -> &'static str {
    match word {
        "delete" => "would be deleted",
        "carried" => "would go by itself",
        "leaving" => "is going",
        _ => "stays",
    }
}
