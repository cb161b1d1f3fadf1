//! Every call goes through here: a token first, then the SDK, then the second layer of retries.
//!
//! The SDK retries throttling and lost connections three times. What it does not know to pass
//! (IAM's `ConcurrentModification`, logs' `OperationAbortedException`, a bucket still empty after
//! its three tries) is the run's business for changes, and this module's for reads.

use std::future::Future;
use std::time::Duration;

use aws_smithy_async::future::pagination_stream::PaginationStream;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::clients::Aws;
use super::error::cloud_error;
use crate::run::cloud::{CloudError, ErrorClass};

/// The outcome of an SDK call.
type Answer<T, E> = Result<T, SdkError<E, HttpResponse>>;

/// How often a read that was throttled or not answered is tried again, after the SDK's own tries.
const READ_TRIES: u32 = 4;

impl Aws {
    /// A reading call: retried while the service is throttling or failing, else classified.
    pub async fn read<T, E, F>(&self, api: &'static str, send: impl Fn() -> F) -> Result<T, CloudError>
    where
        F: Future<Output = Answer<T, E>>,
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let mut tried = 0;
        loop {
            self.token(api).await;
            tried += 1;
            let error = match send().await {
                Ok(answer) => return Ok(answer),
                Err(error) => cloud_error(api, &error),
            };
            let passes = matches!(error.class, ErrorClass::Throttled | ErrorClass::Transient);
            if !passes || tried == READ_TRIES || error.code == "Connection" {
                return Err(error);
            }
            if error.class == ErrorClass::Throttled {
                self.throttled(api);
            }
            self.rest(Duration::from_secs(1 << tried)).await;
        }
    }

    /// All pages of a listing, a token for each.
    pub async fn pages<T, E>(
        &self,
        api: &'static str,
        mut stream: PaginationStream<Answer<T, E>>,
    ) -> Result<Vec<T>, CloudError>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let mut pages = Vec::new();
        loop {
            self.token(api).await;
            match stream.next().await {
                None => return Ok(pages),
                Some(Ok(page)) => pages.push(page),
                Some(Err(error)) => {
                    let error = cloud_error(api, &error);
                    if error.class == ErrorClass::Throttled {
                        self.throttled(api);
                    }
                    return Err(error);
                }
            }
        }
    }

    /// A changing call, sent once: whether and when to send it again is the run's decision.
    /// EC2's "it would have succeeded" is the success of a probe.
    pub async fn change<T, E, F>(&self, api: &'static str, send: impl FnOnce() -> F) -> Result<(), CloudError>
    where
        F: Future<Output = Answer<T, E>>,
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        self.change_with_answer(api, send).await.map(|_| ())
    }

    /// The same for calls whose success may carry failures inside the answer. `None` is a probe's success.
    pub async fn change_with_answer<T, E, F>(
        &self,
        api: &'static str,
        send: impl FnOnce() -> F,
    ) -> Result<Option<T>, CloudError>
    where
        F: Future<Output = Answer<T, E>>,
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        self.token(api).await;
        let error = match send().await {
            Ok(answer) => return Ok(Some(answer)),
            Err(error) => cloud_error(api, &error),
        };
        if error.code == "DryRunOperation" {
            return Ok(None);
        }
        if error.class == ErrorClass::Throttled {
            self.throttled(api);
        }
        Err(error)
    }
}
