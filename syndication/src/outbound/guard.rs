//! The layers of the client that are ours: the address as written, the address as connected,
//! and a cap on what is read of an answer.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use reqwest::{Request, Response};
use tower::{Layer, Service};

use super::{
    CallFailure, Reply,
    addresses::{Refused, Rules},
};

/// Bytes of an answer that are read, at the most.
const CAP: usize = 16 * 1024;

type Answer<T> = Pin<Box<dyn Future<Output = Result<T, CallFailure>> + Send>>;

/// Checks the address before the call, and the peer before anything of its answer is used.
#[derive(Clone)]
pub(super) struct GuardLayer(pub(super) Arc<Rules>);

/// See [`GuardLayer`].
#[derive(Clone)]
pub(super) struct Guard<S> {
    rules: Arc<Rules>,
    inner: S,
}

impl<S> Layer<S> for GuardLayer {
    type Service = Guard<S>;

    fn layer(&self, inner: S) -> Guard<S> {
        Guard { rules: Arc::clone(&self.0), inner }
    }
}

impl<S> Service<Request> for Guard<S>
where
    S: Service<Request, Response = Response, Error = reqwest::Error, Future: Send + 'static>,
{
    type Response = Response;
    type Error = CallFailure;
    type Future = Answer<Response>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), CallFailure>> {
        self.inner.poll_ready(context).map_err(|error| failure(&error))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        // A resolver is never asked about an address that is written as a number.
        if let Err(refused) = self.rules.read(request.url().as_str()) {
            return Box::pin(async move { Err(CallFailure::Blocked(refused.to_string())) });
        }
        let rules = Arc::clone(&self.rules);
        let answer = self.inner.call(request);
        Box::pin(async move {
            let response = answer.await.map_err(|error| failure(&error))?;
            let peer = response.remote_addr().map(|peer| rules.check(peer.ip()));
            match peer {
                Some(Ok(())) => Ok(response),
                Some(Err(refused)) => Err(CallFailure::Blocked(refused.to_string())),
                None => Err(CallFailure::Blocked("the peer's address is not known".into())),
            }
        })
    }
}

/// Reads the beginning of an answer and lets the rest go.
#[derive(Clone)]
pub(super) struct CapLayer;

/// See [`CapLayer`].
#[derive(Clone)]
pub(super) struct Cap<S>(S);

impl<S> Layer<S> for CapLayer {
    type Service = Cap<S>;

    fn layer(&self, inner: S) -> Cap<S> {
        Cap(inner)
    }
}

impl<S> Service<Request> for Cap<S>
where
    S: Service<Request, Response = Response, Error = CallFailure, Future: Send + 'static>,
{
    type Response = Reply;
    type Error = CallFailure;
    type Future = Answer<Reply>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), CallFailure>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let answer = self.0.call(request);
        Box::pin(async move {
            let mut response = answer.await?;
            let status = response.status().as_u16();
            let header = |name: &str| {
                let value = response.headers().get(name)?;
                value.to_str().ok().map(str::to_owned)
            };
            let (retry_after, date) = (header("retry-after"), header("date"));
            let mut read = Vec::new();
            // The status is the answer; a body that breaks off takes nothing from it.
            while let Ok(Some(chunk)) = response.chunk().await {
                let room = CAP - read.len();
                read.extend_from_slice(&chunk[..chunk.len().min(room)]);
                if read.len() == CAP {
                    break;
                }
            }
            let text = String::from_utf8_lossy(&read).into_owned();
            Ok(Reply { status, retry_after, date, text })
        })
    }
}

/// What an error says about the bytes that may have been sent.
fn failure(error: &reqwest::Error) -> CallFailure {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    let mut last = error.to_string();
    while let Some(current) = cause {
        if let Some(refused) = current.downcast_ref::<Refused>() {
            return CallFailure::Blocked(refused.to_string());
        }
        last = current.to_string();
        cause = current.source();
    }
    // Without the address: it may carry what nobody should read in a log.
    if error.is_connect() {
        CallFailure::NotSent(last)
    } else if error.is_builder() {
        CallFailure::Blocked(last)
    } else {
        CallFailure::Unanswered(last)
    }
}
