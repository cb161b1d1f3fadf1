//! Whether what could not be read concerns what was selected: then nobody can tell that nothing is left, and
//! commands end with 6. From an inventory, its verdicts and its plan, if there is one.

use std::collections::BTreeSet;

use super::{Fate, Keep, Plan};
use crate::inventory::{Gap, Holes, Inventory};
use crate::model::{Behind, Catalog, Judged, Key, KindName, Verdict, Verdicts};

/// What is asked about.
#[derive(Debug, Clone, Copy)]
pub struct Outlook<'a> {
    /// What was seen, and what was not.
    pub inventory: &'a Inventory,
    /// Its verdicts.
    pub verdicts: &'a Verdicts,
    /// Its plan, where one was made.
    pub plan: Option<&'a Plan>,
    /// The kinds.
    pub catalog: Catalog,
}

/// Whether something that could not be read concerns what was selected. Where nothing is, everything concerns:
/// nothing found is no answer either, as it may be in what was not read.
pub fn is_unclear(outlook: Outlook<'_>) -> bool {
    // Also what was not read beyond the regions of the scan, as far as it kept something.
    let kept_by_a_gap = |judged: &Judged| {
        let gate = judged.gate.as_ref().filter(|_| judged.selected && judged.verdict == Verdict::Uncertain);
        gate.is_some_and(|gate| gate.behind() == Behind::Gap)
    };
    if outlook.verdicts.values().any(kept_by_a_gap) {
        return true;
    }
    if outlook.inventory.is_complete() {
        return false;
    }
    let selected = outlook.verdicts.iter().filter(|(_, judged)| judged.selected);
    let selected: BTreeSet<&Key> = selected.map(|(key, _)| key).collect();
    if selected.is_empty() {
        return true;
    }
    let unseen = |plan: &Plan| {
        let mut kept = plan.fates.iter().filter(|(key, _)| selected.contains(key));
        kept.any(|(_, fate)| matches!(fate, Fate::Kept(Keep::Unseen { .. })))
    };
    let uncertain =
        |key: &&Key| outlook.verdicts.get(*key).is_some_and(|judged| judged.verdict == Verdict::Uncertain);
    let holes = Holes::of(outlook.inventory);
    let hides = |gap: &Gap, key: &Key| {
        is_near(gap, key, outlook.catalog) && !holes.saw_near(&gap.kind, &gap.region, key)
    };
    outlook.plan.is_some_and(unseen)
        || selected.iter().any(uncertain)
        || outlook.inventory.gaps.iter().any(|gap| selected.iter().any(|key| hides(gap, key)))
}

/// Whether a kind that was not read could hold this resource, or be held by it, in the same place.
fn is_near(gap: &Gap, key: &Key, catalog: Catalog) -> bool {
    let same_place = key.region == gap.region || key.region.is_global() || gap.region.is_global();
    let linked = |from: &KindName, to: &KindName| {
        let spec = catalog.get(from);
        spec.is_some_and(|spec| spec.links.iter().any(|rule| catalog.is_about(spec, rule, to)))
    };
    same_place && (key.kind == gap.kind || linked(&key.kind, &gap.kind) || linked(&gap.kind, &key.kind))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::Region;
    use crate::plan::fixture::{CATALOG, account, key, orphans};
    use crate::plan::planner;

    fn gap(kind: &str, region: &str) -> Gap {
        Gap::new(KindName::new(kind), Region::new(region), "denied")
    }

    /// The account with these gaps and only these ids selected, planned.
    fn unclear(gaps: &[Gap], selects: impl Fn(&Key) -> bool) -> (bool, Plan) {
        let mut inventory = account();
        inventory.gaps = gaps.iter().cloned().collect();
        let mut verdicts = orphans(&inventory);
        for (key, judged) in &mut verdicts {
            judged.selected = selects(key);
            judged.verdict = if judged.selected { Verdict::Orphan } else { Verdict::Foreign };
        }
        let plan = planner::plan(&inventory, CATALOG, &verdicts, &BTreeSet::new());
        let outlook =
            Outlook { inventory: &inventory, verdicts: &verdicts, plan: Some(&plan), catalog: CATALOG };
        (is_unclear(outlook), plan)
    }

    fn gaps() -> impl Strategy<Value = Vec<Gap>> {
        let kinds = prop::sample::select(CATALOG.iter().map(|spec| spec.name).collect::<Vec<_>>());
        let regions = prop::sample::select(vec!["us-east-1", "eu-west-1"]);
        prop::collection::vec((kinds, regions).prop_map(|(kind, region)| gap(kind, region)), 0..3)
    }

    #[test]
    fn unread_route_tables_are_near_to_all_that_a_route_leads_to_and_to_nothing_else_for_that() {
        for spec in CATALOG.iter() {
            let target = spec.route_target == crate::model::RouteTarget::Yes;
            let near = is_near(&gap("route-table", "us-east-1"), &key(spec.name, "x"), CATALOG);
            assert!(near || !target, "{}", spec.name);
        }
        assert!(!is_near(&gap("route-table", "us-east-1"), &key("volume", "x"), CATALOG));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_gap_that_keeps_something_selected_is_never_passed_over(
            gaps in gaps(), selected in prop::collection::vec(any::<bool>(), 4),
        ) {
            let keys: Vec<Key> = account().resources.into_keys().collect();
            let selects = |key: &Key| keys.iter().zip(&selected).any(|(it, is)| it == key && *is);
            let (_, whole) = unclear(&[], selects);
            let (unclear, plan) = unclear(&gaps, selects);
            let goes = |plan: &Plan, key: &Key| !matches!(plan.fates.get(key), Some(Fate::Kept(_)));
            let kept = keys.iter().find(|key| selects(key) && goes(&whole, key) && !goes(&plan, key));
            prop_assert!(unclear || kept.is_none(), "{kept:?} stays for {gaps:?}");
            prop_assert!(unclear || gaps.is_empty() || selected.contains(&true), "nothing was found");
        }
    }

    #[test]
    fn what_was_read_wholly_is_clear_and_a_gap_far_away_is_no_matter() {
        let nat = |key: &Key| key.id == "nat-1";
        assert!(!unclear(&[], nat).0);
        assert!(unclear(&[gap("elastic-ip", "us-east-1")], nat).0);
        assert!(unclear(&[gap("nat-gateway", "us-east-1")], nat).0);
        assert!(!unclear(&[gap("elastic-ip", "eu-west-1")], nat).0);
        let address = |key: &Key| key.id == "eip-1";
        assert!(!unclear(&[gap("subnet", "us-east-1")], address).0, "no link joins the two kinds");
        assert!(unclear(&[gap("subnet", "us-east-1")], |_| false).0, "nothing found is no answer");
    }

    #[test]
    fn an_uncertain_member_of_the_selection_makes_any_gap_matter() {
        let mut inventory = account();
        inventory.gaps.insert(gap("subnet", "eu-west-1"));
        let mut verdicts = orphans(&inventory);
        let ask = |verdicts: &Verdicts| {
            is_unclear(Outlook { inventory: &inventory, verdicts, plan: None, catalog: CATALOG })
        };
        assert!(!ask(&verdicts));
        verdicts.get_mut(&key("elastic-ip", "eip-1")).unwrap().verdict = Verdict::Uncertain;
        assert!(ask(&verdicts));
    }
}
