//! Every call goes through here: a token first, then the SDK, then the second layer of retries.
//!
//! In a scan the SDK retries throttling and lost connections three times; in a run it does not, since
//! it would send a lost delete again by itself. What still passes after that (a bucket that is still
//! empty, IAM's `ConcurrentModification`) is the run's business for changes, this module's for reads.

use std::collections::BTreeSet;
use std::future::Future;
use std::ops::ControlFlow;
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

/// A listing that goes page by page.
#[derive(Debug, Clone, Copy)]
pub struct Listing {
    /// The IAM action of its calls.
    pub api: &'static str,
    /// How many pages it has at most.
    pub most: usize,
}

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

    /// All pages of a listing whose pages name the next one until there is none: see [`Aws::pages_by`].
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
        self.pages_by(api, send, |page| Next::named(next(page))).await
    }

    /// All pages of a listing, each read as [`Aws::read`] does: a throttled page is asked for again, and
    /// the pages before it are not. `send` asks for the page of a token, `next` tells the next page's. A listing
    /// that breaks off, goes in a circle or never ends is an error: what was read of it is not all.
    pub async fn pages_by<T, E, F>(
        &self,
        api: &'static str,
        send: impl Fn(Option<String>) -> F,
        next: impl Fn(&T) -> Next<'_>,
    ) -> Result<Vec<T>, CloudError>
    where
        F: Future<Output = SdkAnswer<T, E>>,
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let mut pages = Vec::new();
        let keep = |page| {
            pages.push(page);
            ControlFlow::<()>::Continue(())
        };
        self.walk(Listing { api, most: MOST_PAGES }, send, next, keep).await?;
        Ok(pages)
    }

    /// Goes from page to page, at most so many, until `visit` has found what it looks for; `None` if the pages
    /// end before. What [`Aws::pages_by`] takes for an error is one here as well.
    pub async fn walk<T, E, F, R>(
        &self,
        Listing { api, most }: Listing,
        send: impl Fn(Option<String>) -> F,
        next: impl Fn(&T) -> Next<'_>,
        mut visit: impl FnMut(T) -> ControlFlow<R>,
    ) -> Result<Option<R>, CloudError>
    where
        F: Future<Output = SdkAnswer<T, E>>,
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let mut turned = BTreeSet::new();
        let mut token: Option<String> = None;
        for _ in 0..most {
            let page = self.read(api, || send(token.clone())).await?;
            let following = match next(&page) {
                Next::None => Ok(None),
                Next::Page(token) => Ok(Some(token.to_owned())),
                Next::Lost => Err(unended(api, "CutOffPage", CUT_OFF)),
            };
            if let ControlFlow::Break(found) = visit(page) {
                return Ok(Some(found));
            }
            let Some(following) = following? else { return Ok(None) };
            if !turned.insert(following.clone()) {
                return Err(unended(api, "RepeatedPage", REPEATED));
            }
            token = Some(following);
        }
        Err(unended(api, "EndlessPages", ENDLESS))
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

/// Where a listing goes on, as one of its pages tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next<'a> {
    /// Nowhere: this was the last page.
    None,
    /// At the page of this token.
    Page(&'a str),
    /// There is more, and the page does not say where.
    Lost,
}

impl<'a> Next<'a> {
    /// Of a page that names the next one until there is none. The tagging API ends its listings with an empty
    /// token.
    pub fn named(token: Option<&'a str>) -> Self {
        token.filter(|token| !token.is_empty()).map_or(Self::None, Self::Page)
    }

    /// Of a page of IAM's, which says as well whether there is more: "Some operations might return fewer than
    /// the MaxItems number of results even when there are more", so that only this tells the end.
    /// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html>
    pub fn marked(is_truncated: bool, marker: Option<&'a str>) -> Self {
        match Self::named(marker) {
            Self::None if is_truncated => Self::Lost,
            next => next,
        }
    }
}

/// So many pages no listing has: at a hundred things to the page, a million of them.
const MOST_PAGES: usize = 10_000;

const CUT_OFF: &str = "a page says that there is more, and not where";
const REPEATED: &str = "AWS repeated a page";
const ENDLESS: &str = "the listing does not end";

/// The error of a listing of which nobody knows the end.
fn unended(api: &str, code: &str, message: &str) -> CloudError {
    CloudError {
        class: ErrorClass::Transient,
        api: api.to_owned(),
        code: code.to_owned(),
        message: message.to_owned(),
        request_id: None,
    }
}

#[cfg(test)]
mod tests;
