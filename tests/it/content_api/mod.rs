//! The content API as front ends meet it: questions over HTTP, answers as JSON.

mod answering;
mod at_hand;
mod differences;
mod distances;
mod documents;
mod every_kind;
mod federation;
mod guide;
mod hostile;
mod kept;
mod limits;
mod lists;
mod moments;
mod narrowing;
mod persisted;
mod places;
mod protocol;
mod routes;
mod shape;
mod sites;
mod statements;
mod statuses;
mod trusted;

use std::sync::Arc;

use api::content::{
    ContentApi, ContentSettings, Limits, ResponseCache,
    http::{Effort, router},
};
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, Response, StatusCode, header},
};
use schema::viewer::Viewer;
use serde_json::{Value, json};
use store::Store;
use tower::ServiceExt as _;

use crate::house::House;

/// The content API of a house, as one viewer asks it.
pub struct Front {
    router: Router,
    viewer: Viewer,
}

/// What came back.
pub struct Reply {
    pub status: StatusCode,
    pub media_type: String,
    pub body: Value,
    pub statements: u64,
}

impl House {
    /// The content API, asked by anybody.
    pub fn front(&self) -> Front {
        self.front_of(Viewer::Public, Limits::default())
    }

    /// The content API, asked by somebody, or within other limits.
    pub fn front_of(&self, viewer: Viewer, limits: Limits) -> Front {
        let api = self.content_api(&self.desk.store, limits);
        Front { router: router(api, None), viewer }
    }

    /// The content API told something else, asked by anybody.
    pub fn front_told(&self, told: ContentSettings) -> Front {
        let api = self.content_api(&self.desk.store, told);
        Front { router: router(api, None), viewer: Viewer::Public }
    }

    /// The content API of a node that keeps answers, over its own view of `store`.
    pub fn keeping_front(&self, store: &Store) -> Front {
        let api = self.content_api(store, Limits::default());
        let cache = ResponseCache::new(store.clone(), Arc::clone(&self.desk.clock), 1 << 24);
        Front { router: router(api, Some(cache)), viewer: Viewer::Public }
    }

    fn content_api(&self, store: &Store, told: impl Into<ContentSettings>) -> ContentApi {
        let (types, clock) = (&self.desk.types, Arc::clone(&self.desk.clock));
        ContentApi::new(types, store.clone(), clock, "https://hub.example", told)
            .expect("the types make a schema")
    }
}

impl Front {
    /// Sends a request as it is.
    pub async fn send(&self, mut request: Request<Body>) -> Response<Body> {
        request.extensions_mut().insert(self.viewer.clone());
        self.router.clone().oneshot(request).await.expect("an answer")
    }

    /// Posts a body.
    pub async fn post(&self, body: impl Into<Body>) -> Reply {
        let request = Request::post("/graphql")
            .header(header::CONTENT_TYPE, "application/json")
            .body(body.into())
            .expect("a request");
        Reply::of(self.send(request).await).await
    }

    /// Asks a question with variables; whatever comes back.
    pub async fn try_with(&self, query: &str, variables: Value) -> Reply {
        self.post(json!({ "query": query, "variables": variables }).to_string()).await
    }

    /// Asks a question that has an answer; its data.
    pub async fn ask(&self, query: &str) -> Value {
        self.ask_with(query, json!({})).await
    }

    /// Asks a question with variables that has an answer; its data.
    pub async fn ask_with(&self, query: &str, variables: Value) -> Value {
        self.try_with(query, variables).await.data()
    }

    /// Asks a question that is refused; the code of the first error.
    pub async fn refusal(&self, query: &str) -> String {
        self.try_with(query, json!({})).await.code()
    }

    /// How many statements a question takes.
    pub async fn statements(&self, query: &str) -> u64 {
        let reply = self.try_with(query, json!({})).await;
        assert_eq!(reply.body.get("errors"), None, "{query}");
        reply.statements
    }
}

impl Reply {
    async fn of(response: Response<Body>) -> Self {
        let statements =
            response.extensions().get::<Effort>().map_or(0, |effort| effort.statements);
        let status = response.status();
        let media_type = response
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .to_owned();
        let body = to_bytes(response.into_body(), 1 << 26).await.expect("a body");
        let body = match body.is_empty() {
            true => Value::Null,
            false => serde_json::from_slice(&body).expect("JSON"),
        };
        Self { status, media_type, body, statements }
    }

    /// The data of an answer without errors.
    pub fn data(self) -> Value {
        assert_eq!(self.body.get("errors"), None, "{}", self.body);
        self.body["data"].clone()
    }

    /// The code of the first error; every error has one, and a message in both languages.
    pub fn code(&self) -> String {
        let errors =
            self.body["errors"].as_array().unwrap_or_else(|| panic!("no errors: {}", self.body));
        for error in errors {
            for language in ["zh", "en"] {
                let message = error["extensions"]["message"][language].as_str();
                assert!(message.is_some_and(|message| !message.is_empty()), "{error}");
            }
        }
        errors[0]["extensions"]["code"].as_str().expect("a code").to_owned()
    }
}

/// The titles of a list of documents.
pub fn titles(nodes: &Value) -> Vec<&str> {
    nodes
        .as_array()
        .unwrap_or_else(|| panic!("no list: {nodes}"))
        .iter()
        .map(|node| node["title"].as_str().expect("a title"))
        .collect()
}
