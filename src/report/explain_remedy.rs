//! Why a cause stays, in a sentence, and what can be done about it: takes the way that `explain_path` found.
//!
//! A command that is told removes what is in the way, if whoever owns that agrees. What works with a thing loses more
//! than its hold on it by being removed: there no command is told, but that its owner has to let go. What the program
//! only reads is removed by hand alone, so its command is told all the same.

use super::explain_path::Ground;
use super::fates;
use super::label::{said, short};
use super::view::is;
use crate::model::{Behind, Class, Gate, GuardRule, Key, KindSpec, Verdict, few, quoted};
use crate::plan::Keep;

/// As many tags of somebody else's thing are told.
const TAGS_TOLD: usize = 3;

/// What was found.
pub(super) struct Question<'a> {
    /// What was asked about.
    pub asked: &'a Key,
    /// What the cause holds: that one, or the last on the path before the cause.
    pub held: &'a Key,
    /// Why that one stays.
    pub held_keep: Option<&'a Keep>,
    /// What stays in the end.
    pub cause: &'a Key,
    /// Why.
    pub keep: &'a Keep,
}

impl Ground<'_> {
    /// Why the cause stays, in a sentence, and whose it is.
    pub(super) fn why(&self, cause: &Key, keep: &Keep) -> String {
        let judged = self.view.verdicts.get(cause);
        let evidence = judged.and_then(|judged| judged.evidence.first());
        let why = match (keep, evidence) {
            (Keep::NotOrphan { verdict, .. }, Some(evidence)) => format!("is {verdict}: {evidence}"),
            (_, _) => format!("stays: {}", fates::keep_text(keep)),
        };
        let unselected = matches!(keep, Keep::NotOrphan { gate: Some(Gate::NotSelected), .. });
        let tags = unselected.then(|| self.tags(cause)).flatten().unwrap_or_default();
        super::plain(&format!("{} {why}{tags}", said(cause)))
    }

    /// The tags by which people know whose it is.
    fn tags(&self, key: &Key) -> Option<String> {
        let tags = &self.view.inventory.resources.get(key)?.tags;
        let own = tags.iter().filter(|(key, _)| !key.starts_with("aws:") && *key != "Name");
        let own: Vec<String> = own.map(|(key, value)| format!("{key}={value}")).collect();
        let told = few(own.iter().map(String::as_str), TAGS_TOLD);
        (!own.is_empty()).then(|| format!("; it is tagged {told}"))
    }

    /// What can be done about the cause.
    pub(super) fn remedy(&self, it: &Question<'_>) -> Option<String> {
        let line = self.file.blocked.iter().find(|line| is(it.asked, line));
        if let Some(command) = line.and_then(|line| line.by_hand.as_ref()) {
            return Some(if_agreed(it.cause, command));
        }
        let spec = self.view.catalog.get(&it.cause.kind);
        match it.keep {
            Keep::Witness => {
                spec.map(|spec| format!("no plan deletes it; by hand: {}", spec.by_hand.command(it.cause)))
            }
            Keep::HoldsData => {
                Some(format!("keep it, or let the data go too: --with-data {}", it.cause.kind))
            }
            Keep::Guarded { guard } if guard.rule == GuardRule::Protection => unguarded(it.cause, spec),
            Keep::Unseen { kind, .. } => Some(to_be_read(kind.as_str())),
            Keep::NotOrphan { verdict, gate } => self.of_verdict(it, *verdict, gate.as_ref()),
            Keep::Guarded { .. }
            | Keep::HeldBy { .. }
            | Keep::TiedTo { .. }
            | Keep::GoesWith { .. }
            | Keep::WouldTake { .. }
            | Keep::Cycle { .. }
            | Keep::LeftOut { .. } => None,
        }
    }

    fn of_verdict(&self, it: &Question<'_>, verdict: Verdict, gate: Option<&Gate>) -> Option<String> {
        let spec = self.view.catalog.get(&it.cause.kind);
        match gate {
            Some(Gate::Guard { rule: GuardRule::Protection }) => return unguarded(it.cause, spec),
            Some(gate) if gate.behind() == Behind::Gap => return Some(unread(gate)),
            // What is another account's only that account removes.
            Some(Gate::Guard { .. } | Gate::OtherAccount) => return None,
            Some(Gate::NotSelected) if it.cause == it.asked => {
                let select = quoted(&format!("id={}", it.cause.id));
                return Some(format!("nobody selected it; to judge it alone: --select {select}"));
            }
            Some(_) | None if it.cause == it.asked => return None,
            Some(_) | None => {}
        }
        let spec = spec?;
        let let_go = || {
            Some(format!(
                "whoever owns {} has to let go of {} first",
                short(&it.cause.id),
                short(&it.held.id)
            ))
        };
        match verdict {
            Verdict::Foreign if spec.class == Class::Witness || !self.works_with(it, spec) => {
                Some(if_agreed(it.cause, &self.command(it, spec)))
            }
            Verdict::Foreign | Verdict::Active => let_go(),
            Verdict::Protected | Verdict::TooYoung | Verdict::Uncertain | Verdict::Orphan => None,
        }
    }

    /// Whether the cause would lose by the thing that it holds being deleted.
    fn works_with(&self, it: &Question<'_>, spec: &KindSpec) -> bool {
        let by_verdict = match it.held_keep {
            Some(Keep::NotOrphan {
                gate: Some(Gate::User { user: other } | Gate::Owner { owner: other }),
                ..
            })
            | Some(Keep::TiedTo { to: other, .. }) => other == it.cause,
            Some(_) | None => false,
        };
        let Some(resource) = self.view.inventory.resources.get(it.cause) else { return true };
        by_verdict || resource.links.iter().any(|link| link.to == *it.held && spec.works_with(&link.how))
    }

    /// The command that takes the cause out of the way: that by which it lets go, if it has one.
    fn command(&self, it: &Question<'_>, spec: &KindSpec) -> String {
        let resource = self.view.inventory.resources.get(it.cause);
        let links = || resource.into_iter().flat_map(|resource| &resource.links);
        let lets_go = spec.lets_go.filter(|_| links().any(|link| link.to == *it.held));
        match lets_go {
            Some(command) => command.command(it.cause).replace("{far}", &it.held.id),
            None => spec.by_hand.command(it.cause),
        }
    }
}

fn if_agreed(cause: &Key, command: &str) -> String {
    format!("if whoever owns {} agrees: {command}", short(&cause.id))
}

fn unguarded(cause: &Key, spec: Option<&KindSpec>) -> Option<String> {
    let command = spec.and_then(|spec| spec.unprotect).map(|command| format!(": {}", command.command(cause)));
    Some(format!("switch the protection off, if it is meant to go{}", command.unwrap_or_default()))
}

fn to_be_read(what: &str) -> String {
    format!("allow {what} to be read: aws-janitor iam-policy --for scan")
}

/// What has to be read for anybody to know.
fn unread(gate: &Gate) -> String {
    match gate {
        Gate::OwnerUnseen { kind, .. }
        | Gate::DeploymentUnseen { kind, .. }
        | Gate::MemberUnseen { kind, .. }
        | Gate::UsersUnseen { kind, .. }
        | Gate::LifeUnseen { kind, .. } => to_be_read(kind.as_str()),
        Gate::StateUnread { state } => format!("see to it that {state} can be read"),
        Gate::UsedElsewhere { region } => format!("look there too: --region {region}"),
        _ => to_be_read("all of it"),
    }
}
