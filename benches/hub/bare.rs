//! The limit: a bare axum handler, in a process of its own, that gives back the same bytes.

use std::path::Path;

use anyhow::Result;
use axum::{Router, body::Bytes, http::header, routing::post};

/// Makes this program the bare handler.
pub(crate) const ARGUMENT: &str = "--bare-handler";

/// Serves the bytes of a file until it is killed.
pub(crate) async fn serve(body: &Path) -> Result<()> {
    let body = Bytes::from(std::fs::read(body)?);
    let answer = move |_: Bytes| {
        let body = body.clone();
        async move { ([(header::CONTENT_TYPE, "application/json")], body) }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    Ok(axum::serve(listener, Router::new().route("/graphql", post(answer))).await?)
}
