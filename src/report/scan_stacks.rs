//! A scan in which nothing is selected, for people: the stacks by life and cost, those without a sign of life first,
//! each with what was looked for and the line that plans it. It takes a scan with its verdicts (`view.rs`) and the
//! command of each stack, for `scan`.
//!
//! A living stack is told with its signs and without a command: nothing that is printed leads to deleting it.

use std::cmp::Reverse;

use super::colour::Tone;
use super::view::{Group, ScanView};
use super::{Look, age, cost, count, hang, plain, wide, wrap};
use crate::judge::StackSummary;
use crate::model::StackVerdict;

/// The stacks, and what is in none.
pub fn text(view: &ScanView<'_>, command: &dyn Fn(&StackSummary) -> String, look: Look) -> String {
    let groups = view.groups();
    let named = |group: &Group| view.stacks.iter().find(|stack| group.stack.as_ref() == Some(&stack.name));
    let mut stacks: Vec<(&Group, &StackSummary)> =
        groups.iter().filter_map(|group| Some((group, named(group)?))).collect();
    stacks.sort_by_key(|(group, stack)| (lives(stack), Reverse(cents(group)), stack.name.clone()));
    let mut text = wrap(&opening(&stacks), look.width).join("\n") + "\n\n";
    let wide = wide::is_wide(stacks.len(), look);
    if wide {
        text.push_str(&wide::by_verdict(&groups, look));
        text.push('\n');
    }
    let shown = if wide { FIRST } else { stacks.len() };
    for (group, stack) in stacks.iter().take(shown) {
        let tone = if lives(stack) { Tone::Stays } else { Tone::Head };
        text.push_str(&look.paint.tint(tone, &heading(group, stack, view, look)));
        text.push('\n');
        for line in said(stack) {
            text.push_str(&hang("  ", &plain(&line), look));
        }
        // Never broken: they are there to be copied.
        match stack.verdict {
            StackVerdict::Tracked => {
                let commands = stack.tracked.iter().filter_map(|it| it.command.as_deref());
                text.extend(commands.map(|command| format!("  {}\n", plain(command))));
            }
            StackVerdict::Healthy | StackVerdict::Deploying => {}
            StackVerdict::Uncertain
            | StackVerdict::Abandoned
            | StackVerdict::Expired
            | StackVerdict::Lost => text.push_str(&format!("  {}\n", command(stack))),
        }
        text.push('\n');
    }
    if wide {
        let rest: Vec<(&Group, &StackSummary)> = stacks.iter().skip(shown).copied().collect();
        text.push_str(&hang("", &rest_of(&rest), look));
        text.push('\n');
    }
    let loose: Vec<&Group> = groups.iter().filter(|group| named(group).is_none()).collect();
    let number: usize = loose.iter().map(|group| group.rows.len()).sum();
    if number > 0 {
        let usd: f64 = loose.iter().map(|group| group.monthly()).sum();
        let money = if usd >= 0.005 { format!(", {}/month", cost::usd(usd)) } else { String::new() };
        text.push_str(&format!("In no stack: {}{money}. -v lists all.\n\n", count(number, "resource")));
    }
    text
}

/// Of very many stacks so many are told one by one, the dearest that show no life.
const FIRST: usize = 5;

/// The others by name, as many as fit.
fn rest_of(rest: &[(&Group, &StackSummary)]) -> String {
    const NAMES: usize = 12;
    let (living, others): (Vec<_>, Vec<_>) = rest.iter().partition(|(_, stack)| lives(stack));
    let named = |stacks: &[&(&Group, &StackSummary)]| {
        wide::names(stacks.iter().map(|(_, stack)| stack.name.as_str()), NAMES)
    };
    let mut parts = Vec::new();
    if !others.is_empty() {
        parts.push(format!(
            "{} without a sign of life: {}.",
            count(others.len(), "more stack"),
            named(&others)
        ));
    }
    if !living.is_empty() {
        parts.push(format!("{} living or being deployed: {}.", count(living.len(), "stack"), named(&living)));
    }
    parts.push(wide::MORE.to_owned());
    parts.join(" ")
}

/// Whether it shows life, or somebody is at work in it.
fn lives(stack: &StackSummary) -> bool {
    match stack.verdict {
        StackVerdict::Healthy | StackVerdict::Deploying => true,
        StackVerdict::Tracked
        | StackVerdict::Uncertain
        | StackVerdict::Abandoned
        | StackVerdict::Expired
        | StackVerdict::Lost => false,
    }
}

#[expect(clippy::cast_possible_truncation, reason = "prices are small, and rounded before")]
fn cents(group: &Group) -> i64 {
    (group.monthly() * 100.0).round() as i64
}

fn opening(stacks: &[(&Group, &StackSummary)]) -> String {
    let dead = stacks.iter().filter(|(_, stack)| !lives(stack)).count();
    match (stacks.len(), dead) {
        (0, _) => "No stack was found.".to_owned(),
        (all, 0) => format!("{}, and each of them lives.", count(all, "stack")),
        (all, dead) => format!(
            "{}, of which {dead} show no sign of life. That is no proof that nobody wants them: plan one to see \
             what else speaks for it.",
            count(all, "stack")
        ),
    }
}

fn heading(group: &Group, stack: &StackSummary, view: &ScanView<'_>, look: Look) -> String {
    let regions: Vec<&str> = stack.regions.iter().map(|region| region.as_str()).collect();
    let place = if regions.is_empty() { String::new() } else { format!(" in {}", regions.join(", ")) };
    let mut parts = vec![
        format!("{}{place}", plain(&stack.name)),
        stack.verdict.word().to_owned(),
        count(stack.resources, "resource"),
    ];
    parts.extend(group.oldest().map(|oldest| format!("oldest {}", age(oldest, view.now))));
    if group.monthly() >= 0.005 {
        parts.push(format!("{}/month", cost::usd(group.monthly())));
    }
    wrap(&parts.join(look.symbols.dot()), look.width).join("\n  ")
}

/// What its life shows: the signs, what leaves it open, or what was looked for.
fn said(stack: &StackSummary) -> Vec<String> {
    if let Some(deploying) = &stack.deploying {
        return vec![deploying.clone()];
    }
    let signs: Vec<String> = stack.signs.iter().take(SHOWN).map(|shown| shown.why.clone()).collect();
    if !signs.is_empty() {
        return signs;
    }
    if stack.verdict == StackVerdict::Tracked {
        return stack.tracked.iter().map(|it| it.owns(stack.resources)).collect();
    }
    let doubts: Vec<String> = stack.doubts.iter().take(SHOWN).cloned().collect();
    if !doubts.is_empty() {
        return doubts;
    }
    match stack.looked_for.is_empty() {
        true => vec!["nothing in it could show a sign of life".to_owned()],
        false => vec![format!("no sign of life: {}", stack.looked_for.join(", "))],
    }
}

/// As many signs or doubts as one stack is told with; -v and JSON have all.
const SHOWN: usize = 3;
