//! GraphQL over HTTP: methods, media types, sizes, batches, tags, and the page for browsers.

use axum::{
    body::{Body, to_bytes},
    http::{Request, StatusCode, header},
};
use schema::{permission::Role, viewer::Viewer};
use serde_json::{Value, json};

use api::content::Limits;

use super::{Front, Reply};
use crate::house::{House, house};

const SITES: &str = "{\"query\": \"{ sites { key } }\"}";

impl Front {
    async fn get(
        &self,
        address: &str,
        headers: &[(header::HeaderName, &str)],
    ) -> axum::http::Response<Body> {
        let mut request = Request::get(address);
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        self.send(request.body(Body::empty()).expect("a request")).await
    }

    async fn post_as(&self, media_type: &str, accept: &str, body: &str) -> Reply {
        let request = Request::post("/graphql")
            .header(header::CONTENT_TYPE, media_type)
            .header(header::ACCEPT, accept)
            .body(Body::from(body.to_owned()))
            .expect("a request");
        Reply::of(self.send(request).await).await
    }
}

test_harness::on_both_databases! {
    with house;

    async fn the_caller_says_which_form_an_answer_takes(house: House) {
        let front = house.front();
        let wrong = "{\"query\": \"{ nothing }\"}";
        for (accept, body, status, media_type) in [
            ("*/*", SITES, 200, "application/json; charset=utf-8"),
            ("application/json", wrong, 200, "application/json; charset=utf-8"),
            ("application/graphql-response+json", SITES, 200, "application/graphql-response+json; charset=utf-8"),
            ("application/graphql-response+json", wrong, 400, "application/graphql-response+json; charset=utf-8"),
        ] {
            let reply = front.post_as("application/json", accept, body).await;
            assert_eq!((reply.status.as_u16(), reply.media_type.as_str()), (status, media_type), "{accept} {body}");
        }
    }

    async fn what_is_no_question_is_refused_with_a_reason(house: House) {
        let front = house.front();
        let long = format!("{{\"query\": \"{}\"}}", " ".repeat(70 * 1024));
        let variables = format!("{{\"query\": \"{{ sites {{ key }} }}\", \"variables\": {{\"a\": \"{}\"}}}}", "x".repeat(70 * 1024));
        for (body, status, code) in [
            ("", 400, "BAD_REQUEST"),
            ("{", 400, "BAD_REQUEST"),
            ("[]", 400, "TOO_MANY_OPERATIONS"),
            ("{}", 400, "BAD_REQUEST"),
            ("\"x\"", 400, "BAD_REQUEST"),
            ("{\"query\": 5}", 400, "BAD_REQUEST"),
            ("{\"query\": \"{ sites { key } }\", \"variables\": [1]}", 400, "BAD_REQUEST"),
            (&long, 200, "TOO_LARGE"),
            (&variables, 413, "TOO_LARGE"),
            (&" ".repeat(300 * 1024), 413, "TOO_LARGE"),
        ] {
            let reply = front.post(body.to_owned()).await;
            let shown: String = body.chars().take(60).collect();
            assert_eq!((reply.status.as_u16(), reply.code().as_str()), (status, code), "{shown}");
            assert_eq!(reply.statements, 0);
        }
        let broken = front.post(Body::from(&b"{\"query\": \"\xff\xfe\"}"[..])).await;
        assert_eq!((broken.status.as_u16(), broken.code().as_str()), (400, "BAD_REQUEST"));
        for media_type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""] {
            let reply = front.post_as(media_type, "*/*", SITES).await;
            assert_eq!(reply.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{media_type}");
            assert_eq!(reply.code(), "UNSUPPORTED_MEDIA_TYPE");
        }
        let request = Request::delete("/graphql").body(Body::empty()).expect("a request");
        assert_eq!(front.send(request).await.status(), StatusCode::METHOD_NOT_ALLOWED);
    }

    async fn a_body_without_an_announced_length_is_cut_off(house: House) {
        let chunks = futures_of_spaces(64);
        let request = Request::post("/graphql")
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from_stream(chunks))
            .expect("a request");

        let reply = Reply::of(house.front().send(request).await).await;

        assert_eq!((reply.status, reply.code().as_str()), (StatusCode::PAYLOAD_TOO_LARGE, "TOO_LARGE"));
    }

    async fn only_a_question_that_was_carried_out_has_data(house: House) {
        let front = house.front();

        for refused in ["{", "{ nothing }", "query ($a: Int!) { sites { key } }"] {
            let reply = front.post(json!({ "query": refused }).to_string()).await;
            assert_eq!(reply.body.get("data"), None, "{refused}");
        }
        let failed = "{ articles(site: \"nowhere\") { nodes { title } } }";
        let reply = front.post(json!({ "query": failed }).to_string()).await;
        assert_eq!((reply.body.get("data"), reply.code().as_str()), (Some(&Value::Null), "BAD_ARGUMENT"));
    }

    async fn several_questions_go_in_one_request(house: House) {
        let front = house.front();
        let body = format!("[{SITES}, {{\"query\": \"{{ nothing }}\"}}, {SITES}]");

        let reply = front.post(body).await;

        assert_eq!(reply.status, StatusCode::OK);
        let answers = reply.body.as_array().expect("a list");
        assert_eq!(answers[0]["data"], answers[2]["data"]);
        assert_eq!(answers[1]["errors"][0]["extensions"]["code"], "INVALID_QUERY");
        assert_eq!(reply.statements, 2);
        let many = [SITES; 11].join(",");
        assert_eq!(front.post(format!("[{many}]")).await.code(), "TOO_MANY_OPERATIONS");
    }

    async fn an_operation_is_chosen_by_its_name(house: House) {
        let front = house.front();
        let query = "query A { sites { key } } query B { sites { id } }";
        let named = |name: &str| json!({ "query": query, "operationName": name }).to_string();

        assert_eq!(front.post(named("A")).await.data()["sites"][0], json!({ "key": "lanqiao" }));
        assert_eq!(front.post(named("C")).await.code(), "INVALID_QUERY");
        assert_eq!(front.post(json!({ "query": query }).to_string()).await.code(), "INVALID_QUERY");
    }

    async fn a_question_in_the_address_can_be_asked_again_cheaply(house: House) {
        let front = house.front();
        let address = "/graphql?query=query(%24k%3AString)%7Bsite(key%3A%24k)%7Bkey%7D%7D&variables=%7B%22k%22%3A%22lanqiao%22%7D";

        let first = front.get(address, &[]).await;

        assert_eq!(first.status(), StatusCode::OK);
        assert_eq!(first.headers()[header::CACHE_CONTROL], "public, no-cache");
        assert_eq!(first.headers()[header::VARY], "accept, accept-encoding, authorization");
        let tag = first.headers()[header::ETAG].to_str().expect("text").to_owned();
        let body = to_bytes(first.into_body(), 1 << 20).await.expect("a body");
        let body: Value = serde_json::from_slice(&body).expect("JSON");
        assert_eq!(body["data"]["site"]["key"], "lanqiao");
        let again = front.get(address, &[(header::IF_NONE_MATCH, &tag)]).await;
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        let weak = front.get(address, &[(header::IF_NONE_MATCH, &format!("\"x\", W/{tag}"))]).await;
        assert_eq!(weak.status(), StatusCode::NOT_MODIFIED);
        for wrong in ["/graphql", "/graphql?query=%7B", "/graphql?query=%7Bsites%7Bkey%7D%7D&variables=x", "/graphql?query=%ff"] {
            let reply = Reply::of(front.get(wrong, &[]).await).await;
            assert!(["BAD_REQUEST", "INVALID_QUERY"].contains(&reply.code().as_str()), "{wrong}");
        }
    }

    async fn what_somebody_known_asks_is_kept_by_nobody(house: House) {
        let reader = house.on_site(Role::Reader, "lanqiao", 8).await;
        let front = house.front_of(Viewer::Known(reader), Limits::default());

        let answer = front.get("/graphql?query=%7Bsites%7Bkey%7D%7D", &[]).await;

        assert_eq!(answer.headers()[header::CACHE_CONTROL], "private, no-store");
        assert_eq!(answer.headers().get(header::ETAG), None);
    }

    async fn a_browser_gets_a_page_that_loads_from_the_hub_alone(house: House) {
        let front = house.front();
        let accept = (header::ACCEPT, "text/html,application/xhtml+xml,*/*;q=0.8");

        let page = front.get("/graphql", std::slice::from_ref(&accept)).await;

        assert_eq!(page.status(), StatusCode::OK);
        let policy = page.headers()[header::CONTENT_SECURITY_POLICY].to_str().expect("text").to_owned();
        assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
        let html = to_bytes(page.into_body(), 1 << 20).await.expect("a body");
        let html = String::from_utf8(html.to_vec()).expect("text");
        let files: Vec<&str> = html.split('"').filter(|part| part.starts_with("/graphql/graphiql/")).collect();
        assert_eq!(files.len(), 6);
        for file in files {
            let answer = front.get(file, &[]).await;
            assert_eq!(answer.status(), StatusCode::OK, "{file}");
            let tag = answer.headers()[header::ETAG].to_str().expect("text").to_owned();
            assert!(to_bytes(answer.into_body(), 1 << 22).await.is_ok_and(|body| body.len() > 20));
            let again = front.get(file, &[(header::IF_NONE_MATCH, &tag)]).await;
            assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        }
    }
}

/// `kilobytes` times a thousand spaces, piece by piece, ten times over what is taken.
fn futures_of_spaces(
    kilobytes: usize,
) -> impl futures_util::Stream<Item = Result<Vec<u8>, std::io::Error>> {
    futures_util::stream::iter((0..kilobytes * 10).map(|_| Ok(vec![b' '; 1_000])))
}
