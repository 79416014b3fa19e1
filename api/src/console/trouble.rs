//! Refusals and faults as pages, where others get problem documents.

use askama::Template;
use axum::{extract::Request, middleware::Next, response::Response};

use super::{
    frame::{Frame, Tongue},
    page,
};
use crate::{Problem, http::RequestId};

#[derive(Template)]
#[template(path = "console/trouble.html")]
struct Trouble {
    frame: Frame,
    detail: Option<String>,
    request: String,
}

/// Middleware: a refusal becomes a page in the language of its reader.
pub(super) async fn as_a_page(request: Request, next: Next) -> Response {
    let tongue = Tongue::of(request.headers());
    let id = request.extensions().get::<RequestId>().map(ToString::to_string);
    let mut response = next.run(request).await;
    let Some(problem) = response.extensions_mut().remove::<Problem>() else { return response };
    problem.log();
    let (title, detail) = problem.words();
    let mut frame = Frame::new(tongue, ("", ""));
    frame.title = tongue.of_both(title);
    let detail = detail.map(|detail| tongue.of_both(detail));
    let trouble = Trouble { frame, detail, request: id.unwrap_or_default() };
    match page(response.status(), &trouble) {
        Ok(mut told) => {
            // When to come back, and which sessions to forget.
            for (name, value) in response.headers() {
                if !told.headers().contains_key(name) {
                    told.headers_mut().append(name, value.clone());
                }
            }
            told
        }
        Err(_) => response,
    }
}
