//! `/openapi.json`: the description of everything that is not GraphQL, kept by hand in
//! `schema/openapi.json` and held against the routes by a test.

use axum::{http::header, response::IntoResponse};

const DESCRIPTION: &str = include_str!("../../../schema/openapi.json");

/// `GET /openapi.json`
pub(crate) async fn openapi() -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "public, max-age=300"),
    ];
    (headers, DESCRIPTION)
}
