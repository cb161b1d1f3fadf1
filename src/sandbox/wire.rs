//! From an HTTP request to the service it is meant for, and back.
//!
//! The service and the region are read from the signature's credential scope
//! (`Credential=KEY/DATE/REGION/SERVICE/aws4_request`), as AWS's front doors do:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>.

use std::time::Duration;

use super::World;

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
}

/// Answers one request against the world, and says how long the answer is to be held back.
pub fn answer(world: &mut World, request: &Request) -> (Response, Duration) {
    // S1 implements: find the scope; reject unknown keys (world.accounts); route to the service
    // by scope service name: ec2 | iam | sts | elasticloadbalancing | eks | tagging | logs;
    // consult world.faults; record world.calls.
    let _ = (world, request);
    (Response::new(501, "text/plain", "not routed yet"), Duration::ZERO)
}
