//! Requests that no honest client sends.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use serde_json::json;

use super::{Answer, Office, new_article, office};

impl Office {
    async fn raw(&self, media: &str, body: impl Into<Body>) -> Answer {
        let request = Request::post("/manage/graphql")
            .header(header::AUTHORIZATION, format!("Bearer {}", self.administrator))
            .header(header::CONTENT_TYPE, media)
            .body(body.into())
            .expect("a request");
        self.send(request).await
    }
}

test_harness::on_both_databases! {
    with office;

    async fn only_json_by_post_is_taken(office: Office) {
        let query = r#"{"query":"{ me { id } }"}"#;

        for media in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""] {
            let answer = office.raw(media, query).await;
            assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{media}");
        }
        let charset = office.raw("application/json; charset=utf-8", query).await;
        assert_eq!(charset.status, StatusCode::OK);
        let get = Request::get("/manage/graphql?query=%7Bme%7Bid%7D%7D")
            .header(header::AUTHORIZATION, format!("Bearer {}", office.administrator))
            .body(Body::empty())
            .expect("a request");
        assert_eq!(office.send(get).await.status, StatusCode::METHOD_NOT_ALLOWED);
    }

    async fn what_is_no_request_is_refused_before_it_is_run(office: Office) {
        let deep = "{a".repeat(10_000) + &"}".repeat(10_000);
        let deep_values = format!("{{ document(contentId: {} ) {{ id }} }}", "[".repeat(50_000));
        let bodies: Vec<Vec<u8>> = vec![
            b"".to_vec(),
            b"{".to_vec(),
            b"[]".to_vec(),
            br#"[{"query":"{ me { id } }"}]"#.to_vec(),
            br#"{"query":1}"#.to_vec(),
            br#"{"query":"{ me { id } }","more":1}"#.to_vec(),
            b"{\"query\":\"\xff\xfe\"}".to_vec(),
            json!({ "query": deep }).to_string().into_bytes(),
            json!({ "query": deep_values }).to_string().into_bytes(),
            format!("{{\"query\":\"{{me{{id}}}}\",\"variables\":{{\"a\":{}}}}}", "[".repeat(5_000)).into_bytes(),
        ];
        for body in bodies {
            let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
            let answer = office.raw("application/json", body).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{shown}");
            assert!(answer.json["messages"]["zh"].is_string(), "{shown}");
        }
        let long = vec![b' '; 9 << 20];
        let answer = office.raw("application/json", long).await;
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    }

    async fn a_query_that_asks_for_too_much_is_refused(office: Office) {
        let aliases: String = (0..600).map(|n| format!("a{n}: me {{ id }} ")).collect();
        let deep = format!("{{ site(key: \"lanqiao\") {{ navigation {{ {} label {{ zh }} {} }} }} }}",
            "items { ".repeat(30), "}".repeat(30));
        for query in [format!("{{ {aliases} }}"), deep, "{ nothing }".into(), "{ me { id ".into()] {
            let headers = [("accept", "application/graphql-response+json")];
            let answer = office.post(&office.administrator, &query, json!({}), &headers).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", &query[..query.len().min(60)]);
            assert_eq!(answer.json["data"], json!(null));
        }
    }

    async fn hostile_text_is_cleaned_or_refused(office: Office) {
        let mut new = new_article("甲");
        new["draft"]["fields"]["body"] =
            json!("<p onclick=\"x()\">正文<script>alert(1)</script><img src=x onerror=y></p>");
        office.done(&office.administrator, "createDocument", new, "draft { digest }").await;
        let listed = office
            .query(&office.administrator, "{ documents { edges { node { contentId } } } }", json!({}))
            .await;
        let content = listed["documents"]["edges"][0]["node"]["contentId"].clone();
        let query = "query($content: String!) { document(contentId: $content, locale: \"zh-CN\") { draft { fields } } }";
        let read = office.query(&office.administrator, query, json!({ "content": content })).await;
        let body = read["document"]["draft"]["fields"]["body"].as_str().expect("a body").to_owned();
        assert!(body.contains("正文"));
        for word in ["script", "onclick", "onerror", "alert"] {
            assert!(!body.contains(word), "{body}");
        }

        for (title, why) in [
            (json!("字".repeat(100_000)), "over-long"),
            (json!("a\u{0}b"), "a control character"),
            (json!(7), "a number"),
            (json!({ "zh": "x" }), "an object"),
        ] {
            let mut new = new_article("甲");
            new["draft"]["fields"]["title"] = title;
            let refused = office.refused(&office.administrator, "createDocument", new).await;
            assert_eq!(refused[0].1, "fields.title", "{why}");
        }
    }

    async fn a_circle_of_authorities_is_refused(office: Office) {
        let query = "{ authority(key: \"nanhe-province\") { version } }";
        let read = office.query(&office.administrator, query, json!({})).await;
        let refused = office
            .refused(
                &office.administrator,
                "changeAuthority",
                json!({ "key": "nanhe-province", "version": read["authority"]["version"], "authority": {
                    "parent": "lanqiao-city", "level": "PROVINCE", "region": "990000",
                    "name": { "zh": "南河省人民政府", "en": "Nanhe" } } }),
            )
            .await;

        assert_eq!(refused[0].0, "cycle");
    }
}
