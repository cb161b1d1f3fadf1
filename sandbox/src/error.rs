//! AWS's refusals: a code, a message and a status, written in the protocol of the service.

use serde_json::json;

use crate::wire::{Protocol, Response};
use crate::xml::escape;

/// A refusal with AWS's own code and message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsError {
    /// HTTP status.
    pub status: u16,
    /// AWS's error code, spelt as AWS spells it.
    pub code: String,
    /// AWS's message.
    pub message: String,
}

/// What every operation of the embedded AWS returns.
pub type AwsResult<T> = Result<T, AwsError>;

impl AwsError {
    /// A refusal with HTTP status 400, the usual one.
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self::with_status(400, code, message)
    }

    /// A refusal with another HTTP status.
    pub fn with_status(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self { status, code: code.into(), message: message.into() }
    }

    /// The refusal of a parameter that breaks its own form, in the words of AWS's services for
    /// everything but EC2; their codes differ.
    pub(crate) fn constraint(code: &str, name: &str, value: Option<&str>, must: &str) -> Self {
        let mut letters = name.chars();
        let first = letters.next().map(|first| first.to_ascii_lowercase());
        let name: String = first.into_iter().chain(letters).collect();
        let value = value.map_or_else(|| "null".to_owned(), |value| format!("'{value}'"));
        Self::new(
            code,
            format!(
                "1 validation error detected: Value {value} at '{name}' failed to satisfy constraint: \
                 Member must {must}"
            ),
        )
    }

    /// The refusal as this protocol writes it.
    pub fn render(&self, protocol: &Protocol, request_id: &str) -> Response {
        let (code, message) = (escape(&self.code), escape(&self.message));
        match protocol {
            // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html#api-error-response
            Protocol::Ec2Query { .. } => {
                let body = format!(
                    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error><Code>{code}</Code>\
                     <Message>{message}</Message></Error></Errors><RequestID>{request_id}</RequestID></Response>"
                );
                Response::new(self.status, "text/xml;charset=UTF-8", body)
            }
            // https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#operation-error-serialization
            Protocol::Query { namespace } => {
                let fault = if self.status < 500 { "Sender" } else { "Receiver" };
                let body = format!(
                    "<ErrorResponse xmlns=\"{namespace}\"><Error><Type>{fault}</Type><Code>{code}</Code>\
                     <Message>{message}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>"
                );
                Response::new(self.status, "text/xml", body)
            }
            // https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html#operation-error-serialization
            Protocol::Json => {
                let body = json!({"__type": self.code, "message": self.message});
                Response::new(self.status, "application/x-amz-json-1.1", body.to_string())
            }
            // https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html#operation-error-serialization
            Protocol::RestJson { .. } => {
                let body = json!({"message": self.message});
                let mut answer = Response::new(self.status, "application/json", body.to_string());
                answer.headers.push(("x-amzn-errortype".into(), self.code.clone()));
                answer
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(protocol: &Protocol) -> String {
        let error = AwsError::new("DependencyViolation", "a & b");
        String::from_utf8(error.render(protocol, "r-1").body).unwrap()
    }

    #[test]
    fn each_protocol_puts_the_code_where_its_clients_look() {
        let ec2 = body(&Protocol::Ec2Query { namespace: "n" });
        assert!(ec2.contains("<Errors><Error><Code>DependencyViolation</Code><Message>a &amp; b</Message>"));
        let query = body(&Protocol::Query { namespace: "n" });
        assert!(query.contains("<Error><Type>Sender</Type><Code>DependencyViolation</Code>"));
        assert!(body(&Protocol::Json).contains("\"__type\":\"DependencyViolation\""));
        let rest = AwsError::with_status(409, "ResourceInUseException", "x");
        let rest = rest.render(&Protocol::RestJson { route: |_| None }, "r-1");
        assert_eq!(rest.header("x-amzn-errortype"), Some("ResourceInUseException"));
        assert_eq!(rest.status, 409);
    }
}
