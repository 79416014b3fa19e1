//! A type that holds every kind of field goes through publication, fields, filters and orders
//! without any Rust source knowing it.

use editorial::documents::{DraftText, NewDocument};
use schema::{digest::Digest, edition::Importance};
use serde_json::{Value, json};
use test_harness::Engine;

use super::titles;
use crate::house::{House, PNG, fields, house_with_types, locale, placed};

const TYPES: [(&str, &str); 1] =
    [("every_kind.toml", include_str!("../../../schema/src/validation/tests/every_kind.toml"))];

async fn hub(engine: Engine) -> Option<House> {
    house_with_types(engine, &TYPES).await
}

impl House {
    async fn store_file(&self, bytes: &[u8]) -> Digest {
        self.take_in(bytes).await.digest
    }

    async fn of_every_kind(&self, title: &str, more: Value) -> store::documents::Document {
        let mut fields = fields(more);
        fields.insert("title".into(), json!(title));
        let new = NewDocument {
            content: None,
            takes_over: None,
            authority: "lanqiao-city".parse().expect("an authority key"),
            r#type: "everyKind".parse().expect("a type name"),
            locale: locale("zh-CN"),
            text: DraftText {
                fields,
                source: None,
                origin: None,
                placements: vec![placed("lanqiao", &["news"], None)],
                change_note: None,
                importance: Importance::Major,
            },
        };
        let draft = self.create(new).await.expect("it is saved");
        self.make_public(&draft).await.document
    }
}

test_harness::on_both_databases! {
    with hub;

    async fn every_field_is_answered_in_its_own_type(house: House) {
        let picture = house.store_file(PNG).await;
        let paper = house.store_file(b"%PDF-1.7").await;
        let file = |digest: Digest, name: &str, media: &str| {
            json!({ "digest": digest.to_string(), "name": name, "mediaType": media, "size": if digest == picture { PNG.len() } else { 8 }, "alt": "替代" })
        };
        let other = house.of_every_kind("另一篇", json!({})).await;
        let html = format!("<h2>一、总则</h2><p>见<a href=\"/x\">此</a><img src=\"asset:{picture}\" alt=\"图\"></p>");
        house.of_every_kind("全部", json!({
            "code": "AB123", "words": ["甲", "乙"], "note": "第一行\n第二行", "text": { "html": html },
            "count": 900_000, "amount": "12.50", "agreed": true, "day": "2026-03-09",
            "moment": "2026-03-09T10:00:00+08:00", "colour": "azure", "region": "510100",
            "number": "兰府办发[2026]3号", "where": { "address": "人民路1号", "longitude": "103.5", "latitude": "30.25" },
            "telephone": "12345", "page": "https://www.lanqiao.example/",
            "other": other.content.to_string(), "others": [other.content.to_string()],
            "picture": file(picture, "图.png", "image/png"), "papers": [file(paper, "附件.pdf", "application/pdf")],
            "steps": [{ "name": "受理", "form": file(paper, "表.pdf", "application/pdf"), "parts": [{ "days": 3 }] }, { "name": "办结" }],
            "data": { "series": [1, 2] },
        }))
        .await;

        let data = house.front().ask(
            "{ everyKinds(first: 1) { nodes { title summary code words note \
               text { html text blocks headings { level id text } images { url alt } links { url text } characters } \
               count amount agreed day moment colour colourLabel { zh en } region number \
               where { address longitude latitude } telephone page other { title } others { title } \
               picture { url name mediaType size alt digest } papers { url } attachments { name } \
               steps { name form { url } parts { days } } data } } }",
        )
        .await;

        let node = &data["everyKinds"]["nodes"][0];
        let asset = |digest: Digest, name: &str| format!("https://hub.example/assets/{}/{name}", digest.hex());
        assert_eq!((&node["title"], &node["summary"]), (&json!("全部"), &json!("第一行\n第二行")));
        assert_eq!((&node["code"], &node["words"], &node["note"]), (&json!("AB123"), &json!(["甲", "乙"]), &json!("第一行\n第二行")));
        let text = &node["text"];
        assert!(text["html"].as_str().is_some_and(|html| html.contains(&asset(picture, "file"))), "{text}");
        assert_eq!(text["text"], "一、总则\n见此");
        assert_eq!(text["headings"][0], json!({ "level": 2, "id": "h-一-总则", "text": "一、总则" }));
        assert_eq!(text["images"], json!([{ "url": asset(picture, "file"), "alt": "图" }]));
        assert_eq!(text["links"], json!([{ "url": "/x", "text": "此" }]));
        assert_eq!(text["blocks"][0]["type"], "heading");
        assert_eq!(text["characters"], 6);
        assert_eq!((&node["count"], &node["amount"], &node["agreed"]), (&json!(900_000), &json!("12.5"), &json!(true)));
        assert_eq!((&node["day"], &node["moment"]), (&json!("2026-03-09"), &json!("2026-03-09T02:00:00Z")));
        assert_eq!((&node["colour"], &node["colourLabel"]), (&json!("azure"), &json!({ "zh": "天蓝", "en": "Azure" })));
        assert_eq!((&node["region"], &node["number"]), (&json!("510100"), &json!("兰府办发〔2026〕3号")));
        assert_eq!(node["where"], json!({ "address": "人民路1号", "longitude": "103.5", "latitude": "30.25" }));
        assert_eq!((&node["telephone"], &node["page"]), (&json!("12345"), &json!("https://www.lanqiao.example/")));
        assert_eq!((&node["other"]["title"], titles(&node["others"])), (&json!("另一篇"), vec!["另一篇"]));
        assert_eq!(node["picture"]["url"], asset(picture, "%E5%9B%BE.png"));
        assert_eq!((&node["picture"]["size"], &node["picture"]["alt"]), (&json!(PNG.len()), &json!("替代")));
        assert_eq!(node["attachments"], json!([{ "name": "附件.pdf" }]), "the cover is none");
        assert_eq!(node["steps"][0]["parts"], json!([{ "days": 3 }]));
        assert_eq!(node["steps"][0]["form"]["url"], asset(paper, "%E8%A1%A8.pdf"));
        assert_eq!(node["steps"][1], json!({ "name": "办结", "form": null, "parts": [] }));
        assert_eq!(node["data"], json!({ "series": [1, 2] }));
    }

    async fn what_was_not_filled_is_empty(house: House) {
        house.of_every_kind("空白", json!({})).await;

        let data = house.front().ask(
            "{ everyKinds { nodes { code words note text { html } count agreed colour colourLabel { zh } where { address } \
               other { title } others { title } picture { url } papers { url } steps { name } data } } }",
        )
        .await;

        assert_eq!(data["everyKinds"]["nodes"][0], json!({
            "code": null, "words": [], "note": null, "text": null, "count": null, "agreed": null, "colour": null,
            "colourLabel": null, "where": null, "other": null, "others": [], "picture": null, "papers": [],
            "steps": [], "data": null,
        }));
    }

    async fn every_filter_and_order_works(house: House) {
        let other = house.of_every_kind("链接目标", json!({})).await;
        for (title, more) in [
            ("甲一", json!({ "count": 5, "amount": "-1.5", "agreed": true, "day": "2026-01-01", "moment": "2026-01-01T00:00:00Z",
                "colour": "azure", "region": "510104", "number": "兰府发[2026]1号", "words": ["甲", "丙"],
                "other": other.content.to_string(), "others": [other.content.to_string()] })),
            ("乙二", json!({ "count": 50, "amount": "10", "agreed": false, "day": "2026-02-01", "moment": "2026-02-01T00:00:00Z",
                "colour": "crimson", "region": "330100", "number": "兰府发[2026]12号", "words": ["乙", "丙"] })),
        ] {
            house.of_every_kind(title, more).await;
        }
        let front = house.front();
        let listed = async |arguments: String| {
            let data = front.ask(&format!("{{ everyKinds({arguments}) {{ nodes {{ title }} }} }}")).await;
            titles(&data["everyKinds"]["nodes"]).into_iter().map(str::to_owned).collect::<Vec<_>>()
        };

        for (filter, expected) in [
            ("title: { startsWith: \"甲\" }".to_owned(), vec!["甲一"]),
            ("words: { eq: \"丙\" }".to_owned(), vec!["乙二", "甲一"]),
            ("count: { gte: 5, lt: 50 }".to_owned(), vec!["甲一"]),
            ("count: { in: [50, 7] }".to_owned(), vec!["乙二"]),
            ("amount: { lt: \"0\" }".to_owned(), vec!["甲一"]),
            ("amount: { eq: \"10.00\" }".to_owned(), vec!["乙二"]),
            ("agreed: { eq: false }".to_owned(), vec!["乙二"]),
            ("agreed: { isNull: true }".to_owned(), vec!["链接目标"]),
            ("day: { gt: \"2026-01-01\" }".to_owned(), vec!["乙二"]),
            ("moment: { lte: \"2026-01-01T08:00:00+08:00\" }".to_owned(), vec!["甲一"]),
            ("colour: { eq: azure }".to_owned(), vec!["甲一"]),
            ("colour: { in: [azure, crimson] }".to_owned(), vec!["乙二", "甲一"]),
            ("region: { startsWith: \"5101\" }".to_owned(), vec!["甲一"]),
            ("number: { eq: \"兰府发(2026)1号\" }".to_owned(), vec!["甲一"]),
            (format!("other: {{ eq: \"{}\" }}", other.content), vec!["甲一"]),
            (format!("others: {{ in: [\"{}\"] }}", other.content), vec!["甲一"]),
        ] {
            assert_eq!(listed(format!("filter: {{ {filter} }}")).await, expected, "{filter}");
        }
        for (order, first) in [
            ("COUNT_DESC", "乙二"),
            ("AMOUNT_DESC", "乙二"),
            ("DAY_DESC", "乙二"),
            ("MOMENT_DESC", "乙二"),
            ("NUMBER_ASC", "链接目标"),
            ("COUNT_ASC", "链接目标"),
        ] {
            assert_eq!(listed(format!("orderBy: {order}, first: 1")).await, [first], "{order}");
        }
    }
}
