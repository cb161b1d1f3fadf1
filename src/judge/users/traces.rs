//! The traces of users that nobody reads: when and where AWS saw a role used last. The room asks it of every
//! role, and of what contains one.
//!
//! IAM fills the date in late, and keeps it for 400 days (IAM User Guide, "Refining permissions using last accessed
//! information"). So one younger than a day has to be explained by something that goes, or by there being nobody
//! left who could have left it; an older one is printed.

use jiff::{SignedDuration, Timestamp};

use crate::kinds::CATALOG;
use crate::model::words::{fact, how};
use crate::model::{Class, Gate, Key, KindSpec, Region, Resource, Verdict, WorksAs};

use super::super::gates::{Court, Ground, Ruling};
use super::super::settle::Findings;
use super::super::view::label;

/// How long ago a use has to be for saying nothing of the present.
const YOUNG: SignedDuration = SignedDuration::from_hours(24);

/// Whether a use may speak of the present.
pub(super) fn is_young(at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(at) < YOUNG
}

/// A use that AWS saw.
pub(super) struct Trace {
    /// When, if that was told.
    at: Option<Timestamp>,
    /// Where, if that was told.
    region: Option<Region>,
}

impl Trace {
    /// The last use of a thing, if AWS saw one.
    pub(super) fn of(resource: &Resource) -> Option<Self> {
        let told = |name: &str| resource.facts.get(name).filter(|text| !text.is_empty());
        let (at, region) = (told(fact::LAST_USED), told(fact::LAST_USED_REGION));
        let trace = || Self {
            at: at.and_then(|text| text.parse().ok()),
            region: region.map(|text| Region::new(text.as_str())),
        };
        (at.is_some() || region.is_some()).then(trace)
    }

    /// Whether it may speak of the present: a time ahead of now is just now, one that was not told may be.
    pub(super) fn is_young(&self, now: Timestamp) -> bool {
        self.at.is_none_or(|at| is_young(at, now))
    }

    /// When and where, for people.
    pub(super) fn words(&self) -> String {
        let at = self.at.map_or_else(|| "at a time that AWS does not tell".to_owned(), |at| at.to_string());
        match &self.region {
            Some(region) => format!("last used {at} in {region}"),
            None => format!("last used {at}"),
        }
    }
}

/// A use of late that nothing explains, of a thing or of what it contains: whoever it is of may work with both.
pub(in super::super) fn traced(court: &Court<'_>, findings: &Findings<'_>, key: &Key) -> Option<Ruling> {
    if findings.verdict(key)? != Verdict::Orphan {
        return None;
    }
    let resource = court.view.get(key)?;
    let contained = resource.links_as(how::CONTAINS).filter_map(|link| court.view.get(&link.to));
    let of_contained = |it: &Resource| {
        let Ground { gate, why } = unexplained(court, findings, it)?;
        Some(Ground { gate, why: format!("it contains {}: {why}", label(&it.key)) })
    };
    let ground =
        unexplained(court, findings, resource).or_else(|| contained.into_iter().find_map(of_contained))?;
    Some(Ruling { verdict: Verdict::Uncertain, ground })
}

/// The trace of a thing, if it may be of somebody who is not condemned.
fn unexplained(court: &Court<'_>, findings: &Findings<'_>, resource: &Resource) -> Option<Ground> {
    let trace = Trace::of(resource)?;
    let words = trace.words();
    let looked_into = court.users.regions.as_ref().unwrap_or(&court.view.inventory.regions);
    if let Some(region) = trace.region.as_ref().filter(|region| !looked_into.contains(*region)) {
        let why = format!("{words}, where users were not looked for");
        return Some(Ground { gate: Gate::UsedElsewhere { region: region.clone() }, why });
    }
    if !trace.is_young(court.now) {
        return None;
    }
    let gate = Gate::UsedOfLate { region: trace.region.clone() };
    if let Some(accounts) = accounts(resource) {
        let why = format!("{words}, and {accounts} may have, whose users are not read");
        return Some(Ground { gate, why });
    }
    if who_would(court, resource, &trace).is_some() || nobody_is_left(court, findings, resource) {
        return None;
    }
    let why = format!("{words}, by nothing that is condemned, and AWS fills this in late");
    Some(Ground { gate, why })
}

/// The other accounts that its trust policy lets in, for people.
pub(super) fn accounts(resource: &Resource) -> Option<String> {
    let accounts = resource.facts.get(fact::TRUSTED_ACCOUNTS).filter(|text| !text.is_empty())?;
    Some(if accounts.contains('*') { "any account".to_owned() } else { format!("account {accounts}") })
}

/// What explains a trace: something that stood then and stands there, or went by this very run, and may use it.
/// Whether it stays is no question here: if it does, the thing is in use.
pub(super) fn who_would(court: &Court<'_>, resource: &Resource, trace: &Trace) -> Option<Key> {
    let region = trace.region.as_ref()?;
    let stood = |user: &&Key| {
        let born = court.view.get(user).and_then(|user| user.created);
        user.region == *region && born.zip(trace.at).is_none_or(|(born, at)| born <= at)
    };
    let gone = court.users.gone.iter().filter(|key| key.region == *region && court.view.get(key).is_none());
    let gone = gone.filter(|key| CATALOG.get(&key.kind).is_some_and(|spec| may_act(spec, resource)));
    let found = workers(court, resource).into_iter().find(stood);
    found
        .or_else(|| worker_beyond(court, resource, trace, region))
        .or_else(|| gone.into_iter().next())
        .cloned()
}

/// What works with it, itself or by what contains it, in a region that was not asked for: it lives, and so keeps
/// what it works with. What it does not work with it keeps nothing of.
fn worker_beyond<'a>(
    court: &'a Court<'_>,
    resource: &Resource,
    trace: &Trace,
    region: &Region,
) -> Option<&'a Key> {
    let users = ways(court, &resource.key).filter_map(|way| court.users.beyond.get(way)).flatten();
    let users = users.filter(|(role, user)| *role == how::USES && user.region == *region);
    let all = &court.view.inventory.elsewhere.resources;
    let stood = |user: &&Key| {
        let born = all.get(*user).and_then(|user| user.created);
        let acts = CATALOG.get(&user.kind).is_some_and(|spec| may_act(spec, resource));
        acts && born.zip(trace.at).is_none_or(|(born, at)| born <= at)
    };
    users.map(|(_, user)| *user).find(stood)
}

/// What stands in the regions asked for and works with it, itself or by what contains it.
fn workers<'a>(court: &'a Court<'_>, resource: &'a Resource) -> Vec<&'a Key> {
    let users = ways(court, &resource.key).flat_map(|key| near(court, key, how::USES));
    users.filter(|user| CATALOG.get(&user.kind).is_some_and(|spec| may_act(spec, resource))).collect()
}

/// By what somebody works with a thing: itself, and what contains it.
fn ways<'a>(court: &'a Court<'_>, key: &'a Key) -> impl Iterator<Item = &'a Key> {
    std::iter::once(key).chain(near(court, key, how::CONTAINS))
}

/// What has a link in this role to a thing.
fn near<'a>(court: &'a Court<'_>, key: &Key, role: &'static str) -> impl Iterator<Item = &'a Key> {
    let near = court.view.referrers.get(key).into_iter().flatten();
    near.filter(move |(how, _)| *how == role).map(|(_, user)| *user)
}

/// Whether something of this kind may have used the role: a template launches nothing by itself.
fn may_act(spec: &KindSpec, resource: &Resource) -> bool {
    let trusted = resource.facts.get(fact::TRUSTED_SERVICES).map(String::as_str);
    let acts = spec.class != Class::Tool && spec.works_as != WorksAs::Nobody;
    acts && spec.works_as.may_be_trusted(trusted)
}

/// Whether all who may use it by its trust policy were read wherever they may be, and none has it: then the date
/// is of somebody who is gone.
fn nobody_is_left(court: &Court<'_>, findings: &Findings<'_>, resource: &Resource) -> bool {
    let Some(trusted) = resource.facts.get(fact::TRUSTED_SERVICES) else { return false };
    let services = trusted.split(',').map(str::trim).filter(|service| !service.is_empty());
    // Of `*` no kind says that it works as that.
    let read = |service: &str| CATALOG.all_that_work_as(service).is_some_and(|kinds| court.users.saw(&kinds));
    let goes = |to: &Key| match findings.verdict(to) {
        Some(verdict) => verdict == Verdict::Orphan,
        None => CATALOG.get(&to.kind).is_some() && court.view.inventory.saw(&to.kind, &to.region),
    };
    services.into_iter().all(read)
        && resource.links_as(how::TRUSTS).all(|link| goes(&link.to))
        && workers(court, resource).is_empty()
}
