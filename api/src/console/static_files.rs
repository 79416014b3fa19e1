//! The style sheet and the one script, from beside this code.

use axum::{
    Router,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::IntoResponse as _,
    routing::get,
};
use schema::digest::Digest;

/// Name, media type, bytes.
const FILES: [(&str, &str, &[u8]); 2] = [
    ("console.css", "text/css; charset=utf-8", include_bytes!("static/console.css")),
    ("htmx.min.js", "text/javascript; charset=utf-8", include_bytes!("static/htmx.min.js")),
];

pub(super) fn routes() -> Router {
    FILES.into_iter().fold(Router::new(), |router, (name, media, body)| {
        let tag = format!("\"{}\"", Digest::of(body).hex());
        let path = format!("/console/static/{name}");
        router.route(
            &path,
            get(move |headers: HeaderMap| async move {
                let known = headers.get(header::IF_NONE_MATCH).and_then(|it| it.to_str().ok());
                let is_known = known.is_some_and(|known| known.trim_start_matches("W/") == tag);
                let mut response = match is_known {
                    true => StatusCode::NOT_MODIFIED.into_response(),
                    false => ([(header::CONTENT_TYPE, media)], body).into_response(),
                };
                let headers = response.headers_mut();
                headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, no-cache"));
                if let Ok(tag) = HeaderValue::from_str(&tag) {
                    headers.insert(header::ETAG, tag);
                }
                response
            }),
        )
    })
}
