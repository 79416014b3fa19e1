//! What every request passes on its way in, and every answer on its way out.
//!
//! From the outside in: who asks and under which id, the span and its one line in the log,
//! refusals as documents, security headers, compression, panics. Inside these, each group of
//! routes has its own `bounds` and, where browsers of other origins may call, CORS.

pub(crate) mod bounds;
mod compression;
mod hang_up;
mod headers;
mod identity;
mod network;
mod observation;
mod origin;
mod origins;
mod panic;

use std::sync::Arc;

use axum::{Router, middleware};
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;

pub(crate) use compression::{AsIs, as_is};
pub(crate) use hang_up::HangUp;
pub use identity::{ClientAddress, RequestId};
pub(crate) use identity::{Peer, REQUEST_ID, client_address, neighbourhood, request_id};
pub use network::{Network, NotANetwork};
pub(crate) use origin::{PresentedLink, origin};
pub(crate) use origins::{Origins, cross_origin};

use crate::{AppState, problem};

/// Lays what every request passes around `routes`.
pub(crate) fn around(routes: Router, state: AppState) -> Router {
    routes.layer(
        ServiceBuilder::new()
            .layer(middleware::from_fn_with_state(Arc::new(state), identity::identify))
            .layer(middleware::from_fn(observation::observe))
            .layer(middleware::from_fn(problem::in_the_callers_language))
            .map_response(headers::secure)
            .map_response(compression::weaken)
            .layer(compression::layer())
            .layer(CatchPanicLayer::custom(panic::Caught)),
    )
}
