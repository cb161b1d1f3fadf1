//! STS over the AWS query protocol: who is calling. Nothing else.

use crate::error::AwsResult;
use crate::protocol::{Answer, Ctx, Protocol};
use crate::service::{Operation, Service};
use crate::world::World;
use crate::xml::Xml;

/// STS as the wire knows it.
pub(crate) const SERVICE: Service = Service {
    scope: "sts",
    iam: "sts",
    protocol: Protocol::Query { namespace: "https://sts.amazonaws.com/doc/2011-06-15/" },
    operation,
};

fn operation(action: &str) -> Option<Operation> {
    (action == "GetCallerIdentity").then_some(get_caller_identity as Operation)
}

/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>.
fn get_caller_identity(world: &mut World, _: &Ctx) -> AwsResult<Answer> {
    let user = world.iam.users.values().find(|user| user.arn == world.caller_arn);
    let mut xml = Xml::new();
    xml.text("Arn", &world.caller_arn);
    // A caller that is not one of the account's users is a session: `<role id>:<session name>`.
    match user {
        Some(user) => xml.text("UserId", &user.id),
        None => {
            let session = world.caller_arn.rsplit('/').next().unwrap_or_default();
            xml.text("UserId", format!("AROASESSION0000000000:{session}"))
        }
    };
    xml.text("Account", &world.account);
    Ok(Answer::Xml(xml))
}
