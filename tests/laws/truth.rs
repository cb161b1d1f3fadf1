//! Whether a reason for keeping is true of the world, and whether every chain of reasons ends at a cause.

use std::collections::BTreeSet;

use aws_janitor::inventory::Inventory;
use aws_janitor::model::{
    Class, Holds, Key, KindName, Life, Link, LinkRule, Near, Region, Scope, Touches, Verdict,
};
use aws_janitor::plan::{Fate, Keep, Plan};

use crate::rng::Rng;
use crate::world::{Cloud, Goes};
use crate::worlds::World;

/// Links by which a thing works with the far end, whether or not AWS would mind.
const USER_ROLES: [&str; 12] = [
    "uses",
    "attaches",
    "contains",
    "routes-through",
    "routes-over",
    "bounded-by",
    "trusts",
    "would-use",
    "behind",
    "logs-to",
    "owns",
    "imports",
];

/// Links by which a thing works for the far end, and stays with it.
pub(crate) const SERVING_ROLES: [&str; 2] = ["made-for", "for-pods-of"];

/// Whether a thing of this kind works with what such a link leads to. An address is of use only where it answers.
pub(crate) fn works_with(near: &str, how: &str) -> bool {
    USER_ROLES.contains(&how) || (near == "elastic-ip" && how == "associated")
}

struct Truth<'t> {
    world: &'t World,
    inventory: &'t Inventory,
    plan: &'t Plan,
}

pub(crate) fn check(world: &World, inventory: &Inventory, plan: &Plan) -> Result<(), String> {
    let truth = Truth { world, inventory, plan };
    for (key, fate) in &plan.fates {
        if let Fate::Kept(keep) = fate {
            if !truth.holds(key, keep) {
                return Err(format!("{key} is said to stay because of {keep:?}, which is not true"));
            }
            truth.ends(key)?;
        }
    }
    Ok(())
}

impl Truth<'_> {
    fn rule(&self, owner: &Key, link: &Link) -> Option<&'static LinkRule> {
        self.world.catalog.get(&owner.kind)?.rule(&link.how, &link.to.kind)
    }

    fn links(&self, owner: &Key, how: &str, to: &Key) -> Vec<&'static LinkRule> {
        let Some(thing) = self.inventory.resources.get(owner) else { return Vec::new() };
        let links = thing.links.iter().filter(|l| l.how == how && l.to == *to);
        links.filter_map(|l| self.rule(owner, l)).collect()
    }

    fn carried(&self, key: &Key, by: Option<&Key>) -> bool {
        let thing = &self.inventory.resources[key];
        thing.links.iter().any(|l| {
            l.to != *key
                && by.is_none_or(|by| l.to == *by)
                && self.inventory.resources.contains_key(&l.to)
                && self.rule(key, l).is_some_and(|r| matches!(r.near, Near::GoesWithTarget(_)))
        })
    }

    fn kept(&self, key: &Key) -> bool {
        matches!(self.plan.fates.get(key), Some(Fate::Kept(_)))
    }

    fn holds(&self, key: &Key, keep: &Keep) -> bool {
        let thing = &self.inventory.resources[key];
        let orphan = self.world.verdicts[key].verdict == Verdict::Orphan;
        match keep {
            Keep::NotOrphan { verdict, .. } => {
                let coming = thing.life == Life::Coming && *verdict == Verdict::Active;
                *verdict != Verdict::Orphan && (coming || self.world.verdicts[key].verdict == *verdict)
            }
            Keep::HoldsData => {
                let data = self.world.catalog.get(&key.kind).unwrap().class == Class::Data;
                orphan && data && !self.world.with_data.contains(&key.kind) && !self.carried(key, None)
            }
            Keep::Witness => {
                let witness = self.world.catalog.get(&key.kind).unwrap().class == Class::Witness;
                orphan && witness && !self.carried(key, None)
            }
            Keep::Guarded { guard } => orphan && thing.guards.contains(guard),
            Keep::HeldBy { by, how } => {
                let works = works_with(by.kind.as_str(), how);
                by != key
                    && self.kept(by)
                    && self.links(by, how, key).iter().any(|r| works || r.holds != Holds::Nothing)
            }
            Keep::TiedTo { to, how } => self.links(key, how, to).iter().any(|r| self.tied(to, r)),
            Keep::GoesWith { carrier } => self.kept(carrier) && self.carried(key, Some(carrier)),
            Keep::WouldTake { key: lost } => self.kept(lost) && self.carried(lost, Some(key)),
            Keep::Unseen { kind, region } => self.unseen(key, kind, region),
            Keep::Cycle { with } => self.circle(key, with),
            Keep::LeftOut { .. } => false,
        }
    }

    fn tied(&self, to: &Key, rule: &LinkRule) -> bool {
        let stays = self.kept(to) || !self.inventory.resources.contains_key(to);
        match rule.near {
            Near::AfterTarget => stays,
            Near::CutFirst => match rule.cut {
                None => true,
                Some(cut) => cut.touches == Touches::BothEnds && stays,
            },
            // What was made for something works for it, and stays with it.
            Near::AfterIfGoes => SERVING_ROLES.contains(&rule.how) && self.kept(to),
            Near::Free | Near::GoesWithTarget(_) => false,
        }
    }

    fn unseen(&self, key: &Key, kind: &KindName, region: &Region) -> bool {
        let Some(spec) = self.world.catalog.get(kind) else { return false };
        let abroad = key.region.is_global() && spec.scope == Scope::Regional;
        let regions = self.inventory.user_regions();
        let place = match spec.scope {
            Scope::Global => region.is_global(),
            // Where nobody knows the regions, no place can be named.
            Scope::Regional if abroad => {
                regions.as_ref().map_or(region.is_global(), |it| it.contains(region))
            }
            Scope::Regional => *region == key.region,
        };
        let unread_user = abroad && (regions.is_none() || !self.inventory.saw_users(kind, region));
        let may_hold = place
            && spec.links.iter().any(|r| {
                // Who works with it keeps it too, by the judge's word if not by AWS's.
                let uses = works_with(spec.name, r.how);
                let matters = uses || r.holds != Holds::Nothing || matches!(r.near, Near::GoesWithTarget(_));
                matters && self.world.catalog.is_about(spec, r, &key.kind)
            });
        let mut far = self.inventory.resources[key].links.iter();
        let may_tie = far.any(|l| {
            let missing = !self.inventory.resources.contains_key(&l.to);
            let Some(rule) = self.rule(key, l) else { return false };
            // Whoever was seen there, another who was not may make it anew.
            let again = rule.near == Near::AfterIfGoes && !self.carried(key, None);
            (missing || again) && l.to.kind == *kind && l.to.region == *region
        });
        let unread = !self.inventory.saw(kind, region);
        (may_hold && if abroad { unread_user } else { unread }) || (may_tie && unread)
    }

    /// Whether these could not even go if nothing else were there: whatever is cut and deleted in any order.
    fn circle(&self, key: &Key, with: &[Key]) -> bool {
        let mut members: BTreeSet<Key> = with.iter().cloned().chain([key.clone()]).collect();
        loop {
            let along: Vec<Key> = self
                .inventory
                .resources
                .keys()
                .filter(|k| !members.contains(*k) && members.iter().any(|m| self.carried(k, Some(m))))
                .cloned()
                .collect();
            if along.is_empty() {
                break;
            }
            members.extend(along);
        }
        let mut alone = self.world.clone();
        alone.things.retain(|k, _| members.contains(k));
        let mut cloud = Cloud::new(&alone, Goes::WithAll).bound();
        let mut rng = Rng::new(0);
        !with.is_empty() && !with.contains(key) && !cloud.could_lose(key, &mut rng)
    }

    fn ends(&self, key: &Key) -> Result<(), String> {
        let mut seen = BTreeSet::from([key.clone()]);
        let mut at = key.clone();
        loop {
            let Some(Fate::Kept(keep)) = self.plan.fates.get(&at) else { return Ok(()) };
            let next = match keep {
                Keep::HeldBy { by: next, .. }
                | Keep::GoesWith { carrier: next }
                | Keep::WouldTake { key: next } => next.clone(),
                // What can never be cut is a cause in itself, whatever stands at the far end.
                Keep::TiedTo { to, how } => {
                    let stuck = |r: &&LinkRule| r.near == Near::CutFirst && r.cut.is_none();
                    if self.links(&at, how, to).iter().any(stuck) {
                        return Ok(());
                    }
                    to.clone()
                }
                Keep::NotOrphan { .. }
                | Keep::HoldsData
                | Keep::Witness
                | Keep::Guarded { .. }
                | Keep::Unseen { .. }
                | Keep::Cycle { .. }
                | Keep::LeftOut { .. } => return Ok(()),
            };
            if !seen.insert(next.clone()) {
                return Err(format!("the reasons of {key} go round in a circle"));
            }
            at = next;
        }
    }
}
