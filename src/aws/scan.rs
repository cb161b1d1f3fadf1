//! A scan: takes the kinds and regions that a command asks for, lists each kind in each region, and gives an
//! inventory in which every listing that failed is a gap. The regions beyond are [`super::beyond`]'s.

#![expect(clippy::disallowed_methods, reason = "an inventory says when it was taken")]

use std::collections::{BTreeMap, BTreeSet};

use futures::StreamExt;
use futures::future::BoxFuture;
use jiff::Timestamp;

use super::clients::Aws;
use super::kinds::{ALL, Kind};
use crate::inventory::{Caller, Gap, Inventory};
use crate::model::{CloudError, ErrorClass, Region, Resource, Scope};
use crate::session::{ScanEvent, ScanRequest};

/// Where one listing was made and what it came to.
pub(super) type Listing = (Region, Result<Vec<Resource>, (Gap, ErrorClass)>);

/// Listings under way at once. EC2's buckets are per region and action, so many regions do not
/// slow each other; this bounds memory and open connections.
pub(super) const AT_ONCE: usize = 48;

/// Reads all kinds asked for in all regions asked for, side by side.
pub(super) async fn scan(
    places: &BTreeMap<Region, Aws>,
    request: &ScanRequest,
    caller: Caller,
    progress: &(dyn Fn(ScanEvent) + Send + Sync),
) -> Inventory {
    let mut listings: Vec<BoxFuture<'_, Listing>> = Vec::new();
    for kind in called(request) {
        for (region, aws) in places {
            if region.is_global() == (kind.spec().scope == Scope::Global) {
                listings.push(Box::pin(told(aws, kind, kind.list(aws), progress)));
            }
        }
    }
    progress(ScanEvent::Planned(listings.len()));
    let answers = all(listings, places.keys(), false).await;
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
        without_services: without(request),
        unanswered: Default::default(),
        unread_things: Default::default(),
        states: Vec::new(),
        gone: Default::default(),
    }
}

/// The kinds that are listed. Those of a service that the user does without are as well: only the endpoint's own
/// word that it does not know the service makes them count as empty.
pub(super) fn called(request: &ScanRequest) -> impl Iterator<Item = &'static dyn Kind> {
    let asked = |kind: &&'static dyn Kind| request.kinds.contains(&kind.spec().kind());
    ALL.iter().copied().filter(asked)
}

/// The services of kinds asked for that the user does without.
fn without(request: &ScanRequest) -> BTreeSet<String> {
    let asked = ALL.iter().map(|kind| kind.spec()).filter(|spec| request.kinds.contains(&spec.kind()));
    let services = asked.map(|spec| spec.service().to_owned());
    services.filter(|service| request.without_services.contains(service)).collect()
}

/// What listings came to. A region that refuses credentials which are good elsewhere (in another of these, or
/// where it is known already) is told as one that does.
pub(super) async fn all<'a>(
    listings: Vec<BoxFuture<'_, Listing>>,
    regions: impl Iterator<Item = &'a Region>,
    known_good: bool,
) -> Vec<Listing> {
    let mut answers: Vec<Listing> = futures::stream::iter(listings).buffer_unordered(AT_ONCE).collect().await;
    name_refusing_regions(regions, &mut answers, known_good);
    answers
}

/// A region that is not enabled refuses credentials as if they were wrong, in other words by each service.
/// They are not: STS has just told whose they are.
/// <https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html>
fn name_refusing_regions<'a>(
    regions: impl Iterator<Item = &'a Region>,
    answers: &mut [Listing],
    known_good: bool,
) {
    let good_elsewhere = known_good || answers.iter().any(|(_, answer)| answer.is_ok());
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

/// One listing of one kind in one region, which is told to who watches.
pub(super) async fn told(
    aws: &Aws,
    kind: &'static dyn Kind,
    listing: impl Future<Output = Result<Vec<Resource>, CloudError>>,
    progress: &(dyn Fn(ScanEvent) + Send + Sync),
) -> Listing {
    let (name, region) = (kind.spec().kind(), aws.site.region.clone());
    progress(ScanEvent::Began(name.clone(), region.clone()));
    match listing.await {
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
        name_refusing_regions(regions.iter(), &mut answers, false);
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
