//! Answers as short as the caller can read them.

use axum::{
    extract::Request,
    http::{self, HeaderValue, header},
    middleware::Next,
    response::Response,
};
use tower_http::compression::{
    CompressionLayer, CompressionLevel, Predicate,
    predicate::{NotForContentType, SizeAbove},
};

/// An answer whose bytes are to go out as they are: files, whose strong tag and ranges are
/// about exactly these bytes, and kept answers in a form that has a tag of its own.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AsIs;

/// Middleware for routes whose answers go out as they are.
pub(crate) async fn as_is(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.extensions_mut().insert(AsIs);
    response
}

/// Shorter than one packet is short enough.
const WORTH_IT: u64 = 1_000;

#[derive(Clone, Copy, Debug)]
struct UnlessAsIs;

impl Predicate for UnlessAsIs {
    fn should_compress<B: axum::body::HttpBody>(&self, response: &axum::http::Response<B>) -> bool {
        response.extensions().get::<AsIs>().is_none()
    }
}

/// Brotli or gzip, as the caller accepts.
pub(super) fn layer() -> CompressionLayer<impl Predicate> {
    CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(
        SizeAbove::new(WORTH_IT)
            .and(NotForContentType::IMAGES)
            .and(NotForContentType::SSE)
            .and(UnlessAsIs),
    )
}

/// Outside of compression: a strong tag promises the same bytes, which hold no more
/// once they were compressed. A weak one still answers `If-None-Match`.
pub(super) fn weaken<Body>(mut response: http::Response<Body>) -> http::Response<Body> {
    // What leaves as it is was given the tag of exactly these bytes.
    if response.extensions().get::<AsIs>().is_some() {
        return response;
    }
    let headers = response.headers_mut();
    if headers.contains_key(header::CONTENT_ENCODING)
        && let Some(tag) = headers.get(header::ETAG)
        && tag.as_bytes().starts_with(b"\"")
        && let Ok(weak) = HeaderValue::from_bytes(&[b"W/", tag.as_bytes()].concat())
    {
        headers.insert(header::ETAG, weak);
    }
    response
}
