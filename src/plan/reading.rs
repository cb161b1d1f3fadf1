//! What is read anew before steps of a run, and how that is put together with what is known: takes the steps
//! that are left and the catalog, and gives the kinds and regions; takes a reading, and gives an inventory.
//!
//! Read is whatever can claim, use or hold what the steps remove. What cannot is taken from the last reading
//! that had it, so that a judge who wants to have seen everything is not blind.

use std::collections::BTreeSet;

use super::narrow::fingerprint_diff;
use super::{Action, Step};
use crate::inventory::{Elsewhere, Gap, Inventory};
use crate::model::words::fact;
use crate::model::{Catalog, KindName, KindSpec, Position, Region, Resource, Scope, ShowsLife};

/// Kinds and regions that are read together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extent {
    /// The regions. Global kinds are read whatever stands here.
    pub regions: BTreeSet<Region>,
    /// The kinds.
    pub kinds: BTreeSet<KindName>,
    /// Whether something global is to go: who works with it is then looked for in every enabled region.
    pub beyond: bool,
}

/// Facts that are learned once, before a plan is made, and that no listing repeats.
pub const LEARNED_ONCE: &[&str] = &[fact::MADE_AT, fact::MADE_BY_CALLER, fact::FIRST_SEEN];

impl Extent {
    /// What is to be read before these steps; `whole` is what the plan was made from.
    pub fn of<'s>(steps: impl Iterator<Item = &'s Step>, whole: &Self, catalog: Catalog) -> Self {
        let calls = steps.filter(|step| step.action != Action::Await);
        let (mut touched, mut regions) = (BTreeSet::new(), BTreeSet::new());
        for step in calls {
            touched.insert(step.resource.kind.clone());
            regions.insert(step.resource.region.clone());
        }
        // Whoever works with a global thing may do so in any region.
        let beyond = whole.beyond && regions.iter().any(Region::is_global);
        if regions.iter().any(Region::is_global) {
            regions.clone_from(&whole.regions);
        }
        regions.retain(|region| whole.regions.contains(region));
        let mut kinds = kinds_around(&touched, catalog);
        kinds.retain(|kind| whole.kinds.contains(kind));
        Self { regions, kinds, beyond }
    }

    /// Whether a listing of this kind in this region belongs to it.
    pub fn has(&self, kind: &KindName, region: &Region) -> bool {
        self.kinds.contains(kind) && (region.is_global() || self.regions.contains(region))
    }

    /// How many listings it takes: one for each kind and region.
    pub fn listings(&self, catalog: Catalog) -> usize {
        let places = |kind| self.places(kind, catalog).len();
        self.kinds.iter().map(places).sum()
    }

    /// Where a kind is read.
    fn places(&self, kind: &KindName, catalog: Catalog) -> Vec<Region> {
        match catalog.get(kind).map(|spec| spec.scope) {
            Some(Scope::Global) => vec![Region::global()],
            Some(Scope::Regional) | None => self.regions.iter().cloned().collect(),
        }
    }
}

/// Every kind that can claim, use or hold things of these kinds, and these.
fn kinds_around(touched: &BTreeSet<KindName>, catalog: Catalog) -> BTreeSet<KindName> {
    let is_ground = |spec: &KindSpec| matches!(spec.position, Position::Network | Position::Subnet);
    let networked = |spec: &KindSpec| is_ground(spec) || catalog.may_lie_in_a_network(spec);
    let in_a_network = touched.iter().filter_map(|kind| catalog.get(kind)).any(networked);
    // Whoever makes clusters and machines writes his name on all that he uses.
    let claims = |spec: &KindSpec| {
        matches!(spec.position, Position::Cluster | Position::NodeGroup | Position::Machine | Position::Stack)
    };
    // A stack may have come to life since.
    let shows_life = |spec: &KindSpec| !matches!(spec.shows_life, ShowsLife::Never);
    let refers = |spec: &KindSpec| {
        touched.iter().any(|to| spec.links.iter().any(|rule| catalog.is_about(spec, rule, to)))
    };
    let referred = |spec: &KindSpec| {
        let kind = spec.kind();
        let own = touched.iter().filter_map(|from| catalog.get(from));
        own.into_iter().any(|own| own.links.iter().any(|rule| catalog.is_about(own, rule, &kind)))
    };
    // Anything can be a member of a stack, and goes with it.
    let is_stack = |kind: &KindName| catalog.position(kind) == Position::Stack;
    let takes_all = touched.iter().any(is_stack);
    let around = catalog.iter().filter(|spec| {
        takes_all
            || (in_a_network && networked(spec))
            || claims(spec)
            || shows_life(spec)
            || refers(spec)
            || referred(spec)
    });
    around.map(KindSpec::kind).chain(touched.iter().cloned()).collect()
}

/// The account as it is known now: what was read anew, and for all else what was known before. A listing that
/// was to be read and is not in the reading is a gap.
pub fn together(known: &Inventory, reading: &Inventory, extent: &Extent, catalog: Catalog) -> Inventory {
    let mut now = known.clone();
    now.caller = reading.caller.clone();
    now.taken = reading.taken;
    now.resources.retain(|key, _| !extent.has(&key.kind, &key.region));
    now.gaps.retain(|gap| !extent.has(&gap.kind, &gap.region));
    now.gone.retain(|key| !extent.has(&key.kind, &key.region));
    now.gone.extend(reading.gone.iter().cloned());
    for (key, row) in reading.resources.iter().filter(|(key, _)| extent.has(&key.kind, &key.region)) {
        let row = match known.resources.get(key) {
            Some(before) => remembering(before, row, LEARNED_ONCE),
            None => row.clone(),
        };
        now.resources.insert(key.clone(), row);
    }
    now.gaps.extend(reading.gaps.iter().filter(|gap| extent.has(&gap.kind, &gap.region)).cloned());
    for kind in &extent.kinds {
        for region in extent.places(kind, catalog) {
            let read =
                reading.kinds.contains(kind) && (region.is_global() || reading.regions.contains(&region));
            if !read {
                now.gaps.insert(Gap::new(kind.clone(), region, "it was not read again"));
            }
        }
    }
    if extent.beyond {
        now.elsewhere = users_together(&known.elsewhere, &reading.elsewhere, extent, catalog);
    }
    now
}

/// The users beyond the regions of the scan, as they are known now. A region that was looked into before and is
/// not in the reading is a gap.
fn users_together(known: &Elsewhere, reading: &Elsewhere, extent: &Extent, catalog: Catalog) -> Elsewhere {
    let mut now = known.clone();
    now.enabled.clone_from(&reading.enabled);
    now.regions.extend(reading.regions.iter().cloned());
    let may_use = |kind: &&KindName| catalog.get(kind).is_some_and(|spec| catalog.may_use_global(spec));
    let read: BTreeSet<&KindName> = extent.kinds.iter().filter(may_use).collect();
    now.resources.retain(|key, _| !read.contains(&key.kind));
    now.gaps.retain(|gap| !read.contains(&gap.kind));
    let rows = reading.resources.iter().filter(|(key, _)| read.contains(&key.kind));
    now.resources.extend(rows.map(|(key, row)| (key.clone(), row.clone())));
    now.gaps.extend(reading.gaps.iter().filter(|gap| read.contains(&gap.kind)).cloned());
    for region in now.regions.difference(&reading.regions) {
        let gap = |kind: &&KindName| Gap::new((*kind).clone(), region.clone(), "it was not read again");
        now.gaps.extend(read.iter().map(gap));
    }
    now
}

/// A row with the facts of these names that it had before, if it is still the same in all that counts.
fn remembering(before: &Resource, now: &Resource, names: &[&str]) -> Resource {
    let mut row = now.clone();
    if fingerprint_diff(before, now).is_none() {
        for name in names {
            if let Some(value) = before.facts.get(*name).filter(|_| !row.facts.contains_key(*name)) {
                row.facts.insert((*name).to_owned(), value.clone());
            }
        }
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::words::how;
    use crate::model::{Key, Link};
    use crate::plan::StepId;
    use crate::plan::fixture::{CATALOG, account, key};

    fn whole() -> Extent {
        let regions = ["us-east-1", "eu-west-1"].map(Region::new).into();
        Extent { regions, kinds: CATALOG.iter().map(KindSpec::kind).collect(), beyond: true }
    }

    fn step(kind: &KindSpec) -> Step {
        let region = match kind.scope {
            Scope::Global => Region::global(),
            Scope::Regional => Region::new("us-east-1"),
        };
        let resource = Key::new(kind.kind(), region, "it");
        Step {
            id: StepId(1),
            action: Action::Delete,
            resource,
            api: None,
            after: vec![],
            expected_seconds: 1,
        }
    }

    fn extent(kinds: &[&str]) -> Extent {
        let steps: Vec<Step> = kinds.iter().map(|kind| step(CATALOG.named(kind).unwrap())).collect();
        Extent::of(steps.iter(), &whole(), CATALOG)
    }

    #[test]
    fn whatever_can_refer_to_a_thing_or_lie_beside_it_is_read_before_it_goes() {
        for spec in CATALOG.iter() {
            let extent = extent(&[spec.name]);
            assert!(extent.kinds.contains(&spec.kind()), "{} itself", spec.name);
            for (declarer, _) in CATALOG.rules_to(&spec.kind()) {
                assert!(extent.kinds.contains(&declarer.kind()), "{} before a {}", declarer.name, spec.name);
            }
            for other in CATALOG.iter().filter(|other| CATALOG.may_lie_in_a_network(other)) {
                let beside = !CATALOG.may_lie_in_a_network(spec) || extent.kinds.contains(&other.kind());
                assert!(beside, "{} before a {}", other.name, spec.name);
            }
            let makers = [Position::Cluster, Position::NodeGroup, Position::Machine];
            for maker in makers.map(|part| CATALOG.that_is(part).unwrap()) {
                assert!(extent.kinds.contains(&maker.kind()), "{} before a {}", maker.name, spec.name);
            }
        }
    }

    #[test]
    fn what_can_have_no_say_is_not_read_and_global_things_are_asked_for_everywhere() {
        let roles = extent(&["iam-role"]);
        assert_eq!(roles.regions, whole().regions);
        assert!(!roles.has(&KindName::of("nat-gateway"), &Region::new("us-east-1")), "{roles:?}");
        assert!(roles.listings(CATALOG) < whole().listings(CATALOG) / 2, "{roles:?}");
        assert!(roles.beyond);
        let network = extent(&["vpc"]);
        assert!(!network.beyond);
        // Profiles are read before instances go, and stay.
        let machines = extent(&["instance"]);
        assert!(machines.kinds.contains(&KindName::of("iam-instance-profile")) && !machines.beyond);
        assert_eq!(network.regions, BTreeSet::from([Region::new("us-east-1")]));
        assert!(!network.has(&KindName::of("log-group"), &Region::new("us-east-1")));
        assert!(!network.has(&KindName::of("vpc"), &Region::new("eu-west-1")));
    }

    #[test]
    fn nothing_is_read_that_the_plan_was_not_made_from() {
        let narrow = Extent { kinds: BTreeSet::from([KindName::of("vpc")]), ..whole() };
        let steps = [step(CATALOG.named("subnet").unwrap())];
        assert_eq!(Extent::of(steps.iter(), &narrow, CATALOG).kinds, narrow.kinds);
    }

    #[test]
    fn what_was_read_anew_replaces_what_was_known_and_all_else_stays() {
        let known = account();
        let only = |kinds: &[&str]| Extent {
            regions: BTreeSet::from([Region::new("us-east-1")]),
            kinds: kinds.iter().map(|kind| KindName::new(*kind)).collect(),
            beyond: false,
        };
        let mut reading = account();
        reading.kinds = only(&["elastic-ip"]).kinds;
        reading.resources.clear();
        let now = together(&known, &reading, &only(&["elastic-ip"]), CATALOG);
        assert!(!now.resources.contains_key(&key("elastic-ip", "eip-1")));
        assert_eq!(now.resources.len(), known.resources.len() - 1);
        assert!(now.saw(&KindName::of("elastic-ip"), &Region::new("us-east-1")));
        // What was to be read and was not is unseen, whatever was known of it.
        let now = together(&known, &reading, &only(&["elastic-ip", "subnet"]), CATALOG);
        assert!(!now.saw(&KindName::of("subnet"), &Region::new("us-east-1")));
        assert!(!now.resources.contains_key(&key("subnet", "subnet-1")));
    }

    #[test]
    fn what_was_learned_once_is_remembered_of_the_same_thing_and_not_of_another() {
        let mut before = Resource::new(key("subnet", "subnet-1"));
        before.facts.insert("made-at".into(), "then".into());
        let now = Resource::new(key("subnet", "subnet-1"));
        let told = |now: &Resource| remembering(&before, now, &["made-at"]).facts.get("made-at").cloned();
        assert_eq!(told(&now).as_deref(), Some("then"));
        let mut read = now.clone();
        read.facts.insert("made-at".into(), "now".into());
        assert_eq!(told(&read).as_deref(), Some("now"));
        let mut tagged = now.clone();
        tagged.tags.insert("team".into(), "blue".into());
        assert_eq!(told(&tagged), None);
        let mut other = now;
        other.links.insert(Link::new(how::WITHIN, key("vpc", "vpc-1")));
        assert_eq!(told(&other), None);
    }
}
