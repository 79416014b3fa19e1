//! Questions asked to do harm: each is refused, or answered within its bounds. What they cost is
//! measured by `cargo bench -- hostile`, which asks the same ones.

#[path = "../../../benches/hub/hostile/questions.rs"]
mod questions;

use axum::{
    body::Body,
    http::{Request, header},
};
use schema::content_type::EMBEDDED_FILES;
use serde_json::Value;
use test_harness::Engine;

use self::questions::{Fate, Hostile, Sent};

/// Bytes of a refusal, at most.
const ANSWER: usize = 20_000;
use super::{Front, Reply};
use crate::house::{House, house_with_types};

async fn hub(engine: Engine) -> Option<House> {
    house_with_types(engine, EMBEDDED_FILES).await
}

impl Front {
    async fn asked_in_bad_faith(&self, sent: &Sent) -> Reply {
        match sent {
            Sent::Body(body) => self.post(body.clone()).await,
            Sent::Address(query) => {
                let request =
                    Request::get(format!("/graphql?{query}")).header(header::ACCEPT, "*/*");
                Reply::of(self.send(request.body(Body::empty()).expect("a request")).await).await
            }
        }
    }
}

/// The codes of all errors, of every answer of a batch.
fn codes(body: &Value) -> Vec<&str> {
    let answers = body.as_array().map_or(std::slice::from_ref(body), Vec::as_slice);
    let errors = answers.iter().filter_map(|answer| answer["errors"].as_array()).flatten();
    errors.filter_map(|error| error["extensions"]["code"].as_str()).collect()
}

test_harness::on_both_databases! {
    with hub;

    async fn each_is_refused_before_anything_is_looked_up_or_answered_within_bounds(house: House) {
        let front = house.front();
        let mut wrong = Vec::new();
        for Hostile { kind, sent, fate } in questions::all() {
            let reply = front.asked_in_bad_faith(&sent).await;
            let codes = codes(&reply.body);
            let is_so = match fate {
                Fate::Refused(expected) => codes.first() == Some(&expected) && reply.statements == 0,
                Fate::Answered { statements } => codes.is_empty() && reply.statements <= statements,
            };
            let body = reply.body.to_string();
            let is_long = matches!(fate, Fate::Refused(_)) && body.len() > ANSWER;
            if !is_so || is_long {
                let start: String = body.chars().take(300).collect();
                wrong.push(format!("{kind}: {fate:?}, but {} {} statements, {} bytes: {start}", reply.status, reply.statements, body.len()));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
