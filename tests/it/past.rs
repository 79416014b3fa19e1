//! What was public at any moment, and who may still ask.

use schema::{
    permission::{Role, Scope},
    viewer::Viewer,
    visibility::Removal,
};
use serde_json::json;

use crate::house::{House, actor, article, fields, house, now, text, told};

impl House {
    async fn title_as_of(&self, id: schema::ids::DocumentId, moment: &str) -> Option<String> {
        let document = self.seen(id).await?;
        let mut session = self.desk.store.reader().await.expect("a reader");
        let moment = moment.parse().expect("a moment");
        let reading = store::past::as_of(&mut session, &Viewer::Public, &document, moment).await;
        reading.expect("an answer").map(|r| r.content.fields["title"].as_str().expect("t").into())
    }

    async fn readable(&self, viewer: &Viewer, id: schema::ids::DocumentId) -> Vec<bool> {
        let Some(document) = self.seen_by(viewer, id).await else { return vec![] };
        let mut session = self.desk.store.reader().await.expect("a reader");
        let history = store::past::history(&mut session, viewer, &document).await;
        history.expect("an answer").iter().map(|entry| entry.is_readable()).collect()
    }
}

test_harness::on_both_databases! {
    with house;

    async fn an_amended_text_stays_readable_as_of_its_time(house: House) {
        house.clock.set("2026-04-10T00:00:00Z");
        let document = house.live_article("一九九二年文本").await;
        house.clock.set("2026-05-10T00:00:00Z");
        house.correct(&document, text("二〇二六年文本")).await;

        let as_of = async |moment| house.title_as_of(document.id, moment).await;
        assert_eq!(as_of("2026-04-01T00:00:00Z").await, None);
        assert_eq!(as_of("2026-04-20T00:00:00Z").await.as_deref(), Some("一九九二年文本"));
        assert_eq!(as_of("2026-06-01T00:00:00Z").await.as_deref(), Some("二〇二六年文本"));
        assert_eq!(house.readable(&Viewer::Public, document.id).await, [true, true]);
    }

    async fn a_text_called_an_error_closes_and_leaves_its_date(house: House) {
        let mut new = article("错误的警报");
        new.r#type = "alarm".parse().expect("a type name");
        new.text.fields = fields(json!({ "title": "错误的警报" }));
        let draft = house.create(new.clone()).await.expect("it is saved");
        let document = house.make_public(&draft).await.document;
        new.text.fields = fields(json!({ "title": "正确的警报" }));
        house.correct(&document, new.text).await;

        assert_eq!(house.readable(&Viewer::Public, document.id).await, [false, true]);
        let auditor = Viewer::Known(actor("审计", 30, Role::Auditor, Scope::Hub));
        assert_eq!(house.readable(&auditor, document.id).await, [true, true]);
    }

    async fn what_is_gone_is_gone_at_every_moment(house: House) {
        house.clock.set("2026-04-10T00:00:00Z");
        let document = house.live_article("甲").await;
        let removed = house
            .act(async |work| {
                let (target, notice) = (now(&document), told("已删除", "Removed"));
                let removal = Removal::Gone;
                editorial::documents::remove(&house.desk, work, target, removal, notice).await
            })
            .await
            .expect("it is removed");

        assert_eq!(house.title_as_of(document.id, "2026-04-20T00:00:00Z").await, None);
        assert_eq!(house.readable(&Viewer::Public, document.id).await, [false; 0]);
        let auditor = Viewer::Known(actor("审计", 30, Role::Auditor, Scope::Hub));
        assert_eq!(house.readable(&auditor, document.id).await, [true]);

        house.clock.set("2026-05-10T00:00:00Z");
        house.correct(&removed, text("甲")).await;
        let before = house.title_as_of(document.id, "2026-04-10T00:00:01Z").await;
        assert_eq!(before.as_deref(), Some("甲"), "what is live again has its past again");
        let between = house.title_as_of(document.id, "2026-04-20T00:00:00Z").await;
        assert_eq!(between, None, "it was gone then");
    }

    async fn the_clock_never_goes_back_behind_the_log(house: House) {
        let first = house.live_article("甲").await;
        house.clock.set("2020-01-01T00:00:00Z");
        let second = house.live_article("乙").await;

        assert!(second.published_at >= first.published_at);
        assert_eq!(house.findings().await, []);
    }

    async fn an_original_time_is_a_claim_beside_the_hubs_own(house: House) {
        let draft = house.create(article("甲")).await.expect("it is saved");
        let original = "1992-06-18T16:00:00Z".parse().expect("a moment");
        let mut request = crate::house::publication(&draft);
        request.original =
            Some(store::publications::OriginalTime { at: original, source: "person".into() });
        let editor = house.on_site(Role::SiteAdministrator, "lanqiao", 41).await;
        let refusal = house
            .act_as(&editor, async |work| {
                editorial::documents::publish(&house.desk, work, request.clone()).await
            })
            .await
            .expect_err("it needs a right of its own");
        assert_eq!(refusal.code(), "not_permitted");

        let outcome = house
            .act(async |work| {
                editorial::documents::publish(&house.desk, work, request.clone()).await
            })
            .await
            .expect("it is published");

        let editorial::documents::Outcome::Published(published) = outcome else { panic!() };
        assert_eq!(published.document.originally_published_at, Some(original));
        assert!(published.document.published_at > Some(original));
        assert_eq!(house.findings().await, []);
    }
}
