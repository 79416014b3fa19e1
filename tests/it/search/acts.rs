//! Search follows every act in its own transaction: what is live is found, and nothing else.

use std::fs;

use editorial::{documents, maintenance};
use schema::{
    permission::{Role, Scope},
    visibility::{Notice, Removal},
};
use serde_json::json;
use store::reading::ListScope;
use test_harness::Engine;

use super::{asked, paper, papers};
use crate::house::{House, actor, now, placed, told};

impl House {
    pub(super) async fn reindexed(&self) {
        let rebuilt = maintenance::reindex(&self.desk, &self.administrator, |_| {}).await;
        rebuilt.expect("it is rebuilt");
    }

    /// Fails where there is a row in the index still: every row has a title.
    async fn assert_index_empty(&self) {
        self.tamper("UPDATE search_entry SET title = NULL").await;
        self.tamper("UPDATE search_pending SET document_id = NULL").await;
        if self.database.engine() == Engine::Sqlite {
            self.tamper("UPDATE search_place SET type = NULL").await;
        }
    }
}

test_harness::on_both_databases! {
    with papers;

    async fn a_text_is_found_from_its_publication_to_its_withdrawal(house: House) {
        let mut new = crate::house::article("");
        new.r#type = "paper".parse().expect("a type name");
        new.text = paper(json!({ "title": "汽车充电桩", "body": "<p>第一版</p>" }));
        let draft = house.create(new).await.expect("the draft is saved");
        assert_eq!(house.hits("充电桩").await, 0, "a draft is nobody's");

        let live = house.make_public(&draft).await.document;
        assert_eq!(house.hits("充电桩").await, 1);

        let text = paper(json!({ "title": "汽车换电站", "body": "<p>第二版</p>" }));
        let corrected = house.correct(&live, text).await.document;
        assert_eq!((house.hits("充电桩").await, house.hits("第一版").await), (0, 0));
        assert_eq!((house.hits("换电站").await, house.hits("第二版").await), (1, 1));

        let shown = Notice { shows_text: true, ..told("有误", "It is wrong") };
        house.withdraw(&corrected, shown).await.expect("it is withdrawn");
        assert_eq!(house.hits("换电站").await, 0, "with its text shown, too");
    }

    async fn what_is_removed_or_recalled_is_found_no_more(house: House) {
        for removal in [Removal::Gone, Removal::Vanish] {
            let live = house.publish_paper(json!({ "title": "临时停水" }), "zh-CN").await;
            assert_eq!(house.hits("停水").await, 1);
            let target = now(&live);
            house
                .act(async |work| {
                    let notice = told("过期", "It is over");
                    documents::remove(&house.desk, work, target, removal, notice).await
                })
                .await
                .expect("it is removed");
            assert_eq!(house.hits("停水").await, 0, "{removal:?}");
        }
        let live = house.publish_paper(json!({ "title": "临时停水" }), "zh-CN").await;
        house.recall(&live).await;
        assert_eq!(house.hits("停水").await, 0);
        house.assert_index_empty().await;
    }

    async fn it_is_searched_where_it_is_listed(house: House) {
        let live = house.publish_paper(json!({ "title": "春节放假安排" }), "zh-CN").await;
        let lanqiao = ListScope::Site(house.site("lanqiao").await);
        let finance = ListScope::Site(house.site("lanqiao-finance").await);
        assert_eq!(house.find(&asked("放假", lanqiao)).await.total, 1);
        assert_eq!(house.find(&asked("放假", finance)).await.total, 0);

        let mut text = paper(json!({ "title": "春节放假安排" }));
        text.placements = vec![placed("lanqiao-finance", &["notices"], None)];
        house.correct(&live, text).await;

        assert_eq!(house.find(&asked("放假", lanqiao)).await.total, 0);
        assert_eq!(house.find(&asked("放假", finance)).await.total, 1);
        assert_eq!(house.hits("放假").await, 1);
    }

    async fn reindexing_builds_the_index_anew(house: House) {
        house.publish_paper(json!({ "title": "春节放假安排" }), "zh-CN").await;
        house.publish_paper(json!({ "title": "中秋放假安排" }), "zh-CN").await;
        house.tamper("DELETE FROM search_entry").await;
        assert_eq!(house.hits("放假").await, 0);

        house.reindexed().await;
        assert_eq!(house.hits("放假").await, 2);

        house.reindexed().await;
        assert_eq!(house.hits("放假").await, 2, "and again changes nothing");
    }

    async fn documents_that_wait_are_indexed_beside_the_working_hub(house: House) {
        house.publish_paper(json!({ "title": "春节放假安排" }), "zh-CN").await;
        house.tamper("DELETE FROM search_entry").await;
        house.tamper("INSERT INTO search_pending (document_id) SELECT id FROM document").await;
        let query = "{ search(query: \"放假\") { totalCount } }";
        assert_eq!(house.front().refusal(query).await, "NOT_INDEXED");

        let done = maintenance::index_what_waits(&house.desk, &house.administrator, |_| {}).await;

        assert_eq!(done.expect("it is done"), 1);
        let data = house.front().ask(query).await;
        assert_eq!(data["search"]["totalCount"], json!(1));
        let again = maintenance::index_what_waits(&house.desk, &house.administrator, |_| {}).await;
        assert_eq!(again.expect("an answer"), 0);
    }

    async fn nothing_of_an_erased_text_stays_in_the_index(house: House) {
        // Only what search keeps of it is looked for: the word in small letters.
        const TITLE: &str = "ZWIEBELKUCHENGEHEIMNIS";
        const BODY: &str = "WOLPERTINGERPROTOKOLL";
        let value = json!({ "title": TITLE, "body": format!("<p>{BODY}</p>") });
        let secret = house.publish_paper(value, "zh-CN").await;
        house.publish_paper(json!({ "title": "zwiebel und wolpertinger" }), "zh-CN").await;
        // Beside a word that begins like it, an index may keep only where it differs.
        let traces = || {
            let files = house.database.data_files();
            let holds = |bytes: &[u8], word: &str| {
                bytes.windows(word.len()).any(|window| window == word.as_bytes())
            };
            let is_trace = |file: &std::path::PathBuf| {
                let bytes = fs::read(file).unwrap_or_default();
                ["kuchengeheimnis", "protokoll"].iter().any(|word| holds(&bytes, word))
            };
            files.into_iter().filter(is_trace).collect::<Vec<_>>()
        };
        assert!(!traces().is_empty(), "the search finds what is there");
        let recalled = house.recall(&secret).await.remove(0);
        let target = now(&recalled);
        let order = house
            .act(async |work| documents::order_erasure(&house.desk, work, target, "保密法").await)
            .await
            .expect("it is ordered");
        let second = actor("第二人", 60, Role::Approver, Scope::Hub);
        house
            .act_as(&second, async |work| {
                documents::confirm_erasure(&house.desk, work, order).await
            })
            .await
            .expect("it is confirmed");

        assert_eq!(house.purge().await, 1);

        assert_eq!(traces(), [""; 0].map(std::path::PathBuf::from));
        assert_eq!(house.hits("wolpertinger").await, 1, "the others are found as before");
    }
}
