//! All state of the embedded AWS: one account, its regions, its clock and its events.
//!
//! It takes the records from `stores` and knows no service. What services do by themselves in it, they do
//! as events ([`World::after`]) and through [`Hooks`], which the room `assembly` fills.

pub(crate) mod covered;
mod pace;
pub(crate) mod past;
pub(crate) mod races;
pub(crate) mod tagged;
mod trail;

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use crate::calls::Call;
use crate::clock::SimClock;
use crate::error::AwsResult;
use crate::faults::Faults;
use crate::ids::Ids;
use crate::protocol::{Answer, Ctx};
use crate::quotas::Quotas;
use crate::stores::autoscaling::AutoScaling;
use crate::stores::cloudformation::CloudFormation;
use crate::stores::ec2::Ec2;
use crate::stores::ecs::Ecs;
use crate::stores::eks::Eks;
use crate::stores::elb::Elb;
use crate::stores::iam::Iam;
use crate::stores::kms::Kms;
use crate::stores::lambda::Lambda;
use crate::stores::logs::Logs;
use crate::stores::s3::S3;
use crate::stores::ssm::Ssm;

pub use pace::Pace;
pub use races::Counted;
pub use tagged::Tagging;
pub use trail::{Event as TrailEvent, Trail};

use past::Past;
use races::Races;

/// Something that happens by itself at a moment of the world's time.
type Event = Box<dyn FnOnce(&mut World) + Send>;

/// What services do in the world of their own accord, told by those who stand above it.
#[derive(Debug, Clone, Copy)]
pub struct Hooks {
    /// Gives a region what it has from the start.
    pub region_opened: fn(&mut World, &str),
    /// An instance of this Auto Scaling group (region, name) was ended or stopped.
    pub scaled_instance_lost: fn(&mut World, &str, &str),
    /// A service calls another one (by its name in credential scopes) with its caller's permissions.
    pub on_behalf: fn(&mut World, &str, &Ctx) -> AwsResult<Answer>,
}

/// One token bucket, as it was left.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bucket {
    pub(crate) tokens: f64,
    pub(crate) filled: Duration,
}

/// An interface that somebody deleted while what it was made for stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Torn {
    /// The world's time of it.
    pub at: Timestamp,
    /// The region.
    pub region: String,
    /// The interface's id.
    pub interface: String,
    /// The interface's description.
    pub description: String,
    /// What it was made for: id, name or ARN.
    pub maker: String,
}

/// The state of one region.
#[derive(Debug, Default)]
pub struct RegionState {
    /// EC2 and VPC.
    pub ec2: Ec2,
    /// Auto Scaling, but for the groups of node groups.
    pub autoscaling: AutoScaling,
    /// CloudFormation.
    pub cloudformation: CloudFormation,
    /// Elastic Load Balancing.
    pub elb: Elb,
    /// ECS.
    pub ecs: Ecs,
    /// EKS.
    pub eks: Eks,
    /// Lambda.
    pub lambda: Lambda,
    /// CloudWatch Logs.
    pub logs: Logs,
    /// KMS.
    pub kms: Kms,
    /// Systems Manager.
    pub ssm: Ssm,
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
    /// IAM, which is global.
    pub iam: Iam,
    /// S3, whose names are global.
    pub s3: S3,
    /// What the account may have of each thing, by region.
    pub quotas: Quotas,
    /// What the tagging API believes is there.
    pub tagging: Tagging,
    /// Who made and changed what.
    pub trail: Trail,
    /// State by region; a region is made on its first use.
    pub regions: BTreeMap<String, RegionState>,
    /// What is to go wrong.
    pub faults: Faults,
    /// Every call so far, oldest first.
    pub calls: Vec<Call>,
    /// The interfaces that were torn from their makers, oldest first.
    pub torn: Vec<Torn>,
    /// How many public addresses were given out so far, in all regions; each is given once.
    pub(crate) public_addresses: u32,
    /// How things were lately, for those who are told late.
    pub(crate) past: Past,
    /// What others do before certain calls.
    pub(crate) races: Races,
    /// Request buckets, by service, region and action.
    pub(crate) buckets: BTreeMap<String, Bucket>,
    /// Ids of requests, apart from those of things: a thing's id does not depend on how often somebody looked.
    request_ids: Ids,
    hooks: Hooks,
    events: BTreeMap<(Duration, u64), Event>,
    next_event: u64,
}

impl World {
    /// An empty account, whose clock starts at `clock`'s origin, with what services do in it by themselves.
    pub(crate) fn with(account: &str, clock: SimClock, hooks: Hooks) -> Self {
        let mut ids = Ids::default();
        let iam = Iam::fresh(account, clock.now(), &mut ids);
        Self {
            account: account.to_owned(),
            caller_arn: format!("arn:aws:iam::{account}:user/deployer"),
            accepted_keys: Vec::new(),
            clock,
            ids,
            iam,
            s3: S3::default(),
            quotas: Quotas::of_a_used_account(),
            tagging: Tagging::default(),
            trail: Trail::default(),
            regions: BTreeMap::new(),
            faults: Faults::default(),
            calls: Vec::new(),
            torn: Vec::new(),
            public_addresses: 0,
            past: Past::default(),
            races: Races::default(),
            buckets: BTreeMap::new(),
            request_ids: Ids::default(),
            hooks,
            events: BTreeMap::new(),
            next_event: 0,
        }
    }

    /// The state of a region, made with its default parts on first use.
    pub fn region(&mut self, region: &str) -> &mut RegionState {
        if !self.regions.contains_key(region) {
            self.regions.insert(region.to_owned(), RegionState::default());
            (self.hooks.region_opened)(self, region);
        }
        self.regions.entry(region.to_owned()).or_default()
    }

    /// The id of the next request, in the form of a UUID.
    pub(crate) fn next_request_id(&mut self) -> String {
        self.request_ids.uuid()
    }

    /// To be called when an instance of an Auto Scaling group was ended or stopped.
    pub(crate) fn scaled_instance_lost(&mut self, region: &str, group: &str) {
        (self.hooks.scaled_instance_lost)(self, region, group);
    }

    /// A service's call to another one, with its caller's permissions.
    pub(crate) fn on_behalf(&mut self, service: &str, ctx: &Ctx) -> AwsResult<Answer> {
        (self.hooks.on_behalf)(self, service, ctx)
    }

    /// Carries out `event` after this much world time.
    pub fn after(&mut self, delay: Duration, event: impl FnOnce(&mut World) + Send + 'static) {
        let at = self.clock.elapsed() + delay;
        self.next_event += 1;
        self.events.insert((at, self.next_event), Box::new(event));
    }

    /// Carries out every event that is due, each at its own moment, so that what follows from one
    /// comes no later because nobody looked.
    pub fn settle(&mut self) {
        let now = self.clock.elapsed();
        while let Some(entry) = self.events.first_entry() {
            let due = entry.key().0;
            if due > now {
                break;
            }
            let event = entry.remove();
            self.clock.hold_at(due);
            past::remember(self);
            event(self);
            tagged::notice(self);
        }
        self.clock.let_go();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_from_an_event_is_not_late_because_nobody_looked() {
        let clock = SimClock::new("2026-01-01T00:00:00Z".parse().unwrap(), 0.0);
        let mut world = World::new("111122223333", clock);
        let minute = Duration::from_secs(60);
        world.after(minute, move |world| {
            world.after(minute, |world| world.caller_arn = world.clock.now().to_string());
        });
        world.clock.skip(minute * 10);
        world.settle();
        assert_eq!(world.caller_arn, "2026-01-01T00:02:00Z");
        assert_eq!(world.clock.elapsed(), minute * 10);
    }
}
