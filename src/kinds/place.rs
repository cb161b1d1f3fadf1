//! Where a resource counts: told by its links to the network, the subnet or the cluster.
//!
//! Quotas and plans ask it of every resource that uses something of a quota.

use super::is;
use crate::model::words::{fact, how};
use crate::model::{Key, Per, Position, Resource};

/// The place inside the region in which a resource counts: a zone, a VPC, a cluster, the resource itself;
/// the region's (or `global`) name where that is the place. `None` where it counts inside of something
/// that what was read does not tell. `find` looks up what the resource refers to.
pub fn place_of<'a>(
    resource: &'a Resource,
    per: Per,
    find: impl Fn(&Key) -> Option<&'a Resource>,
) -> Option<&'a str> {
    let linked = |part: Position| {
        let roles = [how::WITHIN, how::ATTACHED, how::OF_CLUSTER];
        let links = roles.into_iter().flat_map(|role| resource.links_as(role));
        links.map(|link| &link.to).find(|key| is(&key.kind, part))
    };
    match per {
        Per::Account | Per::Region => Some(resource.key.region.as_str()),
        Per::Itself => Some(&resource.key.id),
        Per::Vpc => linked(Position::Network).map(|key| key.id.as_str()),
        Per::Cluster => linked(Position::Cluster).map(|key| key.id.as_str()),
        Per::Zone => {
            let own = resource.facts.get(fact::ZONE);
            let subnets = || find(linked(Position::Subnet)?)?.facts.get(fact::ZONE);
            own.or_else(subnets).map(String::as_str)
        }
    }
}

/// The position of the places of a quota, of those that are resources themselves.
pub const fn position_of(per: Per) -> Option<Position> {
    match per {
        Per::Vpc => Some(Position::Network),
        Per::Cluster => Some(Position::Cluster),
        Per::Account | Per::Region | Per::Zone | Per::Itself => None,
    }
}
