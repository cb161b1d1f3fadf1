//! The embedded AWS in this process: gives the SDK a network that ends there, so that `demo` and tests go
//! through the real clients and their parsers.

use aws_janitor_sandbox::{Request, Response, Sandbox};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;

/// An HTTP client whose every request is answered by one embedded AWS.
#[derive(Clone)]
pub struct Door {
    sandbox: Sandbox,
}

impl Door {
    /// A door to this embedded AWS.
    pub fn new(sandbox: Sandbox) -> Self {
        Self { sandbox }
    }
}

impl std::fmt::Debug for Door {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Door")
    }
}

impl HttpClient for Door {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Door {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let sandbox = self.sandbox.clone();
        let request = inward(&request);
        HttpConnectorFuture::new(async move { outward(sandbox.handle(request).await) })
    }
}

/// The SDK's request in the embedded AWS's form.
fn inward(request: &HttpRequest) -> Request {
    let uri = request.uri();
    let mut parts = uri.splitn(4, '/').skip(2);
    let (host, after_host) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let (path, query) = after_host.split_once('?').unwrap_or((after_host, ""));
    Request {
        method: request.method().to_owned(),
        path: format!("/{path}"),
        query: query.to_owned(),
        headers: request
            .headers()
            .iter()
            .map(|(key, value)| (key.to_lowercase(), value.to_owned()))
            // S3's buckets are hosts of their own.
            .chain([("host".to_owned(), host.to_owned())])
            .collect(),
        body: request.body().bytes().unwrap_or_default().to_vec(),
    }
}

/// The embedded AWS's answer in the SDK's form.
fn outward(response: Response) -> Result<HttpResponse, ConnectorError> {
    if response.lost {
        return Err(ConnectorError::io("the connection was closed before the answer".into()));
    }
    let status =
        StatusCode::try_from(response.status).map_err(|error| ConnectorError::other(error.into(), None))?;
    let mut answer = HttpResponse::new(status, SdkBody::from(response.body));
    for (key, value) in response.headers {
        answer.headers_mut().insert(key, value);
    }
    Ok(answer)
}
