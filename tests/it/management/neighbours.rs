//! Sites on one hub are strangers to each other: whoever holds every role on one does nothing to
//! another and learns nothing of it that is not public.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use schema::permission::Role;
use serde_json::{Value, json};

use super::{Office, new_article, office, permissions::TABLE, sign_in::Browser};

/// Somebody who holds every role on the site of the finance bureau, of the same authority.
async fn neighbour(office: &Office) -> String {
    let roles = Role::ALL.map(|role| (role, "lanqiao-finance"));
    office.token("neighbour", &roles).await
}

/// What belongs to another site.
struct Secrets {
    draft: Value,
    file: String,
    /// Somebody who works there.
    browser: Browser,
    /// What must not be told.
    marks: Vec<String>,
}

impl Office {
    async fn in_other_hands(&self) -> Secrets {
        let root = &self.administrator;
        let pdf = b"%PDF-1.7\n%%EOF\n";
        let taken = self.house.take_in(pdf).await;
        let digest = taken.digest.to_string();
        let mut new = new_article("尚未公开的安排");
        new["draft"]["fields"]["files"] = json!([{
            "digest": digest, "name": "plan.pdf", "mediaType": "application/pdf", "size": pdf.len(),
        }]);
        let made = self.done(root, "createDocument", new, "draft { document { contentId } }").await;
        let draft = made["draft"]["document"].clone();
        let token = self.token("theirs", &[(Role::Editor, "lanqiao")]).await;
        let browser = self.signed_in("theirs").await;
        let target = json!({ "key": "their-target", "authority": "lanqiao-city",
                             "sites": ["lanqiao"], "address": "https://theirs.example.org/in" });
        self.done(root, "createTarget", target, "equipped { target { key } }").await;
        let content = draft["contentId"].as_str().expect("an id").to_owned();
        let marks = ["尚未公开", "theirs", "their-target", "Story/1.0", &content, &token[..14]];
        Secrets {
            file: taken.digest.hex(),
            browser,
            marks: marks.map(ToOwned::to_owned).to_vec(),
            draft,
        }
    }
}

test_harness::on_both_databases! {
    with office;

    async fn every_role_on_one_site_does_nothing_to_another(office: Office) {
        // Given somebody who holds every role on one site
        let neighbour = neighbour(&office).await;
        assert!(TABLE.len() > 60, "every mutation is tried");

        // When they try each mutation on another site
        for (number, (name, ..)) in TABLE.iter().enumerate() {
            let input = office.try_input(name, number).await;
            let refused = office.refused(&neighbour, name, input).await;

            // Then it is refused as to a stranger
            let code = refused.first().map(|(code, _)| code.as_str());
            assert!(matches!(code, Some("not_permitted" | "not_found")), "{name}: {refused:?}");
        }
        assert_eq!(office.house.findings().await, []);
    }

    async fn every_role_on_one_site_learns_nothing_of_another(office: Office) {
        // Given a draft, an account with a token and a session, and a target of another site
        let neighbour = neighbour(&office).await;
        let secrets = office.in_other_hands().await;

        // When they ask for everything there is to ask for
        let content = &secrets.draft["contentId"];
        let document = format!("contentId: {content}, locale: \"zh-CN\"");
        for query in [
            "{ documents(first: 100) { edges { node { contentId } } } }".to_owned(),
            format!("{{ document({document}) {{ draft {{ digest fields }} reviews {{ id }} audit {{ id }} }} }}"),
            format!("{{ findings({document}) {{ excerpt }} }}"),
            "{ people(first: 100) { nodes { login name tokens { name hint } } } }".to_owned(),
            "{ person(login: \"theirs\") { login tokens { hint } } }".to_owned(),
            "{ signIn(login: \"theirs\") { sessions { id agent } } }".to_owned(),
            "{ targets { key address } }".to_owned(),
            "{ target(key: \"their-target\") { key address shown { value } } }".to_owned(),
            "{ reviewQueue(first: 100) { items { title } } }".to_owned(),
            "{ schedules(first: 100) { items { __typename } } }".to_owned(),
            "{ releaseSets(first: 100) { items { name } } }".to_owned(),
            "{ auditTrail(first: 100, filter: { site: \"lanqiao\" }) { edges { node { details } } } }".to_owned(),
            "{ auditTrail(first: 100) { edges { node { subject details } } } }".to_owned(),
        ] {
            let answer = office.post(&neighbour, &query, json!({}), &[]).await;

            // Then nothing of it is in the answer
            assert_eq!(answer.status, StatusCode::OK, "{query} {}", answer.json);
            let unknown = answer.json["errors"][0]["message"].as_str().unwrap_or_default();
            assert!(!unknown.contains("Unknown"), "{query} {unknown}");
            let told = answer.json.to_string();
            for secret in &secrets.marks {
                assert!(!told.contains(secret), "{query}: {secret} in {told}");
            }
        }

        // And the file of the draft is not theirs to see, but that of who works there in a browser
        let path = format!("/assets/{}/{}", secrets.file, "plan.pdf");
        let request = Request::get(&path).header(header::AUTHORIZATION, format!("Bearer {neighbour}"));
        let answer = office.send(request.body(Body::empty()).expect("a request")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        let own = Browser::default().request("GET", &path, &json!(null));
        assert_eq!(office.send(own).await.status, StatusCode::NOT_FOUND);
        let own = secrets.browser.request("GET", &path, &json!(null));
        assert_eq!(office.send(own).await.status, StatusCode::OK);
    }
}
