//! A stand-in for the network in tests: the SDK's real clients speak to it, it answers from a script
//! and keeps what was asked. So answers as AWS writes them go through the SDK's own parsers.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::retry::RetryConfig;

use super::clients::{Aws, Pace, Site};
use crate::model::{AccountId, Region};
use crate::run::bucket::Buckets;
use crate::session::CallMode;

/// Answers in the order in which they will be given, and the requests that came.
#[derive(Debug, Clone, Default)]
pub(crate) struct Script(Arc<Mutex<Exchange>>);

#[derive(Debug, Default)]
struct Exchange {
    answers: VecDeque<(u16, String)>,
    /// Answers to whichever request holds these words, each given once: for calls made side by side.
    matching: Vec<(&'static str, u16, String)>,
    /// What is answered when the script is at its end; without it that is a test's mistake.
    /// Status 0 closes the connection instead.
    then: Option<(u16, String)>,
    requests: Vec<String>,
}

impl Script {
    /// A script of answers: status and body of each.
    pub(crate) fn new<'a>(answers: impl IntoIterator<Item = (u16, &'a str)>) -> Self {
        let answers = answers.into_iter().map(|(status, body)| (status, body.to_owned())).collect();
        Self(Arc::new(Mutex::new(Exchange { answers, ..Exchange::default() })))
    }

    /// For calls made side by side: each request gets the first answer left whose words stand in its
    /// target, its path or its body. Status 0 closes the connection instead.
    pub(crate) fn matching<'a>(answers: impl IntoIterator<Item = (&'static str, u16, &'a str)>) -> Self {
        let answers = answers.into_iter().map(|(words, status, body)| (words, status, body.to_owned()));
        Self(Arc::new(Mutex::new(Exchange { matching: answers.collect(), ..Exchange::default() })))
    }

    /// The same answer to everything; status 0 closes the connection instead.
    pub(crate) fn always(status: u16, body: &str) -> Self {
        let then = Some((status, body.to_owned()));
        Self(Arc::new(Mutex::new(Exchange { then, ..Exchange::default() })))
    }

    /// The bodies of the requests so far: of EC2's, forms such as `Action=DescribeVpcs&MaxResults=1000`.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.0.lock().unwrap().requests.clone()
    }

    /// Clients of one region that speak to this script.
    pub(crate) fn aws(&self, mode: CallMode) -> Aws {
        let site = Site { region: Region::new("us-east-1"), account: AccountId::new("111122223333") };
        aws_over(self.clone(), site, mode)
    }
}

/// Clients of one site that speak to this stand-in for the network, with the SDK's retries switched
/// off and a clock so fast that no test waits.
pub(crate) fn aws_over(network: impl HttpClient + 'static, site: Site, mode: CallMode) -> Aws {
    let credentials = Credentials::from_keys("AKIATEST", "none", None);
    let config = SdkConfig::builder()
        .behavior_version(aws_config::BehaviorVersion::latest())
        .region(aws_config::Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .retry_config(RetryConfig::disabled())
        .http_client(network)
        .build();
    Aws::new(
        &config,
        site,
        &Pace { mode, speed: 1e6, buckets: Arc::new(Buckets::new(1e6)), calls: Arc::default() },
    )
}

impl HttpConnector for Script {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let mut exchange = self.0.lock().unwrap();
        let body = String::from_utf8_lossy(request.body().bytes().unwrap_or_default()).into_owned();
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let asked = format!("{target} {} {body}", request.uri());
        exchange.requests.push(body);
        let fitting = exchange.matching.iter().position(|(words, ..)| asked.contains(words));
        let matching = fitting.map(|at| exchange.matching.remove(at)).map(|(_, status, body)| (status, body));
        let answer = matching.or_else(|| exchange.answers.pop_front()).or_else(|| exchange.then.clone());
        let (status, body) = answer.unwrap_or_else(|| panic!("the script has no answer left to {asked}"));
        if status == 0 {
            let closed = ConnectorError::io("the connection was closed before the answer".into());
            return HttpConnectorFuture::ready(Err(closed));
        }
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body))))
    }
}

impl HttpClient for Script {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}
