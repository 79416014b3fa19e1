//! What editors read.

use schema::permission::Role;
use serde_json::{Value, json};

use super::{Office, new_article, office, target, text};

fn titles(list: &Value) -> Vec<&str> {
    let edges = list["documents"]["edges"].as_array().expect("edges");
    edges.iter().filter_map(|edge| edge["node"]["title"].as_str()).collect()
}

const LIST: &str = "query($filter: DocumentFilter! = {}, $first: Int! = 20, $after: String) { \
    documents(filter: $filter, first: $first, after: $after) { \
        edges { cursor node { title contentId changedBy { name } hasDraft visibility } } \
        pageInfo { hasNextPage endCursor } } }";

test_harness::on_both_databases! {
    with office;

    async fn the_list_is_paged_from_what_was_changed_last(office: Office) {
        for title in ["甲", "乙", "丙", "丁", "戊"] {
            office.draft(&office.administrator, title).await;
        }
        let mut seen = Vec::new();
        let mut after = Value::Null;
        loop {
            let variables = json!({ "first": 2, "after": after });
            let page = office.query(&office.administrator, LIST, variables).await;
            seen.extend(titles(&page).into_iter().map(str::to_owned));
            let info = &page["documents"]["pageInfo"];
            if info["hasNextPage"] == json!(false) {
                break;
            }
            after = info["endCursor"].clone();
        }

        assert_eq!(seen, ["戊", "丁", "丙", "乙", "甲"]);
    }

    async fn the_list_holds_what_one_may_work_on(office: Office) {
        let editor = office.token("editor", &[(Role::Editor, "lanqiao")]).await;
        let stranger = office.token("stranger", &[(Role::Editor, "nanhe")]).await;
        let nobody = office.token("nobody", &[]).await;
        office.draft(&editor, "编辑的草稿").await;
        office.live("在线").await;
        let mut two_sites = new_article("两站");
        two_sites["draft"]["placements"] = json!([
            { "site": "lanqiao", "columns": ["news"] },
            { "site": "lanqiao-finance", "columns": ["notices"] },
        ]);
        office.done(&office.administrator, "createDocument", two_sites, "draft { digest }").await;

        let all = office.query(&office.administrator, LIST, json!({})).await;
        assert_eq!(titles(&all), ["两站", "在线", "编辑的草稿"]);
        let own = office.query(&editor, LIST, json!({})).await;
        assert_eq!(titles(&own), ["在线", "编辑的草稿"], "one site of two is not enough");
        for (filter, expected) in [
            (json!({ "mine": true }), vec!["编辑的草稿"]),
            (json!({ "visibility": "LIVE" }), vec!["在线"]),
            (json!({ "hasDraft": true }), vec!["编辑的草稿"]),
            (json!({ "site": "lanqiao", "type": "article", "locale": "zh-CN" }), vec!["在线", "编辑的草稿"]),
            (json!({ "site": "nanhe" }), vec![]),
            (json!({ "type": "alarm" }), vec![]),
        ] {
            let listed = office.query(&editor, LIST, json!({ "filter": filter })).await;
            assert_eq!(titles(&listed), expected, "{filter}");
        }
        for blind in [stranger, nobody] {
            assert_eq!(titles(&office.query(&blind, LIST, json!({})).await), [""; 0]);
        }
    }

    async fn a_document_is_read_with_all_that_was_done_to_it(office: Office) {
        let auditor = office.token("auditor", &[(Role::Auditor, "lanqiao")]).await;
        let live = office.live("初版").await;
        office
            .done(
                &office.administrator,
                "saveDraft",
                json!({ "document": target(&live), "draft": text("修订") }),
                "draft { digest }",
            )
            .await;

        let query = "query($content: String!) { document(contentId: $content, locale: \"zh-CN\") { \
            authority visibility changedBy { name } \
            draft { number fields placements { site columns path } } \
            live { number fields } editionNumbered(number: 1) { contentDigest } \
            history { number readable importance } events { sequence kind entered { site } } \
            placements { site own visibility } erasures { id } \
            audit { action actor { name } } } }";
        let read = office.query(&auditor, query, json!({ "content": live["contentId"] })).await;

        let document = &read["document"];
        assert_eq!(document["authority"], "lanqiao-city");
        assert_eq!(document["draft"]["fields"]["title"], "修订");
        assert_eq!(document["draft"]["number"], Value::Null);
        assert_eq!(document["live"]["fields"]["title"], "初版");
        assert_eq!(document["history"], json!([{ "number": 1, "readable": true, "importance": "MAJOR" }]));
        assert_eq!(document["events"][0]["kind"], "PUBLISH");
        assert_eq!(document["placements"], json!([{ "site": "lanqiao", "own": true, "visibility": "LIVE" }]));
        // Whether it is told already that the draft was read depends on who is quicker.
        let read_it = |row: &&Value| row["action"] == "document.read";
        let rows = document["audit"].as_array().expect("rows");
        let audit: Vec<&Value> = rows.iter().filter(|row| !read_it(row)).collect();
        let actions: Vec<_> = audit.iter().map(|row| row["action"].as_str()).collect();
        assert_eq!(actions, [Some("document.save"), Some("document.publish"), Some("document.create")]);
        assert_eq!(audit[0]["actor"]["name"], "账号 root (story)");
    }

    async fn what_is_read_can_be_saved_again(office: Office) {
        let mut new = new_article("甲");
        let basis = office.live("依据").await;
        new["draft"]["fields"]["basis"] = json!([basis["contentId"]]);
        new["draft"]["fields"]["tags"] = json!(["防汛", "财政"]);
        let created = office
            .done(&office.administrator, "createDocument", new, "draft { digest contentDigest document { contentId locale version } }")
            .await;
        let query = "query($content: String!) { document(contentId: $content, locale: \"zh-CN\") \
                     { version draft { fields placements { site columns path } } } }";
        let content = json!({ "content": created["draft"]["document"]["contentId"] });
        let read = office.query(&office.administrator, query, content).await;

        let input = json!({
            "document": target(&created["draft"]["document"]),
            "draft": read["document"]["draft"],
        });
        let saved = office
            .done(&office.administrator, "saveDraft", input, "draft { digest contentDigest }")
            .await;

        assert_eq!(saved["draft"]["digest"], created["draft"]["digest"]);
        assert_eq!(saved["draft"]["contentDigest"], created["draft"]["contentDigest"]);
    }

    async fn the_audit_is_for_those_who_may_read_the_past(office: Office) {
        let auditor = office.token("auditor", &[(Role::Auditor, "")]).await;
        let local = office.token("local", &[(Role::Auditor, "lanqiao")]).await;
        let editor = office.token("editor", &[(Role::Editor, "")]).await;
        let query = "query($subject: String!) { audit(subject: $subject, first: 3) { action actor { name } } }";
        let rows = async |token: &str, subject: &str| {
            let read = office.query(token, query, json!({ "subject": subject })).await;
            read["audit"].as_array().map_or(0, Vec::len)
        };

        assert_eq!(rows(&auditor, "site:lanqiao").await, 1);
        assert_eq!(rows(&local, "site:lanqiao").await, 1);
        assert_eq!(rows(&local, "site:nanhe").await, 0);
        assert_eq!(rows(&auditor, "authority:lanqiao-city").await, 1);
        assert_eq!(rows(&local, "authority:lanqiao-city").await, 0);
        for subject in ["site:lanqiao", "site:nowhere", "document:x", "", "'; DROP TABLE audit; --"] {
            assert_eq!(rows(&editor, subject).await, 0, "{subject}");
        }
    }

    async fn types_carry_all_that_a_form_needs(office: Office) {
        let nobody = office.token("nobody", &[]).await;
        let query = "{ contentType(name: \"article\") { label { zh en } title body \
                       fields { name kind list required localised unique settings label { zh } } } }";

        let read = office.query(&nobody, query, json!({})).await;

        let article = &read["contentType"];
        assert_eq!(article["label"], json!({ "zh": "文章", "en": "Article" }));
        let fields = article["fields"].as_array().expect("fields");
        let field = |name: &str| fields.iter().find(|field| field["name"] == name).expect("a field");
        assert_eq!(field("title")["required"], json!(true));
        assert_eq!(field("tags")["list"], json!(true));
        assert_eq!(field("indexNumber")["unique"], "authority");
        assert_eq!(field("basis")["settings"]["to"], json!(["article"]));
        assert_eq!(field("body")["kind"], "rich_text");
    }
}
