//! What of a selection a plan leaves that nobody said should stay: takes the plan and the policy, gives the saved
//! plan its mark on each kept thing, and through it the exit code. A script can tell a cleaned account from one in
//! which everything was kept.
//!
//! What must stay by somebody's word or AWS's (protected, too young, another's, data that nobody named) is no
//! failure. A thing at work counts, unless the policy expects living stacks (`spare-living`).

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Fate, Keep, Plan};
use crate::model::{Behind, Gate, Key, Verdict};
use crate::policy::Policy;

/// Whether what was selected and stays is to stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Left {
    /// It is, by somebody's word or AWS's.
    #[default]
    AsMeant,
    /// It is not: an `apply` that leaves it does not end with 0.
    Left,
    /// Nobody can tell, since something that has a say in it could not be read.
    Unread,
}

/// How a thing that was selected and stays counts: by what keeps it in the end.
pub fn how(plan: &Plan, policy: &Policy, key: &Key) -> Left {
    let Some(End { keep, held, .. }) = end(plan, key) else { return Left::Left };
    match keep {
        Keep::NotOrphan { verdict, gate } => {
            let unread = gate.as_ref().is_some_and(|gate| gate.behind() == Behind::Gap);
            // What a guard rule means to say of it nobody knows: that is to be looked into.
            let unclear = matches!(gate, Some(Gate::GuardUnclear { .. }));
            match verdict {
                Verdict::Protected if unclear => Left::Left,
                Verdict::Protected | Verdict::TooYoung => Left::AsMeant,
                // Nobody selected it; but what it holds was selected.
                Verdict::Foreign if held => Left::Left,
                Verdict::Foreign => Left::AsMeant,
                Verdict::Active if policy.spare_living && !held => Left::AsMeant,
                Verdict::Uncertain if unread => Left::Unread,
                Verdict::Active | Verdict::Uncertain | Verdict::Orphan => Left::Left,
            }
        }
        Keep::HoldsData | Keep::Guarded { .. } => Left::AsMeant,
        Keep::Unseen { .. } => Left::Unread,
        Keep::Witness
        | Keep::Cycle { .. }
        | Keep::LeftOut { .. }
        | Keep::GoesWith { .. }
        | Keep::HeldBy { .. }
        | Keep::TiedTo { .. }
        | Keep::WouldTake { .. } => Left::Left,
    }
}

/// What keeps a thing in the end.
#[derive(Debug, Clone, Copy)]
pub struct End<'a> {
    /// The thing that stays by itself: the one that was asked about, or one that it stands on.
    pub key: &'a Key,
    /// Why that one stays.
    pub keep: &'a Keep,
    /// Whether it holds the one that was asked about.
    pub held: bool,
}

/// What keeps a thing in the end; `None` of what goes, or is kept in a circle.
pub fn end<'a>(plan: &'a Plan, key: &'a Key) -> Option<End<'a>> {
    let mut seen = BTreeSet::new();
    let (mut key, mut held) = (key, false);
    while seen.insert(key) {
        let Some(Fate::Kept(keep)) = plan.fates.get(key) else { return None };
        let (next, holds) = match keep {
            // A part counts as its whole does.
            Keep::GoesWith { carrier } => (carrier, held),
            Keep::HeldBy { by: other, .. }
            | Keep::TiedTo { to: other, .. }
            | Keep::WouldTake { key: other } => (other, true),
            Keep::NotOrphan { .. }
            | Keep::HoldsData
            | Keep::Witness
            | Keep::Guarded { .. }
            | Keep::Unseen { .. }
            | Keep::Cycle { .. }
            | Keep::LeftOut { .. } => match cause_of_doubt(keep) {
                Some(cause) => (cause, true),
                None => return Some(End { key, keep, held }),
            },
        };
        (key, held) = (next, holds);
    }
    None
}

/// The other thing because of which nobody can tell of this one.
fn cause_of_doubt(keep: &Keep) -> Option<&Key> {
    match keep {
        Keep::NotOrphan { verdict: Verdict::Uncertain, gate } => match gate.as_ref()?.behind() {
            Behind::Other(other) => Some(other),
            Behind::Itself | Behind::Gap => None,
        },
        Keep::NotOrphan { .. }
        | Keep::HoldsData
        | Keep::Witness
        | Keep::Guarded { .. }
        | Keep::HeldBy { .. }
        | Keep::TiedTo { .. }
        | Keep::GoesWith { .. }
        | Keep::WouldTake { .. }
        | Keep::Unseen { .. }
        | Keep::Cycle { .. }
        | Keep::LeftOut { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Guard, GuardRule, KindName, Region};
    use crate::plan::fixture::key;

    fn one(keep: Keep, policy: &Policy) -> Left {
        let thing = key("vpc", "vpc-1");
        let fates = [(thing.clone(), Fate::Kept(keep))].into();
        how(&Plan { fates, ..Plan::default() }, policy, &thing)
    }

    fn is(verdict: Verdict) -> Keep {
        Keep::NotOrphan { verdict, gate: None }
    }

    /// What one thing counts as that another one holds, which stays for this reason.
    fn held_by(keep: Keep) -> Left {
        let (thing, holder) = (key("vpc", "vpc-1"), key("subnet", "subnet-1"));
        let held = Keep::HeldBy { by: holder.clone(), how: "within".into() };
        let fates = [(thing.clone(), Fate::Kept(held)), (holder, Fate::Kept(keep))].into();
        how(&Plan { fates, ..Plan::default() }, &Policy::default(), &thing)
    }

    fn guarded() -> Keep {
        Keep::Guarded { guard: Guard { rule: GuardRule::Protection, why: "it is on".into() } }
    }

    #[test]
    fn what_is_uncertain_or_blocked_is_left() {
        let other = || key("subnet", "subnet-1");
        for keep in [
            is(Verdict::Uncertain),
            Keep::Witness,
            Keep::HeldBy { by: other(), how: "within".into() },
            Keep::TiedTo { to: other(), how: "within".into() },
            Keep::WouldTake { key: other() },
            Keep::Cycle { with: vec![other()] },
            Keep::LeftOut { why: "it changed".into() },
        ] {
            assert_eq!(one(keep.clone(), &Policy::default()), Left::Left, "{keep:?}");
        }
        for keep in [is(Verdict::Foreign), is(Verdict::Active), is(Verdict::Uncertain), Keep::Witness] {
            assert_eq!(held_by(keep.clone()), Left::Left, "{keep:?}");
        }
    }

    #[test]
    fn what_somebody_or_aws_wants_to_stay_is_not_nor_what_that_holds() {
        for keep in [is(Verdict::Protected), is(Verdict::TooYoung), Keep::HoldsData, guarded()] {
            assert_eq!(one(keep.clone(), &Policy::default()), Left::AsMeant, "{keep:?}");
            assert_eq!(held_by(keep.clone()), Left::AsMeant, "{keep:?}");
        }
        assert_eq!(one(is(Verdict::Foreign), &Policy::default()), Left::AsMeant);
    }

    #[test]
    fn a_living_thing_is_left_unless_living_stacks_are_expected() {
        assert_eq!(one(is(Verdict::Active), &Policy::default()), Left::Left);
        let spare = Policy { spare_living: true, ..Policy::default() };
        assert_eq!(one(is(Verdict::Active), &spare), Left::AsMeant);
    }

    #[test]
    fn what_could_not_be_read_is_neither() {
        let unseen = || Keep::Unseen { kind: KindName::new("vpc"), region: Region::new("us-east-1") };
        let gate = Gate::ContentsUnseen { vpc: key("vpc", "vpc-1") };
        let uncertain = || Keep::NotOrphan { verdict: Verdict::Uncertain, gate: Some(gate.clone()) };
        assert_eq!([one(unseen(), &Policy::default()), held_by(unseen())], [Left::Unread; 2]);
        assert_eq!([one(uncertain(), &Policy::default()), held_by(uncertain())], [Left::Unread; 2]);
    }

    #[test]
    fn a_part_counts_as_its_whole_does_and_a_circle_of_parts_is_left() {
        let (part, whole) = (key("network-interface", "eni-1"), key("nat-gateway", "nat-1"));
        let with = |carrier: &Key| Fate::Kept(Keep::GoesWith { carrier: carrier.clone() });
        let of = |fate: Fate| {
            let fates = [(part.clone(), with(&whole)), (whole.clone(), fate)].into();
            how(&Plan { fates, ..Plan::default() }, &Policy::default(), &part)
        };
        assert_eq!(of(Fate::Kept(is(Verdict::Protected))), Left::AsMeant);
        assert_eq!(of(Fate::Kept(is(Verdict::Uncertain))), Left::Left);
        assert_eq!(of(with(&part)), Left::Left);
    }
}
