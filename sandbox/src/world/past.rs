//! How things lately were, for those who are told late ([`crate::faults::Faults::lag`]): copies of the
//! records of EC2 and IAM, taken before each change and kept for as long as the lag.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use super::World;
use crate::stores::ec2::Ec2;
use crate::stores::iam::Iam;

/// How things were, each until the moment beside it; the oldest first.
#[derive(Debug, Default)]
pub(crate) struct Past {
    pub(crate) ec2: BTreeMap<String, VecDeque<(Duration, Ec2)>>,
    pub(crate) iam: VecDeque<(Duration, Iam)>,
}

/// To be called before anything changes: how it is now will be what it was.
pub(crate) fn remember(world: &mut World) {
    let lag = world.faults.lag;
    if lag.is_zero() {
        return;
    }
    let now = world.clock.elapsed();
    for (name, region) in &world.regions {
        let copies = world.past.ec2.entry(name.clone()).or_default();
        copies.retain(|(until, _)| *until + lag > now);
        copies.push_back((now, region.ec2.clone()));
    }
    world.past.iam.retain(|(until, _)| *until + lag > now);
    world.past.iam.push_back((now, world.iam.clone()));
}

/// How it was at this moment; `None` if it has not changed since.
pub(crate) fn as_of<T>(copies: &VecDeque<(Duration, T)>, moment: Duration) -> Option<&T> {
    copies.iter().find(|(until, _)| *until > moment).map(|(_, copy)| copy)
}
