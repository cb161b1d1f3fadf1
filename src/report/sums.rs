//! What is counted instead of listed: a line per stack, a line per kind, what stays by its reason. It takes the
//! rows of `view.rs`, for the table of a scan.

use std::collections::{BTreeMap, BTreeSet};

use super::colour::{Mark, Tone};
use super::columns::{self, Side};
use super::label::{kinds, short, squeeze};
use super::view::{self, Group, Row, ScanView};
use super::{Look, age, cost, hang, plain, width};
use crate::model::{GuardRule, Key, KindName, StackVerdict, Verdict};

/// What a group is called.
pub fn name(group: &Group) -> String {
    group.stack.as_deref().map_or_else(|| "(no stack)".to_owned(), plain)
}

/// The verdict of a group. Where nothing selected it, nobody looked whether it is healthy.
pub fn verdict(group: &Group) -> Option<&'static str> {
    let verdict = group.verdict?;
    let nobody_asked = group.rows.iter().filter(|row| row.note.starts_with("foreign")).count();
    match verdict {
        StackVerdict::Healthy | StackVerdict::Lost if nobody_asked * 2 > group.rows.len() => {
            Some("not selected")
        }
        _ => Some(verdict.word()),
    }
}

/// One line per stack: what a report of a whole account begins with.
pub fn stacks(groups: &[Group], view: &ScanView<'_>, look: Look) -> String {
    let head = ["STACK", "VERDICT", "RESOURCES", "ORPHANS", "OLDEST", "PER MONTH"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for group in groups {
        rows.push(vec![
            squeeze(&name(group), look.width.saturating_sub(56), look.symbols),
            verdict(group).unwrap_or_default().to_owned(),
            group.rows.len().to_string(),
            group.marked(Mark::Delete).to_string(),
            group.oldest().map(|oldest| age(oldest, view.now)).unwrap_or_default(),
            cost::cell(Some(group.monthly())),
        ]);
    }
    let sides = [Side::Left, Side::Left, Side::Right, Side::Right, Side::Right, Side::Right];
    let mut text = String::new();
    for (index, line) in columns::lines(&rows, &sides).iter().enumerate() {
        let goes = index.checked_sub(1).is_some_and(|index| groups[index].marked(Mark::Delete) > 0);
        let tone = match (index, goes) {
            (0, _) => Tone::Head,
            (_, true) => Tone::Goes,
            (_, false) => Tone::Stays,
        };
        text.push_str(&look.paint.tint(tone, line));
        text.push('\n');
    }
    text
}

/// One line per kind: how many, since when, for how much, and as many of them by name as fit.
pub fn by_kind(rows: &[&Row], view: &ScanView<'_>, look: Look) -> String {
    let mut groups: BTreeMap<&KindName, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        groups.entry(&row.key.kind).or_default().push(row);
    }
    let cells = |(kind, rows): (&&KindName, &Vec<&Row>)| {
        let cents: f64 = rows.iter().filter_map(|row| row.monthly).map(|usd| usd * 100.0).sum();
        let oldest = rows.iter().filter_map(|row| row.created).min();
        vec![
            format!("  {}", rows[0].mark.symbol(look.symbols)),
            rows.len().to_string(),
            kind.to_string(),
            oldest.map(|oldest| age(oldest, view.now)).unwrap_or_default(),
            cost::cell(Some(cents.round() / 100.0)),
        ]
    };
    let table: Vec<Vec<String>> = groups.iter().map(cells).collect();
    let sides = [Side::Left, Side::Right, Side::Left, Side::Right, Side::Right];
    let lines = columns::lines(&table, &sides);
    let begin = lines.iter().map(|line| width::columns(line)).max().unwrap_or(0) + 2;
    let mut text = String::new();
    for (line, rows) in lines.iter().zip(groups.values()) {
        let names = names(rows, look.width.saturating_sub(begin), look);
        let mark = look.paint.tint(rows[0].mark.tone(), &format!("{}{names}", width::padded(line, begin)));
        text.push_str(mark.trim_end());
        text.push('\n');
    }
    text
}

/// As many names as fit, and how many more there are.
fn names(rows: &[&Row], room: usize, look: Look) -> String {
    let mut text = String::new();
    for (index, row) in rows.iter().enumerate() {
        let name = row.name.clone().unwrap_or_else(|| plain(short(&row.key.id)));
        let more = format!(" and {} more", rows.len() - index - 1);
        let free = if index + 1 == rows.len() { room } else { room.saturating_sub(more.len()) };
        if index == 0 {
            text = squeeze(&name, free, look.symbols);
        } else if width::columns(&text) + 2 + width::columns(&name) <= free {
            text.push_str(", ");
            text.push_str(&name);
        } else {
            return format!("{text} and {} more", rows.len() - index);
        }
    }
    text
}

/// What stays, by its reason: how many of which kinds.
pub fn staying(rows: &[&Row], view: &ScanView<'_>, look: Look) -> String {
    let kinds_of = kinds_of(view);
    let mut reasons: BTreeMap<(&str, String), Vec<&Row>> = BTreeMap::new();
    for row in rows {
        let (verdict, why) = row.note.split_once(": ").unwrap_or((&row.note, ""));
        reasons.entry((verdict, general(&brief(why), &kinds_of))).or_default().push(row);
    }
    let mut text = String::new();
    for ((verdict, why), rows) in reasons {
        let mark = Mark::Kept.symbol(look.symbols);
        let counted = kinds(rows.iter().map(|row| &row.key.kind));
        let why = if why.is_empty() { String::new() } else { format!(" ({why})") };
        text.push_str(&hang(&format!("{mark} "), &format!("{} {verdict}{why}: {counted}", rows.len()), look));
    }
    text.lines().map(|line| look.paint.tint(Tone::Stays, line) + "\n").collect()
}

/// The reason without its details: evidence names them after a colon.
pub fn brief(why: &str) -> String {
    let what = why.split_once(": ").map_or(why, |(what, _)| what);
    // What follows an id in brackets is left out too.
    what.split_once(" (").map_or(what, |(what, _)| what).to_owned()
}

/// The kind of each id.
pub fn kinds_of<'a>(view: &ScanView<'a>) -> BTreeMap<&'a str, &'a KindName> {
    view.inventory.resources.keys().map(|key| (key.id.as_str(), &key.kind)).collect()
}

/// A sentence with kinds in the place of ids.
pub fn general(text: &str, kinds: &BTreeMap<&str, &KindName>) -> String {
    let mut words: Vec<String> = Vec::new();
    for word in text.split(' ') {
        let bare = word.trim_end_matches([',', '.', ';']);
        let Some(kind) = kinds.get(bare) else {
            words.push(word.to_owned());
            continue;
        };
        let end = &word[bare.len()..];
        // In `eks-cluster shop` the kind stands before the name already.
        if words.last().is_some_and(|last| last == kind.as_str()) {
            words.pop();
        }
        words.push(format!("its {kind}{end}"));
    }
    words.join(" ")
}

/// What AWS itself put into the account: service-linked roles, the default VPC and what lies in it.
pub fn aws_own(view: &ScanView<'_>) -> BTreeSet<Key> {
    let resources = &view.inventory.resources;
    let ours = |rule: GuardRule| match rule {
        GuardRule::DefaultThing | GuardRule::AwsManaged => true,
        GuardRule::Protection | GuardRule::Held | GuardRule::OtherAccount | GuardRule::UnknownMaker => false,
    };
    let mut own: BTreeSet<Key> = resources
        .values()
        .filter(|resource| resource.guards.iter().any(|guard| ours(guard.rule)))
        .map(|resource| resource.key.clone())
        .collect();
    let protected = |key: &Key| view.verdicts.get(key).is_some_and(|it| it.verdict == Verdict::Protected);
    let parts: Vec<Key> = resources
        .values()
        .filter(|resource| protected(&resource.key))
        .filter(|resource| view::parent(resource).is_some_and(|parent| own.contains(parent)))
        .map(|resource| resource.key.clone())
        .collect();
    own.extend(parts);
    own
}
