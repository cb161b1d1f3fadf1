//! How AWS's services are spoken to: requests and answers, and each protocol's way of writing a call,
//! an answer and a refusal. It knows no service and no world.

use serde_json::{Map, Value, json};

use crate::error::{AwsError, AwsResult};
use crate::query::Params;
use crate::xml::{Xml, escape};

/// AWS's ways of writing a call.
pub enum Protocol {
    /// EC2's form of the query protocol: `<Action>Response` around the fields, lists of `item`.
    Ec2Query {
        /// The XML namespace of its answers.
        namespace: &'static str,
    },
    /// IAM's, STS's and load balancing's: `<Action>Response/<Action>Result`, lists of `member`.
    Query {
        /// The XML namespace of its answers.
        namespace: &'static str,
    },
    /// AWS JSON 1.1: the operation stands in the header `X-Amz-Target`.
    Json,
    /// REST with JSON bodies: the operation is told by method and path.
    RestJson {
        /// The operation of a request, with the members that its path and query carry.
        route: Route,
    },
    /// REST with XML bodies, as S3 has it: the operation is told by method, host, path and query.
    RestXml {
        /// The XML namespace of its answers.
        namespace: &'static str,
        /// The operation of a request, with the members that its head carries.
        route: Route,
    },
}

impl Protocol {
    /// A refusal as this protocol writes it.
    pub fn refusal(&self, refusal: &AwsError, request_id: &str) -> Response {
        let (code, message) = (escape(&refusal.code), escape(&refusal.message));
        match self {
            // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html#api-error-response
            Self::Ec2Query { .. } => {
                let body = format!(
                    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error><Code>{code}</Code>\
                     <Message>{message}</Message></Error></Errors><RequestID>{request_id}</RequestID></Response>"
                );
                Response::new(refusal.status, "text/xml;charset=UTF-8", body)
            }
            // https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#operation-error-serialization
            Self::Query { namespace } => {
                let fault = if refusal.status < 500 { "Sender" } else { "Receiver" };
                let body = format!(
                    "<ErrorResponse xmlns=\"{namespace}\"><Error><Type>{fault}</Type><Code>{code}</Code>\
                     <Message>{message}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>"
                );
                Response::new(refusal.status, "text/xml", body)
            }
            // https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html#operation-error-serialization
            Self::Json => {
                let body = json!({"__type": refusal.code, "message": refusal.message});
                Response::new(refusal.status, "application/x-amz-json-1.1", body.to_string())
            }
            // https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html#operation-error-serialization
            Self::RestJson { .. } => {
                let body = json!({"message": refusal.message});
                let mut answer = Response::new(refusal.status, "application/json", body.to_string());
                answer.headers.push(("x-amzn-errortype".into(), refusal.code.clone()));
                answer
            }
            // https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#RESTErrorResponses
            Self::RestXml { .. } => {
                let body = format!(
                    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code>\
                     <Message>{message}</Message><RequestId>{request_id}</RequestId></Error>"
                );
                let mut answer = Response::new(refusal.status, "application/xml", body);
                answer.headers.extend(refusal.headers.iter().cloned());
                answer
            }
        }
    }
}

/// Names the operation of a REST request, with the members that its path and query carry.
pub type Route = fn(&Request) -> Option<(&'static str, Map<String, Value>)>;

/// What an operation is told besides the world.
#[derive(Debug, Clone, Default)]
pub struct Ctx {
    /// The region of the signature.
    pub region: String,
    /// The operation: `DescribeVpcs`.
    pub action: String,
    /// The parameters (query protocols).
    pub params: Params,
    /// The members of the input, whether they came in path, query or body (JSON protocols).
    pub json: Map<String, Value>,
    /// The body as it was sent (S3).
    pub body: Vec<u8>,
}

/// What an operation answers, before its protocol wraps it.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// The fields of the result (query protocols).
    Xml(Xml),
    /// The whole body (JSON protocols).
    Json(Value),
    /// Status, headers and body as they are (S3).
    Plain(Plain),
}

/// An answer that is no document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plain {
    /// HTTP status.
    pub status: u16,
    /// Header names in lower case, with their values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl From<Xml> for Answer {
    fn from(xml: Xml) -> Self {
        Self::Xml(xml)
    }
}

impl From<Value> for Answer {
    fn from(value: Value) -> Self {
        Self::Json(value)
    }
}

impl From<Plain> for Answer {
    fn from(plain: Plain) -> Self {
        Self::Plain(plain)
    }
}

/// One HTTP request, whole.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// `GET`, `POST`, `DELETE`, …
    pub method: String,
    /// Path without the query, percent-encoded as sent.
    pub path: String,
    /// The query string without `?`, as sent.
    pub query: String,
    /// Header names in lower case, with their values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    /// The first header of this (lower-case) name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// `(access key, region, service)` of the signature's credential scope.
    pub fn scope(&self) -> Option<(&str, &str, &str)> {
        let header = self.header("authorization")?;
        let scope = header.split("Credential=").nth(1)?.split([',', ' ']).next()?;
        let mut parts = scope.split('/');
        let key = parts.next()?;
        let _date = parts.next()?;
        Some((key, parts.next()?, parts.next()?))
    }
}

/// One HTTP answer, whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Header names in lower case, with their values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// The connection is dropped instead of this answer being sent: the call
    /// took effect, but the caller never learns it (a fault on demand).
    pub lost: bool,
}

impl Response {
    /// An answer with a body of this media type.
    pub fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: vec![("content-type".into(), content_type.into())],
            body: body.into(),
            lost: false,
        }
    }

    /// The first header of this (lower-case) name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

impl Ctx {
    /// What the call is about: every id, name and ARN among its own members, and the ids that its filters ask for,
    /// comma-joined.
    pub(crate) fn target(&self) -> String {
        let names = |key: &str| {
            let key = key.to_ascii_lowercase();
            let key = key.trim_end_matches('s');
            ["id", "name", "arn", "arnlist", "resourcearnlist"].iter().any(|end| key.ends_with(end))
                || ["publicip", "bucket", "key"].contains(&key)
        };
        let by_params = self.params.iter().filter(|(key, _)| {
            let mut parts = key.split('.');
            let first = parts.next().unwrap_or_default();
            names(first) && parts.all(|part| part == "member" || part.parse::<u32>().is_ok())
        });
        let mut found: Vec<String> = by_params.map(|(_, value)| value.to_owned()).collect();
        let by_filters = self.params.filters().into_iter().filter(|filter| filter.name.ends_with("-id"));
        found.extend(by_filters.flat_map(|filter| filter.values));
        for (_, value) in self.json.iter().filter(|(key, _)| names(key)) {
            match value {
                Value::String(text) => found.push(text.clone()),
                Value::Array(items) => {
                    found.extend(items.iter().filter_map(Value::as_str).map(str::to_owned))
                }
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => {}
            }
        }
        found.join(",")
    }
}

/// The members in a path of this pattern: `{member}` stands for one part, `{member+}` for the rest (an ARN that
/// was sent with bare slashes). <https://smithy.io/2.0/spec/http-bindings.html#httplabel-trait>
pub(crate) fn path_members(pattern: &str, path: &str) -> Option<Map<String, Value>> {
    let mut members = Map::new();
    let mut parts = path.split('/');
    for piece in pattern.split('/') {
        match piece.strip_prefix('{').and_then(|piece| piece.strip_suffix('}')) {
            Some(member) => match member.strip_suffix('+') {
                Some(member) => {
                    let rest: Vec<&str> = parts.by_ref().collect();
                    members.insert(member.to_owned(), Value::String(decoded(&rest.join("/"))));
                }
                None => {
                    let part = parts.next().filter(|part| !part.is_empty())?;
                    members.insert(member.to_owned(), Value::String(decoded(part)));
                }
            },
            None if parts.next() == Some(piece) => {}
            None => return None,
        }
    }
    parts.next().is_none().then_some(members)
}

/// A part of a path with its percent signs resolved. In a path, unlike in a form, `+` is a plus.
pub(crate) fn decoded(part: &str) -> String {
    let part = part.replace('+', "%2B");
    let pair = form_urlencoded::parse(part.as_bytes()).next();
    pair.map_or_else(String::new, |(key, _)| key.into_owned())
}

/// The members of a JSON body; an empty body has none.
pub(crate) fn members(body: &[u8]) -> AwsResult<Map<String, Value>> {
    if body.is_empty() {
        return Ok(Map::new());
    }
    let malformed = |_| AwsError::new("SerializationException", "the body is not a JSON object");
    serde_json::from_slice(body).map_err(malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(protocol: &Protocol) -> String {
        let error = AwsError::new("DependencyViolation", "a & b");
        String::from_utf8(protocol.refusal(&error, "r-1").body).unwrap()
    }

    #[test]
    fn each_protocol_puts_the_code_where_its_clients_look() {
        let ec2 = body(&Protocol::Ec2Query { namespace: "n" });
        assert!(ec2.contains("<Errors><Error><Code>DependencyViolation</Code><Message>a &amp; b</Message>"));
        let query = body(&Protocol::Query { namespace: "n" });
        assert!(query.contains("<Error><Type>Sender</Type><Code>DependencyViolation</Code>"));
        assert!(body(&Protocol::Json).contains("\"__type\":\"DependencyViolation\""));
        let rest = AwsError::with_status(409, "ResourceInUseException", "x");
        let rest = Protocol::RestJson { route: |_| None }.refusal(&rest, "r-1");
        assert_eq!(rest.header("x-amzn-errortype"), Some("ResourceInUseException"));
        assert_eq!(rest.status, 409);
    }
}
