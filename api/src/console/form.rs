//! What a form brings, and whether a page of ours made it.

use std::collections::BTreeMap;

use axum::{
    body::Bytes,
    http::{HeaderMap, StatusCode, header},
};
use editorial::sign_in::SignedIn;

use crate::{
    Problem,
    authentication::{cookie, not_from_here},
};

/// The fields of a form; of a field that comes twice the last one.
pub(super) struct Form(BTreeMap<String, String>);

impl Form {
    /// Reads a body; nothing but a form of our own pages is one.
    pub(super) fn read(headers: &HeaderMap, body: &Bytes) -> Result<Self, Problem> {
        if cookie::is_from_elsewhere(headers) {
            return Err(not_from_here());
        }
        let media = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let media = media.and_then(|media| media.split(';').next()).map(str::trim);
        if media != Some("application/x-www-form-urlencoded") {
            return Err(Problem::of_status(StatusCode::UNSUPPORTED_MEDIA_TYPE));
        }
        Ok(Self(url::form_urlencoded::parse(body).into_owned().collect()))
    }

    /// The same for somebody signed in: the form carries the token of their session.
    pub(super) fn of(
        signed_in: &SignedIn,
        headers: &HeaderMap,
        body: &Bytes,
    ) -> Result<Self, Problem> {
        let form = Self::read(headers, body)?;
        match cookie::is_form_token(signed_in, form.text("form")) {
            true => Ok(form),
            false => Err(not_from_here()),
        }
    }

    /// A field; empty where it is missing.
    pub(super) fn text(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// A field that may be left out.
    pub(super) fn filled(&self, name: &str) -> Option<&str> {
        Some(self.text(name).trim()).filter(|text| !text.is_empty())
    }
}
