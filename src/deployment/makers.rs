//! Names things that use quotas and of which nothing here knows how much, so that the readers pass none over: the
//! kinds and the table of AWS's types tell it which.

use std::collections::BTreeMap;

use super::aws_types::{self, CHECKED, Sort};
use super::{Item, Uncounted, Weight};
use crate::kinds;
use crate::model::deployed::Uses;
use crate::model::few;

/// How many types that nobody knows are named.
const MOST_NAMED: usize = 5;

/// What is said of things of other services.
const NOT_LOOKED_AT: &str =
    "what they take of instances, interfaces, addresses and quotas of their own is not looked at";

/// What is to be said of what these items make.
pub fn uncounted(items: &[Item]) -> Vec<Uncounted> {
    let mut all = Vec::new();
    let (mut told, mut limits, mut unknown) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for item in items.iter().filter(|item| item.change.makes()) {
        match sort(item) {
            Some(Sort::Open(why)) => {
                all.push(Uncounted { what: item.address.clone(), why: why.to_owned(), weight: Weight::Open });
            }
            Some(Sort::Told(title)) => *told.entry(title).or_default() += 1,
            Some(Sort::Limit(title)) => *limits.entry(title).or_default() += 1,
            Some(Sort::Unknown) => *unknown.entry(item.type_name.as_str()).or_default() += 1,
            Some(Sort::Counted | Sort::Nothing(_) | Sort::Other) | None => {}
        }
    }
    let counted = |titles: BTreeMap<&'static str, usize>, why: &'static str| {
        titles.into_iter().map(move |(title, count)| remark(format!("{title} ({count})"), why))
    };
    all.extend(counted(told, NOT_LOOKED_AT));
    all.extend(counted(limits, "their quota is not looked at"));
    all.extend(newer(&unknown));
    all
}

/// What is to be said of this item: its kind says it, and of what has none, or uses nothing itself, the table.
fn sort(item: &Item) -> Option<Sort> {
    let row = kinds::row_of(item);
    match row.map(|row| row.deployed.uses) {
        Some(Uses::Quotas(_)) => Some(Sort::Counted),
        Some(Uses::NotLookedAt(several)) => Some(Sort::Limit(several)),
        // A module is told by its reader.
        None if item.type_name.ends_with("::MODULE") => None,
        Some(Uses::Nothing) | None => aws_types::sort(&item.type_name),
    }
}

/// What is said of things of types that no table knows: they came after it, most likely.
fn newer(types: &BTreeMap<&str, usize>) -> Option<Uncounted> {
    let count: usize = types.values().sum();
    let names = few(types.keys().copied(), MOST_NAMED);
    let what = format!("things of types that the table of {CHECKED} does not know ({count}): {names}");
    (count > 0).then(|| remark(what, "what they take is not looked at"))
}

fn remark(what: String, why: &str) -> Uncounted {
    Uncounted { what, why: why.to_owned(), weight: Weight::Remark }
}

#[cfg(test)]
mod tests;
