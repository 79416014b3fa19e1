//! One text from the first draft to the public page, and everything that is refused on the way.

use schema::permission::Role;
use serde_json::{Value, json};

use super::{Staff, looked, staff, with};

fn kinds(review: &Value) -> Vec<(u64, &str, Option<u64>)> {
    let acts = review["acts"].as_array().expect("acts");
    acts.iter()
        .map(|act| {
            (
                act["round"].as_u64().expect("a round"),
                act["kind"].as_str().expect("a kind"),
                act["step"].as_u64(),
            )
        })
        .collect()
}

test_harness::on_both_databases! {
    with staff;

    async fn a_text_becomes_public_as_it_was_reviewed_by_three_persons_and_for_secrecy(staff: Staff) {
        let draft = staff.office.draft(&staff.author, "关于防汛工作的通知").await;
        assert_eq!(staff.publication_refused(&staff.approver, &draft).await, "unreviewed");

        let review = staff.submit(&draft).await;
        assert_eq!(
            review,
            json!({ "id": review["id"], "register": { "year": 2026, "number": 1 },
                    "track": "ORDINARY", "state": "SUBMITTED", "round": 1,
                    "awaits": "FIRST_REVIEWER", "awaitsPublication": false,
                    "awaitsSecrecy": true, "dueAt": "2026-03-03T16:00:00Z", "closedAt": null }),
            "a working day is counted from the next, and ends at midnight in Beijing"
        );
        assert_eq!(staff.refused(&staff.author, "submitDocument", looked(&draft)).await, "under_review");

        assert_eq!(staff.refused(&staff.second, "approveDocument", looked(&draft)).await, "not_permitted");
        assert_eq!(staff.approve(&staff.first, &draft).await["awaits"], "SECOND_REVIEWER");
        assert_eq!(staff.publication_refused(&staff.approver, &draft).await, "unreviewed");
        assert_eq!(staff.approve(&staff.second, &draft).await["awaits"], "APPROVER");
        assert_eq!(
            staff.publication_refused(&staff.approver, &draft).await, "unreviewed",
            "nothing is opened without the secrecy review"
        );
        assert_eq!(staff.conclude(&draft, "REFERRED").await["awaitsSecrecy"], false);
        assert_eq!(staff.publication_refused(&staff.approver, &draft).await, "unreviewed");
        staff.conclude(&draft, "OPEN").await;

        let live = staff.office.publish(&staff.approver, &draft).await;
        assert_eq!((&live["visibility"], &live["edition"]), (&json!("LIVE"), &json!(1)));

        let selection = "reviews { state register { number } closedAt \
                         acts { round kind step conclusion basis by { name } commitment } }";
        let document = staff.document(&staff.author, &draft, selection).await;
        let review = &document["reviews"][0];
        assert_eq!(review["state"], "PUBLISHED");
        assert!(review["closedAt"].is_string());
        assert_eq!(kinds(review), [
            (1, "SUBMITTED", None), (1, "APPROVED", Some(1)), (1, "APPROVED", Some(2)),
            (1, "SECRECY", None), (1, "SECRECY", None), (1, "APPROVED", Some(3)),
            (1, "PUBLISHED", None),
        ]);
        let concluded = &review["acts"][4];
        assert_eq!(concluded["conclusion"], "OPEN");
        assert_eq!(concluded["basis"], "政府信息公开条例第十七条");
        let events = staff.office.house.events().await;
        let (_, published) = events.last().expect("the publication");
        assert_eq!(
            review["acts"][0]["commitment"], json!(published.commitment.to_string()),
            "what was signed is what the log says was published"
        );
        assert_eq!(staff.office.house.findings().await, []);
    }

    async fn nobody_signs_what_they_wrote_nor_two_steps_of_a_round(staff: Staff) {
        let both = [(Role::FirstReviewer, "lanqiao"), (Role::SecondReviewer, "lanqiao"),
                    (Role::SecrecyReviewer, "lanqiao")];
        let busy = staff.office.token("jianzhi", &both).await;
        let own = staff.office.draft(&busy, "自己写的").await;
        staff.done(&busy, "submitDocument", looked(&own)).await;
        assert_eq!(staff.refused(&busy, "approveDocument", looked(&own)).await, "own_text");

        let draft = staff.submitted("别人写的").await;
        staff.approve(&busy, &draft).await;
        assert_eq!(staff.refused(&busy, "approveDocument", looked(&draft)).await, "signed_before");
        let conclusion = json!({ "conclusion": "OPEN", "basis": "条例第十七条" });
        let secrecy = with(looked(&draft), &conclusion);
        assert_eq!(staff.refused(&busy, "reviewSecrecy", secrecy).await, "signed_before");
        let edited = staff.edit(&busy, &draft, "由审核人改过").await;
        staff.submit(&edited).await;
        assert_eq!(
            staff.refused(&busy, "approveDocument", looked(&edited)).await, "own_text",
            "who mends a text has written in it"
        );
    }

    async fn an_edit_voids_every_signature_and_shows_the_reviewer_what_changed(staff: Staff) {
        let draft = staff.submitted("第一稿").await;
        staff.all_but_approval(&draft).await;

        let edited = staff.edit(&staff.author, &draft, "第二稿").await;

        let document = staff.document(&staff.author, &draft, "reviews { state awaits dueAt }").await;
        assert_eq!(document["reviews"][0], json!({ "state": "EDITED", "awaits": null, "dueAt": null }));
        assert_eq!(staff.publication_refused(&staff.approver, &edited).await, "unreviewed");
        assert_eq!(staff.refused(&staff.first, "approveDocument", looked(&edited)).await, "not_under_review");

        let review = staff.submit(&edited).await;
        assert_eq!((&review["round"], &review["register"]["number"]), (&json!(2), &json!(1)));
        assert_eq!((&review["awaits"], &review["awaitsSecrecy"]), (&json!("FIRST_REVIEWER"), &json!(true)));
        let old = json!({ "document": looked(&edited)["document"], "digest": draft.digest });
        assert_eq!(staff.refused(&staff.first, "approveDocument", old).await, "digest_differs");
        let selection = "reviews { changes { field html isExact } }";
        let changes = staff.document(&staff.first, &edited, selection).await;
        assert_eq!(changes["reviews"][0]["changes"], json!([
            { "field": "title", "html": "<p>第<del>一</del><ins>二</ins>稿</p>", "isExact": true },
            { "field": "body", "html": "<p>第<del>一</del><ins>二</ins>稿的正文。</p>", "isExact": true },
        ]));
        staff.all_but_approval(&edited).await;
        staff.office.publish(&staff.approver, &edited).await;
    }

    async fn a_text_is_sent_back_with_a_reason_and_taken_back(staff: Staff) {
        let draft = staff.submitted("待改").await;
        let back = |reason: &str| json!({ "document": looked(&draft)["document"], "reason": reason });
        assert_eq!(staff.refused(&staff.author, "returnDocument", back("不是审核人")).await, "not_permitted");
        assert_eq!(staff.refused(&staff.secrecy, "returnDocument", back("  ")).await, "count");

        let review = staff.done(&staff.secrecy, "returnDocument", back("含内部电话")).await;

        assert_eq!((&review["state"], &review["awaits"]), (&json!("RETURNED"), &json!(null)));
        assert_eq!(staff.refused(&staff.first, "approveDocument", looked(&draft)).await, "not_under_review");
        assert_eq!(staff.submit(&draft).await["round"], 2, "the same text may be submitted again");
        let document = json!({ "document": looked(&draft)["document"] });
        assert_eq!(staff.refused(&staff.secrecy, "takeBackSubmission", document.clone()).await, "not_permitted");
        let review = staff.done(&staff.author, "takeBackSubmission", document.clone()).await;
        assert_eq!(review["state"], "TAKEN_BACK");
        assert_eq!(staff.refused(&staff.author, "takeBackSubmission", document).await, "not_under_review");
        let acts = staff.document(&staff.author, &draft, "reviews { acts { kind note round step } }").await;
        assert_eq!(acts["reviews"][0]["acts"][1]["note"], "含内部电话");
        assert_eq!(kinds(&acts["reviews"][0]), [
            (1, "SUBMITTED", None), (1, "RETURNED", None), (2, "SUBMITTED", None), (2, "TAKEN_BACK", None),
        ]);
    }

    async fn reviewers_of_another_site_know_nothing_of_the_text(staff: Staff) {
        let elsewhere = [(Role::FirstReviewer, "nanhe"), (Role::SecrecyReviewer, "nanhe"),
                         (Role::Approver, "nanhe")];
        let stranger = staff.office.token("waizhan", &elsewhere).await;
        let draft = staff.submitted("本市文稿").await;
        let reason = json!({ "reason": "试" });
        let secrecy = json!({ "conclusion": "OPEN", "basis": "试" });

        for (act, input) in [
            ("submitDocument", looked(&draft)),
            ("approveDocument", looked(&draft)),
            ("skipReviewStep", with(looked(&draft), &reason)),
            ("reviewSecrecy", with(looked(&draft), &secrecy)),
            ("returnDocument", json!({ "document": looked(&draft)["document"], "reason": "试" })),
            ("takeBackSubmission", json!({ "document": looked(&draft)["document"] })),
            ("confirmPublication", json!({ "document": looked(&draft)["document"] })),
        ] {
            assert_eq!(staff.refused(&stranger, act, input).await, "not_found", "{act}");
        }
        let queue = staff.office.query(&stranger, "{ reviewQueue { items { title } } }", json!({})).await;
        assert_eq!(queue["reviewQueue"]["items"], json!([]));
        let seen = staff.document(&stranger, &draft, "reviews { id }").await;
        assert_eq!(seen, Value::Null);
    }

    async fn what_is_incomplete_is_not_laid_before_reviewers(staff: Staff) {
        let mut new = super::new_article("没有正文");
        new["draft"]["fields"] = json!({ "title": "没有正文" });
        let saved = "draft { digest document { contentId locale version } }";
        let draft = super::Draft::of(
            &staff.office.done(&staff.author, "createDocument", new, saved).await,
        );

        let refused = staff.office.refused(&staff.author, "submitDocument", looked(&draft)).await;

        assert_eq!(refused, [("required".to_owned(), "fields.body".to_owned())]);
        let document = staff.document(&staff.author, &draft, "reviews { id }").await;
        assert_eq!(document["reviews"], json!([]), "and leaves no entry in the register");
    }
}
