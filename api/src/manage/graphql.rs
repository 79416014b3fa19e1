//! `POST /manage/graphql`: from a request to the schema and back.
//!
//! Only JSON is taken, and a caller is known by the header `Authorization`, or by a session together
//! with its form token, so a page of another origin can neither send a request here nor lend it a
//! caller's rights.

use std::sync::Arc;

use async_graphql::{Request, Response as Answer, Variables};
use axum::{
    Router,
    body::Bytes,
    extract::{FromRequestParts, State},
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse as _, Response},
    routing::post,
};
use editorial::{Desk, ports::Channels, sign_in::SignIn};
use schema::{
    digest::Digest, message::Bilingual, origin::Origin, permission::Actor, viewer::Viewer,
};
use serde::Deserialize;
use serde_json::{Map, Value};
use store::files::FileStore;

use super::{
    Schema,
    caller::{Caller, Keyed},
    schema,
};
use crate::{
    AppState, Problem,
    authentication::Authentication,
    content::limits::nesting,
    http::{
        bounds::{Bounds, bounded},
        origin,
    },
    trail::Trail,
};

/// Bytes of a request: the longest text of a document, and room for what stands around it.
const BODY: usize = 8 << 20;
/// How deep brackets may lie in a query.
const NESTING: usize = 64;
/// Bytes of an idempotency key.
const KEY: usize = 255;
const IDEMPOTENCY_KEY: &str = "idempotency-key";
const GRAPHQL_RESPONSE: &str = "application/graphql-response+json";

#[derive(Clone)]
struct Management {
    schema: Schema,
    desk: Desk,
    files: Arc<dyn FileStore>,
    channels: Arc<dyn Channels>,
    sign_in: SignIn,
    trail: Trail,
}

/// The GraphQL route.
pub(super) fn routes(state: &AppState, authentication: &Authentication) -> Router {
    let management = Management {
        schema: schema(),
        desk: state.desk.clone(),
        files: Arc::clone(&state.files),
        channels: Arc::clone(&state.channels),
        sign_in: state.sign_in.clone(),
        trail: state.trail.clone(),
    };
    let routes = Router::new().route("/manage/graphql", post(answer)).with_state(management);
    let routes = authentication.around(routes);
    bounded(routes, Bounds { body: BODY, time: state.settings.time_limit }, &state.places)
}

/// A request as GraphQL over HTTP writes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Asked {
    query: String,
    #[serde(default)]
    operation_name: Option<String>,
    #[serde(default)]
    variables: Option<Map<String, Value>>,
    /// Clients send it; nothing in it is known here.
    #[serde(default, rename = "extensions")]
    _extensions: Option<Map<String, Value>>,
}

async fn answer(
    State(management): State<Management>,
    asker: Asker,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let Asker { actor, origin } = asker;
    is_json(&headers)?;
    let asked = read(&body)?;
    let keyed = keyed(&headers, &asked)?;
    let Management { schema, desk, files, channels, sign_in, trail } = management;
    let witness = trail.witness(&actor, Arc::clone(&origin));
    let desk = Desk { origin, ..desk };
    let caller = Caller { desk, files, channels, sign_in, trail, witness, actor, keyed };
    let mut request = Request::new(asked.query).data(caller);
    if let Some(name) = asked.operation_name {
        request = request.operation_name(name);
    }
    if let Some(variables) = asked.variables {
        request = request.variables(Variables::from_json(Value::Object(variables)));
    }
    let answer = schema.execute(request).await;
    Ok(told(&headers, &answer))
}

/// Who calls, and from where; this API serves nobody unknown.
pub(super) struct Asker {
    pub(super) actor: Actor,
    pub(super) origin: Arc<Origin>,
}

impl<S: Sync> FromRequestParts<S> for Asker {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let origin = Arc::new(origin(&parts.extensions));
        match parts.extensions.get::<Viewer>() {
            Some(Viewer::Known(actor)) => Ok(Self { actor: actor.clone(), origin }),
            _ => Err(Problem::of_status(StatusCode::UNAUTHORIZED)),
        }
    }
}

fn is_json(headers: &HeaderMap) -> Result<(), Problem> {
    let media = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media = media.and_then(|media| media.split(';').next()).map(str::trim);
    match media {
        Some(media) if media.eq_ignore_ascii_case("application/json") => Ok(()),
        _ => Err(Problem::of_status(StatusCode::UNSUPPORTED_MEDIA_TYPE)),
    }
}

fn read(body: &[u8]) -> Result<Asked, Problem> {
    let asked: Asked = serde_json::from_slice(body).map_err(|error| {
        bad(
            "bad_json",
            format!(
                "请求体不是合规的 GraphQL 请求（第 {} 行第 {} 列）",
                error.line(),
                error.column()
            ),
            format!("the body is no GraphQL request: {error}"),
        )
    })?;
    if nesting::is_deeper_than(&asked.query, NESTING) {
        return Err(bad(
            "too_deep",
            format!("查询嵌套过深，最多 {NESTING} 层"),
            format!("the query is nested too deep: at most {NESTING} levels"),
        ));
    }
    Ok(asked)
}

fn keyed(headers: &HeaderMap, asked: &Asked) -> Result<Option<Keyed>, Problem> {
    let mut keys = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(key) = keys.next() else { return Ok(None) };
    let text = key.to_str().unwrap_or_default().trim();
    let fits = (1..=KEY).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    if !fits || keys.next().is_some() {
        return Err(bad(
            "bad_idempotency_key",
            format!("Idempotency-Key 应为一个 1 至 {KEY} 个字符的可见 ASCII 文本"),
            format!("Idempotency-Key is one text of 1 to {KEY} visible ASCII characters"),
        ));
    }
    let request = (&asked.query, &asked.operation_name, &asked.variables);
    let request = serde_json::to_vec(&request).map_err(Problem::fault)?;
    Ok(Some(Keyed { key: text.to_owned(), request: Digest::of(&request) }))
}

fn bad(code: &'static str, zh: String, en: String) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, code, Bilingual::new(zh, en))
}

/// The answer as GraphQL over HTTP writes it: a request that could not be run at all is a 400
/// for those who understand the newer media type.
fn told(headers: &HeaderMap, answer: &Answer) -> Response {
    let accepts = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|accepted| accepted.contains(GRAPHQL_RESPONSE));
    let not_run = answer.is_err() && answer.data == async_graphql::Value::Null;
    let (media, status) = match accepts {
        true if not_run => (GRAPHQL_RESPONSE, StatusCode::BAD_REQUEST),
        true => (GRAPHQL_RESPONSE, StatusCode::OK),
        false => ("application/json", StatusCode::OK),
    };
    let body = match serde_json::to_vec(answer) {
        Ok(body) => body,
        Err(error) => return Problem::fault(error).into_response(),
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (status, headers, body).into_response()
}
