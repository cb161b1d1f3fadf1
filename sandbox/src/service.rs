//! What every service of the embedded AWS is made of, and how its protocol takes its requests apart and
//! wraps its answers. Each service's room gives one [`Service`]; the wire holds the table of them.

use crate::error::{AwsError, AwsResult};
use crate::protocol::{Answer, Ctx, Plain, Protocol, Request, Response, members};
use crate::query::Params;
use crate::world::World;
use crate::xml;

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

impl Service {
    /// The refusal of an operation that is not modelled here.
    pub(crate) fn unknown(&self, action: &str) -> AwsError {
        match self.protocol {
            Protocol::Ec2Query { .. } | Protocol::Query { .. } => AwsError::new(
                "InvalidAction",
                format!("The action {action} is not valid for this web service."),
            ),
            // https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
            Protocol::RestXml { .. } => {
                AwsError::with_status(501, "NotImplemented", format!("{action} is not modelled"))
            }
            Protocol::Json | Protocol::RestJson { .. } => {
                AwsError::with_status(404, "UnknownOperationException", format!("{action} is not modelled"))
            }
        }
    }

    /// Takes a request apart as this service's protocol says.
    pub(crate) fn read(&self, request: &Request, region: &str) -> AwsResult<Ctx> {
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
            Protocol::RestXml { route, .. } => {
                let unknown =
                    || self.unknown(&format!("{} {}?{}", request.method, request.path, request.query));
                let (action, members) = route(request).ok_or_else(unknown)?;
                ctx.action = action.to_owned();
                ctx.json = members;
                ctx.body.clone_from(&request.body);
            }
        }
        Ok(ctx)
    }

    /// The body of an answer as this service's protocol writes it.
    pub(crate) fn body(&self, action: &str, request_id: &str, answer: &Answer) -> String {
        match (&self.protocol, answer) {
            (Protocol::RestXml { namespace, .. }, Answer::Xml(whole)) => {
                let with_namespace = format!(" xmlns=\"{namespace}\">");
                let whole = whole.as_str().replacen('>', &with_namespace, 1);
                format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{whole}")
            }
            (Protocol::Ec2Query { namespace }, Answer::Xml(inner)) => {
                xml::ec2_answer(action, namespace, request_id, inner)
            }
            (_, Answer::Xml(inner)) => {
                let namespace =
                    if let Protocol::Query { namespace } = self.protocol { namespace } else { "" };
                xml::query_answer(action, namespace, request_id, inner)
            }
            (_, Answer::Json(value)) => value.to_string(),
            (_, Answer::Plain(plain)) => String::from_utf8_lossy(&plain.body).into_owned(),
        }
    }

    pub(crate) fn wrap(&self, action: &str, request_id: &str, answer: &Answer) -> Response {
        if let Answer::Plain(Plain { status, headers, body }) = answer {
            let (status, headers, body) = (*status, headers.clone(), body.clone());
            return Response { status, headers, body, lost: false };
        }
        let content_type = match self.protocol {
            Protocol::Ec2Query { .. } => "text/xml;charset=UTF-8",
            Protocol::Query { .. } => "text/xml",
            Protocol::Json => "application/x-amz-json-1.1",
            Protocol::RestJson { .. } => "application/json",
            Protocol::RestXml { .. } => "application/xml",
        };
        Response::new(200, content_type, self.body(action, request_id, answer))
    }
}
