//! What the evidence says of users: who was looked for and where, who was found, when something was used last. The
//! judge adds it to its sentences when all verdicts are settled.

use std::collections::BTreeSet;

use crate::model::{Key, KindSpec, Resource, Scope};

use super::super::gates::Court;
use super::super::view::label;
use super::traces::{Trace, accounts};
use super::{possible, users_of};

/// Who was looked for as a user of an orphan and where: whoever was found goes as well. Nothing, if nothing of any
/// kind could work with it.
pub(in super::super) fn looked_for(court: &Court<'_>, resource: &Resource) -> Option<String> {
    let kinds: Vec<&KindSpec> = possible(resource).collect();
    if kinds.is_empty() {
        return None;
    }
    let place = place(court, resource, &kinds);
    let users: BTreeSet<&Key> = users_of(court, &resource.key).map(|(_, user)| user).collect();
    let users: Vec<&Key> = users.into_iter().filter(|user| court.view.get(user).is_some()).collect();
    // What it is attached to was found by its own link, and is of no kind that had to be read for it.
    let mut names: Vec<&str> = kinds.iter().map(|spec| spec.name).collect();
    for kind in users.iter().map(|user| user.kind.as_str()) {
        if !names.contains(&kind) {
            names.push(kind);
        }
    }
    let names = names.join(", ");
    Some(match users.as_slice() {
        [] => format!("no user among {names} {place}"),
        [one] => format!("no user but {}, which goes too, among {names} {place}", label(one)),
        [one, more @ ..] => {
            let more = more.len();
            format!("no user but {} and {more} more, which go too, among {names} {place}", label(one))
        }
    })
}

fn place(court: &Court<'_>, resource: &Resource, kinds: &[&KindSpec]) -> String {
    if !resource.key.region.is_global() {
        return format!("in {}", resource.key.region);
    }
    if kinds.iter().all(|spec| spec.scope == Scope::Global) {
        return "in the account".to_owned();
    }
    let regions: Vec<&str> = court.users.regions.iter().flatten().map(|region| region.as_str()).collect();
    let place = match regions.as_slice() {
        [one] => format!("in {one}"),
        [one, two] => format!("in {one} and {two}"),
        more => format!("in {} regions", more.len()),
    };
    match &court.view.inventory.elsewhere.assumed {
        Some(_) => format!("{place}, the only ones by --assume-regions"),
        None => place,
    }
}

/// When and where it was used last, and who of another account may use it.
pub(in super::super) fn trace_told(court: &Court<'_>, resource: &Resource) -> Option<String> {
    let used = Trace::of(resource).map(|trace| {
        let by =
            trace.is_young(court.now).then(|| super::traces::who_would(court, resource, &trace)).flatten();
        let by = by.map(|by| format!(", as by {}", label(&by))).unwrap_or_default();
        format!("{}{by} (AWS fills this in late)", trace.words())
    });
    let accounts = accounts(resource).map(|accounts| format!("{accounts} may assume it by its trust policy"));
    match (used, accounts) {
        (None, None) => None,
        (Some(one), None) | (None, Some(one)) => Some(one),
        (Some(used), Some(accounts)) => Some(format!("{used}; {accounts}")),
    }
}
