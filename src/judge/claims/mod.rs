//! Whose a selected thing is, and by what: the stack's, somebody else's, or nobody knows.
//!
//! The selection hands over what its terms match and what belongs to that; the gates take from here whether
//! each of these is the stack's. The same holds whichever way a thing was reached. What carries the stack's
//! own tags is the stack's, unless a claim stands against it. What does not carry them is the stack's only if
//! AWS records its maker, or it is plumbing in what is the stack's and nobody put a tag of his own on it.

mod condemned;
mod ground;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod own_ground_tests;
mod tags;
#[cfg(test)]
mod tests;

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::inventory::marks::{self, ClusterMark, Hold};
use crate::kinds::{self, CATALOG, is};
use crate::model::words::{fact, how};
use crate::model::{Claimant, Class, Gate, Key, Position, Region, Resource, Serves, Verdict};
use crate::policy::{Naming, Selector};

use super::gates::Ruling;
use super::record;
use super::selection::{Reach, Selection};
use super::stack;
use super::view::{View, label};
use condemned::{Condemned, Named, is_ground};
pub(super) use tags::SCALING_GROUP;

/// Whose one thing is.
#[derive(Debug, Clone)]
pub(super) enum Standing {
    /// The stack's, with the claim in a sentence.
    Own(String),
    /// Somebody else's, or nobody's as far as one can tell.
    Not(Box<Ruling>),
}

/// Whose each selected thing is.
pub(super) type Claims = BTreeMap<Key, Standing>;

/// Hears every claim upon what is selected. `gone` was condemned before, and removed.
pub(super) fn hear(
    view: &View<'_>,
    selector: &Selector,
    selection: &Selection,
    gone: &BTreeSet<Key>,
) -> Claims {
    let mut register = Register {
        view,
        selector,
        selection,
        condemned: Condemned::default(),
        known: Claims::new(),
        path: BTreeSet::new(),
        own_roles: OnceCell::new(),
    };
    let clusters = selection.keys().filter(|key| is(&key.kind, Position::Cluster));
    let clusters: BTreeSet<Key> = clusters.filter(|key| register.is_own(key)).cloned().collect();
    let members = selection.keys().filter_map(|key| Some((key, register.own_stack(key)?))).collect();
    let named = selector.named_clusters().collect();
    let recorded = register.clusters_of_records();
    // Whose a cluster's mark is hangs on whose the clusters are, so these come first.
    register.condemned =
        Condemned::of(view, &clusters, &members, Named { named: &named, recorded: &recorded });
    register.condemned.stay(view, gone);
    register.known.clear();
    for key in selection.keys() {
        register.standing(key);
    }
    register.known
}

/// The claims under way.
struct Register<'a> {
    view: &'a View<'a>,
    selector: &'a Selector,
    selection: &'a Selection,
    condemned: Condemned,
    known: Claims,
    /// What is being asked for: a circle of links says nothing.
    path: BTreeSet<Key>,
    /// The names of the stack's own roles, once they are asked for.
    own_roles: OnceCell<BTreeSet<&'a str>>,
}

/// One thing that is asked about.
#[derive(Clone, Copy)]
struct Subject<'a> {
    key: &'a Key,
    resource: &'a Resource,
    reach: &'a Reach,
    class: Class,
}

fn not(verdict: Verdict, gate: Gate, why: String) -> Standing {
    Standing::Not(Box::new(Ruling::new(verdict, gate, why)))
}

impl Register<'_> {
    fn is_own(&mut self, key: &Key) -> bool {
        matches!(self.standing(key), Some(Standing::Own(_)))
    }

    /// Whose a thing is; nothing is said of what is not selected.
    fn standing(&mut self, key: &Key) -> Option<Standing> {
        if let Some(known) = self.known.get(key) {
            return Some(known.clone());
        }
        let (view, selection) = (self.view, self.selection);
        let (resource, reach) = (view.get(key)?, selection.get(key)?);
        if !self.path.insert(key.clone()) {
            return None;
        }
        let class = CATALOG.get(&key.kind).map_or(Class::Workload, |spec| spec.class);
        let subject = Subject { key, resource, reach, class };
        let standing = self
            .by_maker(subject)
            .or_else(|| named(subject))
            .or_else(|| self.against(subject))
            .or_else(|| self.by_stack_tags(subject))
            .or_else(|| self.by_record(subject))
            .or_else(|| self.by_mark(subject))
            .or_else(|| self.without_a_claim_against(subject));
        let standing = standing.unwrap_or_else(|| self.nobodys(subject));
        self.path.remove(key);
        self.known.insert(key.clone(), standing.clone());
        Some(standing)
    }

    /// What AWS records as made by something, or as a part of a cluster, has no say of its own: its verdict
    /// is its maker's (`settle::follow_carrier`, `settle::follow_owner`).
    fn by_maker(&self, it: Subject<'_>) -> Option<Standing> {
        if stack::is_carried(self.view, self.selector.owner_keys(), it.key) {
            let maker = self.view.at(it.key).carriers.iter().next()?;
            return Some(Standing::Own(format!("made by {}, and goes with it", label(maker))));
        }
        let part = it.resource.links_as(how::OF_CLUSTER).find(|link| self.view.get(&link.to).is_some())?;
        Some(Standing::Own(format!("part of {}", label(&part.to))))
    }

    /// The clusters, also those that are gone, that stacks of the selection's own made which failed or are abandoned.
    fn clusters_of_records(&mut self) -> BTreeMap<Region, BTreeSet<String>> {
        let stacks = self.selection.keys().filter(|key| is(&key.kind, Position::Stack));
        let mut names: BTreeMap<Region, BTreeSet<String>> = BTreeMap::new();
        for key in stacks {
            let Some(it) = self.view.get(key) else { continue };
            let called = || record::called(key);
            let stack = stack::named_by_tags(it, self.selector.stack_key()).unwrap_or_else(called);
            let condemned = it.facts.contains_key(fact::FAILED) || self.selector.abandons(&stack);
            if condemned && self.is_own(key) {
                names.entry(key.region.clone()).or_default().extend(record::clusters(it).map(str::to_owned));
            }
        }
        names
    }

    /// A claim that stands even against the stack's own tags: a cluster's, an Auto Scaling group's, a service's.
    fn against(&self, it: Subject<'_>) -> Option<Standing> {
        let marks = marks::claims(it.resource);
        let mut strange = marks.iter().filter(|claim| !self.is_condemned(it.key, claim));
        if let Some(claim) = strange.next() {
            return Some(self.marked_by(it, claim));
        }
        for (key, value) in &it.resource.tags {
            if key == tags::SCALING_GROUP {
                let claimant = Claimant::ScalingGroup { name: value.clone() };
                let why = format!(
                    "tag {key}={value}: that Auto Scaling group may be another's, and would make it anew"
                );
                return Some(not(Verdict::Uncertain, Gate::Claimed { claimant }, why));
            }
            if marks::claim(key, value).is_none() && tags::is_of_a_service(key) {
                let claimant = Claimant::Service { key: key.clone() };
                let why = format!("tag {key}={value} says that a service made it or keeps it");
                return Some(not(Verdict::Foreign, Gate::Claimed { claimant }, why));
            }
        }
        None
    }

    /// A cluster carries its own name, and a mark of a condemned one does not stand.
    fn is_condemned(&self, key: &Key, claim: &ClusterMark) -> bool {
        let itself = is(&key.kind, Position::Cluster) && key.id == claim.cluster;
        let made_it = || {
            let own = self.view.get(key).into_iter().flat_map(record::clusters);
            own.into_iter().any(|name| name == claim.cluster)
        };
        itself || made_it() || self.condemned.has(self.view, &claim.cluster, key)
    }

    fn marked_by(&self, it: Subject<'_>, claim: &ClusterMark) -> Standing {
        let mark = &claim.mark;
        if let Some(unread) = self.unread(it.key, claim) {
            return unread;
        }
        let cluster = claim.cluster.clone();
        let listed = self.view.clusters_named(&cluster, it.key).next();
        if is_ground(it.key) || claim.hold == Hold::Shared {
            let why = match listed {
                Some(listed) => format!("{mark}: {} lives and may use it", label(listed)),
                None => {
                    format!("{mark}: that cluster, of EKS or not, may use it and is not known to be gone")
                }
            };
            return not(Verdict::Uncertain, Gate::SharedGround { cluster }, why);
        }
        let why = match listed {
            Some(listed) => format!("{mark}: it is {}'s", label(listed)),
            None => format!("{mark} says whose it is: a cluster that EKS does not list is not thereby gone"),
        };
        not(Verdict::Foreign, Gate::Claimed { claimant: Claimant::Cluster { name: cluster } }, why)
    }

    /// Whether a cluster is gone, and who else bears its name, shows only where both could be read.
    fn unread(&self, key: &Key, claim: &ClusterMark) -> Option<Standing> {
        if self.view.clusters_named(&claim.cluster, key).next().is_some() {
            return None;
        }
        let inventory = self.view.inventory;
        let here = BTreeSet::from([key.region.clone()]);
        let places = if key.region.is_global() { &inventory.regions } else { &here };
        let kinds = [Position::Cluster, Position::Machine].map(kinds::that_is);
        let asked = kinds.iter().flat_map(|kind| places.iter().map(move |region| (kind, region)));
        let (kind, region) = asked.into_iter().find(|(kind, region)| !inventory.saw(kind, region))?;
        let why = format!(
            "{}, and whether that cluster is gone cannot be told: {kind} of {region} could not be listed",
            claim.mark
        );
        let gate = Gate::OwnerUnseen { kind: kind.clone(), region: region.clone() };
        Some(not(Verdict::Uncertain, gate, why))
    }

    /// The stack whose whole key it carries, if that is the stack that was selected.
    fn own_stack(&self, key: &Key) -> Option<String> {
        let (resource, reach) = (self.view.get(key)?, self.selection.get(key)?);
        let stack_key = self.selector.stack_key();
        let own = stack::named_by_tags(resource, stack_key)?;
        let root = self.view.get(&reach.root)?;
        let same = stack_key.iter().all(|key| root.tags.get(key) == resource.tags.get(key));
        same.then_some(own)
    }

    fn by_stack_tags(&self, it: Subject<'_>) -> Option<Standing> {
        self.own_stack(it.key)?;
        let shown = stack::tags_shown(it.resource, self.selector.stack_key());
        Some(Standing::Own(format!("stack tags {shown}")))
    }

    /// What AWS's own tags say a CloudFormation stack made: one that is the selection's, or one that is gone and that
    /// the selection names, so that nobody else can mean it.
    fn by_record(&mut self, it: Subject<'_>) -> Option<Standing> {
        let by_name = it.reach.via.is_none() && it.reach.named.contains(&Naming::Stack);
        let named = by_name || it.reach.asked.iter().any(|key| key.starts_with(tags::OF_STACKS));
        let stack = it.resource.links_as(how::TAGGED_BY).next()?.to.clone();
        let gone = self.view.get(&stack).is_none() && self.view.inventory.gone.contains(&stack);
        let standing = match gone {
            true => named.then_some("which is gone"),
            false => self.is_own(&stack).then_some("which is selected"),
        };
        Some(Standing::Own(format!("AWS's tags say that {} made it, {}", label(&stack), standing?)))
    }

    /// What a condemned cluster, or a controller in it, made. Ground is never a cluster's.
    fn by_mark(&mut self, it: Subject<'_>) -> Option<Standing> {
        let claims = marks::claims(it.resource);
        let claim = claims.iter().find(|claim| claim.hold == Hold::Owned && claim.by_controller);
        let claim = claim.or_else(|| claims.iter().find(|claim| claim.hold == Hold::Owned))?;
        // eksctl writes the cluster's name onto its stacks, which stand nowhere.
        let is_record = is(&it.key.kind, Position::Stack);
        if is_ground(it.key)
            || is(&it.key.kind, Position::Cluster)
            || !(is_record || self.is_its_place(it, claim))
        {
            return None;
        }
        // Only a controller writes these; what a user may have written counts where nothing speaks against it.
        let sure = claim.by_controller || self.other_tag(it).is_none();
        sure.then(|| Standing::Own(format!("{}, a cluster of the stack's own", claim.mark)))
    }

    /// Whether a thing marked with a condemned cluster lies where that cluster's things lie: in the stack's
    /// own network or in the cluster's.
    fn is_its_place(&mut self, it: Subject<'_>, claim: &ClusterMark) -> bool {
        let networks = self.networks(it.key);
        if networks.is_empty() {
            if self.condemned.is_twofold(&claim.cluster, it.key) {
                return false;
            }
            let of_nodes = tags::are_of_nodes(&it.resource.tags);
            return match it.class {
                Class::Data => true,
                Class::Tool => of_nodes && claim.by_controller,
                Class::Plumbing | Class::Workload | Class::Witness => false,
            };
        }
        let clusters: Vec<&Key> = self.view.clusters_named(&claim.cluster, it.key).collect();
        networks.iter().all(|network| {
            let works_there = clusters.iter().any(|cluster| self.view.at(cluster).inside.contains(network));
            works_there || self.is_home(network)
        })
    }

    /// Whether a network is the stack's alone, so that what lies there without a word is the stack's as well.
    fn is_home(&mut self, network: &Key) -> bool {
        !self.view.is_common_ground(network) && self.is_own(network)
    }

    fn networks(&self, key: &Key) -> Vec<Key> {
        let inside = self.view.at(key).inside.iter();
        inside.filter(|around| is(&around.kind, Position::Network)).cloned().collect()
    }

    /// What carries no stack tags: the named root, what serves or was made for something of the stack's,
    /// plumbing in it. Any tag that is not neutral makes it somebody's.
    fn without_a_claim_against(&mut self, it: Subject<'_>) -> Option<Standing> {
        if let Some(other) = self.other_tag(it) {
            return Some(other);
        }
        if let Some(root) = self.named_root(it) {
            return Some(root);
        }
        if let Some(wholly) = self.by_ground(it) {
            return Some(wholly);
        }
        let made_for = it.resource.links_as(how::MADE_FOR).map(|link| &link.to);
        let made_for: Vec<&Key> = made_for.filter(|to| self.view.get(to).is_some()).collect();
        if let Some(cluster) = made_for.first()
            && made_for.iter().all(|cluster| self.is_own(cluster))
        {
            return Some(Standing::Own(format!("made for {}", label(cluster))));
        }
        let contained: Vec<&Key> = it.resource.links_as(how::CONTAINS).map(|link| &link.to).collect();
        if let Some(role) = contained.first()
            && contained.iter().all(|role| self.is_own(role))
        {
            return Some(Standing::Own(format!("contains only {}, with no tag of its own", label(role))));
        }
        self.as_plumbing(it)
    }

    /// A network or cluster that the selection names, letter by letter, as what it means.
    fn named_root(&self, it: Subject<'_>) -> Option<Standing> {
        let by = |naming| it.reach.via.is_none() && it.reach.named.contains(&naming);
        let named = match CATALOG.position(&it.key.kind) {
            Position::Network => by(Naming::Vpc) || by(Naming::Name),
            Position::Cluster => {
                by(Naming::Name) || self.selector.named_clusters().any(|named| named == it.key.id)
            }
            Position::Subnet
            | Position::WayOut
            | Position::NodeGroup
            | Position::Machine
            | Position::Role
            | Position::Stack
            | Position::Nothing => false,
        };
        named.then(|| Standing::Own(format!("--select names {}", label(it.key))))
    }

    fn as_plumbing(&mut self, it: Subject<'_>) -> Option<Standing> {
        if it.class != Class::Plumbing {
            return None;
        }
        let networks = self.networks(it.key);
        let tags = match it.resource.tags.is_empty() {
            true => "no tag of its own".to_owned(),
            false => {
                let keys: Vec<&str> = it.resource.tags.keys().map(String::as_str).collect();
                format!("no tag that claims it ({})", keys.join(", "))
            }
        };
        if let Some(network) = networks.first()
            && networks.iter().all(|network| self.is_home(network))
        {
            return Some(Standing::Own(format!("plumbing within {} with {tags}", label(network))));
        }
        let served = self.served(it).into_iter().find(|to| self.is_own(to))?;
        Some(Standing::Own(format!("plumbing that serves {} with {tags}", label(&served))))
    }

    /// What a thing that works for one thing at a time works for.
    fn served(&self, it: Subject<'_>) -> Vec<Key> {
        if CATALOG.get(&it.key.kind).is_none_or(|spec| spec.serves != Serves::One) {
            return Vec::new();
        }
        let own = [how::ATTACHED, how::ASSOCIATED].into_iter().flat_map(|role| it.resource.links_as(role));
        let users = self.view.referrers.get(it.key).into_iter().flatten();
        let users = users.filter(|(role, _)| *role == how::USES).map(|(_, user)| (*user).clone());
        own.map(|link| link.to.clone()).chain(users).collect()
    }

    /// The first tag that is somebody's claim, as a verdict.
    fn other_tag(&mut self, it: Subject<'_>) -> Option<Standing> {
        let at_home = self.networks(it.key).iter().any(|network| self.is_home(network));
        let root = self.root(it);
        let other =
            |(key, value): &(&String, &String)| !self.is_neutral(it, Tag { key, value, root, at_home });
        let (key, value) = it.resource.tags.iter().find(other)?;
        let claimant = Claimant::Tagger { key: key.clone(), value: value.clone() };
        let why = format!("tag {key}={value} is no tag of the stack: somebody claims it");
        Some(not(Verdict::Foreign, Gate::Claimed { claimant }, why))
    }

    /// The thing whose pairs say nothing when they stand on another as well.
    fn root(&self, it: Subject<'_>) -> Option<&Resource> {
        if it.reach.via.is_some() {
            return self.view.get(&it.reach.root);
        }
        let networks = self.networks(it.key);
        networks.iter().find(|network| self.selection.contains_key(*network)).and_then(|it| self.view.get(it))
    }

    fn is_neutral(&self, it: Subject<'_>, tag: Tag<'_>) -> bool {
        let Tag { key, value, root, at_home } = tag;
        let of_root = root.is_some_and(|root| root.tags.get(key).is_some_and(|its| its == value));
        let marks = || marks::claims(it.resource);
        let plumbing = it.class == Class::Plumbing;
        let asked = it.reach.asked.contains(key);
        // Its marks were heard before: what is left of them names condemned clusters.
        let heard = marks::claim(key, value).is_some()
            || tags::is_provenance(key)
            || key.starts_with(tags::OF_STACKS);
        let of_controllers =
            tags::is_of_controllers(key) && (!marks().is_empty() || (at_home && is_interface(it.key)));
        let of_layout = plumbing
            && (tags::is_layout(key, value)
                || (key == tags::DISCOVERY && self.condemned.has(self.view, value, it.key)));
        key == "Name"
            || (is(&it.key.kind, Position::Stack) && tags::is_of_eksctl(key))
            || key.starts_with("aws-janitor:")
            || of_root
            || (self.selector.is_neutral(key) && self.is_the_stacks_principal(value))
            || asked
            || heard
            || of_controllers
            || of_layout
            || tags::is_automatic(key)
            || (key == tags::CREATOR && tags::is_principal(value) && self.is_the_stacks_principal(value))
            || (plumbing
                && key == tags::GUARD_DUTY
                && value == "true"
                && is_guard_dutys(it.resource, &self.networks(it.key)))
    }

    /// Whether a value names nobody who acts in AWS, or a role of the stack's own, or a service that acts for
    /// whoever asked it.
    fn is_the_stacks_principal(&self, value: &str) -> bool {
        // Names of roles hold no slash.
        let assumed = value.split(":assumed-role/").skip(1).filter_map(|rest| rest.split_once('/'));
        let itself = value.rsplit_once('/').filter(|_| value.contains(":role/")).map(|(_, name)| name);
        let mut names = assumed.map(|(name, _)| name).chain(itself);
        !tags::is_principal(value)
            || value.contains("/AWSServiceRoleFor")
            || names.any(|name| self.own_roles().contains(name))
    }

    /// The names of the roles that carry the whole key of the stack.
    fn own_roles(&self) -> &BTreeSet<&str> {
        self.own_roles.get_or_init(|| {
            let roles = self.selection.keys().filter(|key| is(&key.kind, Position::Role));
            roles.filter(|key| self.own_stack(key).is_some()).map(|key| key.id.as_str()).collect()
        })
    }

    /// Nobody claims it and nothing says that it is the stack's.
    fn nobodys(&self, it: Subject<'_>) -> Standing {
        let kind = &it.key.kind;
        let stack_key = self.selector.stack_key();
        let asked: Vec<&str> = it.reach.asked.iter().map(String::as_str).collect();
        let keyless = stack::named_by_tags(it.resource, stack_key).is_none();
        let why = if keyless && !asked.is_empty() {
            let (key, asked) = (stack_key.join(", "), asked.join(","));
            format!(
                "its tags do not name a stack by {key}; if others name it, say so with --stack-key {asked}"
            )
        } else if it.class == Class::Plumbing {
            "nothing says whose it is: it lies in nothing that is the stack's".to_owned()
        } else {
            format!(
                "nothing says whose it is: something of the kind {kind} needs a claim of its own, and it has none"
            )
        };
        not(Verdict::Uncertain, Gate::Unclaimed, why)
    }
}

/// One tag of a thing, with what may make it neutral.
#[derive(Clone, Copy)]
struct Tag<'a> {
    key: &'a str,
    value: &'a str,
    root: Option<&'a Resource>,
    /// Whether the thing lies in a network of the stack's own.
    at_home: bool,
}

/// Who names a thing by its whole id means that thing, whatever its tags say.
fn named(it: Subject<'_>) -> Option<Standing> {
    let by = |naming| it.reach.via.is_none() && it.reach.named.contains(&naming);
    // A stack's tags are its deployer's own: nobody else's claim stands on the record itself.
    if is(&it.key.kind, Position::Stack) && (by(Naming::Stack) || by(Naming::Name)) {
        return Some(Standing::Own(format!("--select names {}", label(it.key))));
    }
    by(Naming::Id).then(|| Standing::Own(format!("--select names it by its id {}", it.key.id)))
}

/// Whether a thing is an interface: it works for one thing and lies in a network.
fn is_interface(key: &Key) -> bool {
    CATALOG
        .get(&key.kind)
        .is_some_and(|spec| spec.serves == Serves::One && CATALOG.may_lie_in_a_network(spec))
}

/// GuardDuty's own pair: its endpoint by the service, its group by the name.
fn is_guard_dutys(resource: &Resource, networks: &[Key]) -> bool {
    let service = resource.facts.get(fact::DESCRIPTION).is_some_and(|service| {
        service.starts_with("com.amazonaws.")
            && (service.ends_with(".guardduty-data") || service.ends_with(".guardduty-data-fips"))
    });
    let named = resource.name.as_deref().and_then(|name| name.strip_prefix("GuardDutyManagedSecurityGroup-"));
    service || named.is_some_and(|vpc| networks.iter().any(|network| network.id == vpc))
}
