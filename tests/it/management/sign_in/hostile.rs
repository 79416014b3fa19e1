//! What a page of another site makes a browser send, and secrets that somebody planted.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use schema::permission::Role;
use serde_json::json;

use super::{
    super::{Office, new_article, office},
    Browser, OWN,
};

impl Office {
    /// The bytes of the whole database, as a text.
    async fn everything_kept(&self) -> String {
        let files = self.house.database.data_files();
        let bytes = files.iter().filter_map(|file| std::fs::read(file).ok());
        bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).collect()
    }
}

test_harness::on_both_databases! {
    with office;

    async fn a_page_of_another_site_does_nothing_in_somebodys_name(office: Office) {
        // Given an editor who is signed in
        office.token("editor", &[(Role::Editor, "lanqiao")]).await;
        let browser = office.signed_in("editor").await;
        let query = office.mutation("createDocument", "draft { digest }");
        let body = json!({ "query": query, "variables": { "input": new_article("伪造") } });
        let body = body.to_string();
        let with = |headers: &[(&str, &str)]| {
            let mut request =
                Request::post("/manage/graphql").header(header::COOKIE, &browser.cookie);
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            request.body(Body::from(body.clone())).expect("a request")
        };
        let json_type = ("content-type", "application/json");
        let token = ("x-gongbao-form", browser.form_token.as_str());

        // When such a request comes without the form token, with another, or from elsewhere
        for headers in [
            &[json_type][..],
            &[json_type, ("x-gongbao-form", "")],
            &[json_type, ("x-gongbao-form", "AAAA")],
            &[json_type, token, ("sec-fetch-site", "cross-site")],
            &[json_type, token, ("sec-fetch-site", "same-site")],
            &[json_type, token, ("origin", "https://evil.example"), ("host", "hub")],
            &[json_type, token, ("origin", "null"), ("host", "hub")],
            &[("content-type", "text/plain"), ("sec-fetch-site", "cross-site")],
        ] {
            let answer = office.send(with(headers)).await;

            // Then it is refused, and nothing was made
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{headers:?} {}", answer.json);
        }
        let all = "{ documents(first: 10) { edges { cursor } } }";
        let found = office.query(&office.administrator, all, json!({})).await;
        assert_eq!(found["documents"]["edges"], json!([]));

        // And the same from our own page is done
        let own = [json_type, token, ("sec-fetch-site", "same-origin")];
        let answer = office.send(with(&own)).await;
        assert!(answer.json["data"]["createDocument"]["draft"]["digest"].is_string());

        // And what a form can send signs nobody in: not as the attacker either
        let credentials = json!({ "login": "editor", "password": OWN }).to_string();
        for (content_type, site) in
            [("text/plain", "same-origin"), ("application/json", "cross-site")]
        {
            let request = Request::post("/manage/session")
                .header(header::CONTENT_TYPE, content_type)
                .header("sec-fetch-site", site)
                .body(Body::from(credentials.clone()))
                .expect("a request");
            let answer = office.send(request).await;
            assert!(!answer.headers.contains_key(header::SET_COOKIE), "{content_type} {site}");
            assert!(answer.status.is_client_error());
        }
    }

    async fn a_session_that_was_planted_becomes_nobodys(office: Office) {
        // Given an attacker who planted a session of their own in somebody's browser
        office.token("attacker", &[(Role::Editor, "nanhe")]).await;
        office.token("approver", &[(Role::Approver, "lanqiao")]).await;
        let planted = office.signed_in("attacker").await;
        let victim = office.signed_in("approver").await;

        // When somebody signs in in that browser
        let mut browser = Browser { cookie: planted.cookie.clone(), ..Browser::default() };
        let credentials = json!({ "login": "approver", "password": OWN });
        office.step(&mut browser, "", credentials).await;

        // Then they have a session of their own, and the planted one is what it was
        assert_ne!(browser.cookie, planted.cookie);
        assert_ne!(browser.cookie, victim.cookie);
        let me = office.ask_as(&planted, "{ me { name } }").await;
        assert_eq!(me.json["data"]["me"]["name"], "账号 attacker");
    }

    async fn a_session_opens_no_door_that_other_origins_may_read(office: Office) {
        // Given an editor who is signed in, and a draft
        office.token("editor", &[(Role::Editor, "lanqiao")]).await;
        let browser = office.signed_in("editor").await;
        let draft = office.draft(&office.administrator, "尚未公开").await;

        // When the content API is asked with the cookie, for drafts too
        let query = format!(
            "{{ document(contentId: {}, locale: \"zh-CN\") {{ title }} }}",
            draft.document["contentId"]
        );
        for wish in [None, Some("drafts")] {
            let mut request = browser.request("POST", "/graphql", &json!({ "query": query }));
            if let Some(wish) = wish {
                let wish = wish.parse().expect("a header");
                request.headers_mut().insert("gongbao-preview", wish);
            }
            let answer = office.send(request).await;

            // Then it answers as to the public
            assert_eq!(answer.json["data"]["document"], json!(null), "{}", answer.json);
            assert!(!answer.json.to_string().contains("尚未公开"));
        }
    }

    async fn what_is_no_session_is_none(office: Office) {
        // Given a hub with an editor who is signed in
        office.token("editor", &[(Role::Editor, "lanqiao")]).await;
        let browser = office.signed_in("editor").await;
        let token = office.token("program", &[(Role::Editor, "lanqiao")]).await;

        // When something else stands in the cookie
        for wrong in [
            "__Host-gongbao-session=".to_owned(),
            "__Host-gongbao-session=gbs_short".to_owned(),
            format!("__Host-gongbao-session={token}"),
            browser.cookie[..browser.cookie.len() - 1].to_owned(),
            browser.cookie.replace("__Host-", ""),
        ] {
            let stranger = Browser { cookie: wrong.clone(), ..browser.clone() };
            let answer = office.ask_as(&stranger, "{ me { name } }").await;

            // Then nobody is known
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{wrong}");
        }

        // And a session is no token
        let secret = browser.cookie.split_once('=').expect("a cookie").1.to_owned();
        let answer = office.post(&secret, "{ me { name } }", json!({}), &[]).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    }

    async fn what_is_kept_of_secrets_lets_nobody_in(office: Office) {
        // Given somebody with a password, a second factor and a session
        office.token("approver", &[(Role::Approver, "lanqiao")]).await;
        let mut browser = office.signed_in("approver").await;
        let mut copy = browser.clone();
        let shown = office.try_step(&mut copy, "/second-factor/setup", json!({})).await;
        let (_, codes) = office.second_factor(&mut browser).await;

        // When somebody reads the whole database
        let kept = office.everything_kept().await;

        // Then none of what lets them in stands there
        let secret = browser.cookie.split_once('=').expect("a cookie").1;
        let shown = shown.json["secret"].as_str().expect("a secret");
        for secret in [OWN, secret, shown, &codes[0], &codes[0].replace('-', "")] {
            assert!(!kept.contains(secret), "{secret}");
        }
        assert!(kept.contains("$argon2id$"), "the database was read");
    }
}
