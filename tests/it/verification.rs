//! What `verify` finds, and what `reindex` mends.

use editorial::maintenance;
use test_harness::Engine;

use crate::house::{House, house};

impl House {
    async fn codes(&self) -> Vec<&'static str> {
        self.findings().await.into_iter().map(|finding| finding.code).collect()
    }

    async fn reindex(&self) {
        maintenance::reindex(&self.desk, &self.administrator, |_| {}).await.expect("rebuilt");
    }
}

test_harness::on_both_databases! {
    with house;

    async fn one_flipped_byte_of_a_stored_text_names_the_document(house: House) {
        let document = house.live_article("甲").await;
        house.live_article("乙").await;

        house
            .tamper("UPDATE content SET body = replace(body, '甲的', '甲得') WHERE body LIKE '%甲的%'")
            .await;

        let findings = house.findings().await;
        assert_eq!(findings.len(), 1);
        assert_eq!((findings[0].code, findings[0].document), ("text_changed", Some(document.id)));
    }

    async fn a_text_that_is_no_text_any_more_is_a_finding_too(house: House) {
        house.live_article("甲").await;
        house
            .tamper(match house.database.engine() {
                Engine::Sqlite => "UPDATE content SET body = CAST(X'7bff7d' AS TEXT)",
                Engine::Postgres => "UPDATE content SET body = '{\"'",
            })
            .await;

        assert!(house.codes().await.contains(&"text_changed"));
    }

    async fn an_edition_never_changes_even_for_the_database_owner(house: House) {
        house.live_article("甲").await;

        let refused = house.database.execute("UPDATE edition SET place = '{}'").await;

        assert!(refused.is_err(), "the database refuses");
    }

    async fn a_changed_or_missing_event_breaks_the_chain(house: House) {
        house.live_article("甲").await;
        house.live_article("乙").await;
        house.live_article("丙").await;

        let sql = "DELETE FROM publication_log WHERE sequence = \
                   (SELECT MAX(sequence) - 1 FROM publication_log)";
        house.tamper(sql).await;

        let codes = house.codes().await;
        for code in ["log_gap", "log_changed", "publication_missing", "visibility_differs"] {
            let expected = code != "publication_missing";
            assert_eq!(codes.contains(&code), expected, "{code} in {codes:?}");
        }
        assert!(codes.contains(&"event_missing"), "{codes:?}");
    }

    async fn a_cut_log_is_noticed(house: House) {
        house.live_article("甲").await;
        let sql = "DELETE FROM publication_log WHERE sequence = \
                   (SELECT MAX(sequence) FROM publication_log)";
        house.tamper(sql).await;

        assert!(house.codes().await.contains(&"log_cut"));
    }

    async fn a_document_revived_behind_the_log_is_noticed(house: House) {
        let document = house.live_article("甲").await;
        house.recall(&document).await;
        let sql = "UPDATE document SET visibility = 'live'";
        house.tamper(sql).await;

        assert!(house.codes().await.contains(&"visibility_differs"));
    }

    async fn what_lists_lost_is_found_and_rebuilt(house: House) {
        house.live_article("甲").await;
        for table in ["DELETE FROM listing", "DELETE FROM field_value", "DELETE FROM derived"] {
            house.tamper(table).await;
        }
        let codes = house.codes().await;
        assert!(codes.contains(&"listing_differs") && codes.contains(&"derived_missing"));

        house.reindex().await;

        assert_eq!(house.codes().await, [""; 0]);
    }

    async fn a_missing_file_is_found(house: House) {
        let stored = house.take_in(b"x").await;
        assert_eq!(house.codes().await, [""; 0]);

        house.files.delete(&stored.digest).await.expect("it is deleted");

        assert_eq!(house.codes().await, ["file_missing"]);
    }
}
