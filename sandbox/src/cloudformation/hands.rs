//! CloudFormation's hands: its calls to the other services, with the permissions of whoever asked for the stack.
//!
//! "If no role is available, CloudFormation uses a temporary session that's generated from your user credentials":
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DeleteStack.html>. Roles of stacks
//! have no permissions of their own here: the caller's hold for all.

use serde_json::Value;

use crate::error::AwsResult;
use crate::protocol::{Answer, Ctx};
use crate::query::Params;
use crate::world::World;
use crate::xml::text_of;

/// Where CloudFormation works.
pub(super) struct Hands<'w> {
    pub(super) world: &'w mut World,
    pub(super) region: &'w str,
}

impl Hands<'_> {
    /// A call to a query service; gives the XML inside the answer.
    pub(super) fn query(
        &mut self,
        service: &str,
        action: &str,
        params: &[(&str, &str)],
    ) -> AwsResult<String> {
        let ctx = Ctx {
            region: self.region.to_owned(),
            action: action.to_owned(),
            params: Params::from_pairs(params),
            ..Ctx::default()
        };
        match self.world.on_behalf(service, &ctx)? {
            Answer::Xml(xml) => Ok(xml.as_str().to_owned()),
            Answer::Json(value) => Ok(value.to_string()),
            Answer::Plain(_) => Ok(String::new()),
        }
    }

    /// As [`Hands::query`], with parameters in the making; gives the text of one element of the answer.
    pub(super) fn told(
        &mut self,
        service: &str,
        action: &str,
        params: &[(String, String)],
        element: &str,
    ) -> AwsResult<String> {
        let params: Vec<(&str, &str)> =
            params.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        let xml = self.query(service, action, &params)?;
        Ok(text_of(&xml, element).unwrap_or_default())
    }

    /// A call to a JSON service.
    pub(super) fn json(&mut self, service: &str, action: &str, input: Value) -> AwsResult<Value> {
        let json = input.as_object().cloned().unwrap_or_default();
        let ctx = Ctx { region: self.region.to_owned(), action: action.to_owned(), json, ..Ctx::default() };
        match self.world.on_behalf(service, &ctx)? {
            Answer::Json(value) => Ok(value),
            Answer::Xml(xml) => Ok(Value::String(xml.as_str().to_owned())),
            Answer::Plain(_) => Ok(Value::Null),
        }
    }
}
