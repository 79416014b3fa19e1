//! A panic in a handler ends that request, not the server.

use std::any::Any;

use axum::{body::Body, http::Response, response::IntoResponse as _};
use tower_http::catch_panic::ResponseForPanic;

use crate::Problem;

/// What a handler panicked with; for the log.
#[derive(Debug, thiserror::Error)]
#[error("a handler panicked: {0}")]
struct Panicked(String);

/// Makes a panic the same kind of answer as any other fault.
#[derive(Clone, Copy, Debug)]
pub(super) struct Caught;

impl ResponseForPanic for Caught {
    type ResponseBody = Body;

    fn response_for_panic(&mut self, panic: Box<dyn Any + Send + 'static>) -> Response<Body> {
        let words = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("without words");
        Problem::fault(Panicked(words.to_owned())).into_response()
    }
}
