//! The HTTP statuses of answers, as every client knows them and as the newer draft has them.

use api::content::{ContentSettings, Limits, Statuses};
use axum::{
    body::Body,
    http::{Request, header},
};
use serde_json::json;

use super::{Front, Reply};
use crate::house::{House, house};

const JSON: &str = "application/json";
const GRAPHQL: &str = "application/graphql-response+json";

impl House {
    fn front_with_statuses(&self, statuses: Statuses) -> Front {
        self.front_told(ContentSettings { statuses, ..Limits::default().into() })
    }
}

/// What is asked, and the status of each: settled for JSON and the newer media type, by the draft
/// for both.
fn asked() -> Vec<(&'static str, String, [u16; 4])> {
    let query = |text: &str| json!({ "query": text }).to_string();
    vec![
        ("all went well", query("{ sites { key } }"), [200, 200, 200, 200]),
        ("no JSON", "{".to_owned(), [400, 400, 400, 400]),
        ("JSON that is no question", "{}".to_owned(), [400, 400, 422, 422]),
        ("a question of another kind", "{\"query\": 5}".to_owned(), [400, 400, 422, 422]),
        (
            "variables that are no object",
            "{\"query\": \"{ sites { key } }\", \"variables\": [1]}".to_owned(),
            [400, 400, 422, 422],
        ),
        ("no GraphQL", query("{ sites { key }"), [200, 400, 400, 400]),
        ("a field that is not there", query("{ nothing }"), [200, 400, 422, 422]),
        (
            "a variable that is missing",
            query("query ($n: Int!) { articles(first: $n) { nodes { title } } }"),
            [200, 400, 422, 422],
        ),
        (
            "no operation of this name",
            json!({ "query": "query a { sites { key } }", "operationName": "b" }).to_string(),
            [200, 400, 422, 422],
        ),
        (
            "a refused argument",
            query("{ articles(first: 0) { nodes { title } } }"),
            [200, 400, 422, 422],
        ),
        (
            "data, and an error beside them",
            query("{ sites { key } document(contentId: \"x\") { title } }"),
            [200, 200, 200, 294],
        ),
    ]
}

impl Front {
    async fn asked_by(&self, accept: &str, body: &str) -> Reply {
        let request = Request::post("/graphql")
            .header(header::CONTENT_TYPE, JSON)
            .header(header::ACCEPT, accept);
        let request = request.body(Body::from(body.to_owned())).expect("a request");
        Reply::of(self.send(request).await).await
    }
}

test_harness::on_both_databases! {
    with house;

    async fn statuses_are_those_that_were_asked_for(house: House) {
        let settled = house.front_with_statuses(Statuses::Settled);
        let draft = house.front_with_statuses(Statuses::Draft);
        for (what, body, expected) in asked() {
            let ways = [(&settled, JSON), (&settled, GRAPHQL), (&draft, JSON), (&draft, GRAPHQL)];
            for (nth, (front, accept)) in ways.into_iter().enumerate() {
                let reply = front.asked_by(accept, &body).await;
                assert_eq!(reply.status.as_u16(), expected[nth], "{what}: {nth} {accept} {}", reply.body);
                // By the draft only what went well goes by the older name.
                let renamed = nth == 2 && !reply.status.is_success();
                let media = if renamed { GRAPHQL } else { accept };
                assert!(reply.media_type.starts_with(media), "{what}: {nth} {}", reply.media_type);
                assert_eq!(reply.body.get("errors").is_none(), what == "all went well", "{what}");
            }
        }
    }

    async fn statuses_are_settled_where_nobody_says_otherwise(house: House) {
        let reply = house.front().asked_by(GRAPHQL, &asked()[6].1).await;
        assert_eq!(reply.status.as_u16(), 400);
    }

    async fn a_question_in_the_address_is_told_apart_too(house: House) {
        for (statuses, expected) in [(Statuses::Settled, [400, 400]), (Statuses::Draft, [400, 422])] {
            let front = house.front_with_statuses(statuses);
            for (address, expected) in ["?query=%7Bsites%7Bkey%7D%7D&variables=%7B", "?variables=%7B%7D"].into_iter().zip(expected) {
                let request = Request::get(format!("/graphql{address}")).header(header::ACCEPT, GRAPHQL);
                let reply = Reply::of(front.send(request.body(Body::empty()).expect("a request")).await).await;
                assert_eq!(reply.status.as_u16(), expected, "{address}: {}", reply.body);
            }
        }
    }
}
