//! Reasons in words: why something stays, and how much stays for which reason. It reads the fates of a plan;
//! every report of a plan takes its words and its counts from here.

use std::collections::BTreeMap;

use crate::model::{Gate, Key, Verdict};
use crate::plan::file::{Blocked, PlanFile};
use crate::plan::{Action, Fate, Keep, Step};

/// Why a resource stays, in one sentence without a full stop.
pub fn keep_text(keep: &Keep) -> String {
    match keep {
        Keep::NotOrphan { verdict, .. } => format!("its verdict is {verdict}"),
        Keep::HoldsData => "it holds data, and nobody named its kind (--with-data)".to_owned(),
        Keep::Witness => "its kind is read and never deleted".to_owned(),
        Keep::Guarded { guard } => guard.why.clone(),
        Keep::HeldBy { by, how } => format!("held by {by} ({how})"),
        Keep::TiedTo { to, how } => format!("it cannot go before {to} ({how})"),
        Keep::GoesWith { carrier } => format!("it goes only with {carrier}, which stays"),
        Keep::WouldTake { key } => format!("its deletion would take {key} along, which must stay"),
        Keep::Unseen { kind, region } => {
            format!("{kind} in {region} was not read, and could hold it or make it anew")
        }
        Keep::Cycle { with } => {
            let others: Vec<String> = with.iter().map(ToString::to_string).collect();
            format!("it and {} hold each other", others.join(", "))
        }
        Keep::LeftOut { why } => why.clone(),
    }
}

/// The reason in one or two words, for counting.
pub fn keep_word(keep: &Keep) -> &'static str {
    match keep {
        Keep::NotOrphan { verdict, .. } => verdict.word(),
        Keep::HoldsData => "holding data",
        Keep::Witness => "only read",
        Keep::Guarded { .. } => "guarded",
        Keep::HeldBy { .. } => "held",
        Keep::TiedTo { .. } | Keep::GoesWith { .. } | Keep::WouldTake { .. } => "tied",
        Keep::Unseen { .. } => "not seen whole",
        Keep::Cycle { .. } => "in a circle",
        Keep::LeftOut { .. } => "left out",
    }
}

/// What was selected and stays, by the sort of reason.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stays<'a> {
    /// It is an orphan, and something keeps it.
    pub blocked: Vec<&'a Blocked>,
    /// It holds data, and nobody named its kind.
    pub data: Vec<&'a Blocked>,
    /// It is not certain whose it is.
    pub uncertain: Vec<&'a Blocked>,
    /// Another verdict keeps it, and that is well.
    pub kept: Vec<&'a Blocked>,
}

/// Sorts what was selected and stays.
pub fn stays(file: &PlanFile) -> Stays<'_> {
    let fates: BTreeMap<&Key, &Fate> = file.fates.iter().map(|line| (&line.resource, &line.fate)).collect();
    let mut stays = Stays::default();
    for blocked in &file.blocked {
        let key = Key::new(blocked.kind.clone(), blocked.region.clone(), blocked.id.clone());
        match fates.get(&key) {
            Some(Fate::Kept(Keep::NotOrphan { verdict: Verdict::Uncertain, .. })) => {
                stays.uncertain.push(blocked)
            }
            Some(Fate::Kept(Keep::NotOrphan { .. })) => stays.kept.push(blocked),
            Some(Fate::Kept(Keep::HoldsData)) => stays.data.push(blocked),
            Some(Fate::Kept(_) | Fate::Delete | Fate::Carried(_) | Fate::Leaving) | None => {
                stays.blocked.push(blocked);
            }
        }
    }
    stays
}

/// How many of what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Delete steps.
    pub delete: usize,
    /// Cut steps.
    pub cut: usize,
    /// What goes by itself.
    pub carried: usize,
    /// What was selected and cannot go.
    pub blocked: usize,
    /// What stays, by reason.
    pub kept: BTreeMap<&'static str, usize>,
}

/// Counts a plan.
pub fn counts(file: &PlanFile) -> Counts {
    let mut counts = Counts { blocked: stays(file).blocked.len(), ..Counts::default() };
    for step in &file.steps {
        match step.action {
            Action::Cut(_) => counts.cut += 1,
            Action::Delete => counts.delete += 1,
            Action::Await => {}
        }
    }
    for line in &file.fates {
        match &line.fate {
            Fate::Delete => {}
            Fate::Carried(_) | Fate::Leaving => counts.carried += 1,
            Fate::Kept(keep) => *counts.kept.entry(keep_word(keep)).or_default() += 1,
        }
    }
    counts
}

/// What a step does, in words, without its number: `internet-gateway igw-1 (web): detach vpc vpc-1`.
pub fn step_text(step: &Step, name: Option<&str>) -> String {
    let name = name.filter(|name| *name != step.resource.id);
    let name = name.map(|name| format!(" ({})", super::plain(name))).unwrap_or_default();
    let resource = format!("{}{name}", step.resource);
    match &step.action {
        Action::Cut(link) => format!("{resource}: {} {}", verb(step.api.as_deref()), link.to),
        Action::Delete => resource,
        Action::Await => format!("{resource}: AWS removes it by itself"),
    }
}

/// What somebody can do about what keeps a blocked resource.
pub fn remedy(file: &PlanFile, blocked: &Blocked) -> String {
    let cause = blocked.by.last().and_then(|cause| cause.split_once(' '));
    let (kind, id) = cause.unwrap_or((blocked.kind.as_str(), &blocked.id));
    let fate = file.fates.iter().find(|line| line.resource.kind.as_str() == kind && line.resource.id == id);
    let explain = format!("see `aws-janitor explain {id}`");
    match fate.map(|line| &line.fate) {
        Some(Fate::Kept(Keep::HoldsData)) => {
            format!("keep it, or let the data go too: --with-data {kind}")
        }
        Some(Fate::Kept(Keep::Guarded { .. })) => format!("switch that off if it is meant to go; {explain}"),
        Some(Fate::Kept(Keep::Unseen { kind, .. })) => {
            format!("allow {kind} to be read (`aws-janitor iam-policy --for scan`), then plan again")
        }
        Some(Fate::Kept(Keep::Witness | Keep::NotOrphan { gate: Some(Gate::Witness), .. })) => {
            format!("no plan deletes it: remove it by hand, then plan again; {explain}")
        }
        Some(Fate::Kept(Keep::NotOrphan { .. })) => {
            format!("{explain}; remove it, or select it too, then plan again")
        }
        Some(Fate::Kept(_) | Fate::Delete | Fate::Carried(_) | Fate::Leaving) | None => explain,
    }
}

/// The verb of a cut's call: `detach`, `revoke`, `disassociate`, `remove`.
pub fn verb(api: Option<&str>) -> String {
    let name = api.and_then(|api| api.split_once(':')).map_or("", |(_, name)| name);
    let end = name
        .char_indices()
        .skip(1)
        .find(|(_, letter)| letter.is_ascii_uppercase())
        .map_or(name.len(), |(at, _)| at);
    if end == 0 { "cut".to_owned() } else { name[..end].to_ascii_lowercase() }
}
