//! What those who operate the hub ask: is it alive, can it work, what does it measure, what
//! does it offer. These routes stand outside the bounds of the others: a hub that is too busy
//! for readers still answers its operators.

pub(crate) mod health;
pub(crate) mod metrics;
pub(crate) mod openapi;

use axum::{Router, routing::get};

use crate::AppState;

pub(crate) fn routes(state: AppState) -> Router {
    Router::new()
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .route("/metrics", get(metrics::metrics))
        .route("/openapi.json", get(openapi::openapi))
        .with_state(state)
}
