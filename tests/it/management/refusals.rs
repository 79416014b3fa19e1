//! Foreseen refusals: values with a code, never errors.

use schema::permission::Role;
use serde_json::json;

use super::{DOCUMENT, Office, new_article, office, target, text};

test_harness::on_both_databases! {
    with office;

    async fn a_stale_write_says_who_came_first_and_when(office: Office) {
        let editor = office.token("editor", &[(Role::Editor, "lanqiao")]).await;
        let colleague = office.token("colleague", &[(Role::Editor, "lanqiao")]).await;
        let seen = office.draft(&editor, "甲").await.document;
        let save = json!({ "document": target(&seen), "draft": text("乙") });
        office.done(&colleague, "saveDraft", save.clone(), "draft { digest }").await;

        let payload = office.act(&editor, "saveDraft", save, "draft { digest }").await;

        assert_eq!(payload["draft"], json!(null));
        let stale = &payload["userErrors"][0]["stale"];
        assert_eq!(payload["userErrors"][0]["code"], "stale");
        assert_eq!(stale["changedBy"]["name"], "账号 colleague");
        assert_eq!(stale["expected"], seen["version"]);
        assert!(stale["changedAt"].as_str().is_some_and(|at| at.starts_with("2026-03-02T")));
    }

    async fn every_fault_of_a_text_is_said_at_once(office: Office) {
        let mut new = new_article("甲");
        new["draft"]["fields"] = json!({ "title": "", "writtenOn": "2026-02-30", "colour": "red" });

        let codes = office.refused(&office.administrator, "createDocument", new).await;

        let fields: Vec<_> = codes.iter().map(|(_, field)| field.as_str()).collect();
        assert!(fields.contains(&"fields.writtenOn"), "{codes:?}");
        assert!(fields.contains(&"fields.colour"), "{codes:?}");
    }

    async fn misspelt_names_are_refusals_with_their_place(office: Office) {
        let mut new = new_article("甲");
        new["authority"] = json!("Lanqiao City");
        let names = office.refused(&office.administrator, "createDocument", new).await;
        let mut new = new_article("甲");
        new["draft"]["placements"] = json!([{ "site": "../etc", "columns": ["/a", "b"], "path": "a" }]);
        let places = office.refused(&office.administrator, "createDocument", new).await;

        assert_eq!(names, [("bad_name".into(), "authority".into())]);
        let expected = ["site", "columns[0]", "path"]
            .map(|part| ("bad_name".to_owned(), format!("placements[0].{part}")));
        assert_eq!(places, expected);
    }

    async fn nothing_is_published_but_what_was_looked_at(office: Office) {
        let approver = office.token("approver", &[(Role::Approver, "lanqiao")]).await;
        let draft = office.draft(&approver, "甲").await;
        let with = |digest: serde_json::Value| {
            json!({ "document": target(&draft.document), "approvedDigest": digest })
        };
        let other = format!("sha256:{}", "0".repeat(64));

        for (digest, code) in [
            (json!(null), "digest_missing"),
            (json!(other), "digest_differs"),
            (json!("md5:1"), "bad_digest"),
        ] {
            let refused = office.refused(&approver, "publishDocument", with(digest)).await;
            assert_eq!(refused[0].0, code);
        }
    }

    async fn somebody_of_another_site_is_told_that_there_is_nothing(office: Office) {
        let editor = office.token("editor", &[(Role::Editor, "lanqiao")]).await;
        let stranger = office.token("stranger", &[(Role::Approver, "nanhe")]).await;
        let draft = office.draft(&editor, "甲").await;
        let document = json!({ "document": target(&draft.document) });

        let discard = office.refused(&stranger, "discardDraft", document.clone()).await;
        let publish = office.refused(&stranger, "publishDocument", document).await;
        let create = office.refused(&stranger, "createDocument", new_article("乙")).await;

        assert_eq!(discard[0].0, "not_found");
        assert_eq!(publish[0].0, "not_found");
        assert_eq!(create[0].0, "not_permitted");
        let query = "query($content: String!) { document(contentId: $content, locale: \"zh-CN\") { id } }";
        let content = json!({ "content": draft.document["contentId"] });
        let seen = office.query(&stranger, query, content).await;
        assert_eq!(seen["document"], json!(null));
    }

    async fn one_site_of_two_is_not_enough(office: Office) {
        let editor = office.token("editor", &[(Role::Editor, "lanqiao")]).await;
        let mut new = new_article("甲");
        new["draft"]["placements"] = json!([
            { "site": "lanqiao", "columns": ["news"] },
            { "site": "lanqiao-finance", "columns": ["notices"] },
        ]);

        let refused = office.refused(&editor, "createDocument", new.clone()).await;
        let both = office
            .token("both", &[(Role::Editor, "lanqiao"), (Role::Editor, "lanqiao-finance")])
            .await;
        let selection = format!("draft {{ document {{ {DOCUMENT} }} }}");
        office.done(&both, "createDocument", new, &selection).await;

        assert_eq!(refused[0].0, "not_permitted");
    }

    async fn discarding_leaves_nothing_of_what_was_never_published(office: Office) {
        let draft = office.draft(&office.administrator, "甲").await;
        let input = json!({ "document": target(&draft.document) });

        office.done(&office.administrator, "discardDraft", input.clone(), "discarded { contentId }").await;
        let again = office.refused(&office.administrator, "discardDraft", input).await;

        assert_eq!(again[0].0, "not_found");
    }
}
