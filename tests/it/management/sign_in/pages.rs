//! The pages of the console as a hostile page, a stranger and a stale tab meet them.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use schema::permission::Role;
use serde_json::{Value, json};

use super::{
    super::{Answer, Office, office},
    Browser,
};

impl Office {
    /// Sends a form of the console.
    pub async fn form(
        &self,
        browser: &Browser,
        path: &str,
        body: &str,
        also: &[(&str, &str)],
    ) -> Answer {
        let mut request = Request::post(path)
            .header(header::COOKIE, &browser.cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        for (name, value) in also {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from(body.to_owned())).expect("a request")).await
    }

    /// How often the draft was submitted.
    async fn rounds(&self, draft: &Value) -> Value {
        let query = format!(
            "{{ document(contentId: {}, locale: \"zh-CN\") {{ reviews {{ round }} }} }}",
            draft["contentId"]
        );
        self.query(&self.administrator, &query, json!({})).await["document"]["reviews"].clone()
    }
}

test_harness::on_both_databases! {
    with office;

    async fn a_form_that_no_page_of_ours_made_does_nothing(office: Office) {
        // Given an editor who is signed in, and a draft of theirs
        office.token("editor", &[(Role::Editor, "lanqiao")]).await;
        let browser = office.signed_in("editor").await;
        let draft = office.draft(&office.administrator, "待审").await;
        let query = format!(
            "{{ document(contentId: {}, locale: \"zh-CN\") {{ id version }} }}",
            draft.document["contentId"]
        );
        let found = office.query(&office.administrator, &query, json!({})).await;
        let path = format!("/console/documents/{}/submit", found["document"]["id"].as_str().expect("an id"));
        let body = |token: &str| {
            let digest = draft.digest.as_str().expect("a digest");
            format!("form={token}&version={}&digest={digest}&words=", found["document"]["version"])
        };
        let own = body(&browser.form_token);

        // When a page of another site has the browser send it
        for (body, also) in [
            (body(""), &[("sec-fetch-site", "same-origin")][..]),
            (body("guessed"), &[("sec-fetch-site", "same-origin")]),
            (own.clone(), &[("sec-fetch-site", "cross-site")]),
            (own.clone(), &[("origin", "https://evil.example"), ("host", "hub")]),
        ] {
            let answer = office.form(&browser, &path, &body, also).await;

            // Then nothing is submitted
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{body} {also:?}");
        }
        assert_eq!(office.rounds(&draft.document).await, json!([]));

        // And a page that is no longer true is told so, and submits nothing
        let stale = own.replace("version=", "version=9");
        let answer = office.form(&browser, &path, &stale, &[]).await;
        assert_eq!(answer.status, StatusCode::CONFLICT);
        assert_eq!(office.rounds(&draft.document).await, json!([]));

        // And the page as it was does
        let answer = office.form(&browser, &path, &own, &[("sec-fetch-site", "same-origin")]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        assert_eq!(office.rounds(&draft.document).await, json!([{ "round": 1 }]));
    }

    async fn a_stranger_sees_the_way_in_and_nothing_else(office: Office) {
        // Given a draft, and somebody of another site who is signed in
        let draft = office.draft(&office.administrator, "尚未公开").await;
        let query = format!(
            "{{ document(contentId: {}, locale: \"zh-CN\") {{ id }} }}",
            draft.document["contentId"]
        );
        let found = office.query(&office.administrator, &query, json!({})).await;
        let path = format!("/console/documents/{}", found["document"]["id"].as_str().expect("an id"));
        office.token("elsewhere", &[(Role::Editor, "nanhe")]).await;
        let elsewhere = office.signed_in("elsewhere").await;

        // When nobody known, and then somebody of elsewhere, asks for its page
        let unknown = office.send(Browser::default().request("GET", &path, &Value::Null)).await;
        let known = office.send(elsewhere.request("GET", &path, &Value::Null)).await;

        // Then one is sent to sign in, and the other finds nothing
        assert_eq!(unknown.status, StatusCode::SEE_OTHER);
        let to = unknown.headers[header::LOCATION].to_str().expect("an address");
        assert!(to.starts_with("/console/sign-in?next="), "{to}");
        assert_eq!(known.status, StatusCode::NOT_FOUND);
        assert_eq!(known.headers["cache-control"], "no-store");
        let policy = known.headers["content-security-policy"].to_str().expect("a policy");
        assert!(policy.contains("script-src 'self'") && policy.contains("frame-ancestors 'none'"));
    }
}
