//! Drafts that nobody publishes before a moment.

use serde_json::json;

use super::{NINE, SCHEDULE, came_of, publication};
use crate::management::{Draft, Office, office, target, text};

const TEN: &str = "2026-03-03T02:00:00Z";

async fn under_embargo(office: &Office) -> Draft {
    let draft = office.draft(&office.administrator, "关于统计数据的公报").await;
    let input =
        json!({ "document": target(&draft.document), "notBefore": TEN, "reason": "统一发布时间" });
    let set = office
        .done(&office.administrator, "setEmbargo", input, "embargo { notBefore setBy { name } }")
        .await;
    assert_eq!(set["embargo"]["notBefore"], TEN);
    draft
}

test_harness::on_both_databases! {
    with office;

    async fn nobody_publishes_before_the_moment_by_hand_by_force_or_by_schedule(office: Office) {
        let root = &office.administrator;
        let draft = under_embargo(&office).await;

        let mut by_hand = json!({ "document": target(&draft.document), "approvedDigest": draft.digest });
        assert_eq!(office.refusal(root, "publishDocument", by_hand.clone()).await, "embargoed");
        by_hand["force"] = json!("领导要求");
        assert_eq!(office.refusal(root, "publishDocument", by_hand).await, "embargoed");
        let early = publication(&draft, NINE);
        assert_eq!(office.refusal(root, "schedulePublication", early).await, "embargoed");

        office.done(root, "schedulePublication", publication(&draft, TEN), SCHEDULE).await;
        assert_eq!(came_of(&office.fire_at(TEN).await), [""]);
    }

    async fn it_outlasts_edits_and_publishes_nothing_when_it_is_over(office: Office) {
        let root = &office.administrator;
        let draft = under_embargo(&office).await;
        let saved = json!({ "document": target(&draft.document), "draft": text("关于统计数据的公报（修订）") });
        let selection = "draft { digest document { contentId locale version } }";
        let edited = Draft::of(&office.done(root, "saveDraft", saved, selection).await);
        let by_hand = json!({ "document": target(&edited.document), "approvedDigest": edited.digest });
        assert_eq!(office.refusal(root, "publishDocument", by_hand).await, "embargoed");

        assert_eq!(office.fire_at(TEN).await.tried, []);
        assert_eq!(office.visibility(&edited.document).await, "UNPUBLISHED");
        office.publish(root, &edited).await;
        let query = "query($id: String!) { document(contentId: $id, locale: \"zh-CN\") { embargo { reason } } }";
        let read = office.query(root, query, json!({ "id": edited.document["contentId"] })).await;
        assert_eq!(read["document"]["embargo"], json!(null), "it is over");
    }

    async fn only_those_who_may_publish_set_and_lift_it_and_it_is_on_record(office: Office) {
        use schema::permission::Role::Editor;
        let root = &office.administrator;
        let editor = office.token("bianji", &[(Editor, "lanqiao")]).await;
        let draft = under_embargo(&office).await;
        let document = json!({ "document": target(&draft.document) });

        assert_eq!(office.refusal(&editor, "liftEmbargo", document.clone()).await, "not_permitted");
        office.done(root, "liftEmbargo", document, "document { version }").await;
        office.publish(root, &draft).await;

        let query = "query($id: String!) { document(contentId: $id, locale: \"zh-CN\") { \
                     embargo { reason } audit { action } } }";
        let read = office.query(root, query, json!({ "id": draft.document["contentId"] })).await;
        assert_eq!(read["document"]["embargo"], json!(null));
        let actions: Vec<_> = read["document"]["audit"].as_array().expect("rows").iter()
            .map(|row| row["action"].as_str().expect("an action").to_owned()).collect();
        assert!(actions.contains(&"embargo.set".into()) && actions.contains(&"embargo.lift".into()), "{actions:?}");
    }

    async fn an_embargo_that_comes_after_the_schedule_holds_it(office: Office) {
        let root = &office.administrator;
        let draft = office.draft(root, "关于价格的公告").await;
        office.schedule(root, &draft).await;
        let input = json!({ "document": target(&draft.document), "notBefore": TEN, "reason": "统一发布时间" });
        office.done(root, "setEmbargo", input, "embargo { reason }").await;

        assert_eq!(came_of(&office.fire_at(NINE).await), ["embargoed"]);
        assert_eq!(office.visibility(&draft.document).await, "UNPUBLISHED");
    }
}
