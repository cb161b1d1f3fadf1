//! STS over the AWS query protocol: who is calling, and what a denial says that only STS can read.

use crate::error::{AwsError, AwsResult};
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
    Some(match action {
        "GetCallerIdentity" => get_caller_identity,
        "DecodeAuthorizationMessage" => decode_authorization_message,
        _ => return None,
    })
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

/// Why a call was denied, as only STS can read it. AWS does not say how it encodes; here it is the text in hexadecimal.
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html>
pub(crate) fn encoded(caller: &str, action: &str) -> String {
    let text = serde_json::json!({
        "allowed": false,
        "explicitDeny": false,
        "matchedStatements": {"items": []},
        "failures": {"items": []},
        "context": {
            "principal": {"arn": caller},
            "action": action,
            "resource": "*",
            "conditions": {"items": []},
        },
    });
    text.to_string().bytes().map(|byte| format!("{byte:02x}")).collect()
}

/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html>
fn decode_authorization_message(_: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let text = ctx.params.required("EncodedMessage")?;
    let pairs = text.as_bytes().chunks(2).map(|pair| {
        let pair = std::str::from_utf8(pair).ok().filter(|pair| pair.len() == 2)?;
        u8::from_str_radix(pair, 16).ok()
    });
    let decoded = pairs.collect::<Option<Vec<u8>>>().and_then(|bytes| String::from_utf8(bytes).ok());
    let Some(decoded) = decoded.filter(|text| text.starts_with('{')) else {
        let text = "The encoded authorization message could not be decoded";
        return Err(AwsError::new("InvalidAuthorizationMessageException", text));
    };
    let mut xml = Xml::new();
    xml.text("DecodedMessage", decoded);
    Ok(Answer::Xml(xml))
}
