//! One question out of one request, for live updates, which answer in other ways.

use std::collections::BTreeMap;

use async_graphql::ServerError;
use axum::{
    extract::Request,
    http::{Method, StatusCode, header},
    response::{IntoResponse as _, Response},
};

use super::{Asked, Refused, Statuses, body, from_address, from_body, write};
use crate::content::{Answered, Limits, Question, refusal::Refusal, too_large};

/// The question that a body asks; a body with several is refused.
///
/// # Errors
/// What is wrong with it.
pub(in crate::content) fn question(body: &[u8], limits: &Limits) -> Result<Question, Refusal> {
    if body.len() > limits.body_bytes {
        return Err(too_large("请求体", "the body", limits.body_bytes));
    }
    one(from_body(body, limits)).map_err(|(_, refusal)| refusal)
}

/// The question that a request asks, in its address or its body.
///
/// # Errors
/// The answer to a request that asks nothing.
pub(in crate::content) async fn question_of(
    request: Request,
    limits: &Limits,
) -> Result<Question, Response> {
    let asked = match *request.method() {
        Method::GET => from_address(request.uri().query().unwrap_or_default(), limits),
        _ => match body(request, limits).await {
            Ok(body) => from_body(&body, limits),
            Err(refused) => Err(refused),
        },
    };
    one(asked).map_err(|(status, refusal)| {
        let page = super::refused(Statuses::Settled.of_refused(status), refusal);
        let media = [(header::CONTENT_TYPE, "application/json; charset=utf-8")];
        (page.status, media, page.body).into_response()
    })
}

fn one(asked: Result<Asked, Refused>) -> Result<Question, Refused> {
    match asked? {
        Asked::One(question) => Ok(*question),
        Asked::Many(_) => Err((
            StatusCode::BAD_REQUEST,
            Refusal::new(
                "TOO_MANY_OPERATIONS",
                "此处一次只能提交一个操作",
                "send one operation at a time here",
            ),
        )),
    }
}

/// An answer in JSON.
///
/// # Errors
/// When it cannot be written, which is a fault of ours.
pub(in crate::content) fn json(answered: &Answered) -> Result<Vec<u8>, serde_json::Error> {
    let mut json = Vec::new();
    write(answered, &mut json)?;
    Ok(json)
}

/// Errors alone in JSON.
pub(in crate::content) fn errors(errors: &[ServerError]) -> Vec<u8> {
    let errors = errors.to_vec();
    let answered = Answered { data: None, errors, extensions: BTreeMap::new(), statements: 0 };
    // Errors can always be written.
    json(&answered).unwrap_or_default()
}
