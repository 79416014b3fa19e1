//! One document from its first draft to its erasure, by two people.

use schema::{
    permission::Role,
    visibility::EventKind::{Correct, Publish, Recall, Withdraw},
};
use serde_json::json;

use super::{DOCUMENT, Draft, Office, notice, office, target, text};

test_harness::on_both_databases! {
    with office;

    async fn a_document_lives_and_dies_through_the_api(office: Office) {
        let editor = office.token("editor", &[(Role::Editor, "lanqiao")]).await;
        let approver = office.token("approver", &[(Role::Approver, "lanqiao")]).await;
        let second = office.token("second", &[(Role::Approver, "lanqiao")]).await;

        let draft = office.draft(&editor, "防汛通知").await;
        assert_eq!(draft.document["visibility"], "UNPUBLISHED");
        let document = office.publish(&approver, &draft).await;
        assert_eq!((&document["visibility"], &document["edition"]), (&json!("LIVE"), &json!(1)));

        let saved = office
            .done(
                &editor,
                "saveDraft",
                json!({ "document": target(&document), "draft": text("防汛通知（修订）") }),
                &format!("draft {{ digest document {{ {DOCUMENT} }} }}"),
            )
            .await;
        let document = office.publish(&approver, &Draft::of(&saved)).await;
        assert_eq!(document["edition"], 2);

        let withdrawn = office
            .done(
                &approver,
                "withdrawDocument",
                json!({ "document": target(&document), "notice": notice("正在核实") }),
                &format!("document {{ {DOCUMENT} notice {{ explanation {{ zh }} }} }}"),
            )
            .await;
        assert_eq!(withdrawn["document"]["notice"]["explanation"]["zh"], "正在核实");

        let recalled = office.recall(&approver, &withdrawn["document"]).await;
        assert_eq!(recalled["visibility"], "RECALLED");
        let again = office
            .done(
                &approver,
                "recallContent",
                json!({ "contentId": recalled["contentId"], "notice": notice("含有错误") }),
                "recall { documents { id } }",
            )
            .await;
        assert_eq!(again["recall"]["documents"], json!([]), "it was so already");

        let order = office
            .done(
                &approver,
                "orderErasure",
                json!({ "document": target(&recalled), "reason": "个人信息保护法第四十七条" }),
                "order { id }",
            )
            .await;
        let confirmation = json!({ "erasure": order["order"]["id"] });
        let same = office.refused(&approver, "confirmErasure", confirmation.clone()).await;
        assert_eq!(same, [("same_person".into(), String::new())]);
        let erased = office
            .done(&second, "confirmErasure", confirmation, "document { visibility }")
            .await;
        assert_eq!(erased["document"]["visibility"], "ERASED");

        assert_eq!(office.house.kinds().await, [Publish, Correct, Withdraw, Recall, Recall]);
        assert_eq!(office.house.findings().await, []);
    }

    async fn two_tokens_of_one_person_are_one_person(office: Office) {
        let first = office.token("approver", &[(Role::Approver, "lanqiao")]).await;
        let issued = office
            .done(
                &office.administrator,
                "createToken",
                json!({ "owner": "approver", "name": "second token" }),
                "issued { secret token { hint name grants { role site } } }",
            )
            .await;
        let other = issued["issued"]["secret"].as_str().expect("a secret").to_owned();
        assert!(other.starts_with(issued["issued"]["token"]["hint"].as_str().expect("a hint")));
        let recalled = office.recall(&first, &office.live("甲").await).await;
        let order = office
            .done(
                &first,
                "orderErasure",
                json!({ "document": target(&recalled), "reason": "保守国家秘密法" }),
                "order { id }",
            )
            .await;

        let refused = office
            .refused(&other, "confirmErasure", json!({ "erasure": order["order"]["id"] }))
            .await;

        assert_eq!(refused, [("same_person".into(), String::new())]);
    }

    async fn what_was_recalled_is_taken_over_on_purpose(office: Office) {
        let administrator = office.administrator.clone();
        let recalled = office.recall(&administrator, &office.live("旧").await).await;
        let mut new = super::new_article("新");
        new["contentId"] = recalled["contentId"].clone();

        let refused = office.refused(&administrator, "createDocument", new.clone()).await;
        new["takesOver"] = json!(true);
        let taken = office
            .done(&administrator, "createDocument", new, &format!("draft {{ digest document {{ {DOCUMENT} }} }}"))
            .await;
        let document = office.publish(&administrator, &Draft::of(&taken)).await;

        assert_eq!(refused[0].0, "not_from_this_state");
        assert_eq!(document["contentId"], recalled["contentId"]);
        // The old one is still to be named, by its id.
        let mut old = target(&recalled);
        old["id"] = recalled["id"].clone();
        office
            .done(
                &administrator,
                "orderErasure",
                json!({ "document": old, "reason": "保守国家秘密法" }),
                "order { id }",
            )
            .await;
    }

    async fn another_authority_places_what_is_live(office: Office) {
        let nanhe = office.token("nanhe", &[(Role::Approver, "nanhe")]).await;
        let document = office.live("全省通报").await;
        let query = "query($content: String!) { document(contentId: $content, locale: \"zh-CN\") \
                     { version live { digest } draft { digest } events { sequence } } }";
        let seen = office.query(&nanhe, query, json!({ "content": document["contentId"] })).await;
        let seen = &seen["document"];
        assert_eq!((&seen["draft"], &seen["events"]), (&json!(null), &json!([])));

        let placed = office
            .done(
                &nanhe,
                "placeElsewhere",
                json!({
                    "document": target(&document),
                    "placement": { "site": "nanhe", "columns": ["news"] },
                    "approvedDigest": seen["live"]["digest"],
                }),
                "placement { site kind }",
            )
            .await;
        assert_eq!(placed["placement"], json!({ "site": "nanhe", "kind": "PUBLISH" }));
        let removed = office
            .done(
                &nanhe,
                "removeElsewhere",
                json!({
                    "document": target(&document), "site": "nanhe", "removal": "GONE",
                    "notice": notice("本站不再转载"),
                }),
                "placement { kind }",
            )
            .await;
        assert_eq!(removed["placement"]["kind"], "REMOVE");
        assert!(office.house.read(document["id"].as_str().expect("an id").parse().expect("an id")).await.is_some());
    }

    async fn the_house_is_arranged_through_the_api(office: Office) {
        let administrator = office.administrator.clone();
        office
            .done(
                &administrator,
                "createAuthority",
                json!({ "key": "lanqiao-finance-bureau", "authority": {
                    "parent": "lanqiao-city", "level": "CITY", "region": "990100",
                    "name": { "zh": "蓝桥市财政局", "en": "Lanqiao Finance Bureau" } } }),
                "authority { key parent version }",
            )
            .await;
        let site = office
            .done(
                &administrator,
                "createSite",
                json!({ "key": "bureau", "authority": "lanqiao-finance-bureau", "site": {
                    "name": { "zh": "财政局", "en": "Bureau" }, "domain": "bureau.lanqiao.gov.cn",
                    "locales": ["zh-CN"], "parent": "lanqiao" } }),
                "site { key authority parent version }",
            )
            .await;
        assert_eq!(site["site"]["authority"], "lanqiao-finance-bureau");
        for path in ["open", "open/budget", "news"] {
            let column = json!({ "name": { "zh": "栏目", "en": "Column" }, "class": "政策文件" });
            let input = json!({ "site": "bureau", "path": path, "column": column });
            office.done(&administrator, "createColumn", input, "column { path }").await;
        }
        let column = json!({ "site": "bureau", "path": "open/budget", "version": 1 });
        let moved = office
            .done(
                &administrator,
                "moveColumn",
                json!({ "column": column }),
                "rearrangement { readdressed column { path version } }",
            )
            .await;
        assert_eq!(moved["rearrangement"]["column"]["path"], "budget");

        let query = "{ site(key: \"bureau\") { columns { path position class } } }";
        let shown = office.query(&administrator, query, json!({})).await;
        let columns = shown["site"]["columns"].as_array().expect("columns");
        let paths: Vec<_> = columns.iter().map(|column| column["path"].as_str()).collect();
        assert_eq!(paths, [Some("open"), Some("news"), Some("budget")]);
    }
}
