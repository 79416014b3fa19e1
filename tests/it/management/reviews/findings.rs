//! What checks find in a text that is submitted: an error is mended, or waived on record.

use serde_json::json;

use super::{Draft, Staff, looked, new_article, staff, with};

test_harness::on_both_databases! {
    with staff;

    async fn an_error_is_mended_or_waived_with_a_reason(staff: Staff) {
        let draft = staff.office.draft(&staff.author, "致全国人民代大会的报告").await;
        let counts = "review { errors warnings state }";
        let submitted = staff.office.done(&staff.author, "submitDocument", looked(&draft), counts).await;
        assert!(submitted["review"]["errors"].as_u64().is_some_and(|errors| errors > 0), "{submitted}");
        assert_eq!(submitted["review"]["state"], "SUBMITTED", "reviewers see it all the same");
        staff.all_but_approval(&draft).await;
        assert_eq!(staff.publication_refused(&staff.approver, &draft).await, "unreviewed");
        let force = with(json!({ "document": looked(&draft)["document"], "approvedDigest": draft.digest }),
                         &json!({ "force": "来不及" }));
        assert_eq!(staff.refused(&staff.approver, "publishDocument", force).await, "unreviewed");

        let waive = |reason: &str| with(looked(&draft), &json!({ "reason": reason }));
        assert_eq!(staff.refused(&staff.approver, "waiveFindings", waive("")).await, "count");
        assert_eq!(staff.refused(&staff.second, "waiveFindings", waive("试")).await, "not_permitted");
        staff.done(&staff.approver, "waiveFindings", waive("引用原文，原文如此")).await;

        staff.office.publish(&staff.approver, &draft).await;
        let told = staff.document(&staff.author, &draft, "reviews { errors acts { kind note } }").await;
        let acts = told["reviews"][0]["acts"].as_array().expect("acts").clone();
        assert_eq!(acts[4], json!({ "kind": "WAIVED", "note": "引用原文，原文如此" }));
    }

    async fn what_was_waived_is_not_waived_for_another_text(staff: Staff) {
        let draft = staff.submitted("致人民政付的信").await;
        let waive = with(looked(&draft), &json!({ "reason": "原文如此" }));
        staff.done(&staff.approver, "waiveFindings", waive).await;

        let edited = staff.edit(&staff.author, &draft, "再致人民政付的信").await;
        staff.submit(&edited).await;
        staff.all_but_approval(&edited).await;
        assert_eq!(staff.publication_refused(&staff.approver, &edited).await, "unreviewed");

        let mended = staff.edit(&staff.author, &edited, "致人民政府的信").await;
        staff.submit(&mended).await;
        staff.all_but_approval(&mended).await;
        let nothing = with(looked(&mended), &json!({ "reason": "没有错误" }));
        assert_eq!(staff.refused(&staff.approver, "waiveFindings", nothing).await, "nothing_to_sign");
        staff.office.publish(&staff.approver, &mended).await;
    }

    async fn an_error_whose_cause_is_gone_stands_in_the_way_no_more(staff: Staff) {
        let policy = staff.submitted("政策").await;
        let mut new = new_article("解读");
        new["draft"]["fields"]["basis"] = json!([policy.document["contentId"]]);
        let saved = "draft { digest document { contentId locale version } }";
        let draft = Draft::of(&staff.office.done(&staff.author, "createDocument", new, saved).await);
        let counts = "review { errors }";
        let submitted = staff.office.done(&staff.author, "submitDocument", looked(&draft), counts).await;
        assert_eq!(submitted["review"]["errors"], 1, "it links to what nobody can read yet");
        staff.all_but_approval(&draft).await;
        assert_eq!(staff.publication_refused(&staff.approver, &draft).await, "unreviewed");

        staff.all_but_approval(&policy).await;
        staff.office.publish(&staff.approver, &policy).await;

        staff.office.publish(&staff.approver, &draft).await;
    }
}
