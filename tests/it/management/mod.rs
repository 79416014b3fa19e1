//! The management API as its callers know it: requests with a token in, answers out, on both
//! databases. The office is the house with its doors open.

mod access;
mod audit;
mod hostile;
mod limited;
mod neighbours;
mod permissions;
mod plans;
mod reading;
mod refusals;
mod repeating;
mod reviews;
mod schedules;
mod sign_in;
mod standing;
mod story;
mod targets;
mod uploads;

use std::{collections::BTreeMap, sync::Arc};

use api::{AppState, ServerSettings};
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode, header},
};
use editorial::{Desk, ports::Channels};
use schema::permission::{Grant, Role, Scope};
use serde_json::{Value, json};
use test_harness::Engine;
use tower::ServiceExt as _;

use crate::house::{House, house};

/// Asked for with every payload.
const ERRORS: &str = "userErrors { code field message { zh en } \
                      stale { expected actual changedAt changedBy { id name } } }";
/// What most stories ask of a document.
const DOCUMENT: &str = "id contentId locale version visibility edition hasDraft";

/// The house with its doors open.
pub struct Office {
    pub house: House,
    state: AppState,
    router: Router,
    /// The input type of every mutation.
    inputs: BTreeMap<String, String>,
    pub administrator: String,
}

/// What came back.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub json: Value,
}

pub async fn office(engine: Engine) -> Option<Office> {
    let house = house(engine).await?;
    let (desk, channels) = (house.desk.clone(), house.channels());
    Some(open(house, desk, channels).await)
}

/// The doors of a house, with these channels behind them.
pub async fn open(house: House, desk: Desk, channels: Arc<dyn Channels>) -> Office {
    let settings = ServerSettings::default();
    let state = AppState::new(desk, Arc::clone(&house.files), channels, house.sign_in(), settings);
    let router = api::router(state.clone());
    let (inputs, administrator) = (BTreeMap::new(), String::new());
    let mut office = Office { house, state, router, inputs, administrator };
    office.administrator = office.token("root", &[(Role::PlatformAdministrator, "")]).await;
    let described =
        "{ __schema { mutationType { fields { name args { type { ofType { name } } } } } } }";
    let described = office.query(&office.administrator, described, json!({})).await;
    for field in described["__schema"]["mutationType"]["fields"].as_array().expect("mutations") {
        let name = field["name"].as_str().expect("a name").to_owned();
        let input = field["args"][0]["type"]["ofType"]["name"].as_str().expect("one input");
        office.inputs.insert(name, input.to_owned());
    }
    office
}

impl Office {
    /// A token of a new account with these roles; `""` is the hub, other places are sites.
    pub async fn token(&self, login: &str, roles: &[(Role, &str)]) -> String {
        let mut grants = Vec::new();
        for (role, place) in roles {
            let scope = match *place {
                "" => Scope::Hub,
                site => Scope::Site(self.house.site(site).await),
            };
            grants.push(Grant { role: *role, scope });
        }
        self.house.account(login, grants).await.1
    }

    /// Done when what was asked until now stands in the audit.
    pub async fn audited(&self) {
        self.state.audited().await;
    }

    /// Sends a request as it is.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (head, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.expect("a body");
        let json = serde_json::from_slice(&body).unwrap_or(Value::Null);
        Answer { status: head.status, headers: head.headers, json }
    }

    /// Sends a GraphQL request with these further headers.
    pub async fn post(
        &self,
        token: &str,
        query: &str,
        variables: Value,
        headers: &[(&str, &str)],
    ) -> Answer {
        let body = json!({ "query": query, "variables": variables }).to_string();
        let mut request = Request::post("/manage/graphql")
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from(body)).expect("a request")).await
    }

    /// The data of a query that must succeed.
    pub async fn query(&self, token: &str, query: &str, variables: Value) -> Value {
        let answer = self.post(token, query, variables, &[]).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.json);
        assert_eq!(answer.json["errors"], Value::Null, "{query}");
        answer.json["data"].clone()
    }

    /// The text of a mutation that asks for `selection` beside the errors.
    pub fn mutation(&self, name: &str, selection: &str) -> String {
        let input = &self.inputs[name];
        format!("mutation($input: {input}!) {{ {name}(input: $input) {{ {selection} {ERRORS} }} }}")
    }

    /// The payload of a mutation.
    pub async fn act(&self, token: &str, name: &str, input: Value, selection: &str) -> Value {
        self.act_under(token, None, name, input, selection).await
    }

    /// The payload of a mutation sent under an idempotency key.
    pub async fn act_under(
        &self,
        token: &str,
        key: Option<&str>,
        name: &str,
        input: Value,
        selection: &str,
    ) -> Value {
        let headers: Vec<_> = key.into_iter().map(|key| ("idempotency-key", key)).collect();
        let query = self.mutation(name, selection);
        let answer = self.post(token, &query, json!({ "input": input }), &headers).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.json);
        assert_eq!(answer.json["errors"], Value::Null, "{name} {}", answer.json);
        answer.json["data"][name].clone()
    }

    /// The payload of a mutation that must be done.
    pub async fn done(&self, token: &str, name: &str, input: Value, selection: &str) -> Value {
        let payload = self.act(token, name, input, selection).await;
        assert_eq!(payload["userErrors"], json!([]), "{name}");
        payload
    }

    /// Code and field of every reason why a mutation was not done.
    pub async fn refused(&self, token: &str, name: &str, input: Value) -> Vec<(String, String)> {
        let payload = self.act(token, name, input, "__typename").await;
        codes(&payload)
    }

    /// A draft of an article of the city on `lanqiao`: document and digest.
    pub async fn draft(&self, token: &str, title: &str) -> Draft {
        let payload = self
            .done(
                token,
                "createDocument",
                new_article(title),
                &format!("draft {{ digest document {{ {DOCUMENT} }} }}"),
            )
            .await;
        Draft::of(&payload)
    }

    /// An article that is live.
    pub async fn live(&self, title: &str) -> Value {
        let draft = self.draft(&self.administrator, title).await;
        self.publish(&self.administrator, &draft).await
    }

    /// Publishes a draft: the document afterwards.
    pub async fn publish(&self, token: &str, draft: &Draft) -> Value {
        let input = json!({ "document": target(&draft.document), "approvedDigest": draft.digest });
        let selection = format!("publication {{ kind document {{ {DOCUMENT} }} }}");
        let payload = self.done(token, "publishDocument", input, &selection).await;
        payload["publication"]["document"].clone()
    }

    /// Recalls a document: the document afterwards.
    pub async fn recall(&self, token: &str, document: &Value) -> Value {
        let input = json!({ "contentId": document["contentId"], "notice": notice("含有错误") });
        let selection = format!("recall {{ documents {{ {DOCUMENT} }} }}");
        let payload = self.done(token, "recallContent", input, &selection).await;
        payload["recall"]["documents"][0].clone()
    }
}

/// A draft that was saved.
#[derive(Clone, Debug)]
pub struct Draft {
    pub document: Value,
    pub digest: Value,
}

impl Draft {
    pub fn of(payload: &Value) -> Self {
        let draft = &payload["draft"];
        Self { document: draft["document"].clone(), digest: draft["digest"].clone() }
    }
}

/// Code and field of every reason in a payload.
pub fn codes(payload: &Value) -> Vec<(String, String)> {
    let errors = payload["userErrors"].as_array().expect("errors");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    for error in errors {
        assert!(
            !text(&error["message"]["zh"]).is_empty() && !text(&error["message"]["en"]).is_empty()
        );
    }
    errors.iter().map(|error| (text(&error["code"]), text(&error["field"]))).collect()
}

/// The document as it is now, for an act on it.
pub fn target(document: &Value) -> Value {
    json!({
        "contentId": document["contentId"],
        "locale": document["locale"],
        "version": document["version"],
    })
}

pub fn notice(zh: &str) -> Value {
    json!({ "explanation": { "zh": zh, "en": "An explanation" } })
}

pub fn new_article(title: &str) -> Value {
    json!({
        "authority": "lanqiao-city", "type": "article", "locale": "zh-CN", "draft": text(title),
    })
}

/// The text of an article on `lanqiao`.
pub fn text(title: &str) -> Value {
    json!({
        "fields": { "title": title, "body": format!("<p>{title}的正文。</p>") },
        "placements": [{ "site": "lanqiao", "columns": ["policy/finance"] }],
    })
}
