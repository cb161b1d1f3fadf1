//! The steps of a plan, one line each; what reads as one thing is one line. With `-v` each step and its reasons.

use std::collections::BTreeMap;
use std::time::Duration;

use super::colour::{Mark, Tone};
use super::label::{label, ranges, short};
use super::plan_text::PlanView;
use super::{Detail, Look, count, duration, fates, hang, order, plain, width};
use crate::model::Key;
use crate::plan::{Action, Step, StepId};

/// Steps that read as one line.
struct Run<'a> {
    steps: Vec<&'a Step>,
    after: Vec<u32>,
}

/// The steps of one stack.
pub(super) fn text(steps: &[&Step], view: &PlanView<'_>, look: Look) -> String {
    let direct = order::direct(&view.file.steps);
    let runs = runs(steps, &direct, look.detail);
    let wide = runs.iter().map(|run| numbers(run).len()).max().unwrap_or(0);
    let kind = steps.iter().map(|step| step.resource.kind.as_str().len()).max().unwrap_or(0);
    let mut text = String::new();
    for run in &runs {
        let first = format!("{:>wide$} ", numbers(run));
        text.push_str(&first);
        text.push_str(&line(run, first.len(), kind, (view, look)));
        if look.detail == Detail::Full {
            for after in run.steps.iter().flat_map(|step| &step.after) {
                let why = format!("after {}: {}", after.step.0, plain(&after.why));
                for line in hang(&" ".repeat(first.len() + 2), &why, look).lines() {
                    text.push_str(&format!("{}\n", look.paint.tint(Tone::Stays, line)));
                }
            }
        }
    }
    text
}

/// The number of a step, or the first and the last of a run.
fn numbers(run: &Run<'_>) -> String {
    ranges(&run.steps.iter().map(|step| step.id.0).collect::<Vec<_>>())
}

/// Neighbours that cut the same from the same resource, or that AWS removes alike, are one run.
fn runs<'a>(steps: &[&'a Step], direct: &BTreeMap<StepId, Vec<u32>>, detail: Detail) -> Vec<Run<'a>> {
    let mut runs: Vec<Run<'a>> = Vec::new();
    for step in steps {
        let waits = direct.get(&step.id).cloned().unwrap_or_default();
        let joins = |run: &Run<'_>| match (run.steps.last(), detail) {
            (None, _) | (_, Detail::Full) => false,
            (Some(last), Detail::Brief) => last.id.0 + 1 == step.id.0 && alike(last, step),
        };
        match runs.last_mut().filter(|run| joins(run)) {
            Some(run) => {
                run.after.extend(waits);
                run.steps.push(step);
            }
            None => runs.push(Run { steps: vec![step], after: waits }),
        }
    }
    for run in &mut runs {
        let within: Vec<u32> = run.steps.iter().map(|step| step.id.0).collect();
        run.after.sort_unstable();
        run.after.dedup();
        run.after.retain(|after| !within.contains(after));
    }
    runs
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

/// `- subnet   subnet-0aaa shop-a   ~2 min  after 3-6`.
fn line(run: &Run<'_>, begin: usize, kind: usize, (view, look): (&PlanView<'_>, Look)) -> String {
    let step = run.steps[0];
    let mark = mark(step).symbol(look.symbols);
    let seconds = run.steps.iter().map(|step| step.expected_seconds).max().unwrap_or(0);
    let mut notes = Vec::new();
    if view.file.regions.len() > 1 {
        notes.push(step.resource.region.to_string());
    }
    if seconds >= 15 {
        notes.push(format!("~{}", duration(Duration::from_secs(u64::from(seconds)))));
    }
    if !run.after.is_empty() {
        notes.push(format!("after {}", ranges(&run.after)));
    }
    let notes = notes.join("  ");
    let head = format!("{mark} {:<kind$} ", step.resource.kind.as_str());
    let used = begin + width::columns(&head);
    let free = look.width.saturating_sub(used);
    let room = if notes.is_empty() { free } else { free.saturating_sub(width::columns(&notes) + 2) };
    let what = what(run, room.max(MOST_OF_AN_ID.min(free)), (view, look));
    let tone = mark_tone(step);
    let whole = used + width::columns(&what) + 2 + width::columns(&notes);
    if width::columns(&what) > free {
        // What is cut may have a long name: it goes on below.
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
            (false, true) => format!("{text}{}{}\n", gap(last, look), look.paint.tint(Tone::Stays, &notes)),
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

/// What the run is about.
fn what(run: &Run<'_>, room: usize, (view, look): (&PlanView<'_>, Look)) -> String {
    let step = run.steps[0];
    let named = |key: &Key, room| label(&key.id, view.name(key), room, look);
    match &step.action {
        Action::Delete => named(&step.resource, room),
        Action::Await if run.steps.len() == 1 => {
            let said = " by itself";
            named(&step.resource, room.saturating_sub(said.len()).max(MOST_OF_AN_ID)) + said
        }
        Action::Await => format!("{} by themselves", run.steps.len()),
        Action::Cut(_) => {
            let owner = label(&step.resource.id, None, look.width, look);
            let verb = fates::verb(step.api.as_deref());
            let targets: Vec<&Key> = run.steps.iter().filter_map(|step| target(step)).collect();
            match targets.as_slice() {
                // What is a part of its owner is named after it.
                [one] => match short(&one.id).strip_prefix(owner.as_str()) {
                    Some(part) => {
                        format!("{owner}: {verb} {} {}", one.kind, part.trim_start_matches(['/', ':']))
                    }
                    None => format!("{owner}: {verb} {}", short(&one.id)),
                },
                many => {
                    let kind = many.first().map_or("link", |key| key.kind.as_str());
                    format!("{owner}: {verb} {}", count(many.len(), kind))
                }
            }
        }
    }
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
        // Nobody calls anything for it.
        Action::Await => Tone::Stays,
    }
}
