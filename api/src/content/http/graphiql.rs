//! GraphiQL for browsers, from the released build that lies beside this code; it loads nothing
//! from anywhere else, and its policy lets it load nothing else.

use axum::{
    Router,
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
    routing::get,
};
use schema::digest::Digest;

const PAGE: &str = include_str!("../graphiql/index.html");

/// Name, media type, text.
const FILES: [(&str, &str, &[u8]); 6] = [
    ("react.production.min.js", JS, include_bytes!("../graphiql/react.production.min.js")),
    ("react-dom.production.min.js", JS, include_bytes!("../graphiql/react-dom.production.min.js")),
    ("graphiql.min.js", JS, include_bytes!("../graphiql/graphiql.min.js")),
    ("graphiql.min.css", "text/css; charset=utf-8", include_bytes!("../graphiql/graphiql.min.css")),
    ("start.js", JS, include_bytes!("../graphiql/start.js")),
    ("page.css", "text/css; charset=utf-8", include_bytes!("../graphiql/page.css")),
];
const JS: &str = "text/javascript; charset=utf-8";

/// The editor sets styles on its elements; scripts come from the hub alone.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'none'";

const NOSNIFF: (HeaderName, &str) = (header::X_CONTENT_TYPE_OPTIONS, "nosniff");

pub(super) fn router() -> Router {
    FILES.into_iter().fold(Router::new(), |router, (name, media, body)| {
        let tag = format!("\"{}\"", Digest::of(body).hex());
        router.route(
            &format!("/graphql/graphiql/{name}"),
            get(move |headers: axum::http::HeaderMap| async move {
                let known = headers.get(header::IF_NONE_MATCH).and_then(|it| it.to_str().ok());
                let is_known = known.is_some_and(|known| known.trim_start_matches("W/") == tag);
                let mut response = match is_known {
                    true => axum::http::StatusCode::NOT_MODIFIED.into_response(),
                    false => ([(header::CONTENT_TYPE, media), NOSNIFF], body).into_response(),
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

/// The page.
pub(super) fn page() -> Response {
    (
        [
            (header::CONTENT_TYPE, "text/html; charset=utf-8"),
            (header::CONTENT_SECURITY_POLICY, POLICY),
            (header::CACHE_CONTROL, "no-cache"),
            (header::VARY, "accept"),
            NOSNIFF,
        ],
        PAGE,
    )
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_names_only_files_that_are_here() {
        let addresses =
            PAGE.split(['"', '\'']).filter(|part| part.contains(".js") || part.contains(".css"));
        let mut count = 0;
        for address in addresses {
            let name = address.strip_prefix("/graphql/graphiql/").expect("an address of the hub");
            assert!(FILES.iter().any(|(known, ..)| *known == name), "{name}");
            count += 1;
        }
        assert_eq!(count, FILES.len());
        assert!(!PAGE.contains("://"), "nothing is loaded from elsewhere");
    }

    #[test]
    fn the_page_has_no_script_of_its_own() {
        for part in PAGE.split("<script").skip(1) {
            assert!(part.trim_start().starts_with("src="), "{part}");
        }
    }
}
