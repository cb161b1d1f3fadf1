//! The embedded AWS behind a port on loopback, for any client that speaks HTTP/1.1.

use std::future::Future;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};

use crate::door::Sandbox;
use crate::protocol::Request;

/// Why a connection ended before its answer was sent.
#[derive(Debug, thiserror::Error)]
enum ConnectionError {
    #[error("the answer was lost on purpose")]
    Lost,
    #[error("the request could not be read")]
    Body(#[from] hyper::Error),
    #[error("the answer could not be written")]
    Answer(#[from] hyper::http::Error),
}

/// Serves until `stop` is done. Connections that are open then are dropped.
pub async fn serve(sandbox: Sandbox, listener: TcpListener, stop: impl Future) {
    let mut connections = tokio::task::JoinSet::new();
    tokio::pin!(stop);
    loop {
        tokio::select! {
            _ = &mut stop => return,
            accepted = listener.accept() => {
                if let Ok((stream, _)) = accepted {
                    connections.spawn(connection(sandbox.clone(), stream));
                }
            }
            // Finished connections are collected, so that a long-lived server does not grow.
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
        }
    }
}

async fn connection(sandbox: Sandbox, stream: TcpStream) {
    let service = service_fn(move |request| exchange(sandbox.clone(), request));
    let serving = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    // The caller's end may close at any time; there is nobody to tell.
    if let Err(error) = serving.await {
        tracing::debug!(%error, "a connection to the embedded AWS ended");
    }
}

/// One request and its answer. An error closes the connection, which is how an answer is lost.
async fn exchange(
    sandbox: Sandbox,
    request: hyper::Request<Incoming>,
) -> Result<hyper::Response<Full<Bytes>>, ConnectionError> {
    let (head, body) = request.into_parts();
    let text = |value: &hyper::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let request = Request {
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: head.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
        body: body.collect().await?.to_bytes().to_vec(),
    };
    let answer = sandbox.handle(request).await;
    if answer.lost {
        return Err(ConnectionError::Lost);
    }
    let mut response = hyper::Response::builder().status(answer.status);
    for (name, value) in &answer.headers {
        response = response.header(name, value);
    }
    Ok(response.body(Full::new(Bytes::from(answer.body)))?)
}
