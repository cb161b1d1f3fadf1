//! The steps of a plan, one line each, for the table of a plan (`plan_text.rs`). Neighbours that read as one
//! thing are one line; with `-v` each step has its own, with its reasons.

use std::collections::BTreeMap;
use std::time::Duration;

use super::colour::{Mark, Tone};
use super::label::{label, ranges, short};
use super::plan_text::PlanView;
use super::{Detail, Look, count, duration, fates, hang, order, plain, width};
use crate::model::{Key, Proof};
use crate::plan::{Action, Step, StepId};

/// Steps that read as one line.
struct StepLine<'a> {
    steps: Vec<&'a Step>,
    after: Vec<u32>,
}

/// What all lines of a stack have in common.
struct Frame<'a> {
    view: &'a PlanView<'a>,
    look: Look,
    /// How many columns the numbers take, with the blank behind them.
    begin: usize,
    /// How many columns the longest kind takes.
    kind: usize,
}

/// The steps of one stack.
pub(super) fn text(steps: &[&Step], view: &PlanView<'_>, look: Look) -> String {
    let direct = order::direct(&view.file.steps);
    let lines = step_lines(steps, &direct, look.detail);
    let wide = lines.iter().map(|line| numbers(line).len()).max().unwrap_or(0);
    let kind = steps.iter().map(|step| step.resource.kind.as_str().len()).max().unwrap_or(0);
    let frame = Frame { view, look, begin: wide + 1, kind };
    let mut text = String::new();
    for step_line in &lines {
        text.push_str(&format!("{:>wide$} ", numbers(step_line)));
        text.push_str(&frame.line(step_line));
        if look.detail == Detail::Full {
            let proof = step_line.steps.iter().filter_map(|step| frame.proof(step));
            let after = step_line.steps.iter().flat_map(|step| &step.after);
            // A reason that follows from the others would be said twice.
            let after = after.filter(|after| step_line.after.contains(&after.step.0));
            let after = after.map(|after| format!("after {}: {}", after.step.0, plain(&after.why)));
            for told in proof.chain(after) {
                for line in hang(&" ".repeat(frame.begin + 2), &told, look).lines() {
                    text.push_str(&format!("{}\n", look.paint.tint(Tone::Stays, line)));
                }
            }
        }
    }
    text
}

/// The number of a step, or the first and the last of those that read as one.
fn numbers(line: &StepLine<'_>) -> String {
    ranges(&line.steps.iter().map(|step| step.id.0).collect::<Vec<_>>())
}

/// Neighbours that cut the same from the same resource, or that AWS removes alike, are one line.
fn step_lines<'a>(
    steps: &[&'a Step],
    direct: &BTreeMap<StepId, Vec<u32>>,
    detail: Detail,
) -> Vec<StepLine<'a>> {
    let mut lines: Vec<StepLine<'a>> = Vec::new();
    for step in steps {
        let waits = direct.get(&step.id).cloned().unwrap_or_default();
        let joins = |line: &StepLine<'_>| match (line.steps.last(), detail) {
            (None, _) | (_, Detail::Full) => false,
            (Some(last), Detail::Brief) => last.id.0 + 1 == step.id.0 && alike(last, step),
        };
        match lines.last_mut().filter(|line| joins(line)) {
            Some(line) => {
                line.after.extend(waits);
                line.steps.push(step);
            }
            None => lines.push(StepLine { steps: vec![step], after: waits }),
        }
    }
    for line in &mut lines {
        let within: Vec<u32> = line.steps.iter().map(|step| step.id.0).collect();
        line.after.sort_unstable();
        line.after.dedup();
        line.after.retain(|after| !within.contains(after));
    }
    lines
}

fn alike(one: &Step, other: &Step) -> bool {
    match (&one.action, &other.action) {
        (Action::Cut(one_link), Action::Cut(other_link)) => {
            one.resource == other.resource && one.api == other.api && one_link.how == other_link.how
        }
        (Action::Await, Action::Await) => one.resource.kind == other.resource.kind,
        (Action::Cut(_) | Action::Delete | Action::Await, _) => false,
    }
}

impl Frame<'_> {
    /// What proves that nobody wants it, beside what is said of its stack as a whole. What is cut goes further down.
    fn proof(&self, step: &Step) -> Option<String> {
        match step.action {
            Action::Delete | Action::Await => {}
            Action::Cut(_) => return None,
        }
        let Proof { claim, life: _, age, users, used } = self.view.proof(&step.resource)?;
        let told = [claim, age, users, used].into_iter().flatten();
        let told: Vec<String> = told.map(|it| plain(it)).collect();
        (!told.is_empty()).then(|| told.join("; "))
    }

    /// `- subnet   subnet-0aaa shop-a   ~2 min  after 3-6`.
    fn line(&self, line: &StepLine<'_>) -> String {
        let Self { view, look, begin, kind } = *self;
        let step = line.steps[0];
        let mark = mark(step).symbol(look.symbols);
        let seconds = line.steps.iter().map(|step| step.expected_seconds).max().unwrap_or(0);
        let mut notes = Vec::new();
        if view.file.regions.len() > 1 {
            notes.push(step.resource.region.to_string());
        }
        if seconds >= 15 {
            notes.push(format!("~{}", duration(Duration::from_secs(u64::from(seconds)))));
        }
        if !line.after.is_empty() {
            notes.push(format!("after {}", ranges(&line.after)));
        }
        let notes = notes.join("  ");
        let head = format!("{mark} {:<kind$} ", step.resource.kind.as_str());
        let used = begin + width::columns(&head);
        let free = look.width.saturating_sub(used);
        let room = if notes.is_empty() { free } else { free.saturating_sub(width::columns(&notes) + 2) };
        let what = self.what(line, room.max(MOST_OF_AN_ID.min(free)));
        let tone = mark_tone(step);
        let whole = used + width::columns(&what) + 2 + width::columns(&notes);
        if width::columns(&what) > free {
            // The name of what is cut may be too long for the line: it is wrapped.
            let mut text = String::new();
            let mut last = 0;
            for (index, part) in super::wrap(&what, free).iter().enumerate() {
                let before = if index == 0 { head.clone() } else { " ".repeat(used) };
                last = used + width::columns(part) + 2 + width::columns(&notes);
                let newline = if index == 0 { "" } else { "\n" };
                text.push_str(&format!("{newline}{}", look.paint.tint(tone, &format!("{before}{part}"))));
            }
            return match (notes.is_empty(), last <= look.width) {
                (true, _) => text + "\n",
                (false, true) => {
                    format!("{text}{}{}\n", gap(last, look), look.paint.tint(Tone::Stays, &notes))
                }
                (false, false) => format!("{text}\n{}", below(&notes, used, look)),
            };
        }
        let tinted = look.paint.tint(tone, &format!("{head}{what}"));
        match notes.is_empty() {
            true => format!("{tinted}\n"),
            false if whole <= look.width => {
                format!("{tinted}{}{}\n", gap(whole, look), look.paint.tint(Tone::Stays, &notes))
            }
            false => format!("{tinted}\n{}", below(&notes, used, look)),
        }
    }

    /// What the line is about.
    fn what(&self, line: &StepLine<'_>, room: usize) -> String {
        let Self { view, look, .. } = *self;
        let step = line.steps[0];
        let named = |key: &Key, room| label(&key.id, view.name(key), room, look);
        match &step.action {
            Action::Delete => named(&step.resource, room),
            Action::Await if line.steps.len() == 1 => {
                let said = " by itself";
                named(&step.resource, room.saturating_sub(said.len()).max(MOST_OF_AN_ID)) + said
            }
            Action::Await => format!("{} by themselves", line.steps.len()),
            Action::Cut(_) => {
                let owner = label(&step.resource.id, None, look.width, look);
                let verb = fates::verb(step.api.as_deref());
                let targets: Vec<&Key> = line.steps.iter().filter_map(|step| target(step)).collect();
                match targets.as_slice() {
                    // The id of a part begins with its owner's, which is not repeated.
                    [one] => match short(&one.id).strip_prefix(owner.as_str()) {
                        // A profile and its role may bear one name.
                        Some(part) if !part.is_empty() => {
                            format!("{owner}: {verb} {} {}", one.kind, part.trim_start_matches(['/', ':']))
                        }
                        Some(_) | None => format!("{owner}: {verb} {}", short(&one.id)),
                    },
                    many => {
                        let kind = many.first().map_or("link", |key| key.kind.as_str());
                        format!("{owner}: {verb} {}", count(many.len(), kind))
                    }
                }
            }
        }
    }
}

/// The blanks before the notes: they end where the line ends, where that is not far away.
fn gap(whole: usize, look: Look) -> String {
    " ".repeat(if look.width > 100 { 2 } else { look.width.saturating_sub(whole) + 2 })
}

/// The longest id that AWS makes up (`eipalloc-` and 17 digits): it is never shortened.
const MOST_OF_AN_ID: usize = 26;

fn below(notes: &str, begin: usize, look: Look) -> String {
    if notes.is_empty() {
        return String::new();
    }
    let lines = hang(&" ".repeat(begin), notes, look);
    lines.lines().map(|line| format!("{}\n", look.paint.tint(Tone::Stays, line))).collect()
}

const fn target(step: &Step) -> Option<&Key> {
    match &step.action {
        Action::Cut(link) => Some(&link.to),
        Action::Delete | Action::Await => None,
    }
}

const fn mark(step: &Step) -> Mark {
    match step.action {
        Action::Cut(_) => Mark::Cut,
        Action::Delete | Action::Await => Mark::Delete,
    }
}

const fn mark_tone(step: &Step) -> Tone {
    match step.action {
        Action::Cut(_) => Tone::Changes,
        Action::Delete => Tone::Goes,
        // AWS does it without a call, so it is shown like what is left alone.
        Action::Await => Tone::Stays,
    }
}
