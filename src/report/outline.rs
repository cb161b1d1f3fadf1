//! A plan in a few lines: it takes the steps and tells what begins when, by kind. `apply` and `demo` show it
//! where the whole list would be too long.

use std::collections::BTreeMap;
use std::time::Duration;

use super::colour::Tone;
use super::label::kinds;
use super::{Look, count, duration, order, plain, width, wrap};
use crate::model::{Key, KindName};
use crate::plan::file::PlanFile;
use crate::plan::{Action, Step};

/// What begins when, by stack.
pub fn text(file: &PlanFile, stacks: &BTreeMap<Key, String>, look: Look) -> String {
    let begins = order::begins(&file.steps);
    let mut by_stack: BTreeMap<Option<&str>, BTreeMap<u64, Vec<&Step>>> = BTreeMap::new();
    for step in &file.steps {
        // Steps that begin within the same minute are shown together.
        let minute = begins.get(&step.id).map_or(0, |seconds| (seconds + 30) / 60);
        let stack = stacks.get(&step.resource).map(String::as_str);
        by_stack.entry(stack).or_default().entry(minute).or_default().push(step);
    }
    let mut text = String::new();
    for (stack, waves) in by_stack {
        let name = stack.map_or_else(|| "In no stack".to_owned(), |stack| format!("Stack {}", plain(stack)));
        let steps: usize = waves.values().map(Vec::len).sum();
        let head = format!("{name}{}{}", look.symbols.dot(), count(steps, "step"));
        text.push_str(&look.paint.tint(Tone::Head, &head));
        text.push('\n');
        text.push_str(&table(&waves, look));
    }
    text
}

fn table(waves: &BTreeMap<u64, Vec<&Step>>, look: Look) -> String {
    let time = |minute: &u64| match minute {
        0 => "  at once".to_owned(),
        minute => format!("  after {}", duration(Duration::from_secs(minute * 60))),
    };
    let times: Vec<String> = waves.keys().map(time).collect();
    let begin = times.iter().map(|time| width::columns(time)).max().unwrap_or(0) + 2;
    let mut text = String::new();
    for (time, steps) in times.iter().zip(waves.values()) {
        let mut parts: Vec<(Tone, String)> = Vec::new();
        let of = |wanted: fn(&Action) -> bool| -> Vec<&KindName> {
            steps.iter().filter(|step| wanted(&step.action)).map(|step| &step.resource.kind).collect()
        };
        for (word, tone, found) in [
            ("delete", Tone::Goes, of(|action| matches!(action, Action::Delete))),
            ("cut from", Tone::Changes, of(|action| matches!(action, Action::Cut(_)))),
            ("AWS removes", Tone::Stays, of(|action| matches!(action, Action::Await))),
        ] {
            if !found.is_empty() {
                parts.push((tone, format!("{word} {}", kinds(found.into_iter()))));
            }
        }
        let mut first = width::padded(time, begin);
        for (tone, part) in parts {
            for line in wrap(&part, look.width.saturating_sub(begin)) {
                text.push_str(&format!("{first}{}\n", look.paint.tint(tone, &line)));
                first = " ".repeat(begin);
            }
        }
    }
    text
}
