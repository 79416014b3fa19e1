//! The heads that a kept answer went out with, so that it goes out again without being made.

use std::sync::OnceLock;

use axum::{
    body::Body,
    http::{HeaderMap, StatusCode, header},
    response::Response,
};

use super::{Page, packed::Coding};
use crate::http::REQUEST_ID;

/// One head for each form.
#[derive(Debug, Default)]
pub(super) struct Heads {
    plain: OnceLock<HeaderMap>,
    short: [OnceLock<HeaderMap>; 3],
}

impl Heads {
    const fn of(&self, coding: Option<Coding>) -> &OnceLock<HeaderMap> {
        match coding {
            None => &self.plain,
            Some(coding) => &self.short[coding.place()],
        }
    }
}

impl Page {
    /// Keeps the head of `response`, as which it leaves for a caller who takes `coding`.
    pub(in crate::content) fn keep_head(&self, response: &Response, coding: Option<Coding>) {
        let packed = coding.filter(|coding| self.packed(*coding).is_some());
        let said = response.headers().get(header::CONTENT_ENCODING);
        // Neither a refusal nor what was compressed on its way, nor what tells what is left.
        if self.marks.tells_cost
            || response.status() != StatusCode::OK
            || said != packed.map(Coding::name).as_ref()
        {
            return;
        }
        self.heads.of(coding).get_or_init(|| {
            let mut head = response.headers().clone();
            for name in [REQUEST_ID, header::CONTENT_LENGTH, header::DATE] {
                head.remove(name);
            }
            head
        });
    }

    /// As it left before, for a caller who takes `coding`; `None` when it never did.
    pub(in crate::content) fn again(&self, coding: Option<Coding>) -> Option<Response> {
        let head = self.heads.of(coding).get()?.clone();
        let body = coding.and_then(|coding| self.packed(coding));
        let mut response = Response::new(Body::from(body.unwrap_or_else(|| self.body.clone())));
        *response.headers_mut() = head;
        Some(response)
    }
}
