//! Content types in force: what a change of their files may do to what is stored.

use std::sync::Arc;

use editorial::{Desk, Refusal, maintenance, types};
use schema::content_type::TypeRegistry;

use crate::house::{House, house};

const ARTICLE: &str = include_str!("types/article.toml");

impl House {
    /// The same hub started with another file of the type.
    fn with_article(&self, text: &str) -> Desk {
        let alarm = include_str!("types/alarm.toml");
        let files = [("article.toml", text), ("alarm.toml", alarm)];
        let files = files.map(|(name, text)| (name.to_owned(), text.to_owned()));
        let types = TypeRegistry::load(files).expect("the files are right");
        Desk { types: Arc::new(types), ..self.desk.clone() }
    }

    async fn put_in_force(&self, desk: &Desk, accepts: bool) -> Result<Vec<&'static str>, Refusal> {
        let put =
            async |work: &mut store::UnitOfWork| types::put_in_force(desk, work, accepts).await;
        let changes = self.act(put).await?;
        Ok(changes.into_iter().map(|change| change.code).collect())
    }
}

test_harness::on_both_databases! {
    with house;

    async fn the_same_files_change_nothing(house: House) {
        let first = house.put_in_force(&house.desk, false).await.expect("they are new");
        assert_eq!(first, ["type_added", "type_added"]);

        let again = house.put_in_force(&house.desk, false).await.expect("nothing changed");

        assert_eq!(again, [""; 0]);
    }

    async fn a_change_that_would_orphan_texts_is_refused_until_it_is_accepted(house: House) {
        house.put_in_force(&house.desk, false).await.expect("they are new");
        let without_tags = ARTICLE
            .replace("version = 1", "version = 2")
            .split("[[field]]")
            .filter(|field| !field.contains("name = \"tags\""))
            .collect::<Vec<_>>()
            .join("[[field]]");
        let changed = house.with_article(&without_tags);

        house.live_article("甲").await;
        let refusal = house.put_in_force(&changed, false).await.expect_err("texts have tags");
        assert_eq!(refusal.code(), "types_would_orphan");
        assert!(!refusal.message().zh.is_empty());

        house.put_in_force(&changed, true).await.expect("the operator accepts it");
        let again = house.put_in_force(&changed, false).await.expect("it is in force");
        assert_eq!(again, [""; 0]);
    }

    async fn without_texts_there_is_nothing_to_orphan(house: House) {
        house.put_in_force(&house.desk, false).await.expect("they are new");
        let other_kind = ARTICLE
            .replace("version = 1", "version = 2")
            .replace("kind = \"date\"", "kind = \"date_time\"");

        house.put_in_force(&house.with_article(&other_kind), false).await.expect("nothing stored");
    }

    async fn a_field_that_becomes_filterable_waits_for_its_index(house: House) {
        house.put_in_force(&house.desk, false).await.expect("they are new");
        house.live_article("甲").await;
        let sortable_summary = ARTICLE
            .replace("version = 1", "version = 2")
            .replace("name = \"indexNumber\"", "sortable = true\nname = \"indexNumber\"");
        let changed = house.with_article(&sortable_summary);

        house.put_in_force(&changed, false).await.expect("it is harmless");
        let waiting = async || {
            let mut session = house.desk.store.reader().await.expect("a reader");
            let waiting = store::types::unindexed(&mut session).await.expect("an answer");
            waiting.into_values().flatten().map(|field| field.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(waiting().await, ["indexNumber"]);

        maintenance::reindex(&changed, &house.administrator, |_| {}).await.expect("it is rebuilt");
        assert_eq!(waiting().await, [""; 0]);
        let again = maintenance::index_what_waits(&changed, &house.administrator, |_| {}).await;
        assert_eq!(again.expect("an answer"), 0, "nothing waits");
    }
}
