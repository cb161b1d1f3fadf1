//! Kinds × regions → inventory. A listing that failed becomes a gap, never an empty result.

use std::collections::{BTreeMap, BTreeSet};

use futures::StreamExt;
use futures::future::BoxFuture;
use jiff::Timestamp;

use super::clients::Aws;
use crate::cli::backend::{ScanEvent, ScanRequest};
use crate::inventory::{Caller, Gap, Inventory};
use crate::kinds::{ALL, Kind};
use crate::model::{Region, Resource, Scope};

/// What one listing came to.
type Listing = Result<Vec<Resource>, Gap>;

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
    let answers: Vec<Listing> = futures::stream::iter(listings).buffer_unordered(AT_ONCE).collect().await;
    let mut resources = BTreeMap::new();
    let mut gaps = BTreeSet::new();
    for answer in answers {
        match answer {
            Ok(found) => resources.extend(found.into_iter().map(|it| (it.key.clone(), it))),
            Err(gap) => {
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
    }
}

/// One listing of one kind in one region.
async fn list(kind: &'static dyn Kind, aws: &Aws, progress: &(dyn Fn(ScanEvent) + Send + Sync)) -> Listing {
    let (name, region) = (kind.spec().kind(), aws.place.region.clone());
    progress(ScanEvent::Began(name.clone(), region.clone()));
    match kind.list(aws).await {
        Ok(found) => {
            progress(ScanEvent::Ended(name, region, found.len()));
            Ok(found)
        }
        Err(error) => {
            let gap = Gap { region, kind: name, error: error.to_string() };
            progress(ScanEvent::Failed(gap.clone()));
            Err(gap)
        }
    }
}
