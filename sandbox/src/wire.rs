//! From an HTTP request to the service it is meant for, and back.
//!
//! The service and the region are read from the signature's credential scope
//! (`Credential=KEY/DATE/REGION/SERVICE/aws4_request`), as AWS's front doors do:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>.
//! Signatures themselves are not checked: nothing secret lives here.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::World;
use crate::calls::Call;
use crate::error::{AwsError, AwsResult};
use crate::query::Params;
use crate::xml::{self, Xml};
use crate::{autoscaling, ec2, eks, elb, gate, iam, kms, lag, logs, servicequotas, sts, tagging};

/// Every service of the embedded AWS, a line each.
const SERVICES: &[&Service] = &[
    &autoscaling::SERVICE,
    &ec2::SERVICE,
    &eks::SERVICE,
    &elb::SERVICE,
    &iam::SERVICE,
    &kms::SERVICE,
    &logs::SERVICE,
    &servicequotas::SERVICE,
    &sts::SERVICE,
    &tagging::SERVICE,
];

/// One service: how it is named, how it speaks, what it can do.
pub struct Service {
    /// Its name in a signature's credential scope: `elasticloadbalancing`, `tagging`.
    pub scope: &'static str,
    /// Its name in IAM actions: `ec2`, `tag`.
    pub iam: &'static str,
    /// How its requests and answers are written.
    pub protocol: Protocol,
    /// The operation of this name, if it is modelled.
    pub operation: fn(&str) -> Option<Operation>,
}

/// One operation. It refuses, or changes the world and answers.
pub type Operation = fn(&mut World, &Ctx) -> AwsResult<Answer>;

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
}

/// What an operation answers, before its protocol wraps it.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// The fields of the result (query protocols).
    Xml(Xml),
    /// The whole body (JSON protocols).
    Json(Value),
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

/// Answers one request against the world, and says how long the answer is to be held back.
pub fn answer(world: &mut World, request: &Request) -> (Response, Duration) {
    let request_id = world.next_request_id();
    let latency = world.faults.latency;
    let Some((key, region, scope)) = request.scope() else {
        let refusal = AwsError::with_status(
            403,
            "MissingAuthenticationToken",
            "Request is missing Authentication Token",
        );
        return (refusal.render(&guess_protocol(request), &request_id), latency);
    };
    let Some(service) = service(scope) else {
        let text = format!("the embedded AWS does not model the service {scope}");
        return (
            AwsError::with_status(501, "NotImplemented", text).render(&Protocol::Json, &request_id),
            latency,
        );
    };
    let ctx = match service.read(request, region) {
        Ok(ctx) => ctx,
        Err(refusal) => return (refusal.render(&service.protocol, &request_id), latency),
    };
    let place = world.calls.len();
    world.calls.push(Call {
        at: world.clock.now(),
        region: region.to_owned(),
        service: service.iam.to_owned(),
        action: ctx.action.clone(),
        target: ctx.target(),
        mutating: gate::mutates(&ctx),
        dry_run: ctx.params.bool("DryRun"),
        refused: None,
    });
    let iam_action = format!("{}:{}", service.iam, ctx.action);
    for other in world.faults.meanwhile(&iam_action) {
        let params: Vec<(&str, &str)> =
            other.params.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        // A refusal is that other's own trouble.
        let _ = world.call(&other.service, &other.region, &other.action, &params);
    }
    let outcome = gate::admit(world, service, &ctx, key).and_then(|operation| {
        if gate::mutates(&ctx) {
            match lag::refusal(world, service.iam, &ctx, operation) {
                Some(refusal) => Err(refusal),
                None => perform(world, &ctx, operation),
            }
        } else {
            lag::read(world, service.iam, &ctx, operation)
        }
    });
    let mut response = match outcome {
        Ok(answer) => service.wrap(&ctx.action, &request_id, &answer),
        Err(refusal) => {
            world.calls[place].refused = Some(refusal.code.clone());
            refusal.render(&service.protocol, &request_id)
        }
    };
    response.headers.push(("x-amzn-requestid".into(), request_id));
    response.lost = world.faults.loses(&iam_action);
    (response, latency)
}

/// Carries out an admitted call, under the eyes of the tagging API.
pub(crate) fn perform(world: &mut World, ctx: &Ctx, operation: Operation) -> AwsResult<Answer> {
    if !gate::mutates(ctx) {
        return operation(world, ctx);
    }
    lag::remember(world);
    tagging::before(world, &ctx.region, &ctx.action);
    let outcome = operation(world, ctx);
    tagging::after(world, &ctx.region, &ctx.action);
    outcome
}

/// The service with this name in credential scopes.
pub(crate) fn service(scope: &str) -> Option<&'static Service> {
    SERVICES.iter().copied().find(|service| service.scope == scope)
}

impl Service {
    /// The refusal of an operation that is not modelled here.
    pub(crate) fn unknown(&self, action: &str) -> AwsError {
        match self.protocol {
            Protocol::Ec2Query { .. } | Protocol::Query { .. } => AwsError::new(
                "InvalidAction",
                format!("The action {action} is not valid for this web service."),
            ),
            Protocol::Json | Protocol::RestJson { .. } => {
                AwsError::with_status(404, "UnknownOperationException", format!("{action} is not modelled"))
            }
        }
    }

    /// Takes a request apart as this service's protocol says.
    fn read(&self, request: &Request, region: &str) -> AwsResult<Ctx> {
        let mut ctx = Ctx { region: region.to_owned(), ..Ctx::default() };
        match self.protocol {
            Protocol::Ec2Query { .. } | Protocol::Query { .. } => {
                let form = if request.body.is_empty() { request.query.as_bytes() } else { &request.body };
                ctx.params = Params::parse(form);
                let missing =
                    || AwsError::new("MissingAction", "The request is missing an Action parameter.");
                ctx.action = ctx.params.get("Action").map(str::to_owned).ok_or_else(missing)?;
            }
            Protocol::Json => {
                let target = request.header("x-amz-target").unwrap_or_default();
                ctx.action = target.rsplit('.').next().unwrap_or_default().to_owned();
                ctx.json = members(&request.body)?;
            }
            Protocol::RestJson { route } => {
                let unknown = || self.unknown(&format!("{} {}", request.method, request.path));
                let (action, outer) = route(request).ok_or_else(unknown)?;
                ctx.action = action.to_owned();
                ctx.json = members(&request.body)?;
                ctx.json.extend(outer);
            }
        }
        Ok(ctx)
    }

    /// The body of an answer as this service's protocol writes it.
    pub(crate) fn body(&self, action: &str, request_id: &str, answer: &Answer) -> String {
        match (&self.protocol, answer) {
            (Protocol::Ec2Query { namespace }, Answer::Xml(inner)) => {
                xml::ec2_answer(action, namespace, request_id, inner)
            }
            (_, Answer::Xml(inner)) => {
                let namespace =
                    if let Protocol::Query { namespace } = self.protocol { namespace } else { "" };
                xml::query_answer(action, namespace, request_id, inner)
            }
            (_, Answer::Json(value)) => value.to_string(),
        }
    }

    fn wrap(&self, action: &str, request_id: &str, answer: &Answer) -> Response {
        let content_type = match self.protocol {
            Protocol::Ec2Query { .. } => "text/xml;charset=UTF-8",
            Protocol::Query { .. } => "text/xml",
            Protocol::Json => "application/x-amz-json-1.1",
            Protocol::RestJson { .. } => "application/json",
        };
        Response::new(200, content_type, self.body(action, request_id, answer))
    }
}

impl Ctx {
    /// What the call is about: every id, name and ARN among its own members, comma-joined.
    fn target(&self) -> String {
        let names = |key: &str| {
            let key = key.to_ascii_lowercase();
            let key = key.trim_end_matches('s');
            ["id", "name", "arn", "arnlist", "resourcearnlist"].iter().any(|end| key.ends_with(end))
                || key == "publicip"
        };
        let by_params = self.params.iter().filter(|(key, _)| {
            let mut parts = key.split('.');
            let first = parts.next().unwrap_or_default();
            names(first) && parts.all(|part| part == "member" || part.parse::<u32>().is_ok())
        });
        let mut found: Vec<String> = by_params.map(|(_, value)| value.to_owned()).collect();
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

/// The members of a JSON body; an empty body has none.
fn members(body: &[u8]) -> AwsResult<Map<String, Value>> {
    if body.is_empty() {
        return Ok(Map::new());
    }
    let malformed = |_| AwsError::new("SerializationException", "the body is not a JSON object");
    serde_json::from_slice(body).map_err(malformed)
}

/// The protocol of a request whose service nobody named.
fn guess_protocol(request: &Request) -> Protocol {
    if request.header("x-amz-target").is_some() {
        Protocol::Json
    } else if request.header("content-type").is_some_and(|kind| kind.starts_with("application/x-www-form")) {
        Protocol::Ec2Query { namespace: ec2::NAMESPACE }
    } else {
        Protocol::RestJson { route: |_| None }
    }
}

#[cfg(test)]
mod tests;
