//! What a report says of an account with very many stacks: first how many there are of which verdict and for how much,
//! then what asks for a decision, one line a stack, and reasons that differ in a name alone once. It takes the groups of
//! `view.rs`, for scans and plans; `--stack NAME` tells one stack whole, `-v` all.

use std::collections::BTreeMap;

use super::colour::{Mark, Tone};
use super::columns::{self, Side};
use super::view::{Group, ScanView};
use super::{Detail, Look, cost, count, hang, plain, sums};

/// More stacks than this are summed up.
const FEW: usize = 10;

/// So many stacks of which something goes have a line of their own.
const LINES: usize = 20;

/// So many different reasons are told.
const REASONS: usize = 6;

/// Whether so many stacks are summed up.
pub fn is_wide(stacks: usize, look: Look) -> bool {
    look.detail == Detail::Brief && stacks > FEW
}

/// How to see more of it.
pub const MORE: &str = "--stack NAME tells one stack whole, -v all of them.";

/// As many of these names as asked for, and how many more there are.
pub fn names<'a>(all: impl ExactSizeIterator<Item = &'a str>, most: usize) -> String {
    let more = all.len().saturating_sub(most);
    let names: Vec<String> = all.take(most).map(plain).collect();
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    names.join(", ") + &more
}

/// The stacks by their verdict, those of which something goes with a line of their own, and why the rest is uncertain.
pub fn text(groups: &[Group], view: &ScanView<'_>, look: Look) -> String {
    let mut text = by_verdict(groups, look);
    text.push('\n');
    // What goes in no stack has a line as well, or nothing would tell of it.
    let goes = |group: &&Group| group.marked(Mark::Delete) > 0;
    let mut going: Vec<&Group> = groups.iter().filter(goes).collect();
    going.sort_by(|a, b| b.monthly().total_cmp(&a.monthly()).then_with(|| a.stack.cmp(&b.stack)));
    if !going.is_empty() {
        let shown: Vec<Group> = going.iter().take(LINES).map(|group| (*group).clone()).collect();
        text.push_str(&sums::stacks(&shown, view, look));
        if going.len() > LINES {
            text.push_str(&format!(
                "and {} of which something goes\n",
                count(going.len() - LINES, "more stack")
            ));
        }
        text.push('\n');
    }
    let rows = groups.iter().flat_map(|group| group.rows.iter().map(move |row| (group, row)));
    let unclear = rows.filter(|(_, row)| row.mark == Mark::Uncertain);
    let whys = unclear.map(|(group, row)| {
        let why = row.note.split_once(": ").map_or(row.note.as_str(), |(_, why)| why);
        (why, group.stack.as_deref())
    });
    text.push_str(&reasons("Uncertain", whys, &sums::kinds_of(view), look));
    text.push_str(&hang("", MORE, look));
    text.push('\n');
    text
}

/// One line per verdict: `36 stacks uncertain, 144 resources, $0.00`.
pub fn by_verdict(groups: &[Group], look: Look) -> String {
    let mut verdicts: BTreeMap<&str, Vec<&Group>> = BTreeMap::new();
    for group in groups.iter().filter(|group| group.stack.is_some()) {
        verdicts.entry(sums::verdict(group).unwrap_or_default()).or_default().push(group);
    }
    let head = ["STACKS", "VERDICT", "RESOURCES", "ORPHANS", "PER MONTH"];
    let mut lines = vec![head.map(str::to_owned).to_vec()];
    for (verdict, groups) in &verdicts {
        let sum =
            |of: &dyn Fn(&Group) -> usize| groups.iter().map(|group| of(group)).sum::<usize>().to_string();
        let usd: f64 = groups.iter().map(|group| group.monthly()).sum();
        lines.push(vec![
            groups.len().to_string(),
            (*verdict).to_owned(),
            sum(&|group| group.rows.len()),
            sum(&|group| group.marked(Mark::Delete)),
            cost::cell(Some((usd * 100.0).round() / 100.0)),
        ]);
    }
    let sides = [Side::Right, Side::Left, Side::Right, Side::Right, Side::Right];
    let mut text = String::new();
    for (place, line) in columns::lines(&lines, &sides).iter().enumerate() {
        text.push_str(&look.paint.tint(if place == 0 { Tone::Head } else { Tone::Stays }, line));
        text.push('\n');
    }
    text
}

/// Reasons that differ in the name of a thing or a stack alone, once, with how many there are.
pub fn reasons<'a>(
    title: &str,
    whys: impl Iterator<Item = (&'a str, Option<&'a str>)>,
    kinds: &BTreeMap<&str, &crate::model::KindName>,
    look: Look,
) -> String {
    let mut alike: BTreeMap<String, usize> = BTreeMap::new();
    for (why, stack) in whys {
        *alike.entry(general(why, stack, kinds)).or_default() += 1;
    }
    let mut alike: Vec<(String, usize)> = alike.into_iter().collect();
    alike.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let mut text = String::new();
    for (why, number) in alike.iter().take(REASONS) {
        text.push_str(&hang(&format!("{title} "), &format!("({number}): {}", plain(why)), look));
    }
    let more: usize = alike.iter().skip(REASONS).map(|(_, number)| number).sum();
    if more > 0 {
        text.push_str(&hang(&format!("{title} "), &format!("({more}): for other reasons"), look));
    }
    text
}

/// A sentence in which every stack and every thing could stand.
pub fn general(why: &str, stack: Option<&str>, kinds: &BTreeMap<&str, &crate::model::KindName>) -> String {
    let brief = sums::brief(why);
    let named = match stack {
        Some(stack) => brief.replace(&format!("stack {stack}"), "stack of that name"),
        None => brief,
    };
    sums::general(&named, kinds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::colour::{Paint, Symbols};

    #[test]
    fn reasons_that_differ_in_a_stack_alone_are_one() {
        let whys = ["shop/a", "shop/b"]
            .map(|stack| (format!("a stack {stack} also stands in eu-west-1 (i-1)"), stack));
        let whys = whys.iter().map(|(why, stack)| (why.as_str(), Some(*stack)));
        let look = Look { width: 80, paint: Paint::Plain, symbols: Symbols::Unicode, detail: Detail::Brief };
        let text = reasons("Uncertain", whys, &BTreeMap::new(), look);
        assert_eq!(text, "Uncertain (2): a stack of that name also stands in eu-west-1\n");
    }
}
