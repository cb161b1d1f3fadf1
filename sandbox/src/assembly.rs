//! The world with its services in it: a fresh account, and calls from inside, by the same rules as from
//! outside. It fills the world's [`Hooks`], so that the world need not know its services.

use crate::clock::SimClock;
use crate::error::{AwsError, AwsResult};
use crate::protocol::{Answer, Ctx};
use crate::query::Params;
use crate::world::{Hooks, World};
use crate::{autoscaling, ec2, eks, wire};

const HOOKS: Hooks = Hooks {
    region_opened: ec2::make_default_parts,
    scaled_instance_lost,
    on_behalf: wire::operate_on_behalf,
};

/// Whoever made the group looks after it: EKS after those of node groups, Auto Scaling after a user's.
fn scaled_instance_lost(world: &mut World, region: &str, group: &str) {
    eks::scaling::restore_later(world, region, group);
    autoscaling::restore_later(world, region, group);
}

impl World {
    /// An empty account, whose clock starts at `clock`'s origin.
    pub fn new(account: &str, clock: SimClock) -> Self {
        Self::with(account, clock, HOOKS)
    }

    /// Calls an operation of a query service (`ec2`, `iam`, `sts`, `elasticloadbalancing`) from
    /// inside, by the same rules as from outside, and gives the XML it answers. Neither recorded
    /// in [`World::calls`] nor subject to faults: it is for building scenarios.
    pub fn call(
        &mut self,
        service: &str,
        region: &str,
        action: &str,
        params: &[(&str, &str)],
    ) -> AwsResult<String> {
        let ctx = Ctx {
            region: region.to_owned(),
            action: action.to_owned(),
            params: Params::from_pairs(params),
            ..Ctx::default()
        };
        let answer = wire::operate(self, service, &ctx)?;
        let request_id = self.next_request_id();
        let missing = || AwsError::new("NotImplemented", format!("there is no service {service}"));
        Ok(wire::service(service).ok_or_else(missing)?.body(action, &request_id, &answer))
    }

    /// As [`World::call`], for a JSON service (`eks`, `tagging`, `logs`, `servicequotas`);
    /// `input` is the JSON object of the operation's members.
    pub fn call_json(
        &mut self,
        service: &str,
        region: &str,
        action: &str,
        input: serde_json::Value,
    ) -> AwsResult<serde_json::Value> {
        let json = input.as_object().cloned().unwrap_or_default();
        let ctx = Ctx { region: region.to_owned(), action: action.to_owned(), json, ..Ctx::default() };
        match wire::operate(self, service, &ctx)? {
            Answer::Json(value) => Ok(value),
            Answer::Xml(xml) => Ok(serde_json::Value::String(xml.as_str().to_owned())),
            Answer::Plain(plain) => {
                Ok(serde_json::Value::String(String::from_utf8_lossy(&plain.body).into_owned()))
            }
        }
    }
}
