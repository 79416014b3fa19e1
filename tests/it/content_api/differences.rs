//! What changed from one edition to another, and how far translations lag behind.

use editorial::documents;
use schema::content_type::OldTexts;
use serde_json::{Value, json};
use store::documents::Document;

use super::Front;
use crate::house::{House, article, house, locale, now, text};

impl House {
    async fn rewritten(&self, document: &Document, title: &str, body: &str) -> Document {
        let mut text = text(title);
        text.fields.insert("body".into(), json!(body));
        self.correct(document, text).await.document
    }

    /// A text in three editions.
    async fn in_three_editions(&self) -> Document {
        let mut new = article("绿化办法");
        new.text
            .fields
            .insert("body".into(), json!("<p>第一条 目的。</p><p>第二条 自2025年起施行。</p>"));
        let draft = self.create(new).await.expect("it is saved");
        let first = self.make_public(&draft).await.document;
        let second = self
            .rewritten(&first, "绿化办法", "<p>第一条 目的。</p><p>第二条 自2026年起施行。</p>")
            .await;
        self.rewritten(
            &second,
            "绿化条例",
            "<p>第一条 目的。</p><p>第二条 自<b>2026</b>年起施行。</p>",
        )
        .await
    }
}

impl Front {
    async fn difference(&self, document: &Document, arguments: &str) -> Value {
        let query = format!(
            "{{ document(contentId: \"{}\") {{ difference{arguments} {{ from to fields {{ name label {{ zh }} html isExact \
             isFormattingOnly }} }} }} }}",
            document.content
        );
        self.ask(&query).await["document"]["difference"].clone()
    }
}

test_harness::on_both_databases! {
    with house;

    async fn what_the_last_correction_changed_is_told_field_by_field(house: House) {
        let document = house.in_three_editions().await;

        let last = house.front().difference(&document, "").await;

        assert_eq!((&last["from"], &last["to"]), (&json!(2), &json!(3)));
        assert_eq!(
            last["fields"],
            json!([
                { "name": "title", "label": { "zh": "标题" }, "html": "<p>绿化<del>办法</del><ins>条例</ins></p>",
                  "isExact": true, "isFormattingOnly": false },
                { "name": "body", "label": { "zh": "正文" }, "html": "", "isExact": true, "isFormattingOnly": true },
            ])
        );
    }

    async fn any_two_editions_can_be_compared(house: House) {
        let document = house.in_three_editions().await;
        let front = house.front();

        let years = "<p>第一条 目的。</p><p>第二条 自<del>2025</del><ins>2026</ins>年起施行。</p>";
        assert_eq!(front.difference(&document, "(from: 1, to: 2)").await["fields"][0]["html"], years);
        let all = front.difference(&document, "(from: 1)").await;
        assert_eq!((&all["to"], &all["fields"][1]["html"]), (&json!(3), &json!(years)));
        let back = front.difference(&document, "(from: 2, to: 1)").await;
        assert_eq!(back["fields"][0]["html"], "<p>第一条 目的。</p><p>第二条 自<del>2026</del><ins>2025</ins>年起施行。</p>");
        assert_eq!(front.difference(&document, "(from: 2, to: 2)").await["fields"], json!([]));
        for nothing in ["(to: 1)", "(from: 9)", "(from: 1, to: 9)"] {
            assert_eq!(front.difference(&document, nothing).await, Value::Null, "{nothing}");
        }
        let query = format!("{{ document(contentId: \"{}\") {{ difference(from: 0) {{ from }} }} }}", document.content);
        assert_eq!(front.refusal(&query).await, "BAD_ARGUMENT");
    }

    async fn pieces_come_in_order_with_what_became_of_them(house: House) {
        let document = house.in_three_editions().await;
        let query = format!(
            "{{ document(contentId: \"{}\") {{ difference(from: 1, to: 2) {{ fields {{ passages {{ segments {{ kind text }} }} }} }} }} }}",
            document.content
        );

        let data = house.front().ask(&query).await;

        assert_eq!(
            data["document"]["difference"]["fields"][0]["passages"],
            json!([
                { "segments": [{ "kind": "same", "text": "第一条 目的。" }] },
                { "segments": [
                    { "kind": "same", "text": "第二条 自" },
                    { "kind": "removed", "text": "2025" },
                    { "kind": "added", "text": "2026" },
                    { "kind": "same", "text": "年起施行。" },
                ] },
            ])
        );
    }

    async fn a_text_that_was_called_an_error_is_compared_with_nothing(house: House) {
        let first = house.live_article("含有错误").await;
        let saved = house.save(now(&first), text("已更正")).await.expect("it is saved");
        let mut request = crate::house::publication(&saved);
        request.old_text = Some(OldTexts::Error);
        let second = house
            .act(async |work| documents::publish(&house.desk, work, request.clone()).await)
            .await
            .expect("it is published");
        let documents::Outcome::Published(second) = second else { panic!("it is new") };
        let front = house.front();

        assert_eq!(front.difference(&second.document, "").await, Value::Null);
        assert_eq!(front.difference(&second.document, "(from: 1, to: 2)").await, Value::Null);
        let third = house.correct(&second.document, text("再改")).await.document;
        assert_eq!(front.difference(&third, "").await["from"], 2);
        assert_eq!(front.difference(&third, "(from: 1)").await, Value::Null);

        house.recall(&third).await;
        let query = format!("{{ document(contentId: \"{}\") {{ difference {{ from }} }} }}", third.content);
        assert_eq!(front.ask(&query).await["document"], Value::Null);
    }

    async fn the_past_is_compared_with_what_was_before_it(house: House) {
        let document = house.in_three_editions().await;
        let front = house.front();
        let query = format!("{{ document(contentId: \"{}\") {{ history {{ number publishedAt }} }} }}", document.content);
        let history = front.ask(&query).await["document"]["history"].clone();
        assert_eq!(history[1]["number"], 2);
        let query = format!(
            "{{ document(contentId: \"{}\", asOf: {}) {{ difference {{ from to }} }} }}",
            document.content, history[1]["publishedAt"]
        );

        assert_eq!(front.ask(&query).await["document"]["difference"], json!({ "from": 1, "to": 2 }));
    }

    async fn differences_of_a_list_are_read_together_and_only_of_a_few(house: House) {
        house.in_three_editions().await;
        let second = house.live_article("乙").await;
        house.correct(&second, text("丙")).await;
        let front = house.front();
        let list = |first: u32| format!("{{ documents(first: {first}) {{ nodes {{ title difference {{ fields {{ html }} }} }} }} }}");

        let data = front.ask(&list(5)).await;

        assert_eq!(data["documents"]["nodes"][0]["difference"]["fields"][0]["html"], "<p><del>乙</del><ins>丙</ins></p>");
        assert_eq!(front.statements(&list(1)).await, front.statements(&list(5)).await);
        assert_eq!(front.refusal(&list(50)).await, "TOO_COSTLY");
    }

    async fn a_translation_says_how_far_it_lags(house: House) {
        let first = house.live_article("甲").await;
        let mut english = article("One");
        (english.content, english.locale) = (Some(first.content), locale("en"));
        let draft = house.create(english).await.expect("it is saved");
        house.make_public(&draft).await;
        let front = house.keeping_front(&house.desk.store);
        let query = format!(
            "{{ document(contentId: \"{}\") {{ history {{ publishedAt }} translations {{ locale outdated editionsBehind behindSince }} }} }}",
            first.content
        );
        let level = |locale: &str| json!({ "locale": locale, "outdated": false, "editionsBehind": 0, "behindSince": null });
        assert_eq!(front.ask(&query).await["document"]["translations"], json!([level("zh-CN"), level("en")]));

        let second = house.correct(&first, text("乙")).await.document;
        house.correct(&second, text("丙")).await;

        let document = front.ask(&query).await["document"].clone();
        let since = &document["history"][1]["publishedAt"];
        assert_eq!(
            document["translations"],
            json!([level("zh-CN"), { "locale": "en", "outdated": true, "editionsBehind": 2, "behindSince": since }])
        );
    }
}
