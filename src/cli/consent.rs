//! Consent: takes `--yes`, or asks on the terminal for the account's number, and refuses where there is no
//! terminal to ask on. Before that the account itself is asked, where the policy names a marker that it has to bear.
//! `apply` calls it before anything changes.

use super::connect::Place;
use super::context::Tty;
use super::failure::Failure;
use super::shell::Shell;
use super::survey::Survey;
use crate::kinds;
use crate::model::{AccountId, Key, Position, Region};
use crate::policy::{self, ConsentMarker, MarkerSeen};

/// What the flags say about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Consent {
    /// `--yes`.
    Given,
    /// To be asked for.
    Wanted,
}

/// Returns when the account bears the marker that the policy asks for, if it asks for one.
pub(super) async fn marked(place: &Place, survey: &Survey) -> Result<(), Failure> {
    let Some(marker) = &survey.policy.consent_marker else { return Ok(()) };
    let seen = match marker {
        ConsentMarker::Parameter { name, .. } => in_parameter(place, survey, name).await,
        ConsentMarker::RoleTag { role, tag, .. } => in_tag(survey, role, tag),
    };
    match marker.consent(&seen) {
        policy::Consent::Given => Ok(()),
        policy::Consent::Withheld(why) => Err(Failure::refused(format!(
            "this account has not consented: {why}"
        ))
        .hint("set the marker in accounts that may be cleaned, or take consent-marker out of the policy")),
    }
}

/// A parameter stands in one region: that of the caller, or the first of those that are looked into.
async fn in_parameter(place: &Place, survey: &Survey, name: &str) -> MarkerSeen {
    let region = place.session.default_region().or_else(|| survey.inventory.regions.first().cloned());
    let Some(region) = region else { return MarkerSeen::Unread("no region is named".to_owned()) };
    match place.session.parameter(&region, name).await {
        Ok(Some(value)) => MarkerSeen::Value(value),
        Ok(None) => MarkerSeen::Nothing,
        Err(error) => MarkerSeen::Unread(error.to_string()),
    }
}

fn in_tag(survey: &Survey, role: &str, tag: &str) -> MarkerSeen {
    let key = Key::new(kinds::that_is(Position::Role), Region::global(), role);
    match survey.inventory.resources.get(&key) {
        Some(it) => it.tags.get(tag).map_or(MarkerSeen::Nothing, |value| MarkerSeen::Value(value.clone())),
        None if survey.inventory.saw(&key.kind, &key.region) => MarkerSeen::Nothing,
        None => MarkerSeen::Unread("the account's roles could not be read".to_owned()),
    }
}

/// Returns when the user agrees to carry the plan out in this account.
pub(super) fn obtain(shell: &Shell<'_>, consent: Consent, account: &AccountId) -> Result<(), Failure> {
    match consent {
        Consent::Given => return Ok(()),
        Consent::Wanted => {}
    }
    let environment = shell.environment;
    if environment.input_tty != Tty::Terminal || environment.err_tty != Tty::Terminal {
        return Err(Failure::refused("nobody agreed to the deletion, and there is no terminal to ask at")
            .hint("pass --yes to agree, or --dry-run to see what would happen"));
    }
    drop(environment.err.write(&format!("This deletes for good. Type the account id {account} to go on: ")));
    let mut typed = String::new();
    let mut input = environment.input.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    input
        .read_line(&mut typed)
        .map_err(|error| Failure::error(format!("cannot read the answer: {error}")))?;
    if typed.trim() == account.as_str() {
        return Ok(());
    }
    Err(Failure::refused("the account id was not typed, so nothing was deleted")
        .hint(format!("type {account}, or pass --yes")))
}
