//! Which HTTP status says what became of a question.
//!
//! The specification of GraphQL over HTTP is a draft, and its later versions distinguish more:
//!
//! | what | settled | draft |
//! | --- | --- | --- |
//! | no JSON, no GraphQL | 400 | 400 |
//! | JSON that is no question; a question that does not fit the schema, or whose variables do not | 400 | 422 |
//! | the same, asked by a client of `application/json`, once it reached GraphQL | 200 | 422, or 400 |
//! | data with errors, for clients of the newer media type | 200 | 294 |
//!
//! Both do everything that the specification says a server must. Clients and proxies may not
//! know the newer ones, so they are asked for by a setting.

use axum::http::StatusCode;

use super::negotiation::Media;
use crate::content::{Answered, budget, refusal};

/// The statuses that answers go out with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Statuses {
    /// Those that every client knows.
    #[default]
    Settled,
    /// Those of the draft of August 2026.
    Draft,
}

/// Marks an error of a text that is no GraphQL, in its source.
#[derive(Debug)]
pub(in crate::content) struct Unparsable;

/// Data, and errors beside them.
const PARTLY: u16 = 294;

impl Statuses {
    /// The status of an answer.
    pub(super) fn of(self, media: Media, answered: &Answered) -> StatusCode {
        let has_data = answered.data.as_deref().is_some_and(|data| data != b"null");
        let code = answered.errors.iter().find_map(refusal::code);
        match code {
            Some(budget::CODE) => return StatusCode::TOO_MANY_REQUESTS,
            // Clients that leave their queries here read the answer only with this status.
            Some("PERSISTED_QUERY_NOT_FOUND" | "PERSISTED_QUERY_NOT_SUPPORTED") => {
                return StatusCode::OK;
            }
            _ => {}
        }
        if answered.errors.is_empty() {
            return StatusCode::OK;
        }
        if has_data {
            let partly = self == Self::Draft && media == Media::GraphQl;
            let partly = partly.then(|| StatusCode::from_u16(PARTLY).ok()).flatten();
            return partly.unwrap_or(StatusCode::OK);
        }
        if self == Self::Settled && media == Media::Json {
            return StatusCode::OK;
        }
        let is_unparsable = answered.errors.iter().any(|it| it.source::<Unparsable>().is_some());
        match code {
            Some("INTERNAL") => StatusCode::INTERNAL_SERVER_ERROR,
            Some("TIMED_OUT") => StatusCode::SERVICE_UNAVAILABLE,
            _ if is_unparsable => StatusCode::BAD_REQUEST,
            _ => self.of_refused(StatusCode::UNPROCESSABLE_ENTITY),
        }
    }

    /// The status of a request that reached no GraphQL, for which the draft has `status`.
    pub(super) fn of_refused(self, status: StatusCode) -> StatusCode {
        match (self, status) {
            (Self::Settled, StatusCode::UNPROCESSABLE_ENTITY) => StatusCode::BAD_REQUEST,
            _ => status,
        }
    }

    /// The media type of an answer to somebody who likes `media` best: by the draft, clients of
    /// `application/json` are told by its name alone what went well.
    pub(super) fn media(self, media: Media, status: StatusCode) -> Media {
        match self {
            Self::Draft if !status.is_success() => Media::GraphQl,
            _ => media,
        }
    }
}
