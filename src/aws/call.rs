//! Every call goes through here: a token first, then the SDK, then the second layer of retries.
//!
//! In a scan the SDK retries throttling and lost connections three times; in a run it does not, since
//! it would send a lost delete again by itself. What still passes after that (a bucket that is still
//! empty, IAM's `ConcurrentModification`) is the run's business for changes, this module's for reads.

use std::future::Future;
use std::time::Duration;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::clients::Aws;
use super::error::cloud_error;
use crate::model::{CloudError, ErrorClass};

/// The outcome of an SDK call.
type SdkAnswer<T, E> = Result<T, SdkError<E, HttpResponse>>;

/// How often a read that was throttled or not answered is tried again, after the SDK's own tries.
const READ_TRIES: u32 = 4;

impl Aws {
    /// A reading call: retried while the service is throttling or failing, else classified.
    pub async fn read<T, E, F>(&self, api: &'static str, send: impl Fn() -> F) -> Result<T, CloudError>
    where
        F: Future<Output = SdkAnswer<T, E>>,
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

    /// All pages of a listing, each read as [`Aws::read`] does: a throttled page is asked for again, and
    /// the pages before it are not. `send` asks for the page of a token, `next` tells the next page's.
    pub async fn pages<T, E, F>(
        &self,
        api: &'static str,
        send: impl Fn(Option<String>) -> F,
        next: impl Fn(&T) -> Option<&str>,
    ) -> Result<Vec<T>, CloudError>
    where
        F: Future<Output = SdkAnswer<T, E>>,
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let mut pages = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let page = self.read(api, || send(token.clone())).await?;
            // The tagging API ends its listings with an empty token.
            let following = next(&page).filter(|token| !token.is_empty()).map(str::to_owned);
            pages.push(page);
            match following {
                None => return Ok(pages),
                // Going on would never end, and what was read so far is not all.
                Some(again) if token.as_ref() == Some(&again) => return Err(repeats_itself(api)),
                Some(following) => token = Some(following),
            }
        }
    }

    /// A changing call, sent once: whether and when to send it again is the run's decision.
    /// EC2's "it would have succeeded" is the success of a probe.
    pub async fn change<T, E, F>(&self, api: &'static str, send: impl FnOnce() -> F) -> Result<(), CloudError>
    where
        F: Future<Output = SdkAnswer<T, E>>,
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
        F: Future<Output = SdkAnswer<T, E>>,
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

/// The error of a listing whose pages lead back to themselves.
fn repeats_itself(api: &str) -> CloudError {
    CloudError {
        class: ErrorClass::Transient,
        api: api.to_owned(),
        code: "RepeatedPage".to_owned(),
        message: "a page names itself as the next one".to_owned(),
        request_id: None,
    }
}
