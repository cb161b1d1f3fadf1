//! A plan for people: what goes, in which order and why, what cannot go and why, and one line of counts. It
//! shows a plan file, with the scan behind it where there is one, for `plan`, `show` and `apply`.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;

use super::colour::{Mark, Tone};
use super::label::{kinds, said, short};
use super::view::{self, Coverage, ScanView};
use super::{
    Detail, Look, TIED, age, cost, count, duration, fates, hang, plan_steps, spared, tree, unread, wrap,
};
use super::{sums, wide};
use crate::model::{Catalog, Key, Proof, Resource};
use crate::plan::file::{Blocked, PlanFile, QuotaFreed};
use crate::plan::left::Left;
use crate::plan::{Action, Fate, Step};

/// A plan with what a report needs beside it.
#[derive(Debug, Clone, Copy)]
pub struct PlanView<'a> {
    /// The plan.
    pub file: &'a PlanFile,
    /// The stack of each resource that has one.
    pub stacks: &'a BTreeMap<Key, String>,
    /// The scan behind the plan, if it is at hand: a saved plan knows little of what stays.
    pub scan: Option<&'a ScanView<'a>>,
    /// The kinds.
    pub catalog: &'a Catalog,
    /// The present moment, for ages.
    pub now: Timestamp,
}

impl PlanView<'_> {
    /// The name of a resource, as it was planned or seen.
    pub fn name(&self, key: &Key) -> Option<&str> {
        let seen = || self.scan.and_then(|scan| scan.inventory.resources.get(key));
        self.resource(key).or_else(seen).and_then(|resource| resource.name.as_deref())
    }

    /// What proves that nobody wants it, if it goes.
    pub fn proof(&self, key: &Key) -> Option<&Proof> {
        let at = self.file.fates.binary_search_by(|line| line.resource.cmp(key)).ok()?;
        self.file.fates[at].proof.as_ref()
    }

    /// The resource as it was planned.
    pub fn resource(&self, key: &Key) -> Option<&Resource> {
        self.file.resources.iter().find(|resource| resource.key == *key)
    }
}

/// What makes the plan wider than the tags alone would: a reader must know before he reads what goes.
fn widened(view: &PlanView<'_>, look: Look) -> String {
    let policy = &view.file.policy;
    let mut told = Vec::new();
    if !policy.neutral_tags.is_empty() {
        let neutral = policy.neutral_tags.join(", ");
        told.push(format!("By --neutral-tag, these tags do not say whose a thing is: {neutral}"));
    }
    if !policy.abandoned.is_empty() {
        let names = super::plain(&policy.abandoned.join(", "));
        told.push(format!(
            "By --abandoned, nobody wants these stacks any more, although they may live: {names}"
        ));
    }
    if !view.file.cut_from.is_empty() {
        let groups: Vec<&str> = view.file.cut_from.iter().map(|group| group.key.id.as_str()).collect();
        told.push(format!(
            "By --revoke-in-kept-groups, rules of these, which stay, are revoked where all that they name goes: {}",
            super::plain(&groups.join(", "))
        ));
    }
    told.extend(view.file.expired.iter().map(spared::expired));
    if !policy.without_services.is_empty() {
        let without: Vec<&str> = policy.without_services.iter().map(String::as_str).collect();
        told.push(format!(
            "By --without-service, what the endpoint does not know of these counts as empty: {}",
            super::plain(&without.join(", "))
        ));
    }
    if !policy.assume_regions.is_empty() {
        let regions: Vec<&str> = policy.assume_regions.iter().map(|region| region.as_str()).collect();
        told.push(format!(
            "By --assume-regions, users of roles and policies were looked for only in these regions: {}",
            regions.join(", ")
        ));
    }
    let lines = told.iter().map(|line| format!("{}\n\n", wrap(line, look.width).join("\n")));
    lines.collect()
}

/// What a plan says before what goes: what makes it wider, and what was spared.
fn head(view: &PlanView<'_>, look: Look) -> String {
    widened(view, look) + &spared::text(&view.file.spared, look)
}

/// The plan as numbered steps, by stack.
pub fn table(view: &PlanView<'_>, look: Look) -> String {
    let mut text = head(view, look);
    let mut by_stack: BTreeMap<Option<&str>, Vec<&Step>> = BTreeMap::new();
    for step in &view.file.steps {
        by_stack.entry(view.stacks.get(&step.resource).map(String::as_str)).or_default().push(step);
    }
    let loose = by_stack.remove(&None);
    let named = by_stack.into_iter().filter_map(|(stack, steps)| stack.map(|stack| (Some(stack), steps)));
    for (stack, steps) in named.chain(loose.map(|steps| (None, steps))) {
        text.push_str(&heading(stack, &steps, view, look));
        text.push('\n');
        text.push_str(&plan_steps::text(&steps, view, look));
        text.push('\n');
    }
    text.push_str(&staying(view, look));
    text.push_str(&footer(view, look));
    text
}

/// The plan as a tree of what it touches.
pub fn as_tree(view: &PlanView<'_>, look: Look) -> String {
    let mut text = head(view, look);
    for group in view::plan_groups(view.file, view.stacks, view.catalog, view.scan) {
        let name = group
            .stack
            .as_deref()
            .map_or("In no stack".to_owned(), |stack| format!("Stack {}", super::plain(stack)));
        let line = format!(
            "{name}{}{} of {} to go",
            look.symbols.dot(),
            group.marked(Mark::Delete),
            count(group.rows.len(), "resource")
        );
        text.push_str(&look.paint.tint(Tone::Head, &line));
        text.push('\n');
        text.push_str(&tree::text(&group, look));
        text.push('\n');
    }
    text.push_str(&footer(view, look));
    text
}

fn heading(stack: Option<&str>, steps: &[&Step], view: &PlanView<'_>, look: Look) -> String {
    let going: Vec<&Resource> = steps
        .iter()
        .filter(|step| step.action == Action::Delete)
        .filter_map(|step| view.resource(&step.resource))
        .collect();
    let mut parts =
        vec![stack.map_or("In no stack".to_owned(), |stack| format!("Stack {}", super::plain(stack)))];
    parts.push(format!("{} to delete", going.len()));
    let oldest = going.iter().filter_map(|resource| resource.created).min();
    parts.extend(oldest.map(|oldest| format!("oldest {}", age(oldest, view.now))));
    let monthly = cost::total(going.into_iter(), view.catalog);
    if monthly >= 0.005 {
        parts.push(format!("{}/month", cost::usd(monthly)));
    }
    let head = look.paint.tint(Tone::Head, &wrap(&parts.join(look.symbols.dot()), look.width).join("\n  "));
    // One sentence for the whole stack, whichever of its things tells it.
    let life = steps.iter().find_map(|step| view.proof(&step.resource)?.life.as_deref());
    let life = life.filter(|_| stack.is_some()).map(|life| hang("  ", &super::plain(life), look));
    let life = life.map(|life| format!("\n{}", look.paint.tint(Tone::Stays, life.trim_end())));
    head + &life.unwrap_or_default()
}

/// What was selected and stays: each with the whole path to the cause.
fn staying(view: &PlanView<'_>, look: Look) -> String {
    let file = view.file;
    let stays = fates::stays(file);
    let mut text = String::new();
    if !stays.blocked.is_empty() {
        text.push_str(&look.paint.tint(Tone::Head, "Blocked"));
        text.push('\n');
        // What the same thing keeps in the same way is told once.
        let mut alike: Vec<(String, Vec<&Blocked>)> = Vec::new();
        for line in stays.blocked {
            let remedy = fates::remedy(file, line);
            let same = |(other, lines): &&mut (String, Vec<&Blocked>)| {
                *other == remedy && !line.by.is_empty() && lines[0].by.last() == line.by.last()
            };
            match alike.iter_mut().find(same) {
                Some((_, lines)) => lines.push(line),
                None => alike.push((remedy, vec![line])),
            }
        }
        for (remedy, lines) in alike {
            blocked(&lines, &remedy, look, &mut text);
        }
        text.push('\n');
    }
    let data = format!("Kept, as it holds data; to let it go too: --with-data {}", with_data(&stays.data));
    text.push_str(&list(&data, Mark::Kept, &stays.data, look));
    let uncertain = "Kept, as it is uncertain whose it is; `aws-janitor explain ID` tells why";
    text.push_str(&match look.detail {
        Detail::Full => list(uncertain, Mark::Uncertain, &stays.uncertain, look),
        Detail::Brief => counted(uncertain, Mark::Uncertain, &stays.uncertain, view, look),
    });
    text.push_str(&counted(
        "Kept, as it is at work; `aws-janitor explain ID` tells of each",
        Mark::Kept,
        &at_work(stays.kept, view),
        view,
        look,
    ));
    text
}

/// What was selected, works for somebody, and is no part of a stack that was told of as a whole.
fn at_work<'a>(kept: Vec<&'a Blocked>, view: &PlanView<'_>) -> Vec<&'a Blocked> {
    let spared = |key: &Key| {
        let stack = view.stacks.get(key);
        view.file.spared.iter().any(|spared| Some(&spared.stack) == stack)
    };
    let left = kept.into_iter().filter(|line| line.left == Left::Left);
    left.filter(|line| !spared(&Key::new(line.kind.clone(), line.region.clone(), line.id.clone()))).collect()
}

fn blocked(lines: &[&Blocked], remedy: &str, look: Look, text: &mut String) {
    for line in lines {
        let head = format!("{} {} {}", Mark::Blocked.symbol(look.symbols), line.kind, short(&line.id));
        text.push_str(&format!("  {}\n", look.paint.tint(Tone::Blocks, &head)));
    }
    // The longest way tells the others as well.
    let Some(line) = lines.iter().max_by_key(|line| line.by.len()) else { return };
    if !line.by.is_empty() {
        let arrow = look.symbols.arrow();
        let path: Vec<String> = line.by.iter().map(|by| shortened(by)).collect();
        text.push_str(&hang("    ", &format!("{}{arrow}{}", short(&line.id), path.join(arrow)), look));
    }
    text.push_str(&hang("    ", &super::plain(&line.why), look));
    text.push_str(&hang("    do: ", remedy, look));
}

/// `kind id` with a short id.
pub(super) fn shortened(by: &str) -> String {
    by.split_once(' ').map_or_else(|| by.to_owned(), |(kind, id)| format!("{kind} {}", short(id)))
}

/// The kinds to name for these to go.
fn with_data(lines: &[&Blocked]) -> String {
    let kinds: BTreeSet<&str> = lines.iter().map(|line| line.kind.as_str()).collect();
    kinds.into_iter().collect::<Vec<_>>().join(",")
}

/// What stays, counted by what makes it so.
fn counted(title: &str, mark: Mark, lines: &[&Blocked], view: &PlanView<'_>, look: Look) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let mut reasons: BTreeMap<&str, Vec<&Blocked>> = BTreeMap::new();
    for line in lines {
        let key = Key::new(line.kind.clone(), line.region.clone(), line.id.clone());
        let judged = view.scan.and_then(|scan| scan.verdicts.get(&key));
        let why = judged.and_then(|judged| judged.evidence.first()).unwrap_or(&line.why);
        reasons.entry(why).or_default().push(line);
    }
    let mut text = look.paint.tint(Tone::Head, &wrap(title, look.width).join("\n  ")) + "\n";
    if wide::is_wide(reasons.len(), look) {
        let kinds = view.scan.map(sums::kinds_of).unwrap_or_default();
        let whys = reasons.iter().flat_map(|(why, lines)| {
            lines.iter().map(|line| {
                let key = Key::new(line.kind.clone(), line.region.clone(), line.id.clone());
                (*why, view.stacks.get(&key).map(String::as_str))
            })
        });
        let symbol = format!("  {}", mark.symbol(look.symbols));
        return text
            + &wide::reasons(&symbol, whys, &kinds, look)
            + &hang("  ", "-v tells each; `aws-janitor explain ID` tells of one.", look)
            + "\n";
    }
    for (why, lines) in reasons {
        let symbol = format!("  {} ", mark.symbol(look.symbols));
        let counts = kinds(lines.iter().map(|line| &line.kind));
        for line in hang(&symbol, &counts, look).lines() {
            text.push_str(&format!("{}\n", look.paint.tint(mark.tone(), line)));
        }
        text.push_str(&hang("    ", &super::plain(why), look));
    }
    text + "\n"
}

/// Resources by their reason, which stands there once.
fn list(title: &str, mark: Mark, lines: &[&Blocked], look: Look) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let mut reasons: BTreeMap<&str, Vec<&Blocked>> = BTreeMap::new();
    for line in lines {
        reasons.entry(&line.why).or_default().push(line);
    }
    let mut text = look.paint.tint(Tone::Head, &wrap(title, look.width).join("\n  "));
    text.push('\n');
    for (why, lines) in reasons {
        for line in lines {
            let key = Key::new(line.kind.clone(), line.region.clone(), line.id.clone());
            let head = format!("{} {}", mark.symbol(look.symbols), said(&key));
            text.push_str(&format!("  {}\n", look.paint.tint(mark.tone(), &head)));
        }
        if look.detail == Detail::Full {
            text.push_str(&hang("    ", &super::plain(why), look));
        }
    }
    text.push('\n');
    text
}

/// `Plan: 12 to delete, 3 to cut, 2 blocked, $71.20/month freed, about 9 min`.
pub fn count_line(file: &PlanFile) -> String {
    let counts = fates::counts(file);
    format!(
        "Plan: {} to delete, {} to cut, {} blocked, {}/month freed, about {}",
        counts.delete,
        counts.cut,
        counts.blocked,
        cost::usd(file.monthly_usd),
        duration(Duration::from_secs(file.expected_seconds)),
    )
}

/// The kinds of what goes without a call of ours.
fn carried(file: &PlanFile) -> impl Iterator<Item = &crate::model::KindName> {
    let goes = |fate: &Fate| matches!(fate, Fate::Carried(_) | Fate::Leaving);
    file.fates.iter().filter(move |line| goes(&line.fate)).map(|line| &line.resource.kind)
}

/// How much of a quota comes free, and where, if that is not clear: `5 eip`, `1 nat-gateway in us-east-1a`.
fn freed_text(freed: &QuotaFreed, view: &PlanView<'_>) -> String {
    let clear = match view.file.regions.len() {
        0 | 1 => freed.scope == freed.region.as_str(),
        _ => freed.region.is_global(),
    };
    let place = if clear { String::new() } else { format!(" in {}", freed.scope) };
    let unit = match view.catalog.quota(&freed.quota).map_or("", |(_, quota)| quota.unit.word()) {
        // The quota's name says already what is counted.
        "" | "vCPU" => String::new(),
        unit => format!("{TIED}{unit}"),
    };
    format!("{}{unit}{TIED}{}{place}", freed.amount, freed.quota)
}

/// The counts, the quotas, what stays, the price's date, the coverage.
pub fn footer(view: &PlanView<'_>, look: Look) -> String {
    let file = view.file;
    let counts = fates::counts(file);
    let mut lines = Vec::new();
    if file.steps.is_empty() {
        lines.push("Nothing to delete.".to_owned());
    }
    match counts.carried {
        0 => {}
        _ => lines.push(format!("Goes by itself with what is deleted: {}.", kinds(carried(file)))),
    }
    if !file.unpriced.is_empty() {
        lines.push(format!("No price is known for {}.", count(file.unpriced.len(), "resource")));
    }
    if !counts.kept.is_empty() {
        let kept: Vec<String> = counts.kept.iter().map(|(word, number)| format!("{number} {word}")).collect();
        lines.push(format!("Kept: {}.", kept.join(", ")));
    }
    if !file.quota_freed.is_empty() {
        let freed: Vec<String> = file.quota_freed.iter().map(|freed| freed_text(freed, view)).collect();
        lines.push(format!("Quota freed: {}.", freed.join(", ")));
    }
    lines.push(format!("Prices: {}.", cost::note()));
    let coverage = Coverage {
        caller: &file.caller,
        regions: &file.regions,
        kinds: &file.kinds,
        gaps: &file.gaps,
        without: &file.policy.without_services,
    };
    let mut text = unread::text(view.scan.map_or(&[], |scan| scan.unread), look);
    for line in lines {
        text.push_str(&wrap(&line, look.width.saturating_sub(2)).join("\n  "));
        text.push('\n');
    }
    text.push_str(&coverage.text());
    let counts = look.paint.tint(Tone::Head, &wrap(&count_line(file), look.width).join("\n  "));
    text.push_str(&format!("\n\n{counts}\n"));
    text
}
