//! What is found stands where it is listed, whatever was done to documents and columns: a database
//! may keep what it asks of every hit apart from its lists.

use std::collections::BTreeSet;

use schema::{ids::DocumentId, names::Locale, viewer::Viewer};
use serde_json::json;
use store::{
    columns,
    reading::{ListQuery, ListScope, list},
    search::SearchQuery,
};

use super::{asked, paper, papers};
use crate::house::{House, locale, placed, told};

/// In every title.
const WORD: &str = "放假";

impl House {
    async fn scopes(&self) -> Vec<ListScope> {
        let mut scopes = vec![ListScope::Hub];
        for key in ["nanhe", "lanqiao", "lanqiao-finance"] {
            let site = self.site(key).await;
            scopes.push(ListScope::Site(site));
            let mut session = self.desk.store.reader().await.expect("a reader");
            let all = columns::of_site(&mut session, site, true).await.expect("an answer");
            scopes.extend(all.into_iter().map(|column| ListScope::Column(column.id)));
        }
        scopes
    }

    async fn listed(&self, scope: ListScope, of: Option<&Locale>) -> BTreeSet<DocumentId> {
        let mut session = self.desk.store.reader().await.expect("a reader");
        let query = ListQuery { locale: of.cloned(), limit: 100, ..ListQuery::newest(scope) };
        let page = list(&mut session, &Viewer::Public, &query).await.expect("a page");
        page.items.into_iter().map(|item| item.id).collect()
    }

    /// All that is found, one hit a page.
    async fn found(&self, scope: ListScope, of: Option<&Locale>) -> BTreeSet<DocumentId> {
        let mut found = BTreeSet::new();
        let mut query = SearchQuery { locale: of.cloned(), limit: 1, ..asked(WORD, scope) };
        loop {
            let page = self.find(&query).await;
            let Some(hit) = page.hits.first() else { break };
            assert!(found.insert(hit.document), "found twice: {hit:?}");
            query.after = Some(hit.cursor);
            assert_eq!(page.has_more, (found.len() as u64) < page.total, "{page:?}");
        }
        found
    }

    async fn is_found_where_it_is_listed(&self, after: &str) {
        for scope in self.scopes().await {
            for of in [None, Some(locale("zh-CN")), Some(locale("en"))] {
                let listed = self.listed(scope, of.as_ref()).await;
                let found = self.found(scope, of.as_ref()).await;
                assert_eq!(found, listed, "after {after}: {scope:?} in {of:?}");
            }
        }
    }
}

test_harness::on_both_databases! {
    with papers;

    async fn what_moves_is_found_where_it_is_listed_then(house: House) {
        let mut live = Vec::new();
        for (number, tag) in ["zh-CN", "zh-CN", "en", "zh-CN", "en"].into_iter().enumerate() {
            let title = format!("{WORD}安排{number}");
            live.push(house.publish_paper(json!({ "title": title }), tag).await);
        }
        house.is_found_where_it_is_listed("publication").await;

        let mut text = paper(json!({ "title": format!("{WORD}安排，更正") }));
        text.placements = vec![placed("lanqiao", &["news"], None)];
        house.correct(&live[0], text).await;
        house.is_found_where_it_is_listed("a correction into another column").await;

        let mut text = paper(json!({ "title": format!("{WORD}安排，另发") }));
        text.placements =
            vec![placed("lanqiao", &["policy"], None), placed("lanqiao-finance", &["notices"], None)];
        house.correct(&live[1], text).await;
        house.is_found_where_it_is_listed("a second site").await;

        house.rename("policy/finance", "money").await.expect("it is renamed");
        house.is_found_where_it_is_listed("another name").await;

        house.move_under("policy/money", Some("news")).await.expect("it is moved");
        house.is_found_where_it_is_listed("a move").await;

        house.merge("news/money", "policy").await.expect("they are merged");
        house.is_found_where_it_is_listed("a merger").await;

        house.withdraw(&live[2], told("有误", "It is wrong")).await.expect("it is withdrawn");
        house.recall(&live[3]).await;
        house.is_found_where_it_is_listed("a withdrawal and a recall").await;

        house.reindexed().await;
        house.is_found_where_it_is_listed("a rebuild").await;
        assert_eq!(house.hits(WORD).await, 3);
    }
}
