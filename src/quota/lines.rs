//! The report: puts limits, usage and needs together, one balance for each quota and place, and answers
//! whether it fits.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::count::{QuotaPlace, Usage, Used, total};
use super::limits::{Limit, Limits};
use super::spread;
use crate::model::{Catalog, Per, QuotaUse, Region};
use crate::needs::{Need, Wanted};

/// Whether something fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// It does, whatever comes.
    Fits,
    /// Nobody can say: something that matters is not known.
    Unknown,
    /// It does not.
    Short,
}

/// How a quota stands in one place: what is allowed, used and needed there.
#[derive(Debug, Clone)]
pub struct Balance {
    /// The quota.
    pub quota: &'static QuotaUse,
    /// The region, or `global`.
    pub region: Region,
    /// The region's name, a zone's, an id; for what a deployment makes its address.
    pub place: String,
    /// How much is allowed; `None` if unknown.
    pub limit: Option<Limit>,
    /// What is used, and by whom.
    pub used: Used,
    /// What is needed, and what for.
    pub need: Option<(Wanted, Vec<String>)>,
    /// Whether the need fits; `None` where nothing is needed.
    pub answer: Option<Answer>,
}

impl Balance {
    /// How much is left; `None` if unknown. Never below 0: an account may be over its limit.
    pub fn free(&self) -> Option<u64> {
        Some(self.limit?.value.saturating_sub(self.used.all?))
    }

    /// How much is left when the plan was carried out.
    pub fn free_after_plan(&self) -> Option<u64> {
        Some(self.limit?.value.saturating_sub(self.used.all?.saturating_sub(self.used.freed())))
    }

    /// By how much the need is too much for what is free: 0 where it is not, or where nobody can say.
    pub fn short_by(&self) -> u64 {
        match (self.limit, self.used.all, &self.need) {
            (Some(limit), Some(used), Some((need, _))) => {
                used.saturating_add(need.least()).saturating_sub(limit.value)
            }
            _ => 0,
        }
    }

    /// Whether what is too much may be left over all the same: enough of it is uncertain only because something could
    /// not be read.
    pub fn may_come_free(&self) -> bool {
        self.used.by_unread > 0 && self.used.by_unread.saturating_add(self.used.freed()) >= self.short_by()
    }

    /// Who holds what is used, the largest first; what belongs to no stack last, where it is known.
    pub fn holders(&self) -> Vec<Holder<'_>> {
        let orphans = |stack: &String| self.used.orphans_by_stack.get(stack).copied().unwrap_or(0);
        let unread = |stack: &String| self.used.unread_by_stack.get(stack).copied().unwrap_or(0);
        let stacks = self.used.by_stack.iter();
        let mut all: Vec<Holder<'_>> = stacks
            .map(|(stack, held)| Holder {
                stack: Some(stack.as_str()),
                held: *held,
                orphans: orphans(stack),
                unread: unread(stack),
            })
            .collect();
        all.sort_by(|one, other| other.held.cmp(&one.held).then(one.stack.cmp(&other.stack)));
        let named = total(all.iter().map(|holder| &holder.held));
        let of_orphans = total(all.iter().map(|holder| &holder.orphans));
        let of_unread = total(all.iter().map(|holder| &holder.unread));
        let rest = self.used.all.unwrap_or(0).saturating_sub(named);
        if rest > 0 {
            let orphans = self.used.by_orphans.saturating_sub(of_orphans);
            let unread = self.used.by_unread.saturating_sub(of_unread);
            all.push(Holder { stack: None, held: rest, orphans, unread });
        }
        all
    }

    /// How full it is, in percent of the limit, rounded down: 100 and more is full.
    pub fn percent(&self) -> Option<u64> {
        let (limit, used) = (self.limit?.value, self.used.all?);
        match limit {
            0 => Some(if used == 0 { 0 } else { 100 }),
            limit => Some(used.saturating_mul(100) / limit),
        }
    }
}

/// Who holds a part of what is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holder<'a> {
    /// The stack, if it is one.
    pub stack: Option<&'a str>,
    /// How much.
    pub held: u64,
    /// How much of that its orphans hold.
    pub orphans: u64,
    /// How much of it is uncertain, since something could not be read.
    pub unread: u64,
}

/// All lines, and the answer to all needs together.
#[derive(Debug, Clone)]
pub struct Report {
    /// The lines, by the catalog's order, region and place.
    pub lines: Vec<Balance>,
    /// The answer.
    pub answer: Answer,
}

/// What the answer of a report is to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// How full everything is, and nothing more: the answer is [`Answer::Unknown`] if the usage of a
    /// region's or the account's own quota is unknown, or the limit of one that is used.
    Usage,
    /// Whether the needs fit, and they are all there is. No needs always fit.
    Whole,
    /// Whether they fit, and something beside them could not be counted at all: so nothing fits for certain.
    Open,
}

/// Puts limits, usage and needs together.
pub fn report(catalog: Catalog, limits: &Limits, usage: &Usage, needs: &[Need], asked: Asked) -> Report {
    let order: Vec<&'static QuotaUse> = once_each(catalog);
    let mut by_place = usage.by_place.clone();
    let mut needed: BTreeMap<QuotaPlace, (Wanted, Vec<String>)> = BTreeMap::new();
    // What is named goes first: it says best what is used of its place.
    let mut in_order: Vec<&Need> = needs.iter().collect();
    in_order.sort_by(|one, other| one.place.cmp(&other.place));
    for need in in_order {
        let Some(quota) = order.iter().find(|quota| quota.name == need.quota) else { continue };
        for (place, amount) in spread::spread(quota, need, needs, usage) {
            by_place.entry(place.clone()).or_insert_with(|| spread::unseen(quota, &place, need, usage));
            let (sum, from) = needed.entry(place).or_default();
            *sum = sum.plus(amount);
            from.extend(need.from.iter().cloned());
        }
    }
    let mut lines = Vec::new();
    for quota in order {
        for (place, used) in by_place.iter().filter(|(place, _)| place.quota == quota.name) {
            lines.push(line(quota, place, used, limits, needed.remove(place)));
        }
    }
    let answer = answer(&lines, asked);
    Report { lines, answer }
}

/// Each quota once, although several kinds may use it.
fn once_each(catalog: Catalog) -> Vec<&'static QuotaUse> {
    let mut seen = BTreeSet::new();
    catalog.quotas().map(|(_, quota)| quota).filter(|quota| seen.insert(quota.name)).collect()
}

fn line(
    quota: &'static QuotaUse,
    place: &QuotaPlace,
    used: &Used,
    limits: &Limits,
    need: Option<(Wanted, Vec<String>)>,
) -> Balance {
    let key = (place.region.clone(), quota.name.to_owned());
    let mut used = used.clone();
    // AWS's own count goes before ours, which sees less or, for a moment, more.
    if let (Per::Account | Per::Region, Some(by_aws)) = (quota.per, limits.used.get(&key)) {
        used.all = Some(*by_aws);
    }
    let mut line = Balance {
        quota,
        region: place.region.clone(),
        place: place.name.clone(),
        limit: limits.limits.get(&key).copied(),
        used,
        need,
        answer: None,
    };
    line.answer = fits(&line);
    line
}

fn fits(line: &Balance) -> Option<Answer> {
    let (need, _) = line.need.as_ref()?;
    let Some(free) = line.free() else { return Some(Answer::Unknown) };
    Some(match need.most() {
        _ if line.short_by() > 0 => Answer::Short,
        Some(most) if most <= free => Answer::Fits,
        Some(_) | None => Answer::Unknown,
    })
}

fn answer(lines: &[Balance], asked: Asked) -> Answer {
    // A limit that no call tells does not make the answer unknown as long as nothing of the quota is used.
    let is_unknown = |line: &&Balance| {
        matches!(line.quota.per, Per::Account | Per::Region)
            && line.free().is_none()
            && line.used.all != Some(0)
    };
    let worst = lines.iter().filter_map(|line| line.answer).max().unwrap_or(Answer::Fits);
    match asked {
        Asked::Usage if lines.iter().any(|line| is_unknown(&line)) => Answer::Unknown,
        Asked::Usage => Answer::Fits,
        Asked::Whole => worst,
        Asked::Open => worst.max(Answer::Unknown),
    }
}
