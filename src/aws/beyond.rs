//! The pass beyond the regions of a scan: takes the regions in which global things may be used, lists there
//! only the kinds that can use one, and gives the scan what it saw there of them.
//!
//! A role of the account is used in whatever region its user stands, so that one region's listings never tell
//! that nobody works with it.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::BoxFuture;

use super::clients::Aws;
use super::kinds::Kind;
use super::scan::{Listing, all, called, told};
use crate::inventory::{Elsewhere, Inventory};
use crate::kinds::CATALOG;
use crate::model::{GuardRule, Region, Resource};
use crate::session::{ScanEvent, ScanRequest, UserRegions};

/// The regions to look into: none, if the account has nothing global of its own that could be used there.
pub(super) fn regions(
    request: &ScanRequest,
    seen: &Inventory,
    enabled: Option<&BTreeSet<Region>>,
) -> BTreeSet<Region> {
    let meant = match &request.users {
        UserRegions::Nowhere => None,
        UserRegions::Enabled => enabled,
        UserRegions::These(regions) => Some(regions),
    };
    let aws_own = |it: &Resource| it.guards.iter().any(|guard| guard.rule == GuardRule::AwsManaged);
    if !seen.resources.values().any(|it| it.key.region.is_global() && !aws_own(it)) {
        return BTreeSet::new();
    }
    meant.into_iter().flatten().filter(|region| !request.regions.contains(region)).cloned().collect()
}

/// The kinds that are listed there.
pub(super) fn users(request: &ScanRequest) -> Vec<&'static dyn Kind> {
    called(request).filter(|kind| CATALOG.may_use_global(kind.spec())).collect()
}

/// Lists what may use global things in these places.
pub(super) async fn look(
    places: &BTreeMap<Region, Aws>,
    request: &ScanRequest,
    enabled: Option<BTreeSet<Region>>,
    progress: &(dyn Fn(ScanEvent) + Send + Sync),
) -> Elsewhere {
    let users = users(request);
    let mut listings: Vec<BoxFuture<'_, Listing>> = Vec::new();
    for aws in places.values() {
        for kind in users.iter().copied() {
            listings.push(Box::pin(told(aws, kind, kind.list_users(aws), progress)));
        }
    }
    progress(ScanEvent::Beyond(listings.len()));
    let mut beyond = Elsewhere {
        enabled,
        assumed: match &request.users {
            UserRegions::Nowhere | UserRegions::Enabled => None,
            UserRegions::These(regions) => Some(regions.clone()),
        },
        regions: places.keys().cloned().collect(),
        ..Elsewhere::default()
    };
    // Something global was seen before anybody looks here: the credentials are good.
    for (_, answer) in all(listings, places.keys(), true).await {
        match answer {
            Ok(found) => {
                beyond.resources.extend(found.into_iter().map(|it| (it.key.clone(), as_user(it))));
            }
            Err((gap, _)) => {
                beyond.gaps.insert(gap);
            }
        }
    }
    beyond
}

/// What is kept of a thing beyond: what tells which one it is and how it is, and what global things it uses.
/// Nothing there is judged, ordered or deleted.
fn as_user(mut it: Resource) -> Resource {
    it.links.retain(|link| link.to.region.is_global());
    it.guards.clear();
    it
}

#[cfg(test)]
mod tests;
