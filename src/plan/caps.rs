//! Whether a plan stays within the caps of a policy. From the plan alone; commands refuse by it before consent.

use std::collections::BTreeMap;

use super::{Action, Fate, Plan};
use crate::model::KindName;
use crate::policy::Policy;

/// A plan that deletes more than this has to be allowed by a number of its own: a selection that is wider than its
/// author thinks shows by how much it would delete.
pub const UNSAID: u32 = 200;

/// A cap that a plan goes beyond.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OverCap {
    /// It deletes too much.
    #[error("the plan deletes {deletes} resources, and at most {most} are allowed")]
    All {
        /// How many it deletes by calls.
        deletes: u32,
        /// How many it may.
        most: u32,
    },
    /// It deletes many, and nobody said how many are meant.
    #[error("the plan deletes {deletes} resources, and more than {UNSAID} have to be meant")]
    Unsaid {
        /// How many it deletes by calls.
        deletes: u32,
    },
    /// Too much of one kind would go.
    #[error("{number} of kind {kind} would go, and at most {most} are allowed")]
    Kind {
        /// The kind.
        kind: KindName,
        /// How many would go, by calls or along with something else.
        number: u32,
        /// How many may.
        most: u32,
    },
}

impl OverCap {
    /// What to do about it, in one sentence.
    pub fn remedy(&self) -> String {
        match self {
            Self::All { .. } => {
                "look at the plan; then raise --max-deletes (or max-deletes in the policy), or select less"
                    .to_owned()
            }
            Self::Unsaid { deletes } => {
                format!(
                    "look at the plan; if all of it is meant, say so with --max-deletes {deletes} (or max-deletes in the policy)"
                )
            }
            Self::Kind { kind, .. } => {
                format!("look at the plan; then raise --max-per-kind {kind}=N, or select less")
            }
        }
    }
}

/// Whether a plan stays within the caps.
///
/// The cap on all counts what is deleted by a call, the number that the plan's last line tells. A cap on a
/// kind counts also what goes along with something else: who allows two instances does not mean the ten of
/// a node group.
pub fn caps(plan: &Plan, policy: &Policy) -> Result<(), OverCap> {
    let deletes = plan.steps.iter().filter(|step| step.action == Action::Delete).count();
    let deletes = u32::try_from(deletes).unwrap_or(u32::MAX);
    if let Some(most) = policy.max_deletes.filter(|most| deletes > *most) {
        return Err(OverCap::All { deletes, most });
    }
    if policy.max_deletes.is_none() && deletes > UNSAID {
        return Err(OverCap::Unsaid { deletes });
    }
    let mut by_kind: BTreeMap<&KindName, u32> = BTreeMap::new();
    for (key, fate) in &plan.fates {
        if matches!(fate, Fate::Delete | Fate::Carried(_)) {
            *by_kind.entry(&key.kind).or_default() += 1;
        }
    }
    let over = by_kind.into_iter().find_map(|(kind, number)| {
        let most = *policy.max_per_kind.get(kind).filter(|most| number > **most)?;
        Some(OverCap::Kind { kind: kind.clone(), number, most })
    });
    over.map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::plan::fixture::key;
    use crate::plan::{Keep, Step, StepId};

    fn step(id: u32, action: Action) -> Step {
        let resource = key("elastic-ip", &format!("eip-{id}"));
        Step { id: StepId(id), action, resource, api: None, after: Vec::new(), expected_seconds: 1 }
    }

    /// A plan of so many deletions, things that go along, awaits, and things that stay; all of one kind.
    fn plan(deletes: u32, carried: u32, awaits: u32, kept: u32) -> Plan {
        let mut plan = Plan::default();
        for id in 1..=deletes {
            plan.steps.push(step(id, Action::Delete));
            plan.fates.insert(key("elastic-ip", &format!("eip-{id}")), Fate::Delete);
        }
        plan.steps.extend((1..=awaits).map(|id| step(deletes + id, Action::Await)));
        for id in 1..=carried {
            let fate = Fate::Carried(key("elastic-ip", "eip-1"));
            plan.fates.insert(key("elastic-ip", &format!("along-{id}")), fate);
        }
        for id in 1..=kept {
            plan.fates.insert(key("elastic-ip", &format!("kept-{id}")), Fate::Kept(Keep::HoldsData));
        }
        plan
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn so_many_deletes_pass_if_and_only_if_the_cap_is_not_less(
            deletes in 0..6u32, carried in 0..3u32, awaits in 0..3u32, most in 0..6u32,
        ) {
            let policy = Policy { max_deletes: Some(most), ..Policy::default() };
            let capped = caps(&plan(deletes, carried, awaits, 1), &policy);
            let over = OverCap::All { deletes, most };
            prop_assert_eq!(capped, if deletes <= most { Ok(()) } else { Err(over) });
        }

        #[test]
        fn a_cap_on_a_kind_counts_what_goes_along_and_nothing_that_stays(
            deletes in 0..6u32, carried in 0..3u32, kept in 0..3u32, most in 0..9u32,
        ) {
            let kind = KindName::new("elastic-ip");
            let policy = Policy { max_per_kind: [(kind.clone(), most)].into(), ..Policy::default() };
            let (capped, number) = (caps(&plan(deletes, carried, 2, kept), &policy), deletes + carried);
            let over = OverCap::Kind { kind, number, most };
            prop_assert_eq!(capped, if number <= most { Ok(()) } else { Err(over) });
        }
    }

    #[test]
    fn more_than_two_hundred_deletions_have_to_be_meant() {
        let unsaid = Policy::default();
        assert_eq!(caps(&plan(200, 9, 9, 9), &unsaid), Ok(()));
        assert_eq!(caps(&plan(201, 0, 0, 0), &unsaid), Err(OverCap::Unsaid { deletes: 201 }));
        let said = Policy { max_deletes: Some(201), ..Policy::default() };
        assert_eq!(caps(&plan(201, 0, 0, 0), &said), Ok(()));
    }

    #[test]
    fn without_a_cap_everything_passes_and_a_cap_on_another_kind_is_none() {
        let policy = Policy { max_per_kind: [(KindName::new("vpc"), 0)].into(), ..Policy::default() };
        assert_eq!(caps(&plan(5, 5, 5, 5), &policy), Ok(()));
    }
}
