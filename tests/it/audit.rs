//! The chain of the audit: what is done stands in it, what is done to it is found, and it is kept
//! as long as it must be.

use schema::audit::LEAST_DAYS;
use serde_json::Value;
use store::audit;
use test_harness::Engine;

use crate::house::{House, article, house, house_since};

/// The triggers that stand in the way of somebody who alters rows, taken away by somebody who may
/// alter the structure.
const UNGUARDED: [(Engine, &str); 2] = [
    (Engine::Sqlite, "DROP TRIGGER audit_never_changes; DROP TRIGGER audit_never_goes_early"),
    (Engine::Postgres, "ALTER TABLE audit DISABLE TRIGGER USER"),
];

/// What a deletion leaves, without one.
const FORGED: &str =
    "INSERT INTO audit_checkpoint SELECT number, hash, at FROM audit WHERE number = 2";

impl House {
    async fn seal(&self) -> u64 {
        audit::seal(&self.desk.store).await.expect("it is sealed").number
    }

    async fn faults(&self) -> Vec<&'static str> {
        self.findings().await.into_iter().map(|finding| finding.code).collect()
    }

    async fn cut(&self, days: u32) -> u64 {
        let desk = &self.desk;
        let cut = audit::cut(&desk.store, desk.clock.now(), &*desk.entropy, days).await;
        cut.expect("what is over goes")
    }

    async fn unguard(&self) {
        let engine = self.database.engine();
        let (_, sql) = UNGUARDED.iter().find(|(of, _)| *of == engine).expect("both are there");
        self.tamper(sql).await;
    }
}

/// A house that was set up long ago.
async fn old_house(engine: Engine) -> Option<House> {
    house_since(engine, "2019-03-02T01:00:00Z").await
}

test_harness::on_both_databases! {
    with house;

    async fn what_is_done_gets_its_place_in_the_chain(house: House) {
        let before = house.seal().await;
        let article = house.live_article("甲").await;
        house.recall(&article).await;

        let mut session = house.desk.store.reader().await.expect("a reader");
        let condition = audit::condition(&mut session).await.expect("the chain");
        assert_eq!((condition.head.number, condition.unsealed), (before, 3), "writers do not wait");
        drop(session);

        assert_eq!(house.seal().await, before + 3);
        assert_eq!(house.seal().await, before + 3, "nothing waits any more");
        assert_eq!(house.faults().await, [""; 0]);
        let mut session = house.desk.store.reader().await.expect("a reader");
        let rows = audit::sealed_after(&mut session, before, 10).await.expect("rows");
        let did: Vec<_> = rows.iter().map(|row| row.action.as_str()).collect();
        assert_eq!(did, ["document.create", "document.publish", "document.recall"]);
        assert!(rows.iter().all(|row| row.concerns.authority == Some(article.authority)));
        assert!(rows.iter().all(|row| row.concerns.site.is_some()));
        let commitments: Vec<_> = rows.iter().map(|row| row.commitment.expect("one")).collect();
        assert!(commitments.iter().all(|one| *one == commitments[0]), "it was one edition");
    }

    async fn sealers_and_writers_at_once_leave_one_chain(house: House) {
        let write = async {
            for number in 0..10 {
                house.create(article(&format!("第{number}"))).await.expect("a draft");
            }
        };
        let seal = async {
            for _ in 0..10 {
                house.seal().await;
            }
        };
        let other = async {
            for _ in 0..10 {
                house.seal().await;
            }
        };

        tokio::join!(write, seal, other);

        house.seal().await;
        assert_eq!(house.faults().await, [""; 0]);
    }

    async fn the_database_refuses_to_change_or_delete_a_row(house: House) {
        house.live_article("甲").await;
        let unsealed = house.database.execute("DELETE FROM audit").await;
        assert!(unsealed.is_err(), "nor one that has no place in the chain yet");
        house.seal().await;

        // Nor does it help to say that their time was over.
        house.tamper(FORGED).await;
        let mut statements = vec![
            "UPDATE audit SET actor = 'nobody'",
            "UPDATE audit SET details = '{}'",
            "UPDATE audit SET number = number + 1",
            "UPDATE audit SET number = NULL, hash = NULL",
            "DELETE FROM audit",
            "DELETE FROM audit WHERE number = 1",
            "DELETE FROM audit WHERE number <= 2",
            "UPDATE audit_head SET number = 1",
            "DELETE FROM audit_head",
        ];
        if house.database.engine() == Engine::Postgres {
            statements.push("TRUNCATE audit");
        }
        for statement in statements {
            assert!(house.database.execute(statement).await.is_err(), "{statement}");
        }
    }

    async fn a_row_that_was_changed_all_the_same_is_found(house: House) {
        house.live_article("甲").await;
        house.seal().await;
        house.unguard().await;
        assert!(house.faults().await.contains(&"audit_unguarded"), "the guard is missed");

        house.tamper("UPDATE audit SET actor = 'somebody else' WHERE number = 2").await;

        let faults = house.faults().await;
        let changed = faults.iter().filter(|code| **code == "audit_changed").count();
        assert_eq!(changed, 1, "that row alone: {faults:?}");
    }

    async fn a_row_that_was_taken_out_or_cut_off_is_found(house: House) {
        house.live_article("甲").await;
        let last = house.seal().await;
        house.unguard().await;

        house.tamper("DELETE FROM audit WHERE number = 2").await;
        assert!(house.faults().await.contains(&"audit_gap"));
        house.tamper(&format!("DELETE FROM audit WHERE number = {last}")).await;
        assert!(house.faults().await.contains(&"audit_cut"));
    }

    async fn a_beginning_that_was_cut_off_as_if_its_time_were_over_is_found(house: House) {
        house.live_article("甲").await;
        house.seal().await;
        house.unguard().await;

        house.tamper(FORGED).await;
        house.tamper("DELETE FROM audit WHERE number <= 2").await;

        assert!(house.faults().await.contains(&"audit_cut_untold"));
    }

    async fn a_whole_audit_is_exported_and_verified_and_another_is_not(house: House) {
        house.live_article("甲").await;
        let program = house.program();
        let file = house.database.folder().join("audit.jsonl");
        let name = file.display().to_string();

        program.done(&["audit", "export", &name]);
        assert!(program.done(&["audit", "verify", &name, "--json"]).contains("\"agreesWithHub\": true"));
        let text = std::fs::read_to_string(&file).expect("the export");
        let first: Value = serde_json::from_str(text.lines().nth(1).expect("a row")).expect("JSON");
        assert_eq!(first["number"], 1);
        assert!(text.contains("document.publish") && text.contains("\"via\":\"commandLine\""));
        assert!(text.contains("audit.export"), "an export is told of, too");

        std::fs::write(&file, text.replace("document.publish", "document.save")).expect("changed");
        let (code, said) = program.failed(&["audit", "verify", &name, "--alone"]);
        assert_eq!(code, Some(1), "{said}");
    }
}

mod kept {
    use super::*;

    test_harness::on_both_databases! {
        with old_house;

        async fn rows_go_when_their_time_is_over_and_the_rest_is_still_a_chain(house: House) {
            let old = house.seal().await;
            house.clock.set("2026-03-02T01:00:00Z");
            house.live_article("甲").await;
            let last = house.seal().await;
            assert!(old > 0 && last > old);

            assert_eq!(house.cut(3_650).await, 0, "ten years are set");
            // Whatever is asked for, what is younger than that stays.
            assert_eq!(house.cut(1).await, old);
            assert_eq!(house.cut(LEAST_DAYS).await, 0, "nothing more is over");

            assert_eq!(house.seal().await, last + 1, "the deletion stands in the audit itself");
            assert_eq!(house.faults().await, [""; 0]);
            let mut session = house.desk.store.reader().await.expect("a reader");
            let checkpoint = audit::checkpoint(&mut session).await.expect("the store answers");
            assert_eq!(checkpoint.map(|found| found.seal.number), Some(old));
            drop(session);
            assert!(house.database.execute("DELETE FROM audit").await.is_err(), "the rest is young");
            assert!(house.database.execute("DELETE FROM audit_checkpoint").await.is_err());
        }
    }
}
