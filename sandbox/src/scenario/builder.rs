//! The hand that builds a scenario: it makes calls, names things, tags them and lets time pass.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::{ACCOUNT, REGION, ScenarioError};
use crate::tags::Tags;
use crate::xml::text_of;
use crate::{SimClock, World};

/// How long before its end a scenario's history begins.
const HISTORY: Duration = days(220);

/// So many days.
pub(super) const fn days(days: u64) -> Duration {
    Duration::from_secs(days * 24 * 60 * 60)
}

/// So many minutes.
pub(super) const fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(minutes * 60)
}

/// The answer of a query operation.
pub(super) struct Told {
    action: String,
    xml: String,
}

impl Told {
    /// The text of the first element of this name.
    pub(super) fn text(&self, field: &str) -> Result<String, ScenarioError> {
        text_of(&self.xml, field).ok_or_else(|| self.silent(field))
    }

    fn silent(&self, field: &str) -> ScenarioError {
        ScenarioError::Silent { action: self.action.clone(), field: field.to_owned() }
    }
}

/// A world in the making. Its clock stands still but for [`Builder::wait`] and [`Builder::ago`].
pub(super) struct Builder {
    pub(super) world: World,
    pub(super) region: String,
}

impl Builder {
    /// An account whose history ends at `now`.
    pub(super) fn new(now: Timestamp) -> Self {
        let history = SignedDuration::try_from(HISTORY).unwrap_or(SignedDuration::ZERO);
        let origin = now.saturating_sub(history).unwrap_or(Timestamp::MIN);
        Self { world: World::new(ACCOUNT, SimClock::new(origin, 0.0)), region: REGION.to_owned() }
    }

    /// The world at the end of its history, its clock running.
    pub(super) fn finish(mut self, speed: f64) -> World {
        self.ago(Duration::ZERO);
        self.world.clock.set_speed(speed);
        self.world
    }

    /// Goes on to the moment that lies this long before the end. What is under way by then has happened.
    pub(super) fn ago(&mut self, before_end: Duration) {
        let moment = HISTORY.saturating_sub(before_end);
        let missing = moment.saturating_sub(self.world.clock.elapsed());
        self.wait(missing);
    }

    /// Lets time pass.
    pub(super) fn wait(&mut self, time: Duration) {
        self.world.clock.skip(time);
        self.world.settle();
    }

    /// A call to a query service in the builder's region.
    pub(super) fn call(
        &mut self,
        service: &str,
        action: &str,
        params: &[(&str, &str)],
    ) -> Result<Told, ScenarioError> {
        let refused = |refusal| ScenarioError::Refused { action: action.to_owned(), refusal };
        let xml = self.world.call(service, &self.region, action, params).map_err(refused)?;
        Ok(Told { action: action.to_owned(), xml })
    }

    /// A call to EC2.
    pub(super) fn ec2(&mut self, action: &str, params: &[(&str, &str)]) -> Result<Told, ScenarioError> {
        self.call("ec2", action, params)
    }

    /// A call to EC2 that makes something of this type with these tags.
    pub(super) fn make(
        &mut self,
        action: &str,
        params: &[(&str, &str)],
        (kind, tags): (&str, &Tags),
    ) -> Result<Told, ScenarioError> {
        let mut all = own(params);
        if !tags.is_empty() {
            all.push(("TagSpecification.1.ResourceType".into(), kind.into()));
            for (number, (key, value)) in (1..).zip(tags) {
                all.push((format!("TagSpecification.1.Tag.{number}.Key"), key.clone()));
                all.push((format!("TagSpecification.1.Tag.{number}.Value"), value.clone()));
            }
        }
        self.call("ec2", action, &borrowed(&all))
    }

    /// A call to IAM or load balancing that makes something with these tags.
    pub(super) fn make_tagged(
        &mut self,
        service: &str,
        action: &str,
        params: &[(&str, &str)],
        tags: &Tags,
    ) -> Result<Told, ScenarioError> {
        let mut all = own(params);
        for (number, (key, value)) in (1..).zip(tags) {
            all.push((format!("Tags.member.{number}.Key"), key.clone()));
            all.push((format!("Tags.member.{number}.Value"), value.clone()));
        }
        self.call(service, action, &borrowed(&all))
    }

    /// A call to a JSON service in the builder's region.
    pub(super) fn json(&mut self, service: &str, action: &str, input: Value) -> Result<Value, ScenarioError> {
        let refused = |refusal| ScenarioError::Refused { action: action.to_owned(), refusal };
        self.world.call_json(service, &self.region, action, input).map_err(refused)
    }

    /// A name as Pulumi gives it: the logical one and seven hexadecimal digits.
    /// <https://www.pulumi.com/docs/iac/concepts/resources/names/#autonaming>.
    pub(super) fn pulumi_name(&mut self, logical: &str) -> String {
        format!("{logical}-{}", self.world.ids.hex(7))
    }

    /// One of the region's availability zones, counted from 0.
    pub(super) fn zone(&self, number: usize) -> String {
        format!("{}{}", self.region, ["a", "b", "c"][number % 3])
    }
}

fn own(params: &[(&str, &str)]) -> Vec<(String, String)> {
    params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn borrowed(params: &[(String, String)]) -> Vec<(&str, &str)> {
    params.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// Tags from pairs.
pub(super) fn tags(pairs: &[(&str, &str)]) -> Tags {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

/// These tags and a `Name`.
pub(super) fn named(base: &Tags, name: &str) -> Tags {
    let mut all = base.clone();
    all.insert("Name".to_owned(), name.to_owned());
    all
}
