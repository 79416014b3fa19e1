//! Headers that keep a browser from doing more with an answer than it was meant for.

use axum::http::{HeaderName, HeaderValue, Response, header};

/// What an answer gets that says nothing of its own. The API's answers are data: a browser
/// that is made to show one as a page runs nothing in it and lets nobody frame it.
const DEFAULTS: [(HeaderName, &str); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// Adds what a route did not set itself.
pub(super) fn secure<Body>(mut response: Response<Body>) -> Response<Body> {
    for (name, value) in DEFAULTS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}
