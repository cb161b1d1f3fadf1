//! What stands behind a thing that stays: takes a plan with its verdicts, and gives the other things because of which
//! it stays, one by one, down to the one that nobody asked to go or that stays for its own sake.

use std::collections::BTreeSet;

use super::{Fate, Keep, Plan};
use crate::inventory::Inventory;
use crate::kinds::{CATALOG, is};
use crate::model::{Behind, Claimant, Gate, Key, Position, Verdicts};

/// From what it is found.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The answer for each thing.
    pub verdicts: &'a Verdicts,
    /// What was seen.
    pub inventory: &'a Inventory,
}

impl Known<'_> {
    /// Why a thing stays; nothing of one that goes or was not planned.
    pub fn keep(&self, key: &Key) -> Option<&Keep> {
        match self.plan.fates.get(key)? {
            Fate::Kept(keep) => Some(keep),
            Fate::Delete | Fate::Carried(_) | Fate::Leaving => None,
        }
    }

    /// The other thing because of which this one stays, if it does not stay for its own sake.
    pub fn other(&self, key: &Key) -> Option<Key> {
        let other = match self.keep(key)? {
            Keep::HeldBy { by: other, .. }
            | Keep::TiedTo { to: other, .. }
            | Keep::GoesWith { carrier: other }
            | Keep::WouldTake { key: other } => Some(other.clone()),
            Keep::NotOrphan { gate, .. } => gate.as_ref().and_then(|gate| self.of_gate(key, gate)),
            Keep::HoldsData
            | Keep::Witness
            | Keep::Guarded { .. }
            | Keep::Unseen { .. }
            | Keep::Cycle { .. }
            | Keep::LeftOut { .. } => None,
        };
        other.filter(|other| other != key)
    }

    fn of_gate(&self, key: &Key, gate: &Gate) -> Option<Key> {
        match gate {
            Gate::StackDeploying { maker: other }
            | Gate::StackUnsettled { made: other }
            | Gate::Lives { thing: other, .. }
            | Gate::LifeUnknown { thing: other, .. }
            | Gate::ProtectedAround { around: other } => Some(other.clone()),
            // Ended by itself it would be made anew: its group is the cause.
            Gate::Claimed { claimant: Claimant::ScalingGroup { name } } => self.scaling_group(key, name),
            gate => match gate.behind() {
                Behind::Other(other) => Some(other.clone()),
                Behind::Itself | Behind::Gap => None,
            },
        }
    }

    fn scaling_group(&self, of: &Key, name: &str) -> Option<Key> {
        let groups = self.inventory.resources.keys().filter(|key| key.id == name && key.region == of.region);
        let is_group =
            |key: &&Key| CATALOG.get(&key.kind).is_some_and(|spec| spec.service() == "autoscaling");
        groups.into_iter().find(is_group).cloned()
    }

    /// The same from there on: each thing that stands behind the one before.
    pub fn chain(&self, from: &Key) -> Vec<Key> {
        let mut chain = Vec::new();
        let mut seen = BTreeSet::from([from.clone()]);
        let mut at = from.clone();
        while let Some(next) = self.other(&at).filter(|next| seen.insert(next.clone())) {
            chain.push(next.clone());
            if self.ends_with(&next) {
                break;
            }
            at = next;
        }
        chain
    }

    /// Whether this is where one that asks for the cause has to turn to: nobody asked for its deletion, and why it
    /// stays is no matter. What another makes anew, or takes along, is not it.
    pub fn ends_with(&self, key: &Key) -> bool {
        let gate = self.keep(key).and_then(|keep| match keep {
            Keep::NotOrphan { gate, .. } => gate.as_ref(),
            _ => None,
        });
        let part = matches!(gate, Some(Gate::Carrier { .. })) || is(&key.kind, Position::Machine);
        let selected = self.verdicts.get(key).is_none_or(|judged| judged.selected);
        !selected && !part
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::testing::World;
    use crate::model::{Judged, Verdict};
    use crate::plan::fixture::key;

    fn kept(verdict: Verdict, gate: Gate) -> Fate {
        Fate::Kept(Keep::NotOrphan { verdict, gate: Some(gate) })
    }

    fn judged(selected: bool) -> Judged {
        Judged {
            verdict: Verdict::Active,
            gate: None,
            evidence: vec!["a word".to_owned()],
            proof: None,
            stack: None,
            selected,
        }
    }

    #[test]
    fn the_way_leads_from_user_to_user_and_ends_with_one_that_nobody_selected() {
        let (role, profile) = (key("iam-role", "node"), key("iam-instance-profile", "node"));
        let (machine, cluster) = (key("instance", "i-1"), key("eks-cluster", "blue"));
        let group = key("eks-nodegroup", "blue/ng");
        let user = |user: &Key| kept(Verdict::Active, Gate::User { user: user.clone() });
        let owner = |owner: &Key| kept(Verdict::Active, Gate::Owner { owner: owner.clone() });
        let fates = [
            (role.clone(), user(&profile)),
            (profile.clone(), user(&machine)),
            (machine.clone(), owner(&group)),
            (group.clone(), owner(&cluster)),
            (cluster.clone(), kept(Verdict::Foreign, Gate::NotSelected)),
        ];
        let plan = Plan { fates: fates.into(), ..Plan::default() };
        let verdicts =
            [(&role, true), (&profile, true), (&machine, false), (&group, false), (&cluster, false)]
                .map(|(key, selected)| (key.clone(), judged(selected)))
                .into();
        let world = World::new();
        let known = Known { plan: &plan, verdicts: &verdicts, inventory: &world.inventory };
        assert_eq!(
            known.chain(&role),
            [profile, machine, group],
            "the nodes' group would make the machine anew"
        );
        assert!(known.chain(&cluster).is_empty(), "it stays for its own sake");
    }

    #[test]
    fn a_circle_has_an_end() {
        let (one, two) = (key("vpc", "vpc-1"), key("vpc", "vpc-2"));
        let stranger = |other: &Key| kept(Verdict::Uncertain, Gate::Stranger { stranger: other.clone() });
        let fates = [(one.clone(), stranger(&two)), (two.clone(), stranger(&one))];
        let plan = Plan { fates: fates.into(), ..Plan::default() };
        let (verdicts, world) = (Verdicts::new(), World::new());
        let known = Known { plan: &plan, verdicts: &verdicts, inventory: &world.inventory };
        assert_eq!(known.chain(&one), [two]);
    }
}
