//! Why a thing that uses a quota stays although it may be left over: from the plan, what could not be read of it, or of
//! what it stands on. `count` asks it for each thing that was selected.

use crate::inventory::Inventory;
use crate::model::{Behind, Key, Verdict, Verdicts};
use crate::plan::left::{End, end};
use crate::plan::{Keep, Plan};

/// What could not be read, in a sentence, where that is all that keeps a selected thing; `None` where it goes, or
/// something else decides.
pub(super) fn unread(inventory: &Inventory, verdicts: &Verdicts, plan: &Plan, key: &Key) -> Option<String> {
    verdicts.get(key).filter(|judged| judged.selected)?;
    let End { key, keep, .. } = end(plan, key)?;
    match keep {
        Keep::NotOrphan { verdict: Verdict::Uncertain, gate } if gate.as_ref()?.behind() == Behind::Gap => {
            verdicts.get(key)?.evidence.first().cloned()
        }
        Keep::Unseen { kind, region } => {
            let gap = inventory.gaps.iter().find(|gap| gap.kind == *kind && gap.region == *region);
            let why = gap.map(|gap| format!(": {}", gap.error)).unwrap_or_default();
            Some(format!("{kind} in {region} could not be read{why}"))
        }
        Keep::NotOrphan { .. }
        | Keep::HoldsData
        | Keep::Witness
        | Keep::Guarded { .. }
        | Keep::HeldBy { .. }
        | Keep::TiedTo { .. }
        | Keep::GoesWith { .. }
        | Keep::WouldTake { .. }
        | Keep::Cycle { .. }
        | Keep::LeftOut { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::Gap;
    use crate::inventory::testing::World;
    use crate::model::{Gate, Judged, KindName, Region};
    use crate::plan::Fate;

    fn key(id: &str) -> Key {
        Key::new(KindName::of("vpc"), Region::new("us-east-1"), id)
    }

    /// What is told of `a`, of which two things and why they stay are known.
    fn of(a: Keep, b: Keep, selected: bool) -> Option<String> {
        let evidence = vec!["addons could not be read".to_owned()];
        let judged =
            Judged { verdict: Verdict::Uncertain, gate: None, evidence, proof: None, stack: None, selected };
        let verdicts: Verdicts = ["a", "b"].map(|id| (key(id), judged.clone())).into();
        let fates = [(key("a"), Fate::Kept(a)), (key("b"), Fate::Kept(b))].into();
        let mut inventory = World::new().inventory;
        inventory.gaps.insert(Gap::new(KindName::of("eks-addon"), Region::new("us-east-1"), "denied"));
        unread(&inventory, &verdicts, &Plan { fates, ..Plan::default() }, &key("a"))
    }

    fn held() -> Keep {
        Keep::HeldBy { by: key("b"), how: "within".into() }
    }

    fn uncertain(gate: Gate) -> Keep {
        Keep::NotOrphan { verdict: Verdict::Uncertain, gate: Some(gate) }
    }

    #[test]
    fn what_could_not_be_read_is_told_also_where_it_keeps_another_thing_first() {
        let told = Some("addons could not be read".to_owned());
        assert_eq!(of(uncertain(Gate::RegionsUnknown), Keep::Witness, true), told);
        assert_eq!(of(held(), uncertain(Gate::RegionsUnknown), true), told);
        assert_eq!(of(uncertain(Gate::User { user: key("b") }), uncertain(Gate::RegionsUnknown), true), told);
        let unseen = Keep::Unseen { kind: KindName::of("eks-addon"), region: Region::new("us-east-1") };
        let denied = Some("eks-addon in us-east-1 could not be read: denied".to_owned());
        assert_eq!(of(held(), unseen, true), denied);
        for (keep, why) in [
            (Keep::Witness, "it is read and never deleted"),
            (Keep::HoldsData, "nobody named its kind"),
            (held(), "a circle has no end"),
            (uncertain(Gate::AgeUnknown), "its age is the reason"),
            (Keep::NotOrphan { verdict: Verdict::Active, gate: Some(Gate::RegionsUnknown) }, "it is at work"),
        ] {
            assert_eq!(of(keep.clone(), keep, true), None, "{why}");
        }
        assert_eq!(of(uncertain(Gate::RegionsUnknown), Keep::Witness, false), None, "nobody selected it");
    }
}
