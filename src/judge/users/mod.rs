//! Who works with a thing: the rest of the judge hands over what was seen, here and beyond the regions asked for,
//! and takes back what a user, an unread user or a trace of one says of it.
//!
//! A user is whatever has a link in a role that makes one ([`crate::model::KindSpec::works_with`]), and what a thing
//! is attached to or associated with. Whatever stays, for whatever reason, keeps what it works with. Roles, profiles,
//! providers and policies are global: what lies in a region that was not asked for works with them as well, and is
//! never condemned, since condemnation reaches no further than the regions asked for.

#[cfg(test)]
mod laws;
#[cfg(test)]
mod served_tests;
#[cfg(test)]
mod tests;
mod told;
mod traces;
mod written;

use std::collections::{BTreeMap, BTreeSet};

use crate::inventory::{Gap, Inventory, issuer, region_of_issuer, trusted_issuers};
use crate::kinds::{self, CATALOG, is};
use crate::model::words::how;
use crate::model::{Class, Gate, Holds, Key, KindSpec, MadeFor, Position, Region, Resource, Scope, Verdict};

use super::gates::{Court, Ground, Ruling};
use super::settle::{Findings, active_or_uncertain, cause, standing};
use super::view::{View, label};

pub(super) use told::{looked_for, trace_told};
pub(super) use traces::traced;
pub(super) use written::{unread as unread_logs, written};

/// Where users were looked for, and what was found beyond the regions asked for.
pub(super) struct Users<'a> {
    /// The regions in which a global thing may be used; `None` if nobody knows.
    pub(super) regions: Option<BTreeSet<Region>>,
    /// Kinds that may work with global things and were not read wholly, with the first place where.
    unread: Vec<(&'static KindSpec, Region)>,
    /// Users beyond the regions asked for, by what they work with.
    beyond: BTreeMap<Key, BTreeSet<(&'a str, &'a Key)>>,
    /// What machines of node groups work with.
    told: BTreeSet<&'a Key>,
    /// What was condemned before, and removed.
    gone: &'a BTreeSet<Key>,
}

impl<'a> Users<'a> {
    pub(super) fn of(inventory: &'a Inventory, gone: &'a BTreeSet<Key>) -> Self {
        let regions = inventory.user_regions();
        let global = || BTreeSet::from([Region::global()]);
        let unread = |spec: &'static KindSpec| {
            let places = match spec.scope {
                Scope::Regional => regions.clone().unwrap_or_default(),
                Scope::Global => global(),
            };
            let read = |region: &Region| match spec.scope {
                Scope::Regional => inventory.saw_users(&spec.kind(), region),
                Scope::Global => inventory.saw(&spec.kind(), region),
            };
            places.into_iter().find(|region| !read(region)).map(|region| (spec, region))
        };
        let kinds = CATALOG.iter().filter(|spec| spec.scope == Scope::Global || CATALOG.may_use_global(spec));
        let unread = kinds.filter_map(unread).collect();
        let told = told_by_machines(inventory);
        Self { regions, unread, beyond: beyond(inventory, &told), told, gone }
    }

    /// Whether every kind of which a thing may work with this one was read wherever it may: else what could not be.
    pub(super) fn unseen(&self, inventory: &Inventory, resource: &Resource) -> Option<Ground> {
        if !resource.key.region.is_global() {
            return None;
        }
        let regional = |spec: &&KindSpec| spec.scope == Scope::Regional;
        if self.regions.is_none() && possible(resource).any(|spec| regional(&spec)) {
            let why =
                "in which regions it may be used is not known: the account's regions could not be listed; \
                       if you know them, name them with --assume-regions"
                    .to_owned();
            return Some(Ground { gate: Gate::RegionsUnknown, why });
        }
        let (spec, region) = self.unread.iter().find(|(spec, _)| CATALOG.may_use(spec, resource))?;
        let remedy = if region.is_global() || inventory.regions.contains(region) {
            "allow it to be read".to_owned()
        } else {
            format!(
                "allow it to be read, or, if nothing of yours is in {region}, say so: --assume-regions with the \
                 regions that you use"
            )
        };
        let why = format!("{} of {region} was not read wholly, and one may use it; {remedy}", spec.name);
        Some(Ground { gate: Gate::UsersUnseen { kind: spec.kind(), region: region.clone() }, why })
    }

    /// What may work with a thing of a region was asked for there and could not be read. What could not be read of
    /// global things' users tells [`Self::unseen`].
    pub(super) fn unseen_here(view: &View<'_>, resource: &Resource) -> Option<Ground> {
        let key = &resource.key;
        let gaps =
            view.inventory.gaps.iter().filter(|gap| !key.region.is_global() && gap.region == key.region);
        let may_use = |gap: &&Gap| CATALOG.get(&gap.kind).is_some_and(|spec| CATALOG.may_use(spec, resource));
        let near = |gap: &&Gap| !view.holes.saw_near(&gap.kind, &gap.region, key);
        let gap = gaps.into_iter().find(|gap| may_use(gap) && near(gap))?;
        let why = format!("{} of {} was not read wholly, and one may use it", gap.kind, gap.region);
        let gate = Gate::UsersUnseen { kind: gap.kind.clone(), region: gap.region.clone() };
        Some(Ground { gate, why })
    }

    /// What EKS made for a node group names that nowhere. Where no machine tells the group, any may be it that has
    /// the role, wherever it is: so all of them must have been read.
    pub(super) fn maker_unseen(&self, inventory: &Inventory, resource: &Resource) -> Option<Ground> {
        if !is_made_for_nodes(resource) || self.told.contains(&resource.key) {
            return None;
        }
        let groups = kinds::that_is(Position::NodeGroup);
        let unread = |region: &Region| Ground {
            gate: Gate::OwnerUnseen { kind: groups.clone(), region: region.clone() },
            why: format!(
                "EKS may have made it for a node group, and {groups} of {region} was not read wholly"
            ),
        };
        let Some(regions) = &self.regions else {
            let why = "EKS may have made it for a node group, and the account's regions could not be listed";
            return Some(Ground { gate: Gate::RegionsUnknown, why: why.to_owned() });
        };
        regions.iter().find(|region| !inventory.saw_users(&groups, region)).map(unread)
    }

    /// Whether all of these kinds were read wherever things of them may work with something global.
    fn saw(&self, kinds: &[&KindSpec]) -> bool {
        let unread = |kind: &&KindSpec| self.unread.iter().any(|(unread, _)| unread.name == kind.name);
        self.regions.is_some() && !kinds.iter().any(unread)
    }
}

/// Kinds of which something may work with a thing, as far as links and trust tell.
fn possible(resource: &Resource) -> impl Iterator<Item = &'static KindSpec> {
    CATALOG.iter().filter(move |spec| CATALOG.may_use(spec, resource))
}

/// Whether EKS made it for a node group, as far as it looks.
fn is_made_for_nodes(resource: &Resource) -> bool {
    match CATALOG.get(&resource.key.kind).map(|spec| spec.made_for) {
        Some(MadeFor::NodeGroup(looks_like_it)) => looks_like_it(resource),
        Some(MadeFor::Told | MadeFor::ClusterOfIssuer | MadeFor::ClusterInName(_)) | None => false,
    }
}

/// What the machines of node groups work with: of a thing that EKS made, such a machine tells the group.
fn told_by_machines(inventory: &Inventory) -> BTreeSet<&Key> {
    let of_a_group = |it: &&Resource| {
        is(&it.key.kind, Position::Machine)
            && it.links_as(how::MADE_BY).any(|link| is(&link.to.kind, Position::NodeGroup))
    };
    let nodes = inventory.resources.values().filter(of_a_group);
    nodes.flat_map(|it| it.links_as(how::USES)).map(|link| &link.to).collect()
}

/// What works with what from regions that were not asked for: by its links, a cluster with the provider of its
/// issuer, by which its pods are let in, and with the roles that trust that, and a node group with what EKS may have
/// made for it.
fn beyond<'a>(
    inventory: &'a Inventory,
    told: &BTreeSet<&Key>,
) -> BTreeMap<Key, BTreeSet<(&'a str, &'a Key)>> {
    let mut users: BTreeMap<Key, BTreeSet<(&str, &Key)>> = BTreeMap::new();
    let mut issuers: BTreeMap<String, BTreeSet<&Key>> = BTreeMap::new();
    for (key, resource) in &inventory.elsewhere.resources {
        for link in resource.links.iter().filter(|link| CATALOG.works_with(&key.kind, &link.how)) {
            users.entry(link.to.clone()).or_default().insert((link.how.as_ref(), key));
        }
        if let Some(issuer) = issuer(resource).filter(|_| is(&key.kind, Position::Cluster)) {
            issuers.entry(issuer).or_default().insert(key);
        }
    }
    for (key, resource) in inventory.resources.iter().filter(|_| !issuers.is_empty()) {
        let clusters = trusted_issuers(resource).filter_map(|issuer| issuers.get(&issuer)).flatten().copied();
        for cluster in clusters {
            users.entry(key.clone()).or_default().insert((how::FOR_PODS_OF, cluster));
        }
        let made_for = CATALOG.get(&key.kind).map(|spec| spec.made_for);
        let Some(MadeFor::ClusterOfIssuer) = made_for else { continue };
        let clusters = issuer(resource).and_then(|issuer| issuers.get(&issuer));
        for cluster in clusters.into_iter().flatten().copied() {
            users.entry(key.clone()).or_default().insert((how::MADE_FOR, cluster));
        }
    }
    for (key, resource) in inventory.resources.iter().filter(|(_, it)| is_made_for_nodes(it)) {
        if told.contains(key) {
            continue;
        }
        let of_roles = resource.links_as(how::CONTAINS).filter_map(|link| users.get(&link.to));
        let groups = of_roles.flatten().filter(|(_, user)| is(&user.kind, Position::NodeGroup));
        let groups: Vec<&Key> = groups.map(|(_, group)| *group).collect();
        for group in groups {
            users.entry(key.clone()).or_default().insert((how::MADE_FOR_NODES, group));
        }
    }
    users
}

/// Whether something tells that a global thing is of the regions asked for: the issuer that it names, or who works
/// with it there. Who works with it elsewhere keeps it in any case.
pub(super) fn is_of_here(court: &Court<'_>, key: &Key) -> bool {
    let here =
        |region: Option<Region>| region.is_some_and(|region| court.view.inventory.regions.contains(&region));
    let mut seen = BTreeSet::new();
    let mut left = vec![key];
    while let Some(key) = left.pop() {
        if !seen.insert(key) {
            continue;
        }
        let Some(resource) = court.view.get(key) else { continue };
        let own = issuer(resource).into_iter().chain(trusted_issuers(resource));
        if !key.region.is_global() || own.into_iter().any(|issuer| here(region_of_issuer(&issuer))) {
            return true;
        }
        left.extend(users_of(court, key).map(|(_, user)| user));
    }
    false
}

/// What something that stays works with stays too: an address of its gateway, its role, its group,
/// and what is attached to it or associated with it.
pub(super) fn in_use(court: &Court<'_>, findings: &Findings<'_>, key: &Key) -> Option<Ruling> {
    let now = findings.verdict(key)?;
    // Whose a thing is comes before who works with it; what is young or uncertain is in use all the same.
    match now {
        Verdict::Protected | Verdict::Active | Verdict::Foreign => return None,
        Verdict::TooYoung | Verdict::Uncertain | Verdict::Orphan => {}
    }
    if let Some((role, user)) = court.users.beyond.get(key).and_then(|users| users.first()) {
        let why = format!(
            "{} of {} {} and is in no region that was asked for",
            label(user),
            user.region,
            verb(role)
        );
        return Some(Ruling::new(Verdict::Active, Gate::User { user: (*user).clone() }, why));
    }
    let staying = users_of(court, key).filter_map(|(role, user)| {
        let then = active_or_uncertain(findings.verdict(user)?)?;
        (then < now).then_some((then, user, role))
    });
    let (then, user, role) = staying.min()?;
    let of = findings.verdict(user)?;
    let why = format!("{} {} and is {}{}", label(user), verb(role), standing(of), cause(findings, user, of));
    Some(Ruling::new(then, Gate::User { user: user.clone() }, why))
}

/// Whatever of the regions asked for works with a thing, and in which role.
fn users_of<'a>(court: &'a Court<'_>, key: &'a Key) -> impl Iterator<Item = (&'a str, &'a Key)> {
    let near = court.view.referrers.get(key).into_iter().flatten();
    let near = near
        .filter(|(role, user)| CATALOG.works_with(&user.kind, role) || is_held_by_witness(role, user, key));
    let near = near.map(|(role, user)| (*role, *user));
    let own = court.view.get(key).into_iter().flat_map(|resource| &resource.links);
    let own =
        own.filter(|link| [how::ATTACHED, how::ASSOCIATED, how::FOR_PODS_OF].contains(&link.how.as_ref()));
    near.chain(own.map(|link| (link.how.as_ref(), &link.to))).filter(move |(_, user)| *user != key)
}

/// Whether AWS refuses to delete this while that one stands, which no plan deletes: then nothing that goes with
/// this may go from under it either (the node groups of a cluster that a Fargate profile holds).
fn is_held_by_witness(role: &str, by: &Key, key: &Key) -> bool {
    let witness = CATALOG.get(&by.kind).filter(|spec| spec.class == Class::Witness);
    witness.and_then(|spec| spec.rule(role, &key.kind)).is_some_and(|rule| rule.holds != Holds::Nothing)
}

/// How the user works with it, in words.
fn verb(role: &str) -> &'static str {
    match role {
        how::ATTACHES => "has it attached",
        how::CONTAINS => "contains it",
        how::ROUTES_THROUGH | how::ROUTES_OVER => "routes through it",
        how::BOUNDED_BY => "is bounded by it",
        how::TRUSTS => "names it in its trust policy",
        how::WOULD_USE => "would launch with it",
        how::BEHIND => "stands behind it",
        how::MADE_FOR => "lets its pods in by it",
        how::FOR_PODS_OF => "may have pods that work as it",
        how::MADE_FOR_NODES => "may have it for its nodes",
        how::ASSOCIATED => "is associated with it",
        how::OF_CLUSTER => "is a part of it",
        how::LOGS_TO => "writes its log there",
        how::IMPORTS => "imports what it exports",
        _ => "uses it",
    }
}
