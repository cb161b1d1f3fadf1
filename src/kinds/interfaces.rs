//! The interfaces that AWS makes along with what works in several subnets.
//!
//! Shared by the kinds that have one in each: endpoints, load balancers.

use crate::model::Per;
use crate::model::need::{Most, Use};
use crate::model::value::Value;

/// No region has more zones than this (us-east-1 has six).
pub const ZONES_AT_MOST: u64 = 6;

/// One interface for each of these subnets; for a list that is not known, one in each zone at most.
pub fn in_subnets(subnets: &Value) -> Use {
    let interfaces = |amount| Use::aws("network-interface", Per::Region, amount);
    match subnets {
        Value::List(list) => interfaces(count(list)),
        Value::Text(_) | Value::Map(_) => interfaces(1),
        Value::Null => interfaces(0),
        _ => interfaces(1).more(Most::Of(ZONES_AT_MOST - 1)),
    }
}

/// How many there are.
pub fn count(list: &[Value]) -> u64 {
    u64::try_from(list.len()).unwrap_or(u64::MAX)
}
