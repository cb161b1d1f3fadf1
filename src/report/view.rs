//! Rows and groups: what every report for people is made of, whether it shows a scan or a plan. They are made
//! here of an inventory with verdicts, or of a plan file.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::colour::Mark;
use super::cost;
use crate::inventory::{Caller, Gap, Inventory};
use crate::judge::{Spared, StackSummary, UnreadOfStack, spared_of};
use crate::kinds;
use crate::model::{
    Catalog, Key, KindName, Position, Region, Resource, StackVerdict, Verdict, Verdicts, words::how,
};
use crate::plan::file::PlanFile;
use crate::plan::{Action, Fate, Keep, Step};

/// One resource as a line.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// What happens to it.
    pub mark: Mark,
    /// Which it is.
    pub key: Key,
    /// The name people know it by, if it is another than its id.
    pub name: Option<String>,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// What it costs.
    pub monthly: Option<f64>,
    /// Why, in one sentence.
    pub note: String,
    /// What it lies in, for trees.
    pub parent: Option<Key>,
}

/// The rows of one stack, or of all that belongs to none.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// The stack.
    pub stack: Option<String>,
    /// Its verdict.
    pub verdict: Option<StackVerdict>,
    /// What a person should know before deleting it.
    pub notes: Vec<String>,
    /// Its rows, by kind.
    pub rows: Vec<Row>,
}

impl Group {
    /// How much of it goes, and what that costs; if nothing goes, what all of it costs.
    pub fn monthly(&self) -> f64 {
        let cents: f64 = self.rows.iter().filter_map(|row| row.monthly).map(|usd| usd * 100.0).sum();
        cents.round() / 100.0 + 0.0
    }

    /// When the oldest of it was made.
    pub fn oldest(&self) -> Option<Timestamp> {
        self.rows.iter().filter_map(|row| row.created).min()
    }

    /// How many rows have this mark.
    pub fn marked(&self, mark: Mark) -> usize {
        self.rows.iter().filter(|row| row.mark == mark).count()
    }
}

/// What was read and what was not.
#[derive(Debug, Clone, Copy)]
pub struct Coverage<'a> {
    /// Whose account, and who looked.
    pub caller: &'a Caller,
    /// The regions asked for.
    pub regions: &'a BTreeSet<Region>,
    /// The kinds asked for.
    pub kinds: &'a BTreeSet<KindName>,
    /// What was not seen.
    pub gaps: &'a [Gap],
    /// The services that the user does without.
    pub without: &'a BTreeSet<String>,
}

impl Coverage<'_> {
    /// The statement that every report ends with.
    pub fn text(&self) -> String {
        let mut read = format!(
            "Read {} in {}",
            super::count(self.kinds.len(), "kind"),
            super::count(self.regions.len(), "region")
        );
        if !self.without.is_empty() {
            let names: Vec<&str> = self.without.iter().map(String::as_str).collect();
            read.push_str(&format!(
                "; what the endpoint does not know of {} counts as empty",
                super::plain(&names.join(", "))
            ));
        }
        if self.gaps.is_empty() {
            return format!("{read}; nothing was left unread.");
        }
        let mut text = format!("{read}; not read:");
        for gap in self.gaps {
            text.push_str(&format!("\n  {} in {}: {}", gap.kind, gap.region, super::plain(&gap.error)));
            if let Some(service) = gap.unserved() {
                text.push_str(&format!(
                    "; the endpoint does not know it, to do without: --without-service {service}"
                ));
            }
        }
        text
    }
}

/// A scan with its verdicts, as reports need it.
#[derive(Debug, Clone, Copy)]
pub struct ScanView<'a> {
    /// What was seen.
    pub inventory: &'a Inventory,
    /// Whose it is.
    pub verdicts: &'a Verdicts,
    /// The verdicts of stacks.
    pub stacks: &'a [StackSummary],
    /// Things of the selected stacks of kinds that are not read.
    pub unread: &'a [UnreadOfStack],
    /// The one stack that the reader asked for; else all are told.
    pub only: Option<&'a str>,
    /// The kinds.
    pub catalog: &'a Catalog,
    /// The present moment, for ages.
    pub now: Timestamp,
}

impl ScanView<'_> {
    /// The selected stacks that stay as a whole, of those that are told.
    pub fn spared(&self) -> Vec<Spared> {
        let mut spared = spared_of(self.stacks);
        spared.retain(|it| self.only.is_none_or(|only| it.stack == only));
        spared
    }

    /// The rows by stack, what belongs to no stack last.
    pub fn groups(&self) -> Vec<Group> {
        let mut rows: BTreeMap<Option<String>, Vec<Row>> = BTreeMap::new();
        for (key, resource) in &self.inventory.resources {
            let judged = self.verdicts.get(key);
            let (mark, note) = match judged {
                Some(judged) => {
                    let why = judged.evidence.first().map_or("", String::as_str);
                    (mark(judged.verdict), format!("{}: {}", judged.verdict, super::plain(why)))
                }
                None => (Mark::Uncertain, "uncertain: it was not judged".to_owned()),
            };
            let stack = judged.and_then(|judged| judged.stack.clone());
            if self.only.is_some() && self.only != stack.as_deref() {
                continue;
            }
            rows.entry(stack).or_default().push(row(resource, mark, note, self.catalog));
        }
        grouped(rows, |stack| self.stacks.iter().find(|summary| summary.name == stack))
    }
}

/// What a verdict means for a resource, before anything is planned.
const fn mark(verdict: Verdict) -> Mark {
    match verdict {
        Verdict::Orphan => Mark::Delete,
        Verdict::Uncertain => Mark::Uncertain,
        Verdict::Protected | Verdict::Active | Verdict::TooYoung | Verdict::Foreign => Mark::Kept,
    }
}

/// The row of a resource.
fn row(resource: &Resource, mark: Mark, note: String, catalog: &Catalog) -> Row {
    Row {
        mark,
        key: resource.key.clone(),
        name: resource.name.clone().filter(|name| *name != resource.key.id).map(|name| super::plain(&name)),
        created: resource.created,
        monthly: cost::monthly(resource, catalog),
        note,
        parent: parent(resource).cloned(),
    }
}

fn grouped<'a>(
    mut rows: BTreeMap<Option<String>, Vec<Row>>,
    summary: impl Fn(&str) -> Option<&'a StackSummary>,
) -> Vec<Group> {
    let loose = rows.remove(&None);
    let mut groups: Vec<Group> = rows
        .into_iter()
        .filter_map(|(stack, rows)| {
            let stack = stack?;
            let summary = summary(&stack);
            let notes = summary.map(StackSummary::notes).unwrap_or_default();
            Some(Group { verdict: summary.map(|summary| summary.verdict), notes, stack: Some(stack), rows })
        })
        .collect();
    groups.extend(loose.map(|rows| Group { stack: None, verdict: None, notes: Vec::new(), rows }));
    groups
}

/// What a resource lies in, from the closest to the farthest role: its subnet before its VPC,
/// then what it is attached to, its cluster, its maker.
pub fn parent(resource: &Resource) -> Option<&Key> {
    let within = || resource.links_as(how::WITHIN).map(|link| &link.to);
    within()
        .find(|key| kinds::is(&key.kind, Position::Subnet))
        .or_else(|| within().next())
        .or_else(|| {
            [how::ATTACHED, how::OF_CLUSTER, how::MADE_BY, how::MADE_FOR, how::CONTAINS]
                .into_iter()
                .find_map(|role| resource.links_as(role).next())
                .map(|link| &link.to)
        })
        .filter(|key| **key != resource.key)
}

/// The rows of a plan, by stack: what goes, what is cut, what is blocked, what is uncertain.
/// What merely stays is counted elsewhere ([`super::fates`]).
pub fn plan_groups(
    file: &PlanFile,
    stacks: &BTreeMap<Key, String>,
    catalog: &Catalog,
    scan: Option<&ScanView<'_>>,
) -> Vec<Group> {
    let planned: BTreeMap<&Key, &Resource> = file.resources.iter().map(|r| (&r.key, r)).collect();
    let cut = |step: &&Step| matches!(step.action, Action::Cut(_));
    let cuts: BTreeSet<&Key> = file.steps.iter().filter(cut).map(|step| &step.resource).collect();
    let mut rows: BTreeMap<Option<String>, Vec<Row>> = BTreeMap::new();
    for line in &file.fates {
        let key = &line.resource;
        let blocked =
            file.blocked.iter().find(|blocked| is(key, blocked)).map(|blocked| blocked.why.as_str());
        let Some(FateNote { mark, mut note }) = fate_note(&line.fate, blocked, cuts.contains(key)) else {
            continue;
        };
        let judged = scan.and_then(|scan| scan.verdicts.get(key));
        if let (Mark::Uncertain, Some(why)) = (mark, judged.and_then(|judged| judged.evidence.first())) {
            note = format!("{note}: {}", super::plain(why));
        }
        let seen = scan.and_then(|scan| scan.inventory.resources.get(key));
        let bare = Resource::new(key.clone());
        let known = planned.get(key).copied().or(seen);
        let mut row = row(known.unwrap_or(&bare), mark, note, catalog);
        if known.is_none() {
            // A plan file does not hold the size of what stays, so its price is not known.
            row.monthly = Some(0.0);
        }
        rows.entry(stacks.get(key).cloned()).or_default().push(row);
    }
    grouped(rows, |_| None)
}

/// Whether the blocked line speaks of this resource.
pub fn is(key: &Key, blocked: &crate::plan::file::Blocked) -> bool {
    key.kind == blocked.kind && key.id == blocked.id && key.region == blocked.region
}

/// The mark and the reason of a fate.
struct FateNote {
    mark: Mark,
    note: String,
}

/// What a row says of a fate, or nothing if the resource simply stays.
fn fate_note(fate: &Fate, blocked: Option<&str>, cut: bool) -> Option<FateNote> {
    let say = |mark, note| Some(FateNote { mark, note });
    match fate {
        Fate::Delete => say(Mark::Delete, String::new()),
        Fate::Carried(with) => say(Mark::Delete, format!("goes by itself with {}", with.id)),
        Fate::Leaving => say(Mark::Delete, "AWS is already removing it".to_owned()),
        Fate::Kept(keep) => match (keep, blocked) {
            (Keep::NotOrphan { verdict: Verdict::Uncertain, .. }, _) => {
                say(Mark::Uncertain, "uncertain".to_owned())
            }
            (keep, _) if cut => say(Mark::Cut, super::fates::keep_text(keep)),
            (Keep::NotOrphan { .. }, _) | (_, None) => None,
            (Keep::HoldsData, Some(why)) => say(Mark::Kept, super::plain(why)),
            (_, Some(why)) => say(Mark::Blocked, super::plain(why)),
        },
    }
}
