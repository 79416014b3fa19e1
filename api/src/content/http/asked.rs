//! What a request asks, read out of its address or its body.

use std::time::Duration;

use async_graphql::Variables;
use axum::{
    body::to_bytes,
    extract::Request,
    http::{HeaderMap, StatusCode, header},
};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::content::{
    Limits, Question,
    budget::Payer,
    persisted::{Meant, meant},
    reading::OfDrafts,
    refusal::Refusal,
    too_large,
};

/// What a request asks.
pub(super) enum Asked {
    One(Box<Question>),
    Many(Vec<Question>),
}

impl Asked {
    /// Has `payer` pay for all of it.
    pub(super) fn paid_by(mut self, payer: &Payer) -> Self {
        let questions = match &mut self {
            Self::One(question) => std::slice::from_mut(&mut **question),
            Self::Many(questions) => questions,
        };
        questions.iter_mut().for_each(|question| question.payer = payer.clone());
        self
    }
}

impl Asked {
    /// Has the answers carry tickets for files of drafts, and those drafts noted that are read.
    pub(super) fn of_drafts(mut self, drafts: &OfDrafts) -> Self {
        match &mut self {
            Self::One(question) => question.drafts = drafts.clone(),
            Self::Many(questions) => {
                questions.iter_mut().for_each(|question| question.drafts = drafts.clone());
            }
        }
        self
    }
}

type Extensions = serde_json::Map<String, serde_json::Value>;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Posted<'body> {
    #[serde(default)]
    query: Option<String>,
    #[serde(default)]
    document_id: Option<String>,
    #[serde(default)]
    extensions: Option<Extensions>,
    #[serde(borrow, default)]
    variables: Option<&'body RawValue>,
    #[serde(default)]
    operation_name: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Addressed {
    query: Option<String>,
    document_id: Option<String>,
    extensions: Option<String>,
    variables: Option<String>,
    operation_name: Option<String>,
}

/// A refusal and its status.
pub(super) type Refused = (StatusCode, Refusal);

/// What cannot be read at all.
fn bad_request(zh: impl Into<String>, en: impl Into<String>) -> Refused {
    (StatusCode::BAD_REQUEST, Refusal::new("BAD_REQUEST", zh, en))
}

/// What can be read and is no question. By the statuses that every client knows it is a bad
/// request like any other ([`Statuses`](super::Statuses)).
fn malformed(zh: impl Into<String>, en: impl Into<String>) -> Refused {
    bad(Refusal::new("BAD_REQUEST", zh, en))
}

fn bad(refusal: Refusal) -> Refused {
    (StatusCode::UNPROCESSABLE_ENTITY, refusal)
}

fn asked(meant: Meant, variables: Variables, operation: Option<String>) -> Question {
    let Meant { query, reference, tells_cost } = meant;
    let (known, payer) = (None, Payer::default());
    let drafts = OfDrafts::default();
    Question { query, variables, operation, reference, known, tells_cost, payer, drafts }
}

pub(super) fn from_address(query: &str, limits: &Limits) -> Result<Asked, Refused> {
    if query.len() > limits.body_bytes {
        let refusal = too_large("地址", "the address", limits.body_bytes);
        return Err((StatusCode::URI_TOO_LONG, refusal));
    }
    let pairs = axum::extract::Query::<Addressed>::try_from_uri(
        &format!("/?{query}").parse().unwrap_or_default(),
    );
    let axum::extract::Query(addressed) = pairs.map_err(|error| {
        bad_request(
            format!("地址中的查询读不懂：{error}"),
            format!("the query in the address cannot be read: {error}"),
        )
    })?;
    let extensions = match addressed.extensions.as_deref().map(serde_json::from_str) {
        None => None,
        Some(Ok(extensions)) => extensions,
        Some(Err(error)) => {
            return Err(bad_request(
                format!("extensions 应为 JSON 对象：{error}"),
                format!("extensions must be a JSON object: {error}"),
            ));
        }
    };
    let variables = variables(addressed.variables.as_deref(), limits)?;
    let operation = addressed.operation_name;
    let meant = meant(addressed.query, addressed.document_id, extensions).map_err(bad)?;
    let Some(meant) = meant else {
        return Err(malformed(
            "请用 POST 提交查询，或在地址中给出 query 或 documentId 参数",
            "post a query, or give it as the parameter query or documentId of the address",
        ));
    };
    Ok(Asked::One(Box::new(asked(meant, variables, operation))))
}

pub(super) fn from_body(body: &[u8], limits: &Limits) -> Result<Asked, Refused> {
    let many = body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[');
    let posted: Vec<Posted<'_>> = match many {
        true => serde_json::from_slice(body),
        false => serde_json::from_slice(body).map(|one| vec![one]),
    }
    .map_err(|error| {
        let zh = format!("请求体应为 {{\"query\": …}} 形式的 JSON：{error}");
        let en = format!("the body must be JSON of the form {{\"query\": …}}: {error}");
        match error.classify() {
            serde_json::error::Category::Data => malformed(zh, en),
            _ => bad_request(zh, en),
        }
    })?;
    let most = limits.batch;
    if posted.is_empty() || posted.len() > most {
        return Err((
            StatusCode::UNPROCESSABLE_ENTITY,
            Refusal::new(
                "TOO_MANY_OPERATIONS",
                format!("一次提交 1 至 {most} 个查询"),
                format!("send 1 to {most} queries at once"),
            ),
        ));
    }
    let mut questions = posted
        .into_iter()
        .map(|posted| {
            let variables = variables(posted.variables.map(RawValue::get), limits)?;
            let meant = meant(posted.query, posted.document_id, posted.extensions).map_err(bad)?;
            let meant = meant.ok_or_else(|| {
                malformed(
                    "请求体应含 query 或 documentId",
                    "the body must have query or documentId",
                )
            })?;
            Ok(asked(meant, variables, posted.operation_name))
        })
        .collect::<Result<Vec<_>, Refused>>()?;
    match questions.pop() {
        Some(question) if !many => Ok(Asked::One(Box::new(question))),
        last => {
            questions.extend(last);
            Ok(Asked::Many(questions))
        }
    }
}

/// How long a caller may take to send its query.
const SENDING: Duration = Duration::from_secs(10);

pub(super) async fn body(request: Request, limits: &Limits) -> Result<Bytes, Refused> {
    if !is_json(request.headers()) {
        return Err((
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Refusal::new(
                "UNSUPPORTED_MEDIA_TYPE",
                "请以 Content-Type: application/json 提交",
                "send the query with Content-Type: application/json",
            ),
        ));
    }
    let too_large = || {
        let refusal = too_large("请求体", "the body", limits.body_bytes);
        (StatusCode::PAYLOAD_TOO_LARGE, refusal)
    };
    let announced = request.headers().get(header::CONTENT_LENGTH);
    let announced = announced.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limits.body_bytes) {
        return Err(too_large());
    }
    let read = to_bytes(request.into_body(), limits.body_bytes);
    match tokio::time::timeout(SENDING, read).await {
        Ok(Ok(body)) => Ok(body),
        Ok(Err(_)) => Err(too_large()),
        Err(_) => Err((
            StatusCode::REQUEST_TIMEOUT,
            Refusal::new("TIMED_OUT", "请求体没有按时收齐", "the body did not arrive in time"),
        )),
    }
}

/// Forms of other sites can post text, but not this type: nobody is made to ask unawares.
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = given.and_then(|given| given.split(';').next()).map(str::trim);
    essence.is_some_and(|essence| essence.eq_ignore_ascii_case("application/json"))
}

fn variables(json: Option<&str>, limits: &Limits) -> Result<Variables, Refused> {
    let Some(json) = json else { return Ok(Variables::default()) };
    if json.len() > limits.variables_bytes {
        let refusal = too_large("变量", "the variables", limits.variables_bytes);
        return Err((StatusCode::PAYLOAD_TOO_LARGE, refusal));
    }
    let value: serde_json::Value = serde_json::from_str(json).map_err(|error| {
        bad_request(
            format!("variables 不是 JSON：{error}"),
            format!("variables is no JSON: {error}"),
        )
    })?;
    match value {
        serde_json::Value::Null => Ok(Variables::default()),
        object @ serde_json::Value::Object(_) => Ok(Variables::from_json(object)),
        _ => Err(malformed("variables 应为对象", "variables must be an object")),
    }
}
