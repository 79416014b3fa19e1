//! The hub as a program outside sees it: its two GraphQL APIs, its upload route and its plain
//! pages.

use std::{
    net::SocketAddr,
    sync::atomic::{AtomicU32, Ordering},
};

use bytes::Bytes;
use hyper::{
    Method, StatusCode,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderName},
};
use schema::message::Bilingual;
use serde_json::{Value, json};

use super::client::{self, Answer};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const JSON: &str = "application/json";

/// A running hub, and a token for it.
pub(super) struct Hub {
    pub(super) address: SocketAddr,
    authorization: String,
    /// Numbers the changes, each of which has a key of its own.
    changes: AtomicU32,
}

impl Hub {
    pub(super) fn new(address: SocketAddr, token: &str) -> Self {
        Self { address, authorization: format!("Bearer {token}"), changes: AtomicU32::new(0) }
    }

    /// Asks the content API, as the public.
    ///
    /// # Errors
    /// No answer, or an error in it.
    pub(super) async fn content(&self, query: &str, variables: Value) -> Result<Value, Bilingual> {
        let body = json!({ "query": query, "variables": variables }).to_string().into();
        let headers = [(CONTENT_TYPE, JSON)];
        let path = "/graphql";
        data(&client::send(self.address, Method::POST, path, &headers, body).await?)
    }

    /// Asks the management API.
    ///
    /// # Errors
    /// No answer, or an error in it.
    pub(super) async fn manage(&self, query: &str, variables: Value) -> Result<Value, Bilingual> {
        self.post_to_management(json!({ "query": query, "variables": variables }), None).await
    }

    /// Makes a change: the mutation `name` with `input`, of whose payload `selection` is wanted.
    ///
    /// # Errors
    /// No answer, an error in it, or a refusal.
    pub(super) async fn change(
        &self,
        name: &str,
        input: Value,
        selection: &str,
    ) -> Result<Value, Bilingual> {
        let (first, rest) = name.split_at(1);
        let query = format!(
            "mutation Change($input: {}{rest}Input!) {{ {name}(input: $input) {{ {selection} \
             userErrors {{ code field message {{ zh en }} }} }} }}",
            first.to_uppercase()
        );
        let request = json!({ "query": query, "variables": { "input": input } });
        let key = format!("demo-{}", self.changes.fetch_add(1, Ordering::Relaxed));
        let mut payload = self.post_to_management(request, Some(&key)).await?[name].take();
        match payload["userErrors"].as_array().and_then(|errors| errors.first()) {
            None => Ok(payload.take()),
            Some(error) => Err(Bilingual::new(
                format!("{name} 被拒绝：{}", text(&error["message"]["zh"])),
                format!("{name} was refused: {}", text(&error["message"]["en"])),
            )),
        }
    }

    /// Stores a file and gives its digest.
    ///
    /// # Errors
    /// No answer, or a refusal.
    pub(super) async fn upload(&self, bytes: &[u8]) -> Result<String, Bilingual> {
        let headers = [(AUTHORIZATION, self.authorization.as_str())];
        let body = Bytes::copy_from_slice(bytes);
        let path = "/manage/files";
        let answer = client::send(self.address, Method::POST, path, &headers, body).await?;
        let stored: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        match stored["digest"].as_str() {
            Some(digest) if answer.status == StatusCode::CREATED => Ok(digest.to_owned()),
            _ => Err(unexpected(path, &answer)),
        }
    }

    /// Asks for a page, as the public.
    ///
    /// # Errors
    /// No answer.
    pub(super) async fn get(
        &self,
        path: &str,
        headers: &[(HeaderName, &str)],
    ) -> Result<Answer, Bilingual> {
        client::send(self.address, Method::GET, path, headers, Bytes::new()).await
    }

    /// Asks for a page that must be there.
    ///
    /// # Errors
    /// No answer, or another status than 200.
    pub(super) async fn page(&self, path: &str) -> Result<Answer, Bilingual> {
        let answer = self.get(path, &[]).await?;
        if answer.status == StatusCode::OK { Ok(answer) } else { Err(unexpected(path, &answer)) }
    }

    async fn post_to_management(
        &self,
        request: Value,
        key: Option<&str>,
    ) -> Result<Value, Bilingual> {
        let mut headers = vec![(CONTENT_TYPE, JSON), (AUTHORIZATION, self.authorization.as_str())];
        headers.extend(key.map(|key| (IDEMPOTENCY_KEY, key)));
        let body = request.to_string().into();
        let path = "/manage/graphql";
        data(&client::send(self.address, Method::POST, path, &headers, body).await?)
    }
}

/// The data of a GraphQL answer that has no errors.
fn data(answer: &Answer) -> Result<Value, Bilingual> {
    let mut body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    if body["errors"].is_null() && body["data"].is_object() {
        return Ok(body["data"].take());
    }
    Err(unexpected("GraphQL", answer))
}

fn unexpected(what: &str, answer: &Answer) -> Bilingual {
    let status = answer.status.as_u16();
    let beginning: String = answer.text().chars().take(400).collect();
    Bilingual::new(
        format!("{what} 的应答出乎意料：HTTP {status} {beginning}"),
        format!("{what} answers something unexpected: HTTP {status} {beginning}"),
    )
}

/// A text, or nothing.
pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
