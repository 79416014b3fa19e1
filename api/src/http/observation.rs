//! The span of a request, its one line in the log, and its place in the metrics.
//!
//! Routes are named by their template: a path may hold anything, a query string may hold a
//! token, and neither belongs into a label or a log.

use std::time::Instant;

use axum::{
    extract::{MatchedPath, Request},
    http::Method,
    middleware::Next,
    response::Response,
};
use metrics::{counter, gauge, histogram};
use tracing::{Instrument as _, field};

use super::{ClientAddress, RequestId};
use crate::{
    content::http::Effort,
    operations::metrics::{DURATION, IN_PROGRESS, STATEMENTS},
};

/// Counts a request as in progress until it is answered or given up.
struct InProgress;

impl InProgress {
    fn begin() -> Self {
        gauge!(IN_PROGRESS).increment(1);
        Self
    }
}

impl Drop for InProgress {
    fn drop(&mut self) {
        gauge!(IN_PROGRESS).decrement(1);
    }
}

/// Middleware: spans, logs and measures. The time is up to the head of the answer.
pub(crate) async fn observe(request: Request, next: Next) -> Response {
    let began = Instant::now();
    let _in_progress = InProgress::begin();
    let method = method(request.method());
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "unmatched".to_owned(), |path| path.as_str().to_owned());
    let id = request.extensions().get::<RequestId>().map(field::display);
    let client = request.extensions().get::<ClientAddress>().and_then(|client| client.0);
    let span =
        tracing::info_span!("request", id, method, route, client = client.map(field::display),);
    let response = next.run(request).instrument(span.clone()).await;
    let status = response.status().as_u16();
    let seconds = began.elapsed().as_secs_f64();
    let milliseconds = (seconds * 1_000_000.0).round() / 1_000.0;
    // Probes come every few seconds and say nothing while they succeed.
    let is_probe = route.starts_with("/health/") || route == "/metrics";
    span.in_scope(|| match status {
        200..=399 if is_probe => tracing::debug!(status, milliseconds, "answered"),
        _ => tracing::info!(status, milliseconds, "answered"),
    });
    if let Some(effort) = response.extensions().get::<Effort>() {
        counter!(STATEMENTS).increment(effort.statements);
    }
    histogram!(DURATION, "method" => method, "route" => route, "status" => status.to_string())
        .record(seconds);
    response
}

/// The method as a label: anybody may invent methods, and each label is a time series.
fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
