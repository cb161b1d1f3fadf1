//! All state of the embedded AWS: one account, its regions, its clock and its events.

use std::collections::BTreeMap;
use std::time::Duration;

use super::calls::Call;
use super::clock::SimClock;
use super::ec2::store::Ec2;
use super::faults::Faults;
use super::ids::Ids;

/// Something that happens by itself at a moment of the world's time.
type Event = Box<dyn FnOnce(&mut World) + Send>;

/// The tags of one thing.
pub type Tags = BTreeMap<String, String>;

/// The state of one region.
#[derive(Debug, Default)]
pub struct RegionState {
    /// EC2 and VPC.
    pub ec2: Ec2,
    // S2 adds: elb, eks; S3 adds: logs.
}

/// One account on the embedded AWS.
pub struct World {
    /// The account's number.
    pub account: String,
    /// The caller's ARN, as `GetCallerIdentity` tells it.
    pub caller_arn: String,
    /// Access keys that are accepted. Empty: every key.
    pub accepted_keys: Vec<String>,
    /// The world's clock.
    pub clock: SimClock,
    /// The id maker.
    pub ids: Ids,
    /// State by region; a region is made on its first use.
    pub regions: BTreeMap<String, RegionState>,
    /// What is to go wrong.
    pub faults: Faults,
    /// Every call so far, oldest first.
    pub calls: Vec<Call>,
    events: BTreeMap<(Duration, u64), Event>,
    next_event: u64,
}

impl World {
    /// An empty account, whose clock starts at `clock`'s origin.
    pub fn new(account: &str, clock: SimClock) -> Self {
        Self {
            account: account.to_owned(),
            caller_arn: format!("arn:aws:iam::{account}:user/deployer"),
            accepted_keys: Vec::new(),
            clock,
            ids: Ids::default(),
            regions: BTreeMap::new(),
            faults: Faults::default(),
            calls: Vec::new(),
            events: BTreeMap::new(),
            next_event: 0,
        }
    }

    /// The state of a region, made with its default parts on first use.
    pub fn region(&mut self, region: &str) -> &mut RegionState {
        self.regions.entry(region.to_owned()).or_default()
    }

    /// Carries out `event` after this much world time.
    pub fn after(&mut self, delay: Duration, event: impl FnOnce(&mut World) + Send + 'static) {
        let at = self.clock.elapsed() + delay;
        self.next_event += 1;
        self.events.insert((at, self.next_event), Box::new(event));
    }

    /// Carries out every event that is due.
    pub fn settle(&mut self) {
        let now = self.clock.elapsed();
        while let Some(entry) = self.events.first_entry() {
            if entry.key().0 > now {
                break;
            }
            let event = entry.remove();
            event(self);
        }
    }
}
