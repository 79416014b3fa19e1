//! Bounds of a group of routes: how long, how large, how many at once.

use std::{sync::Arc, time::Duration};

use axum::{
    BoxError, Router, error_handling::HandleErrorLayer, extract::DefaultBodyLimit, http::StatusCode,
};
use tokio::sync::Semaphore;
use tower::{ServiceBuilder, limit::GlobalConcurrencyLimitLayer, load_shed::LoadShedLayer};
use tower_http::{
    limit::RequestBodyLimitLayer,
    timeout::{RequestBodyTimeoutLayer, TimeoutLayer},
};

use crate::Problem;

/// How long a sender may pause within a body.
const PAUSE: Duration = Duration::from_secs(30);

/// What a request of a group may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Most bytes of a request's body.
    pub(crate) body: usize,
    /// Until the head of the answer is there.
    pub(crate) time: Duration,
}

/// Puts `routes` within `bounds`, and takes their requests only while `places` has room:
/// beyond that a request is refused at once, with a time to come back, since one that waits
/// in a queue is served after its sender gave up. Groups that share `places` share the room.
pub(crate) fn bounded(routes: Router, bounds: Bounds, places: &Arc<Semaphore>) -> Router {
    routes.layer(
        ServiceBuilder::new()
            .layer(HandleErrorLayer::new(shed))
            .layer(LoadShedLayer::new())
            .layer(GlobalConcurrencyLimitLayer::with_semaphore(Arc::clone(places)))
            .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, bounds.time))
            .layer(RequestBodyTimeoutLayer::new(PAUSE))
            // The outer one counts every byte, whoever reads it; the inner one lets
            // extractors know, which have a lower bound of their own otherwise.
            .layer(RequestBodyLimitLayer::new(bounds.body))
            .layer(DefaultBodyLimit::max(bounds.body)),
    )
}

async fn shed(_: BoxError) -> Problem {
    Problem::of_status(StatusCode::SERVICE_UNAVAILABLE).retry_after(1)
}
