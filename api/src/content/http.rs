//! GraphQL over HTTP at `/graphql`: POST with JSON, GET with the query in the address, several
//! questions in one array; the media type of the answer as the caller accepts it. A browser
//! that asks for a page gets GraphiQL.
//!
//! What goes wrong before GraphQL begins (no JSON, too large) is answered in the form of GraphQL
//! errors too, with a status that says so: clients of this address read nothing else.

mod graphiql;
mod negotiation;

use std::time::Duration;

use async_graphql::{Response as GraphResponse, Variables};
use axum::{
    Extension, Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use bytes::Bytes;
use schema::{digest::Digest, viewer::Viewer};
use serde::Deserialize;
use serde_json::value::RawValue;

use self::negotiation::Media;
use super::{Answered, ContentApi, Limits, Question, refusal::Refusal, too_large};
use crate::{AppState, Problem};

/// What it took to answer a request, for metrics; in the extensions of the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    /// Statements sent to the database.
    pub statements: u64,
}

/// The routes of the content API. The viewer is taken from the extensions of the request;
/// without one it is the public that asks.
pub fn router(api: ContentApi) -> Router {
    Router::new()
        .route("/graphql", get(answer).post(answer))
        .with_state(api)
        .merge(graphiql::router())
}

/// Bytes of a body that reach this address at all; what is larger than its own limit and
/// smaller than this is refused in the form of its clients.
pub(crate) const BODY: usize = 1 << 20;

/// The routes as the server serves them.
pub(crate) fn routes(state: &AppState) -> Router {
    let public_url = state.settings.public_url.as_deref().unwrap_or_default();
    let (types, store) = (&state.desk.types, state.desk.store.clone());
    match ContentApi::new(types, store, public_url, Limits::default()) {
        Ok(api) => router(api),
        Err(error) => {
            // Types that were loaded never get here; the rest of the hub can still be used.
            tracing::error!(%error, "the content types make no GraphQL schema");
            let refuse = || async { Problem::of_status(StatusCode::SERVICE_UNAVAILABLE) };
            Router::new().route("/graphql", get(refuse).post(refuse))
        }
    }
}

async fn answer(
    State(api): State<ContentApi>,
    viewer: Option<Extension<Viewer>>,
    request: Request,
) -> Response {
    let headers = request.headers();
    let is_get = *request.method() == Method::GET || *request.method() == Method::HEAD;
    if is_get && negotiation::wants_a_page(headers) {
        return graphiql::page();
    }
    let media = negotiation::media(headers);
    let unless = headers.get(header::IF_NONE_MATCH).cloned();
    let viewer = viewer.map_or(Viewer::Public, |Extension(viewer)| viewer);
    let is_public = viewer == Viewer::Public;
    let asked = match is_get {
        true => from_address(request.uri().query().unwrap_or_default(), api.limits()),
        false => from_body(request, api.limits()).await,
    };
    let asked = match asked {
        Ok(asked) => asked,
        Err((status, refusal)) => {
            let response = GraphResponse::from_errors(vec![refusal.into_server_error()]);
            return written(status, media, &response);
        }
    };
    let (mut response, effort) = match asked {
        Asked::One(question) => {
            let answered = api.answer(viewer, *question).await;
            let status = media.status(&answered.response);
            (written(status, media, &answered.response), answered.statements)
        }
        Asked::Many(questions) => many(&api, &viewer, questions, media).await,
    };
    response.extensions_mut().insert(Effort { statements: effort });
    let vary = header::HeaderValue::from_static("accept, authorization");
    response.headers_mut().insert(header::VARY, vary);
    let caching = match (is_public, is_get) {
        (true, true) => "public, no-cache",
        (true, false) => "no-cache",
        (false, _) => "private, no-store",
    };
    let caching = header::HeaderValue::from_static(caching);
    response.headers_mut().insert(header::CACHE_CONTROL, caching);
    if is_public && is_get && response.status() == StatusCode::OK {
        return tagged(response, unless).await;
    }
    response
}

/// What a request asks.
enum Asked {
    One(Box<Question>),
    Many(Vec<Question>),
}

async fn many(
    api: &ContentApi,
    viewer: &Viewer,
    questions: Vec<Question>,
    media: Media,
) -> (Response, u64) {
    let mut responses = Vec::with_capacity(questions.len());
    let mut effort = 0;
    // One after the other: a batch takes one place in the server, not many.
    let deadline = tokio::time::Instant::now() + api.limits().time;
    for question in questions {
        let answered = match tokio::time::timeout_at(deadline, api.answer(viewer.clone(), question))
            .await
        {
            Ok(answered) => answered,
            Err(_) => Answered {
                response: GraphResponse::from_errors(vec![super::timed_out().into_server_error()]),
                statements: 0,
            },
        };
        effort += answered.statements;
        responses.push(answered.response);
    }
    (written(StatusCode::OK, media, &responses), effort)
}

fn written(status: StatusCode, media: Media, response: &impl serde::Serialize) -> Response {
    match serde_json::to_vec(response) {
        Ok(body) => (status, [(header::CONTENT_TYPE, media.content_type())], body).into_response(),
        Err(error) => {
            tracing::error!(%error, "an answer of the content API cannot be written as JSON");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// The response with the digest of its body as its tag, or 304 where the caller has it.
async fn tagged(response: Response, unless: Option<header::HeaderValue>) -> Response {
    let (mut parts, body) = response.into_parts();
    // The body is whole in memory already.
    let Ok(body) = to_bytes(body, usize::MAX).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let tag = format!("\"{}\"", Digest::of(&body).hex());
    let known = unless.as_ref().and_then(|value| value.to_str().ok()).unwrap_or_default();
    // A compressing layer may have made the tag weak on its way out.
    let is_known = known.split(',').any(|known| known.trim().trim_start_matches("W/") == tag);
    if let Ok(tag) = header::HeaderValue::from_str(&tag) {
        parts.headers.insert(header::ETAG, tag);
    }
    if is_known {
        parts.status = StatusCode::NOT_MODIFIED;
        parts.headers.remove(header::CONTENT_TYPE);
        return Response::from_parts(parts, Body::empty());
    }
    Response::from_parts(parts, Body::from(body))
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

async fn from_body(request: Request, limits: &Limits) -> Result<Asked, Refused> {
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
    let body = body(request, limits).await?;
    let many = body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[');
    let posted: Vec<Posted<'_>> = match many {
        true => serde_json::from_slice(&body),
        false => serde_json::from_slice(&body).map(|one| vec![one]),
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
