//! A careful receiver of webhooks: checks signatures over the bytes as they came, drops what it
//! has seen, lets the highest number win, remembers absences, and shows what it holds.
//!
//! Written from Standard Webhooks 1.0.0, CloudEvents 1.0 and `docs/channels.md`.

mod copies;
mod page;
mod signature;

use std::{
    io,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path as PathOf, State},
    http::{HeaderMap, HeaderName, StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use schema::parameters::Clock;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use self::copies::{Copies, Held, Taken};
pub(crate) use self::signature::Key;

/// Bytes of one message: full texts come along where the target asks for them.
const BODY: usize = 16 << 20;

/// Nothing but our own style sheet is loaded.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'none'";
const NOSNIFF: (HeaderName, &str) = (header::X_CONTENT_TYPE_OPTIONS, "nosniff");

/// A receiver that is not asked anything yet.
pub(crate) struct Receiver {
    /// What its page is called.
    name: String,
    /// What messages are checked with.
    key: Key,
    clock: Arc<dyn Clock>,
    /// Told of each message, for a line of output.
    heard: fn(&str),
    copies: Mutex<Copies>,
}

impl Receiver {
    /// A receiver that goes on where `store` ends, if it is there.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub(crate) fn open(
        name: String,
        key: Key,
        store: Option<&Path>,
        clock: Arc<dyn Clock>,
        heard: fn(&str),
    ) -> io::Result<Self> {
        Ok(Self { name, key, clock, heard, copies: Mutex::new(Copies::open(store)?) })
    }

    /// Answers until the process ends.
    ///
    /// # Errors
    /// When the listener fails.
    pub(crate) async fn serve(self, listener: TcpListener) -> io::Result<()> {
        let router = Router::new()
            .route("/in", post(receive))
            .route("/", get(overview))
            .route("/items.json", get(items))
            .route("/items/{content}/{locale}", get(item))
            .route("/page.css", get(style))
            .layer(DefaultBodyLimit::max(BODY))
            .with_state(Arc::new(self));
        axum::serve(listener, router).await
    }

    fn copies(&self) -> MutexGuard<'_, Copies> {
        self.copies.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn receive(
    State(receiver): State<Arc<Receiver>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let now = receiver.clock.now();
    let id = match receiver.key.believe(&headers, &body, now.as_second()) {
        Ok(id) => id,
        Err(doubt) => {
            (receiver.heard)(&format!("401 {}", doubt.reason()));
            return (StatusCode::UNAUTHORIZED, doubt.reason()).into_response();
        }
    };
    let Ok(message) = serde_json::from_slice::<Value>(&body) else {
        return (StatusCode::UNPROCESSABLE_ENTITY, "this is not JSON").into_response();
    };
    // A test call asks for nothing and changes nothing.
    let data =
        message.get("data").filter(|data| data.as_object().is_some_and(|data| !data.is_empty()));
    let Some(data) = data else {
        (receiver.heard)("204 test");
        return StatusCode::NO_CONTENT.into_response();
    };
    match receiver.copies().keep(id, now, data) {
        Ok(Some(taken)) => {
            (receiver.heard)(&told(data, taken));
            StatusCode::NO_CONTENT.into_response()
        }
        Ok(None) => {
            (StatusCode::UNPROCESSABLE_ENTITY, "this is no event of a document").into_response()
        }
        Err(error) => {
            (receiver.heard)(&format!("503 {error}"));
            (StatusCode::SERVICE_UNAVAILABLE, "it could not be kept").into_response()
        }
    }
}

/// A line about a message. It stands in a terminal, so it has no control characters.
fn told(data: &Value, taken: Taken) -> String {
    let text = |name: &str| data.get(name).and_then(Value::as_str).unwrap_or_default();
    let number = |name: &str| data.get(name).and_then(Value::as_u64).unwrap_or_default();
    let place = if text("url").is_empty() { text("contentId") } else { text("url") };
    let note = match taken {
        Taken::New => "",
        Taken::Late => " (late)",
        Taken::Again => " (again)",
    };
    let line = format!(
        "204 #{} {} {place} {} {}{note}",
        number("sequence"),
        text("kind"),
        text("state"),
        number("edition"),
    );
    line.chars().filter(|character| !character.is_control()).collect()
}

async fn overview(State(receiver): State<Arc<Receiver>>) -> Response {
    let copies = receiver.copies();
    html(StatusCode::OK, page::overview(&receiver.name, &copies))
}

async fn item(
    State(receiver): State<Arc<Receiver>>,
    PathOf((content, locale)): PathOf<(String, String)>,
) -> Response {
    let copies = receiver.copies();
    match copies.one(&content, &locale) {
        Some(held) => {
            let status = if held.is_there() { StatusCode::OK } else { StatusCode::GONE };
            html(status, page::item(&receiver.name, held))
        }
        None => html(StatusCode::NOT_FOUND, page::nothing(&receiver.name)),
    }
}

async fn items(State(receiver): State<Arc<Receiver>>) -> Response {
    let copies = receiver.copies();
    let all: Vec<_> = copies.all().into_iter().map(value).collect();
    let value = json!({ "name": receiver.name, "messages": copies.counts, "items": all });
    ([(header::CACHE_CONTROL, "no-store"), NOSNIFF], Json(value)).into_response()
}

fn value(held: &Held) -> Value {
    let fact = &held.fact;
    json!({
        "contentId": fact.content_id,
        "locale": fact.locale,
        "type": fact.r#type,
        "site": fact.site,
        "state": fact.state,
        "edition": fact.edition,
        "absence": fact.absence,
        "sequence": fact.sequence,
        "kind": fact.kind,
        "title": held.title,
        "url": fact.url,
        "replacement": fact.replacement,
        "explanation": fact.explanation,
        "digest": fact.digest,
        "hasText": fact.content.is_some(),
        "receivedAt": held.at,
        "path": held.path(),
    })
}

async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8"), NOSNIFF], page::STYLE).into_response()
}

fn html(status: StatusCode, body: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-store"),
        NOSNIFF,
    ];
    (status, headers, body).into_response()
}
