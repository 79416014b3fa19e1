//! Problem details (RFC 9457): every refusal and every fault outside GraphQL.
//!
//! A handler returns a [`Problem`]; the one place that turns it into bytes is
//! [`document`], at the outer edge, where the caller's language and the request id are known.
//! What the log hears of a fault and what the caller sees are kept apart here.

mod document;
mod mapping;
mod status;

use std::{error::Error, sync::Arc};

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use schema::message::{Bilingual, Fault};

pub(crate) use document::{in_the_callers_language, language};

/// Why a request was not served.
#[derive(Clone, Debug)]
pub struct Problem(Box<Parts>);

#[derive(Clone, Debug)]
struct Parts {
    status: StatusCode,
    code: &'static str,
    title: Bilingual,
    detail: Option<Bilingual>,
    faults: Vec<Fault>,
    retry_after: Option<u32>,
    cause: Option<Arc<dyn Error + Send + Sync>>,
}

impl Problem {
    /// A problem of `status` that programs know by `code` (snake case) and people by `title`.
    pub fn new(status: StatusCode, code: &'static str, title: Bilingual) -> Self {
        Self(Box::new(Parts {
            status,
            code,
            title,
            detail: None,
            faults: Vec::new(),
            retry_after: None,
            cause: None,
        }))
    }

    /// A fault of ours: the caller learns that it happened and its request id, the log learns
    /// `cause`, once.
    pub fn fault(cause: impl Error + Send + Sync + 'static) -> Self {
        Self::of_status(StatusCode::INTERNAL_SERVER_ERROR).because(cause)
    }

    /// Something the hub needs does not answer; worth asking again in `seconds`.
    pub fn unavailable(cause: impl Error + Send + Sync + 'static, seconds: u32) -> Self {
        Self::of_status(StatusCode::SERVICE_UNAVAILABLE).retry_after(seconds).because(cause)
    }

    /// What the log hears of it, and nobody else.
    fn because(mut self, cause: impl Error + Send + Sync + 'static) -> Self {
        self.0.cause = Some(Arc::new(cause));
        self
    }

    /// What of this occurrence the caller can act on.
    #[must_use]
    pub fn detail(mut self, detail: Bilingual) -> Self {
        self.0.detail = Some(detail);
        self
    }

    /// Every single thing that is wrong with what was handed in.
    #[must_use]
    pub fn faults(mut self, faults: Vec<Fault>) -> Self {
        self.0.faults = faults;
        self
    }

    /// When to ask again, in seconds.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.0.retry_after = Some(seconds);
        self
    }

    /// The answer's status.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// What people read: the title, and what of this occurrence they can act on.
    pub(crate) fn words(&self) -> (&Bilingual, Option<&Bilingual>) {
        (&self.0.title, self.0.detail.as_ref())
    }

    /// Tells the log what the caller does not hear; once, where it is turned into an answer.
    pub(crate) fn log(&self) {
        let Some(cause) = &self.0.cause else { return };
        match self.0.status {
            StatusCode::SERVICE_UNAVAILABLE => tracing::warn!(error = %cause, "unavailable"),
            _ => tracing::error!(error = %cause, "fault"),
        }
    }

    /// The code for programs.
    pub fn code(&self) -> &'static str {
        self.0.code
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.0.status.into_response();
        if let Some(seconds) = self.0.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.0.status == StatusCode::UNAUTHORIZED {
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response.extensions_mut().insert(self);
        response
    }
}
