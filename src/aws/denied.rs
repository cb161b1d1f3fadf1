//! What EC2 says of a denied call in a message that only STS can read: takes such an error of `cloud.rs`, and gives it
//! back in words. Where the caller may not ask, the unreadable part is left out and the permission is named.
//!
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html>

use serde::Deserialize;

use crate::model::{CloudError, ErrorClass};

/// The permission to have such a message read.
pub(super) const API: &str = "sts:DecodeAuthorizationMessage";

/// Before it a person reads, after it only STS does.
const BEGINS: &str = "Encoded authorization failure message:";

/// An error, with its message in words as far as they can be had.
pub(super) async fn in_words(sts: &aws_sdk_sts::Client, error: CloudError) -> CloudError {
    let Some((plain, encoded)) = parts(&error) else { return error };
    let asked = sts.decode_authorization_message().encoded_message(encoded).send().await;
    let decoded = asked.ok().and_then(|answer| told(answer.decoded_message()?));
    let more = decoded
        .unwrap_or_else(|| format!("AWS gave the details encoded; who may call {API} is told them here."));
    let message = format!("{plain} {more}").trim().to_owned();
    CloudError { message, ..error }
}

/// What a person can read of a denial, and what STS can.
fn parts(error: &CloudError) -> Option<(&str, &str)> {
    let denied = error.class == ErrorClass::Denied;
    let (plain, encoded) = error.message.split_once(BEGINS).filter(|_| denied)?;
    let encoded = encoded.split_whitespace().next()?;
    Some((plain.trim_end(), encoded))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Decoded {
    explicit_deny: bool,
    context: Context,
    #[serde(default)]
    matched_statements: Statements,
}

#[derive(Deserialize)]
struct Context {
    action: String,
    resource: String,
}

#[derive(Default, Deserialize)]
struct Statements {
    #[serde(default)]
    items: Vec<Statement>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Statement {
    #[serde(default)]
    statement_id: String,
}

/// A decoded message in a sentence; nothing, if it is of a form that is not known.
fn told(decoded: &str) -> Option<String> {
    let decoded: Decoded = serde_json::from_str(decoded).ok()?;
    let (action, resource) = (decoded.context.action, decoded.context.resource);
    if !decoded.explicit_deny {
        return Some(format!("No policy allows {action} on {resource}."));
    }
    let ids = decoded.matched_statements.items.into_iter().map(|it| it.statement_id);
    let ids: Vec<String> = ids.filter(|id| !id.is_empty()).map(|id| format!("`{id}`")).collect();
    let by = if ids.is_empty() { String::new() } else { format!(" ({})", ids.join(", ")) };
    Some(format!("A statement{by} denies {action} on {resource}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(class: ErrorClass, message: &str) -> CloudError {
        let (api, code) = ("ec2:DeleteVpc".to_owned(), "UnauthorizedOperation".to_owned());
        CloudError { class, api, code, message: message.to_owned(), request_id: None }
    }

    #[test]
    fn only_a_denial_has_an_encoded_part_and_that_is_one_word() {
        let text = "You are not authorized. Encoded authorization failure message: aB-c_9 more";
        assert_eq!(parts(&error(ErrorClass::Denied, text)), Some(("You are not authorized.", "aB-c_9")));
        assert_eq!(parts(&error(ErrorClass::Refused, text)), None);
        assert_eq!(parts(&error(ErrorClass::Denied, "You are not authorized.")), None);
        assert_eq!(parts(&error(ErrorClass::Denied, BEGINS)), None);
    }

    #[test]
    fn a_decoded_message_says_what_is_missing_or_which_statement_denies() {
        let context =
            r#""context": {"action": "ec2:DeleteVpc", "resource": "arn:aws:ec2:us-east-1:1:vpc/vpc-1"}"#;
        let missing = format!(r#"{{"allowed": false, "explicitDeny": false, {context}}}"#);
        assert_eq!(
            told(&missing).unwrap(),
            "No policy allows ec2:DeleteVpc on arn:aws:ec2:us-east-1:1:vpc/vpc-1."
        );
        let denied = format!(
            r#"{{"explicitDeny": true, "matchedStatements": {{"items": [{{"statementId": "KeepNetworks"}}]}}, {context}}}"#
        );
        assert!(told(&denied).unwrap().starts_with("A statement (`KeepNetworks`) denies ec2:DeleteVpc"));
        assert_eq!(told("what else"), None);
    }
}
