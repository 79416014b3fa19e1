//! Structured data as the content types that come with the hub map it.

use editorial::documents::{DraftText, NewDocument};
use schema::{content_type::EMBEDDED_FILES, digest::Digest};
use serde_json::{Value, json};
use test_harness::Engine;

use crate::house::{House, PNG, article, fields, house_with_types, placed};

async fn hub(engine: Engine) -> Option<House> {
    house_with_types(engine, EMBEDDED_FILES).await
}

impl House {
    async fn publish_of(&self, r#type: &str, values: Value) -> store::documents::Document {
        let base = article("");
        let new = NewDocument {
            r#type: r#type.parse().expect("a type name"),
            text: DraftText {
                fields: fields(values),
                placements: vec![placed("lanqiao", &["policy"], None)],
                ..base.text
            },
            ..base
        };
        let draft = self.create(new).await.expect("it is saved");
        self.make_public(&draft).await.document
    }

    async fn picture(&self) -> Digest {
        self.take_in(PNG).await.digest
    }
}

fn policy(title: &str, validity: &str) -> Value {
    json!({
        "title": title, "issuer": "蓝桥市人民政府", "jointIssuers": ["南河省财政厅"], "writtenOn": "2026-02-01",
        "documentNumber": "兰府发[2026]3号", "genre": "notice", "validity": validity,
        "body": "<p>各县人民政府：</p>", "summary": "摘要",
    })
}

test_harness::on_both_databases! {
    with hub;

    async fn a_law_names_what_it_repeals_as_long_as_that_may_be_read(house: House) {
        let old = house.publish_of("policyDocument", policy("旧通知", "repealed")).await;
        let mut values = policy("新通知", "effective");
        values["repeals"] = json!([old.content.to_string()]);
        let new = house.publish_of("policyDocument", values).await;
        let front = house.front();

        let head = front.head(&new).await;

        let law = head.node("Legislation");
        assert_eq!(law["legislationIdentifier"], "兰府发〔2026〕3号");
        assert_eq!(law["legislationDate"], "2026-02-01");
        assert_eq!(law["legislationType"], "通知");
        assert_eq!(law["legislationLegalForce"], "https://schema.org/InForce");
        let bodies = law["legislationPassedBy"].as_array().expect("two bodies");
        let names: Vec<&Value> = bodies.iter().map(|body| &body["name"]).collect();
        assert_eq!(names, ["蓝桥市人民政府", "南河省财政厅"]);
        assert_eq!((&law["legislationRepeals"]["@type"], &law["legislationRepeals"]["name"]), (&json!("Legislation"), &json!("旧通知")));
        let address = front.head(&old).await.text("canonical").map(str::to_owned);
        assert_eq!(law["legislationRepeals"]["url"].as_str(), address.as_deref());
        assert_eq!(law["@id"], head.node("WebPage")["mainEntity"]["@id"]);
        assert_eq!(head.tag("ContentSource"), Some("蓝桥市人民政府"));

        house.recall(&old).await;
        let after = front.head(&new).await;
        assert_eq!(after.node("Legislation").get("legislationRepeals"), None);
    }

    async fn an_answered_letter_is_a_question_with_its_answer(house: House) {
        let letter = house.publish_of("letter", json!({
            "title": "关于公交线路", "letterKind": "inquiry", "question": "几点发车？", "receivedOn": "2026-02-01",
            "repliedOn": "2026-02-03", "repliedBy": "市交通局", "body": "<p>六点。</p>",
        }))
        .await;

        let head = house.front().head(&letter).await;

        let question = &head.node("QAPage")["mainEntity"];
        assert_eq!((&question["@type"], &question["text"]), (&json!("Question"), &json!("几点发车？")));
        let answer = &question["acceptedAnswer"];
        assert_eq!((&answer["text"], &answer["author"]["name"]), (&json!("六点。"), &json!("市交通局")));
        assert_eq!(head.tag("ContentSource"), Some("市交通局"));
    }

    async fn a_picture_is_shown_wherever_a_page_is_shared(house: House) {
        let picture = house.picture().await;
        let news = house.publish_of("news", json!({
            "title": "大桥通车", "body": "<p>今天。</p>", "author": "张三", "keywords": ["大桥", "交通"],
            "cover": { "digest": picture.to_string(), "name": "桥.png", "mediaType": "image/png", "size": PNG.len(), "alt": "大桥" },
        }))
        .await;

        let head = house.front().head(&news).await;

        let address = format!("https://hub.example/assets/{}/%E6%A1%A5.png", picture.hex());
        for name in ["Image", "og:image", "twitter:image"] {
            assert_eq!(head.tag(name), Some(address.as_str()), "{name}");
        }
        assert_eq!((head.tag("og:image:alt"), head.tag("twitter:card")), (Some("大桥"), Some("summary_large_image")));
        assert_eq!((head.tag("Author"), head.tag("Keywords")), (Some("张三"), Some("大桥,交通")));
        let article = head.node("NewsArticle");
        assert_eq!((&article["image"], &article["author"]), (&json!(address), &json!({ "@type": "Person", "name": "张三" })));
        assert_eq!(article["keywords"], "大桥,交通");
    }
}
