//! Languages of one content: facts are shared, texts are not.

use editorial::{
    Refusal,
    documents::{NewDocument, SavedDraft},
};
use schema::{edition::Importance, visibility::EventKind};
use serde_json::json;
use store::documents::Document;

use crate::house::{House, article, fields, house, locale, now, placed, text};

fn english_of(main: &Document, title: &str) -> NewDocument {
    let mut new = article(title);
    new.content = Some(main.content);
    new.locale = locale("en");
    new
}

impl House {
    async fn with_fact(&self, date: &str) -> Document {
        let mut new = article("通知");
        new.text.fields.insert("writtenOn".into(), json!(date));
        let draft = self.create(new).await.expect("it is saved");
        self.make_public(&draft).await.document
    }

    async fn translated(&self, main: &Document) -> SavedDraft {
        self.create(english_of(main, "Notice")).await.expect("the translation is saved")
    }
}

test_harness::on_both_databases! {
    with house;

    async fn a_translation_takes_the_facts_of_the_main_text(house: House) {
        let main = house.with_fact("2026-01-05").await;

        let draft = house.translated(&main).await;
        let english = house.make_public(&draft).await.document;

        let reading = house.read(english.id).await.expect("the public reads it");
        assert_eq!(reading.content.fields["writtenOn"], "2026-01-05");
        assert_eq!(reading.place.placements[0].path.as_str().split('/').nth(1), Some("en"));
        assert_eq!((english.content, english.live_follows), (main.content, Some(1)));
    }

    async fn a_fact_is_changed_in_the_main_language_only(house: House) {
        let main = house.with_fact("2026-01-05").await;
        let mut english = english_of(&main, "Notice");
        english.text.fields.insert("writtenOn".into(), json!("2026-01-06"));

        let refusal = house.create(english.clone()).await.expect_err("it says something else");
        assert!(matches!(refusal, Refusal::SharedField(field) if field.as_str() == "writtenOn"));

        english.text.fields.insert("writtenOn".into(), json!("2026-01-05"));
        house.create(english).await.expect("saying the same is no contradiction");
    }

    async fn translations_follow_a_changed_fact_in_the_same_transaction(house: House) {
        let main = house.with_fact("2026-01-05").await;
        let draft = house.translated(&main).await;
        let english = house.make_public(&draft).await.document;
        let unfinished = {
            let mut text = text("Better notice");
            text.fields = fields(json!({ "title": "Better notice", "body": "<p>x</p>" }));
            house.save(now(&english), text).await.expect("a draft of the translation")
        };

        let mut changed = text("通知");
        changed.fields.insert("writtenOn".into(), json!("2026-01-09"));
        let before = house.events().await.len();
        house.correct(&main, changed).await;

        let events = house.events().await;
        assert_eq!(events.len(), before + 2);
        let (kind, event) = &events[before + 1];
        assert_eq!((*kind, event.locale.as_str()), (EventKind::Correct, "en"));
        assert_eq!(event.importance, Importance::Minor);
        let reading = house.read(english.id).await.expect("the public reads it");
        assert_eq!(reading.content.fields["writtenOn"], "2026-01-09");
        assert_eq!(reading.content.fields["title"], "Notice");
        let administrator = schema::viewer::Viewer::Known(house.administrator.clone());
        let english = house.seen_by(&administrator, english.id).await.expect("it is there");
        assert_ne!(english.draft, Some(unfinished.edition), "the draft was saved anew");
        assert_eq!(english.live_follows, Some(1), "its text still follows the first edition");
        let mut session = house.desk.store.reader().await.expect("a reader");
        let draft = store::past::draft(&mut session, &administrator, &english).await;
        let draft = draft.expect("an answer").expect("there is a draft");
        assert_eq!(draft.content.fields["writtenOn"], "2026-01-09");
        assert_eq!(draft.content.fields["title"], "Better notice");
        drop(session);
        assert_eq!(house.findings().await, []);
    }

    async fn a_content_has_one_document_per_language(house: House) {
        let main = house.with_fact("2026-01-05").await;
        house.translated(&main).await;

        let refusal = house.create(english_of(&main, "Again")).await.expect_err("there is one");

        assert_eq!(refusal, Refusal::LocaleTaken(main.content, locale("en")));
    }

    async fn recalling_a_content_recalls_every_language_at_once(house: House) {
        let main = house.with_fact("2026-01-05").await;
        let draft = house.translated(&main).await;
        house.make_public(&draft).await;

        let recalled = house.recall(&main).await;

        assert_eq!(recalled.len(), 2);
        use EventKind::{Publish, Recall};
        assert_eq!(house.kinds().await, [Publish, Publish, Recall, Recall]);
        assert_eq!(house.findings().await, []);
    }

    async fn a_translation_belongs_to_the_same_authority_and_type(house: House) {
        let main = house.with_fact("2026-01-05").await;
        let mut foreign = english_of(&main, "Notice");
        foreign.authority = "nanhe-province".parse().expect("an authority key");
        foreign.text.placements = vec![placed("nanhe", &["policy"], None)];
        let mut other_type = english_of(&main, "Notice");
        other_type.r#type = "alarm".parse().expect("a type name");

        for wrong in [foreign, other_type] {
            assert_eq!(house.create(wrong).await.expect_err("refused").code(), "invalid");
        }
    }
}
