//! Kinds × regions → inventory. A listing that failed becomes a gap, never an empty result.

use std::collections::{BTreeMap, BTreeSet};

use futures::StreamExt;
use jiff::Timestamp;

use super::clients::Aws;
use crate::cli::backend::{ScanEvent, ScanRequest};
use crate::inventory::{Caller, Gap, Inventory};
use crate::kinds::{ALL, Kind};
use crate::model::{Region, Resource, Scope};
use crate::run::cloud::CloudError;

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
    let mut listings: Vec<(&'static dyn Kind, &Aws)> = Vec::new();
    for kind in ALL.iter().copied().filter(|kind| request.kinds.contains(&kind.spec().kind())) {
        for (region, aws) in places {
            if region.is_global() == (kind.spec().scope == Scope::Global) {
                listings.push((kind, aws));
            }
        }
    }
    progress(ScanEvent::Planned(listings.len()));
    let read = listings.into_iter().map(|(kind, aws)| async move {
        let (name, region) = (kind.spec().kind(), aws.place.region.clone());
        progress(ScanEvent::Began(name.clone(), region.clone()));
        let answer = kind.list(aws).await;
        match &answer {
            Ok(found) => progress(ScanEvent::Ended(name.clone(), region.clone(), found.len())),
            Err(error) => progress(ScanEvent::Failed(gap(kind, aws, error))),
        }
        (kind, aws, answer)
    });
    let answers: Vec<_> = futures::stream::iter(read).buffer_unordered(AT_ONCE).collect().await;
    let mut resources = BTreeMap::new();
    let mut gaps = BTreeSet::new();
    for (kind, aws, answer) in answers {
        match answer {
            Ok(found) => resources.extend(found.into_iter().map(|it: Resource| (it.key.clone(), it))),
            Err(error) => {
                gaps.insert(gap(kind, aws, &error));
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

/// What a failed listing leaves unseen.
fn gap(kind: &dyn Kind, aws: &Aws, error: &CloudError) -> Gap {
    Gap { region: aws.place.region.clone(), kind: kind.spec().kind(), error: error.to_string() }
}
