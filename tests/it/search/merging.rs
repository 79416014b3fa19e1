//! The index of search is merged beside all other work, and nobody finds anything else for it.

use serde_json::json;
use store::{
    Engine,
    reading::ListScope,
    search::{Hit, SearchQuery, is_scattered, merge},
};

use super::{asked, papers};
use crate::house::House;

impl House {
    /// What three questions find, of a word, of two, and of a title.
    async fn found_by_all(&self) -> Vec<Vec<Hit>> {
        let mut found = Vec::new();
        for question in ["安排", "放假 安排", "放假安排第3次"] {
            let query = SearchQuery { limit: 500, ..asked(question, ListScope::Hub) };
            found.push(self.find(&query).await.hits);
        }
        found
    }
}

test_harness::on_both_databases! {
    with papers;

    async fn an_index_of_many_parts_is_merged_and_finds_the_same(house: House) {
        let store = &house.desk.store;
        // As many as leave more parts than are worth keeping, one by one; PostgreSQL has none.
        let most = if store.engine() == Engine::Sqlite { 200 } else { 20 };
        let mut published = 0;
        while published < most && !is_scattered(store).await.expect("a count") {
            let title = format!("放假安排第{published}次");
            house.publish_paper(json!({ "title": title }), "zh-CN").await;
            published += 1;
        }
        let before = house.found_by_all().await;
        assert_eq!(before.iter().map(Vec::len).collect::<Vec<_>>(), [published, published, 1]);
        assert_eq!(is_scattered(store).await.expect("a count"), store.engine() == Engine::Sqlite);

        let mut steps = 0;
        while merge(store).await.expect("a step") {
            steps += 1;
            assert!(steps < published, "there is no end of merging");
        }

        assert_eq!(steps > 0, store.engine() == Engine::Sqlite);
        assert!(!is_scattered(store).await.expect("a count"));
        assert_eq!(house.found_by_all().await, before);
    }
}
