//! A scan: takes the kinds and regions that a command asks for, lists each kind in each region, and gives an
//! inventory in which every listing that failed is a gap.

#![expect(clippy::disallowed_methods, reason = "an inventory says when it was taken")]

use std::collections::{BTreeMap, BTreeSet};

use futures::StreamExt;
use futures::future::BoxFuture;
use jiff::Timestamp;

use super::clients::Aws;
use super::kinds::{ALL, Kind};
use crate::inventory::{Caller, Gap, Inventory};
use crate::model::{ErrorClass, Region, Resource, Scope};
use crate::session::{ScanEvent, ScanRequest};

/// Where one listing was made and what it came to.
type Listing = (Region, Result<Vec<Resource>, (Gap, ErrorClass)>);

/// Listings under way at once. EC2's buckets are per region and action, so many regions do not
/// slow each other; this bounds memory and open connections.
const AT_ONCE: usize = 48;

/// Reads all kinds asked for in all regions asked for, side by side.
pub(super) async fn scan(
    places: &BTreeMap<Region, Aws>,
    request: &ScanRequest,
    caller: Caller,
    progress: &(dyn Fn(ScanEvent) + Send + Sync),
) -> Inventory {
    let mut listings: Vec<BoxFuture<'_, Listing>> = Vec::new();
    for kind in ALL.iter().copied().filter(|kind| request.kinds.contains(&kind.spec().kind())) {
        for (region, aws) in places {
            if region.is_global() == (kind.spec().scope == Scope::Global) {
                listings.push(Box::pin(list(kind, aws, progress)));
            }
        }
    }
    progress(ScanEvent::Planned(listings.len()));
    let mut answers: Vec<Listing> = futures::stream::iter(listings).buffer_unordered(AT_ONCE).collect().await;
    name_refusing_regions(places.keys(), &mut answers);
    let mut resources = BTreeMap::new();
    let mut gaps = BTreeSet::new();
    for (_, answer) in answers {
        match answer {
            Ok(found) => resources.extend(found.into_iter().map(|it| (it.key.clone(), it))),
            Err((gap, _)) => {
                gaps.insert(gap);
            }
        }
    }
    Inventory {
        caller,
        taken: Timestamp::now(),
        regions: request.regions.clone(),
        kinds: request.kinds.clone(),
        resources,
        gaps,
        elsewhere: crate::inventory::Elsewhere::default(),
        without_services: Default::default(),
        unanswered: Default::default(),
        unread_things: Default::default(),
    }
}

/// A region that is not enabled refuses credentials as if they were wrong, in other words by each service.
/// They are not: STS has just told whose they are.
/// <https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html>
fn name_refusing_regions<'a>(regions: impl Iterator<Item = &'a Region>, answers: &mut [Listing]) {
    let good_elsewhere = answers.iter().any(|(_, answer)| answer.is_ok());
    for region in regions.filter(|region| !region.is_global() && good_elsewhere) {
        let here = || answers.iter().filter(|(of, _)| of == region);
        if !here().all(|(_, answer)| matches!(answer, Err((_, ErrorClass::Credentials)))) {
            continue;
        }
        for (_, answer) in answers.iter_mut().filter(|(of, _)| of == region) {
            if let Err((gap, _)) = answer {
                gap.error = format!("{} ({})", Gap::REGION_REFUSES, gap.error);
            }
        }
    }
}

/// One listing of one kind in one region.
async fn list(kind: &'static dyn Kind, aws: &Aws, progress: &(dyn Fn(ScanEvent) + Send + Sync)) -> Listing {
    let (name, region) = (kind.spec().kind(), aws.site.region.clone());
    progress(ScanEvent::Began(name.clone(), region.clone()));
    match kind.list(aws).await {
        Ok(found) => {
            progress(ScanEvent::Ended(name, region.clone(), found.len()));
            (region, Ok(found))
        }
        Err(error) => {
            let gap = Gap::new(name, region.clone(), error.to_string()).of(error.class);
            progress(ScanEvent::Failed(gap.clone()));
            (region, Err((gap, error.class)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::KindName;

    fn refused(region: &str, class: ErrorClass) -> Listing {
        let region = Region::new(region);
        let gap = Gap::new(KindName::of("vpc"), region.clone(), "AuthFailure");
        (region, Err((gap, class)))
    }

    /// Whether the gaps of region `b` are told as those of a region that refuses.
    fn refuses_region(mut answers: Vec<Listing>) -> bool {
        let regions = ["a", "b"].map(Region::new);
        name_refusing_regions(regions.iter(), &mut answers);
        let gaps = answers.iter().filter_map(|(_, answer)| answer.as_ref().err());
        gaps.filter(|(gap, _)| gap.region.as_str() == "b").all(|(gap, _)| gap.is_of_refusing_region())
    }

    #[test]
    fn a_region_refuses_if_nothing_in_it_is_answered_and_something_elsewhere_is() {
        let answered = |region: &str| -> Listing { (Region::new(region), Ok(Vec::new())) };
        let refused_here = || refused("b", ErrorClass::Credentials);
        assert!(refuses_region(vec![answered("a"), refused_here(), refused_here()]));
        assert!(
            !refuses_region(vec![answered("a"), answered("b"), refused_here()]),
            "an empty listing is an answer"
        );
        assert!(
            !refuses_region(vec![refused("a", ErrorClass::Credentials), refused_here()]),
            "expired credentials"
        );
        assert!(!refuses_region(vec![answered("a"), refused("b", ErrorClass::Denied)]));
    }
}
