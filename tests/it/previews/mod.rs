//! Previews: drafts shown to those who hold a link, and to readers who ask for them; what a
//! preview answers, and what it never becomes.

mod files;
mod links;
mod managing;
mod readers;
mod showing;

use editorial::{
    access::authenticate,
    previews::{self, IssuedPreviewLink, NewPreviewLink, Until},
};
use schema::{
    ids::DocumentId,
    permission::{Actor, Grant, Role, Scope},
};
use serde_json::{Value, json};

use crate::{house::House, live::Node, wire};

/// Somebody with an account.
pub struct Somebody {
    pub actor: Actor,
    /// The secret of their token.
    pub token: String,
}

impl House {
    /// Somebody with an account and these grants.
    pub async fn somebody(&self, login: &str, grants: Vec<Grant>) -> Somebody {
        let (_, token) = self.account(login, grants).await;
        let known = authenticate(&self.desk, &token).await.expect("an answer");
        Somebody { actor: known.expect("the token is good").actor, token }
    }

    /// Somebody with a role on one site.
    pub async fn somebody_on(&self, login: &str, role: Role, site: &str) -> Somebody {
        let scope = Scope::Site(self.site(site).await);
        self.somebody(login, vec![Grant { role, scope }]).await
    }

    /// An editor of `lanqiao`.
    pub async fn editor(&self) -> Somebody {
        self.somebody_on("editor", Role::Editor, "lanqiao").await
    }

    /// A link to the draft of a document, good for three days.
    pub async fn link(&self, maker: &Somebody, document: DocumentId) -> IssuedPreviewLink {
        let new = NewPreviewLink { document, label: "核对".into(), until: Until::Usual };
        self.act_as(&maker.actor, async |work| {
            previews::create_preview_link(work, new.clone()).await
        })
        .await
        .expect("the link is made")
        .0
    }
}

/// What presents a link, or a token that is to show drafts.
pub fn headers(secret: &str) -> Vec<(&'static str, String)> {
    let mut headers = vec![("authorization", format!("Bearer {secret}"))];
    if !secret.starts_with("gbp_") {
        headers.push(("gongbao-preview", "drafts".into()));
    }
    headers
}

/// Asks a node with these headers; whatever comes back.
pub async fn send(node: &Node, headers: &[(&str, String)], query: &str) -> wire::Answer {
    let body = json!({ "query": query }).to_string();
    let mut all = vec![("content-type", "application/json")];
    all.extend(headers.iter().map(|(name, value)| (*name, value.as_str())));
    wire::send(node.address, "POST", "/graphql", &all, body.as_bytes()).await
}

/// The data that a link or a token is shown in a preview.
pub async fn preview(node: &Node, secret: &str, query: &str) -> Value {
    let answer = send(node, &headers(secret), query).await;
    let mut json = answer.json();
    assert_eq!((answer.status, json.get("errors")), (200, None), "{json}");
    json["data"].take()
}

/// The data that anybody is shown.
pub async fn public(node: &Node, query: &str) -> Value {
    node.ask(query, json!({})).await
}
