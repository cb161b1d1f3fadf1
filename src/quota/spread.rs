//! Needs whose place the file does not name: held against each place that they may be in, for the report.

use std::collections::BTreeSet;

use super::count::{QuotaPlace, Usage, Used};
use crate::deployment::places::region_of_zone;
use crate::model::{Per, QuotaUse};
use crate::needs::{Most, Need, Place, Wanted};

/// The places in which a need counts, and how much of it there. A need whose place is not named may come
/// on top in each: so it fits for certain only if it fits in the fullest one.
pub(super) fn spread(
    quota: &QuotaUse,
    need: &Need,
    needs: &[Need],
    usage: &Usage,
) -> Vec<(QuotaPlace, Wanted)> {
    let region = need.place.region();
    let place = |name: String| QuotaPlace { quota: quota.name, region: region.clone(), name };
    match &need.place {
        Place::Account | Place::Region(_) | Place::In(_, _) | Place::New(_, _) => {
            return vec![(place(need.place.name()), need.amount)];
        }
        // Two labels are two zones, so that only the largest of them can meet the fullest zone.
        Place::SomeZone(_, Some(_)) if !is_largest(need, needs) => return Vec::new(),
        Place::SomeZone(_, _) | Place::Some(_) => {}
    }
    let seen = usage.by_place.keys().filter(|it| it.quota == quota.name && it.region == region).cloned();
    let named = needs.iter().filter(|it| it.quota == need.quota).filter_map(|it| match &it.place {
        Place::In(of, _) | Place::New(of, _) if *of == region => Some(place(it.place.name())),
        _ => None,
    });
    let mut places: BTreeSet<QuotaPlace> = seen.chain(named).collect();
    // Where something was not seen, there may be places of which nothing was.
    if places.is_empty() || !usage.shows_all(quota.name, &region) {
        places.insert(place(need.place.name()));
    }
    let unknown = need.amount.most().map_or(Most::Unbounded, Most::Of);
    let amount = Wanted { unknown, ..Wanted::default() };
    places.into_iter().map(|place| (place, amount)).collect()
}

/// Whether no other labelled zone needs more; of equals the first.
fn is_largest(need: &Need, needs: &[Need]) -> bool {
    let size = |it: &Need| it.amount.most().unwrap_or(u64::MAX);
    let rivals = needs.iter().filter(|it| {
        let labelled = matches!(&it.place, Place::SomeZone(_, Some(_)));
        labelled && it.quota == need.quota && it.place.region() == need.place.region()
    });
    let largest = rivals.max_by(|one, other| size(one).cmp(&size(other)).then(other.place.cmp(&one.place)));
    largest.is_some_and(|largest| largest.place == need.place)
}

/// What is used of a place that the inventory has nothing of: nothing in a zone of a region that was looked
/// into, and in what is yet to be made. A VPC or cluster that was not seen may hold anything.
pub(super) fn unseen(quota: &QuotaUse, place: &QuotaPlace, need: &Need, usage: &Usage) -> Used {
    let all_seen = usage.shows_all(quota.name, &place.region);
    let empty = match &need.place {
        Place::New(_, _) => true,
        Place::SomeZone(_, _) | Place::Some(_) => all_seen,
        // A zone of another region than was looked into may hold anything.
        Place::In(region, zone) => {
            let here = region_of_zone(zone).is_none_or(|its| its == *region);
            quota.per == Per::Zone && all_seen && here
        }
        Place::Account | Place::Region(_) => false,
    };
    Used { all: empty.then_some(0), ..Used::default() }
}
