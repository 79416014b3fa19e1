//! What documents of every type have under one name, and what a question for several types costs.

use jiff::ToSpan as _;
use schema::{content_type::EMBEDDED_FILES, parameters::Clock as _};
use serde_json::{Value, json};
use test_harness::Engine;

use super::Front;
use crate::house::{House, house_with_types};

async fn hub(engine: Engine) -> Option<House> {
    house_with_types(engine, EMBEDDED_FILES).await
}

impl Front {
    async fn cost(&self, query: &str) -> u64 {
        let body = json!({ "query": query, "extensions": { "cost": true } });
        let reply = self.post(body.to_string()).await;
        reply.body["extensions"]["cost"]["cost"]
            .as_u64()
            .unwrap_or_else(|| panic!("{}", reply.body))
    }
}

test_harness::on_both_databases! {
    with hub;

    async fn every_type_shows_its_main_text_under_one_name(house: House) {
        let news = json!({ "title": "绿化动员会", "body": "<p>各单位参加。</p>", "keywords": ["绿化", "动员"] });
        house.published("news", &["news"], news).await;
        let leader = json!({ "name": "李明", "post": "市长", "officeStatus": "serving", "curriculumVitae": "<p>生于蓝桥。</p>" });
        house.published("leader", &["news"], leader).await;
        let letter = json!({
            "title": "咨询", "letterKind": "inquiry", "question": "何时开放？", "body": "<p>周一。</p>", "receivedOn": "2026-01-05",
            "repliedOn": "2026-01-06", "repliedBy": "市信访局",
        });
        house.published("letter", &["news"], letter).await;
        let front = house.front();

        let data = front.ask("{ documents { nodes { title body { text } keywords cover { url } ... on Leader { curriculumVitae { text } } } } }").await;

        let nodes = data["documents"]["nodes"].as_array().expect("nodes");
        let body = |title: &str| {
            let node = nodes.iter().find(|node| node["title"] == title).expect("it is listed");
            (node["body"]["text"].clone(), node["keywords"].clone(), node["cover"].clone())
        };
        assert_eq!(body("绿化动员会"), (json!("各单位参加。"), json!(["绿化", "动员"]), Value::Null));
        assert_eq!(body("李明"), (json!("生于蓝桥。"), json!([]), Value::Null));
        assert_eq!(body("咨询").0, json!("周一。"));
        let titles = front.statements("{ documents { nodes { title } } }").await;
        let texts = front.statements("{ documents { nodes { body { text } } } }").await;
        assert_eq!(texts, titles + 1, "the texts of all types together");
    }

    async fn facets_name_their_types(house: House) {
        house.published("news", &["news"], json!({ "title": "绿化动员会" })).await;
        let data = house.front().ask("{ documents { facets { types { type label { zh en } count } } } }").await;
        assert_eq!(
            data["documents"]["facets"]["types"],
            json!([{ "type": "news", "label": { "zh": "要闻动态", "en": "News" }, "count": 1 }])
        );
    }

    async fn of_types_that_exclude_each_other_the_most_costly_counts(house: House) {
        let front = house.front();
        let cost = async |inner: &str| front.cost(&format!("{{ documents(first: 10) {{ nodes {{ {inner} }} }} }}")).await;

        let plain = cost("title").await;
        let news = cost("title ... on News { author }").await;
        let policies = cost("title ... on PolicyDocument { interpretations(first: 2) { title } }").await;
        assert!(plain < news && news < policies, "{plain} {news} {policies}");
        assert_eq!(cost("title ... on PolicyDocument { interpretations(first: 2) { title } } ... on News { author }").await, policies);
        assert!(cost("title ... on Node { id } ... on News { author }").await > news, "both may hold");
    }

    async fn a_moment_to_come_is_refused(house: House) {
        let news = house.published("news", &["news"], json!({ "title": "绿化动员会" })).await;
        let front = house.front();
        let soon = house.clock.now() + 30.seconds();
        let later = house.clock.now() + 3.hours();
        for question in ["documents(asOf: AT) { nodes { title } }", "newsItems(asOf: AT) { nodes { title } }", "document(contentId: ID, asOf: AT) { title }", "news(contentId: ID, asOf: AT) { title }", "site(key: \"lanqiao\") { documents(asOf: AT) { totalCount } }"] {
            let asked = |at: jiff::Timestamp| {
                format!("{{ {} }}", question.replace("AT", &format!("\"{at}\"")).replace("ID", &news.to_string()))
            };
            front.ask(&asked(soon)).await;
            assert_eq!(front.refusal(&asked(later)).await, "IN_THE_FUTURE", "{question}");
        }
    }
}
