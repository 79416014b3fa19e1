//! What may not be read is not told: drafts never, and of what was taken back no more than the
//! query tells.

use editorial::{access::revoke_token, documents};
use schema::{
    permission::Role,
    visibility::{Notice, Removal},
};
use serde_json::json;

use super::{Events, Socket, everything, titles};
use crate::house::{House, article, house, now, text, told};

/// All that a listener can ask of an event.
const ALL: &str = "cursor at kind contentId locale type edition importance visibility site \
    left { site columns path } entered { site columns path } arrangement \
    document { title summary url path publishedAt edition { number digest } history { number isReadable } \
               translations { locale url } ... on Article { body { html text } } }";

const SECRET: &str = "机密";

impl House {
    /// Texts that nobody may read, in every state that hides one, with public ones between.
    async fn hide(&self) {
        let public = self.live_article("公开").await;
        self.create(article("机密草稿")).await.expect("the draft is saved");
        self.save(now(&public), text("机密修改")).await.expect("the draft is saved");
        let withdrawn = self.live_article("机密撤回").await;
        self.withdraw(&withdrawn, told("暂停", "Paused")).await.expect("it is withdrawn");
        for removal in [Removal::Gone, Removal::Vanish] {
            let removed = self.live_article("机密删除").await;
            let notice = match removal {
                Removal::Vanish => Notice::default(),
                _ => told("删除", "Gone"),
            };
            self.act(async |work| {
                documents::remove(&self.desk, work, now(&removed), removal, notice.clone()).await
            })
            .await
            .expect("it is removed");
        }
        let recalled = self.live_article("机密召回").await;
        let notice = Notice { silent: true, ..Notice::default() };
        self.act(async |work| {
            documents::recall(&self.desk, work, recalled.content, notice.clone()).await
        })
        .await
        .expect("it is recalled");
        self.live_article("又一公开").await;
    }
}

test_harness::on_both_databases! {
    with house;

    async fn nothing_hidden_is_told_whenever_somebody_listens(house: House) {
        let node = house.node().await;
        let after = node.head().await;
        let mut live = Socket::listening(node.address, &everything(ALL), json!({ "after": after })).await;
        house.hide().await;
        let expected = node.changes(Some(&after), ALL).await;

        let heard = live.changes(expected.len()).await;
        let mut again = Socket::listening(node.address, &everything(ALL), json!({ "after": after })).await;
        let mut events = Events::post(node.address, &everything(ALL), json!({ "after": after }), &[]).await;

        assert_eq!(again.changes(expected.len()).await, expected);
        for change in &expected {
            assert_eq!(&events.change().await, change);
        }
        assert!(!json!(expected).to_string().contains(SECRET), "the query tells none of it");
        // What was public when it was told is told; drafts never were.
        let drafts = json!(heard).to_string();
        assert!(!drafts.contains("机密草稿") && !drafts.contains("机密修改"), "{drafts}");
        for (live, later) in heard.iter().zip(&expected) {
            assert_eq!((&live["cursor"], &live["kind"]), (&later["cursor"], &later["kind"]));
        }
        node.stop().await;
    }

    async fn whoever_may_know_more_is_told_more_and_the_public_is_not(house: House) {
        let node = house.node().await;
        let after = node.head().await;
        house.hide().await;
        let (_, token) = house.account_with_token("auditor", Role::Auditor).await;
        let query = everything(ALL);
        let expected = node.changes(Some(&after), ALL).await;

        let mut auditor = Socket::open(node.address).await;
        auditor.initialise(json!({ "authorization": token })).await;
        auditor.subscribe("1", &query, json!({ "after": after })).await;
        let mut public = Socket::listening(node.address, &query, json!({ "after": after })).await;
        let header = [("authorization", token.as_str())];
        let mut events = Events::post(node.address, &query, json!({ "after": after }), &header).await;

        let more = auditor.changes(expected.len()).await;
        assert_eq!(public.changes(expected.len()).await, expected, "they do not share what is made");
        assert!(titles(&more).contains(&"机密撤回"), "{more:?}");
        for change in &more {
            assert_eq!(&events.change().await, change);
        }
        node.stop().await;
    }

    async fn a_token_that_is_revoked_is_told_no_more(house: House) {
        let node = house.node().await;
        let (id, token) = house.account_with_token("auditor", Role::Auditor).await;
        let after = json!({ "after": node.head().await });
        let query = everything("document { title }");
        let mut socket = Socket::open(node.address).await;
        socket.initialise(json!({ "authorization": token })).await;
        socket.subscribe("1", &query, after.clone()).await;
        let header = [("authorization", token.as_str())];
        let mut events = Events::post(node.address, &query, after, &header).await;
        house.live_article("甲").await;
        assert_eq!(socket.change().await["document"]["title"], "甲");
        events.next().await.expect("an event");

        house.act(async |work| revoke_token(work, id).await).await.expect("it is revoked");
        house.live_article("乙").await;

        assert_eq!(socket.closed().await, 4403);
        assert_eq!(events.next().await, None);
        node.stop().await;
    }
}
