//! The register and what was signed: entries without gaps that nobody changes.

use serde_json::json;

use super::{Staff, looked, staff, target};

test_harness::on_both_databases! {
    with staff;

    async fn the_register_counts_without_gaps_and_anew_each_year(staff: Staff) {
        for (title, number) in [("甲", 1), ("乙", 2)] {
            let draft = staff.office.draft(&staff.author, title).await;
            let register = staff.submit(&draft).await["register"].clone();
            assert_eq!(register, json!({ "year": 2026, "number": number }));
        }
        let incomplete = staff.office.draft(&staff.author, "丙").await;
        let wrong = json!({ "document": looked(&incomplete)["document"],
                            "digest": format!("sha256:{}", "0".repeat(64)) });
        assert_eq!(staff.refused(&staff.author, "submitDocument", wrong).await, "digest_differs");
        let draft = staff.office.draft(&staff.author, "丁").await;
        assert_eq!(staff.submit(&draft).await["register"]["number"], 3, "a refusal takes no number");

        staff.office.house.clock.set("2026-12-31T16:00:00Z");
        let draft = staff.office.draft(&staff.author, "新年").await;
        let review = staff.submit(&draft).await;
        assert_eq!(review["register"], json!({ "year": 2027, "number": 1 }), "midnight in Beijing");
        assert_eq!(
            review["dueAt"], json!(null),
            "no year is guessed: its arrangement is not announced, and work goes on all the same"
        );
    }

    async fn a_draft_that_is_thrown_away_keeps_its_entry(staff: Staff) {
        let draft = staff.submitted("放弃").await;
        let document = json!({ "document": target(&draft.document) });

        staff.office.done(&staff.author, "discardDraft", document, "discarded { contentId }").await;

        let waiting = staff.office.query(&staff.first, "{ reviewQueue { items { title } } }", json!({})).await;
        assert_eq!(waiting["reviewQueue"]["items"], json!([]));
        let next = staff.office.draft(&staff.author, "下一件").await;
        assert_eq!(staff.submit(&next).await["register"]["number"], 2);
    }

    async fn nothing_that_was_signed_can_be_changed_or_deleted(staff: Staff) {
        let draft = staff.submitted("登记").await;
        staff.all_but_approval(&draft).await;

        for sql in [
            "UPDATE review SET number = 9",
            "UPDATE review SET opened_by = document_id",
            "DELETE FROM review",
            "UPDATE review_act SET kind = 'approved'",
            "UPDATE review_act SET note = 'x'",
            "UPDATE review_act SET basis = NULL, conclusion = 'open' WHERE conclusion IS NULL",
            "DELETE FROM review_act",
        ] {
            let tampered = staff.office.house.database.execute(sql).await;
            assert!(tampered.is_err(), "{sql}");
        }
        staff.office.publish(&staff.approver, &draft).await;
        let late = staff.office.house.database.execute("UPDATE review SET state = 'returned'").await;
        assert!(late.is_err(), "what is closed stays so");
    }

    async fn an_erasure_takes_along_what_reviewers_wrote(staff: Staff) {
        let root = staff.office.administrator.clone();
        let draft = staff.submitted("含密").await;
        let back = json!({ "document": looked(&draft)["document"], "reason": "第三段提到了代号" });
        staff.done(&staff.secrecy, "returnDocument", back).await;
        staff.submit(&draft).await;
        staff.all_but_approval(&draft).await;
        let live = staff.office.publish(&staff.approver, &draft).await;
        let recalled = staff.office.recall(&staff.approver, &live).await;
        let order = json!({ "document": target(&recalled), "reason": "保守国家秘密法" });
        let ordered = staff.office.done(&staff.approver, "orderErasure", order, "order { id }").await;

        let confirm = json!({ "erasure": ordered["order"]["id"] });
        staff.office.done(&root, "confirmErasure", confirm, "__typename").await;

        let told = "reviews { register { number } acts { kind note basis conclusion } }";
        let document = staff.document(&root, &draft, told).await;
        let acts = document["reviews"][0]["acts"].as_array().expect("acts").clone();
        assert!(acts.iter().all(|act| act["note"].is_null() && act["basis"].is_null()), "{acts:?}");
        assert!(acts.iter().any(|act| act["conclusion"] == "OPEN"), "who decided what, stays");
        assert_eq!(staff.office.house.findings().await, []);
    }

    async fn every_act_stands_in_the_audit_without_texts(staff: Staff) {
        let draft = staff.submitted("审计").await;
        let back = json!({ "document": looked(&draft)["document"], "reason": "机密措辞" });
        staff.done(&staff.first, "returnDocument", back).await;

        let root = staff.office.administrator.clone();
        let document = staff.document(&root, &draft, "audit { action details }").await;

        let rows = document["audit"].as_array().expect("rows").clone();
        let actions: Vec<_> = rows.iter().map(|row| row["action"].as_str().expect("one")).collect();
        assert_eq!(actions, ["review.returned", "review.submitted", "document.create"]);
        assert!(!json!(rows).to_string().contains("机密措辞"));
    }
}
