//! Making and taking back links through the management API.

use schema::permission::Role;
use serde_json::{Value, json};

use crate::management::{Office, codes, office};

const LINK: &str =
    "id label hint state createdAt expiresAt revokedAt createdBy { name } revokedBy { name }";

impl Office {
    async fn make_link(&self, token: &str, document: &Value, more: Value) -> Value {
        let selection = format!("issued {{ secret link {{ {LINK} }} }}");
        self.act(token, "createPreviewLink", input(document, &more), &selection).await
    }

    async fn links(&self, token: &str, document: &Value) -> Value {
        let query = format!(
            "query($content: String!, $locale: String!) {{ document(contentId: $content, locale: $locale) {{ \
             previewLinks {{ {LINK} }} }} }}"
        );
        let named = json!({ "content": document["contentId"], "locale": document["locale"] });
        self.query(token, &query, named).await["document"]["previewLinks"].clone()
    }
}

fn input(document: &Value, more: &Value) -> Value {
    let mut input = json!({
        "document": { "contentId": document["contentId"], "locale": document["locale"] },
        "label": "送财政局核对",
    });
    for (name, value) in more.as_object().expect("an object") {
        input[name] = value.clone();
    }
    input
}

test_harness::on_both_databases! {
    with office;

    async fn a_link_is_made_listed_and_taken_back(office: Office) {
        let editor = office.token("editor", &[(Role::Editor, "lanqiao")]).await;
        let document = office.draft(&editor, "稿").await.document;

        let made = office.make_link(&editor, &document, json!({ "hours": 24 })).await;
        let (secret, link) = (&made["issued"]["secret"], &made["issued"]["link"]);
        let secret = secret.as_str().expect("the secret");

        assert_eq!((secret.len(), &secret[..4]), (47, "gbp_"));
        assert_eq!((link["state"].as_str(), link["label"].as_str()), (Some("GOOD"), Some("送财政局核对")));
        assert!(secret.starts_with(link["hint"].as_str().expect("a hint")));
        assert_eq!(office.links(&editor, &document).await, json!([link]));
        let revoked = office
            .done(&editor, "revokePreviewLink", json!({ "id": link["id"] }), &format!("link {{ {LINK} }}"))
            .await;
        assert_eq!(revoked["link"]["state"], "REVOKED");
        assert_eq!(revoked["link"]["revokedBy"], link["createdBy"]);
        assert_eq!(office.links(&editor, &document).await, json!([revoked["link"]]));
        let audit = "query($subject: String!) { audit(subject: $subject) { action details } }";
        let id = document["id"].as_str().expect("an id");
        let auditor = office.token("auditor", &[(Role::Auditor, "")]).await;
        let rows = office.query(&auditor, audit, json!({ "subject": format!("document:{id}") })).await.to_string();
        assert!(rows.contains("preview.create") && rows.contains("preview.revoke"), "{rows}");
        assert!(!rows.contains(secret) && !rows.contains("财政局"), "neither secret nor label: {rows}");
    }

    async fn a_repeated_request_makes_one_link_and_shows_its_secret_once(office: Office) {
        let editor = office.token("editor", &[(Role::Editor, "lanqiao")]).await;
        let document = office.draft(&editor, "稿").await.document;
        let selection = format!("issued {{ secret link {{ {LINK} }} }}");
        let mut answers = Vec::new();
        for _ in 0..2 {
            let input = input(&document, &json!({}));
            answers.push(office.act_under(&editor, Some("k1"), "createPreviewLink", input, &selection).await);
        }

        assert!(answers[0]["issued"]["secret"].is_string());
        assert_eq!(answers[1]["issued"]["secret"], Value::Null);
        assert_eq!(answers[0]["issued"]["link"], answers[1]["issued"]["link"]);
        assert_eq!(office.links(&editor, &document).await.as_array().map(Vec::len), Some(1));
    }

    async fn what_cannot_be_a_link_is_refused_with_every_reason(office: Office) {
        let editor = office.token("editor", &[(Role::Editor, "lanqiao")]).await;
        let document = office.draft(&editor, "稿").await.document;
        let refused = async |more: Value| codes(&office.make_link(&editor, &document, more).await);
        let of = |code: &str, field: &str| (code.to_owned(), field.to_owned());

        assert_eq!(refused(json!({ "hours": 721 })).await, [of("out_of_range", "hours")]);
        assert_eq!(refused(json!({ "hours": 0, "label": " " })).await, [of("length", "label"), of("out_of_range", "hours")]);
        assert_eq!(refused(json!({ "expiresAt": "2026-01-01T00:00:00Z" })).await, [of("out_of_range", "expiresAt")]);
        assert_eq!(
            refused(json!({ "hours": 1, "expiresAt": "2026-03-03T00:00:00Z" })).await,
            [of("two_times", "expiresAt")]
        );
        let live = office.live("公开").await;
        let none = office.make_link(&editor, &live, json!({})).await;
        assert_eq!(codes(&none), [of("no_draft", "")]);
    }

    async fn links_are_made_by_those_who_write(office: Office) {
        let editor = office.token("editor", &[(Role::Editor, "lanqiao")]).await;
        let document = office.draft(&editor, "稿").await.document;
        let made = office.make_link(&editor, &document, json!({})).await;
        let link = json!({ "id": made["issued"]["link"]["id"] });
        let of = |code: &str| vec![(code.to_owned(), String::new())];

        for (role, site, code) in [
            (Role::Reader, "lanqiao", "not_permitted"),
            (Role::SiteAdministrator, "lanqiao", "not_permitted"),
            (Role::Editor, "nanhe", "not_found"),
            (Role::Operator, "lanqiao", "not_found"),
        ] {
            let token = office.token(&format!("{}-{site}", role.as_str().to_lowercase()), &[(role, site)]).await;
            let refused = office.make_link(&token, &document, json!({})).await;
            assert_eq!(codes(&refused), of(code), "{role:?}");
            let seen = site == "lanqiao" && role != Role::Operator;
            if seen {
                assert_eq!(office.links(&token, &document).await.as_array().map(Vec::len), Some(1));
            }
            let revoked = office.act(&token, "revokePreviewLink", link.clone(), "__typename").await;
            match role {
                Role::SiteAdministrator => assert_eq!(codes(&revoked), [], "who administers takes it back"),
                _ => assert_eq!(codes(&revoked), of(code), "{role:?}"),
            }
        }
    }

    async fn a_document_has_so_many_links_at_once(office: Office) {
        let editor = office.token("editor", &[(Role::Editor, "lanqiao")]).await;
        let document = office.draft(&editor, "稿").await.document;
        for _ in 0..50 {
            let made = office.make_link(&editor, &document, json!({ "hours": 1 })).await;
            assert_eq!(codes(&made), []);
        }
        let refused = office.make_link(&editor, &document, json!({})).await;
        assert_eq!(codes(&refused), [("too_many".to_owned(), "document".to_owned())]);

        office.house.clock.set("2026-03-02T03:00:00Z");
        let made = office.make_link(&editor, &document, json!({})).await;
        assert_eq!(codes(&made), [], "those whose time is over do not count");
    }
}
