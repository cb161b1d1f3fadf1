//! The order of a plan's steps as people read it. It takes the steps and gives, to the reports of a plan, what
//! a step really waits for and when it would begin.

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::{Step, StepId};

/// The steps each step waits for, without those that another one of them waits for anyway.
pub fn direct(steps: &[Step]) -> BTreeMap<StepId, Vec<u32>> {
    let mut all: BTreeMap<StepId, BTreeSet<StepId>> = BTreeMap::new();
    let mut direct = BTreeMap::new();
    // A step's number is higher than those of what it waits for.
    for step in steps {
        let mut before = BTreeSet::new();
        for after in &step.after {
            before.extend(all.get(&after.step).into_iter().flatten().copied());
        }
        let needed = step.after.iter().map(|after| after.step).filter(|after| !before.contains(after));
        direct.insert(step.id, needed.map(|after| after.0).collect());
        before.extend(step.after.iter().map(|after| after.step));
        all.insert(step.id, before);
    }
    direct
}

/// When each step would begin, in seconds, if every one took as long as it usually does.
pub fn begins(steps: &[Step]) -> BTreeMap<StepId, u64> {
    let mut ends: BTreeMap<StepId, u64> = BTreeMap::new();
    let mut begins = BTreeMap::new();
    for step in steps {
        let begin = step.after.iter().filter_map(|after| ends.get(&after.step)).max().copied().unwrap_or(0);
        begins.insert(step.id, begin);
        ends.insert(step.id, begin + u64::from(step.expected_seconds));
    }
    begins
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Key, KindName, Region};
    use crate::plan::{Action, After};

    fn step(id: u32, after: &[u32], seconds: u32) -> Step {
        Step {
            id: StepId(id),
            action: Action::Delete,
            resource: Key::new(KindName::of("vpc"), Region::new("us-east-1"), format!("vpc-{id}")),
            api: None,
            after: after.iter().map(|id| After { step: StepId(*id), why: String::new() }).collect(),
            expected_seconds: seconds,
        }
    }

    #[test]
    fn what_another_one_waits_for_is_not_told_again() {
        let steps = [step(1, &[], 1), step(2, &[1], 1), step(3, &[1, 2], 1), step(4, &[1, 3], 1)];
        let direct = direct(&steps);
        assert_eq!(direct[&StepId(3)], [2]);
        assert_eq!(direct[&StepId(4)], [3]);
    }

    #[test]
    fn a_step_begins_when_the_last_it_waits_for_has_ended() {
        let steps = [step(1, &[], 60), step(2, &[], 5), step(3, &[1, 2], 1)];
        assert_eq!(begins(&steps)[&StepId(3)], 60);
    }
}
