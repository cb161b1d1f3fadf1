//! The account's trail: who made and changed what, and when. What services do by themselves leaves no trace in it.

use std::time::Duration;

use jiff::Timestamp;

use crate::ids::Ids;

/// What was called, and when lookups tell it.
#[derive(Debug)]
pub struct Trail {
    /// How late events can be looked up: "typically within an average of about 5 minutes":
    /// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/how-cloudtrail-works.html>.
    pub delay: Duration,
    /// The events, oldest first.
    pub events: Vec<Event>,
    /// Ids of events, apart from those of things.
    pub(crate) ids: Ids,
}

impl Default for Trail {
    fn default() -> Self {
        Self { delay: Duration::from_secs(5 * 60), events: Vec::new(), ids: Ids::default() }
    }
}

/// One call that changed something.
#[derive(Debug, Clone)]
pub struct Event {
    /// Its id, in the form of a UUID.
    pub id: String,
    /// The operation: `CreateVpc`.
    pub name: String,
    /// The service: `ec2.amazonaws.com`.
    pub source: String,
    /// When it was called.
    pub at: Timestamp,
    /// The region; that of the global services is us-east-1.
    pub region: String,
    /// The caller's ARN.
    pub caller: String,
    /// Type (if it is known) and name, id or ARN of what it was about.
    pub resources: Vec<(Option<&'static str>, String)>,
    /// The whole event as JSON.
    pub text: String,
}
