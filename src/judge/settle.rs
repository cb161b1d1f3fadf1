//! Verdicts that hang on other verdicts, settled together.
//!
//! All start as they stand by themselves; a rule can only take the verdict `orphan` away, never give it.
//! So the end is the same in whatever order the rules are applied, and one more reason to keep
//! something never makes an orphan of anything.

use crate::inventory::marks::Hold;
use crate::kinds::{CATALOG, is};
use crate::model::{Class, Gate, Key, Position, Verdict, quoted};

pub(super) use super::findings::Findings;
use super::gates::{Court, Finding, Ruling};
use super::record;
use super::stack;
use super::tools;
use super::users;
use super::view::label;

/// Applies every rule until nothing changes.
pub(super) fn settle(court: &Court<'_>, findings: &mut Findings<'_>) {
    findings.settle(|findings, key| follow(court, findings, key));
}

/// What the verdicts of others make of one resource: by the first rule that says something.
pub(super) fn follow(court: &Court<'_>, findings: &Findings<'_>, key: &Key) -> Option<Ruling> {
    follow_owner(court, findings, key)
        .or_else(|| follow_carrier(court, findings, key))
        .or_else(|| spoiled(court, findings, key))
        .or_else(|| record::spoiled(court, findings, key))
        .or_else(|| follow_way(court, findings, key))
        .or_else(|| follow_vpc(court, findings, key))
        // A role's own trace tells more than that what contains it has the same.
        .or_else(|| users::traced(court, findings, key))
        .or_else(|| users::written(court, findings, key))
        .or_else(|| users::in_use(court, findings, key))
        .or_else(|| shared(court, findings, key))
}

fn is_orphan(findings: &Findings<'_>, key: &Key) -> bool {
    findings.verdict(key) == Some(Verdict::Orphan)
}

/// What belongs to an owner that stays is the owner's.
pub(super) fn active_or_uncertain(of: Verdict) -> Option<Verdict> {
    match of {
        Verdict::Orphan => None,
        Verdict::Uncertain => Some(Verdict::Uncertain),
        Verdict::Protected | Verdict::Active | Verdict::TooYoung | Verdict::Foreign => Some(Verdict::Active),
    }
}

/// A cluster or node group that is not an orphan owns what it made: `active`.
fn follow_owner(court: &Court<'_>, findings: &Findings<'_>, key: &Key) -> Option<Ruling> {
    let now = findings.verdict(key)?;
    court.view.at(key).owners.iter().find_map(|(owner, why)| {
        let of = findings.verdict(owner)?;
        let then = active_or_uncertain(of).filter(|then| *then < now)?;
        let cause = cause(findings, owner, of);
        let why = format!("{} owns it ({why}) and is {}{cause}", label(owner), standing(of));
        Some(Ruling::new(then, Gate::Owner { owner: owner.clone() }, why))
    })
}

/// A part takes the verdict of what carries it, unless it has a stronger one of its own.
fn follow_carrier(court: &Court<'_>, findings: &Findings<'_>, key: &Key) -> Option<Ruling> {
    let now = findings.verdict(key)?;
    if !court.is_carried(key) {
        return None;
    }
    court.view.at(key).carriers.iter().find_map(|carrier| {
        let then = findings.verdict(carrier).filter(|then| *then < now)?;
        let cause = cause(findings, carrier, then);
        let why = format!("goes only with {}, which is {}{cause}", label(carrier), standing(then));
        Some(Ruling::new(then, Gate::Carrier { carrier: carrier.clone() }, why))
    })
}

/// What is selected only because something else is stays when that stays: but for what has a claim of its own and
/// was only found by where it lies, and for a part, which goes with its whole.
fn follow_way(court: &Court<'_>, findings: &Findings<'_>, key: &Key) -> Option<Ruling> {
    let via = court.selection.get(key)?.via.as_ref().filter(|_| is_orphan(findings, key))?;
    if court.is_carried(key) || (is(&via.kind, Position::Network) && !is_of_the_ground(key)) {
        return None;
    }
    let then = findings.verdict(via).filter(|then| *then != Verdict::Orphan)?;
    let cause = cause(findings, via, then);
    let why = format!("selected only with {}, which is {}{cause}", label(via), standing(then));
    Some(Ruling::new(then, Gate::SelectedWith { via: via.clone() }, why))
}

/// The veto: a selected VPC that holds anything but orphans is uncertain.
fn spoiled(court: &Court<'_>, findings: &Findings<'_>, key: &Key) -> Option<Ruling> {
    if !is(&key.kind, Position::Network) || !is_orphan(findings, key) {
        return None;
    }
    let inside = court.view.contents.get(key).into_iter().flatten();
    let (finding, child) = findings.cause(inside.copied())?;
    let of = finding.verdict;
    // Whoever claims it against the stack is named by the claim; else its stack tells whose it is.
    let claimed = finding
        .decides()
        .is_some_and(|ground| matches!(ground.gate, Gate::Claimed { .. } | Gate::OtherAccount));
    let why = match whose(court, key, child).filter(|_| of == Verdict::Foreign && !claimed) {
        Some(whose) => whose,
        None => {
            let reason = finding.decides().map(|ground| format!(": {}", ground.why));
            format!("is {}{}", standing(of), reason.unwrap_or_default())
        }
    };
    let why = format!("{} also holds {}, which {why}", label(key), label(child));
    Some(Ruling::new(Verdict::Uncertain, Gate::Stranger { stranger: child.clone() }, why))
}

/// Whose a thing is that lies in a VPC and does not belong to it, if its tags say so.
fn whose(court: &Court<'_>, vpc: &Key, child: &Key) -> Option<String> {
    let stacks = &court.stacks;
    if let Some(stack) = stacks.get(child).filter(|stack| stacks.get(vpc) != Some(stack)) {
        return Some(format!("belongs to stack {stack}"));
    }
    let tags = stack::tags_shown(court.view.get(child)?, court.selector.owner_keys());
    (!tags.is_empty()).then(|| format!("is tagged {tags}"))
}

/// Whether a thing belongs to the ground that it lies in, by which alone it may be claimed. What works there needs
/// a claim of its own: it goes from a network that stays, if nobody who stays works with it.
fn is_of_the_ground(key: &Key) -> bool {
    CATALOG.get(&key.kind).is_none_or(|spec| spec.class == Class::Plumbing)
}

/// The network of a selected VPC that is not an orphan is none either, even if a term matches it. One that is
/// protected or too young keeps what works in it as well.
///
/// A default VPC and one that another account shares are places where stacks put things of their own.
fn follow_vpc(court: &Court<'_>, findings: &Findings<'_>, key: &Key) -> Option<Ruling> {
    if !is_orphan(findings, key) {
        return None;
    }
    let goes_alone = !is_of_the_ground(key) || court.is_carried(key);
    let around = court.view.at(key).inside.iter().filter(|around| is(&around.kind, Position::Network));
    let around = around.filter(|vpc| !court.view.is_common_ground(vpc));
    around.filter(|vpc| court.selection.contains_key(*vpc)).find_map(|vpc| {
        let of = findings.verdict(vpc)?;
        let then = match of {
            Verdict::Orphan => return None,
            Verdict::Protected | Verdict::TooYoung => of,
            Verdict::Active | Verdict::Foreign | Verdict::Uncertain if goes_alone => return None,
            Verdict::Active | Verdict::Foreign | Verdict::Uncertain => Verdict::Uncertain,
        };
        match of {
            // What makes the VPC uncertain is what a reader has to look into.
            Verdict::Uncertain => {
                Some(Ruling { verdict: then, ground: findings.get(vpc)?.decides()?.clone() })
            }
            Verdict::Protected | Verdict::Active | Verdict::TooYoung | Verdict::Foreign | Verdict::Orphan => {
                let ways = unknown_to_its_state(court, key, vpc).unwrap_or_default();
                let why = format!("lies within {}, which is {}{ways}", label(vpc), standing(of));
                Some(Ruling::new(then, Gate::Within { vpc: vpc.clone() }, why))
            }
        }
    })
}

/// What can be done with a thing that the state which owns its VPC does not know: a run that was killed leaves such
/// things, and so does a cluster that is well. Only a person can tell them apart.
fn unknown_to_its_state(court: &Court<'_>, key: &Key, vpc: &Key) -> Option<String> {
    let (state, _) = court.tracked.owner(court.view.get(vpc)?)?;
    let resource = court.view.get(key)?;
    if court.tracked.owner(resource).is_some() {
        return None;
    }
    let import = tools::import(state, resource, CATALOG.get(&key.kind)?)?;
    let id = quoted(&format!("id={}", key.id));
    Some(format!(
        "; the state {} owns that and does not know this one: take it over by `{import}`, or let it go by naming it \
         alone: --select {id}",
        state.source
    ))
}

/// A living cluster may work in what is tagged as shared with it.
fn shared(court: &Court<'_>, findings: &Findings<'_>, key: &Key) -> Option<Ruling> {
    if !is_orphan(findings, key) || is(&key.kind, Position::Cluster) {
        return None;
    }
    let claims = court.view.at(key).claims.iter().filter(|claim| claim.hold == Hold::Shared);
    claims.into_iter().find_map(|claim| {
        let cluster =
            court.view.clusters_named(&claim.cluster, key).find(|cluster| !is_orphan(findings, cluster))?;
        let why = format!("{}: {} lives and may use it", claim.mark, label(cluster));
        Some(Ruling::new(Verdict::Uncertain, Gate::Shared { cluster: cluster.clone() }, why))
    })
}

/// How a verdict reads in a sentence about something else.
pub(super) fn standing(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Foreign => "not selected",
        Verdict::TooYoung => "too young",
        Verdict::Protected | Verdict::Active | Verdict::Uncertain | Verdict::Orphan => verdict.word(),
    }
}

/// Why the other one is uncertain, since that is what a reader has to look into.
pub(super) fn cause(findings: &Findings<'_>, key: &Key, of: Verdict) -> String {
    let ground = findings.get(key).and_then(Finding::decides);
    match of {
        Verdict::Uncertain => ground.map(|ground| format!(": {}", ground.why)).unwrap_or_default(),
        Verdict::Protected | Verdict::Active | Verdict::TooYoung | Verdict::Foreign | Verdict::Orphan => {
            String::new()
        }
    }
}
