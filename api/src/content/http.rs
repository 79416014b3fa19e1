//! GraphQL over HTTP at `/graphql`: POST with JSON, GET with the query in the address, several
//! questions in one array; the media type of the answer as the caller accepts it. A browser
//! that asks for a page gets GraphiQL.
//!
//! What goes wrong before GraphQL begins (no JSON, too large) is answered in the form of GraphQL
//! errors too, with a status that says so: clients of this address read nothing else.

mod graphiql;
mod negotiation;

use std::{sync::Arc, time::Duration};

use async_graphql::{Response as GraphResponse, ServerError, Value, Variables};
use axum::{
    Extension, Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use bytes::Bytes;
use schema::viewer::Viewer;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use self::negotiation::Media;
use super::{
    Answered, ContentApi, Limits, Question, ResponseCache, cache::Page, refusal::Refusal, too_large,
};
use crate::{AppState, Problem};

/// What it took to answer a request, for metrics; in the extensions of the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    /// Statements sent to the database.
    pub statements: u64,
}

/// The routes of the content API. The viewer is taken from the extensions of the request;
/// without one it is the public that asks, and is given answers from `cache`.
pub fn router(api: ContentApi, cache: Option<ResponseCache>) -> Router {
    Router::new()
        .route("/graphql", get(answer).post(answer))
        .with_state(Served { api, cache })
        .merge(graphiql::router())
}

#[derive(Clone)]
struct Served {
    api: ContentApi,
    cache: Option<ResponseCache>,
}

/// Bytes of a body that reach this address at all; what is larger than its own limit and
/// smaller than this is refused in the form of its clients.
pub(crate) const BODY: usize = 1 << 20;

/// The routes as the server serves them.
pub(crate) fn routes(state: &AppState) -> Router {
    let public_url = state.settings.public_url.as_deref().unwrap_or_default();
    let (types, store) = (&state.desk.types, &state.desk.store);
    let bytes = state.settings.content_cache_bytes;
    let cache = (bytes > 0).then(|| ResponseCache::new(store.clone(), bytes));
    match ContentApi::new(types, store.clone(), public_url, Limits::default()) {
        Ok(api) => router(api, cache),
        Err(error) => {
            // Types that were loaded never get here; the rest of the hub can still be used.
            tracing::error!(%error, "the content types make no GraphQL schema");
            let refuse = || async { Problem::of_status(StatusCode::SERVICE_UNAVAILABLE) };
            Router::new().route("/graphql", get(refuse).post(refuse))
        }
    }
}

async fn answer(
    State(Served { api, cache }): State<Served>,
    viewer: Option<Extension<Viewer>>,
    request: Request,
) -> Response {
    let headers = request.headers();
    let is_get = *request.method() == Method::GET || *request.method() == Method::HEAD;
    if is_get && negotiation::wants_a_page(headers) {
        return graphiql::page();
    }
    let media = negotiation::media(headers);
    let coding = negotiation::coding(headers);
    let unless = headers.get(header::IF_NONE_MATCH).cloned();
    let viewer = viewer.map_or(Viewer::Public, |Extension(viewer)| viewer);
    let is_public = viewer == Viewer::Public;
    let raw = match is_get {
        true => Ok(Raw::Address(request.uri().query().unwrap_or_default().to_owned())),
        false => body(request, api.limits()).await.map(Raw::Body),
    };
    let (page, is_kept) = match (raw, cache) {
        (Err((status, refusal)), _) => (Arc::new(refused(status, refusal)), false),
        (Ok(raw), Some(cache)) if is_public => {
            let question = raw.question(media);
            let asked = Arc::new((api, raw));
            let make = || {
                let asked = Arc::clone(&asked);
                async move { page(&asked.0, None, &asked.1, media).await }
            };
            cache.answer(question, make).await
        }
        (Ok(raw), _) => (Arc::new(page(&api, Some(viewer), &raw, media).await), false),
    };
    let is_tagged = is_public && is_get && page.status == StatusCode::OK;
    let tag = is_tagged.then(|| page.tag()).flatten();
    let known = unless.as_ref().and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut response = match tag {
        Some(tag) if is_known(known, tag) => StatusCode::NOT_MODIFIED.into_response(),
        _ => {
            let head = [(header::CONTENT_TYPE, media.content_type())];
            // What is given for the first time may be the last: the quickest form will do.
            let coding = coding.filter(|_| is_kept);
            let packed = coding.and_then(|coding| Some((page.packed(coding)?, coding.name())));
            match packed {
                Some((body, coding)) => {
                    let coding = [(header::CONTENT_ENCODING, coding)];
                    (page.status, head, coding, Body::from(body)).into_response()
                }
                None => (page.status, head, Body::from(page.body.clone())).into_response(),
            }
        }
    };
    let headers = response.headers_mut();
    if let Some(tag) = tag {
        headers.insert(header::ETAG, tag.clone());
    }
    headers
        .insert(header::VARY, HeaderValue::from_static("accept, accept-encoding, authorization"));
    let caching = match (is_public, is_get) {
        (true, true) => "public, no-cache",
        (true, false) => "no-cache",
        (false, _) => "private, no-store",
    };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    let statements = if is_kept { 0 } else { page.statements };
    response.extensions_mut().insert(Effort { statements });
    response
}

/// Whether `known`, an `If-None-Match`, names the tag. A compressing layer may have made it weak
/// on its way out.
fn is_known(known: &str, tag: &HeaderValue) -> bool {
    let mut known = known.split(',').map(|known| known.trim().trim_start_matches("W/"));
    known.any(|known| known.as_bytes() == tag.as_bytes())
}

/// A question as it came.
enum Raw {
    Address(String),
    Body(Bytes),
}

impl Raw {
    /// What tells this question from all others.
    fn question(&self, media: Media) -> Vec<u8> {
        let (kind, bytes) = match self {
            Self::Address(query) => (b'a', query.as_bytes()),
            Self::Body(body) => (b'b', &body[..]),
        };
        [&[kind, media as u8], bytes].concat()
    }
}

/// What a request asks.
enum Asked {
    One(Box<Question>),
    Many(Vec<Question>),
}

/// The answer to a question as it came: to `viewer`, or without one to the public, to be kept.
async fn page(api: &ContentApi, viewer: Option<Viewer>, raw: &Raw, media: Media) -> Page {
    let asked = match raw {
        Raw::Address(query) => from_address(query, api.limits()),
        Raw::Body(body) => from_body(body, api.limits()),
    };
    match (asked, viewer) {
        (Err((status, refusal)), _) => refused(status, refusal),
        (Ok(Asked::One(question)), viewer) => {
            let (answered, made_of) = match viewer {
                Some(viewer) => (api.answer(viewer, *question).await, None),
                None => api.answer_noting(*question).await,
            };
            let status = media.status(&answered.response);
            written(status, &Written::of(&answered)).of(answered.statements, made_of)
        }
        (Ok(Asked::Many(questions)), viewer) => {
            many(api, &viewer.unwrap_or(Viewer::Public), questions).await
        }
    }
}

async fn many(api: &ContentApi, viewer: &Viewer, questions: Vec<Question>) -> Page {
    let mut answers = Vec::with_capacity(questions.len());
    // One after the other: a batch takes one place in the server, not many.
    let deadline = tokio::time::Instant::now() + api.limits().time;
    for question in questions {
        let answer = api.answer(viewer.clone(), question);
        answers.push(match tokio::time::timeout_at(deadline, answer).await {
            Ok(answered) => answered,
            Err(_) => Answered {
                response: GraphResponse::from_errors(vec![super::timed_out().into_server_error()]),
                executed: true,
                statements: 0,
            },
        });
    }
    let statements = answers.iter().map(|answered| answered.statements).sum();
    let written_each: Vec<_> = answers.iter().map(Written::of).collect();
    written(StatusCode::OK, &written_each).of(statements, None)
}

fn refused(status: StatusCode, refusal: Refusal) -> Page {
    let response = GraphResponse::from_errors(vec![refusal.into_server_error()]);
    let answered = Answered { response, executed: false, statements: 0 };
    written(status, &Written::of(&answered))
}

/// An answer as it is written.
#[derive(Serialize)]
struct Written<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a Value>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [ServerError],
}

impl<'a> Written<'a> {
    fn of(answered: &'a Answered) -> Self {
        let GraphResponse { data, errors, .. } = &answered.response;
        Self { data: answered.executed.then_some(data), errors }
    }
}

fn written(status: StatusCode, answer: &impl Serialize) -> Page {
    match serde_json::to_vec(answer) {
        Ok(body) => Page::new(status, body.into()),
        Err(error) => {
            tracing::error!(%error, "an answer of the content API cannot be written as JSON");
            Page::new(StatusCode::INTERNAL_SERVER_ERROR, Bytes::new())
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Posted<'body> {
    query: String,
    #[serde(borrow, default)]
    variables: Option<&'body RawValue>,
    #[serde(default)]
    operation_name: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Addressed {
    query: Option<String>,
    variables: Option<String>,
    operation_name: Option<String>,
}

type Refused = (StatusCode, Refusal);

fn bad_request(zh: impl Into<String>, en: impl Into<String>) -> Refused {
    (StatusCode::BAD_REQUEST, Refusal::new("BAD_REQUEST", zh, en))
}

fn from_address(query: &str, limits: &Limits) -> Result<Asked, Refused> {
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
    let Some(text) = addressed.query else {
        return Err(bad_request(
            "请用 POST 提交查询，或在地址中给出 query 参数",
            "post a query, or give it as the parameter query of the address",
        ));
    };
    let variables = variables(addressed.variables.as_deref(), limits)?;
    Ok(Asked::One(Box::new(Question {
        query: text,
        variables,
        operation: addressed.operation_name,
    })))
}

fn from_body(body: &[u8], limits: &Limits) -> Result<Asked, Refused> {
    let many = body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[');
    let posted: Vec<Posted<'_>> = match many {
        true => serde_json::from_slice(body),
        false => serde_json::from_slice(body).map(|one| vec![one]),
    }
    .map_err(|error| {
        bad_request(
            format!("请求体应为 {{\"query\": …}} 形式的 JSON：{error}"),
            format!("the body must be JSON of the form {{\"query\": …}}: {error}"),
        )
    })?;
    let most = limits.batch;
    if posted.is_empty() || posted.len() > most {
        return Err((
            StatusCode::BAD_REQUEST,
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
            Ok(Question {
                variables: variables(posted.variables.map(RawValue::get), limits)?,
                query: posted.query,
                operation: posted.operation_name,
            })
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

async fn body(request: Request, limits: &Limits) -> Result<Bytes, Refused> {
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
fn is_json(headers: &HeaderMap) -> bool {
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
        _ => Err(bad_request("variables 应为对象", "variables must be an object")),
    }
}
