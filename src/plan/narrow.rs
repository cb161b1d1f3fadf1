//! Narrows a saved plan to what a fresh inventory and its verdicts still allow, for `apply FILE`. Nothing new
//! is ever added.
//!
//! What changed is left out with the reason, and the rest is planned again on the fresh inventory, because
//! what is left out may hold what was to go.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::file::PlanFile;
use super::going::Wishes;
use super::planner::plan_with;
use super::{Action, Fate, Plan, Step, StepId};
use crate::graph::Graph;
use crate::inventory::Inventory;
use crate::kinds::CATALOG;
use crate::model::{Catalog, Class, Ids, Key, KindSpec, Life, Link, Resource, Verdicts};

/// A resource that a saved plan meant to remove, that still stands, and that the plan carried out leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LeftOut {
    /// The number of the step that was to remove it, in the saved plan.
    pub step: StepId,
    /// The resource.
    pub resource: Key,
    /// What is different now.
    pub why: String,
}

/// What is left of a saved plan.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a plan that nobody reads deletes nothing"]
pub struct Narrowed {
    /// The plan to carry out: steps of the saved one only, numbered anew, beside awaits of what goes by itself.
    pub plan: Plan,
    /// Steps of the saved plan that are left out, in their order.
    pub left_out: Vec<LeftOut>,
    /// What was to go and is gone already.
    pub gone: Vec<Key>,
}

/// Narrows a saved plan to what a fresh inventory and its verdicts still allow.
pub fn narrow(file: &PlanFile, fresh: &Inventory, verdicts: &Verdicts, catalog: Catalog) -> Narrowed {
    let saved = file.plan();
    let mut outside = Outside::new(&saved, fresh, catalog);
    let plan = loop {
        let wishes = Wishes {
            catalog,
            verdicts,
            with_data: &file.policy.with_data,
            may_revoke: file.policy.revoke_in_kept_groups,
            left_out: &outside.left_out,
            leaving: &outside.leaving,
        };
        let plan = plan_with(fresh, wishes);
        // That nothing is added does not rest on the planner's good behaviour.
        let added: BTreeSet<Key> = added(&saved, &plan);
        if added.is_empty() {
            break plan;
        }
        let why = "what is to be done about it is not in the saved plan";
        outside.left_out.extend(added.into_iter().map(|key| (key, why.to_owned())));
    };
    let left_out = saved.steps.iter().filter_map(|step| left_out(step, &plan, verdicts, fresh)).collect();
    let gone = saved.resources.keys().filter(|key| !fresh.resources.contains_key(*key));
    Narrowed { left_out, gone: gone.cloned().collect(), plan }
}

/// What of a fresh inventory must stay although it may be an orphan, and what is on its way out.
struct Outside {
    left_out: BTreeMap<Key, String>,
    leaving: BTreeSet<Key>,
}

impl Outside {
    fn new(saved: &Plan, fresh: &Inventory, catalog: Catalog) -> Self {
        let graph = Graph::new(fresh, catalog);
        let mut outside = Self { left_out: BTreeMap::new(), leaving: BTreeSet::new() };
        for (n, (key, now)) in fresh.resources.iter().enumerate() {
            let carried = !graph.node(n).carriers.is_empty();
            let along = carried && catalog.get(&key.kind).is_some_and(|spec| spec.class != Class::Data);
            match eligible(saved, fresh, now, carried) {
                // What AWS made meanwhile beside something that goes has no say of its own, and no call is made
                // for it: it follows that.
                Eligible::No(_) if along && !saved.fates.contains_key(key) => {}
                Eligible::AsPlanned => {}
                Eligible::Leaving => {
                    outside.leaving.insert(key.clone());
                }
                Eligible::No(why) => {
                    outside.left_out.insert(key.clone(), why);
                }
            }
        }
        outside
    }
}

enum Eligible {
    AsPlanned,
    Leaving,
    No(String),
}

fn eligible(saved: &Plan, fresh: &Inventory, now: &Resource, carried: bool) -> Eligible {
    let (Some(fate), Some(recorded)) = (saved.fates.get(&now.key), saved.record(&now.key)) else {
        let why = if saved.fates.contains_key(&now.key) {
            "the saved plan keeps it"
        } else {
            "the saved plan does not know it"
        };
        return Eligible::No(why.to_owned());
    };
    if let Some(change) = fingerprint_diff(recorded, now) {
        return Eligible::No(change);
    }
    match fate {
        Fate::Carried(_) if carried || now.life == Life::Leaving => Eligible::AsPlanned,
        // It was to go with what is gone now: AWS is about to remove it, and no step deletes it.
        Fate::Carried(carrier)
            if !fresh.resources.contains_key(carrier) && fresh.saw(&carrier.kind, &carrier.region) =>
        {
            Eligible::Leaving
        }
        Fate::Carried(carrier) => {
            Eligible::No(format!("it was to go with {}, and does not any more", carrier.id))
        }
        Fate::Delete if carried => Eligible::No("it goes with something else now".to_owned()),
        Fate::Delete | Fate::Leaving | Fate::Kept(_) => Eligible::AsPlanned,
    }
}

/// The resources for which a plan has a call that the saved one has not.
fn added(saved: &Plan, plan: &Plan) -> BTreeSet<Key> {
    let deletes: BTreeSet<&Key> =
        saved.steps.iter().filter(|s| s.action == Action::Delete).map(|s| &s.resource).collect();
    let mut cuts: BTreeMap<&Key, Vec<&Link>> = BTreeMap::new();
    for step in &saved.steps {
        if let Action::Cut(link) = &step.action {
            cuts.entry(&step.resource).or_default().push(link);
        }
    }
    let known = |step: &&Step| match &step.action {
        Action::Await => true,
        Action::Delete => deletes.contains(&step.resource),
        Action::Cut(link) => {
            cuts.get(&step.resource).is_some_and(|cuts| cuts.iter().any(|was| covers(was, link)))
        }
    };
    plan.steps.iter().filter(|step| !known(step)).map(|step| step.resource.clone()).collect()
}

fn left_out(step: &Step, plan: &Plan, verdicts: &Verdicts, fresh: &Inventory) -> Option<LeftOut> {
    let now = fresh.resources.get(&step.resource)?;
    let why = match plan.fates.get(&step.resource)? {
        Fate::Kept(_) => super::blocked::why(plan, verdicts, &step.resource),
        Fate::Delete | Fate::Carried(_) | Fate::Leaving => match &step.action {
            Action::Delete if now.life == Life::Leaving => "AWS is removing it already".to_owned(),
            // A cut that is not needed any more is no loss.
            Action::Delete | Action::Await | Action::Cut(_) => return None,
        },
    };
    Some(LeftOut { step: step.id, resource: step.resource.clone(), why })
}

/// Whether AWS gives what both are identified by to no other thing, ever.
fn is_given_once(recorded: &Resource, now: &Resource) -> bool {
    let made_up = |spec: &KindSpec| matches!(spec.ids, Ids::Prefix(_));
    let same = recorded.unique_id.is_some() && recorded.unique_id == now.unique_id;
    same || CATALOG.get(&now.key.kind).is_some_and(made_up)
}

/// What is different between a resource as it was planned and as it is now, if it matters: in one sentence
/// for people. Links that have vanished do not matter, nor does that AWS is removing it already.
pub fn fingerprint_diff(recorded: &Resource, now: &Resource) -> Option<String> {
    if has_another_name(recorded, now) {
        return Some("it is another one of the same name".to_owned());
    }
    match (recorded.created, now.created) {
        (Some(was), Some(is)) if was != is => {
            return Some("it was made at another time than the one that was planned".to_owned());
        }
        // An id that AWS made up, and a unique one beside a name, are given once.
        (None, Some(_)) if !is_given_once(recorded, now) => {
            return Some(
                "nothing told its age when it was planned, and now it may be another one".to_owned(),
            );
        }
        (Some(_), None) => {
            return Some("its age was known when it was planned, and is not any more".to_owned());
        }
        (Some(_), Some(_)) | (None, Some(_) | None) => {}
    }
    if let Some(change) = tag_change(recorded, now) {
        return Some(change);
    }
    if let Some(guard) = now.guards.iter().find(|guard| !recorded.guards.contains(guard)) {
        return Some(format!("it is guarded now: {}", guard.why));
    }
    if recorded.life != now.life && now.life != Life::Leaving {
        return Some("it is not being removed any more".to_owned());
    }
    let new = now.links.iter().find(|link| !recorded.links.iter().any(|was| covers(was, link)));
    new.map(|link| format!("it has a new link: {} {}", link.how, link.to.id))
}

/// Whether this is another one than was recorded, that bears the same key: made anew since.
pub(super) fn is_another(recorded: &Resource, now: &Resource) -> bool {
    has_another_name(recorded, now) || recorded.created != now.created
}

/// Whether it certainly is: both tell an id that is never used again, or when they were made, and not the same. What is
/// being removed may tell less than it did.
pub fn is_surely_another(recorded: &Resource, now: &Resource) -> bool {
    fn differ<T: PartialEq>(was: Option<&T>, is: Option<&T>) -> bool {
        was.zip(is).is_some_and(|(was, is)| was != is)
    }
    differ(recorded.unique_id.as_ref(), now.unique_id.as_ref())
        || differ(recorded.created.as_ref(), now.created.as_ref())
}

fn has_another_name(recorded: &Resource, now: &Resource) -> bool {
    recorded.arn != now.arn || recorded.unique_id != now.unique_id || recorded.owner != now.owner
}

fn tag_change(recorded: &Resource, now: &Resource) -> Option<String> {
    let keys: BTreeSet<&String> = recorded.tags.keys().chain(now.tags.keys()).collect();
    let change = |key: &String| match (recorded.tags.get(key), now.tags.get(key)) {
        (Some(was), Some(is)) if was != is => Some(format!("its tag {key} was {was} and is {is}")),
        (Some(was), None) => Some(format!("its tag {key} was {was} and is gone")),
        (None, Some(is)) => Some(format!("it has a new tag {key}, {is}")),
        (Some(_), Some(_)) | (None, None) => None,
    };
    keys.into_iter().find_map(change)
}

/// Whether a link is the one recorded, or what is left of it.
pub(super) fn covers(recorded: &Link, now: &Link) -> bool {
    recorded.how == now.how
        && recorded.to == now.to
        && now.via.iter().all(|handle| recorded.via.contains(handle))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::Gap;
    use crate::model::{Guard, GuardRule, Region};
    use crate::plan::fixture::{CATALOG, account, key, orphans, saved};

    fn narrowed(change: impl FnOnce(&mut Inventory)) -> Narrowed {
        let mut fresh = account();
        change(&mut fresh);
        narrow(&saved(&account()), &fresh, &orphans(&fresh), CATALOG)
    }

    fn steps(narrowed: &Narrowed) -> Vec<String> {
        let line = |step: &Step| format!("{:?} {}", step.action, step.resource.id);
        narrowed.plan.steps.iter().map(line).collect()
    }

    fn left_out(narrowed: &Narrowed) -> Vec<String> {
        narrowed.left_out.iter().map(|left| format!("{}: {}", left.resource.id, left.why)).collect()
    }

    #[test]
    fn what_did_not_change_is_applied_as_planned() {
        let narrowed = narrowed(|_| {});
        assert_eq!(narrowed.plan.steps, saved(&account()).steps);
        assert!(narrowed.left_out.is_empty() && narrowed.gone.is_empty());
    }

    #[test]
    fn what_changed_is_left_out_with_all_that_it_holds() {
        let narrowed = narrowed(|fresh| {
            let nat = fresh.resources.get_mut(&key("nat-gateway", "nat-1")).unwrap();
            nat.tags.insert("team".into(), "blue".into());
        });
        assert!(narrowed.plan.steps.is_empty());
        let why = "nat-1 stays: it has a new tag team, blue";
        assert_eq!(
            left_out(&narrowed),
            [
                "nat-1: it has a new tag team, blue".to_owned(),
                format!("eni-1: it goes only with nat-1, which stays; {why}"),
                format!("eip-1: nat-1 uses eip-1; {why}"),
                format!("subnet-1: subnet-1 holds nat-1; {why}"),
            ]
        );
    }

    #[test]
    fn a_new_thing_is_never_added_and_holds_what_it_stands_in() {
        let narrowed = narrowed(|fresh| {
            let mut eni = Resource::new(key("network-interface", "eni-2"));
            eni.links.insert(Link::new("within", key("subnet", "subnet-1")));
            fresh.resources.insert(eni.key.clone(), eni);
        });
        assert_eq!(steps(&narrowed), ["Delete nat-1", "Await eni-1", "Delete eip-1"]);
        let why = "subnet-1: subnet-1 holds eni-2; eni-2 stays: the saved plan does not know it";
        assert_eq!(left_out(&narrowed), [why]);
    }

    #[test]
    fn what_lingers_after_its_carrier_went_is_awaited_and_never_deleted() {
        let narrowed = narrowed(|fresh| {
            fresh.resources.remove(&key("nat-gateway", "nat-1"));
        });
        assert_eq!(steps(&narrowed), ["Await eni-1", "Delete eip-1", "Delete subnet-1"]);
        assert_eq!(narrowed.gone, [key("nat-gateway", "nat-1")]);
    }

    #[test]
    fn a_carrier_that_was_not_seen_this_time_is_not_taken_for_gone() {
        let narrowed = narrowed(|fresh| {
            let nat = key("nat-gateway", "nat-1");
            fresh.resources.remove(&nat);
            fresh.gaps.insert(Gap::new(nat.kind, Region::new("us-east-1"), "denied"));
        });
        assert!(narrowed.plan.steps.is_empty(), "{:?}", narrowed.plan.steps);
    }

    #[test]
    fn a_fingerprint_tells_what_is_different() {
        let recorded = Resource::new(key("elastic-ip", "eip-1"));
        let diff = |change: &dyn Fn(&mut Resource)| {
            let mut now = recorded.clone();
            change(&mut now);
            fingerprint_diff(&recorded, &now)
        };
        assert_eq!(diff(&|_| {}), None);
        assert_eq!(diff(&|now| now.life = Life::Leaving), None);
        assert_eq!(diff(&|now| now.state = Some("odd".into())), None);
        assert!(diff(&|now| now.unique_id = Some("2".into())).unwrap().contains("another one"));
        assert!(diff(&|now| now.arn = Some("arn:2".into())).unwrap().contains("another one"));
        let owner = crate::model::AccountId::new("444455556666");
        assert!(diff(&|now| now.owner = Some(owner.clone())).unwrap().contains("another one"));
        // What AWS gave its id is the same thing, whenever its age came to be known; a name may be another's by now.
        let dated = |it: &mut Resource| it.created = "2026-01-01T00:00:00Z".parse().ok();
        assert_eq!(diff(&dated), None);
        for unique in [None, Some("AROA1".to_owned())] {
            let mut role = Resource::new(key("iam-role", "web"));
            role.unique_id.clone_from(&unique);
            let mut now = role.clone();
            dated(&mut now);
            assert_eq!(fingerprint_diff(&role, &now).is_none(), unique.is_some(), "{unique:?}");
            assert!(fingerprint_diff(&now, &role).unwrap().contains("not any more"));
            let mut later = now.clone();
            later.created = "2026-01-02T00:00:00Z".parse().ok();
            assert!(fingerprint_diff(&now, &later).unwrap().contains("another time"));
        }
        let guard = Guard { rule: GuardRule::Protection, why: "protection is on".into() };
        let guarded = diff(&|now| now.guards = [guard.clone()].into());
        assert_eq!(guarded.as_deref(), Some("it is guarded now: protection is on"));
        let link = Link::new("uses", key("subnet", "subnet-1"));
        let linked = diff(&|now| now.links = [link.clone()].into());
        assert_eq!(linked.as_deref(), Some("it has a new link: uses subnet-1"));
    }

    #[test]
    fn a_link_that_lost_a_handle_is_the_same_and_one_that_gained_a_handle_is_not() {
        let with = |handles: &[&str]| {
            let mut resource = Resource::new(key("elastic-ip", "eip-1"));
            let via = handles.iter().map(|h| (*h).to_owned()).collect();
            resource.links.insert(Link::via("names", key("subnet", "subnet-1"), via));
            resource
        };
        assert_eq!(fingerprint_diff(&with(&["r1", "r2"]), &with(&["r1"])), None);
        assert!(fingerprint_diff(&with(&["r1"]), &with(&["r1", "r2"])).is_some());
    }

    #[test]
    fn tags_are_compared_by_key_and_value() {
        let tagged = |tags: &[(&str, &str)]| {
            let mut resource = Resource::new(key("elastic-ip", "eip-1"));
            resource.tags = tags.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
            resource
        };
        let diff = |was: &[(&str, &str)], is: &[(&str, &str)]| fingerprint_diff(&tagged(was), &tagged(is));
        assert_eq!(diff(&[("a", "1")], &[("a", "1")]), None);
        assert_eq!(diff(&[("a", "1")], &[("a", "2")]).as_deref(), Some("its tag a was 1 and is 2"));
        assert_eq!(diff(&[("a", "1")], &[]).as_deref(), Some("its tag a was 1 and is gone"));
    }
}
