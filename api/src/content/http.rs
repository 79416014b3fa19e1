//! GraphQL over HTTP at `/graphql`: POST with JSON, GET with the query in the address, several
//! questions in one array; the media type of the answer as the caller accepts it. A browser
//! that asks for a page gets GraphiQL.
//!
//! What goes wrong before GraphQL begins (no JSON, too large) is answered in the form of GraphQL
//! errors too, with a status that says so: clients of this address read nothing else.

mod asked;
mod graphiql;
mod kept;
mod negotiation;
mod single;

use std::{collections::BTreeMap, sync::Arc};

use async_graphql::{Response as GraphResponse, ServerError, Value};
use axum::{
    Extension, Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use bytes::Bytes;
use schema::viewer::Viewer;
use serde::Serialize;

pub(crate) use self::kept::{KeptFirst, KeptFirstLayer};
pub(crate) use self::negotiation::prefers_events;
pub(super) use self::single::{errors, json, question, question_of};
use self::{
    asked::{Asked, Refused, body, from_address, from_body, is_json},
    kept::Given,
    negotiation::Media,
};
use super::{
    Answered, ContentApi, DocumentSettings, Limits, PersistedDocuments, Question, ResponseCache,
    budget::{self, ASKING, Budgets, Payer},
    cache::{Marks, Page},
    live::{self, Live},
    persisted,
    refusal::{self, Refusal},
};
use crate::{AppState, Problem, authentication::Authentication};

/// What it took to answer a request, for metrics; in the extensions of the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    /// Statements sent to the database.
    pub statements: u64,
}

/// Where questions are asked.
const PATH: &str = "/graphql";

/// The routes of the content API. The viewer is taken from the extensions of the request;
/// without one it is the public that asks, and is given answers from `cache`.
pub fn router(api: ContentApi, cache: Option<ResponseCache>) -> Router {
    serving(Served { api, cache, live: None, budgets: None })
}

fn serving(served: Served) -> Router {
    Router::new().route(PATH, get(answer).post(answer)).with_state(served).merge(graphiql::router())
}

#[derive(Clone)]
struct Served {
    api: ContentApi,
    cache: Option<ResponseCache>,
    live: Option<Live>,
    budgets: Option<Budgets>,
}

/// Bytes of a body that reach this address at all; what is larger than its own limit and
/// smaller than this is refused in the form of its clients.
pub(crate) const BODY: usize = 1 << 20;

/// The routes as the server serves them.
pub(crate) fn routes(state: &AppState, authentication: &Authentication) -> Router {
    let public_url = state.settings.public_url.as_deref().unwrap_or_default();
    let (types, store) = (&state.desk.types, &state.desk.store);
    let documents = DocumentSettings {
        trusted_only: state.settings.trusted_documents_only,
        ..DocumentSettings::default()
    };
    let clock = Arc::clone(&state.desk.clock);
    let documents = PersistedDocuments::new(store.clone(), clock, documents);
    let (store, limits) = (store.clone(), Limits::default());
    match ContentApi::with_documents(types, store, public_url, limits, Some(documents)) {
        Ok(api) => {
            let live = Live::new(api.clone(), state, authentication.clone());
            let cache = state.answers.clone();
            let budgets = Some(state.budgets.clone());
            serving(Served { api, cache, live: Some(live.clone()), budgets }).merge(live.router())
        }
        Err(error) => {
            // Types that were loaded never get here; the rest of the hub can still be used.
            tracing::error!(%error, "the content types make no GraphQL schema");
            let refuse = || async { Problem::of_status(StatusCode::SERVICE_UNAVAILABLE) };
            Router::new().route(PATH, get(refuse).post(refuse))
        }
    }
}

async fn answer(
    State(Served { api, cache, live, budgets }): State<Served>,
    viewer: Option<Extension<Viewer>>,
    request: Request,
) -> Response {
    let headers = request.headers();
    if let Some(live) = live.filter(|_| live::is_live(request.method(), headers)) {
        return live.answer(viewer.map(|Extension(viewer)| viewer), request).await;
    }
    let is_get = *request.method() == Method::GET || *request.method() == Method::HEAD;
    if is_get && negotiation::wants_a_page(headers) {
        return graphiql::page();
    }
    let media = negotiation::media(headers);
    let coding = negotiation::coding(headers);
    let unless = headers.get(header::IF_NONE_MATCH).cloned();
    let viewer = viewer.map_or(Viewer::Public, |Extension(viewer)| viewer);
    let is_public = viewer == Viewer::Public;
    let payer = Payer::of(budgets.as_ref(), &request);
    let raw = match (payer.pay(ASKING), is_get) {
        (Err(spent), _) => Err((StatusCode::TOO_MANY_REQUESTS, spent)),
        (Ok(()), true) => Ok(Raw::Address(request.uri().query().unwrap_or_default().to_owned())),
        (Ok(()), false) => body(request, api.limits()).await.map(Raw::Body),
    };
    let (page, is_kept) = match (raw, cache) {
        (Err((status, refusal)), _) => (Arc::new(refused(status, refusal)), false),
        (Ok(raw), Some(cache)) if is_public => {
            let question = raw.question(media);
            let asked = Arc::new((api, raw, payer.clone()));
            let make = || {
                let asked = Arc::clone(&asked);
                async move { page(&asked.0, None, &asked.1, media, &asked.2).await }
            };
            cache.answer(question, make).await
        }
        (Ok(raw), _) => (Arc::new(page(&api, Some(viewer), &raw, media, &payer).await), false),
    };
    let is_tagged = is_public && is_get && page.status == StatusCode::OK;
    let tag = is_tagged.then(|| page.tag()).flatten();
    let known = unless.as_ref().and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut given = None;
    let mut response = match tag {
        Some(tag) if is_known(known, tag) => StatusCode::NOT_MODIFIED.into_response(),
        _ => {
            given = is_kept.then(|| Given { page: Arc::clone(&page), coding });
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
    if let Some(seconds) = page.marks.retry_after {
        headers.insert(header::RETRY_AFTER, payer.wait().unwrap_or(seconds).into());
    }
    if page.marks.tells_cost || page.marks.retry_after.is_some() {
        payer.tell(headers);
    }
    let caching = match (is_public, is_get) {
        _ if page.marks.is_passing => "private, no-store",
        (true, true) => "public, no-cache",
        (true, false) => "no-cache",
        (false, _) => "private, no-store",
    };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    let statements = if is_kept { 0 } else { page.statements };
    response.extensions_mut().insert(Effort { statements });
    if let Some(given) = given {
        response.extensions_mut().insert(given);
    }
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

/// The answer to a question as it came: to `viewer`, or without one to the public, to be kept.
async fn page(
    api: &ContentApi,
    viewer: Option<Viewer>,
    raw: &Raw,
    media: Media,
    payer: &Payer,
) -> Page {
    let asked = match raw {
        Raw::Address(query) => from_address(query, api.limits()),
        Raw::Body(body) => from_body(body, api.limits()),
    };
    let asked = asked.map(|asked| asked.paid_by(payer));
    match (asked, viewer) {
        (Err((status, refusal)), _) => refused(status, refusal),
        (Ok(Asked::One(question)), viewer) => {
            let tells_cost = question.tells_cost;
            let (answered, made_of) = match viewer {
                Some(viewer) => (api.answer(viewer, *question).await, None),
                None => api.answer_noting(*question).await,
            };
            let status = media.status(&answered.response);
            let mut page = written(status, &Written::of(&answered));
            page.marks = Marks { tells_cost, ..marks(&answered.response.errors) };
            page.of(answered.statements, made_of)
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
    let mut page = written(status, &Written::of(&answered));
    page.marks = marks(&answered.response.errors);
    page
}

/// What is said beside an answer with these errors.
fn marks(errors: &[ServerError]) -> Marks {
    let is = |codes: &[&str]| {
        let mut of_errors = errors.iter().filter_map(refusal::code);
        of_errors.any(|code| codes.contains(&code))
    };
    let is_spent = is(&[budget::CODE]);
    let is_passing = is_spent || is(&persisted::PASSING);
    Marks { retry_after: is_spent.then_some(1), is_passing, tells_cost: false }
}

/// An answer as it is written.
#[derive(Serialize)]
struct Written<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a Value>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [ServerError],
    #[serde(skip_serializing_if = "Option::is_none")]
    extensions: Option<&'a BTreeMap<String, Value>>,
}

impl<'a> Written<'a> {
    fn of(answered: &'a Answered) -> Self {
        let GraphResponse { data, errors, extensions, .. } = &answered.response;
        let extensions = Some(extensions).filter(|extensions| !extensions.is_empty());
        Self { data: answered.executed.then_some(data), errors, extensions }
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
