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
mod statuses;

use std::sync::Arc;

use async_graphql::ServerError;
use axum::{
    Extension, Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use bytes::Bytes;
use editorial::previews::FileTickets;
use schema::viewer::Viewer;

pub(crate) use self::kept::{KeptFirst, KeptFirstLayer};
pub(crate) use self::negotiation::prefers_events;
pub(super) use self::single::{errors, json, question, question_of};
pub use self::statuses::Statuses;
pub(super) use self::statuses::Unparsable;
use self::{
    asked::{Asked, Refused, body, from_address, from_body, is_json},
    kept::Given,
    negotiation::Media,
};
use super::{
    Answered, ContentApi, ContentSettings, DocumentSettings, PersistedDocuments, Question,
    ResponseCache, Shelf,
    budget::{self, ASKING, Budgets, Payer},
    cache::{Marks, Page},
    live::{self, Live},
    persisted,
    reading::OfDrafts,
    refusal::{self, Refusal},
};
use crate::{
    AppState, Problem, authentication::Authentication, caching::Caching, http::AsIs, trail::Witness,
};

/// What it took to answer a request, for metrics; in the extensions of the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    /// Statements sent to the database.
    pub statements: u64,
}

/// Whether an answer was kept, after RFC 9211. Caches in front add their own word.
const CACHE_STATUS: HeaderName = HeaderName::from_static("cache-status");
const FROM_KEPT: HeaderValue = HeaderValue::from_static("gongbao; hit");
const MADE_ANEW: HeaderValue = HeaderValue::from_static("gongbao; fwd=miss");
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("public, no-cache");

/// What no search engine is to keep, though it was given it.
pub(crate) const NO_ROBOTS: HeaderName = HeaderName::from_static("x-robots-tag");

/// Where questions are asked.
const PATH: &str = "/graphql";

/// The routes of the content API. The viewer is taken from the extensions of the request;
/// without one it is the public that asks, and is given answers from `cache`.
pub fn router(api: ContentApi, cache: Option<ResponseCache>) -> Router {
    serving(Served { api, cache, live: None, budgets: None, caching: Arc::default() })
}

fn serving(served: Served) -> Router {
    Router::new()
        .route(PATH, get(answer).post(answer))
        .with_state(Arc::new(served))
        .merge(graphiql::router())
}

struct Served {
    api: ContentApi,
    cache: Option<ResponseCache>,
    live: Option<Live>,
    budgets: Option<Budgets>,
    caching: Arc<Caching>,
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
    let documents = PersistedDocuments::new(store.clone(), Arc::clone(&clock), documents);
    let told = ContentSettings {
        synonyms: state.settings.synonyms.clone(),
        statuses: state.settings.content_statuses,
        shelf: (state.settings.content_shelf_bytes > 0)
            .then(|| Shelf::new(state.follower.clone(), state.settings.content_shelf_bytes)),
        ..ContentSettings::default()
    };
    let store = store.clone();
    match ContentApi::with_documents(types, store, clock, public_url, told, Some(documents)) {
        Ok(api) => {
            let live = Live::new(api.clone(), state, authentication.clone());
            let cache = state.answers.clone();
            let budgets = Some(state.budgets.clone());
            let caching = Arc::clone(&state.caching);
            let served = Served { api, cache, live: Some(live.clone()), budgets, caching };
            serving(served).merge(live.router())
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
    State(served): State<Arc<Served>>,
    viewer: Option<Extension<Viewer>>,
    request: Request,
) -> Response {
    let Served { api, cache, live, budgets, caching } = &*served;
    let headers = request.headers();
    if let Some(live) = live.as_ref().filter(|_| live::is_live(request.method(), headers)) {
        // What happens is told as it is public: nobody listens to drafts.
        let viewer = viewer.map(|Extension(viewer)| viewer.without_preview());
        return live.answer(viewer, request).await;
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
    let is_preview = viewer.preview().is_some();
    let drafts = OfDrafts {
        tickets: request.extensions().get::<FileTickets>().cloned(),
        witness: request.extensions().get::<Witness>().cloned(),
    };
    let payer = Payer::of(budgets.as_ref(), &request);
    let statuses = api.statuses();
    let raw = match (payer.pay(ASKING), is_get) {
        (Err(spent), _) => Err((StatusCode::TOO_MANY_REQUESTS, spent)),
        (Ok(()), true) => Ok(Raw::Address(request.uri().query().unwrap_or_default().to_owned())),
        (Ok(()), false) => body(request, api.limits()).await.map(Raw::Body),
    };
    let (page, is_kept) = match (raw, cache) {
        (Err((status, refusal)), _) => (Arc::new(refused(status, refusal)), false),
        (Ok(raw), Some(cache)) if is_public => {
            let question = raw.question(media);
            let asked = Arc::new((api.clone(), raw, payer.clone()));
            let make = || {
                let asked = Arc::clone(&asked);
                async move {
                    let nothing = OfDrafts::default();
                    page(&asked.0, Asker::Kept, &asked.1, media, &asked.2, &nothing).await
                }
            };
            cache.answer(question, make).await
        }
        (Ok(raw), _) => {
            // What is not kept here may be kept outside.
            let asker = if is_public { Asker::Public } else { Asker::Known(viewer) };
            (Arc::new(page(api, asker, &raw, media, &payer, &drafts).await), false)
        }
    };
    let is_tagged = is_public && is_get && page.status == StatusCode::OK;
    // A digest is made for those alone who are told it.
    let known = unless.as_ref().filter(|_| is_tagged).and_then(|value| value.to_str().ok());
    let known = known.and_then(|known| page.known(known));
    let mut given = None;
    let mut tag = known;
    let mut response = match known {
        Some(_) => StatusCode::NOT_MODIFIED.into_response(),
        None => {
            given = is_kept.then(|| Given { page: Arc::clone(&page), coding });
            let media = statuses.media(media, page.status);
            let head = [(header::CONTENT_TYPE, media.content_type())];
            // What is given for the first time may be the last: the quickest form will do.
            let coding = coding.filter(|_| is_kept);
            let packed = coding.and_then(|coding| Some((coding, page.packed(coding)?)));
            let form = packed.as_ref().map(|(coding, _)| *coding);
            tag = is_tagged.then(|| page.tag(form)).flatten();
            match packed {
                Some((coding, body)) => {
                    let coding = [(header::CONTENT_ENCODING, coding.name())];
                    (page.status, head, coding, Extension(AsIs), Body::from(body)).into_response()
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
    // Not the same for everybody, or not at any time.
    let is_own = page.marks.tells_cost || page.ends_at().is_some();
    match (is_public, is_get) {
        // Whoever keeps it must be able to drop it.
        (true, true) if is_tagged && !page.marks.is_passing && page.cache_tags().is_some() => {
            if is_own {
                headers.insert(header::CACHE_CONTROL, ASK_AGAIN);
                caching.put_tags(page.cache_tags(), headers);
            } else {
                caching.put(&caching.answers, page.cache_tags(), headers);
            }
        }
        (true, _) if !page.marks.is_passing => {
            let ask_again = if is_get { ASK_AGAIN } else { HeaderValue::from_static("no-cache") };
            headers.insert(header::CACHE_CONTROL, ask_again);
        }
        _ => {
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
        }
    }
    if is_preview {
        headers.insert(NO_ROBOTS, HeaderValue::from_static("noindex, nofollow"));
    }
    if is_public {
        headers.insert(CACHE_STATUS, if is_kept { FROM_KEPT } else { MADE_ANEW });
    }
    let statements = if is_kept { 0 } else { page.statements };
    response.extensions_mut().insert(Effort { statements });
    if let Some(given) = given {
        response.extensions_mut().insert(given);
    }
    response
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

/// Whom an answer is for.
enum Asker {
    /// Anybody: it may be kept outside.
    Public,
    /// The same, and it is kept here.
    Kept,
    /// Nobody else.
    Known(Viewer),
}

/// The answer to a question as it came.
async fn page(
    api: &ContentApi,
    asker: Asker,
    raw: &Raw,
    media: Media,
    payer: &Payer,
    drafts: &OfDrafts,
) -> Page {
    let asked = match raw {
        Raw::Address(query) => from_address(query, api.limits()),
        Raw::Body(body) => from_body(body, api.limits()),
    };
    let asked = asked.map(|asked| asked.paid_by(payer).of_drafts(drafts));
    match (asked, asker) {
        (Err((status, refusal)), _) => refused(api.statuses().of_refused(status), refusal),
        (Ok(Asked::One(question)), asker) => {
            let tells_cost = question.tells_cost;
            let (answered, made_of) = match asker {
                Asker::Known(viewer) => (api.answer(viewer, *question).await, None),
                Asker::Public => api.answer_noting(*question, false).await,
                Asker::Kept => api.answer_noting(*question, true).await,
            };
            let status = api.statuses().of(media, &answered);
            let mut page = written(status, |json| write(&answered, json));
            let marks = marks(&answered.errors);
            // A text that came with its hash must be heard again.
            let unkept = marks.unkept.or_else(|| made_of.is_none().then_some("registers"));
            page.marks = Marks { tells_cost, unkept, ..marks };
            page.of(answered.statements, made_of)
        }
        (Ok(Asked::Many(questions)), Asker::Known(viewer)) => many(api, &viewer, questions).await,
        (Ok(Asked::Many(questions)), _) => many(api, &Viewer::Public, questions).await,
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
                data: Some(b"null".to_vec()),
                ..Answered::refused(super::timed_out().into_server_error())
            },
        });
    }
    let statements = answers.iter().map(|answered| answered.statements).sum();
    let all = |json: &mut Vec<u8>| {
        json.push(b'[');
        for (number, answered) in answers.iter().enumerate() {
            if number > 0 {
                json.push(b',');
            }
            write(answered, json)?;
        }
        json.push(b']');
        Ok(())
    };
    let mut page = written(StatusCode::OK, all).of(statements, None);
    page.marks.unkept = Some("batch");
    page
}

fn refused(status: StatusCode, refusal: Refusal) -> Page {
    let answered = Answered::refused(refusal.into_server_error());
    let mut page = written(status, |json| write(&answered, json));
    page.marks = marks(&answered.errors);
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
    let unkept = (!errors.is_empty()).then_some("errors");
    Marks { retry_after: is_spent.then_some(1), is_passing, tells_cost: false, unkept }
}

/// Writes an answer: data, then what went wrong, then what is said beside it.
fn write(answered: &Answered, json: &mut Vec<u8>) -> serde_json::Result<()> {
    json.push(b'{');
    let begin = |json: &mut Vec<u8>, key: &[u8]| {
        if json.last() != Some(&b'{') {
            json.push(b',');
        }
        json.extend_from_slice(key);
    };
    if let Some(data) = &answered.data {
        begin(json, b"\"data\":");
        json.extend_from_slice(data);
    }
    if !answered.errors.is_empty() {
        begin(json, b"\"errors\":");
        serde_json::to_writer(&mut *json, &answered.errors)?;
    }
    if !answered.extensions.is_empty() {
        begin(json, b"\"extensions\":");
        serde_json::to_writer(&mut *json, &answered.extensions)?;
    }
    json.push(b'}');
    Ok(())
}

fn written(status: StatusCode, write: impl FnOnce(&mut Vec<u8>) -> serde_json::Result<()>) -> Page {
    let mut json = Vec::new();
    match write(&mut json) {
        Ok(()) => Page::new(status, json.into()),
        Err(error) => {
            tracing::error!(%error, "an answer of the content API cannot be written as JSON");
            Page::new(StatusCode::INTERNAL_SERVER_ERROR, Bytes::new())
        }
    }
}
